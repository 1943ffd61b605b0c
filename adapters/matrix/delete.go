package matrix

import (
	"context"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// Delete deletes a post, with all its parts and their edits.
func (m *Matrix) Delete(ctx context.Context, ref adapters.Ref) error {
	if err := m.delete(ctx, ref); err != nil {
		return fmt.Errorf("delete %s: %w", ref.ID, err)
	}
	return nil
}

func (m *Matrix) delete(ctx context.Context, ref adapters.Ref) error {
	s, r, err := m.roomWithEvent(ctx, ref)
	if err != nil {
		return err
	}
	pieces, err := m.tables.pieces(ctx, id.EventID(ref.ID))
	if err != nil {
		return &adapters.RetryError{Err: err}
	}
	for _, sent := range append(pieces, id.EventID(ref.ID)) {
		if err := m.redactWithEdits(ctx, s, r, sent); err != nil {
			return err
		}
	}
	return nil
}

// redactWithEdits redacts an event and its edits, which would keep their text. The edits go first: the event leads to
// them.
func (m *Matrix) redactWithEdits(ctx context.Context, s *session, r *room, sent id.EventID) error {
	edits, err := m.ownEdits(ctx, s, r, sent)
	if err != nil {
		return err
	}
	for _, e := range append(edits, sent) {
		if err := m.redactEdit(ctx, s, r, e); err != nil {
			return err
		}
	}
	if err := m.tables.dropPiece(ctx, sent); err != nil {
		return &adapters.RetryError{Err: err}
	}
	return nil
}

// redactEdit redacts an event, and forgets that it was an edit.
func (m *Matrix) redactEdit(ctx context.Context, s *session, r *room, e id.EventID) error {
	if err := m.redact(ctx, s, r, e); err != nil && !calls.HasCode(err, "M_NOT_FOUND") {
		return err
	}
	if err := m.tables.dropEdit(ctx, e); err != nil {
		return &adapters.RetryError{Err: err}
	}
	return nil
}

func (m *Matrix) redact(ctx context.Context, s *session, r *room, e id.EventID) error {
	return m.call(ctx, "redact", r.stableID, func(ctx context.Context) error {
		_, err := s.client.RedactEvent(ctx, r.id, e, mautrix.ReqRedact{TxnID: txnID(s, "redact "+string(e))})
		return err
	})
}

// ownEdits lists the account's edits of an event: those that it knows, and those that the homeserver shows, for the
// response to an edit may have been lost. It waits until the homeserver shows those that it knows, and with them all
// earlier ones.
func (m *Matrix) ownEdits(ctx context.Context, s *session, r *room, sent id.EventID) ([]id.EventID, error) {
	known, err := m.tables.edits(ctx, sent)
	if err != nil {
		return nil, &adapters.RetryError{Err: err}
	}
	begin := time.Now()
	for backoff := (calls.Backoff{Min: 10 * time.Millisecond}); ; {
		shown, found := []id.EventID(nil), true
		for page, err := range m.relations(ctx, s, r, sent, event.RelReplace) {
			if found = !calls.HasCode(err, "M_NOT_FOUND"); !found {
				break
			}
			if err != nil {
				return nil, err
			}
			for _, e := range page {
				if e.Sender == s.me && !redacted(e) {
					shown = append(shown, e.ID)
				}
			}
		}
		missing := slices.DeleteFunc(slices.Clone(known), func(e id.EventID) bool { return slices.Contains(shown, e) })
		if found && len(missing) == 0 || time.Since(begin) > maxVisibleDelay || !backoff.Sleep(ctx, nil) {
			return append(shown, missing...), nil
		}
	}
}
