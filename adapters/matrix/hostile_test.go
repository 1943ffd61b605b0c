//go:build goolm && linux

package matrix_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// TestEncryptionCannotBeDisabled checks that a room stays encrypted, whatever its state says later.
func TestEncryptionCannotBeDisabled(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]any{
		"nothing": map[string]any{}, "unknown": map[string]any{"algorithm": "m.rot13"}, "unreadable": map[string]any{"algorithm": 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := newEnv(t, true)
			l := c.startReceiver(c.config(), nil)
			l.waitMessage(c.amy.SendText(c.room, "before"))
			c.amy.SetState(c.room, event.StateEncryption, "", content)
			l.waitMessage(c.amy.SendText(c.room, "after"))
			sent := []id.EventID{l.post(adapters.Post{Text: "a secret"})}
			l.stop()
			l = c.startReceiver(c.config(), nil)
			sent = append(sent, l.post(adapters.Post{Text: "a secret, after a restart"}))
			for i, m := range slices.DeleteFunc(c.amy.WaitUntil(c.room, "all is there", has(sent[1])), func(m matrixtest.Message) bool { return m.Sender != c.bot.ID }) {
				if m.ID != sent[i] || !m.Encrypted || m.Unreadable {
					t.Errorf("the bot posted %+v, want it encrypted", m)
				}
			}
		})
	}
}

