package questions

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A tagLabel is a letter or a word with a number. What follows decides whether it is a label.
type tagLabel struct {
	n                int
	letter           rune // 'A', 'Q', or 'W' for a word
	spaced           bool // there is a space between the letter and the number
	needsPunctuation bool // punctuation must follow
	afterHashtag     bool // it comes after the chat's hashtag
}

var (
	// moreTags and moreNumbers match further labels: "A1 & A2", "Q1/2:", "A1 and A3".
	moreTags    = regexp.MustCompile(`(?i)^(?:\s*(?:,|&|\+|/|and|or|to)\s*|[-–]|\s+)[aq]#?[0-9]{1,2}\b`)
	moreNumbers = regexp.MustCompile(`^(?:[&+/–-]|\s[&+]\s)[0-9]{1,2}(\s*[:).,]\D|\s+[-–—]\s)`)

	subQuestion     = regexp.MustCompile(`^[a-fA-F](?:[:)]|\.\s|\s[-–—]\s)`)
	capitalisedWord = regexp.MustCompile(`^\p{Lu}\p{Ll}`)
	spreadsheetCell = regexp.MustCompile(`^:\$?[A-Za-z]{1,2}\$?\d`)
	domainSuffix    = regexp.MustCompile(`^\.(?:com|org|net|co|uk|io|eu|de|gov|ac|edu|info|nhs)\b`)
	motorway        = regexp.MustCompile(`^\s*\(M\)`)
	endPunctuation  = regexp.MustCompile(`^(?:\\?[:)\].,;|>=~→»…]|\s*[-–—:|>=→»)](?:\s|$)|\s*:|\s*\n|\s*$)`)
	sentenceStart   = regexp.MustCompile(`^\s+(?:\p{Lu}\p{Ll}|I\b)`)
	nextWord        = regexp.MustCompile(`^[\s/–-]*([\pL\pN]+)`)
	yearSuffix      = regexp.MustCompile(`^,?\s*(?:(?:19|20)\d\d|['’]\d\d)\b`)
)

// accept reports whether the label is one, and returns the rest of the text after it.
func (l tagLabel) accept(after string, prefix tagPrefix) (string, bool) {
	for {
		m := moreTags.FindString(after)
		if m == "" {
			if f := moreNumbers.FindStringSubmatch(after); f != nil {
				m = f[0][:len(f[0])-len(f[1])]
			}
		}
		if m == "" {
			break
		}
		after = after[len(m):]
	}
	if m := subQuestion.FindString(after); m != "" { // "A5b) …": the second point of Q5
		return after[1:], true
	}
	r, size := utf8.DecodeRuneInString(after)
	next, _ := utf8.DecodeRuneInString(after[size:])
	word := ""
	if m := nextWord.FindStringSubmatch(after); m != nil {
		word = m[1]
	}
	switch {
	case l.letter == 'Q' && l.n <= 4 && yearSuffix.MatchString(after):
		return "", false
	case unicode.IsLetter(r) || r == '_':
		return after, !l.spaced && !l.needsPunctuation && l.letter != 'W' && capitalisedWord.MatchString(after)
	case unicode.IsDigit(r), strings.ContainsRune("'’?!%°@", r) && size > 0,
		spreadsheetCell.MatchString(after), domainSuffix.MatchString(after), motorway.MatchString(after),
		strings.ContainsRune(".,/-–", r) && unicode.IsDigit(next),
		r == '&' && unicode.IsLetter(next):
		return "", false
	case strings.ContainsRune("-–/", r) && unicode.IsLetter(next) && (unicode.IsLower(next) && l.isOtherThing(word) || l.spaced || l.needsPunctuation):
		return "", false
	case endPunctuation.MatchString(after):
		return after, !l.spaced || r != ':' || !beforeDigit.MatchString(after[1:])
	case l.needsPunctuation:
		return "", false
	}
	if m := hashtagPrefix.FindStringSubmatch(strings.TrimLeftFunc(after, isBlank)); m != nil && prefix.isChatHashtag(m[1]) || l.afterHashtag {
		return after, !l.spaced || !isCountable(word)
	}
	if l.spaced && l.letter == 'A' { // "A 10 minute chat would do"
		return after, sentenceStart.MatchString(after) && !isCountable(word)
	}
	return after, !l.isOtherThing(word)
}
