package archive

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cleanText makes any string valid in every format: UTF-8, newlines as "\n", and U+FFFD for every other control
// character but the tab. That includes NUL, where PostgreSQL, C and many spreadsheets end a text.
func cleanText(s string) string {
	if isPlainASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return utf8.RuneError
		}
		return r
	}, newlines.Replace(strings.ToValidUTF8(s, "\uFFFD")))
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

// isPlainASCII reports whether s is ASCII that needs no change, as most answers are.
func isPlainASCII(s string) bool {
	for i := range len(s) {
		if (s[i] < ' ' || s[i] > '~') && s[i] != '\n' && s[i] != '\t' {
			return false
		}
	}
	return true
}

// visibleText is valid text without invisible characters: with some of these, one person could reverse another's
// words. Browsers find the direction of each text by its letters.
func visibleText(s string) string {
	if isPlainASCII(s) {
		return s
	}
	return stripInvisible(cleanText(s))
}

// singleLine is text for one line, as names and titles must be.
func singleLine(s string) string { return strings.Join(strings.Fields(visibleText(s)), " ") }

// plural is "1 answer", "2 answers".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return formatNumber(n) + " " + many
}

// formatNumber writes a number as English does: 12,345.
func formatNumber(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	rest := strconv.Itoa(n % 1000)
	return formatNumber(n/1000) + "," + "000"[len(rest):] + rest
}
