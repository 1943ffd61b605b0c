package slack_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

// past reads a history to the end.
func (h *fixture) history(thread string, since time.Time) (all []*adapters.Message) {
	h.Helper()
	for m, err := range h.slack.History(h.Context(), h.id, adapters.MessageID(thread), since) {
		if err != nil {
			h.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func TestHistory(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	ben := h.Person("Ben")
	h.amy.Say(room, "long ago")
	time.Sleep(5 * time.Millisecond)
	root := h.post(adapters.Post{Text: "What?"})
	h.OtherApp("Polls").Say(room, "", "a poll")
	ben.Join(room)
	plain := h.amy.Say(room, "talk")
	gone := h.amy.Say(room, "a root that will be gone")
	reply := h.amy.Reply(room, root, "an answer")
	broadcast := h.amy.Broadcast(room, root, "an answer to all")
	underGone := ben.Reply(room, gone, "an answer to what will be gone")
	deleted := ben.Reply(room, root, "a mistake")
	time.Sleep(5 * time.Millisecond)
	copied := h.post(adapters.Post{Thread: adapters.MessageID(root), As: adapters.Persona{Name: "Zoë", Workspace: "shelf"}, Text: "her answer"})
	h.amy.Edit(room, reply, "a better answer")
	h.amy.Delete(room, gone)
	ben.Delete(room, deleted)
	for _, p := range []*slackfake.Person{h.amy, ben} {
		p.React(room, reply, "+1")
		p.React(room, copied, "tada")
	}
	if err := h.slack.React(t.Context(), h.ref(reply), "👍", true); err != nil {
		t.Fatal(err)
	}
	h.Fault(func(f *slackfake.Faults) { f.ShortPages = true })

	none := map[string][]adapters.UserID{}
	both := []adapters.UserID{adapters.UserID(h.amy.ID()), adapters.UserID(ben.ID())}
	bot := adapters.User{ID: adapters.UserID(h.BotID()), Name: "catchword", Picture: "https://avatars.example.org/" + h.BotID() + "_72.png"}
	zoe := adapters.User{ID: adapters.UserID(h.BotID()), Name: "Zoë · shelf"}
	ofAmy := func(ts, thread, text string) *adapters.Message {
		m := h.message(ts, thread, text)
		m.Reactions = none
		return m
	}
	q := &adapters.Message{Ref: h.ref(root), Author: bot, Text: "What?", At: at(root), FromBot: true, HasReplies: true, Reactions: none}
	edited := ofAmy(reply, root, "a better answer")
	edited.Reactions = map[string][]adapters.UserID{"👍": both}
	hers := &adapters.Message{
		Ref: h.ref(copied), Thread: adapters.MessageID(root), Author: zoe, Text: "her answer", At: at(copied), FromBot: true,
		Reactions: map[string][]adapters.UserID{"🎉": both},
	}
	others := h.message(underGone, gone, "an answer to what will be gone")
	others.Author, others.Reactions = h.author(ben), none

	for _, test := range []struct {
		what, thread string
		since        time.Time
		want         []*adapters.Message
	}{
		{"the top level since the question", "", at(root), []*adapters.Message{q, ofAmy(plain, "", "talk")}},
		{"the question's thread", root, time.Time{}, []*adapters.Message{edited, ofAmy(broadcast, root, "an answer to all"), hers}},
		{"a thread since later", root, at(copied), []*adapters.Message{hers}},
		{"the thread of what is gone", gone, time.Time{}, []*adapters.Message{others}},
		{"the thread of what never was", "1700000000.000100", time.Time{}, nil},
	} {
		got := h.history(test.thread, test.since)
		for _, m := range got {
			if m.ID == adapters.MessageID(reply) {
				if m.EditedAt.Before(m.At) || m.EditedAt.After(time.Now().Add(time.Second)) {
					t.Errorf("%s: got it edited at %v, want after %v", test.what, m.EditedAt, m.At)
				}
				m.EditedAt = time.Time{}
			}
		}
		zone := gocmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
		if diff := gocmp.Diff(test.want, got, zone); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
	}
}

func TestHistoryHasManyPages(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{Distributed: true}) // 15 at a time
	root := h.post(adapters.Post{Text: "What?"})
	var want []adapters.MessageID
	for n := range 100 {
		want = append(want, adapters.MessageID(h.amy.Reply(room, root, fmt.Sprintf("answer %d", n))))
	}
	h.Fault(func(f *slackfake.Faults) {
		f.LimitNext = map[string]int{"conversations.replies": 1, "users.info": 1}
		f.RefuseNext = 1
	})
	began := time.Now()
	var got []adapters.MessageID
	for _, m := range h.history(root, time.Time{}) {
		got = append(got, m.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d messages, want all %d in order", len(got), len(want))
	}
	if took := time.Since(began); took < 2*time.Second {
		t.Errorf("got it in %v, want it to wait as long as Slack asks", took)
	}
}

func TestHistoryIncomplete(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	root := h.post(adapters.Post{Text: "What?"})
	h.amy.Reply(room, root, "an answer")
	h.Fault(func(f *slackfake.Faults) { f.RefuseChance = 1 })
	for m, err := range h.slack.History(t.Context(), h.id, adapters.MessageID(root), time.Time{}) {
		if h.wantRetry("while Slack is down", err); m != nil {
			t.Errorf("got %+v with an error", m)
		}
	}
	h.Fault(func(f *slackfake.Faults) { f.RefuseChance = 0 })
	h.Kick(room)
	for m, err := range h.slack.History(t.Context(), h.id, "", time.Time{}) {
		if h.wantPermanent("removed from the room", err, "/invite @catchword"); m != nil {
			t.Errorf("got %+v with an error", m)
		}
	}
}
