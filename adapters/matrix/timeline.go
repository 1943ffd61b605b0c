package matrix

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// timelineTTL is how long a timeline is kept after its last use.
const timelineTTL = 2 * time.Minute

// A timeline caches the decrypted events of a room, so that reading it once serves the history of all its threads.
// Events that are received meanwhile are added. The zero timeline is ready to use.
type timeline struct {
	mu            sync.Mutex
	events        map[id.EventID]*event.Event // nil while nothing is cached
	redacted      map[id.EventID]bool
	completeSince time.Time // no event since then is missing
	lastUsed      time.Time
}

// start begins to cache, or keeps the cache alive.
func (t *timeline) start() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.events == nil || time.Since(t.lastUsed) > timelineTTL {
		t.events, t.redacted, t.completeSince = map[id.EventID]*event.Event{}, map[id.EventID]bool{}, time.Now()
	}
	t.lastUsed = time.Now()
}

// add adds an event, and returns whether it was known.
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

// has reports whether the timeline has an event as it is now. It wants events again that it could not decrypt.
func (t *timeline) has(e *event.Event) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.events[e.ID]
	return known != nil && (redacted(known) || !redacted(e)) && known.Type.Type != event.EventEncrypted.Type
}

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

// all lists the events that were not redacted, in order.
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

// compareEvents compares two events by time. Of edits, the last one counts:
// https://spec.matrix.org/latest/client-server-api/#event-replacements
func compareEvents(a, b *event.Event) int {
	return cmp.Or(cmp.Compare(a.Timestamp, b.Timestamp), cmp.Compare(a.ID, b.ID))
}
