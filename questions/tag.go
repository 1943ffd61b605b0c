package questions

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ParseTag finds the label that people put before an answer, such as "A1", "Q1:", "a1 -", "1)", "Answer 1" or "1️⃣",
// and returns its number and the answer. Greetings, mentions, hashtags and emphasis may come before the label. hashtag
// is the chat's own, with or without its "#"; a label next to it is more readily accepted. The number is from 1 to 99,
// and the chat may not have such a question. rest is a part of text, without the label and its punctuation.
//
// A label that may mean something else is refused: "A4 paper", "the A1 road", "Q1 results", "A1c levels", "A 10 minute
// chat", "1.5 hours", "2nd", or the author's own numbered list. A wrong label puts an answer under the wrong question;
// an answer without one merely goes to the live question.
func ParseTag(text, hashtag string) (n int, rest string, ok bool) {
	hashtag = strings.TrimLeft(hashtag, "#＃")
	l := readTagPrefix(text, hashtag)
	for range 3 {
		if n, rest, ok = l.readTag(); ok {
			return n, l.answerText(rest), true
		}
		// Names of people are often two or three words: "@Jo Bloggs A2: yes".
		name := nameWord.FindString(l.rest)
		if !l.afterMention || name == "" {
			break
		}
		l.rest, l.afterWords, l.midSentence = l.rest[len(name):], true, true
	}
	// "Jo from Leeds here. A1: yes": after a short first sentence, a label needs a colon.
	if first := firstSentence.FindString(text); first != "" && colonTag.MatchString(text[len(first):]) {
		l = readTagPrefix(text[len(first):], hashtag)
		if n, rest, ok = l.readTag(); ok {
			return n, l.answerText(rest), true
		}
	}
	return 0, "", false
}

// A tagPrefix describes what comes before a label. The flags decide how strictly the label is checked.
type tagPrefix struct {
	rest         string // the text from the label on
	hashtag      string // the chat's, without its #
	hasHashtag   bool   // the prefix contains the chat's hashtag
	afterMention bool   // the prefix ends with a mention
	afterWords   bool   // the prefix has words: a bare number is then not a label
	midSentence  bool   // the label continues a sentence: it then needs punctuation
	emphasis     string // emphasis that is still open, such as "**"
}

var (
	firstSentence = regexp.MustCompile(`^[^\n.!?:]{1,60}(?:[.!?…]+\s+|\n\s*)`)
	colonTag      = regexp.MustCompile(`^[*_]{0,2}[AaQq][ ]?[0-9]{1,2}[*_]{0,2}:[*_]{0,2}(?:\s|$)`)

	nameWord = regexp.MustCompile(`^\p{Lu}[\pL'’.-]*[\pL.],?\s+`)

	quotedLines         = regexp.MustCompile(`^(?:>[^\n]*(?:\n|$)\s*)+`)
	bulletPrefix        = regexp.MustCompile(`^(?:[-*+•·‣–—]|#{1,6})[ \t]+`)
	strikethroughPrefix = regexp.MustCompile(`^~~[^~\n]*~~`)
	emphasisPrefix      = regexp.MustCompile("^[*_~`]+")
	mentionPrefix       = regexp.MustCompile(`^(?:\.?@[\pL\pN_.:@-]*[\pL\pN_]|<[@!#][^>\n]*>|\[@[^\]\n]*\]\([^)\n]*\)|\[[^\]\n]*\]\(https://matrix\.to/[^)\n]*\))[,;:]?\s*`)
	hashtagPrefix       = regexp.MustCompile(`^\\?[#＃]([\pL\pN\pM_]*\pL[\pL\pN\pM_]*)[,;:]?\s*`)
	// fillerPrefix matches how people introduce a late or additional answer.
	fillerPrefix = regexp.MustCompile(`(?i)^(?:ok(?:ay)?|so|well|right|yes|(?:hi|hello|hey|evening|thanks)(?:,? (?:all|everyone|everybody|folks))?|also|and|another|plus|more|` +
		`late to the party|late|belated|quick|sorry,?(?: late| for being late)?|(?:just )?catching up(?: on| with)?|(?:going )?back to|returning to|adding to|more on|and for|re|for|on|` +
		`as for|my|our|here'?s my|(?:my |our |a )?(?:late |quick |belated )?(?:answer|reply|response|thoughts?) (?:to|for|on)|` +
		`in (?:answer|reply|response) to|to answer|answering|replying to|regarding|with regards? to|about)\b[\s,.:;!–—-]+`)
)

