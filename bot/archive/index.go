package archive

import (
	"errors"
	"html/template"

	"github.com/ukmedlibs/catchword/questions"
)

// An index is the chat by question: index.html, and for every section with more answers than that page takes, pages of
// its own: q1-page-2.html.
type index struct {
	page  // the page at hand
	d     *folder
	first *file // index.html
	more  *file // the page of the section at hand, beyond the first; nil for none

	began   bool
	open    bool // a <section> is open
	section questions.Section
	number  int // of the section's page, from 1
}

// A pageSection is what the template of a section's beginning shows.
type pageSection struct {
	ID, Label string
	Heading   template.HTML // the question, if it fits into a heading
	Body      template.HTML // the question, if it doesn't
	Points    []pagePoint
	Summary   string
	Continued *pageLink // where the section began, if not on this page
}

// A pagePoint is one of the points under a question.
type pagePoint struct {
	ID   string
	Text template.HTML
}

func newIndex(d *folder, l *look) (*index, error) {
	first, err := d.create("index.html")
	if err != nil {
		return nil, err
	}
	return &index{page: page{w: first, look: l}, d: d, first: first}, nil
}

// begin begins a section.
func (x *index) begin(s questions.Section) error {
	if err := x.turn(); err != nil {
		return err
	}
	x.open, x.section, x.number = true, s, 1
	return x.write("section", x.look.section(s))
}

func (x *index) answer(a questions.Answer, words text) error {
	if err := x.turnTo(x.look.pages.page(x.section, a.At)); err != nil {
		return err
	}
	return x.page.answer(a, words, false)
}

// turnTo goes on to a page of the section. One before it may be empty, if all of its answers have gone.
func (x *index) turnTo(number int) error {
	for x.number < number {
		if err := x.nextPage(); err != nil {
			return err
		}
	}
	return nil
}

// nextPage ends the section's page at hand and begins its next.
func (x *index) nextPage() error {
	if err := x.endList(); err != nil {
		return err
	}
	label := x.look.label(x.section)
	var err error
	if x.more == nil {
		x.open = false
		err = errors.Join(x.write("continue", pageLink{sectionPageName(x.section, 2), label}), x.text("</section>\n"))
	} else {
		err = x.endMore()
	}
	if err != nil {
		return err
	}
	x.number++
	if x.more, err = x.d.create(sectionPageName(x.section, x.number)); err != nil {
		return err
	}
	x.w = x.more
	section := x.look.section(x.section)
	section.Continued = &pageLink{"index.html#" + string(x.section), label}
	for i := range section.Points {
		section.Points[i].ID = "" // it has its permalink where the section begins
	}
	head := pageHead{look: x.look, Page: "section", Heading: label, Turns: x.turns()}
	return errors.Join(x.write("answers head", head), x.write("section", section))
}

// turns lead from the section's page at hand to its others.
func (x *index) turns() *turns {
	t := turnsOf(x.number, x.look.pages.of(x.section), func(n int) string { return sectionPageName(x.section, n) })
	if x.number == 2 {
		t.Previous += "#" + string(x.section)
	}
	return t
}

// endMore ends a page beyond the first.
func (x *index) endMore() error {
	err := errors.Join(
		x.endList(),
		x.text("</section>\n"),
		x.write("answers foot", pageHead{look: x.look, Turns: x.turns()}),
		x.d.finish(x.more),
	)
	x.more, x.w = nil, x.first
	return err
}

func (x *index) end() error {
	if err := x.turn(); err != nil {
		return err
	}
	return errors.Join(x.write("index foot", pageHead{look: x.look}), x.d.finish(x.first))
}

// turn ends what is open: the first page's head, or the section before.
func (x *index) turn() error {
	if !x.began {
		x.began = true
		return x.write("index head", pageHead{look: x.look, Page: "index"})
	}
	if x.section != "" {
		if err := x.turnTo(x.look.pages.of(x.section)); err != nil {
			return err
		}
	}
	if x.more != nil {
		return x.endMore()
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
