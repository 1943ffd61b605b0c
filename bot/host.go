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

// What hosts do to the timetable is rows: the unsaid posts of a step are moved in all rooms together. What everybody would
// wonder about is said in a line in every room, and nothing more: a question that comes earlier needs no announcement.

const (
	// early is how long before its planned start a host may begin a chat: further ahead it is a slip of the tongue.
	early = 15 * time.Minute
	// mostExtended is by how much hosts may put off the end in all.
	mostExtended = 3 * time.Hour
	// lineFor is for how long a line about the timetable is worth saying in a room that is late.
	lineFor = 10 * time.Minute
)

// from is the time from which on a chat's steps can be moved: what was due before is on its way, or was when it was held.
func (h hour) from(now time.Time) time.Time {
	if h.PausedSince.IsZero() {
		return now
	}
	return h.PausedSince
}

// next goes on to the next question at once. A button names the step that it was made for, and a word that comes while
// that step is being said is for it, too: so two who press at the same time go on once.
func (b *Bot) next(ctx context.Context, r request, h hour, o order, past []store.AuditEntry) (deed, error) {
	coming, ok := h.table.coming()
	live, begun := h.table.live()
	mine := len(past) > 0 && past[0].Workspace == r.ws.Name && past[0].Who == r.user.ID && past[0].Action == "next "+live.step
	switch {
	case !ok || o.step != "" && o.step != coming.step:
		return deed{reply: stands(h, r.now)}, nil
	case o.step == "" && begun && !mine && r.now.Sub(live.begun) < atOnce:
		return deed{reply: fmt.Sprintf("%s has come just now. If you want to go on from there, say `next` again in a moment.", upperFirst(live.title()))}, nil
	case !coming.due.After(h.from(r.now)):
		return deed{reply: upperFirst(coming.title()) + " is on its way."}, nil
	case coming.kind == questions.KindClosing && o.step == "":
		return deed{reply: "That was the last question. `end` closes the chat at once; by itself it closes at " + h.FormatClock(coming.due) + "."}, nil
	case coming.kind == questions.KindClosing:
		return b.end(ctx, r, h)
	case coming.kind == questions.KindWelcome && r.now.Before(coming.planned.Add(-early)):
		return deed{reply: "The chat begins on " + h.FormatDate(coming.due) + ", and at most a quarter of an hour earlier."}, nil
	}
	if err := b.move(ctx, h, h.table.shift(h.from(r.now), r.now.Sub(coming.due))); err != nil {
		return deed{}, err
	}
	if err := b.goOn(ctx, h, r.now); err != nil {
		return deed{}, err
	}
	return b.done(ctx, h, r.now, "next "+coming.step, "")
}

// hold stops the timetable until it is resumed.
func (b *Bot) hold(ctx context.Context, r request, h hour) (deed, error) {
	if !h.PausedSince.IsZero() {
		return deed{reply: stands(h, r.now)}, nil
	}
	if coming, ok := h.table.coming(); !h.table.begun() && ok && r.now.Before(coming.due.Add(-early)) {
		return deed{reply: "The chat begins on " + h.FormatDate(coming.due) + ". To put it off, change the date in its file."}, nil
	}
	h.PausedSince = r.now.Truncate(time.Millisecond)
	if err := b.db.SetAdjustments(ctx, h.Slug, h.Adjustments); err != nil {
		return deed{}, err
	}
	if err := b.line(ctx, h, "hold", h.PausedSince, "⏸ **A short break.** The timetable waits; the threads stay open."); err != nil {
		return deed{}, err
	}
	return b.done(ctx, h, r.now, "hold", "`resume` goes on, and so does `next`.")
}

// resume goes on with a held timetable where it stopped.
func (b *Bot) resume(ctx context.Context, r request, h hour) (deed, error) {
	if h.PausedSince.IsZero() {
		return deed{reply: "The chat is not held. " + stands(h, r.now)}, nil
	}
	if err := b.move(ctx, h, h.table.shift(h.PausedSince, r.now.Sub(h.PausedSince))); err != nil {
		return deed{}, err
	}
	if err := b.goOn(ctx, h, r.now); err != nil {
		return deed{}, err
	}
	return b.done(ctx, h, r.now, "resume", "")
}

// goOn ends a hold, and tells in its line how the chat goes on. The line is edited, as the next question speaks for itself.
func (b *Bot) goOn(ctx context.Context, h hour, now time.Time) error {
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
	after, err := b.hour(ctx, h.Chat)
	if err != nil {
		return err
	}
	return b.line(ctx, h, "hold", since, "▶️ **After a short break**, the chat went on at "+h.FormatClock(now)+". "+ahead(after, now))
}

