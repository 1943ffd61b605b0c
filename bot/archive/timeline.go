package archive

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// A timeline is the chat in time order, with a heading where each question was asked: time.html, and time-page-2.html
// and so on for a long chat.
type timeline struct {
	pageWriter
	d          *stagingDir
	file       *stagedFile
	pageNumber int // of the page at hand, from 1

	steps       []questions.PostedStep // still to come
	current     *pageStep              // the step at hand; nil before the first
	sectionOpen bool
}

// A pageStep is what the template of a step in the timeline shows.
type pageStep struct {
	pageSection
	At *displayTime
}

func newTimeline(d *stagingDir, view *chatView) (*timeline, error) {
	t := &timeline{pageWriter: pageWriter{view: view}, d: d}
	for _, s := range view.transcript.Posted {
		if _, ok := view.stepLabel(s.Step); ok {
			t.steps = append(t.steps, s)
		}
	}
	slices.SortStableFunc(t.steps, func(a, b questions.PostedStep) int { return a.At.Compare(b.At) })
	return t, t.beginPage()
}

// stepLabel names the steps that the timeline shows: those that changed the topic.
func (view *chatView) stepLabel(step string) (string, bool) {
	switch s := questions.Section(step); {
	case s.QuestionNumber() > 0, s == questions.Introductions:
		return view.label(s), true
	case step == "closing":
		return "The end of the chat", true
	default:
		return "", false
	}
}

// beginPage begins the next page.
func (t *timeline) beginPage() (err error) {
	t.pageNumber++
	if t.file, err = t.d.create(pageName("time", t.pageNumber)); err != nil {
		return err
	}
	t.w = t.file
	head := pageHead{chatView: t.view, Page: "time", Pager: t.pager()}
	if t.pageNumber > 1 {
		head.Heading = "In time order"
	}
	return t.write("answers head", head)
}

func (t *timeline) pager() *pager {
	return newPager(t.pageNumber, t.view.pages.pageCount(""), func(n int) string { return pageName("time", n) })
}

func (t *timeline) answer(a questions.Answer, words markdownText) error {
	if err := t.advanceTo(t.view.pages.pageAt("", a.At)); err != nil {
		return err
	}
	if err := t.beginStepsUntil(a.At); err != nil {
		return err
	}
	if !t.sectionOpen {
		if err := t.beginSection(t.continuedStep()); err != nil {
			return err
		}
	}
	return t.pageWriter.answer(a, words, true)
}

// advanceTo begins pages up to number. Steps that were posted before a page begins go on the page before it, so that
// their place doesn't depend on later answers either.
func (t *timeline) advanceTo(number int) error {
	for t.pageNumber < number {
		if err := t.beginStepsUntil(t.view.pages.pageStart("", t.pageNumber+1)); err != nil {
			return err
		}
		if err := errors.Join(t.endPage(), t.beginPage()); err != nil {
			return err
		}
	}
	return nil
}

// continuedStep is the step that continues on the next page, or what came before the first.
func (t *timeline) continuedStep() pageStep {
	if t.current == nil {
		return pageStep{pageSection: pageSection{ID: "before", Label: "Before"}}
	}
	v := *t.current
	v.Label += ", continued"
	v.Points = nil
	return v
}

func (t *timeline) end() error {
	if err := errors.Join(t.advanceTo(t.view.pages.pageCount("")), t.beginStepsUntil(time.Time{})); err != nil {
		return err
	}
	return t.endPage()
}

func (t *timeline) endPage() error {
	return errors.Join(t.endSection(), t.write("answers foot", pageHead{chatView: t.view, Pager: t.pager()}), t.d.finish(t.file))
}

// beginStepsUntil begins every step that was posted up to an instant, or all steps if it is zero.
func (t *timeline) beginStepsUntil(at time.Time) error {
	for len(t.steps) > 0 && (at.IsZero() || !t.steps[0].At.After(at)) {
		step := t.steps[0]
		t.steps = t.steps[1:]
		v := pageStep{pageSection: t.view.section(questions.Section(step.Step))}
		v.Label, _ = t.view.stepLabel(step.Step)
		said := t.view.timeOfDay(step.At)
		v.At = &said
		if err := t.beginSection(v); err != nil {
			return err
		}
		t.current = &v
	}
	return nil
}

func (t *timeline) beginSection(v pageStep) error {
	if err := t.endSection(); err != nil {
		return err
	}
	t.sectionOpen = true
	return t.write("step", v)
}

func (t *timeline) endSection() error {
	if err := t.endList(); err != nil || !t.sectionOpen {
		return err
	}
	t.sectionOpen = false
	return t.writeString("</section>\n")
}

func pointID(s questions.Section, i int) string { return string(s) + "-" + strconv.Itoa(i+1) }
