package announcement

import (
	"fmt"
	"regexp"
	"strings"
)

var onlyCue = regexp.MustCompile(`(?i)^(?:the |our |tonight’s |discussion )?(?:questions|fragen|preguntas|vragen|les questions)\b.{0,40}:?$|^questions for .{0,60}:$`)

// findIntroduction keeps the paragraphs before the questions, as CommonMark.
func (p *reader) findIntroduction() {
	end := len(p.blocks)
	if p.first >= 0 {
		end = p.first
	}
	if p.recap >= 0 && p.recap < end && p.recap > p.title {
		end = p.recap
	}
	for i, b := range p.blocks[:end] {
		if i == p.title || b.role == rolePosted || i < p.title || p.isPostDate(i) || onlyCue.MatchString(b.source) && i == end-1 || p.r.Archive.OK() && b.source == p.r.ArchiveNote {
			continue
		}
		p.r.Introduction = append(p.r.Introduction, Paragraph{b.markdown(), b.line(0)})
	}
	if len(p.r.Introduction) == 0 {
		p.r.Assumed = append(p.r.Assumed, "introduction")
	}
}

// isPostDate tells whether a block is a date that was taken for the day of publication.
func (p *reader) isPostDate(i int) bool {
	for _, m := range p.dates {
		if m.block == i && m.why == "the day of publication" && p.dateOnly(p.blocks[i]) {
			return true
		}
	}
	return false
}

// account gives every line its role, and doubts what is left over and looks like a fact.
func (p *reader) account() {
	role := map[int]lineRole{}
	for i, l := range p.lines {
		role[l.n] = p.roles[i]
	}
	for i, b := range p.blocks {
		r := roleText
		switch {
		case i == p.title:
			r = roleTitle
		case b.role == rolePosted || p.isPostDate(i):
			r = rolePosted
		case p.isAsked(i) && b.kind == p.blocks[p.first].kind:
			r = roleQuestion
		case p.isAsked(i):
			r = rolePoint
		case p.recap >= 0 && i >= p.recap && i > p.title && !p.holds(b):
			r = roleRecap
		case p.r.Leader.Line > 0 && p.r.Leader.Line == b.line(0) && b.short():
			r = roleCredit
		case p.holds(b) && b.short():
			r = roleSchedule
		case p.first >= 0 && i > p.last:
			r = roleClosing
		}
		for _, m := range b.marks {
			role[m.n] = r
		}
	}
	seen := map[int]bool{}
	for _, l := range p.lines {
		if !seen[l.n] {
			seen[l.n] = true
			p.r.Lines = append(p.r.Lines, LineRole{l.n, l.text, role[l.n].String()})
		}
	}
	p.leftOver()
	p.doubtQuestions()
	p.settle()
}

// holds tells whether a block gives the chosen date or time.
func (p *reader) holds(b block) bool {
	for _, m := range b.marks {
		if m.n == p.r.Date.Line || m.n == p.r.Start.Line {
			return m.n > 0
		}
	}
	return false
}

// leftOver doubts facts that no field has taken: a time beside the schedule, a post further down, a question that
// stands beside the list.
func (p *reader) leftOver() {
	p.otherPosts()
	if p.first < 0 {
		p.askedInProse()
		return
	}
	if last := p.blocks[p.last]; p.last+1 < len(p.blocks) {
		b := p.blocks[p.last+1]
		switch {
		case p.recap >= 0 && p.last+1 >= p.recap, signOff.MatchString(b.source), closing.MatchString(b.source):
		case b.kind == unlabelled && b.gap == 0 && b.heading == 0 && !p.credited(b) && !p.holds(b) && len(strings.Fields(b.source)) > 1 && !strings.HasPrefix(b.source, "#"):
			p.doubt(textAfter, b.line(0), "“"+excerpt(b.source)+"”")
		case b.kind == last.kind && b.isQuestion() && b.gap <= 1 && b.heading == 0 && last.kind != unlabelled:
			p.doubt(textAfter, b.line(0), "“"+excerpt(b.source)+"”")
		}
	}
	if b := p.blocks[max(p.first-1, 0)]; p.first > 0 && p.first-1 != p.title && b.kind == unlabelled && b.isQuestion() && b.short() && b.gap <= 1 && p.blocks[p.first].gap == 0 {
		p.doubt(textBefore, b.line(0), "“"+excerpt(b.source)+"”")
	}
}

// askedInProse doubts that there are no questions where lines look like some.
func (p *reader) askedInProse() {
	n, line := 0, 0
	for i, b := range p.blocks {
		if b.isQuestion() && b.short() && i != p.title && (p.recap < 0 || i < p.recap) {
			if n++; line == 0 {
				line = b.line(0)
			}
		}
	}
	if n >= 2 && p.r.Kind != Recap && !p.declines() {
		p.doubt(questionsUnread, line, fmt.Sprint(n))
	}
}

// otherPosts doubts a text of several posts, of which one was read: two days of publication, or two titles of one
// level.
func (p *reader) otherPosts() {
	last := -9
	for i, l := range p.lines {
		if p.roles[i] == rolePosted && len(findDates(tokens(l.text))) > 0 {
			if last >= 0 && i > last+2 {
				p.doubt(SeveralPosts, l.n)
			}
			last = i
		}
	}
	for i, b := range p.blocks {
		if p.title >= 0 && i > p.title+1 && b.heading == 1 && p.blocks[p.title].heading == 1 && (recapTitle.MatchString(b.source) || len(b.dates) > 0) {
			p.doubt(SeveralPosts, b.line(0))
		}
	}
}

// doubtQuestions says what is odd about the questions.
func (p *reader) doubtQuestions() {
	if len(p.r.Questions) == 0 {
		if p.r.Kind != OpenChat && p.r.Kind != Quiz && p.r.Kind != Recap && !p.has(questionsUnread) {
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

// markdown is the block as CommonMark that reads the same.
func (b block) markdown() string {
	switch {
	case b.heading > 0:
		return "**" + escape(b.source) + "**"
	case b.kind == bulleted:
		_, rest := cutLabel(b.source)
		return "- " + escape(rest)
	}
	return escapeStart(escape(b.source))
}

var (
	special    = regexp.MustCompile("[\\\\*`<\\[\\]]|&(?:#|\\w+;)|\\b_\\B|\\B_\\b")
	blockStart = regexp.MustCompile(`^(?:#{1,6}(?:\s|$)|>|[-+](?:\s|$)|=+\s*$|-{2,}\s*$|~~~)`)
	listStart  = regexp.MustCompile(`^(\d{1,9})([.)])(\s|$)`)
)

// escape writes a text so that CommonMark reads it as it stands.
func escape(s string) string { return special.ReplaceAllString(s, `\$0`) }

// escapeStart keeps a paragraph from beginning a list, a quotation or a heading.
func escapeStart(s string) string {
	if blockStart.MatchString(s) {
		return `\` + s
	}
	return listStart.ReplaceAllString(s, `$1\$2$3`)
}
