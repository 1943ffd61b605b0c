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

// inviteRetryAfter is how long to wait until a room is tried again that nobody has invited the bot to.
const inviteRetryAfter = 15 * time.Second

// Join finds a room by its alias or ID, and enters it: a private one once the bot is invited. An alias may do without "#",
// and without the server if that is the bot's own. A room that was replaced leads to its successor.
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
	// What is said from here on is heard.
	if err := m.firstSync(ctx, s); err != nil {
		return nil, err
	}
	found, via, err := m.resolveRoom(ctx, s, name)
	if err != nil {
		return nil, err
	}
	if r := m.currentRoom(adapters.RoomID(found)); r != nil {
		found = r.id // it was joined by what it is known by to others, and may have moved since
	}
	return m.joinLatest(ctx, s, found, via, name)
}

// joinLatest enters a room, or the last of its successors.
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
	return nil, calls.Errorf("the room and its successors name each other: ask whoever upgraded it")
}

// resolveRoom asks for the ID of a room, and for servers that know it.
func (m *Matrix) resolveRoom(ctx context.Context, s *session, name string) (found id.RoomID, via []string, err error) {
	if strings.HasPrefix(name, "!") {
		if _, server, ok := strings.Cut(name, ":"); ok {
			via = []string{server}
		}
		return id.RoomID(name), via, nil
	}
	alias := "#" + strings.TrimPrefix(name, "#")
	if alias == "#" || strings.ContainsAny(alias, " \t\n/") {
		return "", nil, calls.Errorf("this is no room's name: write its alias or ID, as in #ukmedlibs:example.org")
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

// enter enters one room, and reads its state. It returns the room's successor if it has one that can be entered.
func (m *Matrix) joinRoom(ctx context.Context, s *session, found id.RoomID, via []string, name string) (r *room, next id.RoomID, err error) {
	m.mu.Lock()
	m.toJoin[found] = name
	m.mu.Unlock()
	err = m.call(ctx, "join", adapters.RoomID(found), func(ctx context.Context) error {
		_, err := s.client.JoinRoom(ctx, string(found), &mautrix.ReqJoinRoom{Via: via})
		return err
	})
	if calls.HasCode(err, "M_FORBIDDEN") {
		return nil, "", &adapters.RetryError{After: inviteRetryAfter, Err: fmt.Errorf("%w; in the room, type /invite %s, and it comes by itself", err, s.me)}
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

// readState reads all that is true of a room, into the store of states as well. What is said before it was read may go out
// unencrypted into a room that is not, so nothing is.
func (m *Matrix) readState(ctx context.Context, s *session, found id.RoomID) (state mautrix.RoomStateMap, err error) {
	err = calls.Retry(ctx, func() error {
		return m.call(ctx, "read state", adapters.RoomID(found), func(ctx context.Context) error {
			state, err = s.client.State(ctx, found)
			if err == nil && len(state) == 0 {
				err = errBadResponse
			}
			if e := state[event.StateEncryption][""]; err == nil && e != nil { // which may say nothing that the library reads
				err = s.state.SetEncryptionEvent(ctx, found, &event.EncryptionEventContent{})
			}
			return err
		})
	})
	return state, err
}

// settle notes a room that was entered.
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
		r.alias = cleanName(string(e.Content.AsCanonicalAlias().Alias))
	}
	if e := state[event.StateRoomName][""]; e != nil {
		r.title = cleanName(e.Content.AsRoomName().Name)
	}
	if e := state[event.StateTombstone][""]; e != nil {
		r.successor = e.Content.AsTombstone().ReplacementRoom
	}
	return r, nil
}

// note settles a room that was joined, if that is not done yet: what is said in it from then on must not pass by while
// whoever joined it still reads its state.
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
			m.log.Warn("a room can't be heard", "room", roomID, "error", err)
			return nil
		}
		return err
	})
}

// stableIDOf is the place that a room stands for: that of the room which it replaced, if that one is known, and else one of
// its own.
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

// begin makes the first sync of an account, before which nothing is heard: what was said earlier is history.
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
