package announcement

// timeAt reads one time.
func timeAt(t []token, i int) (r reading, next int, ok bool) {
	if i >= len(t) {
		return r, i, false
	}
	if t[i].kind == 'w' {
		return timeInWords(t, i)
	}
	if t[i].kind != 'n' {
		return r, i, false
	}
	digits := t[i].to - t[i].from
	j := i + 1
	switch {
	case digits == 4 && t[i].n/100 < 24 && t[i].n%100 < 60:
		r = reading{hour: t[i].n / 100, minute: t[i].n % 100, figures: 2, minutes: true}
		_, _, zoned := zoneAt(t, j)
		r.strong = is(t, j, "hrs", "hours", "h", "uhr", "z") || zoned || is(t, i-1, "at") && (t[i].n < 1900 || t[i].n > 2099)
		if is(t, j, "-") && isNumber(t, j+1) && t[j+1].to-t[j+1].from == 4 && t[j+1].n/100 < 24 && t[j+1].n%100 < 60 && t[j+1].n > t[i].n {
			_, _, zoned = zoneAt(t, j+2)
			r.strong = zoned || is(t, j+2, "hrs", "h", "hours")
		}
		if !r.strong && !(is(t, i-1, "-") && isNumber(t, i-2) && t[i-2].to-t[i-2].from == 4) {
			return r, i, false
		}
	case digits > 2 || t[i].n > 24:
		return r, i, false
	default:
		r = reading{hour: t[i].n, figures: digits}
		if isNumber(t, j+1) && !t[j].gap && !t[j+1].gap && t[j+1].to-t[j+1].from == 2 && t[j+1].n < 60 && is(t, j, ":", ".", "h") {
			r.minute, r.minutes = t[j+1].n, true
			r.strong = is(t, j, ":", "h") || digits == 2 && t[j+1].n%5 == 0 && !is(t, i-1, "section", "version", "v", "figure", "no", "$", "£", "€")
			j += 2
			if is(t, j, ":") && isNumber(t, j+1) && !t[j].gap && t[j+1].n < 60 {
				j += 2 // seconds
			}
			if is(t, j, ".", ":") && isNumber(t, j+1) && !t[j].gap && !t[j+1].gap {
				return r, i, false // a version, an address
			}
		}
		if t[i].n == 24 && r.minute > 0 {
			return r, i, false
		}
	}
	switch {
	case is(t, j, "am", "pm", "yh", "yb", "yp") && !(t[j].s == "am" && t[j].gap && !is(t, j+1, ".", ",", "-", ")", "(") && j+1 < len(t) && t[j+1].kind == 'w' && weekdayAt(t, j+1) > 0 && t[j].raw == "am" && r.minutes):
		r.half = map[string]byte{"am": 'a', "yb": 'a', "pm": 'p', "yh": 'p', "yp": 'p'}[t[j].s]
		r.strong, j = true, j+1
	case is(t, j, "a", "p") && is(t, j+1, ".") && is(t, j+2, "m") && !t[j+1].gap:
		r.half, r.strong, j = t[j].s[0], true, j+3
		if is(t, j, ".") && !t[j].gap {
			j++
		}
	case is(t, j, "p", "a") && is(t, j+1, "m"):
		r.half, r.strong, j = t[j].s[0], true, j+2
	case is(t, j, "uhr", "uur", "heures", "hrs", "hours", "h", "horas", "ore", "hrs", "yr") && (t[j].gap || r.minutes || t[j].s == "h" || t[j].s == "uhr" || t[j].s == "hrs"):
		if t[j].s == "hours" && !r.minutes {
			break
		}
		r.strong, j, r.figures, r.minutes = true, j+1, 2, true
		if isNumber(t, j) && t[j-1].s == "uhr" && t[j].n < 60 && t[j].to-t[j].from == 2 {
			r.minute, j = t[j].n, j+1
		}
	case is(t, j, "o'clock", "o"):
		if t[j].s == "o" && !is(t, j+1, "clock") {
			break
		}
		r.strong, j = true, j+1
	case is(t, j, "noon"):
		r.half, r.strong, j = 'p', true, j+1
	case is(t, j, "midnight"):
		r.half, r.strong, j = 'a', true, j+1
	}
	if r.half != 0 && (r.hour > 12 || r.hour == 0) {
		if r.half == 'p' && r.hour > 12 && r.hour < 24 {
			r.half = 0 // "20:00pm"
			r.figures, r.minutes = 2, true
		} else if r.hour > 12 {
			return r, i, false
		}
	}
	if r.hour > 12 && r.hour < 24 && r.half == 0 {
		r.figures, r.minutes = 2, true
	}
	return r, j, true
}

// timeInWords reads "noon", "half past seven", "eight o'clock".
func timeInWords(t []token, i int) (r reading, next int, ok bool) {
	switch {
	case is(t, i, "noon", "midday", "mediodia", "midi", "mittag"):
		return reading{hour: 12, half: 'p', strong: true}, i + 1, true
	case is(t, i, "midnight", "minuit"):
		return reading{hour: 12, half: 'a', strong: true}, i + 1, true
	case is(t, i, "half", "quarter") && is(t, i+1, "past", "to"):
		hour := 0
		if isNumber(t, i+2) {
			hour = t[i+2].n
		} else if i+2 < len(t) {
			hour = numberNames[t[i+2].s]
		}
		if hour < 1 || hour > 12 {
			return r, i, false
		}
		minute := map[bool]int{true: 30, false: 15}[t[i].s == "half"]
		if t[i+1].s == "to" {
			hour, minute = (hour+10)%12+1, 60-minute
		}
		r, next = reading{hour: hour, minute: minute, strong: true, figures: 1, minutes: true}, i+3
		if is(t, next, "am", "pm") {
			r.half, next = t[next].s[0], next+1
		}
		return r, next, true
	}
	if n := numberNames[t[i].s]; n >= 1 && n <= 12 && (is(t, i+1, "o'clock") || is(t, i+1, "pm", "am")) {
		r = reading{hour: n, strong: true, figures: 1}
		if t[i+1].s != "o'clock" {
			r.half = t[i+1].s[0]
		}
		return r, i + 2, true
	}
	return r, i, false
}

// halfOfDay reads "in the evening" and its like, which may stand a little after the time.
func halfOfDay(t []token, j int) (half byte, next int) {
	for k := j; k < min(j+4, len(t)); k++ {
		switch {
		case is(t, k, "evening", "night", "afternoon", "tarde", "noche", "soir", "apres-midi", "abends", "nachmittags", "sera", "noite"):
			return 'p', k + 1
		case is(t, k, "morning", "manana", "matin", "morgens", "vormittags"):
			return 'a', k + 1
		case !is(t, k, "in", "the", "de", "la", "du", "at", "le", "da", ",", "on"):
			return 0, j
		}
	}
	return 0, j
}
