package announcement

import (
	"regexp"
	"slices"
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

// scoreDate tells how much speaks for a date's being the chat's, and what speaks against it.
func (p *reader) scoreDate(i int, m dateMention) (score int, why string) {
	b := p.blocks[i]
	from, to := sentenceAt(b.source, m.from)
	said := b.source[from:to]
	if m.full() {
		score += 2
	}
	if m.Weekday != "" {
		score++
	}
	if m.relative != "" {
		score -= 1
	} else if !m.full() && m.Day == 0 {
		score -= 2
	}
	near := p.clockNear(i, m)
	lead := b.source[p.leadFrom(b, m, from):m.from]
	score += near
	if dateField.MatchString(b.source) {
		score += 5
	}
	if invites.MatchString(said) {
		score++
	}
	if strongly.MatchString(said) {
		score++
	}
	if i == p.title {
		score += 2
	} else if b.heading > 0 || b.strong || b.short() {
		score++
	}
	switch {
	case p.isAsked(i):
		score, why = score-8, "in a question"
	case p.recap >= 0 && i >= p.recap && i != p.title && p.recap > 0:
		score, why = score-4, "in a recap"
	case b.role == rolePosted:
		score, why = score-20, "the day of publication"
	case near == 0 && p.looksPosted(i, m):
		score, why = score-4, "the day of publication"
	case before.MatchString(said) && !strongly.MatchString(said) || before.MatchString(lead):
		score, why = score-5, "of the past"
	case notChat.MatchString(lead) || notChat.MatchString(said) && near == 0:
		score, why = score-5, "of something else"
	case p.first >= 0 && i > p.first && afterNext.MatchString(lead):
		score, why = score-6, "of the chat after it"
	case goneWord.MatchString(b.source[from:m.from]) && !moved.MatchString(said) && m.until.Day == 0 && near < 4:
		score, why = score-4, "the edge of a span"
	}
	return score, why
}

// leadFrom is where the words begin that lead to a date: after the date before it, in its sentence.
func (p *reader) leadFrom(b block, m dateMention, from int) int {
	for _, o := range b.dates {
		if o.to < m.from {
			from = max(from, o.to)
		}
	}
	return max(from, m.from-60)
}

// looksPosted tells a line that is nothing but a date with its year, above or below the title.
func (p *reader) looksPosted(i int, m dateMention) bool {
	b := p.blocks[i]
	rest := strings.TrimSpace(b.source[:m.from] + b.source[m.to:])
	if !m.full() || m.Year == 0 || len(rest) > 3 || b.isItem() {
		return false
	}
	return i <= max(p.title, 0)+2
}

// clockNear tells how close the next time stands to a date: in its sentence, its paragraph, the line beside it.
func (p *reader) clockNear(i int, m dateMention) int {
	b := p.blocks[i]
	from, to := sentenceAt(b.source, m.from)
	for _, c := range b.clocks {
		if c.from >= from && c.from < to {
			return 4
		}
	}
	if len(b.clocks) > 0 {
		return 2
	}
	for _, k := range []int{i + 1, i - 1} {
		if k >= 0 && k < len(p.blocks) && p.blocks[k].short() && b.short() && len(p.blocks[k].clocks) > 0 && !p.isAsked(k) {
			if len(p.blocks[k].dates) == 0 {
				return 3
			}
		}
	}
	return 0
}

// groupScore is a date's score with what other mentions of the same day add.
func (p *reader) groupScore(i int) int {
	m := p.dates[i]
	score := m.score * 4
	for k, o := range p.dates {
		if k != i && m.full() && o.full() && m.Date.agrees(o.Date) && o.score > 0 {
			score += min(o.score, 4)
		}
	}
	return score
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

// onlyWeekday tells whether the text names no other weekday.
func (p *reader) onlyWeekday(day string) bool {
	for _, m := range p.dates {
		if m.Weekday != "" && m.Weekday != day {
			return false
		}
	}
	return true
}

// figureDoubt decides between 12 October and 10 December by the weekday, the series or the zone, or doubts.
func (p *reader) figureDoubt(m dateMention) {
	d := &p.r.Date.Value
	year := d.Year
	if year == 0 && !p.r.Published.IsZero() {
		year = p.r.Published.Year()
	}
	other := m.other
	other.Weekday = d.Weekday
	for _, o := range p.dates { // the same day in words
		if o.other.Day == 0 && o.full() && o.Day == other.Day && o.Month == other.Month {
			*d = Date{o.Weekday, o.Day, o.Month, max(d.Year, o.Year)}
			return
		}
		if o.other.Day == 0 && o.full() && o.Day == d.Day && o.Month == d.Month {
			return
		}
	}
	day := d.Weekday
	if day == "" {
		day = p.opts.Series.Weekday
	}
	if day != "" && year > 0 {
		a, b := Date{day, d.Day, d.Month, 0}.fits(year), Date{day, other.Day, other.Month, 0}.fits(year)
		if a != b {
			if b {
				d.Day, d.Month = other.Day, other.Month
			}
			return
		}
	}
	switch american, named := p.american(m.block); {
	case american:
		d.Day, d.Month = other.Day, other.Month
		return
	case named:
		return
	}
	p.doubt(numericDate, p.r.Date.Line, p.r.Date.Words, dayName(*d), dayName(other))
}

// american tells whether the times beside a date are those of a country that writes the month first.
// named tells whether they name any zone.
func (p *reader) american(i int) (american, named bool) {
	for k := max(i-1, 0); k < min(i+3, len(p.blocks)); k++ {
		for _, c := range p.blocks[k].clocks {
			for _, z := range c.zone.choices {
				named = true
				american = american || strings.HasPrefix(z.name, "America/") && z.name != "America/Sao_Paulo"
			}
		}
	}
	return american, named
}

// rivals doubts the date if the text gives another one for a chat.
func (p *reader) rivals() {
	chosen := p.dates[p.chosen]
	d := p.r.Date.Value
	var others []int
	for i, o := range p.dates {
		if i == p.chosen || !o.full() || d.full() && o.Day == d.Day && o.Month == d.Month && (o.Year == 0 || d.Year == 0 || o.Year == d.Year) {
			if o.full() && o.Day == d.Day && o.Month == d.Month && o.Weekday != "" && d.Weekday != "" && o.Weekday != d.Weekday {
				p.doubt(WeekdayContradictsDate, p.blocks[o.block].line(o.from), "the date is once “"+p.r.Date.Words+"” and once “"+p.blocks[o.block].source[o.from:o.to]+"”")
			}
			continue
		}
		if o.other.Day > 0 && o.other.Day == d.Day && o.other.Month == d.Month || within(d, o) || within(o.Date, chosen) || p.acrossMidnight(o, chosen) {
			continue
		}
		if o.score >= 5 || o.score >= 4 && o.block == p.title || o.score >= 3 && p.sameForm(o.block, chosen.block) || chosen.block == p.title && o.score >= 3 && o.Day == d.Day && o.why == "" {
			others = append(others, i)
		}
	}
	if len(others) == 0 {
		return
	}
	for i, o := range p.dates { // the rest of a programme
		if o.full() && o.score < 3 && o.score > -3 && p.sameForm(o.block, chosen.block) && o.block != chosen.block {
			others = append(others, i)
		}
	}
	o := p.dates[others[0]]
	words, line := p.blocks[o.block].source[o.from:o.to], p.blocks[o.block].line(o.from)
	if o.block == p.title || chosen.block == p.title {
		title, body := words, p.r.Date.Words
		if chosen.block == p.title {
			title, body = body, title
		}
		p.doubt(SeveralDates, line, "“"+words+"” and “"+p.r.Date.Words+"”")
		p.doubt(TitleContradictsBody, line, "“"+title+"” in the title, “"+body+"” in the text")
		return
	}
	all := append(others, p.chosen)
	slices.Sort(all)
	if all[0] != p.chosen { // the first is read
		p.chosen = all[0]
		p.r.Start, p.r.End, p.r.Zone, p.r.Times, p.others = Found[Clock]{}, Found[Clock]{}, Found[string]{}, nil, nil
		p.mergeDate(p.chosen)
		p.chooseClock()
	}
	p.listChats(all)
}

// sameForm tells whether two blocks are neighbours of one list or table.
func (p *reader) sameForm(a, b int) bool {
	x, y := p.blocks[a], p.blocks[b]
	return a != b && x.kind == y.kind && x.short() && y.short() && x.cells == y.cells && (a-b < 4 && b-a < 4) && (len(x.source)-len(x.dates[0].Weekday) > 12) && x.dates[0].from < 12 && len(y.dates) > 0 && y.dates[0].from < 12
}

// acrossMidnight tells whether two neighbouring days are one moment on two sides of the world.
func (p *reader) acrossMidnight(a, b dateMention) bool {
	days := a.time(2024).Sub(b.time(2024)).Hours() / 24
	if a.block != b.block && !(a.block-b.block < 2 && b.block-a.block < 2) || days != 1 && days != -1 {
		return false
	}
	zones := 0
	for _, k := range []int{a.block, b.block} {
		for _, c := range p.blocks[k].clocks {
			if c.zone.named() {
				zones++
			}
		}
	}
	return zones > 1
}

// within tells whether a date is in a mention's range.
func within(d Date, m dateMention) bool {
	if m.until.Day == 0 || !d.full() {
		return false
	}
	t := d.time(2024)
	return !t.Before(m.time(2024)) && !t.After(m.until.time(2024))
}

// listChats lists the chats of a text that announces more than one.
func (p *reader) listChats(at []int) {
	seen := map[Date]bool{}
	var words []string
	for n, i := range at {
		o := p.dates[i]
		if key := (Date{Day: o.Day, Month: o.Month}); seen[key] {
			continue
		} else {
			seen[key] = true
		}
		b := p.blocks[o.block]
		to := len(b.source)
		if n+1 < len(at) && p.dates[at[n+1]].block == o.block {
			to = p.dates[at[n+1]].from
		}
		c := DatedChat{Date: Found[Date]{o.Date, b.evidence(o.from, o.to)}, Start: p.r.Start}
		for _, k := range b.clocks {
			if k.from >= o.from && k.from < to {
				c.Start = Found[Clock]{k.start, b.evidence(k.from, k.to)}
				break
			}
		}
		if o.from < to {
			c.Title = p.cleanTitle(b.source[o.from:to])
			if m := topicIn.FindStringSubmatch(b.source[o.from:to]); m != nil {
				c.Title = m[1]
			}
			if found := credits(b.source[o.from:to]); len(found) > 0 {
				c.Leader = found[0].text
				c.Title = strings.TrimRight(strings.TrimSpace(strings.Split(c.Title, found[0].cue)[0]), " ,;–—-(")
			} else if m := namedLast.FindStringSubmatchIndex(c.Title); m != nil && isName(c.Title[m[2]:m[3]]) {
				c.Title, c.Leader = c.Title[:m[0]], c.Title[m[2]:m[3]] // "Signage (Ada Novak)"
			}
		}
		c.Title = upperFirst(strings.Trim(c.Title, "\"“”‘’"))
		p.r.Chats = append(p.r.Chats, c)
		words = append(words, "“"+c.Date.Words+"”")
	}
	if len(p.r.Chats) < 2 {
		p.r.Chats = nil
		return
	}
	p.doubt(SeveralChats, p.r.Chats[1].Date.Line, strings.Join(words, ", "))
}

var topicIn = regexp.MustCompile(`(?i)\btopic\s*[:=–-]\s*([^.;|(]{3,80})`)

var namedLast = regexp.MustCompile(`\s*(?:\(|[,;–—-]\s*|\b(?:with|by) )(?:with |by )?([\p{Lu}][^()]*[^()\s])\)?$`)

// dayName is a date as people say it: "12 October 2026".
func dayName(d Date) string {
	s := ""
	if d.Weekday != "" {
		s = d.Weekday + " "
	}
	s += d.time(2024).Format("2 January")
	if d.Year > 0 {
		s += d.time(d.Year).Format(" 2006")
	}
	return s
}
