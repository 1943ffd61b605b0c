package matrix

import (
	"context"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// findPosted finds the messages of a post.
func (m *Matrix) findPosted(ctx context.Context, s *session, r *room, p adapters.Post, since time.Time) (calls.Posted, error) {
	if since.IsZero() {
		since = time.Now().Add(-calls.LookBack)
	}
	since = since.Add(-calls.MaxClockSkew)
	posted := calls.Posted{}
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
			if key, _ := plain.Content.Raw[keyField].(string); calls.IsPart(key, p.Key) {
				posted[key] = adapters.MessageID(e.ID)
			}
		}
		// The other parts came after the first.
		if posted[p.Key] != "" || time.UnixMilli(page[len(page)-1].Timestamp).Before(since) {
			break
		}
	}
	return posted, nil
}
