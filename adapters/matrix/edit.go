package matrix

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	// maxFallback is the longest text, in bytes, that an edit repeats for clients that don't know edits.
	maxFallback = 2000
	// maxVisibleDelay is how long a homeserver may take to show an event that it has accepted: different parts of it do
	// the two.
	maxVisibleDelay = 2 * time.Second
)

// Edit changes the text of a post, in all its parts. It redacts earlier edits, or their words would stay in the history
// that clients show.
func (m *Matrix) Edit(ctx context.Context, sent adapters.MessageID, p adapters.Post) error {
	if err := m.edit(ctx, id.EventID(sent), p); err != nil {
		return fmt.Errorf("edit %s: %w", sent, err)
	}
	return nil
}

func (m *Matrix) edit(ctx context.Context, sent id.EventID, p adapters.Post) error {
	s, r, err := m.roomWithEvent(ctx, adapters.Ref{Room: p.Room, ID: adapters.MessageID(sent)})
	if err != nil {
		return err
	}
	pieces, err := m.tables.pieces(ctx, sent)
	if err != nil {
		return &adapters.RetryError{Err: err}
	}
	all, posted := parts(p), calls.Posted{}
	if p.Key == "" {
		all = all[:1] // the others could never be found again
	}
	if err := m.editEvent(ctx, s, r, sent, p, all[0]); err != nil {
		return err
	}
	for i, piece := range pieces {
		if i+1 >= len(all) {
			if err := m.redactWithEdits(ctx, s, r, piece); err != nil {
				return err
			}
			continue
		}
		if err := m.editEvent(ctx, s, r, piece, p, all[i+1]); err != nil {
			return err
		}
		posted[all[i+1].Key] = adapters.MessageID(piece)
	}
	if len(all) > 1 && len(posted) < len(all)-1 {
		// A part may have been posted without having been stored.
		found, err := m.findPosted(ctx, s, r, p, time.Time{})
		if err != nil {
			return err
		}
		for key, piece := range found {
			if posted[key] == "" {
				posted[key] = piece
			}
		}
	}
	return m.poster(s, r).PostRest(ctx, adapters.MessageID(sent), p, all, posted)
}

func (m *Matrix) editEvent(ctx context.Context, s *session, r *room, sent id.EventID, p adapters.Post, part calls.Part) error {
	c := contentOf(p.As, part)
	renewed := c.MessageEventContent
	c.Key = "" // only the first event has it
	c.NewContent, c.RelatesTo = &renewed, (&event.RelatesTo{}).SetReplace(sent)
	c.Format, c.FormattedBody, c.BeeperPerMessageProfile = "", "", nil
	if c.Body = "* " + c.Body; len(c.Body) > maxFallback {
		c.Body = "* (edited)"
	}
	before, err := m.tables.edits(ctx, sent)
	if err != nil {
		return &adapters.RetryError{Err: err}
	}
	err = m.call(ctx, "edit", p.Room, func(ctx context.Context) error {
		if err := m.refreshEncryption(ctx, s, r); err != nil {
			return err
		}
		e, err := s.send(ctx, r.id, event.EventMessage, c, s.client.TxnID())
		if err != nil {
			return err
		}
		return m.tables.putEdit(ctx, e, sent)
	})
	for _, e := range before {
		if err == nil {
			err = m.redactEdit(ctx, s, r, e)
		}
	}
	return err
}

// roomWithEvent finds which room of an upgrade chain has an event. It falls back to the newest.
func (m *Matrix) roomWithEvent(ctx context.Context, ref adapters.Ref) (*session, *room, error) {
	s, r, err := m.lookupRoom(ctx, ref.Room)
	if err != nil {
		return nil, nil, err
	}
	rooms := m.upgradeChain(ref.Room)
	if len(rooms) == 1 {
		return s, r, nil
	}
	for _, r := range rooms {
		_, err := m.getEvent(ctx, s, r.id, id.EventID(ref.ID))
		if err == nil {
			return s, r, nil
		}
		if !calls.IsFinal(err) {
			return nil, nil, err
		}
	}
	return s, r, nil
}

// React adds the bot's reaction to a message, or removes it.
func (m *Matrix) React(ctx context.Context, ref adapters.Ref, emoji string, on bool) error {
	if err := m.react(ctx, ref, emoji, on); err != nil {
		return fmt.Errorf("react to %s: %w", ref.ID, err)
	}
	return nil
}

func (m *Matrix) react(ctx context.Context, ref adapters.Ref, emoji string, on bool) error {
	s, r, err := m.roomWithEvent(ctx, ref)
	if err != nil {
		return err
	}
	var posted []id.EventID
	for page, err := range m.relations(ctx, s, r, id.EventID(ref.ID), event.RelAnnotation) {
		if calls.HasCode(err, "M_NOT_FOUND") {
			break // it isn't shown yet, so nobody has reacted
		}
		if err != nil {
			return err
		}
		for _, e := range page {
			if put, ok := reactionOf(e); ok && e.Sender == s.me && put.emoji == normaliseEmoji(emoji) && !redacted(e) {
				posted = append(posted, e.ID)
			}
		}
	}
	if on && len(posted) > 0 {
		return nil
	}
	if on {
		c := &event.ReactionEventContent{RelatesTo: *(&event.RelatesTo{}).SetAnnotation(id.EventID(ref.ID), toMatrixEmoji(emoji))}
		err := m.call(ctx, "react", ref.Room, func(ctx context.Context) error {
			_, err := s.send(ctx, r.id, event.EventReaction, c, s.client.TxnID())
			return err
		})
		if calls.HasCode(err, "M_DUPLICATE_ANNOTATION") {
			return nil
		}
		return err
	}
	for _, e := range posted {
		if err := m.redact(ctx, s, r, e); err != nil {
			return err
		}
	}
	return nil
}

// Timestamp is when a post appeared, by the homeserver's clock. It waits until the homeserver shows the post.
func (m *Matrix) Timestamp(ctx context.Context, ref adapters.Ref) (time.Time, error) {
	s, r, err := m.roomWithEvent(ctx, ref)
	var meta eventMeta
	if err == nil {
		meta, err = m.waitVisible(ctx, s, r, id.EventID(ref.ID))
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("time of %s: %w", ref.ID, err)
	}
	return time.UnixMilli(meta.timestamp).UTC(), nil
}

// waitVisible waits until the homeserver shows a post that it has accepted. If it doesn't, the error may pass: nobody
// must conclude that the post failed, or answers to it would belong to nothing.
func (m *Matrix) waitVisible(ctx context.Context, s *session, r *room, e id.EventID) (eventMeta, error) {
	begin := time.Now()
	for backoff := (calls.Backoff{Min: 10 * time.Millisecond}); ; {
		meta, err := m.eventMeta(ctx, s, r.id, e)
		if !calls.HasCode(err, "M_NOT_FOUND") {
			return meta, err
		}
		if time.Since(begin) > maxVisibleDelay || !backoff.Sleep(ctx, nil) {
			return meta, &adapters.RetryError{Err: err}
		}
	}
}

// Permalink is the address of a message, which all clients understand:
// https://spec.matrix.org/latest/appendices/#matrixto-navigation
func (m *Matrix) Permalink(ctx context.Context, ref adapters.Ref) (string, error) {
	s, r, err := m.roomWithEvent(ctx, ref)
	if err != nil {
		return "", fmt.Errorf("link to %s: %w", ref.ID, err)
	}
	return "https://matrix.to/#/" + url.PathEscape(string(r.id)) + "/" + url.PathEscape(string(ref.ID)) + "?via=" + url.QueryEscape(s.server), nil
}
