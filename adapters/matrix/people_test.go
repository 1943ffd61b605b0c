//go:build goolm && linux

package matrix_test

import (
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// TestNames checks that people have the names that they chose for this room.
func TestNames(t *testing.T) {
	t.Parallel()
	c := newEnv(t, false)
	l := c.startReceiver(c.config(), nil)
	ben := c.Person("Ben")
	ben.Join(c.room.String())
	elsewhere := ben.MakeRoom(matrixtest.Room{})
	for _, step := range []struct {
		rename func()
		want   string
	}{
		{func() {}, "Ben"},
		{func() { ben.SetName(c.room, "Ben Bookbinder, he/him") }, "Ben Bookbinder, he/him"},
		{func() { ben.SetName(elsewhere, "Somebody else") }, "Ben Bookbinder, he/him"},
		{func() { ben.SetName(c.room, " \n ") }, "ben"},
		{func() { ben.SetName(c.room, "One\nline  only") }, "One line only"},
		{func() { ben.SetName("", "Everywhere") }, "Everywhere"},
	} {
		step.rename()
		if m := l.waitMessage(ben.SendText(c.room, "words")); m.Author.Name != step.want || m.Author.ID != adapters.UserID(ben.ID) {
			t.Errorf("received %+v, want it of %q", m.Author, step.want)
		}
	}
	ben.Leave(c.room)
	ben.Join(c.room.String())
	last := l.waitMessage(ben.SendText(c.room, "back again"))
	arrivals := 0
	for _, a := range updates[*adapters.MemberJoined](l) {
		if a.User.ID == adapters.UserID(ben.ID) {
			arrivals++
		}
	}
	if arrivals != 2 {
		t.Errorf("received %d arrivals of Ben, want two: a new name is not an arrival", arrivals)
	}
	for m, err := range l.History(t.Context(), l.room.ID, "", time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		if m.Author.ID == last.Author.ID && m.Author.Name != "Everywhere" {
			t.Errorf("read %+v, want the author's name as it is now", *m)
		}
	}
}

// TestReplyThreads finds the thread of an answer, however its client refers to it.
// TestNamesInDM checks that people have their room's name in a direct chat, where they have none.
func TestNamesInDM(t *testing.T) {
	t.Parallel()
	c := newEnv(t, false)
	l := c.startReceiver(c.config(), nil)
	ben := c.Person("Ben Brown")
	ben.Join(c.room.String())
	private := ben.MakeRoom(matrixtest.Room{Direct: true, Invite: []id.UserID{c.bot.ID}})
	ben.SetName(private, " ")
	ben.SendText(private, "suggest a question")
	l.until("the command is received", func() bool { return len(updates[*adapters.Command](l)) > 0 })
	if got := updates[*adapters.Command](l)[0].User; got.Name != "Ben Brown" || got.ID != adapters.UserID(ben.ID) {
		t.Errorf("got a command of %+v, want it of Ben Brown", got)
	}
}

func TestReplyThreads(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		l := c.startReceiver(c.config(), nil)
		q1, q2 := l.post(adapters.Post{Text: "Q1"}), l.post(adapters.Post{Text: "Q2"})
		c.amy.WaitUntil(c.room, "the questions are there", has(q2))
		inThread := c.amy.SendInThread(c.room, q1, "in the thread")
		reply := c.amy.Reply(c.room, q1, "a plain reply")
		sent := map[id.EventID]id.EventID{
			inThread:                               q1,
			reply:                                  q1,
			c.amy.SendInThread(c.room, q1, "next"): q1,
			c.amy.ReplyInThread(c.room, q1, inThread, "to one of the thread"):                      q1,
			c.amy.ReplyQuoting(c.room, q2, "of an old client"):                                     q2,
			c.amy.Reply(c.room, inThread, "to one of the thread, outside of it"):                   q1,
			c.amy.Reply(c.room, reply, "to a reply"):                                               q1,
			c.amy.SendFile(c.room, q2, "poster.png", "image/png", []byte("\x89PNG"), "our poster"): q2,
			c.amy.SendText(c.room, "to nothing"):                                                   "",
		}
		edited := c.amy.Reply(c.room, q2, "to be edited")
		c.amy.Edit(c.room, edited, "was edited")
		sent[edited] = q2
		for e, root := range sent {
			shown, _ := c.amy.Message(c.room, e)
			m := l.waitMessage(e)
			if e == edited {
				l.until("the edit is received", func() bool { m = l.waitMessage(e); return m.Text == "was edited" })
			}
			if m.Thread != adapters.MessageID(root) || m.Text != shown.Text {
				t.Errorf("received %+v, want %q under %q", *m, shown.Text, root)
			}
		}
		// The history agrees, thread by thread.
		for _, root := range []id.EventID{"", q1, q2} {
			found := 0
			for m, err := range l.History(t.Context(), l.room.ID, adapters.MessageID(root), time.Time{}) {
				if err != nil {
					t.Fatal(err)
				}
				if m.FromBot {
					continue
				}
				found++
				if want, ok := sent[id.EventID(m.ID)]; !ok || want != root || m.Text != l.waitMessage(id.EventID(m.ID)).Text {
					t.Errorf("read %+v under %q, want it under %q as received", *m, root, want)
				}
			}
			want := 0
			for _, r := range sent {
				if r == root {
					want++
				}
			}
			if found != want {
				t.Errorf("read %d messages under %q, want %d", found, root, want)
			}
		}
	})
}

