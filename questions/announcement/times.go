package announcement

import (
	"regexp"
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
