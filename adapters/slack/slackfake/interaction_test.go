package slackfake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

func TestCommand(t *testing.T) {
	c := newClient(t, slackfake.Options{AckTimeout: 100 * time.Millisecond}, slackfake.WorkspaceOptions{})
	l := c.dial()
	amy := c.Person("Amy Adams")
	done := make(chan slackfake.Response, 1)
	run := func() { done <- amy.RunCommand("ukmedlibs", "/catchword", "next @bob") }
	go run()
	e := l.next()
	wantFields(t, "envelope", e, obj{"type": "slash_commands", "accepts_response_payload": true, "retry_attempt": nil})
	wantFields(t, "command", e["payload"].(obj), obj{
		"command": "/catchword", "text": "next @bob", "user_id": amy.ID(), "user_name": "amy.adams", "channel_id": c.room(), "channel_name": "ukmedlibs",
		"team_id": c.TeamID(), "team_domain": "nhs", "api_app_id": c.AppID(), "is_enterprise_install": "false", "thread_ts": nil,
	})
	l.ack(e, `{"text":"Q2 is next"}`)
	r := <-done
	if !r.Acked || r.Text() != "Q2 is next" {
		t.Errorf("response: got %+v, want it acknowledged with a text", r)
	}
	if got := c.Ephemerals("ukmedlibs"); len(got) != 1 || got[0].Text != "Q2 is next" || got[0].To != amy.ID() {
		t.Errorf("ephemerals: got %+v, want the answer", got)
	}
	go run()
	l.next()
	if r := <-done; r.Acked {
		t.Errorf("a command that nobody acknowledged: got %+v", r)
	}
	c.Person("Amy Adams").Say("ukmedlibs", "next")
	if e := l.next(); e["type"] != "events_api" {
		t.Errorf("after a command that nobody acknowledged: got %v, want no retry", e)
	}
	hook := func(body string) (int, string) {
		status, _, b := c.fetch("POST", r.ResponseURL, "application/json", "", body)
		return status, strings.TrimSpace(string(b))
	}
	for i := range 5 {
		if status, body := hook(fmt.Sprintf(`{"text":"later %d","response_type":"in_channel"}`, i)); status != 200 || body != "ok" {
			t.Errorf("response_url: got %d %q, want ok", status, body)
		}
	}
	if status, body := hook(`{"text":"too often"}`); status != 404 || body != "used_url" {
		t.Errorf("response_url for the sixth time: got %d %q, want 404 used_url", status, body)
	}
	if got := c.history("limit", "1")[0]["text"]; got != "later 4" {
		t.Errorf("history: got %q, want the messages that everybody sees", got)
	}
	c.Cut(-1)
	c.eventually("nobody is there", func() bool { return c.SocketCount() == 0 })
	if r := amy.RunCommand("ukmedlibs", "/catchword", "x"); r.Acked {
		t.Errorf("a command to nobody: got %+v", r)
	}
}