// readTagPrefix skips what may come before a label.
func readTagPrefix(text, hashtag string) tagPrefix {
	l := tagPrefix{rest: text, hashtag: hashtag}
	for {
		before := len(l.rest)
		l.rest = strings.TrimLeftFunc(l.rest, isBlank)
		if m := quotedLines.FindString(l.rest); m != "" {
			l.rest = l.rest[len(m):]
		}
		if m := hashtagPrefix.FindStringSubmatch(l.rest); m != nil {
			l.hasHashtag = l.hasHashtag || l.isChatHashtag(m[1])
			l.rest, l.afterMention = l.rest[len(m[0]):], false
		}
		if m := mentionPrefix.FindString(l.rest); m != "" {
			l.rest, l.afterMention = l.rest[len(m):], true
		}
		if m := strikethroughPrefix.FindString(l.rest); m != "" {
			l.rest = l.rest[len(m):]
		}
		if m := bulletPrefix.FindString(l.rest); m != "" {
			l.rest = l.rest[len(m):]
		} else if m := emphasisPrefix.FindString(l.rest); m != "" {
			l.rest, l.emphasis = l.rest[len(m):], m
		}
		if m := fillerPrefix.FindString(l.rest); m != "" && !wordTag.MatchString(l.rest) {
			// "Evening all!" is a sentence of its own. "Thanks A1 team" is one sentence, without a label.
			l.midSentence = l.midSentence || !strings.ContainsAny(m, ",.:;!–—")
			l.rest, l.afterWords = l.rest[len(m):], true
		}
		if r, size := utf8.DecodeRuneInString(l.rest); isPictogram(r) && r != '🅰' && !symbolTag.MatchString(l.rest) {
			l.rest = l.rest[size:]
		}
		if len(l.rest) == before {
			return l
		}
	}
}

func (l tagPrefix) isChatHashtag(hashtag string) bool {
	return l.hashtag != "" && SameHashtag(l.hashtag, hashtag)
}

// isBlank reports whether r is a space, or one of the zero-width characters that come with copied text.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == '\ufe0f'
}

func isPictogram(r rune) bool {
	return unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r) && r > 0x7f
}

