// Package adaptertest tests adapters, and what stands on them. Platform is a chat platform that exists in memory or in
// a file only, with people who talk and faults that can be switched on; Fake is its adapter. Test is the conformance
// suite: it holds any adapter to the promises made in package adapters.
package adaptertest

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

const (
	// BotID is the user under whose account a Fake posts and reacts.
	BotID adapters.UserID = "bot"
	// BotName is how people mention the bot.
	BotName = "@catchword"
)

// A Platform is a chat platform with some rooms. All it knows is the fold over a log of events, to which people
// (Say, EditAs, Delete, React) and adapters (Adapter) append. Its methods may be called from several goroutines at
// once. It starts no goroutine and opens no socket; one that NewPlatform made inside a testing/synctest bubble can be
// used there.
//
// Rooms are named in its methods as in NewPlatform, or by ID. A method panics where the test that calls it is wrong,
// for instance about a room's name.
type Platform struct {
	name    string
	journal *journal // nil in memory

	mu      sync.Mutex
	log     []Event
	rooms   []*room
	cursor  map[adapters.RoomID]int64 // the cursor: the last event of each room that a sink has stored
	faults  Faults
	changed chan struct{} // closed when anything changes, and replaced
}

// NewPlatform is a platform that lives in memory. The name stands in errors.
func NewPlatform(name string, rooms ...string) *Platform {
	p := &Platform{name: name, cursor: map[adapters.RoomID]int64{}, changed: make(chan struct{})}
	p.faults.Seed(1)
	p.rooms = append(p.rooms, &room{}) // the private conversations
	for _, r := range rooms {
		p.rooms = append(p.rooms, newRoom(r))
	}
	return p
}

// OpenPlatform is a platform whose log is a journal at path, a JSON line for each event, and whose adapters' cursor is
// a file beside it. Several processes may use it at once. What was accepted survives when any of them is killed: a
// write in the kernel's hands is as good as done; it need not survive a loss of power. Faults are each process's own.
func OpenPlatform(path, name string, rooms ...string) (*Platform, error) {
	j, err := openJournal(path)
	if err != nil {
		return nil, fmt.Errorf("open platform %s: %w", name, err)
	}
	p := NewPlatform(name, rooms...)
	p.journal = j
	if err := p.withLock(func() error { return nil }); err != nil {
		return nil, errors.Join(fmt.Errorf("open platform %s: %w", name, err), j.Close())
	}
	return p, nil
}

// Close lets go of the journal. A platform in memory needs no Close.
func (p *Platform) Close() error {
	if p.journal == nil {
		return nil
	}
	return p.journal.Close()
}

// Adapter makes a new adapter, as after a restart of the bot: it has joined no room yet.
func (p *Platform) Adapter() *Fake { return &Fake{platform: p, joined: map[adapters.RoomID]bool{}} }

// Room is the ID of a room.
func (p *Platform) Room(name string) adapters.RoomID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mustRoom(name).id
}

// Say has a person say native text in a room, in the thread of root, or at the top level if root is "".
func (p *Platform) SendAs(room string, user adapters.User, root adapters.MessageID, text string) adapters.MessageID {
	e, err := p.act(Event{Kind: Sent, User: user.ID, Name: user.Name, Picture: user.Picture, Thread: root, Text: text}, room)
	if err != nil {
		panic(err)
	}
	return e.ID
}

// UploadAs has a person share files, with native text or "" beside them.
func (p *Platform) UploadAs(room string, user adapters.User, root adapters.MessageID, text string, files ...File) adapters.MessageID {
	e, err := p.act(Event{Kind: Sent, User: user.ID, Name: user.Name, Picture: user.Picture, Thread: root, Text: text, Files: files}, room)
	if err != nil {
		panic(err)
	}
	return e.ID
}

// EditAs has a person change what they said. Only one's own messages that still exist can be edited.
func (p *Platform) EditAs(room string, user adapters.User, id adapters.MessageID, text string) error {
	_, err := p.act(Event{Kind: Edited, User: user.ID, ID: id, Text: text}, room)
	return err
}

// RemoveFile takes a file off a message, as its owner may do without editing the text.
func (p *Platform) RemoveFile(room string, id adapters.MessageID, name string) error {
	_, err := p.act(Event{Kind: FileRemoved, ID: id, Name: name}, room)
	return err
}

// DeleteAs has a person take any message back, as moderators may. That it is already gone is an error.
func (p *Platform) DeleteAs(room string, user adapters.User, id adapters.MessageID) error {
	_, err := p.act(Event{Kind: Deleted, User: user.ID, ID: id}, room)
	return err
}

// ReactAs has a person put an emoji on any message, or take it off.
func (p *Platform) ReactAs(room string, user adapters.User, id adapters.MessageID, emoji string, on bool) error {
	_, err := p.act(Event{Kind: Reacted, User: user.ID, ID: id, Emoji: emoji, Added: on}, room)
	return err
}

// Command has a person give the bot a command that nobody else sees, in a room, or with "" in a private conversation
// with the bot.
func (p *Platform) CommandAs(room string, user adapters.User, text string) adapters.MessageID {
	e, err := p.act(Event{Kind: GaveCommand, User: user.ID, Name: user.Name, Picture: user.Picture, Text: text}, room)
	if err != nil {
		panic(err)
	}
	return e.ID
}

