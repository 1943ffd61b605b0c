package commonmark_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// TestWriteThenParse: whatever a document holds, its CommonMark shows exactly that, also to a parser that knows all of
// GitHub's extensions. Parse reads it as what it was.
func TestWriteThenParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := adaptertest.Documents.Draw(t, "document")
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

// TestSplitKeepsAllText: however short a message may be, the pieces together hold every word.
func TestSplitKeepsAllText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := adaptertest.Documents.Draw(t, "document").CommonMark()
		var all []string
		for _, text := range commonmark.Split(source, 200, func(p commonmark.Document) bool { return len(p.CommonMark()) <= 200 }) {
			all = append(all, adaptertest.OutlineText(adaptertest.Outline(t, text)))
		}
		if got, want := strings.Join(all, ""), adaptertest.OutlineText(adaptertest.Outline(t, source)); got != want {
			t.Fatalf("split of\n%s\ngot the words\n%s\nwant\n%s", source, got, want)
		}
	})
}
