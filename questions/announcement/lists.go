package announcement

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A run is a sequence of blocks that may be the questions: the places of the questions, and where the last one ends.
type run struct {
	at    []int
	end   int
	score float64
}

// listRun is a list of one kind that begins at block i, and how much it looks like questions.
func (p *reader) listRun(i int, kind labelKind) run {
	r := run{at: []int{i}}
	first := p.blocks[i]
	last, end := i, len(p.blocks)
	ones := true
	prose := 0
scan:
	for j := i + 1; j < len(p.blocks); j++ {
		b := p.blocks[j]
		same := b.kind == kind && b.level() == first.level() && b.indent <= first.indent+1
		switch {
		case same && kind == numbered && b.n == 1 && !(ones && first.n == 1) && p.blocks[last].n != 0:
			end = j
			break scan
		case same && kind == numbered && b.n != p.blocks[last].n+1 && !(ones && b.n == 1) && prose > 0:
			end = j
			break scan
		case same:
			if prose > 0 && kind != numbered {
				end = j
				break scan
			}
			ones = ones && b.n == 1
			r.at = append(r.at, j)
			last, prose = j, 0
		case b.heading > 0 && first.heading == 0, b.kind == unlabelled && b.depth < first.depth && !(kind == numbered && p.numberFollows(j, p.blocks[last].n+1)):
			end = j
			break scan
		case b.kind == unlabelled && b.inside == 0 && b.indent <= first.indent:
			prose++
			if prose > 3 || kind == numbered && !p.numberFollows(j, p.blocks[last].n+1) {
				end = j
				break scan
			}
		}
	}
	if kind == numbered && first.n == 1 && len(r.at) > 1 && p.blocks[last].n == 1 && !ones {
		ones = false
	}
	r = p.finish(r, end)
	r.score = p.weighRun(r, kind)
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

// weighRun says how much a list looks like the questions.
func (p *reader) weighRun(r run, kind labelKind) float64 {
	marks, agenda, long := 0, 0, 0
	for k, i := range r.at {
		b := p.blocks[i]
		if p.asks(r, k) {
			marks++
		}
		if agendaItem.MatchString(b.text) {
			agenda++
		}
		if len(p.datesIn(b.source)) > 0 && (kind != daily || !p.isSlow()) {
			agenda++
		}
		if len(b.text) > 12 {
			long++
		}
	}
	n := float64(len(r.at))
	score := 4 * float64(marks) / n
	if agenda*2 >= len(r.at) {
		score -= 8
	}
	if kind == numbered {
		score++
	}
	if kind == lettered {
		score--
	}
	if kind == daily && p.isSlow() {
		score += 4
	}
	cue, other := p.cueBefore(r.at[0])
	if cue {
		score += 2.5
		if long == len(r.at) && len(r.at) >= 2 {
			score += 0.5
		}
	}
	if other && !cue {
		score -= 3
	}
	if len(r.at) < 2 {
		score -= 1.5
	}
	if j := p.listHead(r.at[0]); j >= 0 && j >= r.at[0]-2 && earlierTime.MatchString(p.blocks[j].source) && !futureTense.MatchString(p.blocks[j].source) {
		score -= 3
	}
	if kind == bulleted && !cue && marks < len(r.at) {
		score -= 2
	}
	if p.recap >= 0 && r.at[0] > p.recap && p.recap <= max(p.title, 0)+1 && !cue {
		score -= 4
	}
	return score + n/100
}

// asks tells whether an item of a run has a question mark, or the paragraphs between it and the next item have.
func (p *reader) asks(r run, k int) bool {
	end := r.at[k] + 1
	if k+1 < len(r.at) {
		end = r.at[k+1]
	}
	for i := r.at[k]; i < end; i++ {
		if strings.Contains(p.blocks[i].text, "?") {
			return true
		}
	}
	return false
}

// cueBefore reads what introduces a list: its heading, the line before it, or the title.
func (p *reader) cueBefore(i int) (cue, other bool) {
	for j := i - 1; j >= 0 && j >= i-2; j-- {
		b := p.blocks[j]
		if b.isItem() && b.kind != daily {
			break
		}
		near := j == i-1 || p.blocks[j+1].heading == 0 && len(b.source) < 100
		if !near {
			break
		}
		tail := b.source
		if len(tail) > 200 {
			from, _ := sentenceAt(tail, len(tail)-2)
			tail = tail[from:]
		}
		q, o := questionCue.MatchString(tail), otherCue.MatchString(tail)
		switch {
		case q && o:
			// The last word counts: "resources to think about before the questions".
			o = strings.HasSuffix(b.source, ":") && !strings.Contains(strings.ToLower(tail), "question")
			q = !o
		case o && j < i-1:
			o = false
		}
		cue, other = cue || q && !other, other || o && !cue
		if q || o {
			break
		}
	}
	return cue, other
}

// proseRun is what block i begins if it is a heading "Questions" over unlabelled questions, or the first of several
// bold lines or headings that ask something.
func (p *reader) proseRun(i int) run {
	var r run
	b := p.blocks[i]
	from := i
	alike := func(o block) bool {
		return o.kind == unlabelled && o.isQuestion() && o.indent <= b.indent && o.strong == b.strong && o.heading == b.heading
	}
	switch {
	case b.kind == unlabelled && b.isQuestion() && (b.strong || b.heading > 0) && i != p.title:
	case b.kind == unlabelled && !b.isQuestion() && questionCue.MatchString(b.source) && (b.heading > 0 || b.strong || strings.HasSuffix(b.source, ":") || len(b.source) < 50 && !ends.MatchString(b.source)) && i+1 < len(p.blocks):
		from = i + 1
		b = p.blocks[from]
		if !b.isQuestion() {
			return r
		}
	default:
		return r
	}
	end := from
	for j := from; j < len(p.blocks); j++ {
		o := p.blocks[j]
		if alike(o) {
			r.at = append(r.at, j)
			end = j + 1
			continue
		}
		if o.kind == unlabelled && o.indent > b.indent && o.gap == 0 && len(r.at) > 0 {
			continue
		}
		if b.strong || b.heading > 0 { // details under each
			if o.heading > 0 && o.heading <= b.heading || j-end > 4 {
				break
			}
			continue
		}
		break
	}
	if len(r.at) < 2 {
		return run{}
	}
	if !b.strong && b.heading == 0 {
		r = p.finish(r, end)
	} else {
		r = p.finish(r, len(p.blocks))
	}
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
		case b.heading > 0 && !empty, signOffs.MatchString(b.source):
			return r
		case b.kind == asked:
			return r
		case b.isItem() && b.kind != daily:
			if !p.isPoint(q, b) || b.gap > 2 {
				return r
			}
			if r.end == last && b.kind == bulleted && !b.isQuestion() && closing.MatchString(b.text) {
				return r
			}
		case empty && j == last+1:
		case closing.MatchString(b.source) && !b.isQuestion():
			return r
		case b.inside > 0 && b.inside == q.inside && q.markup:
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
			if p.blocks[j].kind == unlabelled && p.blocks[j].heading == 0 {
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
