package matrix

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// idle is for how long after its last use a timeline is kept.
const idle = 2 * time.Minute

// A timeline is what a room was read to hold, decrypted, so that one reading serves the histories of all its threads. It
// goes on with what is heard meanwhile: whatever the bot has heard since the timeline was begun is in it. The zero timeline
// is ready to use.
type timeline struct {
	mu     sync.Mutex
	events map[id.EventID]*event.Event // nil while it isn't kept
	gone   map[id.EventID]bool         // redacted
	reach  time.Time                   // it lacks nothing since then
	used   time.Time
}

// begin keeps the timeline from now on.
func (t *timeline) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.events == nil || time.Since(t.used) > idle {
		t.events, t.gone, t.reach = map[id.EventID]*event.Event{}, map[id.EventID]bool{}, time.Now()
	}
	t.used = time.Now()
}

// add adds an event, and tells whether it was known.
func (t *timeline) add(e *event.Event) (known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.events == nil {
		return false
	}
	if time.Since(t.used) > idle {
		t.events, t.gone = nil, nil
		return false
	}
	_, known = t.events[e.ID]
	t.events[e.ID] = e
	if e.Type.Type == event.EventRedaction.Type {
		t.gone[redacts(e)] = true
	}
	if redacted(e) {
		t.gone[e.ID] = true
	}
	return known
}

// knows tells whether an event is in the timeline as it is read now. What could not be decrypted is to be tried again.
func (t *timeline) knows(e *event.Event) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.events[e.ID]
	return known != nil && (redacted(known) || !redacted(e)) && known.Type.Type != event.EventEncrypted.Type
}

// reaches tells whether nothing is lacking since a time.
func (t *timeline) reaches(since time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.reach.After(since)
}

func (t *timeline) extend(since time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if since.Before(t.reach) {
		t.reach = since
	}
}

// all lists what is still there, in the order in which it was said.
func (t *timeline) all() (events []*event.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.events {
		if !t.gone[e.ID] {
			events = append(events, e)
		}
	}
	slices.SortFunc(events, earlier)
	return events
}

// earlier compares two events by when they were said. Of edits, the last one counts:
// https://spec.matrix.org/latest/client-server-api/#event-replacements
func earlier(a, b *event.Event) int {
	return cmp.Or(cmp.Compare(a.Timestamp, b.Timestamp), cmp.Compare(a.ID, b.ID))
}
