package matrix

import (
	"context"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	// keyRequestDelay is how long to wait for keys before asking for them: they often come one sync after the event.
	keyRequestDelay = 3 * time.Second
	// housekeepEvery is how often housekeep works without being woken.
	housekeepEvery = time.Minute
)

// keepUndecrypted stores an event that can't be decrypted yet, unless it is the account's own.
func (m *Matrix) keepUndecrypted(ctx context.Context, s *session, e *event.Event) error {
	if e.Sender == s.me {
		return nil
	}
	fresh, err := m.tables.addUndecrypted(ctx, e, time.Now())
	if err != nil || !fresh {
		return err
	}
	m.undecrypted.Add(1)
	if m.firstTime("undecrypted " + string(e.RoomID)) {
		m.log.Warn("can't decrypt an event yet; waiting for its keys", "room", m.roomName(e.RoomID))
	}
	m.wakeHousekeeping()
	return nil
}

// dropUndecrypted deletes a stored event that was received or redacted.
func (m *Matrix) dropUndecrypted(ctx context.Context, e id.EventID, sink adapters.Sink) error {
	if m.undecrypted.Load() == 0 {
		return nil
	}
	all, err := m.tables.undecrypted(ctx)
	if err != nil {
		return err
	}
	for _, u := range all {
		if u.ID != e {
			continue
		}
		if u.keysRequested {
			if err := m.reportUndecrypted(ctx, u, true, sink); err != nil {
				return err
			}
		}
		gone, err := m.tables.dropUndecrypted(ctx, e)
		if gone {
			m.undecrypted.Add(-1)
		}
		return err
	}
	return nil
}

func (m *Matrix) wakeHousekeeping() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// housekeep retries what waits for something, until ctx is done: events for their keys, and upgraded rooms for an
// invitation to their successor.
func (m *Matrix) housekeep(ctx context.Context, sink adapters.Sink) {
	for ctx.Err() == nil {
		again := housekeepEvery
		if s := m.currentSession(); s != nil {
			soon, err := m.retryDecryption(ctx, s, sink)
			if m.followUpgrades(ctx, s) {
				soon = min(soon, inviteRetryAfter)
			}
			if again = soon; err != nil && ctx.Err() == nil {
				m.log.Warn("can't retry undecrypted events", "error", err)
			}
		}
		timer := time.NewTimer(again)
		select {
		case <-ctx.Done():
		case <-m.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// retryDecryption tries to decrypt stored events again, and asks for missing keys. It returns when to try next.
func (m *Matrix) retryDecryption(ctx context.Context, s *session, sink adapters.Sink) (again time.Duration, err error) {
	if m.undecrypted.Load() == 0 {
		return housekeepEvery, nil
	}
	all, err := m.tables.undecrypted(ctx)
	if err != nil {
		return housekeepEvery, err
	}
	again = housekeepEvery
	for _, u := range all {
		plain, err := m.decrypted(ctx, s, u.Event)
		if err == nil {
			if err := m.receiveLate(ctx, s, plain, sink); err != nil {
				return maxSinkBackoff, err
			}
			continue
		}
		if u.keysRequested {
			continue
		}
		if left := keyRequestDelay - time.Since(u.receivedAt); left > 0 {
			again = min(again, left)
			continue
		}
		if err := m.reportUndecrypted(ctx, u, false, sink); err != nil {
			return maxSinkBackoff, err
		}
		err = m.call(ctx, "request keys", adapters.RoomID(u.RoomID), func(ctx context.Context) error { return s.keys.requestKeys(ctx, u.Event) })
		if err == nil {
			err = m.tables.markKeysRequested(ctx, u.ID)
		}
		if err != nil {
			return maxSinkBackoff, err
		}
	}
	return again, nil
}

// receiveLate receives an event whose keys have come, unless it was redacted meanwhile.
func (m *Matrix) receiveLate(ctx context.Context, s *session, plain *event.Event, sink adapters.Sink) error {
	var now *event.Event
	err := m.call(ctx, "read event", adapters.RoomID(plain.RoomID), func(ctx context.Context) (err error) {
		now, err = s.client.GetEvent(ctx, plain.RoomID, plain.ID)
		return err
	})
	if err != nil && !calls.IsFinal(err) {
		return err
	}
	if now == nil || !redacted(now) {
		if r := m.room(plain.RoomID); r != nil {
			m.cacheEvent(r, plain)
		}
		if err := m.receiveEvent(ctx, s, plain, sink); err != nil {
			return err
		}
	}
	return m.dropUndecrypted(ctx, plain.ID, sink)
}

// reportUndecrypted reports that an event in a joined room can't be decrypted, or that this is resolved.
func (m *Matrix) reportUndecrypted(ctx context.Context, u undecrypted, resolved bool, sink adapters.Sink) error {
	r := m.room(u.RoomID)
	if r == nil {
		return nil
	}
	return m.deliver(ctx, sink, &adapters.Undecrypted{
		Ref: adapters.Ref{Room: r.stableID, ID: adapters.MessageID(u.ID)}, At: time.UnixMilli(u.Timestamp).UTC(), Resolved: resolved,
	})
}

// A successor is the room that has replaced another.
type successor struct {
	name, joinName string
	from, to       id.RoomID
}

// followUpgrades joins the successors of upgraded rooms. It returns whether one still waits, usually for an invitation.
func (m *Matrix) followUpgrades(ctx context.Context, s *session) (waits bool) {
	m.mu.Lock()
	var moved []successor
	for _, r := range m.rooms {
		if r.successor != "" && m.rooms[r.successor] == nil {
			moved = append(moved, successor{name: r.name(), joinName: r.joinName, from: r.id, to: r.successor})
		}
	}
	m.mu.Unlock()
	for _, r := range moved {
		next, err := m.joinLatest(ctx, s, r.to, []string{s.server}, r.joinName)
		if err == nil {
			m.log.Info("followed a room upgrade", "room", r.name, "from", r.from, "to", next.id)
			continue
		}
		waits = true
		if ctx.Err() == nil && m.firstTime("successor "+string(r.to)) {
			m.log.Warn("can't follow a room upgrade yet", "room", r.name, "to", r.to, "error", err)
		}
	}
	return waits
}
