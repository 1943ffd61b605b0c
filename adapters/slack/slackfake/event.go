package slackfake

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// An event is on its way to the app until an envelope with it is acknowledged, or its retries are over.
type event struct {
	payload  obj
	attempt  int
	envelope string // the latest
	timer    *time.Timer
	done     chan struct{} // closed when it is acknowledged or given up
}

// emit sends an event to the app, if it has subscribed to it and may see it.
func (w *Workspace) emit(c *channel, e obj) *event {
	kind := e["type"].(string)
	if !w.subscribed(kind, c) || w.faults.chance(w, w.faults.DropChance) {
		return nil
	}
	payload := w.wrapEvent(c, clone(e))
	ev := &event{payload: payload, done: make(chan struct{})}
	w.pending[ev] = true
	wait := w.faults.EventLatency
	if w.faults.EventJitter > 0 {
		wait += time.Duration(w.rand.Int64N(int64(w.faults.EventJitter)))
	}
	copies := 1
	if w.faults.chance(w, w.faults.DuplicateChance) {
		copies = 2
	}
	if wait == 0 {
		for range copies {
			w.deliver(ev)
		}
		return ev
	}
	ev.timer = time.AfterFunc(wait, func() {
		defer w.lockForWrite()()
		for range copies {
			if w.pending[ev] {
				w.deliver(ev)
			}
		}
	})
	return ev
}

func (w *Workspace) subscribed(kind string, c *channel) bool {
	if w.options.Events != nil && !slices.Contains(w.options.Events, kind) {
		return false
	}
	if c != nil && !c.isMember(w.botUser) && kind != "channel_rename" && kind != "channel_archive" && kind != "channel_unarchive" && kind != "member_left_channel" {
		return false
	}
	if c != nil && c.kind == "group" && !c.isMember(w.botUser) {
		return false
	}
	switch kind {
	case "message":
		return w.has(c.scope("history"))
	case "app_mention":
		return w.has("app_mentions:read")
	case "reaction_added", "reaction_removed":
		return w.has("reactions:read")
	case "member_joined_channel", "member_left_channel", "channel_rename", "channel_archive", "channel_unarchive":
		return w.has(c.scope("read"))
	case "file_shared", "file_deleted":
		return w.has("files:read")
	case "user_change":
		return w.has("users:read")
	case "message_metadata_posted", "message_metadata_updated", "message_metadata_deleted":
		return w.has("metadata.message:read")
	}
	return true
}

func (w *Workspace) wrapEvent(c *channel, e obj) obj {
	context := obj{"et": e["type"], "tid": w.teamID, "aid": w.appID}
	if c != nil {
		context["cid"] = c.id
	}
	b, _ := json.Marshal(context)
	return obj{
		"token": "legacy-verification-token", "team_id": w.teamID, "context_team_id": w.teamID, "context_enterprise_id": nil,
		"api_app_id": w.appID, "event": e, "type": "event_callback", "event_id": w.server.id("Ev"), "event_time": time.Now().Unix(),
		"authorizations": []obj{{
			"enterprise_id": nil, "team_id": w.teamID, "user_id": w.botUser, "is_bot": true, "is_enterprise_install": false,
		}},
		"is_ext_shared_channel": false, "event_context": "4-" + base64.StdEncoding.EncodeToString(b),
	}
}

// deliver sends an event in a new envelope to one of the sockets. Without an acknowledgement in time it is sent again.
func (w *Workspace) deliver(ev *event) {
	ev.envelope = w.uuid()
	reason := ""
	if ev.attempt > 0 {
		reason = "timeout"
	}
	if k := w.pickSocket(); k != nil {
		k.sendEvent(obj{
			"envelope_id": ev.envelope, "payload": ev.payload, "type": "events_api", "accepts_response_payload": false,
			"retry_attempt": ev.attempt, "retry_reason": reason,
		})
	}
	if ev.timer != nil {
		ev.timer.Stop()
	}
	ev.timer = time.AfterFunc(w.server.options.AckTimeout, func() { w.ackTimeout(ev, ev.attempt) })
}

func (w *Workspace) ackTimeout(ev *event, attempt int) {
	defer w.lockForWrite()()
	if !w.pending[ev] || ev.attempt != attempt {
		return
	}
	retries := w.server.options.Retries
	if attempt >= len(retries) {
		w.finish(ev)
		return
	}
	ev.attempt++
	if retries[attempt] == 0 {
		w.deliver(ev)
		return
	}
	ev.timer = time.AfterFunc(retries[attempt], func() {
		defer w.lockForWrite()()
		if w.pending[ev] {
			w.deliver(ev)
		}
	})
}

// acknowledge ends an event whose latest envelope it was. An acknowledgement that comes too late is of no effect.
func (w *Workspace) acknowledge(envelope string) {
	for ev := range w.pending {
		if ev.envelope == envelope {
			w.finish(ev)
			return
		}
	}
}

func (w *Workspace) finish(ev *event) {
	if ev.timer != nil {
		ev.timer.Stop()
	}
	delete(w.pending, ev)
	close(ev.done)
}

// Unacknowledged is how many events are on their way, or wait for their next retry.
func (w *Workspace) Unacknowledged() int {
	defer w.lockForRead()()
	return len(w.pending)
}

// LoseEvents drops all events that are on their way, as if their retries were over, and returns how many there were.
func (w *Workspace) LoseEvents() int {
	defer w.lockForWrite()()
	n := len(w.pending)
	for ev := range w.pending {
		w.finish(ev)
	}
	return n
}

func (w *Workspace) uuid() string {
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", w.rand.Uint32(), w.rand.Uint32()&0xffff, w.rand.Uint32()&0xfff, w.rand.Uint32()&0xfff, w.rand.Uint64()&0xffffffffffff)
}
