package matrix

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// timelineTTL is for how long after its last use a timeline is kept.
const timelineTTL = 2 * time.Minute

// A timeline is what a room was read to hold, decrypted, so that one reading serves the histories of all its threads. It
// goes on with what is heard meanwhile: whatever the bot has heard since the timeline was begun is in it. The zero timeline
// is ready to use.
type timeline struct {
	mu            sync.Mutex
	events        map[id.EventID]*event.Event // nil while it isn't kept
	redacted      map[id.EventID]bool         // redacted
	completeSince time.Time                   // it lacks nothing since then
	lastUsed      time.Time
}

// begin keeps the timeline from now on.
func (t *timeline) start() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.events == nil || time.Since(t.lastUsed) > timelineTTL {
		t.events, t.redacted, t.completeSince = map[id.EventID]*event.Event{}, map[id.EventID]bool{}, time.Now()
	}
	t.lastUsed = time.Now()
}

// add adds an event, and tells whether it was known.
func (t *timeline) add(e *event.Event) (known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.events == nil {
		return false
	}
	if time.Since(t.lastUsed) > timelineTTL {
		t.events, t.redacted = nil, nil
		return false
	}
	_, known = t.events[e.ID]
	t.events[e.ID] = e
	if e.Type.Type == event.EventRedaction.Type {
		t.redacted[redactedID(e)] = true
	}
	if redacted(e) {
		t.redacted[e.ID] = true
	}
	return known
}

// has tells whether an event is in the timeline as it is read now. What could not be decrypted is to be tried again.
func (t *timeline) has(e *event.Event) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.events[e.ID]
	return known != nil && (redacted(known) || !redacted(e)) && known.Type.Type != event.EventEncrypted.Type
}

// isCompleteSince tells whether nothing is lacking since a time.
func (t *timeline) isCompleteSince(since time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.completeSince.After(since)
}

func (t *timeline) setCompleteSince(since time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if since.Before(t.completeSince) {
		t.completeSince = since
	}
}

// all lists what is still there, in the order in which it was said.
func (t *timeline) all() (events []*event.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.events {
		if !t.redacted[e.ID] {
			events = append(events, e)
		}
	}
	slices.SortFunc(events, compareEvents)
	return events
}

// compareEvents compares two events by when they were said. Of edits, the last one counts:
// https://spec.matrix.org/latest/client-server-api/#event-replacements
func compareEvents(a, b *event.Event) int {
	return cmp.Or(cmp.Compare(a.Timestamp, b.Timestamp), cmp.Compare(a.ID, b.ID))
}
