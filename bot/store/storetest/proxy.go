//go:build linux

package storetest

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// A Proxy is the network between a process and its database, which can be cut.
type Proxy struct {
	Address string // of the database, through the proxy

	listener net.Listener
	server   string
	wg       sync.WaitGroup

	mu        sync.Mutex
	connected chan struct{} // closed while the network works
	conns     map[net.Conn]bool
}

// NewProxy puts a network in front of a database. It is closed when the test ends.
func NewProxy(t testing.TB, address string) *Proxy {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, server: u.Host, connected: make(chan struct{}), conns: map[net.Conn]bool{}}
	close(p.connected)
	u.Host = l.Addr().String()
	p.Address = u.String()
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		p.Restore()
		l.Close()
		p.mu.Lock()
		for c := range p.conns {
			c.Close()
		}
		p.mu.Unlock()
		p.wg.Wait()
	})
	return p
}

// Cut drops all traffic in both directions without closing connections, as when a cable is pulled.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.connected:
		p.connected = make(chan struct{})
	default:
	}
}

// Restore repairs the network. Traffic from meanwhile arrives.
func (p *Proxy) Restore() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.connected:
	default:
		close(p.connected)
	}
}

func (p *Proxy) waitConnected() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.connected
}

func (p *Proxy) accept() {
	for {
		from, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.forward(from) })
	}
}

func (p *Proxy) forward(from net.Conn) {
	defer p.untrack(from)
	if !p.track(from) {
		return
	}
	<-p.waitConnected()
	to, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.server)
	if err != nil {
		return
	}
	defer p.untrack(to)
	if !p.track(to) {
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
		both.Go(func() {
			p.copy(way[1], way[0])
			<-p.waitConnected() // a close isn't forwarded either
			way[1].Close()
		})
	}
	both.Wait()
}

func (p *Proxy) copy(to io.Writer, from io.Reader) {
	for buffer := make([]byte, 32<<10); ; {
		n, err := from.Read(buffer)
		if n > 0 {
			<-p.waitConnected()
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *Proxy) track(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
	return true
}

func (p *Proxy) untrack(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	c.Close()
}
