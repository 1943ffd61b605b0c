package announcement

import (
	"regexp"
	"strings"
)

var (
	invites     = regexp.MustCompile(`(?i)\bjoin (?:us|in|me)\b|\bnext (?:\S+ ){0,3}chat\b|\b(?:chat|quiz|club)\b.{0,30}\b(?:will be|is|takes? place|starts|begins|returns|happens)\b|\b(?:takes?|taking) place\b|^(?:when|date|date and time|day)\s*[:–-]|\bback (?:on|at)\b|\bwe(?:’ll|'ll| will| shall)? (?:meet|turn|talk|chat|discuss|gather|be)\b|\bsave the date\b|\bscheduled\b|\bwill (?:now )?be (?:held|on)\b|\bsee you\b|\bnow (?:on|be)\b|\bnew date\b|\btonight\b|\bnext month\b`)
	deadlines   = regexp.MustCompile(`(?i)(?:\bby|\bbefore|\bdeadline\b.{0,25}|\bclos(?:es|ing|ed)\b.{0,15}|\buntil|\bno later than|\bend of|\bsubmi\w+\b.{0,30}|\bvot\w+\b.{0,25}|\bregist\w+\b.{0,25}|\brsvp\b.{0,20}|\bapply\b.{0,25}|\bbook(?:ing)?\b.{0,20}|\bsince|\bafter|\bfrom)\s+(?:the\s+|midnight\s+(?:on\s+)?|noon\s+(?:on\s+)?)?$`)
	pastTense   = regexp.MustCompile(`(?i)\b(?:was|were|took place|happened|held|had|last (?:night|week|month|year|time)|previous(?:ly)?|transcript|recap|discussed|met|ago|first ever chat|first chat|began|launched|published|issued|posted|updated|transcripts|storify)\b|’s chat on$`)
	futureTense = regexp.MustCompile(`(?i)\b(?:will|join us|next|shall|’ll|'ll|tonight|tomorrow|this (?:week|month|time)|is on|are on|moved|rescheduled|postponed|now)\b`)
	laterChat   = regexp.MustCompile(`(?i)^next\s*[:–—-]|\b(?:after that|following (?:chat|month)|future chats?|(?:our |the )?next (?:\S+ ){0,2}chat|next month|next time|then on|coming up|also (?:on|in)|dates? for (?:your|the) diar)`)
	otherEvent  = regexp.MustCompile(`(?i)\b(?:conference|workshop|study day|webinar|seminar|course|deadline|symposium|congress|meeting|agm|lecture|exhibition|event|summit|festival)\b.{0,40}$`)
	movedFrom   = regexp.MustCompile(`(?i)\b(?:from|instead of|rather than|not(?: on)?|originally(?: planned for| scheduled for| on)?|was (?:to (?:have been|be)|due|planned|scheduled)(?: to (?:be|take place))?(?: for| on)?|should have been(?: on)?|(?:planned|scheduled|due|advertised|meant) (?:for|on|at)(?: \S+(?: on)?)?|previously(?: advertised)?(?: on| as)?|clash\w* with .{0,30})\s*(?:the\s+)?$`)
	movedTo     = regexp.MustCompile(`(?i)\b(?:to|now(?: be| on| take place on)?|new date(?: is|:| will be)?|instead(?: be)?(?: on)?|later,?(?: on)?|until|rescheduled (?:for|to)|will now (?:be|take place)(?: on)?)\s*:?\s*(?:be on\s+)?(?:the\s+)?$`)
	noChat      = regexp.MustCompile(`(?i)\b(?:no|isn[’']t an?|not an?) (?:\S+ ){0,2}(?:chat|meeting)\b[^.!?]{0,20}$`)
	tba         = regexp.MustCompile(`(?i)\b(?:(?:date|day|time|when)s?\b.{0,25}\b(?:tb[ca]|to be (?:announced|confirmed|decided|arranged|fixed|agreed)|not yet|soon)|(?:tb[ca]|to be (?:announced|confirmed|decided|arranged))\b|new date .{0,30}(?:soon|shortly|later|follow)|watch this space|will be announced|\bdate (?:will )?follows?)\b`)
	putOff      = regexp.MustCompile(`(?i)(?:moved|postponed|put back|delayed|rescheduled).{0,30}until\s+(?:the\s+)?$|\bfrom\s+$`)
	calledOff   = regexp.MustCompile(`(?i)^[^.!?]{0,60}\bcancell?ed\b`)
	earlierChat = regexp.MustCompile(`(?i)\b(?:following|followed|further to|on from|as in|unlike|after|since)\b[^.!?]{0,60}\bchats?\b[^.!?]{0,15}$`)
	newDateSoon = regexp.MustCompile(`(?i)\bnew (?:date|time)\b.{0,40}\b(?:soon|shortly|later|follow\w*|tb[ca]|announced|confirmed|when we)\b`)
	sittings    = regexp.MustCompile(`(?i)\bsittings?\b|\bsessions\b|\brepeated\b|\bagain at\b|\btwice\b`)
	headsMonth  = regexp.MustCompile(`\b(` + moPattern + `)(?:[’']s)?\s+(?:(?:#\w+|[Tt]witter|[Tt]weet)\s+)*(?:[Cc]hat|[Qq]uiz|#\w+)|\b[Ii]n (` + moPattern + `)\b`)
	monthYear   = regexp.MustCompile(`\b(` + moPattern + `)\.?,?\s+(20\d{2})\b`)
	namedYear   = regexp.MustCompile(`\b(20\d{2}) (?:#\w+ )?(?:series|season|programme|chats?|quiz)\b|\b(?:chat|quiz|first #\w+ chat|last #\w+ chat) (?:of|for) (20\d{2})\b`)
)

