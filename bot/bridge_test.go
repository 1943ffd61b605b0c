//go:build goolm && linux

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
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

// bridgeVictimEnv names the folder of a bot between Slack and Matrix that is to be killed: the test's own binary is run
// again with it.
const bridgeVictimEnv = "CATCHWORD_TEST_BRIDGE_VICTIM"

// A bridgeConfig is what the process that is killed is told.
type bridgeConfig struct {
	Chat   questions.Chat
	Slack  slackAccess
	Matrix matrixAccess
}

// TestBridgeVictim is that process.
func TestBridgeVictim(t *testing.T) {
	dir, address, ok := strings.Cut(os.Getenv(bridgeVictimEnv), " ")
	if !ok {
		t.Skip("is run by TestBridge")
	}
	file, err := os.ReadFile(filepath.Join(dir, "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p bridgeConfig
	if err := json.Unmarshal(file, &p); err != nil {
		t.Fatal(err)
	}
	for shared := strings.HasPrefix(address, "postgres:"); ; time.Sleep(time.Second / 4) {
		err := p.run(t.Context(), dir, address)
		if !shared {
			t.Fatal("ended by itself: ", err)
		}
		fmt.Fprintln(os.Stderr, "starting afresh: ", err)
	}
}

// run runs the chat as planned, until something goes wrong.
func (p bridgeConfig) run(ctx context.Context, dir, address string) (err error) {
	db, err := store.Open(ctx, address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	shared, err := db.OpenShared(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shared.Close()) }()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	b := bot.New(db, bot.Options{Archive: filepath.Join(dir, "archive"), Log: log},
		bot.Workspace{
			Name:    "nhs",
			Adapter: slack.New(slack.Config{Name: "nhs", BotToken: p.Slack.BotToken, AppToken: p.Slack.AppToken, APIURL: p.Slack.APIURL, Log: log}),
			Rooms:   []bot.RoomConfig{{Name: channel}},
		},
		matrixWorkspace(p.Matrix, shared, log))
	if p.Chat.Slug != "" {
		if err := b.Schedule(ctx, p.Chat); err != nil {
			return err
		}
	}
	return b.Run(ctx)
}

// TestBridge runs a chat between a Slack workspace and two Matrix rooms, one of them encrypted, on a real homeserver.
// Connections fail at random, keys come late, the homeserver is stopped, and the bot is killed; on PostgreSQL, there
// are two bots, of which one takes over from the other whenever that is killed, cut off from the database, or stopped.
// In the end every question was posted once in all rooms, and every answer is there once, in the store and under the
// right question of the other rooms, in its last wording and with its reactions; what was deleted is gone.
func TestBridge(t *testing.T) {
	if testing.Short() {
		t.Skip("lasts a minute")
	}
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	n := newBridgeTest(t, seed)
	disrupt := n.killRepeatedly
	if storetest.OnPostgres() {
		disrupt = n.failOver
	}
	end := disrupt()
	for deadline := time.Now().Add(5 * waitTimeout); ; n.runFor(time.Second) {
		count, enough := n.coverage()
		if enough {
			t.Logf("%d answers: %v", len(n.sent), count)
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d answers: %v, want enough to prove something", len(n.sent), count)
		}
	}
	n.stopFaults()
	var faults []string
	for deadline := time.Now().Add(5 * waitTimeout); ; time.Sleep(300 * time.Millisecond) {
		if faults = n.faults(); len(faults) == 0 || time.Now().After(deadline) {
			break
		}
	}
	end()
	for _, f := range faults {
		t.Error(f)
	}
}

// killRepeatedly has the bot killed and started again. In the end it runs, until end is called.
func (n *bridgeTest) killRepeatedly() (end func()) {
	for life := range 7 {
		process := startProcess(n, "TestBridgeVictim", bridgeVictimEnv+"="+n.dir+" "+n.address)
		n.runFor(2*time.Second + time.Duration(n.random.IntN(3000))*time.Millisecond)
		killProcess(n, "the bot", process)
		if life == 3 {
			n.matrix.server.Down()
			n.matrix.server.Up()
		}
		n.runFor(200 * time.Millisecond) // while nobody listens
	}
	process := startProcess(n, "TestBridgeVictim", bridgeVictimEnv+"="+n.dir+" "+n.address)
	return func() { killProcess(n, "the bot", process) }
}

// failOver has two processes share the database, of which the one that holds most leases is killed, cut off, or
// stopped.
func (n *bridgeTest) failOver() (end func()) {
	c := &processGroup{TB: n, test: "TestBridgeVictim", envVar: bridgeVictimEnv, dir: n.dir, address: n.address, wantLeases: 3}
	c.add("p0")
	c.add("p1")
	first := n.random.IntN(3)
	for round := range 6 {
		c.injectFault(first+round, time.Duration(2500+n.random.IntN(3000))*time.Millisecond, n.runFor)
		n.runFor(time.Second / 2)
	}
	return func() {
		c.kill("p0")
		c.kill("p1")
	}
}

// A bridgeTest is the test's side of the chat.
type bridgeTest struct {
	*testing.T
	dir       string
	address   string // of the database
	random    *rand.Rand
	chat      questions.Chat
	platforms []faultyPlatform
	sent      []*bridgeAnswer

	slack    *slackfake.Server
	matrix   *matrixPlatform
	lateKeys *matrixtest.Person // whose keys come late
	keysHeld bool
}

// A bridgeAnswer is what somebody said on one side.
type bridgeAnswer struct {
	platform  int
	by, id    string
	text      string
	question  int
	how       questions.MatchedBy
	gone      bool
	liked     bool // by somebody where it was said
	copyLiked bool // by somebody on its copy
}

// A faultyPlatform is one on which things go wrong.
type faultyPlatform interface {
	platform
	// disturb makes something go wrong, once.
	injectFault(r *rand.Rand)
}

func newBridgeTest(t *testing.T, seed uint64) *bridgeTest {
	t.Helper()
	n := &bridgeTest{T: t, dir: t.TempDir(), address: storetest.Address(t), random: rand.New(rand.NewPCG(seed, 0))}
	storetest.WaitForLeases(t, n.address)
	n.slack = slackfake.New(t, slackfake.Options{
		AckTimeout: time.Second, Retries: slices.Repeat([]time.Duration{300 * time.Millisecond}, 5), PingEvery: time.Second,
		Limits: slackfake.Limits{Post: 300 * time.Millisecond, Burst: 3}, Seed: seed, ConnectionTime: 7 * time.Second, ShutdownGrace: time.Second,
	})
	w := n.slack.AddWorkspace("nhs", slackfake.WorkspaceOptions{})
	w.AddChannel(channel, false)
	var people []string
	for c := 'A'; c < 'H'; c++ {
		people = append(people, "Person "+string(c))
	}
	n.matrix = newMatrixPlatform(t, "Person H", people...)
	n.lateKeys = n.matrix.person("Person H")
	n.matrix.proxy.Seed(seed)
	open := n.matrix.unencryptedRoom("Person H", people...)
	n.platforms = []faultyPlatform{&slackPlatform{w, t, n.slack}, n.matrix, open}
	matrix := n.matrix.access()
	matrix.Aliases = append(matrix.Aliases, open.alias)
	config := bridgeConfig{Slack: slackAccess{Name: "nhs", BotToken: w.BotToken(), AppToken: w.AppToken(), APIURL: n.slack.APIURL()}, Matrix: matrix}
	n.joinRooms(config)
	begin := time.Now().Add(3 * time.Second).Truncate(time.Second).UTC()
	n.chat = questions.Chat{
		Slug: "night", Title: "Night", Hashtag: "#night", Starts: begin, Ends: begin.Add(26 * time.Second),
		Reminders: []questions.Reminder{{Before: time.Second}}, LeadIn: 3 * time.Second, PerQuestion: 7 * time.Second,
		Questions: []questions.Question{{N: 1, Text: "First?"}, {N: 2, Text: "Second?"}, {N: 3, Text: "Third?"}},
	}
	config.Chat = n.chat
	n.writeConfig(config)
	n.startFaults()
	return n
}

// joinRooms has the bot join all rooms ahead of the chat, however long that takes: a room that joins during a chat gets
// the answers from then on.
func (n *bridgeTest) joinRooms(config bridgeConfig) {
	n.Helper()
	n.writeConfig(config)
	db := openStore(n, n.address) // first, so that one process alone makes the tables
	process := startProcess(n, "TestBridgeVictim", bridgeVictimEnv+"="+n.dir+" "+n.address)
	for deadline := time.Now().Add(5 * waitTimeout); ; time.Sleep(100 * time.Millisecond) {
		rooms, err := db.Rooms(n.Context())
		if err != nil {
			n.Fatal(err)
		}
		if len(rooms) == len(n.platforms) {
			break
		}
		if time.Now().After(deadline) {
			n.Fatalf("joined %v, want %d rooms", rooms, len(n.platforms))
		}
	}
	if err := db.Close(); err != nil {
		n.Fatal(err)
	}
	killProcess(n, "the bot", process)
}

func (n *bridgeTest) writeConfig(config bridgeConfig) {
	n.Helper()
	file, err := json.Marshal(config)
	if err != nil {
		n.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(n.dir, "plan.json"), file, 0o600); err != nil {
		n.Fatal(err)
	}
}

// startFaults begins all faults.
func (n *bridgeTest) startFaults() {
	n.slack.Fault(func(f *slackfake.Faults) {
		*f = slackfake.Faults{
			Latency: 2 * time.Millisecond, ResponseLatency: 5 * time.Millisecond, RefuseChance: 0.03, LoseResponseChance: 0.05, BreakResponseChance: 0.03,
			EventJitter: 100 * time.Millisecond, DuplicateChance: 0.1, DropChance: 0.05, CutChance: 0.03,
		}
	})
	n.matrix.proxy.SetFaults(func(f *matrixtest.Faults) {
		*f = matrixtest.Faults{
			RequestDelay: 2 * time.Millisecond, ResponseDelay: 5 * time.Millisecond, RefuseChance: 0.03, LoseChance: 0.05, BreakChance: 0.03, TruncateChance: 0.1,
		}
	})
}

// stopFaults ends all faults.
func (n *bridgeTest) stopFaults() {
	n.slack.Fault(func(f *slackfake.Faults) { *f = slackfake.Faults{} })
	n.matrix.proxy.SetFaults(func(f *matrixtest.Faults) { *f = matrixtest.Faults{} })
	n.lateKeys.ReleaseKeys()
}

// runFor has people talk, and things go wrong, for a while.
func (n *bridgeTest) runFor(d time.Duration) {
	n.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(80 * time.Millisecond) {
		switch n.random.IntN(16) {
		case 0:
			n.platforms[n.random.IntN(3)].injectFault(n.random)
		case 1:
			if n.keysHeld = !n.keysHeld; n.keysHeld {
				n.lateKeys.HoldKeys(n.matrix.bot.ID)
			} else {
				n.lateKeys.ReleaseKeys()
			}
		case 2, 3, 4, 5, 6, 7: // Slack bears one copy a second
			n.act()
		}
	}
}

// act is one thing that somebody does.
func (n *bridgeTest) act() {
	if len(n.sent) > 0 && n.random.IntN(5) < 3 {
		n.change(n.sent[n.random.IntN(len(n.sent))])
		return
	}
	side := []int{0, 0, 1, 2}[n.random.IntN(4)]
	u := &bridgeAnswer{platform: side, by: fmt.Sprintf("Person %c", 'A'+n.random.IntN(8)), text: fmt.Sprintf("Saying no. %d.", len(n.sent))}
	asked := n.questionIDs(u.platform)
	if len(asked) == 0 {
		return
	}
	u.question, u.how = 1+n.random.IntN(len(asked)), questions.ByThread
	root := asked[u.question-1]
	if n.random.IntN(6) == 0 {
		u.how, root, u.text = questions.ByTag, "", fmt.Sprintf("A%d: %s #night", u.question, u.text)
	}
	u.id = n.platforms[u.platform].send(u.by, root, u.text)
	n.sent = append(n.sent, u)
}

// change edits, deletes or likes what somebody said, or likes its copy.
func (n *bridgeTest) change(u *bridgeAnswer) {
	here := n.platforms[u.platform]
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
		there := n.platforms[(u.platform+1)%3]
		if copies := there.posts(n.relayKey(u, there)); len(copies) == 1 {
			u.copyLiked = !u.copyLiked
			there.react("Person B", copies[0].id, "👍", u.copyLiked)
		}
	}
}

func (n *bridgeTest) relayKey(u *bridgeAnswer, to platform) string {
	from := n.platforms[u.platform].target()
	return store.RelayKey(store.AnswerKey(from.Workspace, adapters.Ref{Room: from.Room, ID: adapters.MessageID(u.id)}), to.target())
}

func (n *bridgeTest) stepKey(side int, step string) string {
	return store.StepKey(n.chat.Slug, step, n.platforms[side].target())
}

// asked are the questions that people on a side have seen.
func (n *bridgeTest) questionIDs(side int) (all []string) {
	for q := range n.chat.Questions {
		asked := n.platforms[side].posts(n.stepKey(side, string(questions.QuestionSection(q+1))))
		if len(asked) == 0 {
			break
		}
		all = append(all, asked[0].id)
	}
	return all
}

// faults is all that is not as it should be when all is done.
func (n *bridgeTest) faults() (faults []string) {
	n.Helper()
	db := openStore(n, n.address)
	defer db.Close()
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for i, s := range n.platforms {
		for _, step := range append(n.chat.Agenda(), questions.Step{Name: "numbers"}) {
			if got := s.posts(n.stepKey(i, step.Name)); len(got) != 1 && !(len(got) == 0 && reminderMissed(n, db, step, s.target())) {
				fault("%s in %s: got it %d times, want once", step.Name, s.target(), len(got))
			}
		}
	}
	answers := storedAnswers(n, db, n.chat.Slug)
	asked := [][]string{n.questionIDs(0), n.questionIDs(1), n.questionIDs(2)}
	for _, u := range n.sent {
		from := n.platforms[u.platform]
		a, stored := answers[from.target().Workspace+" "+u.id]
		text, likedHere, seen := from.message(u.id)
		taken := u.gone || !seen
		if taken && stored && !a.Withdrawn {
			fault("got answer %+v of %+v, which was taken back", a, *u)
		}
		if want := questions.QuestionSection(u.question); !taken && (!stored || a.Withdrawn || a.Section != want || a.MatchedBy != u.how || unescape(a.Text) != text) {
			fault("got answer %+v (stored: %v) for %+v, want it under %s as people see it: %q", a, stored, *u, want, text)
		}
		if !taken && text != u.text {
			fault("people see %q of %+v", text, *u)
		}
		if !taken && likedHere != u.copyLiked {
			fault("the bot likes %+v: %v, want what people do with its copy", *u, likedHere)
		}
		name := u.by + " · " + from.target().Workspace
		for i, other := range n.platforms {
			if i == u.platform {
				continue
			}
			copies := other.posts(n.relayKey(u, other))
			if taken && len(copies) > 0 {
				fault("got copies %+v of %+v, which was taken back", copies, *u)
			}
			if !taken && len(copies) != 1 {
				fault("got %d copies of %+v in %s, want 1", len(copies), *u, other.target())
			}
			if taken || len(copies) != 1 {
				continue
			}
			// What people put on one copy, the bot puts on all others.
			liked := u.liked || u.copyLiked && i != (u.platform+1)%3
			if c := copies[0]; len(asked[i]) < u.question || c.thread != asked[i][u.question-1] || c.text != text || c.name != name || c.liked != liked {
				fault("got copy %+v of %+v, want %q as %q under question %d", c, *u, text, name, u.question)
			}
		}
	}
	if len(answers) > len(n.sent) {
		fault("got %d answers, want at most %d", len(answers), len(n.sent))
	}
	return faults
}

// coverage counts what the test proves, and tells whether that is enough.
func (n *bridgeTest) coverage() (count map[string]int, enough bool) {
	count = map[string]int{}
	for _, u := range n.sent {
		for what, is := range map[string]bool{
			"from Slack": u.platform == 0, "from an encrypted room": u.platform == 1, "from an open room": u.platform == 2, "edited": strings.Contains(u.text, "edited"), "deleted": u.gone,
			"liked": u.liked, "with a copy that is liked": u.copyLiked, "by tag": u.how == questions.ByTag,
		} {
			if is {
				count[what]++
			}
		}
	}
	return count, len(n.sent) >= 20 && len(count) == 8
}

func (s *slackPlatform) injectFault(r *rand.Rand) {
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

func (m *matrixPlatform) injectFault(r *rand.Rand) {
	switch r.IntN(3) {
	case 0:
		m.proxy.CloseConns()
	case 1:
		m.proxy.SetFaults(func(f *matrixtest.Faults) {
			f.LimitNext, f.RetryAfter = map[id.RoomID]int{m.room: 2}, 300*time.Millisecond
		})
	case 2:
		m.proxy.SetFaults(func(f *matrixtest.Faults) { f.RefuseNext = 2 })
	}
}
