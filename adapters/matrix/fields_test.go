//go:build goolm && linux

package matrix_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// TestUnreadableFields sends messages with fields of the wrong type. What is right in them is received.
func TestUnreadableFields(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		l := c.startReceiver(c.config(), nil)
		root := l.post(adapters.Post{Text: "Q1"})
		thread := fmt.Sprintf(`"m.relates_to":{"rel_type":"m.thread","event_id":%q,"is_falling_back":"true","m.in_reply_to":7}`, root)
		unreadable := 0
		for content, want := range map[string]adapters.Message{
			`{"msgtype":"m.text","body":"words","m.mentions":[]}`:                                                             {Text: "words"},
			`{"msgtype":"m.text","body":"words","m.mentions":{"user_ids":"@a:b.org"}}`:                                        {Text: "words"},
			`{"msgtype":"m.text","body":"words","format":"org.matrix.custom.html","formatted_body":7}`:                        {Text: "words"},
			`{"msgtype":"m.text","body":7,"format":"org.matrix.custom.html","formatted_body":"<b>words</b>"}`:                 {Text: "**words**"},
			`{"msgtype":"m.text","body":"words","com.beeper.linkpreviews":{},"com.beeper.per_message_profile":"x"}`:           {Text: "words"},
			`{"msgtype":"m.text","body":"words",` + thread + `}`:                                                              {Text: "words", Thread: adapters.MessageID(root)},
			`{"msgtype":"m.file","body":"a.pdf","url":"mxc://example.org/a","info":"none"}`:                                   {Files: []adapters.File{{Name: "a.pdf", URL: "mxc://example.org/a"}}},
			`{"msgtype":"m.file","body":"a.pdf","url":"mxc://example.org/a","info":{"mimetype":"text/plain","size":"large"}}`: {Files: []adapters.File{{Name: "a.pdf", URL: "mxc://example.org/a", Type: "text/plain"}}},
		} {
			m := l.waitMessage(c.amy.Send(c.room, event.EventMessage, json.RawMessage(content)))
			if m.Text != want.Text && !(len(want.Files) > 0) || m.Thread != want.Thread || len(m.Files) != len(want.Files) {
				t.Errorf("%s: got %+v, want %+v", content, *m, want)
			}
			for i, f := range m.Files {
				if f != want.Files[i] {
					t.Errorf("%s: got file %+v, want %+v", content, f, want.Files[i])
				}
			}
			unreadable++
		}
		if got := l.Report().Unreadable; got != unreadable {
			t.Errorf("got %d events counted, want %d", got, unreadable)
		}
		edit := fmt.Sprintf(`{"msgtype":"m.text","body":"* new","m.mentions":[],"m.new_content":{"msgtype":"m.text","body":"new","m.mentions":[]},"m.relates_to":{"rel_type":"m.replace","event_id":%q}}`,
			c.amy.SendText(c.room, "old"))
		c.amy.Send(c.room, event.EventMessage, json.RawMessage(edit))
		l.until("the edit is received", func() bool {
			return slices.ContainsFunc(l.messages(), func(m *adapters.Message) bool { return m.Text == "new" && !m.EditedAt.IsZero() })
		})
	})
}

