package slack_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

const patience = 10 * time.Second

// A hall is an office with an adapter in it that hears.
type hall struct {
	*testing.T
	*office
	slack *slack.Slack
	id    adapters.RoomID
	ended chan error // what Run returned

	connections int

	mu     sync.Mutex
	heard  []adapters.Update
	refuse func(adapters.Update) error
}

func newHall(t *testing.T, o slackfake.WorkspaceOptions, configure ...func(*slack.Config)) *hall {
	t.Helper()
	h := quietHall(t, o, configure...)
	h.run()
	return h
}

// quietHall is one whose adapter does not hear yet.
func quietHall(t *testing.T, o slackfake.WorkspaceOptions, configure ...func(*slack.Config)) *hall {
	t.Helper()
	h := &hall{T: t, office: newOffice(t, slackfake.New(t, impatient), "nhs", o)}
	h.restart(configure...)
	return h
}

func (h *hall) restart(configure ...func(*slack.Config)) {
	h.Helper()
	c := h.config()
	for _, f := range configure {
		f(&c)
	}
	h.slack, h.connections = slack.New(c), cmp.Or(c.Connections, slack.DefaultConnections)
	h.slack.Hasten(time.Second, 100*time.Millisecond)
	joined, err := h.slack.Join(h.Context(), room)
	if err != nil {
		h.Fatal(err)
	}
	h.id = joined.ID
}

func (h *hall) run() {
	ctx, cancel := context.WithCancel(h.Context())
	h.ended = make(chan error, 1)
	go func() {
		h.ended <- h.slack.Run(ctx, h.hear)
		close(h.ended)
	}()
	h.Cleanup(func() {
		cancel()
		<-h.ended
	})
	h.eventually("it hears", func() bool { return h.count(isGap) >= h.connections })
}

func isGap(u adapters.Update) bool { _, ok := u.(*adapters.Gap); return ok }

func (h *hall) hear(_ context.Context, u adapters.Update) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse != nil {
		if err := h.refuse(u); err != nil {
			return err
		}
	}
	h.heard = append(h.heard, u)
	return nil
}

func (h *hall) eventually(what string, is func() bool) {
	h.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.Fatalf("waited in vain until %s; heard %s", what, h.all())
		}
	}
}

func (h *hall) count(is func(adapters.Update) bool) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, u := range h.heard {
		if is(u) {
			n++
		}
	}
	return n
}

func (h *hall) all() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var b strings.Builder
	for _, u := range h.heard {
		fmt.Fprintf(&b, "\n%T%+v", u, u)
	}
	return b.String()
}

// settled are all updates but gaps, once every event has been acknowledged, and forgets them.
func (h *hall) settled() (news []adapters.Update) {
	h.Helper()
	h.eventually("all is acknowledged", func() bool { return h.Unacknowledged() == 0 })
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, u := range h.heard {
		if !isGap(u) {
			news = append(news, u)
		}
	}
	h.heard = nil
	return news
}

