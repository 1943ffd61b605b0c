package announcement

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A label is what stands before an item: "Q3.", "(2)", "b)", "•".
type label struct {
	kind labelKind
	n    int
}

type labelKind int

const (
	unlabelled labelKind = iota
	bulleted
	numbered // 1. or 1) or (1)
	asked    // Q1, Question 1, T1
	lettered // a) or ii.
	daily    // Monday: or Day 2:
)

const numberWords = `one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve`

var (
	askedLabel = regexp.MustCompile(`^(?i:(?:#\w+[\s:,–-]+)?(?:question|questn|quest|qu|qn|q|topic|theme|t)[.\s]*(?:no\.?\s*|number\s*|#)?(\d{1,3}|` +
		numberWords + `))(?:(\s*[.):;,\]\x{2013}\x{2014}|/-]+)(?:\s+|$)|(\s+)|($)|([.):])([A-Z“"‘']))`)
	askedPart     = regexp.MustCompile(`^(?i:question|q)\s?(\d{1,2})\(?([a-h])\)?[.):]?\s+`)
	spelledLabel  = regexp.MustCompile(`^(?i)(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final) question\s*[:–—-]\s+`)
	numberLabel   = regexp.MustCompile(`^(?:[(\[]\s?(\d{1,2})\s?[)\]][.:]?|(\d{1,2})\s?[.)][:)]?|#?(\d{1,2})\.?\s?[/:–—-]|#(\d{1,2})[.:)]?)(?:\s+|$)`)
	tightNumber   = regexp.MustCompile(`^(\d{1,2})[.)]([A-Z“"‘¿])`)
	wordLabel     = regexp.MustCompile(`^(One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|ONE|TWO|THREE|FOUR|FIVE|SIX)[.):]\s+`)
	adornedNumber = regexp.MustCompile(`^(\d{1,2})\s+(\p{Lu})`) // after an ornament
	letterLabel   = regexp.MustCompile(`^(?:\(\s?([a-z]|[ivx]{1,4})\s?\)|([a-z]|[ivx]{2,4}|[A-H])\)|([a-z]|[ivx]{2,4})\.)[.:]?\s+`)
	bulletLabel   = regexp.MustCompile(`^(?:[•◦▪▫‣⁃·∙●○■□►▶➤➢→✓✔✦❖*+o–—-]|->|>>|--)\s+`)
	dailyLabel    = regexp.MustCompile(`^(?i:day\s+(\d{1,2}|` + numberWords + `)|(` + wdPattern + `)(?:,?\s+(?:the\s+)?\d{1,2}(?:st|nd|rd|th)?(?:\s+(?:of\s+)?[a-z]{3,9})?)?|\d{1,2}(?:st|nd|rd|th)?\s+` + moPattern + `)\s*(?:\([^)]*\))?\s*[:–—-]\s+`)
	shortcode     = regexp.MustCompile(`^:(one|two|three|four|five|six|seven|eight|nine|keycap_ten):\s*`)
	clockLabel    = regexp.MustCompile(`^(?i)\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\.?)?\s*(?:hrs)?\s*[:–—-]?\s+`)
	// After "Q1" without punctuation, these go on with a sentence about question 1 and do not begin it.
	goesOn    = regexp.MustCompile(`^(?:and|or|is|was|were|will|would|to|in|on|at|of|for|goes|asks|asked|about|came|comes|has|had|starts|got|may|might|be|then|&|through|–|-)\b`)
	listWords = []string{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}
)

// numberOf reads "4" and "four".
func numberOf(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	s = strings.ToLower(s)
	for i, w := range listWords {
		if w == s {
			return i
		}
	}
	return 0
}

