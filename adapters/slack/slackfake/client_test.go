package slackfake_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

type obj = map[string]any

// A client talks to the fake over plain HTTP, without a library.
type client struct {
	testing.TB
	slack *slackfake.Server
	*slackfake.Workspace
}

// newClient is a client of one workspace with a public channel "ukmedlibs", in which the bot is.
func newClient(t testing.TB, o slackfake.Options, w slackfake.WorkspaceOptions) client {
	s := slackfake.New(t, o)
	c := client{t, s, s.AddWorkspace("nhs", w)}
	c.AddChannel("ukmedlibs", false)
	c.Invite("ukmedlibs")
	c.LoseEvents()
	return c
}

func newDefaultClient(t testing.TB) client {
	return newClient(t, slackfake.Options{}, slackfake.WorkspaceOptions{})
}

func (c client) room() string { return c.ChannelID("ukmedlibs") }

// call calls a method with a form. Arguments come as name, value.
func (c client) call(method string, args ...string) obj {
	c.Helper()
	form := url.Values{}
	for i := 0; i < len(args); i += 2 {
		form.Set(args[i], args[i+1])
	}
	token := c.BotToken()
	if method == "apps.connections.open" {
		token = c.AppToken()
	}
	_, _, body := c.do("POST", method, "application/x-www-form-urlencoded", token, form.Encode())
	var o obj
	if err := json.Unmarshal(body, &o); err != nil {
		c.Fatalf("%s: got %q, want JSON", method, body)
	}
	return o
}

func (c client) do(verb, method, kind, token, body string) (int, http.Header, []byte) {
	c.Helper()
	return c.fetch(verb, c.slack.APIURL()+method, kind, token, body)
}

func (c client) fetch(verb, address, kind, token, body string) (int, http.Header, []byte) {
	c.Helper()
	status, header, b, err := c.tryRequest(verb, address, kind, token, body)
	if err != nil {
		c.Fatalf("%s %s: %v", verb, address, err)
	}
	return status, header, b
}

func (c client) tryRequest(verb, address, kind, token, body string) (int, http.Header, []byte, error) {
	r, err := http.NewRequest(verb, address, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, b, err
}

// mustCall calls a method that must succeed.
func (c client) mustCall(method string, args ...string) obj {
	c.Helper()
	o := c.call(method, args...)
	if o["ok"] != true {
		c.Fatalf("%s %v: got %v, want ok", method, args, o)
	}
	return o
}

// code calls a method that must fail.
func (c client) wantError(want, method string, args ...string) obj {
	c.Helper()
	o := c.call(method, args...)
	if o["ok"] != false || o["error"] != want {
		c.Errorf("%s %v: got %v, want the error %s", method, args, o, want)
	}
	return o
}

// post posts in the room, and returns the ts.
func (c client) post(args ...string) string {
	c.Helper()
	return c.mustCall("chat.postMessage", append([]string{"channel", c.room()}, args...)...)["ts"].(string)
}

func (c client) history(args ...string) []obj {
	c.Helper()
	return list(c.mustCall("conversations.history", append([]string{"channel", c.room()}, args...)...)["messages"])
}

func (c client) replies(ts string, args ...string) []obj {
	c.Helper()
	return list(c.mustCall("conversations.replies", append([]string{"channel", c.room(), "ts", ts}, args...)...)["messages"])
}

func list(v any) (all []obj) {
	for _, e := range v.([]any) {
		all = append(all, e.(obj))
	}
	return all
}

func texts(messages []obj) (all []string) {
	for _, m := range messages {
		all = append(all, m["text"].(string))
	}
	return all
}

// A socket is a socket of the client's.
type socket struct {
	testing.TB
	conn  *websocket.Conn
	hello obj
}

func (c client) dial() *socket {
	c.Helper()
	conn, _, err := websocket.DefaultDialer.Dial(c.mustCall("apps.connections.open")["url"].(string), nil)
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { conn.Close() })
	l := &socket{TB: c.TB, conn: conn}
	l.hello = l.next()
	if l.hello["type"] != "hello" {
		c.Fatalf("first message: got %v, want hello", l.hello)
	}
	return l
}

func (l *socket) next() obj {
	l.Helper()
	_ = l.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	var o obj
	if err := l.conn.ReadJSON(&o); err != nil {
		l.Fatalf("read from the socket: %v", err)
	}
	return o
}

func (l *socket) ack(envelope obj, payload string) {
	l.Helper()
	b := `{"envelope_id":"` + envelope["envelope_id"].(string) + `"`
	if payload != "" {
		b += `,"payload":` + payload
	}
	if err := l.conn.WriteMessage(websocket.TextMessage, []byte(b+"}")); err != nil {
		l.Fatal(err)
	}
}

// event is the next event, acknowledged.
func (l *socket) event() obj {
	l.Helper()
	e := l.next()
	if e["type"] != "events_api" {
		l.Fatalf("from the socket: got %v, want an event", e)
	}
	l.ack(e, "")
	return e["payload"].(obj)["event"].(obj)
}

// eventually waits until something holds.
func (c client) eventually(what string, is func() bool) {
	c.Helper()
	deadline := time.After(5 * time.Second)
	for {
		changed := c.slack.Changed()
		if is() {
			return
		}
		select {
		case <-changed:
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			c.Fatalf("timed out waiting until %s", what)
		}
	}
}

// wantFields checks some fields of an object.
func wantFields(t testing.TB, what string, o obj, want obj) {
	t.Helper()
	for k, v := range want {
		g, _ := json.Marshal(o[k])
		w, _ := json.Marshal(v)
		if _, there := o[k]; v == nil && there || v != nil && !bytes.Equal(g, w) {
			t.Errorf("%s: got %s %s in %v, want %s", what, k, g, o, w)
		}
	}
}
