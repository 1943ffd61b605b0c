package announcement

import (
	"fmt"
)

// A Clock is a time of day, in minutes since midnight.
type Clock int

func (c Clock) Hour() int { return int(c) / 60 }

func (c Clock) Minute() int { return int(c) % 60 }

func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c.Hour(), c.Minute()) }

// A Period is a start, an end if the text gives one, and the zone as written.
type Period struct {
	Start  Clock
	End    Clock
	HasEnd bool
	Zone   string // "GMT", or "EDT (Australia)" where the letters alone would mislead
}

// A clockMention is a time, or a range of times, at its place in a block's text.
type clockMention struct {
	start, end Clock
	hasEnd     bool
	zone       zoneMention
	half       bool // the text leaves open which half of the day is meant
	block      int
	from, to   int
	score      int
}

// A reading is one time as it stands: its half of the day may stand elsewhere.
type reading struct {
	hour, minute int
	half         byte // 'a', 'p', or 0
	strong       bool // it can be nothing but a time
	figures      int  // digits of the hour
	minutes      bool // the minutes are written
}

func (r reading) clock(half byte) Clock {
	h := r.hour
	if half == 'p' && h < 12 {
		h += 12
	}
	if half == 'a' && h == 12 {
		h = 0
	}
	return Clock(h*60 + r.minute)
}

// open tells whether the time may be in either half of the day.
func (r reading) open() bool {
	return r.half == 0 && r.hour >= 1 && r.hour <= 12 && !(r.figures == 2 && r.minutes)
}

// findClocks finds the times in a text.
func findClocks(t []token, skip []dateMention) []clockMention {
	var all []clockMention
	for i := 0; i < len(t) && len(all) < maxMentions; {
		for len(skip) > 0 && t[i].from >= skip[0].to {
			skip = skip[1:]
		}
		if len(skip) > 0 && t[i].from >= skip[0].from {
			i++
			continue
		}
		m, next, ok := clockAt(t, i)
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

// clockAt reads a time or a range that begins with token i.
func clockAt(t []token, i int) (m clockMention, next int, ok bool) {
	if i > 0 && !t[i].gap && (t[i-1].kind == 'n' || t[i-1].kind == 'w' || is(t, i-1, "#", "@", "$", "£", "€", "/", ".", ":", "_", "=", "+")) && !is(t, i-1, "t") {
		return m, i, false
	}
	a, j, ok := timeAt(t, i)
	if !ok {
		return m, i, false
	}
	b, ranged := reading{}, false
	if k := j; is(t, k, "-", "to", "until", "till", "til", "bis", "a", "tot", "tan", "al", "i", "and", "ate", "jusqu'a", "hasta") {
		k++
		if is(t, k, "-", "las", "about", "around", "approx") {
			k++
		}
		if end, after, found := timeAt(t, k); found && (a.strong || end.strong || is(t, i-1, "from", "between", "von", "de") || zoneFollows(t, after)) &&
			!(is(t, j, "and") && !is(t, i-1, "between") && !is(t, i-1, "from")) && !(is(t, j, "i") && !end.strong) {
			b, j, ranged = end, after, true
		}
	}
	dayHalf, k := halfOfDay(t, j)
	if dayHalf != 0 {
		if ranged && b.half == 0 && b.open() {
			b.half = dayHalf
		}
		if !ranged && a.half == 0 && a.open() {
			a.half, a.strong = dayHalf, true
		}
	}
	zone, after, named := zoneAt(t, j)
	if !named && k > j {
		zone, after, named = zoneAt(t, k)
	}
	strong := a.strong || ranged && (b.strong || a.strong)
	if !strong && named {
		strong = true
	}
	if !strong && (is(t, i-1, "at", "um", "@", "from", "between", "kl", "klo", "ab") || is(t, i-2, "at") && is(t, i-1, "about", "around")) && clockContext(t, j, ranged) {
		strong = true
	}
	if !strong {
		return m, i, false
	}
	if dayHalf != 0 {
		j = max(j, k)
	}
	if named {
		m.zone, j = zone, after
	}
	m.start, m.end, m.hasEnd, m.half = settleHalves(a, b, ranged)
	return m, j, true
}

// clockContext tells whether what follows a bare number leaves it a time: "at 8 on Tuesday", not "at 8 places".
func clockContext(t []token, j int, ranged bool) bool {
	return j >= len(t) || ranged || t[j].kind != 'w' && t[j].kind != 'n' && !is(t, j, "%", "/", "*") || is(t, j, "on", "for", "in", "and", "this", "tonight", "when", "with") || weekdayAt(t, j) > 0
}

// settleHalves gives each end its half of the day. What stays open is taken for the evening, and said to be.
func settleHalves(a, b reading, ranged bool) (start, end Clock, hasEnd, half bool) {
	if !ranged {
		if a.open() {
			return a.clock(evening(a.hour)), 0, false, true
		}
		return a.clock(a.half), 0, false, false
	}
	switch {
	case a.half == 0 && b.half != 0 && a.hour <= 12:
		a.half = b.half
		if a.clock(a.half) >= b.clock(b.half) && b.half == 'p' && a.hour != 12 {
			a.half = 'a' // "11–1pm"
		}
	case a.half != 0 && b.half == 0 && b.hour <= 12:
		b.half = a.half
		if b.clock(b.half) <= a.clock(a.half) {
			b.half = map[byte]byte{'a': 'p', 'p': 'a'}[a.half]
		}
	case a.half == 0 && b.half == 0 && a.open() && b.open():
		half = true
		a.half = evening(a.hour)
		if b.half = a.half; b.clock(b.half) <= a.clock(a.half) {
			b.half = map[byte]byte{'a': 'p', 'p': 'a'}[a.half]
		}
	case a.half == 0 && b.half == 0 && a.open() && b.hour > 12:
		if a.hour+12 < b.hour {
			a.half = 'p'
		}
	}
	return a.clock(a.half), b.clock(b.half), true, half
}

// evening is the half of the day in which people hold chats at an hour.
func evening(hour int) byte {
	if hour >= 9 && hour < 12 {
		return 'a'
	}
	return 'p'
}
