package matrix

import (
	"context"
	"iter"
	"slices"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// pageSize is how many events one call reads.
const pageSize = 200

// A cursor is where reading backwards begins: before a token, and before an event. The zero cursor is a room's end.
//
// The token alone is not enough. Messages that several people send at once share a position in a room, and if a page
// ends among them, Dendrite (v0.15.2 and earlier) omits the others: of 500 messages of ten people, 13 to 34 in four
// trials, and more with smaller pages. The tokens of its syncs have the same flaw. The context of an event, it lists
// without gaps.
type cursor struct {
	token string
	event id.EventID
}

// messages reads a room backwards, page by page, and each event once.
func (m *Matrix) messages(ctx context.Context, s *session, roomID id.RoomID, from cursor, filter *mautrix.FilterPart) iter.Seq2[[]*event.Event, error] {
	return func(yield func([]*event.Event, error) bool) {
		seen := map[id.EventID]bool{}
		for {
			before, _, err := m.eventContext(ctx, s, roomID, from.event, filter)
			if err != nil {
				yield(nil, err)
				return
			}
			var resp *mautrix.RespMessages
			err = m.call(ctx, "read messages", adapters.RoomID(roomID), func(ctx context.Context) (err error) {
				resp, err = s.client.Messages(ctx, roomID, from.token, "", mautrix.DirectionBackward, filter, pageSize)
				if err == nil && resp == nil {
					err = errBadResponse
				}
				return err
			})
			if err != nil {
				yield(nil, err)
				return
			}
			var page []*event.Event
			for _, e := range slices.Concat(before, setRoomID(roomID, resp.Chunk)) {
				if !seen[e.ID] {
					page = append(page, e)
				}
				seen[e.ID] = true
			}
			if len(page) > 0 && !yield(page, nil) || len(resp.Chunk) == 0 || resp.End == "" || resp.End == from.token {
				return
			}
			from = cursor{token: resp.End, event: resp.Chunk[len(resp.Chunk)-1].ID}
		}
	}
}

// eventContext lists events before and after an event, the nearest first. They are empty if the bot can't see the
// event.
func (m *Matrix) eventContext(ctx context.Context, s *session, roomID id.RoomID, e id.EventID, filter *mautrix.FilterPart) (before, after []*event.Event, err error) {
	if e == "" {
		return nil, nil, nil
	}
	var resp *mautrix.RespContext
	err = m.call(ctx, "read messages", adapters.RoomID(roomID), func(ctx context.Context) (err error) {
		resp, err = s.client.Context(ctx, roomID, e, filter, pageSize)
		if err == nil && resp == nil {
			err = errBadResponse
		}
		return err
	})
	if calls.IsFinal(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return setRoomID(roomID, resp.EventsBefore), setRoomID(roomID, resp.EventsAfter), nil
}

// setRoomID completes events that the homeserver sends without their room.
func setRoomID(roomID id.RoomID, events []*event.Event) []*event.Event {
	for _, e := range events {
		e.RoomID = roomID
		if e.StateKey == nil {
			e.Type.Class = event.MessageEventType
		}
	}
	return events
}
