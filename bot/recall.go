package bot

import (
	"context"
	"errors"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
)

// broughtForward is how long before it is due a step may have been said, because a host wanted it so.
const broughtForward = 24 * time.Hour

// recall finds out, before a room is spoken in and its history is read, which steps were said there already by the bot whose
// database is lost, if ours is a backup that took its place: nothing is said twice, and what was answered meanwhile is filed
// under the question that it answers.
func (b *Bot) recall(ctx context.Context, s *speaker) {
	if b.restored.IsZero() {
		return
	}
	var unsaid []store.Post
	s.persist(ctx, func() (err error) {
		unsaid, err = s.db.UntriedPosts(ctx, s.room.Ref(), b.restored.Add(broughtForward))
		return inStore(err)
	})
	for _, p := range unsaid {
		s.persist(ctx, func() error { return s.lookFor(ctx, p) })
	}
}

// mayBeThere tells whether a post of which the store knows no try may have been said all the same.
func (b *Bot) mayBeThere(p store.Post) bool {
	until := b.restored
	if p.Lane == store.StepLane {
		until = until.Add(broughtForward)
	}
	return p.Planned.Before(until)
}

// persist repeats what fails in passing, until ctx is done.
func (s *speaker) persist(ctx context.Context, f func() error) {
	for patience := (backoff{}); ctx.Err() == nil; {
		err := f()
		if err == nil || ctx.Err() != nil {
			return
		}
		s.log.Warn("cannot find out what was said before the backup was restored", "error", err)
		if _, passing := errors.AsType[*adapters.RetryError](err); !passing && !errors.Is(err, errStore) {
			return
		}
		s.rest(ctx, s.clock.Now().Add(patience.next(askedToWait(err))), nil, nil)
	}
}

// lookFor notes where a step is, if it is there.
func (s *speaker) lookFor(ctx context.Context, p store.Post) error {
	// With Again and without a text, it is looked for and not said.
	message, err := s.ws.Adapter.Post(ctx, adapters.Post{Key: p.Key, Room: p.Room, Retry: true})
	if err != nil || message == "" {
		return err
	}
	since, err := s.appeared(ctx, p, message, p.Due)
	if err != nil {
		return err
	}
	link := s.link(ctx, p, message)
	s.log.Info("said before the backup was restored", "key", p.Key)
	return inStore(s.db.Transact(ctx, func(ctx context.Context) error {
		if err := s.db.MarkTrying(ctx, p, since); err != nil {
			return err
		}
		return s.db.MarkPosted(ctx, p, message, since, link)
	}))
}
