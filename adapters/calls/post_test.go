package calls_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// A channel accepts messages, and fails as often as it is told to.
type channel struct {
	calls.Attempts
	sent  []string // key, thread and text of each message
	errs  []error  // of the next messages; nil for one that arrives
	found calls.Posted
	since time.Time
	notes []string
}

func (c *channel) poster() calls.Poster {
	return calls.Poster{
		Attempts: &c.Attempts, Log: slog.New(slog.DiscardHandler), ShowsLate: true,
		Find: func(_ context.Context, _ adapters.Post, since time.Time) (calls.Posted, error) {
			c.since = since
			return c.found, nil
		},
		Split: func(p adapters.Post) []calls.Part { return calls.Parts(p.Key, strings.Fields(p.Text)) },
		Send: func(_ context.Context, p adapters.Post, part calls.Part) (adapters.MessageID, error) {
			if len(c.errs) > 0 {
				err := c.errs[0]
				if c.errs = c.errs[1:]; err != nil {
					return "", err
				}
			}
			c.sent = append(c.sent, strings.Join([]string{part.Key, string(p.Thread), part.Text}, " "))
			return adapters.MessageID(fmt.Sprint("m", len(c.sent))), nil
		},
		Note: func(_ context.Context, first adapters.MessageID, number int, id adapters.MessageID) error {
			c.notes = append(c.notes, fmt.Sprintf("%s %d %s", first, number, id))
			return nil
		},
	}
}

func TestPostLongText(t *testing.T) {
	var c channel
	id, err := c.poster().Post(t.Context(), adapters.Post{Key: "k", Text: "a b c"})
	if want := []string{"k  a", "k#2 m1 b", "k#3 m1 c"}; id != "m1" || err != nil || !slices.Equal(c.sent, want) {
		t.Errorf("got %q, %v and %q, want m1 and %q", id, err, c.sent, want)
	}
	if want := []string{"m1 2 m2", "m1 3 m3"}; !slices.Equal(c.notes, want) {
		t.Errorf("noted %q, want %q", c.notes, want)
	}
}

// A retry posts what is missing and nothing else.
func TestPostRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, began := channel{errs: []error{nil, &adapters.RetryError{Err: errors.New("lost")}}}, time.Now()
		p := adapters.Post{Key: "k", Thread: "t", Text: "a b c"}
		_, err := c.poster().Post(t.Context(), p)
		if retry, ok := errors.AsType[*adapters.RetryError](err); !ok || retry.After != time.Second {
			t.Errorf("got %v, want a RetryError that leaves the platform a second to finish", err)
		}
		time.Sleep(time.Minute)
		p.Retry, c.found = true, calls.Posted{"k": "m1", "k#3": "m9"}
		id, err := c.poster().Post(t.Context(), p)
		if want := []string{"k t a", "k#2 t b"}; id != "m1" || err != nil || !slices.Equal(c.sent, want) {
			t.Errorf("got %q, %v and %q, want m1 and %q", id, err, c.sent, want)
		}
		if !c.since.Equal(began) {
			t.Errorf("searched since %v, want since the first attempt at %v", c.since, began)
		}
		if _, err := c.poster().Post(t.Context(), p); err != nil || !c.since.IsZero() {
			t.Errorf("got %v, searched since %v, want a settled post forgotten", err, c.since)
		}
	})
}

// A failure that no retry changes, after the first part, is no reason to post the first part again.
func TestPostRestFails(t *testing.T) {
	c := channel{errs: []error{nil, errFinal}}
	if id, err := c.poster().Post(t.Context(), adapters.Post{Key: "k", Text: "a b"}); id != "m1" || err != nil {
		t.Errorf("got %q, %v, want m1", id, err)
	}
}

func TestPostWithoutText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c channel
		p := adapters.Post{Key: "k"}
		if _, err := c.poster().Post(t.Context(), p); !calls.IsFinal(err) {
			t.Errorf("got %v, want a final error", err)
		}
		p.Retry = true
		if _, err := c.poster().Post(t.Context(), p); !calls.Retryable(err) {
			t.Errorf("not found: got %v, want a RetryError", err)
		}
		time.Sleep(time.Second)
		if id, err := c.poster().Post(t.Context(), p); id != "" || err != nil {
			t.Errorf("not found after a second: got %q, %v, want nothing", id, err)
		}
		c.found = calls.Posted{"k": "m1"}
		if id, err := c.poster().Post(t.Context(), p); id != "m1" || err != nil || len(c.sent) > 0 {
			t.Errorf("found: got %q, %v and posted %q, want m1", id, err, c.sent)
		}
	})
}

func TestPartKeys(t *testing.T) {
	for key, want := range map[string]bool{"k": true, "k#2": true, "k2": false, "": false, "other#2": false} {
		if got := calls.IsPart(key, "k"); got != want {
			t.Errorf("IsPart(%q): got %v, want %v", key, got, want)
		}
	}
	if got := calls.PartKey("", 3); got != "" {
		t.Errorf("a part of a post without a key: got %q, want no key", got)
	}
	if parts := calls.Parts("k", []string{"a", "b"}); parts[0] != (calls.Part{Key: "k", Text: "a", Count: 2}) || parts[1] != (calls.Part{Key: "k#2", Text: "b"}) {
		t.Errorf("got %+v", parts)
	}
}
