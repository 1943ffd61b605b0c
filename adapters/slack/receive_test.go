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

const testTimeout = 10 * time.Second

// A fixture is a workspace with an adapter that runs in it.
type fixture struct {
	*testing.T
	*testWorkspace
	slack     *slack.Slack
	id        adapters.RoomID
	runResult chan error // what Run returned

	connections int

	mu       sync.Mutex
	received []adapters.Update
	refuse   func(adapters.Update) error
}

func newFixture(t *testing.T, o slackfake.WorkspaceOptions, configure ...func(*slack.Config)) *fixture {
	t.Helper()
	h := newStoppedFixture(t, o, configure...)
	h.run()
	return h
}

// newStoppedFixture returns one whose adapter doesn't run yet.
func newStoppedFixture(t *testing.T, o slackfake.WorkspaceOptions, configure ...func(*slack.Config)) *fixture {
	t.Helper()
	h := &fixture{T: t, testWorkspace: newTestWorkspace(t, slackfake.New(t, fastOptions), "nhs", o)}
	h.restart(configure...)
	return h
}

func (h *fixture) restart(configure ...func(*slack.Config)) {
	h.Helper()
	c := h.config()
	for _, f := range configure {
		f(&c)
	}
	h.slack, h.connections = slack.New(c), cmp.Or(c.Connections, slack.DefaultConnections)
	h.slack.ShortenTimeouts(time.Second, 100*time.Millisecond)
	joined, err := h.slack.Join(h.Context(), room)
	if err != nil {
		h.Fatal(err)
	}
	h.id = joined.ID
}

func (h *fixture) run() {
	ctx, cancel := context.WithCancel(h.Context())
	h.runResult = make(chan error, 1)
	go func() {
		h.runResult <- h.slack.Run(ctx, h.receive)
		close(h.runResult)
	}()
	h.Cleanup(func() {
		cancel()
		<-h.runResult
	})
	h.eventually("the adapter receives", func() bool { return h.count(isGap) >= h.connections })
}

func isGap(u adapters.Update) bool { _, ok := u.(*adapters.Gap); return ok }

func (h *fixture) receive(_ context.Context, u adapters.Update) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse != nil {
		if err := h.refuse(u); err != nil {
			return err
		}
	}
	h.received = append(h.received, u)
	return nil
}

func (h *fixture) eventually(what string, is func() bool) {
	h.Helper()
	for deadline := time.Now().Add(testTimeout); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.Fatalf("timed out waiting until %s; received %s", what, h.dump())
		}
	}
}

func (h *fixture) count(is func(adapters.Update) bool) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, u := range h.received {
		if is(u) {
			n++
		}
	}
	return n
}

func (h *fixture) dump() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var b strings.Builder
	for _, u := range h.received {
		fmt.Fprintf(&b, "\n%T%+v", u, u)
	}
	return b.String()
}

// settled waits until every event has been acknowledged, and returns all new updates except gaps.
func (h *fixture) drain() (news []adapters.Update) {
	h.Helper()
	h.eventually("all is acknowledged", func() bool { return h.Unacknowledged() == 0 })
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, u := range h.received {
		if !isGap(u) {
			news = append(news, u)
		}
	}
	h.received = nil
	return news
}

