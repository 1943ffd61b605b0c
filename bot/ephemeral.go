package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
)

const (
	// replyTTL is for how long an answer to a command is worth giving.
	replyTTL = 15 * time.Minute
	// ephemeralTimeout is for how long one whisper may keep the platform busy. Those who wait for theirs are people.
	ephemeralTimeout = 20 * time.Second
)

// runEphemeral says what is for one person's eyes, in one workspace, until ctx is done. It has a queue of its own: no room waits
// for it, and it waits for no room.
func (b *Bot) runEphemeral(ctx context.Context, ws *workspace) {
	log := b.log.With("workspace", ws.Name)
	for delay := (backoff{}); ctx.Err() == nil; {
		wake := b.broadcast.wake()
		for _, w := range ws.unstoredReplies.takeAll() {
			if err := b.postEphemeral(ctx, ws, w); err != nil && ctx.Err() == nil {
				log.Warn("cannot reply to an anonymous message") // the error may say to whom
			}
		}
		w, ok, err := b.db.NextEphemeral(ctx, ws.Name)
		now := b.clock.Now()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && !ok:
			b.wait(ctx, time.Time{}, wake, nil)
			continue
		case err == nil && w.Due.After(now):
			b.wait(ctx, w.Due, wake, nil)
			continue
		case err == nil:
			err = b.sendEphemeral(ctx, ws, w, now)
		}
		if err == nil || ctx.Err() != nil {
			delay = backoff{}
			continue
		}
		log.Warn("ephemeral post delayed", "key", w.Key, "error", err)
		b.wait(ctx, b.clock.Now().Add(delay.next(retryAfter(err))), nil, nil)
	}
}

// sendEphemeral says a whisper or gives it up; an error may pass. It is noted as said only afterwards: dying in between says
// it twice to that one person, which is better than not at all.
func (b *Bot) sendEphemeral(ctx context.Context, ws *workspace, w store.Ephemeral, now time.Time) error {
	log := b.log.With("workspace", ws.Name, "key", w.Key)
	if !w.Expires.After(now) {
		log.Warn("ephemeral post expired")
		return b.db.MarkEphemeralPosted(ctx, w.Key, now)
	}
	if err := b.postEphemeral(ctx, ws, w); err != nil {
		if _, transient := errors.AsType[*adapters.RetryError](err); transient {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		log.Error("ephemeral post failed", "error", err)
	}
	return b.db.MarkEphemeralPosted(ctx, w.Key, now)
}

// postEphemeral hands a whisper to the adapter. Without a Whisperer, nobody is told.
func (b *Bot) postEphemeral(ctx context.Context, ws *workspace, w store.Ephemeral) error {
	if ws.ephemeralPoster == nil {
		return errors.ErrUnsupported
	}
	if err := adapters.CheckLease(ctx); err != nil {
		return &adapters.RetryError{Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, ephemeralTimeout)
	defer cancel()
	p := adapters.Post{Key: w.Key, Room: w.Room, Text: b.withBanner(w.Text), Buttons: w.Buttons}
	err := ws.ephemeralPoster.PostEphemeral(ctx, w.Recipient, p)
	if errors.Is(err, context.DeadlineExceeded) {
		err = &adapters.RetryError{Err: err}
	}
	return err
}

// A replyQueue holds replies that may not be stored, because they tell who sent an anonymous message. They are lost with the
// process.
type replyQueue struct {
	mu      sync.Mutex
	replies []store.Ephemeral
}

func (q *replyQueue) add(w store.Ephemeral) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.replies = append(q.replies, w)
}

func (q *replyQueue) takeAll() []store.Ephemeral {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.replies
	q.replies = nil
	return all
}
