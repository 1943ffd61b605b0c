package archive

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// stripInvisible leaves out the characters that nobody can see and that change what others seem to say: those that turn
// the direction of text, and those that hide in a name or a word to make it pass for another. It keeps joiners where
// scripts and emoji need them, and the letters within the flags of nations.
func stripInvisible(s string) string {
	if !strings.ContainsFunc(s, isInvisible) {
		return s
	}
	var b strings.Builder
	before, flag := rune(0), false
	for i, r := range s {
		after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		keep := true
		switch {
		case r == zeroWidthJoiner || r == zeroWidthNonJoiner:
			keep = allowsJoiner(before) && allowsJoiner(after)
		case r >= firstTag && r <= lastTag:
			keep = flag
		case isInvisible(r):
			keep = false
		}
		if !keep {
			continue
		}
		// A flag is a black one, and then tags to the last, which ends it.
		flag = r == blackFlag || flag && r >= firstTag && r < lastTag
		before = r
		b.WriteRune(r)
	}
	return b.String()
}

const (
	zeroWidthNonJoiner = '\u200C'
	zeroWidthJoiner    = '\u200D'
	blackFlag          = '\U0001F3F4' // https://unicode.org/reports/tr51/#Subdivision_Flags
	firstTag, lastTag  = '\U000E0020', '\U000E007F'
)

// isInvisible are the characters for format, but for those of Arabic and its like that can be seen, and two fillers.
func isInvisible(r rune) bool {
	if r < 0xAD {
		return false
	}
	return unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) || r == '\u3164' || r == '\uFFA0'
}

// allowsJoiner tells whether a joiner may stand beside a character: from Hebrew on there are scripts and emoji that
// need it; in Latin, Greek and Cyrillic it would do nothing but hide.
func allowsJoiner(r rune) bool { return r >= 0x590 && r != utf8.RuneError && !isInvisible(r) }
