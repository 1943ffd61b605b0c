package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
)

// errNotSlack means that something other than Slack has answered: the library treats any JSON object without an error
// as a success.
var errNotSlack = errors.New("the response is not from Slack; is there a proxy in between?")

// call calls a method, for a room or for "". All errors of the Web API come from here. They are *RetryErrors if they
// may pass, *calls.Errors if not, and those in a *ClosedError if the refusal is not about what was sent. None contains
// a token.
func (s *Slack) call(ctx context.Context, method string, room adapters.RoomID, do func(context.Context) error) error {
	return s.limits.Do(ctx, "slack "+method, room, do, func(err error) error { return s.classify(method, room, err) })
}

// transientCodes are the errors of a busy Slack or workspace. https://docs.slack.dev/reference/methods lists them for
// every method.
var transientCodes = map[string]bool{
	"ratelimited": true, "rate_limited": true, "internal_error": true, "fatal_error": true, "service_unavailable": true,
	"request_timeout": true, "team_added_to_org": true, "message_limit_exceeded": true, "rollup_error": true,
}

// classify tells errors that may pass from those that won't.
func (s *Slack) classify(method string, room adapters.RoomID, err error) error {
	if limit, ok := errors.AsType[*slackgo.RateLimitedError](err); ok {
		return &adapters.RetryError{After: max(limit.RetryAfter, time.Second), Err: fmt.Errorf("slack %s: %w", method, limit)}
	}
	refused, ok := errors.AsType[slackgo.SlackErrorResponse](err)
	if ok && !transientCodes[refused.Err] {
		r := refusal{method: method, code: refused.Err, scopes: refused.Needed, detail: strings.Join(refused.ResponseMetadata.Messages, "; ")}
		if room != "" {
			r.room = s.roomName(room)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.me != nil {
			r.bot = s.me.name
		}
		if contentCodes[r.code] {
			return r.err()
		}
		closed := r.err()
		return &adapters.ClosedError{Err: closed, Remedy: closed.Remedy}
	}
	// The chain ends here: connection errors contain addresses.
	return &adapters.RetryError{Err: fmt.Errorf("slack %s: %s", method, s.secrets.Mask(err.Error()))}
}
