package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
)

// shutdownGrace is how long posts in flight may take once the bot is told to stop.
const shutdownGrace = 7 * time.Second

// graceContext ends a little later than ctx: a post in flight gets time to arrive and to be stored, instead of staying
// in doubt until the next start. After a lost lease there is no grace: this process may not post any more.
func graceContext(ctx context.Context) (context.Context, context.CancelFunc) {
	graceCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		if !errors.Is(context.Cause(ctx), store.ErrLeaseLost) {
			select {
			case <-graceCtx.Done():
			case <-time.After(shutdownGrace):
			}
		}
		cancel()
	})
	return graceCtx, func() {
		stop()
		cancel()
	}
}

// wait waits for the chat's time, either channel, or the end of ctx. A zero time never comes.
func (b *Bot) wait(ctx context.Context, until time.Time, wake, also <-chan struct{}) {
	var timer <-chan time.Time
	if !until.IsZero() {
		t := time.NewTimer(b.clock.Until(until))
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
	case <-timer:
	case <-wake:
	case <-also:
	}
}

// A broadcast wakes all goroutines that wait for it. The zero broadcast is ready to use.
type broadcast struct {
	mu sync.Mutex
	ch chan struct{}
}

// wake returns a channel that the next send closes. Get it before looking for work, or a send in between is missed.
func (b *broadcast) wake() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *broadcast) send() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}

// A backoff is how long to wait after a temporary failure: what the platform asks for, or else from a quarter of a
// second up to a minute, doubling.
type backoff struct{ attempts int }

func (b *backoff) next(asked time.Duration) time.Duration {
	b.attempts++
	return max(asked, min(time.Second/4<<min(b.attempts-1, 8), time.Minute))
}

// retryAfter is how long a platform asks to wait, where it does.
func retryAfter(err error) time.Duration {
	if retry, ok := errors.AsType[*adapters.RetryError](err); ok {
		return retry.After
	}
	return 0
}
