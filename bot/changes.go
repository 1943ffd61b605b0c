package bot

import (
	"context"
	"fmt"

	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// postChanges tells the rooms that have heard of a chat what has changed in it. Once it has begun, its posts speak for
// themselves.
func (b *Bot) postChanges(ctx context.Context, before, c questions.Chat) error {
	h, err := b.loadState(ctx, c)
	text := questions.ChangeNotice(before, c)
	if err != nil || text == "" || h.table.started() {
		return err
	}
	received := map[store.RoomRef]bool{}
	for _, p := range h.posts {
		if p.Kind == questions.KindReminder && p.Message != "" {
			received[p.RoomRef] = true
		}
	}
	now := b.clock.Now()
	for t := range received {
		step := fmt.Sprintf("changed-%d", now.UnixMilli())
		if err := b.db.PlanPost(ctx, store.Post{
			Key: store.StepKey(c.Slug, step, t), Chat: c.Slug, RoomRef: t, Step: step, Kind: store.KindNotice, Lane: store.StepLane,
			Planned: now, Due: now, Expires: c.Starts, Text: text,
		}); err != nil {
			return err
		}
	}
	return nil
}
