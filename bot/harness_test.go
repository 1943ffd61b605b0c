package bot

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

// The chat of all tests lasts an hour, with five questions at 20:06, 20:16, 20:26, 20:36 and 20:46, in winter time in
// London.
var start = time.Date(2000, 1, 18, 20, 0, 0, 0, time.UTC)

func testChat() questions.Chat {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	c := questions.Chat{
		Slug: "2000-01-18-partnerships", Title: "Partnerships", Hashtag: "#ukmedlibs", Leader: "Holly Case",
		Starts: start.In(london), Ends: start.In(london).Add(time.Hour), Introduction: "Why work together?",
	}
	for n := 1; n <= 5; n++ {
		c.Questions = append(c.Questions, questions.Question{N: n, Text: fmt.Sprintf("What about matter %d?", n)})
	}
	return c
}

// A harness is a bot with its platforms, in a synctest bubble. All rooms are called #chat; the one of nhs is dedicated
// to the chat.
type harness struct {
	*testing.T
	address     string // of the database
	db          *store.DB
	bot         *Bot
	platforms   map[string]*adaptertest.Platform
	opts        Options
	stop        func()
	rooms       []RoomConfig                             // of each workspace; nil for #chat
	log         bytes.Buffer                             // the log, to be read once the bot has stopped
	wrapAdapter func(*adaptertest.Fake) adapters.Adapter // adds an ability that the fake lacks; nil for none
}

// inBubble runs f with a harness for some workspaces, in a synctest bubble that begins on 2000-01-01. The database is
// SQLite; a test that can behave differently on PostgreSQL calls inBubbleOnBoth.
func inBubble(t *testing.T, workspaces []string, f func(*harness)) {
	t.Helper()
	if storetest.OnPostgres() {
		t.Skip("behaves the same on every database, and was tested on SQLite")
	}
	inBubbleOnBoth(t, workspaces, f)
}

// inBubbleOnBoth is inBubble for tests that run on each kind of database.
func inBubbleOnBoth(t *testing.T, workspaces []string, f func(*harness)) {
	t.Helper()
	t.Parallel()
	address := storetest.Address(t)
	synctest.Test(t, func(t *testing.T) {
		n := &harness{T: t, address: address, platforms: map[string]*adaptertest.Platform{}, stop: func() {}}
		n.opts.Archive = filepath.Join(t.TempDir(), "archive")
		for _, w := range workspaces {
			n.platforms[w] = adaptertest.NewPlatform(w, "#chat")
		}
		defer func() { n.stop() }()
		f(n)
	})
}

// run starts the bot, as after a restart.
func (n *harness) run() {
	n.Helper()
	db, err := store.Open(n.Context(), n.address)
	if err != nil {
		n.Fatal(err)
	}
	var workspaces []Workspace
	for name, p := range n.platforms {
		rooms := n.rooms
		if rooms == nil {
			rooms = []RoomConfig{{Name: "#chat", Dedicated: name == "nhs"}}
		}
		var adapter adapters.Adapter = p.Adapter()
		if n.wrapAdapter != nil {
			adapter = n.wrapAdapter(p.Adapter())
		}
		workspaces = append(workspaces, Workspace{
			Name: name, Adapter: adapter, Rooms: rooms, Hosts: []adapters.UserID{"host"},
		})
	}
	db.DisableLeases() // a bubble's clock stands still during a renewal
	n.opts.Log = slog.New(slog.NewTextHandler(io.MultiWriter(n.Output(), &n.log), &slog.HandlerOptions{Level: slog.LevelDebug}))
	n.db, n.bot = db, New(db, n.opts, workspaces...)
	ctx, cancel := context.WithCancel(n.Context())
	done := make(chan error)
	go func() { done <- n.bot.Run(ctx) }()
	n.stop = func() {
		cancel()
		if err := <-done; err != nil {
			n.Errorf("got error %v from Run, want none", err)
		}
		if err := db.Close(); err != nil {
			n.Errorf("got error %v from Close, want none", err)
		}
		n.stop = func() {}
	}
	synctest.Wait()
}

