package matrix

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// TestSilentConnectionIsDropped keeps a connection open, but drops all its traffic, as a router does that has forgotten
// it. Later connections work.
func TestSilentConnectionIsDropped(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	var silent atomic.Bool
	client := newClient(time.Second)
	transport := client.Transport.(*http.Transport)
	transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if !silent.Load() {
			c = &blackholeConn{Conn: c, silent: &silent}
		}
		return c, err
	}
	defer transport.CloseIdleConnections()
	get := func() (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(r)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return string(body), err
	}
	if got, err := get(); err != nil || got != "HTTP/2.0" {
		t.Fatalf("got %q, %v, want that HTTP/2 is spoken", got, err)
	}
	silent.Store(true)
	if got, err := get(); err != nil { // the request may be too far along for an automatic retry
		t.Logf("on the silent connection: got %q, %v", got, err)
		if got, err = get(); err != nil {
			t.Errorf("got %q, %v, want that a new connection was made", got, err)
		}
	}
}

// A blackholeConn accepts what is written to it, and drops it.
type blackholeConn struct {
	net.Conn
	silent *atomic.Bool
}

func (c *blackholeConn) Write(b []byte) (int, error) {
	if c.silent.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}
