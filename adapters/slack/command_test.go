package slack_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

// command returns the one command that was received since.
func (h *fixture) command() adapters.Command {
	h.Helper()
	news := slices.CompactFunc(h.drain(), func(a, b adapters.Update) bool { // direct messages may come twice
		one, ok := a.(*adapters.Command)
		two, both := b.(*adapters.Command)
		return ok && both && one.ID == two.ID
	})
	if len(news) != 1 {
		h.Fatalf("got %d updates (%v), want one command", len(news), news)
	}
	c, ok := news[0].(*adapters.Command)
	if !ok {
		h.Fatalf("got %T %+v, want a command", news[0], news[0])
	}
	return *c
}

func TestSlashCommands(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	h.AddChannel("kitchen", false)
	h.AddChannel("vaults", true)
	ben := h.Person("Ben Brown")
	for _, test := range []struct{ channel, text, want string }{
		{room, "", ""},
		{room, "  next  ", "next"},
		{room, "extend 3m", "extend 3m"},
		{room, "ask What about *you*, <@" + ben.ID() + "|ben.brown>?", "ask What about **you**, @Ben Brown?"},
		{room, "ask See <https://example.org/a?b=c&amp;d>", "ask See <https://example.org/a?b=c&d>"},
		{room, "say 1 &lt; 2 &amp; 3", "say 1 < 2 & 3"},
		{room, "say <!channel> <!here|here> dinner", "say @channel @here dinner"},
		{room, "suggest First\nSecond", "suggest First\\\nSecond"},
		{"kitchen", "where", "where"},
		{"vaults", "where", "where"},
		{h.amy.DMChannel(), "where", "where"},
	} {
		if r := h.amy.RunCommand(test.channel, "/catchword", test.text); !r.Acked || len(r.Payload) > 0 {
			t.Errorf("%s /catchword %s: got %+v, want it acknowledged without text", test.channel, test.text, r)
		}
		got := h.command()
		want := adapters.Command{ID: got.ID, User: h.author(h.amy), Text: test.want, At: got.At}
		if test.channel == room {
			want.Room = h.id
		}
		if got != want || time.Since(got.At) > time.Minute {
			t.Errorf("%s /catchword %s: got %+v, want %+v", test.channel, test.text, got, want)
		}
	}
}

// What can't be stored in time is not stored later: the person was told that it failed.
func TestCommandsNotStored(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	var tries int
	h.refuse = func(u adapters.Update) error {
		if c, ok := u.(*adapters.Command); ok {
			if tries++; c.Text == "never" || tries < 3 {
				return errors.New("the disk is full")
			}
		}
		return nil
	}
	if r := h.amy.RunCommand(room, "/catchword", "at last"); !r.Acked || len(r.Payload) > 0 || tries != 3 {
		t.Errorf("after two refusals: got %+v after %d tries, want it taken at the third", r, tries)
	}
	if got := h.command(); got.Text != "at last" {
		t.Errorf("got %+v, want what was taken", got)
	}
	if r := h.amy.RunCommand(room, "/catchword", "never"); !r.Acked || !strings.Contains(r.Text(), "nothing has happened") {
		t.Errorf("a sink that always refuses: got %+v, want words that tell so", r)
	}
	if got := h.Ephemerals(room); len(got) != 1 || got[0].To != h.amy.ID() || !strings.Contains(got[0].Plain, "try again") {
		t.Errorf("ephemerals: got %+v, want Amy told to try again", got)
	}
	h.mu.Lock()
	h.refuse = nil
	h.mu.Unlock()
	h.amy.Say(room, "later")
	for _, u := range h.drain() {
		if c, ok := u.(*adapters.Command); ok {
			t.Errorf("received %+v, although Amy was told that nothing has happened", *c)
		}
	}
}

