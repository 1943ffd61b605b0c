package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
	"github.com/ukmedlibs/catchword/adapters/slack/mrkdwn"
)

// Edit changes the text of a post, in all its parts. It posts a part again that somebody has deleted.
func (s *Slack) Edit(ctx context.Context, id adapters.MessageID, p adapters.Post) error {
	if err := s.edit(ctx, id, p); err != nil {
		return fmt.Errorf("edit %s: %w", id, err)
	}
	return nil
}

func (s *Slack) edit(ctx context.Context, id adapters.MessageID, p adapters.Post) error {
	me, err := s.identity(ctx)
	if err != nil {
		return err
	}
	found, err := s.findParts(ctx, me, adapters.Ref{Room: p.Room, ID: id}, p.Thread)
	if err != nil {
		return err
	}
	if p.Key == "" {
		p.Key = found.key
	}
	parts := s.parts(me, p)
	if len(parts) == 0 {
		return fmt.Errorf("the text shows nothing")
	}
	if p.Key == "" {
		parts = parts[:1] // the others could never be found again
	}
	// The first part comes last: it says how many there are, and until it is edited the others can be found.
	posted := calls.Posted{}
	for i, ts := range found.rest {
		key := calls.PartKey(p.Key, i+1)
		if i+1 >= len(parts) {
			if err := s.deleteMessage(ctx, adapters.Ref{Room: p.Room, ID: adapters.MessageID(ts)}); err != nil {
				return err
			}
			continue
		}
		if ts == "" {
			continue
		}
		err := s.update(ctx, ts, p, parts[i+1])
		if err != nil && !calls.HasCode(err, "message_not_found") {
			return err
		}
		if err == nil {
			posted[key] = adapters.MessageID(ts)
		}
	}
	if err := s.update(ctx, string(id), p, parts[0]); err != nil {
		return err
	}
	return s.poster(me).PostRest(ctx, id, p, parts, posted)
}

func (s *Slack) update(ctx context.Context, ts string, p adapters.Post, part calls.Part) error {
	return sendBlocks(part.Text, nil, func(content slackgo.MsgOption) error {
		return s.call(ctx, "chat.update", p.Room, func(ctx context.Context) error {
			_, _, _, err := s.api.UpdateMessageContext(ctx, string(p.Room), ts, content, keyMetadata(part), slackgo.MsgOptionParse(false))
			return err
		})
	})
}

// postedParts are the messages of a post after the first.
type postedParts struct {
	key  string
	rest []string // their ts; "" for one that is gone
}

// findParts finds the parts of a post. It costs a call, for they are not stored.
func (s *Slack) findParts(ctx context.Context, me *identity, ref adapters.Ref, thread adapters.MessageID) (found postedParts, err error) {
	ts := string(ref.ID)
	if thread == "" {
		thread = ref.ID
	}
	// The bounds select the message itself. Slack adds the root of its thread.
	q := query{room: ref.Room, thread: string(thread), oldest: ts, latest: ts, limit: 10, metadata: true}
	count, root := 0, string(thread)
	for page, err := range s.pages(ctx, q, false) {
		if calls.HasCode(err, "thread_not_found", "message_not_found") {
			return found, nil
		}
		if err != nil {
			return found, err
		}
		for _, m := range page {
			if m.Timestamp != ts {
				continue
			}
			found.key, count = keyOf(me, &m.Msg)
			if m.ThreadTimestamp != "" {
				root = m.ThreadTimestamp
			}
		}
	}
	if count < 2 {
		return found, nil
	}
	posted := calls.Posted{}
	q = query{room: ref.Room, thread: root, oldest: ts, limit: historyPageSize, metadata: true}
	if err := s.searchKey(ctx, me, q, found.key, posted); err != nil {
		return found, err
	}
	for i := 1; i < count || posted[calls.PartKey(found.key, i)] != ""; i++ {
		found.rest = append(found.rest, string(posted[calls.PartKey(found.key, i)]))
	}
	return found, nil
}

// Delete deletes a post, with all its parts.
func (s *Slack) Delete(ctx context.Context, ref adapters.Ref) error {
	me, err := s.identity(ctx)
	if err != nil {
		return fmt.Errorf("delete %s: %w", ref.ID, err)
	}
	found, err := s.findParts(ctx, me, ref, "")
	if err != nil {
		return fmt.Errorf("delete %s: %w", ref.ID, err)
	}
	// The first part goes last: it says how many there are.
	for _, ts := range append(found.rest, string(ref.ID)) {
		if err := s.deleteMessage(ctx, adapters.Ref{Room: ref.Room, ID: adapters.MessageID(ts)}); err != nil {
			return fmt.Errorf("delete %s: %w", ref.ID, err)
		}
	}
	return nil
}

// deleteMessage deletes one message, and has its deletion event ignored.
func (s *Slack) deleteMessage(ctx context.Context, ref adapters.Ref) error {
	if ref.ID == "" {
		return nil
	}
	s.mu.Lock()
	s.deleted[ref] = true
	s.mu.Unlock()
	err := s.call(ctx, "chat.delete", ref.Room, func(ctx context.Context) error {
		_, _, err := s.api.DeleteMessageContext(ctx, string(ref.Room), string(ref.ID))
		return err
	})
	if calls.HasCode(err, "message_not_found") {
		return nil
	}
	if err != nil {
		s.mu.Lock()
		delete(s.deleted, ref)
		s.mu.Unlock()
	}
	return err
}

// React adds the bot's reaction to a message, or removes it.
func (s *Slack) React(ctx context.Context, ref adapters.Ref, emoji string, on bool) error {
	name, ok := mrkdwn.EmojiName(emoji)
	if !ok {
		return fmt.Errorf("react to %s: Slack has no name for %s: %w", ref.ID, emoji, errors.ErrUnsupported)
	}
	item := slackgo.NewRefToMessage(string(ref.Room), string(ref.ID))
	method, change := "reactions.add", s.api.AddReactionContext
	if !on {
		method, change = "reactions.remove", s.api.RemoveReactionContext
	}
	err := s.call(ctx, method, ref.Room, func(ctx context.Context) error { return change(ctx, name, item) })
	switch {
	case err == nil, calls.HasCode(err, "already_reacted", "no_reaction"):
		return nil
	case calls.HasCode(err, "invalid_name"): // another workspace's own
		return fmt.Errorf("react to %s: %w: %w", ref.ID, errors.ErrUnsupported, err)
	default:
		return fmt.Errorf("react to %s: %w", ref.ID, err)
	}
}

// Timestamp is when a post appeared, which its ID says.
func (s *Slack) Timestamp(_ context.Context, ref adapters.Ref) (time.Time, error) {
	if at := parseTS(string(ref.ID)); !at.IsZero() {
		return at, nil
	}
	return time.Time{}, fmt.Errorf("time of %s: not the ID of a Slack message", ref.ID)
}

// Permalink builds the address that https://docs.slack.dev/reference/methods/chat.getPermalink would return. A call
// would take time while the post is in doubt.
func (s *Slack) Permalink(ctx context.Context, ref adapters.Ref) (string, error) {
	me, err := s.identity(ctx)
	if err != nil {
		return "", fmt.Errorf("link to %s: %w", ref.ID, err)
	}
	if me.url == "" {
		return "", fmt.Errorf("link to %s: Slack does not say the workspace's address: %w", ref.ID, errors.ErrUnsupported)
	}
	return me.url + "archives/" + string(ref.Room) + "/p" + strings.Replace(string(ref.ID), ".", "", 1), nil
}
