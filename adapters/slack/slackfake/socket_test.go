package slackfake_test

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

func TestEnvelope(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	wantFields(t, "hello", l.hello, obj{"num_connections": 1, "connection_info": obj{"app_id": c.AppID()}})
	if got := l.hello["debug_info"].(obj)["approximate_connection_time"]; got != 18060.0 {
		t.Errorf("hello: got %v, want an approximate connection time", l.hello)
	}
	ts := c.Person("Amy").Say("ukmedlibs", "hello")
	e := l.next()
	wantFields(t, "envelope", e, obj{"type": "events_api", "accepts_response_payload": false, "retry_attempt": 0, "retry_reason": ""})
	p := e["payload"].(obj)
	wantFields(t, "payload", p, obj{
		"type": "event_callback", "team_id": c.TeamID(), "api_app_id": c.AppID(), "is_ext_shared_channel": false,
		"authorizations": []obj{{"enterprise_id": nil, "team_id": c.TeamID(), "user_id": c.BotUser(), "is_bot": true, "is_enterprise_install": false}},
	})
	if !strings.HasPrefix(p["event_id"].(string), "Ev") || !strings.HasPrefix(p["event_context"].(string), "4-") || p["event_time"] == nil {
		t.Errorf("payload: got %v, want an event_id, event_context and event_time", p)
	}
	wantFields(t, "event", p["event"].(obj), obj{"type": "message", "ts": ts, "text": "hello"})
	if got := c.Unacknowledged(); got != 1 {
		t.Errorf("unacknowledged: got %d, want 1", got)
	}
	l.ack(e, "")
	c.eventually("it is acknowledged", func() bool { return c.Unacknowledged() == 0 })
	c.post("text", "own")
	wantFields(t, "the app's own post comes back", l.event(), obj{"type": "message", "bot_id": c.BotID(), "text": "own"})
}

func TestEventsNeedMembershipAndScope(t *testing.T) {
	c := newClient(t, slackfake.Options{}, slackfake.WorkspaceOptions{Scopes: slackfake.AllScopesExcept("groups:history", "reactions:read", "app_mentions:read")})
	c.AddChannel("other", false)
	c.AddChannel("secret", true)
	c.Invite("secret")
	c.dial()
	amy := c.Person("Amy")
	before := c.Unacknowledged()
	amy.Say("other", "the bot is not here")
	amy.Say("secret", "no scope")
	ts := amy.Say("ukmedlibs", "<@"+c.BotUser()+"> heard")
	amy.React("ukmedlibs", ts, "+1")
	if got := c.Unacknowledged() - before; got != 1 {
		t.Errorf("events: got %d, want that in #ukmedlibs alone", got)
	}
}

func TestRedelivery(t *testing.T) {
	c := newClient(t, slackfake.Options{AckTimeout: 30 * time.Millisecond, Retries: []time.Duration{0, 20 * time.Millisecond}}, slackfake.WorkspaceOptions{})
	l := c.dial()
	c.Person("Amy").Say("ukmedlibs", "hello")
	var events, envelopes []any
	for attempt := range 3 {
		e := l.next()
		reason := "timeout"
		if attempt == 0 {
			reason = ""
		}
		wantFields(t, "envelope", e, obj{"retry_attempt": attempt, "retry_reason": reason})
		events, envelopes = append(events, e["payload"].(obj)["event_id"]), append(envelopes, e["envelope_id"])
	}
	if events[0] != events[1] || events[1] != events[2] || envelopes[0] == envelopes[1] {
		t.Errorf("retries: got events %v in envelopes %v, want one event in different ones", events, envelopes)
	}
	c.eventually("the event is given up", func() bool { return c.Unacknowledged() == 0 })
	c.Person("Amy").Say("ukmedlibs", "again")
	first := l.next()
	second := l.next()
	l.ack(first, "") // too late
	l.ack(second, "")
	c.eventually("the retry is acknowledged", func() bool { return c.Unacknowledged() == 0 })
}

