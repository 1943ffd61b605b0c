package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack/mrkdwn"
)

// news is something that Slack tells. It is understood in order, and told to the bot when there is time to ask for names.
type news struct {
	about string // what it happened to: news about the same thing is told in the order in which it came
	// tell returns what there is to tell, or nil if it turns out to be nothing.
	tell func(context.Context) (adapters.Update, error)
}

// A delivery is what Slack's events come in: https://docs.slack.dev/apis/events-api#event-type-structure
type delivery struct {
	Type  string          `json:"type"` // "event_callback", "app_rate_limited"
	App   string          `json:"api_app_id"`
	Event json.RawMessage `json:"event"`
}

// understand reads one delivery. No news is nil.
func (s *Slack) understand(me *identity, payload []byte) (*news, error) {
	var d delivery
	if err := json.Unmarshal(payload, &d); err != nil {
		return nil, fmt.Errorf("read delivery: %w", err)
	}
	if d.Type == "app_rate_limited" { // Slack has dropped events
		s.log.Warn("too many events; Slack has dropped some", "workspace", s.config.Name)
		return at(&adapters.Gap{}, ""), nil
	}
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(d.Event, &kind); err != nil {
		return nil, fmt.Errorf("read event: %w", err)
	}
	hear, ok := map[string]func(*identity, delivery) (*news, error){
		"message":               s.hearMessage,
		"reaction_added":        s.hearReaction,
		"reaction_removed":      s.hearReaction,
		"channel_rename":        s.hearChannel,
		"group_rename":          s.hearChannel,
		"channel_archive":       s.hearChannel,
		"channel_unarchive":     s.hearChannel,
		"channel_deleted":       s.hearChannel,
		"group_archive":         s.hearChannel,
		"group_unarchive":       s.hearChannel,
		"group_deleted":         s.hearChannel,
		"channel_left":          s.hearChannel,
		"group_left":            s.hearChannel,
		"member_left_channel":   s.hearChannel,
		"member_joined_channel": s.hearArrival,
		"user_change":           s.hearUser,
		"app_uninstalled":       s.hearEnd,
		"tokens_revoked":        s.hearEnd,
	}[kind.Type]
	if !ok {
		return nil, nil // for instance app_mention: the same message comes as a message, too
	}
	n, err := hear(me, d)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", kind.Type, err)
	}
	return n, nil
}

// at is news that is known whole.
func at(u adapters.Update, about string) *news {
	return &news{about: about, tell: func(context.Context) (adapters.Update, error) { return u, nil }}
}

// A messageEvent is any kind of message event; SubMessage is what changed, and PreviousMessage what it was before.
type messageEvent struct {
	slackgo.Message
	AppID       string `json:"app_id"`
	ChannelType string `json:"channel_type"`
}

func (s *Slack) hearMessage(me *identity, d delivery) (*news, error) {
	var e messageEvent
	if err := json.Unmarshal(d.Event, &e); err != nil {
		return nil, err
	}
	if e.ChannelType == "im" {
		return s.hearPrivate(me, e), nil
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
		return s.hearChange(me, room, e), nil
	case "message_deleted":
		return s.hearDeletion(adapters.Ref{Room: room, ID: adapters.MessageID(e.DeletedTimestamp)}, e.EventTimestamp), nil
	}
	// A reply is also told of its root, as a message without subtype: https://docs.slack.dev/reference/events/message/message_replied
	if e.SubMessage != nil || anonymous(&e.Msg) || me.own(&e.Msg) || e.AppID != "" && e.AppID == d.App || !s.heeds(&e.Msg) {
		return nil, nil
	}
	return s.whole(me, room, e.Msg), nil
}

// whole is news of all of a message.
func (s *Slack) whole(me *identity, room adapters.RoomID, m said) *news {
	return &news{about: m.Timestamp, tell: func(ctx context.Context) (adapters.Update, error) {
		heard, err := s.message(ctx, me, room, &m)
		if err != nil {
			return nil, err
		}
		return heard, nil
	}}
}

