package announcement

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	endWords   = regexp.MustCompile(`(?i)\b(?:close|closes|end|ends|ending|finish|finishes|goodbye|wrap(?:s|ping)? up|until|till)\b`)
	turnTimes  = regexp.MustCompile(`(?i)^\W*(?:welcome|introductions?|questions?|q\d|plugs|thanks|close|wrap|end|finish|first|second|topic)`)
	saysStart  = regexp.MustCompile(`(?i)^(?:time|when)\b|\b(?:starts?|begins?|kick(?:s|ing)? off)\b`)
	fromBefore = regexp.MustCompile(`(?i)\bfrom\s+$`)
	allTimes   = regexp.MustCompile(`\b(?:[Aa]ll )?[Tt]imes?(?: zone)?(?: (?:is|are)(?: in)?| in|:)\s+(` + zonePat + `)\b`)
	endsAt     = regexp.MustCompile(`(?i)\b(?:finish(?:es|ing)?|ends?|ending|close[sd]?|wraps? up|wind(?:s)? up|stop(?:s)?|done|over) (?:at |by |around |about )?$`)
	denies     = regexp.MustCompile(`(?i)\b(?:no need (?:for|to)\b[^,;:]{0,30}|not(?: at)?\s+|(?:instead of|rather than)\s[^,;:]{0,40})$`)
	asksAt     = regexp.MustCompile(`(?i)\b(?:Q\d+|question (?:\d+|one|two)|first question|questions?)\b.{0,20}\bat\s*$|\bby\s*$|\bbefore\s*$|\bwas .{0,20}at\s*$|\b(?:doors|reminder|posted|published|deadline)\b.{0,25}$`)
)

// findTimes finds when the chat starts and ends.
func (p *reader) findTimes() {
	best, bestBlock, bestScore := clockMention{}, -1, 0
	for i, b := range p.blocks {
		if p.isByline(b) {
			continue
		}
		for _, c := range p.clocksIn(b.source) {
			score := p.weighClock(i, c)
			if score > bestScore {
				best, bestBlock, bestScore = c, i, score
			}
		}
	}
	if bestBlock < 0 {
		if p.r.Date.OK() || !p.has(noDate) {
			p.doubt(noTime, p.r.Date.Line)
		}
		return
	}
	b := p.blocks[bestBlock]
	e := b.evidence(best.from, best.to)
	p.r.Start = Found[Clock]{best.start, e}
	if best.assumed {
		p.doubt(eveningAssumed, e.Line, "“"+e.Words+"”", best.start.String())
	}
	if best.zone != "" {
		p.r.Zone = Found[string]{best.zone, e}
	} else {
		p.findZone()
	}
	if best.hasEnd {
		p.r.End = Found[Clock]{best.end % (24 * 60), e}
	} else {
		p.findEnd(best.start)
	}
	p.findSittings(bestBlock)
	for i := range p.r.Chats {
		if !p.r.Chats[i].Start.OK() {
			p.r.Chats[i].Start = p.r.Start
		}
	}
	p.compareTimes(bestBlock, best)
}

// findZone reads "all times are GMT".
func (p *reader) findZone() {
	for i, b := range p.blocks {
		if m := allTimes.FindStringSubmatchIndex(b.source); m != nil && !p.isAsked(i) {
			p.r.Zone = Found[string]{b.source[m[2]:m[3]], b.evidence(m[2], m[3])}
			return
		}
	}
}

// weighClock says how likely a time is the chat's start.
func (p *reader) weighClock(i int, c clockMention) int {
	b := p.blocks[i]
	from, to := sentenceAt(b.source, c.from)
	s := b.source[from:to]
	score := 2
	if p.date >= 0 {
		switch d := p.dates[p.date]; {
		case d.block == i && d.from >= from && d.from < to:
			score += 8
		case d.block == i:
			score += 5
		case p.r.Date.Value.Day > 0 && p.sameDaySaid(s):
			score += 6
		}
	}
	if invites.MatchString(s) || saysStart.MatchString(s) {
		score += 3
	}
	if i == p.title {
		score += 2
	}
	before := b.source[from:c.from]
	if endsAt.MatchString(before) || asksAt.MatchString(before) && !p.isSlow() || turnTimes.MatchString(b.source[c.to:]) && b.isItem() {
		score -= 7
	}
	if deadlines.MatchString(before) && !fromBefore.MatchString(before) {
		score -= 6
	}
	if p.isAsked(i) || denies.MatchString(before) {
		score -= 20
	}
	if p.recap >= 0 && i >= p.recap && !futureTense.MatchString(s) {
		score -= 4
	}
	if pastTense.MatchString(s) && !futureTense.MatchString(s) && !p.isSlow() {
		score -= 5
	}
	return score
}

