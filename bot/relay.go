package bot

import (
	"context"
	"fmt"
	"slices"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// relay queues a copy of an answer for every other room of the chat, in the thread of the same step there.
func (b *Bot) relay(ctx context.Context, a store.Answer) error {
	steps, err := b.db.StepPosts(ctx, a.Chat, a.Step)
	if err != nil {
		return err
	}
	for _, p := range steps {
		if p.RoomRef == a.RoomRef || a.Excluded() {
			continue
		}
		key, err := b.relayKey(ctx, a, p.RoomRef)
		if err != nil {
			return err
		}
		relay := store.Post{
			Key: key, Chat: a.Chat, RoomRef: p.RoomRef, Step: a.Step, Kind: store.KindRelay,
			Lane: store.RelayLane, Seq: a.At.UnixMilli(), Source: a.Key(), Author: a.Workspace + "/" + string(a.Author.ID),
			Persona: adapters.Persona{Name: a.Author.Name, Picture: a.Author.Picture, Workspace: a.Workspace},
			Planned: a.At, Text: copyText(a.Text, a.Files),
		}
		if relay.ParentKey, err = b.threadKey(ctx, p); err != nil {
			return err
		}
		if a.RoomRef == store.PrivateRoom {
			relay.Persona.Workspace = ""
		}
		if relay.Due, err = b.copyDue(ctx, relay); err != nil {
			return err
		}
		if err := b.db.PlanPost(ctx, relay); err != nil {
			return err
		}
	}
	return b.db.MarkChanged(ctx, a.Chat)
}

// threadKey is the key of the post in whose thread the answers to a step go. If the step was removed, or will never be
// posted, that is its repetition; or "" if there is none, and the answers go into the room.
func (b *Bot) threadKey(ctx context.Context, step store.Post) (string, error) {
	if !isGone(step) {
		return step.Key, nil
	}
	posts, err := b.db.AgendaPosts(ctx, step.Chat)
	for _, p := range slices.Backward(posts) {
		if p.RoomRef == step.RoomRef && p.Kind == store.KindRepeat && questions.OriginalStep(p.Step) == step.Step && !isGone(p) {
			return p.Key, err
		}
	}
	return "", err
}

// isGone tells whether a step has no thread in its room: it was taken back or removed, or will never be posted.
func isGone(step store.Post) bool {
	return step.Text == "" || step.FailReason == store.Removed || step.FailReason != "" && step.Message == ""
}

// relayKey is the key of an answer's copy in a room. It changes each time the copies are reissued.
func (b *Bot) relayKey(ctx context.Context, a store.Answer, t store.RoomRef) (string, error) {
	key := store.RelayKey(a.Key(), t)
	n, err := b.db.CountSuperseded(ctx, a.Key(), t)
	if n > 0 {
		key += fmt.Sprintf("+%d", n)
	}
	return key, err
}

// copyText is what the other rooms read of an answer. Files are only named: not everybody may download them.
func copyText(text string, files []adapters.File) string {
	for _, f := range files {
		if text != "" {
			text += "\n\n"
		}
		text += "📎 " + questions.EscapeLine(f.Name)
	}
	return text
}

// relayReaction puts an emoji on an answer and its copies wherever somebody in another room reacted with it, and
// removes it elsewhere.
func (b *Bot) relayReaction(ctx context.Context, a store.Answer, emoji string) error {
	rooms, err := b.db.RoomsWithReaction(ctx, a.Key(), emoji)
	if err != nil {
		return err
	}
	copies, err := b.db.Copies(ctx, a.Key())
	if err != nil {
		return err
	}
	if a.RoomRef != store.PrivateRoom {
		copies = append(copies, store.Post{RoomRef: a.RoomRef, ParentMessage: a.Message})
	}
	for _, on := range copies {
		p := store.Post{
			Key: a.Key() + " " + emoji + ">" + on.RoomRef.String(), Chat: a.Chat, RoomRef: on.RoomRef, Step: a.Step, Kind: store.KindReaction,
			Lane: store.RelayLane, Seq: a.At.UnixMilli(), ParentKey: on.Key, ParentMessage: on.ParentMessage, Source: a.Key(),
			Planned: a.At, Due: b.clock.Now(),
		}
		if slices.ContainsFunc(rooms, func(t store.RoomRef) bool { return t != on.RoomRef }) {
			p.Text = emoji
		}
		if err := b.db.PlanPost(ctx, p); err != nil {
			return err
		}
	}
	return nil
}
