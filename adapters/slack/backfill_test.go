package slack_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

func (h *fixture) gotCommand(text string) bool {
	return h.count(func(u adapters.Update) bool { c, ok := u.(*adapters.Command); return ok && c.Text == text }) > 0
}

// An opt-out that came while the bot was away is backfilled too.
func TestBackfillAtStart(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	ben := h.Person("Ben Brown")
	if err := h.postEphemeral(ben, adapters.Post{Text: "You are being recorded."}); err != nil {
		t.Fatal(err)
	}
	told := h.Posts(ben.DMChannel())[0].TS
	ts := h.amy.SendDM("optout")
	ben.Reply(ben.DMChannel(), told, "optout, I said")
	gone := h.amy.SendDM("a mistake")
	h.amy.Delete(h.amy.DMChannel(), gone)
	for range 200 {
		h.Person("Nobody").SendDM("noise")
	}
	h.LoseEvents() // Slack has stopped retrying
	h.Fault(func(f *slackfake.Faults) {
		f.ShortPages, f.LimitNext = true, map[string]int{"conversations.list": 1, "conversations.history": 1}
	})
	h.run()
	h.eventually("what was written before is received", func() bool { return h.gotCommand("optout") && h.gotCommand("optout, I said") && h.gotCommand("noise") })
	for _, u := range h.drain() {
		switch c := u.(type) {
		case *adapters.Command:
			if c.Text == "optout" && (c.ID != h.amy.DMChannel()+"/"+ts || !c.At.Equal(at(ts)) || c.User != h.author(h.amy) || c.Room != "") {
				t.Errorf("got %+v, want what Amy said, as she said it", *c)
			}
			if c.Text == "a mistake" || c.Text == "You are being recorded." {
				t.Errorf("received %+v, which was taken back, or the bot's own", *c)
			}
		default:
			t.Errorf("received %T %+v, want commands alone", u, u)
		}
	}
}

func TestBackfillAfterGap(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	h.amy.SendDM("before")
	h.eventually("it is received", func() bool { return h.gotCommand("before") })
	h.Fault(func(f *slackfake.Faults) { f.RefuseDials = 1 << 30 })
	h.Cut(-1)
	h.eventually("no connection is open", func() bool { return h.SocketCount() == 0 })
	h.amy.SendDM("optout")
	h.LoseEvents()
	time.Sleep(2100 * time.Millisecond) // longer than Slack retries here
	h.Fault(func(f *slackfake.Faults) { f.RefuseDials = 0 })
	h.eventually("what was written meanwhile is received", func() bool { return h.gotCommand("optout") })
}

func TestBackfillWithoutScope(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{Scopes: slackfake.AllScopesExcept("im:read")})
	h.amy.SendDM("optout")
	h.LoseEvents()
	h.run()
	h.amy.SendDM("where")
	h.eventually("what is written now is received", func() bool { return h.gotCommand("where") })
	if h.gotCommand("optout") {
		t.Error("received what no event or history has")
	}
}

// TestPrivateFirst checks that what somebody sent in private while the bot was away is received before what they posted
// afterwards, live and from history, although there are many private conversations.
func TestPrivateFirst(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	for n := range 40 {
		h.Person(fmt.Sprintf("Nobody %d", n)).SendDM("noise")
	}
	ben, cat := h.Person("Ben"), h.Person("Cat")
	for _, p := range []*slackfake.Person{ben, cat} {
		p.Join(room)
	}
	h.LoseEvents()
	first := ben.Say(room, "before I opt out")
	ben.SendDM("optout")
	ben.Say(room, "in history, after it")
	h.LoseEvents()
	cat.SendDM("optout, please")
	h.LoseEvents()
	h.Fault(func(f *slackfake.Faults) { f.Latency = 20 * time.Millisecond })
	position := func(is func(adapters.Update) bool) int {
		h.mu.Lock()
		defer h.mu.Unlock()
		return slices.IndexFunc(h.received, is)
	}
	command := func(text string) func(adapters.Update) bool {
		return func(u adapters.Update) bool { c, ok := u.(*adapters.Command); return ok && c.Text == text }
	}
	h.run()
	for m, err := range h.slack.History(t.Context(), h.id, "", at(first)) {
		if err != nil {
			t.Fatal(err)
		}
		if m.Author.Name == "Ben" && position(command("optout")) < 0 {
			t.Errorf("read %q before Ben's opt-out was received", m.Text)
		}
	}
	cat.Say(room, "live, after it")
	h.eventually("the live message is received", func() bool {
		return position(func(u adapters.Update) bool { m, ok := u.(*adapters.Message); return ok && m.Text == "live, after it" }) >= 0
	})
	if at := position(command("optout, please")); at < 0 || at > position(func(u adapters.Update) bool { m, ok := u.(*adapters.Message); return ok && m.Text == "live, after it" }) {
		t.Errorf("got Cat's opt-out after her message: %s", h.dump())
	}
}
