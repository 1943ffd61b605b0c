package matrix

import (
	"context"
	"strings"
	"sync"
	"unicode"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix/html"
)

const (
	// remembered is how many events it is known of, without asking, what they belong to.
	remembered = 4096
	// mostHops bounds how far answers to answers are followed.
	mostHops = 50
)

// A brief is what an event belongs to, which is never encrypted.
type brief struct {
	id       id.EventID
	sender   id.UserID
	at       int64
	relates  event.RelatesTo
	replaces id.EventID // of an edit
	redacted bool
}

func briefOf(e *event.Event) brief {
	b := brief{id: e.ID, sender: e.Sender, at: e.Timestamp, redacted: redacted(e)}
	var relates *event.RelatesTo
	switch c := e.Content.Parsed.(type) {
	case event.Relatable:
		relates = c.OptionalGetRelatesTo()
	case *event.EncryptedEventContent:
		relates = c.RelatesTo
	}
	if relates != nil {
		b.relates, b.replaces = *relates, relates.GetReplaceID()
	}
	return b
}

// brief tells what an event belongs to, and asks where it must.
func (m *Matrix) brief(ctx context.Context, s *session, in id.RoomID, e id.EventID) (brief, error) {
	if b, ok := m.recent.get(e); ok {
		return b, nil
	}
	found, err := m.event(ctx, s, in, e)
	if err != nil {
		return brief{}, err
	}
	b := briefOf(found)
	m.recent.put(b)
	return b, nil
}

// event asks for an event.
func (m *Matrix) event(ctx context.Context, s *session, in id.RoomID, e id.EventID) (found *event.Event, err error) {
	err = m.call(ctx, "read message", adapters.RoomID(in), func(ctx context.Context) (err error) {
		found, err = s.client.GetEvent(ctx, in, e)
		if err == nil && (found == nil || found.ID != e) {
			err = errNoAnswer
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if found.RoomID != "" && found.RoomID != in { // Dendrite 0.15 answers with events of any room
		return nil, &refusal{what: "read message", code: "M_NOT_FOUND", room: m.nameOf(in)}
	}
	found.RoomID = in
	found.Type.Class = event.MessageEventType
	parse(found)
	return found, nil
}

// threadOf is the root of the thread in which something was said, or "", by which others know it.
func (m *Matrix) threadOf(ctx context.Context, s *session, in id.RoomID, relates *event.RelatesTo) (id.EventID, error) {
	root, err := m.rootOf(ctx, s, in, relates)
	return m.original(root), err
}

// rootOf is the root of the thread in which something was said, or "". Who answers a message without a thread is in the
// one that it begins, or in which it was said.
func (m *Matrix) rootOf(ctx context.Context, s *session, in id.RoomID, relates *event.RelatesTo) (id.EventID, error) {
	if root := relates.GetThreadParent(); root != "" {
		return root, nil
	}
	answered := relates.GetNonFallbackReplyTo()
	for range mostHops {
		if answered == "" {
			break
		}
		b, err := m.brief(ctx, s, in, answered)
		if isFinal(err) {
			break // it is gone, or was never there
		}
		if err != nil {
			return "", err
		}
		next := b.relates.GetNonFallbackReplyTo()
		switch {
		case b.relates.GetThreadParent() != "":
			return b.relates.GetThreadParent(), nil
		case b.replaces != "":
			next = b.replaces
		case next == "":
			return answered, nil
		}
		answered = next
	}
	return answered, nil
}

// user is somebody as a room shows them. Where a private room shows no name, they are called as in a room that is heard: an
// invitation has none, and what is known of them there may be no more than that. Their picture has no address on the web, as
// it is for those alone who are logged in to a homeserver: other Matrix rooms can show it, and no other platform.
func (m *Matrix) user(ctx context.Context, s *session, in id.RoomID, user id.UserID) adapters.User {
	name, picture, rooms := "", "", []id.RoomID{in}
	if m.room(in) == nil {
		rooms = append(rooms, m.heard()...)
	}
	for _, in := range rooms {
		member, err := s.state.TryGetMember(ctx, in, user)
		if err != nil || member == nil || cleaned(member.Displayname) == "" {
			continue
		}
		name = cleaned(member.Displayname)
		if _, err := member.AvatarURL.Parse(); err == nil {
			picture = string(member.AvatarURL)
		}
		break
	}
	if name == "" {
		name = user.Localpart()
	}
	if name == "" {
		name = string(user)
	}
	return adapters.User{ID: adapters.UserID(user), Name: name, Picture: picture}
}

// cleaned is a name that a stranger chose, as one line without control characters, of which databases refuse some.
func cleaned(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, name)
	return strings.Join(strings.Fields(name), " ")
}

// NameOf tells what people call each other in a room.
func (m *Matrix) naming(ctx context.Context, s *session, in id.RoomID) html.NameOf {
	return func(user id.UserID) string { return m.user(ctx, s, in, user).Name }
}

// names are what people call the bot in a room.
func (m *Matrix) names(ctx context.Context, s *session, in id.RoomID) []string {
	return []string{string(s.me), m.user(ctx, s, in, s.me).Name, s.me.Localpart()}
}

// recent is what was heard lately. The zero value is ready to use.
type recent struct {
	mu     sync.Mutex
	briefs map[id.EventID]brief
	order  []id.EventID
}

func (r *recent) get(e id.EventID) (brief, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, ok := r.briefs[e]
	return b, ok
}

func (r *recent) put(b brief) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.briefs == nil {
		r.briefs = map[id.EventID]brief{}
	}
	if _, ok := r.briefs[b.id]; !ok {
		r.order = append(r.order, b.id)
	}
	r.briefs[b.id] = b
	if len(r.order) > remembered {
		delete(r.briefs, r.order[0])
		r.order = r.order[1:]
	}
}

// erase notes that an event was redacted.
func (r *recent) erase(e id.EventID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b, ok := r.briefs[e]; ok {
		b.redacted = true
		r.briefs[e] = b
	}
}