func (n *harness) schedule(c questions.Chat) {
	n.Helper()
	if err := n.bot.Schedule(n.Context(), c); err != nil {
		n.Fatal(err)
	}
}

// at waits until a time after the chat's start, and a moment longer for what happens then.
func (n *harness) at(offset time.Duration) {
	time.Sleep(time.Until(start.Add(offset)))
	n.settle()
}

func (n *harness) settle() {
	time.Sleep(3 * time.Second)
	synctest.Wait()
}

func person(name string) adapters.User {
	return adapters.User{ID: adapters.UserID(strings.ToLower(name)), Name: name}
}

// send has a person send a message under the bot's latest post that contains thread, or at the top level if it is "".
func (n *harness) send(workspace, name, thread, text string) adapters.MessageID {
	n.Helper()
	var root adapters.MessageID
	if thread != "" {
		root = n.find(workspace, thread).ID
	}
	return n.platforms[workspace].SendAs("#chat", person(name), root, text)
}

// reminder is how reminders begin. They repeat the questions, so shown skips them unless they are looked for.
const reminder = "⏰"

// shown lists the visible messages in a workspace's room that contain text.
func (n *harness) shown(workspace, text string) (all []adaptertest.Message) {
	for _, m := range n.platforms[workspace].Messages("#chat") {
		if !m.Deleted && strings.Contains(m.Text, text) && (text == reminder || !strings.HasPrefix(m.Text, reminder)) {
			all = append(all, m)
		}
	}
	return all
}

// find returns the one message in a workspace's room that contains text.
func (n *harness) find(workspace, text string) adaptertest.Message {
	n.Helper()
	all := n.shown(workspace, text)
	if len(all) != 1 {
		n.Fatalf("got %d messages in %s that contain %q, want 1:\n%+v", len(all), workspace, text, all)
	}
	return all[0]
}

func (n *harness) wantNone(workspace, text string) {
	n.Helper()
	if all := n.shown(workspace, text); len(all) != 0 {
		n.Fatalf("got %+v in %s, want nothing that contains %q", all, workspace, text)
	}
}

// wantInThread checks that a message is in the thread of the one that contains root.
func (n *harness) wantInThread(workspace, text, root string) adaptertest.Message {
	n.Helper()
	m, r := n.find(workspace, text), n.find(workspace, root)
	if m.Thread != r.ID {
		n.Errorf("got %q in %s under %q, want it under %q", text, workspace, m.Thread, r.ID)
	}
	return m
}

// answers reads the chat's answers from its transcript.
func (n *harness) answers() (all []questions.Answer) {
	n.Helper()
	t, ok, err := n.db.Transcript(n.Context(), testChat().Slug)
	if err != nil || !ok {
		n.Fatalf("got no transcript: %v", err)
	}
	for a, err := range t.Answers(n.Context(), questions.OrderByTime) {
		if err != nil {
			n.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}

// answer returns the one answer that contains text.
func (n *harness) answer(text string) questions.Answer {
	n.Helper()
	var found []questions.Answer
	for _, a := range n.answers() {
		if strings.Contains(a.Text, text) {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		n.Fatalf("got %d answers that contain %q, want 1: %+v", len(found), text, found)
	}
	return found[0]
}

// postedAt returns when a message appeared, after the chat's start.
func (n *harness) postedAt(workspace, text string) time.Duration {
	n.Helper()
	return n.find(workspace, text).At.Sub(start).Round(time.Second)
}

func workspaceNamed(b *Bot, name string) *workspace {
	i := slices.IndexFunc(b.workspaces, func(ws *workspace) bool { return ws.Name == name })
	return b.workspaces[i]
}

// archiveFiles reads all files of the archive, by name.
func (n *harness) archiveFiles() map[string]string {
	n.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(n.opts.Archive, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		words, err := os.ReadFile(path)
		files[path] = string(words)
		return err
	})
	if err != nil || len(files) == 0 {
		n.Fatalf("got %d files of the archive: %v", len(files), err)
	}
	return files
}
