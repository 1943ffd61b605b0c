// Package terminal is an adapter for one person at a keyboard. It needs no configuration: catchword offers it when no
// other workspace is set up. It is also the shortest example of an adapter, and the stage of a rehearsal: one screen
// can show several workspaces side by side, with simulated people.
//
// Rooms and messages are kept in memory, so nothing survives the process. The bot can still reply to, edit and delete
// the posts of an earlier process; the screen then shows what it knows about them.
package terminal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

const (
	botName      = "catchword"
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = 5 * time.Second
)

var (
	_ adapters.Adapter         = (*Terminal)(nil)
	_ adapters.Editor          = (*Terminal)(nil)
	_ adapters.Deleter         = (*Terminal)(nil)
	_ adapters.Reactor         = (*Terminal)(nil)
	_ adapters.Timestamper     = (*Terminal)(nil)
	_ adapters.EphemeralPoster = (*Terminal)(nil)
)

// A Terminal is one workspace of a Screen. To the bot it is an adapter. People act in it through SendAs, EditAs,
// DeleteAs, ReactAs and CommandAs. Run may be called again once it has returned.
type Terminal struct {
	screen *Screen
	name   string
	colour uint8

	// The screen's lock guards the fields below.
	rooms    []*room
	queue    []queuedUpdate // for sinks
	changed  chan struct{}
	onPost   func(adapters.Post, adapters.MessageID)
	keyboard *keyboard
}

type room struct {
	name     string
	id       adapters.RoomID
	joined   bool
	messages []*message
}

func newTerminal(s *Screen, name string, colour uint8) *Terminal {
	return &Terminal{screen: s, name: name, colour: colour, changed: make(chan struct{})}
}

// addRoom adds a room. The ID is made from the name, which is the same in every process.
func (t *Terminal) addRoom(name string) {
	id := adapters.RoomID(strings.Join(strings.Fields(oneLine(name)), "_"))
	if !slices.ContainsFunc(t.rooms, func(r *room) bool { return r.id == id }) {
		t.rooms = append(t.rooms, &room{name: name, id: id})
	}
}

// OnPost calls f after each post of the bot that appears on the screen, with the ID for replies to it. The goroutine
// that posts calls f and waits for it; f may call SendAs and ReactAs. A nil f ends this.
func (t *Terminal) OnPost(f func(adapters.Post, adapters.MessageID)) {
	t.screen.mu.Lock()
	defer t.screen.mu.Unlock()
	t.onPost = f
}

// Join joins one of the workspace's rooms.
func (t *Terminal) Join(_ context.Context, name string) (adapters.Room, error) {
	t.screen.mu.Lock()
	defer t.screen.mu.Unlock()
	r, err := t.room(name)
	if err != nil {
		return adapters.Room{}, fmt.Errorf("join: %w", err)
	}
	r.joined = true
	t.notify()
	return adapters.Room{ID: r.id, Name: r.name}, nil
}

func (t *Terminal) room(name string) (*room, error) {
	var names []string
	for _, r := range t.rooms {
		if r.name == name || string(r.id) == name {
			return r, nil
		}
		names = append(names, r.name)
	}
	return nil, fmt.Errorf("the terminal's workspace %s has no room %q; it has %s", t.name, name, strings.Join(names, ", "))
}

// Post shows p, unless a post with its key is on the screen already.
func (t *Terminal) Post(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
	if err := adapters.CheckLease(ctx); err != nil {
		return "", &adapters.RetryError{Err: fmt.Errorf("post %s: %w", p.Key, err)}
	}
	m, fresh, err := t.post(p)
	if err != nil {
		return "", fmt.Errorf("post %s: %w", p.Key, err)
	}
	if fresh != nil {
		fresh(p, m)
	}
	return m, nil
}

// post returns the function to call about the post, if it is new.
func (t *Terminal) post(p adapters.Post) (id adapters.MessageID, onPost func(adapters.Post, adapters.MessageID), err error) {
	s := t.screen
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := t.room(string(p.Room))
	if err != nil {
		return "", nil, err
	}
	if m := r.find(func(m *message) bool { return m.author.ID == "" && m.key == p.Key }); m != nil {
		return m.id, nil, nil
	}
	if p.Text == "" {
		if p.Retry {
			return "", nil, nil
		}
		return "", nil, errors.New("nothing to post")
	}
	m := t.newMessage(message{thread: p.Thread, key: p.Key, as: p.As, text: p.Text})
	if err := s.show(t, m.postedBlock(r)); err != nil {
		return "", nil, err
	}
	return r.add(m).id, t.onPost, nil
}

