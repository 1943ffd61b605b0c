package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// Hosts change the timetable in the store: the pending posts of a step are moved in all rooms together. What would
// puzzle people gets a short notice in every room; a question that comes earlier needs none.

const (
	// maxEarlyStart is how long before its planned start a host may start a chat. Any earlier is a mistake.
	maxEarlyStart = 15 * time.Minute
	// maxTotalExtension is how much later than planned hosts can make a chat end.
	maxTotalExtension = 3 * time.Hour
	// noticeTTL is how late a notice about the timetable is still worth posting.
	noticeTTL = 10 * time.Minute
	// pauseNotice begins the step name of the notice of a pause, in databases too.
	pauseNotice = "hold"
)

// movableFrom is the time after which steps can be moved. Those due earlier are being posted, or were when the chat was
// paused.
func (h chatState) movableFrom(now time.Time) time.Time {
	if h.PausedSince.IsZero() {
		return now
	}
	return h.PausedSince
}

// next goes on to the next question at once. A button names the step it was for, and a command that arrives while that
// step is being posted counts as meant for it: two hosts who send it at the same time move on once.
func (b *Bot) next(ctx context.Context, r request, h chatState, o command, past []store.AuditEntry) (outcome, error) {
	upcoming, ok := h.table.upcoming()
	live, begun := h.table.live()
	mine := len(past) > 0 && past[0].Workspace == r.ws.Name && past[0].Who == r.user.ID && past[0].Action == "next "+live.name
	switch {
	case !ok:
		return outcome{reply: hostWhere(h, r.now)}, nil
	case o.step != "" && o.step != upcoming.name:
		return outcome{reply: h.notNext(o.step, r.now)}, nil
	case o.step == "" && begun && !mine && r.now.Sub(live.startedAt) < dedupWindow:
		return outcome{reply: fmt.Sprintf("%s was posted just now. To move on from there, send `next` again in a moment.", upperFirst(live.title()))}, nil
	case !upcoming.due.After(h.movableFrom(r.now)):
		return outcome{reply: upperFirst(upcoming.title()) + " is on its way."}, nil
	case upcoming.kind == questions.KindClosing && o.step == "":
		return outcome{reply: "That was the last question. The chat closes at " + h.FormatClock(upcoming.due) + "; to close it now, send `end`."}, nil
	case upcoming.kind == questions.KindClosing:
		return b.end(ctx, r, h)
	case upcoming.kind == questions.KindWelcome && r.now.Before(upcoming.planned.Add(-maxEarlyStart)):
		return outcome{reply: "The chat starts on " + h.FormatDate(upcoming.due) + ". You can start it at most 15 minutes earlier: send `next` then."}, nil
	}
	if err := b.moveSteps(ctx, h, h.table.shift(h.movableFrom(r.now), r.now.Sub(upcoming.due))); err != nil {
		return outcome{}, err
	}
	if err := b.endPause(ctx, h, r.now); err != nil {
		return outcome{}, err
	}
	return b.confirm(ctx, h, r.now, "next "+upcoming.name, "")
}

// notNext tells a host that the step they named is not the next one, and what to send instead.
func (h chatState) notNext(step string, now time.Time) string {
	title, reply := upperFirst(questions.StepTitle(step)), ""
	switch asked, ok := h.table.find(step); {
	case !ok:
		reply = "This chat has no " + title + "."
	case !asked.startedAt.IsZero():
		reply = title + " was posted already."
	default:
		reply = title + " isn’t next."
	}
	return reply + " " + hostWhere(h, now) + " To go on to the next step, send `next`."
}

