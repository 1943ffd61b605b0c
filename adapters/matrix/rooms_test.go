//go:build goolm && linux

package matrix_test

import (
	"fmt"
	"slices"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// TestFirstPostIsEncrypted posts right after joining an encrypted room: nothing must be sent unencrypted.
func TestFirstPostIsEncrypted(t *testing.T) {
	t.Parallel()
	c := newEnv(t, true)
	for i := range 6 {
		alias := fmt.Sprint("secret", i)
		room := c.amy.MakeRoom(matrixtest.Room{Alias: alias, Public: i%2 == 0, Encrypted: true, Invite: []id.UserID{c.bot.ID}})
		config := c.config()
		config.Rooms = []string{matrixtest.Alias(alias)}
		m := matrix.New(config)
		joined, err := m.Join(t.Context(), config.Rooms[0])
		if err != nil {
			t.Fatal(err)
		}
		sent, err := m.Post(t.Context(), adapters.Post{Key: "first", Room: joined.ID, Text: "First words."})
		if err != nil {
			t.Fatal(err)
		}
		all := c.amy.WaitUntil(room, "the first words are there", has(id.EventID(sent)))
		if len(all) != 1 || !all[0].Encrypted || all[0].Unreadable || all[0].Text != "First words." {
			t.Errorf("got %+v, want one message, encrypted and readable", all)
		}
	}
}

// TestRoomIsEncryptedLater continues in a room that was encrypted after the bot joined.
func TestRoomIsEncryptedLater(t *testing.T) {
	t.Parallel()
	c := newEnv(t, false)
	l := c.startReceiver(c.config(), nil)
	root := l.post(adapters.Post{Text: "Q1"})
	l.waitMessage(c.amy.SendInThread(c.room, root, "in clear"))
	c.amy.Encrypt(c.room)
	received := l.waitMessage(c.amy.SendInThread(c.room, root, "in cipher"))
	if received.Text != "in cipher" || received.Thread != adapters.MessageID(root) {
		t.Errorf("received %+v, want it read, and in the thread", *received)
	}
	sent := l.post(adapters.Post{Thread: adapters.MessageID(root), Text: "a copy"})
	if err := l.Edit(t.Context(), adapters.MessageID(root), adapters.Post{Room: l.room.ID, Text: "Q1, better"}); err != nil {
		t.Fatal(err)
	}
	all := c.amy.WaitUntil(c.room, "the edit is there", func(all []matrixtest.Message) bool { return all[0].Text == "Q1, better" })
	if i := slices.IndexFunc(all, func(m matrixtest.Message) bool { return m.ID == sent }); i < 0 || !all[i].Encrypted || all[i].Unreadable {
		t.Errorf("got %+v, want the copy encrypted", all)
	}
	for _, e := range c.events(c.room) {
		if e.Sender == c.bot.ID && e.Type == event.EventMessage && e.ID != root {
			t.Errorf("the bot posted %s unencrypted after the room was encrypted", e.ID)
		}
	}
}

// events returns the last events of a room, from the homeserver.
func (c *env) events(room id.RoomID) []*event.Event {
	c.t.Helper()
	resp, err := c.amy.Client().Messages(c.t.Context(), room, "", "", 'b', nil, 100)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.Chunk
}

// TestRoomIsUpgraded follows a room to its successor, to which the bot must be invited if it is private.
func TestRoomIsUpgraded(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		l := c.startReceiver(c.config(), nil)
		root := l.post(adapters.Post{Text: "Q1"})
		l.waitMessage(c.amy.SendText(c.room, "in the old room"))
		if private := c.encrypted; private {
			c.amy.SetState(c.room, event.StateJoinRules, "", map[string]any{"join_rule": "invite"})
		}
		next := c.amy.Upgrade(c.room, "11")
		if c.encrypted {
			if _, err := l.Post(t.Context(), adapters.Post{Key: "between", Room: l.room.ID, Text: "Between."}); !isRetry(err) {
				t.Errorf("Post between the rooms: got %v, want a RetryError", err)
			}
			c.amy.Invite(next, c.bot.ID)
		}
		l.until("the bot is in the new room", func() bool { return slices.Contains(c.Joined(c.bot), next) })
		received := l.waitMessage(c.amy.SendText(next, "in the new room"))
		if received.Room != l.room.ID || received.Text != "in the new room" {
			t.Errorf("received %+v, want it in the same room as before: %s", *received, l.room.ID)
		}
		sent := l.post(adapters.Post{Text: "Q2"})
		// A post into a thread of the old room is posted too.
		under := l.post(adapters.Post{Text: "a late copy", Thread: adapters.MessageID(root)})
		c.amy.WaitUntil(next, "the question is in the new room", has(sent))
		c.amy.WaitUntil(next, "the copy is in the new room", has(under))
		l.stop()
		later := c.amy.SendText(next, "meanwhile")
		after := c.startReceiver(c.config(), nil)
		if after.room.ID != l.room.ID {
			t.Errorf("after a restart: joined %+v, want %+v again", after.room, l.room)
		}
		after.waitMessage(later)
	})
}

// TestInvitations has the bot join the rooms in its configuration, and no others.
func TestInvitations(t *testing.T) {
	t.Parallel()
	c := newEnv(t, false)
	l := c.startReceiver(c.config(), nil)
	stranger := c.Person("A stranger")
	var others []id.RoomID
	for _, room := range []matrixtest.Room{{Name: "Another"}, {Name: "#ukmedlibs"}, {Encrypted: true}} {
		room.Invite = []id.UserID{c.bot.ID}
		others = append(others, c.amy.MakeRoom(room))
	}
	// Nor a direct chat with somebody who is in none of its rooms.
	others = append(others, stranger.MakeRoom(matrixtest.Room{Direct: true, Invite: []id.UserID{c.bot.ID}}))
	c.amy.SendText(others[0], "nobody is to hear this")
	l.waitMessage(c.amy.SendText(c.room, "marker"))
	// Invitations may come later than messages of other rooms; a private conversation that is accepted comes after
	// them.
	direct := c.amy.MakeRoom(matrixtest.Room{Direct: true, Invite: []id.UserID{c.bot.ID}})
	c.amy.SendText(direct, "help")
	l.until("the command is received", func() bool { return len(updates[*adapters.Command](l)) > 0 })
	for _, room := range c.Joined(c.bot) {
		if slices.Contains(others, room) {
			t.Errorf("the bot has joined %s, to which it was invited, want it not joined", room)
		}
	}
}

// TestKicked checks that the error is clear when the bot was removed from the room.
func TestKicked(t *testing.T) {
	t.Parallel()
	c := newEnv(t, false)
	l := c.startReceiver(c.config(), nil)
	l.waitMessage(c.amy.SendText(c.room, "marker"))
	c.amy.Kick(c.room, c.bot.ID)
	_, err := l.Post(t.Context(), adapters.Post{Key: "k", Room: l.room.ID, Text: "Q1"})
	if err == nil || isRetry(err) {
		t.Errorf("Post after it was removed: got %v, want no RetryError", err)
	}
	t.Log(err)
}
