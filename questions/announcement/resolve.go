package announcement

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// take puts what a person has settled in the place of what the text says.
func (p *reader) take() {
	g := p.opts.Given
	given := Evidence{Line: -1, Words: "given"}
	if e := p.doc.event; e != nil && !e.Start.IsZero() && !p.r.Date.OK() {
		p.fromEvent(*e)
	}
	if g.Title != nil {
		p.r.Title, p.r.TitleSource = Found[string]{*g.Title, given}, "given"
		p.r.Assumed = without(p.r.Assumed, "title")
	}
	if g.Hashtag != nil {
		p.r.Hashtag = Found[string]{*g.Hashtag, given}
	}
	if g.Leader != nil {
		p.r.Leader, p.r.Leaders = Found[string]{*g.Leader, given}, nil
	}
	if g.Date.full() {
		p.r.Date, p.r.Until, p.r.Chats = Found[Date]{g.Date, given}, Date{}, nil
		p.r.RealWeekday = ""
	}
	if g.Start != nil {
		p.r.Start = Found[Clock]{*g.Start, given}
		p.r.Times, p.others = nil, nil
	}
	if g.End != nil {
		p.r.End = Found[Clock]{*g.End, given}
	}
	if p.opts.ZoneGiven && g.Start != nil {
		p.zone, p.r.Zone = zoneMention{}, Found[string]{}
		if len(p.others) > 1 {
			p.others = p.others[:1]
		}
	}
	if g.Questions != nil {
		p.r.Questions = g.Questions
	}
}

func without(all []string, one string) (kept []string) {
	for _, s := range all {
		if s != one {
			kept = append(kept, s)
		}
	}
	return kept
}

// resolve finds the instant: which year, which zone, and whether the weekday is true.
func (p *reader) resolve() {
	if !p.r.Start.OK() && p.r.Kind != SlowChat {
		p.doubt(noTime, 0)
	}
	if !p.r.End.OK() {
		p.r.Assumed = append(p.r.Assumed, "end")
	}
	d := &p.r.Date.Value
	if !p.r.Date.OK() || !d.full() {
		line, why := p.whyNoDate()
		p.doubt(NoDate, line, why)
		return
	}
	year := p.findYear()
	if year == 0 {
		if p.r.Start.OK() {
			p.placeZone(d.time(2024)) // clocks change at about the same time every year
		}
		return
	}
	if !d.exists(year) {
		p.doubt(impossibleDate, p.r.Date.Line, dayName(Date{Day: d.Day, Month: d.Month})+" "+strconv.Itoa(year))
		return
	}
	day := d.time(year)
	if !d.fits(year) {
		p.r.RealWeekday = day.Weekday().String()
		p.doubt(WeekdayContradictsDate, p.r.Date.Line, append([]string{fmt.Sprintf("“%s”, but %s %d is a %s", p.r.Date.Words, day.Format("2 January"), year, p.r.RealWeekday)}, meant(*d, year)...)...)
	}
	p.deviations(day)
	if p.r.Kind == SlowChat && !p.r.Start.OK() {
		p.r.Start = Found[Clock]{9 * 60, Evidence{}}
		p.r.Assumed = append(p.r.Assumed, "start")
	} else if !p.r.Start.OK() {
		return
	}
	zone, _ := p.placeZone(day)
	start := p.r.Start.Value
	p.r.Resolved = time.Date(year, time.Month(d.Month), d.Day, start.Hour(), start.Minute(), 0, 0, zone)
	p.sittings(day)
}

// whyNoDate says what stands in the place of a date.
func (p *reader) whyNoDate() (line int, why string) {
	switch d := p.r.Date.Value; {
	case p.r.Date.OK() && (d.Weekday != "" || p.dates[p.chosen].relative != ""):
		return p.r.Date.Line, "the text says only “" + p.r.Date.Words + "”"
	case p.r.Date.OK():
		return p.r.Date.Line, "“" + p.r.Date.Words + "” gives no month"
	}
	for i, b := range p.blocks {
		if m := toFollow.FindString(b.source); m != "" && !p.isAsked(i) {
			return b.line(0), "the text says “" + m + "”"
		}
	}
	if len(p.dates) > 0 {
		best := p.dates[0]
		for _, m := range p.dates {
			if m.score > best.score {
				best = m
			}
		}
		b := p.blocks[best.block]
		if best.why != "" {
			return b.line(best.from), fmt.Sprintf("“%s” was taken for a date %s", b.source[best.from:best.to], best.why)
		}
	}
	return 0, "none was found"
}

