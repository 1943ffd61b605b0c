package slack

import (
	"context"
	"slices"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
)

// A slackMessage is a message in an event or in history.
type slackMessage = slackgo.Msg

// contentSubtypes are the subtypes of messages that somebody wrote. All others report what happened in the channel:
// https://docs.slack.dev/reference/events/message#subtypes
var contentSubtypes = map[string]bool{"": true, "me_message": true, "file_share": true, "thread_broadcast": true, "bot_message": true}

// own reports whether the bot posted m, under any name: a message posted under another name has no user.
func (me *identity) own(m *slackMessage) bool {
	return m.User != "" && m.User == me.userID || m.BotID != "" && m.BotID == me.botID
}

func hasNoAuthor(m *slackMessage) bool { return m.User == "" && m.BotID == "" }

// accepts reports whether to receive m: if it is from a person, or from an app that an admin has listed.
func (s *Slack) accepts(m *slackMessage) bool {
	switch {
	case !contentSubtypes[m.SubType] || m.Timestamp == "" || m.User == "USLACKBOT":
		return false
	case m.BotID == "" && m.SubType != "bot_message":
		return true
	case slices.Contains(s.config.Apps, m.BotID):
		return m.BotID != ""
	default:
		return m.BotProfile != nil && m.BotProfile.AppID != "" && slices.Contains(s.config.Apps, m.BotProfile.AppID)
	}
}

// message converts m. It looks up the names of the author and of people it mentions.
func (s *Slack) message(ctx context.Context, me *identity, room adapters.RoomID, m *slackMessage) (*adapters.Message, error) {
	text, err := s.text(ctx, me, m)
	if err != nil {
		return nil, err
	}
	received := &adapters.Message{
		Ref:  adapters.Ref{Room: room, ID: adapters.MessageID(m.Timestamp)},
		At:   parseTS(m.Timestamp),
		Text: text,
	}
	received.ToBot, received.Command = adapters.ParseMention(text, "@"+me.name)
	if m.ThreadTimestamp != m.Timestamp {
		received.Thread = adapters.MessageID(m.ThreadTimestamp)
	}
	if m.Edited != nil {
		received.EditedAt = editTime(m)
	}
	received.Files = s.files(m)
	if m.BotID != "" {
		received.Author = appAuthor(m)
		return received, nil
	}
	received.Author, err = s.users.get(ctx, m.User)
	return received, err
}

// editTime is when a message was last edited. Slack rounds it to seconds, which may put it before the message itself.
func editTime(m *slackMessage) time.Time {
	edited, first := parseTS(m.Edited.Timestamp), parseTS(m.Timestamp)
	if edited.Before(first) {
		return first
	}
	return edited
}
