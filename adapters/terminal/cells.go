package terminal

import (
	"iter"
	"regexp"
	"strings"
	"unicode"

	eastasian "golang.org/x/text/width"
)

// splitCells breaks text into parts of at most limit cells, keeping all its spaces.
func splitCells(s string, limit int) []string {
	var parts []string
	var b strings.Builder
	used := 0
	for cell, n := range clusters(s) {
		if limit > 0 && used+n > limit && used > 0 {
			parts = append(parts, b.String())
			b.Reset()
			used = 0
		}
		b.WriteString(cell)
		used += n
	}
	return append(parts, b.String())
}

// truncate is the start of a text in at most limit cells, up to a whole word unless that is too little.
func truncate(s string, limit int) string {
	if width(s) <= limit {
		return s
	}
	start := splitCells(s, limit-1)[0]
	if i := strings.LastIndexByte(start, ' '); width(start[:max(i, 0)])*2 > limit {
		start = start[:i]
	}
	return strings.TrimRight(start, " .,;:") + "…"
}

func width(s string) (n int) {
	for _, w := range clusters(s) {
		n += w
	}
	return n
}

const (
	zeroWidthJoiner = '\u200d'
	emojiSelector   = '\ufe0f'
)

// clusters yields what fills cells together, and how many cells: a letter with its accents, an emoji of several
// characters, a flag.
func clusters(s string) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		from, cells := 0, 0
		var last rune
		flag := false // last is the first half of one
		for i, r := range s {
			half := r >= 0x1f1e6 && r <= 0x1f1ff
			switch {
			case i == 0:
				cells = runeWidth(r)
			case r == emojiSelector:
				cells = max(cells, 2)
			case isZeroWidth(r) || last == zeroWidthJoiner:
			case half && flag:
				cells, half = 2, false
			default:
				if !yield(s[from:i], cells) {
					return
				}
				from, cells = i, runeWidth(r)
			}
			last, flag = r, half
		}
		if from < len(s) {
			yield(s[from:], cells)
		}
	}
}

// isZeroWidth tells that r takes no cell of its own: an accent, a variation, a joiner, a colour of skin.
func isZeroWidth(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) || r >= 0x1f3fb && r <= 0x1f3ff
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch eastasian.LookupRune(r).Kind() {
	case eastasian.EastAsianWide, eastasian.EastAsianFullwidth:
		return 2
	}
	return 1
}

// escapeSequence is what a terminal would take for a command, whole, so that no half of it stays behind as text.
var escapeSequence = regexp.MustCompile("(?:\x1b\\[|\u009b)[0-?]*[ -/]*[@-~]|\x1b[\\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\\\)?|\x1b[ -/]*[0-~]?")

// sanitize takes all out of text from outside that could command a terminal: escape sequences, control characters,
// what turns the direction of writing around and what cannot be seen. Line feeds and tabs stay.
func sanitize(s string) string {
	s = escapeSequence.ReplaceAllString(strings.ToValidUTF8(s, "\ufffd"), "")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case r == zeroWidthJoiner || r == '\u200c' || r >= 0xe0020 && r <= 0xe007f: // parts of emoji, scripts and flags
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		}
		return r
	}, s)
}

// oneLine is harmless text on one line.
func oneLine(s string) string { return strings.NewReplacer("\n", " ", "\t", " ").Replace(sanitize(s)) }
