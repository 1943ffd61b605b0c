package matrix

import (
	"context"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
)

const (
	// lookBack is how far a room is searched for a post that was first tried before this process began, when nothing but
	// its key is known of it. It is how long a chat takes late answers after its end: nothing older is tried again.
	lookBack = 7 * 24 * time.Hour
	// maxClockSkew is how far the clocks of homeservers and ours may be apart.
	maxClockSkew = 10 * time.Minute
)

// findPosted looks for what was said of a post: its key, and those of its pieces, with their events.
func (m *Matrix) findPosted(ctx context.Context, s *session, r *room, p adapters.Post, since time.Time) (map[string]id.EventID, error) {
	if since.IsZero() {
		since = time.Now().Add(-lookBack)
	}
	since = since.Add(-maxClockSkew)
	existing := map[string]id.EventID{}
	own := &mautrix.FilterPart{Senders: []id.UserID{s.me}, Types: []event.Type{event.EventMessage, event.EventEncrypted}}
	for page, err := range m.messages(ctx, s, r.id, cursor{}, own) {
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			plain, err := m.decrypted(ctx, s, e)
			if err != nil || e.Sender != s.me || redacted(e) {
				continue
			}
			if key, _ := plain.Content.Raw[keyField].(string); key != "" && (key == p.Key || strings.HasPrefix(key, p.Key+"#")) {
				existing[key] = e.ID
			}
		}
		// The pieces came after the first.
		if existing[p.Key] != "" || time.UnixMilli(page[len(page)-1].Timestamp).Before(since) {
			break
		}
	}
	return existing, nil
}
