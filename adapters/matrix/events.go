package matrix

import (
	"context"
	"sync"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
	"github.com/ukmedlibs/catchword/adapters/matrix/html"
)

const (
	// eventCacheSize is how many events have their metadata cached.
	eventCacheSize = 4096
	// maxReplyDepth limits how far replies to replies are followed.
	maxReplyDepth = 50
)

// An eventMeta says how an event relates to others, which is never encrypted.
type eventMeta struct {
	id        id.EventID
	sender    id.UserID
	timestamp int64
	relates   event.RelatesTo
	replaces  id.EventID // of an edit
	redacted  bool
}

func eventMetaOf(e *event.Event) eventMeta {
	meta := eventMeta{id: e.ID, sender: e.Sender, timestamp: e.Timestamp, redacted: redacted(e)}
	var relates *event.RelatesTo
	switch c := e.Content.Parsed.(type) {
	case event.Relatable:
		relates = c.OptionalGetRelatesTo()
	case *event.EncryptedEventContent:
		relates = c.RelatesTo
	}
	if relates != nil {
		meta.relates, meta.replaces = *relates, relates.GetReplaceID()
	}
	return meta
}

// eventMeta returns the metadata of an event, from the cache or the homeserver.
func (m *Matrix) eventMeta(ctx context.Context, s *session, roomID id.RoomID, e id.EventID) (eventMeta, error) {
	if meta, ok := m.recent.get(e); ok {
		return meta, nil
	}
	found, err := m.getEvent(ctx, s, roomID, e)
	if err != nil {
		return eventMeta{}, err
	}
	meta := eventMetaOf(found)
	m.recent.put(meta)
	return meta, nil
}

// getEvent asks the homeserver for an event.
func (m *Matrix) getEvent(ctx context.Context, s *session, roomID id.RoomID, e id.EventID) (found *event.Event, err error) {
	err = m.call(ctx, "read message", adapters.RoomID(roomID), func(ctx context.Context) (err error) {
		found, err = s.client.GetEvent(ctx, roomID, e)
		if err == nil && (found == nil || found.ID != e) {
			err = errBadResponse
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if found.RoomID != "" && found.RoomID != roomID { // Dendrite 0.15 answers with events of any room
		return nil, refused("read message", "M_NOT_FOUND", "", m.roomName(roomID), "")
	}
	found.RoomID = roomID
	found.Type.Class = event.MessageEventType
	parse(found)
	return found, nil
}

// threadOf is the root of an event's thread, or "". If the root is a copy, it is the original.
func (m *Matrix) threadOf(ctx context.Context, s *session, roomID id.RoomID, relates *event.RelatesTo) (id.EventID, error) {
	root, err := m.rootOf(ctx, s, roomID, relates)
	return m.originalRoot(root), err
}

// rootOf is the root of an event's thread, or "". A reply without a thread belongs to the thread of the message that it
// replies to, or begins one there.
func (m *Matrix) rootOf(ctx context.Context, s *session, roomID id.RoomID, relates *event.RelatesTo) (id.EventID, error) {
	if root := relates.GetThreadParent(); root != "" {
		return root, nil
	}
	answered := relates.GetNonFallbackReplyTo()
	for range maxReplyDepth {
		if answered == "" {
			break
		}
		meta, err := m.eventMeta(ctx, s, roomID, answered)
		if calls.IsFinal(err) {
			break // it is gone, or was never there
		}
		if err != nil {
			return "", err
		}
		next := meta.relates.GetNonFallbackReplyTo()
		switch {
		case meta.relates.GetThreadParent() != "":
			return meta.relates.GetThreadParent(), nil
		case meta.replaces != "":
			next = meta.replaces
		case next == "":
			return answered, nil
		}
		answered = next
	}
	return answered, nil
}

// user is somebody as a room shows them. If a direct message room shows no name, as in an invitation, it is the one
// from a joined room. Their picture has no web address, for it needs a login: only other Matrix rooms can show it.
func (m *Matrix) user(ctx context.Context, s *session, roomID id.RoomID, user id.UserID) adapters.User {
	name, picture, rooms := "", "", []id.RoomID{roomID}
	if m.room(roomID) == nil {
		rooms = append(rooms, m.joinedRooms()...)
	}
	for _, roomID := range rooms {
		member, err := s.state.TryGetMember(ctx, roomID, user)
		if err != nil || member == nil || adapters.CleanLine(member.Displayname) == "" {
			continue
		}
		name = member.Displayname
		if _, err := member.AvatarURL.Parse(); err == nil {
			picture = string(member.AvatarURL)
		}
		break
	}
	return adapters.User{ID: adapters.UserID(user), Name: adapters.CleanName(name, user.Localpart(), string(user)), Picture: picture}
}

// UserName is the name that a joined room shows for somebody.
func (m *Matrix) UserName(ctx context.Context, who adapters.UserID) (string, error) {
	s := m.currentSession()
	if s == nil {
		return "", nil
	}
	return m.user(ctx, s, "", id.UserID(who)).Name, nil
}

func (m *Matrix) userNameOf(ctx context.Context, s *session, roomID id.RoomID) html.NameOf {
	return func(user id.UserID) string { return m.user(ctx, s, roomID, user).Name }
}

// botNames are the bot's names in a room.
func (m *Matrix) botNames(ctx context.Context, s *session, roomID id.RoomID) []string {
	name := m.user(ctx, s, roomID, s.me).Name
	m.botName.Store(&name)
	return []string{string(s.me), name, s.me.Localpart()}
}

// An eventCache holds the metadata of recent events. The zero value is ready to use.
type eventCache struct {
	mu     sync.Mutex
	events map[id.EventID]eventMeta
	order  []id.EventID
}

func (r *eventCache) get(e id.EventID) (eventMeta, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	meta, ok := r.events[e]
	return meta, ok
}

func (r *eventCache) put(meta eventMeta) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.events == nil {
		r.events = map[id.EventID]eventMeta{}
	}
	if _, ok := r.events[meta.id]; !ok {
		r.order = append(r.order, meta.id)
	}
	r.events[meta.id] = meta
	if len(r.order) > eventCacheSize {
		delete(r.events, r.order[0])
		r.order = r.order[1:]
	}
}

func (r *eventCache) markRedacted(e id.EventID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if meta, ok := r.events[e]; ok {
		meta.redacted = true
		r.events[e] = meta
	}
}
