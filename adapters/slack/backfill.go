package slack

import (
	"context"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	// resendWindow is the longest gap whose events Slack sends again by itself: it tries for the last time after 5
	// minutes.
	resendWindow = 4 * time.Minute
	// dmReadInterval is the pause between reading two conversations, so that the channels get most of Slack's rate
	// limit.
	dmReadInterval = 2 * time.Second
)

// backfillLoop reads the direct messages that the bot missed: those from before it ran, as far back as they may still
// matter, and those since each time that gaps brings. The bot ignores what it has received before.
func (s *Slack) backfillLoop(ctx context.Context, me *identity, receive func(envelope), gaps <-chan time.Time) error {
	for since := time.Now().Add(-calls.LookBack); ; {
		if err := me.requireScopes("im:read", "im:history"); err != nil {
			s.log.Warn("direct messages sent while catchword is down are not read", "workspace", s.config.Name, "error", err)
		} else if err := s.backfillDMs(ctx, me, since, receive); err != nil && ctx.Err() == nil {
			s.log.Warn("could not read direct messages", "workspace", s.config.Name, "error", err)
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
				params := &slackgo.GetConversationsParameters{Cursor: cursor, Limit: channelPageSize, Types: []string{"im"}}
				page, cursor, err = s.api.GetConversationsContext(ctx, params)
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
				s.log.Warn("could not read direct messages", "workspace", s.config.Name, "error", err)
			}
		}
	}
	return nil
}

// backfillDM reads one person's direct messages, with their threads.
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

// receivePastDM receives a direct message from history as if it were new.
func (s *Slack) receivePastDM(me *identity, channel string, m slackMessage, receive func(envelope)) {
	m.Channel = channel
	if ev := s.receiveDM(me, messageEvent{Message: slackgo.Message{Msg: m}}); ev != nil {
		receive(envelope{ev, func() {}})
	}
}
