package slack

import (
	"context"
	"errors"
	"iter"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// A query selects messages of a room or a thread.
type query struct {
	room     adapters.RoomID
	thread   string // "" for the top level
	oldest   string // a ts; "" for the beginning
	latest   string // a ts; "" for the end
	limit    int    // per page
	metadata bool
}

// pages reads messages page by page: a room's newest first; a thread's oldest first, after its root. If patient, it
// waits for rate limits; else it returns an error.
func (s *Slack) pages(ctx context.Context, q query, patient bool) iter.Seq2[[]slackgo.Message, error] {
	return func(yield func([]slackgo.Message, error) bool) {
		for cursor, first := "", true; first || cursor != ""; first = false {
			var page []slackgo.Message
			var next string
			ask := func() (err error) {
				page, next, err = s.page(ctx, q, cursor)
				return err
			}
			var err error
			if patient {
				err = calls.Retry(ctx, ask)
			} else {
				err = ask()
			}
			if next != "" && len(page) == limitedPageSize && q.limit > limitedPageSize {
				s.warnLimited.Do(func() {
					s.log.Warn("Slack limits this app to 15 messages per request, so backfill is slow; use an app made by the workspace itself",
						"workspace", s.config.Name)
				})
			}
			if !yield(page, err) || err != nil {
				return
			}
			cursor = next
		}
	}
}

// page reads one page. next is the cursor of the next page; "" after the last.
func (s *Slack) page(ctx context.Context, q query, cursor string) (page []slackgo.Message, next string, err error) {
	latest := q.latest
	if latest == "" {
		// Slack does not document at which end paging starts if there is only one bound.
		latest = formatTS(time.Now().Add(24 * time.Hour))
	}
	oldest := q.oldest
	if oldest == "" {
		oldest = "0"
	}
	if q.thread == "" {
		err = s.call(ctx, "conversations.history", q.room, func(ctx context.Context) error {
			resp, err := s.api.GetConversationHistoryContext(ctx, &slackgo.GetConversationHistoryParameters{
				ChannelID: string(q.room), Cursor: cursor, Inclusive: true, Oldest: oldest, Latest: latest, Limit: q.limit,
				IncludeAllMetadata: q.metadata,
			})
			if err == nil && !resp.Ok {
				err = errNotSlack
			}
			if err == nil {
				page, next = resp.Messages, resp.ResponseMetaData.NextCursor
			}
			if err == nil && resp.HasMore && next == "" {
				err = errors.New("there are more messages, but no cursor")
			}
			return err
		})
		return page, next, err
	}
	err = s.call(ctx, "conversations.replies", q.room, func(ctx context.Context) error {
		var more bool
		page, more, next, err = s.api.GetConversationRepliesContext(ctx, &slackgo.GetConversationRepliesParameters{
			ChannelID: string(q.room), Timestamp: q.thread, Cursor: cursor, Inclusive: true, Oldest: oldest, Latest: latest, Limit: q.limit,
			IncludeAllMetadata: q.metadata,
		})
		if err == nil && more && next == "" {
			err = errors.New("there are more messages, but no cursor")
		}
		return err
	})
	return page, next, err
}

// findPost finds the messages of a post. If its thread is gone, Slack has posted a reply to the channel instead, which
// findPost deletes.
func (s *Slack) findPost(ctx context.Context, me *identity, p adapters.Post, since time.Time) (calls.Posted, error) {
	posted := calls.Posted{}
	if !since.IsZero() {
		since = since.Add(-calls.MaxClockSkew)
	}
	q := query{room: p.Room, thread: string(p.Thread), limit: historyPageSize, metadata: true}
	if !since.IsZero() {
		q.oldest = formatTS(since)
	} else if p.Thread == "" {
		q.oldest = formatTS(time.Now().Add(-calls.LookBack))
	}
	err := s.searchKey(ctx, me, q, p.Key, posted)
	if calls.HasCode(err, "thread_not_found") && p.Thread != "" {
		q.thread, q.oldest = "", string(p.Thread)
		if err := s.searchKey(ctx, me, q, p.Key, posted); err != nil {
			return nil, err
		}
		if ts := posted[p.Key]; ts != "" {
			return nil, s.deleteStray(ctx, adapters.Ref{Room: p.Room, ID: ts})
		}
		return posted, nil
	}
	if err != nil {
		return nil, err
	}
	if first := posted[p.Key]; first != "" && p.Thread == "" && len(s.parts(me, p)) > 1 {
		q.thread, q.oldest = string(first), string(first)
		err = s.searchKey(ctx, me, q, p.Key, posted)
	}
	return posted, err
}

// searchKey adds the parts of a post to posted. It reads the top level until it finds the first, and a thread to its
// end.
func (s *Slack) searchKey(ctx context.Context, me *identity, q query, key string, posted calls.Posted) error {
	for page, err := range s.pages(ctx, q, false) {
		if err != nil {
			return err
		}
		for _, m := range page {
			k, _ := keyOf(me, &m.Msg)
			if calls.IsPart(k, key) {
				posted[k] = adapters.MessageID(m.Timestamp)
			}
		}
		if q.thread == "" && posted[key] != "" {
			break
		}
	}
	return nil
}

// keyOf is the key of a message that the bot posted, and how many parts its post has.
func keyOf(me *identity, m *slackMessage) (key string, parts int) {
	if !me.own(m) || m.Metadata.EventType != keyEvent {
		return "", 0
	}
	key, _ = m.Metadata.EventPayload["key"].(string)
	n, _ := m.Metadata.EventPayload["parts"].(float64)
	return key, max(int(n), 1)
}
