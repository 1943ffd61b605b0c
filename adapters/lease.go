package adapters

import (
	"context"
	"io"
	"net/http"
)

// leaseCheckKey is the key of a lease check in a context.
type leaseCheckKey struct{}

// WithLeaseCheck returns a context under which adapters send only while check returns nil. A frozen process may wake up
// long after another one has taken over, and it takes a moment until it notices that its context has ended. So check
// looks at the clock. It is called often, from several goroutines at once, and must return at once.
func WithLeaseCheck(ctx context.Context, check func() error) context.Context {
	return context.WithValue(ctx, leaseCheckKey{}, check)
}

// CheckLease returns nil if this process may still send to the platform, and otherwise the reason why it may not. An
// adapter calls it immediately before it sends anything.
func CheckLease(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if check, ok := ctx.Value(leaseCheckKey{}).(func() error); ok {
		return check()
	}
	return nil
}

// FencedClient returns a copy of c, or a new client if c is nil, that calls CheckLease before it sends each piece of
// a request. If the check fails, the platform has at most a part of the request, which it can't act on. A few
// microseconds remain unguarded: those between the last check and the system call that takes the last bytes.
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
	if r.GetBody != nil { // for a retry over another connection
		fenced.GetBody = func() (io.ReadCloser, error) {
			again, err := r.GetBody()
			return newFencedBody(again, r), err
		}
	}
	return s.base.RoundTrip(fenced)
}

// CloseIdleConnections is called by http.Client's method of the same name.
func (s fencedTransport) CloseIdleConnections() {
	if c, ok := s.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// A fencedBody is read while it is sent. Unless it is read to its end, the platform gets no valid request.
type fencedBody struct {
	io.ReadCloser
	request   *http.Request
	remaining int64 // bytes that were not read yet; negative if unknown
}

func newFencedBody(b io.ReadCloser, r *http.Request) *fencedBody {
	if r.ContentLength == 0 { // in a client's request that has a body, zero means unknown
		return &fencedBody{b, r, -1}
	}
	return &fencedBody{b, r, r.ContentLength}
}

func (b *fencedBody) Read(p []byte) (int, error) {
	if b.remaining != 0 {
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
