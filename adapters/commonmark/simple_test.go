package commonmark

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark/text"
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
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	letters := []rune("ab Z9 .,;?!'\"()-:éß—\u00a0\u2003w")
	tried := 0
	for range 20_000 {
		var b strings.Builder
		for range 1 + r.IntN(12) {
			b.WriteRune(letters[r.IntN(len(letters))])
		}
		s := Clean(b.String())
		if !isSimple(s) {
			continue
		}
		tried++
		if diff := cmp.Diff(parseSlowly(s), Parse(s)); diff != "" {
			t.Fatalf("%q (-slow +fast):\n%s", s, diff)
		}
	}
	if tried < 1000 {
		t.Errorf("got %d simple texts, want at least 1000", tried)
	}
}