// TestPolls sends polls in both forms.
func TestPolls(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		l := c.startReceiver(c.config(), nil)
		root := l.post(adapters.Post{Text: "Q1"})
		relates := fmt.Sprintf(`"m.relates_to":{"rel_type":"m.thread","event_id":%q}`, root)
		var sent []id.EventID
		for kind, content := range map[string]string{
			"org.matrix.msc3381.poll.start": `{"org.matrix.msc3381.poll.start":{"kind":"org.matrix.msc3381.poll.disclosed","question":{"org.matrix.msc1767.text":"Tea?"},
				"answers":[{"id":"1","org.matrix.msc1767.text":"Yes"},{"id":"2","org.matrix.msc1767.text":"No"}]},` + relates + `}`,
			"m.poll.start": `{"m.text":[{"body":"Tea? 1. Yes 2. No"}],"m.poll":{"kind":"m.disclosed","max_selections":"one","question":{"m.text":[{"mimetype":"text/html","body":"<b>Tea?</b>"},{"body":"Tea?"}]},
				"answers":[{"m.id":"1","m.text":[{"body":"Yes"}]},{"m.id":"2","m.text":[{"body":"No"}]}]},` + relates + `}`,
		} {
			sent = append(sent, c.amy.Send(c.room, event.Type{Type: kind, Class: event.MessageEventType}, json.RawMessage(content)))
		}
		check := func(m *adapters.Message) {
			t.Helper()
			if m.Text != "Tea?\n\n1. Yes\n2. No" || m.Thread != adapters.MessageID(root) {
				t.Errorf("got %+v, want the question and its answers, in the thread", *m)
			}
		}
		for _, e := range sent {
			check(l.waitMessage(e))
		}
		read := 0
		for m, err := range l.History(t.Context(), l.room.ID, adapters.MessageID(root), time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			check(m)
			read++
		}
		if read != len(sent) {
			t.Errorf("got %d polls from history, want %d", read, len(sent))
		}
	})
}

// TestCustomEmoji reacts with pictures.
func TestCustomEmoji(t *testing.T) {
	t.Parallel()
	c := newEnv(t, false)
	l := c.startReceiver(c.config(), nil)
	root := l.post(adapters.Post{Text: "Q1"})
	for i, reaction := range []struct{ fields, want string }{
		{`"com.beeper.reaction.shortcode":":party_parrot:"`, ":party_parrot:"},
		{`"shortcode":"blob cat"`, ":blob_cat:"},
		{`"shortcode":"https://example.org"`, "custom emoji"},
		{`"shortcode":7`, "custom emoji"},
		{`"x":1`, "custom emoji"},
	} {
		content := fmt.Sprintf(`{"m.relates_to":{"rel_type":"m.annotation","event_id":%q,"key":"mxc://example.org/%d"},%s}`, root, i, reaction.fields)
		e := c.amy.Send(c.room, event.EventReaction, json.RawMessage(content))
		l.until("the reaction is received", func() bool { return len(updates[*adapters.Reaction](l)) == 2*i+1 })
		if got := updates[*adapters.Reaction](l)[2*i]; got.Emoji != reaction.want || !got.Added {
			t.Errorf("%s: got %+v, want %s", content, *got, reaction.want)
		}
		c.amy.Redact(c.room, e)
		l.until("its redaction is received", func() bool { return len(updates[*adapters.Reaction](l)) == 2*i+2 })
		if got := updates[*adapters.Reaction](l)[2*i+1]; got.Emoji != reaction.want || got.Added {
			t.Errorf("%s, redacted: got %+v, want %s", content, *got, reaction.want)
		}
	}
}

// TestEditHistory checks that the words of an earlier edit leave the history that clients show.
func TestEditHistory(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		l := c.startReceiver(c.config(), nil)
		p := adapters.Post{Key: "a key", Text: "first", Room: l.room.ID}
		sent := l.post(p)
		for _, p.Text = range []string{"a secret", "another secret", "first"} {
			if err := l.Edit(t.Context(), adapters.MessageID(sent), p); err != nil {
				t.Fatal(err)
			}
		}
		l.waitMessage(c.amy.SendText(c.room, "after that")) // by when the homeserver shows all
		var edits []string
		for _, e := range c.events(c.room) {
			if e.StateKey == nil && e.Sender == c.bot.ID && len(e.Content.Raw) > 0 && e.Redacts == "" && e.Content.Raw["redacts"] == nil {
				edits = append(edits, e.ID.String())
			}
		}
		if len(edits) != 2 {
			t.Errorf("got %d of the bot's messages left, want the post and its last edit", len(edits))
		}
	})
}

