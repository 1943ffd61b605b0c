package questions

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	questionCue = regexp.MustCompile(`(?i)\bquestions?\b|\bwe(?:’ll|'ll| will)? (?:ask|discuss|cover|explore|consider|be asking|settle)\b|\bto settle\b|\bprompts?\b|\bthings? (?:to (?:think|talk|chat) about|we want to know)\b|\bto think about\b|\bdiscussion points?\b|\btopics? for discussion\b|\bpoints (?:of|for) discussion\b|\binitial list\b|\bhere(?:’|')?s what\b|\b(?:like|love|want|hope|hoping) to (?:know|ask|hear|discuss|cover|explore|find out)\b|\bwhat we(?:’ll|'ll| will) (?:ask|be asking)\b`)
	otherCue    = regexp.MustCompile(`(?i)\bto take part\b|\bhow to (?:join|take part)\b|\byou(?:’ll| will)? need to\b|\bhow (?:it|the (?:evening|chat|hour)) (?:runs|works)\b|\brules\b|\bsteps\b|\bresources?\b|\brecommended\b|\blinks?\b|\bfurther reading\b|\breading list\b|\breferences\b|\buseful\b|\bagenda\b|\btimetable\b|\bprogramme\b|\brun of (?:show|order)\b|\bchats so far\b|\bso far\b|\bprevious chats\b|\bpast chats\b|\bdates?\b|\bfuture chats\b|\btips\b|\btop \d+\b|\bprizes?\b|\bwinners?\b|\bshortlist\b|\bnumbers\b|\bmentioned\b|\bbackground\b|\bcomments\b|\bparticipants\b|\banswers\b`)
	noAsking    = regexp.MustCompile(`(?i)\b(?:no|without|aren’t any|aren't any|are not any)\s+(?:\w+ ){0,2}(?:questions|agenda|prompts)\b(?: this (?:time|month|year))?|\bquestion-free\b`)
	agendaItem  = regexp.MustCompile(`(?i)^\W*(?:\d{1,2}[.:]\d{2}\b|\d{1,2}\s?[ap]m\b)|^\W*(?:welcome|introductions?|plugs|thanks|close|goodbyes?|wrap[- ]?up|any other business|aob)\b`)
	closing     = regexp.MustCompile(`(?i)^(?:join (?:us|in)|tag your|chats? (?:are|is|will)|every chat|we (?:look|hope|will|’ll|'ll)|we’ll|we'll|don’t forget|don't forget|remember|please|if you|see you|looking forward|your host|hosted by|led by|thanks|thank you|transcripts?|the (?:transcript|chat|discussion|next)|tweets|archive|all chats|as (?:always|ever|usual)|come|bring|feel free|follow|use |new to|never |for more|further|resources|read|useful|contact|e-?mail|hope|can’t make|can't make|next|our next|also|p\.?s\.?|n\.?b\.?|note|background|references?|best wishes|kind regards|regards|cheers|updated?|posted)\b`)
	signOffs    = regexp.MustCompile(`(?i)^(?:best wishes|kind regards|regards|all the best|many thanks|thanks|cheers|yours|warm wishes)\b`)
)

// A run is a sequence of blocks that may be the questions: the places of the questions, and where the last one ends.
type run struct {
	at    []int
	end   int
	score float64
}