// findDates finds every date, and which one is the chat's.
func (p *reader) findDates() {
	for i, b := range p.blocks {
		if p.isByline(b) {
			continue
		}
		for _, d := range p.datesIn(b.source) {
			d.block = i
			d.score = p.weighDate(d)
			p.dates = append(p.dates, d)
		}
	}
	best := -1
	for i, d := range p.dates {
		if d.score > 0 && (best < 0 || d.score > p.dates[best].score) {
			best = i
		}
	}
	if best < 0 {
		p.findRelative()
		return
	}
	d := p.dates[best]
	if p.awaitsDate(d) {
		p.noDate()
		return
	}
	if d.Month == 0 && !p.lendMonth(&d) {
		// The day is known, and half a date is better than none.
		p.r.Date = Found[Date]{d.Date, p.blocks[d.block].evidence(d.from, d.to)}
		p.doubt(noDate, p.r.Date.Line, "the month of "+p.r.Date.Words+" is missing")
		return
	}
	p.date = best
	if d.until.Day > 0 && moves(p.blocks[d.block].source) {
		d.Date = d.until // "moved from Tuesday 6 to Tuesday 13 October"
		p.dates[best].Date = d.until
	}
	p.r.Date = Found[Date]{d.Date, p.blocks[d.block].evidence(d.from, d.to)}
	if d.until.Day > 0 && !d.until.sameDay(d.Date) {
		p.r.Until = d.until
	}
	p.completeDate()
	p.compareDates()
}

// weighDate says how likely a date is the chat's: not at all, if 0 or less.
func (p *reader) weighDate(d dateMention) int {
	b := p.blocks[d.block]
	from, to := sentenceAt(b.source, d.from)
	s, before := b.source[from:to], b.source[from:d.from]
	score := 1
	if d.Weekday != "" {
		score += 2
	}
	if d.Month == 0 {
		score--
	}
	if len(p.clocksIn(s)) > 0 {
		score += 3
	}
	if invites.MatchString(s) {
		score += 3
	}
	if d.block == p.title {
		score++
		if strings.Contains(strings.ToLower(s), "chat") {
			score++
		}
	}
	switch {
	case deadlines.MatchString(before) && !putOff.MatchString(before):
		score -= 8
	case otherEvent.MatchString(before) && !invites.MatchString(s):
		score -= 4
	}
	if pastTense.MatchString(s) && !futureTense.MatchString(s) {
		score -= 6
	}
	if moves(b.source) || p.title >= 0 && moves(p.blocks[p.title].source) {
		if movedFrom.MatchString(before) || d.block == p.title && p.movesLater(d) {
			score -= 6
		} else if movedTo.MatchString(before) {
			score += 4
		}
	}
	if p.isAsked(d.block) || calledOff.MatchString(b.source[d.to:]) || earlierChat.MatchString(before) {
		score -= 6
	}
	if noChat.MatchString(before) { // whatever else the sentence says
		score -= 12
	}
	if p.recap >= 0 && d.block >= p.recap && !futureTense.MatchString(s) {
		score -= 4
	}
	if p.last >= 0 && d.block > p.last && laterChat.MatchString(b.source) && p.recap < 0 {
		score -= 4
	}
	return score
}

// awaitsDate tells whether a text takes a chat off its date, and will name another.
func (p *reader) awaitsDate(d dateMention) bool {
	if !p.moves() || movedTo.MatchString(p.blocks[d.block].source[:d.from]) {
		return false
	}
	for i, b := range p.blocks {
		if !p.isAsked(i) && newDateSoon.MatchString(b.source) {
			return true
		}
	}
	return false
}

// movesLater tells whether another date follows the one in the title of a text that moves a chat.
func (p *reader) movesLater(d dateMention) bool {
	for _, b := range p.blocks[d.block+1:] {
		for _, o := range p.datesIn(b.source) {
			if o.Day != d.Day {
				return true
			}
		}
	}
	return false
}

// isAsked tells whether a block is one of the questions, or of what belongs to them.
func (p *reader) isAsked(i int) bool { return p.first >= 0 && i >= p.first && i <= p.last }

