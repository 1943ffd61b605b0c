package terminal

import (
	"context"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// A queuedUpdate waits for a sink.
type queuedUpdate struct {
	room   *room
	update adapters.Update
}

// SendAs sends CommonMark to a room as a person would: to the thread of root, or to the top level if root is "". The
// screen shows it at once. The bot receives it once Run is running and the bot has joined the room. It panics if
// there is no such room.
func (t *Terminal) SendAs(user adapters.User, room string, root adapters.MessageID, text string) adapters.MessageID {
	s := t.screen
	s.mu.Lock()
	defer s.mu.Unlock()
	r := t.mustRoom(room)
	m := r.add(t.newMessage(message{thread: root, author: user, text: text}))
	_ = s.show(t, m.postedBlock(r)) // people go on without the screen
	said := &adapters.Message{Ref: adapters.Ref{Room: r.id, ID: m.id}, Thread: root, Author: user, Text: text, At: m.at}
	said.ToBot, said.Command = adapters.ParseMention(text, "@"+botName)
	t.enqueue(r, said)
	return m.id
}

// CommandAs sends a command to the bot alone. The screen doesn't show it.
func (t *Terminal) CommandAs(user adapters.User, room, text string) {
	s := t.screen
	s.mu.Lock()
	defer s.mu.Unlock()
	r := t.mustRoom(room)
	m := t.newMessage(message{})
	t.enqueue(r, &adapters.Command{ID: string(m.id), Room: r.id, User: user, Text: text, At: m.at})
}

// EditAs edits a message as its author would.
func (t *Terminal) EditAs(user adapters.User, room string, id adapters.MessageID, text string) error {
	s := t.screen
	s.mu.Lock()
	defer s.mu.Unlock()
	r := t.mustRoom(room)
	m := r.find(func(m *message) bool { return m.id == id && m.author.ID == user.ID })
	if m == nil {
		return fmt.Errorf("edit %s: %s has said no such message", id, user.Name)
	}
	m.text = text
	_ = s.show(t, m.editedBlock(r))
	t.enqueue(r, &adapters.Edit{Ref: adapters.Ref{Room: r.id, ID: id}, Text: text, At: s.timestamp()})
	return nil
}

// DeleteAs deletes a message as its author would.
func (t *Terminal) DeleteAs(user adapters.User, room string, id adapters.MessageID) error {
	s := t.screen
	s.mu.Lock()
	defer s.mu.Unlock()
	r := t.mustRoom(room)
	m := r.find(func(m *message) bool { return m.id == id && m.author.ID == user.ID })
	if m == nil {
		return fmt.Errorf("delete %s: %s has said no such message", id, user.Name)
	}
	r.remove(id)
	_ = s.show(t, m.deletedBlock(r))
	t.enqueue(r, &adapters.Deletion{Ref: adapters.Ref{Room: r.id, ID: id}, At: s.timestamp()})
	return nil
}

// ReactAs adds a person's emoji to any message, or removes it.
func (t *Terminal) ReactAs(user adapters.User, room string, id adapters.MessageID, emoji string, on bool) error {
	s := t.screen
	s.mu.Lock()
	defer s.mu.Unlock()
	r := t.mustRoom(room)
	m := r.find(func(m *message) bool { return m.id == id })
	if m == nil {
		return fmt.Errorf("react to %s: no such message", id)
	}
	m.react(user.ID, emoji, on)
	_ = s.show(t, m.reactedBlock(r, user, emoji, on))
	t.enqueue(r, &adapters.Reaction{Ref: adapters.Ref{Room: r.id, ID: id}, User: user.ID, Emoji: emoji, Added: on, At: s.timestamp()})
	return nil
}

// A MessageView is a message as people see it in a room.
type MessageView struct {
	ID        adapters.MessageID
	Thread    adapters.MessageID
	Name      string // of its author, or of the persona under which the bot posted it
	FromBot   bool   // the bot posted it, under any name
	Text      string // CommonMark
	PlainText string // the same without markup, on one line
	Reactions []string
}

// Messages lists the messages of a room, oldest first. A rehearsal finds there what to reply and react to.
func (t *Terminal) Messages(room string) (all []MessageView) {
	t.screen.mu.Lock()
	defer t.screen.mu.Unlock()
	for _, m := range t.mustRoom(room).messages {
		shown := MessageView{ID: m.id, Thread: m.thread, Name: m.authorName(), FromBot: m.author.ID == "", Text: m.text, PlainText: plainText(m.text)}
		for _, r := range m.reactions {
			shown.Reactions = append(shown.Reactions, r.emoji)
		}
		all = append(all, shown)
	}
	return all
}

func (t *Terminal) mustRoom(name string) *room {
	r, err := t.room(name)
	if err != nil {
		panic(err)
	}
	return r
}

func (s *Screen) timestamp() time.Time { return s.opts.Now().UTC().Truncate(time.Millisecond) }

// enqueue queues an update. The caller holds the lock.
func (t *Terminal) enqueue(r *room, u adapters.Update) {
	t.queue = append(t.queue, queuedUpdate{r, u})
	t.notify()
}

func (t *Terminal) notify() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// Run hands what people do to sink, in order, and reads the keyboard if there is one.
func (t *Terminal) Run(ctx context.Context, sink adapters.Sink) error {
	k := t.keyboard
	defer k.start()()
	for {
		if typed, ok := k.pop(); ok {
			t.handleLine(typed)
			continue
		}
		next, ok, changed := t.nextUpdate()
		if ok {
			if !deliver(ctx, sink, next.update) {
				return nil
			}
			t.dequeue(next)
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-k.ready():
		}
	}
}

// nextUpdate is the first update from a room that the bot has joined. The channel is closed when there may be one.
func (t *Terminal) nextUpdate() (queuedUpdate, bool, <-chan struct{}) {
	t.screen.mu.Lock()
	defer t.screen.mu.Unlock()
	for _, h := range t.queue {
		if h.room.joined {
			return h, true, t.changed
		}
	}
	return queuedUpdate{}, false, t.changed
}

func (t *Terminal) dequeue(done queuedUpdate) {
	t.screen.mu.Lock()
	defer t.screen.mu.Unlock()
	for i, h := range t.queue {
		if h.update == done.update {
			t.queue = append(t.queue[:i:i], t.queue[i+1:]...)
			return
		}
	}
}

// deliver hands an update to the sink until it is stored, and tells whether it was stored.
func deliver(ctx context.Context, sink adapters.Sink, u adapters.Update) bool {
	for backoff := firstBackoff; ctx.Err() == nil; backoff = min(2*backoff, lastBackoff) {
		if sink(ctx, u) == nil {
			return true
		}
		timer := time.NewTimer(backoff)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
	return false
}
