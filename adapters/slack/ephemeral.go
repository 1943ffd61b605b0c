package slack

import (
	"context"
	"fmt"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
	"github.com/ukmedlibs/catchword/adapters/slack/mrkdwn"
)

// PostEphemeral posts p for one person: as an ephemeral message in its room, or as a direct message if p has no room or
// the person is not in it. Buttons go below the last part of a long post.
func (s *Slack) PostEphemeral(ctx context.Context, to adapters.UserID, p adapters.Post) error {
	if err := s.postEphemeral(ctx, to, p); err != nil {
		return fmt.Errorf("post to %s alone: %w", to, err)
	}
	return nil
}

func (s *Slack) postEphemeral(ctx context.Context, to adapters.UserID, p adapters.Post) error {
	show := func(ctx context.Context, content slackgo.MsgOption) error {
		_, err := s.api.PostEphemeralContext(ctx, string(p.Room), string(to), content)
		return err
	}
	method := "chat.postEphemeral"
	if p.Room == "" {
		private, err := s.dmChannels.get(ctx, string(to))
		if err != nil {
			return err
		}
		p.Room, method = adapters.RoomID(private), "chat.postMessage"
		show = func(ctx context.Context, content slackgo.MsgOption) error {
			_, _, err := s.api.PostMessageContext(ctx, private, content)
			return err
		}
	}
	below := buttonBlocks(p.Buttons)
	texts := mrkdwn.Split(p.Text, MaxText, below...)
	for i, text := range texts {
		more := below
		if i < len(texts)-1 {
			more = nil
		}
		err := sendBlocks(text, more, func(content slackgo.MsgOption) error {
			quiet := slackgo.MsgOptionCompose(content, slackgo.MsgOptionParse(false), slackgo.MsgOptionDisableLinkUnfurl(), slackgo.MsgOptionDisableMediaUnfurl())
			return s.call(ctx, method, p.Room, func(ctx context.Context) error { return show(ctx, quiet) })
		})
		if i == 0 && calls.HasCode(err, "user_not_in_channel") {
			p.Room = ""
			return s.postEphemeral(ctx, to, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fetchDMChannel opens somebody's direct messages with the bot.
func (s *Slack) fetchDMChannel(ctx context.Context, user string) (channel string, known bool, err error) {
	err = s.call(ctx, "conversations.open", "", func(ctx context.Context) error {
		c, _, _, err := s.api.OpenConversationContext(ctx, &slackgo.OpenConversationParameters{Users: []string{user}})
		if err == nil && (c == nil || c.ID == "") {
			err = errNotSlack
		}
		if err == nil {
			channel = c.ID
		}
		return err
	})
	return channel, true, err
}
