package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

// killCount is how often the bot is killed in the course of one chat.
const killCount = 110

// victimEnv names the folder of a bot that is to be killed: the test's own binary is run again with it.
const victimEnv = "CATCHWORD_TEST_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimEnv); dir != "" {
		if err := runVictim(dir); err != nil {
			fmt.Fprintln(os.Stderr, "victim:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(storetest.Main(m))
}

// runVictim is the process that is killed: a bot on two platforms whose journals outlive it.
func runVictim(dir string) error {
	ctx := context.Background()
	file, err := os.ReadFile(filepath.Join(dir, "chat.json"))
	if err != nil {
		return err
	}
	var c questions.Chat
	if err := json.Unmarshal(file, &c); err != nil {
		return err
	}
	address, err := os.ReadFile(filepath.Join(dir, "address"))
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, string(address))
	if err != nil {
		return err
	}
	var workspaces []Workspace
	for _, name := range []string{"nhs", "public"} {
		p, err := adaptertest.OpenPlatform(filepath.Join(dir, name), name, "#chat")
		if err != nil {
			return err
		}
		// Most kills are to hit a post that is on its way there or back.
		p.SetFaults(func(f *adaptertest.Faults) {
			f.Seed(rand.Uint64())
			f.RequestLatency, f.ResponseLatency, f.LoseResponseChance = 3*time.Millisecond, 10*time.Millisecond, 0.03
		})
		workspaces = append(workspaces, Workspace{Name: name, Adapter: p.Adapter(), Rooms: []RoomConfig{{Name: "#chat", Dedicated: name == "nhs"}}, Hosts: []adapters.UserID{host.ID}})
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	b := New(db, Options{Archive: filepath.Join(dir, "archive"), Log: log}, workspaces...)
	if err := b.Schedule(ctx, c); err != nil {
		return err
	}
	if err := b.Run(ctx); !errors.Is(err, store.ErrLeaseLost) {
		return err
	}
	return syscall.Exec(os.Args[0], os.Args, os.Environ()) // as it may be on a slow machine: like catchword run, it starts afresh
}

// TestKillNine kills the bot again and again at random moments of a chat, while answers pour in on two platforms that
// keep their own journals. In the end nothing that was to be said was lost or doubled, and nothing that was heard was
// lost, doubled or filed under the wrong question.
func TestKillNine(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a process a hundred times")
	}
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	life := timeToFirstPost(t)
	t.Logf("a bot says something %v after its start", life.Round(time.Millisecond))
	life = max(life, 150*time.Millisecond) // or there is no time to say anything between two kills
	k := newKillTest(t, seed, killCount*life/5)
	for n := 0; n < killCount || !k.over(); n++ {
		process := k.start()
		for end := time.Now().Add(time.Duration(k.random.Int64N(int64(2 * life)))); time.Now().Before(end); {
			k.act()
			time.Sleep(life / 8) // so that a slow bot has as much to hear in a life as a quick one
		}
		k.kill(process)
		k.act() // while nobody listens
	}
	process := k.start()
	// A slow machine may take its time, as long as it gets on.
	const patience = 30 * time.Second
	for done, since := -1, time.Now(); !k.idle(); time.Sleep(100 * time.Millisecond) {
		if n := k.events(); n != done || time.Now().Before(k.chat.Ends) {
			done, since = n, time.Now()
		}
		if time.Since(since) > patience {
			k.Errorf("nothing has happened for %v, and not all is done", patience)
			break
		}
	}
	k.kill(process)
	k.check()
}

// A killTest is the test's side of the chat: the people, and what they mean.
type killTest struct {
	*testing.T
	dir           string
	address       string // of the database
	random        *rand.Rand
	platforms     map[string]*adaptertest.Platform
	chat          questions.Chat
	sent          []*sentMessage
	announcements int // that a host has had said in every room
	suggestions   int // that people have suggested
}

// A sentMessage is what a person said, and what must become of it.
type sentMessage struct {
	workspace string
	id        adapters.MessageID
	by        adapters.User
	text      string
	how       questions.MatchedBy
	section   questions.Section // "" for by what was live, which the journals tell afterwards
	gone      bool
	liked     bool
}

