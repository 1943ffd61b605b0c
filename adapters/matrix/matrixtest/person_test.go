//go:build goolm && linux

package matrixtest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// eachRoomKind are two people in a room that is plain, and in another that is encrypted.
func eachRoomKind(t *testing.T, try func(t *testing.T, amy, ben *matrixtest.Person, room id.RoomID, encrypted bool)) {
	s := matrixtest.Start(t)
	amy, ben := s.Person("Amy Adams"), s.Person("Ben")
	for _, encrypted := range []bool{false, true} {
		t.Run(fmt.Sprintf("encrypted=%v", encrypted), func(t *testing.T) {
			room := amy.MakeRoom(matrixtest.Room{Name: "A room", Encrypted: encrypted, Invite: []id.UserID{ben.ID}})
			ben.Join(room.String())
			try(t, amy, ben, room, encrypted)
		})
	}
}

// has waits for a message.
func has(message id.EventID) func([]matrixtest.Message) bool {
	return func(all []matrixtest.Message) bool {
		return slices.ContainsFunc(all, func(m matrixtest.Message) bool { return m.ID == message })
	}
}

func TestPeopleSeeMessages(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, amy, ben *matrixtest.Person, room id.RoomID, encrypted bool) {
		root := amy.SendText(room, "Q1: which?")
		thread := ben.SendInThread(room, root, "this one")
		inThread := amy.ReplyInThread(room, root, thread, "that one")
		reply := ben.Reply(room, root, "no thread")
		quoting := ben.ReplyQuoting(room, root, "old client")
		bold := amy.SendHTML(room, "", "**bold**", "<strong>bold</strong> & more")
		file := ben.SendFile(room, root, "cat.png", "image/png", []byte("not really"), "my cat")
		ping := ben.Mention(room, "", amy.ID, "Amy", "hello @room")
		for _, p := range []*matrixtest.Person{amy, ben} {
			got := p.WaitUntil(room, "the last is there", has(ping))
			want := []matrixtest.Message{
				{ID: root, Sender: amy.ID, Name: "Amy Adams", Text: "Q1: which?"},
				{ID: thread, Thread: root, Sender: ben.ID, Name: "Ben", Text: "this one"},
				{ID: inThread, Thread: root, ReplyTo: thread, Sender: amy.ID, Name: "Amy Adams", Text: "that one"},
				{ID: reply, ReplyTo: root, Sender: ben.ID, Name: "Ben", Text: "no thread"},
				{ID: quoting, ReplyTo: root, Sender: ben.ID, Name: "Ben", Text: "old client"},
				{ID: bold, Sender: amy.ID, Name: "Amy Adams", Text: "**bold** & more"},
				{ID: file, Thread: root, Sender: ben.ID, Name: "Ben", Text: "my cat"},
				{ID: ping, Sender: ben.ID, Name: "Ben", Text: "Amy: hello @room", NotifiesAll: true},
			}
			if len(got) != len(want) {
				t.Fatalf("%s: got %+v, want %d messages", p.Name(), got, len(want))
			}
			for i, m := range got {
				w := want[i]
				if m.ID != w.ID || m.Thread != w.Thread || m.ReplyTo != w.ReplyTo || m.Sender != w.Sender || m.Name != w.Name || m.Text != w.Text ||
					m.NotifiesAll != w.NotifiesAll || m.Encrypted != encrypted || m.Unreadable || m.Edited || m.At.IsZero() {
					t.Errorf("%s: got %+v, want %+v", p.Name(), m, w)
				}
			}
			if pings := got[7].MentionedUsers; !slices.Equal(pings, []id.UserID{amy.ID}) {
				t.Errorf("got pings %v, want Amy", pings)
			}
			if c := got[6].Content; c.FileName != "cat.png" || (c.File != nil) != encrypted || (c.URL == "") != encrypted {
				t.Errorf("got file %+v, want one in a room with encryption %v", c, encrypted)
			}
		}
	})
}

