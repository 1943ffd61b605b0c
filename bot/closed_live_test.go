package bot_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

// A closure makes a room or workspace refuse posts, and take them again.
type closure struct {
	name         string
	shut, reopen func()
}

// TestClosedSlackChannel closes a channel in all ways that a workspace has, around a question.
func TestClosedSlackChannel(t *testing.T) {
	skipClosed(t)
	s := slackfake.New(t, slackfake.Options{Limits: slackfake.Limits{Post: 10 * time.Millisecond, Burst: 20}})
	nhs, shelf := s.AddWorkspace("nhs", slackfake.WorkspaceOptions{}), s.AddWorkspace("shelf", slackfake.WorkspaceOptions{})
	nhs.AddChannel(channel, false)
	shelf.AddChannel(channel, false)
	fail := func(code string) closure {
		set := func(code string) func() {
			return func() {
				shelf.Fault(func(f *slackfake.Faults) { f.Fail = map[string]string{"chat.postMessage": code} })
			}
		}
		return closure{code, set(code), set("")}
	}
	holdWithClosures(t, nil, &slackPlatform{nhs, t, s}, &slackPlatform{shelf, t, s}, []closure{
		{"archived", func() { shelf.Archive(channel) }, func() { shelf.Unarchive(channel) }},
		{"removed", func() { shelf.Kick(channel) }, func() { shelf.Invite(channel) }},
		fail("restricted_action_read_only_channel"),
		fail("missing_scope"),
		fail("an_error_of_tomorrow"),
		{"token revoked", func() { shelf.RevokeToken(shelf.BotToken()) }, func() { shelf.Restore(shelf.BotToken()) }},
	})
}

func skipClosed(t *testing.T) {
	t.Helper()
	if testing.Short() || storetest.OnPostgres() {
		t.Skip("lasts half a minute; TestClosedRoomLosesNothing runs on PostgreSQL")
	}
	t.Parallel()
}

// holdWithClosures holds a chat between two rooms. The second is closed once for each question: a copy is due then, and
// the next question. After that it has all of them once, the copies in the right threads.
func holdWithClosures(t *testing.T, shared *dbutil.Database, open, closed platform, closures []closure) {
	db := openStore(t, storetest.Address(t))
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	b := bot.New(db, bot.Options{Archive: filepath.Join(t.TempDir(), "archive"), Log: log}, open.workspace(shared, log), closed.workspace(shared, log))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	status := func() (all []string) {
		for _, s := range b.Status() {
			for _, r := range s.Rooms {
				if !r.Joined || r.Closed {
					all = append(all, r.Name)
				}
			}
		}
		return all
	}
	waitFor(t, "all rooms are joined", func() bool { return len(status()) == 0 })
	begin := time.Now().Add(2 * time.Second).Truncate(time.Second).UTC()
	chat := questions.Chat{Slug: "night", Title: "Night", Hashtag: "#night", Starts: begin, LeadIn: time.Second, PerQuestion: time.Hour}
	for n := range len(closures) + 1 {
		chat.Questions = append(chat.Questions, questions.Question{N: n + 1, Text: "What?"})
	}
	chat.Ends = begin.Add(time.Duration(len(chat.Questions)+1) * time.Hour)
	if err := b.Schedule(ctx, chat); err != nil {
		t.Fatal(err)
	}
	ask := func(q string) string {
		var root string
		waitFor(t, q+" is asked", func() bool {
			all := open.posts(store.StepKey("night", q, open.target()))
			if len(all) > 0 {
				root = all[0].id
			}
			return root != ""
		})
		return root
	}
	for i, c := range closures {
		n := i + 1
		here, next := questions.Label(n), questions.Label(n+1)
		root := ask(strings.ToLower(here))
		waitFor(t, here+" is asked in both rooms", func() bool {
			return len(closed.posts(store.StepKey("night", strings.ToLower(here), closed.target()))) == 1
		})
		c.shut()
		open.send("Amy", root, "Said while it was closed: "+c.name)
		if err := db.MoveStep(ctx, "night", strings.ToLower(next), time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := b.Schedule(ctx, chat); err != nil { // wakes the senders
			t.Fatal(err)
		}
		after := ask(strings.ToLower(next))
		waitFor(t, c.name+": the room is known to be closed", func() bool { return len(status()) == 1 })
		open.send("Ben", after, "Said of the next question: "+c.name)
		c.reopen()
		waitFor(t, c.name+": the room is open again", func() bool { return len(status()) == 0 })
		for _, want := range []struct{ words, step string }{
			{"Said while it was closed: " + c.name, here}, {"Said of the next question: " + c.name, next},
		} {
			waitFor(t, c.name+": "+want.words, func() bool {
				var all []botMessage
				for _, p := range closed.posts("") {
					if strings.Contains(p.text, want.words) {
						all = append(all, p)
					}
				}
				step := closed.posts(store.StepKey("night", strings.ToLower(want.step), closed.target()))
				return len(all) == 1 && len(step) == 1 && all[0].thread == step[0].id
			})
		}
	}
}
