package terminal

import (
	"iter"
	"regexp"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
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

// width is how many cells a text fills.
func width(s string) int { return uniseg.StringWidth(s) }

// clusters yields what fills cells together, and how many cells: a letter with its accents, an emoji of several
// characters, a flag.
func clusters(s string) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for state := -1; s != ""; {
			var cluster string
			var cells int
			cluster, s, cells, state = uniseg.FirstGraphemeClusterInString(s, state)
			if !yield(cluster, cells) {
				return
			}
		}
	}
}

// escapeSequence is a whole command to a terminal, so that no half of one stays behind as text.
var escapeSequence = regexp.MustCompile("(?:\x1b\\[|\u009b)[0-?]*[ -/]*[@-~]|\x1b[\\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\\\)?|\x1b[ -/]*[0-~]?")

// sanitize removes from text what could command a terminal: escape sequences, control characters, what turns the
// direction of writing around, and what can't be seen. Line feeds and tabs stay.
func sanitize(s string) string {
	s = escapeSequence.ReplaceAllString(strings.ToValidUTF8(s, "\ufffd"), "")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case r == '\u200c' || r == '\u200d' || r >= 0xe0020 && r <= 0xe007f: // parts of emoji, scripts and flags
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		}
		return r
	}, s)
}

// oneLine is text on one line that can't command a terminal.
func oneLine(s string) string { return strings.NewReplacer("\n", " ", "\t", " ").Replace(sanitize(s)) }
