package terminal

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

const (
	labelCells   = 18 // of the label that names a thread
	excerptCells = 34 // of a message that another line quotes
)

// questionNumber matches the number of a question at the start of a text.
var questionNumber = regexp.MustCompile(`^Q\d+\b`)

// A message is one that was sent and not deleted.
type message struct {
	id, thread adapters.MessageID
	key        string        // of a post
	author     adapters.User // zero for the bot
	as         adapters.Persona
	text       string
	at         time.Time // zero for a message of an earlier process
	reactions  []reaction
}

type reaction struct {
	user  adapters.UserID // "" for the bot
	emoji string
}

// react adds or removes a reaction, and tells whether that changed anything.
func (m *message) react(user adapters.UserID, emoji string, on bool) bool {
	it := reaction{user, emoji}
	i := slices.Index(m.reactions, it)
	switch {
	case on && i < 0:
		m.reactions = append(m.reactions, it)
	case !on && i >= 0:
		m.reactions = slices.Delete(m.reactions, i, i+1)
	default:
		return false
	}
	return true
}

// postedBlock shows a new message.
func (m *message) postedBlock(r *room) block {
	b := block{room: r.name, text: m.text, head: m.threadLabel(r)}
	if m.fromBot() && m.thread == "" {
		b.bar = true
		if m.isQuestion() {
			b.rule, b.style = true, style{bold: true}
		}
		return b
	}
	b.head = concat(b.head, m.authorRuns(": "))
	return b
}

// editedBlock shows the new text of a message.
func (m *message) editedBlock(r *room) block {
	return block{room: r.name, head: concat([]run{{"✎ ", style{dim: true}}}, m.authorRuns(": ")), text: m.text}
}

func (m *message) deletedBlock(r *room) block {
	dim := style{dim: true}
	head := concat([]run{{"✗ a message of ", dim}}, m.authorRuns(""))
	return block{room: r.name, head: append(head, run{" was deleted", dim})}
}

func (m *message) reactedBlock(r *room, user adapters.User, emoji string, on bool) block {
	head := concat([]run{{oneLine(emoji) + " ", style{}}}, (&message{author: user}).authorRuns(""))
	arrow := " → "
	if !on {
		arrow = " takes it off → "
	}
	return block{room: r.name, head: append(head, run{arrow + truncate(plainText(m.text), excerptCells), style{dim: true}})}
}

func (m *message) ephemeralBlock(r *room, to string) block {
	return block{room: r.name, head: []run{{"(to " + oneLine(to) + " alone) ", style{dim: true}}}, text: m.text}
}

// fromBot tells whether the bot posted it under its own name, and not for a person elsewhere.
func (m *message) fromBot() bool { return m.author.ID == "" && m.as == adapters.Persona{} }

func (m *message) isQuestion() bool {
	return m.fromBot() && m.thread == "" && questionNumber.MatchString(plainText(m.text))
}

// threadLabel names the thread of a reply.
func (m *message) threadLabel(r *room) []run {
	if m.thread == "" {
		return nil
	}
	name := "an earlier message"
	if root := r.find(func(o *message) bool { return o.id == m.thread }); root != nil {
		name = root.label()
	}
	return []run{{"↳ " + name + " ", style{dim: true}}}
}

// label names a message in few cells: "Q1", or its first words.
func (m *message) label() string {
	words := plainText(m.text)
	if number := questionNumber.FindString(words); number != "" {
		return number
	}
	if m.author.Name != "" {
		return truncate(oneLine(m.author.Name), labelCells)
	}
	first, _, _ := strings.Cut(words, ". ")
	return truncate(first, labelCells)
}

// authorName is the name that the message is shown under.
func (m *message) authorName() string {
	switch {
	case m.fromBot():
		return botName
	case m.author.ID == "":
		return m.as.Name
	}
	return m.author.Name
}

// authorRuns is the author's name, with after behind it.
func (m *message) authorRuns(after string) []run {
	name := oneLine(m.authorName())
	if m.fromBot() {
		return []run{{name + after, style{bold: true}}}
	}
	if m.as.Workspace != "" {
		after = " · " + oneLine(m.as.Workspace) + after
	}
	return []run{{name, style{bold: true, colour: colourOf(name)}}, {after, style{dim: true}}}
}
