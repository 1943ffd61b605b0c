package announcement

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// listRun is a list of one kind that begins at block i, and how much it looks like questions.
func (p *reader) listRun(i int, kind labelKind) run {
	r := run{at: []int{i}}
	first := p.blocks[i]
	last, end := i, len(p.blocks)
	ones, prose := true, 0
scan:
	for j := i + 1; j < len(p.blocks); j++ {
		b := p.blocks[j]
		same := b.kind == kind && b.level() == first.level() && b.indent <= first.indent+1
		next := p.blocks[last].n + 1
		switch {
		case same && kind == numbered && (b.n == 1 && !(ones && first.n == 1) && next != 1 || b.n != next && !(ones && b.n == 1) && prose > 0),
			same && prose > 0 && kind != numbered,
			b.heading > 0 && first.heading == 0,
			b.kind == unlabelled && b.depth < first.depth && !(kind == numbered && p.numberFollows(j, next)):
			end = j
			break scan
		case same:
			ones = ones && b.n == 1
			r.at = append(r.at, j)
			last, prose = j, 0
		case b.kind == unlabelled && b.depth == 0 && b.indent <= first.indent:
			if prose++; prose > 3 || kind == numbered && !p.numberFollows(j, next) {
				end = j
				break scan
			}
		}
	}
	r = p.finish(r, end)
	r.score = p.weigh(r, kind)
	return r
}

// numberFollows tells whether, after paragraphs, the list goes on with n.
func (p *reader) numberFollows(i, n int) bool {
	for j := i; j < len(p.blocks) && j < i+6; j++ {
		if b := p.blocks[j]; b.kind == numbered {
			return b.n == n
		} else if b.heading > 0 {
			return false
		}
	}
	return false
}

// weigh says how much a list looks like the questions.
func (p *reader) weigh(r run, kind labelKind) float64 {
	marks, agenda, dated, long := 0, 0, 0, 0
	for k, i := range r.at {
		b := p.blocks[i]
		end := i + 1
		if k+1 < len(r.at) {
			end = r.at[k+1]
		}
		for _, o := range p.blocks[i:end] {
			if strings.Contains(o.text, "?") {
				marks++
				break
			}
		}
		if agendaItem.MatchString(b.text) {
			agenda++
		}
		if len(b.dates) > 0 && (kind != daily || !p.isSlow()) && !b.isQuestion() || fieldLine.MatchString(b.text) && kind == bulleted && (len(b.dates)+len(b.clocks) > 0) {
			dated++
		}
		if len(b.text) > 12 {
			long++
		}
	}
	n := float64(len(r.at))
	score := 4*float64(marks)/n + n/100
	if (agenda+dated)*2 >= len(r.at) {
		score -= 8
	}
	switch {
	case kind == numbered:
		score++
	case kind == lettered:
		score--
	case kind == daily && p.isSlow():
		score += 4
	}
	cue, other := p.cueBefore(r.at[0])
	if cue {
		score += 2.5
		if long == len(r.at) && len(r.at) >= 2 {
			score += 0.5
		}
	} else if other {
		score -= 3
	}
	if len(r.at) < 2 {
		score -= 1.5
	}
	if j := p.listHead(r.at[0]); j >= r.at[0]-2 && j >= 0 && lastTime.MatchString(p.blocks[j].source) && !toCome.MatchString(p.blocks[j].source) {
		score -= 3
	}
	if kind == bulleted && !cue && marks < len(r.at) || p.recap >= 0 && r.at[0] > p.recap && p.recap <= max(p.title, 0)+1 && !cue {
		score -= 3
	}
	return score
}

// listHead is the paragraph over the list that block i is in, or -1.
func (p *reader) listHead(i int) int {
	for j := i - 1; j >= 0; j-- {
		if !p.blocks[j].isItem() {
			return j
		}
	}
	return -1
}

// cueBefore reads what introduces a list: its heading, the line before it, or the title.
func (p *reader) cueBefore(i int) (cue, other bool) {
	for j := i - 1; j >= 0 && j >= i-2; j-- {
		b := p.blocks[j]
		if b.isItem() && b.kind != daily || j < i-1 && (p.blocks[j+1].heading > 0 || len(b.source) >= 100) {
			break
		}
		tail := b.source
		if len(tail) > 200 {
			from, _ := sentenceAt(tail, len(tail)-2)
			tail = tail[from:]
		}
		q, o := questionCue.MatchString(tail), otherCue.MatchString(tail)
		if q && o { // the last word counts: "resources to think about before the questions"
			o = strings.HasSuffix(b.source, ":") && !strings.Contains(strings.ToLower(tail), "question")
			q = !o
		}
		if cue, other = q, o && j == i-1; q || o {
			break
		}
	}
	return cue, other
}

