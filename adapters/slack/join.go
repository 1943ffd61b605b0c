package slack

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// channelPageSize is how many channels one call lists. Slack allows fewer than 1,000.
const channelPageSize = 999

// channelID matches the IDs of channels. Names have no capital letters.
var channelID = regexp.MustCompile(`^[CG][A-Z0-9]{2,}$`)

// Join finds a channel by its ID or its name, with or without "#". It joins a public channel; to a private one, a
// member must invite the bot. It waits when Slack asks it to: a large workspace has many channels to look through.
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
	if err := me.requireScopes("chat:write", "users:read"); err != nil {
		return adapters.Room{}, err
	}
	c, err := s.findChannel(ctx, me, strings.TrimSpace(name))
	if err != nil {
		return adapters.Room{}, err
	}
	if err = me.usable(c); err == nil && !c.IsMember {
		err = s.joinChannel(ctx, me, c)
	}
	if err != nil {
		return adapters.Room{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rooms[adapters.RoomID(c.ID)] = &room{name: "#" + c.Name}
	return adapters.Room{ID: adapters.RoomID(c.ID), Name: "#" + c.Name, MinInterval: minInterval}, nil
}

// usable returns why a chat can't run in a channel even if the bot is in it, or nil.
func (me *identity) usable(c *slackgo.Channel) error {
	switch {
	case c.IsIM || c.IsMpIM:
		return &calls.Error{Problem: "this is a direct message", Remedy: "name a channel that everybody can join"}
	case c.IsArchived:
		return refusal{code: "is_archived", room: "#" + c.Name}.err()
	case c.IsPrivate:
		return me.requireScopes("groups:read", "groups:history")
	default:
		return me.requireScopes("channels:read", "channels:history")
	}
}

// inviteError is the error of a channel that the bot can't join by itself.
func (me *identity) inviteError(c *slackgo.Channel) error {
	invite := fmt.Sprintf("type /invite @%s in #%s", me.name, c.Name)
	if c.IsPrivate {
		return &calls.Error{Problem: fmt.Sprintf("#%s is private, and the bot is not in it", c.Name), Remedy: invite}
	}
	missing := refusal{code: "missing_scope", scopes: "channels:join"}.err()
	return &calls.Error{Problem: fmt.Sprintf("the bot is not in #%s, and has no permission to join channels", c.Name), Remedy: missing.Remedy + "; or " + invite}
}

func (s *Slack) joinChannel(ctx context.Context, me *identity, c *slackgo.Channel) error {
	if c.IsPrivate {
		return me.inviteError(c)
	}
	err := s.call(ctx, "conversations.join", adapters.RoomID(c.ID), func(ctx context.Context) error {
		_, _, _, err := s.api.JoinConversationContext(ctx, c.ID)
		return err
	})
	if calls.HasCode(err, "missing_scope") {
		return me.inviteError(c)
	}
	return err
}

// findChannel finds a channel by its ID or name.
func (s *Slack) findChannel(ctx context.Context, me *identity, name string) (found *slackgo.Channel, err error) {
	if channelID.MatchString(name) {
		err := calls.Retry(ctx, func() error {
			return s.call(ctx, "conversations.info", "", func(ctx context.Context) error {
				found, err = s.api.GetConversationInfoContext(ctx, &slackgo.GetConversationInfoInput{ChannelID: name})
				return err
			})
		})
		if calls.HasCode(err, "channel_not_found") {
			return nil, &calls.Error{Problem: "the bot can't see a channel with this ID in the workspace", Remedy: fmt.Sprintf("if it is private, type /invite @%s there", me.name)}
		}
		return found, err
	}
	bare := strings.TrimPrefix(name, "#")
	if bare == "" {
		return nil, &calls.Error{Problem: "this is not a channel name", Remedy: "write it like #its-name"}
	}
	types := []string{"public_channel"}
	if me.requireScopes("channels:read") != nil {
		types = nil
	}
	if me.requireScopes("groups:read") == nil {
		types = append(types, "private_channel")
	}
	if types == nil {
		return nil, me.requireScopes("channels:read")
	}
	for cursor := ""; ; {
		var page []slackgo.Channel
		var next string
		err := calls.Retry(ctx, func() error {
			return s.call(ctx, "conversations.list", "", func(ctx context.Context) (err error) {
				params := &slackgo.GetConversationsParameters{Cursor: cursor, Limit: channelPageSize, Types: types}
				page, next, err = s.api.GetConversationsContext(ctx, params)
				return err
			})
		})
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if strings.EqualFold(c.Name, bare) || strings.EqualFold(c.NameNormalized, bare) {
				// An archived channel and an active one may have the same name.
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
		return nil, &calls.Error{Problem: fmt.Sprintf("the bot can't see a channel #%s", bare), Remedy: fmt.Sprintf("if it is private, type /invite @%s in it", me.name)}
	}
	return found, nil
}