// TestBanWithRedaction bans people, with everything that they sent and without.
func TestBanWithRedaction(t *testing.T) {
	t.Parallel()
	c := newEnv(t, false)
	ben, cat, dan := c.Person("Ben"), c.Person("Cat"), c.Person("Dan")
	for _, p := range []*matrixtest.Person{ben, cat, dan} {
		p.Join(c.room.String())
	}
	l := c.startReceiver(c.config(), nil)
	start := l.waitMessage(ben.SendText(c.room, "spam")).At
	if name, err := l.UserName(t.Context(), adapters.UserID(c.amy.ID)); name != "Amy Adams" || err != nil {
		t.Errorf("got the name %q (%v), want Amy's", name, err)
	}
	l.waitMessage(cat.SendText(c.room, "off topic"))
	l.waitMessage(dan.SendText(c.room, "more spam"))
	c.amy.SetState(c.room, event.StateMember, cat.ID.String(), map[string]any{"membership": "ban"})
	c.amy.SetState(c.room, event.StateMember, ben.ID.String(), map[string]any{"membership": "ban", "redact_events": true})
	c.amy.SetState(c.room, event.StateMember, dan.ID.String(), map[string]any{"membership": "leave", "org.matrix.msc4293.redact_events": true})
	l.waitMessage(c.amy.SendText(c.room, "after that"))
	var got []string
	for _, u := range updates[*adapters.UserRedacted](l) {
		got = append(got, string(u.User))
		if u.Room != l.room.ID || u.At.Before(start) {
			t.Errorf("got %+v, want it in the room, and now", *u)
		}
	}
	if want := []string{ben.ID.String(), dan.ID.String()}; !slices.Equal(got, want) {
		t.Errorf("got everything of %v removed, want of %v", got, want)
	}
	for m, err := range l.History(t.Context(), l.room.ID, "", start.Add(-time.Minute)) {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(m.Text, "spam") {
			t.Errorf("read %+v, want nothing of those who were removed", *m)
		}
	}
}

// TestPrivateFirst checks that what somebody sent in private while the bot was away is received before what they posted
// afterwards, in a conversation that the bot knows and in a new one.
func TestPrivateFirst(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		ben := c.Person("Ben")
		ben.Join(c.room.String())
		l := c.startReceiver(c.config(), nil)
		if err := l.PostEphemeral(t.Context(), adapters.UserID(ben.ID), adapters.Post{Key: "a key", Text: "Hello."}); err != nil {
			t.Fatal(err)
		}
		var known id.RoomID
		l.until("Ben is invited", func() bool {
			if all := ben.Invited(); len(all) > 0 {
				known = all[0]
			}
			return known != ""
		})
		ben.Join(known.String())
		l.waitMessage(ben.SendText(c.room, "before"))
		l.stop()

		fresh := c.amy.MakeRoom(matrixtest.Room{Direct: true, Encrypted: c.encrypted, Invite: []id.UserID{c.bot.ID}})
		c.amy.SendText(fresh, "optout, please")
		ben.SendText(known, "optout")
		c.amy.SendText(c.room, "Amy, after it")
		ben.SendText(c.room, "Ben, after it")
		l = c.startReceiver(c.config(), nil)
		l.until("it receives", func() bool { return l.Report().Receiving })
		since := time.Now().Add(-time.Hour)
		for m, err := range l.History(t.Context(), l.room.ID, "", since) {
			if err != nil {
				t.Fatal(err)
			}
			l.record(m)
		}
		l.until("all is received", func() bool {
			return len(updates[*adapters.Command](l)) >= 2 && slices.ContainsFunc(l.messages(), func(m *adapters.Message) bool { return m.Text == "Ben, after it" })
		})
		l.mu.Lock()
		defer l.mu.Unlock()
		optedOut := map[adapters.UserID]bool{}
		for _, u := range l.received {
			switch u := u.(type) {
			case *adapters.Command:
				optedOut[u.User.ID] = optedOut[u.User.ID] || strings.HasPrefix(u.Text, "optout")
			case *adapters.Message:
				if strings.Contains(u.Text, "after it") && !optedOut[u.Author.ID] {
					t.Errorf("received %q before its author's opt-out", u.Text)
				}
			}
		}
	})
}
