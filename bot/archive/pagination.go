package archive

import (
	"slices"
	"sort"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// How many answers fit on one page, so that a phone can open it. A section begins on index.html; the rest has pages of
// its own.
const (
	maxIndexAnswers = 80  // of a section, on index.html
	maxPageAnswers  = 400 // on every other page
	answerUnit      = 600 // bytes; one that is longer counts for as many as it could be divided into
)

// A pagination divides each section into pages, and the answers in time order, which are the view "".
//
// An answer's page is part of its permalink, so it must not change when other answers are added, which may be older if
// they come late. So a page covers a span of time, and once it begins somewhere, it always begins there. An answer
// that comes late is added to the page of its time, however full it is.
type pagination struct {
	paginators map[questions.Section]*paginator
	fixed      bool // the pages are all there are: a record said so
}

// A paginator divides one view. Its answers come in time order.
type paginator struct {
	pages   []questions.Page
	current int       // the page at hand
	units   int       // on it
	newest  time.Time // of all so far
}

func newPagination(pages []questions.Page, fixed bool) *pagination {
	d := &pagination{paginators: map[questions.Section]*paginator{}, fixed: fixed}
	for _, p := range pages {
		v := d.paginator(questions.Section(p.View))
		if p.From.IsZero() {
			v.pages[0] = p
		} else {
			v.pages = append(v.pages, p)
		}
	}
	for _, v := range d.paginators {
		slices.SortStableFunc(v.pages, func(a, b questions.Page) int { return a.From.Compare(b.From) })
	}
	return d
}

func (d *pagination) paginator(s questions.Section) *paginator {
	v := d.paginators[s]
	if v == nil {
		v = &paginator{pages: []questions.Page{{View: string(s)}}}
		d.paginators[s] = v
	}
	return v
}

// add finds the page of an answer in its section, from 0, and begins a new page if the last is full.
func (d *pagination) add(a questions.Answer) (page int) {
	d.paginator("").add(a, maxPageAnswers, d.fixed)
	return d.paginator(a.Section).add(a, maxIndexAnswers, d.fixed)
}

func (v *paginator) add(a questions.Answer, first int, fixed bool) (page int) {
	for v.current+1 < len(v.pages) && !a.At.Before(v.pages[v.current+1].From) {
		v.current, v.units = v.current+1, 0
	}
	maxN := maxPageAnswers
	if v.current == 0 {
		maxN = first
	}
	// Answers of the same moment stay together, because another one of that moment may come late.
	if last := v.current+1 == len(v.pages); last && !fixed && v.units >= maxN && a.At.After(v.newest) && a.At.After(v.pages[v.current].Last) {
		v.pages = append(v.pages, questions.Page{View: v.pages[0].View, From: a.At})
		v.current, v.units = v.current+1, 0
	}
	v.units += 1 + len(a.Text)/answerUnit
	v.newest = a.At
	if at := &v.pages[v.current]; a.At.After(at.Last) {
		at.Last = a.At
	}
	return v.current
}

func (d *pagination) allPages() (pages []questions.Page) {
	for _, s := range sortedKeys(d.paginators) {
		pages = append(pages, d.paginators[s].pages...)
	}
	return pages
}

func (d *pagination) hasMultiplePages() bool {
	for _, v := range d.paginators {
		if len(v.pages) > 1 {
			return true
		}
	}
	return false
}

// pageCount is how many pages a section has; "" is the view in time order.
func (d *pagination) pageCount(s questions.Section) int {
	if v := d.paginators[s]; v != nil {
		return len(v.pages)
	}
	return 1
}

// pageAt is the page of a section, from 1, that has the answers of an instant.
func (d *pagination) pageAt(s questions.Section, at time.Time) int {
	v := d.paginators[s]
	if v == nil {
		return 1
	}
	return sort.Search(len(v.pages)-1, func(i int) bool { return at.Before(v.pages[i+1].From) }) + 1
}

// pageStart is when the nth page of a section begins, from 1.
func (d *pagination) pageStart(s questions.Section, n int) time.Time {
	return d.paginators[s].pages[n-1].From
}
