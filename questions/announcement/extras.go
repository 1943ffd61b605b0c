package announcement

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	archivedOn  = regexp.MustCompile(`(?i)\b(?:(?:archived|transcripts? (?:is|are|will be)(?: (?:kept|posted|available|put|stored|made available))?|transcripts? (?:live|kept)|stored|kept|saved|collected)\s+(?:(?:shortly )?afterwards\s+)?(?:on|at|by|in|with|via|to|as a)\s+|(?:archives?|transcripts?):\s*)(?:the\s+|a\s+)?`)
	courtesyOf  = regexp.MustCompile(`(?i)\b(?:courtesy of|thanks to|with thanks to|via|from)\s+`)
	archiveLine = regexp.MustCompile(`(?i)\btranscripts?\b|\banalytics\b|\barchived?\b`)
	urlPat      = regexp.MustCompile(`https?://[^\s<>()"“”]+[^\s<>()"“”.,;:!?’']`)
	resourceCue = regexp.MustCompile(`(?i)\bresources?\b|\brecommended\b|\bmentioned\b|\bfurther reading\b|\breading list\b|\buseful (?:links|reading)\b|\bbackground reading\b|\breferences\b|^(?:links|reading):?$|\bpre-?reading\b`)
	amounts     = regexp.MustCompile(`(?i)(\d[\d,.]*\d|\d)\s*(thousand|million|k|m)?\b\s+(impressions|tweets|messages|posts|participants|tweeters|tweeps|people|participating|replies|retweets|links)\b`)
	ofUs        = regexp.MustCompile(`(?i)\b(\d+) of us\b`)
)

// findExtras finds where chats are archived, what a recap lists, and what it counts.
func (p *reader) findExtras() {
	for i, b := range p.blocks {
		if p.isAsked(i) {
			continue
		}
		if !p.r.Archive.OK() && archiveLine.MatchString(b.source) {
			p.findArchive(b)
		}
		p.findNumbers(b)
		if b.kind == bulleted || b.kind == numbered {
			if j := p.listHead(i); j >= 0 && resourceCue.MatchString(p.blocks[j].source) && p.blocks[i].depth <= max(p.blocks[j+1].depth, 1) {
				p.r.Resources = append(p.r.Resources, b.text)
			}
		}
	}
}

// listHead is the paragraph over the list that block i is in, or -1.
func (p *reader) listHead(i int) int {
	for j := i - 1; j >= 0; j-- {
		if !p.blocks[j].isItem() {
			return j
		}
	}
	return -1
}

// findArchive reads "Chats are archived on Symplur": a link if there is one, else the name.
func (p *reader) findArchive(b block) {
	var m []int
	for _, c := range archivedOn.FindAllStringIndex(b.source, -1) {
		if _, n := placeName(b.source[c[1]:]); n > 0 || linkedAt(b, c[0]) {
			m = c
			break
		}
	}
	if m == nil {
		for _, c := range courtesyOf.FindAllStringIndex(b.source, -1) {
			from, to := sentenceAt(b.source, c[0])
			if !archiveLine.MatchString(b.source[from:to]) || forLeading.MatchString(b.source[c[1]:to]) {
				continue
			}
			if _, n := placeName(b.source[c[1]:]); n > 0 {
				m = c
				break
			}
		}
	}
	if m == nil {
		return
	}
	from, to := sentenceAt(b.source, m[0])
	note := strings.TrimSpace(b.source[from:to])
	for _, k := range b.links {
		if k.from >= m[0] && k.from < to {
			p.r.Archive, p.r.ArchiveNote = Found[string]{k.url, b.evidence(k.from, k.to)}, note
			return
		}
	}
	if u := urlPat.FindStringIndex(b.source[m[1]:]); u != nil && m[1]+u[0] < to+200 {
		p.r.Archive, p.r.ArchiveNote = Found[string]{b.source[m[1]+u[0] : m[1]+u[1]], b.evidence(m[1]+u[0], m[1]+u[1])}, note
		return
	}
	if name, n := placeName(b.source[m[1]:]); n > 0 {
		p.r.Archive, p.r.ArchiveNote = Found[string]{name, b.evidence(m[1], m[1]+n)}, note
	}
}

// linkedAt tells whether a link or an address follows in the sentence.
func linkedAt(b block, at int) bool {
	_, to := sentenceAt(b.source, at)
	for _, k := range b.links {
		if k.from >= at && k.from < to {
			return true
		}
	}
	return urlPat.MatchString(b.source[at:])
}

