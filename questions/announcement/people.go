package announcement

import (
	"regexp"
	"strings"
)

const (
	doers = `hosts?|co-?hosts?|hosting|leaders?|leading|leads?|chairs?|chairing|moderators?|moderating|facilitators?|facilitating|captains?|quiz ?m(?:aster|istresse?)s?|question ?m(?:aster|istresse?)s?|curators?|` +
		`discussants?|animation|moderation|moderator(?:en|in|innen)|gastgeber(?:in)?|leitung|modera|moderan|moderador(?:a|es|as)?|animat(?:eur|rice)|modérat(?:eur|rice)s?|gastheer|gastvrouw|arweinydd|cadeirydd|anfitri[oó]n(?:a|es)?|conduce|moderatore`
	done = `led|lead|hosted|chaired|run|presented|guided|curated|convened|facilitated|moderated|introduced|animé|animée|modéré|modérée|moderad[oa]|moderiert|geleitet|gemodereerd|geleid|coordinad[oa]|arwain|cadeirio`
)

var (
	// Before the names.
	ledBy   = regexp.MustCompile(`(?i)\b(?:co-?)?(` + done + `)(?:\s+(?:for (?:us|#\w+)|this (?:week|month|time)|tonight|jointly)|\s+wird(?:\s+\S+){1,3})*\s+(?:by|from|par|por|von|door|gan|da|av|af):?\s+`)
	hostIs  = regexp.MustCompile(`(?i)(?:^|[\s(“*_🎤])(?:(?:chat|discussion|guest)\s+)?(` + doers + `|guests?|speakers?)(?:\s+(?:this|next) (?:week|month|time)|\s+tonight|\s+(?:for|on|all|through) (?:the )?(?:day|evening|night|week))?(?:\s+(?:for\s+)?(?:this|the|our|tonight’s|tonight's)\s+(?:\S+\s+){0,2}(?:chat|evening|night|quiz|session))?\s*(?:\s(?:is|are|will be|ist|sind|es|est|:)|:|=|,| –| —| -| \|)\s+(?:(?:going to|still|again|once (?:again|more)|now|be)\s+)*`)
	whoIs   = regexp.MustCompile(`(?i)^\W*(?:(who|with|by|mit|avec|con|m|mods?)\s*:|🎤)\s*`)
	ours    = regexp.MustCompile(`(?i)\b(?:your|our|tonight[’']s|this (?:week|month)[’']s|eure|unsere|nuestr[oa]s?|notre|nos|with|and|join|meet|welcom\w+|joined by|featuring)\s+(?:(?:very|own|special|lovely|brilliant|wonderful|fabulous|expert)\s+)*(guest\s+(?:experts?|speakers?|tweeters?|hosts?|chairs?)|` + doers + `|guests?)(?:\s+is|\s+are|,|:)?\s+`)
	withAt  = regexp.MustCompile(`(?i)(?:\b(` + doers + `)|\(with|[,–—-]\s+with|\bw/)\s*@`)
	byName  = regexp.MustCompile(`(?i)^\W*(?:with|gyda|mit|avec|con)\s+`)
	opening = regexp.MustCompile(`(?i)^\W*(` + doers + `)\s+`)
	over    = regexp.MustCompile(`(?i)\b(?:over to|(?:in the (?:hot seat|chair|hosting seat)|at the helm|taking the (?:chair|lead|reins))(?: for [^.!?]{1,30}?)?(?: is| will be|:)|hosting(?: duties)? (?:falls?|go(?:es)?|passes) to)\s+`)
	chatFor = regexp.MustCompile(`(?i)\b(?:chat|discussion|evening|hour|session|conversation|questions) with\s+|\b(?:talk(?:ing)?|discuss(?:ing)?|chatting|explor(?:e|ing))\b[^.!?]{0,60}\bwith\s+`)
	// After the names.
	leads  = regexp.MustCompile(`(?i)^[,\s]*(?:both\s+)?(?:and (?:I|she|he|they|we)\b\s*)?(?:who\s+)?(?:(?:will|is|are|’ll|'ll|has|have|’s|'s|wird|va a|va)\s+(?:(?:also|both|still|now|then|jointly|together|kindly|very kindly|be|bravely|generously)\s+)*)?(?:(?:agreed|offered|volunteered|going|here)\s+to\s+)?(?:be\s+)?(lead(?:s|ing)?|host(?:s|ing)?|co-?host(?:s|ing)?|chair(?:s|ing)?|guid(?:e|es|ing)|run(?:s|ning)?|present(?:s|ing)?|steer(?:s|ing)?|facilitat(?:e|es|ing)|moderat(?:e|es|ing)|moderiert|modera(?:rá|n)?|anime(?:ra)?|leidt|talk(?:s|ing)? us through|tak(?:e|es|ing) (?:us|over|the (?:chair|lead|reins|helm))|(?:in|at) the (?:chair|helm|(?:hosting|hot|driving|driver[’']s) seat)|posts? (?:one|a) question|asking (?:us|about|the questions)|(?:be )?(?:our|your) (?:guest )?(?:host|leader|chair|moderator)s?|as (?:our |your )?(?:guest )?(?:host|leader|chair)s?|the (?:host|leader)s?)\b`)
	later  = regexp.MustCompile(`(?i)^[^.!?]{0,80}?\b(?:and|who) (?:will (?:be (?:your|our|the) (?:guest )?(?:host|leader|chair|moderator)|be (?:hosting|leading|chairing|moderating)|host|lead|chair|moderate)|(?:hosts|leads|chairs|moderates))\b`)
	lastly = regexp.MustCompile(`(?i)^[,\s]*(?:who\s+)?(?:so ably\s+|ably\s+|kindly\s+|expertly\s+|brilliantly\s+)?(led|hosted|chaired|ran|moderated|facilitated)\b`)
	// Thanks are for what was done, unless they are for a promise.
	thanks     = regexp.MustCompile(`(?i)\b(?:thanks?|thank you|thankyou|grateful|applause|kudos|hats off|well done|bravo)\b`)
	forLeading = regexp.MustCompile(`(?i)^[^.!?]{0,60}?\bfor\s+(?:\w+\s+)?(leading|hosting|chairing|running|guiding|moderating|facilitating|presenting|co-?hosting)\b`)
	promises   = regexp.MustCompile(`(?i)\bfor (?:agreeing|offering|volunteering|stepping)|\bwho (?:will|is going to|has agreed)|\bnext (?:chat|month|week|time)|\bthis (?:chat|month|week|one|time)|\btonight\b`)
	earlier    = regexp.MustCompile(`(?i)\b(?:was|were)\s+(?:\w+ly\s+|so ably\s+)?$|\blast (?:night|week|month|time|year)\b|\b(?:previous|earlier|first ever) chat\b|\byesterday\b`)
	toCome     = regexp.MustCompile(`(?i)\b(?:will|’ll|next|tonight|this (?:week|month))\b`)
	helpVerb   = regexp.MustCompile(`(?i)^(?:facilitat|moderating)`)
	jobWords   = regexp.MustCompile(`(?i)^(?:librarian|manager|head|lead|officer|director|lecturer|nurse|specialist|consultant|editor|chair|coordinator|co-ordinator|student|knowledge|information|services?|clinical|senior|library|libraries|trust|nhs|university|hospital|deputy|assistant|outreach|founder|author|president|associate|postdoc|researcher|fellow|reader|trainer|developer|academic|medical|health|public|evidence|physio\w*|occupational|therapist|doctor|registrar|royal|national|college|team|service|subject|systematic|professor of|chief|principal)\b`)

	honorific = words("Dr Dr. Prof Prof. Professor Mr Mr. Mrs Mrs. Ms Ms. Miss Mx Mx. Sir Dame Rev Rev. Lady Lord")
	particles = words("de van der den von la le al el bin ibn ap ab del della da di dos du ter ten zu af av ní nic mac ó y e st")
	notNames  = words("With From By Led Hosted Chaired Facilitated Moderated Presented Introduced Curated Convened Run Animé Moderiert Organised Organized I My No Not When After Before Until Then Now Just Also Or An Each Once Some Many Our Topic Guest Leading Hosting Both Colleagues Anyone Nobody Somebody We Join The This Your You It On In At For And If Please Use Q A Chats Chat Twitter Slack Matrix Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March July September October November December Date Time Where Who What Hashtag Host Hosts Leader Questions Question They He She Come Bring See Thanks There As But So All Every Everyone Next Last Follow Tweet Tag To How Why Which Do Does Is Are Have Can Here Read Sign Welcome Hello Hi Dear Symplur UK US Festive Christmas Moderation Fragen Die Der Das Wir Ihr El Los Las Les Nous Vous TBC TBA")
	// alsoWords are names that begin a sentence as often: they need a surname.
	alsoWords  = words("Will Mark May April June August Fancy Work Box")
	employer   = regexp.MustCompile(`\p{Lu}\S+ (?:of|at)(?: the)? $`)
	withHandle = regexp.MustCompile(`^(?i:\W*with) $`)
	bareVerb   = regexp.MustCompile(`(?i)^\s*(?:lead|host|chair|run|guide|present|steer)(?:ing)?\b`)
	nickname   = regexp.MustCompile(`^[a-z][a-z0-9]*[_.]?[a-z0-9_]*[0-9_][a-z0-9_]*`)
)

