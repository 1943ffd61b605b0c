package announcement

import (
	"strings"
	"time"
	"unicode"
)

// A zoneMention is a time zone as a text names it.
type zoneMention struct {
	words   string
	choices []zoneChoice // what it may mean, the likeliest first; none if it is not understood
}

func (z zoneMention) named() bool { return z.words != "" }

func zoneFollows(t []token, i int) bool {
	_, _, ok := zoneAt(t, i)
	return ok
}

// zoneAt reads the zone that follows a time, and tells which token follows it.
func zoneAt(t []token, i int) (z zoneMention, next int, ok bool) {
	j := i
	for k := 0; k < 3 && is(t, j, "(", ",", "in", "the", "[", "at", "your"); k++ {
		j++
	}
	if j >= len(t) || is(t, j-1, "your") {
		return z, i, false
	}
	if is(t, j-1, "(") { // "13:00 (Dublin)"
		if choices, end := placeChoices(t, j); choices != nil && is(t, end, ")") {
			return zoneMention{joined(t[j:end]), choices}, end + 1, true
		}
	}
	z, next, ok = zoneName(t, j)
	if !ok || is(t, j-1, "in", "the", "at") && !is(t, next-1, "time", "uk", "australia", "europe", "ireland", "germany", "india", "japan") && len(abbreviations[t[j].s]) == 0 {
		return zoneMention{}, i, false
	}
	if is(t, next, ")", "]") {
		next++
	}
	// "in Australia (EST)": the letters, as that place means them.
	k := next
	if is(t, k, "(", ",") {
		if letters, after, found := zoneName(t, k+1); found && len(abbreviations[t[k+1].s])+len(australian[t[k+1].s]) > 0 && len(places[t[j].s]) > 0 {
			if strings.Contains(fold(z.words), "australia") {
				if choices := australian[t[k+1].s]; choices != nil {
					letters.choices, letters.words = choices, letters.words+" (Australia)"
				}
			}
			z, next = letters, after
			if is(t, next, ")") {
				next++
			}
		}
	}
	return z, next, true
}

// zoneName reads the name of a zone that stands at token i.
func zoneName(t []token, i int) (z zoneMention, next int, ok bool) {
	if i >= len(t) || t[i].kind != 'w' {
		return z, i, false
	}
	if is(t, i, "gmt", "utc") && (is(t, i+1, "+") || is(t, i+1, "-") && !(i+1 < len(t) && t[i+1].gap)) && isNumber(t, i+2) && t[i+2].n <= 14 && !t[i+2].gap {
		sign := map[bool]int{true: 1, false: -1}[t[i+1].s == "+"]
		minutes, end := t[i+2].n*60, i+3
		if is(t, end, ":") && isNumber(t, end+1) && t[end+1].n < 60 {
			minutes, end = minutes+t[end+1].n, end+2
		}
		z.words = joined(t[i:end])
		z.choices = fixed(sign * minutes)
		return z, end, true
	}
	if is(t, i+1, "/") && i+2 < len(t) && !t[i+1].gap && !t[i+2].gap && t[i+2].kind == 'w' {
		end := i + 3
		for is(t, end, "_", "/") && end+1 < len(t) && t[end+1].kind == 'w' {
			end += 2
		}
		name := joined(t[i:end])
		if _, err := time.LoadLocation(name); err == nil {
			return zoneMention{name, []zoneChoice{{name: name}}}, end, true
		}
		if choices := places[fold(name)]; choices != nil {
			return zoneMention{name, choices}, end, true
		}
	}
	upper := t[i].raw == strings.ToUpper(t[i].raw) && len(t[i].raw) > 1
	if choices := abbreviations[t[i].s]; choices != nil && (upper || t[i].raw == "Z" && !t[i].gap || len(t[i].s) > 2 && is(t, i, "gmt", "utc", "bst", "cest", "edt", "pdt", "aest", "aedt")) && !(t[i].s == "z" && t[i].gap) {
		end := i + 1
		if is(t, end, "time") {
			end++
		}
		if choices[0].name == "Europe/London" && is(t, end, "/") && is(t, end+1, "bst", "gmt") {
			return zoneMention{joined(t[i : end+2]), places["uk"]}, end + 2, true
		}
		return zoneMention{t[i].raw, choices}, end, true
	}
	if is(t, i, "us", "u", "usa", "north") && i+1 < len(t) && len(places[t[i+1].s]) > 0 {
		i++
	}
	if z, next, ok := placeTime(t, i); ok {
		return z, next, true
	}
	// Letters that look like a zone's: three or four capitals that end in T.
	if n := len(t[i].raw); upper && n >= 3 && n <= 5 && t[i].raw[n-1] == 'T' && t[i].raw != "CHAT" && t[i].raw != "NOT" && t[i].raw != "AT" && t[i].raw != "START" {
		return zoneMention{words: t[i].raw}, i + 1, true
	}
	return z, i, false
}

// placeTime reads "UK time", "Eastern", "New York time", "heure de Paris".
func placeTime(t []token, i int) (z zoneMention, next int, ok bool) {
	if is(t, i, "hora", "heure", "ora", "time") && i+1 < len(t) {
		k := i + 1
		for is(t, k, "de", "in", "di") {
			k++
		}
		if is(t, k-1, "de", "in", "di") || k < len(t) && places[t[k].s] != nil {
			if choices, end := placeChoices(t, k); choices != nil {
				return zoneMention{joined(t[i:end]), choices}, end, true
			}
			if k < len(t) && t[k].kind == 'w' && capital(t[k].raw) && !is(t, i, "time") {
				return zoneMention{words: joined(t[i : k+1])}, k + 1, true
			}
		}
	}
	end := i
	for end < len(t) && end < i+3 && t[end].kind == 'w' && (unicode.IsUpper([]rune(t[end].raw)[0]) || places[t[end].s] != nil && end == i) && t[end].s != "time" {
		end++
	}
	if end == i || weekdayAt(t, i) > 0 || months[t[i].s] > 0 {
		return z, i, false
	}
	choices, known := placeChoices(t, i)
	stop := known
	if is(t, stop, "standard", "daylight", "summer", "local") {
		stop++
	}
	if choices != nil && is(t, stop, "time", "zeit", "uhrzeit") {
		return zoneMention{joined(t[i : stop+1]), choices}, stop + 1, true
	}
	if choices != nil && (capital(t[i].raw) || t[i].s == "uk") && is(t, i, "uk", "eastern", "central", "pacific", "mountain", "europe", "australia", "nz", "ireland", "germany", "india", "japan") {
		return zoneMention{joined(t[i:known]), choices}, known, true
	}
	if is(t, end, "time") && !is(t, i, "the", "this", "chat", "same", "usual", "start", "our", "next", "first", "last", "each", "every", "your", "local") {
		return zoneMention{words: joined(t[i : end+1])}, end + 1, true
	}
	return z, i, false
}

// joined is the text of tokens, with single spaces where there were any.
func joined(t []token) string {
	var b strings.Builder
	for i, w := range t {
		if i > 0 && w.gap {
			b.WriteByte(' ')
		}
		b.WriteString(w.raw)
	}
	return b.String()
}

// holds tells whether a zone keeps its promise on a date: EST is not in force in a New York summer.
func (c zoneChoice) holds(d time.Time, start Clock) (time.Time, bool) {
	zone, err := time.LoadLocation(c.name)
	if err != nil {
		return time.Time{}, false
	}
	at := time.Date(d.Year(), d.Month(), d.Day(), start.Hour(), start.Minute(), 0, 0, zone)
	_, offset := at.Zone()
	return at, !c.promise || offset == c.offset*60
}
