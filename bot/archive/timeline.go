package archive

import (
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// A timeline is time.html: the chat as it went, with a heading where each question was asked.
type timeline struct {
	page
	steps []questions.Said // still to come
	began bool
	open  bool
}

// A pageStep is what the template of a step in the timeline shows.
type pageStep struct {
	pageSection
	At *moment
}

func newTimeline(w io.Writer, l look) *timeline {
	t := &timeline{page: page{w: w, look: l}}
	for _, s := range l.said {
		if _, ok := l.stepLabel(s.Step); ok {
			t.steps = append(t.steps, s)
		}
	}
	slices.SortStableFunc(t.steps, func(a, b questions.Said) int { return a.At.Compare(b.At) })
	return t
}

// stepLabel names the steps that the timeline shows: those that changed what people talked about.
func (l *look) stepLabel(step string) (string, bool) {
	switch s := questions.Section(step); {
	case s.Question() > 0, s == questions.Introductions:
		return l.label(s), true
	case step == "closing":
		return "The end of the chat", true
	default:
		return "", false
	}
}

func (t *timeline) answer(a questions.Answer, words text) error {
	if err := t.until(a.At); err != nil {
		return err
	}
	if !t.open {
		if err := t.section(pageStep{pageSection: pageSection{ID: "before", Label: "Before"}}); err != nil {
			return err
		}
	}
	return t.page.answer(a, words, true)
}

func (t *timeline) end() error {
	if err := t.until(time.Time{}); err != nil {
		return err
	}
	if err := t.turn(); err != nil {
		return err
	}
	return t.write("time foot", t.look)
}

// until begins every step that was said up to an instant, or all of them if that is zero.
func (t *timeline) until(at time.Time) error {
	if err := t.begin(); err != nil {
		return err
	}
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
	}
	return nil
}

func (t *timeline) begin() error {
	if t.began {
		return nil
	}
	t.began = true
	return t.head("time head")
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
