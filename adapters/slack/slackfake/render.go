package slackfake

import (
	"encoding/json"
	"maps"
	"slices"
)

// A view of a message differs with where it is shown.
type renderMode int

const (
	inEvent               renderMode = iota
	inHistory                        // of all metadata, the types, and the payloads of declared ones
	inHistoryWithMetadata            // all metadata
	inResponse                       // the answer to the app that posted it
)

// render is a message as Slack shows it.
func (w *Workspace) render(c *channel, m *message, at renderMode) obj {
	o := obj{"type": "message", "text": m.text, "ts": m.ts}
	maps.Copy(o, m.extra)
	setNonEmpty(o, "user", m.user)
	setNonEmpty(o, "subtype", m.subtype)
	setNonEmpty(o, "client_msg_id", m.clientMsgID)
	setNonEmpty(o, "username", m.username)
	if m.icons != nil {
		o["icons"] = m.icons
	}
	if m.subtype == "" || m.subtype == "bot_message" || m.subtype == "thread_broadcast" {
		o["team"] = w.teamID
	}
	if len(m.blocks) > 0 {
		o["blocks"] = clone(m.blocks)
	}
	if m.bot != nil {
		o["bot_id"], o["app_id"] = m.bot.botID, m.bot.appID
		if m.subtype != "bot_message" {
			o["bot_profile"] = m.bot.profile
		} else {
			delete(o, "team")
		}
	}
	if m.attachments != nil {
		o["attachments"] = clone(m.attachments)
	}
	if m.editedAt != "" {
		o["edited"] = obj{"user": m.editedBy, "ts": m.editedAt}
	}
	if len(m.files) > 0 {
		var files []obj
		for _, f := range m.files {
			files = append(files, f.show(w))
		}
		o["files"], o["upload"], o["display_as_bot"] = files, true, false
	}
	if m.tombstone {
		o["hidden"] = true
	}
	if len(m.reactions) > 0 {
		o["reactions"] = m.shownReactions()
	}
	w.renderThread(c, m, o, at)
	w.renderMetadata(m, o, at)
	return o
}

func (w *Workspace) renderThread(c *channel, m *message, o obj, at renderMode) {
	if m.thread != "" {
		o["thread_ts"] = m.thread
		root := c.find(m.thread)
		if root != nil && root.user != "" {
			o["parent_user_id"] = root.user
		}
		if m.broadcast && root != nil && root.thread == "" {
			o["root"] = w.render(c, root, at)
		}
		return
	}
	replies := c.replies(m.ts)
	if len(replies) == 0 {
		return
	}
	var users []string
	for _, r := range replies {
		if u := authorID(r); !slices.Contains(users, u) {
			users = append(users, u)
		}
	}
	o["thread_ts"], o["reply_count"], o["reply_users_count"] = m.ts, len(replies), len(users)
	o["latest_reply"], o["reply_users"] = replies[len(replies)-1].ts, users[:min(len(users), 5)]
	o["is_locked"] = false
	if !m.tombstone {
		o["subscribed"] = true
	}
}

func (w *Workspace) renderMetadata(m *message, o obj, at renderMode) {
	if m.metadata == nil {
		return
	}
	kind := m.metadata["event_type"].(string)
	if at == inHistoryWithMetadata || at == inResponse || slices.Contains(w.options.Metadata, kind) {
		o["metadata"] = clone(m.metadata)
		return
	}
	o["metadata"] = obj{"event_type": kind}
}

// authorID is who is counted among the users of a thread.
func authorID(m *message) string {
	if m.user == "" && m.bot != nil {
		return m.bot.botID
	}
	return m.user
}

func (m *message) shownReactions() (all []obj) {
	for _, r := range m.reactions {
		all = append(all, obj{"name": r.name, "users": slices.Clone(r.users), "count": len(r.users)})
	}
	return all
}

func setNonEmpty(o obj, key, value string) {
	if value != "" {
		o[key] = value
	}
}

// clone copies a JSON value, so that what is on its way to a client doesn't change.
func clone[T any](v T) (c T) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(b, &c); err != nil {
		panic(err)
	}
	return c
}
