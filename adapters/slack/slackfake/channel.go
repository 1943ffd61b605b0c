package slackfake

import (
	"fmt"
	"slices"
	"strings"
)

// A channel is a conversation of any kind. It is used under the server's lock.
type channel struct {
	id, name string
	kind     string // as events call it: channel, group, im
	archived bool
	readOnly bool // only some may post
	created  int64
	creator  string
	members  []string
	dmUser   string // of a direct message: the user

	ephemeral    []ephemeralMessage
	messages     []*message // everything that was ever sent, with replies and deleted messages
	lastTS       int64      // the last ts that was given, in microseconds
	hiddenCounts map[int64]int64
}

// AddChannel makes a channel, and returns its ID. The bot is not in it.
func (w *Workspace) AddChannel(name string, private bool) string {
	defer w.lockForWrite()()
	c := &channel{
		id: w.server.id("C"), name: strings.TrimPrefix(name, "#"), kind: "channel", created: nowMicros() / 1e6, creator: "U0CREATOR",
		hiddenCounts: map[int64]int64{},
	}
	if private {
		c.kind = "group"
	}
	w.channels = append(w.channels, c)
	return c.id
}

// ChannelID is the ID of a channel.
func (w *Workspace) ChannelID(name string) string {
	defer w.lockForRead()()
	return w.mustChannel(name).id
}

// Members returns the IDs of a channel's members.
func (w *Workspace) Members(name string) []string {
	defer w.lockForRead()()
	return slices.Clone(w.mustChannel(name).members)
}

// Rename gives a channel another name, with an event and a notice.
func (w *Workspace) Rename(name, to string) {
	defer w.lockForWrite()()
	c := w.mustChannel(name)
	to = strings.TrimPrefix(to, "#")
	old := c.name
	c.name = to
	w.emit(c, obj{
		"type": "channel_rename", "event_ts": formatTS(nowMicros()),
		"channel": obj{"id": c.id, "is_channel": true, "is_mpim": false, "name": to, "name_normalized": to, "created": c.created},
	})
	w.addNotice(c, "channel_name", c.creator, fmt.Sprintf("has renamed the channel from %q to %q", old, to), obj{"old_name": old, "name": to})
}

// Restrict lets only some post in a channel, among them the bot.
func (w *Workspace) Restrict(name string) {
	defer w.lockForWrite()()
	w.mustChannel(name).readOnly = true
}

// Archive closes a channel, with an event and a notice.
func (w *Workspace) Archive(name string) {
	defer w.lockForWrite()()
	c := w.mustChannel(name)
	w.addNotice(c, "channel_archive", c.creator, fmt.Sprintf("<@%s> archived the channel", c.creator), obj{"members": c.members})
	c.archived = true
	w.emit(c, obj{"type": "channel_archive", "channel": c.id, "user": c.creator, "is_moved": 0, "event_ts": formatTS(nowMicros())})
}

// Unarchive opens a channel again.
func (w *Workspace) Unarchive(name string) {
	defer w.lockForWrite()()
	c := w.mustChannel(name)
	c.archived = false
	w.emit(c, obj{"type": "channel_unarchive", "channel": c.id, "user": c.creator, "event_ts": formatTS(nowMicros())})
	w.addNotice(c, "channel_unarchive", c.creator, fmt.Sprintf("<@%s> un-archived the channel", c.creator), nil)
}

// Invite puts the bot into a channel, as somebody in it does with /invite.
func (w *Workspace) Invite(name string) {
	defer w.lockForWrite()()
	w.addMember(w.mustChannel(name), w.botUser)
}

// Kick removes the bot from a channel.
func (w *Workspace) Kick(name string) {
	defer w.lockForWrite()()
	w.removeMember(w.mustChannel(name), w.botUser)
}

func (w *Workspace) addMember(c *channel, user string) {
	if c.isMember(user) {
		return
	}
	c.members = append(c.members, user)
	w.emit(c, obj{
		"type": "member_joined_channel", "user": user, "channel": c.id, "channel_type": c.typeLetter(), "team": w.teamID,
		"event_ts": formatTS(nowMicros()),
	})
	w.addNotice(c, "channel_join", user, fmt.Sprintf("<@%s> has joined the channel", user), nil)
}