// newKillTest sets the stage for a chat whose reminder is due in a second, and whose five questions follow at this
// distance.
func newKillTest(t *testing.T, seed uint64, perQuestion time.Duration) *killTest {
	t.Helper()
	k := &killTest{T: t, dir: t.TempDir(), address: storetest.Address(t), random: rand.New(rand.NewPCG(seed, 0)), platforms: map[string]*adaptertest.Platform{}}
	for _, name := range []string{"nhs", "public"} {
		p, err := adaptertest.OpenPlatform(filepath.Join(k.dir, name), name, "#chat")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		k.platforms[name] = p
	}
	perQuestion = perQuestion.Round(time.Second)
	storetest.WaitForLeases(t, k.address)
	begin := time.Now().Add(4 * time.Second).Truncate(time.Second).UTC()
	k.chat = questions.Chat{
		Slug: "killed", Title: "Killed", Hashtag: "#nine", Starts: begin, Ends: begin.Add(2*time.Second + 5*perQuestion),
		Reminders: []questions.Reminder{{Before: 3 * time.Second}}, LeadIn: 2 * time.Second, PerQuestion: perQuestion,
	}
	for n := 1; n <= 5; n++ {
		k.chat.Questions = append(k.chat.Questions, questions.Question{N: n, Text: "What?"})
	}
	file, err := json.Marshal(k.chat)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"chat.json": file, "address": []byte(k.address)} {
		if err := os.WriteFile(filepath.Join(k.dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// isOver tells whether the chat's closing, and what follows it, is due since a while: nothing is spared the killing.
func (k *killTest) over() bool { return time.Since(k.chat.Ends) > 2*time.Second }

// timeToFirstPost is how long a bot takes on this machine until it says something that is due. Half of all lives are
// shorter, and the chat is as long as so many lives take: whoever is killed before he gets to a suggestion has to
// refuse it when the chat is over.
func timeToFirstPost(t *testing.T) time.Duration {
	t.Helper()
	k := newKillTest(t, 0, time.Minute)
	time.Sleep(time.Until(k.chat.Starts.Add(-3 * time.Second))) // when the reminder is due
	began := time.Now()
	process := k.start()
	for k.events() == 0 {
		if time.Since(began) > time.Minute {
			k.Fatal("the bot said nothing in a minute")
		}
		time.Sleep(time.Millisecond)
	}
	life := time.Since(began)
	k.kill(process)
	return life
}

func (k *killTest) start() *exec.Cmd {
	k.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), victimEnv+"="+k.dir)
	c.Stderr = k.Output()
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		k.Fatal(err)
	}
	return c
}

func (k *killTest) kill(c *exec.Cmd) {
	k.Helper()
	if err := c.Process.Kill(); err != nil {
		k.Fatalf("the bot ended by itself: %v", err)
	}
	if err := c.Wait(); err == nil || c.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		k.Fatalf("the bot ended by itself: %v", err)
	}
}

// act is one thing that somebody does.
func (k *killTest) act() {
	k.Helper()
	workspace := []string{"nhs", "public"}[k.random.IntN(2)]
	p := k.platforms[workspace]
	var asked []adaptertest.Message
	for _, m := range p.Messages("#chat") {
		if m.FromBot && strings.HasPrefix(m.Text, "## Q") {
			asked = append(asked, m)
		}
	}
	if len(asked) == 0 {
		return
	}
	if k.random.IntN(8) == 0 {
		k.command(p)
		return
	}
	if len(k.sent) > 0 && k.random.IntN(4) == 0 {
		k.change(k.sent[k.random.IntN(len(k.sent))])
		return
	}
	r := &sentMessage{workspace: workspace, by: person(fmt.Sprintf("P%d", k.random.IntN(30))), text: fmt.Sprintf("remark %d.", len(k.sent))}
	question := k.random.IntN(len(asked))
	r.section = questions.QuestionSection(question + 1)
	var root adapters.MessageID
	switch ways := k.random.IntN(6); {
	case ways == 0:
		r.how, r.text = questions.ByTag, fmt.Sprintf("A%d: %s #nine", question+1, r.text)
	case ways == 1:
		r.how, r.section, r.text = questions.ByHashtag, "", r.text+" #nine"
	case ways == 2 && workspace == "nhs" && time.Until(k.chat.Ends) > time.Second:
		r.how, r.section = questions.ByLive, ""
	default:
		r.how, root = questions.ByThread, asked[question].ID
	}
	r.id = p.SendAs("#chat", r.by, root, r.text)
	k.sent = append(k.sent, r)
}

// command is something that somebody wants of the bot, aloud or privately.
func (k *killTest) command(p *adaptertest.Platform) {
	received := k.chat.PerQuestion // is when a command has been heard at the latest, however often the bot is killed
	switch k.random.IntN(3) {
	case 0:
		if time.Until(k.chat.Ends) < received {
			return // it might be refused: the chat may be over
		}
		k.suggestions++
		p.CommandAs("", person("fan"), fmt.Sprintf("suggest wish %d.", k.suggestions))
	case 1:
		k.announcements++
		p.CommandAs("#chat", host, fmt.Sprintf("say line %d.", k.announcements))
	default:
		k.announcements++
		p.SendAs("#chat", host, "", fmt.Sprintf("!catchword say line %d.", k.announcements))
	}
}

