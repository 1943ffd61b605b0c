package adapters

import (
	"context"
	"io"
	"net/http"
)

// leave marks the contexts that WithLeave hands on.
type leave struct{}

// WithLeave returns a context under which adapters send something only while ask returns nil. A process that was frozen
// may come back at any moment, long after others have gone on without it: that a context has ended is noticed a moment
// later, and so ask looks at the clock. It is asked often, by several goroutines at once, and has to answer at once.
func WithLeave(ctx context.Context, ask func() error) context.Context {
	return context.WithValue(ctx, leave{}, ask)
}

// Leave tells why nothing may be sent to a platform any more; nil if it may. Adapters ask as the last thing before they
// send anything.
func Leave(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if ask, ok := ctx.Value(leave{}).(func() error); ok {
		return ask()
	}
	return nil
}

// Sending is a client like c, or with nil like a new one, that sends requests only with the Leave of their contexts: where
// that is refused, the platform gets at most a part of one, which it can do nothing with. What remains is the moment
// between the last look at the clock and the system's taking the last bytes: some millionths of a second.
func Sending(c *http.Client) *http.Client {
	sending := http.Client{}
	if c != nil {
		sending = *c
	}
	if sending.Transport == nil {
		sending.Transport = http.DefaultTransport
	}
	sending.Transport = sender{sending.Transport}
	return &sending
}

type sender struct{ by http.RoundTripper }

func (s sender) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := Leave(r.Context()); err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	if r.Body == nil || r.Body == http.NoBody {
		return s.by.RoundTrip(r)
	}
	guarded := r.WithContext(r.Context())
	guarded.Body = guard(r.Body, r)
	if r.GetBody != nil { // for another try over another connection
		guarded.GetBody = func() (io.ReadCloser, error) {
			again, err := r.GetBody()
			return guard(again, r), err
		}
	}
	return s.by.RoundTrip(guarded)
}

// CloseIdleConnections is what http.Client looks for.
func (s sender) CloseIdleConnections() {
	if c, ok := s.by.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// A body is read as it is sent, and has to be read to its end for the platform to take it for a request.
type body struct {
	io.ReadCloser
	request *http.Request
	left    int64 // to be read; negative for unknown
}

func guard(b io.ReadCloser, r *http.Request) *body {
	if r.ContentLength == 0 { // of a client's request with a body, it means unknown
		return &body{b, r, -1}
	}
	return &body{b, r, r.ContentLength}
}

func (b *body) Read(p []byte) (int, error) {
	if b.left != 0 { // else all is sent
		if err := Leave(b.request.Context()); err != nil {
			return 0, err
		}
	}
	n, err := b.ReadCloser.Read(p)
	if b.left > 0 {
		b.left = max(0, b.left-int64(n))
	}
	return n, err
}