func TestEphemeralAndDirectMessages(t *testing.T) {
	c := newClient(t, slackfake.Options{}, slackfake.WorkspaceOptions{})
	amy := c.Person("Amy")
	amy.Join("ukmedlibs")
	c.LoseEvents()
	l := c.dial()
	const buttons = `[{"type":"section","text":{"type":"mrkdwn","text":"x"}},{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Next"},"action_id":"next","value":"2"}]}]`
	ts := c.mustCall("chat.postEphemeral", "channel", c.room(), "user", amy.ID(), "text", "x", "blocks", buttons)["message_ts"].(string)
	press := func() (obj, slackfake.Response) {
		done := make(chan slackfake.Response, 1)
		go func() { done <- amy.Click("ukmedlibs", ts, "next") }()
		e := l.next()
		l.ack(e, "")
		return e["payload"].(obj), <-done
	}
	p, r := press()
	wantFields(t, "container", p["container"].(obj), obj{"is_ephemeral": true, "message_ts": ts})
	if p["message"] != nil {
		t.Errorf("message: got %v, want none", p["message"])
	}
	hook := func(body string) {
		if _, _, b := c.fetch("POST", r.ResponseURL, "application/json", "", body); strings.TrimSpace(string(b)) != "ok" {
			t.Errorf("response_url: got %q, want ok", b)
		}
	}
	hook(`{"text":"another","replace_original":false}`)
	hook(`{"text":"pressed","replace_original":true}`)
	got := c.Ephemerals("ukmedlibs")
	if len(got) != 2 || got[0].Plain != "pressed" || len(got[0].Buttons) != 0 || got[1].Plain != "another" {
		t.Errorf("got %+v, want the first replaced and another", got)
	}
	hook(`{"delete_original":true}`)
	if got := c.Ephemerals("ukmedlibs"); len(got) != 1 || got[0].Plain != "another" {
		t.Errorf("got %+v, want the first gone", got)
	}

	im := c.mustCall("conversations.open", "users", amy.ID())["channel"].(obj)["id"].(string)
	if im != amy.DMChannel() {
		t.Errorf("got %s for her direct messages, want %s", im, amy.DMChannel())
	}
	reported := amy.SendDM("anon x")
	e := l.event()
	wantFields(t, "direct message", e, obj{"type": "message", "channel": im, "channel_type": "im", "ts": reported, "user": amy.ID()})
	tabless := newClient(t, slackfake.Options{}, slackfake.WorkspaceOptions{NoMessagesTab: true})
	im = tabless.mustCall("conversations.open", "users", tabless.Person("Amy").ID())["channel"].(obj)["id"].(string)
	tabless.wantError("messages_tab_disabled", "chat.postMessage", "channel", im, "text", "x")
}

func TestClickAndView(t *testing.T) {
	c := newClient(t, slackfake.Options{}, slackfake.WorkspaceOptions{})
	l := c.dial()
	amy := c.Person("Amy")
	ts := c.post("text", "x", "blocks", `[{"type":"actions","block_id":"b","elements":[{"type":"button","text":{"type":"plain_text","text":"Next"},"action_id":"next","value":"2"}]}]`)
	l.event()
	done := make(chan slackfake.Response, 1)
	go func() { done <- amy.Click("ukmedlibs", ts, "next") }()
	e := l.next()
	p := e["payload"].(obj)
	wantFields(t, "click", e, obj{"type": "interactive"})
	wantFields(t, "click", p, obj{"type": "block_actions", "container": obj{"type": "message", "message_ts": ts, "channel_id": c.room(), "is_ephemeral": false}})
	wantFields(t, "action", list(p["actions"])[0], obj{"action_id": "next", "block_id": "b", "type": "button", "value": "2"})
	l.ack(e, "")
	<-done
	trigger, view := p["trigger_id"].(string), `{"type":"modal","callback_id":"ask","title":{"type":"plain_text","text":"Ask"},"blocks":[]}`
	c.wantError("invalid_trigger_id", "views.open", "trigger_id", "x", "view", view)
	id := c.mustCall("views.open", "trigger_id", trigger, "view", view)["view"].(obj)["id"].(string)
	c.wantError("exchanged_trigger_id", "views.open", "trigger_id", trigger, "view", view)
	if got := amy.OpenView(); got != id {
		t.Errorf("open view: got %q, want %q", got, id)
	}
	go func() { done <- amy.Submit(id, map[string]map[string]string{"q": {"text": "Why?"}}) }()
	e = l.next()
	v := e["payload"].(obj)["view"].(obj)
	wantFields(t, "submission", e["payload"].(obj), obj{"type": "view_submission"})
	wantFields(t, "view", v, obj{"id": id, "callback_id": "ask", "state": obj{"values": obj{"q": obj{"text": obj{"type": "plain_text_input", "value": "Why?"}}}}})
	l.ack(e, `{"response_action":"clear"}`)
	if r := <-done; !r.Acked || string(r.Payload) != `{"response_action":"clear"}` {
		t.Errorf("submission: got %+v, want the answer", r)
	}
}
