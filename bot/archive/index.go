package archive

import (
	"html/template"
	"io"

	"github.com/ukmedlibs/catchword/questions"
)

// An index is index.html: the chat by question.
type index struct {
	page
	began bool
	open  bool // a <section> is open
}

// A pageSection is what the template of a section's beginning shows.
type pageSection struct {
	ID, Label string
	Heading   template.HTML // the question, if it fits into a heading
	Body      template.HTML // the question, if it doesn't
	Points    []pagePoint
	Summary   string
}

// A pagePoint is one of the points under a question.
type pagePoint struct {
	ID   string
	Text template.HTML
}

func newIndex(w io.Writer, l look) *index { return &index{page: page{w: w, look: l}} }

// section begins a section.
func (x *index) section(s questions.Section) error {
	if err := x.turn(); err != nil {
		return err
	}
	x.open = true
	return x.write("section", x.look.section(s))
}

func (x *index) answer(a questions.Answer, words text) error {
	return x.page.answer(a, words, false)
}

func (x *index) end() error {
	if err := x.turn(); err != nil {
		return err
	}
	return x.write("index foot", x.look)
}

// turn ends what is open: the page's head, or the section before.
func (x *index) turn() error {
	if !x.began {
		x.began = true
		return x.head("index head")
	}
	if err := x.endList(); err != nil {
		return err
	}
	if !x.open {
		return nil
	}
	x.open = false
	return x.text("</section>\n")
}

func (l *look) section(s questions.Section) pageSection {
	v := pageSection{ID: string(s), Label: l.label(s), Summary: l.summary(s)}
	q, ok := l.question(s)
	if !ok {
		return v
	}
	words := parse(q.Text)
	if v.Heading, ok = words.Line(); !ok {
		v.Body = words.HTML()
	}
	for i, point := range q.Points {
		words := parse(point)
		h, ok := words.Line()
		if !ok {
			h = words.HTML()
		}
		v.Points = append(v.Points, pagePoint{pointID(s, i), h})
	}
	return v
}
