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
	resourceCue = regexp.MustCompile(`(?i)\bresources?\b|\brecommended\b|\bmentioned\b|\bfurther reading\b|\breading list\b|\buseful (?:links|reading)\b|\bbackground reading\b|\breferences\b|^(?:links|reading):?$|\bpre-?reading\b`)
	amounts     = regexp.MustCompile(`(?i)(\d[\d,.]*\d|\d)\s*(thousand|million|k|m)?\b\s+(impressions|tweets|messages|posts|participants|tweeters|tweeps|people|participating|replies|retweets|links)\b`)
	ofUs        = regexp.MustCompile(`(?i)\b(\d+) of us\b`)
	siteName    = regexp.MustCompile(`^[\p{Lu}][\p{L}\d’'-]*(?:\s[\p{Lu}][\p{L}\d’'-]*){0,3}`)

	recapTitle  = regexp.MustCompile(`(?i)\b(?:transcripts?|recap|summary|analytics|what we (?:said|learned|learnt))\b|\bthanks? (?:you )?(?:to|for)\b`)
	recapThanks = regexp.MustCompile(`(?i)^\W*(?:a (?:big |huge )?)?(?:many |special )?thank(?:s| you)\b.{0,80}\b(?:last (?:night|week|month)|yesterday|tuesday’s|everyone who|everybody who|all who|took part|came|joined)\b|\b(?:last night|yesterday)[’']?s chat\b|^we had a\b`)
	quizWord    = regexp.MustCompile(`(?i)\bquiz\b`)
	journalClub = regexp.MustCompile(`(?i)\bjournal[- ]club\b|#\w*(?:JC|jclub|journalclub)\b|#\w*_jc\b`)
	openChat    = regexp.MustCompile(`(?i)\bopen (?:chat|house|floor|forum|discussion|mic)\b|\bfree[- ]for[- ]all\b|\bno (?:set |fixed )?(?:agenda|theme|topic)\b|\bbring your own (?:questions|topics)\b`)
)

// findRecap finds where the text begins to tell of a chat that was held.
func (p *reader) findRecap() {
	for i, b := range p.blocks {
		if i == p.title && recapTitle.MatchString(b.source) && len(b.clocks) == 0 && !strings.Contains(strings.ToLower(b.source), "agenda") || i <= max(p.title, 0)+1 && recapThanks.MatchString(b.source) || i > 0 && recapBegins.MatchString(b.source) && (i > 2 || len(p.blocks) > 3) && b.kind == unlabelled {
			p.recap = i
			return
		}
	}
}

// findKind tells what the announcement is.
func (p *reader) findKind() {
	early := func(re *regexp.Regexp) bool { // in the title, or in what comes before the questions
		for i, b := range p.blocks {
			if p.first >= 0 && i >= p.first || p.recap > 0 && i >= p.recap && i != p.title {
				return false
			}
			if !b.isItem() && re.MatchString(b.source) {
				return true
			}
		}
		return false
	}
	title := func(re *regexp.Regexp) bool { return p.title >= 0 && re.MatchString(p.blocks[p.title].source) }
	announced := len(p.r.Questions) > 0
	k := Announcement
	switch {
	case p.recap >= 0 && p.recap <= max(p.title, 0)+1 && !announced && !p.announcesFirst():
		k = Recap
	case p.recap >= 0 && (p.recap > max(p.title, 0)+1 || p.recap == p.title || announced):
		k = AnnouncementWithRecap
	case early(slowChat):
		k = SlowChat
	case p.moves():
		k = Reschedule
	case title(journalClub):
		k = JournalClub
	case title(quizWord) || early(quizWord) && !early(journalClub):
		k = Quiz
	case early(journalClub):
		k = JournalClub
	case !announced && (p.declines() || early(openChat)):
		k = OpenChat
	}
	p.r.Kind = k
	if k == Recap || k == AnnouncementWithRecap {
		p.doubt(pastChat, p.blocks[p.recap].line(0))
	}
}

// moves tells whether the text moves a chat from one date or time to another.
func (p *reader) moves() bool {
	for i, b := range p.blocks {
		for _, m := range moved.FindAllStringIndex(b.source, 4) {
			from, to := sentenceAt(b.source, m[0])
			if said := b.source[from:to]; !p.isAsked(i) && (len(findDates(tokens(said))) > 0 || movedTime.MatchString(said)) {
				return true
			}
		}
	}
	return false
}

var movedTime = regexp.MustCompile(`(?i)\b(?:dates?|times?|weeks?|hours?|month)\b`)

// announcesFirst tells whether the first paragraph invites, and only then thanks.
func (p *reader) announcesFirst() bool {
	for i, b := range p.blocks {
		if i >= p.recap {
			return false
		}
		if i != p.title && invites.MatchString(b.source) && len(b.dates) > 0 {
			return true
		}
	}
	return false
}

// findExtras finds where chats are archived, what a recap lists, and what it counts.
func (p *reader) findExtras() {
	for i, b := range p.blocks {
		if p.isAsked(i) {
			continue
		}
		if !p.r.Archive.OK() && archiveLine.MatchString(b.source) {
			p.findArchive(b)
		}
		if p.recap >= 0 {
			p.findNumbers(b)
		}
		if b.kind == bulleted || b.kind == numbered {
			if j := p.listHead(i); j >= 0 && resourceCue.MatchString(p.blocks[j].source) && b.depth <= max(p.blocks[j+1].depth, 1) {
				p.r.Resources = append(p.r.Resources, b.text)
			}
		}
	}
}

// findArchive reads "Chats are archived on Symplur": a link if there is one, else the name.
func (p *reader) findArchive(b block) {
	for n, pattern := range []*regexp.Regexp{archivedOn, courtesyOf} {
		for _, m := range pattern.FindAllStringIndex(b.source, -1) {
			from, to := sentenceAt(b.source, m[0])
			if n == 1 && (!archiveLine.MatchString(b.source[from:to]) || forLeading.MatchString(b.source[m[1]:to])) {
				continue
			}
			note := strings.TrimSpace(b.source[from:to])
			if len(b.links) > 0 {
				p.r.Archive, p.r.ArchiveNote = Found[string]{b.links[len(b.links)-1], b.evidence(m[0], m[1])}, note
				return
			}
			name := siteName.FindString(b.source[m[1]:])
			if first, _, _ := strings.Cut(name, " "); name != "" && (!notNames[first] || first == "Symplur") {
				p.r.Archive, p.r.ArchiveNote = Found[string]{name, b.evidence(m[1], m[1]+len(name))}, note
				return
			}
		}
	}
}

// findNumbers reads what a chat that was held came to.
func (p *reader) findNumbers(b block) {
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
		name := strings.ToLower(m[3])
		switch name {
		case "tweets", "posts":
			name = "messages"
		case "tweeters", "tweeps", "people", "participating":
			name = "participants"
		}
		set(name, m[1], m[2])
	}
	if m := ofUs.FindStringSubmatch(b.source); m != nil {
		set("participants", m[1], "")
	}
}