// findQuestions finds the one list that is the questions, whatever its labels.
func (p *reader) findQuestions() {
	if r, ok := p.askedRun(); ok {
		p.take(r)
		return
	}
	if p.declines() {
		return
	}
	var best run
	consider := func(r run) {
		if len(r.at) > 0 && r.score >= 3 && r.score > best.score && !p.looksBack(r) {
			best = r
		}
	}
	for _, kind := range []labelKind{numbered, bulleted, lettered, daily} {
		for i := 0; i < len(p.blocks); {
			if p.blocks[i].kind != kind {
				i++
				continue
			}
			r := p.listRun(i, kind)
			consider(r)
			i = max(i+1, r.end+1)
		}
	}
	if best.at == nil {
		for i := range p.blocks {
			consider(p.proseRun(i))
		}
	}
	if best.at != nil {
		p.take(best)
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

// askedRun is everything labelled Q1, Q2 … with what stands between. Plain numbers count among them where they go on.
func (p *reader) askedRun() (run, bool) {
	r := run{}
	n := 0
	explicit := 0
	for i, b := range p.blocks {
		switch {
		case b.kind == asked && b.n == 1 && explicit >= 2 && n > 1 && p.restarts(i):
			p.severalRuns(i)
			return p.finish(r, i), true
		case b.kind == asked, b.kind == daily && i+1 < len(p.blocks) && p.blocks[i+1].kind == asked && false:
			r.at = append(r.at, i)
			n = b.n
			explicit++
		case b.kind == numbered && b.n == n+1 && (len(r.at) > 0 || b.n == 1 && p.goesOnAsked(i)) && b.depth <= p.depthOf(r) && !agendaItem.MatchString(b.text):
			r.at = append(r.at, i)
			n = b.n
		}
	}
	if explicit == 0 {
		return run{}, false
	}
	if p.looksBack(r) {
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
		if futureTense.MatchString(b.source) && len(findDateMentions(b.source)) > 0 {
			return false
		}
	}
	return true
}

func (p *reader) depthOf(r run) int {
	if len(r.at) == 0 {
		return 9
	}
	return p.blocks[r.at[0]].depth
}

// goesOnAsked tells whether a list that begins with a plain 1 goes on with a Q2.
func (p *reader) goesOnAsked(i int) bool {
	for _, b := range p.blocks[i+1:] {
		if b.kind == asked {
			return b.n == 2
		}
		if b.kind == numbered && b.n == 1 {
			return false
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

// severalRuns says that a second list of questions follows, if nothing else has said so yet.
func (p *reader) severalRuns(i int) {
	if !p.has(severalPosts) {
		p.doubt(SeveralChats, p.blocks[i].line(0), "the questions begin again with “"+excerpt(p.blocks[i].source)+"”")
	}
}

func excerpt(s string) string {
	if utf8.RuneCountInString(s) <= 60 {
		return s
	}
	return string([]rune(s)[:59]) + "…"
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
		same := b.kind == kind && b.depth == first.depth && b.indent <= first.indent+1
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
		case b.heading > 0 && first.heading == 0, b.kind == unlabelled && b.depth < first.depth:
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
	for _, i := range r.at {
		b := p.blocks[i]
		if strings.Contains(b.text, "?") {
			marks++
		}
		if agendaItem.MatchString(b.text) {
			agenda++
		}
		if len(findDateMentions(b.source)) > 0 && kind != daily {
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
	if kind == bulleted && !cue && marks < len(r.at) {
		score -= 2
	}
	if p.recap >= 0 && r.at[0] > p.recap && p.recap <= max(p.title, 0)+1 && !cue {
		score -= 4
	}
	return score + n/100
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
		return o.kind == unlabelled && o.isQuestion() && o.strong == b.strong && o.heading == b.heading
	}
	switch {
	case b.kind == unlabelled && b.isQuestion() && (b.strong || b.heading > 0) && i != p.title:
	case b.kind == unlabelled && !b.isQuestion() && regexp.MustCompile(`(?i)\bquestions\b`).MatchString(b.source) && (b.heading > 0 || b.strong || strings.HasSuffix(b.source, ":") || len(b.source) < 30) && i+1 < len(p.blocks):
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

// take makes the questions of a run.
func (p *reader) take(r run) {
	p.first, p.last = r.at[0], r.end
	ones := true
	for _, i := range r.at {
		ones = ones && p.blocks[i].n <= 1
	}
	for k, i := range r.at {
		b := p.blocks[i]
		q := AskedQuestion{N: b.n, Line: b.line(0)}
		switch {
		case b.kind != asked && b.kind != numbered, ones && len(r.at) > 1 && b.kind != asked, b.n == 0 && b.kind != asked:
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
		words := []string{b.text}
		if b.kind == daily {
			q.Day = dayBefore(b)
		}
		for j := i + 1; j <= end; j++ {
			c := p.blocks[j]
			switch {
			case c.heading > 0 && words[0] != "":
			case p.isPoint(b, c):
				q.Points = append(q.Points, p.cutHashtag(c.text))
			case c.kind == daily && p.isSlow() && j == end && k+1 < len(r.at) && len(c.text) < 40:
			case len(q.Points) > 0 && (c.inside > 0 || c.indent > b.indent+1 || startsLower(c.source)):
				q.Points[len(q.Points)-1] += " " + c.source
			case len(q.Points) > 0 && !c.isQuestion():
				// An aside after the points belongs to nobody.
			case p.isAside(c):
			default:
				words = append(words, c.source)
			}
		}
		q.Text = p.cutHashtag(strings.TrimSpace(strings.Join(words, " ")))
		if len(q.Points) == 0 {
			q.Text, q.Points = splitLetters(q.Text)
		}
		q.Text = strings.TrimSpace(strings.Trim(q.Text, " "))
		if p.isSlow() && q.Day == "" {
			q.Day = p.dayOf(i)
		}
		p.r.Questions = append(p.r.Questions, q)
	}
}

// dayBefore is the label of a daily question.
func dayBefore(b block) string {
	return strings.TrimRight(strings.TrimSpace(strings.TrimSuffix(b.source, b.text)), " :–—-")
}

// isAside is a line between questions that is none of their words: a clock time, a heading in capitals.
func (p *reader) isAside(b block) bool {
	if len(findClocks(b.source)) > 0 && len(b.source) < 25 {
		return true
	}
	_, weekday := p.dayHead(b)
	return weekday
}

var dayHead = regexp.MustCompile(`(?i)^(?:day (?:\d{1,2}|` + numberWords + `)|(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:,? (?:the )?\d{1,2}(?:st|nd|rd|th)?(?: (?:of )?[a-z]{3,9})?)?)\s*[:–—-]?$`)

// dayHead tells whether a block is no more than a day, over the question of that day.
func (p *reader) dayHead(b block) (string, bool) {
	if m := dayHead.FindString(b.source); m != "" {
		return strings.TrimRight(m, " :–—-"), true
	}
	return "", false
}

// dayOf is the day that stands over, before or in a slow chat's question.
func (p *reader) dayOf(i int) string {
	if i > 0 {
		if day, ok := p.dayHead(p.blocks[i-1]); ok {
			return day
		}
	}
	if m := dailyLabel.FindString(p.blocks[i].source); m != "" {
		return strings.TrimRight(m, " :–—-")
	}
	if m := regexp.MustCompile(`^\W*(?:Q\w*\W*\d*\W*)?\(?((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\)?\b`).FindStringSubmatch(p.blocks[i].source); m != nil {
		return m[1]
	}
	return ""
}

var slowChat = regexp.MustCompile(`(?i)\bslow[- ](?:burn(?:ing)? )?(?:twitter )?chat\b|\b(?:one|a|new) question (?:a|each|every|per) day\b|\bquestion of the day\b|\b(?:one|a) (?:new )?question (?:will be )?(?:posted |asked |tweeted )?(?:each|every) (?:day|morning)\b|#\w*slow\w*`)

// isSlow tells whether the chat is held over days.
func (p *reader) isSlow() bool {
	for i, b := range p.blocks {
		if !p.isAsked(i) && slowChat.MatchString(b.source) {
			return true
		}
	}
	return false
}

// doubtQuestions says what is odd about the questions.
func (p *reader) doubtQuestions() {
	if len(p.r.Questions) == 0 {
		if p.r.Kind != OpenChat && p.r.Kind != Quiz && p.r.Kind != Recap {
			p.doubt(noQuestions, 0)
		}
		return
	}
	var numbers []string
	ordered := true
	for i, q := range p.r.Questions {
		numbers = append(numbers, fmt.Sprint(q.N))
		ordered = ordered && (i == 0 && q.N <= 1 || i > 0 && q.N == p.r.Questions[i-1].N+1)
		if q.Text == "" && len(q.Points) == 0 {
			p.doubt(emptyQuestion, q.Line, fmt.Sprintf("Question %d", q.N))
		}
	}
	if !ordered {
		p.doubt(QuestionNumbersNotInOrder, p.r.Questions[0].Line, strings.Join(numbers, ", "))
	}
}
