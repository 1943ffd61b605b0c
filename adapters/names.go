package adapters

import (
	"path"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

const (
	// MaxNameLength is how much of a name is shown, in characters as people count them.
	MaxNameLength = 60
	// maxMarks is how many combining marks one letter keeps. Languages need up to five.
	maxMarks = 5
)

// CleanName makes a name that anybody may have chosen safe to show in a line with others: one line, at most 60
// characters, with no control characters, nothing that changes the direction of the text around it, and nothing
// invisible. It takes the first of several names of which something is left, or "someone".
func CleanName(names ...string) string {
	for _, name := range names {
		if name = shorten(CleanLine(name), MaxNameLength); name != "" {
			return name
		}
	}
	return "someone"
}

// CleanFileName is CleanName for the name of a file. It keeps the extension of a name that it shortens. If nothing is
// left, it is "file".
func CleanFileName(name string) string {
	name = CleanLine(name)
	ext := path.Ext(name)
	if n := uniseg.GraphemeClusterCount(ext); n > 12 || strings.Contains(ext, " ") {
		ext = ""
	}
	if uniseg.GraphemeClusterCount(name) > MaxNameLength {
		name = shorten(strings.TrimSuffix(name, ext), MaxNameLength-uniseg.GraphemeClusterCount(ext)) + ext
	}
	if name == "" {
		return "file"
	}
	return name
}

// CleanLine is a text of any length on one line, without what can't be seen; "" if nothing can.
func CleanLine(text string) string {
	var b strings.Builder
	marks, visible, flag := 0, false, false
	for _, r := range strings.Join(strings.Fields(strings.ToValidUTF8(text, "�")), " ") {
		// The flags of Wales, Scotland and England are a black flag and tags.
		flag = r == '🏴' || flag && r >= 0xE0020 && r <= 0xE007F
		switch {
		case isInvisible(r) && !flag:
			continue
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				continue
			}
		case r != zeroWidthJoiner && r != zeroWidthNonJoiner:
			marks, visible = 0, visible || !unicode.IsSpace(r)
		}
		b.WriteRune(r)
	}
	if !visible {
		return ""
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// The joiners are invisible, but emoji and several scripts need them.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// isInvisible reports whether a character shows nothing by itself, apart from spaces, marks and joiners.
func isInvisible(r rune) bool {
	switch r {
	case zeroWidthJoiner, zeroWidthNonJoiner:
		return false
	case '\u115f', '\u1160', '\u2800', '\u3164', '\uffa0': // fillers, and an empty braille pattern
		return true
	}
	return !unicode.IsSpace(r) && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs) || r == '\u2028' || r == '\u2029' ||
		r != 0xfe0e && r != 0xfe0f && unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// shorten cuts a text off after a number of characters, with "…" for the last.
func shorten(text string, limit int) string {
	if uniseg.GraphemeClusterCount(text) <= limit {
		return text
	}
	end := 0
	for state, rest := -1, text; limit > 1; limit-- {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		end += len(cluster)
	}
	return strings.TrimRight(text[:end], " ") + "…"
}

// isolate keeps the direction of a name from changing the order of the words around it: a name with letters that are
// written from right to left gets the isolates of Unicode.
func isolate(name string) string {
	rightToLeft := func(r rune) bool {
		return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam)
	}
	if strings.ContainsFunc(name, rightToLeft) {
		return "\u2068" + name + "\u2069"
	}
	return name
}
