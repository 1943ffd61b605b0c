package announcement

import (
	"fmt"
	"strings"
	"time"
)

// anchor is the day on which the announcement went out, as far as anybody knows.
func (p *reader) anchor() time.Time {
	if !p.opts.Published.IsZero() {
		y, m, d := p.opts.Published.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return p.posted
}

// completeDate takes weekday and year from other mentions of the same day.
func (p *reader) completeDate() {
	d := &p.r.Date.Value
	for _, o := range p.dates {
		if !o.sameDay(*d) {
			continue
		}
		if d.Year == 0 && o.Year > 0 {
			d.Year = o.Year
		}
		if d.Weekday == "" && o.score > 0 {
			d.Weekday = o.Weekday
		}
	}
	for _, o := range p.dates {
		if d.Weekday == "" && o.sameDay(*d) {
			d.Weekday = o.Weekday
		}
	}
	for i, b := range p.blocks {
		if d.Year > 0 || p.isAsked(i) || p.recap >= 0 && i >= p.recap && i != p.title {
			break
		}
		if m := monthYear.FindStringSubmatch(b.source); m != nil && monthOf(m[1]) == d.Month && (i == p.title || i == 0) {
			d.Year = yearOf(m[2], "")
		}
		if m := namedYear.FindStringSubmatch(b.source); m != nil && (d.Weekday == "" || d.fits(yearOf(m[1]+m[2], ""))) {
			d.Year = yearOf(m[1]+m[2], "")
		}
	}
	if d.Year == 0 && !p.posted.IsZero() && p.opts.Published.IsZero() {
		d.Year = yearAfter(*d, p.posted)
	}
	if d.Weekday == "" { // "Tuesday's chat … on 21 April": only if there is one weekday to choose from
		d.Weekday = p.loneWeekday()
	}
}

// loneWeekday is the weekday that the text names by itself, if it names just one.
func (p *reader) loneWeekday() string {
	found := ""
	for i, b := range p.blocks {
		if p.isAsked(i) {
			continue
		}
		for _, m := range bareDay.FindAllString(b.source, -1) {
			if w := weekdayOf(m); found == "" || found == w {
				found = w
			} else {
				return ""
			}
		}
	}
	return found
}

// yearAfter is the year in which a date comes next, counted from a day; a week's delay in publishing is allowed for.
func yearAfter(d Date, from time.Time) int {
	for y := from.Year(); y <= from.Year()+4; y++ {
		if d.exists(y) && !d.time(y).Before(from.AddDate(0, 0, -7)) {
			return y
		}
	}
	return from.Year()
}

// resolve finds the year and the instant of the chat, or says what keeps it from doing so.
func (p *reader) resolve() {
	d := p.r.Date.Value
	p.r.Published = p.anchor()
	if d.Day == 0 || d.Month == 0 {
		return
	}
	if !d.exists(2024) { // a leap year: it has every day that any year has
		p.doubt(impossibleDate, p.r.Date.Line, p.r.Date.Words)
		return
	}
	year := d.Year
	switch {
	case year > 0:
	case p.opts.Year > 0:
		year = p.opts.Year
	case !p.anchor().IsZero():
		year = yearAfter(d, p.anchor())
	}
	p.checkZones(year)
	if year == 0 {
		if year = p.proposeYear(d); year == 0 {
			return
		}
		p.r.Proposed = year
	}
	if !d.exists(year) {
		p.doubt(impossibleDate, p.r.Date.Line, fmt.Sprintf("%s in %d", p.r.Date.Words, year))
		return
	}
	if !d.fits(year) {
		p.contradict(year)
	}
	if p.r.Start.OK() {
		p.r.Resolved = time.Date(year, time.Month(d.Month), d.Day, p.r.Start.Value.Hour(), p.r.Start.Value.Minute(), 0, 0, p.location())
	}
}

// proposeYear is the only year within twelve months of today in which the date falls on its weekday.
func (p *reader) proposeYear(d Date) int {
	if p.opts.Today.IsZero() {
		p.doubt(noYear, p.r.Date.Line, p.r.Date.Words)
		return 0
	}
	y, m, day := p.opts.Today.Date()
	today := time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
	var fitting []int
	for year := y - 1; year <= y+1; year++ {
		if !d.fits(year) || d.Weekday == "" {
			continue
		}
		if t := d.time(year); !t.Before(today.AddDate(-1, 0, 0)) && !t.After(today.AddDate(1, 0, 0)) {
			fitting = append(fitting, year)
		}
	}
	if len(fitting) != 1 {
		p.doubt(noYear, p.r.Date.Line, p.r.Date.Words)
		return 0
	}
	p.doubt(yearProposed, p.r.Date.Line, d.time(fitting[0]).Format("Monday 2 January 2006"))
	return fitting[0]
}

// contradict says that the weekday is wrong, with everything that may have been meant.
func (p *reader) contradict(year int) {
	d := p.r.Date.Value
	t := d.time(year)
	p.r.RealWeekday = t.Weekday().String()
	candidates := []string{t.Format("Monday 2 January 2006")}
	var near []string
	for off := -6; off <= 6; off++ {
		if u := t.AddDate(0, 0, off); off != 0 && u.Weekday().String() == d.Weekday {
			near = append(near, u.Format("Monday 2 January 2006"))
		}
	}
	candidates = append(candidates, near...)
	for off := 1; off <= 6; off++ {
		if d.fits(year - off) {
			candidates = append(candidates, d.time(year-off).Format("Monday 2 January 2006"))
			break
		}
	}
	for off := 1; off <= 6; off++ {
		if d.fits(year + off) {
			candidates = append(candidates, d.time(year+off).Format("Monday 2 January 2006"))
			break
		}
	}
	if swapped := (Date{d.Weekday, d.Month, d.Day, year}); d.Day <= 12 && swapped.fits(year) {
		candidates = append(candidates, swapped.time(year).Format("Monday 2 January 2006"))
	}
	p.doubt(WeekdayContradictsDate, p.r.Date.Line, fmt.Sprintf("“%s”, but %s is a %s", p.r.Date.Words, t.Format("2 January 2006"), t.Weekday()), strings.Join(candidates, "; "))
}