// pause stops the timetable until it is resumed.
func (b *Bot) pause(ctx context.Context, r request, h chatState) (outcome, error) {
	if !h.PausedSince.IsZero() {
		return outcome{reply: hostWhere(h, r.now)}, nil
	}
	if upcoming, ok := h.table.upcoming(); !h.table.started() && ok && r.now.Before(upcoming.due.Add(-maxEarlyStart)) {
		return outcome{reply: "The chat starts on " + h.FormatDate(upcoming.due) + ". To postpone it, change the date in its chat file."}, nil
	}
	h.PausedSince = r.now.Truncate(time.Millisecond)
	if err := b.db.SetAdjustments(ctx, h.Slug, h.Adjustments); err != nil {
		return outcome{}, err
	}
	if err := b.postNotice(ctx, h, pauseNotice, h.PausedSince, "⏸ **A short break.** The next question waits until we’re back; the threads stay open."); err != nil {
		return outcome{}, err
	}
	return b.confirm(ctx, h, r.now, "pause", "")
}

// resume continues a paused timetable where it stopped.
func (b *Bot) resume(ctx context.Context, r request, h chatState) (outcome, error) {
	if h.PausedSince.IsZero() {
		return outcome{reply: "The chat isn’t paused. " + hostWhere(h, r.now) + " To pause it, send `pause`."}, nil
	}
	if err := b.moveSteps(ctx, h, h.table.shift(h.PausedSince, r.now.Sub(h.PausedSince))); err != nil {
		return outcome{}, err
	}
	if err := b.endPause(ctx, h, r.now); err != nil {
		return outcome{}, err
	}
	return b.confirm(ctx, h, r.now, "resume", "")
}

// endPause ends a pause. It edits the notice of the pause rather than posting another: the next question follows
// anyway.
func (b *Bot) endPause(ctx context.Context, h chatState, now time.Time) error {
	if h.PausedSince.IsZero() {
		return nil
	}
	hosted, err := b.db.Adjustments(ctx, h.Slug)
	if err != nil {
		return err
	}
	since := hosted.PausedSince
	hosted.PausedSince = time.Time{}
	if err := b.db.SetAdjustments(ctx, h.Slug, hosted); err != nil {
		return err
	}
	after, err := b.loadState(ctx, h.Chat)
	if err != nil {
		return err
	}
	return b.postNotice(ctx, h, pauseNotice, since, "▶️ **After a short break**, we continued at "+h.FormatClock(now)+". "+upNext(after, now))
}

// extend gives the live step more time, and moves what follows.
func (b *Bot) extend(ctx context.Context, r request, h chatState, o command) (outcome, error) {
	upcoming, ok := h.table.upcoming()
	live, begun := h.table.live()
	switch {
	case !ok || !begun:
		return outcome{reply: "There is nothing to extend yet. " + hostWhere(h, r.now) + " To start now, send `next`."}, nil
	case o.step != "" && o.step != upcoming.name: // a button, which was pressed too late
		return outcome{reply: hostWhere(h, r.now) + " To give it more time, send `extend 3m`, for example."}, nil
	}
	moved := h.table.shift(h.movableFrom(r.now), o.duration)
	if closing, ok := moved.find("closing"); ok && closing.due.Sub(h.Ends) > maxTotalExtension {
		return outcome{reply: fmt.Sprintf("The chat can end at most %d hours later than planned. To give this question less than that, send `extend 3m`, for example.", int(maxTotalExtension.Hours()))}, nil
	}
	if err := b.moveSteps(ctx, h, moved); err != nil {
		return outcome{}, err
	}
	after, err := b.loadState(ctx, h.Chat)
	if err != nil {
		return outcome{}, err
	}
	text := fmt.Sprintf("⏱ **%s more for %s.** %s", spellDuration(o.duration), live.title(), upNext(after, r.now))
	if err := b.postNotice(ctx, h, "extend", r.now, text); err != nil {
		return outcome{}, err
	}
	return b.confirm(ctx, h, r.now, "extend by "+strings.ToLower(spellDuration(o.duration)), "")
}

