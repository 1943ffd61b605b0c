package announcement

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	questionCue = regexp.MustCompile(`(?i)\bquestions?\b|\bfragen\b|\bpreguntas\b|\bperguntas\b|\bdomande\b|\bvragen\b|\bcwestiynau\b|\bwe(?:’ll|'ll| will)? (?:ask|discuss|cover|explore|consider|be asking|settle|talk about|look at)\b|\bto settle\b|\bprompts?\b|\bthings? (?:to (?:think|talk|chat) about|we want to know)\b|\bto think about\b|\bdiscuss(?:ion|ing)\b|\btopics?\b.{0,20}:?$|\bpoints (?:of|for) discussion\b|\binitial list\b|\bhere(?:’|')?s what\b|\b(?:like|love|want|hope|hoping) (?:us |you )?to (?:know|ask|hear|discuss|cover|explore|find out|consider)\b|\bwhat we(?:’ll|'ll| will) (?:ask|be asking)\b`)
	otherCue    = regexp.MustCompile(`(?i)\bto take part\b|\bhow to (?:join|take part)\b|\byou(?:’ll| will)? need to\b|\bhow (?:it|the (?:evening|chat|hour)) (?:runs|works)\b|\brules\b|\bsteps\b|\bresources?\b|\brecommended\b|\blinks?\b|\bfurther reading\b|\breading list\b|\breferences\b|\buseful\b|\btimetable\b|\bprogramme\b|\brun of (?:show|order)\b|\bso far\b|\bprevious chats\b|\bpast chats\b|\bdates?\b|\bfuture chats\b|\btips\b|\btop \d+\b|\bprizes?\b|\bwinners?\b|\bshortlist\b|\bnumbers\b|\bmentioned\b|\bbackground\b|\bcomments\b|\bparticipants\b|\banswers\b|\bideas (?:could be|for topics)\b|\bpast topics\b|\bplease read\b|\bafter the chat\b`)
	noAsking    = regexp.MustCompile(`(?i)\b(?:no|without|aren’t any|aren't any|are not any)\s+(?:\w+ ){0,2}(?:questions|agenda|prompts)\b(?: this (?:time|month|year))?|\bquestion-free\b`)
	agendaItem  = regexp.MustCompile(`(?i)^\W*(?:\d{1,2}[.:]\d{2}\b|\d{1,2}\s?[ap]m\b)|^\W*(?:welcome|introductions?|plugs|thanks|close|goodbyes?|wrap[- ]?up|any other business|aob)\b`)
	lastTime    = regexp.MustCompile(`(?i)\blast (?:time|month|night|week|year)\b|\bpreviously\b|\bwe (?:asked|discussed)\b`)
	closing     = regexp.MustCompile(`(?i)^(?:join (?:us|in)|tag your|chats? (?:are|is|will)|every chat|we (?:look|hope|will|’ll|'ll)|we’ll|we'll|don’t forget|don't forget|remember|please|if you|see you|looking forward|your host|hosted by|led by|thanks|thank you|transcripts?|the (?:transcript|chat|discussion|next)|tweets|archive|all chats|as (?:always|ever|usual)|come|bring|feel free|follow|use |new to|never |for more|further|resources|read|useful|contact|e-?mail|hope|can’t make|can't make|next|our next|also|p\.?s\.?|n\.?b\.?|note|background|references?|regards|cheers|updated?|posted|anything else|any (?:other|more)|what (?:else )?would you)\b`)
	fieldLine   = regexp.MustCompile(`^\W*\p{Lu}[\p{L} ]{1,24}\s*[:|=]\s*\S`)
	slowChat    = regexp.MustCompile(`(?i)\bslow[- ](?:burn(?:ing)? )?(?:twitter )?(?:chat\b|#\w+)|\b(?:one|a|new) question (?:a|each|every|per) (?:week)?day\b|\bquestion of the day\b|\b(?:one|a) (?:new )?question (?:will be )?(?:posted |asked |tweeted )?(?:each|every) (?:day|morning)\b|#\w*slow\w*`)
	dayHead     = regexp.MustCompile(`(?i)^(?:day (?:\d{1,2}|` + counted + `)|(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:,? (?:the )?\d{1,2}(?:st|nd|rd|th)?(?: (?:of )?[a-z]{3,9})?)?)\s*[:–—-]?$`)
	daySpan     = regexp.MustCompile(`^\W*(?:Q\w*\W*\d*\W*)?\(?((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\)?\b`)
)

