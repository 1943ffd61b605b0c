package commonmark_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// TestWhatIsWrittenIsShown: whatever a passage holds, CommonMark shows just that, to readers that know all of GitHub's additions
// too. And it is read as what it was.
func TestWhatIsWrittenIsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := adaptertest.Passages.Draw(t, "passage")
		source := p.CommonMark()
		if got, want := adaptertest.Outline(t, source), adaptertest.OutlineOf(p); !slices.Equal(got, want) {
			t.Fatalf("%+v as CommonMark is\n%s\nwhich shows\n%s\nwant\n%s", p, source, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for i, again := range commonmark.Parse(source) {
			if got, want := commonmark.TextOf(again.Runs), commonmark.TextOf(p[i].Runs); got != want {
				t.Fatalf("%+v as CommonMark is\n%s\nwhich is read as %q, want %q", p, source, got, want)
			}
		}
	})
}

// TestSplitSaysAll: however short a message may be, the pieces together say the same.
func TestSplitSaysAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := adaptertest.Passages.Draw(t, "passage").CommonMark()
		var all []string
		for _, text := range commonmark.Split(source, 200, func(p commonmark.Passage) bool { return len(p.CommonMark()) <= 200 }) {
			all = append(all, adaptertest.WordsIn(adaptertest.Outline(t, text)))
		}
		if got, want := strings.Join(all, ""), adaptertest.WordsIn(adaptertest.Outline(t, source)); got != want {
			t.Fatalf("split of\n%s\ngot the words\n%s\nwant\n%s", source, got, want)
		}
	})
}