func TestEventsAreSpread(t *testing.T) {
	c := newDefaultClient(t)
	lines := []*socket{c.dial(), c.dial(), c.dial()}
	wantFields(t, "the third hello", lines[2].hello, obj{"num_connections": 3})
	const n = 60
	for i := range n {
		c.Person("Amy").Say("ukmedlibs", fmt.Sprint(i))
	}
	from := make(chan int, n)
	for i, l := range lines {
		go func() {
			for {
				if _, _, err := l.conn.ReadMessage(); err != nil {
					return
				}
				from <- i
			}
		}()
	}
	var got [3]int
	for range n {
		select {
		case i := <-from:
			got[i]++
		case <-time.After(5 * time.Second):
			t.Fatalf("events: got %v on three sockets, want %d together", got, n)
		}
	}
	if slices.Contains(got[:], 0) {
		t.Errorf("events: got %v on three sockets, want some on each", got)
	}
}

func TestTooManySockets(t *testing.T) {
	c := newClient(t, slackfake.Options{MaxSockets: 3}, slackfake.WorkspaceOptions{})
	reported := make(chan string, 9)
	for range 4 {
		l := c.dial()
		go func() {
			for {
				var o obj
				if err := l.conn.ReadJSON(&o); err != nil {
					return
				}
				reported <- fmt.Sprint(o["type"], " ", o["reason"])
			}
		}()
	}
	if got := <-reported; got != "disconnect too_many_websockets" {
		t.Errorf("with one socket too many: got %q, want one of them told", got)
	}
	c.eventually("there are three again", func() bool { return c.SocketCount() == 3 })
}

// readToEnd reads until the socket ends, and returns how.
func (l *socket) readToEnd() (reasons []string, err error) {
	for {
		var o obj
		_ = l.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		if err := l.conn.ReadJSON(&o); err != nil {
			return reasons, err
		}
		if o["type"] == "disconnect" {
			reasons = append(reasons, o["reason"].(string))
		}
	}
}

func TestDisconnect(t *testing.T) {
	for _, test := range []struct {
		reason string
		want   []string
	}{
		{"warning", []string{"warning", "refresh_requested"}},
		{"refresh_requested", []string{"refresh_requested"}},
		{"link_disabled", []string{"link_disabled"}},
	} {
		c := newDefaultClient(t)
		l := c.dial()
		if n := c.Disconnect(-1, test.reason, 10*time.Millisecond); n != 1 {
			t.Errorf("disconnected: got %d, want 1", n)
		}
		got, err := l.readToEnd()
		if !slices.Equal(got, test.want) || !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
			t.Errorf("disconnect for %s: got %q and %v, want %q and a close frame", test.reason, got, err, test.want)
		}
		c.eventually("the socket is forgotten", func() bool { return c.SocketCount() == 0 })
	}
}

func TestRefresh(t *testing.T) {
	c := newClient(t, slackfake.Options{ConnectionTime: 20 * time.Millisecond, ShutdownGrace: 10 * time.Millisecond}, slackfake.WorkspaceOptions{})
	got, err := c.dial().readToEnd()
	if want := []string{"warning", "refresh_requested"}; !slices.Equal(got, want) || !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("a socket's end: got %q and %v, want %q and a close frame", got, err, want)
	}
}

func TestCut(t *testing.T) {
	c := newClient(t, slackfake.Options{AckTimeout: 30 * time.Millisecond}, slackfake.WorkspaceOptions{})
	l := c.dial()
	c.Cut(-1)
	if _, err := l.readToEnd(); websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("a cut socket: got %v, want no close frame", err)
	}
	c.eventually("it is forgotten", func() bool { return c.SocketCount() == 0 })
	l = c.dial()
	c.Fault(func(f *slackfake.Faults) { f.CutNext = 1 })
	c.Person("Amy").Say("ukmedlibs", "hello")
	if _, err := l.readToEnd(); websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("a socket cut by an event: got %v, want no close frame", err)
	}
	l = c.dial()
	e := l.next()
	wantFields(t, "the event on the next socket", e["payload"].(obj)["event"].(obj), obj{"text": "hello"})
	if e["retry_attempt"] == 0.0 {
		t.Errorf("the event on the next socket: got %v, want a retry", e)
	}
}

