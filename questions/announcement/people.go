package announcement

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
	ledBy      = regexp.MustCompile(`(?i)\b(?:co-?)?(led|lead|hosted|chaired|run|presented|guided|curated|convened|facilitated|moderated|introduced)(?:\s+(?:for (?:us|#\w+)|this (?:week|month|time)|tonight|jointly))*\s+(?:by|from):?\s+`)
	hostIs     = regexp.MustCompile(`(?i)\b(?:(?:your|our|the|this month’s|this month's|this week’s|this week's|tonight’s|tonight's|guest|co-?|chat|discussion)\s+)*(hosts?|co-?hosts?|leaders?|leads?|leading|hosting|chairing|facilitating|moderating|guests?|discussion leaders?|chairs?|moderators?|facilitators?|(?:quiz|question) ?m(?:aster|istresse?)s?)(?:\s+(?:this|next) (?:week|month|time)|\s+tonight|\s+(?:all|(?:for|on|through) the) (?:day|evening|night|week))?(?:\s+(?:for\s+)?(?:this|the|our|tonight’s|tonight's)\s+(?:\S+\s+){0,2}(?:chat|evening|night|quiz|session))?\s*(?:is|are|will be|:|=|,|–|—|-)\s+(?:(?:going to|still|again|once (?:again|more)|now|be)\s+)*`)
	whoField   = regexp.MustCompile(`(?i)^(?:\W*)(?:(who|with|speaker|guest)\s*:|🎤)\s*`)
	leaderLine = regexp.MustCompile(`(?i)^(?:\W*)(host|leader|chair|moderator|facilitator)s?\s+`)
	guest      = regexp.MustCompile(`(?i)\b(?:with|welcom\w+|joined by|featuring|from)\s+(?:our |a |the )?(?:very )?(?:own |special |lovely |brilliant |wonderful |fabulous |expert )*(?:guest|guests)(?:[\s-]?(?:host|hosts|leader|leaders|chair|tweeter|speaker|expert|moderator)s?)?,?\s*(?:is|will be|:)?\s+`)
	guestHost  = regexp.MustCompile(`(?i)\b(?:our |this month’s |this month's |this week’s |this week's )?guest(?:s|[\s-](?:host|leader|chair|moderator)s?)\s*(?:this (?:week|month|time)\s*)?(?:,|is|are|will be|:)?\s+`)
	over       = regexp.MustCompile(`(?i)\b(?:over to|in the (?:hot seat|chair|hosting seat)(?: for [^.!?]{1,30}?)?(?: is| will be|:)|at the helm(?: for [^.!?]{1,30}?)?(?: is| will be|:)|taking the (?:chair|lead|reins)(?: is| will be|:)|(?:hosting|leading|chairing)(?: duties)? (?:falls?|go(?:es)?|passes) to|(?:chat|discussion|evening|hour|session|conversation) with|help(?:ing)? (?:us )?from|welcome)\s+`)
	ourHost    = regexp.MustCompile(`(?i)\b(?:your|our|tonight[’']s|this (?:week|month)[’']s)\s+(?:guest\s+|lovely\s+)?(hosts?|co-?hosts?|leaders?|chairs?|moderators?|facilitators?|(?:quiz|question) ?m(?:aster|istresse?)s?),?\s+`)
	talkWith   = regexp.MustCompile(`(?i)\b(?:talk(?:ing)?|discuss(?:ing)?|chatting|explor(?:e|ing))\b[^.!?]{0,60}\bwith\s+`)
	// After the names.
	willLead = regexp.MustCompile(`(?i)^[,\s]*(?:both\s+)?(?:and (?:I|she|he|they|we)\b\s*)?(?:who\s+)?(?:(?:will|is|are|’ll|'ll|has|have|’s|'s)\s+(?:also\s+|both\s+|still\s+|now\s+|then\s+|jointly\s+|together\s+|kindly\s+|very kindly\s+|be\s+|bravely\s+|generously\s+)*)?(?:(agreed|offered|volunteered|going|here)\s+to\s+)?(?:be\s+)?(lead(?:s|ing)?|host(?:s|ing)?|co-?host(?:s|ing)?|chair(?:s|ing)?|guid(?:e|es|ing)|run(?:s|ning)?|present(?:s|ing)?|steer(?:s|ing)?|facilitat(?:e|es|ing)|moderat(?:e|es|ing)|tak(?:e|es|ing) (?:us|over|the (?:chair|lead|reins|helm))|(?:in|at) the (?:chair|helm|(?:hosting|hot|driving|driver[’']s) seat)|posts? (?:one|a) question|asking (?:us|about|the questions)|(?:be )?our (?:guest )?(?:host|leader|chair)s?|as (?:our |your )?(?:guest )?(?:host|leader|chair)s?|the (?:host|leader)s?)\b`)
	// Thanks are for what was done, unless they are for a promise.
	thanksFor  = regexp.MustCompile(`(?i)\b(?:thanks?|thank you|thankyou|grateful|applause|kudos|hats off|well done|bravo)\b`)
	forLeading = regexp.MustCompile(`(?i)^[^.!?]{0,60}?\bfor\s+(?:\w+\s+)?(leading|hosting|chairing|running|guiding|moderating|facilitating|presenting|co-?hosting)\b`)
	whoLed     = regexp.MustCompile(`(?i)^[,\s]*(?:who\s+)?(?:so ably\s+|ably\s+|kindly\s+|expertly\s+|brilliantly\s+)?(led|hosted|chaired|ran|moderated|facilitated)\b`)
	promises   = regexp.MustCompile(`(?i)\bfor (?:agreeing|offering|volunteering|stepping)|\bwho (?:will|is going to|has agreed)|\bnext (?:chat|month|week|time)|\bthis (?:chat|month|week|one|time)|\btonight\b`)
	pastChatBy = regexp.MustCompile(`(?i)\b(?:was|were)\s+(?:\w+ly\s+|so ably\s+)?$|\blast (?:night|week|month|time|year)\b|\b(?:previous|earlier|first ever) chat\b|\byesterday\b`)
	helpVerb   = regexp.MustCompile(`(?i)^(?:facilitat|moderat)`)

	honorific = set("Dr", "Dr.", "Prof", "Prof.", "Professor", "Mr", "Mr.", "Mrs", "Mrs.", "Ms", "Ms.", "Miss", "Mx", "Mx.", "Sir", "Dame", "Rev", "Rev.", "Lady", "Lord")
	particles = set("de", "van", "der", "den", "von", "la", "le", "al", "el", "bin", "ibn", "ap", "ab", "del", "della", "da", "di", "dos", "du", "ter", "ten", "zu", "af", "av", "ní", "nic", "mac", "ó", "y", "e", "st")
	notNames  = set("With", "From", "By", "Led", "Hosted", "Chaired", "I", "My", "No", "Not", "When", "After", "Before", "Until", "Then", "Now", "Just", "Also", "Or", "An", "Each", "Once", "Some", "Many", "Our", "Topic", "Guest", "Leading", "Hosting", "Both", "Colleagues", "Anyone", "Nobody", "Somebody", "We", "Join", "The", "This", "Our", "Your", "You", "It", "On", "In", "At", "For", "And", "If", "Please", "Use", "Q", "A", "Chats", "Chat", "Twitter", "Slack", "Matrix", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
		"January", "February", "March", "July", "September", "October", "November", "December", "Date", "Time", "When", "Where", "Who", "What", "Hashtag", "Host", "Hosts", "Leader", "Topic", "Questions", "Question", "They", "He", "She", "Come", "Bring", "See", "Thanks", "There", "As", "But", "So", "All", "Every", "Everyone", "Next", "Last", "Follow", "Tweet", "Tag", "To", "How", "Why", "Which", "Do", "Does", "Is", "Are", "Have", "Can", "Here", "Read", "Sign", "Welcome", "Hello", "Hi", "Dear", "Symplur", "UK", "US", "Festive", "Christmas")
	// alsoWords are names that begin a sentence as often: they need a surname.
	alsoWords = set("Will", "Mark", "May", "April", "June", "August", "Fancy")
	jobWords  = regexp.MustCompile(`(?i)^(?:librarian|manager|head|lead|officer|director|lecturer|nurse|specialist|consultant|editor|chair|coordinator|co-ordinator|student|knowledge|information|services?|clinical|senior|library|libraries|trust|nhs|university|hospital|deputy|assistant|outreach|founder|author|president|associate|postdoc|researcher|fellow|reader|trainer|developer|academic|medical|health|public|evidence|physio\w*|occupational|therapist|doctor|registrar|royal|national|college|team|service|subject|systematic|professor of|chief|principal)\b`)
)

