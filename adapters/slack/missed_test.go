package slack_test

import (
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

func (h *hall) commanded(text string) bool {
	return h.count(func(u adapters.Update) bool { c, ok := u.(*adapters.Command); return ok && c.Text == text }) > 0
}

// Who keeps out is kept out, however long nobody heard.
func TestPrivateMessagesFromBefore(t *testing.T) {
	h := quietHall(t, slackfake.WorkspaceOptions{})
	ben := h.Person("Ben Brown")
	if err := h.whisper(ben, adapters.Post{Text: "You are being recorded."}); err != nil {
		t.Fatal(err)
	}
	told := h.Posts(ben.Private())[0].TS
	ts := h.amy.Confide("optout")
	ben.Reply(ben.Private(), told, "optout, I said")
	gone := h.amy.Confide("a mistake")
	h.amy.Delete(h.amy.Private(), gone)
	for range 200 {
		h.Person("Nobody").Confide("noise")
	}
	h.LoseEvents() // Slack has given up
	h.Fault(func(f *slackfake.Faults) {
		f.ShortPages, f.LimitNext = true, map[string]int{"conversations.list": 1, "conversations.history": 1}
	})
	h.run()
	h.eventually("what was written before is heard", func() bool { return h.commanded("optout") && h.commanded("optout, I said") && h.commanded("noise") })
	for _, u := range h.settled() {
		switch c := u.(type) {
		case *adapters.Command:
			if c.Text == "optout" && (c.ID != h.amy.Private()+"/"+ts || !c.At.Equal(at(ts)) || c.User != h.author(h.amy) || c.Room != "") {
				t.Errorf("got %+v, want what Amy said, as she said it", *c)
			}
			if c.Text == "a mistake" || c.Text == "You are being recorded." {
				t.Errorf("heard %+v, which was taken back, or the bot's own", *c)
			}
		default:
			t.Errorf("heard %T %+v, want commands alone", u, u)
		}
	}
}

func TestPrivateMessagesFromALongGap(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
	h.amy.Confide("before")
	h.eventually("it is heard", func() bool { return h.commanded("before") })
	h.Fault(func(f *slackfake.Faults) { f.RefuseDials = 1 << 30 })
	h.Cut(-1)
	h.eventually("nobody hears", func() bool { return h.Sockets() == 0 })
	h.amy.Confide("optout")
	h.LoseEvents()
	time.Sleep(2100 * time.Millisecond) // longer than Slack sends again, here
	h.Fault(func(f *slackfake.Faults) { f.RefuseDials = 0 })
	h.eventually("what was written meanwhile is heard", func() bool { return h.commanded("optout") })
}

func TestPrivateMessagesWithoutTheScope(t *testing.T) {
	h := quietHall(t, slackfake.WorkspaceOptions{Scopes: slackfake.Without("im:read")})
	h.amy.Confide("optout")
	h.LoseEvents()
	h.run()
	h.amy.Confide("where")
	h.eventually("what is written now is heard", func() bool { return h.commanded("where") })
	if h.commanded("optout") {
		t.Error("heard what nobody could have told")
	}
}