// commandResults counts what came of the commands, and how many were carried out, or said, more than once.
func (k *killTest) commandResults(db *store.DB) (lines, suggestions, twice int) {
	k.Helper()
	for _, p := range k.platforms {
		seen := map[string]bool{}
		for _, m := range p.Messages("#chat") {
			if line, ok := strings.CutPrefix(m.Text, "📣 "); ok && m.FromBot {
				if seen[line] {
					twice++
				}
				seen[line] = true
				lines++
			}
		}
	}
	waiting, err := db.PendingSuggestions(k.Context(), k.chat.Slug)
	if err != nil {
		k.Fatal(err)
	}
	seen := map[string]bool{}
	for _, w := range waiting {
		if seen[w.Text] {
			twice++
		}
		seen[w.Text] = true
	}
	return lines, len(waiting), twice
}

func (k *killTest) change(r *sentMessage) {
	k.Helper()
	p := k.platforms[r.workspace]
	var err error
	switch k.random.IntN(3) {
	case 0:
		if !r.gone {
			r.text += " (edited)"
			err = p.EditAs("#chat", r.by, r.id, r.text)
		}
	case 1:
		if !r.gone && k.random.IntN(4) == 0 {
			r.gone = true
			err = p.DeleteAs("#chat", r.by, r.id)
		}
	default:
		if !r.gone {
			r.liked = !r.liked
			err = p.ReactAs("#chat", person("fan"), r.id, "👍", r.liked)
		}
	}
	if err != nil {
		k.Fatal(err)
	}
}

// events counts what has happened on the platforms.
func (k *killTest) events() (n int) {
	for _, p := range k.platforms {
		n += len(p.Log())
	}
	return n
}

// idle tells whether the bot has done all it had to.
func (k *killTest) idle() bool {
	k.Helper()
	db, err := store.Open(k.Context(), k.address)
	if err != nil {
		k.Fatal(err)
	}
	defer db.Close()
	changed, archived, err := db.ChangeCounts(k.Context(), k.chat.Slug)
	if err != nil {
		k.Fatal(err)
	}
	received := 0
	for range k.answers(db) {
		received++
	}
	lines, suggestions, _ := k.commandResults(db)
	idle := changed == archived && received == len(k.sent) && lines == len(k.platforms)*k.announcements && suggestions == k.suggestions
	for name, p := range k.platforms {
		_, busy, err := db.NextPost(k.Context(), store.RoomRef{Workspace: name, Room: p.Room("#chat")}, time.Now())
		if err != nil {
			k.Fatal(err)
		}
		idle = idle && !busy
	}
	return idle
}

func (k *killTest) answers(db *store.DB) map[string]questions.Answer {
	k.Helper()
	all := map[string]questions.Answer{}
	t, ok, err := db.Transcript(k.Context(), k.chat.Slug)
	if err != nil || !ok {
		k.Fatalf("got no transcript: %v", err)
	}
	for a, err := range t.Answers(k.Context(), questions.OrderByTime) {
		if err != nil {
			k.Fatal(err)
		}
		key := a.Workspace + " " + a.Message
		if _, twice := all[key]; twice {
			k.Errorf("got answer %s twice", key)
		}
		all[key] = a
	}
	return all
}

