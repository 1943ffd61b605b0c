package announcement

import (
	"regexp"
	"strings"
)

var (
	dateField = regexp.MustCompile(`(?i)^\W*(?:when|date(?: (?:and|&|/) time)?|day|save the date|wann|datum|termin|quand|le|fecha(?: y hora)?|cuándo|quando|data|pryd|dyddiad|wanneer|🗓|📅)\s*[:|=–-]`)
	timeField = regexp.MustCompile(`(?i)^\W*(?:when|(?:start )?times?|date (?:and|&|/) time|hour|wann|zeit|uhrzeit|heure|hora(?:rio)?|ora|amser|tijd|begin|beginn|start|🕗|⏰)\s*[:|=–-]`)
	invites   = regexp.MustCompile(`(?i)\b(?:chats?|tweetchat|join|meet(?:ing|s)?|discuss\w*|session|held|tak(?:es?|ing) place|starts?|begins?|see you|live|online|tonight|host(?:ed|s|ing)?|led by|quiz|club|come along|is back|invited|treffen|los|rendez-vous|vemos|tertulia|sgwrs|plausch|hour|runs?|goes|on\b)|#\pL`)
	strongly  = regexp.MustCompile(`(?i)\b(?:chat (?:starts|begins|will (?:start|begin|run)|runs|is)|starts? at|begins? at|start time|kick(?:s|ing)?[- ]off|question (?:a|each|every) (?:day|morning)|questions? posted|posted at|live chat|join us|takes? place|will be held|log on|we meet|meets)\b`)
	before    = regexp.MustCompile(`(?i)\b(?:was|were|took place|happened|last (?:night|week|month|year|time|chat)|since|ago|yesterday|previous(?:ly)?|following .{0,20}chat|looked back|founded|first (?:ever )?chat (?:was|took)|thanks to (?:everyone|everybody|all)|we (?:had|held|talked|started)|transcript|archive of|PDF|summary of|revised|copyright)\b`)
	notChat   = regexp.MustCompile(`(?i)\b(?:deadline|rsvp|due|submit|submissions?|apply|applications?|closes?|closing date|comment period|free (?:to read )?until|available until|register by|sign up by|vote|voting|survey|wanted|hosts? needed|volunteers?|strike|no chat|agm|conference|celebrat\w+|birthday|warning letters?|published|doi|clocks?|next month|next time|would move|changes?\b.{0,20}clocks|call for|get in touch by|questions? (?:to|by)|sales end)\b`)
	afterNext = regexp.MustCompile(`(?i)\bnext (?:chat|time|one|month|week|meeting)\b[^.!?]{0,20}$`)
	aside     = regexp.MustCompile(`(?i)\b(?:postponed|rescheduled|cancelled)(?: (?:the|our|chat|of|on|for|tuesday’s))* $`)
	goneWord  = regexp.MustCompile(`(?i)\b(?:by|until|till|before|since|after|following|from)(?: the)? $`)
	moved     = regexp.MustCompile(`(?i)\b(?:rescheduled|re-scheduled|rescheduling|re-?arranged|postponed|change of date|date change|new date|new time|moved (?:from|back|forward|to (?:the |a |next |\d|\pL+day\b))|(?:has|have|been|is) moved|moving (?:from|to)|put back|brought forward|will now (?:take|be)|later than usual|earlier than usual|verschoben|aplazad[oa]|reporté)\b`)
	endsAt    = regexp.MustCompile(`(?i)\b(?:finish(?:es|ing)?|ends?|ending|close|until|till|to|over by|wrap(?:s|ping)? up|endet)(?: (?:it|the chat|at|by|around|about))* $`)
	oldTime   = regexp.MustCompile(`(?i)\b(?:instead of|not|usually|than usual|our usual|normally|no longer|rather than|instead of[^.!?]{0,40}|from (?:our )?usual|be anywhere at|used to be)(?: \w+){0,2} (?:at )?$`)
)

// chooseSchedule chooses date, clock and zone as they stand together.
func (p *reader) chooseSchedule() {
	for i := range p.blocks {
		b := &p.blocks[i]
		for k := range b.dates {
			m := b.dates[k]
			if m.until.Day > 0 && moved.MatchString(b.source) { // "from Tuesday 6 to Tuesday 13 October" is no range here
				next := m
				next.Date, next.until, m.until = m.until, Date{}, Date{}
				next.score, next.why = p.scoreDate(i, next)
				next.from++
				p.dates = append(p.dates, m, next)
				continue
			}
			p.anchor(&m)
			m.score, m.why = p.scoreDate(i, m)
			p.dates = append(p.dates, m)
		}
	}
	p.afterMoving()
	best := -1
	for i := range p.dates {
		if best < 0 || p.groupScore(i) > p.groupScore(best) {
			best = i
		}
	}
	if best >= 0 && p.dates[best].score < 1 {
		m := p.dates[best]
		if m.why != "the day of publication" || p.blocks[m.block].role == rolePosted {
			best = -1
		} else {
			p.dates[best].why = ""
			p.doubt(dateUnsure, p.blocks[m.block].line(m.from), p.blocks[m.block].source[m.from:m.to])
		}
	}
	if best >= 0 && !p.dates[best].full() {
		for i, m := range p.dates { // a weekday alone, where the whole date stands elsewhere
			if m.full() && m.score > 0 && m.agrees(p.dates[best].Date) {
				best = i
				break
			}
		}
	}
	p.chosen = best
	for _, m := range p.dates {
		if p.r.Published.IsZero() && m.why == "the day of publication" && m.Year > 0 && m.full() {
			p.posted = m.time(m.Year)
			p.r.Published = p.posted
		}
	}
	if best >= 0 {
		p.mergeDate(best)
		if m := p.dates[best]; m.relative == "next" && m.days > 0 && m.days < 7 && m.full() {
			p.doubt(whichWeek, p.r.Date.Line, dayName(m.Date))
		}
	}
	p.chooseClock()
	if best >= 0 && p.r.Date.Value.full() {
		p.rivals()
	}
}