// The store hangs while a hundred commands come in: each gets an answer, and none is carried out afterwards.
func TestTooManyCommands(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	stuck := make(chan struct{})
	var taken sync.Map
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- h.slack.Run(ctx, func(ctx context.Context, u adapters.Update) error {
			c, ok := u.(*adapters.Command)
			if !ok {
				return nil
			}
			select {
			case <-stuck:
				taken.Store(c.Text, true)
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	h.eventually("the adapter receives", func() bool { return h.slack.Report().Receiving })
	var people sync.WaitGroup
	for range 100 {
		people.Go(func() {
			r := h.amy.RunCommand(room, "/catchword", "next")
			if r.Acked && !strings.Contains(r.Text(), "nothing has happened") {
				t.Errorf("got %+v, want Slack's own error or ours", r)
			}
		})
	}
	people.Wait()
	close(stuck)
	if r := h.amy.RunCommand(room, "/catchword", "again"); !r.Acked || len(r.Payload) > 0 {
		t.Errorf("once the store is back: got %+v, want it taken", r)
	}
	if _, ok := taken.Load("next"); ok {
		t.Error("a command of which the person was told that it failed was taken later")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run: got %v, want nil", err)
	}
}

// Messages that wait for an author's name from Slack don't delay commands.
func TestCommandsOvertakeMessages(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	h.Fault(func(f *slackfake.Faults) { f.LimitNext = map[string]int{"users.info": 3}; f.RetryAfter = "1" })
	for range 20 {
		h.amy.Say(room, "wait for my name")
	}
	if r := h.amy.RunCommand(room, "/catchword", "where"); !r.Acked || len(r.Payload) > 0 {
		t.Errorf("got %+v, want it taken at once", r)
	}
	if h.count(func(u adapters.Update) bool { m, ok := u.(*adapters.Message); return ok && m.Text != "" }) > 0 {
		t.Fatal("Slack has told the name already, so that nothing was overtaken")
	}
	if h.count(func(u adapters.Update) bool { c, ok := u.(*adapters.Command); return ok && c.User.Name == "amy.adams" }) != 1 {
		t.Errorf("received %s, want a command under the person's handle", h.dump())
	}
}

func TestDirectMessagesAreCommands(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	for posted, want := range map[string]string{
		"where": "where", "<@" + h.BotUser() + "> help": "help", "!catchword": "", "anon I *never* read it": "anon I **never** read it",
	} {
		ts := h.amy.SendDM(posted)
		want := adapters.Command{ID: h.amy.DMChannel() + "/" + ts, User: h.author(h.amy), Text: want, At: at(ts)}
		if got := h.command(); got.ID != want.ID || got.Room != "" || got.User != want.User || got.Text != want.Text || !got.At.Equal(want.At) {
			t.Errorf("%q: got %+v, want %+v", posted, got, want)
		}
	}
	ts := h.amy.SendDM("optuot")
	h.command()
	h.amy.Edit(h.amy.DMChannel(), ts, "<@"+h.BotUser()+"> *optout*")
	h.amy.React(h.amy.DMChannel(), ts, "+1")
	news := h.drain()
	c, ok := news[0].(*adapters.Command)
	if len(news) != 1 || !ok || c.ID != h.amy.DMChannel()+"/"+ts || c.User != h.author(h.amy) || c.Text != "**optout**" || !c.At.Equal(at(ts)) || c.EditedAt.Before(c.At) {
		t.Errorf("got %+v, want the whole command as it was edited", c)
	}
	h.amy.Delete(h.amy.DMChannel(), ts)
	news = h.drain()
	if d, ok := news[0].(*adapters.Deletion); len(news) != 1 || !ok || d.Room != "" || d.ID != adapters.MessageID(h.amy.DMChannel()+"/"+ts) || d.At.IsZero() {
		t.Errorf("got %v, want the command's deletion", news)
	}
	if err := h.slack.PostEphemeral(t.Context(), adapters.UserID(h.amy.ID()), adapters.Post{Text: "You are out."}); err != nil {
		t.Fatal(err)
	}
	h.wantUpdates("what else happens in private")
}

func TestArrivals(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	h.AddChannel("kitchen", false)
	h.Invite("kitchen")
	h.wantUpdates("an invitation to a room that was not joined yet", &adapters.RoomOpened{Room: adapters.RoomID(h.ChannelID("kitchen"))})
	ben := h.Person("Ben Brown")
	ben.Join("kitchen")
	ben.Join(room)
	news := h.drain()
	a, ok := news[0].(*adapters.MemberJoined)
	if !ok || len(news) != 1 || a.Room != h.id || a.User != h.author(ben) || time.Since(a.At) > time.Minute {
		t.Errorf("got %v, want Ben's arrival in the room alone", news)
	}
	h.amy.Leave(room)
	h.Kick(room)
	h.drain() // the events may overtake each other
	h.Invite(room)
	h.OtherApp("Weather").Join(room)
	h.wantUpdates("others leave, and the bot comes back, and so does another app", &adapters.RoomOpened{Room: h.id})
}
