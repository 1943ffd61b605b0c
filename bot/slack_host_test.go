package bot_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

// TestSlackHosts holds a chat in two Slack workspaces by all that Slack has for it: slash commands, a button of a cue, a
// mention in the room, direct messages and an arrival. It lasts as long as people take, which is far less than its timetable.
func TestSlackHosts(t *testing.T) {
	s := newSlackEvening(t)
	nhs, shelf := s.workspaces["nhs"], s.workspaces["shelf"]
	hanna, henry := nhs.Person("Hanna Host"), shelf.Person("Henry Host")
	ann, cat := shelf.Person("Ann"), shelf.Person("Cat")
	for _, p := range []*slackfake.Person{henry, ann, cat} {
		p.Join(channel)
	}
	hanna.Join(channel)
	s.run(hanna, henry)
	s.both("Q1", "First?")

	// Who answers is passed on; who keeps out is taken back.
	ann.Reply(channel, s.said("shelf", "First?").TS, "Ann is heard")
	s.waits("Ann's answer is passed on", func() bool { return s.shows("nhs", "Ann is heard") })
	ann.Confide("optout")
	s.waits("Ann's answer is taken back", func() bool { return !s.shows("nhs", "Ann is heard") })
	s.told("Ann", shelf.Posts(ann.Private()), "")

	// Who comes late is told where they are, and that it is recorded; so is who asks; and nobody else sees it.
	ben := nhs.Person("Ben")
	ben.Join(channel)
	s.privately("Ben's welcome", "nhs", ben, "👋", "Q1")
	s.command(ben, "where")
	s.privately("an answer", "nhs", ben, "Q1", "Q2")
	s.command(ben, "end")
	s.privately("a polite no", "nhs", ben, questions.HostsOnly)

	// Hanna presses the button of her cue. Henry says the same a moment later, and nothing is skipped.
	var card slackfake.Shown
	s.waits("Hanna has a cue", func() bool {
		for _, m := range nhs.Posts(hanna.Private()) {
			if len(m.Buttons["Now"]) == 1 && strings.Contains(m.Plain, "Q2") {
				card = m
			}
		}
		return card.TS != ""
	})
	if r := hanna.Click(hanna.Private(), card.TS, card.Buttons["Now"][0]); !r.Acked {
		t.Errorf("got %+v to a press, want it acknowledged", r)
	}
	s.command(henry, "next")
	s.both("Q2", "Second?")
	s.privately("what has happened", "shelf", henry, "Another host did that a moment ago")
	s.waits("the card is marked", func() bool {
		m, _ := nhs.Shown(hanna.Private(), card.TS)
		return len(m.Buttons) == 0 && strings.Contains(m.Plain, "You pressed Now")
	})

	// In the room, by name. The command itself is no answer.
	henry.Say(channel, "<@"+shelf.BotUser()+"> hold")
	s.both("the break", "A short break")
	hanna.Confide("resume")
	s.waits("it goes on", func() bool { return s.shows("nhs", "▶️") && s.shows("shelf", "▶️") })

	// Nobody learns who is afraid.
	cat.Confide("anon I fear my manager")
	s.waits("a host has a suggestion", func() bool {
		for _, m := range nhs.Posts(hanna.Private()) {
			if strings.Contains(m.Plain, "fear my manager") {
				return true
			}
		}
		return false
	})
	s.command(hanna, "accept 1")
	s.both("what is said without a name", "I fear my manager")
	s.command(henry, "say Cake is in the kitchen")
	s.both("what a host says", "Cake is in the kitchen")
	s.command(hanna, "end")
	s.both("thanks", "🙏")
	s.stop()

	for name, w := range s.workspaces {
		for _, once := range []string{"First?", "Second?", "I fear my manager", "Cake is in the kitchen"} {
			if n := s.count(name, once); n != 1 {
				t.Errorf("got %q %d times in %s, want once", once, n, name)
			}
		}
		for _, never := range []string{"Third?", "hold", "Ann is heard", "Cat"} {
			if n := s.count(name, never); n != 0 {
				t.Errorf("got %q %d times in %s, want never", never, n, name)
			}
		}
		if pings := w.LivePings(); len(pings) > 0 {
			t.Errorf("got mentions that notify people in %s: %+v", name, pings)
		}
	}
	err := filepath.WalkDir(s.archive, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		file, err := os.ReadFile(path)
		for _, never := range []string{"Ann is heard", `"Cat"`, ">Cat<"} {
			if strings.Contains(string(file), never) {
				t.Errorf("got %q in %s", never, path)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A slackEvening is a chat in two workspaces, with the bot in this process.
type slackEvening struct {
	*testing.T
	server     *slackfake.Server
	workspaces map[string]*slackfake.Workspace
	archive    string
	stop       func() // the bot; may be repeated
}

func newSlackEvening(t *testing.T) *slackEvening {
	s := &slackEvening{T: t, server: slackfake.New(t), workspaces: map[string]*slackfake.Workspace{}, archive: filepath.Join(t.TempDir(), "archive")}
	for _, name := range []string{"nhs", "shelf"} {
		s.workspaces[name] = s.server.AddWorkspace(name, slackfake.WorkspaceOptions{})
		s.workspaces[name].AddChannel(channel, false)
	}
	return s
}

// run starts the bot with a chat that begins at once, and a host in each workspace.
func (s *slackEvening) run(hanna, henry *slackfake.Person) {
	s.Helper()
	db, err := store.Open(s.Context(), storetest.Address(s))
	if err != nil {
		s.Fatal(err)
	}
	var workspaces []bot.Workspace
	for name, host := range map[string]*slackfake.Person{"nhs": hanna, "shelf": henry} {
		w := s.workspaces[name]
		adapter := slack.New(slack.Config{Name: name, BotToken: w.BotToken(), AppToken: w.AppToken(), APIURL: s.server.APIURL()})
		workspaces = append(workspaces, bot.Workspace{Name: name, Adapter: adapter, Rooms: []bot.RoomConfig{{Name: channel}}, Hosts: []adapters.UserID{adapters.UserID(host.ID())}})
	}
	b := bot.New(db, bot.Options{Archive: s.archive}, workspaces...)
	begin := time.Now().Add(2 * time.Second).Truncate(time.Second).UTC()
	err = b.Schedule(s.Context(), questions.Chat{
		Slug: "evening", Title: "Evening", Hashtag: "#evening", Starts: begin, Ends: begin.Add(5 * time.Minute), LeadIn: 2 * time.Second,
		PerQuestion: 90 * time.Second, Questions: []questions.Question{{N: 1, Text: "First?"}, {N: 2, Text: "Second?"}, {N: 3, Text: "Third?"}},
	})
	if err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	stopped := false
	s.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			s.Errorf("Run: %v", err)
		}
		if err := db.Close(); err != nil {
			s.Errorf("close: %v", err)
		}
	}
	s.Cleanup(s.stop)
}

func (s *slackEvening) waits(what string, is func() bool) {
	s.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("waited in vain until %s", what)
		}
	}
}

