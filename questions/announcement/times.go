package announcement

import (
	"regexp"
	"strings"
	"time"
)

// chooseClock chooses the time that stands with the chosen date, and the other times that stand with it.
func (p *reader) chooseClock() {
	var all []clockMention
	for i, b := range p.blocks {
		for _, c := range b.clocks {
			if c.score = p.scoreClock(i, c); c.score > 0 {
				all = append(all, c)
			}
		}
	}
	best := -1
	for i, c := range all {
		if best < 0 || c.score > all[best].score || c.score == all[best].score && c.zone.named() && !all[best].zone.named() && c.block != all[best].block && c.start == all[best].start {
			best = i
		}
	}
	if best < 0 {
		return
	}
	c := all[best]
	for i, o := range all { // of several that stand together, the first is the start
		if i < best && o.block == c.block && o.score >= c.score-1 && !p.isEnd(o) {
			c = o
			break
		}
	}
	if p.isEnd(c) {
		return
	}
	b := p.blocks[c.block]
	p.r.Start = Found[Clock]{c.start, b.evidence(c.from, c.to)}
	if c.hasEnd {
		p.r.End = Found[Clock]{c.end, b.evidence(c.from, c.to)}
	}
	p.zone = c.zone
	for _, o := range all {
		near := o.block == c.block || o.score >= 4
		switch {
		case o.block == c.block && o.from == c.from:
		case p.isEnd(o):
			if !p.r.End.OK() {
				p.r.End = Found[Clock]{o.start, p.blocks[o.block].evidence(o.from, o.to)}
			}
		case o.start == c.start && (!o.zone.named() || !c.zone.named() || o.zone.words == c.zone.words):
			if !p.r.End.OK() && o.hasEnd {
				p.r.End = Found[Clock]{o.end, p.blocks[o.block].evidence(o.from, o.to)}
			}
			if !p.zone.named() && o.zone.named() {
				p.zone = o.zone
				c.zone = o.zone
			}
			c.half = c.half && o.half
		case near && !o.zone.named() && o.score <= c.score-3:
			p.doubt(otherTime, p.blocks[o.block].line(o.from), "“"+p.blocks[o.block].source[o.from:o.to]+"”", c.start.String())
		case near:
			p.others = append(p.others, o)
		}
	}
	p.others = append([]clockMention{c}, p.others...)
	if p.zone.named() {
		p.r.Zone = Found[string]{p.zone.words, b.evidence(c.from, c.to)}
	}
	p.zoneApart()
	if len(p.others) > 1 {
		for _, o := range p.others {
			p.r.Times = append(p.r.Times, Found[Period]{Period{o.start, o.end, o.hasEnd, o.zone.words}, p.blocks[o.block].evidence(o.from, o.to)})
		}
	}
	for i, b := range p.blocks { // the last line of a run of show
		for _, o := range b.clocks {
			if !p.r.End.OK() && p.agenda(i) && p.isEnd(o) {
				p.r.End = Found[Clock]{o.start, b.evidence(o.from, o.to)}
			}
		}
	}
	if c.half && !p.seriesSays(c) {
		p.doubt(eveningAssumed, p.r.Start.Line, "“"+p.r.Start.Words+"”", p.r.Start.Value.String())
	}
}

// seriesSays tells whether earlier chats settle which half of the day is meant.
func (p *reader) seriesSays(c clockMention) bool {
	s := p.opts.Series
	if s.Chats == 0 || (s.Start-c.start)%(12*60) != 0 {
		return false
	}
	if p.r.End.OK() && s.Start != c.start {
		p.r.End.Value = (p.r.End.Value + 12*60) % (24 * 60)
	}
	p.r.Start.Value = s.Start
	return true
}

// scoreClock tells how much speaks for a time's being the chat's.
func (p *reader) scoreClock(i int, c clockMention) int {
	b := p.blocks[i]
	from, to := sentenceAt(b.source, c.from)
	said, ahead := b.source[from:to], b.source[from:c.from]
	score := 0
	sameDay := false
	for k, m := range p.dates {
		if k != p.chosen && (p.chosen < 0 || !m.agrees(p.r.Date.Value) || m.score < 0) {
			continue
		}
		switch {
		case m.block == i && m.from >= from && m.from < to:
			score, sameDay = max(score, 6), true
		case m.block == i:
			score = max(score, 5)
		case (m.block == i-1 || m.block == i+1) && b.short() && p.blocks[m.block].short():
			score = max(score, 5)
		}
		if k == p.chosen && m.block == i {
			score++
		}
	}
	if timeField.MatchString(b.source) {
		score = 10
	}
	if p.chosen >= 0 && !sameDay { // it stands with another day
		for _, m := range p.dates {
			if m.block == i && m.full() && m.from >= from && m.from < to && !m.agrees(p.r.Date.Value) {
				score -= 7
			}
		}
	}
	switch {
	case strongly.MatchString(said):
		score += 3
	case invites.MatchString(said):
		score += 2
	case b.short() && i != p.title:
		score++
	}
	if i == p.title {
		score += 2
	}
	if numberRun.MatchString(ahead) { // the name of a file: "hcldr - 082413 - 1730"
		score -= 6
	}
	clause := ahead[max(0, len(ahead)-40):]
	switch {
	case p.isAsked(i):
		score = 0
	case oldTime.MatchString(ahead):
		score -= 12
	case p.recap > 0 && i >= p.recap:
		score -= 4
	case notChat.MatchString(clause) || before.MatchString(said) && score < 6:
		score -= 5
	case b.kind == numbered && p.agenda(i):
		score -= 2
	}
	if m := strongly.FindStringIndex(clause); m != nil && !sameDay {
		score++ // "cake from 6:30pm; the chat starts at 7pm"
	}
	if forOther.MatchString(b.source[c.to:]) {
		score -= 3
	}
	return score
}

var (
	numberRun = regexp.MustCompile(`\b\d{6,8}\b`)
	forOther  = regexp.MustCompile(`(?i)^\s*(?:for (?:tea|cake|drinks?|coffee|introductions|set-?up|a test)|doors)\b`)
	closes    = regexp.MustCompile(`(?i)^[\s:–-]*(?:close|end|finish|goodbye)`)
)

// agenda tells whether an item is one of several that begin with times.
func (p *reader) agenda(i int) bool {
	n := 0
	for k := max(0, i-3); k < min(i+4, len(p.blocks)); k++ {
		if p.blocks[k].isItem() && len(p.blocks[k].clocks) > 0 && p.blocks[k].clocks[0].from < 8 {
			n++
		}
	}
	return n > 1
}

// isEnd tells a time at which the chat ends: "finish at 9 pm", "21.00 Close".
func (p *reader) isEnd(c clockMention) bool {
	b := p.blocks[c.block]
	from, _ := sentenceAt(b.source, c.from)
	if endsAt.MatchString(b.source[from:c.from]) && !c.hasEnd {
		return true
	}
	return closes.MatchString(b.source[c.to:])
}

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
