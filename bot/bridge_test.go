//go:build goolm && linux

package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// bridgeVictim names the folder of a bot between Slack and Matrix that is to be killed: the test's own binary is run again
// with it.
const bridgeVictim = "CATCHWORD_TEST_BRIDGE_VICTIM"

// A bridgePlan is what the process that is killed is told.
type bridgePlan struct {
	Chat   questions.Chat
	Slack  access
	Matrix matrixAccess
}

// TestBridgeVictim is that process.
func TestBridgeVictim(t *testing.T) {
	dir := os.Getenv(bridgeVictim)
	if dir == "" {
		t.Skip("is run by TestBridge")
	}
	file, err := os.ReadFile(filepath.Join(dir, "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p bridgePlan
	if err := json.Unmarshal(file, &p); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "catchword.db"))
	if err != nil {
		t.Fatal(err)
	}
	shared, err := db.Shared(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	b := bot.New(db, bot.Options{Archive: filepath.Join(dir, "archive"), Log: log},
		bot.Workspace{
			Name:    "nhs",
			Adapter: slack.New(slack.Config{Name: "nhs", BotToken: p.Slack.BotToken, AppToken: p.Slack.AppToken, APIURL: p.Slack.APIURL, Log: log}),
			Rooms:   []bot.RoomConfig{{Name: channel}},
		},
		matrixWorkspace(p.Matrix, shared, log))
	if err := b.Schedule(t.Context(), p.Chat); err != nil {
		t.Fatal(err)
	}
	t.Fatal("Run ended by itself: ", b.Run(t.Context()))
}

// TestBridge holds a chat between a Slack workspace and an encrypted Matrix room, on a real homeserver. Connections fail at
// random, keys come late, the homeserver is stopped, and the bot is killed. In the end every question was said once in both
// rooms, and every answer is there once, in the store and under the right question of the other room, in its last wording
// and with its reactions; what was deleted is gone.
func TestBridge(t *testing.T) {
	if testing.Short() {
		t.Skip("lasts a minute")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	n := newBridge(t, seed)
	for life := range 7 {
		process := n.start()
		n.carryOn(2*time.Second + time.Duration(n.random.IntN(3000))*time.Millisecond)
		n.kill(process)
		if life == 3 {
			n.matrix.server.Down()
			n.matrix.server.Up()
		}
		n.carryOn(200 * time.Millisecond) // while nobody listens
	}
	n.calm()
	process := n.start()
	var faults []string
	for deadline := time.Now().Add(90 * time.Second); ; time.Sleep(300 * time.Millisecond) {
		if faults = n.faults(); len(faults) == 0 || time.Now().After(deadline) {
			break
		}
	}
	n.kill(process)
	for _, f := range faults {
		t.Error(f)
	}
	n.summary()
}

// A bridge is the test's side of the chat.
type bridge struct {
	*testing.T
	dir    string
	random *rand.Rand
	chat   questions.Chat
	sides  []frailSide
	said   []*utterance

	slack  *slackfake.Server
	matrix *matrixSide
	late   *matrixtest.Person // whose keys come late
	held   bool
}

// An utterance is what somebody said on one side.
type utterance struct {
	side       int
	by, id     string
	text       string
	question   int
	how        questions.How
	gone       bool
	liked      bool // by somebody where it was said
	likedThere bool // by somebody on its copy
}

// A frailSide is one on which things go wrong.
type frailSide interface {
	side
	// disturb makes something go wrong, once.
	disturb(r *rand.Rand)
}

func newBridge(t *testing.T, seed uint64) *bridge {
	t.Helper()
	n := &bridge{T: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(seed, 0))}
	n.slack = slackfake.New(t, slackfake.Options{
		AckTimeout: time.Second, Retries: slices.Repeat([]time.Duration{300 * time.Millisecond}, 5), PingEvery: time.Second,
		Limits: slackfake.Limits{Post: 300 * time.Millisecond, Burst: 3}, Seed: seed, ConnectionTime: 7 * time.Second, Farewell: time.Second,
	})
	w := n.slack.AddWorkspace("nhs", slackfake.WorkspaceOptions{})
	w.AddChannel(channel, false)
	n.slack.Fault(func(f *slackfake.Faults) {
		*f = slackfake.Faults{
			Latency: 2 * time.Millisecond, Answering: 5 * time.Millisecond, RefuseChance: 0.03, LoseChance: 0.05, BreakChance: 0.03,
			Disorder: 100 * time.Millisecond, Duplicate: 0.1, Drop: 0.05, CutChance: 0.03,
		}
	})
	var people []string
	for c := 'A'; c < 'H'; c++ {
		people = append(people, "Person "+string(c))
	}
	n.matrix = newMatrixSide(t, "Person H", people...)
	n.late = n.matrix.person("Person H")
	n.matrix.proxy.Seed(seed)
	n.matrix.proxy.Fault(func(f *matrixtest.Faults) {
		*f = matrixtest.Faults{
			Latency: 2 * time.Millisecond, Answering: 5 * time.Millisecond, RefuseChance: 0.03, LoseChance: 0.05, BreakChance: 0.03, CutChance: 0.1,
		}
	})
	n.sides = []frailSide{&slackSide{w, t, n.slack}, n.matrix}
	begin := time.Now().Add(3 * time.Second).Truncate(time.Second).UTC()
	n.chat = questions.Chat{
		Slug: "night", Title: "Night", Hashtag: "#night", Starts: begin, Ends: begin.Add(26 * time.Second),
		Reminders: []questions.Reminder{{Before: time.Second}}, LeadIn: 3 * time.Second, PerQuestion: 7 * time.Second,
		Questions: []questions.Question{{N: 1, Text: "First?"}, {N: 2, Text: "Second?"}, {N: 3, Text: "Third?"}},
	}
	file, err := json.Marshal(bridgePlan{
		Chat: n.chat, Slack: access{Name: "nhs", BotToken: w.BotToken(), AppToken: w.AppToken(), APIURL: n.slack.APIURL()},
		Matrix: matrixAccess{Homeserver: n.matrix.proxy.URL(), Token: n.matrix.bot.Token, Alias: n.matrix.alias},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(n.dir, "plan.json"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *bridge) start() *exec.Cmd {
	n.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestBridgeVictim$")
	c.Env = append(os.Environ(), bridgeVictim+"="+n.dir)
	c.Stdout, c.Stderr = n.Output(), n.Output()
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		n.Fatal(err)
	}
	return c
}

func (n *bridge) kill(c *exec.Cmd) {
	n.Helper()
	if err := c.Process.Kill(); err != nil {
		n.Fatalf("the bot ended by itself: %v", err)
	}
	if err := c.Wait(); err == nil || c.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		n.Fatalf("the bot ended by itself: %v", err)
	}
}

// calm ends all faults.
func (n *bridge) calm() {
	n.slack.Fault(func(f *slackfake.Faults) { *f = slackfake.Faults{} })
	n.matrix.proxy.Fault(func(f *matrixtest.Faults) { *f = matrixtest.Faults{} })
	n.late.ReleaseKeys()
}

// carryOn has people talk, and things go wrong, for a while.
func (n *bridge) carryOn(d time.Duration) {
	n.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(80 * time.Millisecond) {
		switch n.random.IntN(16) {
		case 0:
			n.sides[n.random.IntN(2)].disturb(n.random)
		case 1:
			if n.held = !n.held; n.held {
				n.late.HoldKeys(n.matrix.bot.ID)
			} else {
				n.late.ReleaseKeys()
			}
		case 2, 3, 4, 5, 6, 7: // Slack bears one copy a second
			n.talk()
		}
	}
}

// talk is one thing that somebody does.
func (n *bridge) talk() {
	if len(n.said) > 0 && n.random.IntN(5) < 3 {
		n.change(n.said[n.random.IntN(len(n.said))])
		return
	}
	u := &utterance{side: n.random.IntN(2), by: fmt.Sprintf("Person %c", 'A'+n.random.IntN(8)), text: fmt.Sprintf("Saying no. %d.", len(n.said))}
	asked := n.asked(u.side)
	if len(asked) == 0 {
		return
	}
	u.question, u.how = 1+n.random.IntN(len(asked)), questions.ByThread
	root := asked[u.question-1]
	if n.random.IntN(6) == 0 {
		u.how, root, u.text = questions.ByTag, "", fmt.Sprintf("A%d: %s #night", u.question, u.text)
	}
	u.id = n.sides[u.side].say(u.by, root, u.text)
	n.said = append(n.said, u)
}

// change edits, deletes or likes what somebody said, or likes its copy.
func (n *bridge) change(u *utterance) {
	here, there := n.sides[u.side], n.sides[1-u.side]
	switch {
	case u.gone:
	case n.random.IntN(5) == 0:
		u.gone = true
		here.remove(u.by, u.id)
	case n.random.IntN(2) == 0:
		u.text += " (edited)"
		here.edit(u.by, u.id, u.text)
	case n.random.IntN(2) == 0:
		u.liked = !u.liked
		here.react("Person A", u.id, "👍", u.liked)
	default:
		if copies := there.posts(n.relayKey(u)); len(copies) == 1 {
			u.likedThere = !u.likedThere
			there.react("Person B", copies[0].id, "👍", u.likedThere)
		}
	}
}

func (n *bridge) relayKey(u *utterance) string {
	from, to := n.sides[u.side].target(), n.sides[1-u.side].target()
	return store.RelayKey(store.AnswerKey(from.Workspace, adapters.Ref{Room: from.Room, ID: adapters.MessageID(u.id)}), to)
}

func (n *bridge) stepKey(side int, step string) string {
	return store.StepKey(n.chat.Slug, step, n.sides[side].target())
}

// asked are the questions that people on a side have seen.
func (n *bridge) asked(side int) (all []string) {
	for q := range n.chat.Questions {
		said := n.sides[side].posts(n.stepKey(side, string(questions.QuestionSection(q+1))))
		if len(said) == 0 {
			break
		}
		all = append(all, said[0].id)
	}
	return all
}

// faults is all that is not as it should be when all is done.
func (n *bridge) faults() (faults []string) {
	n.Helper()
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for i, s := range n.sides {
		for _, step := range append(n.chat.Agenda(), questions.Step{Name: "numbers"}) {
			if got := s.posts(n.stepKey(i, step.Name)); len(got) != 1 {
				fault("%s in %s: got it %d times, want once", step.Name, s.target(), len(got))
			}
		}
	}
	answers := n.answers(fault)
	asked := [][]string{n.asked(0), n.asked(1)}
	for _, u := range n.said {
		from := n.sides[u.side]
		a, stored := answers[from.target().Workspace+" "+u.id]
		text, likedHere, seen := from.sees(u.id)
		copies := n.sides[1-u.side].posts(n.relayKey(u))
		if u.gone || !seen {
			if stored && !a.Gone || len(copies) > 0 {
				fault("got answer %+v and copies %+v of %+v, which was taken back", a, copies, *u)
			}
			continue
		}
		if want := questions.QuestionSection(u.question); !stored || a.Gone || a.Section != want || a.How != u.how || plain(a.Text) != text {
			fault("got answer %+v (stored: %v) for %+v, want it under %s as people see it: %q", a, stored, *u, want, text)
		}
		if text != u.text {
			fault("people see %q of %+v", text, *u)
		}
		if len(copies) != 1 {
			fault("got %d copies of %+v, want 1", len(copies), *u)
			continue
		}
		name := u.by + " · " + from.target().Workspace
		c := copies[0]
		if len(asked[1-u.side]) < u.question || c.thread != asked[1-u.side][u.question-1] || c.text != text || c.name != name || c.liked != u.liked {
			fault("got copy %+v of %+v, want %q as %q under question %d", c, *u, text, name, u.question)
		}
		if likedHere != u.likedThere {
			fault("the bot likes %+v: %v, want what people do with its copy", *u, likedHere)
		}
	}
	if len(answers) > len(n.said) {
		fault("got %d answers, want at most %d", len(answers), len(n.said))
	}
	return faults
}

func (n *bridge) answers(fault func(string, ...any)) map[string]questions.Answer {
	n.Helper()
	db, err := store.Open(context.Background(), "sqlite:"+filepath.Join(n.dir, "catchword.db"))
	if err != nil {
		n.Fatal(err)
	}
	defer db.Close()
	tr, ok, err := db.Transcript(n.Context(), n.chat.Slug)
	if err != nil || !ok {
		n.Fatalf("got no transcript: %v", err)
	}
	all := map[string]questions.Answer{}
	for a, err := range tr.Answers(n.Context(), questions.InTime) {
		if err != nil {
			n.Fatal(err)
		}
		key := a.Workspace + " " + a.Message
		if _, twice := all[key]; twice {
			fault("got answer %s twice", key)
		}
		all[key] = a
	}
	return all
}

// summary tells what the test was worth.
func (n *bridge) summary() {
	n.Helper()
	count := map[string]int{}
	for _, u := range n.said {
		for what, is := range map[string]bool{
			"from Slack": u.side == 0, "from Matrix": u.side == 1, "edited": strings.Contains(u.text, "edited"), "deleted": u.gone,
			"liked": u.liked, "with a copy that is liked": u.likedThere, "by tag": u.how == questions.ByTag,
		} {
			if is {
				count[what]++
			}
		}
	}
	n.Logf("%d answers: %v", len(n.said), count)
	if len(n.said) < 20 || len(count) < 7 {
		n.Error("want enough to prove something")
	}
}

func (s *slackSide) disturb(r *rand.Rand) {
	switch r.IntN(4) {
	case 0:
		s.Cut(1)
	case 1:
		s.Silence(1, false)
	case 2:
		s.Fault(func(f *slackfake.Faults) { f.LimitNext = map[string]int{"chat.postMessage": 1, "chat.update": 1} })
	case 3:
		s.Fault(func(f *slackfake.Faults) { f.RefuseDials = 1 })
	}
}

func (m *matrixSide) disturb(r *rand.Rand) {
	switch r.IntN(3) {
	case 0:
		m.proxy.Cut()
	case 1:
		m.proxy.Fault(func(f *matrixtest.Faults) {
			f.LimitNext, f.RetryAfter = map[id.RoomID]int{m.room: 2}, 300*time.Millisecond
		})
	case 2:
		m.proxy.Fault(func(f *matrixtest.Faults) { f.RefuseNext = 2 })
	}
}
