package slack

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
)

// listed is how many channels are asked for at once; Slack takes less than 1,000.
const listed = 999

// channelID is how Slack's IDs of channels look. Names have no capital letters.
var channelID = regexp.MustCompile(`^[CG][A-Z0-9]{2,}$`)

// Join finds a channel by its name, with or without "#", or its ID. A public one is entered; to a private one, somebody
// in it has to invite the bot. It waits where Slack asks to: a large workspace has many channels to look through.
func (s *Slack) Join(ctx context.Context, name string) (adapters.Room, error) {
	r, err := s.join(ctx, name)
	if err != nil {
		return adapters.Room{}, fmt.Errorf("join %s: %w", name, err)
	}
	return r, nil
}

func (s *Slack) join(ctx context.Context, name string) (adapters.Room, error) {
	me, err := s.identity(ctx)
	if err != nil {
		return adapters.Room{}, err
	}
	if err := me.need("chat:write", "users:read"); err != nil {
		return adapters.Room{}, err
	}
	c, err := s.channel(ctx, me, strings.TrimSpace(name))
	if err != nil {
		return adapters.Room{}, err
	}
	switch {
	case c.IsIM || c.IsMpIM:
		return adapters.Room{}, errors.New("this is a direct message, and chats are held in channels")
	case c.IsArchived:
		return adapters.Room{}, &refusal{code: "is_archived", room: "#" + c.Name}
	case c.IsPrivate:
		err = me.need("groups:read", "groups:history")
	default:
		err = me.need("channels:read", "channels:history")
	}
	if err == nil && !c.IsMember {
		err = s.enter(ctx, me, c)
	}
	if err != nil {
		return adapters.Room{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rooms[adapters.RoomID(c.ID)] = &room{name: "#" + c.Name}
	return adapters.Room{ID: adapters.RoomID(c.ID), Name: "#" + c.Name, Pace: pace}, nil
}

func (s *Slack) enter(ctx context.Context, me *identity, c *slackgo.Channel) error {
	invite := fmt.Sprintf("type /invite @%s in #%s", me.name, c.Name)
	if c.IsPrivate {
		return fmt.Errorf("#%s is private, and the bot is not in it: %s", c.Name, invite)
	}
	err := s.call(ctx, "conversations.join", adapters.RoomID(c.ID), func(ctx context.Context) error {
		_, _, _, err := s.api.JoinConversationContext(ctx, c.ID)
		return err
	})
	if refused(err, "missing_scope") {
		return fmt.Errorf("%w; or %s", err, invite)
	}
	return err
}

// channel finds a channel by its ID or name.
func (s *Slack) channel(ctx context.Context, me *identity, name string) (found *slackgo.Channel, err error) {
	if channelID.MatchString(name) {
		err := patiently(ctx, func() error {
			return s.call(ctx, "conversations.info", "", func(ctx context.Context) error {
				found, err = s.api.GetConversationInfoContext(ctx, &slackgo.GetConversationInfoInput{ChannelID: name})
				return err
			})
		})
		if refused(err, "channel_not_found") {
			return nil, fmt.Errorf("%w: there is no channel with this ID in the workspace; if it is a private one, type /invite @%s there", err, me.name)
		}
		return found, err
	}
	bare := strings.TrimPrefix(name, "#")
	if bare == "" {
		return nil, errors.New("this is no channel's name")
	}
	types := []string{"public_channel"}
	if me.need("channels:read") != nil {
		types = nil
	}
	if me.need("groups:read") == nil {
		types = append(types, "private_channel")
	}
	if types == nil {
		return nil, me.need("channels:read")
	}
	for cursor := ""; ; {
		var page []slackgo.Channel
		var next string
		err := patiently(ctx, func() error {
			return s.call(ctx, "conversations.list", "", func(ctx context.Context) (err error) {
				asked := &slackgo.GetConversationsParameters{Cursor: cursor, Limit: listed, Types: types}
				page, next, err = s.api.GetConversationsContext(ctx, asked)
				return err
			})
		})
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if strings.EqualFold(c.Name, bare) || strings.EqualFold(c.NameNormalized, bare) {
				// A living channel may have the name that an archived one once had.
				if found = &c; !c.IsArchived {
					return found, nil
				}
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if found == nil {
		return nil, fmt.Errorf("there is no channel #%s that the bot can see; if it is a private one, type /invite @%s in it", bare, me.name)
	}
	return found, nil
}