var (
	leadsSelf  = regexp.MustCompile(`\bI(?:[’']m| am|[’']ll be| will be| shall be) (?:leading|hosting|chairing|moderating|facilitating)\b|\bI(?:[’']ll| will| shall) (?:lead|host|chair|moderate)\b`)
	iAm        = regexp.MustCompile(`\bI(?:[’']m| am) (\p{Lu}[\p{L}’'-]+(?: \p{Lu}[\p{L}’'-]+)+)`)
	signature  = regexp.MustCompile(`^[–—-]?\s*([\p{Lu}][\p{L}’'-]+(?:\s[\p{Lu}][\p{L}’'-]+){0,3})\s*,?\s*\(?@\w+\)?\.?$`)
	loneHandle = regexp.MustCompile(`^\(?@\w+\)?$`)
	// What speaks of a leader, whether or not a name was understood.
	anyCredit = regexp.MustCompile(`(?i)\b(?:` + done + `) (?:by|par|por|von|door|gan)\b|^\W*(?:` + doers + `)\s*[:=|]|\b(?:your|our|eure|tonight[’']s) (?:guest )?(?:hosts?|leaders?|moderators?|captains?|quiz ?masters?) |\bchat captain\b`)
	noLeader  = regexp.MustCompile(`(?i)\b(?:wanted|needed|tb[ca]|t\.b\.[ca]|to be (?:announced|confirmed)|volunteers?|committee|team|us|ourselves|become|could you|would you|want to|like to|how to)\b`)
)

