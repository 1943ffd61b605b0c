package announcement

import (
	"fmt"
	"regexp"
	"strings"
)

// compareDates tells whether the text's dates agree.
func (p *reader) compareDates() {
	d, chosen := p.r.Date.Value, p.dates[p.date]
	moved := p.moves()
	var others []dateMention
	for i, o := range p.dates {
		if i == p.date || o.Day == 0 || o.Month == 0 || o.score < 3 && (o.block != p.title || o.score <= 0) {
			continue
		}
		if o.sameDay(d) {
			if o.Year > 0 && d.Year > 0 && o.Year != d.Year {
				others = append(others, o)
			} else if o.Weekday != "" && d.Weekday != "" && o.Weekday != d.Weekday && !p.has(WeekdayContradictsDate) {
				e := p.blocks[o.block].evidence(o.from, o.to)
				p.doubt(WeekdayContradictsDate, e.Line, fmt.Sprintf("the date is once “%s” and once “%s”", p.r.Date.Words, e.Words))
			}
			continue
		}
		if !moved && !p.sameMoment(o, chosen) && !within(o.Date, chosen) && !within(d, o) {
			others = append(others, o)
		}
	}
	if len(others) == 0 {
		return
	}
	titled := false
	var elsewhere []dateMention
	for _, o := range others {
		if o.block == p.title || chosen.block == p.title && o.block != p.title && o.score >= chosen.score {
			titled = true
		}
		if o.block != p.title && chosen.block != p.title {
			elsewhere = append(elsewhere, o)
		}
	}
	if len(elsewhere) > 0 {
		p.severalChats(append([]dateMention{chosen}, elsewhere...))
	}
	if chosen.block == p.title && !titled {
		// The body disagrees, though faintly.
		titled = true
	}
	if titled {
		o := others[0]
		e := p.blocks[o.block].evidence(o.from, o.to)
		p.doubt(SeveralDates, e.Line, fmt.Sprintf("“%s” and “%s”", e.Words, p.r.Date.Words))
		title, body := e, p.r.Date.Evidence
		if chosen.block == p.title {
			title, body = body, title
		}
		p.doubt(TitleContradictsBody, title.Line, fmt.Sprintf("“%s” in the title, “%s” in the text", title.Words, body.Words))
	}
}

// moves tells whether the text moves a chat from one date to another.
func (p *reader) moves() bool {
	for i, b := range p.blocks {
		if !p.isAsked(i) && moves(b.source) {
			return true
		}
	}
	return false
}

var (
	movesChat  = regexp.MustCompile(`(?i)\b(?:(rescheduled|re-scheduled|rescheduling|re-arranged|rearranged|postponed|change of date|date change|changed? (?:of|the|our) date|new date|new time|change of time)|moved|put back|brought forward|been changed)\b`)
	movesHouse = regexp.MustCompile(`^(?:,?\s+\w+)?\s+(?:(?:on)?to|from)\s+(?:the\s+|our\s+)?(?:[#@]|\p{Lu})`)
	anyTime    = regexp.MustCompile(`(?i)\b(?:week|month|hour|later|earlier|` + wdPattern + `|` + moPattern + `)\b`)
)

// moves tells whether a text takes a chat to another date. A chat that has moved to Mastodon has not.
func moves(s string) bool {
	for _, m := range movesChat.FindAllStringSubmatchIndex(s, maxMentions) {
		if m[2] >= 0 {
			return true
		}
		from, to := sentenceAt(s, m[0])
		house := movesHouse.FindStringIndex(s[m[1]:])
		if anyTime.MatchString(s[from:to]) && (house == nil || anyTime.MatchString(firstWords(s[m[1]+house[1]-1:]))) {
			return true
		}
	}
	return false
}

// sameMoment tells whether two neighbouring days are one moment, as told on two sides of the world.
func (p *reader) sameMoment(a, b dateMention) bool {
	if a.block != b.block {
		return false
	}
	days := a.time(2024).Sub(b.time(2024)).Hours() / 24
	zones := 0
	clocks := p.clocksIn(p.blocks[a.block].source)
	for _, c := range clocks {
		if c.zone != "" {
			zones++
		}
	}
	return (days == 1 || days == -1) && zones > 0 && len(clocks) > 1
}

// within tells whether a date is in a mention's range.
func within(d Date, m dateMention) bool {
	if m.until.Day == 0 {
		return false
	}
	t := d.time(2024)
	return !t.Before(m.time(2024)) && !t.After(m.until.time(2024))
}

var namedLast = regexp.MustCompile(`\s*(?:\(|[,;–—-]\s*|\b(?:with|by) )(?:with |by )?([\p{Lu}][^()]*[^()\s])\)?$`)

// severalChats lists the chats of a text that announces more than one.
func (p *reader) severalChats(all []dateMention) {
	seen := map[Date]bool{}
	for _, o := range p.dates {
		key := Date{Day: o.Day, Month: o.Month}
		chosen := false
		for _, a := range all {
			chosen = chosen || a.from == o.from && a.block == o.block
		}
		if !chosen || seen[key] {
			continue
		}
		seen[key] = true
		b := p.blocks[o.block]
		c := DatedChat{Date: Found[Date]{o.Date, b.evidence(o.from, o.to)}}
		from, to := sentenceAt(b.source, o.from)
		for _, next := range p.dates { // what is said up to the next date belongs to this one
			if next.block == o.block && next.from > o.from {
				to, _ = sentenceAt(b.source, next.from)
				break
			}
			to = len(b.source)
		}
		if from >= to {
			from, to = 0, len(b.source)
		}
		said := b.source[from:to]
		if clocks := p.clocksIn(said); len(clocks) > 0 {
			c.Start = Found[Clock]{clocks[0].start, b.evidence(from+clocks[0].from, from+clocks[0].to)}
		}
		if credit := findCredits(said); len(credit) > 0 {
			c.Leader = credit[0].text
		}
		c.Title = chatTitleOf(said)
		if m := namedLast.FindStringSubmatchIndex(c.Title); m != nil && c.Leader == "" && isName(c.Title[m[2]:m[3]]) {
			c.Title, c.Leader = c.Title[:m[0]], c.Title[m[2]:m[3]] // "Signage (Ada Novak)"
		}
		p.r.Chats = append(p.r.Chats, c)
	}
	if len(p.r.Chats) < 2 {
		p.r.Chats = nil
		return
	}
	var words []string
	for _, c := range p.r.Chats {
		words = append(words, "“"+c.Date.Words+"”")
	}
	p.doubt(SeveralChats, p.r.Chats[1].Date.Line, strings.Join(words, ", "))
}
