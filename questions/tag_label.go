package questions

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A tagLabel is a letter or a word with a number, which is to be judged by what follows.
type tagLabel struct {
	n       int
	letter  rune // 'A', 'Q', or 'W' for a word
	apart   bool // a space is between letter and number
	strict  bool // only punctuation will do
	vouched bool // the chat's hashtag is beside it
}

var (
	// further labels: "A1 & A2", "Q1/2:", "A1 and A3".
	furtherTag    = regexp.MustCompile(`(?i)^(?:\s*(?:,|&|\+|/|and|or|to)\s*|[-–]|\s+)[aq]#?[0-9]{1,2}\b`)
	furtherNumber = regexp.MustCompile(`^(?:[&+/–-]|\s[&+]\s)[0-9]{1,2}(\s*[:).,]\D|\s+[-–—]\s)`)

	subLetter  = regexp.MustCompile(`^[a-fA-F](?:[:)]|\.\s|\s[-–—]\s)`)
	glued      = regexp.MustCompile(`^\p{Lu}\p{Ll}`)
	cell       = regexp.MustCompile(`^:\$?[A-Za-z]{1,2}\$?\d`)
	domain     = regexp.MustCompile(`^\.(?:com|org|net|co|uk|io|eu|de|gov|ac|edu|info|nhs)\b`)
	motorway   = regexp.MustCompile(`^\s*\(M\)`)
	strongMark = regexp.MustCompile(`^(?:\\?[:)\].,;|>=~→»…]|\s*[-–—:|>=→»)](?:\s|$)|\s*:|\s*\n|\s*$)`)
	sentence   = regexp.MustCompile(`^\s+(?:\p{Lu}\p{Ll}|I\b)`)
	nextWord   = regexp.MustCompile(`^[\s/–-]*([\pL\pN]+)`)
	year       = regexp.MustCompile(`^,?\s*(?:(?:19|20)\d\d|['’]\d\d)\b`)
)

// judge tells whether the label is one, by what follows it.
func (l tagLabel) judge(after string, lead lead) (string, bool) {
	for {
		m := furtherTag.FindString(after)
		if m == "" {
			if f := furtherNumber.FindStringSubmatch(after); f != nil {
				m = f[0][:len(f[0])-len(f[1])]
			}
		}
		if m == "" {
			break
		}
		after = after[len(m):]
	}
	if m := subLetter.FindString(after); m != "" { // "A5b) …": the second point of Q5
		return after[1:], true
	}
	r, size := utf8.DecodeRuneInString(after)
	next, _ := utf8.DecodeRuneInString(after[size:])
	word := ""
	if m := nextWord.FindStringSubmatch(after); m != nil {
		word = m[1]
	}
	switch {
	case l.letter == 'Q' && l.n <= 4 && year.MatchString(after):
		return "", false
	case unicode.IsLetter(r) || r == '_':
		return after, !l.apart && !l.strict && l.letter != 'W' && glued.MatchString(after)
	case unicode.IsDigit(r), strings.ContainsRune("'’?!%°@", r) && size > 0,
		cell.MatchString(after), domain.MatchString(after), motorway.MatchString(after),
		strings.ContainsRune(".,/-–", r) && unicode.IsDigit(next),
		r == '&' && unicode.IsLetter(next):
		return "", false
	case strings.ContainsRune("-–/", r) && unicode.IsLetter(next) && (unicode.IsLower(next) && l.means(word) || l.apart || l.strict):
		return "", false
	case strongMark.MatchString(after):
		return after, !l.apart || r != ':' || !beforeDigit.MatchString(after[1:])
	case l.strict:
		return "", false
	}
	if m := hashtagLead.FindStringSubmatch(strings.TrimLeftFunc(after, blank)); m != nil && lead.own(m[1]) || l.vouched {
		return after, !l.apart || !counted(word)
	}
	if l.apart && l.letter == 'A' { // "A 10 minute chat would do"
		return after, sentence.MatchString(after) && !counted(word)
	}
	return after, !l.means(word)
}
