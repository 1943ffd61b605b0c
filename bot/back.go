package bot

import (
	"context"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// goBack undoes the last step forward: a question that was just skipped is asked after all; otherwise the question
// before the live one is posted again, and then the live one.
func (b *Bot) goBack(ctx context.Context, r request, h chatState) (outcome, error) {
	live, ok := h.table.live()
	if !ok {
		return outcome{reply: "Nothing has been asked yet. " + hostWhere(h, r.now) + " To start now, send `next`."}, nil
	}
	upcoming, more := h.table.upcoming()
	if skipped, ok := h.table.lastSkipped(live); ok {
		return b.unskip(ctx, r, h, skipped)
	}
	before, ok := h.table.previousQuestion(live)
	if !ok {
		return outcome{reply: "There is no question to go back to. " + hostWhere(h, r.now) + " To post the live question again, send `repeat`."}, nil
	}
	if more {
		// The live question comes again when the next one was due, with all its time.
		again := upcoming.due
		if soon := h.movableFrom(r.now).Add(time.Minute); again.Before(soon) {
			again = soon
		}
		if err := b.moveSteps(ctx, h, h.table.shift(h.movableFrom(r.now), again.Sub(live.startedAt))); err != nil {
			return outcome{}, err
		}
		if err := b.postAgain(ctx, h, questions.OriginalStep(live.name), again, "🔁 **%s again:**"); err != nil {
			return outcome{}, err
		}
	}
	if err := b.postAgain(ctx, h, before, h.movableFrom(r.now), "⏮ **Back to %s:**"); err != nil {
		return outcome{}, err
	}
	return b.confirm(ctx, h, r.now, "back "+before, "")
}

// previousQuestion is the last question asked before the live one.
func (t timetable) previousQuestion(live stepState) (step string, ok bool) {
	for n := questions.StepSection(live.name).QuestionNumber() - 1; n > 0; n-- {
		step = string(questions.QuestionSection(n))
		if o, found := t.find(step); found && !o.startedAt.IsZero() {
			return step, true
		}
	}
	return "", false
}

// lastSkipped is the question that was skipped since the live step.
func (t timetable) lastSkipped(live stepState) (stepState, bool) {
	for _, o := range slices.Backward(t) {
		if o.failed == store.Skipped && o.kind == questions.KindQuestion && !o.due.Before(live.due) {
			return o, true
		}
	}
	return stepState{}, false
}

// unskip puts a skipped question back in its old place, and moves those after it.
func (b *Bot) unskip(ctx context.Context, r request, h chatState, skipped stepState) (outcome, error) {
	due := skipped.due
	if !due.After(h.movableFrom(r.now)) {
		due = h.movableFrom(r.now).Add(time.Minute)
	}
	for _, o := range h.table.pending().questions() {
		if o.due.Before(due) {
			continue
		}
		// The next question took its place when it was skipped: move that and all later ones back.
		by := o.planned.Sub(skipped.planned)
		if err := b.moveSteps(ctx, h, h.table.shift(o.due.Add(-time.Millisecond), by)); err != nil {
			return outcome{}, err
		}
		break
	}
	if err := b.db.UnskipStep(ctx, h.Slug, skipped.name, due); err != nil {
		return outcome{}, err
	}
	if err := b.postNotice(ctx, h, "back", r.now, "⏮ We’ll ask "+skipped.title()+" after all, at "+h.FormatClock(due)+"."); err != nil {
		return outcome{}, err
	}
	return b.confirm(ctx, h, r.now, "back "+skipped.name, "")
}
