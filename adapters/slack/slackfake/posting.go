package slackfake

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of texts, in characters. See https://docs.slack.dev/reference/methods/chat.update and
// https://api.slack.com/changelog/2018-04-truncating-really-long-messages.
const (
	maxText     = 40_000 // cut in chat.postMessage
	maxUpdate   = 4_000  // refused in chat.update
	maxMetadata = 8_000
)

func (c *call) postMessage() (obj, *apiError) {
	ch, fa := c.targetChannel()
	if fa != nil {
		return nil, fa
	}
	m, fa := c.newMessage()
	if fa != nil {
		return nil, fa
	}
	c.setThread(ch, m)
	if c.has("chat:write.customize") {
		c.customise(m)
	}
	c.event = c.addMessage(ch, m)
	c.unfurl(ch, m, c.boolArg("unfurl_links"))
	return obj{"channel": ch.id, "ts": m.ts, "message": c.render(ch, m, inResponse)}, nil
}

// targetChannel returns the channel that a message goes to, or the direct messages with a user.
func (c *call) targetChannel() (*channel, *apiError) {
	id := c.args["channel"]
	ch := c.byID(id)
	if ch == nil && strings.HasPrefix(id, "#") {
		if ch = c.Workspace.channel(id); ch != nil {
			ch = c.byID(ch.id)
		}
	}
	if ch == nil && c.person(id) != nil {
		ch = c.dm(id)
	}
	switch {
	case ch == nil:
		return nil, fail("channel_not_found")
	case ch.kind == "im" && c.options.NoMessagesTab:
		return nil, fail("messages_tab_disabled")
	case ch.archived:
		return nil, fail("is_archived")
	case !ch.isMember(c.botUser) && !c.has("chat:write.public"):
		return nil, fail("not_in_channel")
	}
	return ch, nil
}

// newMessage reads the content of a message.
func (c *call) newMessage() (*message, *apiError) {
	m := &message{user: c.botUser, bot: c.ownApp()}
	if fa := c.readContent(m); fa != nil {
		return nil, fa
	}
	if m.text == "" && len(m.blocks) == 0 && len(m.attachments) == 0 {
		return nil, fail("no_text")
	}
	return m, nil
}

// readContent reads text, blocks, attachments and metadata, where they are given.
func (c *call) readContent(m *message) *apiError {
	if text := c.args["text"]; text != "" {
		if utf8.RuneCountInString(text) > maxText {
			text = string([]rune(text)[:maxText])
			c.warn("message_truncated")
		}
		if c.boolArg("link_names") || c.args["parse"] == "full" {
			text = linkNames(text)
		}
		m.text = normalise(text)
	}
	if raw := c.args["blocks"]; raw != "" {
		blocks, fa := c.readBlocks(raw)
		if fa != nil {
			return fa
		}
		m.blocks, m.autoBlocks = blocks, false
	} else if m.text != "" && (m.autoBlocks || len(m.blocks) == 0) {
		m.blocks, m.autoBlocks = richBlocks(c.server, m.text), true
	}
	if raw := c.args["attachments"]; raw != "" {
		m.attachments = nil
		if json.Unmarshal([]byte(raw), &m.attachments) != nil {
			return fail("invalid_attachments")
		}
	}
	return c.readMetadata(m)
}

func (c *call) readMetadata(m *message) *apiError {
	raw, given := c.args["metadata"]
	if !given || raw == "" {
		return nil
	}
	var all obj
	if json.Unmarshal([]byte(raw), &all) != nil {
		return fail("invalid_metadata_format")
	}
	if len(all) == 0 {
		m.metadata = nil
		return nil
	}
	kind, ok := all["event_type"].(string)
	payload, isObject := all["event_payload"].(obj)
	switch {
	case !ok || kind == "" || !isObject:
		return fail("invalid_metadata_schema")
	case len(raw) > maxMetadata:
		return fail("metadata_too_large")
	}
	for k := range all {
		if k != "event_type" && k != "event_payload" {
			return fail("invalid_metadata_schema")
		}
	}
	m.metadata = obj{"event_type": kind, "event_payload": payload}
	return nil
}

