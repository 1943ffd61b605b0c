package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// repeat posts the live question again.
func (b *Bot) repeat(ctx context.Context, r request, h chatState) (outcome, error) {
	live, ok := h.table.live()
	step := questions.OriginalStep(live.name)
	if !ok || questions.StepSection(step).QuestionNumber() == 0 {
		return outcome{reply: "No question is live. " + hostWhere(h, r.now) + " To go on now, send `next`."}, nil
	}
	if err := b.postAgain(ctx, h, step, h.movableFrom(r.now), "🔁 **%s again:**"); err != nil {
		return outcome{}, err
	}
	return outcome{reply: "✅ I’m posting " + questions.StepTitle(step) + " again in every room.", audit: "repeat " + step}, nil
}

// postAgain posts a question again, as a step of its own. Replies to it count as answers to the question. It links to
// the question's first thread where the platform has links.
func (b *Bot) postAgain(ctx context.Context, h chatState, step string, at time.Time, lead string) error {
	first, times, order := map[store.RoomRef]store.Post{}, map[string]bool{}, int64(0)
	posts, err := b.db.AgendaPosts(ctx, h.Slug)
	if err != nil {
		return err
	}
	for _, p := range posts {
		if p.Step == step && !isGone(p) {
			first[p.RoomRef] = p
		}
		if questions.OriginalStep(p.Step) == step {
			order = p.Seq
			times[p.Step] = true
		}
	}
	n := questions.StepSection(step).QuestionNumber()
	q, _ := h.Question(n)
	name := fmt.Sprintf("%s.%d", step, len(times)+1)
	return b.planInRooms(ctx, h, func(room store.Post) store.Post {
		text := fmt.Sprintf(lead, questions.Label(n)) + " " + questions.Prompt(q)
		switch before, ok := first[room.RoomRef]; {
		case !ok:
			text += "\n\n*Reply here.*"
		case before.Link != "":
			text += "\n\n*Reply here, or in [its thread](" + before.Link + ").*"
		default:
			text += "\n\n*Reply here, or in its thread.*"
		}
		return store.Post{Step: name, Kind: store.KindRepeat, Seq: order, Planned: at, Due: at, Text: text}
	})
}

// ask posts one more question at once, in every room. The timetable stays as it is.
func (b *Bot) ask(ctx context.Context, r request, h chatState, text string, credit store.Author) (outcome, error) {
	switch {
	case h.table.over():
		return outcome{reply: "The chat is over. To post something in every room, send `say TEXT`."}, nil
	case !h.table.started():
		return outcome{reply: "The chat hasn’t started. Add the question to its chat file, or send `ask` again once the chat runs."}, nil
	}
	q, err := b.db.AddQuestion(ctx, h.Slug, text, credit, h.movableFrom(r.now).Truncate(time.Millisecond))
	if err != nil {
		return outcome{}, err
	}
	if err := b.replan(ctx, h.Slug); err != nil {
		return outcome{}, err
	}
	return b.confirm(ctx, h, r.now, "ask "+string(questions.QuestionSection(q.N)), "To give it more time, send `extend 5m`.")
}

// replan updates the posts of a stored chat in all its rooms.
func (b *Bot) replan(ctx context.Context, slug string) error {
	c, ok, err := b.db.Chat(ctx, slug)
	if err != nil || !ok {
		return err
	}
	rooms, err := b.db.Rooms(ctx)
	if err != nil {
		return err
	}
	for _, room := range rooms {
		if err := b.plan(ctx, c, room); err != nil {
			return err
		}
	}
	return nil
}

// announce posts a host's words in every room.
func (b *Bot) announce(ctx context.Context, r request, h chatState, o command) (outcome, error) {
	at := r.now.Truncate(time.Millisecond)
	err := b.planInRooms(ctx, h, func(room store.Post) store.Post {
		// No expiry: it is for every room, however late.
		return store.Post{
			Step: announcementStep(r.key), Kind: store.KindNotice, Seq: room.Seq, Planned: at, Due: h.movableFrom(at),
			Text: announcement(o.text),
		}
	})
	if err != nil {
		return outcome{}, err
	}
	return outcome{reply: "✅ I’m posting it in every room.", audit: "say"}, nil
}

// spellDuration is a short duration in words.
func spellDuration(d time.Duration) string {
	switch {
	case d == time.Minute:
		return "One minute"
	case d%time.Minute == 0:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return fmt.Sprintf("%d seconds", d/time.Second)
}
