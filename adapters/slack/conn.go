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
type inboxes struct {
	receive  func(envelope)
	commands chan<- command
	gaps     chan<- time.Time // since when Slack doesn't send again what was missed
}

// A conn is one Socket Mode connection, from its opening to its end.
type conn struct {
	*Slack
	inboxes
	me         *identity
	disconnect chan string // Slack is about to end it, for this reason
	gotHello   atomic.Bool
	lastAlive  atomic.Pointer[time.Time] // when it was last known to be alive
	previous   *conn                     // the one that it replaces; nil for none

	ws      *websocket.Conn
	writeMu sync.Mutex // one writer at a time
}

// open asks for an address and dials it. The address is as good as a token, and is never told.
func (l *conn) open(ctx context.Context) error {
	var address string
	err := l.call(ctx, "apps.connections.open", "", func(ctx context.Context) (err error) {
		_, address, err = l.api.StartSocketModeContext(ctx)
		if err == nil && address == "" {
			err = errNotSlack
		}
		return err
	})
	if err != nil {
		return err
	}
	var netDialer net.Dialer
	stopWatching := func() bool { return true }
	dialer := websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshakeTimeout,
		// The library watches the context no longer than until there is a connection.
		NetDialContext: func(dialing context.Context, network, addr string) (net.Conn, error) {
			conn, err := netDialer.DialContext(dialing, network, addr)
			if err == nil {
				stopWatching = context.AfterFunc(ctx, func() { _ = conn.Close() })
			}
			return conn, err
		},
	}
	conn, resp, err := dialer.DialContext(ctx, address, nil)
	stopWatching()
	if err != nil {
		if resp != nil {
			return fmt.Errorf("open connection: %s", resp.Status)
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
	l.ws = conn
	return nil
}

// readLoop hears until the connection ends, or falls silent, or ctx is done.
func (l *conn) readLoop(ctx context.Context) error {
	over := make(chan struct{})
	var closer sync.WaitGroup
	defer closer.Wait()
	defer close(over)
	closer.Go(func() { l.watch(ctx, over) })

	closing := false
	alive := func() {
		now := time.Now()
		l.lastAlive.Store(&now)
		if !closing {
			_ = l.ws.SetReadDeadline(now.Add(l.readTimeout))
		}
	}
	l.ws.SetReadLimit(maxFrameSize)
	l.ws.SetPingHandler(func(data string) error {
		alive()
		_ = l.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeTimeout))
		return nil
	})
	for alive(); ; alive() {
		_, data, err := l.ws.ReadMessage()
		if err != nil {
			if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
				return fmt.Errorf("silent for %v", l.readTimeout)
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
			if !l.gotHello.Swap(true) {
				l.openConns.Add(1)
				defer l.openConns.Add(-1)
			}
			l.log.Debug("connection is open", "workspace", l.config.Name)
			gap := l.gap()
			l.receive(envelope{at(gap, ""), func() {}})
			if since := gap.Since; !since.IsZero() && time.Since(since) > l.resendWindow {
				select {
				case l.gaps <- since.Add(-time.Minute): // the other connections may have been lost a little earlier
				default: // they have told
				}
			}
		case "disconnect":
			_ = l.ws.SetReadDeadline(time.Now().Add(shutdownGrace))
			closing = true
			reason := f.Reason
			if reason == "" {
				reason = "unnamed"
			}
			select {
			case l.disconnect <- reason:
			default:
			}
		default:
			if err := l.handleFrame(f); err != nil {
				return err
			}
		}
	}
}

// gap is what may have been missed before this connection: what was sent over the one before since that was last known to
// be alive, although others were.
func (l *conn) gap() *adapters.Gap {
	if l.previous == nil {
		return &adapters.Gap{}
	}
	since := l.previous.lastAlive.Load()
	l.previous = nil
	if since == nil {
		return &adapters.Gap{}
	}
	return &adapters.Gap{Since: *since}
}

// watch closes the connection when it is over, or deaf, or ctx is done.
func (l *conn) watch(ctx context.Context, over <-chan struct{}) {
	defer l.ws.Close()
	l.watchdog.opened(l)
	defer l.watchdog.closed(l)
	ticker := time.NewTicker(l.readTimeout / 8)
	defer ticker.Stop()
	for {
		select {
		case <-over:
			return
		case <-ticker.C:
			if !l.watchdog.stalled(l) {
				continue
			}
			l.log.Warn("a connection brings no events any more", "workspace", l.config.Name)
		case <-ctx.Done():
		}
		l.sendClose()
		return
	}
}

// sendClose says goodbye. Told, Slack doesn't go on to send events to nobody.
func (l *conn) sendClose() {
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = l.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
}

// awaitHello waits for Slack's hello on a connection that is not listened to.
func (l *conn) awaitHello(ctx context.Context) (hello, error) {
	defer context.AfterFunc(ctx, func() { _ = l.ws.Close() })()
	_ = l.ws.SetReadDeadline(time.Now().Add(handshakeTimeout))
	for {
		var f frame
		if err := l.ws.ReadJSON(&f); err != nil {
			return hello{}, fmt.Errorf("wait for hello: %w", err)
		}
		switch f.Type {
		case "hello":
			return f.hello, nil
		case "disconnect":
			if unwanted := rejections[f.Reason]; unwanted != nil {
				return hello{}, unwanted
			}
			return hello{}, fmt.Errorf("wait for hello: Slack has closed the connection: %s", f.Reason)
		}
	}
}

// handleFrame passes news and orders on. All else is acknowledged at once, for it would only come again.
func (l *conn) handleFrame(f frame) error {
	acknowledge := func() { l.acknowledge(f.ID, nil) }
	if f.Type != "events_api" {
		l.queueCommand(f)
		return nil
	}
	l.watchdog.received(l)
	n, err := l.parseEvent(l.me, f.Payload)
	if isFatal(err) {
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
	l.receive(envelope{n, acknowledge})
	return nil
}

// queueCommand passes an order on. If there are too many, Slack tells the person that nobody has answered.
func (l *conn) queueCommand(f frame) {
	var o *command
	var err error
	switch f.Type {
	case "slash_commands":
		o, err = l.slashCommand(f)
	case "interactive":
		o, err = l.buttonCommand(f)
	}
	if err != nil {
		l.log.Warn("command not understood", "workspace", l.config.Name, "error", err)
	}
	if o == nil {
		l.acknowledge(f.ID, nil)
		return
	}
	o.deadline = time.Now().Add(l.commandTimeout)
	select {
	case l.commands <- *o:
	default:
		l.log.Warn("too many commands at once", "workspace", l.config.Name)
	}
}

// acknowledge tells Slack, over the connection by which it came, that an envelope need not come again, with what the person is answered, or nil. If that fails it
// comes again, which does no harm.
func (l *conn) acknowledge(id string, resp any) {
	if id == "" {
		return
	}
	l.writeMu.Lock()
	defer l.writeMu.Unlock()
	_ = l.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
	_ = l.ws.WriteJSON(struct {
		ID     string `json:"envelope_id"`
		Answer any    `json:"payload,omitempty"`
	}{id, resp})
}
