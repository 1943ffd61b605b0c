package announcement

import (
	"strings"
	"time"
)

// A Date is what a text says of a day. What it leaves out is empty or 0.
type Date struct {
	Weekday string // in English, in full: "Tuesday"
	Day     int
	Month   int
	Year    int
}

// time is midnight UTC of the date in a year.
func (d Date) time(year int) time.Time {
	return time.Date(year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
}

// exists tells whether the year has such a day.
func (d Date) exists(year int) bool {
	return d.Day > 0 && d.Month > 0 && d.time(year).Day() == d.Day
}

// fits tells whether the date falls on its weekday in a year. A date without a weekday always does.
func (d Date) fits(year int) bool {
	return d.exists(year) && (d.Weekday == "" || d.time(year).Weekday().String() == d.Weekday)
}

// agrees tells whether two dates can be the same day.
func (d Date) agrees(e Date) bool {
	return (d.Day == 0 || e.Day == 0 || d.Day == e.Day) && (d.Month == 0 || e.Month == 0 || d.Month == e.Month) &&
		(d.Year == 0 || e.Year == 0 || d.Year == e.Year) && (d.Weekday == "" || e.Weekday == "" || d.Weekday == e.Weekday)
}

// full tells whether day and month are known.
func (d Date) full() bool { return d.Day > 0 && d.Month > 0 }

// A dateMention is a date at its place in a block's text.
type dateMention struct {
	Date
	until    Date   // the last day of a range: "4 to 8 May"
	other    Date   // what figures may mean as well: 12/10 is 12 October or 10 December
	relative string // "tonight", "this", "next"
	days     int    // from the day of publication, with relative "in"
	block    int
	from, to int
	score    int
	why      string // what kept it from being the chat's
}

// findDates finds the dates in a text.
func findDates(t []token) []dateMention {
	var all []dateMention
	for i := 0; i < len(t) && len(all) < maxMentions; {
		m, next, ok := dateAt(t, i)
		if !ok {
			i++
			continue
		}
		m.from, m.to = t[i].from, t[next-1].to
		all = append(all, m)
		i = next
	}
	return all
}

// dateAt reads a date that begins with token i, and tells which token follows it.
func dateAt(t []token, i int) (m dateMention, next int, ok bool) {
	if i >= len(t) {
		return m, i, false
	}
	if i > 0 && !t[i].gap && (t[i-1].kind == 'n' || t[i-1].kind == '#' || t[i-1].kind == '@' || t[i-1].kind == '/' || t[i-1].kind == '_') {
		return m, i, false
	}
	j := i
	relative := ""
	if is(t, j, "this", "next", "coming", "kommenden", "nachsten", "ce", "cette", "este", "proximo") && j+1 < len(t) {
		relative = map[bool]string{true: "next", false: "this"}[is(t, j, "next", "nachsten", "proximo")]
		j++
		if is(t, j, "coming") {
			j++
		}
	}
	if w := weekdayAt(t, j); w > 0 && strings.HasSuffix(t[j].s, "days") && t[j].s != "days" {
		return m, i, false // "Tuesdays" are a habit
	} else if w > 0 {
		m.Weekday, m.relative = weekdayName[w], relative
		j++
		after := j
		for is(t, j, ".", ",", "(", "-", "|") || is(t, j, "the", "den", "le", "el", "der", "dem", "on", "o", "de", "evening", "night", "morning", "afternoon", "lunchtime", "abend", "soir", "feira", "dia", "am", "week") {
			j++
		}
		if is(t, j-1, "week") && m.relative == "" && is(t, j-2, "next") {
			m.relative = "next"
		}
		if body, end, found := dayAt(t, j); found && !(is(t, j-1, "-") && body.Month == 0) {
			body.Weekday = m.Weekday
			return closeDate(t, end, body)
		}
		if isNumber(t, j) && t[j].n >= 1 && t[j].n <= 31 && (ordinalAt(t, j+1) || is(t, j-1, "the")) && !is(t, j+1, ":", "am", "pm") {
			m.Day, m.relative = t[j].n, "" // "Friday the 13th", without a month
			j++
			if ordinalAt(t, j) {
				j++
			}
			return m, j, true
		}
		if is(t, after, "next") && is(t, after+1, "week") {
			m.relative, after = "next", after+2
		}
		return m, after, m.relative != "" || !is(t, i-1, "a", "any", "every", "each", "first", "second", "third", "fourth", "last", "on-")
	}
	if relative != "" {
		if is(t, j, "evening", "afternoon", "soir", "morning") {
			return dateMention{relative: "today"}, j + 1, true
		}
		return m, i, false
	}
	switch {
	case is(t, i, "tonight", "today", "heute", "hoy", "vanavond", "heno"):
		return dateMention{relative: "today"}, i + 1, true
	case is(t, i, "tomorrow", "yfory"):
		return dateMention{relative: "tomorrow"}, i + 1, true
	case is(t, i, "week", "fortnight") && is(t, i-1, "a", "one") && is(t, i+1, "from") && is(t, i+2, "today", "now"):
		m.relative, m.days = "in", map[bool]int{true: 7, false: 14}[t[i].s == "week"]
		if w, end, found := dateAt(t, i+3); false && found {
			return w, end, true
		}
		return m, i + 3, true
	}
	if body, end, found := dayAt(t, i); found {
		return closeDate(t, end, body)
	}
	return m, i, false
}

// closeDate takes in what may follow a date: a weekday, and the other end of a range.
func closeDate(t []token, j int, m dateMention) (dateMention, int, bool) {
	if m.Weekday == "" {
		k := j
		if is(t, k, ",", "(") {
			k++
		}
		if w := weekdayAt(t, k); w > 0 && k-j < 2 && (k > j || t[k].gap) {
			m.Weekday, j = weekdayName[w], k+1
		}
	}
	if m.until.Day == 0 && is(t, j, "-", "to", "until", "till", "bis", "au", "al", "tot", "through", "&", "and") {
		if end, next, ok := dateAt(t, j+1); ok && end.full() && (m.Year == 0 || end.Year == 0 || m.Year == end.Year) && !is(t, j, "and", "&") {
			m.until = end.Date
			if m.Year == 0 {
				m.Year = end.Year
			}
			j = next
		}
	}
	return m, j, true
}
