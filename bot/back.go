package bot

import (
	"context"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// goBack undoes what went on too soon: a question that was skipped last comes after all, and else the question before the
// live one is said again, and the live one after it.
func (b *Bot) goBack(ctx context.Context, r request, h hour) (deed, error) {
	live, ok := h.table.live()
	if !ok {
		return deed{reply: "Nothing has been asked yet. " + stands(h, r.now)}, nil
	}
	coming, more := h.table.coming()
	if skipped, ok := h.table.skippedLast(live); ok {
		return b.takeUp(ctx, r, h, skipped)
	}
	before, ok := h.table.before(live)
	if !ok {
		return deed{reply: "There is no question to go back to. " + stands(h, r.now)}, nil
	}
	if more {
		// What was live comes again when the next question was due, and has all its time anew.
		again := coming.due
		if soon := h.from(r.now).Add(time.Minute); again.Before(soon) {
			again = soon
		}
		if err := b.move(ctx, h, h.table.shift(h.from(r.now), again.Sub(live.begun))); err != nil {
			return deed{}, err
		}
		if err := b.sayAgain(ctx, h, questions.OriginalStep(live.step), again, "🔁 **%s again:**"); err != nil {
			return deed{}, err
		}
	}
	if err := b.sayAgain(ctx, h, before, h.from(r.now), "⏮ **Back to %s:**"); err != nil {
		return deed{}, err
	}
	return b.done(ctx, h, r.now, "back "+before, "")
}

// before is the last question before what is live that was asked.
func (t timetable) before(live turn) (step string, ok bool) {
	for n := questions.StepSection(live.step).QuestionNumber() - 1; n > 0; n-- {
		step = string(questions.QuestionSection(n))
		if o, found := t.find(step); found && !o.begun.IsZero() {
			return step, true
		}
	}
	return "", false
}

// skippedLast is the question that was left out between what is live and what comes.
func (t timetable) skippedLast(live turn) (turn, bool) {
	for _, o := range slices.Backward(t) {
		if o.failed == store.Skipped && o.kind == questions.KindQuestion && !o.due.Before(live.due) {
			return o, true
		}
	}
	return turn{}, false
}

// takeUp asks a question after all that was left out: in its old place, from which those after it move on.
func (b *Bot) takeUp(ctx context.Context, r request, h hour, skipped turn) (deed, error) {
	due := skipped.due
	if !due.After(h.from(r.now)) {
		due = h.from(r.now).Add(time.Minute)
	}
	for _, o := range h.table.unsaid().questions() {
		if o.due.Before(due) {
			continue
		}
		// The one after it has its place: it, and all after it, had been moved by as much.
		by := o.planned.Sub(skipped.planned)
		if err := b.move(ctx, h, h.table.shift(o.due.Add(-time.Millisecond), by)); err != nil {
			return deed{}, err
		}
		break
	}
	if err := b.db.UnskipStep(ctx, h.Slug, skipped.step, due); err != nil {
		return deed{}, err
	}
	if err := b.line(ctx, h, "back", r.now, "⏮ "+upperFirst(skipped.title())+" is asked after all, at "+h.FormatClock(due)+"."); err != nil {
		return deed{}, err
	}
	return b.done(ctx, h, r.now, "back "+skipped.step, "")
}
