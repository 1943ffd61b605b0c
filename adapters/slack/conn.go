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

// inboxes take what the connections receive.
type inboxes struct {
	receive  func(envelope)
	commands chan<- command
	gaps     chan<- time.Time // of missed events that Slack won't send again: when they began
}

// A conn is one Socket Mode connection.
type conn struct {
	*Slack
	inboxes
	me         *identity
	disconnect chan string // why Slack is about to close it
	gotHello   atomic.Bool
	lastAlive  atomic.Pointer[time.Time] // when Slack last sent something
	previous   *conn                     // that it replaces; nil for none

	ws      *websocket.Conn
	writeMu sync.Mutex // one writer at a time
}

// open asks for an address and dials it. The address is a secret, and is never logged.
func (cn *conn) open(ctx context.Context) error {
	var address string
	err := cn.call(ctx, "apps.connections.open", "", func(ctx context.Context) (err error) {
		_, address, err = cn.api.StartSocketModeContext(ctx)
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
		// The library ignores the context once it has dialled.
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
		// Other errors may contain the address.
		if dial, ok := errors.AsType[*net.OpError](err); ok {
			return fmt.Errorf("open connection: %w", dial)
		}
		if untrusted, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
			return fmt.Errorf("open connection: %w", untrusted)
		}
		return errors.New("open connection: the handshake failed")
	}
	cn.ws = conn
	return nil
}

// readLoop reads until the connection ends or falls silent, or ctx is done.
func (cn *conn) readLoop(ctx context.Context) error {
	over := make(chan struct{})
	var closer sync.WaitGroup
	defer closer.Wait()
	defer close(over)
	closer.Go(func() { cn.watch(ctx, over) })

	closing := false
	alive := func() {
		now := time.Now()
		cn.lastAlive.Store(&now)
		if !closing {
			_ = cn.ws.SetReadDeadline(now.Add(cn.readTimeout))
		}
	}
	cn.ws.SetReadLimit(maxFrameSize)
	cn.ws.SetPingHandler(func(data string) error {
		alive()
		_ = cn.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeTimeout))
		return nil
	})
	for alive(); ; alive() {
		_, data, err := cn.ws.ReadMessage()
		if err != nil {
			if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
				return fmt.Errorf("no data for %v", cn.readTimeout)
			}
			return err
		}
		var f frame
		if err := json.Unmarshal(data, &f); err != nil {
			cn.log.Warn("unreadable frame", "workspace", cn.config.Name)
			continue
		}
		switch f.Type {
		case "hello":
			if !cn.gotHello.Swap(true) {
				cn.openConns.Add(1)
				defer cn.openConns.Add(-1)
			}
			cn.log.Debug("connection open", "workspace", cn.config.Name)
			gap := cn.gap()
			cn.receive(envelope{resolvedEvent(gap, ""), func() {}})
			if since := gap.Since; !since.IsZero() && time.Since(since) > cn.resendWindow {
				cn.backlog.expect()
				select {
				case cn.gaps <- since.Add(-time.Minute): // the other connections may have been lost a little earlier
				default: // they have reported it
				}
			}
		case "disconnect":
			_ = cn.ws.SetReadDeadline(time.Now().Add(shutdownGrace))
			closing = true
			reason := f.Reason
			if reason == "" {
				reason = "unnamed"
			}
			select {
			case cn.disconnect <- reason:
			default:
			}
		default:
			if err := cn.handleFrame(f); err != nil {
				return err
			}
		}
	}
}

// gap is what may have been missed before this connection: all since the previous one was last alive, even if other
// connections were.
func (cn *conn) gap() *adapters.Gap {
	if cn.previous == nil {
		return &adapters.Gap{}
	}
	since := cn.previous.lastAlive.Load()
	cn.previous = nil
	if since == nil {
		return &adapters.Gap{}
	}
	return &adapters.Gap{Since: *since}
}

// watch closes the connection when it is over or has stalled, or ctx is done.
func (cn *conn) watch(ctx context.Context, over <-chan struct{}) {
	defer cn.ws.Close()
	cn.watchdog.opened(cn)
	defer cn.watchdog.closed(cn)
	ticker := time.NewTicker(cn.readTimeout / 8)
	defer ticker.Stop()
	for {
		select {
		case <-over:
			return
		case <-ticker.C:
			if !cn.watchdog.stalled(cn) {
				continue
			}
			cn.log.Warn("connection stalled: open, but no events", "workspace", cn.config.Name)
		case <-ctx.Done():
		}
		cn.sendClose()
		return
	}
}

// sendClose tells Slack to send no more events over the connection.
func (cn *conn) sendClose() {
	closeMessage := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = cn.ws.WriteControl(websocket.CloseMessage, closeMessage, time.Now().Add(time.Second))
}

// awaitHello waits for Slack's hello on a connection without a readLoop.
func (cn *conn) awaitHello(ctx context.Context) (hello, error) {
	defer context.AfterFunc(ctx, func() { _ = cn.ws.Close() })()
	_ = cn.ws.SetReadDeadline(time.Now().Add(handshakeTimeout))
	for {
		var f frame
		if err := cn.ws.ReadJSON(&f); err != nil {
			return hello{}, fmt.Errorf("wait for hello: %w", err)
		}
		switch f.Type {
		case "hello":
			return f.hello, nil
		case "disconnect":
			if unwanted := rejections[f.Reason]; unwanted != nil {
				return hello{}, unwanted
			}
			return hello{}, fmt.Errorf("wait for hello: Slack closed the connection: %s", f.Reason)
		}
	}
}

// handleFrame passes on events and commands. It acknowledges everything else at once, or Slack would send it again.
func (cn *conn) handleFrame(f frame) error {
	acknowledge := func() { cn.acknowledge(f.ID, nil) }
	if f.Type != "events_api" {
		cn.queueCommand(f)
		return nil
	}
	cn.watchdog.received(cn)
	ev, err := cn.parseEvent(cn.me, f.Payload)
	if isFatal(err) {
		acknowledge()
		return err
	}
	if err != nil {
		cn.unreadable.Add(1)
		cn.log.Warn("could not read an event", "workspace", cn.config.Name, "error", err)
	}
	if ev == nil {
		acknowledge()
		return nil
	}
	cn.receive(envelope{ev, acknowledge})
	return nil
}

// queueCommand queues a command. If there are too many, it drops it, and Slack shows the person an error.
func (cn *conn) queueCommand(f frame) {
	var cmd *command
	var err error
	switch f.Type {
	case "slash_commands":
		cmd, err = cn.slashCommand(f)
	case "interactive":
		cmd, err = cn.buttonCommand(f)
	}
	if err != nil {
		cn.log.Warn("could not read a command", "workspace", cn.config.Name, "error", err)
	}
	if cmd == nil {
		cn.acknowledge(f.ID, nil)
		return
	}
	cmd.deadline = time.Now().Add(cn.commandTimeout)
	select {
	case cn.commands <- *cmd:
	default:
		cn.log.Warn("too many commands at once", "workspace", cn.config.Name)
	}
}

// acknowledge acknowledges an envelope over the connection that it came by. resp is what the person is shown, or nil.
// If it fails, Slack sends the envelope again, which does no harm.
func (cn *conn) acknowledge(id string, resp any) {
	if id == "" {
		return
	}
	cn.writeMu.Lock()
	defer cn.writeMu.Unlock()
	_ = cn.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
	_ = cn.ws.WriteJSON(struct {
		ID      string `json:"envelope_id"`
		Payload any    `json:"payload,omitempty"`
	}{id, resp})
}
