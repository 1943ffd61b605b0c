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
	// replyTTL is how long a reply to a command is worth posting.
	replyTTL = 15 * time.Minute
	// ephemeralTimeout is how long one ephemeral post may take, so that other people's don't wait too long.
	ephemeralTimeout = 20 * time.Second
)

// runEphemeral posts what only one person may see, in one workspace, until ctx is done. Its queue is separate from
// those of rooms: neither waits for the other.
func (b *Bot) runEphemeral(ctx context.Context, ws *workspace) {
	log := b.log.With("workspace", ws.Name)
	for delay := (backoff{}); ctx.Err() == nil; {
		wake := b.broadcast.wake()
		for _, w := range ws.unstoredReplies.takeAll() {
			if err := b.postEphemeral(ctx, ws, w); err != nil && ctx.Err() == nil {
				log.Warn("cannot reply to an anonymous message") // the error may say who it was
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

// sendEphemeral sends an ephemeral post, or gives it up; an error is worth a retry. It is marked as posted only
// afterwards: if the process dies in between, that person gets it twice, which is better than not at all.
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

// postEphemeral hands an ephemeral post to the adapter, if the platform has such posts.
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

// A replyQueue holds replies that may not be stored, because they tell who sent an anonymous message. They are lost
// with the process.
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
