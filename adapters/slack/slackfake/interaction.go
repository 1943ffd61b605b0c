package slackfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Response is what the person saw of a command or an interaction.
type Response struct {
	// Acked tells that the envelope was acknowledged in time. Otherwise the person saw an error, as operation_timeout:
	// commands and interactions are not sent again.
	Acked       bool
	Payload     json.RawMessage // what came with the acknowledgement; nil for nothing
	ResponseURL string          // the response_url
	TriggerID   string          // the trigger_id
}

// Text is the text of the payload, or "".
func (r Response) Text() string {
	var p struct{ Text string }
	_ = json.Unmarshal(r.Payload, &p)
	return p.Text
}

// A responseURL is a response_url: good for five answers within 30 minutes.
type responseURL struct {
	w       *Workspace
	channel string
	user    string
	message *message // that it may replace
	uses    int
	expires time.Time
}

type trigger struct {
	user    string
	expires time.Time
	used    bool
}

// RunCommand types a slash command, such as "/catchword", with its text in a channel, and waits until the app has
// acknowledged it or the time for that is over. The bot need not be in the channel. What an acknowledgement says is an
// ephemeral message.
func (p *Person) RunCommand(channel, command, text string) Response {
	w := p.w
	unlock := w.lockForRead()
	c := w.mustChannel(channel)
	r := w.newResponse(p, c, nil)
	shown := c.name
	if c.kind == "group" {
		shown = "privategroup"
	} else if c.kind == "im" {
		shown = "directmessage"
	}
	payload := obj{
		"token": "legacy-verification-token", "team_id": w.teamID, "team_domain": w.name, "channel_id": c.id, "channel_name": shown,
		"user_id": p.id, "user_name": handle(p.name), "command": command, "text": text, "api_app_id": w.appID,
		"is_enterprise_install": "false", "response_url": r.ResponseURL, "trigger_id": r.TriggerID,
	}
	unlock()
	w.interact(&r, "slash_commands", payload)
	w.showAck(r, p, c)
	return r
}

// Click presses the button with this action_id in a message of the app's, or in one that the person alone sees. For an
// ephemeral message, Slack doesn't send the app its text.
func (p *Person) Click(channel, ts, actionID string) Response {
	w := p.w
	unlock := w.lockForRead()
	c := w.mustChannel(channel)
	m := c.findEphemeral(ts, p.id)
	alone := m != nil
	if !alone {
		m = w.mustMessage(channel, ts)
	}
	block, action := findAction(m.blocks, actionID)
	if action == nil {
		unlock()
		panic(fmt.Sprintf("slackfake: message %s has no action %q", ts, actionID))
	}
	r := w.newResponse(p, c, m)
	shown := obj{"action_id": actionID, "block_id": block["block_id"], "type": action["type"], "action_ts": formatTS(nowMicros()), "text": action["text"]}
	if v, ok := action["value"]; ok {
		shown["value"] = v
	}
	container := obj{"type": "message", "message_ts": m.ts, "channel_id": c.id, "is_ephemeral": alone}
	setNonEmpty(container, "thread_ts", m.thread)
	payload := obj{
		"type": "block_actions", "user": p.userRef(), "api_app_id": w.appID, "token": "legacy-verification-token", "container": container,
		"trigger_id": r.TriggerID, "team": obj{"id": w.teamID, "domain": w.name}, "enterprise": nil, "is_enterprise_install": false,
		"channel": obj{"id": c.id, "name": c.name}, "state": obj{"values": obj{}}, "response_url": r.ResponseURL, "actions": []obj{shown},
	}
	if !alone {
		payload["message"] = w.render(c, m, inResponse)
	}
	unlock()
	w.interact(&r, "interactive", payload)
	return r
}

func (p *Person) userRef() obj {
	return obj{"id": p.id, "username": handle(p.name), "name": handle(p.name), "team_id": p.w.teamID}
}

func findAction(blocks []any, id string) (block, action obj) {
	for _, b := range blocks {
		block, _ := b.(obj)
		elements, _ := block["elements"].([]any)
		for _, e := range append(elements, block["accessory"]) {
			if a, _ := e.(obj); a != nil && a["action_id"] == id {
				return block, a
			}
		}
	}
	return nil, nil
}