func TestSilence(t *testing.T) {
	for _, pings := range []bool{true, false} {
		c := newClient(t, slackfake.Options{PingEvery: 10 * time.Millisecond}, slackfake.WorkspaceOptions{})
		l := c.dial()
		c.Silence(1, pings)
		silent := time.Now()
		c.Person("Amy").Say("ukmedlibs", "hello")
		var late, pongs int
		l.conn.SetPingHandler(func(string) error {
			if time.Since(silent) > 100*time.Millisecond { // what was on its way has come
				late++
			}
			return nil
		})
		l.conn.SetPongHandler(func(string) error { pongs++; return nil })
		if err := l.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		_ = l.conn.SetReadDeadline(silent.Add(250 * time.Millisecond))
		_, b, err := l.conn.ReadMessage()
		if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
			t.Errorf("a silent socket: got %q and %v, want nothing", b, err)
		}
		if late > 0 != pings || pongs > 0 != pings {
			t.Errorf("a silent socket, pings %v: got %d pings and %d pongs", pings, late, pongs)
		}
		if c.SocketCount() != 1 || c.Unacknowledged() != 1 {
			t.Errorf("a silent socket: got %d sockets and %d events, want both to stay", c.SocketCount(), c.Unacknowledged())
		}
	}
}

func TestTickets(t *testing.T) {
	c := newDefaultClient(t)
	address := c.mustCall("apps.connections.open")["url"].(string)
	if !strings.Contains(address, "/link/?ticket=") || !strings.Contains(address, "app_id="+c.AppID()) {
		t.Errorf("address: got %q, want a ticket and the app's ID", address)
	}
	dial := func() (int, error) {
		conn, resp, err := websocket.DefaultDialer.Dial(address, nil)
		if err == nil {
			conn.Close()
		}
		return resp.StatusCode, err
	}
	if _, err := dial(); err != nil {
		t.Fatal(err)
	}
	if status, err := dial(); err == nil || status != 401 {
		t.Errorf("a ticket used twice: got status %d and %v, want 401", status, err)
	}
	address = c.mustCall("apps.connections.open")["url"].(string)
	c.Fault(func(f *slackfake.Faults) { f.RefuseDials = 1 })
	if status, err := dial(); err == nil || status != 503 {
		t.Errorf("a refused handshake: got status %d and %v, want 503", status, err)
	}
}

func TestWorkspacesAreSeparate(t *testing.T) {
	s := slackfake.New(t)
	nhs, shelf := client{t, s, s.AddWorkspace("nhs", slackfake.WorkspaceOptions{})}, client{t, s, s.AddWorkspace("shelf", slackfake.WorkspaceOptions{})}
	for _, c := range []client{nhs, shelf} {
		c.AddChannel("ukmedlibs", false)
		c.Invite("ukmedlibs")
		c.LoseEvents()
	}
	a, b := nhs.dial(), shelf.dial()
	nhs.post("text", "from nhs")
	shelf.post("text", "from shelf")
	wantFields(t, "in nhs", a.event(), obj{"text": "from nhs"})
	wantFields(t, "in shelf", b.event(), obj{"text": "from shelf"})
	nhs.wantError("channel_not_found", "chat.postMessage", "channel", shelf.room(), "text", "x")
	if s.Workspace("shelf") != shelf.Workspace || s.Workspace("none") != nil {
		t.Error("Workspace: got a workspace other than the one that was added")
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s := slackfake.NewServer(slackfake.Options{ConnectionTime: time.Hour})
	c := client{t, s, s.AddWorkspace("nhs", slackfake.WorkspaceOptions{})}
	c.AddChannel("ukmedlibs", false)
	c.Invite("ukmedlibs")
	l := c.dial()
	c.post("text", "never acknowledged")
	s.Close()
	s.Close()
	_ = l.conn.Close()
	if err := goleak.Find(before); err != nil {
		t.Errorf("after Close: %v", err)
	}
}
