package slack

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
	"github.com/ukmedlibs/catchword/adapters/slack/mrkdwn"
)

const (
	// historyPageSize is how many messages are asked for at once: https://docs.slack.dev/reference/methods/conversations.history
	historyPageSize = 999
	// limitedPageSize is how many Slack gives to apps that are sold outside of its Marketplace, and only once a minute.
	limitedPageSize = 15
)

// History reads a room's top level or a thread. It waits where Slack asks to, page after page, which takes very long for
// an app that Slack limits. Answers that were also sent to the room are in their threads alone.
func (s *Slack) History(ctx context.Context, room adapters.RoomID, thread adapters.MessageID, since time.Time) iter.Seq2[*adapters.Message, error] {
	return func(yield func(*adapters.Message, error) bool) {
		var me *identity
		err := calls.Retry(ctx, func() (err error) {
			me, err = s.identity(ctx)
			return err
		})
		if err != nil {
			yield(nil, err)
			return
		}
		all, incomplete := s.readAll(ctx, room, thread, since)
		for _, m := range all {
			var past *adapters.Message
			err := calls.Retry(ctx, func() (err error) {
				past, err = s.historyMessage(ctx, me, room, thread, &m.Msg)
				return err
			})
			if err != nil {
				yield(nil, err)
				return
			}
			if past != nil && !yield(past, nil) {
				return
			}
		}
		if incomplete != nil {
			yield(nil, incomplete)
		}
	}
}

// readAll reads all pages, and puts their messages in order. With an error, it is what was read before it.
func (s *Slack) readAll(ctx context.Context, room adapters.RoomID, thread adapters.MessageID, since time.Time) (all []slackgo.Message, err error) {
	q := query{room: room, thread: string(thread), limit: historyPageSize}
	if !since.IsZero() {
		q.oldest = formatTS(since)
	}
	for page, failed := range s.pages(ctx, q, true) {
		if calls.HasCode(failed, "thread_not_found") {
			return nil, nil // it had no replies when its root was deleted
		}
		all = append(all, page...)
		err = failed
	}
	if err == nil && thread != "" && len(all) == 0 {
		err = errNotSlack // at least the root is there
	}
	slices.SortStableFunc(all, func(a, b slackgo.Message) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	return slices.CompactFunc(all, func(a, b slackgo.Message) bool { return a.Timestamp == b.Timestamp }), err
}

// past makes a message of a history what the bot hears, or nil if it is none of this place's, or to be ignored.
func (s *Slack) historyMessage(ctx context.Context, me *identity, room adapters.RoomID, thread adapters.MessageID, m *slackMessage) (*adapters.Message, error) {
	reply := m.ThreadTimestamp != "" && m.ThreadTimestamp != m.Timestamp
	if reply != (thread != "") {
		return nil, nil
	}
	own := me.own(m)
	if !own && (!s.accepts(m) || hasNoAuthor(m)) || own && !contentSubtypes[m.SubType] {
		return nil, nil
	}
	received, err := s.message(ctx, me, room, m)
	if err != nil {
		return nil, err
	}
	received.FromBot, received.HasReplies = own, m.ReplyCount > 0
	received.Reactions = reactions(me, m)
	return received, nil
}

// reactions are nil if Slack names but some of those who reacted, as it does with many.
func reactions(me *identity, m *slackMessage) map[string][]adapters.UserID {
	all := map[string][]adapters.UserID{}
	for _, r := range m.Reactions {
		if len(r.Users) < r.Count {
			return nil
		}
		emoji := mrkdwn.EmojiFromName(r.Name)
		for _, user := range r.Users {
			if id := adapters.UserID(user); user != me.userID && !slices.Contains(all[emoji], id) {
				all[emoji] = append(all[emoji], id)
			}
		}
	}
	return all
}
