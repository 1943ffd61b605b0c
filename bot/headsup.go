package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// headsUpLead is how long before a step hosts and leaders get a heads-up.
const headsUpLead = 2 * time.Minute

// runHeadsUps tells hosts and leaders privately what comes next, and closes chats left paused, until ctx is done.
func (b *Bot) runHeadsUps(ctx context.Context) {
	given := map[store.UpcomingStep]bool{}
	for delay := (backoff{}); ctx.Err() == nil; {
		wake := b.broadcast.wake()
		next, err := b.sendHeadsUps(ctx, given)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			b.log.Error("cannot send heads-ups", "error", err)
			next, wake = b.clock.Now().Add(delay.next(0)), nil
		} else {
			delay = backoff{}
		}
		b.wait(ctx, next, wake, nil)
		if err == nil {
			// Wake-ups are frequent during a chat; once a second is enough.
			b.wait(ctx, b.clock.Now().Add(time.Second), nil, nil)
		}
	}
}

// sendHeadsUps queues the heads-ups that are due, and returns when to look again.
func (b *Bot) sendHeadsUps(ctx context.Context, given map[store.UpcomingStep]bool) (next time.Time, err error) {
	now := b.clock.Now()
	sooner := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	rooms, err := b.db.Rooms(ctx)
	if err != nil {
		return next, err
	}
	for _, r := range rooms {
		upcoming, err := b.db.UpcomingSteps(ctx, r.Ref(), now, now.Add(headsUpLead))
		if err != nil {
			return next, err
		}
		for _, c := range upcoming {
			if given[c] {
				continue
			}
			settled, err := b.sendHeadsUp(ctx, c, now)
			if err != nil {
				return next, err
			}
			if !settled { // others come before it
				sooner(now.Add(time.Second))
				continue
			}
			given[c] = true
			b.broadcast.send()
		}
		due, ok, err := b.db.NextStepDue(ctx, r.Ref(), now.Add(headsUpLead))
		if err != nil {
			return next, err
		}
		if ok {
			sooner(due.Add(-headsUpLead))
		}
	}
	held, err := b.db.PausedChats(ctx)
	if err != nil {
		return next, err
	}
	for _, slug := range held {
		end, err := b.closeAbandoned(ctx, slug, now)
		if err != nil {
			return next, err
		}
		if end.After(now) {
			sooner(end)
		} else {
			b.broadcast.send()
		}
	}
	return next, nil
}

// sendHeadsUp queues the heads-up for a step. It is not settled yet while another step comes first. A step that is
// moved gets another heads-up.
func (b *Bot) sendHeadsUp(ctx context.Context, c store.UpcomingStep, now time.Time) (settled bool, err error) {
	err = b.db.Transact(ctx, func(ctx context.Context) error {
		settled = true
		chat, ok, err := b.db.Chat(ctx, c.Chat)
		if err != nil || !ok {
			return err
		}
		h, err := b.loadState(ctx, chat)
		if err != nil {
			return err
		}
		upcoming, ok := h.table.upcoming()
		if !ok || upcoming.name != c.Step || !h.PausedSince.IsZero() {
			settled = !ok || !h.PausedSince.IsZero() // resuming moves the step
			return nil
		}
		w := store.Ephemeral{Key: fmt.Sprintf("cue/%s/%s/%d", c.Chat, c.Step, c.Due.UnixMilli()), Due: now, Expires: c.Due}
		if w.Text, err = b.headsUpText(ctx, h, upcoming, now); err != nil {
			return err
		}
		if err := b.notifyUsers(ctx, chat, leadersIn, w); err != nil {
			return err
		}
		w.Buttons = buttons(h, upcoming)
		w.Text += "\n\nTo change that, send " + buttonCommands(w.Buttons, upcoming) + "."
		return b.notifyHosts(ctx, chat, w)
	})
	return settled, err
}

func (b *Bot) headsUpText(ctx context.Context, h chatState, upcoming stepState, now time.Time) (string, error) {
	text := fmt.Sprintf("🔔 **%s in %s**, at %s.", upperFirst(upcoming.title()), strings.TrimPrefix(approximately(upcoming.due.Sub(now)), "about "), h.FormatClock(upcoming.due))
	live, begun := h.table.live()
	if begun {
		section := questions.StepSection(live.name)
		counts, err := b.db.SectionCounts(ctx, h.Slug)
		if err != nil {
			return "", err
		}
		title := upperFirst(questions.StepTitle(questions.OriginalStep(live.name)))
		said := " " + title + ": no answers yet."
		for _, c := range counts {
			if c.Section == section {
				said = fmt.Sprintf(" %s: %s from %s.", title, questions.Plural(c.Answers, "answer"), questions.Plural(c.People, "person"))
			}
		}
		text += said
	}
	waiting, err := b.db.PendingSuggestions(ctx, h.Slug)
	if err == nil && len(waiting) > 0 {
		text += fmt.Sprintf(" Waiting for the hosts: %s (see `status`).", questions.Plural(len(waiting), "suggestion"))
	}
	if upcoming.kind == questions.KindQuestion {
		if q, ok := h.Question(questions.StepSection(upcoming.name).QuestionNumber()); ok {
			text += "\n\n" + blockquote(questions.Prompt(q))
		}
	}
	return text, err
}

// buttonCommands lists the commands of buttons as people type them.
func buttonCommands(buttons []adapters.Button, upcoming stepState) string {
	var words []string
	for _, b := range buttons {
		words = append(words, "`"+strings.TrimSuffix(b.Command, " "+upcoming.name)+"`")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// buttons are what a host may want to do before a step. Those about the step name it.
func buttons(h chatState, upcoming stepState) []adapters.Button {
	all := []adapters.Button{{Label: "Now", Command: "next " + upcoming.name}, {Label: "Pause", Command: "pause"}}
	if h.table.started() {
		all = append(all, adapters.Button{Label: "+3 minutes", Command: "extend 3m " + upcoming.name})
	}
	if upcoming.kind == questions.KindQuestion {
		all = append(all, adapters.Button{Label: "Skip it", Command: "skip " + upcoming.name})
	}
	return all
}

// closeAbandoned closes a chat that is still paused when it should be over, so that its archive is written. It returns
// when that is.
func (b *Bot) closeAbandoned(ctx context.Context, slug string, now time.Time) (end time.Time, err error) {
	err = b.db.Transact(ctx, func(ctx context.Context) error {
		chat, ok, err := b.db.Chat(ctx, slug)
		if err != nil || !ok {
			return err
		}
		h, err := b.loadState(ctx, chat)
		if err != nil {
			return err
		}
		end = h.Ends.Add(h.Extended + questions.MaxOverrun)
		if now.Before(end) {
			return nil
		}
		if !h.table.started() {
			return b.db.SetAdjustments(ctx, slug, store.Adjustments{Extended: h.Extended}) // its steps are too late by now
		}
		b.log.Warn("closed a paused chat", "chat", slug)
		return b.closeNow(ctx, h, now)
	})
	return end, err
}
