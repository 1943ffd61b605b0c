package announcement

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// people reads a list of names from the head of a text: "Dr Jane O'Neil-Smith (@jane, Librarian at X) and Tom Reed". It
// returns the credit, the persons, and how much it read; 0 if there is no name.
func people(s string) (text string, names []string, n int) { return peopleUpTo(s, namesFollow) }

// peopleUpTo reads names, and after somebody's job or employer goes on at a comma only if more says so.
func peopleUpTo(s string, more func(string) bool) (text string, names []string, n int) {
	at, connector := 0, ""
	for {
		at += len(titledName(s[at:]))
		name, used := personName(s[at:])
		if used == 0 || connector == "; " && !strings.Contains(name, " ") {
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
		if used == 0 || len(names) > 12 || described && c == ", " && !more(s[at+used:]) {
			break
		}
		connector = c
		at += used
	}
	return text, names, n
}

// titled is a job before a full name: "Matron Evelyn Ashe".
var titled = regexp.MustCompile(`^((?:(?i:matron|(?:ward )?sister|(?:staff |student |research )?nurse|midwife|librarian|dietitian|physiotherapist|(?:occupational )?therapist|pharmacist|paramedic|lecturer|author|researcher)\s+)+)\p{Lu}\S+\s\p{Lu}`)

func titledName(s string) string {
	if m := titled.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}

// namesFollow tells whether a comma after somebody's job goes on with names, and not with an employer: "Ann Lee of Ness
// Hospital, Ben Ray of Moor Lane and Cy Dunn".
func namesFollow(s string) bool {
	text, names, _ := peopleUpTo(s, func(string) bool { return true })
	return len(names) > 1 && strings.Contains(names[0], " ") &&
		(strings.Contains(text, " and ") || strings.Contains(text, " & ")) && !organised.MatchString(text) && !roleWords.MatchString(text)
}

var connectors = regexp.MustCompile(`^(\s*,\s*and\s+|\s*,?\s*&\s*|\s+(?:and|und|y|et|en|e|ac?|och|og)\s+|\s*,\s*|\s*[+;]\s*|\s+with\s+)(?:(?:by|from)\s+)?(?:(?:our|the|his|her|their) (?:colleague |very own |own )?)?`)

func connectorAt(s string, described bool) (string, int) {
	m := connectors.FindStringSubmatch(s)
	if m == nil {
		return "", 0
	}
	c := strings.TrimSpace(m[1])
	switch {
	case c == "with":
		return "", 0
	case c == "und" || c == "y" || c == "et" || c == "en" || c == "e" || c == "a" || c == "ac" || c == "och" || c == "og":
		return " " + c + " ", len(m[0])
	case strings.HasSuffix(c, "and"):
		if strings.HasPrefix(c, ",") && !described {
			return ", and ", len(m[0])
		}
		return " and ", len(m[0])
	case strings.HasSuffix(c, "&"):
		return " & ", len(m[0])
	case c == "+":
		return " + ", len(m[0])
	case c == ";":
		return "; ", len(m[0])
	}
	return ", ", len(m[0])
}

// degrees are the letters that people put after their names.
const degrees = `Ph\.?D|DPhil|EdD|MD|DNP|NP|RN|RGN|RMN|RD|MPH|MSc|MRes|MBA|MEd|MLIS|MLS|MA|BA|BSc|BN|MBE|OBE|CBE|[AF]?MCLIP|[AF]CLIP|MCSP|MRCOT|FRC[A-Z]+|MRC[A-Z]+|S?FHEA|DPT|PharmD|AHIP|JD`

// deeds are where what is said of somebody ends, and what they do begins.
const deeds = `who|will|is|are|has|have|as|on|leads|hosts|chairs|runs|guides|takes|presents|facilitates|moderates`

var (
	roleWords   = regexp.MustCompile(`(?i)\b(?:officer|librarian|manager|head|director|lecturer|nurse|specialist|consultant|editor|co-?ordinator|professor|researcher|president|therapist|physio\w*|student|fellow|registrar|adviser|advisor|analyst|secretary|chair|champion|trainer|leads?|midwife|matron|sister|carer|patient|pharmacist|dietitian|podiatrist|surgeon|physician|technician|developer|founder|author|\w+ologist)\b`)
	organised   = regexp.MustCompile(`(?i)\b(?:hospitals?|trust|university|college|librar(?:y|ies)|nhs|service|services|clinic|hospice|academy|school|institute|group|team|board|centre|council|health|ltd|network|collective|guild|association|society|committee|consortium)\b`)
	employed    = regexp.MustCompile(`(?i)\b(?:at|of|for|from)\b`)
	withArticle = regexp.MustCompile(`(?i)^,\s*(?:the|a|an|our|their)$`)
	handlePat   = regexp.MustCompile(`^\s*(?:,\s*)?@\w+(?:@[\w.-]+\w)?(?:\s+on (?:Twitter|Slack|Mastodon|Matrix))?|^\s+(?:for|of|from)\s+#\w+`)
	degree      = regexp.MustCompile(`^(?:` + degrees + `)\.?$`)
	letters     = regexp.MustCompile(`^(?:\s*,?\s+(?:` + degrees + `)\b\.?)+`) // after a name
	secondJob   = regexp.MustCompile(`^(?:\s*,\s*|\s*,?\s+and\s+|\s*&\s*)(?:(?:a|an|the|our|their|also)\s+)*(?:(?:` + degrees + `)\s+)?`)
	meNamed     = regexp.MustCompile(`^(?:me|myself) \(([^()@]{3,40})\)`)
	nameAfter   = regexp.MustCompile(`^\s*\(([^()@]{3,40})\)`)
	parenthesis = regexp.MustCompile(`^\s*[(\[][^)\]]{0,160}[)\]]`)
	toEnd       = regexp.MustCompile(`^([^.!?;,&]*?)(?:\s+and\b|\s+(?:` + deeds + `)\b|[.!?;,&]|$)`)
	described   = regexp.MustCompile(`^(?:\s+(?:from|of|at|@)\s+|\s*,\s+(?:(?:the|a|an|our|their)\s+)?|\s+[–—-]\s+|\s+(?:the|our)\s+)([^.!?;]{2,120}?)(\s*,\s*(?:and\s+)?|\s+&\s+|\s+and\s+|\s*[.!?;]|\s+(?:` + deeds + `)\b|$)`)
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
		if m := letters.FindString(s[at:]); m != "" {
			at += len(m)
			continue
		}
		if m := secondJob.FindString(s[at:]); m != "" && skipped && jobWords.MatchString(s[at+len(m):]) && !leads.MatchString(s[at:]) {
			at += len(m) // "a nurse and Senior Lecturer at X"
			at += toEnd.FindStringSubmatchIndex(s[at:])[3]
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
	if m := meNamed.FindStringSubmatch(s); m != nil && isName(m[1]) {
		return m[1], len(m[0])
	}
	for at < len(s) {
		end := strings.IndexFunc(s[at:], func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:!?()[]&+/|–—", r) })
		if end < 0 {
			end = len(s) - at
		}
		word := s[at : at+end]
		stop := false
		if strings.HasPrefix(word, "@") && words == 0 && len(word) > 2 {
			handle := strings.TrimRight(word, ".’'")
			if m := nameAfter.FindStringSubmatch(s[at+len(handle):]); m != nil {
				name, _, _ := strings.Cut(m[1], ",")
				if !isName(name) {
					return handle, at + len(handle)
				}
				return name, at + len(handle) + len(m[0]) // "@jane (Jane Oduya)"
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
	if !loud && before > 0 && degree.MatchString(w) {
		return false
	}
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
