package announcement

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Clock is a time of day in minutes since midnight.
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

// A clockMention is a time, or a range of times, at its place in a text.
type clockMention struct {
	start, end Clock
	hasEnd     bool
	zone       string
	assumed    bool // in the evening, since the text leaves it open
	from, to   int
}

const (
	meridiem = `(?:\s?([ap])\.?\s?m\b\.?)`
	hourPat  = `(\d{1,2})(?:\s?[:.h]\s?(\d{2}))?`
	untilPat = `\s*(?:-|–|—|−|\bto\b|\btill?\b|\buntil\b|\band\b)\s*`
	zonePat  = `(?:GMT|BST|UTC|IST|WET|WEST|CET|CEST|EET|EEST|EST|EDT|ET|CST|CDT|CT|MST|MDT|MT|PST|PDT|PT|AEST|AEDT|AET|ACST|ACDT|AWST|NZST|NZDT|NZT|SAST|JST|SGT|HKT|PHT|AST|ADT|(?:UK|London|British|Irish|Dublin|Sydney|Melbourne|New York|Eastern|Central|Pacific|Mountain|European|local|your local|British Summer|Greenwich Mean|Eastern (?:Standard|Daylight)|Pacific (?:Standard|Daylight)|Central European(?: Summer)?) [Tt]ime|Eastern|Pacific|UK|London)`
)

var (
	meridiemRange = regexp.MustCompile(`(?i)\b` + hourPat + meridiem + `?` + untilPat + hourPat + meridiem)
	meridiemTime  = regexp.MustCompile(`(?i)\b` + hourPat + meridiem)
	clockRange    = regexp.MustCompile(`\b(\d{1,2})([:.h])(\d{2})` + untilPat + `(\d{1,2})[:.h](\d{2})\b`)
	clockTime     = regexp.MustCompile(`\b(\d{1,2})([:.h])(\d{2})\b`)
	compactRange  = regexp.MustCompile(`\b([01]\d|2[0-3])([0-5]\d)\s*(?:-|–|to)\s*([01]\d|2[0-3])([0-5]\d)\b`)
	compactTime   = regexp.MustCompile(`\b([01]\d|2[0-3])([0-5]\d)\s?(?:(?:hrs|hours|h)\b|` + zonePat + `\b)`)
	atCompact     = regexp.MustCompile(`\b(?:at|from)\s+([01]\d|2[0-3])([0-5]\d)\b`)
	namedTime     = regexp.MustCompile(`(?i)\b(?:12\s?)?(noon|midday|midnight)\b`)
	spokenTime    = regexp.MustCompile(`(?i)\b(?:(half(?: past)?|quarter past|quarter to)\s+)?(` + numberWords + `|\d{1,2})(\s?o[’']?\s?clock)?\b(?:\s+(?:in the\s+|at\s+)?(morning|afternoon|evening|night|sharp|tonight))?`)
	atOrFrom      = regexp.MustCompile(`(?i)\b(?:at|from)\s+$`)
	atHour        = regexp.MustCompile(`(?i)\b(?:at|from)\s+(\d{1,2})(?:\s*(?:-|–|to|until)\s*(\d{1,2}))?(?:\s+(?:on\b|sharp\b|tonight\b|this\b|(?:in|at) (?:the )?(?:morning|evening|night|afternoon)|` + wdPattern + `\b)|[.,;!]|$)`)
	lasts         = regexp.MustCompile(`(?i)^\s*(?:\(?\s*(?:for|lasting|and lasts|and will last|and runs for|,? runs for)\s+)(?:about\s+)?(?:(an|one|1|two|2|half an|90)[ -]?(?:\(\d\) )?(hours?|minutes|mins)(?: and a half)?)`)
	zoneAfter     = regexp.MustCompile(`^(?:hrs|h)?[\s,]*(?:in (?:the )?)?\(?\s*(` + zonePat + `)\b(?:\s*\(?\s*,?\s*\(?(Australia|US|USA|UK|America|Sydney|Brisbane|Melbourne)\b)?`)
	regionAfter   = regexp.MustCompile(`^[\s,]*(?:in|for)?\s*(?:the\s+)?(UK|US|USA|Europe|Australia|Ireland|India|Canada|New Zealand|South Africa|Sydney|Melbourne|Brisbane|Perth|London|Dublin|New York|Boston|Toronto|Chicago|Los Angeles|San Francisco|East(?:ern)? (?:US|USA|coast)|Britain|England|Scotland|Wales)\b(?:\s*\(\s*(` + zonePat + `)\b[^)]{0,60}\)|,?\s*(` + zonePat + `)\b)?`)
	price         = regexp.MustCompile(`[£$€]\s?$|\d[.,:/]$|\bv(?:ersion)?\.?\s?$|§\s?$|\bp\.?\s?$|(?i:section|chapter|figure|table|item|no\.?|volume|q)\s?$`)
	unitAfter     = regexp.MustCompile(`^(?:[.:/]?\d|%|\s?(?:%|per cent|thousand|million|k\b|km|kg|GB|MB|impressions|tweets|stars?\b|out of))`)
	dotCue        = regexp.MustCompile(`(?i)(?:^|^\d{1,2}[.)]|[•*]|\bat|\bfrom|\bstarts?|\btime:?|[,–—(@|-]|\bday,?|\d(?:st|nd|rd|th)?|` + moPattern + `\.?|20\d\d|\bto|\buntil|\band)\s*$`)
	dotAfter      = regexp.MustCompile(`(?i)^(?:\s*(?:hrs?\b|hours\b|GMT|BST|UTC|UK|CET|[,.;)!]|$|on\b|\s[A-Z]))`)
)