func (w *Workspace) removeMember(c *channel, user string) {
	if !c.isMember(user) {
		return
	}
	w.addNotice(c, "channel_leave", user, fmt.Sprintf("<@%s> has left the channel", user), nil)
	w.emit(c, obj{
		"type": "member_left_channel", "user": user, "channel": c.id, "channel_type": c.typeLetter(), "team": w.teamID,
		"event_ts": formatTS(nowMicros()),
	})
	c.members = slices.DeleteFunc(c.members, func(m string) bool { return m == user })
}

// addNotice adds a message that nobody sent, such as "Amy has joined".
func (w *Workspace) addNotice(c *channel, subtype, user, text string, more obj) {
	w.addMessage(c, &message{subtype: subtype, user: user, text: text, extra: more})
}

func (c *channel) isMember(user string) bool { return slices.Contains(c.members, user) }

func (c *channel) typeLetter() string {
	if c.kind == "group" {
		return "G"
	}
	return "C"
}

// scope is the one that a method needs for a channel of this kind.
func (c *channel) scope(what string) string { return c.scopePrefix() + ":" + what }

func (c *channel) scopePrefix() string {
	return map[string]string{"channel": "channels", "group": "groups", "im": "im"}[c.kind]
}

// newTS is the identifier of a new message.
func (c *channel) newTS() string {
	c.lastTS = max(c.lastTS+1, nowMicros())
	return formatTS(c.lastTS)
}

// newHiddenTS is the identifier of an event about a message. Slack makes these of whole seconds and a counter, so that
// they may lie before the message itself.
func (c *channel) newHiddenTS() string {
	second := nowMicros() / 1e6
	c.hiddenCounts[second]++
	return formatTS(second*1e6 + 100*c.hiddenCounts[second])
}

func (c *channel) find(ts string) *message {
	for _, m := range slices.Backward(c.messages) {
		if m.ts == ts && !m.deleted {
			return m
		}
	}
	return nil
}

// replies of a thread that are still there, oldest first.
func (c *channel) replies(root string) (all []*message) {
	for _, m := range c.messages {
		if m.thread == root && !m.deleted {
			all = append(all, m)
		}
	}
	return all
}

func (w *Workspace) channel(name string) *channel {
	for _, c := range w.channels {
		if c.id == name || c.kind != "im" && c.name == strings.TrimPrefix(name, "#") {
			return c
		}
	}
	return nil
}

func (w *Workspace) mustChannel(name string) *channel {
	if c := w.channel(name); c != nil {
		return c
	}
	var names []string
	for _, c := range w.channels {
		names = append(names, c.name)
	}
	panic(fmt.Sprintf("slackfake: %s has no channel %q; it has %s", w.name, name, strings.Join(names, ", ")))
}

// dm is the direct conversation of the bot and a user.
func (w *Workspace) dm(user string) *channel {
	for _, c := range w.channels {
		if c.kind == "im" && c.dmUser == user {
			return c
		}
	}
	c := &channel{id: w.server.id("D"), kind: "im", dmUser: user, created: nowMicros() / 1e6, creator: user, members: []string{user, w.botUser}, hiddenCounts: map[int64]int64{}}
	w.channels = append(w.channels, c)
	return c
}

// showAck is the channel as conversations.info gives it.
func (c *channel) show(w *Workspace) obj {
	if c.kind == "im" {
		return obj{"id": c.id, "created": c.created, "is_im": true, "is_org_shared": false, "user": c.dmUser, "is_user_deleted": false, "is_archived": false, "priority": 0, "context_team_id": w.teamID}
	}
	return obj{
		"id": c.id, "name": c.name, "name_normalized": c.name, "is_channel": true, "is_group": false, "is_im": false,
		"is_mpim": false, "is_private": c.kind == "group", "created": c.created, "creator": c.creator, "is_archived": c.archived,
		"is_general": false, "unlinked": 0, "is_shared": false, "is_org_shared": false, "is_ext_shared": false,
		"is_pending_ext_shared": false, "pending_shared": []any{}, "is_member": c.isMember(w.botUser), "context_team_id": w.teamID,
		"shared_team_ids": []string{w.teamID}, "previous_names": []any{}, "num_members": len(c.members),
		"topic":   obj{"value": "", "creator": "", "last_set": 0},
		"purpose": obj{"value": "", "creator": "", "last_set": 0},
	}
}
