package matrix

import (
	"context"
	"iter"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// relations reads the events with a relation to an event, page by page. It does not decrypt them.
func (m *Matrix) relations(ctx context.Context, s *session, r *room, to id.EventID, how event.RelationType) iter.Seq2[[]*event.Event, error] {
	return func(yield func([]*event.Event, error) bool) {
		for from := ""; ; {
			var page *mautrix.RespGetRelations
			err := m.call(ctx, "read relations", r.stableID, func(ctx context.Context) (err error) {
				page, err = s.client.GetRelations(ctx, r.id, to, &mautrix.ReqGetRelations{RelationType: how, From: from, Limit: pageSize})
				if err == nil && page == nil {
					err = errBadResponse
				}
				return err
			})
			if err != nil {
				yield(nil, err)
				return
			}
			for _, e := range page.Chunk {
				e.RoomID = r.id
				e.Type.Class = event.MessageEventType
				parse(e)
			}
			if !yield(page.Chunk, nil) || page.NextBatch == "" || page.NextBatch == from {
				return
			}
			from = page.NextBatch
		}
	}
}
