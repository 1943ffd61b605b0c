package matrix

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// historyFilter selects the events that History needs.
var historyFilter = &mautrix.FilterPart{Types: []event.Type{
	event.EventMessage, event.EventSticker, event.EventUnstablePollStart, pollStart, event.EventEncrypted, event.EventReaction, event.EventRedaction,
}}

// cacheEvent caches an event that was received or read.
func (m *Matrix) cacheEvent(r *room, e *event.Event) (known bool) {
	m.recent.put(eventMetaOf(e))
	if e.Type.Type == event.EventRedaction.Type {
		m.recent.markRedacted(redactedID(e))
	}
	return r.history.add(e)
}

// History reads a room's top level or a thread, including the rooms that it has replaced. It waits when the homeserver
// asks it to. It leaves out what can't be decrypted yet: that is received later.
func (m *Matrix) History(ctx context.Context, stableID adapters.RoomID, thread adapters.MessageID, since time.Time) iter.Seq2[*adapters.Message, error] {
	return func(yield func(*adapters.Message, error) bool) {
		all, err := m.readHistory(ctx, stableID, id.EventID(thread), since)
		for _, received := range all {
			if !yield(received, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func (m *Matrix) readHistory(ctx context.Context, stableID adapters.RoomID, thread id.EventID, since time.Time) (all []*adapters.Message, err error) {
	m.awaitCatchUp(ctx)
	s, _, err := m.lookupRoom(ctx, stableID)
	if err != nil {
		return nil, err
	}
	from := since
	if thread != "" && since.IsZero() {
		if from, err = m.threadStart(ctx, s, stableID, thread); err != nil {
			return nil, err
		}
	}
	for _, r := range m.upgradeChain(stableID) {
		if err := m.backfill(ctx, s, r, from); err != nil {
			return all, err
		}
		received, err := m.threadMessages(ctx, s, r, thread, from)
		all = append(all, received...)
		if err != nil {
			return all, err
		}
	}
	slices.SortStableFunc(all, func(a, meta *adapters.Message) int { return a.At.Compare(meta.At) })
	return all, nil
}

// noteCaughtUp ends the waiting of awaitCatchUp.
func (m *Matrix) noteCaughtUp() {
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case <-m.caughtUp:
	default:
		close(m.caughtUp)
	}
}

// awaitCatchUp waits until Run has received what was sent in private, with which its first sync begins, but not for
// long.
func (m *Matrix) awaitCatchUp(ctx context.Context) {
	m.mu.Lock()
	caughtUp := m.caughtUp
	m.mu.Unlock()
	if caughtUp == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, calls.Timeout)
	defer cancel()
	select {
	case <-caughtUp:
	case <-ctx.Done():
	}
}

// threadStart is the time of a thread's root.
func (m *Matrix) threadStart(ctx context.Context, s *session, stableID adapters.RoomID, thread id.EventID) (time.Time, error) {
	err := errors.New("no room was joined")
	for _, r := range m.upgradeChain(stableID) {
		var meta eventMeta
		err = calls.Retry(ctx, func() (err error) {
			meta, err = m.eventMeta(ctx, s, r.id, thread)
			return err
		})
		if err == nil || !calls.IsFinal(err) {
			return time.UnixMilli(meta.timestamp), err
		}
	}
	return time.Time{}, err
}

// upgradeChain lists a room and the rooms that it has replaced, the newest first.
func (m *Matrix) upgradeChain(stableID adapters.RoomID) (all []*room) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.rooms {
		if r.stableID == stableID {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, meta *room) int { return meta.joinedAt.Compare(a.joinedAt) })
	return all
}

// backfill reads a room into its timeline, from now back to a time.
func (m *Matrix) backfill(ctx context.Context, s *session, r *room, since time.Time) error {
	r.history.start()
	since = since.Add(-calls.MaxClockSkew)
	err := calls.Retry(ctx, func() error {
		for page, err := range m.messages(ctx, s, r.id, cursor{}, historyFilter) {
			if err != nil {
				return err
			}
			known := true
			for _, e := range page {
				fresh, err := m.backfillEvent(ctx, s, r, e)
				if err != nil {
					return err
				}
				known = known && !fresh
			}
			if known && r.history.isCompleteSince(since) || time.UnixMilli(page[len(page)-1].Timestamp).Before(since) {
				break
			}
		}
		return nil
	})
	if err == nil {
		r.history.setCompleteSince(since)
	}
	return err
}

// backfillEvent adds an event to the timeline. If it can't be decrypted, it is stored, to be received later.
func (m *Matrix) backfillEvent(ctx context.Context, s *session, r *room, e *event.Event) (fresh bool, err error) {
	if r.history.has(e) {
		return false, nil
	}
	plain, err := m.decrypted(ctx, s, e)
	if err != nil {
		if err := m.keepUndecrypted(ctx, s, e); err != nil {
			return false, &adapters.RetryError{Err: err}
		}
		plain = e
	}
	if on, ok := reactionOf(plain); ok && plain.Type.Type == event.EventReaction.Type {
		if err := m.tables.putReaction(ctx, e.ID, on); err != nil {
			return false, &adapters.RetryError{Err: err}
		}
	}
	if err := m.noteEdit(ctx, s, plain); err != nil {
		return false, &adapters.RetryError{Err: err}
	}
	return !m.cacheEvent(r, plain), nil
}

// threadMessages converts the messages of a thread, or of the top level, in a room's timeline.
func (m *Matrix) threadMessages(ctx context.Context, s *session, r *room, thread id.EventID, since time.Time) (all []*adapters.Message, err error) {
	events := r.history.all()
	added, err := m.aggregate(ctx, s, events)
	if err != nil {
		return nil, err
	}
	replied := map[id.EventID]bool{}
	var existing []*event.Event
	for _, e := range events {
		c, ok := messageContent(e)
		if !ok && e.Sender == s.me && e.Type.Type == event.EventEncrypted.Type { // from an earlier device, and still there
			meta := eventMetaOf(e)
			c, ok = &event.MessageEventContent{RelatesTo: &meta.relates}, true
		}
		if !ok || m.isRedactedUser(e) || c.RelatesTo.GetReplaceID() != "" || e.Sender != s.me && !isUserMessage(e, c) {
			continue
		}
		var root id.EventID
		err := calls.Retry(ctx, func() (err error) {
			root, err = m.threadOf(ctx, s, r.id, c.RelatesTo)
			return err
		})
		if err != nil {
			return all, err
		}
		replied[root] = true
		if root == thread && !time.UnixMilli(e.Timestamp).Before(since) {
			existing = append(existing, e)
		}
	}
	for _, e := range existing {
		c, _ := messageContent(e)
		received := &adapters.Message{
			Ref: adapters.Ref{Room: r.stableID, ID: adapters.MessageID(e.ID)}, Thread: adapters.MessageID(thread),
			Author: m.user(ctx, s, r.id, e.Sender), At: time.UnixMilli(e.Timestamp).UTC(),
			FromBot: e.Sender == s.me, HasReplies: replied[e.ID], Reactions: added.reactions[e.ID],
		}
		if received.Reactions == nil {
			received.Reactions = map[string][]adapters.UserID{}
		}
		edited := added.editRedactedAt[e.ID]
		if edit := added.edits[e.ID+" "+id.EventID(e.Sender)]; edit != nil {
			edited = max(edited, edit.Timestamp)
			c = edit.Content.AsMessage().NewContent
		}
		if edited > 0 {
			received.EditedAt = time.UnixMilli(max(edited, e.Timestamp)).UTC()
		}
		m.setContent(ctx, s, received, e, c)
		all = append(all, received)
	}
	return all, nil
}

// aggregations are the events that change earlier messages.
type aggregations struct {
	edits          map[id.EventID]*event.Event // by message and sender: the last edit
	editRedactedAt map[id.EventID]int64        // by message: when an edit of it was last redacted
	reactions      map[id.EventID]map[string][]adapters.UserID
}

func (m *Matrix) aggregate(ctx context.Context, s *session, events []*event.Event) (aggregations, error) {
	all := aggregations{edits: map[id.EventID]*event.Event{}, editRedactedAt: map[id.EventID]int64{}, reactions: map[id.EventID]map[string][]adapters.UserID{}}
	for _, e := range events {
		if e.Type.Type == event.EventRedaction.Type {
			message, err := m.tables.editedMessage(ctx, redactedID(e))
			if err != nil {
				return all, &adapters.RetryError{Err: err}
			}
			if message != "" {
				all.editRedactedAt[message] = e.Timestamp
			}
		}
		if on, ok := reactionOf(e); ok && e.Type.Type == event.EventReaction.Type && e.Sender != s.me && !m.isRedactedUser(e) {
			if all.reactions[on.message] == nil {
				all.reactions[on.message] = map[string][]adapters.UserID{}
			}
			if users := all.reactions[on.message][on.emoji]; !slices.Contains(users, adapters.UserID(on.user)) {
				all.reactions[on.message][on.emoji] = append(users, adapters.UserID(on.user))
			}
		}
		if c := e.Content.AsMessage(); c.RelatesTo.GetReplaceID() != "" && c.NewContent != nil {
			all.edits[c.RelatesTo.GetReplaceID()+" "+id.EventID(e.Sender)] = e // the last one counts
		}
	}
	return all, nil
}

// roomName is the name of a joined room, or the ID of another.
func (m *Matrix) roomName(roomID id.RoomID) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.rooms[roomID]; r != nil {
		return r.name()
	}
	return string(roomID)
}
