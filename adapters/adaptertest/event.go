package adaptertest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// An EventKind says what happened.
type EventKind string

const (
	Posted          EventKind = "posted" // by the bot
	Sent            EventKind = "sent"   // by a person
	Edited          EventKind = "edited"
	Deleted         EventKind = "deleted"
	FileRemoved     EventKind = "file_removed" // the file called Name
	Reacted         EventKind = "reacted"
	PostedEphemeral EventKind = "posted_ephemeral"
	GaveCommand     EventKind = "command" // to the bot alone, by a person
	Joined          EventKind = "member_joined"
)

// An Event is one line of a platform's log.
type Event struct {
	N       int64     `json:"n"` // 1, 2, 3 …
	At      time.Time `json:"at"`
	Kind    EventKind `json:"kind"`
	FromBot bool      `json:"bot,omitzero"` // done by an adapter

	Room   adapters.RoomID    `json:"room"` // "" for private conversations with the bot
	ID     adapters.MessageID `json:"id"`   // the message that was sent, edited, deleted or reacted to
	Thread adapters.MessageID `json:"thread,omitzero"`
	Text   string             `json:"text,omitzero"` // native

	User    adapters.UserID `json:"user,omitzero"` // who did it; of an ephemeral message, who alone sees it
	Name    string          `json:"name,omitzero"`
	Picture string          `json:"picture,omitzero"`

	Key     string            `json:"key,omitzero"` // of a post
	As      adapters.Persona  `json:"as,omitzero"`
	Buttons []adapters.Button `json:"buttons,omitzero"` // of an ephemeral message
	Emoji   string            `json:"emoji,omitzero"`
	Added   bool              `json:"on,omitzero"`
	Files   []File            `json:"files,omitzero"`
}

// A Message is a message as the people in its room see it.
type Message struct {
	ID       adapters.MessageID
	Thread   adapters.MessageID
	Text     string        // native
	Author   adapters.User // the bot for a post
	FromBot  bool          // whether an adapter posted it
	At       time.Time
	EditedAt time.Time // zero if never
	Files    []adapters.File

	Deleted   bool // nobody sees it
	Reactions []Reaction

	Key string           // of a post
	As  adapters.Persona // of a post
}

// A Reaction is one person's emoji on a message.
type Reaction struct {
	User  adapters.UserID
	Emoji string
}

func (m *Message) clone() Message {
	c := *m
	c.Reactions = slices.Clone(m.Reactions)
	return c
}

type room struct {
	id         adapters.RoomID
	name       string
	messages   []*Message
	byID       map[adapters.MessageID]*Message
	userEvents []Event   // what people did, for adapters to receive
	lastPost   time.Time // when the bot last posted something
}

// validate tells whether e may happen in the room.
func (r *room) validate(e Event) error {
	if r.id == "" {
		return nil // a private conversation has no messages to refer to
	}
	switch e.Kind {
	case Posted, Sent:
		return r.validateThread(e)
	case Edited:
		m, err := r.existing(e.ID)
		if err == nil && (m.FromBot != e.FromBot || m.Author.ID != e.User) {
			err = fmt.Errorf("edit %s: %s may edit their own messages only", e.ID, e.User)
		}
		return err
	case Deleted, Reacted, FileRemoved:
		_, err := r.existing(e.ID)
		return err
	}
	return nil
}

func (r *room) validateThread(e Event) error {
	if e.Thread == "" {
		return nil
	}
	root, ok := r.byID[e.Thread]
	switch {
	case !ok:
		return fmt.Errorf("no message %s to answer under", e.Thread)
	case root.Thread != "":
		return fmt.Errorf("message %s is in a thread itself, so it can't begin one", e.Thread)
	case root.Deleted && e.FromBot: // people can still reply to a tombstone
		return fmt.Errorf("message %s was deleted, so nothing can be answered under it", e.Thread)
	}
	return nil
}

func (r *room) existing(id adapters.MessageID) (*Message, error) {
	m, ok := r.byID[id]
	if !ok {
		return nil, fmt.Errorf("no message %s", id)
	}
	if m.Deleted {
		return nil, fmt.Errorf("message %s was deleted", id)
	}
	return m, nil
}

// byKey finds the message of the post with this key, if it still exists.
func (r *room) byKey(key string) *Message {
	i := slices.IndexFunc(r.messages, func(m *Message) bool { return m.FromBot && m.Key == key && !m.Deleted })
	if i < 0 {
		return nil
	}
	return r.messages[i]
}

// eventsAfter is what people did after event n. Like a real adapter, it recognises the bot by the origin of an event,
// and not by a name, which anybody may take.
func (r *room) eventsAfter(n int64) []Event {
	i, _ := slices.BinarySearchFunc(r.userEvents, n+1, func(e Event, n int64) int { return cmp.Compare(e.N, n) })
	return r.userEvents[i:]
}

func (r *room) apply(e Event) {
	if !e.FromBot {
		r.userEvents = append(r.userEvents, e)
	}
	if r.id == "" {
		return
	}
	m := r.byID[e.ID]
	switch e.Kind {
	case Posted, Sent:
		m = &Message{
			ID: e.ID, Thread: e.Thread, Text: e.Text, At: e.At, FromBot: e.FromBot, Key: e.Key, As: e.As, Files: e.files(),
			Author: e.author(),
		}
		r.messages = append(r.messages, m)
		r.byID[e.ID] = m
		if e.FromBot {
			r.lastPost = e.At
		}
	case Edited:
		m.Text, m.EditedAt = e.Text, e.At
	case Deleted:
		m.Deleted = true
	case FileRemoved:
		m.Files = slices.DeleteFunc(slices.Clone(m.Files), func(f adapters.File) bool { return f.Name == e.Name })
	case Reacted:
		it := Reaction{e.User, e.Emoji}
		m.Reactions = slices.DeleteFunc(m.Reactions, func(o Reaction) bool { return o == it })
		if e.Added {
			m.Reactions = append(m.Reactions, it)
		}
	}
}
