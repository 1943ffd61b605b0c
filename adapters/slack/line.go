package slack

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ukmedlibs/catchword/adapters"
)

// Ears take what comes over the connections.
type ears struct {
	hear   func(envelope)
	orders chan<- order
	missed chan<- time.Time // since when Slack doesn't send again what was missed
}

// A line is one Socket Mode connection, from its opening to its end.
type line struct {
	*Slack
	ears
	me      *identity
	leaving chan string // Slack is about to end it, for this reason
	greeted atomic.Bool
	heard   atomic.Pointer[time.Time] // when it was last known to be alive
	before  *line                     // the one that it replaces; nil for none

	conn  *websocket.Conn
	write sync.Mutex // one writer at a time
}

// open asks for an address and dials it. The address is as good as a token, and is never told.
func (l *line) open(ctx context.Context) error {
	var address string
	err := l.call(ctx, "apps.connections.open", "", func(ctx context.Context) (err error) {
		_, address, err = l.api.StartSocketModeContext(ctx)
		if err == nil && address == "" {
			err = errNoAnswer
		}
		return err
	})
	if err != nil {
		return err
	}
	var netDialer net.Dialer
	hungUp := func() bool { return true }
	dialer := websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshake,
		// The library watches the context no longer than until there is a connection.
		NetDialContext: func(dialing context.Context, network, addr string) (net.Conn, error) {
			conn, err := netDialer.DialContext(dialing, network, addr)
			if err == nil {
				hungUp = context.AfterFunc(ctx, func() { _ = conn.Close() })
			}
			return conn, err
		},
	}
	conn, answer, err := dialer.DialContext(ctx, address, nil)
	hungUp()
	if err != nil {
		if answer != nil {
			return fmt.Errorf("open connection: %s", answer.Status)
		}
		// Of the other errors, some contain the address.
		if dial, ok := errors.AsType[*net.OpError](err); ok {
			return fmt.Errorf("open connection: %w", dial)
		}
		if untrusted, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
			return fmt.Errorf("open connection: %w", untrusted)
		}
		return errors.New("open connection: the handshake failed")
	}
	l.conn = conn
	return nil
}

// listen hears until the connection ends, or falls silent, or ctx is done.
func (l *line) listen(ctx context.Context) error {
	over := make(chan struct{})
	var closer sync.WaitGroup
	defer closer.Wait()
	defer close(over)
	closer.Go(func() { l.watch(ctx, over) })

	leaving := false
	alive := func() {
		now := time.Now()
		l.heard.Store(&now)
		if !leaving {
			_ = l.conn.SetReadDeadline(now.Add(l.silence))
		}
	}
	l.conn.SetReadLimit(frameMost)
	l.conn.SetPingHandler(func(data string) error {
		alive()
		_ = l.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeMost))
		return nil
	})
	for alive(); ; alive() {
		_, data, err := l.conn.ReadMessage()
		if err != nil {
			if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
				return fmt.Errorf("silent for %v", l.silence)
			}
			return err
		}
		var f frame
		if err := json.Unmarshal(data, &f); err != nil {
			l.log.Warn("unreadable frame", "workspace", l.config.Name)
			continue
		}
		switch f.Type {
		case "hello":
			if !l.greeted.Swap(true) {
				l.greetings.Add(1)
				defer l.greetings.Add(-1)
			}
			l.log.Debug("connection is open", "workspace", l.config.Name)
			gap := l.gap()
			l.hear(envelope{at(gap, ""), func() {}})
			if since := gap.Since; !since.IsZero() && time.Since(since) > l.resent {
				select {
				case l.missed <- since.Add(-time.Minute): // the other connections may have been lost a little earlier
				default: // they have told
				}
			}
		case "disconnect":
			_ = l.conn.SetReadDeadline(time.Now().Add(farewell))
			leaving = true
			reason := f.Reason
			if reason == "" {
				reason = "unnamed"
			}
			select {
			case l.leaving <- reason:
			default:
			}
		default:
			if err := l.take(f); err != nil {
				return err
			}
		}
	}
}

