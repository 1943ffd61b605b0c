//go:build goolm && linux

package matrix_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
)

// TestRedactEdit checks that a message has its old text again when its edit is redacted, by whomever, and whether the
// redaction is received, received after a restart, or read from history.
func TestRedactEdit(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		ben := c.Person("Ben")
		ben.Join(c.room.String())
		l := c.startReceiver(c.config(), nil)
		root := l.post(adapters.Post{Text: "Q1"})
		sent := ben.SendInThread(c.room, root, "first")
		edit := func(text string) id.EventID {
			t.Helper()
			e := ben.Edit(c.room, sent, text)
			l.until(text+" is received", func() bool { return l.waitMessage(sent).Text == text })
			return e
		}
		edited := time.Time{}
		reads := func(want string) {
			t.Helper()
			l.until("it reads "+want, func() bool { return l.waitMessage(sent).Text == want })
			m := l.waitMessage(sent)
			if m.Thread != adapters.MessageID(root) || m.Author.Name != "Ben" || m.EditedAt.Before(edited) || m.EditedAt.IsZero() {
				t.Errorf("received %+v, want it Ben's, in its thread, and edited at %v or later", *m, edited)
			}
			edited = m.EditedAt
		}
		second, third := edit("second"), edit("third secret")
		ben.Redact(c.room, third)
		reads("second")
		fourth := edit("fourth")
		ben.Redact(c.room, second)
		fifth := edit("fifth secret")
		c.amy.Redact(c.room, fifth) // as its administrator
		reads("fourth")
		l.stop()
		ben.Redact(c.room, fourth)
		received := l.messages()
		l = c.startReceiver(c.config(), nil)
		l.mu.Lock()
		for _, m := range received {
			l.received = append(l.received, m)
		}
		l.mu.Unlock()
		reads("first")
		for m, err := range l.History(t.Context(), l.room.ID, adapters.MessageID(root), time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			if m.Text != "first" || m.EditedAt.Before(l.waitMessage(sent).EditedAt) {
				t.Errorf("read %+v, want the first text, and the time of the redaction", *m)
			}
		}
		if gone := updates[*adapters.Deletion](l); len(gone) > 0 {
			t.Errorf("received %+v, want that nothing was deleted", *gone[0])
		}
	})
}

// TestDeleteEditedPost checks that no version of a deleted post is left, even if the homeserver doesn't show yet what
// it has accepted.
func TestDeleteEditedPost(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		slow := &lateServer{next: c.client.Transport, path: "/relations/"}
		config := c.config()
		config.HTTPClient = &http.Client{Transport: slow}
		l := c.startReceiver(config, nil)
		for i, denials := range []int32{0, 3, 1000} {
			p := adapters.Post{Key: fmt.Sprint("key ", i), Room: l.room.ID, Text: strings.Repeat("long ", 7000*(i%2)) + "first secret"}
			sent := adapters.MessageID(l.post(p))
			for _, p.Text = range []string{"second secret", "third secret"} {
				if err := l.Edit(t.Context(), sent, p); err != nil {
					t.Fatal(err)
				}
			}
			slow.denials.Store(denials)
			if err := l.Delete(t.Context(), adapters.Ref{Room: l.room.ID, ID: sent}); err != nil {
				t.Fatal(err)
			}
			slow.denials.Store(0)
			l.waitMessage(c.amy.SendText(c.room, "after that")) // by when the homeserver shows all
			for _, e := range c.events(c.room) {
				if e.StateKey == nil && e.Sender == c.bot.ID && e.Redacts == "" && e.Content.Raw["redacts"] == nil && len(e.Content.Raw) > 0 {
					t.Errorf("after %d denials: the homeserver still has %s, %v", denials, e.ID, e.Content.Raw)
				}
			}
		}
	})
}
