package slack

import (
	"context"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	// resent is how long a gap may be for Slack to send again all events from within it: the last of its tries is 5 min
	// after the first.
	resent = 4 * time.Minute
	// leisure is the pause between two direct messages that are read, so that the rooms, which matter more, have most of
	// what Slack grants.
	leisure = 2 * time.Second
)

// readPrivate reads what people wrote to the bot alone while it didn't hear: before it ran, as far back as something may
// still be wanted of it, and since each time that is told. The bot knows those that it has heard. No platform but the
// person's own client shows what was missed there, so nobody else could make it good.
func (s *Slack) readPrivate(ctx context.Context, me *identity, hear func(envelope), missed <-chan time.Time) error {
	for since := time.Now().Add(-lookBack); ; {
		if err := me.need("im:read", "im:history"); err != nil {
			s.log.Warn("what people write in private while catchword is away is not heard", "workspace", s.config.Name, "error", err)
		} else if err := s.rereadPrivate(ctx, me, since, hear); err != nil && ctx.Err() == nil {
			s.log.Warn("direct messages could not be read", "workspace", s.config.Name, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case since = <-missed:
		}
	}
}

func (s *Slack) rereadPrivate(ctx context.Context, me *identity, since time.Time, hear func(envelope)) error {
	for cursor, first := "", true; first || cursor != ""; first = false {
		var page []slackgo.Channel
		err := calls.Retry(ctx, func() error {
			return s.call(ctx, "conversations.list", "", func(ctx context.Context) (err error) {
				asked := &slackgo.GetConversationsParameters{Cursor: cursor, Limit: listed, Types: []string{"im"}}
				page, cursor, err = s.api.GetConversationsContext(ctx, asked)
				return err
			})
		})
		if err != nil {
			return err
		}
		for _, im := range page {
			if im.User == me.user || im.User == "USLACKBOT" {
				continue
			}
			err := s.rereadOne(ctx, me, im.ID, since, hear)
			if ctx.Err() != nil || refused(err, banned...) || !calls.Sleep(ctx, s.leisure) {
				return err
			}
			if err != nil {
				s.log.Warn("direct messages could not be read", "workspace", s.config.Name, "error", err)
			}
		}
	}
	return nil
}

// rereadOne reads one person's direct messages, and the threads in them that go on.
func (s *Slack) rereadOne(ctx context.Context, me *identity, channel string, since time.Time, hear func(envelope)) error {
	all, err := s.everything(ctx, adapters.RoomID(channel), "", since)
	for _, m := range all {
		s.rehear(me, channel, m.Msg, hear)
		if m.ReplyCount == 0 || err != nil {
			continue
		}
		var replies []slackgo.Message
		replies, err = s.everything(ctx, adapters.RoomID(channel), adapters.MessageID(m.Timestamp), since)
		for _, r := range replies {
			if r.Timestamp != m.Timestamp {
				s.rehear(me, channel, r.Msg, hear)
			}
		}
	}
	return err
}

// rehear passes on a direct message of a history as if it had just come.
func (s *Slack) rehear(me *identity, channel string, m said, hear func(envelope)) {
	m.Channel = channel
	if n := s.hearPrivate(me, messageEvent{Message: slackgo.Message{Msg: m}}); n != nil {
		hear(envelope{n, func() {}})
	}
}
