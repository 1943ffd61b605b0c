package matrix

import (
	"context"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
)

// anchor is the root of a thread as a room has it. Where the room has replaced the one in which the thread began, what
// began it is said once more: clients show no thread without its root.
func (m *Matrix) anchor(ctx context.Context, s *session, r *room, root id.EventID) (id.EventID, error) {
	rooms := m.chain(r.place)
	if len(rooms) == 1 {
		return root, nil
	}
	if there, err := m.tables.anchor(ctx, r.id, root); err != nil || there != "" {
		return there, err
	}
	there := root
	for _, in := range rooms {
		e, err := m.event(ctx, s, in.id, root)
		if err == nil && in != r {
			there, err = m.repeat(ctx, s, r, e)
		}
		if err == nil {
			break
		}
		if !isFinal(err) {
			return "", err
		}
	}
	if err := m.tables.putAnchor(ctx, r.id, root, there); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.anchors[there] = root
	return there, nil
}

// repeat says in one room what an event of another says.
func (m *Matrix) repeat(ctx context.Context, s *session, r *room, e *event.Event) (id.EventID, error) {
	plain, err := m.decrypted(ctx, s, e)
	if err != nil {
		return "", fault{err}
	}
	words := new(adapters.Message)
	as := adapters.Persona{Name: m.user(ctx, s, e.RoomID, e.Sender).Name}
	if c, ok := said(plain); ok {
		m.word(ctx, s, words, plain, c)
		if e.Sender == s.me {
			as.Name = ""
		}
		if p := c.BeeperPerMessageProfile; p != nil {
			as.Name = p.Displayname
		}
	}
	part := parts(adapters.Post{Key: string(r.id) + " " + string(e.ID), Text: words.Text})[0]
	return s.send(ctx, r.id, event.EventMessage, contentOf(as, part), transaction(s, part.key))
}

// original is what an event repeats, or itself.
func (m *Matrix) original(e id.EventID) id.EventID {
	m.mu.Lock()
	defer m.mu.Unlock()
	if root, ok := m.anchors[e]; ok {
		return root
	}
	return e
}