// setThread puts a message under its thread. A deleted parent is not an error: the message lands in the channel.
func (c *call) setThread(ch *channel, m *message) {
	ts := c.args["thread_ts"]
	parent := ch.find(ts)
	if ts == "" || parent == nil {
		return
	}
	// Under a reply, a message belongs to a thread that nobody sees.
	m.thread = ts
	if c.boolArg("reply_broadcast") && parent.thread == "" {
		m.broadcast, m.subtype = true, "thread_broadcast"
	}
}

func (c *call) customise(m *message) {
	name, icon, emoji := c.args["username"], c.args["icon_url"], c.args["icon_emoji"]
	if name == "" && icon == "" && emoji == "" {
		return
	}
	m.subtype, m.username = "bot_message", name
	if name == "" {
		m.username = c.options.BotName
	}
	m.user = ""
	switch {
	case emoji != "":
		m.icons = obj{"emoji": emoji}
	case icon != "":
		m.icons = obj{"image_36": icon, "image_48": icon, "image_72": icon}
	}
}

func (c *call) updateMessage() (obj, *apiError) {
	ch := c.byID(c.args["channel"])
	if ch == nil {
		return nil, fail("channel_not_found")
	}
	if !ch.isMember(c.botUser) && !c.has("chat:write.public") {
		return nil, fail("not_in_channel")
	}
	m := ch.find(c.args["ts"])
	switch {
	case m == nil:
		return nil, fail("message_not_found")
	case m.bot == nil || m.bot.botID != c.botID:
		return nil, fail("cant_update_message")
	case ch.archived:
		return nil, fail("is_inactive")
	case utf8.RuneCountInString(c.args["text"]) > maxUpdate:
		return nil, fail("msg_too_long")
	case c.args["text"] == "" && c.args["blocks"] == "" && c.args["attachments"] == "":
		return nil, fail("no_text")
	}
	next := *m
	if fa := c.readContent(&next); fa != nil {
		return nil, fa
	}
	if c.args["blocks"] == "[]" && next.text != "" {
		next.blocks, next.autoBlocks = richBlocks(c.server, next.text), true
	}
	c.edit(ch, m, c.botID, func() { *m = next })
	return obj{"channel": ch.id, "ts": m.ts, "text": m.text, "message": updateFields(c.render(ch, m, inResponse))}, nil
}

// updateFields is what the answer to chat.update has of a message: not its ts, nor its place or its reactions.
func updateFields(m obj) obj {
	maps.DeleteFunc(m, func(k string, _ any) bool {
		return !slices.Contains([]string{
			"type", "subtype", "text", "user", "team", "bot_id", "app_id", "bot_profile", "username", "icons", "edited", "metadata", "blocks",
			"attachments", "files",
		}, k)
	})
	return m
}

func (c *call) deleteMessage() (obj, *apiError) {
	ch := c.byID(c.args["channel"])
	if ch == nil {
		return nil, fail("channel_not_found")
	}
	m := ch.find(c.args["ts"])
	switch {
	case m == nil || m.tombstone:
		return nil, fail("message_not_found")
	case m.bot == nil || m.bot.botID != c.botID:
		return nil, fail("cant_delete_message")
	}
	c.remove(ch, m)
	return obj{"channel": ch.id, "ts": m.ts}, nil
}

func (c *call) postEphemeral() (obj, *apiError) {
	ch, fa := c.targetChannel()
	if fa != nil {
		return nil, fa
	}
	user := c.args["user"]
	switch {
	case c.person(user) == nil:
		return nil, fail("user_not_found")
	case !ch.isMember(user):
		return nil, fail("user_not_in_channel")
	}
	m, fa := c.newMessage()
	if fa != nil {
		return nil, fa
	}
	if c.has("chat:write.customize") {
		c.customise(m)
	}
	m.ts = ch.newTS()
	c.addEphemeral(ch, m, user, c.args["thread_ts"])
	return obj{"message_ts": m.ts}, nil
}

func (c *call) permalink() (obj, *apiError) {
	ch := c.byID(c.args["channel"])
	if ch == nil {
		return nil, fail("channel_not_found")
	}
	m := ch.find(c.args["message_ts"])
	if m == nil {
		return nil, fail("message_not_found")
	}
	link := fmt.Sprintf("https://%s.slack.com/archives/%s/p%s", c.name, ch.id, strings.ReplaceAll(m.ts, ".", ""))
	if m.thread != "" {
		link += fmt.Sprintf("?thread_ts=%s&cid=%s", m.thread, ch.id)
	}
	return obj{"channel": ch.id, "permalink": link}, nil
}
