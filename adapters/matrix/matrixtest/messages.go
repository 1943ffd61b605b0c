//go:build goolm && linux

package matrixtest

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/format"
	"maunium.net/go/mautrix/id"
)

// A Message is a message as a person sees it now. Redacted ones are not shown.
type Message struct {
	ID      id.EventID
	Thread  id.EventID // the root of its thread; "" at the top level
	ReplyTo id.EventID // the message that it is a reply to, apart from its thread; "" for none
	Sender  id.UserID
	Name    string    // shown above it: its own, or else its sender's in this room
	Text    string    // as it reads, without formatting, and without what repeats Name
	At      time.Time // when it was sent, by the homeserver's clock
	Edited  bool

	Content        *event.MessageEventContent // of its last edit; nil if it is unreadable
	Raw            map[string]any             // the same, as it came
	OriginalRaw    map[string]any             // of its first version; nil if that is unreadable
	Encrypted      bool                       // as sent, including its last edit
	Unreadable     bool                       // because its keys are missing
	NotifiesAll    bool                       // it notifies everybody in the room, in old clients or in new ones
	MentionedUsers []id.UserID                // whom it notifies by name
	Reactions      map[string][]id.UserID     // emoji to users
}

// Messages returns what the person sees in a room and in its threads, in the order of sending. A new message may need a
// moment to appear: see WaitUntil.
func (p *Person) Messages(room id.RoomID) []Message {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.read(room).messages()
}

// Message is one message of a room, if the person sees it.
func (p *Person) Message(room id.RoomID, message id.EventID) (Message, bool) {
	p.t.Helper()
	for _, m := range p.Messages(room) {
		if m.ID == message {
			return m, true
		}
	}
	return Message{}, false
}

// OpenPermalink is the room and the message to which an address leads, as the link of a message does. The address must
// name a homeserver through which others can find the room:
// https://spec.matrix.org/latest/appendices/#matrixto-navigation
func (p *Person) OpenPermalink(link string) (room id.RoomID, m Message, ok bool) {
	p.t.Helper()
	uri, err := id.ParseMatrixToURL(link)
	if err != nil || !slices.Contains(uri.Via, ServerName) {
		return "", Message{}, false
	}
	in, err := p.client.JoinedRooms(context.Background())
	p.must(err, "list their rooms")
	if !slices.Contains(in.JoinedRooms, uri.RoomID()) {
		return "", Message{}, false
	}
	m, ok = p.Message(uri.RoomID(), uri.EventID())
	return uri.RoomID(), m, ok
}

// WaitUntil reads a room until ok, and returns all its messages. It ends the test after half a minute.
func (p *Person) WaitUntil(room id.RoomID, what string, is func([]Message) bool) []Message {
	p.t.Helper()
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		all := p.Messages(room)
		if is(all) {
			return all
		}
		if time.Since(begin) > waitTimeout {
			p.t.Fatalf("%s timed out after %v waiting until %s; got %+v", p.name, waitTimeout, what, all)
		}
	}
}

// A timeline is what a person's client knows of a room: all events in the order of the room, decrypted if possible.
type timeline struct {
	events []*entry
	known  map[id.EventID]*entry
}

type entry struct {
	*event.Event
	encrypted, unreadable bool
}

func (p *Person) room(room id.RoomID) *timeline {
	if p.rooms[room] == nil {
		p.rooms[room] = &timeline{known: map[id.EventID]*entry{}}
	}
	return p.rooms[room]
}

// setContent completes what is known of a room from the homeserver's own record, back to what was known before. Syncs
// may leave something out. That record doesn't, except where a page ends between messages of the same moment, so the
// events around the page's last one are read as well.
func (p *Person) read(room id.RoomID) *timeline {
	p.t.Helper()
	ctx := context.Background()
	tl := p.room(room)
	var fresh []*entry
	seen := map[id.EventID]bool{}
	add := func(events []*event.Event) (known bool) {
		for _, e := range events {
			if tl.known[e.ID] != nil {
				known = true // and messages of the same moment may come after it
			} else if !seen[e.ID] {
				seen[e.ID], e.RoomID = true, room
				fresh = append(fresh, &entry{Event: e, unreadable: e.Type == event.EventEncrypted, encrypted: e.Type == event.EventEncrypted})
			}
		}
		return known
	}
	for from := ""; ; {
		page, err := p.client.Messages(ctx, room, from, "", mautrix.DirectionBackward, nil, 50)
		p.must(err, "read "+room.String())
		if add(page.Chunk) || page.End == "" || len(page.Chunk) == 0 {
			break
		}
		around, err := p.client.Context(ctx, room, page.Chunk[len(page.Chunk)-1].ID, nil, 50)
		p.must(err, "read "+room.String())
		add(around.EventsBefore)
		from = page.End
	}
	slices.Reverse(fresh)
	for _, e := range fresh {
		tl.known[e.ID] = e
		if !e.encrypted {
			_ = e.Content.ParseRaw(e.Type) // what can't be parsed is empty
		}
	}
	tl.events = append(tl.events, fresh...)
	p.decrypt(ctx, tl)
	return tl
}

