//go:build goolm && linux

package matrix_test

import (
	"slices"
	"testing"

	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// TestThreadContinuesAfterUpgrade replaces a room in the middle of a chat. A question of the old room is posted again
// in the new one as soon as somebody answers it, and answers there belong to the same question.
func TestThreadContinuesAfterUpgrade(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		l := c.startReceiver(c.config(), nil)
		question := l.post(adapters.Post{Text: "**Q1** Why do we do it?"})
		before := l.waitMessage(c.amy.SendInThread(c.room, question, "Because we can"))

		next := c.amy.Upgrade(c.room, "10")
		l.until("the bot is in the new room", func() bool { return slices.Contains(c.Joined(c.bot), next) })
		l.waitMessage(c.amy.SendText(next, "Here we are"))

		for _, words := range []string{"Because we must", "Because we care"} { // the question is repeated once
			l.post(adapters.Post{Thread: adapters.MessageID(question), Text: words, As: adapters.Persona{Name: "Bob", Workspace: "nhs"}})
		}
		var repeated id.EventID
		c.amy.WaitUntil(next, "the question is repeated with its answers in its thread", func(all []matrixtest.Message) bool {
			questions, answers := 0, 0
			for _, m := range all {
				if m.Sender == c.bot.ID && m.Thread == "" {
					questions++
					repeated = m.ID
				}
			}
			for _, m := range all {
				if m.Sender == c.bot.ID && m.Thread == repeated {
					answers++
				}
			}
			return questions == 1 && answers == 2
		})
		if m, _ := c.amy.Message(next, repeated); m.Text != "**Q1** Why do we do it?" {
			t.Errorf("the repeated question: got %q, want its words", m.Text)
		}
		inThread, plain := c.amy.SendInThread(next, repeated, "Because it is there"), c.amy.Reply(next, repeated, "Why not")
		for _, answer := range []id.EventID{inThread, plain} {
			if got := l.waitMessage(answer); got.Thread != adapters.MessageID(question) || got.Room != l.room.ID {
				t.Errorf("an answer to the repeated question: got %+v, want it in the thread %s of %s", got, question, l.room.ID)
			}
		}
		c.amy.React(next, repeated, "👍")
		l.until("a reaction to the repeated question is received as one to the question", func() bool {
			for _, r := range updates[*adapters.Reaction](l) {
				if r.Added && r.ID == adapters.MessageID(question) && r.Emoji == "👍" {
					return true
				}
			}
			return false
		})

		// This survives a restart, and the history has the answers of both rooms.
		l.stop()
		l = c.startReceiver(c.config(), nil)
		l.post(adapters.Post{Thread: adapters.MessageID(question), Text: "After a restart"})
		var got []adapters.MessageID
		for m, err := range l.History(t.Context(), l.room.ID, adapters.MessageID(question), before.At) {
			if err != nil {
				t.Fatal(err)
			}
			if !m.FromBot {
				got = append(got, m.ID)
			}
		}
		want := []adapters.MessageID{before.ID, adapters.MessageID(inThread), adapters.MessageID(plain)}
		if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
			t.Errorf("history of the question: got %v, want %v", got, want)
		}
		roots := 0
		for _, m := range c.amy.Messages(next) {
			if m.Sender == c.bot.ID && m.Thread == "" {
				roots++
			}
		}
		if roots != 1 {
			t.Errorf("the question was repeated %d times, want once", roots)
		}
	})
}
