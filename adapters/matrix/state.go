package matrix

import (
	"context"
	"maps"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/sqlstatestore"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// A stateStore stores the state of rooms. A room that was encrypted once stays encrypted, whatever its state says
// later:
// https://spec.matrix.org/latest/client-server-api/#mroomencryption
type stateStore struct{ *sqlstatestore.SQLStateStore }

func (s stateStore) SetEncryptionEvent(ctx context.Context, room id.RoomID, content *event.EncryptionEventContent) error {
	if content.Algorithm != id.AlgorithmMegolmV1 {
		if known, err := s.IsEncrypted(ctx, room); err != nil || known {
			return err
		}
		content = &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}
	}
	return s.SQLStateStore.SetEncryptionEvent(ctx, room, content)
}

// processState processes a state event. news says that it is a change, and not what was true before.
func (m *Matrix) processState(ctx context.Context, s *session, e *event.Event, sink adapters.Sink, news bool) error {
	e.Type.Class = event.StateEventType
	parse(e)
	if e.Content.Parsed == nil && e.Type == event.StateEncryption {
		e.Content.Parsed = &event.EncryptionEventContent{} // whatever it says
	}
	if e.Content.Parsed == nil {
		return nil // an unknown type, or not readable
	}
	if e.Type == event.StateMember {
		s.keys.processMember(ctx, e)
	}
	mautrix.UpdateStateStore(ctx, s.state, e)
	r := m.room(e.RoomID)
	if r == nil {
		return nil
	}
	switch e.Type {
	case event.StateMember:
		if m.noteRedactedUser(ctx, s, e) {
			at := time.UnixMilli(e.Timestamp).UTC()
			return m.deliver(ctx, sink, &adapters.UserRedacted{Room: r.stableID, User: adapters.UserID(e.GetStateKey()), At: at})
		}
		if news && id.UserID(e.GetStateKey()) == s.me && isJoin(e) {
			return m.deliver(ctx, sink, &adapters.RoomOpened{Room: r.stableID})
		}
		if news && id.UserID(e.GetStateKey()) != s.me && isJoin(e) {
			author := m.user(ctx, s, e.RoomID, id.UserID(e.GetStateKey()))
			return m.deliver(ctx, sink, &adapters.MemberJoined{Room: r.stableID, User: author, At: time.UnixMilli(e.Timestamp).UTC()})
		}
	case event.StatePowerLevels:
		if news {
			return m.deliver(ctx, sink, &adapters.RoomOpened{Room: r.stableID})
		}
	case event.StateCanonicalAlias, event.StateRoomName:
		if name := m.updateName(r, e); name != "" && news {
			return m.deliver(ctx, sink, &adapters.RoomRenamed{Room: r.stableID, Name: name})
		}
	case event.StateEncryption:
		if !canEncrypt {
			m.log.Error("room is now encrypted, and this build has no encryption; can't post or receive in it", "room", r.name(), "error", errNoEncryption)
		}
	case event.StateTombstone:
		m.mu.Lock()
		r.successor = e.Content.AsTombstone().ReplacementRoom
		m.mu.Unlock()
		m.wakeHousekeeping()
	}
	return nil
}

// noteRedactedUser notes that somebody was removed from a room with everything that they sent, by somebody who may
// redact: https://github.com/matrix-org/matrix-spec-proposals/pull/4293
func (m *Matrix) noteRedactedUser(ctx context.Context, s *session, e *event.Event) bool {
	membership := e.Content.AsMember().Membership
	user := id.UserID(e.GetStateKey())
	if membership != event.MembershipBan && membership != event.MembershipLeave || user == e.Sender || user == s.me {
		return false
	}
	redacts := false
	for _, field := range []string{"redact_events", "org.matrix.msc4293.redact_events"} {
		set, _ := e.Content.Raw[field].(bool)
		redacts = redacts || set
	}
	if !redacts {
		return false
	}
	if levels, err := s.state.GetPowerLevels(ctx, e.RoomID); err != nil || levels != nil && levels.GetUserLevel(e.Sender) < levels.Redact() {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.redactedUsers[memberKey{e.RoomID, user}] = e.Timestamp
	return true
}

// isRedactedUser reports whether an event is from before its sender was removed with everything that they sent. The
// homeserver may still show it.
func (m *Matrix) isRedactedUser(e *event.Event) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	until, ok := m.redactedUsers[memberKey{e.RoomID, e.Sender}]
	return ok && e.Timestamp <= until
}

