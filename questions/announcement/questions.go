package announcement

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	questionCue = regexp.MustCompile(`(?i)\bquestions?\b|\bwe(?:’ll|'ll| will)? (?:ask|discuss|cover|explore|consider|be asking|settle)\b|\bto settle\b|\bprompts?\b|\bthings? (?:to (?:think|talk|chat) about|we want to know)\b|\bto think about\b|\bdiscussion points?\b|\btopics? for discussion\b|\bpoints (?:of|for) discussion\b|\binitial list\b|\bhere(?:’|')?s what\b|\b(?:like|love|want|hope|hoping) to (?:know|ask|hear|discuss|cover|explore|find out)\b|\bwhat we(?:’ll|'ll| will) (?:ask|be asking)\b`)
	otherCue    = regexp.MustCompile(`(?i)\bto take part\b|\bhow to (?:join|take part)\b|\byou(?:’ll| will)? need to\b|\bhow (?:it|the (?:evening|chat|hour)) (?:runs|works)\b|\brules\b|\bsteps\b|\bresources?\b|\brecommended\b|\blinks?\b|\bfurther reading\b|\breading list\b|\breferences\b|\buseful\b|\btimetable\b|\bprogramme\b|\brun of (?:show|order)\b|\bchats so far\b|\bso far\b|\bprevious chats\b|\bpast chats\b|\bdates?\b|\bfuture chats\b|\btips\b|\btop \d+\b|\bprizes?\b|\bwinners?\b|\bshortlist\b|\bnumbers\b|\bmentioned\b|\bbackground\b|\bcomments\b|\bparticipants\b|\banswers\b`)
	noAsking    = regexp.MustCompile(`(?i)\b(?:no|without|aren’t any|aren't any|are not any)\s+(?:\w+ ){0,2}(?:questions|agenda|prompts)\b(?: this (?:time|month|year))?|\bquestion-free\b`)
	agendaItem  = regexp.MustCompile(`(?i)^\W*(?:\d{1,2}[.:]\d{2}\b|\d{1,2}\s?[ap]m\b)|^\W*(?:welcome|introductions?|plugs|thanks|close|goodbyes?|wrap[- ]?up|any other business|aob)\b`)
	dayInside   = regexp.MustCompile(`^\W*(?:Q\w*\W*\d*\W*)?\(?((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\)?\b`)
	earlierTime = regexp.MustCompile(`(?i)\blast (?:time|month|night|week|year)\b|\bpreviously\b|\bwe (?:asked|discussed)\b`)
	closing     = regexp.MustCompile(`(?i)^(?:join (?:us|in)|tag your|chats? (?:are|is|will)|every chat|we (?:look|hope|will|’ll|'ll)|we’ll|we'll|don’t forget|don't forget|remember|please|if you|see you|looking forward|your host|hosted by|led by|thanks|thank you|transcripts?|the (?:transcript|chat|discussion|next)|tweets|archive|all chats|as (?:always|ever|usual)|come|bring|feel free|follow|use |new to|never |for more|further|resources|read|useful|contact|e-?mail|hope|can’t make|can't make|next|our next|also|p\.?s\.?|n\.?b\.?|note|background|references?|best wishes|kind regards|regards|cheers|updated?|posted)\b`)
	signOffs    = regexp.MustCompile(`(?i)^(?:best wishes|kind regards|regards|all the best|many thanks|thanks|cheers|yours|warm wishes)\b`)
)

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

// askedRun is everything labelled Q1, Q2 … with what stands between. Plain numbers count among them where they go
// on, though Markdown makes a list of each.
func (p *reader) askedRun() (run, bool) {
	r := run{}
	n := 0
	explicit := 0
	for i, b := range p.blocks {
		switch {
		case b.kind == asked && b.n == 1 && explicit >= 2 && n > 1 && p.restarts(i):
			p.severalRuns(i)
			return p.finish(r, i), true
		case b.kind == asked && b.n == 1 && explicit == 1 && n == 1 && !p.blocks[r.at[0]].isQuestion():
			r.at = []int{i} // what came before only talked about a question
		case b.kind == asked:
			r.at = append(r.at, i)
			n = b.n
			explicit++
		case b.kind == numbered && b.n == n+1 && (len(r.at) > 0 || b.n == 1 && p.goesOnAsked(i)) && (b.depth <= p.depthOf(r) || n > 0 && p.blocks[i-1].kind != numbered) && !agendaItem.MatchString(b.text):
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
		if futureTense.MatchString(b.source) && len(p.datesIn(b.source)) > 0 {
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
			case c.gap > 0 && j == end && k+1 < len(r.at) && len(c.source) < 60 && strings.HasSuffix(c.source, ":"):
				// A heading over the questions that follow.
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

// isAside is a line between questions that is none of their words: a clock time, a heading in capitals.
func (p *reader) isAside(b block) bool {
	if len(p.clocksIn(b.source)) > 0 && len(b.source) < 25 {
		return true
	}
	_, weekday := p.dayHead(b)
	return weekday
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