// EditCommand has a person edit what they said in a private conversation with the bot, or with "" delete it.
func (p *Platform) EditCommand(user adapters.User, command adapters.MessageID, text string) {
	kind := Edited
	if text == "" {
		kind = Deleted
	}
	if _, err := p.act(Event{Kind: kind, ID: command, User: user.ID, Text: text}, ""); err != nil {
		panic(err)
	}
}

// PressButton has a person press the button of a label below what was whispered to them.
func (p *Platform) PressButton(ephemeral Event, user adapters.User, label string) error {
	i := slices.IndexFunc(ephemeral.Buttons, func(b adapters.Button) bool { return b.Label == label })
	if i < 0 || ephemeral.User != user.ID {
		return fmt.Errorf("%s: %s sees no button %q below whisper %s", p.name, user.ID, label, ephemeral.ID)
	}
	p.CommandAs(string(ephemeral.Room), user, ephemeral.Buttons[i].Command)
	return nil
}

// AddMember has a person come into a room.
func (p *Platform) AddMember(room string, user adapters.User) {
	if _, err := p.act(Event{Kind: Joined, User: user.ID, Name: user.Name, Picture: user.Picture}, room); err != nil {
		panic(err)
	}
}

func (p *Platform) act(e Event, room string) (stored Event, err error) {
	err = p.withLock(func() error {
		r := p.mustRoom(room)
		e.Room = r.id
		if err := r.validate(e); err != nil {
			return fmt.Errorf("%s %s: %w", p.name, r.name, err)
		}
		stored, err = p.append(e)
		return err
	})
	return stored, err
}

// Messages lists all that was ever said in a room, in the order in which it was said; what was taken back is Deleted.
func (p *Platform) Messages(room string) []Message {
	var all []Message
	p.view(func() {
		for _, m := range p.mustRoom(room).messages {
			all = append(all, m.clone())
		}
	})
	return all
}

// Ephemerals lists what adapters said to one person alone.
func (p *Platform) Ephemerals() (all []Event) {
	return p.events(func(e Event) bool { return e.Kind == PostedEphemeral })
}

// MassMentions lists the events by which an adapter called everybody in a room, which it never may.
func (p *Platform) MassMentions() (all []Event) {
	return p.events(func(e Event) bool { return e.FromBot && hasMassMention(e.Text) })
}

// Log lists all that ever happened, in order.
func (p *Platform) Log() []Event { return p.events(func(Event) bool { return true }) }

func (p *Platform) events(keep func(Event) bool) (all []Event) {
	p.view(func() {
		for _, e := range p.log {
			if keep(e) {
				all = append(all, e)
			}
		}
	})
	return all
}

// Changed is closed at the next change that this process makes or notices, for tests that wait for one.
func (p *Platform) Changed() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}

func (p *Platform) view(f func()) {
	if err := p.withLock(func() error { f(); return nil }); err != nil {
		panic(err)
	}
}

// withLock runs f on the state as it is in this moment for all processes, while nobody else looks or writes.
func (p *Platform) withLock(f func() error) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.journal == nil {
		return f()
	}
	if err := p.journal.lock(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.journal.unlock()) }()
	if err := p.catchUp(); err != nil {
		return err
	}
	return f()
}

func (p *Platform) catchUp() error {
	unread, err := p.journal.read()
	if err != nil {
		return err
	}
	for _, e := range unread {
		p.apply(e)
	}
	if len(unread) > 0 {
		p.notify()
	}
	return nil
}

// append gives e its number and time, and stores it. The caller has checked it under the lock.
func (p *Platform) append(e Event) (Event, error) {
	e.N, e.At = int64(len(p.log))+1, time.Now().UTC().Truncate(time.Millisecond)
	if e.ID == "" {
		e.ID = adapters.MessageID(fmt.Sprintf("m%06d", e.N))
	}
	if p.journal != nil {
		if err := p.journal.write(e); err != nil {
			return Event{}, err
		}
	}
	p.apply(e)
	p.notify()
	return e, nil
}

func (p *Platform) apply(e Event) {
	p.log = append(p.log, e)
	if r := p.room(string(e.Room)); r != nil {
		r.apply(e)
	}
}

func (p *Platform) notify() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Platform) room(name string) *room {
	i := slices.IndexFunc(p.rooms, func(r *room) bool { return r.name == name || string(r.id) == name })
	if i < 0 {
		return nil
	}
	return p.rooms[i]
}

func (p *Platform) mustRoom(name string) *room {
	r := p.room(name)
	if r == nil {
		panic(p.unknownRoom(name))
	}
	return r
}

func (p *Platform) unknownRoom(name string) error {
	var names []string
	for _, r := range p.rooms {
		if r.id != "" {
			names = append(names, r.name)
		}
	}
	return fmt.Errorf("%s has no room %q; it has %s", p.name, name, strings.Join(names, ", "))
}

func newRoom(name string) *room {
	// An ID that differs from the name finds those who confuse them.
	return &room{id: adapters.RoomID("R-" + url.QueryEscape(strings.TrimPrefix(name, "#"))), name: name, byID: map[adapters.MessageID]*Message{}}
}
