package questions

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// FoldHashtag makes hashtags comparable: keyboards differ in case, in how they compose accents ("è" is one character or
// two), and in full-width forms ("＃"). Text is folded by the same function before a hashtag is looked for in it.
func FoldHashtag(s string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}

// SameHashtag tells whether two hashtags are the same, as FoldHashtag compares them.
func SameHashtag(a, b string) bool { return FoldHashtag(a) == FoldHashtag(b) }

// HasHashtag tells whether a text carries the hashtag as a word of its own: "#ukmedlibs" is not in "#ukmedlibsother".
// An empty hashtag is in no text.
func HasHashtag(text, hashtag string) bool {
	if hashtag == "" {
		return false
	}
	text, hashtag = FoldHashtag(text), FoldHashtag(hashtag)
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, hashtag)
		if !ok {
			return false
		}
		if next, _ := utf8.DecodeRuneInString(after); after == "" || !isHashtagRune(next) {
			return true
		}
		rest = after
	}
}

func isHashtagRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_'
}
