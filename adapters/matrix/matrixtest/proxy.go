//go:build goolm && linux

package matrixtest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"
)

// Faults are what can go wrong between a client and its homeserver. The zero value is a proxy without faults. Chances
// are between 0 and 1.
type Faults struct {
	RequestDelay  time.Duration // until a call is forwarded
	ResponseDelay time.Duration // from when a call has been done until its response

	Down           bool                // every connection is cut as soon as it asks for something
	RefuseNext     int                 // as many calls get 503 and a page of HTML, and nothing was done
	RefuseChance   float64             // and so does each other call, with this chance
	LoseNext       int                 // as many sends are done, but their connection breaks before the response
	LoseChance     float64             // and so does each other send, with this chance
	BreakNext      int                 // as many sends are done, but get 502 and a page of HTML
	BreakChance    float64             // and so does each other send, with this chance
	LimitNext      map[id.RoomID]int   // room to how many sends into it get 429
	RetryAfter     time.Duration       // what every 429 says
	Forbid         map[id.RoomID]bool  // rooms into which each send gets M_FORBIDDEN
	TruncateNext   int                 // as many responses to /sync break off in the middle
	TruncateChance float64             // and so does each other, with this chance
	Hang           func(*Request) bool // calls for which it says yes wait, until their client gives up
}

// A Request is a call that a Proxy has seen.
type Request struct {
	Method, Path string
	Room         id.RoomID // "" if it is about no room
	Send         bool      // it sends, edits, reacts or redacts
}

// A Proxy is an address of the homeserver with faults that can be switched on. While the homeserver is down, it answers
// 502, as the proxies do that stand before real ones. Its methods may be called from several goroutines at once.
type Proxy struct {
	server  *Server
	address string
	random  *rand.Rand

	mu     sync.Mutex
	faults Faults
	seen   []Request
	open   map[net.Conn]bool
}

// Proxy listens on a port of the loopback interface of its own, until the test ends.
func (s *Server) Proxy() *Proxy {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	p := &Proxy{server: s, address: l.Addr().String(), random: rand.New(rand.NewPCG(1, 0)), open: map[net.Conn]bool{}}
	server := &http.Server{Handler: p, ConnState: p.trackConn}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(l) })
	s.t.Cleanup(func() { _ = server.Close(); running.Wait() })
	return p
}

// URL is where clients find the proxy, without a slash at its end.
func (p *Proxy) URL() string { return "http://" + p.address }

// Seed makes chances repeatable, from here on.
func (p *Proxy) Seed(seed uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.random = rand.New(rand.NewPCG(seed, 0))
}

// SetFaults switches faults on and off, at any time: set may change what it is given, and keep nothing of it.
func (p *Proxy) SetFaults(set func(*Faults)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	set(&p.faults)
}

// CloseConns breaks all connections that are open now, without a close frame. Go's own clients try a GET again by
// themselves that got no byte of a response, if its connection was not new.
func (p *Proxy) CloseConns() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		_ = c.Close()
	}
}

// Requests are all calls until now, in the order in which they came.
func (p *Proxy) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Request(nil), p.seen...)
}

func (p *Proxy) trackConn(c net.Conn, state http.ConnState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch state {
	case http.StateNew:
		p.open[c] = true
	case http.StateClosed, http.StateHijacked:
		delete(p.open, c)
	}
}

var (
	roomPath = regexp.MustCompile(`^/_matrix/client/[^/]+/rooms/([^/]+)/`)
	sendPath = regexp.MustCompile(`^/_matrix/client/[^/]+/rooms/[^/]+/(?:send|redact)/`)
	syncPath = regexp.MustCompile(`^/_matrix/client/[^/]+/sync$`)
)

func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := Request{Method: r.Method, Path: r.URL.Path, Send: r.Method == http.MethodPut && sendPath.MatchString(r.URL.Path)}
	if m := roomPath.FindStringSubmatch(r.URL.Path); m != nil {
		call.Room = id.RoomID(m[1])
	}
	f := p.nextFaults(call)
	switch {
	case !wait(r.Context(), f.RequestDelay), f.Down:
		panic(http.ErrAbortHandler)
	case f.Hang != nil && f.Hang(&call):
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case f.RefuseNext > 0:
		writeHTML(w, http.StatusServiceUnavailable)
	case f.Forbid[call.Room] && call.Send:
		writeJSON(w, http.StatusForbidden, `{"errcode":"M_FORBIDDEN","error":"You are not allowed to talk here"}`)
	case f.LimitNext[call.Room] > 0:
		writeJSON(w, http.StatusTooManyRequests, fmt.Sprintf(`{"errcode":"M_LIMIT_EXCEEDED","error":"Too many requests","retry_after_ms":%d}`, f.RetryAfter.Milliseconds()))
	default:
		p.forward(w, r, f)
	}
}

// nextFaults decides by chance for one call, and counts down the faults that it uses. What it returns is for this
// call alone: its counts are 1 where it is this call's turn.
func (p *Proxy) nextFaults(call Request) Faults {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, call)
	next := func(n *int, chance float64, counts bool) int {
		if counts && *n > 0 {
			*n--
			return 1
		}
		if counts && chance > 0 && p.random.Float64() < chance {
			return 1
		}
		return 0
	}
	f := p.faults
	f.Forbid = maps.Clone(f.Forbid)
	f.LimitNext = nil
	if call.Send && p.faults.LimitNext[call.Room] > 0 {
		p.faults.LimitNext[call.Room]--
		f.LimitNext = map[id.RoomID]int{call.Room: 1}
	}
	isSync := syncPath.MatchString(call.Path)
	f.RefuseNext = next(&p.faults.RefuseNext, f.RefuseChance, true)
	f.LoseNext = next(&p.faults.LoseNext, f.LoseChance, call.Send)
	f.BreakNext = next(&p.faults.BreakNext, f.BreakChance, call.Send)
	f.TruncateNext = next(&p.faults.TruncateNext, f.TruncateChance, isSync)
	return f
}

// forward has the homeserver do what is asked.
func (p *Proxy) forward(w http.ResponseWriter, r *http.Request, f Faults) {
	out := r.Clone(r.Context())
	if f.LoseNext+f.BreakNext > 0 { // is done whatever the client does
		out = out.WithContext(context.WithoutCancel(r.Context()))
	}
	out.URL.Scheme, out.URL.Host, out.RequestURI = "http", "homeserver", ""
	resp, err := p.server.client.Transport.RoundTrip(out)
	if err != nil {
		writeHTML(w, http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	if !wait(r.Context(), f.ResponseDelay) || f.LoseNext > 0 {
		_, _ = io.Copy(io.Discard, resp.Body)
		panic(http.ErrAbortHandler)
	}
	if f.BreakNext > 0 {
		_, _ = io.Copy(io.Discard, resp.Body)
		writeHTML(w, http.StatusBadGateway)
		return
	}
	maps.Copy(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	if f.TruncateNext > 0 {
		_, _ = io.CopyN(w, resp.Body, max(1, resp.ContentLength/2))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	if _, err := io.Copy(w, resp.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// wait tells whether the client was still there after d.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// writeHTML writes what a proxy answers for a homeserver that it can't reach.
func writeHTML(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<html><body><h1>%d %s</h1></body></html>\n", status, http.StatusText(status))
}

func writeJSON(w http.ResponseWriter, status int, json string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, json)
}