// findYear is the year of the date: as written, as given, the one nearest to the day of publication, or the next one.
func (p *reader) findYear() int {
	d := p.r.Date.Value
	switch {
	case d.Year > 0:
		return d.Year
	case p.opts.Year > 0:
		return p.opts.Year
	case !p.r.Published.IsZero():
		at := p.r.Published
		best := 0
		for y := at.Year() - 1; y <= at.Year()+1; y++ {
			if !d.exists(y) {
				continue
			}
			// A chat is announced before it is held; a post may be repeated a little later.
			days := d.time(y).Sub(at.Truncate(24*time.Hour)).Hours() / 24
			if days >= -60 && days < 306 {
				best = y
			}
		}
		if best > 0 {
			p.r.Assumed = append(p.r.Assumed, "year")
			if p.opts.Published.IsZero() {
				p.r.Date.Value.Year = best // the text itself says when it went out
			}
			return best
		}
	}
	if p.opts.Today.IsZero() {
		p.doubt(noYear, p.r.Date.Line, p.r.Date.Words)
		return 0
	}
	p.r.Assumed = append(p.r.Assumed, "year")
	today := time.Date(p.opts.Today.Year(), p.opts.Today.Month(), p.opts.Today.Day(), 0, 0, 0, 0, time.UTC)
	next := today.Year()
	for !d.exists(next) && next < today.Year()+9 || d.exists(next) && d.time(next).Before(today) {
		next++
	}
	if !d.exists(next) {
		p.doubt(impossibleDate, p.r.Date.Line, dayName(Date{Day: d.Day, Month: d.Month}))
		return 0
	}
	p.r.Proposed = next
	switch {
	case d.fits(next) && next <= today.Year()+1:
		p.doubt(yearProposed, p.r.Date.Line, dayName(Date{d.Weekday, d.Day, d.Month, next}))
	case d.fits(next-1) && d.time(next-1).After(today.AddDate(-1, 0, 0)):
		p.r.Proposed = next - 1
		p.doubt(yearProposed, p.r.Date.Line, dayName(Date{d.Weekday, d.Day, d.Month, next - 1}))
	default:
		for y := next; y < next+12; y++ {
			if d.fits(y) {
				p.r.Proposed = y
				break
			}
		}
		p.doubt(noYear, p.r.Date.Line, p.r.Date.Words)
	}
	return p.r.Proposed
}

// meant are the dates that may be meant where weekday and date contradict each other.
func meant(d Date, year int) []string {
	day := d.time(year)
	all := []string{day.Format("Monday 2 January 2006")}
	for shift := -6; shift <= 6; shift++ {
		if o := day.AddDate(0, 0, shift); o.Weekday().String() == d.Weekday {
			all = append(all, o.Format("Monday 2 January 2006"))
		}
	}
	for y := year - 6; y <= year+6; y++ {
		if d.fits(y) && len(all) < 5 {
			all = append(all, d.time(y).Format("Monday 2 January 2006"))
		}
	}
	return all
}

// deviations doubts what differs from all earlier chats of the series.
func (p *reader) deviations(day time.Time) {
	s := p.opts.Series
	if s.Chats < 2 {
		return
	}
	if s.Weekday != "" && day.Weekday().String() != s.Weekday {
		p.doubt(unusualDay, p.r.Date.Line, day.Weekday().String(), s.Weekday)
	}
	if p.r.Start.OK() && p.r.Start.Value != s.Start && p.zone.words == "" {
		p.doubt(unusualTime, p.r.Start.Line, p.r.Start.Value.String(), s.Start.String())
	}
}

// sittings doubts a second time that is another moment: two sessions are two chats.
func (p *reader) sittings(day time.Time) {
	for i, o := range p.others {
		if i == 0 {
			continue
		}
		words := p.blocks[o.block].source[o.from:o.to]
		if p.zone.named() && hereTime.MatchString(p.blocks[o.block].source[o.to:]) {
			continue // "and that's 10am for me"
		}
		if len(o.zone.choices) == 0 && !o.zone.named() {
			p.doubt(severalTimes, p.blocks[o.block].line(o.from), "“"+p.r.Start.Words+"” and “"+words+"”")
			return
		}
		if len(o.zone.choices) == 0 {
			continue
		}
		same := false
		for _, c := range o.zone.choices {
			for _, shift := range []int{-1, 0, 1} {
				d := day.AddDate(0, 0, shift)
				at, _ := c.holds(d, o.start)
				literal := time.Date(d.Year(), d.Month(), d.Day(), o.start.Hour(), o.start.Minute(), 0, 0, time.FixedZone("", c.offset*60))
				same = same || at.Equal(p.r.Resolved) || c.promise && literal.Equal(p.r.Resolved)
			}
		}
		if !same {
			p.doubt(severalTimes, p.blocks[o.block].line(o.from), "“"+p.r.Start.Words+"” and “"+words+"”")
			return
		}
	}
}

var hereTime = regexp.MustCompile(`(?i)^\s*(?:for (?:me|us|you|those|people)|my time|our time|here\b|local)`)

// fromEvent takes date, start and end from a page's machine-readable block.
func (p *reader) fromEvent(e event) {
	given := Evidence{Line: -1, Words: e.Start.Format(time.RFC3339)}
	y, m, d := e.Start.Date()
	p.r.Date = Found[Date]{Date{Day: d, Month: int(m), Year: y}, given}
	p.r.Start = Found[Clock]{Clock(e.Start.Hour()*60 + e.Start.Minute()), given}
	if !e.End.IsZero() {
		p.r.End = Found[Clock]{Clock(e.End.Hour()*60 + e.End.Minute()), given}
	}
}
