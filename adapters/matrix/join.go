package matrix

import (
	"context"
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// inviteRetryAfter is how often to try to join a room that needs an invitation.
const inviteRetryAfter = 15 * time.Second

// Join finds a room by its alias or ID, and joins it: a private room once the bot is invited. The alias may lack its
// "#", and its server if that is the bot's own. If the room was replaced, it joins its successor.
func (m *Matrix) Join(ctx context.Context, name string) (adapters.Room, error) {
	r, err := m.join(ctx, strings.TrimSpace(name))
	if err != nil {
		return adapters.Room{}, fmt.Errorf("join %s: %w", name, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return adapters.Room{ID: r.stableID, Name: r.name()}, nil
}

func (m *Matrix) join(ctx context.Context, name string) (*room, error) {
	s, err := m.ensureSession(ctx)
	if err != nil {
		return nil, err
	}
	// The bot receives everything from here on.
	if err := m.firstSync(ctx, s); err != nil {
		return nil, err
	}
	found, via, err := m.resolveRoom(ctx, s, name)
	if err != nil {
		return nil, err
	}
	if r := m.currentRoom(adapters.RoomID(found)); r != nil {
		found = r.id // it may have been upgraded since
	}
	return m.joinLatest(ctx, s, found, via, name)
}

// joinLatest joins a room, or the last of its successors.
func (m *Matrix) joinLatest(ctx context.Context, s *session, found id.RoomID, via []string, name string) (*room, error) {
	seen := map[id.RoomID]bool{}
	for !seen[found] {
		seen[found] = true
		r, next, err := m.joinRoom(ctx, s, found, via, name)
		if err != nil || next == "" {
			return r, err
		}
		via = append(via, s.server)
		found = next
	}
	return nil, calls.Errorf("the room and its successors replace each other in a circle: ask the person who upgraded it")
}

// resolveRoom finds the ID of a room, and servers that know it.
func (m *Matrix) resolveRoom(ctx context.Context, s *session, name string) (found id.RoomID, via []string, err error) {
	if strings.HasPrefix(name, "!") {
		if _, server, ok := strings.Cut(name, ":"); ok {
			via = []string{server}
		}
		return id.RoomID(name), via, nil
	}
	alias := "#" + strings.TrimPrefix(name, "#")
	if alias == "#" || strings.ContainsAny(alias, " \t\n/") {
		return "", nil, calls.Errorf("this is not a room name: write its alias or ID, like #ukmedlibs:example.org")
	}
	if !strings.Contains(alias, ":") {
		alias += ":" + s.server
	}
	var resp *mautrix.RespAliasResolve
	err = calls.Retry(ctx, func() error {
		return m.call(ctx, "find room", "", func(ctx context.Context) (err error) {
			resp, err = s.client.ResolveAlias(ctx, id.RoomAlias(alias))
			if err == nil && (resp == nil || resp.RoomID == "") {
				err = errBadResponse
			}
			return err
		})
	})
	if calls.HasCode(err, "M_NOT_FOUND") {
		return "", nil, calls.Errorf("no room is called %s: write its main address as the room's settings show it, or its ID", alias)
	}
	if err != nil {
		return "", nil, err
	}
	return resp.RoomID, resp.Servers, nil
}

// joinRoom joins one room, and reads its state. next is the room's successor, or "".
func (m *Matrix) joinRoom(ctx context.Context, s *session, found id.RoomID, via []string, name string) (r *room, next id.RoomID, err error) {
	m.mu.Lock()
	m.toJoin[found] = name
	m.mu.Unlock()
	err = m.call(ctx, "join", adapters.RoomID(found), func(ctx context.Context) error {
		_, err := s.client.JoinRoom(ctx, string(found), &mautrix.ReqJoinRoom{Via: via})
		return err
	})
	if calls.HasCode(err, "M_FORBIDDEN") {
		return nil, "", &adapters.RetryError{After: inviteRetryAfter, Err: fmt.Errorf("%w; in the room, type /invite %s, and it joins by itself", err, s.me)}
	}
	if err != nil {
		return nil, "", err
	}
	state, err := m.readState(ctx, s, found)
	if err != nil {
		return nil, "", err
	}
	if encrypted := state[event.StateEncryption][""]; encrypted != nil && !canEncrypt {
		return nil, "", calls.Errorf("%w", errNoEncryption)
	}
	if r, err = m.registerRoom(ctx, found, state, name); err != nil {
		return nil, "", err
	}
	if tombstone := state[event.StateTombstone][""]; tombstone != nil {
		next = tombstone.Content.AsTombstone().ReplacementRoom
	}
	return r, next, nil
}

// readState reads the state of a room, also into the state store. Nothing may be posted before: it might go out
// unencrypted into an encrypted room.
func (m *Matrix) readState(ctx context.Context, s *session, found id.RoomID) (state mautrix.RoomStateMap, err error) {
	err = calls.Retry(ctx, func() error {
		return m.call(ctx, "read state", adapters.RoomID(found), func(ctx context.Context) error {
			state, err = s.client.State(ctx, found)
			if err == nil && len(state) == 0 {
				err = errBadResponse
			}
			if e := state[event.StateEncryption][""]; err == nil && e != nil { // the library may not understand its content
				err = s.state.SetEncryptionEvent(ctx, found, &event.EncryptionEventContent{})
			}
			return err
		})
	})
	return state, err
}

// registerRoom stores a room that was joined.
func (m *Matrix) registerRoom(ctx context.Context, found id.RoomID, state mautrix.RoomStateMap, name string) (*room, error) {
	stableID, err := m.stableIDOf(ctx, found, state)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if err := m.tables.saveRoom(ctx, found, id.RoomID(stableID), name, now); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rooms[found]
	if r == nil {
		r = &room{id: found, stableID: stableID, joinedAt: now}
		m.rooms[found] = r
	}
	r.stateReadAt = now
	if r.joinName == "" || strings.HasPrefix(r.joinName, "!") {
		r.joinName = name
	}
	if e := state[event.StateCanonicalAlias][""]; e != nil {
		r.alias = adapters.CleanLine(string(e.Content.AsCanonicalAlias().Alias))
	}
	if e := state[event.StateRoomName][""]; e != nil {
		r.title = adapters.CleanLine(e.Content.AsRoomName().Name)
	}
	if e := state[event.StateTombstone][""]; e != nil {
		r.successor = e.Content.AsTombstone().ReplacementRoom
	}
	return r, nil
}

// ensureRegistered registers a room that was joined, unless that is done: no message may be missed while joinRoom still
// reads the state.
func (m *Matrix) ensureRegistered(ctx context.Context, s *session, roomID id.RoomID) error {
	m.mu.Lock()
	name, known := m.toJoin[roomID], m.rooms[roomID] != nil
	m.mu.Unlock()
	if name == "" || known {
		return nil
	}
	return m.retryUntilDone(ctx, func() error {
		state, err := m.readState(ctx, s, roomID)
		if err == nil {
			_, err = m.registerRoom(ctx, roomID, state, name)
		}
		if calls.IsFinal(err) {
			m.log.Warn("can't receive from a room", "room", roomID, "error", err)
			return nil
		}
		return err
	})
}

// stableIDOf is the stable ID of a room: that of the room which it has replaced, if the bot knew that one, and else its
// own.
func (m *Matrix) stableIDOf(ctx context.Context, found id.RoomID, state mautrix.RoomStateMap) (adapters.RoomID, error) {
	stored, err := m.tables.rooms(ctx)
	if err != nil {
		return "", err
	}
	var before id.RoomID
	if e := state[event.StateCreate][""]; e != nil && e.Content.AsCreate().Predecessor != nil {
		before = e.Content.AsCreate().Predecessor.RoomID
	}
	stableID := found
	for _, p := range stored {
		if p.room == found {
			return adapters.RoomID(p.stableID), nil
		}
		if p.room == before {
			stableID = p.stableID
		}
	}
	return adapters.RoomID(stableID), nil
}

// firstSync makes the first sync of an account. The bot receives nothing from before it: that is history.
func (m *Matrix) firstSync(ctx context.Context, s *session) error {
	m.loginMu.Lock()
	defer m.loginMu.Unlock()
	d, err := m.tables.device(ctx)
	if err != nil || d.nextBatch != "" {
		return err
	}
	resp, err := m.syncOnce(ctx, s, "", 0)
	if err != nil {
		return err
	}
	s.keys.processSync(ctx, resp, "")
	return m.tables.advance(ctx, resp.NextBatch, nil)
}
