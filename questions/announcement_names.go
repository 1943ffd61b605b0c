package questions

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// people reads a list of names from the head of a text: "Dr Jane O'Neil-Smith (@jane, Librarian at X) and Tom Reed". It
// returns the credit, the persons, and how much it read; 0 if there is no name.
func people(s string) (text string, names []string, n int) {
	at, connector := 0, ""
	for {
		name, used := personName(s[at:])
		if used == 0 {
			break
		}
		if len(names) > 0 {
			text += connector
		}
		text += name
		names = append(names, name)
		at += used
		n = at
		var described bool
		at, described = skipDescription(s, at)
		c, used := connectorAt(s[at:], described)
		if used == 0 || len(names) > 12 || described && c == ", " {
			break
		}
		connector = c
		at += used
	}
	return text, names, n
}

var connectors = regexp.MustCompile(`^(\s*,\s*and\s+|\s*,?\s*&\s*|\s+and\s+|\s*,\s*|\s*\+\s*|\s+with\s+)(?:(?:by|from)\s+)?(?:(?:our|the|his|her|their) (?:colleague |very own |own )?)?`)

func connectorAt(s string, described bool) (string, int) {
	m := connectors.FindStringSubmatch(s)
	if m == nil {
		return "", 0
	}
	c := strings.TrimSpace(m[1])
	switch {
	case c == "with":
		return "", 0
	case strings.HasSuffix(c, "and"):
		if strings.HasPrefix(c, ",") && !described {
			return ", and ", len(m[0])
		}
		return " and ", len(m[0])
	case strings.HasSuffix(c, "&"):
		return " & ", len(m[0])
	case c == "+":
		return " + ", len(m[0])
	}
	return ", ", len(m[0])
}

var (
	roleWords   = regexp.MustCompile(`(?i)\b(?:officer|librarian|manager|head|director|lecturer|nurse|specialist|consultant|editor|co-?ordinator|professor|researcher|president|therapist|physio\w*|student|fellow|registrar|adviser|advisor|analyst|secretary|chair|champion|trainer)\b`)
	employed    = regexp.MustCompile(`(?i)\b(?:at|of|for|from)\b`)
	withArticle = regexp.MustCompile(`(?i)^,\s*(?:the|a|an|our|their)$`)
	handlePat   = regexp.MustCompile(`^\s*(?:,\s*)?@\w+(?:\s+on (?:Twitter|Slack|Mastodon|Matrix))?|^\s+(?:for|of|from)\s+#\w+`)
	nameAfter   = regexp.MustCompile(`^\s*\(([^()@]{3,40})\)`)
	parenthesis = regexp.MustCompile(`^\s*[(\[][^)\]]{0,160}[)\]]`)
	described   = regexp.MustCompile(`^(?:\s+(?:from|of|at|@)\s+|\s*,\s+(?:(?:the|a|an|our|their)\s+)?|\s+[–—-]\s+|\s+(?:the|our)\s+)([^.!?;]{2,120}?)(\s*,\s*(?:and\s+)?|\s+&\s+|\s+and\s+|\s*[.!?;]|\s+(?:who|will|is|are|as|on)\b|$)`)
)

// skipDescription passes over handles, brackets, job titles and employers.
func skipDescription(s string, at int) (int, bool) {
	skipped := false
	for {
		if m := handlePat.FindString(s[at:]); m != "" {
			at += len(m)
			continue
		}
		if m := parenthesis.FindString(s[at:]); m != "" {
			at += len(m)
			continue
		}
		m := described.FindStringSubmatchIndex(s[at:])
		if m == nil || skipped {
			return at, skipped
		}
		words := s[at+m[2] : at+m[3]]
		lead := strings.TrimSpace(s[at : at+m[2]])
		if strings.HasPrefix(lead, ",") && !jobWords.MatchString(words) && !roleWords.MatchString(words) && !employed.MatchString(words) && !withArticle.MatchString(lead) {
			return at, skipped // another name
		}
		if strings.HasPrefix(strings.TrimSpace(words), "@") {
			return at, skipped
		}
		at += m[3]
		skipped = true
	}
}

// personName reads one name, or a lone handle.
func personName(s string) (string, int) {
	at, words := 0, 0
	loud := strings.IndexFunc(s[:min(len(s), 40)], unicode.IsLower) < 0 // LED BY HOLLY CASE
	for at < len(s) {
		end := strings.IndexFunc(s[at:], func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:!?()[]&+/|–—", r) })
		if end < 0 {
			end = len(s) - at
		}
		word := s[at : at+end]
		stop := false
		if strings.HasPrefix(word, "@") && words == 0 && len(word) > 2 {
			handle := strings.TrimRight(word, ".’'")
			if m := nameAfter.FindStringSubmatch(s[at+len(handle):]); m != nil && isName(m[1]) {
				return m[1], at + len(handle) + len(m[0]) // "@jane (Jane Oduya)"
			}
			return handle, at + len(handle)
		}
		if bare := strings.TrimSuffix(word, "."); bare != word && !honorific[word] && utf8.RuneCountInString(bare) > 1 {
			word, stop = bare, true
		}
		for _, possessive := range []string{"’s", "'s"} {
			if rest := strings.TrimSuffix(word, possessive); rest != word {
				word, stop = rest, true
			}
		}
		if !partOfName(word, words, loud) {
			break
		}
		words++
		at += len(word)
		if stop || words >= 6 || at >= len(s) || s[at] != ' ' {
			break
		}
		at++
	}
	name := strings.TrimRight(s[:at], " ")
	for { // a particle is not the last word of a name
		i := strings.LastIndexByte(name, ' ')
		if last := name[i+1:]; i >= 0 && particles[last] {
			name = strings.TrimRight(name[:i], " ")
			continue
		}
		break
	}
	if words == 0 || honorific[name] || particles[name] || words == 1 && alsoWords[name] {
		return "", 0
	}
	return name, len(name)
}

// shortened is a pronoun with its verb: "I'll".
var shortened = regexp.MustCompile(`^(?:I|You|We|They|He|She|It|There|That|Here|What|Who|Let|Don)[’'](?:m|ll|ve|re|d|s|t)$`)

func partOfName(w string, before int, loud bool) bool {
	if w == "" || notNames[w] || shortened.MatchString(w) {
		return false
	}
	if before > 0 && particles[w] {
		return true
	}
	r, size := utf8.DecodeRuneInString(w)
	if !unicode.IsUpper(r) {
		return false
	}
	rest := w[size:]
	if !loud && strings.ToUpper(w) == w && utf8.RuneCountInString(w) > 3 && !strings.ContainsAny(w, ".’'-") {
		return false // an acronym
	}
	for _, r := range rest {
		if !unicode.IsLetter(r) && !strings.ContainsRune("’'-.‐", r) {
			return false
		}
	}
	return true
}
