// Package adaptertest tests adapters, and what is built on them. A Platform is a chat platform in memory or in a
// file, with people who chat, and with faults that can be switched on. A Fake is its adapter. Test is the conformance
// suite: it checks that an adapter keeps the promises made in package adapters.
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

// A Platform is a chat platform with some rooms. Its state is what a log of events adds up to. People (SendAs,
// EditAs, DeleteAs, ReactAs) and adapters (Adapter) append to the log. Its methods may be called from several
// goroutines at once. It starts no goroutine and opens no socket, so a platform made by NewPlatform works inside a
// testing/synctest bubble.
//
// Its methods take rooms by their name, as in NewPlatform, or by ID. They panic if the test is wrong, for instance
// about the name of a room.
type Platform struct {
	name    string
	journal *journal // nil in memory

	mu      sync.Mutex
	log     []Event
	rooms   []*room
	cursor  map[adapters.RoomID]int64 // the cursor: the last event of each room that a sink has stored
	faults  Faults
	changed chan struct{} // closed and replaced when anything changes
}

// NewPlatform returns a platform in memory. Its errors contain the name.
func NewPlatform(name string, rooms ...string) *Platform {
	p := &Platform{name: name, cursor: map[adapters.RoomID]int64{}, changed: make(chan struct{})}
	p.faults.Seed(1)
	p.rooms = append(p.rooms, &room{}) // the private conversations
	for _, r := range rooms {
		p.rooms = append(p.rooms, newRoom(r))
	}
	return p
}

// AddRoom makes a room, which the bot can join.
func (p *Platform) AddRoom(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rooms = append(p.rooms, newRoom(name))
}

// OpenPlatform returns a platform whose log is a journal at path, with one line of JSON for each event. The cursor of
// its adapters is a file next to it. Several processes may use it at once. What was accepted survives if any of them
// is killed, but not a loss of power. Each process has faults of its own.
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

// Close closes the journal. A platform in memory needs no Close.
func (p *Platform) Close() error {
	if p.journal == nil {
		return nil
	}
	return p.journal.Close()
}

// Adapter returns a new adapter, as after a restart of the bot: it has joined no room yet.
func (p *Platform) Adapter() *Fake { return &Fake{platform: p, joined: map[adapters.RoomID]bool{}} }

// Room is the ID of a room.
func (p *Platform) Room(name string) adapters.RoomID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mustRoom(name).id
}

// SendAs sends native text as a person, to the thread of root, or to the top level of a room if root is "".
func (p *Platform) SendAs(room string, user adapters.User, root adapters.MessageID, text string) adapters.MessageID {
	e, err := p.act(Event{Kind: Sent, User: user.ID, Name: user.Name, Picture: user.Picture, Thread: root, Text: text}, room)
	if err != nil {
		panic(err)
	}
	return e.ID
}

// UploadAs shares files as a person, with native text or "".
func (p *Platform) UploadAs(room string, user adapters.User, root adapters.MessageID, text string, files ...File) adapters.MessageID {
	e, err := p.act(Event{Kind: Sent, User: user.ID, Name: user.Name, Picture: user.Picture, Thread: root, Text: text, Files: files}, room)
	if err != nil {
		panic(err)
	}
	return e.ID
}

// EditAs edits a message as a person. It has to be their own and still exist.
func (p *Platform) EditAs(room string, user adapters.User, id adapters.MessageID, text string) error {
	_, err := p.act(Event{Kind: Edited, User: user.ID, ID: id, Text: text}, room)
	return err
}

// RemoveFile takes a file off a message, as its owner may do without editing the text.
func (p *Platform) RemoveFile(room string, id adapters.MessageID, name string) error {
	_, err := p.act(Event{Kind: FileRemoved, ID: id, Name: name}, room)
	return err
}

// DeleteAs deletes any message as a person, as moderators may. It is an error if the message is gone already.
func (p *Platform) DeleteAs(room string, user adapters.User, id adapters.MessageID) error {
	_, err := p.act(Event{Kind: Deleted, User: user.ID, ID: id}, room)
	return err
}

// ReactAs adds a person's reaction to any message, or removes it.
func (p *Platform) ReactAs(room string, user adapters.User, id adapters.MessageID, emoji string, on bool) error {
	_, err := p.act(Event{Kind: Reacted, User: user.ID, ID: id, Emoji: emoji, Added: on}, room)
	return err
}

// CommandAs gives the bot a command that nobody else sees: in a room or, with "", in a private conversation.
func (p *Platform) CommandAs(room string, user adapters.User, text string) adapters.MessageID {
	e, err := p.act(Event{Kind: GaveCommand, User: user.ID, Name: user.Name, Picture: user.Picture, Text: text}, room)
	if err != nil {
		panic(err)
	}
	return e.ID
}

// EditCommand edits what a person sent in a private conversation with the bot or, with "", deletes it.
func (p *Platform) EditCommand(user adapters.User, command adapters.MessageID, text string) {
	kind := Edited
	if text == "" {
		kind = Deleted
	}
	if _, err := p.act(Event{Kind: kind, ID: command, User: user.ID, Text: text}, ""); err != nil {
		panic(err)
	}
}

// PressButton presses the button with a label below an ephemeral message, as its recipient.
func (p *Platform) PressButton(ephemeral Event, user adapters.User, label string) error {
	i := slices.IndexFunc(ephemeral.Buttons, func(b adapters.Button) bool { return b.Label == label })
	if i < 0 || ephemeral.User != user.ID {
		return fmt.Errorf("%s: %s sees no button %q below ephemeral message %s", p.name, user.ID, label, ephemeral.ID)
	}
	p.CommandAs(string(ephemeral.Room), user, ephemeral.Buttons[i].Command)
	return nil
}

// AddMember lets a person join a room.
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

// Messages lists all messages that were ever in a room, oldest first. Those that are gone have Deleted set.
func (p *Platform) Messages(room string) []Message {
	var all []Message
	p.view(func() {
		for _, m := range p.mustRoom(room).messages {
			all = append(all, m.clone())
		}
	})
	return all
}

// Ephemerals lists what adapters posted for one person alone.
func (p *Platform) Ephemerals() (all []Event) {
	return p.events(func(e Event) bool { return e.Kind == PostedEphemeral })
}

// MassMentions lists the events with which an adapter notified everybody in a room. It must never do that.
func (p *Platform) MassMentions() (all []Event) {
	return p.events(func(e Event) bool { return e.FromBot && hasMassMention(e.Text) })
}

// Log lists all events, oldest first.
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

// Changed returns a channel that is closed at the next change that this process makes or notices.
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

// withLock runs f on the current state, which no other process reads or changes meanwhile.
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

// append gives e its number and time, and stores it. The caller holds the lock and has validated e.
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
	// An ID that differs from the name reveals code that confuses the two.
	return &room{id: adapters.RoomID("R-" + url.QueryEscape(strings.TrimPrefix(name, "#"))), name: name, byID: map[adapters.MessageID]*Message{}}
}