// anchor counts "tonight" and "next Tuesday" from the day of publication, if it is known.
func (p *reader) anchor(m *dateMention) {
	day := p.r.Published
	if day.IsZero() || m.Day > 0 && m.Month > 0 {
		return
	}
	switch {
	case m.relative == "today":
	case m.relative == "tomorrow":
		day = day.AddDate(0, 0, 1)
	case m.relative == "in":
		day = day.AddDate(0, 0, m.days)
	case m.Weekday != "" && m.Day > 0: // "Thursday the 14th"
		for range 62 {
			if day.Day() == m.Day && day.Weekday().String() == m.Weekday {
				break
			}
			day = day.AddDate(0, 0, 1)
		}
		if day.Day() != m.Day {
			return
		}
	case m.Weekday != "":
		if m.relative == "next" {
			day = day.AddDate(0, 0, 1)
		}
		for day.Weekday().String() != m.Weekday {
			day = day.AddDate(0, 0, 1)
		}
		m.days = int(day.Sub(p.r.Published).Hours() / 24)
	default:
		return
	}
	m.Day, m.Month, m.Year = day.Day(), int(day.Month()), day.Year()
	if !p.opts.Published.IsZero() {
		m.Year = 0 // the text does not give it
	}
}

// afterMoving prefers the day to which a chat is moved.
func (p *reader) afterMoving() {
	for i := range p.blocks {
		if p.isAsked(i) || !moved.MatchString(p.blocks[i].source) {
			continue
		}
		var full []int
		for k, m := range p.dates {
			if m.block == i && m.full() {
				full = append(full, k)
			}
		}
		if len(full) > 1 {
			to := full[len(full)-1]
			if strings.Contains(p.blocks[i].source, "instead of") {
				to = full[0]
			}
			p.dates[to].score += 6
			for k := range p.dates {
				if k != to && !p.dates[k].agrees(p.dates[to].Date) {
					p.dates[k].score -= 8
					p.dates[k].why = "before the move"
				}
			}
			return
		}
		if len(full) == 1 && aside.MatchString(p.blocks[i].source[:p.dates[full[0]].from]) {
			p.dates[full[0]].score, p.dates[full[0]].why = p.dates[full[0]].score-10, "before the move"
			continue
		}
		if len(full) == 1 { // an old title, and the new day in the text
			for k := range p.dates {
				if p.dates[k].block != i && p.dates[k].full() && !p.dates[k].agrees(p.dates[full[0]].Date) {
					p.dates[full[0]].score += 4
					p.dates[k].score, p.dates[k].why = p.dates[k].score-6, "before the move"
				}
			}
		}
	}
}

// mergeDate takes the chosen date, with the weekday and the year that other mentions of that day give.
func (p *reader) mergeDate(best int) {
	m := p.dates[best]
	b := p.blocks[m.block]
	p.r.Date = Found[Date]{m.Date, b.evidence(m.from, m.to)}
	p.r.Until = m.until
	d := &p.r.Date.Value
	if d.Weekday == "" && m.relative == "" {
		d.Weekday = ""
	}
	for _, o := range p.dates {
		switch {
		case o.Day == d.Day && o.Month == d.Month && o.score > -6:
			if d.Weekday == "" && o.Weekday != "" {
				d.Weekday = o.Weekday
			}
			if d.Year == 0 && o.Year > 0 && o.relative == "" {
				d.Year = o.Year
			}
			if p.r.Until.Day == 0 {
				p.r.Until = o.until
			}
		case o.Day == d.Day && o.Month == 0 && d.Weekday == "":
			d.Weekday = o.Weekday
		case o.Day == 0 && o.Weekday != "" && d.Weekday == "" && p.onlyWeekday(o.Weekday) && (d.Year == 0 || Date{o.Weekday, d.Day, d.Month, 0}.fits(d.Year) || m.other.Day > 0):
			d.Weekday = o.Weekday
		case d.Month == 0 && d.Day > 0 && o.Month > 0 && o.Day == 0:
			d.Month = o.Month
		}
	}
	for _, o := range p.dates {
		if d.Year == 0 && o.why == "before the move" && o.Year > 0 && o.full() {
			d.Year = o.Year
		}
	}
	if p.title >= 0 && d.Year == 0 && d.Weekday != "" { // "First chat of 2018"
		for k, w := range p.blocks[p.title].tokens {
			if is(p.blocks[p.title].tokens, k-1, "of") && w.kind == 'n' && w.to-w.from == 4 && w.n >= 1990 && w.n < 2200 && d.fits(w.n) {
				d.Year = w.n
			}
		}
	}
	if d.Month == 0 && d.Day > 0 && p.title >= 0 { // "May's chat: … Tuesday 19th"
		for _, w := range p.blocks[p.title].tokens {
			if n := months[strings.TrimSuffix(strings.TrimSuffix(w.s, "'s"), "s'")]; n > 0 && w.kind == 'w' && capital(w.raw) && len(w.s) > 2 {
				d.Month = n
			}
		}
	}
	if m.other.Day > 0 {
		p.figureDoubt(m)
	}
}
