package commonmark

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"
)

// parseSlowly parses without the short way for simple texts.
func parseSlowly(source string) Document {
	c := converter{source: []byte(source)}
	c.blocks(roomParser.Parse(text.NewReader(c.source)), Block{})
	return c.doc
}

// FuzzSimple: the short way for simple texts gives what the long way gives.
func FuzzSimple(f *testing.F) {
	for _, s := range []string{"Yes, we do.", "It's \"fine\"", "e-books - yes", "a  b", "See example.org: now!", "a\u00a0b\u3000", "Été (2015)", "a www.b.c", "1. no", "WWW.A.B"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = Clean(s)
		if !isSimple(s) {
			t.Skip()
		}
		if diff := cmp.Diff(parseSlowly(s), Parse(s)); diff != "" {
			t.Errorf("%q (-slow +fast):\n%s", s, diff)
		}
	})
}

func TestSimpleTextMatchesCommonMark(t *testing.T) {
	simple := rapid.StringOf(rapid.RuneFrom([]rune("ab Z9 .,;?!'\"()-:éß—\u00a0\u2003w")))
	tried := 0
	rapid.Check(t, func(t *rapid.T) {
		s := Clean(rapid.SampledFrom([]string{"", "a", "é"}).Draw(t, "start") + simple.Draw(t, "text"))
		if !isSimple(s) {
			return
		}
		tried++
		if diff := cmp.Diff(parseSlowly(s), Parse(s)); diff != "" {
			t.Fatalf("%q (-slow +fast):\n%s", s, diff)
		}
	})
	if tried < 20 {
		t.Errorf("got %d simple texts, want at least 20", tried)
	}
}
