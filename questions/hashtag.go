package questions

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// FoldHashtag makes hashtags comparable, because keyboards differ in case, in how they compose accents ("è" is one
// character or two), and in full-width forms ("＃"). Fold a text in the same way before you search it for a hashtag.
func FoldHashtag(s string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}

// SameHashtag reports whether two hashtags are equal after FoldHashtag.
func SameHashtag(a, b string) bool { return FoldHashtag(a) == FoldHashtag(b) }

// HasHashtag reports whether a text contains the hashtag as a whole word: "#ukmedlibs" is not in "#ukmedlibsother". No
// text contains an empty hashtag.
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
