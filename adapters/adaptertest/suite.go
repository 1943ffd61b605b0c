package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// DefaultTimeout is how long the suite waits for something that must happen.
const DefaultTimeout = 10 * time.Second

// A Harness lets the suite test an adapter, on a real platform or a faithful copy of one, with one room.
type Harness struct {
	// New returns an adapter that has not run yet. The suite calls Run on it once. The next adapter on the same
	// platform is the same one after a restart, with whatever it keeps across restarts.
	New func(t testing.TB) adapters.Adapter
	// Room is the name of the room, as an admin would write it.
	Room string
	// Person is a member of that room, but not through the adapter.
	Person Person

	// Restartable says that adapters made one after another share what survives a restart.
	Restartable bool
	// LoseResponse makes the platform accept the next Post and lose its response. Nil if that is impossible.
	LoseResponse func(t testing.TB)
	// Upload shares a file with some words at the top level, as the person. Nil if that is impossible.
	Upload func(t testing.TB, words string, f File) adapters.MessageID
	// CloseIdle stops what the harness itself keeps running for an adapter, such as a client's idle connections,
	// before the suite counts goroutines. Nil if there is nothing.
	CloseIdle func()

	// Not every platform has what follows. Nil or "" skips the checks that need it.

	// Mention is how the person mentions the bot, in the platform's own format.
	Mention string
	// SlashCommand gives the bot a command in the room that nobody else sees, as the person.
	SlashCommand func(t testing.TB, words string)
	// SendDM sends words to the bot in a private conversation, as the person.
	SendDM func(t testing.TB, words string)
	// Ephemerals lists what the adapter posted for the person alone, oldest first: in the room, or in a private
	// conversation.
	Ephemerals func(t testing.TB, private bool) []VisibleMessage
	// PressButton presses the button with a label below the ephemeral message with these words, as the person.
	PressButton func(t testing.TB, words, label string)
	// OpenPermalink returns the message of the room that an address leads the person to, or "".
	OpenPermalink func(t testing.TB, link string) adapters.MessageID
	// AddMember lets somebody join the room who was never there before, and returns the name that the adapter should
	// use.
	AddMember func(t testing.TB) (name string)

	// Timeout is how long to wait for something that must happen; zero is DefaultTimeout. The suite waits a fiftieth
	// of it for something that must not happen.
	Timeout time.Duration
}

// A Person acts on the platform and sees what is there. A failure ends the test.
type Person interface {
	// Name is the name that the adapter should use for this person.
	Name() string
	// Send sends plain words, which mean nothing special on any platform, to a thread or, with "", to the top level.
	Send(t testing.TB, thread adapters.MessageID, words string) adapters.MessageID
	// Repost sends the native text of a message of the bot to the top level, as if copied and pasted.
	Repost(t testing.TB, id adapters.MessageID) adapters.MessageID
	// Edit changes one of the person's own messages to other plain words.
	Edit(t testing.TB, id adapters.MessageID, words string)
	// Delete deletes one of the person's own messages.
	Delete(t testing.TB, id adapters.MessageID)
	// React adds a reaction to a message, or removes it.
	React(t testing.TB, id adapters.MessageID, emoji string, on bool)
	// VisibleMessages lists what the person sees in the room and its threads, oldest first.
	VisibleMessages(t testing.TB) []VisibleMessage
}

// A VisibleMessage is a message as people see it.
type VisibleMessage struct {
	ID          adapters.MessageID
	Thread      adapters.MessageID // "" at the top level
	Text        string             // in any format
	Name        string             // that it is shown under
	FromBot     bool               // the adapter posted it
	NotifiesAll bool               // it notifies everybody in the room
	Reactions   []string           // the emoji on it
}

// Test checks that an adapter keeps the promises of package adapters, with a subtest for each, in real time. Checks of
// optional abilities that the adapter lacks are skipped. It counts goroutines, so no other test may run in parallel.
func Test(t *testing.T, h Harness) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.run(newFixture(t, h)) })
	}
}

// A check tests one promise.
type check struct {
	name string
	run  func(*fixture)
}

// A fixture is what a check works with: an adapter that has joined the room, and receives after startRun.
type fixture struct {
	testing.TB
	Harness
	adapter adapters.Adapter
	room    adapters.Room
	sink    *recordingSink
	stopRun func() // ends Run and waits for it; may be repeated
}

func newFixture(t testing.TB, h Harness) *fixture {
	t.Helper()
	if h.Timeout == 0 {
		h.Timeout = DefaultTimeout
	}
	s := &fixture{TB: t, Harness: h, stopRun: func() {}}
	s.restart()
	return s
}