// findClocks finds the times in a text, in order.
func findClocks(s string) []clockMention {
	var all []clockMention
	add := func(m []int, c clockMention) {
		c.from, c.to = m[0], m[1]
		if c.start < 0 || c.start >= 24*60 || c.hasEnd && (c.end < 0 || c.end > 24*60) {
			return
		}
		for _, o := range all {
			if c.from < o.to && o.from < c.to {
				return
			}
		}
		all = append(all, c)
	}
	each := func(re *regexp.Regexp, f func(m []int)) {
		for _, m := range re.FindAllStringSubmatchIndex(s, maxMentions) {
			if !price.MatchString(s[max(0, m[0]-12):m[0]]) {
				f(m)
			}
		}
	}
	each(meridiemRange, func(m []int) {
		end := clockOf(group(s, m, 4), group(s, m, 5), group(s, m, 6))
		start := clockOf(group(s, m, 1), group(s, m, 2), group(s, m, 3))
		if group(s, m, 3) == "" {
			start = clockOf(group(s, m, 1), group(s, m, 2), group(s, m, 6))
			if start >= end && start >= 12*60 {
				start -= 12 * 60 // "11-1pm"
			}
		}
		add(m, clockMention{start: start, end: end, hasEnd: true})
	})
	each(meridiemTime, func(m []int) {
		add(m, clockMention{start: clockOf(group(s, m, 1), group(s, m, 2), group(s, m, 3))})
	})
	each(clockRange, func(m []int) {
		c := clockMention{start: clockOf(group(s, m, 1), group(s, m, 3), ""), end: clockOf(group(s, m, 4), group(s, m, 5), ""), hasEnd: true}
		if bothHalves(s, group(s, m, 1)) && c.end < 12*60 {
			c.start, c.end = c.start+12*60, c.end+12*60
			c.assumed = !inEvening.MatchString(s[m[1]:])
		}
		add(m, c)
	})
	each(clockTime, func(m []int) {
		if unitAfter.MatchString(s[m[1]:]) {
			return
		}
		if group(s, m, 2) == "." && !(dotCue.MatchString(s[:m[0]]) && dotAfter.MatchString(s[m[1]:])) {
			return
		}
		c := clockMention{start: clockOf(group(s, m, 1), group(s, m, 3), "")}
		if bothHalves(s, group(s, m, 1)) {
			c.start += 12 * 60
			c.assumed = !inEvening.MatchString(s[m[1]:])
		}
		add(m, c)
	})
	each(compactRange, func(m []int) {
		c := clockMention{start: clockOf(group(s, m, 1), group(s, m, 2), ""), end: clockOf(group(s, m, 3), group(s, m, 4), ""), hasEnd: true}
		if c.start < c.end && !(group(s, m, 1) == "20" && group(s, m, 3) == "20" && group(s, m, 2) < "40" && group(s, m, 4) < "40") { // "2015-2016" is years
			add(m, c)
		}
	})
	each(compactTime, func(m []int) {
		end := m[5]
		add([]int{m[0], end}, clockMention{start: clockOf(group(s, m, 1), group(s, m, 2), "")})
	})
	each(atCompact, func(m []int) {
		add([]int{m[2], m[5]}, clockMention{start: clockOf(group(s, m, 1), group(s, m, 2), "")})
	})
	each(namedTime, func(m []int) {
		c := Clock(12 * 60)
		if strings.EqualFold(group(s, m, 1), "midnight") {
			c = 0
		}
		add(m, clockMention{start: c})
	})
	each(spokenTime, func(m []int) {
		if c, ok := spoken(s, m); ok {
			add(m, c)
		}
	})
	each(atHour, func(m []int) {
		h, _ := strconv.Atoi(group(s, m, 1))
		if h < 1 || h > 12 || otherHour.MatchString(s[m[0]:min(len(s), m[1]+12)]) {
			return
		}
		c := clockMention{start: evening(h, s[m[0]:]), assumed: true}
		to := m[3]
		if e, err := strconv.Atoi(group(s, m, 2)); err == nil && e > 0 && e <= 12 {
			c.end, c.hasEnd = evening(e, s[m[0]:]), true
			to = m[5]
		}
		add([]int{m[2], to}, c)
	})
	slices.SortFunc(all, func(a, b clockMention) int { return cmp.Compare(a.from, b.from) })
	return withZones(s, joinEnds(s, all))
}