// TestRepliesAfterARestart finds the thread of a plain reply to a message from before the restart.
func TestRepliesAfterARestart(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		before := c.startReceiver(c.config(), nil)
		root := before.post(adapters.Post{Text: "Q1"})
		answer := c.amy.SendInThread(c.room, root, "in the thread")
		before.waitMessage(c.amy.SendText(c.room, "the last")) // or the sync with the answer may come again
		before.waitMessage(answer)
		before.stop()
		after := c.startReceiver(c.config(), nil)
		if m := after.waitMessage(c.amy.Reply(c.room, answer, "to that")); m.Thread != adapters.MessageID(root) {
			t.Errorf("received %+v, want it in the thread of %s", *m, root)
		}
	})
}

// TestEditsDeletionsReactions deletes edited messages, edits deleted ones, and reacts as different clients do.
func TestEditsDeletionsReactions(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		l := c.startReceiver(c.config(), nil)
		root := l.post(adapters.Post{Text: "Q1"})
		gone := c.amy.SendInThread(c.room, root, "first secret")
		c.amy.Edit(c.room, gone, "second secret")
		l.until("the edit is received", func() bool { return l.waitMessage(gone).Text == "second secret" })
		c.amy.Redact(c.room, gone)
		l.until("the deletion is received", func() bool {
			for _, d := range updates[*adapters.Deletion](l) {
				if d.ID == adapters.MessageID(gone) {
					return true
				}
			}
			return false
		})
		kept := c.amy.SendInThread(c.room, root, "kept")
		reactions := map[string]id.EventID{}
		for _, emoji := range []string{"👍️", "❤", "🏳️‍🌈", "custom words"} {
			reactions[emoji] = c.amy.React(c.room, kept, emoji)
		}
		ben := c.Person("Ben")
		ben.Join(c.room.String())
		ben.React(c.room, kept, "👍")
		c.amy.Redact(c.room, reactions["👍️"])
		last := c.amy.SendText(c.room, "the last")
		l.waitMessage(last)
		on := map[string]bool{}
		for _, r := range updates[*adapters.Reaction](l) {
			on[string(r.User)+" "+r.Emoji] = r.Added
		}
		// A reaction that was removed at once may never be received.
		for who, want := range map[string]bool{string(c.amy.ID) + " 👍": false, string(ben.ID) + " 👍": true, string(c.amy.ID) + " ❤️": true, string(c.amy.ID) + " 🏳️‍🌈": true} {
			if on[who] != want {
				t.Errorf("reactions of %s: got %v, want %v; all: %v", who, on[who], want, on)
			}
		}
		for m, err := range l.History(t.Context(), l.room.ID, adapters.MessageID(root), time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(m.Text, "secret") || m.ID == adapters.MessageID(gone) {
				t.Errorf("read %+v, which was taken back", *m)
			}
			if users := m.Reactions["👍"]; m.ID == adapters.MessageID(kept) && (len(users) != 1 || users[0] != adapters.UserID(ben.ID)) {
				t.Errorf("read reactions %v, want one 👍 of Ben's", m.Reactions)
			}
		}
	})
}