// TestHostileEvents has somebody send what no client sends. None of it may stop the adapter from receiving, or be
// delivered as something that it isn't.
func TestHostileEvents(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		l := c.startReceiver(c.config(), nil)
		root := l.post(adapters.Post{Text: "Q1"})
		own := c.amy.SendText(c.room, "own words")
		l.waitMessage(own)
		deep := strings.Repeat(`<blockquote>`, 2000)
		long := strings.Repeat("long ", 4000)
		contents := []string{
			`{}`, `{"msgtype":1,"body":2}`, `{"msgtype":"m.text"}`, `{"msgtype":"m.text","body":null}`, `{"msgtype":"m.text","body":["a"]}`, `{"msgtype":"m.text","body":{"a":1}}`,
			`{"msgtype":"m.text","body":"` + long + `"}`, `{"msgtype":"m.text","body":"x","format":"org.matrix.custom.html","formatted_body":"` + deep + `"}`,
			`{"msgtype":"m.text","body":"x","format":"org.matrix.custom.html","formatted_body":7}`,
			`{"msgtype":"m.text","body":"x","m.relates_to":"y"}`, `{"msgtype":"m.text","body":"x","m.relates_to":[]}`, `{"msgtype":"m.text","body":"x","m.relates_to":{"rel_type":7,"event_id":8}}`,
			`{"msgtype":"m.text","body":"x","m.relates_to":{"rel_type":"m.thread","event_id":"$nonsense"}}`, `{"msgtype":"m.text","body":"x","m.relates_to":{"m.in_reply_to":{"event_id":"$nonsense"}}}`,
			`{"msgtype":"m.text","body":"x","m.relates_to":{"rel_type":"m.thread","event_id":"not/an?id#at all"}}`,
			`{"msgtype":"m.text","body":"x","m.relates_to":{"rel_type":"m.replace","event_id":"` + root.String() + `"},"m.new_content":{"msgtype":"m.text","body":"not the bot's own"}}`,
			`{"msgtype":"m.text","body":"x","m.relates_to":{"rel_type":"m.replace","event_id":"` + own.String() + `"}}`,
			`{"msgtype":"m.text","body":"x","m.relates_to":{"rel_type":"m.replace","event_id":"` + own.String() + `"},"m.new_content":7}`,
			`{"msgtype":"m.text","body":"x","m.relates_to":{"rel_type":"m.replace","event_id":"$nonsense"},"m.new_content":{"msgtype":"m.text","body":"y"}}`,
			`{"msgtype":"m.image","body":"x","url":"https://example.org/tracking.png","info":{"size":-1,"mimetype":7}}`, `{"msgtype":"m.image","body":"x","file":{"url":7}}`,
			`{"msgtype":"m.file","body":"x","filename":"../../etc/passwd","url":"mxc://example.org/../../x"}`,
			`{"msgtype":"m.text","body":"posing","dev.catchword.key":"a key of the bot's"}`, `{"msgtype":"m.text","body":"posing","dev.catchword.key":{}}`,
			`{"msgtype":"m.text","body":"posing","com.beeper.per_message_profile":{"id":"x","displayname":"The Host"}}`, `{"msgtype":"m.text","body":"x","com.beeper.per_message_profile":7}`,
			`{"msgtype":"m.text","body":"x","m.mentions":7}`, `{"msgtype":"m.emote","body":"waves"}`, `{"msgtype":"org.example.unknown","body":"unknown kind"}`,
			`{"msgtype":"m.location","body":"x","geo_uri":7}`, `{"msgtype":"m.text","body":"\u0000\u202e\ud800"}`,
		}
		for _, content := range contents {
			c.amy.Send(c.room, event.EventMessage, json.RawMessage(content))
		}
		for kind, content := range map[string]string{
			"m.room.encrypted": `{"algorithm":"m.rot13","ciphertext":"uryyb"}`, "m.reaction": `{"m.relates_to":{"rel_type":"m.annotation","event_id":"` + own.String() + `","key":"` + long + `"}}`,
			"m.sticker": `{"body":7}`, "org.example.unknown": `{"body":"x"}`, "m.poll.start": `{"m.poll":7}`,
		} {
			c.sendRaw(event.Type{Type: kind, Class: event.MessageEventType}, content)
		}
		c.sendRaw(event.EventReaction, `{"m.relates_to":7}`)
		c.sendRaw(event.EventReaction, `{"m.relates_to":{"rel_type":"m.annotation","event_id":"$nonsense","key":"👍"}}`)
		c.sendRaw(event.EventEncrypted, `{"algorithm":"m.megolm.v1.aes-sha2","ciphertext":7,"session_id":8}`)
		c.sendRaw(event.EventEncrypted, `{"algorithm":"m.megolm.v1.aes-sha2","ciphertext":"AwgAEnACgAkLmt6qF84IK","session_id":"x","sender_key":"y","device_id":"z"}`)
		for kind, content := range map[string]string{
			"m.room.name": `{"name":7}`, "m.room.canonical_alias": `{"alias":"nonsense"}`, "m.room.topic": `{"topic":[]}`, "m.room.avatar": `{"url":7}`,
			"m.room.history_visibility": `{"history_visibility":7}`, "m.room.pinned_events": `{"pinned":7}`, "org.example.unknown": `{"a":7}`,
		} {
			kind := event.Type{Type: kind, Class: event.StateEventType}
			if _, err := c.amy.Client().SendStateEvent(t.Context(), c.room, kind, "", json.RawMessage(content)); err != nil {
				t.Logf("the homeserver takes no %s of %s: %v", kind.Type, content, err)
			}
		}
		c.amy.SetState(c.room, event.StateMember, c.amy.ID.String(), map[string]any{"membership": "join", "displayname": map[string]any{"a": 1}, "avatar_url": 7})
		c.amy.SetState(c.room, event.StateMember, c.amy.ID.String(), map[string]any{"membership": "join", "displayname": "\u202e\n<b>Amy</b>\x00 " + long[:200]})
		last := c.amy.SendText(c.room, "the last")
		received := l.waitMessage(last)
		for _, m := range l.messages() {
			// A database may refuse a zero byte, and then the same message would be retried for ever.
			if all := fmt.Sprintf("%+v", *m); strings.Contains(all, "\x00") || !utf8.ValidString(all) || m.Author.Name == "" || strings.ContainsAny(m.Author.Name, "\n\r") {
				t.Errorf("received %q, want valid text without zero bytes, and a name of one line", all)
			}
			if m.ID == adapters.MessageID(root) {
				t.Errorf("received %+v, which is the bot's own", *m)
			}
			if m.ID == adapters.MessageID(own) && m.Text != "own words" {
				t.Errorf("received %+v, want it as it was", *m)
			}
			if strings.Contains(m.Author.Name, "Host") {
				t.Errorf("received %+v under a name that its author gave this one message", *m)
			}
			for _, f := range m.Files {
				if strings.HasPrefix(f.URL, "http") || f.Size < 0 {
					t.Errorf("received file %+v of %+v, want no address outside a homeserver, and no size below 0", f, *m)
				}
			}
		}
		// The bot's own history reads the same without an error.
		if err := l.reconcile(t.Context(), "", received.At.Add(-1e10)); err != nil {
			t.Errorf("History: %v", err)
		}
		l.waitMessage(c.amy.SendText(c.room, "and on"))
	})
}

// sendRaw sends content that no client would.
func (c *env) sendRaw(kind event.Type, content string) {
	c.t.Helper()
	resp := map[string]any{}
	path := c.amy.Client().BuildClientURL("v3", "rooms", c.room, "send", kind.Type, c.amy.Client().TxnID())
	if _, err := c.amy.Client().MakeRequest(c.t.Context(), "PUT", path, json.RawMessage(content), &resp); err != nil {
		c.t.Logf("the homeserver takes no %s of %.100s: %v", kind.Type, content, err)
	}
}