// sentenceAt is the sentence around an offset. Abbreviations with a point do not end one.
func sentenceAt(s string, at int) (from, to int) {
	from, to = 0, len(s)
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '.' && s[i] != '?' && s[i] != '!' || s[i+1] != ' ' {
			continue
		}
		if s[i] == '.' && abbreviated(s[:i]) {
			continue
		}
		if i < at {
			from = i + 2
		} else {
			to = i + 1
			break
		}
	}
	return min(from, at), to
}

// abbreviated tells whether the point after s belongs to its last word: "p.m", "Dr", an initial.
func abbreviated(s string) bool {
	word := s[strings.LastIndexAny(s, " (")+1:]
	switch strings.ToLower(word) {
	case "p.m", "a.m", "dr", "prof", "mr", "mrs", "ms", "st", "e.g", "i.e", "no", "tues", "weds", "thurs", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "aug", "sept", "sep", "oct", "nov", "dec", "jan", "feb", "rev":
		return true
	}
	return len(word) == 1 && word[0] >= 'A' && word[0] <= 'Z'
}

// lendMonth takes the month for "Tuesday 18th" from another mention, or from "our August chat".
func (p *reader) lendMonth(d *dateMention) bool {
	for _, o := range p.dates {
		if o.Month > 0 && o.Day == d.Day {
			d.Month, d.Year = o.Month, o.Year
			return true
		}
	}
	for _, b := range p.blocks {
		if m := headsMonth.FindStringSubmatch(b.source); m != nil {
			d.Month = monthOf(m[1] + m[2])
			return true
		}
	}
	for _, o := range p.dates {
		if o.Month > 0 && o.block == d.block {
			d.Month, d.Year = o.Month, o.Year
			if o.from < d.from && o.Day > d.Day {
				d.Month = d.Month%12 + 1
			}
			return true
		}
	}
	if base := p.anchor(); !base.IsZero() { // the next such day
		for range 62 {
			if base.Day() == d.Day && (d.Weekday == "" || base.Weekday().String() == d.Weekday) {
				d.Month = int(base.Month())
				return true
			}
			base = base.AddDate(0, 0, 1)
		}
	}
	return false
}

// findRelative reads "tonight" and "next Tuesday", if there is no date.
func (p *reader) findRelative() {
	for i, b := range p.blocks {
		if p.isAsked(i) || p.isByline(b) {
			continue
		}
		for _, m := range relatives.FindAllStringSubmatchIndex(b.source, -1) {
			from, to := sentenceAt(b.source, m[0])
			s := b.source[from:to]
			if pastTense.MatchString(s) && !futureTense.MatchString(s) || deadlines.MatchString(b.source[from:m[0]]) {
				continue
			}
			if len(p.clocksIn(s)) == 0 && !invites.MatchString(s) && i != p.title {
				continue
			}
			p.relativeDate(b.evidence(m[0], m[1]), strings.ToLower(group(b.source, m, 1)), strings.ToLower(group(b.source, m, 2)), weekdayOf(group(b.source, m, 3)))
			return
		}
	}
	p.noDate()
}

// relativeDate counts from the day of publication.
func (p *reader) relativeDate(e Evidence, word, which, weekday string) {
	base := p.anchor()
	d := Date{Weekday: weekday}
	if base.IsZero() {
		p.r.Date = Found[Date]{d, e}
		p.doubt(noDate, e.Line, "“"+e.Words+"” can only be counted from the day on which the announcement went out")
		return
	}
	switch {
	case word == "tomorrow":
		base = base.AddDate(0, 0, 1)
	case weekday != "":
		base = base.AddDate(0, 0, 1)
		for base.Weekday().String() != weekday {
			base = base.AddDate(0, 0, 1)
		}
		if which == "next" && int(base.Sub(p.anchor()).Hours()/24) < 7 {
			// On a Friday, "next Tuesday" is four days off; on a Sunday it may be two or nine.
			p.doubt(whichWeek, e.Line, base.Format("Monday 2 January 2006"))
		}
	}
	d = Date{base.Weekday().String(), base.Day(), int(base.Month()), 0}
	p.r.Date = Found[Date]{d, e}
	p.opts.Year = base.Year()
}

// noDate says that no date was found, and keeps what little the text tells: "a Tuesday in March, date to be confirmed".
func (p *reader) noDate() {
	for i, b := range p.blocks {
		if tba.MatchString(b.source) && !p.isAsked(i) {
			m := tba.FindStringIndex(b.source)
			p.doubt(noDate, b.line(m[0]), "the text says “"+b.source[m[0]:m[1]]+"”")
			return
		}
	}
	if w := p.loneWeekday(); w != "" {
		for _, b := range p.blocks {
			if m := bareDay.FindStringIndex(b.source); m != nil {
				p.r.Date = Found[Date]{Date{Weekday: w}, b.evidence(m[0], m[1])}
				p.doubt(noDate, p.r.Date.Line, "“"+p.r.Date.Words+"” may be any")
				return
			}
		}
	}
	p.doubt(noDate, 0, "the text gives none")
}
