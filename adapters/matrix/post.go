package matrix

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	stdhtml "html"
	"strconv"
	"strings"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix/html"
)

const (
	// settleDelay is how long the homeserver gets to finish a post whose response was lost, before it is looked for, and to
	// show what it has taken: Dendrite 0.15.2 tells of a message in /messages some time after it has answered its sender.
	settleDelay = time.Second
	// staleAfter is how long after the last sync it is taken for true that a room is not encrypted.
	staleAfter = pollTimeout + pollGrace
)

// A content is that of an event of ours: a message, with the key of the post that it says.
type content struct {
	event.MessageEventContent
	Key string `json:"dev.catchword.key,omitempty"`
}

// A part is a post, or a piece of one that is too long for an event.
type part struct {
	key  string
	text string
}

// parts divides a post.
func parts(p adapters.Post) []part {
	var all []part
	for i, text := range html.Split(p.Text) {
		all = append(all, part{key: partKey(p.Key, i), text: text})
	}
	return all
}

// partKey is the key of a piece: that of the post itself for the first.
func partKey(key string, i int) string {
	if i == 0 || key == "" {
		return key
	}
	return key + "#" + strconv.Itoa(i+1)
}

// Post says p. It never waits: where the homeserver asks to, the error says for how long.
func (m *Matrix) Post(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
	sent, err := m.post(ctx, p)
	if err != nil {
		return "", fmt.Errorf("post %s: %w", p.Key, err)
	}
	return adapters.MessageID(sent), nil
}

func (m *Matrix) post(ctx context.Context, p adapters.Post) (sent id.EventID, err error) {
	s, r, err := m.lookupRoom(ctx, p.Room)
	if err != nil {
		return "", err
	}
	since := m.startAttempt(p)
	defer func() {
		if _, passes := errors.AsType[*adapters.RetryError](err); !passes {
			m.endAttempt(p)
		}
	}()
	existing := map[string]id.EventID{} // keys to where they were said
	if p.Retry {
		if existing, err = m.findPosted(ctx, s, r, p, since); err != nil {
			return "", err
		}
	}
	sent = existing[p.Key]
	switch {
	case p.Text != "":
	case !p.Retry:
		return "", finalError{errors.New("there is nothing to say")}
	case sent == "" && m.searchedFor(p) < settleDelay:
		return "", &adapters.RetryError{After: settleDelay, Err: errors.New("it isn't there, and is looked for once more: a homeserver may show late what it has taken")}
	default:
		return sent, nil
	}
	all := parts(p)
	if sent == "" {
		if sent, err = m.postPart(ctx, s, r, p, all[0]); err != nil {
			return "", err
		}
	}
	if err := m.postRest(ctx, s, r, sent, p, all, existing); err != nil {
		if _, passes := errors.AsType[*adapters.RetryError](err); passes {
			return "", err
		}
		m.log.Error("the rest of a long post is lost", "key", p.Key, "error", err)
	}
	return sent, nil
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
	return nil, nil, finalError{fmt.Errorf("the room %s was not joined", p)}
}

// postRest says the pieces after the first, but for those that are there: where the first was said, or in the thread
// that it began.
func (m *Matrix) postRest(ctx context.Context, s *session, r *room, first id.EventID, p adapters.Post, all []part, existing map[string]id.EventID) error {
	if p.Thread == "" {
		p.Thread = adapters.MessageID(first)
	}
	for i, part := range all[1:] {
		sent := existing[part.key]
		if sent == "" {
			var err error
			if sent, err = m.postPart(ctx, s, r, p, part); err != nil {
				return err
			}
		}
		if err := m.tables.putPiece(ctx, first, i+2, sent); err != nil {
			return &adapters.RetryError{Err: err}
		}
	}
	return nil
}

// say sends one message. The key is its transaction, so that whatever was sent twice shows once, for as long as the
// homeserver remembers.
func (m *Matrix) postPart(ctx context.Context, s *session, r *room, p adapters.Post, part part) (sent id.EventID, err error) {
	c := contentOf(p.As, part)
	err = m.call(ctx, "send", p.Room, func(ctx context.Context) (err error) {
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
		sent, err = s.send(ctx, r.id, event.EventMessage, c, txnID(s, part.key))
		return err
	})
	if hasCode(err, "M_FORBIDDEN") && m.isReplaced(ctx, s, r) {
		err = &adapters.RetryError{Err: fmt.Errorf("%w; it was, and the bot is on its way", err)}
	}
	if retry, ok := errors.AsType[*adapters.RetryError](err); ok && retry.After == 0 {
		retry.After = settleDelay
	}
	return sent, err
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
func contentOf(as adapters.Persona, part part) *content {
	c := &content{Key: part.key}
	c.MsgType, c.Mentions = event.MsgNotice, &event.Mentions{}
	c.Body, c.FormattedBody = html.FromCommonMark(part.text)
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

// startAttempt notes when a post was first tried, and tells since when it may be there: for a first try that this process
// knows nothing of, the zero time.
func (m *Matrix) startAttempt(p adapters.Post) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	first, ok := m.firstTried[p.Key]
	if !ok && !p.Retry {
		first = time.Now()
		m.firstTried[p.Key] = first
	}
	return first
}

// searchedFor is for how long a post has been looked for in vain.
func (m *Matrix) searchedFor(p adapters.Post) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.firstSought[p.Key].IsZero() {
		m.firstSought[p.Key] = time.Now()
	}
	return time.Since(m.firstSought[p.Key])
}

func (m *Matrix) endAttempt(p adapters.Post) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.firstTried, p.Key)
	delete(m.firstSought, p.Key)
}