var place = regexp.MustCompile(`^[\p{Lu}][\p{L}\d’'-]*(?:\s[\p{Lu}][\p{L}\d’'-]*){0,3}`)

// placeName reads the name of a site from the head of a text.
func placeName(s string) (string, int) {
	name := place.FindString(s)
	if first, _, _ := strings.Cut(name, " "); notNames[first] && first != "Symplur" {
		return "", 0
	}
	return name, len(name)
}

// findNumbers reads what a chat that was held came to.
func (p *reader) findNumbers(b block) {
	if p.recap < 0 {
		return
	}
	set := func(name, digits, unit string) {
		v, err := strconv.ParseFloat(strings.ReplaceAll(digits, ",", ""), 64)
		if err != nil || v > 1e12 {
			return
		}
		switch strings.ToLower(unit) {
		case "thousand", "k":
			v *= 1e3
		case "million", "m":
			v *= 1e6
		}
		if p.r.Numbers == nil {
			p.r.Numbers = map[string]int{}
		}
		if _, ok := p.r.Numbers[name]; !ok {
			p.r.Numbers[name] = int(v + 0.5)
		}
	}
	for _, m := range amounts.FindAllStringSubmatch(b.source, -1) {
		switch strings.ToLower(m[3]) {
		case "impressions":
			set("impressions", m[1], m[2])
		case "tweets", "messages", "posts":
			set("messages", m[1], m[2])
		case "participants", "tweeters", "tweeps", "people", "participating":
			set("participants", m[1], m[2])
		default:
			set(strings.ToLower(m[3]), m[1], m[2])
		}
	}
	if m := ofUs.FindStringSubmatch(b.source); m != nil {
		set("participants", m[1], "")
	}
}

var (
	quizWord    = regexp.MustCompile(`(?i)\bquiz\b`)
	journalClub = regexp.MustCompile(`(?i)\bjournal[- ]club\b|#\w*(?:JC|jclub|journalclub)\b|#\w*_jc\b`)
	openChat    = regexp.MustCompile(`(?i)\bopen (?:chat|house|floor|forum|discussion|mic)\b|\bfree[- ]for[- ]all\b|\bno (?:set |fixed )?(?:agenda|theme|topic)\b|\bbring your own (?:questions|topics)\b`)
)

// findKind tells what the announcement is.
func (p *reader) findKind() {
	early := func(re *regexp.Regexp) bool { // in the title, or in what comes before the questions
		for i, b := range p.blocks {
			if p.first >= 0 && i >= p.first || p.recap >= 0 && i >= p.recap && i != p.title && p.recap > 0 {
				return false
			}
			if !b.isItem() && re.MatchString(b.source) {
				return true
			}
		}
		return false
	}
	announced := len(p.r.Questions) > 0
	k := Announcement
	switch {
	case p.recap >= 0 && p.recap <= max(p.title, 0)+1 && !announced && !p.announcesFirst():
		k = Recap
	case p.recap >= 0 && (p.recap > max(p.title, 0)+1 || p.recap == p.title):
		k = AnnouncementWithRecap
	case p.moves():
		k = Reschedule
	case p.titleSays(journalClub):
		k = JournalClub
	case p.titleSays(quizWord) || early(quizWord) && !journalClub.MatchString(p.words()):
		k = Quiz
	case early(journalClub):
		k = JournalClub
	case early(slowChat):
		k = SlowChat
	case !announced && (p.declines() || early(openChat)):
		k = OpenChat
	}
	p.r.Kind = k
	if k == Recap || k == AnnouncementWithRecap {
		p.doubt(pastChat, p.blocks[p.recap].line(0))
	}
}

// announcesFirst tells whether the first paragraph invites, and only then thanks.
func (p *reader) announcesFirst() bool {
	for i, b := range p.blocks {
		if i == p.title && p.recap != i {
			continue
		}
		if i >= p.recap {
			return false
		}
		if invites.MatchString(b.source) && len(p.datesIn(b.source)) > 0 {
			return true
		}
	}
	return false
}

func (p *reader) titleSays(re *regexp.Regexp) bool {
	return p.title >= 0 && re.MatchString(p.blocks[p.title].source)
}

func (p *reader) words() string {
	var all []string
	for i, b := range p.blocks {
		if !p.isAsked(i) {
			all = append(all, b.source)
		}
	}
	return strings.Join(all, "\n")
}
