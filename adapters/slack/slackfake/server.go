package slackfake

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Options are for all workspaces of a Server. The zero value behaves as Slack does, but for its rate limits.
type Options struct {
	// AckTimeout is how long an envelope may stay unacknowledged; zero is Slack's 3 s.
	AckTimeout time.Duration
	// Retries is how long after its timeout an event is sent again, for each of the retries; after the last the event
	// is lost. Nil is Slack's schedule: at once, after 1 min, after 5 min. Empty and not nil means no retries.
	Retries []time.Duration
	// PingEvery is the time between two WebSocket pings; zero is 5 s.
	PingEvery time.Duration
	// ConnectionTime is how long a socket lives until Slack refreshes it: first comes a warning, and ShutdownGrace
	// later the end. Zero is for ever, though hello announces about five hours.
	ConnectionTime time.Duration
	ShutdownGrace  time.Duration // zero is 10 s
	// MaxSockets is how many sockets one app may have; zero is Slack's 10.
	MaxSockets int
	// Limits are the rate limits; zero is none. SlackLimits are the documented ones.
	Limits Limits
	// Seed makes chances repeatable; zero is 1.
	Seed uint64
}

// A Server is a Slack of its own. Its methods may be called from several goroutines at once.
type Server struct {
	options Options
	http    *http.Server
	address string
	wg      sync.WaitGroup // the listener, all handlers of sockets

	mu         sync.Mutex
	closed     chan struct{} // closed when the server is
	changed    chan struct{} // closed when anything changes, and replaced
	workspaces []*Workspace
	serial     uint64 // of identifiers
}

// New is a server that lives as long as a test. More than one Options is a mistake.
func New(t testing.TB, o ...Options) *Server {
	t.Helper()
	var options Options
	if len(o) > 0 {
		options = o[0]
	}
	s := NewServer(options)
	t.Cleanup(s.Close)
	return s
}

// NewServer listens on a port of the loopback interface. It panics if it can't.
func NewServer(o Options) *Server {
	o.AckTimeout = cmp.Or(o.AckTimeout, 3*time.Second)
	o.PingEvery = cmp.Or(o.PingEvery, 5*time.Second)
	o.ShutdownGrace = cmp.Or(o.ShutdownGrace, 10*time.Second)
	o.MaxSockets = cmp.Or(o.MaxSockets, 10)
	o.Seed = cmp.Or(o.Seed, 1)
	if o.Retries == nil {
		o.Retries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(fmt.Sprintf("slackfake: %v", err))
	}
	s := &Server{options: o, address: l.Addr().String(), closed: make(chan struct{}), changed: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveAPI)
	mux.HandleFunc("GET /link/", s.serveSocket)
	mux.HandleFunc("GET /files-pri/{file}/{rest...}", s.serveFile)
	mux.HandleFunc("POST /commands/{id}", s.serveResponseURL)
	s.http = &http.Server{Handler: mux}
	// Connections are not kept alive: none can be left over, or be reused after a fault.
	s.http.SetKeepAlivesEnabled(false)
	s.wg.Go(func() { _ = s.http.Serve(l) })
	return s
}

// URL is the address of the server, without a slash at its end.
func (s *Server) URL() string { return "http://" + s.address }

// APIURL is what clients of the Web API take as Slack's address: it ends in "/api/".
func (s *Server) APIURL() string { return s.URL() + "/api/" }

// Close ends all connections without a close frame, and waits for its goroutines. It may be repeated.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.isClosed() {
		close(s.closed)
	}
	for _, w := range s.workspaces {
		for _, k := range w.sockets {
			k.cut()
		}
		for e := range w.pending {
			e.timer.Stop()
		}
		clear(w.pending)
	}
	s.mu.Unlock()
	_ = s.http.Close()
	s.wg.Wait()
}

func (s *Server) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// Workspace is the workspace that was added under a name, or nil.
func (s *Server) Workspace(name string) *Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.workspaces {
		if w.name == name {
			return w
		}
	}
	return nil
}

// Changed returns a channel that is closed at the next change, for tests that wait for one.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// notify is called under the lock.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// id makes an identifier that looks like Slack's, and never twice the same.
func (s *Server) id(kind string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	s.serial++
	// Multiplication by an odd number is a bijection, so numbers differ as their serials do.
	n := s.serial * 0x9E3779B97F4A7C15
	n ^= n >> 29
	var b [9]byte
	for i := range b {
		b[i] = digits[n%36]
		n /= 36
	}
	return fmt.Sprintf("%s0%s%X", kind, b[:6], s.serial+0x100)
}
