package terminal

import (
	"context"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// heard is an update that waits for a sink.
type queuedUpdate struct {
	room   *room
	update adapters.Update
}

// Say has a person say CommonMark in a room: in the thread of root, or at the top level if root is "". It is shown at
// once, and heard by the bot when Run runs and the bot has joined the room. A room that does not exist panics.
func (t *Terminal) SendAs(user adapters.User, room string, root adapters.MessageID, text string) adapters.MessageID {
	s := t.screen
	s.mu.Lock()
	defer s.mu.Unlock()
	r := t.mustRoom(room)
	m := r.add(t.newMessage(message{thread: root, author: user, text: text}))
	_ = s.show(t, m.postedBlock(r)) // a screen that is gone doesn't stop people from talking
	said := &adapters.Message{Ref: adapters.Ref{Room: r.id, ID: m.id}, Thread: root, Author: user, Text: text, At: m.at}
	said.ToBot, said.Command = adapters.ParseMention(text, "@"+botName)
	t.enqueue(r, said)
	return m.id
}

// CommandAs has a person say something to the bot alone. It is not shown.
func (t *Terminal) CommandAs(user adapters.User, room, text string) {
	s := t.screen
	s.mu.Lock()
	defer s.mu.Unlock()
	r := t.mustRoom(room)
	m := t.newMessage(message{})
	t.enqueue(r, &adapters.Command{ID: string(m.id), Room: r.id, User: user, Text: text, At: m.at})
}

// EditAs has a person change what they said.
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

// DeleteAs has a person take back what they said.
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

// ReactAs has a person put an emoji on any message, or take it off.
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

// Shown is a message as it stands in a room.
type MessageView struct {
	ID        adapters.MessageID
	Thread    adapters.MessageID
	Name      string // of its author, or of the person whom the bot passes on
	FromBot   bool   // said by the bot, for whomever
	Text      string // CommonMark
	PlainText string // the same without its marks, on one line
	Reactions []string
}

// Messages lists what stands in a room, oldest first. It is how a cast finds what to answer and to react to.
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

// enqueue queues an update. It is called under the lock.
func (t *Terminal) enqueue(r *room, u adapters.Update) {
	t.queue = append(t.queue, queuedUpdate{r, u})
	t.notify()
}

func (t *Terminal) notify() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// Run hands what people do to sink, in the order in which they did it, and reads the keyboard if there is one.
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

// heard takes an update that is stored out of the queue.
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

// deliver hands an update to the sink until it is stored, and tells whether it was.
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
