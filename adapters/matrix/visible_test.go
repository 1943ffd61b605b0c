//go:build goolm && linux

package matrix_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// A lateServer is a homeserver that doesn't show at once what it has accepted: it refuses a number of requests for it.
type lateServer struct {
	next    http.RoundTripper
	path    string // a part of that of what it denies
	refusal string // its code; "" for M_NOT_FOUND
	denials atomic.Int32
}

func (s *lateServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, s.path) && s.denials.Add(-1) >= 0 {
		return &http.Response{
			StatusCode: http.StatusNotFound, Header: http.Header{}, Request: r,
			Body: io.NopCloser(strings.NewReader(fmt.Sprintf(`{"errcode":%q,"error":"The event was not found"}`, cmp.Or(s.refusal, "M_NOT_FOUND")))),
		}, nil
	}
	return s.next.RoundTrip(r)
}

// TestDateBeforePostIsVisible: a question without a known date must not be treated as not posted, because then its
// answers would belong to no question.
func TestDateBeforePostIsVisible(t *testing.T) {
	t.Parallel()
	c := newEnv(t, false)
	slow := &lateServer{next: c.client.Transport, path: "/event/"}
	config := c.config()
	config.HTTPClient = &http.Client{Transport: slow}
	m := matrix.New(config) // it doesn't run, so it doesn't receive its own posts
	room, err := m.Join(t.Context(), matrixtest.Alias("ukmedlibs"))
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now().Add(-time.Minute)
	for denials, passing := range map[int32]bool{3: false, 1000: true} {
		slow.denials.Store(0)
		sent, err := m.Post(t.Context(), adapters.Post{Key: strings.Repeat("k", int(denials)), Room: room.ID, Text: "Q1"})
		if err != nil {
			t.Fatal(err)
		}
		slow.denials.Store(denials)
		at, err := m.Timestamp(t.Context(), adapters.Ref{Room: room.ID, ID: sent})
		if _, retry := errors.AsType[*adapters.RetryError](err); retry != passing {
			t.Errorf("after %d denials: got %v, want a RetryError: %v", denials, err, passing)
		}
		if !passing && at.Before(before) {
			t.Errorf("after %d denials: got %v, want the time at which it was posted", denials, at)
		}
	}
}
