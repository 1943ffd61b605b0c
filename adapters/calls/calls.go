// Package calls is what the adapters of networks share: calls with time limits, rate limits and retries, what a failed
// call means, and long posts that need several messages.
package calls

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

const (
	// Timeout is how long one call may take.
	Timeout = 30 * time.Second
	// maxRetries is how often Retry repeats a call that fails without a time to wait.
	maxRetries = 3
)

// RateLimits remember which calls a platform wants to wait, and until when. The zero RateLimits are ready to use, by
// several goroutines at once.
type RateLimits struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// Do makes one call, for instance "slack chat.postMessage", which is about a room or about "". It never repeats the
// call and never sleeps: while the platform wants this call in this room to wait, it returns a *RetryError without
// calling.
//
// classify turns an error of the platform's into a *RetryError or an *Error. What is one already stays as it is.
func (l *RateLimits) Do(ctx context.Context, op string, room adapters.RoomID, do func(context.Context) error, classify func(error) error) error {
	key := op + " " + string(room)
	if left := l.remaining(key); left > 0 {
		return &adapters.RetryError{After: left, Err: fmt.Errorf("%s: still limited for %v", op, left.Round(time.Millisecond))}
	}
	callCtx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	err := do(callCtx)
	if err == nil {
		return nil
	}
	if !Retryable(err) && !IsFinal(err) {
		err = classify(err)
	}
	if ctx.Err() != nil { // the call may have got through
		return &adapters.RetryError{Err: fmt.Errorf("%s: %w", op, context.Cause(ctx))}
	}
	if retry, ok := errors.AsType[*adapters.RetryError](err); ok && retry.After > 0 {
		l.set(key, retry.After)
	}
	return err
}

func (l *RateLimits) remaining(key string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.until[key])
}

func (l *RateLimits) set(key string, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil {
		l.until = map[string]time.Time{}
	}
	l.until[key] = time.Now().Add(wait)
}

// Retry repeats a call: whenever the platform asked to wait, after that time, and else three times at most.
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

// A Backoff waits between attempts: Min the first time, then twice as long each time, up to Max.
type Backoff struct {
	Min, Max time.Duration // a Max of zero is no limit
	Jitter   bool          // varies each wait by half, so that not all connections come back at once

	next time.Duration
}

// Sleep waits, and longer if err is a *RetryError that asks for it. It returns false if ctx ended first.
func (b *Backoff) Sleep(ctx context.Context, err error) bool {
	wait := max(b.next, b.Min)
	if b.next = 2 * wait; b.Max > 0 {
		b.next = min(b.next, b.Max)
	}
	if b.Jitter {
		wait = wait/2 + rand.N(wait)
	}
	if retry, ok := errors.AsType[*adapters.RetryError](err); ok {
		wait = max(wait, retry.After)
	}
	return Sleep(ctx, wait)
}

// Reset begins again at Min.
func (b *Backoff) Reset() { b.next = 0 }

// Sleep waits for d. It returns false if ctx ended first.
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