// sameDaySaid tells whether a sentence names the chat's date, or only its weekday, or tonight.
func (p *reader) sameDaySaid(s string) bool {
	for _, d := range p.datesIn(s) {
		if d.Month > 0 && d.sameDay(p.r.Date.Value) {
			return true
		}
		if d.Day > 0 && d.Day != p.r.Date.Value.Day {
			return false
		}
	}
	w := bareDay.FindString(s)
	return w != "" && weekdayOf(w) == p.r.Date.Value.Weekday || strings.Contains(strings.ToLower(s), "tonight")
}

// findEnd reads "21.00 Close" and "the discussion will finish at 9 pm".
func (p *reader) findEnd(start Clock) {
	for i, b := range p.blocks {
		if p.isAsked(i) {
			continue
		}
		for _, c := range p.clocksIn(b.source) {
			from, to := sentenceAt(b.source, c.from)
			closes := endsAt.MatchString(b.source[from:c.from]) || c.from <= 4 && endWords.MatchString(firstWords(b.source[c.to:to]))
			if closes && c.start > start && c.start <= start+6*60 {
				p.r.End = Found[Clock]{c.start, b.evidence(c.from, min(to, c.to+30))}
				return
			}
		}
	}
}

func firstWords(s string) string {
	fields := strings.Fields(s)
	return strings.Join(fields[:min(len(fields), 3)], " ")
}

// findSittings lists all times if the text gives several, for several zones or in several sittings.
func (p *reader) findSittings(in int) {
	var all []Found[Period]
	zones, starts := map[string]bool{}, map[Clock]bool{}
	for i := max(in-1, 0); i < len(p.blocks) && i <= in+6; i++ {
		b := p.blocks[i]
		if p.isAsked(i) || i != in && !(b.isItem() || len(b.source) < 90) {
			if i > in {
				break
			}
			continue
		}
		for _, c := range p.clocksIn(b.source) {
			if i != in && c.zone == "" || turnTimes.MatchString(b.source[c.to:]) && b.isItem() || endsAt.MatchString(b.source[:c.from]) || asksAt.MatchString(b.source[:c.from]) {
				continue
			}
			period := Period{c.start, c.end % (24 * 60), c.hasEnd, c.zone}
			known := false
			for _, o := range all {
				known = known || o.Value == period
			}
			if !known {
				all = append(all, Found[Period]{period, b.evidence(c.from, c.to)})
				zones[c.zone] = true
				starts[c.start] = true
			}
		}
	}
	if len(all) < 2 {
		return
	}
	if len(zones) > 1 && !zones[""] || sittings.MatchString(p.blocks[in].source) && len(starts) > 1 || len(zones) > 1 && len(starts) > 1 {
		p.r.Times = all
		first := all[0]
		p.r.Start = Found[Clock]{first.Value.Start, first.Evidence}
		p.r.End = Found[Clock]{}
		if first.Value.HasEnd {
			p.r.End = Found[Clock]{first.Value.End, first.Evidence}
		}
		p.r.Zone = Found[string]{}
		if first.Value.Zone != "" {
			p.r.Zone = Found[string]{first.Value.Zone, first.Evidence}
		}
	}
}

// compareTimes doubts a start that the title, or another sentence about the same day, contradicts.
func (p *reader) compareTimes(in int, best clockMention) {
	if len(p.r.Times) > 0 {
		return
	}
	for i, b := range p.blocks {
		if i == in || p.isAsked(i) || i == p.title && len(p.datesIn(b.source)) == 0 && !invites.MatchString(b.source) || p.recap >= 0 && i >= p.recap && i != p.title {
			continue
		}
		for _, c := range p.clocksIn(b.source) {
			if c.start == best.start || c.zone != best.zone && c.zone != "" || c.assumed {
				continue
			}
			from, to := sentenceAt(b.source, c.from)
			if i != p.title && !p.sameDaySaid(b.source[from:to]) || p.weighClock(i, c) < 4 {
				continue
			}
			e := b.evidence(c.from, c.to)
			if i == p.title || in == p.title {
				p.doubt(TitleContradictsBody, e.Line, fmt.Sprintf("“%s” and “%s”", e.Words, p.r.Start.Words))
			} else {
				p.doubt(severalTimes, e.Line, fmt.Sprintf("“%s” and “%s”", e.Words, p.r.Start.Words))
			}
			return
		}
	}
}
