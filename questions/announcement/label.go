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
	asked    // Q1, Question 1, Frage 1
	lettered // a) or ii.
	daily    // Monday: or Day 2:
)

const counted = `one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|first|second|third|fourth|fifth|sixth`

var (
	// What people call a question, in words and by letter.
	askedLabel = regexp.MustCompile(`^(?i:(?:#\w+[\s:,–-]+)?(?:question|questn|quest|qu|qn|q|topic|theme|prompt|frage|vraag|pregunta|pergunta|domanda|cwestiwn|spørgsmål|spørsmål|fråga|ceist|point|[tfpcd])[.\s]*(?:no\.?\s*|nr\.?\s*|number\s*|n[º°]\s*|#)?(\d{1,2}|` +
		counted + `))(?:(\s*[.):;,\]\x{2013}\x{2014}|/-]+)(?:\s+|$)|(\s+)|($)|([.):])(\p{Lu}|[“"‘'¿]))`)
	askedPart   = regexp.MustCompile(`^(?i:question|q)\s?(\d{1,2})\(?([a-h])\)?[.):]?\s+`)
	spelled     = regexp.MustCompile(`^(?i)(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final) question\s*[:–—-]\s+`)
	numberLabel = regexp.MustCompile(`^(?:[(\[]\s?(\d{1,2})\s?[)\]][.:]?|(\d{1,2})\s?[.)][:)]?|#?(\d{1,2})\.?\s?[/:–—|-]|#(\d{1,2})[.:)]?)(?:\s+|$)`)
	tightNumber = regexp.MustCompile(`^(\d{1,2})[.)](\p{Lu}|[“"‘¿])`)
	wordLabel   = regexp.MustCompile(`^(One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|ONE|TWO|THREE|FOUR|FIVE|SIX)[.):]\s+`)
	bareNumber  = regexp.MustCompile(`^(\d{1,2})\s+(\p{Lu}|¿)`)
	letterLabel = regexp.MustCompile(`^(?:\(\s?([a-z]|[ivx]{1,4})\s?\)|([a-z]|[ivx]{2,4}|[A-H])\)|([a-z]|[ivx]{2,4})\.)[.:]?\s+`)
	bulletLabel = regexp.MustCompile(`^(?:[•◦▪▫‣⁃·∙●○■□►▶➤➢→✓✔✦❖*+–—-]\s+|o\s+|->\s+|>>\s+|--\s+|[•●▪–-](\p{Lu}|¿))`)
	dailyLabel  = regexp.MustCompile(`^(?i:day\s+(\d{1,2}|` + counted + `)|(mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?(?:,?\s+(?:the\s+)?\d{1,2}(?:st|nd|rd|th)?(?:\s+(?:of\s+)?[a-z]{3,9})?)?|\d{1,2}(?:st|nd|rd|th)?\s+` + anyMonth + `)\s*(?:\([^)]*\))?\s*[:–—-]\s+`)
	shortcode   = regexp.MustCompile(`^:(one|two|three|four|five|six|seven|eight|nine):\s*`)
	clockLabel  = regexp.MustCompile(`^(?i)\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\.?)?\s*(?:hrs|uhr)?\s*[:–—|-]?\s+`)
	// After "Q1" without punctuation, these go on with a sentence about question 1 and do not begin it.
	goesOn = words("and or is was were will would to in on at of for goes asks asked about came comes has had starts got may might be then & through – -")
)

func numberOf(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return numberNames[strings.ToLower(s)]
}

// cutLabel takes the label off a text.
func cutLabel(s string) (label, string) {
	bare := strings.TrimLeftFunc(s, decorative)
	if m := bulletLabel.FindStringSubmatch(bare); m != nil {
		inner := bare[len(m[0])-len(m[1]):]
		if l, rest := cutLabel(inner); l.kind == asked || l.kind == daily || l.kind == numbered {
			return l, rest
		}
		return label{kind: bulleted}, strings.TrimSpace(inner)
	}
	if rest := clockLabel.FindString(bare); rest != "" { // "8.10pm Q1. …", as in a run of show
		if l, inner := cutLabel(bare[len(rest):]); l.kind == asked {
			return l, inner
		}
		return label{}, s
	}
	if m := shortcode.FindStringSubmatch(bare); m != nil {
		return label{numbered, numberOf(m[1])}, bare[len(m[0]):]
	}
	if m := askedPart.FindStringSubmatch(bare); m != nil {
		return label{kind: lettered, n: numberOf(m[1])}, bare[len(m[0]):]
	}
	if l, rest, ok := cutAsked(bare); ok {
		return l, rest
	}
	if m := spelled.FindStringSubmatch(bare); m != nil {
		return label{asked, numberOf(m[1])}, bare[len(m[0]):]
	}
	if m := dailyLabel.FindStringSubmatch(bare); m != nil {
		if l, inner := cutLabel(bare[len(m[0]):]); l.kind == asked {
			return l, inner // "Mon 8 June – Q1: …"
		}
		return label{daily, numberOf(m[1])}, bare[len(m[0]):]
	}
	if m := numberLabel.FindStringSubmatch(bare); m != nil {
		if r, _ := utf8.DecodeRuneInString(bare[len(m[0]):]); m[3] != "" && unicode.IsDigit(r) {
			return label{}, s // "8 - 9pm"
		}
		return label{numbered, numberOf(m[1] + m[2] + m[3] + m[4])}, bare[len(m[0]):]
	}
	if m := wordLabel.FindStringSubmatch(bare); m != nil {
		return label{numbered, numberOf(m[1])}, bare[len(m[0]):]
	}
	if m := bareNumber.FindStringSubmatch(bare); m != nil && (bare != s || strings.HasSuffix(s, "?")) {
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
	n, rest := numberOf(s[m[2]:m[3]]), s[m[1]:]
	if m[10] >= 0 { // "Q1.What", with no space
		rest = s[m[12]:]
	}
	if first, _, _ := strings.Cut(rest, " "); m[6] >= 0 && (goesOn[first] || !capital(s)) {
		return label{}, s, false
	}
	return label{asked, n}, strings.TrimLeft(rest, " "), n > 0
}

// decorative is an emoji, or another ornament that people put before a label.
func decorative(r rune) bool {
	return r == ' ' || r >= 0x1F000 || r >= 0x2600 && r <= 0x26FF || r >= 0x2700 && r <= 0x27BF && !strings.ContainsRune("✓✔✦❖➤➢", r)
}

// inlineAsked finds questions that follow one another in one paragraph, and inlineLetter their parts.
var (
	inlineAsked  = regexp.MustCompile(`(?:^|\s)((?:Question|Q|T)\.?\s?(\d{1,2})(?:\s?[.:)–—-]+)?)\s`)
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
		word := strings.Trim(s[m[0]:m[1]], " ()")
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
			point = strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(point, " and"), " or"), ",;")
		}
		points = append(points, point)
	}
	return strings.TrimSpace(s[:found[0][0]]), points
}
