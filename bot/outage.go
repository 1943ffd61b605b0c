package bot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

const (
	// maxLateness is how late a step may be posted without moving the rest.
	maxLateness = 2 * time.Minute
	// burstLimit is how many copies of one person's messages a room gets in any burstWindow. The rest are due later,
	// without delaying anybody else's.
	burstLimit  = 10
	burstWindow = 10 * time.Second
)

// shiftAfterOutage moves the steps that no room got because of an outage, and tells the hosts. moved is false if there
// is nothing to move: a step that one room got is just late in the others.
func (b *Bot) shiftAfterOutage(ctx context.Context, slug string) (moved bool, err error) {
	err = b.db.Transact(ctx, func(ctx context.Context) error {
		c, ok, err := b.db.Chat(ctx, slug)
		if err != nil || !ok {
			return err
		}
		h, err := b.loadState(ctx, c)
		if err != nil {
			return err
		}
		missed, due := h.table.pendingTimes()
		now := b.clock.Now()
		if len(missed) == 0 || now.Sub(due[0]) <= maxLateness || !h.PausedSince.IsZero() {
			return nil
		}
		moved = true
		at, ok := questions.Reschedule(now, c.Ends.Add(h.Extended), due)
		notice := fmt.Sprintf("⚠️ I was offline when %s was due, and now it’s too late to go on. I won’t post the rest.", questions.StepTitle(missed[0]))
		if ok {
			notice = fmt.Sprintf("⚠️ I was offline when %s was due at %s. I’m posting it now; the chat closes at %s.", questions.StepTitle(missed[0]),
				questions.TimeElement(due[0].In(c.Starts.Location()), "15:04"), questions.TimeElement(at[len(at)-1].In(c.Starts.Location()), "15:04 MST"))
		}
		for i, step := range missed {
			if ok {
				err = b.db.MoveStep(ctx, slug, step, at[i])
			} else {
				err = b.db.FailStep(ctx, slug, step, store.Missed)
			}
			if err != nil {
				return err
			}
		}
		b.log.Warn("timetable shifted after an outage", "chat", slug, "step", missed[0], "late", now.Sub(due[0]).Round(time.Second))
		return b.notifyHosts(ctx, c, store.Ephemeral{Key: fmt.Sprintf("away/%s/%d", slug, now.UnixMilli()), Text: notice, Due: now, Expires: now.Add(replyTTL)})
	})
	b.broadcast.send()
	return moved, err
}

// pendingTimes lists the pending steps, and when each is due.
func (t timetable) pendingTimes() (steps []string, due []time.Time) {
	for _, o := range t.pending() {
		steps, due = append(steps, o.name), append(due, o.due)
	}
	return steps, due
}

// notifyHosts sends a direct message to each host of the chat.
func (b *Bot) notifyHosts(ctx context.Context, c questions.Chat, w store.Ephemeral) error {
	return b.notifyUsers(ctx, c, hostsIn, w)
}

// notifyUsers sends a direct message to some users of each workspace of the chat: they may not be looking at its room.
func (b *Bot) notifyUsers(ctx context.Context, c questions.Chat, recipients func(*workspace, questions.Chat) []adapters.UserID, w store.Ephemeral) error {
	rooms, err := b.db.Rooms(ctx)
	if err != nil {
		return err
	}
	key := w.Key
	// A button sends nothing but its command, so that has to name the chat.
	w.Buttons = slices.Clone(w.Buttons)
	for i := range w.Buttons {
		w.Buttons[i].Command = chatPrefix + c.Slug + " " + w.Buttons[i].Command
	}
	for _, ws := range b.workspaces {
		if !slices.ContainsFunc(rooms, func(r store.Room) bool { return r.Workspace == ws.Name && includesRoom(c, r) }) {
			continue
		}
		for _, who := range recipients(ws, c) {
			w.Key, w.RoomRef, w.Recipient = key+">"+ws.Name+"/"+string(who), store.RoomRef{Workspace: ws.Name}, who
			if err := b.db.AddEphemeral(ctx, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyDue is when a copy of an answer is due: at once, unless its author has posted too much at a time.
func (b *Bot) copyDue(ctx context.Context, relay store.Post) (time.Time, error) {
	due := relay.Planned
	if now := b.clock.Now(); due.After(now) {
		due = now // the platform's clock is ahead of ours
	}
	earlier, ok, err := b.db.RecentCopyDue(ctx, relay.RoomRef, relay.Author, burstLimit)
	if free := earlier.Add(burstWindow); ok && free.After(due) {
		due = free
	}
	return due, err
}
