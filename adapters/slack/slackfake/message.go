package slackfake

import (
	"slices"
	"strings"
)

// A message is one that was ever sent in a channel, deleted or not.
type message struct {
	ts, thread  string // thread is "" at the top level
	user        string
	subtype     string
	text        string
	blocks      []any
	autoBlocks  bool // blocks were made of text by Slack, and are made again when it changes
	clientMsgID string
	bot         *App // the app that posted it; nil for a person
	username    string
	icons       obj
	metadata    obj
	attachments []any
	editedBy    string
	editedAt    string
	files       []*file
	reactions   []reaction
	extra       obj // further fields

	broadcast bool
	tombstone bool
	deleted   bool
}

type reaction struct {
	name  string
	users []string
}

// say stores a new message and emits its event. It returns the event, if there is one.
func (w *Workspace) addMessage(c *channel, m *message) *event {
	if m.ts == "" {
		m.ts = c.newTS()
	}
	c.messages = append(c.messages, m)
	w.recordPings(c, m)
	e := w.render(c, m, inEvent)
	e["channel"], e["event_ts"], e["channel_type"] = c.id, m.ts, c.kind
	reported := w.emit(c, e)
	w.emitMention(c, m)
	w.emitMetadata(c, m, "message_metadata_posted", nil)
	if m.thread != "" && w.faults.ReplyCounts {
		w.emitReplyCount(c, m)
	}
	for _, f := range m.files {
		w.emit(c, obj{"type": "file_shared", "file_id": f.id, "user_id": m.user, "file": obj{"id": f.id}, "channel_id": c.id, "event_ts": formatTS(nowMicros())})
	}
	return reported
}

// unfurl attaches previews of a message's links. Slack sends that as a change of the message with the same text.
func (w *Workspace) unfurl(c *channel, m *message, links bool) {
	link := firstLink(m.text)
	if !w.faults.Unfurl || link == "" || !links {
		return
	}
	before := w.render(c, m, inEvent)
	m.attachments = []any{obj{"id": 1, "from_url": link, "original_url": link, "title": "A page", "fallback": "A page", "service_name": "example.org"}}
	w.emitChange(c, m, before)
}

// emitMention emits a second event for a message that mentions the bot.
func (w *Workspace) emitMention(c *channel, m *message) {
	if !strings.Contains(m.text, "<@"+w.botUser+">") || m.user == w.botUser || m.subtype == "channel_join" || c.kind == "im" {
		return
	}
	e := w.render(c, m, inEvent)
	e["type"], e["channel"], e["event_ts"] = "app_mention", c.id, m.ts
	delete(e, "subtype")
	w.emit(c, e)
}

func (w *Workspace) emitMetadata(c *channel, m *message, kind string, previous obj) {
	if m.metadata == nil || !slices.Contains(w.options.Metadata, m.metadata["event_type"].(string)) {
		return
	}
	e := obj{
		"type": kind, "app_id": w.appID, "bot_id": w.botID, "user_id": w.botUser, "team_id": w.teamID, "channel_id": c.id,
		"metadata": m.metadata, "message_ts": m.ts, "event_ts": formatTS(nowMicros()),
	}
	if previous != nil {
		e["previous_metadata"] = previous
	}
	w.emit(c, e)
}

// emitReplyCount emits what Slack sends when a thread has grown: its root as changed, and an event that should have the
// subtype message_replied, but has none. See https://docs.slack.dev/reference/events/message/message_replied.
func (w *Workspace) emitReplyCount(c *channel, m *message) {
	root := c.find(m.thread)
	if root == nil {
		return
	}
	w.emitChange(c, root, w.render(c, root, inEvent))
	shown := w.render(c, root, inEvent)
	var replies []obj
	for _, r := range c.replies(root.ts) {
		replies = append(replies, obj{"user": authorID(r), "ts": r.ts})
	}
	shown["replies"] = replies
	ts := c.newHiddenTS()
	w.emit(c, obj{"type": "message", "message": shown, "channel": c.id, "hidden": true, "ts": ts, "event_ts": ts, "channel_type": c.kind})
}

// emitChange is called after a message was changed.
func (w *Workspace) emitChange(c *channel, m *message, before obj) {
	ts := c.newHiddenTS()
	after := w.render(c, m, inEvent)
	if !m.tombstone {
		after["source_team"], after["user_team"] = w.teamID, w.teamID
	}
	w.emit(c, obj{
		"type": "message", "subtype": "message_changed", "message": after, "previous_message": before, "channel": c.id, "hidden": true,
		"ts": ts, "event_ts": ts, "channel_type": c.kind,
	})
}

// edit gives a message another text and blocks.
func (w *Workspace) edit(c *channel, m *message, by string, change func()) {
	before := w.render(c, m, inEvent)
	metadata := m.metadata
	change()
	w.recordPings(c, m)
	// Slack gives an edit's time in whole seconds.
	m.editedBy, m.editedAt = by, formatTS(nowMicros()/1e6*1e6)
	w.emitChange(c, m, before)
	w.emitMetadata(c, m, "message_metadata_updated", metadata)
}

// remove deletes a message. The root of a thread leaves a tombstone, which goes with the last reply.
func (w *Workspace) remove(c *channel, m *message) {
	before := w.render(c, m, inEvent)
	metadata := m.metadata
	switch {
	case m.thread == "" && len(c.replies(m.ts)) > 0 && !m.tombstone:
		*m = message{ts: m.ts, user: "USLACKBOT", subtype: "tombstone", text: "This message was deleted.", tombstone: true}
		w.emitChange(c, m, before)
	default:
		m.deleted = true
		w.emitRemoval(c, m.ts, before)
		if root := c.find(m.thread); m.thread != "" && root != nil && root.tombstone && len(c.replies(root.ts)) == 0 {
			w.remove(c, root)
		}
	}
	if metadata != nil && slices.Contains(w.options.Metadata, metadata["event_type"].(string)) {
		w.emit(c, obj{
			"type": "message_metadata_deleted", "app_id": w.appID, "bot_id": w.botID, "user_id": w.botUser, "team_id": w.teamID,
			"channel_id": c.id, "previous_metadata": metadata, "message_ts": m.ts, "deleted_ts": formatTS(nowMicros()), "event_ts": formatTS(nowMicros()),
		})
	}
}

func (w *Workspace) emitRemoval(c *channel, deleted string, before obj) {
	ts := c.newHiddenTS()
	w.emit(c, obj{
		"type": "message", "subtype": "message_deleted", "previous_message": before, "channel": c.id, "hidden": true,
		"deleted_ts": deleted, "event_ts": ts, "ts": ts, "channel_type": c.kind,
	})
}