// restart continues with a new adapter, as after a crash.
func (s *fixture) restart() {
	s.Helper()
	s.stopRun()
	s.adapter, s.stopRun = s.New(s.TB), func() {}
	var err error
	if s.room, err = s.adapter.Join(s.Context(), s.Room); err != nil {
		s.Fatalf("Join(%q): %v", s.Room, err)
	}
}

// startRun starts Run. The sink returns what refuse returns; without refuse, it stores everything.
func (s *fixture) startRun(refuse func(adapters.Update) error) {
	s.Helper()
	s.sink = &recordingSink{refuse: refuse}
	ctx, cancel := context.WithCancel(s.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.adapter.Run(ctx, s.sink.receive) }()
	var once sync.Once
	s.stopRun = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					s.Errorf("Run after its context was done: got %v, want nil", err)
				}
			case <-time.After(s.Timeout):
				s.Errorf("Run still runs %v after its context was done", s.Timeout)
			}
		})
	}
	s.Cleanup(s.stopRun)
}

// An inbox is a sink that keeps what it received.
type recordingSink struct {
	mu      sync.Mutex
	refuse  func(adapters.Update) error
	updates []adapters.Update
}

func (e *recordingSink) receive(_ context.Context, u adapters.Update) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refuse != nil {
		if err := e.refuse(u); err != nil {
			return err
		}
	}
	e.updates = append(e.updates, u)
	return nil
}

// find returns the first update that was received, of a type, for which is says yes.
func find[U adapters.Update](e *recordingSink, is func(U) bool) (u U, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, h := range e.updates {
		if u, ok = h.(U); ok && is(u) {
			return u, true
		}
	}
	return u, false
}

// waitMessage waits until a message is received.
func (s *fixture) waitMessage(id adapters.MessageID) *adapters.Message {
	s.Helper()
	var m *adapters.Message
	s.eventually(fmt.Sprintf("message %s is received", id), func() (ok bool) {
		m, ok = find(s.sink, func(m *adapters.Message) bool { return m.ID == id })
		return ok
	})
	return m
}

// sendMarker has the person say something, and waits until it is received: by then, all from before should have been.
func (s *fixture) sendMarker() *adapters.Message {
	s.Helper()
	return s.waitMessage(s.Person.Send(s.TB, "", "marker "+unique()))
}

func (s *fixture) eventually(what string, is func() bool) {
	s.Helper()
	for deadline := time.Now().Add(s.Timeout); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("timed out after %v waiting until %s", s.Timeout, what)
		}
	}
}

// post says text with a fresh key.
func (s *fixture) post(p adapters.Post) adapters.MessageID {
	s.Helper()
	p.Room = s.room.ID
	if p.Key == "" {
		p.Key = unique()
	}
	id, err := s.adapter.Post(s.Context(), p)
	if err != nil || id == "" {
		s.Fatalf("Post(%+v): got %q, %v, want an ID", p, id, err)
	}
	return id
}

// postUntilSettled posts for as long as the adapter asks to try again.
func (s *fixture) postUntilSettled(p adapters.Post) (id adapters.MessageID, err error) {
	s.Helper()
	s.eventually(fmt.Sprintf("the post %s is settled", p.Key), func() bool {
		id, err = s.adapter.Post(s.Context(), p)
		_, again := errors.AsType[*adapters.RetryError](err)
		return !again
	})
	return id, err
}

// waitVisible waits until the person sees a message.
func (s *fixture) waitVisible(id adapters.MessageID) (found VisibleMessage) {
	s.Helper()
	s.eventually(fmt.Sprintf("message %s is seen", id), func() bool {
		all := s.visible(func(m VisibleMessage) bool { return m.ID == id })
		if len(all) > 0 {
			found = all[0]
		}
		return len(all) > 0
	})
	return found
}

// visible lists what the person sees of a kind.
func (s *fixture) visible(is func(VisibleMessage) bool) (found []VisibleMessage) {
	s.Helper()
	for _, m := range s.Person.VisibleMessages(s.TB) {
		if is(m) {
			found = append(found, m)
		}
	}
	return found
}

// visibleContaining lists what the person sees that contains words, after a moment for what should not be there to
// appear.
func (s *fixture) visibleContaining(words string) []VisibleMessage {
	s.Helper()
	time.Sleep(s.Timeout / 50)
	return s.visible(func(m VisibleMessage) bool { return strings.Contains(m.Text, words) })
}

var serial atomic.Int64

// unique is a word that was never used before, in this room or any other.
func unique() string { return fmt.Sprintf("u%xn%d", time.Now().UnixNano(), serial.Add(1)) }
