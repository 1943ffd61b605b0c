package html

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
)

// TestRoundTripProperty: whatever the bot says, in whatever style, quote or list, comes back as it was when a person
// says the same.
func TestRoundTripProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := adaptertest.Documents.Draw(t, "passage")
		source := p.CommonMark()
		back := roundTrip(source)
		if got, want := adaptertest.Outline(t, back), adaptertest.DocumentOutline(p); !slices.Equal(got, want) {
			_, formatted := FromCommonMark(source)
			t.Fatalf("said\n%s\nas\n%s\nand heard\n%s\nwhich shows\n%s\nwant\n%s", source, formatted, back, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestSplitKeepsText: however short a message may be, the pieces together say the same.
func TestSplitKeepsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := adaptertest.Documents.Draw(t, "passage").CommonMark()
		var all []string
		for _, text := range splitAt(source, 800) {
			body, formatted := FromCommonMark(text)
			if n := jsonLen(body) + jsonLen(formatted); n > 800 {
				t.Fatalf("split of\n%s\ngot %d bytes in\n%s\n%s\nwant at most 800", source, n, body, formatted)
			}
			all = append(all, adaptertest.OutlineText(adaptertest.Outline(t, text)))
		}
		if got, want := strings.Join(all, ""), adaptertest.OutlineText(adaptertest.Outline(t, source)); got != want {
			t.Fatalf("split of\n%s\ngot the words\n%s\nwant\n%s", source, got, want)
		}
	})
}
