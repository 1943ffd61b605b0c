package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
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

// slackVictimEnv names the folder of a bot on Slack that is to be killed: the test's own binary is run again with it.
const slackVictimEnv = "CATCHWORD_TEST_SLACK_VICTIM"

// slackAccess is what the bot needs to know of a workspace.
type slackAccess struct{ Name, BotToken, AppToken, APIURL string }

// A processConfig is what the process that is killed is told.
type processConfig struct {
	Address    string // of the database
	Chat       questions.Chat
	Workspaces []slackAccess
}

// TestSlackVictim is that process.
func TestSlackVictim(t *testing.T) {
	dir := os.Getenv(slackVictimEnv)
	if dir == "" {
		t.Skip("is run by TestSlackWithFaults")
	}
	err := readProcessConfig(t, dir).run(t.Context(), dir)
	if errors.Is(err, store.ErrLeaseLost) { // as it may be on a slow machine: like catchword run, it starts afresh
		err = syscall.Exec(os.Args[0], os.Args, os.Environ())
	}
	t.Fatal("ended by itself: ", err)
}

func readProcessConfig(t *testing.T, dir string) (p processConfig) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(dir, "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// run runs the chat as planned, until something goes wrong.
func (p processConfig) run(ctx context.Context, dir string) (err error) {
	db, err := store.Open(ctx, p.Address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	var workspaces []bot.Workspace
	for _, c := range p.Workspaces {
		adapter := slack.New(slack.Config{Name: c.Name, BotToken: c.BotToken, AppToken: c.AppToken, APIURL: c.APIURL, Log: log})
		workspaces = append(workspaces, bot.Workspace{Name: c.Name, Adapter: adapter, Rooms: []bot.RoomConfig{{Name: channel}}})
	}
	b := bot.New(db, bot.Options{Archive: filepath.Join(dir, "archive"), Log: log}, workspaces...)
	if err := b.Schedule(ctx, p.Chat); err != nil {
		return err
	}
	return b.Run(ctx)
}

// TestSlackWithFaults runs a chat in two Slack workspaces in which all known faults happen, at random, while
// the bot is killed and started again. In the end every question was posted once in every room, and every answer is
// there once, in the store and in the right thread of the other workspace, in its last wording; what was deleted is
// gone.
func TestSlackWithFaults(t *testing.T) {
	if testing.Short() || storetest.OnPostgres() {
		t.Skip("lasts about a minute and a half; on PostgreSQL, TestSeveralProcesses is the harder one")
	}
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	n := newSlackTest(t, seed)
	for life := 0; life < 12 || !n.enough() && life < 100; life++ { // more on a slow machine
		process := startProcess(n, "TestSlackVictim", slackVictimEnv+"="+n.dir)
		n.runFor(1500*time.Millisecond + time.Duration(n.random.IntN(3000))*time.Millisecond)
		killProcess(n, "the bot", process)
		n.runFor(100 * time.Millisecond) // while nobody listens
	}
	n.server.Fault(func(f *slackfake.Faults) { *f = slackfake.Faults{} })
	process := startProcess(n, "TestSlackVictim", slackVictimEnv+"="+n.dir)
	for deadline := time.Now().Add(2 * time.Minute); !n.idle(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("the bot did not catch up in two minutes")
			break
		}
	}
	killProcess(n, "the bot", process)
	n.check()
}

// A slackTest is the test's side of the chat.
type slackTest struct {
	*testing.T
	dir        string
	address    string // of the database
	random     *rand.Rand
	server     *slackfake.Server
	workspaces []*slackfake.Workspace
	chat       questions.Chat
	sent       []*slackAnswer
}

// A slackAnswer is what a person said, and what must become of it.
type slackAnswer struct {
	workspace int
	by        *slackfake.Person
	ts        string
	text      string
	question  int
	how       questions.MatchedBy
	gone      bool
}

func newSlackTest(t *testing.T, seed uint64) *slackTest {
	t.Helper()
	n := &slackTest{T: t, dir: t.TempDir(), address: storetest.Address(t), random: rand.New(rand.NewPCG(seed, 0))}
	n.server = slackfake.New(t, slackfake.Options{
		AckTimeout: time.Second, Retries: slices.Repeat([]time.Duration{300 * time.Millisecond}, 5), PingEvery: time.Second,
		Limits: slackfake.Limits{Post: 500 * time.Millisecond, Burst: 2}, Seed: seed, ConnectionTime: 5 * time.Second, ShutdownGrace: time.Second,
	})
	var p processConfig
	for _, name := range []string{"nhs", "shelf"} {
		w := n.server.AddWorkspace(name, slackfake.WorkspaceOptions{})
		w.AddChannel(channel, false)
		n.workspaces = append(n.workspaces, w)
		p.Workspaces = append(p.Workspaces, slackAccess{Name: name, BotToken: w.BotToken(), AppToken: w.AppToken(), APIURL: n.server.APIURL()})
	}
	n.server.Fault(func(f *slackfake.Faults) {
		*f = slackfake.Faults{
			Latency: 3 * time.Millisecond, ResponseLatency: 10 * time.Millisecond,
			RefuseChance: 0.03, LoseResponseChance: 0.05, BreakResponseChance: 0.03, EventFirstChance: 0.3, EventFirstWait: 100 * time.Millisecond, ShortPages: true,
			EventLatency: 2 * time.Millisecond, EventJitter: 200 * time.Millisecond, DuplicateChance: 0.1, DropChance: 0.05, ReplyCounts: true, Unfurl: true,
			CutChance: 0.03,
		}
	})
	storetest.WaitForLeases(t, n.address)
	begin := time.Now().Add(3 * time.Second).Truncate(time.Second).UTC()
	n.chat = questions.Chat{
		Slug: "night", Title: "Night", Hashtag: "#night", Starts: begin, Ends: begin.Add(36 * time.Second),
		Reminders: []questions.Reminder{{Before: time.Second}}, LeadIn: 4 * time.Second, PerQuestion: 9 * time.Second,
		Questions: []questions.Question{{N: 1, Text: "First?"}, {N: 2, Text: "Second?"}, {N: 3, Text: "Third?"}},
	}
	p.Chat, p.Address = n.chat, n.address
	file, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(n.dir, "plan.json"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	return n
}

// runFor has people talk, and connections fail, for a while.
func (n *slackTest) runFor(d time.Duration) {
	n.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		w := n.workspaces[n.random.IntN(2)]
		switch n.random.IntN(24) {
		case 0:
			w.Cut(1)
		case 1:
			w.Disconnect(1, []string{"warning", "refresh_requested"}[n.random.IntN(2)], time.Duration(n.random.IntN(500))*time.Millisecond)
		case 2:
			w.Silence(1, false)
		case 3:
			method := []string{"chat.postMessage", "chat.update", "users.info", "conversations.history", "conversations.replies"}[n.random.IntN(5)]
			w.Fault(func(f *slackfake.Faults) { f.LimitNext = map[string]int{method: 1} })
		case 4:
			w.Fault(func(f *slackfake.Faults) { f.RefuseDials = 1 })
		case 5, 6, 7, 8, 9:
			n.act()
		}
	}
}

// act is one thing that somebody does.
func (n *slackTest) act() {
	if len(n.sent) > 0 && n.random.IntN(3) == 0 {
		s := n.sent[n.random.IntN(len(n.sent))]
		switch {
		case s.gone:
		case n.random.IntN(3) == 0:
			s.gone = true
			s.by.Delete(channel, s.ts)
		default:
			s.text += " (edited)"
			s.by.Edit(channel, s.ts, s.text)
		}
		return
	}
	s := &slackAnswer{workspace: n.random.IntN(2), text: fmt.Sprintf("Saying no. %d.", len(n.sent))}
	asked := n.questionIDs(s.workspace)
	if len(asked) == 0 {
		return
	}
	s.question = 1 + n.random.IntN(len(asked))
	s.by = n.workspaces[s.workspace].Person(fmt.Sprintf("Person %c", 'A'+n.random.IntN(8)))
	root := asked[s.question-1]
	switch n.random.IntN(6) {
	case 0:
		s.how, s.text = questions.ByTag, fmt.Sprintf("A%d: %s #night", s.question, s.text)
		s.ts = s.by.Say(channel, s.text)
	case 1:
		s.how = questions.ByThread
		s.ts = s.by.Broadcast(channel, root, s.text)
	default:
		s.how = questions.ByThread
		s.ts = s.by.Reply(channel, root, s.text)
	}
	n.sent = append(n.sent, s)
}

// asked are the questions that a workspace has seen.
func (n *slackTest) questionIDs(workspace int) (all []string) {
	for q := range n.chat.Questions {
		for _, m := range n.posts(workspace, n.stepKey(workspace, string(questions.QuestionSection(q+1)))) {
			all = append(all, m.TS)
			break
		}
		if len(all) != q+1 {
			break
		}
	}
	return all
}

func (n *slackTest) target(workspace int) store.RoomRef {
	w := n.workspaces[workspace]
	return store.RoomRef{Workspace: w.Name(), Room: adapters.RoomID(w.ChannelID(channel))}
}

func (n *slackTest) stepKey(workspace int, step string) string {
	return store.StepKey(n.chat.Slug, step, n.target(workspace))
}

// posts are the messages of the bot that carry a key.
func (n *slackTest) posts(workspace int, key string) (all []slackfake.Message) {
	for _, m := range n.workspaces[workspace].Posts(channel) {
		payload, _ := m.Metadata["event_payload"].(map[string]any)
		if payload["key"] == key {
			all = append(all, m)
		}
	}
	return all
}

// idle tells whether the bot has done all it had to, and nothing is on its way to it.
func (n *slackTest) idle() bool {
	n.Helper()
	db := openStore(n, n.address)
	defer db.Close()
	changed, archived, err := db.ChangeCounts(n.Context(), n.chat.Slug)
	if err != nil {
		n.Fatal(err)
	}
	idle := changed == archived
	for i, w := range n.workspaces {
		_, busy, err := db.NextPost(n.Context(), n.target(i), time.Now())
		if err != nil {
			n.Fatal(err)
		}
		idle = idle && !busy && w.Unacknowledged() == 0 && len(n.posts(i, n.stepKey(i, "numbers"))) > 0
	}
	return idle
}

// enough reports whether people have said, edited and deleted enough to prove something.
func (n *slackTest) enough() bool {
	gone, edited := 0, 0
	for _, s := range n.sent {
		if s.gone {
			gone++
		}
		if strings.Contains(s.text, "edited") {
			edited++
		}
	}
	n.Logf("%d answers, of which %d were edited and %d deleted", len(n.sent), edited, gone)
	return len(n.sent) >= 20 && gone > 0 && edited > 0
}

func (n *slackTest) check() {
	n.Helper()
	db := openStore(n, n.address)
	defer db.Close()
	for i, w := range n.workspaces {
		steps := n.chat.Agenda()
		for _, s := range append(steps, questions.Step{Name: "numbers"}) {
			if got := n.posts(i, n.stepKey(i, s.Name)); len(got) != 1 && !(len(got) == 0 && reminderMissed(n, db, s, n.target(i))) {
				n.Errorf("%s in %s: got it %d times, want once", s.Name, w.Name(), len(got))
			}
		}
		if pings := w.Pings(); len(pings) > 0 {
			n.Errorf("%s: got live mentions %+v", w.Name(), pings)
		}
	}
	answers := storedAnswers(n, db, n.chat.Slug)
	for _, s := range n.sent {
		from := n.target(s.workspace)
		a, ok := answers[from.Workspace+" "+s.ts]
		if !ok {
			if !s.gone { // what was deleted before the bot received it was never there
				n.Errorf("got no answer for %+v", *s)
			}
		} else if want := (questions.Answer{Section: questions.QuestionSection(s.question), MatchedBy: s.how, Text: s.text, Withdrawn: s.gone}); a.Section != want.Section ||
			a.MatchedBy != want.MatchedBy || a.Withdrawn != want.Withdrawn || !s.gone && unescape(a.Text) != want.Text {
			n.Errorf("got %+v, want %+v", a, want)
		}
		n.checkCopy(s)
	}
	if len(answers) > len(n.sent) {
		n.Errorf("got %d answers, want at most %d", len(answers), len(n.sent))
	}
	if !n.enough() {
		n.Error("want enough to prove something")
	}
}

// missed tells whether a reminder was rightly given up, on a machine so slow that it took seconds to begin.
func reminderMissed(t testing.TB, db *store.DB, s questions.Step, in store.RoomRef) bool {
	t.Helper()
	if s.Kind != questions.KindReminder {
		return false
	}
	p, _, err := db.Post(t.Context(), store.StepKey("night", s.Name, in))
	if err != nil {
		t.Fatal(err)
	}
	return p.FailReason == "missed"
}

// unescape is CommonMark without escapes, as these people write nothing else of it.
func unescape(commonmark string) string { return strings.ReplaceAll(commonmark, `\`, "") }

// checkCopy looks at what became of a saying in the other workspace.
func (n *slackTest) checkCopy(s *slackAnswer) {
	n.Helper()
	other := 1 - s.workspace
	source := store.AnswerKey(n.workspaces[s.workspace].Name(), adapters.Ref{Room: n.target(s.workspace).Room, ID: adapters.MessageID(s.ts)})
	copies := n.posts(other, store.RelayKey(source, n.target(other)))
	if s.gone {
		if len(copies) != 0 {
			n.Errorf("got %+v of a saying that was taken back, want nothing", copies)
		}
		return
	}
	if len(copies) != 1 {
		n.Errorf("got %d copies of %+v, want 1", len(copies), *s)
		return
	}
	name := s.by.Name() + " · " + n.workspaces[s.workspace].Name()
	if m := copies[0]; m.Thread != n.questionIDs(other)[s.question-1] || m.Plain != s.text || m.Name != name {
		n.Errorf("got a copy %+v of %+v, want it under question %d, as %q", m, *s, s.question, name)
	}
}