// proseRun is what block i begins if it is a line "Questions" over unlabelled questions, or the first of several bold
// lines or headings that ask something, or rows of a table.
func (p *reader) proseRun(i int) run {
	b := p.blocks[i]
	from := i
	switch {
	case b.kind == unlabelled && b.isQuestion() && (b.strong || b.heading > 0 || b.cells) && i != p.title:
	case b.kind == unlabelled && !b.isQuestion() && questionCue.MatchString(b.source) && !otherCue.MatchString(b.source) && (b.heading > 0 || b.strong || strings.HasSuffix(b.source, ":") || len(b.source) < 50 && !strings.HasSuffix(b.source, ".")) && i+1 < len(p.blocks) && p.blocks[i+1].isQuestion():
		from = i + 1
		b = p.blocks[from]
	default:
		return run{}
	}
	var r run
	end := from
	for j := from; j < len(p.blocks); j++ {
		o := p.blocks[j]
		alike := o.kind == unlabelled && o.isQuestion() && o.indent <= b.indent && o.strong == b.strong && o.heading == b.heading && o.cells == b.cells
		switch {
		case alike:
			r.at = append(r.at, j)
			end = j + 1
			continue
		case o.kind == unlabelled && o.indent > b.indent && o.gap == 0 && len(r.at) > 0:
			continue
		case (b.strong || b.heading > 0) && !(o.heading > 0 && o.heading <= b.heading || j-end > 4): // details under each
			continue
		}
		break
	}
	if len(r.at) < 2 {
		return run{}
	}
	r = p.finish(r, map[bool]int{true: len(p.blocks), false: end}[b.strong || b.heading > 0])
	r.score = 3 + float64(len(r.at))/100
	return r
}

// finish finds where the last question of a run ends: with its points, and with paragraphs that hang under it.
func (p *reader) finish(r run, limit int) run {
	last := r.at[len(r.at)-1]
	q := p.blocks[last]
	long := p.longWinded(r)
	r.end = last
	for j := last + 1; j < limit && j < len(p.blocks); j++ {
		b := p.blocks[j]
		empty := r.end == last && q.text == ""
		switch {
		case b.heading > 0 && !empty, signOff.MatchString(b.source), b.kind == asked, recapBegins.MatchString(b.source):
			return r
		case b.isItem() && b.kind != daily:
			if !p.isPoint(q, b) || b.gap > 2 || r.end == last && b.kind == bulleted && !b.isQuestion() && closing.MatchString(b.text) {
				return r
			}
		case empty && j == last+1:
		case closing.MatchString(b.source) && !b.isQuestion():
			return r
		case b.depth > 0 && b.depth == q.depth && q.markup && b.gap == 0:
		case b.gap == 0 && b.isQuestion() && !closing.MatchString(b.source):
		case b.gap == 0 && startsLower(b.source):
		case long && b.gap == 0 && j == last+1 && b.indent == q.indent:
		case b.indent > q.indent && !q.markup && b.depth == 0:
		case long && b.isQuestion() && b.gap <= 1 && b.depth == q.depth && !closing.MatchString(b.source):
		default:
			return r
		}
		r.end = j
	}
	return r
}

func startsLower(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r)
}

// longWinded tells whether earlier questions of a run have paragraphs of their own.
func (p *reader) longWinded(r run) bool {
	for k := 0; k+1 < len(r.at); k++ {
		for j := r.at[k] + 1; j < r.at[k+1]; j++ {
			if p.blocks[j].kind == unlabelled && p.blocks[j].heading == 0 && !p.isAside(p.blocks[j]) {
				return true
			}
		}
	}
	return false
}

// isPoint tells whether an item belongs to the question before it.
func (p *reader) isPoint(q, b block) bool {
	switch b.kind {
	case lettered:
		return q.kind != lettered
	case bulleted:
		return q.kind != bulleted || b.indent > q.indent || b.depth > q.depth
	case numbered:
		return b.depth > q.depth && b.depth > 0 || b.indent > q.indent+1
	}
	return false
}

// isAside is a line between questions that is none of their words: a clock time, a day.
func (p *reader) isAside(b block) bool {
	return len(b.clocks) > 0 && len(b.source) < 25 || dayHead.MatchString(b.source)
}
