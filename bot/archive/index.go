package archive

import (
	"errors"
	"html/template"

	"github.com/ukmedlibs/catchword/questions"
)

// An index is the chat by question: index.html, and pages such as q1-page-2.html for each section with more answers
// than fit there.
type index struct {
	pageWriter // the page at hand
	d          *stagingDir
	first      *stagedFile // index.html
	overflow   *stagedFile // the page of the section at hand, beyond the first; nil for none

	headWritten bool
	sectionOpen bool // a <section> is open
	section     questions.Section
	pageNumber  int // of the section's page, from 1
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

func newIndex(d *stagingDir, view *chatView) (*index, error) {
	first, err := d.create("index.html")
	if err != nil {
		return nil, err
	}
	return &index{pageWriter: pageWriter{w: first, view: view}, d: d, first: first}, nil
}

func (x *index) beginSection(s questions.Section) error {
	if err := x.endSection(); err != nil {
		return err
	}
	x.sectionOpen, x.section, x.pageNumber = true, s, 1
	return x.write("section", x.view.section(s))
}

func (x *index) answer(a questions.Answer, words markdownText) error {
	if err := x.advanceTo(x.view.pages.pageAt(x.section, a.At)); err != nil {
		return err
	}
	return x.pageWriter.answer(a, words, false)
}

// advanceTo begins pages of the section up to number. A page may be empty, if its answers are gone.
func (x *index) advanceTo(number int) error {
	for x.pageNumber < number {
		if err := x.nextPage(); err != nil {
			return err
		}
	}
	return nil
}

// nextPage ends the current page of the section and begins the next.
func (x *index) nextPage() error {
	if err := x.endList(); err != nil {
		return err
	}
	label := x.view.label(x.section)
	var err error
	if x.overflow == nil {
		x.sectionOpen = false
		err = errors.Join(x.write("continue", pageLink{sectionPageName(x.section, 2), label}), x.writeString("</section>\n"))
	} else {
		err = x.endOverflow()
	}
	if err != nil {
		return err
	}
	x.pageNumber++
	if x.overflow, err = x.d.create(sectionPageName(x.section, x.pageNumber)); err != nil {
		return err
	}
	x.w = x.overflow
	section := x.view.section(x.section)
	section.Continued = &pageLink{"index.html#" + string(x.section), label}
	for i := range section.Points {
		section.Points[i].ID = "" // it has its permalink where the section begins
	}
	head := pageHead{chatView: x.view, Page: "section", Heading: label, Pager: x.pager()}
	return errors.Join(x.write("answers head", head), x.write("section", section))
}

// pager links the section's current page to its others.
func (x *index) pager() *pager {
	t := newPager(x.pageNumber, x.view.pages.pageCount(x.section), func(n int) string { return sectionPageName(x.section, n) })
	if x.pageNumber == 2 {
		t.Previous += "#" + string(x.section)
	}
	return t
}

// endOverflow ends a page after the first.
func (x *index) endOverflow() error {
	err := errors.Join(
		x.endList(),
		x.writeString("</section>\n"),
		x.write("answers foot", pageHead{chatView: x.view, Pager: x.pager()}),
		x.d.finish(x.overflow),
	)
	x.overflow, x.w = nil, x.first
	return err
}

func (x *index) end() error {
	if err := x.endSection(); err != nil {
		return err
	}
	return errors.Join(x.write("index foot", pageHead{chatView: x.view}), x.d.finish(x.first))
}

// endSection ends what is open: the head of the first page, or the section before.
func (x *index) endSection() error {
	if !x.headWritten {
		x.headWritten = true
		return x.write("index head", pageHead{chatView: x.view, Page: "index"})
	}
	if x.section != "" {
		if err := x.advanceTo(x.view.pages.pageCount(x.section)); err != nil {
			return err
		}
	}
	if x.overflow != nil {
		return x.endOverflow()
	}
	if err := x.endList(); err != nil {
		return err
	}
	if !x.sectionOpen {
		return nil
	}
	x.sectionOpen = false
	return x.writeString("</section>\n")
}

func (view *chatView) section(s questions.Section) pageSection {
	v := pageSection{ID: string(s), Label: view.label(s), Summary: view.summary(s)}
	q, ok := view.question(s)
	if !ok {
		return v
	}
	words := parse(q.Text)
	if v.Heading, ok = words.InlineHTML(); !ok {
		v.Body = words.HTML()
	}
	for i, point := range q.Points {
		words := parse(point)
		h, ok := words.InlineHTML()
		if !ok {
			h = words.HTML()
		}
		v.Points = append(v.Points, pagePoint{pointID(s, i), h})
	}
	return v
}
