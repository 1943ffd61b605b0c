package slack

import (
	"context"
	"slices"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
)

// A said is a message as Slack shows it, in events and in histories.
type said = slackgo.Msg

// talk are the subtypes of messages in which somebody says something. All others are notices of what happened in the
// channel: https://docs.slack.dev/reference/events/message#subtypes
var talk = map[string]bool{"": true, "me_message": true, "file_share": true, "thread_broadcast": true, "bot_message": true}

// own tells whether the bot said m, under whatever name: a message with a name of its own has no user.
func (me *identity) own(m *said) bool {
	return m.User != "" && m.User == me.user || m.BotID != "" && m.BotID == me.bot
}

// anonymous tells whether nobody said m.
func anonymous(m *said) bool { return m.User == "" && m.BotID == "" }

// heeds tells whether m is heard: people are, and other apps if an admin wants it.
func (s *Slack) heeds(m *said) bool {
	switch {
	case !talk[m.SubType] || m.Timestamp == "" || m.User == "USLACKBOT":
		return false
	case m.BotID == "" && m.SubType != "bot_message":
		return true
	case slices.Contains(s.config.Apps, m.BotID):
		return m.BotID != ""
	default:
		return m.BotProfile != nil && m.BotProfile.AppID != "" && slices.Contains(s.config.Apps, m.BotProfile.AppID)
	}
}

// message makes m what the bot hears. Its author's name may have to be asked for.
func (s *Slack) message(ctx context.Context, me *identity, room adapters.RoomID, m *said) (*adapters.Message, error) {
	text, err := s.text(ctx, me, m)
	if err != nil {
		return nil, err
	}
	heard := &adapters.Message{
		Ref:  adapters.Ref{Room: room, ID: adapters.MessageID(m.Timestamp)},
		At:   when(m.Timestamp),
		Text: text,
	}
	heard.ToBot, heard.Command = adapters.ParseMention(text, "@"+me.name)
	if m.ThreadTimestamp != m.Timestamp {
		heard.Thread = adapters.MessageID(m.ThreadTimestamp)
	}
	if m.Edited != nil {
		heard.EditedAt = editTime(m)
	}
	for _, f := range m.Files {
		if f.Mode != "tombstone" { // deleted
			heard.Files = append(heard.Files, s.file(f))
		}
	}
	if m.BotID != "" {
		heard.Author = app(m)
		return heard, nil
	}
	heard.Author, err = s.people.get(ctx, m.User)
	return heard, err
}

// editTime is when an edited message came to read as it does. Slack gives it in whole seconds, which may lie before the
// message itself.
func editTime(m *said) time.Time {
	edited, first := when(m.Edited.Timestamp), when(m.Timestamp)
	if edited.Before(first) {
		return first
	}
	return edited
}