func (h *fixture) wantUpdates(what string, want ...adapters.Update) {
	h.Helper()
	got := h.drain()
	zone := gocmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
	if diff := gocmp.Diff(want, got, zone); diff != "" {
		h.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (h *fixture) ref(ts string) adapters.Ref {
	return adapters.Ref{Room: h.id, ID: adapters.MessageID(ts)}
}

func (h *fixture) author(p *slackfake.Person) adapters.User {
	h.Helper()
	return adapters.User{ID: adapters.UserID(p.ID()), Name: p.Name(), Picture: "https://avatars.example.org/" + p.ID() + "_192.png"}
}

// fetched returns the time in a ts, to the millisecond.
func at(ts string) time.Time {
	var seconds, micros int64
	fmt.Sscanf(ts, "%d.%d", &seconds, &micros)
	return time.UnixMilli(seconds*1000 + micros/1000)
}

func (h *fixture) message(ts, thread, text string) *adapters.Message {
	return &adapters.Message{Ref: h.ref(ts), Thread: adapters.MessageID(thread), Author: h.author(h.amy), Text: text, At: at(ts)}
}

func (h *fixture) post(p adapters.Post) string {
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

func TestReceiveMessages(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	root := h.post(adapters.Post{Text: "What?"})
	h.wantUpdates("own post")

	ts := h.amy.Say(room, "good evening")
	h.wantUpdates("talk", h.message(ts, "", "good evening"))
	ts = h.amy.Reply(room, root, "an answer")
	h.wantUpdates("a reply", h.message(ts, root, "an answer"))
	ts = h.amy.Broadcast(room, root, "also to the channel")
	h.wantUpdates("a broadcast", h.message(ts, root, "also to the channel"))
	ts = h.amy.SayMe(room, "waves")
	h.wantUpdates("/me", h.message(ts, "", "waves"))
	ts = h.amy.Say(room, "hello <@"+h.BotUser()+">")
	h.wantUpdates("a mention, which comes as two events", h.message(ts, "", "hello @catchword"))
}

func TestIgnoredEvents(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	h.Person("Ben").Join(room)
	h.Person("Ben").Leave(room)
	if news := h.drain(); len(news) != 1 { // his arrival
		t.Errorf("somebody comes and goes: got %v, want one update", news)
	}
	h.AddChannel("elsewhere", false)
	h.Invite("elsewhere")
	h.wantUpdates("an invitation", &adapters.RoomOpened{Room: adapters.RoomID(h.ChannelID("elsewhere"))})
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
	h.wantUpdates("noise and the bot's own doings")
}

func TestReceiveEdits(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	h.Fault(func(f *slackfake.Faults) { f.Unfurl, f.ReplyCounts = true, true })
	ts := h.amy.Say(room, "see <https://example.org/page>")
	h.wantUpdates("a message with a preview", h.message(ts, "", "see <https://example.org/page>"))
	reply := h.amy.Reply(room, ts, "a reply")
	h.wantUpdates("a reply, of which its root tells", h.message(reply, ts, "a reply"))
	for _, words := range []string{"first", "second", "third"} {
		h.amy.Edit(room, ts, words)
		news := h.drain()
		if len(news) != 1 {
			t.Fatalf("an edit: got %d updates, want one", len(news))
		}
		m, ok := news[0].(*adapters.Message)
		if !ok || m.Text != words || m.ID != adapters.MessageID(ts) || m.Author.Name != "Amy Adams" || m.EditedAt.Before(m.At) {
			t.Errorf("an edit to %q: got %+v", words, news[0])
		}
	}
	h.amy.Reply(room, ts, "another reply")
	if news := h.drain(); len(news) != 1 {
		t.Errorf("another reply to what was edited once: got %+v, want it alone", news)
	}
}

// TestDeletedFiles checks that a deleted file leaves its message, whichever event Slack sends of it. This is no
// edit.
func TestDeletedFiles(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	ts := h.amy.Upload(room, "", "see", slackfake.File{Name: "a.png", Type: "image/png", Data: []byte("x")})
	sent, ok := h.drain()[0].(*adapters.Message)
	if !ok || len(sent.Files) != 1 {
		t.Fatalf("an upload: got %+v", sent)
	}
	h.amy.DeleteFile(room, ts)
	var changed *adapters.Message
	var deleted *adapters.FileDeleted
	for _, u := range h.drain() {
		switch u := u.(type) {
		case *adapters.Message:
			changed = u
		case *adapters.FileDeleted:
			deleted = u
		}
	}
	if changed == nil || len(changed.Files) != 0 || changed.Text != "see" || !changed.EditedAt.IsZero() {
		t.Errorf("the message: got %+v, want it unedited and without its file", changed)
	}
	if deleted == nil || deleted.URLPart == "" || !strings.Contains(sent.Files[0].URL, deleted.URLPart) {
		t.Errorf("the file: got %+v, want part of %s", deleted, sent.Files[0].URL)
	}
	if strings.Contains("https://files.slack.com/files-pri/T1-F999/a.png", deleted.URLPart) {
		t.Errorf("got %q, which another file's address may contain", deleted.URLPart)
	}
}

// TestSharedMessages checks that a forwarded message comes as a quote, with its author and files.
func TestSharedMessages(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	h.AddChannel("elsewhere", false)
	zoe := h.Person("Zoë")
	zoe.Join("elsewhere")
	source := zoe.Say("elsewhere", "one *bold* line\nand two")
	withFile := zoe.Upload("elsewhere", "", "", slackfake.File{Name: "a.png", Type: "image/png", Data: []byte("x")})
	for _, c := range []struct {
		ts, words, want string
		hidden          bool
		files           int
	}{
		{ts: source, words: "A2: as Zoë says", want: "A2: as Zoë says\n\n> **Zoë**: one **bold** line\n> and two"},
		{ts: source, want: "> **Zoë**: one **bold** line\n> and two"},
		{ts: source, words: "see", hidden: true, want: "see"},
		{ts: source, hidden: true, want: ""},
		{ts: withFile, want: "", files: 1},
	} {
		h.drain()
		h.amy.Share("elsewhere", c.ts, room, c.words, c.hidden)
		news := h.drain()
		m, ok := news[len(news)-1].(*adapters.Message)
		if !ok || strings.ReplaceAll(m.Text, "\\\n", "\n") != strings.ReplaceAll(c.want, "\\\n", "\n") || len(m.Files) != c.files {
			t.Errorf("%+v: got %+v", c, m)
		}
	}
}

// TestLookupsDelayNobodyElse limits the method that looks people up: who is known already is received all the same, and
// so is everybody once the limit is over. That Slack doesn't know somebody is not remembered for long.
func TestLookupsDelayNobodyElse(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	known := h.message(h.amy.Say(room, "first"), "", "first")
	h.wantUpdates("somebody who is looked up", known)
	for who, want := range map[adapters.UserID]string{known.Author.ID: "Amy Adams", adapters.UserID(h.Person("Host").ID()): "Host", "U404": ""} {
		if name, err := h.slack.UserName(t.Context(), who); name != want || err != nil {
			t.Errorf("got the name %q of %s (%v), want %q", name, who, err, want)
		}
	}
	h.Fault(func(f *slackfake.Faults) { f.LimitNext, f.RetryAfter = map[string]int{"users.info": 8}, "2" })
	for n := range 20 { // more than are looked up at once
		stranger := h.Person(fmt.Sprintf("Stranger %d", n))
		stranger.Join(room)
		stranger.Say(room, "who am I?")
	}
	ts := h.amy.Say(room, "second")
	h.eventually("the known person is received first", func() bool {
		return h.count(func(u adapters.Update) bool {
			m, ok := u.(*adapters.Message)
			return ok && m.ID == adapters.MessageID(ts)
		}) == 1
	})
	if n := h.count(func(u adapters.Update) bool { m, ok := u.(*adapters.Message); return ok && m.Text == "who am I?" }); n != 0 {
		t.Errorf("got %d messages of people whom nobody could look up", n)
	}
	h.eventually("the others are received", func() bool {
		names := map[string]bool{} // Slack sends again what is acknowledged late
		h.count(func(u adapters.Update) bool {
			if m, ok := u.(*adapters.Message); ok && m.Text == "who am I?" {
				names[m.Author.Name] = true
			}
			return false
		})
		return len(names) == 20
	})
}

func TestEditsOutOfOrder(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	ts := h.amy.Say(room, "zero")
	h.drain()
	for n := range 20 {
		h.Fault(func(f *slackfake.Faults) { f.EventLatency = 100 * time.Millisecond })
		h.amy.Edit(room, ts, fmt.Sprintf("old %d", n))
		h.Fault(func(f *slackfake.Faults) { f.EventLatency = 0 })
		h.amy.Edit(room, ts, fmt.Sprintf("new %d", n))
		news := h.drain()
		if last, ok := news[len(news)-1].(*adapters.Message); !ok || last.Text != fmt.Sprintf("new %d", n) {
			t.Fatalf("two edits in the wrong order: got %+v", news)
		}
	}
}

func TestReceiveDeletions(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	deletion := func(what, ts string) {
		t.Helper()
		news := h.drain()
		if d, ok := news[0].(*adapters.Deletion); len(news) != 1 || !ok || d.Ref != h.ref(ts) || d.At.IsZero() {
			t.Errorf("%s: got %+v", what, news)
		}
	}
	ts := h.amy.Say(room, "one")
	h.drain()
	h.amy.Delete(room, ts)
	deletion("a message", ts)

	ts = h.amy.Say(room, "two")
	h.amy.Reply(room, ts, "a reply")
	h.drain()
	h.amy.Delete(room, ts)
	deletion("a message with replies, which becomes a tombstone", ts)

	ts = h.post(adapters.Post{Text: "What?"})
	h.amy.Delete(room, ts) // as admins can
	deletion("the bot's own message", ts)
}

func TestReceiveReactions(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	ts := h.post(adapters.Post{Text: "Zoë's words", As: adapters.Persona{Name: "Zoë", Workspace: "shelf"}}) // has no item_user
	for _, on := range []bool{true, false} {
		if on {
			h.amy.React(room, ts, "tada")
		} else {
			h.amy.Unreact(room, ts, "tada")
		}
		news := h.drain()
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
	news := h.drain()
	if r, ok := news[len(news)-1].(*adapters.Reaction); !ok || r.Added {
		t.Errorf("reaction and removal in the wrong order: got %+v, want it off in the end", news)
	}
}

func TestReceiveFiles(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	ts := h.amy.Upload(room, "", "our poster", slackfake.File{Name: "poster.png", Type: "image/png", Data: []byte("a picture")})
	news := h.drain()
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

func TestReceiveConfiguredApps(t *testing.T) {
	o := slackfake.WorkspaceOptions{}
	h := newStoppedFixture(t, o)
	polls, weather := h.OtherApp("Polls"), h.OtherApp("Weather")
	h.restart(func(c *slack.Config) { c.Apps = []string{polls.BotID()} })
	h.run()
	weather.Say(room, "", "it rains")
	h.wantUpdates("an app that is not configured")
	ts := polls.Say(room, "", "a poll")
	news := h.drain()
	if len(news) != 1 {
		t.Fatalf("got %+v, want the poll", news)
	}
	if m, ok := news[0].(*adapters.Message); !ok || m.ID != adapters.MessageID(ts) || m.Text != "a poll" || m.Author.Name != "Polls" {
		t.Errorf("got %+v, want the poll", news[0])
	}
}

func TestNamesAreRefreshed(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	h.amy.Say(room, "one")
	h.amy.Say(room, "two")
	h.drain()
	if got := h.CallCount("users.info"); got != 1 {
		t.Errorf("two messages: got %d questions for a name, want 1", got)
	}
	h.amy.SetName("Amy Z")
	h.amy.SetPicture("https://example.org/amy.png")
	h.drain()
	h.amy.Say(room, "three")
	news := h.drain()
	if m, ok := news[0].(*adapters.Message); !ok || m.Author.Name != "Amy Z" || m.Author.Picture != "https://example.org/amy.png" {
		t.Errorf("got %+v, want the new name and picture", news[0])
	}
	if got := h.CallCount("users.info"); got != 1 {
		t.Errorf("after a change: got %d questions for a name, want 1", got)
	}
}

func TestRoomsChange(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	h.Rename(room, "medlibs")
	h.wantUpdates("a new name", &adapters.RoomRenamed{Room: h.id, Name: "#medlibs"})
	h.Archive("medlibs")
	h.wantUpdates("an archived room")
	_, err := h.slack.Post(t.Context(), adapters.Post{Key: "k", Room: h.id, Text: "Hello?"})
	h.wantPermanent("a post in an archived room", err, "#medlibs", "archived", "unarchive")
}

// wantPermanent checks that an error is not a RetryError, and what it says.
func (h *fixture) wantPermanent(what string, err error, words ...string) {
	h.Helper()
	if err == nil {
		h.Errorf("%s: got no error", what)
		return
	}
	if _, passes := errors.AsType[*adapters.RetryError](err); passes {
		h.Errorf("%s: got a RetryError: %v", what, err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			h.Errorf("%s: got %q, want it to say %q", what, err, w)
		}
	}
	h.checkNoToken(err.Error())
}

func (h *fixture) checkNoToken(text string) {
	h.Helper()
	for _, token := range []string{h.BotToken(), h.AppToken(), "xoxb-", "xapp-", "ticket="} {
		if strings.Contains(strings.ReplaceAll(text, "begins with xoxb-, the app token with xapp-", ""), token) {
			h.Errorf("got %q, which contains %q", text, token)
		}
	}
}

func TestAcknowledgeAfterStore(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	full := true
	h.refuse = func(u adapters.Update) error {
		if _, ok := u.(*adapters.Message); ok && full {
			return errors.New("the disk is full")
		}
		return nil
	}
	h.run()
	ts := h.amy.Say(room, "to be kept")
	time.Sleep(2 * fastOptions.AckTimeout)
	if got := h.Unacknowledged(); got != 1 {
		t.Errorf("while the disk is full: got %d unacknowledged events, want 1", got)
	}
	h.mu.Lock()
	full = false
	h.mu.Unlock()
	news := h.drain()
	if !slices.ContainsFunc(news, func(u adapters.Update) bool { return gocmp.Equal(u, adapters.Update(h.message(ts, "", "to be kept"))) }) {
		t.Errorf("after it: got %+v, want the message", news)
	}
}

func TestDuplicatesAndReordering(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	h.Fault(func(f *slackfake.Faults) {
		f.DuplicateChance, f.EventJitter, f.CutChance, f.EventFirstChance, f.EventFirstWait = 0.3, 50*time.Millisecond, 0.05, 0.5, 50*time.Millisecond
	})
	posted := map[adapters.MessageID]string{}
	for n := range 60 {
		words := fmt.Sprintf("message %d", n)
		posted[adapters.MessageID(h.amy.Say(room, words))] = words
		if n%10 == 0 {
			h.post(adapters.Post{Text: words + " of the bot"})
		}
	}
	for _, u := range h.drain() {
		m, ok := u.(*adapters.Message)
		if !ok || posted[m.ID] != "" && posted[m.ID] != m.Text || m.Author.Name != "Amy Adams" {
			t.Errorf("got %+v, want messages of Amy's", u)
			continue
		}
		posted[m.ID] = ""
	}
	for id, words := range posted {
		if words != "" {
			t.Errorf("message %s was not received", id)
		}
	}
}