func TestEditsAndRedactions(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, amy, ben *matrixtest.Person, room id.RoomID, encrypted bool) {
		kept, gone := amy.SendText(room, "first"), amy.SendText(room, "too soon")
		amy.Edit(room, kept, "second")
		last := amy.Edit(room, kept, "third")
		ben.Edit(room, kept, "not Ben's to change")
		amy.Redact(room, gone)
		ben.React(room, kept, "👍")
		ben.React(room, kept, "🎉")
		ben.Unreact(room, kept, "🎉")
		got := ben.WaitUntil(room, "all is done", func(all []matrixtest.Message) bool {
			return len(all) == 1 && all[0].Text == "third" && len(all[0].Reactions["🎉"]) == 0
		})
		if got[0].ID != kept || !got[0].Edited || got[0].Encrypted != encrypted ||
			len(got[0].Reactions) != 1 || !slices.Equal(got[0].Reactions["👍"], []id.UserID{ben.ID}) {
			t.Fatalf("got %+v, want one message, edited twice, with one reaction", got)
		}
		amy.Redact(room, last)
		ben.WaitUntil(room, "the last edit is gone, and the one before is back", func(all []matrixtest.Message) bool { return all[0].Text == "second" })
	})
}

func TestPerMessageProfile(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, amy, ben *matrixtest.Person, room id.RoomID, _ bool) {
		amy.SetName(room, "Amy here")
		amy.SendText(room, "plain")
		c := &event.MessageEventContent{MsgType: event.MsgText, Body: "words", BeeperPerMessageProfile: &event.BeeperPerMessageProfile{ID: "z", Displayname: "Zoë · nhs"}}
		c.AddPerMessageProfileFallback()
		last := amy.Send(room, event.EventMessage, c)
		got := ben.WaitUntil(room, "the last is there", has(last))
		if len(got) != 2 || got[0].Name != "Amy here" || got[1].Name != "Zoë · nhs" || got[1].Text != "words" {
			t.Errorf("got %+v, want a name in this room, and the message's own", got)
		}
	})
}

func TestLateKeys(t *testing.T) {
	s := matrixtest.Start(t)
	amy, ben, cat := s.Person("Amy"), s.Person("Ben"), s.Person("Cat")
	room := amy.MakeRoom(matrixtest.Room{Encrypted: true, Public: true})
	ben.Join(room.String())
	cat.Join(room.String())
	amy.SendText(room, "for all")
	amy.HoldKeys(ben.ID)
	late := amy.SendText(room, "not yet for Ben")
	for p, want := range map[*matrixtest.Person]bool{ben: true, cat: false} {
		if got := p.WaitUntil(room, "the second is there", has(late)); len(got) != 2 || got[0].Unreadable || got[1].Unreadable != want {
			t.Errorf("%s: got %+v, want the second unreadable: %v", p.Name(), got, want)
		}
	}
	amy.ReleaseKeys()
	last := amy.SendText(room, "for all again")
	got := ben.WaitUntil(room, "all is readable", func(all []matrixtest.Message) bool {
		return has(last)(all) && !slices.ContainsFunc(all, func(m matrixtest.Message) bool { return m.Unreadable })
	})
	if len(got) != 3 || got[1].Text != "not yet for Ben" {
		t.Errorf("got %+v, want all three", got)
	}
}

func TestRooms(t *testing.T) {
	s := matrixtest.Start(t)
	amy, ben := s.Person("Amy"), s.Person("Ben")
	room := amy.MakeRoom(matrixtest.Room{Invite: []id.UserID{ben.ID}, Version: "10"})
	for begin := time.Now(); !slices.Equal(ben.Invited(), []id.RoomID{room}); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("got invitations %v, want %s", ben.Invited(), room)
		}
	}
	ben.Join(room.String())
	amy.SendText(room, "in clear")
	amy.Encrypt(room)
	last := amy.SendText(room, "in cipher")
	if got := ben.WaitUntil(room, "the second is there", has(last)); len(got) != 2 || got[0].Encrypted || !got[1].Encrypted || got[1].Text != "in cipher" {
		t.Errorf("got %+v, want the second encrypted alone", got)
	}
	next := amy.Upgrade(room, "11")
	amy.Invite(next, ben.ID)
	ben.Join(next.String())
	last = amy.SendText(next, "moved")
	if got := ben.WaitUntil(next, "it is there", has(last)); len(got) != 1 || got[0].Text != "moved" || !got[0].Encrypted {
		t.Errorf("got %+v, want a successor that is encrypted, too", got)
	}
	amy.Kick(next, ben.ID)
	if got := s.Joined(ben.Account); !slices.Equal(got, []id.RoomID{room}) {
		t.Errorf("Ben is in %v, want %s", got, room)
	}
}
