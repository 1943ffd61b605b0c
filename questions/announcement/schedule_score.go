package announcement

import (
	"strings"
)

// scoreDate tells how much speaks for a date's being the chat's, and what speaks against it.
func (p *reader) scoreDate(i int, m dateMention) (score int, why string) {
	b := p.blocks[i]
	from, to := sentenceAt(b.source, m.from)
	said := b.source[from:to]
	if m.full() {
		score += 2
	}
	if m.Weekday != "" {
		score++
	}
	if m.relative != "" {
		score -= 1
	} else if !m.full() && m.Day == 0 {
		score -= 2
	}
	near := p.clockNear(i, m)
	lead := b.source[p.leadFrom(b, m, from):m.from]
	score += near
	if dateField.MatchString(b.source) {
		score += 5
	}
	if invites.MatchString(said) {
		score++
	}
	if strongly.MatchString(said) {
		score++
	}
	if i == p.title {
		score += 2
	} else if b.heading > 0 || b.strong || b.short() {
		score++
	}
	switch {
	case p.isAsked(i):
		score, why = score-8, "in a question"
	case p.recap >= 0 && i >= p.recap && i != p.title && p.recap > 0:
		score, why = score-4, "in a recap"
	case b.role == rolePosted:
		score, why = score-20, "the day of publication"
	case near == 0 && p.looksPosted(i, m):
		score, why = score-4, "the day of publication"
	case before.MatchString(said) && !strongly.MatchString(said) || before.MatchString(lead):
		score, why = score-5, "of the past"
	case notChat.MatchString(lead) || notChat.MatchString(said) && near == 0:
		score, why = score-5, "of something else"
	case p.first >= 0 && i > p.first && afterNext.MatchString(lead):
		score, why = score-6, "of the chat after it"
	case goneWord.MatchString(b.source[from:m.from]) && !moved.MatchString(said) && m.until.Day == 0 && near < 4:
		score, why = score-4, "the edge of a span"
	}
	return score, why
}

// leadFrom is where the words begin that lead to a date: after the date before it, in its sentence.
func (p *reader) leadFrom(b block, m dateMention, from int) int {
	for _, o := range b.dates {
		if o.to < m.from {
			from = max(from, o.to)
		}
	}
	return max(from, m.from-60)
}

// looksPosted tells a line that is nothing but a date with its year, above or below the title.
func (p *reader) looksPosted(i int, m dateMention) bool {
	b := p.blocks[i]
	rest := strings.TrimSpace(b.source[:m.from] + b.source[m.to:])
	if !m.full() || m.Year == 0 || len(rest) > 3 || b.isItem() {
		return false
	}
	return i <= max(p.title, 0)+2
}

// clockNear tells how close the next time stands to a date: in its sentence, its paragraph, the line beside it.
func (p *reader) clockNear(i int, m dateMention) int {
	b := p.blocks[i]
	from, to := sentenceAt(b.source, m.from)
	for _, c := range b.clocks {
		if c.from >= from && c.from < to {
			return 4
		}
	}
	if len(b.clocks) > 0 {
		return 2
	}
	for _, k := range []int{i + 1, i - 1} {
		if k >= 0 && k < len(p.blocks) && p.blocks[k].short() && b.short() && len(p.blocks[k].clocks) > 0 && !p.isAsked(k) {
			if len(p.blocks[k].dates) == 0 {
				return 3
			}
		}
	}
	return 0
}

// groupScore is a date's score with what other mentions of the same day add.
func (p *reader) groupScore(i int) int {
	m := p.dates[i]
	score := m.score * 4
	if m.full() {
		score++
	}
	for k, o := range p.dates {
		if k != i && m.full() && o.full() && m.Date.agrees(o.Date) && o.score > 0 {
			score += min(o.score, 4)
		}
	}
	return score
}