// hearChange tells an edit from what else Slack calls a change: a link's preview, a reply in the thread, a reaction, and
// the tombstone of a message that was deleted but still has replies.
func (s *Slack) hearChange(me *identity, room adapters.RoomID, e messageEvent) *news {
	m, before := e.SubMessage, e.PreviousMessage
	ref := adapters.Ref{Room: room, ID: adapters.MessageID(m.Timestamp)}
	if m.SubType == "tombstone" {
		return s.hearDeletion(ref, e.EventTimestamp)
	}
	if me.own(m) || !s.heeds(m) {
		return nil
	}
	edited := *m
	if edited.Edited == nil {
		edited.Edited = &slackgo.Edited{Timestamp: e.EventTimestamp}
	}
	switch {
	case before == nil && m.Edited == nil:
		return nil
	case before != nil && before.Text == m.Text && (m.Edited == nil || before.Edited != nil && *before.Edited == *m.Edited):
		return nil
	case !s.isLatest(e.Channel+" "+m.Timestamp, e.EventTimestamp):
		return nil
	case anonymous(m): // an edit, whoever the author is
		return &news{about: m.Timestamp, tell: func(ctx context.Context) (adapters.Update, error) {
			text, err := s.text(ctx, me, m)
			if err != nil {
				return nil, err
			}
			return &adapters.Edit{Ref: ref, Text: text, At: editTime(&edited)}, nil
		}}
	default:
		return s.whole(me, room, edited)
	}
}

// isLatest tells whether nothing later of the same kind has happened to the same thing. Events overtake each other, the
// more so as they come by several connections, and the times in what they tell are too coarse: an edit's is in seconds.
func (s *Slack) isLatest(what string, ts string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ts < s.latest[what] {
		return false
	}
	s.latest[what] = ts
	return true
}

// hearDeletion leaves out what the bot has deleted itself.
func (s *Slack) hearDeletion(ref adapters.Ref, ts string) *news {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ref.ID == "" || s.erased[ref] {
		return nil
	}
	return at(&adapters.Deletion{Ref: ref, At: when(ts)}, string(ref.ID))
}

func (s *Slack) hearReaction(me *identity, d delivery) (*news, error) {
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
	if e.Item.Type != "message" || e.User == me.user || e.User == "" || !s.joined(room) {
		return nil, nil
	}
	if !s.isLatest(strings.Join([]string{e.Item.Channel, e.Item.Timestamp, e.User, e.Name}, " "), e.TS) {
		return nil, nil
	}
	return at(&adapters.Reaction{
		Ref: adapters.Ref{Room: room, ID: adapters.MessageID(e.Item.Timestamp)}, User: adapters.UserID(e.User),
		Emoji: mrkdwn.EmojiFromName(e.Name), Added: e.Type == "reaction_added", At: when(e.TS),
	}, e.Item.Timestamp), nil
}

// hearChannel notices what becomes of the joined channels.
func (s *Slack) hearChannel(me *identity, d delivery) (*news, error) {
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
		log.Info("room renamed", "name", "#"+channel.Name)
		r.name = "#" + channel.Name
		s.channels.put(channel.ID, channel.Name)
		return at(&adapters.RoomRenamed{Room: id, Name: r.name}, channel.ID), nil
	case "channel_archive", "group_archive":
		log.Warn("room archived: nothing can be said in it until it is unarchived in its settings")
	case "channel_unarchive", "group_unarchive":
		log.Info("room unarchived")
	case "channel_deleted", "group_deleted":
		log.Warn("room deleted")
	case "member_left_channel", "channel_left", "group_left":
		if e.Type == "member_left_channel" && e.User != me.user {
			break
		}
		log.Warn("removed from the room: somebody in it has to invite the bot again")
	}
	return nil, nil
}

// hearUser takes up a changed name or picture.
func (s *Slack) hearUser(_ *identity, d delivery) (*news, error) {
	var e struct {
		User slackgo.User `json:"user"`
		TS   string       `json:"event_ts"`
	}
	if err := json.Unmarshal(d.Event, &e); err != nil {
		return nil, err
	}
	if e.User.ID != "" && s.isLatest("user "+e.User.ID, e.TS) {
		s.people.put(e.User.ID, member(&e.User))
	}
	return nil, nil
}

// An ending is news after which nothing more can be heard or said.
type ending struct{ error }

func (s *Slack) hearEnd(me *identity, d delivery) (*news, error) {
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
		if code = "token_revoked"; !slices.Contains(e.Tokens.Bot, me.user) {
			return nil, nil // somebody else's
		}
	}
	return nil, ending{&refusal{code: code}}
}

func isEnding(err error) bool {
	_, ok := errors.AsType[ending](err)
	return ok
}