// A run is a sequence of blocks that may be the questions: their places, where the last one ends, and what speaks for it.
type run struct {
	at    []int
	end   int
	score float64
}

// findQuestions chooses the one list that is the questions, whatever its labels.
func (p *reader) findQuestions() {
	r, ok := p.askedRun()
	if !ok && !p.declines() {
		for _, kind := range []labelKind{numbered, bulleted, lettered, daily} {
			for i := 0; i < len(p.blocks); {
				if p.blocks[i].kind != kind {
					i++
					continue
				}
				list := p.listRun(i, kind)
				if list.score >= 3 && list.score > r.score && !p.looksBack(list) {
					r = list
				}
				i = max(i+1, list.end+1)
			}
		}
		for i := 0; r.at == nil && i < len(p.blocks); i++ {
			if prose := p.proseRun(i); prose.score > 0 && !p.looksBack(prose) {
				r = prose
			}
		}
	}
	if r.at != nil {
		p.ask(r)
	}
}

// declines tells whether the text says that there are no questions.
func (p *reader) declines() bool {
	for _, b := range p.blocks {
		if noAsking.MatchString(b.source) {
			return true
		}
	}
	return false
}

func (p *reader) isSlow() bool {
	for i, b := range p.blocks {
		if !p.isAsked(i) && slowChat.MatchString(b.source) {
			return true
		}
	}
	return false
}

// askedRun is everything labelled Q1, Q2 … with what stands between. Plain numbers count among them where they go on.
func (p *reader) askedRun() (run, bool) {
	r := run{}
	n, explicit := 0, 0
	for i, b := range p.blocks {
		switch {
		case b.kind == asked && b.n == 1 && explicit >= 2 && n > 1 && p.restarts(i):
			p.doubt(SeveralChats, b.line(0), "the questions begin again with “"+excerpt(b.source)+"”")
			return p.finish(r, i), true
		case b.kind == asked && b.n == 1 && explicit == 1 && n == 1 && !p.blocks[r.at[0]].isQuestion():
			r.at = []int{i} // what came before only talked about a question
		case b.kind == asked:
			r.at = append(r.at, i)
			n = b.n
			explicit++
		case b.kind == numbered && b.n == n+1 && (len(r.at) > 0 || b.n == 1 && p.goesOnAsked(i)) && (len(r.at) == 0 || b.depth <= p.blocks[r.at[0]].depth || n > 0 && p.blocks[i-1].kind != numbered) && !agendaItem.MatchString(b.text):
			r.at = append(r.at, i)
			n = b.n
		}
	}
	if explicit == 0 || p.looksBack(r) || explicit == 1 && len(r.at) == 1 && !p.blocks[r.at[0]].isQuestion() && p.blocks[r.at[0]].gap == 0 {
		return run{}, false
	}
	return p.finish(r, len(p.blocks)), true
}

// looksBack tells whether questions in a recap are those of the chat that was held: no next one is spoken of before.
func (p *reader) looksBack(r run) bool {
	if p.recap < 0 || r.at[0] <= p.recap || p.recap > max(p.title, 0)+1 {
		return false
	}
	for _, b := range p.blocks[:r.at[0]] {
		if toCome.MatchString(b.source) && len(b.dates) > 0 {
			return false
		}
	}
	return true
}

// goesOnAsked tells whether a list that begins with a plain 1 goes on with a Q2.
func (p *reader) goesOnAsked(i int) bool {
	for _, b := range p.blocks[i+1:] {
		if b.kind == asked || b.kind == numbered && b.n == 1 {
			return b.kind == asked && b.n == 2
		}
	}
	return false
}

