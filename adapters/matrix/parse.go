package matrix

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"maunium.net/go/mautrix/event"
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
	e.Content.Parsed, unreadable = decodeFields(e.Content.VeryRaw, kind)
	return unreadable
}

// decodeFields decodes JSON into a new value of a type, without the fields whose values have the wrong type.
func decodeFields(raw json.RawMessage, kind reflect.Type) (decoded any, unreadable []string) {
	decode := func(raw json.RawMessage) error {
		value := reflect.New(kind).Interface()
		if err := json.Unmarshal(raw, value); err != nil {
			return err
		}
		decoded = value
		return nil
	}
	readable, unreadable := readableFields(raw, "", decode)
	if decode(readable) != nil {
		return nil, unreadable
	}
	return decoded, unreadable
}

// readableFields is a JSON value without the fields that decode refuses; nil if it refuses everything.
func readableFields(raw json.RawMessage, path string, decode func(json.RawMessage) error) (readable json.RawMessage, unreadable []string) {
	if decode(raw) == nil {
		return raw, nil
	}
	nothing := []string{cmp.Or(path, "content")}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		return nil, nothing
	}
	with := func(object map[string]json.RawMessage, name string, value json.RawMessage) json.RawMessage {
		object = maps.Clone(object)
		object[name] = value
		all, _ := json.Marshal(object) // raw JSON that was just read
		return all
	}
	// A field that can't be read alone may need others. So it is tried again with all those that can.
	good := map[string]json.RawMessage{}
	for name, value := range fields {
		if decode(with(map[string]json.RawMessage{}, name, value)) == nil {
			good[name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, ok := good[name]; ok {
			continue
		}
		value, faults := readableFields(fields[name], strings.TrimPrefix(path+"/"+name, "/"), func(value json.RawMessage) error {
			return decode(with(good, name, value))
		})
		if value != nil {
			good[name] = value
		}
		unreadable = append(unreadable, faults...)
	}
	readable, err := json.Marshal(good)
	if err != nil || decode(readable) != nil {
		return nil, nothing
	}
	return readable, unreadable
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
	decoded, unreadable := decodeFields(raw, reflect.TypeFor[stablePoll]())
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
