package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
	"github.com/ukmedlibs/catchword/adapters/slack/mrkdwn"
)

// An event is parsed in the order of arrival, and resolved by a worker, which may have to look up names.
type event struct {
	key string // what it happened to: events with the same key stay in order
	// resolve returns nil if there is nothing to receive.
	resolve func(context.Context) (adapters.Update, error)
}

// An eventPayload wraps an event: https://docs.slack.dev/apis/events-api#event-type-structure
type eventPayload struct {
	Type  string          `json:"type"` // "event_callback", "app_rate_limited"
	App   string          `json:"api_app_id"`
	Event json.RawMessage `json:"event"`
}

// parseEvent reads one event. It returns nil for one to ignore.
func (s *Slack) parseEvent(me *identity, payload []byte) (*event, error) {
	var d eventPayload
	if err := json.Unmarshal(payload, &d); err != nil {
		return nil, fmt.Errorf("read event payload: %w", err)
	}
	if d.Type == "app_rate_limited" { // Slack has dropped events
		s.log.Warn("Slack dropped events: too many at once", "workspace", s.config.Name)
		return resolvedEvent(&adapters.Gap{}, ""), nil
	}
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(d.Event, &kind); err != nil {
		return nil, fmt.Errorf("read event: %w", err)
	}
	receive, ok := map[string]func(*identity, eventPayload) (*event, error){
		"message":               s.receiveMessage,
		"reaction_added":        s.receiveReaction,
		"reaction_removed":      s.receiveReaction,
		"file_deleted":          s.receiveFile,
		"channel_rename":        s.receiveChannel,
		"group_rename":          s.receiveChannel,
		"channel_archive":       s.receiveChannel,
		"channel_unarchive":     s.receiveChannel,
		"channel_deleted":       s.receiveChannel,
		"group_archive":         s.receiveChannel,
		"group_unarchive":       s.receiveChannel,
		"group_deleted":         s.receiveChannel,
		"channel_left":          s.receiveChannel,
		"group_left":            s.receiveChannel,
		"member_left_channel":   s.receiveChannel,
		"member_joined_channel": s.receiveMemberJoined,
		"user_change":           s.receiveUser,
		"app_uninstalled":       s.receiveUninstall,
		"tokens_revoked":        s.receiveUninstall,
	}[kind.Type]
	if !ok {
		return nil, nil // for instance app_mention, which also comes as a message
	}
	ev, err := receive(me, d)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", kind.Type, err)
	}
	return ev, nil
}

// resolvedEvent is an event that is resolved already.
func resolvedEvent(u adapters.Update, about string) *event {
	return &event{key: about, resolve: func(context.Context) (adapters.Update, error) { return u, nil }}
}

// A messageEvent is any kind of message event; SubMessage is what changed, and PreviousMessage what it was before.
type messageEvent struct {
	slackgo.Message
	AppID       string `json:"app_id"`
	ChannelType string `json:"channel_type"`
}

func (s *Slack) receiveMessage(me *identity, d eventPayload) (*event, error) {
	decoded, unreadable := calls.DecodeFields(d.Event, func() any { return &messageEvent{} })
	read, ok := decoded.(*messageEvent)
	if len(unreadable) > 0 {
		s.unreadable.Add(1)
		s.log.Warn("ignored fields of an event that can't be read", "workspace", s.config.Name, "fields", unreadable)
	}
	if !ok {
		return nil, nil
	}
	e := *read
	if e.ChannelType == "im" {
		return s.receiveDM(me, e), nil
	}
	room := adapters.RoomID(e.Channel)
	if !s.joined(room) {
		return nil, nil
	}
	switch e.SubType {
	case "message_changed":
		if e.SubMessage == nil {
			return nil, nil
		}
		return s.receiveChange(me, room, e), nil
	case "message_deleted":
		return s.receiveDeletion(adapters.Ref{Room: room, ID: adapters.MessageID(e.DeletedTimestamp)}, e.EventTimestamp), nil
	}
	// A reply also comes as an event about its root, without a subtype:
	// https://docs.slack.dev/reference/events/message/message_replied
	if e.SubMessage != nil || hasNoAuthor(&e.Msg) || me.own(&e.Msg) || e.AppID != "" && e.AppID == d.App || !s.accepts(&e.Msg) {
		return nil, nil
	}
	return s.wholeMessage(me, room, e.Msg), nil
}

// wholeMessage is an event with a complete message.
func (s *Slack) wholeMessage(me *identity, room adapters.RoomID, m slackMessage) *event {
	return &event{key: m.Timestamp, resolve: func(ctx context.Context) (adapters.Update, error) {
		if err := s.awaitDM(ctx, me, m.User); err != nil {
			return nil, err
		}
		received, err := s.message(ctx, me, room, &m)
		if err != nil {
			return nil, err
		}
		return received, nil
	}}
}

