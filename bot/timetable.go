package bot

import (
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// A timetable is the steps of a chat from the welcome on, in the order in which they are due, each as it is in all
// rooms together. It works out what hosts do to the chat; it is never stored itself.
type timetable []stepState

// A stepState is one step of a timetable.
type stepState struct {
	name      string
	kind      questions.StepKind
	planned   time.Time // the time by the chat file
	due       time.Time
	startedAt time.Time // when it was first posted, or tried, in any room; zero for not yet
	failed    string    // why no room will get it; "" if one may
}

// newTimetable reads the posts of a chat's steps.
func newTimetable(posts []store.Post) timetable {
	var t timetable
	for _, p := range posts {
		if p.Kind == questions.KindReminder || p.Kind == store.KindNumbers || p.Kind == store.KindNotice || p.Text == "" { // taken back
			continue
		}
		i := slices.IndexFunc(t, func(o stepState) bool { return o.name == p.Step })
		if i < 0 {
			t = append(t, stepState{name: p.Step, kind: p.Kind, planned: p.Planned, due: p.Due, failed: p.FailReason})
			i = len(t) - 1
		}
		if p.FailReason == "" {
			t[i].failed = ""
		}
		// A post in doubt may have been seen.
		at := p.Posted
		if at.IsZero() {
			at = p.Tried
		}
		if !at.IsZero() && (t[i].startedAt.IsZero() || at.Before(t[i].startedAt)) {
			t[i].startedAt = at
		}
	}
	return t
}

// mainKinds are the kinds of steps that can be live. The notices between them keep their own times.
var mainKinds = []questions.StepKind{questions.KindWelcome, questions.KindIntroductions, questions.KindQuestion, store.KindRepeat, questions.KindClosing}

func (t stepState) isMain() bool { return slices.Contains(mainKinds, t.kind) }

// followsEnd tells whether a step moves with the end of the chat rather than with its questions.
func (t stepState) followsEnd() bool {
	return t.kind == questions.KindHalfway || t.kind == questions.KindLastCall || t.kind == questions.KindClosing
}

func (t stepState) title() string { return questions.StepTitle(t.name) }

// pending are the steps that no room has got yet, and some room will.
func (t timetable) pending() timetable {
	var all timetable
	for _, o := range t {
		if o.startedAt.IsZero() && o.failed == "" {
			all = append(all, o)
		}
	}
	return all
}

// live is the main step that was posted last.
func (t timetable) live() (live stepState, ok bool) {
	for _, o := range t {
		if o.isMain() && !o.startedAt.IsZero() && !o.startedAt.Before(live.startedAt) {
			live, ok = o, true
		}
	}
	return live, ok
}

// upcoming is the next main step.
func (t timetable) upcoming() (stepState, bool) {
	pending := t.pending()
	i := slices.IndexFunc(pending, stepState.isMain)
	if i < 0 {
		return stepState{}, false
	}
	return pending[i], true
}

func (t timetable) find(step string) (stepState, bool) {
	i := slices.IndexFunc(t, func(o stepState) bool { return o.name == step })
	if i < 0 {
		return stepState{}, false
	}
	return t[i], true
}

// started tells whether a step of the chat was posted.
func (t timetable) started() bool { _, ok := t.live(); return ok }

// over tells whether the closing was posted, or never will be.
func (t timetable) over() bool {
	closing, ok := t.find("closing")
	return !ok || !closing.startedAt.IsZero() || closing.failed != ""
}

// shift returns the pending steps due after a time, moved. Questions move by the whole duration, so that each keeps its
// time. The end moves as little as possible: later only once the last question would get less time than planned, and
// earlier only back to where it was planned.
func (t timetable) shift(after time.Time, by time.Duration) timetable {
	var moved timetable
	for _, o := range t.pending() {
		if o.due.After(after) {
			moved = append(moved, o)
		}
	}
	end := moved.endShift(by)
	for i := range moved {
		if moved[i].followsEnd() {
			moved[i].due = moved[i].due.Add(end)
		} else {
			moved[i].due = moved[i].due.Add(by)
		}
	}
	return moved
}

// endShift is how far the closing moves when the questions move by a duration.
func (t timetable) endShift(by time.Duration) time.Duration {
	closing, ok := t.find("closing")
	if !ok {
		return by
	}
	if by < 0 {
		return max(by, min(0, closing.planned.Sub(closing.due)))
	}
	for _, o := range slices.Backward(t) {
		if o.kind == questions.KindQuestion {
			spare := closing.due.Sub(o.due) - closing.planned.Sub(o.planned)
			return max(0, by-max(0, spare))
		}
	}
	return by
}

// questions are the steps that ask a question, for the first time or again.
func (t timetable) questions() timetable {
	return slices.DeleteFunc(slices.Clone(t), func(o stepState) bool { return o.kind != questions.KindQuestion && o.kind != store.KindRepeat })
}
