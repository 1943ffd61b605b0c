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
	// heartbeat is how often the store records, during a chat, that its rooms are being received.
	heartbeat = time.Minute
	// maxChatLength is the longest time from a chat's first post to its closing. Reminders come early, and some chats
	// ask one question a day.
	maxChatLength = 60 * 24 * time.Hour
	// maxMissing is how many messages missing from a history always count as deleted. If more are missing, and more
	// than half of all, the history counts as incomplete.
	maxMissing = 3
)

// runBackfill reads a room's history at the start, and whenever its adapter may have missed something.
func (b *Bot) runBackfill(ctx context.Context, s *sender) {
	t := s.room.Ref()
	delay, logged := backoff{}, ""
	for missed := true; ctx.Err() == nil; {
		gap, wake := s.ws.gaps.wake(), b.broadcast.wake()
		var next time.Time
		if missed {
			err := b.backfill(ctx, s.ws, t)
			if ctx.Err() != nil {
				return
			}
			if missed = err != nil; missed {
				if err.Error() != logged { // a closed room keeps its history closed, too
					s.log.Error("backfill failed; trying again", "error", err)
					logged = err.Error()
				}
				next = b.clock.Now().Add(delay.next(retryAfter(err)))
			} else {
				delay, logged = backoff{}, ""
			}
		}
		live, on, err := b.db.LivePost(ctx, t, b.clock.Now())
		if on = on && live.Kind != questions.KindClosing; on && err == nil && !missed {
			err = b.db.MarkReceiving(ctx, t, b.clock.Now())
			next = b.clock.Now().Add(heartbeat)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("cannot record heartbeat", "error", err)
		}
		if on {
			wake = nil // the heartbeat is enough: wake-ups are frequent during a chat
		}
		b.wait(ctx, next, wake, gap)
		select {
		case <-gap:
			missed = true
		default:
		}
	}
}

// backfill receives from a room's history what was posted, edited, deleted or reacted to while the bot was offline, for
// chats that still take answers. Without a HistoryReader, that is lost, and the gap is noted.
func (b *Bot) backfill(ctx context.Context, ws *workspace, t store.RoomRef) error {
	now := b.clock.Now()
	if err := b.db.NoteGap(ctx, t, now, false); err != nil {
		return err
	}
	if ws.historyReader == nil {
		return nil
	}
	steps, since, err := b.openThreads(ctx, t, now)
	if err != nil {
		return err
	}
	var roots []adapters.MessageID
	filled := true
	if !since.IsZero() {
		if roots, filled, err = b.backfillThread(ctx, ws, t, "", since, steps); err != nil {
			return err
		}
	}
	for _, p := range steps {
		roots = append(roots, p.Message)
	}
	for _, root := range roots {
		_, whole, err := b.backfillThread(ctx, ws, t, root, time.Time{}, nil)
		if err != nil {
			return err
		}
		filled = filled && whole
	}
	if err := b.db.NoteGap(ctx, t, now, filled); err != nil {
		return err
	}
	if filled {
		b.observe(Event{Kind: GapFilled, Workspace: t.Workspace})
	}
	return nil
}

// openThreads finds the posts of a room that still take answers, and since when messages outside their threads count:
// the zero time for not at all.
func (b *Bot) openThreads(ctx context.Context, t store.RoomRef, now time.Time) (open []store.Post, since time.Time, err error) {
	steps, err := b.db.PostedSince(ctx, t, now.Add(-b.opts.Grace-maxChatLength))
	if err != nil {
		return nil, since, err
	}
	over := map[string]bool{}
	for _, p := range steps {
		over[p.Chat] = over[p.Chat] || p.Kind == questions.KindClosing && p.Posted.Add(b.opts.Grace).Before(now)
	}
	for _, p := range steps {
		if over[p.Chat] || isGone(p) {
			continue
		}
		open = append(open, p)
		if p.Kind == questions.KindWelcome && (since.IsZero() || p.Posted.Before(since)) {
			since = p.Posted
		}
	}
	return open, since, nil
}

// backfillThread receives a thread from history, or with "" the room's top level. Known messages that are missing count
// as deleted, and so do the bot's own steps. It returns the messages that have replies, and whether the history was
// complete.
func (b *Bot) backfillThread(ctx context.Context, ws *workspace, t store.RoomRef, thread adapters.MessageID, since time.Time, steps []store.Post) (replied []adapters.MessageID, whole bool, err error) {
	// Read this first: messages that arrive while the history is being read are not missing from it.
	known, err := b.db.AnswersInThread(ctx, t, thread, since)
	if err != nil {
		return nil, false, err
	}
	receive, exists := b.sink(ws), map[adapters.MessageID]bool{}
	reads := map[adapters.MessageID]store.Answer{}
	for _, a := range known {
		reads[a.Message] = a
	}
	for m, err := range ws.historyReader.History(ctx, t.Room, thread, since) {
		if err != nil {
			return nil, false, fmt.Errorf("history of %v: %w", t, err)
		}
		exists[m.ID] = true
		if m.HasReplies && !m.FromBot {
			replied = append(replied, m.ID)
		}
		a, ok := reads[m.ID]
		if unchanged := ok && a.Text == m.Text && slices.Equal(a.Files, m.Files) && !m.EditedAt.After(a.Edited); !m.FromBot && !unchanged {
			if err := receive(ctx, m); err != nil {
				return nil, false, err
			}
		}
		if err := b.backfillReactions(ctx, ws, m); err != nil {
			return nil, false, err
		}
	}
	var gone []adapters.MessageID
	for _, a := range known {
		if !exists[a.Message] {
			gone = append(gone, a.Message)
		}
	}
	for _, p := range steps {
		// A new post may not be shown yet.
		if !exists[p.Message] && !p.Posted.Before(since) && p.Posted.Before(b.clock.Now().Add(-time.Minute)) {
			gone = append(gone, p.Message)
		}
	}
	if len(gone) > maxMissing && len(gone)*2 > len(exists)+len(gone) {
		b.log.Warn("history is incomplete, deleting nothing",
			"workspace", t.Workspace, "room", t.Room, "missing", len(gone), "there", len(exists))
		return replied, false, nil
	}
	for _, message := range gone {
		if err := receive(ctx, &adapters.Deletion{Ref: adapters.Ref{Room: t.Room, ID: message}}); err != nil {
			return nil, false, err
		}
	}
	return replied, true, nil
}

// backfillReactions brings the reactions on one message up to date, if the history has them.
func (b *Bot) backfillReactions(ctx context.Context, ws *workspace, m *adapters.Message) error {
	if m.Reactions == nil {
		return nil
	}
	key := store.AnswerKey(ws.Name, m.Ref)
	if m.FromBot {
		post, ok, err := b.db.PostByMessage(ctx, ws.Name, m.Ref)
		if err != nil || !ok || post.Source == "" {
			return err
		}
		key = post.Source
	}
	stored, err := b.db.RoomReactions(ctx, key, store.RoomRef{Workspace: ws.Name, Room: m.Room})
	if err != nil {
		return err
	}
	receive := b.sink(ws)
	for _, r := range stored {
		if !slices.Contains(m.Reactions[r.Emoji], r.User) {
			if err := receive(ctx, &adapters.Reaction{Ref: m.Ref, User: r.User, Emoji: r.Emoji}); err != nil {
				return err
			}
		}
	}
	for emoji, people := range m.Reactions {
		for _, who := range people {
			if !slices.Contains(stored, store.RoomReaction{Emoji: emoji, User: who}) {
				if err := receive(ctx, &adapters.Reaction{Ref: m.Ref, User: who, Emoji: emoji, Added: true}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