// receiveChange receives edits, and deletions of messages with replies, which leave a tombstone. It ignores what else
// Slack reports as a change: link previews, replies and reactions.
func (s *Slack) receiveChange(me *identity, room adapters.RoomID, e messageEvent) *event {
	m, before := e.SubMessage, e.PreviousMessage
	ref := adapters.Ref{Room: room, ID: adapters.MessageID(m.Timestamp)}
	if m.SubType == "tombstone" {
		return s.receiveDeletion(ref, e.EventTimestamp)
	}
	if me.own(m) || !s.accepts(m) {
		return nil
	}
	edited, wasEdited := *m, m.Edited != nil
	if before != nil {
		wasEdited = before.Text != m.Text || m.Edited != nil && (before.Edited == nil || *before.Edited != *m.Edited)
	}
	if wasEdited && m.Edited == nil {
		edited.Edited = &slackgo.Edited{Timestamp: e.EventTimestamp}
	}
	switch {
	// What is left are previews of links, and deleted files.
	case !wasEdited && (hasNoAuthor(m) || before != nil && slices.Equal(s.files(before), s.files(m))):
		return nil
	case !s.isLatest(e.Channel+" "+m.Timestamp, e.EventTimestamp):
		return nil
	case hasNoAuthor(m):
		return &event{key: m.Timestamp, resolve: func(ctx context.Context) (adapters.Update, error) {
			text, err := s.text(ctx, me, m)
			if err != nil {
				return nil, err
			}
			return &adapters.Edit{Ref: ref, Text: text, At: editTime(&edited)}, nil
		}}
	default:
		return s.wholeMessage(me, room, edited)
	}
}

// isLatest reports whether this is the latest event of its kind about the same thing. Events overtake each other, on
// several connections even more, and the times inside them are too coarse: an edit's is in seconds.
func (s *Slack) isLatest(key, ts string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ts < s.latestTS[key] {
		return false
	}
	s.latestTS[key] = ts
	return true
}

// receiveDeletion ignores what the bot itself has deleted.
func (s *Slack) receiveDeletion(ref adapters.Ref, ts string) *event {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ref.ID == "" || s.deleted[ref] {
		return nil
	}
	return resolvedEvent(&adapters.Deletion{Ref: ref, At: parseTS(ts)}, string(ref.ID))
}

func (s *Slack) receiveReaction(me *identity, d eventPayload) (*event, error) {
	var e struct {
		Type string `json:"type"`
		User string `json:"user"`
		Name string `json:"reaction"`
		Item struct {
			Type      string `json:"type"`
			Channel   string `json:"channel"`
			Timestamp string `json:"ts"`
		} `json:"item"`
		TS string `json:"event_ts"`
	}
	if err := json.Unmarshal(d.Event, &e); err != nil {
		return nil, err
	}
	room := adapters.RoomID(e.Item.Channel)
	if e.Item.Type != "message" || e.User == me.userID || e.User == "" || !s.joined(room) {
		return nil, nil
	}
	if !s.isLatest(strings.Join([]string{e.Item.Channel, e.Item.Timestamp, e.User, e.Name}, " "), e.TS) {
		return nil, nil
	}
	return resolvedEvent(&adapters.Reaction{
		Ref: adapters.Ref{Room: room, ID: adapters.MessageID(e.Item.Timestamp)}, User: adapters.UserID(e.User),
		Emoji: mrkdwn.EmojiFromName(e.Name), Added: e.Type == "reaction_added", At: parseTS(e.TS),
	}, e.Item.Timestamp), nil
}

// receiveChannel receives changes to the joined channels.
func (s *Slack) receiveChannel(me *identity, d eventPayload) (*event, error) {
	var e struct {
		Type    string          `json:"type"`
		Channel json.RawMessage `json:"channel"` // an ID, or in a rename an object
		User    string          `json:"user"`
	}
	var channel struct{ ID, Name string }
	if err := json.Unmarshal(d.Event, &e); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(e.Channel, &channel.ID); err != nil {
		if err := json.Unmarshal(e.Channel, &channel); err != nil {
			return nil, err
		}
	}
	id := adapters.RoomID(channel.ID)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	if r == nil {
		return nil, nil
	}
	log := s.log.With("workspace", s.config.Name, "room", r.name)
	switch e.Type {
	case "channel_rename", "group_rename":
		if channel.Name == "" || r.name == "#"+channel.Name {
			return nil, nil
		}
		log.Info("channel renamed", "name", "#"+channel.Name)
		r.name = "#" + channel.Name
		s.channelNames.put(channel.ID, channel.Name)
		return resolvedEvent(&adapters.RoomRenamed{Room: id, Name: r.name}, channel.ID), nil
	case "channel_archive", "group_archive":
		log.Warn("channel archived: the bot can't post until it is unarchived")
	case "channel_unarchive", "group_unarchive":
		log.Info("channel unarchived")
		return resolvedEvent(&adapters.RoomOpened{Room: id}, channel.ID), nil
	case "channel_deleted", "group_deleted":
		log.Warn("channel deleted")
	case "member_left_channel", "channel_left", "group_left":
		if e.Type == "member_left_channel" && e.User != me.userID {
			break
		}
		r.left = true
		log.Warn("removed from the channel: a member must invite the bot again")
	}
	return nil, nil
}

// receiveUser caches a changed name or picture.
func (s *Slack) receiveUser(_ *identity, d eventPayload) (*event, error) {
	var e struct {
		User slackgo.User `json:"user"`
		TS   string       `json:"event_ts"`
	}
	if err := json.Unmarshal(d.Event, &e); err != nil {
		return nil, err
	}
	if e.User.ID != "" && s.isLatest("user "+e.User.ID, e.TS) {
		s.users.put(e.User.ID, toUser(&e.User))
	}
	return nil, nil
}

func (s *Slack) receiveUninstall(me *identity, d eventPayload) (*event, error) {
	var e struct {
		Type   string `json:"type"`
		Tokens struct {
			Bot []string `json:"bot"`
		} `json:"tokens"`
	}
	if err := json.Unmarshal(d.Event, &e); err != nil {
		return nil, err
	}
	code := "app_uninstalled"
	if e.Type == "tokens_revoked" {
		if code = "token_revoked"; !slices.Contains(e.Tokens.Bot, me.userID) {
			return nil, nil // another bot's
		}
	}
	return nil, refusal{code: code}.err()
}
