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

// TestFirstWords posts the moment that an encrypted room was joined: nothing must go out in clear.
func TestFirstWords(t *testing.T) {
	t.Parallel()
	c := newCommunity(t, true)
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
		said, err := m.Post(t.Context(), adapters.Post{Key: "first", Room: joined.ID, Text: "First words."})
		if err != nil {
			t.Fatal(err)
		}
		all := c.amy.Until(room, "the first words are there", has(id.EventID(said)))
		if len(all) != 1 || !all[0].Encrypted || all[0].Unreadable || all[0].Text != "First words." {
			t.Errorf("got %+v, want one message, encrypted and readable", all)
		}
	}
}

// TestRoomIsEncryptedLater goes on in a room that was plain when the bot came.
func TestRoomIsEncryptedLater(t *testing.T) {
	t.Parallel()
	c := newCommunity(t, false)
	l := c.listen(c.config(), nil)
	root := l.say(adapters.Post{Text: "Q1"})
	l.hears(c.amy.Thread(c.room, root, "in clear"))
	c.amy.Encrypt(c.room)
	heard := l.hears(c.amy.Thread(c.room, root, "in cipher"))
	if heard.Text != "in cipher" || heard.Thread != adapters.MessageID(root) {
		t.Errorf("heard %+v, want it read, and in the thread", *heard)
	}
	said := l.say(adapters.Post{Thread: adapters.MessageID(root), Text: "a copy"})
	if err := l.Edit(t.Context(), adapters.MessageID(root), adapters.Post{Room: l.room.ID, Text: "Q1, better"}); err != nil {
		t.Fatal(err)
	}
	all := c.amy.Until(c.room, "the edit is there", func(all []matrixtest.Shown) bool { return all[0].Text == "Q1, better" })
	if i := slices.IndexFunc(all, func(m matrixtest.Shown) bool { return m.ID == said }); i < 0 || !all[i].Encrypted || all[i].Unreadable {
		t.Errorf("got %+v, want the copy encrypted", all)
	}
	for _, e := range c.events(c.room) {
		if e.Sender == c.bot.ID && e.Type == event.EventMessage && e.ID != root {
			t.Errorf("the bot said %s in clear after the room was encrypted", e.ID)
		}
	}
}

// events are the last of a room, as the homeserver has them.
func (c *community) events(room id.RoomID) []*event.Event {
	c.t.Helper()
	resp, err := c.amy.Client().Messages(c.t.Context(), room, "", "", 'b', nil, 100)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.Chunk
}

// TestRoomIsUpgraded follows a room to its successor, to which the bot must be invited if it is private.
func TestRoomIsUpgraded(t *testing.T) {
	each(t, func(t *testing.T, c *community) {
		l := c.listen(c.config(), nil)
		root := l.say(adapters.Post{Text: "Q1"})
		l.hears(c.amy.Say(c.room, "in the old room"))
		if private := c.cipher; private {
			c.amy.SetState(c.room, event.StateJoinRules, "", map[string]any{"join_rule": "invite"})
		}
		next := c.amy.Upgrade(c.room, "11")
		if c.cipher {
			if _, err := l.Post(t.Context(), adapters.Post{Key: "between", Room: l.room.ID, Text: "Between."}); !isRetry(err) {
				t.Errorf("Post between the rooms: got %v, want a RetryError", err)
			}
			c.amy.Invite(next, c.bot.ID)
		}
		l.until("the bot is in the new room", func() bool { return slices.Contains(c.Joined(c.bot), next) })
		heard := l.hears(c.amy.Say(next, "in the new room"))
		if heard.Room != l.room.ID || heard.Text != "in the new room" {
			t.Errorf("heard %+v, want it in the same room as before: %s", *heard, l.room.ID)
		}
		said := l.say(adapters.Post{Text: "Q2"})
		// What belongs into a thread of the old room is said all the same.
		under := l.say(adapters.Post{Text: "a late copy", Thread: adapters.MessageID(root)})
		c.amy.Until(next, "the question is in the new room", has(said))
		c.amy.Until(next, "the copy is in the new room", has(under))
		l.stop()
		later := c.amy.Say(next, "meanwhile")
		after := c.listen(c.config(), nil)
		if after.room.ID != l.room.ID {
			t.Errorf("after a restart: joined %+v, want %+v again", after.room, l.room)
		}
		after.hears(later)
	})
}

// TestInvitations has the bot come to rooms that it was configured for, and to no others.
func TestInvitations(t *testing.T) {
	t.Parallel()
	c := newCommunity(t, false)
	l := c.listen(c.config(), nil)
	stranger := c.Person("A stranger")
	var others []id.RoomID
	for _, room := range []matrixtest.Room{{Name: "Another"}, {Name: "#ukmedlibs"}, {Encrypted: true}} {
		room.Invite = []id.UserID{c.bot.ID}
		others = append(others, c.amy.MakeRoom(room))
	}
	// Nor to a private conversation with somebody who is in none of its rooms.
	others = append(others, stranger.MakeRoom(matrixtest.Room{Direct: true, Invite: []id.UserID{c.bot.ID}}))
	c.amy.Say(others[0], "nobody is to hear this")
	l.hears(c.amy.Say(c.room, "marker"))
	// Invitations may come later than messages of other rooms; a private conversation that is accepted comes after them.
	direct := c.amy.MakeRoom(matrixtest.Room{Direct: true, Invite: []id.UserID{c.bot.ID}})
	c.amy.Say(direct, "help")
	l.until("the command is heard", func() bool { return len(updates[*adapters.Command](l)) > 0 })
	for _, room := range c.Joined(c.bot) {
		if slices.Contains(others, room) {
			t.Errorf("the bot has joined %s, to which it was invited, want that it stays away", room)
		}
	}
}

// TestKicked says clearly when the bot is not in the room any more.
func TestKicked(t *testing.T) {
	t.Parallel()
	c := newCommunity(t, false)
	l := c.listen(c.config(), nil)
	l.hears(c.amy.Say(c.room, "marker"))
	c.amy.Kick(c.room, c.bot.ID)
	_, err := l.Post(t.Context(), adapters.Post{Key: "k", Room: l.room.ID, Text: "Q1"})
	if err == nil || isRetry(err) {
		t.Errorf("Post after it was removed: got %v, want an error that doesn't promise to pass", err)
	}
	t.Log(err)
}