func (w *Workspace) newResponse(p *Person, c *channel, m *message) Response {
	id := w.server.id("H")
	w.responseURLs[id] = &responseURL{w: w, channel: c.id, user: p.id, message: m, expires: time.Now().Add(30 * time.Minute)}
	trig := fmt.Sprintf("%d.%s", nowMicros(), strings.ToLower(w.server.id("x")))
	w.triggers[trig] = &trigger{user: p.id, expires: time.Now().Add(3 * time.Second)}
	return Response{ResponseURL: w.server.URL() + "/commands/" + id, TriggerID: trig}
}

// interact sends an envelope once, and waits for its acknowledgement.
func (w *Workspace) interact(r *Response, kind string, payload obj) {
	answer := make(chan json.RawMessage, 1)
	unlock := w.lockForWrite()
	k := w.pickSocket()
	envelope := w.uuid()
	if k != nil {
		w.awaitingAck[envelope] = answer
		k.sendEvent(obj{"envelope_id": envelope, "payload": payload, "type": kind, "accepts_response_payload": true})
	}
	unlock()
	if k == nil {
		return // dispatch_failed: no socket is open
	}
	select {
	case r.Payload = <-answer:
		r.Acked = true
	case <-time.After(w.server.options.AckTimeout):
	case <-w.server.closed:
	}
	defer w.lockForWrite()()
	delete(w.awaitingAck, envelope)
}

// showAck shows what came with an acknowledgement.
func (w *Workspace) showAck(r Response, p *Person, c *channel) {
	if len(r.Payload) == 0 {
		return
	}
	defer w.lockForWrite()()
	w.responseURLs[r.ResponseURL[strings.LastIndex(r.ResponseURL, "/")+1:]].respond(c, p.id, r.Payload)
}

// answer posts what an app gave to a response_url, or with its acknowledgement.
func (h *responseURL) respond(c *channel, user string, payload []byte) {
	var p struct {
		Text            string `json:"text"`
		Blocks          []any  `json:"blocks"`
		ResponseType    string `json:"response_type"`
		ThreadTS        string `json:"thread_ts"`
		ReplaceOriginal bool   `json:"replace_original"`
		DeleteOriginal  bool   `json:"delete_original"`
	}
	if json.Unmarshal(payload, &p) != nil || p.Text == "" && len(p.Blocks) == 0 && !p.DeleteOriginal {
		return
	}
	w := h.w
	m := &message{user: w.botUser, bot: w.ownApp(), text: normalise(p.Text), blocks: p.Blocks}
	alone := h.message != nil && c.findEphemeral(h.message.ts, user) == h.message
	switch {
	case p.DeleteOriginal && alone:
		c.ephemeral = slices.DeleteFunc(c.ephemeral, func(e ephemeralMessage) bool { return e.message == h.message })
	case p.ReplaceOriginal && alone:
		h.message.text, h.message.blocks, h.message.autoBlocks = m.text, m.blocks, false
		w.recordPings(c, h.message)
	case p.DeleteOriginal && h.message != nil:
		w.remove(c, h.message)
	case p.ReplaceOriginal && h.message != nil:
		w.edit(c, h.message, w.botID, func() { h.message.text, h.message.blocks = m.text, m.blocks })
	case p.ResponseType == "in_channel":
		m.thread = p.ThreadTS
		w.addMessage(c, m)
	default:
		m.ts = c.newTS()
		w.addEphemeral(c, m, user, p.ThreadTS)
	}
}

func (s *Server) serveResponseURL(rw http.ResponseWriter, r *http.Request) {
	var payload json.RawMessage
	err := json.NewDecoder(r.Body).Decode(&payload)
	id := r.PathValue("id")
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.workspaces {
		h := w.responseURLs[id]
		if h == nil {
			continue
		}
		switch {
		case err != nil:
			http.Error(rw, "invalid_payload", http.StatusBadRequest)
		case time.Now().After(h.expires):
			http.Error(rw, "expired_url", http.StatusNotFound)
		case h.uses == 5:
			http.Error(rw, "used_url", http.StatusNotFound)
		default:
			h.uses++
			h.respond(w.channel(h.channel), h.user, payload)
			_, _ = rw.Write([]byte("ok"))
		}
		s.notify()
		return
	}
	http.Error(rw, "no_such_url", http.StatusNotFound)
}