// findPeople finds who leads the chat, who helps, who led an earlier one, and who signed.
func (p *reader) findPeople() {
	var lead, helps, past []Found[credit]
	for i, b := range p.blocks {
		if p.isAsked(i) {
			continue
		}
		for _, c := range credits(b.source) {
			if name, ok := strings.CutPrefix(c.text, "@"); ok && strings.EqualFold(strings.Trim(name, "_"), strings.TrimPrefix(p.r.Hashtag.Value, "#")) {
				continue // the account that is named like the hashtag
			}
			f := Found[credit]{c, b.evidence(c.from, c.to)}
			switch {
			case c.past || p.recap == p.title && p.recap >= 0 && p.chosen < 0 && c.rank >= 6:
				past = append(past, f)
			case c.helps:
				helps = append(helps, f)
			default:
				lead = append(lead, f)
			}
		}
	}
	p.findAuthor()
	if len(lead) == 0 && len(helps) > 0 {
		lead, helps = helps, nil
	}
	if f, ok := surest(lead); ok {
		p.r.Leader = Found[string]{f.Value.text, f.Evidence}
		if len(f.Value.people) > 1 {
			p.r.Leaders = f.Value.people
		}
		for _, o := range lead {
			if o.Value.rank >= 3 && !strings.Contains(f.Value.text, o.Value.people[0]) && !strings.Contains(o.Value.text, f.Value.people[0]) && !p.has(SeveralChats) {
				p.doubt(severalLeaders, o.Line, f.Value.text, o.Value.text)
			}
		}
	}
	for _, c := range p.r.Chats { // of several chats, the one whose date was read
		if !p.r.Leader.OK() && c.Leader != "" && c.Date.Value.agrees(p.r.Date.Value) {
			p.r.Leader = Found[string]{c.Leader, c.Date.Evidence}
		}
	}
	if f, ok := surest(helps); ok {
		p.r.Facilitator = Found[string]{f.Value.text, f.Evidence}
	}
	if f, ok := surest(past); ok {
		p.r.PastLeader = Found[string]{f.Value.text, f.Evidence}
	}
	if !p.r.Leader.OK() {
		p.leaderless()
	}
}