// extend gives what is live more time, and moves all that follows.
func (b *Bot) extend(ctx context.Context, r request, h hour, o order) (deed, error) {
	coming, ok := h.table.coming()
	live, begun := h.table.live()
	switch {
	case !ok || !begun:
		return deed{reply: "There is nothing to extend yet. " + stands(h, r.now)}, nil
	case o.step != "" && o.step != coming.step:
		return deed{reply: stands(h, r.now)}, nil
	}
	moved := h.table.shift(h.from(r.now), o.span)
	if closing, ok := moved.find("closing"); ok && closing.due.Sub(h.Ends) > mostExtended {
		return deed{reply: fmt.Sprintf("The chat can end at most %s later than planned.", mostExtended)}, nil
	}
	if err := b.move(ctx, h, moved); err != nil {
		return deed{}, err
	}
	after, err := b.hour(ctx, h.Chat)
	if err != nil {
		return deed{}, err
	}
	text := fmt.Sprintf("⏱ **%s more for %s.** %s", spell(o.span), live.title(), ahead(after, r.now))
	if err := b.line(ctx, h, "extend", r.now, text); err != nil {
		return deed{}, err
	}
	return b.done(ctx, h, r.now, "extend by "+strings.ToLower(spell(o.span)), "")
}

// skip leaves a question out. Those after it take its time, each that of the one before.
func (b *Bot) skip(ctx context.Context, r request, h hour, o order) (deed, error) {
	ahead := h.table.unsaid().questions()
	i := slices.IndexFunc(ahead, func(t turn) bool { return o.step == "" || t.step == o.step })
	if i < 0 || !ahead[i].due.After(h.from(r.now)) {
		return deed{reply: "There is no such question left to skip. " + stands(h, r.now)}, nil
	}
	left := ahead[i]
	if err := b.db.FailStep(ctx, h.Slug, left.step, store.Skipped); err != nil {
		return deed{}, err
	}
	what := upperFirst(left.title()) + " is left out"
	if i+1 < len(ahead) {
		// Just before what follows: the lines in between keep their time.
		if err := b.move(ctx, h, h.table.shift(left.due, left.due.Sub(ahead[i+1].due))); err != nil {
			return deed{}, err
		}
		what += "; " + ahead[i+1].title() + " follows at " + h.FormatClock(left.due)
	}
	if err := b.line(ctx, h, "skip", r.now, "⏭ "+what+"."); err != nil {
		return deed{}, err
	}
	return b.done(ctx, h, r.now, "skip "+left.step, "`back` takes it up again.")
}

// end closes the chat at once. What was not said is left out.
func (b *Bot) end(ctx context.Context, r request, h hour) (deed, error) {
	if !h.table.begun() {
		return deed{reply: "The chat hasn’t begun. To call it off, take its file away; to put it off, change the date in it."}, nil
	}
	if err := b.close(ctx, h, r.now); err != nil {
		return deed{}, err
	}
	return b.done(ctx, h, r.now, "end", "")
}

func (b *Bot) close(ctx context.Context, h hour, now time.Time) error {
	for _, o := range h.table.unsaid() {
		var err error
		if o.kind == questions.KindClosing {
			err = b.db.MoveStep(ctx, h.Slug, o.step, now)
		} else {
			err = b.db.FailStep(ctx, h.Slug, o.step, store.Skipped)
		}
		if err != nil {
			return err
		}
	}
	return b.goOn(ctx, h, now)
}

// move stores the times of a timetable, and how much later the chat ends by it.
func (b *Bot) move(ctx context.Context, h hour, moved timetable) error {
	for _, o := range moved {
		if err := b.db.MoveStep(ctx, h.Slug, o.step, o.due); err != nil {
			return err
		}
	}
	if closing, ok := moved.find("closing"); ok {
		h.Extended = max(0, closing.due.Sub(h.Ends))
		return b.db.SetAdjustments(ctx, h.Slug, h.Adjustments)
	}
	return nil
}

// line says something in every room of a chat in which it is held, or changes what was said under the same name.
func (b *Bot) line(ctx context.Context, h hour, name string, at time.Time, text string) error {
	return b.inEveryRoom(ctx, h, func(room store.Post) store.Post {
		return store.Post{
			Step: fmt.Sprintf("%s-%d", name, at.UnixMilli()), Kind: store.KindNotice, Seq: room.Seq,
			Planned: at, Due: at, Expires: at.Add(lineFor), Text: text,
		}
	})
}

// inEveryRoom plans a post of the chat's own for every room in which it will be closed. The post is made from the closing's.
func (b *Bot) inEveryRoom(ctx context.Context, h hour, post func(closing store.Post) store.Post) error {
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

// done tells a host where things stand after a command.
func (b *Bot) done(ctx context.Context, h hour, now time.Time, what, more string) (deed, error) {
	after, err := b.hour(ctx, h.Chat)
	if err != nil {
		return deed{}, err
	}
	reply := "✅ " + stands(after, now)
	if more != "" {
		reply += " " + more
	}
	return deed{reply: reply, what: what}, nil
}