// decrypt reads messages whose keys have come.
func (p *Person) decrypt(ctx context.Context, tl *timeline) {
	p.t.Helper()
	synced := false
	for _, e := range tl.events {
		if !e.unreadable || len(e.Content.Raw) == 0 { // a redacted event is empty
			continue
		}
		if !synced {
			p.sync(ctx)
			synced = true
		}
		if e.Content.Parsed == nil && e.Content.ParseRaw(event.EventEncrypted) != nil {
			continue
		}
		if clear, err := p.keys.DecryptMegolmEvent(ctx, e.Event); err == nil {
			e.Event, e.unreadable = clear, false
		}
	}
}

// last is the last message that is known in the thread of root.
func (tl *timeline) last(root id.EventID) id.EventID {
	for _, e := range slices.Backward(tl.events) {
		if relation(e).GetThreadParent() == root {
			return e.ID
		}
	}
	return root
}

func relation(e *entry) *event.RelatesTo {
	if r, ok := e.Content.Parsed.(event.Relatable); ok {
		return r.OptionalGetRelatesTo()
	}
	return nil
}

// redacted returns the redacted events.
func (tl *timeline) redacted() map[id.EventID]bool {
	gone := map[id.EventID]bool{}
	for _, e := range tl.events {
		if e.Type == event.EventRedaction {
			gone[e.Redacts] = true
			gone[e.Content.AsRedaction().Redacts] = true
		}
		if e.Unsigned.RedactedBecause != nil {
			gone[e.ID] = true
		}
	}
	return gone
}

// messages builds the messages from all events.
func (tl *timeline) messages() []Message {
	gone, names := tl.redacted(), map[id.UserID]string{}
	var all []Message
	at := map[id.EventID]int{}
	for _, e := range tl.events {
		rel := relation(e)
		switch {
		case e.Type == event.StateMember:
			names[id.UserID(e.GetStateKey())] = e.Content.AsMember().Displayname
		case gone[e.ID]:
		case e.Type == event.EventReaction:
			if i, ok := at[rel.GetAnnotationID()]; ok {
				all[i].Reactions[rel.Key] = append(all[i].Reactions[rel.Key], e.Sender)
			}
		case rel.GetReplaceID() != "":
			// Only one's own messages can be edited:
			// https://spec.matrix.org/v1.16/client-server-api/#validity-of-replacement-events
			i, ok := at[rel.GetReplaceID()]
			if content := e.Content.AsMessage(); ok && !e.unreadable && all[i].Sender == e.Sender && content.NewContent != nil {
				raw, _ := e.Content.Raw["m.new_content"].(map[string]any)
				all[i].setContent(content.NewContent, raw)
				all[i].Edited, all[i].Encrypted = true, all[i].Encrypted && e.encrypted
			}
		case e.unreadable, e.Type == event.EventMessage, e.Type == event.EventSticker:
			m := Message{
				ID: e.ID, Thread: rel.GetThreadParent(), ReplyTo: rel.GetNonFallbackReplyTo(), Sender: e.Sender, At: time.UnixMilli(e.Timestamp),
				Encrypted: e.encrypted, Unreadable: e.unreadable, Reactions: map[string][]id.UserID{},
			}
			if !e.unreadable {
				m.setContent(e.Content.AsMessage(), e.Content.Raw)
				m.OriginalRaw = e.Content.Raw
			}
			at[m.ID] = len(all)
			all = append(all, m)
		}
	}
	for i, m := range all {
		if m.Name == "" {
			all[i].Name = names[m.Sender]
		}
	}
	return all
}

// roomMention is what clients treat as a mention of the whole room, anywhere in a message without m.mentions:
// https://spec.matrix.org/v1.16/client-server-api/#_m_rule_roomnotif.
var roomMention = regexp.MustCompile(`(?i)(^|\W)@room($|\W)`)

// setContent sets the content of a message, or of its edit.
func (m *Message) setContent(c *event.MessageEventContent, raw map[string]any) {
	copied := *c
	m.Content, m.Raw = c, raw
	m.NotifiesAll, m.MentionedUsers = roomMention.MatchString(c.Body), nil
	if c.Mentions != nil {
		m.NotifiesAll = m.NotifiesAll || c.Mentions.Room
		m.MentionedUsers = c.Mentions.UserIDs
	}
	if profile := c.BeeperPerMessageProfile; profile != nil {
		of := *profile
		copied.BeeperPerMessageProfile = &of
		copied.RemovePerMessageProfileFallback()
		m.Name = profile.Displayname
	}
	if m.ReplyTo != "" {
		copied.RemoveReplyFallback()
	}
	m.Text = copied.Body
	if copied.Format == event.FormatHTML && copied.FormattedBody != "" {
		m.Text = strings.TrimSpace(format.HTMLToText(copied.FormattedBody))
	}
}
