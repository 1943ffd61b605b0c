package bot

import (
	"context"
	"errors"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
)

// maxBroughtForward is how much earlier than planned a host may have had a step posted.
const maxBroughtForward = 24 * time.Hour

// findEarlierPosts looks for steps that were posted after the backup from which the database was restored. It does so
// before anything is posted or backfilled in a room: no step is posted twice, and answers are filed under the right
// question.
func (b *Bot) findEarlierPosts(ctx context.Context, s *sender) {
	if b.restoredAt.IsZero() {
		return
	}
	var pending []store.Post
	s.retry(ctx, func() (err error) {
		pending, err = s.db.UntriedPosts(ctx, s.room.Ref(), b.restoredAt.Add(maxBroughtForward))
		return storeError(err)
	})
	for _, p := range pending {
		s.retry(ctx, func() error { return s.findPost(ctx, p) })
	}
}

// mayBePosted tells whether a post that the store never tried may exist all the same.
func (b *Bot) mayBePosted(p store.Post) bool {
	until := b.restoredAt
	if p.Lane == store.StepLane {
		until = until.Add(maxBroughtForward)
	}
	return p.Planned.Before(until)
}

// retry repeats f while it fails temporarily, until ctx is done.
func (s *sender) retry(ctx context.Context, f func() error) {
	for delay := (backoff{}); ctx.Err() == nil; {
		err := f()
		if err == nil || ctx.Err() != nil {
			return
		}
		s.log.Warn("cannot look for posts made before the backup was restored", "error", err)
		if _, transient := errors.AsType[*adapters.RetryError](err); !transient && !errors.Is(err, errStore) {
			return
		}
		s.wait(ctx, s.clock.Now().Add(delay.next(retryAfter(err))), nil, nil)
	}
}

// findPost stores where a step was posted, if it was.
func (s *sender) findPost(ctx context.Context, p store.Post) error {
	// With Retry and no text, the adapter looks for the post and doesn't make it.
	message, err := s.ws.Adapter.Post(ctx, adapters.Post{Key: p.Key, Room: p.Room, Retry: true})
	if err != nil || message == "" {
		return err
	}
	since, err := s.postedAt(ctx, p, message, p.Due)
	if err != nil {
		return err
	}
	link := s.link(ctx, p, message)
	s.log.Info("already posted before the backup was restored", "key", p.Key)
	return storeError(s.db.Transact(ctx, func(ctx context.Context) error {
		if err := s.db.MarkTrying(ctx, p, since); err != nil {
			return err
		}
		return s.db.MarkPosted(ctx, p, message, since, link)
	}))
}
