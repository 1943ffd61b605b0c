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
	// Longest is how long one call may take.
	Longest = 30 * time.Second
	// retries is how often a call is repeated that failed in passing, where it may be repeated at once.
	retries = 3
)

// Limits remember until when a platform wants something not to be done in a place. The zero Limits are ready to use, by
// several goroutines at once.
type Limits struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// Call makes one call of a platform, for instance "slack chat.postMessage", which is about a place or about "". judge makes of
// its error, which may be nil, one for the bot: a *RetryError of what may pass. Nothing is repeated, and nobody sleeps: while
// the platform wants this not to be done in this place, it isn't, and all else is.
func (l *Limits) Call(ctx context.Context, what string, place adapters.RoomID, do func(context.Context) error, judge func(error) error) error {
	limited := what + " " + string(place)
	if left := l.left(limited); left > 0 {
		return &adapters.RetryError{After: left, Err: fmt.Errorf("%s: still limited for %v", what, left.Round(time.Millisecond))}
	}
	inTime, cancel := context.WithTimeout(ctx, Longest)
	defer cancel()
	err := judge(do(inTime))
	if ctx.Err() != nil && err != nil { // it may have got through
		return &adapters.RetryError{Err: fmt.Errorf("%s: %w", what, context.Cause(ctx))}
	}
	if retry, ok := errors.AsType[*adapters.RetryError](err); ok && retry.After > 0 {
		l.set(limited, retry.After)
	}
	return err
}

func (l *Limits) left(what string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.until[what])
}

func (l *Limits) set(what string, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil {
		l.until = map[string]time.Time{}
	}
	l.until[what] = time.Now().Add(wait)
}

// Patiently repeats a call, which may be repeated, for as long as the platform asks to wait, and a few times if it failed in
// passing.
func Patiently(ctx context.Context, call func() error) error {
	for tries := 1; ; tries++ {
		err := call()
		retry, ok := errors.AsType[*adapters.RetryError](err)
		if !ok || retry.After == 0 && tries > retries || ctx.Err() != nil {
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
