package questions

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A credit names the people who do something for a chat.
type credit struct {
	text   string   // as written, without handles, job titles and employers
	people []string // each of them
	past   bool     // they did it for an earlier chat
	helps  bool     // they facilitate, while others lead
	rank   int      // how sure the words are
	from   int      // where the words stand
	to     int
}

var (
	// Before the names.
	ledBy     = regexp.MustCompile(`(?i)\b(?:co-?)?(led|lead|hosted|chaired|run|presented|guided|curated|convened|facilitated|moderated)(?:\s+(?:for (?:us|#\w+)|this (?:week|month|time)|tonight|jointly))*\s+(?:by|from)\s+`)
	hostIs    = regexp.MustCompile(`(?i)\b(?:(?:your|our|the|this month’s|this month's|this week’s|this week's|tonight’s|tonight's|guest|co-?|chat|discussion)\s+)*(hosts?|co-?hosts?|leaders?|leads?|discussion leaders?|chairs?|moderators?|facilitators?|quiz ?masters?|question ?masters?)(?:\s+for\s+(?:this|the|our|tonight’s|tonight's)\s+(?:\S+\s+){0,2}(?:chat|evening|night|quiz|session))?\s*(?:is|are|will be|:|,|–|—|-)\s+(?:going to be\s+)?`)
	whoField  = regexp.MustCompile(`(?i)^(?:\W*)(who|with|speaker|guest)\s*:\s*`)
	guest     = regexp.MustCompile(`(?i)\b(?:with|welcom\w+|joined by|featuring|from)\s+(?:our |a |the )?(?:very )?(?:own |special |lovely |brilliant |wonderful |fabulous |expert )*(?:guest|guests)(?:[\s-]?(?:host|hosts|leader|leaders|chair|tweeter|speaker|expert|moderator)s?)?,?\s*(?:is|will be|:)?\s+`)
	guestHost = regexp.MustCompile(`(?i)\b(?:our |this month’s |this month's |this week’s |this week's )?guest(?:s|[\s-](?:host|leader|chair|moderator)s?)\s*(?:this (?:week|month|time)\s*)?(?:,|is|are|will be|:)?\s+`)
	over      = regexp.MustCompile(`(?i)\b(?:over to|in the (?:hot seat|chair|hosting seat)(?: is| will be|:)|at the helm(?: is| will be|:)|taking the (?:chair|lead|reins)(?: is| will be|:)|help(?:ing)? (?:us )?from|welcome)\s+`)
	withX     = regexp.MustCompile(`\b[Ww]ith\s+`)
	// After the names.
	willLead = regexp.MustCompile(`(?i)^[,\s]*(?:both\s+)?(?:who\s+)?(?:(?:will|is|are|’ll|'ll|has|have|’s|'s)\s+(?:also\s+|both\s+|still\s+|now\s+|then\s+|jointly\s+|together\s+|kindly\s+|very kindly\s+|be\s+|bravely\s+|generously\s+)*)?(?:(agreed|offered|volunteered|going|here)\s+to\s+)?(?:be\s+)?(lead(?:s|ing)?|host(?:s|ing)?|co-?host(?:s|ing)?|chair(?:s|ing)?|guid(?:e|es|ing)|run(?:s|ning)?|present(?:s|ing)?|steer(?:s|ing)?|facilitat(?:e|es|ing)|moderat(?:e|es|ing)|tak(?:e|es|ing) the (?:chair|lead|reins|helm)|(?:in|at) the (?:chair|helm|(?:hosting|hot|driving|driver[’']s) seat)|posts? (?:one|a) question|(?:be )?our (?:guest )?(?:host|leader|chair)s?|as (?:our |your )?(?:guest )?(?:host|leader|chair)s?|the (?:host|leader)s?)\b`)
	// Thanks are for what was done, unless they are for a promise.
	thanksFor  = regexp.MustCompile(`(?i)\b(?:thanks?|thank you|thankyou|grateful|applause|kudos|hats off|well done|bravo)\b`)
	forLeading = regexp.MustCompile(`(?i)^[^.!?]{0,60}?\bfor\s+(?:\w+\s+)?(leading|hosting|chairing|running|guiding|moderating|facilitating|presenting|co-?hosting)\b`)
	whoLed     = regexp.MustCompile(`(?i)^[,\s]*(?:who\s+)?(?:so ably\s+|ably\s+|kindly\s+|expertly\s+|brilliantly\s+)?(led|hosted|chaired|ran|moderated|facilitated)\b`)
	promises   = regexp.MustCompile(`(?i)\bfor (?:agreeing|offering|volunteering|stepping)|\bwho (?:will|is going to|has agreed)|\bnext (?:chat|month|week|time)|\bthis (?:chat|month|week|one|time)|\btonight\b`)
	pastChatBy = regexp.MustCompile(`(?i)\b(?:was|were)\s+(?:\w+ly\s+|so ably\s+)?$|\blast (?:night|week|month|time|year)\b|\b(?:previous|earlier|first ever) chat\b|\byesterday\b`)
	helpVerb   = regexp.MustCompile(`(?i)^(?:facilitat|moderat)`)

	honorific = set("Dr", "Dr.", "Prof", "Prof.", "Professor", "Mr", "Mr.", "Mrs", "Mrs.", "Ms", "Ms.", "Miss", "Mx", "Mx.", "Sir", "Dame", "Rev", "Rev.", "Lady", "Lord")
	particles = set("de", "van", "der", "den", "von", "la", "le", "al", "el", "bin", "ibn", "ap", "ab", "del", "della", "da", "di", "dos", "du", "ter", "ten", "zu", "af", "av", "ní", "nic", "mac", "ó", "y", "e", "st")
	notNames  = set("We", "Join", "The", "This", "Our", "Your", "You", "It", "On", "In", "At", "For", "And", "If", "Please", "Use", "Q", "A", "Chats", "Chat", "Twitter", "Slack", "Matrix", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
		"January", "February", "March", "July", "September", "October", "November", "December", "Date", "Time", "When", "Where", "Who", "What", "Hashtag", "Host", "Hosts", "Leader", "Topic", "Questions", "Question", "They", "He", "She", "Come", "Bring", "See", "Thanks", "There", "As", "But", "So", "All", "Every", "Everyone", "Next", "Last", "Follow", "Tweet", "Tag", "To", "How", "Why", "Which", "Do", "Does", "Is", "Are", "Have", "Can", "Here", "Read", "Sign", "Welcome", "Hello", "Hi", "Dear", "Symplur", "UK", "US", "Festive", "Christmas")
	// alsoWords are names that begin a sentence as often: they need a surname.
	alsoWords = set("Will", "Mark", "May", "April", "June", "August", "Fancy")
	jobWords  = regexp.MustCompile(`(?i)^(?:librarian|manager|head|lead|officer|director|lecturer|nurse|specialist|consultant|editor|chair|coordinator|co-ordinator|student|knowledge|information|services?|clinical|senior|library|libraries|trust|nhs|university|hospital|deputy|assistant|outreach|founder|author|president|associate|postdoc|researcher|fellow|reader|trainer|developer|academic|medical|health|public|evidence|physio\w*|occupational|therapist|doctor|registrar|royal|national|college|team|service|subject|systematic|professor of|chief|principal)\b`)
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
	handlePat   = regexp.MustCompile(`^\s*(?:,\s*)?@\w+(?:\s+on (?:Twitter|Slack|Mastodon|Matrix))?|^\s+(?:for|of|from)\s+#\w+`)
	parenthesis = regexp.MustCompile(`^\s*[(\[][^)\]]{0,160}[)\]]`)
	described   = regexp.MustCompile(`^(?:\s+(?:from|of|at)\s+|\s*,\s+(?:(?:the|a|an|our|their)\s+)?|\s+[–—-]\s+|\s+(?:the|our)\s+)([^.!?;]{2,120}?)(\s*,\s*(?:and\s+)?|\s+&\s+|\s+and\s+|\s*[.!?;]|\s+(?:who|will|is|are|for|as|in|on)\b|$)`)
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
		if strings.HasPrefix(lead, ",") && !jobWords.MatchString(words) && !regexp.MustCompile(`(?i)\b(?:at|of|for|from)\b`).MatchString(words) && !regexp.MustCompile(`(?i)^,\s*(?:the|a|an|our|their)$`).MatchString(lead) {
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
	for at < len(s) {
		end := strings.IndexFunc(s[at:], func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:!?()[]&+/|–—", r) })
		if end < 0 {
			end = len(s) - at
		}
		word := s[at : at+end]
		stop := false
		if strings.HasPrefix(word, "@") && words == 0 && len(word) > 2 {
			handle := strings.TrimRight(word, ".’'")
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
		if !partOfName(word, words) {
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

func partOfName(w string, before int) bool {
	if w == "" || notNames[w] {
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
	if strings.ToUpper(w) == w && utf8.RuneCountInString(w) > 3 && !strings.ContainsAny(w, ".’'-") {
		return false // an acronym
	}
	for _, r := range rest {
		if !unicode.IsLetter(r) && !strings.ContainsRune("’'-.‐", r) {
			return false
		}
	}
	return true
}

// bareVerb is a verb that a lone word may stand before without being a name: "Fancy leading one?"
var bareVerb = regexp.MustCompile(`(?i)^\s*(?:lead|host|chair|run|guide|present|steer)(?:ing)?\b`)

// findCredits finds who is said to lead, or to have led, a chat.
func findCredits(s string) []credit {
	var all []credit
	add := func(from, to int, text string, names []string, verb string, rank int) {
		for _, c := range all {
			if from < c.to && c.from < to {
				return
			}
		}
		sf, st := sentenceAt(s, from)
		before := s[sf:from]
		said := s[sf:st]
		past := thanksFor.MatchString(said) && !promises.MatchString(said) && (forLeading.MatchString(s[to:]) || rank < 3 || thanksFor.MatchString(before)) ||
			pastChatBy.MatchString(before) && !futureTense.MatchString(said) || rank == 9
		all = append(all, credit{text, names, past, helpVerb.MatchString(verb), rank, from, to})
	}
	for _, re := range []struct {
		cue  *regexp.Regexp
		rank int
	}{{ledBy, 5}, {whoField, 4}, {hostIs, 4}, {guest, 3}, {guestHost, 3}, {over, 2}} {
		for _, m := range re.cue.FindAllStringSubmatchIndex(s, -1) {
			at := skipArticles(s, m[1])
			if text, names, n := people(s[at:]); n > 0 {
				add(at, at+n, text, names, group(s, m, 1), re.rank)
			}
		}
	}
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		if at > 0 && !strings.ContainsRune(" (“\"", rune(s[at-1])) && s[at-1] < 0x80 || !unicode.IsUpper(r) && r != '@' {
			at += size
			continue
		}
		text, names, n := people(s[at:])
		if n == 0 {
			at += size
			continue
		}
		end, _ := skipDescription(s, at+n)
		rest := s[min(end, len(s)):]
		sf, _ := sentenceAt(s, at)
		switch m := willLead.FindStringSubmatch(rest); {
		case thanksFor.MatchString(s[sf:at]) && forLeading.MatchString(s[at+n:]):
			add(at, at+n, text, names, forLeading.FindStringSubmatch(s[at+n:])[1], 6)
		case m != nil && (strings.Contains(text, " ") || !bareVerb.MatchString(m[0]) || strings.HasSuffix(strings.ToLower(s[sf:at]), "with ")):
			add(at, at+n, text, names, m[2], 4)
		case whoLed.MatchString(rest):
			add(at, at+n, text, names, whoLed.FindStringSubmatch(rest)[1], 9)
		}
		at += max(n, size)
	}
	return all
}

var articles = regexp.MustCompile(`^(?:(?:our|the|your|both|special|guest|guests|lovely|brilliant|wonderful|fabulous|fantastic|excellent|own|very|friend|friends|colleague|colleagues|host|hosts|librarian|committee member|member)\s+)+`)

func skipArticles(s string, at int) int { return at + len(articles.FindString(s[at:])) }

// findPeople finds who leads the chat, who helps, who led an earlier one, and who signed.
func (p *reader) findPeople() {
	var leads, helps, past []Found[credit]
	for i, b := range p.blocks {
		if p.isAsked(i) {
			continue
		}
		for _, c := range findCredits(b.source) {
			f := Found[credit]{c, b.evidence(c.from, c.to)}
			switch {
			case c.past || p.recap == p.title && p.recap >= 0 && p.date < 0 && c.rank >= 6:
				past = append(past, f)
			case c.helps:
				helps = append(helps, f)
			default:
				leads = append(leads, f)
			}
		}
	}
	if len(leads) == 0 && len(helps) > 0 {
		leads, helps = helps, nil
	}
	if f, ok := surest(leads); ok {
		p.r.Leader = Found[string]{f.Value.text, f.Evidence}
		if len(f.Value.people) > 1 {
			p.r.Leaders = f.Value.people
		}
	}
	if f, ok := surest(helps); ok {
		p.r.Facilitator = Found[string]{f.Value.text, f.Evidence}
	}
	if f, ok := surest(past); ok {
		p.r.PastLeader = Found[string]{f.Value.text, f.Evidence}
	}
	p.findAuthor()
}

// surest is the credit with the highest rank, the first of them.
func surest(all []Found[credit]) (best Found[credit], ok bool) {
	for _, f := range all {
		if !ok || f.Value.rank > best.Value.rank {
			best, ok = f, true
		}
	}
	return best, ok
}

var (
	signature  = regexp.MustCompile(`^[–—-]?\s*([\p{Lu}][\p{L}’'-]+(?:\s[\p{Lu}][\p{L}’'-]+){0,3})\s*,?\s*\(?@\w+\)?\.?$`)
	loneHandle = regexp.MustCompile(`^\(?@\w+\)?$`)
	signsOff   = regexp.MustCompile(`(?i)^(?:best wishes|kind regards|regards|all the best|many thanks|thanks|cheers|yours|warm wishes|with best wishes|best|see you (?:there|then|online|on tuesday))[,!.]?$`)
	postedBy   = regexp.MustCompile(`(?:^[Bb]y|[Pp]osted by|[Ww]ritten by|[Aa] post by|[Gg]uest post by|[Bb]log(?:ged)? by)\s+`)
)

// findAuthor reads the signature: "Rhona @rhona_leaf", or the name under "Best wishes".
func (p *reader) findAuthor() {
	for i, b := range p.blocks {
		if m := signature.FindStringSubmatch(b.source); m != nil && !b.isItem() {
			if _, n := personName(m[1]); n == len(m[1]) {
				p.r.Author = Found[string]{m[1], b.whole()}
				return
			}
		}
		if signsOff.MatchString(b.source) && i+1 < len(p.blocks) {
			if name, n := personName(p.blocks[i+1].source); n > 0 && len(p.blocks[i+1].source) < 60 {
				p.r.Author = Found[string]{name, p.blocks[i+1].whole()}
				return
			}
		}
		if isName(b.source) && i > 0 && i+1 < len(p.blocks) && loneHandle.MatchString(p.blocks[i+1].source) {
			p.r.Author = Found[string]{b.source, b.whole()}
			return
		}
		if m := postedBy.FindStringIndex(b.source); m != nil && len(b.source) < 120 {
			if text, _, n := people(b.source[m[1]:]); n > 0 {
				p.r.Author = Found[string]{text, b.evidence(m[1], m[1]+n)}
				return
			}
		}
	}
}
