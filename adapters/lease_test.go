package adapters

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// TestFencedClientStopsWithoutLease loses the lease later and later in a request. The server gets the whole request
// if and only if the client gets an answer.
func TestFencedClientStopsWithoutLease(t *testing.T) {
	for name, second := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		var whole atomic.Int64
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err == nil {
				whole.Add(1)
			}
		}))
		server.EnableHTTP2 = second
		server.StartTLS()
		client := FencedClient(server.Client())
		for body, reader := range map[string]func() io.Reader{
			"none":    func() io.Reader { return nil },
			"short":   func() io.Reader { return strings.NewReader("short") },
			"long":    func() io.Reader { return bytes.NewReader(make([]byte, 100_000)) },
			"unknown": func() io.Reader { return io.MultiReader(strings.NewReader("un"), strings.NewReader("known")) },
		} {
			for granted := int64(0); ; granted++ {
				before, asked, refusal := whole.Load(), atomic.Int64{}, errors.New("no lease")
				ctx := WithLeaseCheck(t.Context(), func() error {
					if asked.Add(1) > granted {
						return refusal
					}
					return nil
				})
				r, err := http.NewRequestWithContext(ctx, http.MethodPut, server.URL, reader())
				if err != nil {
					t.Fatal(err)
				}
				answer, err := client.Do(r)
				if err == nil {
					answer.Body.Close()
					if got := whole.Load(); granted == 0 || got != before+1 {
						t.Errorf("%s, %s body, lease confirmed %d times: got an answer and %d requests, want 1", name, body, granted, got-before)
					}
					if want := int64(2); body != "none" && granted < want {
						t.Errorf("%s, %s body: the lease was checked %d times, want another check while the body is read", name, body, granted)
					}
					break
				}
				if !errors.Is(err, refusal) {
					t.Errorf("%s, %s body, lease confirmed %d times: got error %v, want %v", name, body, granted, err, refusal)
				}
				// Whatever is on its way has arrived when the server has nothing more to do.
				client.CloseIdleConnections()
				if got := whole.Load(); got != before {
					t.Errorf("%s, %s body, lease confirmed %d times: got %d requests, want none", name, body, granted, got-before)
				}
			}
		}
		server.Close() // waits for all that was on its way
		t.Logf("%s: %d requests", name, whole.Load())
		if got := whole.Load(); got != 4 {
			t.Errorf("%s: got %d whole requests, want 4", name, got)
		}
	}
}

func TestCheckLeaseAfterCancel(t *testing.T) {
	cause := errors.New("lost")
	ctx, cancel := context.WithCancelCause(WithLeaseCheck(t.Context(), func() error { return nil }))
	if err := CheckLease(ctx); err != nil {
		t.Errorf("got error %v, want none", err)
	}
	cancel(cause)
	if err := CheckLease(ctx); !errors.Is(err, cause) {
		t.Errorf("got error %v, want %v", err, cause)
	}
	if err := CheckLease(t.Context()); err != nil {
		t.Errorf("got error %v without a lease check, want none", err)
	}
}
