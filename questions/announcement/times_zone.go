package announcement

import (
	"regexp"
	"strings"
	"time"
)

var allTimes = regexp.MustCompile(`(?i)\b(?:all times(?: (?:are|given|shown|listed))*|times (?:are|given|shown)|time ?zone|zeitzone|fuseau(?: horaire)?|zona horaria)(?: (?:are|is|in|the))*\s*:?\s+`)

// zoneApart reads a zone that stands in a sentence of its own: "All times are US Central".
func (p *reader) zoneApart() {
	for i, b := range p.blocks {
		if p.isAsked(i) {
			continue
		}
		m := allTimes.FindStringIndex(b.source)
		if m == nil {
			continue
		}
		t := tokens(b.source[m[1]:])
		z, _, ok := zoneName(t, 0)
		if !ok && len(t) > 0 && t[0].kind == 'w' {
			end := 1
			for end < len(t) && end < 4 && t[end].kind == 'w' {
				end++
			}
			z = zoneMention{words: joined(t[:end])}
			if choices, stop := placeChoices(t, 0); choices != nil {
				z = zoneMention{joined(t[:stop]), choices}
			}
		}
		if z.named() && !p.zone.named() {
			p.zone = z
			p.r.Zone = Found[string]{z.words, b.evidence(m[0], len(b.source))}
			if len(p.others) > 0 {
				p.others[0].zone = z
			}
		}
	}
}

// placeZone finds the zone of the start: as named, as the other times have it, as the series has it, or as assumed.
func (p *reader) placeZone(day time.Time) (*time.Location, bool) {
	start := p.r.Start.Value
	if !p.zone.named() {
		p.r.Assumed = append(p.r.Assumed, "zone")
		if home := p.language(); home != "" && !p.opts.ZoneGiven && p.opts.Series.Chats == 0 {
			if zone, err := time.LoadLocation(home); err == nil && home != p.opts.Zone.String() {
				p.doubt(zoneAssumed, p.r.Start.Line, home)
				return zone, true
			}
		}
		if p.opts.Series.Zone != "" && !p.opts.ZoneGiven {
			if zone, err := time.LoadLocation(p.opts.Series.Zone); err == nil {
				return zone, true
			}
		}
		return p.opts.Zone, true
	}
	choices := p.zone.choices
	if p.opts.ZoneGiven && (len(choices) != 1 || p.unclear(choices[0], day)) {
		return p.opts.Zone, true
	}
	if len(choices) == 0 {
		p.doubt(zoneUnknown, p.r.Zone.Line, p.zone.words)
		return p.opts.Zone, false
	}
	for _, known := range []string{p.opts.Series.Zone, p.opts.Zone.String()} { // what the series keeps to is no question
		for _, c := range choices {
			if c.name == known && len(choices) > 1 {
				choices = []zoneChoice{c}
			}
		}
	}
	if at, ok := choices[0].holds(day, start); p.opts.ZoneGiven && ok && !at.Equal(time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, p.opts.Zone)) {
		p.doubt(zoneDiffers, p.r.Zone.Line, p.zone.words, p.opts.Zone.String())
	} else if p.opts.ZoneGiven {
		return p.opts.Zone, true
	}
	best, agreeing := 0, false
	for i, c := range choices {
		at, _ := c.holds(day, start)
		if n, total := p.agreeing(at, day); total > 0 && n == total {
			best, agreeing = i, true
			break
		}
	}
	c := choices[best]
	at, holds := c.holds(day, start)
	zone := at.Location()
	switch {
	case agreeing && len(p.others) > 1:
		if !holds && !p.mixedSeasons() {
			p.doubt(ZoneWrongForDate, p.r.Zone.Line, "“"+p.zone.words+"” on "+dayName(Date{Day: day.Day(), Month: int(day.Month()), Year: day.Year()}), at.Format("15:04 MST"), p.literal(c, day, start))
		}
	case !holds && !p.anyHolds(choices, day, start):
		p.doubt(ZoneWrongForDate, p.r.Zone.Line, "“"+p.zone.words+"” on "+dayName(Date{Day: day.Day(), Month: int(day.Month()), Year: day.Year()}), at.Format("15:04 MST"), p.literal(c, day, start))
	case len(choices) > 1 && !agreeing:
		var names []string
		for _, k := range choices {
			if _, ok := k.holds(day, start); ok {
				names = append(names, k.name)
			}
		}
		if len(names) > 1 {
			p.doubt(zoneAmbiguous, p.r.Zone.Line, append([]string{"“" + p.zone.words + "”"}, names...)...)
		}
		for _, k := range choices {
			if at, ok := k.holds(day, start); ok {
				zone = at.Location()
				break
			}
		}
	}
	return zone, true
}

