package matrix

import (
	"encoding/json"
	"reflect"

	"maunium.net/go/mautrix/event"

	"github.com/ukmedlibs/catchword/adapters/calls"
)

// pollStart is a poll in its stable form. The library knows the unstable one:
// https://spec.matrix.org/latest/client-server-api/#mpollstart
var pollStart = event.Type{Type: "m.poll.start", Class: event.MessageEventType}

// parse parses an event's content if its type is known. It returns the fields that can't be read, as paths; all others
// are read.
func parse(e *event.Event) (unreadable []string) {
	if e.Content.Parsed != nil {
		return nil
	}
	if e.Type.Type == pollStart.Type {
		e.Content.Parsed, unreadable = parsePoll(e.Content.VeryRaw)
		return unreadable
	}
	kind, ok := event.TypeMap[e.Type]
	if !ok || len(e.Content.VeryRaw) == 0 {
		return nil
	}
	e.Content.Parsed, unreadable = calls.DecodeFields(e.Content.VeryRaw, func() any { return reflect.New(kind).Interface() })
	return unreadable
}

// A stablePoll is the content of a poll in its stable form.
type stablePoll struct {
	RelatesTo *event.RelatesTo `json:"m.relates_to"`
	Mentions  *event.Mentions  `json:"m.mentions"`
	Text      extensibleText   `json:"m.text"`
	Poll      struct {
		Question struct {
			Text extensibleText `json:"m.text"`
		} `json:"question"`
		Answers []struct {
			ID   string         `json:"m.id"`
			Text extensibleText `json:"m.text"`
		} `json:"answers"`
	} `json:"m.poll"`
}

// An extensibleText is one text in several formats: https://spec.matrix.org/latest/client-server-api/#mtext
type extensibleText []event.ExtensibleText

func (t extensibleText) message() event.MSC1767Message { return event.MSC1767Message{Message: t} }

// parsePoll converts a poll in its stable form to the unstable one.
func parsePoll(raw json.RawMessage) (parsed any, unreadable []string) {
	decoded, unreadable := calls.DecodeFields(raw, func() any { return &stablePoll{} })
	stable, ok := decoded.(*stablePoll)
	if !ok {
		return nil, unreadable
	}
	c := &event.PollStartEventContent{RelatesTo: stable.RelatesTo, Mentions: stable.Mentions}
	c.PollStart.Question = stable.Poll.Question.Text.message()
	if len(stable.Poll.Question.Text) == 0 { // what clients show that know no polls
		c.PollStart.Question = stable.Text.message()
	}
	for _, a := range stable.Poll.Answers {
		c.PollStart.Answers = append(c.PollStart.Answers, event.PollOption{ID: a.ID, MSC1767Message: a.Text.message()})
	}
	return c, unreadable
}