// said is a post of the bot in a room, or a zero one.
func (s *slackEvening) said(workspace, words string) (found slackfake.Shown) {
	for _, m := range s.workspaces[workspace].Posts(channel) {
		if strings.Contains(m.Plain, words) {
			return m
		}
	}
	return found
}

func (s *slackEvening) shows(workspace, words string) bool { return s.said(workspace, words).TS != "" }

func (s *slackEvening) count(workspace, words string) (n int) {
	for _, m := range s.workspaces[workspace].Posts(channel) {
		if strings.Contains(m.Plain, words) || strings.Contains(m.Name, words) {
			n++
		}
	}
	return n
}

// both waits until the bot has said something in both rooms.
func (s *slackEvening) both(what, words string) {
	s.Helper()
	s.waits(what+" is said in both rooms", func() bool { return s.shows("nhs", words) && s.shows("shelf", words) })
}

// command has somebody give a slash command, of which the answer comes privately, later.
func (s *slackEvening) command(p *slackfake.Person, text string) {
	s.Helper()
	if r := p.RunCommand(channel, "/catchword", text); !r.Acked || len(r.Payload) > 0 {
		s.Errorf("/catchword %s: got %+v, want it acknowledged in silence", text, r)
	}
}

// privately waits until one person alone sees something in the room.
func (s *slackEvening) privately(what, workspace string, p *slackfake.Person, words ...string) {
	s.Helper()
	s.waits("somebody is told "+what, func() bool {
		for _, m := range s.workspaces[workspace].Ephemerals(channel) {
			all := m.To == p.ID()
			for _, w := range words {
				all = all && strings.Contains(m.Plain, strings.ReplaceAll(w, "`", ""))
			}
			if all {
				return true
			}
		}
		return false
	})
}

// told checks that somebody was told something in private.
func (s *slackEvening) told(who string, posts []slackfake.Shown, words string) {
	s.Helper()
	for _, m := range posts {
		if strings.Contains(m.Plain, words) {
			return
		}
	}
	s.Errorf("got %+v said to %s, want %q", posts, who, words)
}
