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

// errNotSlack is an answer that is not Slack's: the library takes any JSON object that names no error for a success.
var errNotSlack = errors.New("the answer is not Slack's; is there a proxy in between?")

// call makes one call of a method, which is about a room or about "". All errors of the Web API come through here: what
// may pass is a *RetryError, and all else a *refusal; neither contains a token.
func (s *Slack) call(ctx context.Context, method string, room adapters.RoomID, do func(context.Context) error) error {
	return s.limits.Do(ctx, "slack "+method, room, do, func(err error) error { return s.classify(method, room, err) })
}

// transientCodes are the errors that mean that Slack, or the workspace, is busy: https://docs.slack.dev/reference/methods
// lists them for every method.
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
		return r.err()
	}
	// The error's own chain is cut off here: that of a connection names addresses, and may one day name more.
	return &adapters.RetryError{Err: fmt.Errorf("slack %s: %s", method, s.secrets.Mask(err.Error()))}
}
