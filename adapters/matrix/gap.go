package matrix

import (
	"context"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// fillGap reads the events that a sync has left out of a room: back from a cursor to the newest event received, or to
// when the room was joined. Some of them may have been received before. If it can't read them, it reports a gap. It
// fails only if ctx is done.
func (m *Matrix) fillGap(ctx context.Context, s *session, roomID id.RoomID, before cursor, sink adapters.Sink) (missing []*event.Event, err error) {
	m.mu.Lock()
	var newest id.EventID
	var until time.Time
	if r := m.rooms[roomID]; r != nil {
		newest, until = r.newest, r.newestAt
		if newest == "" {
			until = r.joinedAt
		}
	}
	m.mu.Unlock()
	if until.IsZero() {
		return nil, nil // direct messages
	}
	// No chat takes answers that are older.
	if oldest := time.Now().Add(-calls.LookBack); until.Before(oldest) {
		until = oldest
	}
	gap := &adapters.Gap{Since: until}
	until = until.Add(-calls.MaxClockSkew)
	err = m.retryUntilDone(ctx, func() error {
		missing = nil
		for page, err := range m.messages(ctx, s, roomID, before, nil) {
			if calls.IsFinal(err) {
				m.log.Error("can't fetch events missing from a limited sync", "room", roomID, "error", err)
				return sink(ctx, gap)
			}
			if err != nil {
				return err
			}
			missing = append(missing, page...)
			if slices.ContainsFunc(page, func(e *event.Event) bool { return e.ID == newest }) {
				_, after, err := m.eventContext(ctx, s, roomID, newest, nil)
				if err != nil {
					return err
				}
				slices.Reverse(after) // like a page
				missing = append(missing, after...)
				break
			}
			if time.UnixMilli(page[len(page)-1].Timestamp).Before(until) {
				break
			}
		}
		return nil
	})
	if len(missing) > 0 {
		m.gapsFilled.Add(1)
		m.log.Info("fetched events missing from a limited sync", "room", roomID, "events", len(missing))
	}
	slices.Reverse(missing)
	return missing, err
}
