package matrix

import (
	"context"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// anchor is the root of a thread in a room. If the thread began in a room that this one has replaced, it posts a copy
// of the root: clients show no thread without one.
func (m *Matrix) anchor(ctx context.Context, s *session, r *room, root id.EventID) (id.EventID, error) {
	rooms := m.upgradeChain(r.stableID)
	if len(rooms) == 1 {
		return root, nil
	}
	if existing, err := m.tables.anchor(ctx, r.id, root); err != nil || existing != "" {
		return existing, err
	}
	existing := root
	for _, old := range rooms {
		e, err := m.getEvent(ctx, s, old.id, root)
		if err == nil && old != r {
			existing, err = m.repostRoot(ctx, s, r, e)
		}
		if err == nil {
			break
		}
		if !calls.IsFinal(err) {
			return "", err
		}
	}
	if err := m.tables.putAnchor(ctx, r.id, root, existing); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.anchors[existing] = root
	return existing, nil
}

// repostRoot posts a copy of an event of another room.
func (m *Matrix) repostRoot(ctx context.Context, s *session, r *room, e *event.Event) (id.EventID, error) {
	plain, err := m.decrypted(ctx, s, e)
	if err != nil {
		return "", calls.Errorf("%w", err)
	}
	copied := new(adapters.Message)
	as := adapters.Persona{Name: m.user(ctx, s, e.RoomID, e.Sender).Name}
	if c, ok := messageContent(plain); ok {
		m.setContent(ctx, s, copied, plain, c)
		if e.Sender == s.me {
			as.Name = ""
		}
		if p := c.BeeperPerMessageProfile; p != nil {
			as.Name = p.Displayname
		}
	}
	part := parts(adapters.Post{Key: string(r.id) + " " + string(e.ID), Text: copied.Text})[0]
	return s.send(ctx, r.id, event.EventMessage, contentOf(as, part), txnID(s, part.Key))
}

// originalRoot is the event that e is a copy of, or e.
func (m *Matrix) originalRoot(e id.EventID) id.EventID {
	m.mu.Lock()
	defer m.mu.Unlock()
	if root, ok := m.anchors[e]; ok {
		return root
	}
	return e
}