// gap is what may have been missed before this connection: what was sent over the one before since that was last known to
// be alive, although others were.
func (l *line) gap() *adapters.Gap {
	if l.before == nil {
		return &adapters.Gap{}
	}
	since := l.before.heard.Load()
	l.before = nil
	if since == nil {
		return &adapters.Gap{}
	}
	return &adapters.Gap{Since: *since}
}

// watch closes the connection when it is over, or deaf, or ctx is done.
func (l *line) watch(ctx context.Context, over <-chan struct{}) {
	defer l.conn.Close()
	l.watchdog.opened(l)
	defer l.watchdog.closed(l)
	ticker := time.NewTicker(l.silence / 8)
	defer ticker.Stop()
	for {
		select {
		case <-over:
			return
		case <-ticker.C:
			if !l.watchdog.deaf(l) {
				continue
			}
			l.log.Warn("a connection brings no events any more", "workspace", l.config.Name)
		case <-ctx.Done():
		}
		l.hangUp()
		return
	}
}

// hangUp says goodbye. Told, Slack doesn't go on to send events to nobody.
func (l *line) hangUp() {
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = l.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
}

// greeting waits for Slack's hello on a connection that is not listened to.
func (l *line) greeting(ctx context.Context) (hello, error) {
	defer context.AfterFunc(ctx, func() { _ = l.conn.Close() })()
	_ = l.conn.SetReadDeadline(time.Now().Add(handshake))
	for {
		var f frame
		if err := l.conn.ReadJSON(&f); err != nil {
			return hello{}, fmt.Errorf("wait for hello: %w", err)
		}
		switch f.Type {
		case "hello":
			return f.hello, nil
		case "disconnect":
			if unwanted := farewells[f.Reason]; unwanted != nil {
				return hello{}, unwanted
			}
			return hello{}, fmt.Errorf("wait for hello: Slack has closed the connection: %s", f.Reason)
		}
	}
}

// take passes news and orders on. All else is acknowledged at once, for it would only come again.
func (l *line) take(f frame) error {
	acknowledge := func() { l.acknowledge(f.ID, nil) }
	if f.Type != "events_api" {
		l.takeOrder(f)
		return nil
	}
	l.watchdog.heard(l)
	n, err := l.understand(l.me, f.Payload)
	if isEnding(err) {
		acknowledge()
		return err
	}
	if err != nil {
		l.log.Warn("event not understood", "workspace", l.config.Name, "error", err)
	}
	if n == nil {
		acknowledge()
		return nil
	}
	l.hear(envelope{n, acknowledge})
	return nil
}

// takeOrder passes an order on. If there are too many, Slack tells the person that nobody has answered.
func (l *line) takeOrder(f frame) {
	var o *order
	var err error
	switch f.Type {
	case "slash_commands":
		o, err = l.slash(f)
	case "interactive":
		o, err = l.press(f)
	}
	if err != nil {
		l.log.Warn("command not understood", "workspace", l.config.Name, "error", err)
	}
	if o == nil {
		l.acknowledge(f.ID, nil)
		return
	}
	o.until = time.Now().Add(l.promptly)
	select {
	case l.orders <- *o:
	default:
		l.log.Warn("too many commands at once", "workspace", l.config.Name)
	}
}

// acknowledge tells Slack, over the connection by which it came, that an envelope need not come again, with what the person is answered, or nil. If that fails it
// comes again, which does no harm.
func (l *line) acknowledge(id string, answer any) {
	if id == "" {
		return
	}
	l.write.Lock()
	defer l.write.Unlock()
	_ = l.conn.SetWriteDeadline(time.Now().Add(writeMost))
	_ = l.conn.WriteJSON(struct {
		ID     string `json:"envelope_id"`
		Answer any    `json:"payload,omitempty"`
	}{id, answer})
}
