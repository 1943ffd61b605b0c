package announcement

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	questionCue = regexp.MustCompile(`(?i)\bquestions?\b|\bfragen\b|\bpreguntas\b|\bperguntas\b|\bdomande\b|\bvragen\b|\bcwestiynau\b|\bwe(?:’ll|'ll| will)? (?:ask|discuss|cover|explore|consider|be asking|settle|talk about|look at)\b|\bto settle\b|\bprompts?\b|\bthings? (?:to (?:think|talk|chat) about|we want to know)\b|\bto think about\b|\bdiscuss(?:ion|ing|\W*$)|\btopics?\b.{0,20}:?$|\bpoints (?:of|for) discussion\b|\binitial list\b|\bhere(?:’|')?s what\b|\b(?:like|love|want|hope|hoping) (?:us |you )?to (?:know|ask|hear|discuss|cover|explore|find out|consider)\b|\bwhat we(?:’ll|'ll| will) (?:ask|be asking)\b`)
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

// A run is a sequence of blocks that may be the questions: their places, where the last one ends, and what speaks for
// it.
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