var (
	employer   = regexp.MustCompile(`\p{Lu}\S+ (?:of|at)(?: the)? $`)
	withHandle = regexp.MustCompile(`^(?i:\W*with) $`)
)

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
	}{{ledBy, 5}, {whoField, 4}, {leaderLine, 4}, {hostIs, 4}, {guest, 3}, {guestHost, 3}, {ourHost, 3}, {over, 2}, {talkWith, 1}} {
		for _, m := range re.cue.FindAllStringSubmatchIndex(s, maxMentions) {
			at := skipArticles(s, m[1])
			if text, names, n := people(s[at:]); n > 0 && (re.rank > 1 || strings.Contains(names[0], " ") && !jobWords.MatchString(text)) {
				add(at, at+n, text, names, group(s, m, 1), re.rank)
			}
		}
	}
	for at, tries := 0, 0; at < len(s) && tries < 10*maxMentions; {
		r, size := utf8.DecodeRuneInString(s[at:])
		if at > 0 && !strings.ContainsRune(" (“\"", rune(s[at-1])) && s[at-1] < 0x80 || !unicode.IsUpper(r) && r != '@' {
			at += size
			continue
		}
		tries++
		text, names, n := people(s[at:])
		if n == 0 {
			at += size
			continue
		}
		end, _ := skipDescription(s, at+n)
		rest := s[min(end, len(s)):]
		sf, _ := sentenceAt(s, at)
		switch m := willLead.FindStringSubmatch(rest); {
		case s[at] == '@' && withHandle.MatchString(s[:at]):
			add(at, at+n, text, names, "", 3)
		case employer.MatchString(s[sf:at]): // "Ann Lee of Moor Lane leads"
		case thanksFor.MatchString(s[sf:at]) && forLeading.MatchString(s[at+n:]):
			add(at, at+n, text, names, forLeading.FindStringSubmatch(s[at+n:])[1], 6)
		case m != nil && (strings.Contains(text, " ") || !bareVerb.MatchString(m[0]) || strings.HasSuffix(strings.ToLower(s[sf:at]), "with ")):
			if len(names) == 2 && strings.Contains(text, ", ") && !strings.Contains(text, " and ") {
				at = at + strings.LastIndex(s[at:at+n], names[1]) // "after Ann Lee, Ben Ray takes over"
				text, names, n = names[1], names[1:], len(names[1])
			}
			add(at, at+n, text, names, m[2], 4)
		case whoLed.MatchString(rest) && !strings.HasPrefix(whoLed.ReplaceAllString(rest, ""), " by"):
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
			if p.ownAccount(c.text) {
				continue
			}
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
	for _, c := range p.r.Chats { // of several chats, the one whose date was read
		if !p.r.Leader.OK() && c.Leader != "" && c.Date.Value.sameDay(p.r.Date.Value) {
			p.r.Leader = Found[string]{c.Leader, c.Date.Evidence}
		}
	}
	if f, ok := surest(helps); ok {
		p.r.Facilitator = Found[string]{f.Value.text, f.Evidence}
	}
	if f, ok := surest(past); ok {
		p.r.PastLeader = Found[string]{f.Value.text, f.Evidence}
	}
	p.findAuthor()
	if !p.r.Leader.OK() && p.r.Author.OK() && leadsSelf.MatchString(p.words()) {
		p.r.Leader = p.r.Author
	}
}

// ownAccount tells whether a credit is no more than the account that is named like the chat's hashtag.
func (p *reader) ownAccount(credit string) bool {
	name, ok := strings.CutPrefix(credit, "@")
	return ok && strings.EqualFold(strings.Trim(name, "_"), strings.TrimPrefix(p.r.Hashtag.Value, "#"))
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
