package announcement

import (
	"regexp"
	"slices"
	"strings"
)

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