func (k *killTest) check() {
	k.Helper()
	db, err := store.Open(k.Context(), k.address)
	if err != nil {
		k.Fatal(err)
	}
	defer db.Close()
	posted := 0
	for name, p := range k.platforms {
		keys := map[string]int{}
		for _, e := range p.Log() {
			if e.Kind == adaptertest.Posted {
				keys[e.Key]++
				posted++
			}
		}
		for key, times := range keys {
			if times > 1 {
				k.Errorf("got %s said %d times in %s, want once", key, times, name)
			}
		}
		steps := k.chat.Agenda()
		for _, s := range append(steps, questions.Step{Name: "numbers"}) {
			key := store.StepKey(k.chat.Slug, s.Name, store.RoomRef{Workspace: name, Room: p.Room("#chat")})
			if keys[key] > 0 {
				continue
			}
			// On a machine so slow that a second brings no bot to life, a reminder is rightly given up.
			if post, _, err := db.Post(k.Context(), key); err != nil || s.Kind != questions.KindReminder || post.FailReason != "missed" {
				k.Errorf("got %s not said: %+v, %v", key, post, err)
			}
		}
	}
	if lines, suggestions, twice := k.commandResults(db); lines != len(k.platforms)*k.announcements || suggestions != k.suggestions || twice != 0 {
		k.Errorf("got %d lines said in all rooms and %d suggestions, %d of them twice; want %d and %d, each once",
			lines, suggestions, twice, len(k.platforms)*k.announcements, k.suggestions)
	}
	if k.announcements < 10 || k.suggestions < 5 {
		k.Errorf("got %d lines and %d suggestions, want enough to prove something", k.announcements, k.suggestions)
	}
	answers := k.answers(db)
	hows := map[questions.MatchedBy]int{}
	for _, r := range k.sent {
		a, ok := answers[r.workspace+" "+string(r.id)]
		if !ok {
			k.Errorf("got no answer for %+v", *r)
			continue
		}
		if r.section == "" {
			r.section = k.liveAt(r)
		}
		want := questions.Answer{Section: r.section, MatchedBy: r.how, Text: r.text, Withdrawn: r.gone}
		if r.gone {
			want.Text = ""
		}
		if a.Section != want.Section || a.MatchedBy != want.MatchedBy || a.Text != want.Text || a.Withdrawn != want.Withdrawn {
			k.Errorf("got %+v, want %+v", a, want)
		}
		hows[r.how]++
		k.checkCopy(r)
	}
	if len(answers) != len(k.sent) {
		k.Errorf("got %d answers, want %d", len(answers), len(k.sent))
	}
	if _, err := os.Stat(filepath.Join(k.dir, "archive", k.chat.Slug, "index.html")); err != nil {
		k.Errorf("got no archive: %v", err)
	}
	k.Logf("%d kills, %d posts, %d answers: %v", killCount, posted, len(answers), slices.Sorted(maps.Keys(hows)))
	for _, how := range []questions.MatchedBy{questions.ByThread, questions.ByTag, questions.ByHashtag, questions.ByLive} {
		if hows[how] < 10 {
			k.Errorf("got %d answers by %s, want enough to prove something", hows[how], how)
		}
	}
}

// liveAt is the section that was live when a remark was made, by the journal of its platform.
func (k *killTest) liveAt(r *sentMessage) questions.Section {
	section := questions.Section("")
	for _, e := range k.platforms[r.workspace].Log() {
		if e.ID == r.id {
			break
		}
		if e.Kind != adaptertest.Posted || e.As.Name != "" {
			continue
		}
		_, rest, _ := strings.Cut(e.Key, "/")
		step, _, _ := strings.Cut(rest, "@")
		if s := questions.StepSection(step); s.QuestionNumber() > 0 {
			section = s
		} else if step == "closing" {
			section = questions.General
		}
	}
	return section
}

// checkCopy looks at what became of a remark in the other workspace.
func (k *killTest) checkCopy(r *sentMessage) {
	k.Helper()
	other := map[string]string{"nhs": "public", "public": "nhs"}[r.workspace]
	p := k.platforms[other]
	key := store.RelayKey(store.AnswerKey(r.workspace, adapters.Ref{Room: p.Room("#chat"), ID: r.id}), store.RoomRef{Workspace: other, Room: p.Room("#chat")})
	roots := map[adapters.MessageID]string{}
	var copies []adaptertest.Message
	for _, m := range p.Messages("#chat") {
		roots[m.ID] = m.Key
		if m.Key == key && !m.Deleted {
			copies = append(copies, m)
		}
	}
	if r.gone {
		if len(copies) != 0 {
			k.Errorf("got %+v of a remark that was taken back, want nothing", copies)
		}
		return
	}
	if len(copies) != 1 {
		k.Errorf("got %d copies of %+v, want 1", len(copies), *r)
		return
	}
	m := copies[0]
	step := string(r.section)
	if r.section == questions.General {
		step = "closing"
	}
	if want := store.StepKey(k.chat.Slug, step, store.RoomRef{Workspace: other, Room: p.Room("#chat")}); roots[m.Thread] != want {
		k.Errorf("got a copy of %+v under %s, want under %s", *r, roots[m.Thread], want)
	}
	if m.Text != r.text || m.As.Name != r.by.Name {
		k.Errorf("got a copy %q by %s, want %q by %s", m.Text, m.As.Name, r.text, r.by.Name)
	}
	if got := len(botReactions(m)) == 1; got != r.liked {
		k.Errorf("got reactions %v on the copy of %+v", m.Reactions, *r)
	}
}