var (
	// letterTag is "A1", "q 1", "A.1", "Q#1", "[A1]". Its groups are the bracket, the letter, the separator and the
	// number.
	letterTag = regexp.MustCompile(`^([(\[]?)([AaQqＡａＱｑ]|🅰\x{fe0f}?|Q[&/]?A)([ \x{a0}]?#?|[._-])((?:[0-9]\x{fe0f}?\x{20e3}){1,2}|[0-9０-９]{1,3})`)
	// wordTag is "Answer 1", "Ans. 1", "Question no. 2", "Answer to Q3", "Question two".
	wordTag = regexp.MustCompile(`(?i)^([(\[]?)(?:answers?|ans|question|ques|qn|qu|qstn|reply|response|resp)[ .:-]?\s*\(?(?:to\s+)?(?:question\s+|q\s?)?(?:no\.?\s*|number\s+|#\s?)?([0-9]{1,3}|(?:one|two|three|four|five|six|seven|eight|nine|ten)\b)`)
	// numberTag is "1)", "(1)", "1.", "1:", "#1:", "1 -": a number needs its punctuation.
	numberTag = regexp.MustCompile(`^(?:\(([0-9０-９]{1,2})\)|#?([0-9０-９]{1,2})(?:\\?[).:;]|[ ]\)|[ \x{a0}]+[-–—][ \x{a0}]+|\s?[）．：]))`)
	// symbolTag is "1️⃣", "🔟" or "①".
	symbolTag = regexp.MustCompile(`^(?:(?:[0-9]\x{fe0f}?\x{20e3}){1,2}|🔟|[①-⑳❶-❿])`)

	tagWords = []string{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
)

// readTag reads a label at the start of l.rest, and returns what follows it.
func (l tagPrefix) readTag() (n int, after string, ok bool) {
	s := l.rest
	if m := letterTag.FindStringSubmatch(s); m != nil {
		label := tagLabel{tagNumber(m[4]), unicode.ToUpper(foldLetter(m[2])), strings.ContainsAny(m[3], " \u00a0"), l.midSentence, l.hasHashtag}
		return l.readLabel(label, m[1], s[len(m[0]):])
	}
	if m := wordTag.FindStringSubmatch(s); m != nil {
		reply := m[0][0]|0x20 == 'r' // it needs punctuation: "Answer 2 yes" has a label, "Reply 2 me" doesn't
		return l.readLabel(tagLabel{tagNumber(m[2]), 'W', false, l.midSentence || reply, l.hasHashtag}, m[1], s[len(m[0]):])
	}
	if m := symbolTag.FindStringSubmatch(s); m != nil {
		n = symbolNumber(m[0])
		return n, s[len(m[0]):], n > 0 && !strings.Contains(s, keycap(n+1))
	}
	if m := numberTag.FindStringSubmatch(s); m != nil && !l.afterWords {
		n, after = tagNumber(m[1]+m[2]), l.trimEmphasis(s[len(m[0]):])
		return n, after, n > 0 && isNumberLabel(m[0], n, after)
	}
	return 0, "", false
}

// readLabel skips the end of a bracket and of emphasis around a label, and checks the label.
func (l tagPrefix) readLabel(label tagLabel, bracket, after string) (n int, rest string, ok bool) {
	after, ok = closeBracket(bracket, after)
	if !ok || label.n < 1 || label.n > 99 {
		return 0, "", false
	}
	rest, ok = label.accept(l.trimEmphasis(after), l)
	return label.n, rest, ok
}

// trimEmphasis removes the end of emphasis that was open.
func (l tagPrefix) trimEmphasis(after string) string {
	if l.emphasis == "" {
		return after
	}
	return strings.TrimLeft(after, "*_~`")
}

// closeBracket removes the closing bracket that belongs to open.
func closeBracket(open, after string) (string, bool) {
	switch open {
	case "(":
		return strings.CutPrefix(strings.TrimLeft(after, ".:"), ")")
	case "[":
		return strings.CutPrefix(strings.TrimLeft(after, ".:"), "]")
	}
	return after, true
}

func foldLetter(letter string) rune {
	r, _ := utf8.DecodeRuneInString(letter)
	switch {
	case r >= 'Ａ' && r <= 'ｚ':
		r -= 'Ａ' - 'A'
	case r == '🅰':
		r = 'A'
	}
	return r
}

// tagNumber reads digits, full-width digits, keycaps and words. It returns 0 for anything but 1 to 99.
func tagNumber(s string) int {
	if n := slices.Index(tagWords, strings.ToLower(s)); n > 0 {
		return n
	}
	n, digits := 0, 0
	for _, r := range s {
		if r >= '０' && r <= '９' {
			r -= '０' - '0'
		}
		if r >= '0' && r <= '9' {
			n, digits = n*10+int(r-'0'), digits+1
		}
	}
	if digits > 2 {
		return 0
	}
	return n
}

// symbolNumber returns the number of a keycap ("1️⃣") or of a circled digit ("①").
func symbolNumber(symbol string) int {
	switch r, _ := utf8.DecodeRuneInString(symbol); {
	case r == '🔟':
		return 10
	case r >= '❶' && r <= '❿':
		return int(r-'❶') + 1
	case r >= '①' && r <= '⑳':
		return int(r-'①') + 1
	default:
		return tagNumber(symbol)
	}
}

func keycap(n int) string { return string(rune('0'+n)) + "\ufe0f\u20e3" }

var (
	beforeDigit = regexp.MustCompile(`^\s*[0-9]`)
	// beforeMonth recognises German dates: "1. Januar".
	beforeMonth = regexp.MustCompile(`(?i)^\s*(?:januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)(?:\P{L}|$)`)
)

// isNumberLabel reports whether a number with punctuation is a label. It may be part of a time, an amount or the
// author's own list.
func isNumberLabel(label string, n int, after string) bool {
	mark := label[len(label)-1]
	switch {
	case mark == '.' && (beforeDigit.MatchString(after) || beforeMonth.MatchString(after)),
		mark == ':' && beforeDigit.MatchString(after), mark == ' ' && beforeDigit.MatchString(after):
		return false
	case mark == '.' && domainSuffix.MatchString(label[len(label)-1:]+after):
		return false
	}
	// "1) one reason 2) another" is the author's own list, and so are several lines with "1. …", "2. …".
	items := listLineNumber
	if mark == ')' {
		items = inlineListNumber
	}
	for _, m := range items.FindAllStringSubmatch(after, -1) {
		if tagNumber(m[1]) == n+1 {
			return false
		}
	}
	return true
}

var (
	inlineListNumber = regexp.MustCompile(`(?:^|[\s(,;])([0-9]{1,2})\)`)
	listLineNumber   = regexp.MustCompile(`(?m)^\s*([0-9]{1,2})[.:]`)
)

// answerText returns the text after a label, without the punctuation and hashtag between them.
func (l tagPrefix) answerText(after string) string {
	for {
		before := len(after)
		after = strings.TrimLeftFunc(after, isBlank)
		if m := hashtagPrefix.FindStringSubmatch(after); m != nil && l.isChatHashtag(m[1]) {
			after = after[len(m[0]):]
		}
		if r, size := utf8.DecodeRuneInString(after); size > 0 && strings.ContainsRune(`:.,;)]-–—/|&+>=~→»\）．：`, r) && !smiley.MatchString(after) && !negativeNumber.MatchString(after) {
			after = l.trimEmphasis(after[size:])
		}
		after = after[len(strayEmphasis.FindString(after)):]
		if len(after) == before {
			break
		}
	}
	after = strings.TrimRightFunc(after, unicode.IsSpace)
	if l.emphasis != "" && strings.Count(after, l.emphasis) == 1 {
		after = strings.TrimSuffix(after, l.emphasis) // "**A1 yes**"
	}
	return after
}

var (
	strayEmphasis  = regexp.MustCompile(`^[*_~]{1,2}(?:\s+|$)`)
	smiley         = regexp.MustCompile(`^[:;=]-?[)(DPp/|]`)
	negativeNumber = regexp.MustCompile(`^[-–]\d`)
)