// Edit shows the new text of a post.
func (t *Terminal) Edit(_ context.Context, id adapters.MessageID, p adapters.Post) error {
	t.screen.mu.Lock()
	defer t.screen.mu.Unlock()
	r, err := t.room(string(p.Room))
	if err != nil {
		return fmt.Errorf("edit %s: %w", id, err)
	}
	m := r.find(func(m *message) bool { return m.id == id })
	if m == nil { // posted by an earlier process
		m = r.add(message{id: id, thread: p.Thread, key: p.Key, as: p.As})
	}
	if m.text == p.Text {
		return nil
	}
	m.text = p.Text
	return t.screen.show(t, m.editedBlock(r))
}

// Delete shows that a post was deleted.
func (t *Terminal) Delete(_ context.Context, ref adapters.Ref) error {
	t.screen.mu.Lock()
	defer t.screen.mu.Unlock()
	r, err := t.room(string(ref.Room))
	if err != nil {
		return fmt.Errorf("delete %s: %w", ref.ID, err)
	}
	m := r.remove(ref.ID)
	if m == nil {
		return nil
	}
	return t.screen.show(t, m.deletedBlock(r))
}

// React shows the bot's reaction.
func (t *Terminal) React(_ context.Context, ref adapters.Ref, emoji string, on bool) error {
	t.screen.mu.Lock()
	defer t.screen.mu.Unlock()
	r, err := t.room(string(ref.Room))
	if err != nil {
		return fmt.Errorf("react to %s: %w", ref.ID, err)
	}
	m := r.find(func(m *message) bool { return m.id == ref.ID })
	if m == nil {
		return fmt.Errorf("react to %s: no such message", ref.ID)
	}
	if !m.react("", emoji, on) {
		return nil
	}
	return t.screen.show(t, m.reactedBlock(r, adapters.User{}, emoji, on))
}

// Timestamp tells when a message of this process appeared.
func (t *Terminal) Timestamp(_ context.Context, ref adapters.Ref) (time.Time, error) {
	t.screen.mu.Lock()
	defer t.screen.mu.Unlock()
	r, err := t.room(string(ref.Room))
	if err != nil {
		return time.Time{}, fmt.Errorf("timestamp of %s: %w", ref.ID, err)
	}
	m := r.find(func(m *message) bool { return m.id == ref.ID })
	if m == nil || m.at.IsZero() {
		return time.Time{}, fmt.Errorf("timestamp of %s: no such message on this screen", ref.ID)
	}
	return m.at, nil
}

// PostEphemeral shows p, and notes who alone would see it elsewhere. Private conversations appear in the first room.
func (t *Terminal) PostEphemeral(_ context.Context, to adapters.UserID, p adapters.Post) error {
	t.screen.mu.Lock()
	defer t.screen.mu.Unlock()
	r := t.rooms[0]
	if p.Room != "" {
		var err error
		if r, err = t.room(string(p.Room)); err != nil {
			return fmt.Errorf("post to %s alone: %w", to, err)
		}
	}
	name := string(to)
	if m := r.find(func(m *message) bool { return m.author.ID == to }); m != nil {
		name = m.author.Name
	}
	return t.screen.show(t, (&message{thread: p.Thread, text: p.Text}).ephemeralBlock(r, name))
}

// newMessage gives m a time, and an ID that no other message of any process has. The caller holds the lock.
func (t *Terminal) newMessage(m message) message {
	t.screen.messageCount++
	m.at = t.screen.timestamp()
	m.id = adapters.MessageID(fmt.Sprintf("%s-%d", t.screen.idPrefix, t.screen.messageCount))
	return m
}

func (r *room) add(m message) *message {
	r.messages = append(r.messages, &m)
	return &m
}

// find returns the newest message for which is returns true, or nil.
func (r *room) find(is func(*message) bool) *message {
	for _, m := range slices.Backward(r.messages) {
		if is(m) {
			return m
		}
	}
	return nil
}

func (r *room) remove(id adapters.MessageID) *message {
	i := slices.IndexFunc(r.messages, func(m *message) bool { return m.id == id })
	if i < 0 {
		return nil
	}
	m := r.messages[i]
	r.messages = slices.Delete(r.messages, i, i+1)
	return m
}
