package commonmark_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// TestWriteThenParse: whatever a passage holds, CommonMark shows just that, to readers that know all of GitHub's
// additions too. And it is read as what it was.
func TestWriteThenParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := adaptertest.Documents.Draw(t, "passage")
		source := p.CommonMark()
		if got, want := adaptertest.Outline(t, source), adaptertest.DocumentOutline(p); !slices.Equal(got, want) {
			t.Fatalf("%+v as CommonMark is\n%s\nwhich shows\n%s\nwant\n%s", p, source, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for i, again := range commonmark.Parse(source) {
			if got, want := commonmark.PlainText(again.Runs), commonmark.PlainText(p[i].Runs); got != want {
				t.Fatalf("%+v as CommonMark is\n%s\nwhich is read as %q, want %q", p, source, got, want)
			}
		}
	})
}

// TestSplitKeepsAllText: however short a message may be, the pieces together say the same.
func TestSplitKeepsAllText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := adaptertest.Documents.Draw(t, "passage").CommonMark()
		var all []string
		for _, text := range commonmark.Split(source, 200, func(p commonmark.Document) bool { return len(p.CommonMark()) <= 200 }) {
			all = append(all, adaptertest.OutlineText(adaptertest.Outline(t, text)))
		}
		if got, want := strings.Join(all, ""), adaptertest.OutlineText(adaptertest.Outline(t, source)); got != want {
			t.Fatalf("split of\n%s\ngot the words\n%s\nwant\n%s", source, got, want)
		}
	})
}
