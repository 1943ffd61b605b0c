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
	// settling is how long the homeserver gets to finish a post whose response was lost, before it is looked for, and to
	// show what it has taken: Dendrite 0.15.2 tells of a message in /messages some time after it has answered its sender.
	settling = time.Second
	// stale is how long after the last sync it is taken for true that a room is not encrypted.
	stale = poll + grace
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
	said, err := m.post(ctx, p)
	if err != nil {
		return "", fmt.Errorf("post %s: %w", p.Key, err)
	}
	return adapters.MessageID(said), nil
}

func (m *Matrix) post(ctx context.Context, p adapters.Post) (said id.EventID, err error) {
	s, r, err := m.in(ctx, p.Room)
	if err != nil {
		return "", err
	}
	since := m.trying(p)
	defer func() {
		if _, passes := errors.AsType[*adapters.RetryError](err); !passes {
			m.settled(p)
		}
	}()
	there := map[string]id.EventID{} // keys to where they were said
	if p.Retry {
		if there, err = m.search(ctx, s, r, p, since); err != nil {
			return "", err
		}
	}
	said = there[p.Key]
	switch {
	case p.Text != "":
	case !p.Retry:
		return "", fault{errors.New("there is nothing to say")}
	case said == "" && m.seeking(p) < settling:
		return "", &adapters.RetryError{After: settling, Err: errors.New("it isn't there, and is looked for once more: a homeserver may show late what it has taken")}
	default:
		return said, nil
	}
	all := parts(p)
	if said == "" {
		if said, err = m.say(ctx, s, r, p, all[0]); err != nil {
			return "", err
		}
	}
	if err := m.sayRest(ctx, s, r, said, p, all, there); err != nil {
		if _, passes := errors.AsType[*adapters.RetryError](err); passes {
			return "", err
		}
		m.log.Error("the rest of a long post is lost", "key", p.Key, "error", err)
	}
	return said, nil
}

// in finds the room in which a place is now.
func (m *Matrix) in(ctx context.Context, p adapters.RoomID) (*session, *room, error) {
	s, err := m.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	if r := m.current(p); r != nil {
		return s, r, nil
	}
	return nil, nil, fault{fmt.Errorf("the room %s was not joined", p)}
}

// sayRest says the pieces after the first, but for those that are there: where the first was said, or in the thread
// that it began.
func (m *Matrix) sayRest(ctx context.Context, s *session, r *room, first id.EventID, p adapters.Post, all []part, there map[string]id.EventID) error {
	if p.Thread == "" {
		p.Thread = adapters.MessageID(first)
	}
	for i, part := range all[1:] {
		said := there[part.key]
		if said == "" {
			var err error
			if said, err = m.say(ctx, s, r, p, part); err != nil {
				return err
			}
		}
		if err := m.tables.putPiece(ctx, first, i+2, said); err != nil {
			return &adapters.RetryError{Err: err}
		}
	}
	return nil
}

// say sends one message. The key is its transaction, so that whatever was sent twice shows once, for as long as the
// homeserver remembers.
func (m *Matrix) say(ctx context.Context, s *session, r *room, p adapters.Post, part part) (said id.EventID, err error) {
	c := contentOf(p.As, part)
	err = m.call(ctx, "send", p.Room, func(ctx context.Context) (err error) {
		if err := m.knowEncryption(ctx, s, r); err != nil {
			return err
		}
		if p.Thread != "" {
			root, err := m.anchor(ctx, s, r, id.EventID(p.Thread))
			if err != nil {
				return err
			}
			c.RelatesTo = (&event.RelatesTo{}).SetThread(root, root)
		}
		said, err = s.send(ctx, r.id, event.EventMessage, c, transaction(s, part.key))
		return err
	})
	if refused(err, "M_FORBIDDEN") && m.isReplaced(ctx, s, r) {
		err = &adapters.RetryError{Err: fmt.Errorf("%w; it was, and the bot is on its way", err)}
	}
	if retry, ok := errors.AsType[*adapters.RetryError](err); ok && retry.After == 0 {
		retry.After = settling
	}
	return said, err
}

// isReplaced tells whether a room has a successor, which a sync may not have told yet.
func (m *Matrix) isReplaced(ctx context.Context, s *session, r *room) bool {
	var stone event.TombstoneEventContent
	err := m.call(ctx, "read state", r.place, func(ctx context.Context) error {
		return s.client.StateEvent(ctx, r.id, event.StateTombstone, "", &stone)
	})
	if err != nil || stone.ReplacementRoom == "" {
		return false
	}
	m.mu.Lock()
	r.successor = stone.ReplacementRoom
	m.mu.Unlock()
	m.nudge()
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

// knowEncryption asks anew whether a room is encrypted if nothing was heard of it for long: what is said must not go out in
// plain where people expect that it can't.
func (m *Matrix) knowEncryption(ctx context.Context, s *session, r *room) error {
	encrypted, err := s.isEncrypted(ctx, r.id)
	if err != nil || encrypted {
		return err
	}
	m.mu.Lock()
	known := r.read
	m.mu.Unlock()
	if at := m.heardAt.Load(); at != nil && at.After(known) {
		known = *at
	}
	if time.Since(known) < stale {
		return nil
	}
	_, err = s.client.State(ctx, r.id)
	if err == nil {
		m.mu.Lock()
		r.read = time.Now()
		m.mu.Unlock()
	}
	return err
}

// transaction is a key that may stand in an address. What has no key has a transaction of its own.
func transaction(s *session, key string) string {
	if key == "" {
		return s.client.TxnID()
	}
	return "catchword-" + hash(key)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// trying notes when a post was first tried, and tells since when it may be there: for a first try that this process
// knows nothing of, the zero time.
func (m *Matrix) trying(p adapters.Post) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	first, ok := m.tried[p.Key]
	if !ok && !p.Retry {
		first = time.Now()
		m.tried[p.Key] = first
	}
	return first
}

// seeking is for how long a post has been looked for in vain.
func (m *Matrix) seeking(p adapters.Post) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sought[p.Key].IsZero() {
		m.sought[p.Key] = time.Now()
	}
	return time.Since(m.sought[p.Key])
}

func (m *Matrix) settled(p adapters.Post) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.tried, p.Key)
	delete(m.sought, p.Key)
}