// leaderless looks for "I'll be hosting", and doubts every credit whose name was not understood.
func (p *reader) leaderless() {
	for i, b := range p.blocks {
		m := leadsSelf.FindStringIndex(b.source)
		if p.isAsked(i) || m == nil {
			continue
		}
		switch me := iAm.FindStringSubmatchIndex(b.source); {
		case me != nil:
			p.r.Leader = Found[string]{b.source[me[2]:me[3]], b.evidence(me[2], me[3])}
		case p.r.Author.OK():
			p.r.Leader = p.r.Author
		default:
			p.doubt(leaderUnread, b.line(m[0]), "“"+strings.TrimSpace(b.source[m[0]:m[1]])+"”")
		}
		return
	}
	for i, b := range p.blocks {
		if p.isAsked(i) || p.recap >= 0 && i >= p.recap {
			continue
		}
		for _, m := range anyCredit.FindAllStringIndex(b.source, 4) {
			from, to := sentenceAt(b.source, m[0])
			said := b.source[from:to]
			if noLeader.MatchString(said) || thanks.MatchString(said) || p.r.PastLeader.OK() && p.r.PastLeader.Line == b.line(m[0]) {
				continue
			}
			p.doubt(leaderUnread, b.line(m[0]), "“"+excerpt(said)+"”")
			return
		}
	}
}

// findAuthor reads the signature: "Rhona @rhona_leaf", or the name under "Best wishes".
func (p *reader) findAuthor() {
	for i, b := range p.blocks {
		if m := signature.FindStringSubmatch(b.source); m != nil && !b.isItem() && isName(m[1]) {
			p.r.Author = Found[string]{m[1], b.whole()}
			return
		}
		if signOff.MatchString(b.source) && i+1 < len(p.blocks) {
			if name, n := personName(p.blocks[i+1].source); n > 0 && len(p.blocks[i+1].source) < 60 {
				p.r.Author = Found[string]{name, p.blocks[i+1].whole()}
				for _, o := range p.blocks[i+2 : min(i+4, len(p.blocks))] { // "Jan", and below it "Jan Pilkington"
					if full, n := personName(o.source); n > 0 && strings.HasPrefix(full, name+" ") {
						p.r.Author = Found[string]{full, o.whole()}
						break
					}
				}
				return
			}
		}
		if isName(b.source) && i > 0 && i+1 < len(p.blocks) && loneHandle.MatchString(p.blocks[i+1].source) {
			p.r.Author = Found[string]{b.source, b.whole()}
			return
		}
	}
	for i, l := range p.lines {
		if m := byline.FindString(l.text); p.roles[i] == rolePosted && m != "" {
			if at := strings.IndexByte(l.text, ' '); at > 0 {
				if text, _, n := people(l.text[strings.LastIndex(l.text[:max(strings.Index(l.text, "y ")+2, at+1)], " ")+1:]); n > 0 {
					p.r.Author = Found[string]{text, Evidence{l.n, l.text}}
					return
				}
			}
		}
	}
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

// isName tells whether a line is nothing but somebody's name.
func isName(s string) bool {
	_, n := personName(s)
	return n > 0 && n == len(s)
}