func (h *hall) want(what string, want ...adapters.Update) {
	h.Helper()
	got := h.settled()
	zone := gocmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
	if diff := gocmp.Diff(want, got, zone); diff != "" {
		h.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (h *hall) ref(ts string) adapters.Ref {
	return adapters.Ref{Room: h.id, ID: adapters.MessageID(ts)}
}

func (h *hall) author(p *slackfake.Person) adapters.User {
	h.Helper()
	return adapters.User{ID: adapters.UserID(p.ID()), Name: p.Name(), Picture: "https://avatars.example.org/" + p.ID() + "_192.png"}
}

// at is the time in a ts, to the millisecond.
func at(ts string) time.Time {
	var seconds, micros int64
	fmt.Sscanf(ts, "%d.%d", &seconds, &micros)
	return time.UnixMilli(seconds*1000 + micros/1000)
}

func (h *hall) message(ts, thread, text string) *adapters.Message {
	return &adapters.Message{Ref: h.ref(ts), Thread: adapters.MessageID(thread), Author: h.author(h.amy), Text: text, At: at(ts)}
}

func (h *hall) post(p adapters.Post) string {
	h.Helper()
	p.Room = h.id
	if p.Key == "" {
		p.Key = "chat/q1@nhs/" + p.Text
	}
	id, err := h.slack.Post(h.Context(), p)
	if err != nil {
		h.Fatal(err)
	}
	return string(id)
}

func TestPeopleAreHeard(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
	root := h.post(adapters.Post{Text: "What?"})
	h.want("own post")

	ts := h.amy.Say(room, "good evening")
	h.want("talk", h.message(ts, "", "good evening"))
	ts = h.amy.Reply(room, root, "an answer")
	h.want("a reply", h.message(ts, root, "an answer"))
	ts = h.amy.Broadcast(room, root, "also to the channel")
	h.want("a broadcast", h.message(ts, root, "also to the channel"))
	ts = h.amy.Me(room, "waves")
	h.want("/me", h.message(ts, "", "waves"))
	ts = h.amy.Say(room, "hello <@"+h.BotUser()+">")
	h.want("a mention, which comes as two events", h.message(ts, "", "hello @catchword"))
}

func TestNoiseIsNotHeard(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
	h.Person("Ben").Join(room)
	h.Person("Ben").Leave(room)
	if news := h.settled(); len(news) != 1 { // his arrival
		t.Errorf("somebody comes and goes: got %v, want one update", news)
	}
	h.AddChannel("elsewhere", false)
	h.Invite("elsewhere")
	h.amy.Say("elsewhere", "in a room that was not joined")
	root := h.post(adapters.Post{Text: "What?"})
	h.post(adapters.Post{Text: "As somebody.", Thread: adapters.MessageID(root), As: adapters.Persona{Name: "Zoë", Workspace: "shelf"}})
	if err := h.slack.Edit(t.Context(), adapters.MessageID(root), adapters.Post{Key: "chat/q1@nhs/What?", Room: h.id, Text: "What then?"}); err != nil {
		t.Error(err)
	}
	if err := h.slack.React(t.Context(), h.ref(root), "👍", true); err != nil {
		t.Error(err)
	}
	if err := h.slack.Delete(t.Context(), h.ref(root)); err != nil {
		t.Error(err)
	}
	h.want("noise and the bot's own doings")
}

func TestEditsAreHeardWhenTheTextDiffers(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
	h.Fault(func(f *slackfake.Faults) { f.Unfurl, f.ReplyCounts = true, true })
	ts := h.amy.Say(room, "see <https://example.org/page>")
	h.want("a message with a preview", h.message(ts, "", "see <https://example.org/page>"))
	reply := h.amy.Reply(room, ts, "a reply")
	h.want("a reply, of which its root tells", h.message(reply, ts, "a reply"))
	for _, words := range []string{"first", "second", "third"} {
		h.amy.Edit(room, ts, words)
		news := h.settled()
		if len(news) != 1 {
			t.Fatalf("an edit: got %d updates, want one", len(news))
		}
		m, ok := news[0].(*adapters.Message)
		if !ok || m.Text != words || m.ID != adapters.MessageID(ts) || m.Author.Name != "Amy Adams" || m.EditedAt.Before(m.At) {
			t.Errorf("an edit to %q: got %+v", words, news[0])
		}
	}
	h.amy.Reply(room, ts, "another reply")
	if news := h.settled(); len(news) != 1 {
		t.Errorf("another reply to what was edited once: got %+v, want it alone", news)
	}
}

func TestTwoEditsInDisorder(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
	ts := h.amy.Say(room, "zero")
	h.settled()
	for n := range 20 {
		h.Fault(func(f *slackfake.Faults) { f.EventLatency = 100 * time.Millisecond })
		h.amy.Edit(room, ts, fmt.Sprintf("old %d", n))
		h.Fault(func(f *slackfake.Faults) { f.EventLatency = 0 })
		h.amy.Edit(room, ts, fmt.Sprintf("new %d", n))
		news := h.settled()
		if last, ok := news[len(news)-1].(*adapters.Message); !ok || last.Text != fmt.Sprintf("new %d", n) {
			t.Fatalf("two edits, the older of which came later: got %+v", news)
		}
	}
}

func TestDeletionsAreHeard(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
	deletion := func(what, ts string) {
		t.Helper()
		news := h.settled()
		if d, ok := news[0].(*adapters.Deletion); len(news) != 1 || !ok || d.Ref != h.ref(ts) || d.At.IsZero() {
			t.Errorf("%s: got %+v", what, news)
		}
	}
	ts := h.amy.Say(room, "one")
	h.settled()
	h.amy.Delete(room, ts)
	deletion("a message", ts)

	ts = h.amy.Say(room, "two")
	h.amy.Reply(room, ts, "a reply")
	h.settled()
	h.amy.Delete(room, ts)
	deletion("a message with replies, which becomes a tombstone", ts)

	ts = h.post(adapters.Post{Text: "What?"})
	h.amy.Delete(room, ts) // as admins can
	deletion("the bot's own message", ts)
}

func TestReactionsAreHeard(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
	ts := h.post(adapters.Post{Text: "Zoë's words", As: adapters.Persona{Name: "Zoë", Workspace: "shelf"}}) // has no item_user
	for _, on := range []bool{true, false} {
		if on {
			h.amy.React(room, ts, "tada")
		} else {
			h.amy.Unreact(room, ts, "tada")
		}
		news := h.settled()
		if len(news) != 1 {
			t.Fatalf("got %+v, want one reaction", news)
		}
		r, ok := news[0].(*adapters.Reaction)
		if !ok || r.Ref != h.ref(ts) || r.Emoji != "🎉" || r.Added != on || r.User != adapters.UserID(h.amy.ID()) || r.At.IsZero() {
			t.Errorf("got %+v, want 🎉 by Amy, %v", news[0], on)
		}
	}
	h.Fault(func(f *slackfake.Faults) { f.EventLatency = 100 * time.Millisecond })
	h.amy.React(room, ts, "tada")
	h.Fault(func(f *slackfake.Faults) { f.EventLatency = 0 })
	h.amy.Unreact(room, ts, "tada")
	news := h.settled()
	if r, ok := news[len(news)-1].(*adapters.Reaction); !ok || r.Added {
		t.Errorf("on and off, of which the former came later: got %+v, want it off in the end", news)
	}
}

func TestFilesAreHeard(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
	ts := h.amy.Upload(room, "", "our poster", slackfake.File{Name: "poster.png", Type: "image/png", Data: []byte("a picture")})
	news := h.settled()
	if len(news) != 1 {
		t.Fatalf("got %+v, want one message", news)
	}
	m, ok := news[0].(*adapters.Message)
	if !ok || m.ID != adapters.MessageID(ts) || m.Text != "our poster" || len(m.Files) != 1 {
		t.Fatalf("got %+v, want a message with a file", news[0])
	}
	if f := m.Files[0]; f.Name != "poster.png" || f.Type != "image/png" || f.Size != 9 || f.URL == "" {
		t.Errorf("got %+v, want name, type, size and link", f)
	}
}

func TestOtherAppsAreHeardIfConfigured(t *testing.T) {
	o := slackfake.WorkspaceOptions{}
	h := quietHall(t, o)
	polls, weather := h.OtherApp("Polls"), h.OtherApp("Weather")
	h.restart(func(c *slack.Config) { c.Apps = []string{polls.BotID()} })
	h.run()
	weather.Say(room, "", "it rains")
	h.want("an app that is not configured")
	ts := polls.Say(room, "", "a poll")
	news := h.settled()
	if len(news) != 1 {
		t.Fatalf("got %+v, want the poll", news)
	}
	if m, ok := news[0].(*adapters.Message); !ok || m.ID != adapters.MessageID(ts) || m.Text != "a poll" || m.Author.Name != "Polls" {
		t.Errorf("got %+v, want the poll", news[0])
	}
}

func TestNamesAreRefreshed(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
	h.amy.Say(room, "one")
	h.amy.Say(room, "two")
	h.settled()
	if got := h.Calls("users.info"); got != 1 {
		t.Errorf("two messages: got %d questions for a name, want 1", got)
	}
	h.amy.SetName("Amy Z")
	h.amy.SetPicture("https://example.org/amy.png")
	h.settled()
	h.amy.Say(room, "three")
	news := h.settled()
	if m, ok := news[0].(*adapters.Message); !ok || m.Author.Name != "Amy Z" || m.Author.Picture != "https://example.org/amy.png" {
		t.Errorf("got %+v, want the new name and picture", news[0])
	}
	if got := h.Calls("users.info"); got != 1 {
		t.Errorf("after a change: got %d questions for a name, want 1", got)
	}
}

func TestRoomsChange(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
	h.Rename(room, "medlibs")
	h.want("a new name", &adapters.RoomRenamed{Room: h.id, Name: "#medlibs"})
	h.Archive("medlibs")
	h.want("an archived room")
	_, err := h.slack.Post(t.Context(), adapters.Post{Key: "k", Room: h.id, Text: "Hello?"})
	h.final("a post in an archived room", err, "#medlibs", "archived", "unarchive")
}

// final checks an error that won't pass, and what it says.
func (h *hall) final(what string, err error, words ...string) {
	h.Helper()
	if err == nil {
		h.Errorf("%s: got no error", what)
		return
	}
	if _, passes := errors.AsType[*adapters.RetryError](err); passes {
		h.Errorf("%s: got an error that may pass: %v", what, err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			h.Errorf("%s: got %q, want it to say %q", what, err, w)
		}
	}
	h.noToken(err.Error())
}

func (h *hall) noToken(text string) {
	h.Helper()
	for _, token := range []string{h.BotToken(), h.AppToken(), "xoxb-", "xapp-", "ticket="} {
		if strings.Contains(strings.ReplaceAll(text, "begins with xoxb-, the app token with xapp-", ""), token) {
			h.Errorf("got %q, which contains %q", text, token)
		}
	}
}

func TestNothingIsAcknowledgedBeforeItIsStored(t *testing.T) {
	h := quietHall(t, slackfake.WorkspaceOptions{})
	full := true
	h.refuse = func(u adapters.Update) error {
		if _, ok := u.(*adapters.Message); ok && full {
			return errors.New("the disk is full")
		}
		return nil
	}
	h.run()
	ts := h.amy.Say(room, "to be kept")
	time.Sleep(2 * impatient.AckTimeout)
	if got := h.Unacknowledged(); got != 1 {
		t.Errorf("while the disk is full: got %d unacknowledged events, want 1", got)
	}
	h.mu.Lock()
	full = false
	h.mu.Unlock()
	news := h.settled()
	if !slices.ContainsFunc(news, func(u adapters.Update) bool { return gocmp.Equal(u, adapters.Update(h.message(ts, "", "to be kept"))) }) {
		t.Errorf("after it: got %+v, want the message", news)
	}
}

func TestDuplicatesAndDisorder(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
	h.Fault(func(f *slackfake.Faults) {
		f.Duplicate, f.Disorder, f.CutChance, f.EchoFirst, f.EchoWait = 0.3, 50*time.Millisecond, 0.05, 0.5, 50*time.Millisecond
	})
	said := map[adapters.MessageID]string{}
	for n := range 60 {
		words := fmt.Sprintf("message %d", n)
		said[adapters.MessageID(h.amy.Say(room, words))] = words
		if n%10 == 0 {
			h.post(adapters.Post{Text: words + " of the bot"})
		}
	}
	for _, u := range h.settled() {
		m, ok := u.(*adapters.Message)
		if !ok || said[m.ID] != "" && said[m.ID] != m.Text || m.Author.Name != "Amy Adams" {
			t.Errorf("got %+v, want messages of Amy's", u)
			continue
		}
		said[m.ID] = ""
	}
	for id, words := range said {
		if words != "" {
			t.Errorf("message %s was not heard", id)
		}
	}
}
