package adapters

import (
	"context"
	"io"
	"net/http"
)

// leaseCheckKey marks the contexts that WithLeave hands on.
type leaseCheckKey struct{}

// WithLeaseCheck returns a context under which adapters send something only while ask returns nil. A process that was
// frozen may come back at any moment, long after others have gone on without it: that a context has ended is noticed a
// moment later, and so ask looks at the clock. It is asked often, by several goroutines at once, and has to answer at
// once.
func WithLeaseCheck(ctx context.Context, check func() error) context.Context {
	return context.WithValue(ctx, leaseCheckKey{}, check)
}

// CheckLease tells why nothing may be sent to a platform any more; nil if it may. Adapters ask as the last thing before
// they send anything.
func CheckLease(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if check, ok := ctx.Value(leaseCheckKey{}).(func() error); ok {
		return check()
	}
	return nil
}

// FencedClient is a client like c, or with nil like a new one, that sends requests only with the Leave of their
// contexts: where that is refused, the platform gets at most a part of one, which it can do nothing with. What remains
// is the moment between the last look at the clock and the system's taking the last bytes: some millionths of a second.
func FencedClient(c *http.Client) *http.Client {
	client := http.Client{}
	if c != nil {
		client = *c
	}
	if client.Transport == nil {
		client.Transport = http.DefaultTransport
	}
	client.Transport = fencedTransport{client.Transport}
	return &client
}

type fencedTransport struct{ base http.RoundTripper }

func (s fencedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := CheckLease(r.Context()); err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	if r.Body == nil || r.Body == http.NoBody {
		return s.base.RoundTrip(r)
	}
	fenced := r.WithContext(r.Context())
	fenced.Body = newFencedBody(r.Body, r)
	if r.GetBody != nil { // for another try over another connection
		fenced.GetBody = func() (io.ReadCloser, error) {
			again, err := r.GetBody()
			return newFencedBody(again, r), err
		}
	}
	return s.base.RoundTrip(fenced)
}

// CloseIdleConnections is what http.Client looks for.
func (s fencedTransport) CloseIdleConnections() {
	if c, ok := s.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// A fencedBody is read as it is sent, and has to be read to its end for the platform to take it for a request.
type fencedBody struct {
	io.ReadCloser
	request   *http.Request
	remaining int64 // to be read; negative for unknown
}

func newFencedBody(b io.ReadCloser, r *http.Request) *fencedBody {
	if r.ContentLength == 0 { // of a client's request with a body, it means unknown
		return &fencedBody{b, r, -1}
	}
	return &fencedBody{b, r, r.ContentLength}
}

func (b *fencedBody) Read(p []byte) (int, error) {
	if b.remaining != 0 { // else all is sent
		if err := CheckLease(b.request.Context()); err != nil {
			return 0, err
		}
	}
	n, err := b.ReadCloser.Read(p)
	if b.remaining > 0 {
		b.remaining = max(0, b.remaining-int64(n))
	}
	return n, err
}