// unclear tells whether a zone's name is not in force on a day, so that what a person gives settles it.
func (p *reader) unclear(c zoneChoice, day time.Time) bool {
	_, ok := c.holds(day, p.r.Start.Value)
	return !ok
}

func (p *reader) anyHolds(choices []zoneChoice, day time.Time, start Clock) bool {
	for _, c := range choices {
		if _, ok := c.holds(day, start); ok {
			return true
		}
	}
	return false
}

// literal is the start if the letters of its zone are taken at their word.
func (p *reader) literal(c zoneChoice, day time.Time, start Clock) string {
	at := time.Date(day.Year(), day.Month(), day.Day(), start.Hour(), start.Minute(), 0, 0, time.FixedZone(p.zone.words, c.offset*60))
	if zone, err := time.LoadLocation(c.name); err == nil {
		return at.In(zone).Format("15:04 MST")
	}
	return at.UTC().Format("15:04 UTC")
}

// agreeing counts the other times that are the same moment, in one of the zones that their names may mean.
func (p *reader) agreeing(at, day time.Time) (n, total int) {
	for i, o := range p.others {
		if i == 0 || len(o.zone.choices) == 0 {
			continue
		}
		total++
		for _, c := range o.zone.choices {
			same := false
			for _, shift := range []int{0, 1, -1} {
				if other, _ := c.holds(day.AddDate(0, 0, shift), o.start); other.Equal(at) {
					same = true
				}
				if c.promise { // or the letters at their word
					d := day.AddDate(0, 0, shift)
					if time.Date(d.Year(), d.Month(), d.Day(), o.start.Hour(), o.start.Minute(), 0, 0, time.FixedZone("", c.offset*60)).Equal(at) {
						same = true
					}
				}
			}
			if same {
				n++
				break
			}
		}
	}
	return n, total
}

// mixedSeasons tells whether one of the other times has a name without a season, or one that is in force: then it is
// clear what the first must be.
func (p *reader) mixedSeasons() bool {
	day := p.r.Resolved
	if day.IsZero() {
		day = p.r.Date.Value.time(max(p.r.Date.Value.Year, p.r.Proposed))
	}
	for _, o := range p.others[1:] {
		for _, c := range o.zone.choices {
			if _, ok := c.holds(day, o.start); ok && !strings.HasPrefix(c.name, "UTC") {
				return true
			}
		}
	}
	return false
}

// language is where people live who write months, weekdays and times as the text does; "" for English.
func (p *reader) language() string {
	homes := map[string]string{
		"uhr": "Europe/Berlin", "uur": "Europe/Amsterdam", "heures": "Europe/Paris", "horas": "Europe/Madrid", "ore": "Europe/Rome",
	}
	for row, home := range map[int]string{4: "Europe/Berlin", 5: "Europe/Berlin", 6: "Europe/Paris", 7: "Europe/Madrid", 8: "Europe/Rome", 9: "Europe/Lisbon", 11: "Europe/Amsterdam", 15: "Europe/Stockholm", 16: "Europe/Copenhagen"} {
		for _, w := range strings.Fields(strings.Split(weekdayRows, "\n")[row]) {
			homes[w] = home
		}
	}
	for i, b := range p.blocks {
		if p.isAsked(i) || len(b.dates)+len(b.clocks) == 0 {
			continue
		}
		for _, w := range b.tokens {
			if home := homes[w.s]; home != "" {
				return home
			}
		}
	}
	return ""
}