// restarts tells whether a second Q1 begins another list, and is no slip.
func (p *reader) restarts(i int) bool {
	for _, b := range p.blocks[i+1:] {
		if b.kind == asked {
			return b.n == 2
		}
	}
	return false
}

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

// ask makes the questions of a run.
func (p *reader) ask(r run) {
	p.first, p.last = r.at[0], r.end
	ones := true
	for _, i := range r.at {
		ones = ones && p.blocks[i].n <= 1
	}
	for k, i := range r.at {
		b := p.blocks[i]
		q := AskedQuestion{N: b.n, Line: b.line(0)}
		switch {
		case b.kind != asked && b.kind != numbered, ones && len(r.at) > 1 && b.kind != asked, b.n == 0:
			q.N = k + 1
		case b.n < 0 && k == 0:
			q.N = 1
		case b.n < 0: // "last question"
			q.N = p.r.Questions[k-1].N + 1
		}
		end := r.end
		if k+1 < len(r.at) {
			end = r.at[k+1] - 1
		}
		said := []string{b.text}
		if b.kind == daily {
			q.Day = strings.TrimRight(strings.TrimSpace(strings.TrimSuffix(b.source, b.text)), " :–—-")
		}
		for j := i + 1; j <= end; j++ {
			c := p.blocks[j]
			switch {
			case c.heading > 0 && said[0] != "":
			case c.gap > 0 && j == end && k+1 < len(r.at) && len(c.source) < 60 && strings.HasSuffix(c.source, ":"):
				// A heading over the questions that follow.
			case p.isPoint(b, c):
				q.Points = append(q.Points, p.cutHashtag(c.text))
			case c.kind == daily && p.isSlow() && j == end && k+1 < len(r.at) && len(c.text) < 40:
			case len(q.Points) > 0 && (c.depth > b.depth || c.indent > b.indent+1 || startsLower(c.source)):
				q.Points[len(q.Points)-1] += " " + c.source
			case len(q.Points) > 0 && !c.isQuestion(), p.isAside(c):
			default:
				said = append(said, c.source)
			}
		}
		q.Text = p.cutHashtag(strings.TrimSpace(strings.Join(said, " ")))
		if b.cells {
			cells := strings.Split(q.Text, " | ")
			q.Text = strings.TrimSpace(cells[len(cells)-1])
		}
		if len(q.Points) == 0 {
			q.Text, q.Points = splitLetters(q.Text)
		}
		if q.Day == "" && p.isSlow() {
			q.Day = p.dayOf(i)
		}
		p.r.Questions = append(p.r.Questions, q)
	}
}

// dayOf is the day that stands over, before or in a slow chat's question.
func (p *reader) dayOf(i int) string {
	if i > 0 && dayHead.MatchString(p.blocks[i-1].source) {
		return strings.TrimRight(p.blocks[i-1].source, " :–—-")
	}
	if m := dailyLabel.FindString(p.blocks[i].source); m != "" {
		return strings.TrimRight(m, " :–—-")
	}
	if m := daySpan.FindStringSubmatch(p.blocks[i].source); m != nil {
		return m[1]
	}
	return ""
}

func excerpt(s string) string {
	if utf8.RuneCountInString(s) <= 60 {
		return s
	}
	return string([]rune(s)[:59]) + "…"
}

// ReadQuestions reads questions that a person wrote: one a line, with or without a label, and points under them after a
// dash or further to the right.
func ReadQuestions(text string) (all []AskedQuestion) {
	for _, l := range plainLines(text) {
		kind, rest := cutLabel(l.text)
		if len(all) > 0 && (l.indent > 0 || kind.kind == bulleted || kind.kind == lettered) {
			q := &all[len(all)-1]
			q.Points = append(q.Points, rest)
			continue
		}
		all = append(all, AskedQuestion{N: len(all) + 1, Text: rest})
	}
	return all
}
