package matrix

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
	"github.com/ukmedlibs/catchword/adapters/matrix/html"
)

const (
	// staleAfter is how long after the last sync a room still counts as unencrypted.
	staleAfter = pollTimeout + pollGrace
)

// A content is a message of the bot, with the key of its post.
type content struct {
	event.MessageEventContent
	Key string `json:"dev.catchword.key,omitempty"`
}

// parts splits a post into messages.
func parts(p adapters.Post) []calls.Part { return calls.Parts(p.Key, html.Split(p.Text)) }

// Post posts p. It never waits: when the homeserver asks it to, the error says for how long.
func (m *Matrix) Post(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
	sent, err := m.post(ctx, p)
	if err != nil {
		return "", fmt.Errorf("post %s: %w", p.Key, err)
	}
	return sent, nil
}

func (m *Matrix) post(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
	s, r, err := m.lookupRoom(ctx, p.Room)
	if err != nil {
		return "", err
	}
	return m.poster(s, r).Post(ctx, p)
}

func (m *Matrix) poster(s *session, r *room) calls.Poster {
	return calls.Poster{
		Attempts:  &m.attempts,
		Log:       m.log,
		ShowsLate: true, // Dendrite 0.15.2 lists a message in /messages some time after it has answered its sender
		Find: func(ctx context.Context, p adapters.Post, since time.Time) (calls.Posted, error) {
			return m.findPosted(ctx, s, r, p, since)
		},
		Split: parts,
		Send: func(ctx context.Context, p adapters.Post, part calls.Part) (adapters.MessageID, error) {
			return m.postPart(ctx, s, r, p, part)
		},
		Note: func(ctx context.Context, first adapters.MessageID, number int, part adapters.MessageID) error {
			if err := m.tables.putPiece(ctx, id.EventID(first), number, id.EventID(part)); err != nil {
				return &adapters.RetryError{Err: err}
			}
			return nil
		},
	}
}

// lookupRoom finds the newest room with a stable ID.
func (m *Matrix) lookupRoom(ctx context.Context, stableID adapters.RoomID) (*session, *room, error) {
	s, err := m.ensureSession(ctx)
	if err != nil {
		return nil, nil, err
	}
	if r := m.currentRoom(stableID); r != nil {
		return s, r, nil
	}
	return nil, nil, &adapters.ClosedError{Err: calls.Errorf("the bot has not joined the room %s", stableID)}
}

// postPart sends one message. Its key is the transaction ID, so that a message that is sent twice appears once, for as
// long as the homeserver remembers the ID.
func (m *Matrix) postPart(ctx context.Context, s *session, r *room, p adapters.Post, part calls.Part) (adapters.MessageID, error) {
	var sent id.EventID
	c := contentOf(p.As, part)
	err := m.call(ctx, "send", p.Room, func(ctx context.Context) (err error) {
		if err := m.refreshEncryption(ctx, s, r); err != nil {
			return err
		}
		if p.Thread != "" {
			root, err := m.anchor(ctx, s, r, id.EventID(p.Thread))
			if err != nil {
				return err
			}
			c.RelatesTo = (&event.RelatesTo{}).SetThread(root, root)
		}
		sent, err = s.send(ctx, r.id, event.EventMessage, c, txnID(s, part.Key))
		return err
	})
	if calls.HasCode(err, "M_FORBIDDEN") && m.isReplaced(ctx, s, r) {
		err = &adapters.RetryError{Err: fmt.Errorf("%w; it was replaced, and the bot is joining the new one", err)}
	}
	return adapters.MessageID(sent), err
}

// isReplaced asks the homeserver whether a room has a successor: a sync may not have said so yet.
func (m *Matrix) isReplaced(ctx context.Context, s *session, r *room) bool {
	var tombstone event.TombstoneEventContent
	err := m.call(ctx, "read state", r.stableID, func(ctx context.Context) error {
		return s.client.StateEvent(ctx, r.id, event.StateTombstone, "", &tombstone)
	})
	if err != nil || tombstone.ReplacementRoom == "" {
		return false
	}
	m.mu.Lock()
	r.successor = tombstone.ReplacementRoom
	m.mu.Unlock()
	m.wakeHousekeeping()
	return true
}

// contentOf is the content of a message under the name of a persona. For clients without personas, the text begins with
// it:
// https://github.com/matrix-org/matrix-spec-proposals/pull/4144
func contentOf(as adapters.Persona, part calls.Part) *content {
	c := &content{Key: part.Key}
	c.MsgType, c.Mentions = event.MsgNotice, &event.Mentions{}
	c.Body, c.FormattedBody = html.FromCommonMark(part.Text)
	if name := html.DisarmMentions(as.Byline()); name != "" {
		c.MsgType = event.MsgText
		c.BeeperPerMessageProfile = &event.BeeperPerMessageProfile{ID: hash(as.Workspace + "/" + as.Name), Displayname: name, HasFallback: true}
		if picture := id.ContentURIString(as.Picture); strings.HasPrefix(as.Picture, "mxc://") {
			c.BeeperPerMessageProfile.AvatarURL = &picture
		}
		c.Body, c.FormattedBody = html.WithByline(name, c.Body, c.FormattedBody)
	}
	if c.FormattedBody != "" {
		c.Format = event.FormatHTML
	}
	return c
}

// refreshEncryption asks again whether a room is encrypted if the last sync is too long ago: nothing may go unencrypted
// into a room that has become encrypted.
func (m *Matrix) refreshEncryption(ctx context.Context, s *session, r *room) error {
	encrypted, err := s.isEncrypted(ctx, r.id)
	if err != nil || encrypted {
		return err
	}
	m.mu.Lock()
	readAt := r.stateReadAt
	m.mu.Unlock()
	if at := m.syncedAt.Load(); at != nil && at.After(readAt) {
		readAt = *at
	}
	if time.Since(readAt) < staleAfter {
		return nil
	}
	_, err = s.client.State(ctx, r.id)
	if err == nil {
		m.mu.Lock()
		r.stateReadAt = time.Now()
		m.mu.Unlock()
	}
	return err
}

// txnID is the transaction ID for a key. Without a key, each call returns a new one.
func txnID(s *session, key string) string {
	if key == "" {
		return s.client.TxnID()
	}
	return "catchword-" + hash(key)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
