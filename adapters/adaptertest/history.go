package adaptertest

import (
	"context"
	"iter"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

var _ adapters.HistoryReader = (*Fake)(nil)

// History reads what exists in a thread of a room, or at its top level.
func (f *Fake) History(ctx context.Context, id adapters.RoomID, thread adapters.MessageID, since time.Time) iter.Seq2[*adapters.Message, error] {
	return func(yield func(*adapters.Message, error) bool) {
		var all []*adapters.Message
		err := f.platform.sendRequest(ctx, id)
		if err == nil {
			err = f.platform.withLock(func() error {
				all = f.platform.mustRoom(string(id)).history(thread, since)
				if f.platform.faults.TruncateHistory && len(all) > 1 {
					all = all[len(all)-1:]
				}
				return nil
			})
		}
		for _, m := range all {
			if !yield(m, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func (r *room) history(thread adapters.MessageID, since time.Time) (all []*adapters.Message) {
	replied := map[adapters.MessageID]bool{}
	for _, m := range r.messages {
		if !m.Deleted {
			replied[m.Thread] = true
		}
	}
	for _, m := range r.messages {
		if m.Deleted || m.Thread != thread || m.At.Before(since) {
			continue
		}
		h := parseMention(&adapters.Message{
			Ref: adapters.Ref{Room: r.id, ID: m.ID}, Thread: m.Thread, Author: m.Author, Text: fromNative(m.Text), At: m.At, EditedAt: m.EditedAt, Files: m.Files,
			FromBot: m.FromBot, HasReplies: replied[m.ID], Reactions: map[string][]adapters.UserID{},
		})
		for _, like := range m.Reactions {
			if like.User != BotID {
				h.Reactions[like.Emoji] = append(h.Reactions[like.Emoji], like.User)
			}
		}
		all = append(all, h)
	}
	return all
}
