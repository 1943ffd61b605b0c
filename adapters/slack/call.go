package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
)

const (
	answerTimeout = 30 * time.Second // how long one call may take
	retries       = 3                // of a call that failed in passing, where it may be repeated at once
)

// errNoAnswer is an answer that is not Slack's: the library takes any JSON object that names no error for a success.
var errNoAnswer = errors.New("the answer is not Slack's; is there a proxy in between?")

// call makes one call of a method, which is about a room or about "". All errors of the Web API come through here: what
// may pass is a *RetryError, and all else a *refusal; neither contains a token. Nothing is repeated, and nobody sleeps:
// while Slack wants a method not to be used in a room, it isn't, and all others are.
func (s *Slack) call(ctx context.Context, method string, room adapters.RoomID, do func(context.Context) error) error {
	place := method + " " + string(room)
	if left := s.limits.left(place); left > 0 {
		return &adapters.RetryError{After: left, Err: fmt.Errorf("slack %s: still limited for %v", method, left.Round(time.Millisecond))}
	}
	limited, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	err := s.judge(method, room, do(limited))
	if ctx.Err() != nil && err != nil { // it may have got through
		return &adapters.RetryError{Err: fmt.Errorf("slack %s: %w", method, context.Cause(ctx))}
	}
	if retry, ok := errors.AsType[*adapters.RetryError](err); ok && retry.After > 0 {
		s.limits.set(place, retry.After)
	}
	return err
}

// passing are the errors that mean that Slack, or the workspace, is busy: https://docs.slack.dev/reference/methods
// lists them for every method.
var passing = map[string]bool{
	"ratelimited": true, "rate_limited": true, "internal_error": true, "fatal_error": true, "service_unavailable": true,
	"request_timeout": true, "team_added_to_org": true, "message_limit_exceeded": true, "rollup_error": true,
}

// judge tells what may pass from what won't.
func (s *Slack) judge(method string, room adapters.RoomID, err error) error {
	if err == nil {
		return nil
	}
	if limit, ok := errors.AsType[*slackgo.RateLimitedError](err); ok {
		return &adapters.RetryError{After: max(limit.RetryAfter, time.Second), Err: fmt.Errorf("slack %s: %w", method, limit)}
	}
	refused, ok := errors.AsType[slackgo.SlackErrorResponse](err)
	if ok && !passing[refused.Err] {
		r := &refusal{method: method, code: refused.Err, needed: refused.Needed, detail: strings.Join(refused.ResponseMetadata.Messages, "; ")}
		if room != "" {
			r.room = s.roomName(room)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.me != nil {
			r.bot = s.me.name
		}
		return r
	}
	// The error's own chain is cut off here: that of a connection names addresses, and may one day name more.
	return &adapters.RetryError{Err: fmt.Errorf("slack %s: %s", method, s.conceal.Replace(err.Error()))}
}

// patiently repeats a call, which may be repeated, for as long as Slack asks to wait, and a few times if it failed in
// passing.
func patiently(ctx context.Context, call func() error) error {
	for tries := 1; ; tries++ {
		err := call()
		retry, ok := errors.AsType[*adapters.RetryError](err)
		if !ok || retry.After == 0 && tries > retries || ctx.Err() != nil {
			return err
		}
		if !sleep(ctx, max(retry.After, time.Duration(tries)*time.Second/4)) {
			return err
		}
	}
}

// sleep tells whether ctx let it.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// limits remember until when Slack wants a method not to be used in a room. The zero limits are ready to use.
type limits struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (l *limits) left(place string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.until[place])
}

func (l *limits) set(place string, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil {
		l.until = map[string]time.Time{}
	}
	l.until[place] = time.Now().Add(wait)
}
