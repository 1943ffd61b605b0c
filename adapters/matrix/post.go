package matrix

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	stdhtml "html"
	"strings"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
	"github.com/ukmedlibs/catchword/adapters/matrix/html"
)

const (
	// staleAfter is how long after the last sync it is taken for true that a room is not encrypted.
	staleAfter = pollTimeout + pollGrace
)

// A content is that of an event of ours: a message, with the key of the post that it says.
type content struct {
	event.MessageEventContent
	Key string `json:"dev.catchword.key,omitempty"`
}

// parts divides a post.
func parts(p adapters.Post) []calls.Part { return calls.Parts(p.Key, html.Split(p.Text)) }

// Post says p. It never waits: where the homeserver asks to, the error says for how long.
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

// lookupRoom finds the room in which a place is now.
func (m *Matrix) lookupRoom(ctx context.Context, p adapters.RoomID) (*session, *room, error) {
	s, err := m.ensureSession(ctx)
	if err != nil {
		return nil, nil, err
	}
	if r := m.currentRoom(p); r != nil {
		return s, r, nil
	}
	return nil, nil, calls.Errorf("the room %s was not joined", p)
}

// say sends one message. The key is its transaction, so that whatever was sent twice shows once, for as long as the
// homeserver remembers.
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
		err = &adapters.RetryError{Err: fmt.Errorf("%w; it was, and the bot is on its way", err)}
	}
	return adapters.MessageID(sent), err
}

// isReplaced tells whether a room has a successor, which a sync may not have told yet.
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

// contentOf is what a message says, under the name of its persona. Whatever shows no such names has it before the text:
// https://github.com/matrix-org/matrix-spec-proposals/pull/4144
func contentOf(as adapters.Persona, part calls.Part) *content {
	c := &content{Key: part.Key}
	c.MsgType, c.Mentions = event.MsgNotice, &event.Mentions{}
	c.Body, c.FormattedBody = html.FromCommonMark(part.Text)
	if name := html.DisarmMentions(as.Byline()); name != "" {
		if c.FormattedBody == "" {
			c.FormattedBody = event.TextToHTML(c.Body)
		}
		c.MsgType = event.MsgText
		c.BeeperPerMessageProfile = &event.BeeperPerMessageProfile{ID: hash(as.Workspace + "/" + as.Name), Displayname: name, HasFallback: true}
		if picture := id.ContentURIString(as.Picture); strings.HasPrefix(as.Picture, "mxc://") {
			c.BeeperPerMessageProfile.AvatarURL = &picture
		}
		c.Body = name + ": " + c.Body
		c.FormattedBody = "<strong data-mx-profile-fallback>" + stdhtml.EscapeString(name) + ": </strong>" + c.FormattedBody
	}
	if c.FormattedBody != "" {
		c.Format = event.FormatHTML
	}
	return c
}

// refreshEncryption asks anew whether a room is encrypted if nothing was heard of it for long: what is said must not go out in
// plain where people expect that it can't.
func (m *Matrix) refreshEncryption(ctx context.Context, s *session, r *room) error {
	encrypted, err := s.isEncrypted(ctx, r.id)
	if err != nil || encrypted {
		return err
	}
	m.mu.Lock()
	known := r.stateReadAt
	m.mu.Unlock()
	if at := m.syncedAt.Load(); at != nil && at.After(known) {
		known = *at
	}
	if time.Since(known) < staleAfter {
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

// txnID is a key that may stand in an address. What has no key has a transaction of its own.
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
