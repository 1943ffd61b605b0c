// Package calls is the patience that adapters have with their platforms: how long one call may take, what is not tried
// while a platform asks to wait, and how often a call is repeated that may be.
package calls

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

const (
	// Timeout is how long one call may take.
	Timeout = 30 * time.Second
	// maxRetries is how often a call is repeated that failed in passing, where it may be repeated at once.
	maxRetries = 3
)

// RateLimits remember until when a platform wants something not to be done in a place. The zero Limits are ready to use, by
// several goroutines at once.
type RateLimits struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// Do makes one call of a platform, for instance "slack chat.postMessage", which is about a place or about "". judge makes of
// its error, which may be nil, one for the bot: a *RetryError of what may pass. Nothing is repeated, and nobody sleeps: while
// the platform wants this not to be done in this place, it isn't, and all else is.
func (l *RateLimits) Do(ctx context.Context, op string, room adapters.RoomID, do func(context.Context) error, classify func(error) error) error {
	key := op + " " + string(room)
	if left := l.remaining(key); left > 0 {
		return &adapters.RetryError{After: left, Err: fmt.Errorf("%s: still limited for %v", op, left.Round(time.Millisecond))}
	}
	callCtx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	err := classify(do(callCtx))
	if ctx.Err() != nil && err != nil { // it may have got through
		return &adapters.RetryError{Err: fmt.Errorf("%s: %w", op, context.Cause(ctx))}
	}
	if retry, ok := errors.AsType[*adapters.RetryError](err); ok && retry.After > 0 {
		l.set(key, retry.After)
	}
	return err
}

func (l *RateLimits) remaining(op string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.until[op])
}

func (l *RateLimits) set(op string, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil {
		l.until = map[string]time.Time{}
	}
	l.until[op] = time.Now().Add(wait)
}

// Retry repeats a call, which may be repeated, for as long as the platform asks to wait, and a few times if it failed in
// passing.
func Retry(ctx context.Context, call func() error) error {
	for tries := 1; ; tries++ {
		err := call()
		retry, ok := errors.AsType[*adapters.RetryError](err)
		if !ok || retry.After == 0 && tries > maxRetries || ctx.Err() != nil {
			return err
		}
		if !Sleep(ctx, max(retry.After, time.Duration(tries)*time.Second/4)) {
			return err
		}
	}
}

// Sleep tells whether ctx let it.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