// clockOf reads hours and minutes; m is "a", "p" or "". The result may be out of range.
func clockOf(hour, minute, m string) Clock {
	h, _ := strconv.Atoi(hour)
	n, _ := strconv.Atoi(minute)
	if n > 59 || h > 24 || m != "" && h > 23 {
		return -1
	}
	switch {
	case strings.EqualFold(m, "p") && h < 12:
		h += 12
	case strings.EqualFold(m, "a") && h == 12:
		h = 0
	}
	return Clock(h*60 + n)
}

// joinEnds makes one range of "8pm until 9pm" in all its spellings, and of "8pm for an hour".
func joinEnds(s string, all []clockMention) []clockMention {
	var out []clockMention
	for _, c := range all {
		if n := len(out); n > 0 && !out[n-1].hasEnd && !c.hasEnd {
			if between := strings.TrimSpace(s[out[n-1].to:c.from]); untilWord.MatchString(between) && c.start > out[n-1].start {
				out[n-1].end, out[n-1].hasEnd, out[n-1].to = c.start, true, c.to
				continue
			}
		}
		if m := lasts.FindStringSubmatch(s[c.to:]); m != nil && !c.hasEnd {
			minutes := map[string]Clock{"an": 60, "one": 60, "1": 60, "two": 120, "2": 120, "half an": 30, "90": 90}[strings.ToLower(m[1])]
			if strings.HasSuffix(m[0], "half") {
				minutes += 30
			}
			c.end, c.hasEnd = c.start+minutes, true
		}
		out = append(out, c)
	}
	return out
}

var untilWord = regexp.MustCompile(`(?i)^(?:GMT|BST|UTC)?\s*(?:-|–|—|to|till?|until|and finish(?:es|ing)? at|finishing at|ending at|,? ends at)$`)

// withZones finds the zone that each time is told in.
func withZones(s string, all []clockMention) []clockMention {
	for i := range all {
		rest := s[all[i].to:]
		if ds := findDateMentions(rest[:min(len(rest), 60)]); len(ds) > 0 && justDate.MatchString(rest[:ds[0].from]) {
			if after := rest[ds[0].to:]; zoneAfter.MatchString(after) { // "8pm on Tuesday 18 August GMT"
				rest = after
			}
		}
		if m := regionAfter.FindStringSubmatch(rest); m != nil {
			zone := m[2] + m[3]
			switch {
			case zone == "":
				zone = m[1]
				if strings.HasPrefix(strings.TrimSpace(rest[strings.Index(rest, m[1])+len(m[1]):]), "time") {
					zone += " time"
				}
			case misleading[strings.ToUpper(zone)] && abroad[m[1]]:
				zone += " (" + region(m[1]) + ")"
			}
			all[i].zone = zone
			continue
		}
		if m := zoneAfter.FindStringSubmatch(rest); m != nil {
			all[i].zone = m[1]
			if misleading[strings.ToUpper(m[1])] && abroad[m[2]] {
				all[i].zone += " (" + region(m[2]) + ")"
			}
		}
	}
	return all
}

var justDate = regexp.MustCompile(`^[\s,(]*(?:on\s+)?$`)

// misleading are letters that most readers take for American.
var (
	misleading = set("EST", "EDT", "CST", "CDT", "ET", "ADT", "AST")
	abroad     = set("Australia", "Sydney", "Melbourne", "Brisbane", "Perth")
)

// region is what the zone's owner is called.
func region(place string) string {
	if abroad[place] {
		return "Australia"
	}
	return place
}
