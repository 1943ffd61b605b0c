package matrix

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"

	"github.com/ukmedlibs/catchword/adapters"
)

// TestClassify tells temporary errors from permanent ones, by the answers of a homeserver or of a proxy before it.
func TestClassify(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		passes bool
		after  time.Duration
		says   string
	}{
		{"a limit, as of old", 429, nil, `{"errcode":"M_LIMIT_EXCEEDED","error":"slow down","retry_after_ms":2500}`, true, 2500 * time.Millisecond, "M_LIMIT_EXCEEDED"},
		{"a limit, as of now", 429, map[string]string{"Retry-After": "7"}, `{"errcode":"M_LIMIT_EXCEEDED"}`, true, 7 * time.Second, "M_LIMIT_EXCEEDED"},
		{"a limit that doesn't say for how long", 429, nil, `{"errcode":"M_LIMIT_EXCEEDED"}`, true, time.Second, "M_LIMIT_EXCEEDED"},
		{"a limit that asks for less than nothing", 429, nil, `{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":-5}`, true, time.Second, "M_LIMIT_EXCEEDED"},
		{"a failure", 500, nil, `{"errcode":"M_UNKNOWN","error":"oops"}`, true, 0, "oops"},
		{"a proxy before a homeserver that is down", 502, nil, `<html>Bad Gateway</html>`, true, 0, "502"},
		{"a page to sign in", 200, nil, `<html>Sign in</html>`, true, 0, "unmarshal"},
		{"a proxy that has forgotten the homeserver", 404, nil, `<html>Not Found</html>`, true, 0, "404"},
		{"a homeserver that starts", 404, nil, `{"errcode":"M_UNRECOGNIZED"}`, true, 0, "M_UNRECOGNIZED"},
		{"no permission", 403, nil, `{"errcode":"M_FORBIDDEN","error":"0 < 50"}`, false, 0, "power level"},
		{"no such thing", 404, nil, `{"errcode":"M_NOT_FOUND","error":"gone"}`, false, 0, "gone"},
		{"an ended login", 401, nil, `{"errcode":"M_UNKNOWN_TOKEN"}`, false, 0, "log in again"},
		{"a secret that comes back", 403, nil, `{"errcode":"M_FORBIDDEN","error":"token SECRET is bad"}`, false, 0, "token (secret) is bad"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range test.header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			defer server.Close()
			m := New(Config{AccessToken: "SECRET", Database: new(dbutil.Database)})
			address, err := url.Parse(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			client := &mautrix.Client{HomeserverURL: address, Client: server.Client(), Log: zerolog.Nop(), AccessToken: "SECRET"}
			err = m.call(t.Context(), "ask", "!r", func(ctx context.Context) error {
				_, err := client.Whoami(ctx)
				return err
			})
			retry, passes := errors.AsType[*adapters.RetryError](err)
			if passes != test.passes || passes && retry.After != test.after || !strings.Contains(fmt.Sprint(err), test.says) {
				t.Errorf("got %v (passing: %v), want passing: %v, with %q", err, passes, test.passes, test.says)
			}
			if strings.Contains(fmt.Sprint(err), "SECRET") {
				t.Errorf("the error shows a secret: %v", err)
			}
			if test.after > 0 {
				err := m.call(t.Context(), "ask", "!r", func(context.Context) error {
					t.Error("a limited call was made")
					return nil
				})
				if retry, ok := errors.AsType[*adapters.RetryError](err); !ok || retry.After <= 0 || retry.After > test.after {
					t.Errorf("while limited: got %v, want a RetryError of at most %v", err, test.after)
				}
				if err := m.call(t.Context(), "ask", "!other", func(context.Context) error { return nil }); err != nil {
					t.Errorf("in another room: got %v, want no limit", err)
				}
			}
		})
	}
}
