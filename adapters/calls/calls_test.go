package calls_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

var errFinal = errors.New("final")

func unchanged(err error) error { return err }

// TestRateLimitsAreByRoom keeps from a platform what it wants not to be done, where and for as long as it wants that.
func TestRateLimitsAreByRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l calls.RateLimits
		made := 0
		call := func(op string, room adapters.RoomID, err error) error {
			return l.Do(t.Context(), op, room, func(context.Context) error { made++; return err }, unchanged)
		}
		limit := &adapters.RetryError{After: time.Minute, Err: errors.New("limited")}
		if err := call("say", "a", limit); !errors.Is(err, limit) {
			t.Errorf("got %v, want %v", err, limit)
		}
		time.Sleep(20 * time.Second)
		if retry, ok := errors.AsType[*adapters.RetryError](call("say", "a", nil)); !ok || retry.After != 40*time.Second || made != 1 {
			t.Errorf("got %v after %d calls, want 40s to wait, and no second call", retry, made)
		}
		for _, other := range [][2]string{{"say", "b"}, {"edit", "a"}} {
			if err := call(other[0], adapters.RoomID(other[1]), nil); err != nil {
				t.Errorf("%v: got %v, want that it is not limited", other, err)
			}
		}
		time.Sleep(40 * time.Second)
		if err := call("say", "a", errFinal); !errors.Is(err, errFinal) {
			t.Errorf("got %v, want %v", err, errFinal)
		}
	})
}

// TestDoTimesOut has a call end after half a minute, and what was broken off be tried again: it may have got through.
func TestDoTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l calls.RateLimits
		begin := time.Now()
		wait := func(ctx context.Context) error { <-ctx.Done(); return errFinal }
		if err := l.Do(t.Context(), "say", "a", wait, unchanged); !errors.Is(err, errFinal) || time.Since(begin) != calls.Timeout {
			t.Errorf("got %v after %v, want what was made of it after %v", err, time.Since(begin), calls.Timeout)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := l.Do(ctx, "say", "a", wait, unchanged)
		if _, ok := errors.AsType[*adapters.RetryError](err); !ok || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want a RetryError of the deadline", err)
		}
	})
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := calls.Backoff{Min: time.Second, Max: 3 * time.Second}
		wait := func(err error, want time.Duration) {
			t.Helper()
			begin := time.Now()
			if ok := b.Sleep(t.Context(), err); !ok || time.Since(begin) != want {
				t.Errorf("got %v after %v, want true after %v", ok, time.Since(begin), want)
			}
		}
		wait(nil, time.Second)
		wait(errFinal, 2*time.Second)
		wait(nil, 3*time.Second)
		wait(&adapters.RetryError{After: time.Minute, Err: errFinal}, time.Minute)
		wait(&adapters.RetryError{After: time.Second, Err: errFinal}, 3*time.Second)
		b.Reset()
		wait(nil, time.Second)
		b = calls.Backoff{Min: time.Second, Jitter: true}
		for range 3 {
			begin, least := time.Now(), b.Min/2
			if b.Reset(); !b.Sleep(t.Context(), nil) || time.Since(begin) < least || time.Since(begin) >= 3*least {
				t.Errorf("with jitter: waited %v, want between %v and %v", time.Since(begin), least, 3*least)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if b.Sleep(ctx, nil) {
			t.Error("got true although the context was done")
		}
	})
}

// TestRetry waits as long as it is asked to, and tries what fails in passing three more times.
func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			name  string
			errs  []error // the last one again and again
			tries int
			took  time.Duration
		}{
			{"well", []error{nil}, 1, 0},
			{"final", []error{errFinal}, 1, 0},
			{"asked to wait", []error{&adapters.RetryError{After: time.Hour, Err: errFinal}, nil}, 2, time.Hour},
			{"in passing", []error{&adapters.RetryError{Err: errFinal}}, 4, 1500 * time.Millisecond},
		} {
			tries, begin := 0, time.Now()
			err := calls.Retry(t.Context(), func() error {
				tries++
				return test.errs[min(tries, len(test.errs))-1]
			})
			if want := test.errs[len(test.errs)-1]; !errors.Is(err, want) || tries != test.tries || time.Since(begin) != test.took {
				t.Errorf("%s: got %v after %d tries and %v, want %v, %d and %v", test.name, err, tries, time.Since(begin), want, test.tries, test.took)
			}
		}
	})
}
