package questions

import (
	"fmt"
	"regexp"
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

// compareDates tells whether the text's dates agree.
func (p *reader) compareDates() {
	d, chosen := p.r.Date.Value, p.dates[p.date]
	moved := p.moves()
	var others []dateMention
	for i, o := range p.dates {
		if i == p.date || o.Day == 0 || o.Month == 0 || o.score < 3 && (o.block != p.title || o.score <= 0) {
			continue
		}
		if o.sameDay(d) {
			if o.Year > 0 && d.Year > 0 && o.Year != d.Year {
				others = append(others, o)
			} else if o.Weekday != "" && d.Weekday != "" && o.Weekday != d.Weekday && !p.has(WeekdayContradictsDate) {
				e := p.blocks[o.block].evidence(o.from, o.to)
				p.doubt(WeekdayContradictsDate, e.Line, fmt.Sprintf("the date is once “%s” and once “%s”", p.r.Date.Words, e.Words))
			}
			continue
		}
		if !moved && !p.sameMoment(o, chosen) && !within(o.Date, chosen) && !within(d, o) {
			others = append(others, o)
		}
	}
	if len(others) == 0 {
		return
	}
	titled := false
	var elsewhere []dateMention
	for _, o := range others {
		if o.block == p.title || chosen.block == p.title && o.block != p.title && o.score >= chosen.score {
			titled = true
		}
		if o.block != p.title && chosen.block != p.title {
			elsewhere = append(elsewhere, o)
		}
	}
	if len(elsewhere) > 0 {
		p.severalChats(append([]dateMention{chosen}, elsewhere...))
	}
	if chosen.block == p.title && !titled {
		// The body disagrees, though faintly.
		titled = true
	}
	if titled {
		o := others[0]
		e := p.blocks[o.block].evidence(o.from, o.to)
		p.doubt(SeveralDates, e.Line, fmt.Sprintf("“%s” and “%s”", e.Words, p.r.Date.Words))
		title, body := e, p.r.Date.Evidence
		if chosen.block == p.title {
			title, body = body, title
		}
		p.doubt(TitleContradictsBody, title.Line, fmt.Sprintf("“%s” in the title, “%s” in the text", title.Words, body.Words))
	}
}

// moves tells whether the text moves a chat from one date to another.
func (p *reader) moves() bool {
	for i, b := range p.blocks {
		if !p.isAsked(i) && movesChat.MatchString(b.source) {
			return true
		}
	}
	return false
}

// sameMoment tells whether two neighbouring days are one moment, as told on two sides of the world.
func (p *reader) sameMoment(a, b dateMention) bool {
	if a.block != b.block {
		return false
	}
	days := a.time(2024).Sub(b.time(2024)).Hours() / 24
	zones := 0
	for _, c := range findClocks(p.blocks[a.block].source) {
		if c.zone != "" {
			zones++
		}
	}
	return (days == 1 || days == -1) && zones > 1
}

// within tells whether a date is in a mention's range.
func within(d Date, m dateMention) bool {
	if m.until.Day == 0 {
		return false
	}
	t := d.time(2024)
	return !t.Before(m.time(2024)) && !t.After(m.until.time(2024))
}

var namedLast = regexp.MustCompile(`\s*(?:\(|[,;–—-]\s*)([\p{Lu}][^()]*[^()\s])\)?$`)

// severalChats lists the chats of a text that announces more than one.
func (p *reader) severalChats(all []dateMention) {
	seen := map[Date]bool{}
	for _, o := range p.dates {
		key := Date{Day: o.Day, Month: o.Month}
		chosen := false
		for _, a := range all {
			chosen = chosen || a.from == o.from && a.block == o.block
		}
		if !chosen || seen[key] {
			continue
		}
		seen[key] = true
		b := p.blocks[o.block]
		c := DatedChat{Date: Found[Date]{o.Date, b.evidence(o.from, o.to)}}
		if clocks := findClocks(b.source); len(clocks) > 0 {
			c.Start = Found[Clock]{clocks[0].start, b.evidence(clocks[0].from, clocks[0].to)}
		}
		if credit := findCredits(b.source); len(credit) > 0 {
			c.Leader = credit[0].text
		}
		c.Title = chatTitleOf(b.source)
		if m := namedLast.FindStringSubmatchIndex(c.Title); m != nil && c.Leader == "" && isName(c.Title[m[2]:m[3]]) {
			c.Title, c.Leader = c.Title[:m[0]], c.Title[m[2]:m[3]] // "Signage (Ada Novak)"
		}
		p.r.Chats = append(p.r.Chats, c)
	}
	if len(p.r.Chats) < 2 {
		p.r.Chats = nil
		return
	}
	var words []string
	for _, c := range p.r.Chats {
		words = append(words, "“"+c.Date.Words+"”")
	}
	p.doubt(SeveralChats, p.r.Chats[1].Date.Line, strings.Join(words, ", "))
}

// resolve finds the year and the instant of the chat, or says what keeps it from doing so.
func (p *reader) resolve() {
	d := p.r.Date.Value
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
