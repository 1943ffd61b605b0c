package announcement

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
