package announcement

import "time"

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
	if w := weekdayAt(t, j); w > 0 {
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

// dayAt reads day, month and year, in any usual order.
func dayAt(t []token, i int) (m dateMention, next int, ok bool) {
	if !isNumber(t, i) {
		return monthFirst(t, i)
	}
	if t[i].n >= 1990 && t[i].n < 2200 && is(t, i+1, "-", "/") && isNumber(t, i+2) && is(t, i+3, "-", "/") && isNumber(t, i+4) && t[i+4].n <= 31 && t[i+2].n <= 12 && t[i+2].n > 0 && t[i+4].n > 0 {
		m.Year, m.Month, m.Day = t[i].n, t[i+2].n, t[i+4].n
		if i+5 < len(t) && t[i+5].s == "t" && !t[i+5].gap {
			return m, i + 6, true // the time follows, as in 2026-12-01T20:00
		}
		return m, i + 5, true
	}
	if t[i].n < 1 || t[i].n > 31 || t[i].to-t[i].from > 2 {
		return m, i, false
	}
	if m, next, ok = figures(t, i); ok {
		return m, next, true
	}
	m.Day = t[i].n
	j := skipOrdinal(t, i+1)
	first := 0
	if is(t, j, "-", "to", "until", "bis", "au", "al", "tot", "&", "and", "/") {
		k := j + 1
		if weekdayAt(t, k) > 0 {
			k++
		}
		if isNumber(t, k) && t[k].n >= 1 && t[k].n <= 31 {
			if month, after := monthAt(t, skipOrdinal(t, k+1)); month > 0 {
				first, m.until = m.Day, Date{Day: t[k].n, Month: month}
				m.Month, m.Year, next = month, 0, after
			}
		}
	}
	if first == 0 {
		month, after := monthAt(t, j)
		if month == 0 {
			return m, i, false
		}
		m.Month, next = month, after
	}
	m.Year, next = yearAt(t, next)
	m.until.Year = m.Year
	if m.until.Day == 0 {
		m.until = Date{}
	}
	return m, next, true
}

// monthFirst reads "August 18th, 2015" and "May 4-8".
func monthFirst(t []token, i int) (m dateMention, next int, ok bool) {
	month, j := monthAt(t, i)
	if month == 0 || !isNumber(t, j) || t[j].n < 1 || t[j].n > 31 || t[j].to-t[j].from > 2 || !capital(t[i].raw) || is(t, j+1, "%") || is(t, j+1, ":") && isNumber(t, j+2) && !t[j+2].gap || is(t, i+1, "of", "de") {
		return m, i, false
	}
	m.Month, m.Day = month, t[j].n
	j = skipOrdinal(t, j+1)
	if is(t, j, "-") && isNumber(t, j+1) && t[j+1].n > m.Day && t[j+1].n <= 31 && !is(t, j+2, ":", "am", "pm", ".") {
		m.until = Date{Day: t[j+1].n, Month: month}
		j = skipOrdinal(t, j+2)
	}
	m.Year, next = yearAt(t, j)
	return m, next, true
}

// figures reads 18/08/2015, 18.8.15, 17/11. If either part may be the month, the other reading is kept.
func figures(t []token, i int) (m dateMention, next int, ok bool) {
	sep := ""
	if i+2 < len(t) && (is(t, i+1, "/", ".") || is(t, i+1, "-")) && !t[i+1].gap && isNumber(t, i+2) && !t[i+2].gap && t[i+2].to-t[i+2].from <= 2 {
		sep = t[i+1].s
	}
	if sep == "" {
		return m, i, false
	}
	a, b := t[i].n, t[i+2].n
	next = i + 3
	if is(t, next, sep) && !t[next].gap {
		next++
		if isNumber(t, next) && !t[next].gap {
			switch year := t[next].n; {
			case t[next].to-t[next].from == 4 && year >= 1990 && year < 2200:
				m.Year = year
				next++
			case t[next].to-t[next].from == 2:
				m.Year = 2000 + year
				next++
			default:
				return m, i, false
			}
		} else if sep != "." {
			return m, i, false
		}
	} else if sep != "/" {
		return m, i, false
	}
	if sep == "." && m.Year == 0 && (b > 12 || is(t, next, "") || next >= len(t) || t[next].kind == 'w' && capital(t[next].raw)) {
		return m, i, false // "7.30. Then…"
	}
	if is(t, next, "/") || is(t, next, "%") || is(t, next, "of") || m.Year == 0 && sep == "/" && (a < 4 && b < 6 && a < b && t[i].to-t[i].from == 1) {
		return m, i, false // a fraction, or a page of a thread
	}
	m.Day, m.Month = a, b
	if b > 12 {
		m.Day, m.Month = b, a
	} else if a <= 12 && a != b && sep == "/" {
		m.other = Date{Day: b, Month: a, Year: m.Year}
	}
	return m, next, m.Month >= 1 && m.Month <= 12 && m.Day >= 1 && m.Day <= 31
}

func weekdayAt(t []token, i int) int {
	if i < 0 || i >= len(t) || t[i].kind != 'w' {
		return 0
	}
	w := t[i].s
	if s := len(w); s > 2 && w[s-2:] == "'s" {
		w = w[:s-2]
	}
	d := weekdays[w]
	if d > 0 && (len(w) < 4 || wordy[w]) && !capital(t[i].raw) {
		return 0
	}
	return d
}

// monthAt reads a month's name, after "of" or a dot, and tells which token follows it.
func monthAt(t []token, i int) (month, next int) {
	for k := 0; k < 2 && is(t, i, "of", "de", "del", "d", "o", "da", ".", "-", "/", "mi", "mis"); k++ {
		i++
	}
	if i >= len(t) || t[i].kind != 'w' {
		return 0, i
	}
	w := t[i].s
	if len(w) > 2 && (w[:2] == "d'" || w[:2] == "o'") {
		w = w[2:]
	}
	month = months[w]
	if month > 0 && wordy[w] && !capital(t[i].raw) && w != "mai" && w != "mars" && w != "medi" {
		return 0, i
	}
	next = i + 1
	if month > 0 && len(w) <= 5 && is(t, next, ".") {
		next++
	}
	return month, next
}

// yearAt reads a year that follows a date: 2015, (2015), '15.
func yearAt(t []token, i int) (year, next int) {
	j := i
	for k := 0; k < 2 && is(t, j, ",", "(", "de", "del", "of", "/", "-"); k++ {
		j++
	}
	switch {
	case isNumber(t, j) && t[j].to-t[j].from == 4 && t[j].n >= 1990 && t[j].n < 2200 && !is(t, j+1, "hrs", "h", "gmt", "utc", "-") && !(is(t, j+1, ":") && isNumber(t, j+2) && !t[j+2].gap) && (t[j].gap || j > i):
		return t[j].n, j + 1
	case isNumber(t, j) && t[j].to-t[j].from == 4 && t[j].n >= 1990 && t[j].n < 2200 && is(t, j+1, "-") && !(isNumber(t, j+2) && t[j+2].to-t[j+2].from == 4):
		return t[j].n, j + 1
	case j < len(t) && (t[j].s == "'" || t[j].s == "’") && isNumber(t, j+1) && t[j+1].to-t[j+1].from == 2:
		return 2000 + t[j+1].n, j + 2
	}
	return 0, i
}

func ordinalAt(t []token, i int) bool {
	return i < len(t) && !t[i].gap && is(t, i, "st", "nd", "rd", "th", "er", "e", "ain", "fed", "ydd", "eg", "a", "o")
}

func skipOrdinal(t []token, i int) int {
	if ordinalAt(t, i) || i < len(t) && !t[i].gap && is(t, i, ".", "º", "ª") {
		return i + 1
	}
	return i
}
