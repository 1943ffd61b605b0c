package matrix

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"maunium.net/go/mautrix"

	"github.com/ukmedlibs/catchword/adapters"
)

// call calls the homeserver, for a room or for "". Its errors are *RetryErrors if they may pass, *calls.Errors if
// not, and those in a *ClosedError if the refusal is not about what was sent. None contains a secret.
func (m *Matrix) call(ctx context.Context, op string, room adapters.RoomID, do func(context.Context) error) error {
	return m.limits.Do(ctx, "matrix "+op, room, do, func(err error) error { return m.classify(op, room, err) })
}

// classify tells errors that may pass from those that won't:
// https://spec.matrix.org/latest/client-server-api/#standard-error-response
func (m *Matrix) classify(op string, room adapters.RoomID, err error) error {
	resp, ok := errors.AsType[mautrix.HTTPError](err)
	if !ok || resp.RespError == nil || resp.RespError.ErrCode == "" {
		// No response, or not a homeserver's: a proxy whose homeserver is down may send anything. The chain ends here:
		// connection errors contain addresses.
		return &adapters.RetryError{Err: fmt.Errorf("matrix %s: %s", op, m.secrets.Mask(err.Error()))}
	}
	code := resp.RespError.ErrCode
	switch {
	case code == "M_LIMIT_EXCEEDED":
		return &adapters.RetryError{After: retryAfter(resp), Err: fmt.Errorf("matrix %s: %s", op, code)}
	case code == "M_UNKNOWN_TOKEN" && m.config.Password != "":
		m.dropSession()
		return &adapters.RetryError{Err: fmt.Errorf("matrix %s: %s: logging in again", op, code)}
	case code == "M_UNRECOGNIZED", // from a proxy while the homeserver restarts
		resp.Response != nil && resp.Response.StatusCode >= http.StatusInternalServerError:
		return &adapters.RetryError{Err: fmt.Errorf("matrix %s: %s", op, m.secrets.Mask(err.Error()))}
	}
	name, bot := "", ""
	if room != "" {
		name = m.currentName(room)
	}
	if s := m.currentSession(); s != nil {
		bot = string(s.me)
	}
	e := refused(op, code, m.secrets.Mask(resp.RespError.Err), name, bot)
	if contentCodes[code] {
		return e
	}
	return &adapters.ClosedError{Err: e, Remedy: e.Remedy}
}

// retryAfter is how long to wait: newer homeservers say it in a header, older ones in the body.
func retryAfter(resp mautrix.HTTPError) time.Duration {
	wait := time.Duration(0)
	if ms, ok := resp.RespError.ExtraData["retry_after_ms"].(float64); ok {
		wait = time.Duration(ms * float64(time.Millisecond))
	}
	if resp.Response != nil {
		if seconds, err := strconv.Atoi(resp.Response.Header.Get("Retry-After")); err == nil {
			wait = max(wait, time.Duration(seconds)*time.Second)
		}
	}
	if wait <= 0 {
		return time.Second
	}
	return wait
}
