package archive

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// A timeline is the chat as it went, with a heading where each question was asked: time.html, and for a long chat
// time-page-2.html and so on.
type timeline struct {
	page
	d      *folder
	file   *file
	number int // of the page at hand, from 1

	steps []questions.PostedStep // still to come
	last  *pageStep              // the step at hand; nil before the first
	open  bool
}

// A pageStep is what the template of a step in the timeline shows.
type pageStep struct {
	pageSection
	At *moment
}

func newTimeline(d *folder, l *look) (*timeline, error) {
	t := &timeline{page: page{look: l}, d: d}
	for _, s := range l.said {
		if _, ok := l.stepLabel(s.Step); ok {
			t.steps = append(t.steps, s)
		}
	}
	slices.SortStableFunc(t.steps, func(a, b questions.PostedStep) int { return a.At.Compare(b.At) })
	return t, t.begin()
}

// stepLabel names the steps that the timeline shows: those that changed what people talked about.
func (l *look) stepLabel(step string) (string, bool) {
	switch s := questions.Section(step); {
	case s.QuestionNumber() > 0, s == questions.Introductions:
		return l.label(s), true
	case step == "closing":
		return "The end of the chat", true
	default:
		return "", false
	}
}

// begin begins the next page.
func (t *timeline) begin() (err error) {
	t.number++
	if t.file, err = t.d.create(pageName("time", t.number)); err != nil {
		return err
	}
	t.w = t.file
	head := pageHead{look: t.look, Page: "time", Turns: t.turns()}
	if t.number > 1 {
		head.Heading = "In time order"
	}
	return t.write("answers head", head)
}

func (t *timeline) turns() *turns {
	return turnsOf(t.number, t.look.pages.of(""), func(n int) string { return pageName("time", n) })
}

func (t *timeline) answer(a questions.Answer, words text) error {
	if err := t.turnTo(t.look.pages.page("", a.At)); err != nil {
		return err
	}
	if err := t.until(a.At); err != nil {
		return err
	}
	if !t.open {
		if err := t.section(t.sectionAtHand()); err != nil {
			return err
		}
	}
	return t.page.answer(a, words, true)
}

// turnTo goes on to a page. The steps that were said until it begins come before: so their place, too, depends on nothing
// that comes later.
func (t *timeline) turnTo(number int) error {
	for t.number < number {
		if err := t.until(t.look.pages.from("", t.number+1)); err != nil {
			return err
		}
		if err := errors.Join(t.endPage(), t.begin()); err != nil {
			return err
		}
	}
	return nil
}

// sectionAtHand is the step that goes on over a page's end, or what was before the first.
func (t *timeline) sectionAtHand() pageStep {
	if t.last == nil {
		return pageStep{pageSection: pageSection{ID: "before", Label: "Before"}}
	}
	v := *t.last
	v.Label += ", continued"
	v.Points = nil
	return v
}

func (t *timeline) end() error {
	if err := errors.Join(t.turnTo(t.look.pages.of("")), t.until(time.Time{})); err != nil {
		return err
	}
	return t.endPage()
}

func (t *timeline) endPage() error {
	return errors.Join(t.turn(), t.write("answers foot", pageHead{look: t.look, Turns: t.turns()}), t.d.finish(t.file))
}

// until begins every step that was said up to an instant, or all of them if that is zero.
func (t *timeline) until(at time.Time) error {
	for len(t.steps) > 0 && (at.IsZero() || !t.steps[0].At.After(at)) {
		step := t.steps[0]
		t.steps = t.steps[1:]
		v := pageStep{pageSection: t.look.section(questions.Section(step.Step))}
		v.Label, _ = t.look.stepLabel(step.Step)
		said := t.look.clock(step.At)
		v.At = &said
		if err := t.section(v); err != nil {
			return err
		}
		t.last = &v
	}
	return nil
}

func (t *timeline) section(v pageStep) error {
	if err := t.turn(); err != nil {
		return err
	}
	t.open = true
	return t.write("step", v)
}

func (t *timeline) turn() error {
	if err := t.endList(); err != nil || !t.open {
		return err
	}
	t.open = false
	return t.text("</section>\n")
}

func pointID(s questions.Section, i int) string { return string(s) + "-" + strconv.Itoa(i+1) }
