package mrkdwn

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// TestBlocksKeepPassage: whatever people type in Slack, in whatever style, quote or list, CommonMark shows just that,
// to readers that know all of GitHub's additions too. And said in Slack again, it comes back so.
func TestBlocksKeepPassage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := adaptertest.Documents.Draw(t, "passage")
		want := adaptertest.DocumentOutline(p)
		source := p.CommonMark()
		if got := adaptertest.Outline(t, source); !slices.Equal(got, want) {
			t.Fatalf("%+v as CommonMark is\n%s\nwhich shows\n%s\nwant\n%s", p, source, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		back := throughBlocks(t, source)
		if got := adaptertest.Outline(t, back); !slices.Equal(got, want) {
			t.Fatalf("said\n%s\nand heard\n%s\nwhich shows\n%s\nwant\n%s", source, back, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestMrkdwnKeepsWords: what has no blocks is said to the last letter all the same.
func TestMrkdwnKeepsWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := adaptertest.Documents.Draw(t, "passage")
		source := p.CommonMark()
		mrkdwn := FromCommonMark(source)
		back := throughMrkdwn(source)
		var want strings.Builder
		for _, b := range p {
			want.WriteString(commonmark.PlainText(b.Runs) + " ")
		}
		if !containsLetters(want.String(), shownText(back)) {
			t.Fatalf("said\n%s\nas\n%s\nand heard\n%s\nwant all of %q", source, mrkdwn, back, want.String())
		}
	})
}

// TestSplitKeepsWords: however short a message may be, the pieces together say the same.
func TestSplitKeepsWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := adaptertest.Documents.Draw(t, "passage")
		source := p.CommonMark()
		var all []string
		for _, text := range Split(source, 150) {
			all = append(all, adaptertest.OutlineText(adaptertest.Outline(t, text)))
		}
		if got, want := strings.Join(all, ""), adaptertest.OutlineText(adaptertest.Outline(t, source)); got != want {
			t.Fatalf("split of\n%s\ngot the words\n%s\nwant\n%s", source, got, want)
		}
	})
}
