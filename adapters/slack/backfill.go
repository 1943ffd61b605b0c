package slack

import (
	"context"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	// resendWindow is how long a gap may be for Slack to send again all events from within it: the last of its tries is 5 min
	// after the first.
	resendWindow = 4 * time.Minute
	// dmReadInterval is the pause between two direct messages that are read, so that the rooms, which matter more, have most of
	// what Slack grants.
	dmReadInterval = 2 * time.Second
)

// backfillLoop reads what people wrote to the bot alone while it didn't hear: before it ran, as far back as something may
// still be wanted of it, and since each time that is told. The bot knows those that it has heard. No platform but the
// person's own client shows what was missed there, so nobody else could make it good.
func (s *Slack) backfillLoop(ctx context.Context, me *identity, receive func(envelope), gaps <-chan time.Time) error {
	for since := time.Now().Add(-calls.LookBack); ; {
		if err := me.requireScopes("im:read", "im:history"); err != nil {
			s.log.Warn("what people write in private while catchword is away is not heard", "workspace", s.config.Name, "error", err)
		} else if err := s.backfillDMs(ctx, me, since, receive); err != nil && ctx.Err() == nil {
			s.log.Warn("direct messages could not be read", "workspace", s.config.Name, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case since = <-gaps:
		}
	}
}

func (s *Slack) backfillDMs(ctx context.Context, me *identity, since time.Time, receive func(envelope)) error {
	for cursor, first := "", true; first || cursor != ""; first = false {
		var page []slackgo.Channel
		err := calls.Retry(ctx, func() error {
			return s.call(ctx, "conversations.list", "", func(ctx context.Context) (err error) {
				asked := &slackgo.GetConversationsParameters{Cursor: cursor, Limit: channelPageSize, Types: []string{"im"}}
				page, cursor, err = s.api.GetConversationsContext(ctx, asked)
				return err
			})
		})
		if err != nil {
			return err
		}
		for _, im := range page {
			if im.User == me.userID || im.User == "USLACKBOT" {
				continue
			}
			err := s.backfillDM(ctx, me, im.ID, since, receive)
			if ctx.Err() != nil || isFatal(err) || !calls.Sleep(ctx, s.dmReadInterval) {
				return err
			}
			if err != nil {
				s.log.Warn("direct messages could not be read", "workspace", s.config.Name, "error", err)
			}
		}
	}
	return nil
}

// backfillDM reads one person's direct messages, and the threads in them that go on.
func (s *Slack) backfillDM(ctx context.Context, me *identity, channel string, since time.Time, receive func(envelope)) error {
	all, err := s.readAll(ctx, adapters.RoomID(channel), "", since)
	for _, m := range all {
		s.receivePastDM(me, channel, m.Msg, receive)
		if m.ReplyCount == 0 || err != nil {
			continue
		}
		var replies []slackgo.Message
		replies, err = s.readAll(ctx, adapters.RoomID(channel), adapters.MessageID(m.Timestamp), since)
		for _, r := range replies {
			if r.Timestamp != m.Timestamp {
				s.receivePastDM(me, channel, r.Msg, receive)
			}
		}
	}
	return err
}

// receivePastDM passes on a direct message of a history as if it had just come.
func (s *Slack) receivePastDM(me *identity, channel string, m slackMessage, receive func(envelope)) {
	m.Channel = channel
	if ev := s.receiveDM(me, messageEvent{Message: slackgo.Message{Msg: m}}); ev != nil {
		receive(envelope{ev, func() {}})
	}
}