// cutLabel takes the label off a text.
func cutLabel(s string) (label, string) {
	bare := strings.TrimLeftFunc(s, decorative)
	if rest := bulletLabel.FindString(bare); rest != "" {
		l, inner := cutLabel(bare[len(rest):])
		if l.kind == asked || l.kind == daily || l.kind == numbered {
			return l, inner
		}
		return label{kind: bulleted}, strings.TrimSpace(bare[len(rest):])
	}
	if rest := clockLabel.FindString(bare); rest != "" { // "8.10pm Q1. …", as in a run of show
		if l, inner := cutLabel(bare[len(rest):]); l.kind == asked {
			return l, inner
		}
		return label{}, s
	}
	if m := shortcode.FindStringSubmatch(bare); m != nil {
		return label{numbered, max(numberOf(m[1]), 0)}, bare[len(m[0]):]
	}
	if m := askedPart.FindStringSubmatch(bare); m != nil {
		return label{kind: lettered, n: numberOf(m[1])}, bare[len(m[0]):]
	}
	if l, rest, ok := cutAsked(bare); ok {
		return l, rest
	}
	if m := spelledLabel.FindStringSubmatch(bare); m != nil {
		return label{asked, ordinal(m[1])}, bare[len(m[0]):]
	}
	if m := dailyLabel.FindStringSubmatch(bare); m != nil {
		if l, inner := cutLabel(bare[len(m[0]):]); l.kind == asked {
			return l, inner // "Mon 8 June – Q1: …"
		}
		return label{daily, numberOf(m[1])}, bare[len(m[0]):]
	}
	if m := numberLabel.FindStringSubmatch(bare); m != nil {
		n := numberOf(m[1] + m[2] + m[3] + m[4])
		if r, _ := utf8.DecodeRuneInString(bare[len(m[0]):]); m[3] != "" && unicode.IsDigit(r) {
			return label{}, s // "8 - 9pm"
		}
		return label{numbered, n}, bare[len(m[0]):]
	}
	if m := wordLabel.FindStringSubmatch(bare); m != nil {
		return label{numbered, numberOf(m[1])}, bare[len(m[0]):]
	}
	if m := adornedNumber.FindStringSubmatch(bare); m != nil && bare != s {
		return label{numbered, numberOf(m[1])}, bare[len(m[0])-len(m[2]):]
	}
	if m := tightNumber.FindStringSubmatch(bare); m != nil {
		return label{numbered, numberOf(m[1])}, bare[len(m[0])-len(m[2]):]
	}
	if m := letterLabel.FindString(bare); m != "" {
		return label{kind: lettered}, bare[len(m):]
	}
	return label{}, s
}

// cutAsked takes off "Q1." and its kin. "Q1 was easy" has no label.
func cutAsked(s string) (label, string, bool) {
	m := askedLabel.FindStringSubmatchIndex(s)
	if m == nil {
		return label{}, s, false
	}
	n := numberOf(s[m[2]:m[3]])
	rest := s[m[1]:]
	switch {
	case m[10] >= 0: // "Q1.What", with no space
		rest = s[m[12]:]
	case m[6] >= 0: // a space alone
		if goesOn.MatchString(rest) {
			return label{}, s, false
		}
	}
	return label{asked, n}, strings.TrimLeft(rest, " "), true
}

func ordinal(s string) int {
	for i, w := range []string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"} {
		if strings.EqualFold(w, s) {
			return i + 1
		}
	}
	return -1 // the last, whichever that is
}

// decorative is an emoji, or another ornament that people put before a label.
func decorative(r rune) bool {
	return r == ' ' || r >= 0x1F000 || r >= 0x2600 && r <= 0x26FF || r >= 0x2700 && r <= 0x27BF && r != '✓' && r != '✔' && r != '✦' && r != '❖' && r != '➤' && r != '➢'
}

// inlineAsked finds questions that follow one another in one paragraph, and inlineLetter their parts.
var (
	inlineAsked  = regexp.MustCompile(`(?:^|\s)((?:Question|Q)\.?\s?(\d{1,2})\s?[.:)–—-]+)\s`)
	inlineNumber = regexp.MustCompile(`(?:^|\s)(\(?(\d{1,2})\))\s`)
	inlineLetter = regexp.MustCompile(`(?:^|\s)(?:\(([a-h])\)|([a-h])\)|\((i|ii|iii|iv|v|vi)\)|(i|ii|iii|iv|v|vi)\))\s+`)
)

// splitLetters splits "What about a) cost and b) time?" at its letters, if they come in order from the first.
func splitLetters(s string) (text string, points []string) {
	found := inlineLetter.FindAllStringSubmatchIndex(s, -1)
	if len(found) < 2 {
		return s, nil
	}
	roman := []string{"i", "ii", "iii", "iv", "v", "vi"}
	for i, m := range found {
		var word string
		for g := 2; g < len(m); g += 2 {
			if m[g] >= 0 {
				word = s[m[g]:m[g+1]]
			}
		}
		if word != string(rune('a'+i)) && (i >= len(roman) || word != roman[i]) {
			return s, nil
		}
	}
	for i, m := range found {
		end := len(s)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		point := strings.TrimRight(strings.TrimSpace(s[m[1]:end]), ",;")
		if i+1 < len(found) {
			point = strings.TrimSuffix(strings.TrimSuffix(point, " and"), " or")
			point = strings.TrimRight(point, ",;")
		}
		points = append(points, point)
	}
	return strings.TrimSpace(s[:found[0][0]]), points
}