// skip leaves out a question. Each later question moves to the time of the one before.
func (b *Bot) skip(ctx context.Context, r request, h chatState, o command) (outcome, error) {
	ahead := h.table.pending().questions()
	i := slices.IndexFunc(ahead, func(t stepState) bool { return o.step == "" || t.name == o.step })
	if i < 0 || !ahead[i].due.After(h.movableFrom(r.now)) {
		reply := "There is no such question left to skip. " + hostWhere(h, r.now)
		if len(ahead) > 0 {
			reply += " To leave out the next question, send `skip`."
		}
		return outcome{reply: reply}, nil
	}
	left := ahead[i]
	if err := b.db.FailStep(ctx, h.Slug, left.name, store.Skipped); err != nil {
		return outcome{}, err
	}
	what := upperFirst(left.title()) + " is skipped"
	if i+1 < len(ahead) {
		// Steps between the two questions keep their times.
		if err := b.moveSteps(ctx, h, h.table.shift(left.due, left.due.Sub(ahead[i+1].due))); err != nil {
			return outcome{}, err
		}
		what += "; " + ahead[i+1].title() + " follows at " + h.FormatClock(left.due)
	}
	if err := b.postNotice(ctx, h, "skip", r.now, "⏭ "+what+"."); err != nil {
		return outcome{}, err
	}
	return b.confirm(ctx, h, r.now, "skip "+left.name, "To ask it after all, send `back`.")
}

// end closes the chat at once, without what is pending.
func (b *Bot) end(ctx context.Context, r request, h chatState) (outcome, error) {
	if !h.table.started() {
		return outcome{reply: "The chat hasn’t started. To call it off, remove its chat file; to postpone it, change the date in the file."}, nil
	}
	if err := b.closeNow(ctx, h, r.now); err != nil {
		return outcome{}, err
	}
	return b.confirm(ctx, h, r.now, "end", "")
}

func (b *Bot) closeNow(ctx context.Context, h chatState, now time.Time) error {
	for _, o := range h.table.pending() {
		var err error
		if o.kind == questions.KindClosing {
			err = b.db.MoveStep(ctx, h.Slug, o.name, now)
		} else {
			err = b.db.FailStep(ctx, h.Slug, o.name, store.Skipped)
		}
		if err != nil {
			return err
		}
	}
	return b.endPause(ctx, h, now)
}

// moveSteps stores the times of a timetable, and how much later the chat ends.
func (b *Bot) moveSteps(ctx context.Context, h chatState, moved timetable) error {
	for _, o := range moved {
		if err := b.db.MoveStep(ctx, h.Slug, o.name, o.due); err != nil {
			return err
		}
	}
	if closing, ok := moved.find("closing"); ok {
		h.Extended = max(0, closing.due.Sub(h.Ends))
		return b.db.SetAdjustments(ctx, h.Slug, h.Adjustments)
	}
	return nil
}

// postNotice posts a notice in every room of a chat, or edits the one of the same name and time.
func (b *Bot) postNotice(ctx context.Context, h chatState, name string, at time.Time, text string) error {
	return b.planInRooms(ctx, h, func(room store.Post) store.Post {
		return store.Post{
			Step: fmt.Sprintf("%s-%d", name, at.UnixMilli()), Kind: store.KindNotice, Seq: room.Seq,
			Planned: at, Due: at, Expires: at.Add(noticeTTL), Text: text,
		}
	})
}

// planInRooms plans a post in every room of a chat. post makes it from the room's closing.
func (b *Bot) planInRooms(ctx context.Context, h chatState, post func(closing store.Post) store.Post) error {
	closings, err := b.db.StepPosts(ctx, h.Slug, "closing")
	if err != nil {
		return err
	}
	for _, c := range closings {
		p := post(c)
		p.Key, p.Chat, p.RoomRef, p.Lane = store.StepKey(h.Slug, p.Step, c.RoomRef), h.Slug, c.RoomRef, store.StepLane
		if err := b.db.PlanPost(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// confirm is the outcome of a command that was carried out: it tells the host where the chat stands.
func (b *Bot) confirm(ctx context.Context, h chatState, now time.Time, what, more string) (outcome, error) {
	after, err := b.loadState(ctx, h.Chat)
	if err != nil {
		return outcome{}, err
	}
	reply := "✅ " + hostWhere(after, now)
	if more != "" {
		reply += " " + more
	}
	return outcome{reply: reply, audit: what}, nil
}
