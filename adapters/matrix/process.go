package matrix

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	// minSinkBackoff is the first wait before the sink gets an update again that it could not store.
	minSinkBackoff = 50 * time.Millisecond
	maxSinkBackoff = 5 * time.Second
)

// processSync processes one sync until all of it is stored. It fails only if ctx is done.
func (m *Matrix) processSync(ctx context.Context, s *session, resp *mautrix.RespSync, since string, sink adapters.Sink) error {
	s.keys.processSync(ctx, resp, since)
	for roomID, invitation := range resp.Rooms.Invite {
		if err := m.processInvite(ctx, s, roomID, invitation, sink); err != nil {
			return err
		}
	}
	newest := map[id.RoomID]*event.Event{}
	rooms, private := m.privateFirst(slices.Sorted(maps.Keys(resp.Rooms.Join)))
	for i, roomID := range rooms {
		if i == private {
			m.noteCaughtUp()
		}
		last, err := m.processRoom(ctx, s, roomID, resp.Rooms.Join[roomID], sink)
		if err != nil {
			return err
		}
		if last != nil {
			newest[roomID] = last
		}
	}
	m.noteCaughtUp()
	for roomID := range resp.Rooms.Leave {
		m.processLeave(roomID)
	}
	if err := m.retryUntilDone(ctx, func() error { return m.tables.advance(ctx, resp.NextBatch, newest) }); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for roomID, last := range newest {
		if r := m.rooms[roomID]; r != nil {
			r.newest, r.newestAt = last.ID, time.UnixMilli(last.Timestamp)
		}
	}
	return nil
}

// privateFirst puts the rooms for direct messages first, and counts them: somebody may have opted out there before they
// went on in another room.
func (m *Matrix) privateFirst(rooms []id.RoomID) (sorted []id.RoomID, private int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var others []id.RoomID
	for _, roomID := range rooms {
		if m.dmUsers[roomID] != "" {
			sorted = append(sorted, roomID)
		} else {
			others = append(others, roomID)
		}
	}
	return append(sorted, others...), len(sorted)
}

// processRoom processes the events of one room, and returns the last one.
func (m *Matrix) processRoom(ctx context.Context, s *session, roomID id.RoomID, news *mautrix.SyncJoinedRoom, sink adapters.Sink) (*event.Event, error) {
	if err := m.ensureRegistered(ctx, s, roomID); err != nil {
		return nil, err
	}
	if !m.isJoined(roomID) {
		return nil, nil
	}
	for _, e := range news.State.Events {
		e.RoomID = roomID
		if err := m.processState(ctx, s, e, sink, false); err != nil {
			return nil, err
		}
	}
	events := news.Timeline.Events
	if news.Timeline.Limited {
		before := cursor{token: news.Timeline.PrevBatch}
		if len(events) > 0 {
			before.event = events[0].ID
		}
		missing, err := m.fillGap(ctx, s, roomID, before, sink)
		if err != nil {
			return nil, err
		}
		events = append(missing, events...)
	}
	if m.room(roomID) != nil { // in a direct message room, the bot wants what was sent before it joined
		events = sinceJoin(events, s.me)
	}
	for _, e := range events {
		e.RoomID = roomID
		if err := m.processEvent(ctx, s, e, sink); err != nil {
			return nil, err
		}
	}
	if len(events) == 0 {
		return nil, nil
	}
	return events[len(events)-1], nil
}

// isJoined reports whether the bot receives from a room: a joined one, or one for direct messages.
func (m *Matrix) isJoined(roomID id.RoomID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rooms[roomID] != nil || m.dmUsers[roomID] != ""
}

// sinceJoin leaves out the events before the bot joined.
func sinceJoin(events []*event.Event, me id.UserID) []*event.Event {
	for i, e := range slices.Backward(events) {
		if e.Type.Type == event.StateMember.Type && e.GetStateKey() == string(me) && isJoin(e) {
			return events[i:]
		}
	}
	return events
}

// isJoin reports whether a membership event means that somebody has joined, and not that they changed their name.
func isJoin(e *event.Event) bool {
	e.Type.Class = event.StateEventType
	parse(e)
	before := event.Membership("")
	if p := e.Unsigned.PrevContent; p != nil {
		membership, _ := p.Raw["membership"].(string)
		before = event.Membership(membership)
	} else if e.Unsigned.ReplacesState != "" {
		return false // there was an earlier membership, but not which
	}
	return e.Content.AsMember().Membership == event.MembershipJoin && before != event.MembershipJoin
}

func (m *Matrix) processEvent(ctx context.Context, s *session, e *event.Event, sink adapters.Sink) error {
	if e.StateKey != nil {
		return m.processState(ctx, s, e, sink, true)
	}
	e.Type.Class = event.MessageEventType
	return m.processMessage(ctx, s, e, sink)
}

// processMessage decrypts and receives an event. One that can't be decrypted yet is stored until it can.
func (m *Matrix) processMessage(ctx context.Context, s *session, e *event.Event, sink adapters.Sink) error {
	m.noteUnreadable(e, parse(e))
	if err := m.retryUntilDone(ctx, func() error { return m.noteEdit(ctx, s, e) }); err != nil {
		return err
	}
	plain, err := m.decrypted(ctx, s, e)
	if err != nil {
		return m.retryUntilDone(ctx, func() error { return m.keepUndecrypted(ctx, s, e) })
	}
	if r := m.room(e.RoomID); r != nil {
		m.cacheEvent(r, plain)
	}
	if err := m.receiveEvent(ctx, s, plain, sink); err != nil {
		return err
	}
	if e.Type.Type == event.EventRedaction.Type {
		return m.retryUntilDone(ctx, func() error { return m.dropUndecrypted(ctx, redactedID(e), sink) })
	}
	return nil
}

// receiveEvent converts an event, and delivers it until it is stored.
func (m *Matrix) receiveEvent(ctx context.Context, s *session, e *event.Event, sink adapters.Sink) error {
	var update adapters.Update
	err := m.retryUntilDone(ctx, func() (err error) {
		update, err = m.toUpdate(ctx, s, e)
		if calls.IsFinal(err) {
			m.log.Warn("skipped an event that can't be converted", "room", e.RoomID, "event", e.ID, "error", err)
			return nil
		}
		return err
	})
	if err != nil || update == nil {
		return err
	}
	return m.deliver(ctx, sink, update)
}

// deliver hands an update to the sink until it is stored.
func (m *Matrix) deliver(ctx context.Context, sink adapters.Sink, u adapters.Update) error {
	return m.retryUntilDone(ctx, func() error { return sink(ctx, u) })
}

// retryUntilDone repeats do until it succeeds. It fails only if ctx is done.
func (m *Matrix) retryUntilDone(ctx context.Context, do func() error) error {
	for backoff := (calls.Backoff{Min: minSinkBackoff, Max: maxSinkBackoff}); ; {
		err := do()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("ended before everything was stored: %w", context.Cause(ctx))
		}
		if m.firstTime("retry " + err.Error()) {
			m.log.Warn("can't store an event yet; retrying", "error", err)
		}
		backoff.Sleep(ctx, err)
	}
}
