package slackfake

import (
	"fmt"
	"strings"
)

// A Person is somebody in a workspace, in their own Slack client.
//
// Texts are as Slack stores them: mrkdwn in which & < > of the person's are escaped and mentions are <@U…>; what is
// not escaped will be, as long as it means nothing. Messages get their rich_text blocks as Slack makes them.
type Person struct {
	w             *Workspace
	id            string
	name, display string
	picture       string
	closed        bool
}

// Person returns the person with this name, and creates them at the first call. The name is the display name. It
// differs from the real name only after SetName.
func (w *Workspace) Person(name string) *Person {
	defer w.lockForRead()()
	for _, p := range w.people {
		if p.name == name {
			return p
		}
	}
	p := &Person{w: w, id: w.server.id("U"), name: name, display: name}
	w.people = append(w.people, p)
	return p
}

func (w *Workspace) person(id string) *Person {
	for _, p := range w.people {
		if p.id == id {
			return p
		}
	}
	return nil
}

// ID is U….
func (p *Person) ID() string { return p.id }

// Name is the name above their messages.
func (p *Person) Name() string {
	defer p.w.lockForRead()()
	return p.display
}

// SetName gives them another display name, with the event user_change.
func (p *Person) SetName(display string) {
	defer p.w.lockForWrite()()
	p.display = display
	p.w.emit(nil, obj{"type": "user_change", "user": p.show(), "cache_ts": nowMicros() / 1e6, "event_ts": formatTS(nowMicros())})
}

// SetPicture gives them another picture, with the event user_change.
func (p *Person) SetPicture(address string) {
	defer p.w.lockForWrite()()
	p.picture = address
	p.w.emit(nil, obj{"type": "user_change", "user": p.show(), "cache_ts": nowMicros() / 1e6, "event_ts": formatTS(nowMicros())})
}

func (p *Person) show() obj {
	u := p.w.user(p.id, p.name, p.picture)
	u["profile"].(obj)["display_name"], u["profile"].(obj)["display_name_normalized"] = p.display, p.display
	u["deleted"] = p.closed
	return u
}

// CloseAccount closes their account, as an admin does when they leave.
func (p *Person) CloseAccount() {
	defer p.w.lockForWrite()()
	p.closed = true
	p.w.emit(nil, obj{"type": "user_change", "user": p.show(), "cache_ts": nowMicros() / 1e6, "event_ts": formatTS(nowMicros())})
}

// Join enters a channel, with an event and a notice. People who send a message to a channel are added to it without
// either.
func (p *Person) Join(channel string) {
	defer p.w.lockForWrite()()
	p.w.addMember(p.w.mustChannel(channel), p.id)
}

// Leave leaves a channel, with an event and a notice.
func (p *Person) Leave(channel string) {
	defer p.w.lockForWrite()()
	p.w.removeMember(p.w.mustChannel(channel), p.id)
}

// Say sends a message at the top level of a channel, and returns its ts.
func (p *Person) Say(channel, text string) (ts string) {
	return p.post(channel, &message{text: normalise(text)})
}

// Reply sends a message in the thread of root.
func (p *Person) Reply(channel, root, text string) (ts string) {
	return p.post(channel, &message{thread: root, text: normalise(text)})
}

// Broadcast sends a message in the thread of root, and in the channel as well.
func (p *Person) Broadcast(channel, root, text string) (ts string) {
	return p.post(channel, &message{thread: root, text: normalise(text), broadcast: true, subtype: "thread_broadcast"})
}

// SendDM sends the bot a direct message.
func (p *Person) SendDM(text string) (ts string) {
	unlock := p.w.lockForRead()
	if p.w.options.NoMessagesTab {
		panic("slackfake: sending messages to this app has been turned off")
	}
	channel := p.w.dm(p.id).id
	unlock()
	return p.post(channel, &message{text: normalise(text)})
}

// DMChannel is the ID of the person's direct messages with the bot: D….
func (p *Person) DMChannel() string {
	defer p.w.lockForRead()()
	return p.w.dm(p.id).id
}

// SayMe is the slash command /me.
func (p *Person) SayMe(channel, text string) (ts string) {
	return p.post(channel, &message{text: normalise(text), subtype: "me_message"})
}

// SayBlocks sends rich text, as JSON elements of a rich_text block, in the thread of root, or at the top level if root
// is "".
func (p *Person) SayBlocks(channel, root, elements string) (ts string) {
	rich := fromJSON(elements)
	return p.post(channel, &message{thread: root, text: flatten(rich), blocks: []any{richBlock(p.w.server, rich)}})
}

// CopyPaste sends a message's content at the top level, as if it was copied and pasted.
func (p *Person) CopyPaste(channel, ts string) string {
	unlock := p.w.lockForRead()
	rich := asRichText(p.w.mustMessage(channel, ts))
	unlock()
	return p.post(channel, &message{text: flatten(rich), blocks: []any{richBlock(p.w.server, rich)}})
}

// post sends m. The root of its thread must exist.
func (p *Person) post(name string, m *message) string {
	w := p.w
	defer w.lockForWrite()()
	c := w.mustChannel(name)
	if c.archived {
		panic(fmt.Sprintf("slackfake: %s is archived: nobody can post there", c.name))
	}
	if m.thread != "" && (c.find(m.thread) == nil || c.find(m.thread).thread != "") {
		panic(fmt.Sprintf("slackfake: there is no thread %s in %s", m.thread, c.name))
	}
	if !c.isMember(p.id) {
		c.members = append(c.members, p.id)
	}
	m.user = p.id
	if m.subtype != "me_message" {
		m.clientMsgID = w.uuid()
		if m.blocks == nil && m.text != "" {
			m.blocks, m.autoBlocks = richBlocks(w.server, m.text), true
		}
	}
	w.addMessage(c, m)
	w.unfurl(c, m, true)
	return m.ts
}

// Edit changes one of the person's own messages.
func (p *Person) Edit(channel, ts, text string) {
	defer p.w.lockForWrite()()
	c, m := p.w.mustChannel(channel), p.w.mustMessage(channel, ts)
	if m.user != p.id {
		panic(fmt.Sprintf("slackfake: %s is not %s's message", ts, p.name))
	}
	p.w.edit(c, m, p.id, func() {
		m.text = normalise(text)
		m.blocks, m.autoBlocks = richBlocks(p.w.server, m.text), true
	})
}

// Delete deletes any message: people can delete their own, admins all.
func (p *Person) Delete(channel, ts string) {
	defer p.w.lockForWrite()()
	p.w.remove(p.w.mustChannel(channel), p.w.mustMessage(channel, ts))
}

// React puts an emoji on a message, by its name without colons.
func (p *Person) React(channel, ts, emoji string) { p.react(channel, ts, emoji, true) }

// Unreact takes an emoji off a message.
func (p *Person) Unreact(channel, ts, emoji string) { p.react(channel, ts, emoji, false) }

func (p *Person) react(channel, ts, emoji string, on bool) {
	defer p.w.lockForWrite()()
	c := p.w.mustChannel(channel)
	if f := p.w.react(c, p.w.mustMessage(channel, ts), p.id, strings.Trim(emoji, ":"), on); f != nil {
		panic(fmt.Sprintf("slackfake: %s and %s on %s: %s", p.name, emoji, ts, f.code))
	}
}

func (w *Workspace) mustMessage(channel, ts string) *message {
	c := w.mustChannel(channel)
	if m := c.find(ts); m != nil && !m.tombstone {
		return m
	}
	panic(fmt.Sprintf("slackfake: there is no message %s in %s", ts, c.name))
}

// handle is the old kind of user name.
func handle(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, " ", "."))
}