// A memberKey is somebody in a room.
type memberKey struct {
	room id.RoomID
	user id.UserID
}

// updateName updates a room's alias or title. It returns the room's new name, or "" if the name is the same as before.
func (m *Matrix) updateName(r *room, e *event.Event) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := r.name()
	if e.Type == event.StateCanonicalAlias {
		r.alias = adapters.CleanLine(string(e.Content.AsCanonicalAlias().Alias))
	} else {
		r.title = adapters.CleanLine(e.Content.AsRoomName().Name)
	}
	if after := r.name(); after != before && !r.stateReadAt.IsZero() {
		m.log.Info("room renamed", "room", before, "name", after)
		return after
	}
	return ""
}

// processInvite accepts invitations to rooms that Join was called with, and to direct messages with members of such
// rooms.
func (m *Matrix) processInvite(ctx context.Context, s *session, roomID id.RoomID, invitation *mautrix.SyncInvitedRoom, sink adapters.Sink) error {
	m.mu.Lock()
	wanted := m.toJoin[roomID] != ""
	m.mu.Unlock()
	var by id.UserID
	for _, e := range invitation.State.Events {
		if e.Type.Type == event.StateMember.Type && e.GetStateKey() == string(s.me) {
			if direct, _ := e.Content.Raw["is_direct"].(bool); direct {
				by = e.Sender
			}
		}
	}
	if !wanted && (by == "" || !m.sharesRoom(ctx, s, by)) {
		if m.firstTime("invitation " + string(roomID)) {
			m.log.Info("ignored an invitation to a room that isn't configured", "room", roomID)
		}
		return nil
	}
	err := calls.Retry(ctx, func() error {
		return m.call(ctx, "join", adapters.RoomID(roomID), func(ctx context.Context) error {
			_, err := s.client.JoinRoom(ctx, string(roomID), nil)
			return err
		})
	})
	if err != nil {
		m.log.Warn("can't accept an invitation", "room", roomID, "error", err)
		return nil
	}
	if wanted {
		m.wakeHousekeeping()
		return m.deliver(ctx, sink, &adapters.RoomOpened{Room: adapters.RoomID(roomID)})
	}
	if err := m.saveDMRoom(ctx, s, by, roomID); err != nil {
		m.log.Warn("can't set up a direct message room", "error", err)
		return nil
	}
	return m.readNewDM(ctx, s, roomID, sink)
}

// readNewDM receives what somebody sent with their invitation to direct messages. It would come with the next sync, and
// after what they posted meanwhile in other rooms.
func (m *Matrix) readNewDM(ctx context.Context, s *session, roomID id.RoomID, sink adapters.Sink) error {
	for page, err := range m.messages(ctx, s, roomID, cursor{}, historyFilter) {
		if err != nil {
			m.log.Debug("can't read a new direct message room yet", "error", err)
			return nil
		}
		for _, e := range slices.Backward(page) {
			if err := m.processEvent(ctx, s, e, sink); err != nil {
				return err
			}
		}
		break // more has no place in a new room
	}
	return nil
}

// sharesRoom reports whether somebody is in a joined room.
func (m *Matrix) sharesRoom(ctx context.Context, s *session, user id.UserID) bool {
	for _, roomID := range m.joinedRooms() {
		if s.state.IsInRoom(ctx, roomID, user) {
			return true
		}
	}
	return false
}

func (m *Matrix) joinedRooms() []id.RoomID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.rooms))
}

// processLeave processes that the bot is no longer in a room.
func (m *Matrix) processLeave(roomID id.RoomID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.rooms[roomID]; r != nil && !r.stateReadAt.IsZero() {
		m.log.Warn("the bot was removed from the room; invite it again", "room", r.name())
	}
	delete(m.dmUsers, roomID)
}
