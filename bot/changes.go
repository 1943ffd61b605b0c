package bot

import (
	"context"
	"fmt"

	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// postChanges tells the rooms that were reminded of a chat what has changed in it. Once the chat has started, its posts
// show that anyway.
func (b *Bot) postChanges(ctx context.Context, before, c questions.Chat) error {
	h, err := b.loadState(ctx, c)
	text := questions.ChangeNotice(before, c)
	if err != nil || text == "" || h.table.started() {
		return err
	}
	reminded := map[store.RoomRef]bool{}
	for _, p := range h.posts {
		if p.Kind == questions.KindReminder && p.Message != "" {
			reminded[p.RoomRef] = true
		}
	}
	now := b.clock.Now()
	for t := range reminded {
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
