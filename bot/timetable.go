package bot

import (
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// A timetable is the steps of a chat from the welcome on, each as it is in all rooms together, in the order in which they
// are due. What hosts do to it is worked out here, and nothing of it is stored.
type timetable []stepState

// A turn is one step of a timetable.
type stepState struct {
	name      string
	kind      questions.StepKind
	planned   time.Time // when the chat file wants it
	due       time.Time
	startedAt time.Time // when it was first said, or tried, in any room; zero for not yet
	failed    string    // why no room will hear it; "" if one may
}

// newTimetable reads the posts of a chat's steps.
func newTimetable(posts []store.Post) timetable {
	var t timetable
	for _, p := range posts {
		if p.Kind == questions.KindReminder || p.Kind == store.KindNumbers || p.Kind == store.KindNotice {
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
		// A post in doubt may have been heard.
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

// mainKinds are the kinds of steps to which a chat goes on: the lines between them come and go at their own time.
var mainKinds = []questions.StepKind{questions.KindWelcome, questions.KindIntroductions, questions.KindQuestion, store.KindRepeat, questions.KindClosing}

func (t stepState) isMain() bool { return slices.Contains(mainKinds, t.kind) }

// followsEnd tells whether a step goes by the end of the chat, and not by its questions.
func (t stepState) followsEnd() bool {
	return t.kind == questions.KindHalfway || t.kind == questions.KindLastCall || t.kind == questions.KindClosing
}

func (t stepState) title() string { return questions.StepTitle(t.name) }

// unsaid are the turns that no room has heard, and that some room will.
func (t timetable) pending() timetable {
	var all timetable
	for _, o := range t {
		if o.startedAt.IsZero() && o.failed == "" {
			all = append(all, o)
		}
	}
	return all
}

// live is what the chat is at: the pivot that was said last.
func (t timetable) live() (live stepState, ok bool) {
	for _, o := range t {
		if o.isMain() && !o.startedAt.IsZero() && !o.startedAt.Before(live.startedAt) {
			live, ok = o, true
		}
	}
	return live, ok
}

// upcoming is the pivot that is said next.
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

// begun tells whether the chat has: something of it was said.
func (t timetable) started() bool { _, ok := t.live(); return ok }

// isOver tells whether the closing was said, or never will be.
func (t timetable) over() bool {
	closing, ok := t.find("closing")
	return !ok || !closing.startedAt.IsZero() || closing.failed != ""
}

// shift is the timetable with what is due after a time moved, and with nothing else in it: the questions by the whole time,
// to keep what each of them has, and the end as little as it can. It moves later only once the last question would get
// less time than planned, and earlier only to where it was planned to be.
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

// endShift is by how much the closing moves if the questions before it move by a time.
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

// questions are the pivots that are said again or for the first time, in their order.
func (t timetable) questions() timetable {
	return slices.DeleteFunc(slices.Clone(t), func(o stepState) bool { return o.kind != questions.KindQuestion && o.kind != store.KindRepeat })
}
