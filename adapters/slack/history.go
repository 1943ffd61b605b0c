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
	// historyPageSize is how many messages one call reads:
	// https://docs.slack.dev/reference/methods/conversations.history
	historyPageSize = 999
	// limitedPageSize is how many Slack gives to apps distributed outside its Marketplace, and only once a minute.
	limitedPageSize = 15
)

// History reads a room's top level or a thread. It waits when Slack asks it to, which takes very long with an app that
// Slack limits. It lists replies that were also sent to the channel in their threads only.
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

// readAll reads all pages, in order. With an error, it returns what it read before.
func (s *Slack) readAll(ctx context.Context, room adapters.RoomID, thread adapters.MessageID, since time.Time) (all []slackgo.Message, err error) {
	q := query{room: room, thread: string(thread), limit: historyPageSize}
	if !since.IsZero() {
		q.oldest = formatTS(since)
	}
	for page, failed := range s.pages(ctx, q, true) {
		if calls.HasCode(failed, "thread_not_found") {
			return nil, nil // its root was deleted, and there were no replies
		}
		all = append(all, page...)
		err = failed
	}
	if err == nil && thread != "" && len(all) == 0 {
		err = errNotSlack // at least the root must be there
	}
	slices.SortStableFunc(all, func(a, b slackgo.Message) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	return slices.CompactFunc(all, func(a, b slackgo.Message) bool { return a.Timestamp == b.Timestamp }), err
}

// historyMessage converts a message. It returns nil for one to ignore, or of another thread.
func (s *Slack) historyMessage(ctx context.Context, me *identity, room adapters.RoomID, thread adapters.MessageID, m *slackMessage) (*adapters.Message, error) {
	reply := m.ThreadTimestamp != "" && m.ThreadTimestamp != m.Timestamp
	if reply != (thread != "") {
		return nil, nil
	}
	own := me.own(m)
	if !own && (!s.accepts(m) || hasNoAuthor(m)) || own && !contentSubtypes[m.SubType] {
		return nil, nil
	}
	if !own {
		if err := s.awaitDM(ctx, me, m.User); err != nil {
			return nil, err
		}
	}
	received, err := s.message(ctx, me, room, m)
	if err != nil {
		return nil, err
	}
	received.FromBot, received.HasReplies = own, m.ReplyCount > 0
	received.Reactions = reactions(me, m)
	return received, nil
}

// reactions returns nil if Slack names only some of the people who reacted, as it does when there are many.
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
