package archive

import (
	"slices"
	"sort"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// How much stands on one page, so that a phone can open it. A section begins on the first page, with its first answers;
// what comes after them has pages of its own.
const (
	firstAnswers = 80  // of a section, on index.html
	pageAnswers  = 400 // on every other page
	longAnswer   = 600 // bytes; one that is longer counts for as many as it could be divided into
)

// divisions are where the views of a chat are divided into pages, by section; that of all answers in time order is "".
//
// An answer's page is a part of its permalink, which must not change when other answers come, whichever: those that come
// late may be older than it is, where a platform's history is read afterwards, or a key comes late. So a page is a stretch
// of time, and where one began once, it begins ever after; what has been shown on a page stays on it. An answer that
// comes between finds room there, however many there are.
type divisions struct {
	views map[questions.Section]*division
	fixed bool // the pages are all there are: a record said so
}

// A division is one view's. Its answers go by in time order.
type division struct {
	pages  []questions.Page
	at     int       // the page at hand
	held   int       // on it
	newest time.Time // of all so far
}

func newDivisions(pages []questions.Page, fixed bool) *divisions {
	d := &divisions{views: map[questions.Section]*division{}, fixed: fixed}
	for _, p := range pages {
		v := d.view(questions.Section(p.View))
		if p.From.IsZero() {
			v.pages[0] = p
		} else {
			v.pages = append(v.pages, p)
		}
	}
	for _, v := range d.views {
		slices.SortStableFunc(v.pages, func(a, b questions.Page) int { return a.From.Compare(b.From) })
	}
	return d
}

func (d *divisions) view(s questions.Section) *division {
	v := d.views[s]
	if v == nil {
		v = &division{pages: []questions.Page{{View: string(s)}}}
		d.views[s] = v
	}
	return v
}

// add finds the page of an answer in its section, from 0, and divides what has grown too long.
func (d *divisions) add(a questions.Answer) (page int) {
	d.view("").add(a, pageAnswers, d.fixed)
	return d.view(a.Section).add(a, firstAnswers, d.fixed)
}

func (v *division) add(a questions.Answer, first int, fixed bool) (page int) {
	for v.at+1 < len(v.pages) && !a.At.Before(v.pages[v.at+1].From) {
		v.at, v.held = v.at+1, 0
	}
	most := pageAnswers
	if v.at == 0 {
		most = first
	}
	// What was said in the same moment stays together: what comes late may have been said in it, too.
	if last := v.at+1 == len(v.pages); last && !fixed && v.held >= most && a.At.After(v.newest) && a.At.After(v.pages[v.at].Last) {
		v.pages = append(v.pages, questions.Page{View: v.pages[0].View, From: a.At})
		v.at, v.held = v.at+1, 0
	}
	v.held += 1 + len(a.Text)/longAnswer
	v.newest = a.At
	if at := &v.pages[v.at]; a.At.After(at.Last) {
		at.Last = a.At
	}
	return v.at
}

// all are the pages of all views.
func (d *divisions) all() (pages []questions.Page) {
	for _, s := range sorted(d.views) {
		pages = append(pages, d.views[s].pages...)
	}
	return pages
}

// several tells whether any view has more than one page.
func (d *divisions) several() bool {
	for _, v := range d.views {
		if len(v.pages) > 1 {
			return true
		}
	}
	return false
}

// of is how many pages a section has, or the whole in time order.
func (d *divisions) of(s questions.Section) int {
	if v := d.views[s]; v != nil {
		return len(v.pages)
	}
	return 1
}

// page is the page of a section on which the answers of an instant stand, from 1.
func (d *divisions) page(s questions.Section, at time.Time) int {
	v := d.views[s]
	if v == nil {
		return 1
	}
	return sort.Search(len(v.pages)-1, func(i int) bool { return at.Before(v.pages[i+1].From) }) + 1
}

// from is when the nth page of a section begins, from 1.
func (d *divisions) from(s questions.Section, n int) time.Time { return d.views[s].pages[n-1].From }
