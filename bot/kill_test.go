package bot_test

import (
	"bufio"
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
	"sync"
	"syscall"
	"testing"
	"time"

	"modernc.org/sqlite"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

const (
	crashPoints = 60 // the process kills itself at its first call, at its second, and so on to this one
	randomKills = 30
	// stallTimeout is for how long the bot may make no call at all while there is something to do, on any machine.
	stallTimeout = 2 * time.Minute
	// commandTimeout is when a command counts as missed, and is given again: the bot ignores one that is older than a
	// minute.
	commandTimeout = 75 * time.Second
)

// killVictimEnv names the folder of a bot that is to be killed, and where it is to kill itself: at its nth call, at its
// first call of a kind, or nowhere, at "0".
const killVictimEnv = "CATCHWORD_TEST_VICTIM"

// callKinds are the calls at which the bot kills itself: before and after each call of the adapter, and of the bot by
// the adapter, and before each commit. After a commit, one of the others follows.
var callKinds = []string{"post", "posted", "edit", "edited", "delete", "deleted", "react", "reacted", "tell", "told", "receive", "received", "commit"}

var killHost = adapters.User{ID: "host", Name: "Host"}

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// TestKillVictim is the process that is killed: a bot on two platforms whose journals outlive it.
func TestKillVictim(t *testing.T) {
	dir, crash, ok := strings.Cut(os.Getenv(killVictimEnv), " ")
	if !ok {
		t.Skip("is run by TestKillNine")
	}
	err := runKillVictim(t.Context(), dir, crash)
	if errors.Is(err, store.ErrLeaseLost) { // as it may be on a slow machine: like catchword run, it starts afresh
		err = syscall.Exec(os.Args[0], os.Args, os.Environ())
	}
	t.Fatal("ended by itself: ", err)
}

func runKillVictim(ctx context.Context, dir, crash string) error {
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
	var point crashPoint
	if _, err := fmt.Sscan(crash, &point.n); err != nil {
		point.kind = crash
	}
	sqlite.RegisterConnectionHook(func(conn sqlite.ExecQuerierContext, _ string) error {
		conn.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 { point.call("commit"); return 0 })
		return nil
	})
	db, err := store.Open(ctx, string(address))
	if err != nil {
		return err
	}
	var workspaces []bot.Workspace
	for _, name := range killWorkspaces {
		p, err := adaptertest.OpenPlatform(filepath.Join(dir, name), name, fakeRoom)
		if err != nil {
			return err
		}
		if crash == "0" { // then most kills are to hit a post that is on its way there or back
			p.SetFaults(func(f *adaptertest.Faults) {
				f.Seed(rand.Uint64())
				f.RequestLatency, f.ResponseLatency, f.LoseResponseChance = 3*time.Millisecond, 10*time.Millisecond, 0.03
			})
		}
		workspaces = append(workspaces, bot.Workspace{
			Name: name, Adapter: crashingAdapter{p.Adapter(), point.call}, Rooms: []bot.RoomConfig{{Name: fakeRoom, Dedicated: name == "nhs"}},
			Hosts: []adapters.UserID{killHost.ID},
		})
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	b := bot.New(db, bot.Options{Archive: filepath.Join(dir, "archive"), Log: log}, workspaces...)
	if err := b.Schedule(ctx, c); err != nil {
		return err
	}
	return b.Run(ctx)
}

// A crashPoint is where the process kills itself.
type crashPoint struct {
	mu    sync.Mutex
	calls int
	n     int    // the call, counted from 1; 0 for none
	kind  string // or its kind
}

// call prints each call, so that the test sees that the bot gets on, and where it ended.
func (c *crashPoint) call(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	fmt.Println(kind)
	if c.calls == c.n || kind == c.kind {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// A crashingAdapter announces its calls.
type crashingAdapter struct {
	*adaptertest.Fake
	call func(kind string)
}

func (a crashingAdapter) Run(ctx context.Context, sink adapters.Sink) error {
	return a.Fake.Run(ctx, func(ctx context.Context, u adapters.Update) error {
		a.call("receive")
		defer a.call("received")
		return sink(ctx, u)
	})
}

func (a crashingAdapter) Post(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
	a.call("post")
	defer a.call("posted")
	return a.Fake.Post(ctx, p)
}

func (a crashingAdapter) Edit(ctx context.Context, id adapters.MessageID, p adapters.Post) error {
	a.call("edit")
	defer a.call("edited")
	return a.Fake.Edit(ctx, id, p)
}

func (a crashingAdapter) Delete(ctx context.Context, ref adapters.Ref) error {
	a.call("delete")
	defer a.call("deleted")
	return a.Fake.Delete(ctx, ref)
}

func (a crashingAdapter) React(ctx context.Context, ref adapters.Ref, emoji string, on bool) error {
	a.call("react")
	defer a.call("reacted")
	return a.Fake.React(ctx, ref, emoji, on)
}

func (a crashingAdapter) PostEphemeral(ctx context.Context, to adapters.UserID, p adapters.Post) error {
	a.call("tell")
	defer a.call("told")
	return a.Fake.PostEphemeral(ctx, to, p)
}

// TestKillNine kills the bot again and again in the course of a chat, while answers pour in on two platforms that keep
// their own journals: at each of its first calls in turn, at a call of each kind, and at random moments. Hosts move the
// chat on, so it lasts as long as the machine takes. In the end nothing was lost, posted twice, or filed under the
// wrong question.
func TestKillNine(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a process a hundred times")
	}
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	k := newKillTest(t, seed)
	var crashes []string
	for n := range crashPoints {
		crashes = append(crashes, fmt.Sprint(n+1))
	}
	for _, kind := range callKinds {
		if kind != "commit" || !storetest.OnPostgres() { // which has no hook for it
			crashes = append(crashes, kind)
		}
	}
	began := time.Now()
	for n, crash := range crashes {
		k.moveOn(1 + n*4/len(crashes))
		k.crashAt(crash)
	}
	t.Logf("%d crashes took %v", len(crashes), time.Since(began).Round(time.Second))
	for n := range randomKills {
		k.moveOn(4 + n*2/randomKills)
		k.killRandomly()
	}
	t.Logf("%d random kills, until %v", randomKills, time.Since(began).Round(time.Second))
	for !k.enough() {
		k.act()
	}
	process := k.start("0")
	k.finish(process, func() bool { return k.questionsAsked() == len(k.chat.Questions) && k.undone() == "" }, func() {
		k.moveOn(len(k.chat.Questions))
		k.repeatRequests()
	})
	k.finish(process, func() bool { return k.isOver() && k.undone() == "" }, func() { k.command("end") })
	killProcess(t, "the bot", process.Cmd)
	k.check()
}

var killWorkspaces = []string{"nhs", "public"}

// A killTest is the test's side of the chat: the people, and what they mean.
type killTest struct {
	*testing.T
	dir       string
	address   string // of the database
	random    *rand.Rand
	platforms map[string]*adaptertest.Platform
	chat      questions.Chat
	sent      []*sentMessage
	requests  []*request
	commanded map[string]time.Time
	life      time.Duration // that a process took to its first call, most recently
}

// A sentMessage is what a person said, and what must become of it.
type sentMessage struct {
	workspace string
	id        adapters.MessageID
	by        adapters.User
	text      string
	how       questions.MatchedBy
	section   questions.Section // "" for what was live, which the journals tell afterwards
	gone      bool
	liked     bool
}

// newKillTest plans a chat whose first question comes in a few seconds, and the others when a host asks for them.
func newKillTest(t *testing.T, seed uint64) *killTest {
	t.Helper()
	k := &killTest{
		T: t, dir: t.TempDir(), address: storetest.Address(t), random: rand.New(rand.NewPCG(seed, 0)),
		platforms: map[string]*adaptertest.Platform{}, commanded: map[string]time.Time{},
	}
	for _, name := range killWorkspaces {
		p, err := adaptertest.OpenPlatform(filepath.Join(k.dir, name), name, fakeRoom)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		k.platforms[name] = p
	}
	storetest.WaitForLeases(t, k.address)
	begin := time.Now().Add(3 * time.Second).Truncate(time.Second).UTC()
	k.chat = questions.Chat{
		Slug: "killed", Title: "Killed", Hashtag: "#nine", Starts: begin, Ends: begin.Add(12 * time.Hour),
		Reminders: []questions.Reminder{{Before: 2 * time.Second}}, LeadIn: 2 * time.Second, PerQuestion: 2 * time.Hour,
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

// A victimProcess prints its calls.
type victimProcess struct {
	*exec.Cmd
	calls chan string // closed when it has ended
}

func (k *killTest) start(crash string) victimProcess {
	k.Helper()
	c := testProcessCommand(k, "TestKillVictim", killVictimEnv+"="+k.dir+" "+crash)
	out, in, err := os.Pipe()
	if err != nil {
		k.Fatal(err)
	}
	c.Stdout = in
	if err := errors.Join(c.Start(), in.Close()); err != nil {
		k.Fatal(err)
	}
	calls := make(chan string, 1000)
	go func() {
		defer close(calls)
		defer out.Close()
		for lines := bufio.NewScanner(out); lines.Scan(); {
			calls <- lines.Text()
		}
	}()
	return victimProcess{c, calls}
}

// crashAt has the bot run until it kills itself.
func (k *killTest) crashAt(crash string) {
	k.Helper()
	for range 3 {
		k.act() // while nobody receives it
	}
	process := k.start(crash)
	last, began := "", time.Now()
	for idle := 0; ; {
		select {
		case call, running := <-process.calls:
			if !running {
				killProcess(k, "the bot", process.Cmd)
				if n := 0; last != crash && func() bool { _, err := fmt.Sscan(crash, &n); return err != nil }() {
					k.Errorf("got the bot dead at the call %q, want at %q", last, crash)
				}
				return
			}
			if last == "" {
				k.life = time.Since(began)
			}
			last, idle = call, 0
		case <-time.After(100 * time.Millisecond):
			if last != "" { // it has begun, and has nothing more to do
				k.act()
			}
			if idle++; time.Duration(idle)*100*time.Millisecond > stallTimeout {
				k.stalled(process)
			}
		}
	}
}

// killRandomly has the bot run for a random time, at most twice as long as it takes to begin.
func (k *killTest) killRandomly() {
	k.Helper()
	k.act()
	process := k.start("0")
	life := max(k.life, 150*time.Millisecond)
	end := time.After(time.Duration(k.random.Int64N(int64(2 * life))))
	for {
		select {
		case <-process.calls:
			continue
		case <-time.After(life / 8):
			k.act()
			continue
		case <-end:
		}
		break
	}
	killProcess(k, "the bot", process.Cmd)
}

// finish lets the bot run until all is done.
func (k *killTest) finish(process victimProcess, done func() bool, act func()) {
	k.Helper()
	for last := time.Now(); !done(); {
		act()
		for pause := time.After(200 * time.Millisecond); ; {
			select {
			case call, running := <-process.calls:
				if !running {
					k.Fatal("the bot ended by itself: ", process.Wait())
				}
				if call != "commit" { // which it does now and then in any case
					last = time.Now()
				}
				continue
			case <-pause:
			}
			break
		}
		if time.Since(last) > stallTimeout {
			k.stalled(process)
		}
	}
}

// stalled has the bot print what its goroutines wait for.
func (k *killTest) stalled(process victimProcess) {
	k.Helper()
	_ = process.Process.Signal(syscall.SIGQUIT)
	_ = process.Wait()
	k.Fatalf("the bot has made no call in %v, with %d questions asked and this to do: %q", stallTimeout, k.questionsAsked(), k.undone())
}

// moveOn has a host go on to the next question, unless as many are asked already.
func (k *killTest) moveOn(questions int) {
	if asked := k.questionsAsked(); 0 < asked && asked < questions {
		k.command(fmt.Sprintf("next q%d", asked+1))
	}
}

// command has a host give a command, and again only when it must have been missed.
func (k *killTest) command(text string) {
	if time.Since(k.commanded[text]) > commandTimeout {
		k.commanded[text] = time.Now()
		k.platforms["public"].CommandAs("", killHost, text)
	}
}

// questionPosts are the questions that people in a workspace have seen.
func (k *killTest) questionPosts(workspace string) (asked []adaptertest.Message) {
	for _, m := range k.platforms[workspace].Messages(fakeRoom) {
		if m.FromBot && strings.HasPrefix(m.Text, "## Q") {
			asked = append(asked, m)
		}
	}
	return asked
}

func (k *killTest) questionsAsked() int {
	return min(len(k.questionPosts("nhs")), len(k.questionPosts("public")))
}

func (k *killTest) target(workspace string) store.RoomRef {
	return store.RoomRef{Workspace: workspace, Room: k.platforms[workspace].Room(fakeRoom)}
}

// isOver tells whether the numbers, which come last, are posted everywhere.
func (k *killTest) isOver() bool {
	for name, p := range k.platforms {
		if !slices.ContainsFunc(p.Messages(fakeRoom), func(m adaptertest.Message) bool {
			return m.Key == store.StepKey(k.chat.Slug, "numbers", k.target(name))
		}) {
			return false
		}
	}
	return true
}

// act is one thing that somebody does.
func (k *killTest) act() {
	k.Helper()
	workspace := killWorkspaces[k.random.IntN(2)]
	p := k.platforms[workspace]
	asked := k.questionPosts(workspace)
	if len(asked) == 0 {
		return
	}
	if k.random.IntN(8) == 0 {
		k.request(p)
		return
	}
	if len(k.sent) > 0 && k.random.IntN(4) == 0 {
		k.change(k.sent[k.random.IntN(len(k.sent))])
		return
	}
	name := fmt.Sprintf("P%d", k.random.IntN(30))
	r := &sentMessage{workspace: workspace, by: adapters.User{ID: adapters.UserID(strings.ToLower(name)), Name: name}, text: fmt.Sprintf("remark %d.", len(k.sent))}
	question := k.random.IntN(len(asked))
	r.section = questions.QuestionSection(question + 1)
	var root adapters.MessageID
	switch ways := k.random.IntN(6); {
	case ways == 0:
		r.how, r.text = questions.ByTag, fmt.Sprintf("A%d: %s #nine", question+1, r.text)
	case ways == 1:
		r.how, r.section, r.text = questions.ByHashtag, "", r.text+" #nine"
	case ways == 2 && workspace == "nhs":
		r.how, r.section = questions.ByLive, ""
	default:
		r.how, root = questions.ByThread, asked[question].ID
	}
	r.id = p.SendAs(fakeRoom, r.by, root, r.text)
	k.sent = append(k.sent, r)
}

var fan = adapters.User{ID: "fan", Name: "fan"}

// A request is something that somebody wants of the bot.
type request struct {
	text  string // that must come of it
	given time.Time
	give  func(text string)
}

// request has somebody ask for something, in the room or in private.
func (k *killTest) request(p *adaptertest.Platform) {
	r := &request{text: fmt.Sprintf("line %d.", len(k.requests))}
	switch k.random.IntN(3) {
	case 0:
		r.text = fmt.Sprintf("wish %d.", len(k.requests))
		r.give = func(text string) { p.CommandAs("", fan, "suggest "+text) }
	case 1:
		r.give = func(text string) { p.CommandAs(fakeRoom, killHost, "say "+text) }
	default:
		r.give = func(text string) { p.SendAs(fakeRoom, killHost, "", "!catchword say "+text) }
	}
	r.given = time.Now()
	r.give(r.text)
	k.requests = append(k.requests, r)
}

// repeatRequests has people ask again, in other words, for what they asked of a machine so slow that the bot ignored
// it.
func (k *killTest) repeatRequests() {
	k.Helper()
	db := openStore(k, k.address)
	defer db.Close()
	missing, _ := k.requestResults(db)
	for _, r := range missing {
		if time.Since(r.given) > commandTimeout {
			r.given = time.Now()
			r.give(r.text + " Again: " + r.given.Format(time.TimeOnly))
		}
	}
}

// requestResults lists the requests that are not fulfilled everywhere, and counts what has been done more than once.
func (k *killTest) requestResults(db *store.DB) (missing []*request, twice int) {
	k.Helper()
	waiting, err := db.PendingSuggestions(k.Context(), k.chat.Slug)
	if err != nil {
		k.Fatal(err)
	}
	var places [][]string // where the texts of requests are, each of which is to be there once
	for _, p := range k.platforms {
		var lines []string
		for _, m := range p.Messages(fakeRoom) {
			if line, ok := strings.CutPrefix(m.Text, "📣 "); ok && m.FromBot {
				lines = append(lines, line)
			}
		}
		places = append(places, lines)
	}
	var wishes []string
	for _, w := range waiting {
		wishes = append(wishes, w.Text)
	}
	for _, texts := range append(places, wishes) {
		slices.Sort(texts)
		twice += len(texts) - len(slices.Compact(slices.Clone(texts)))
	}
	for _, r := range k.requests {
		where := places
		if strings.HasPrefix(r.text, "wish") {
			where = [][]string{wishes}
		}
		if slices.ContainsFunc(where, func(texts []string) bool {
			return !slices.ContainsFunc(texts, func(text string) bool { return strings.HasPrefix(text, r.text) })
		}) {
			missing = append(missing, r)
		}
	}
	return missing, twice
}

func (k *killTest) change(r *sentMessage) {
	k.Helper()
	p := k.platforms[r.workspace]
	var err error
	switch k.random.IntN(3) {
	case 0:
		if !r.gone {
			r.text += " (edited)"
			err = p.EditAs(fakeRoom, r.by, r.id, r.text)
		}
	case 1:
		if !r.gone && k.random.IntN(4) == 0 {
			r.gone = true
			err = p.DeleteAs(fakeRoom, r.by, r.id)
		}
	default:
		if !r.gone {
			r.liked = !r.liked
			err = p.ReactAs(fakeRoom, fan, r.id, "👍", r.liked)
		}
	}
	if err != nil {
		k.Fatal(err)
	}
}

// undone is what the bot still has to do; "" for nothing. While the chat goes on, the archive may wait.
func (k *killTest) undone() string {
	k.Helper()
	db := openStore(k, k.address)
	defer db.Close()
	changed, archived, err := db.ChangeCounts(k.Context(), k.chat.Slug)
	if err != nil {
		k.Fatal(err)
	}
	var undone []string
	if changed != archived && k.isOver() {
		undone = append(undone, fmt.Sprintf("%d changes are not archived", changed-archived))
	}
	if answers := len(storedAnswers(k, db, k.chat.Slug)); answers != len(k.sent) {
		undone = append(undone, fmt.Sprintf("%d answers of %d are stored", answers, len(k.sent)))
	}
	missing, _ := k.requestResults(db)
	for _, r := range missing {
		undone = append(undone, r.text)
	}
	for name := range k.platforms {
		post, ok, err := db.NextPost(k.Context(), k.target(name), time.Now())
		if err != nil {
			k.Fatal(err)
		}
		if ok && post.Due.Before(time.Now()) {
			undone = append(undone, "post "+post.Key)
		}
	}
	return strings.Join(undone, "; ")
}

// enough tells whether people have done enough to prove something.
func (k *killTest) enough() bool {
	hows := map[questions.MatchedBy]int{}
	for _, r := range k.sent {
		hows[r.how]++
	}
	for _, how := range []questions.MatchedBy{questions.ByThread, questions.ByTag, questions.ByHashtag, questions.ByLive} {
		if hows[how] < 10 {
			return false
		}
	}
	wishes := 0
	for _, r := range k.requests {
		if strings.HasPrefix(r.text, "wish") {
			wishes++
		}
	}
	return len(k.requests)-wishes >= 10 && wishes >= 5
}

func (k *killTest) check() {
	k.Helper()
	db := openStore(k, k.address)
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
				k.Errorf("got %s posted %d times in %s, want once", key, times, name)
			}
		}
		steps := k.chat.Agenda()
		for _, s := range append(steps, questions.Step{Name: "numbers"}) {
			key := store.StepKey(k.chat.Slug, s.Name, k.target(name))
			if keys[key] > 0 || s.Name == "halfway" || s.Name == "last-call" { // whose times are passed over
				continue
			}
			// On a machine so slow that a second brings no bot to life, a reminder is rightly given up.
			if post, _, err := db.Post(k.Context(), key); err != nil || s.Kind != questions.KindReminder || post.FailReason != "missed" {
				k.Errorf("got %s not posted: %+v, %v", key, post, err)
			}
		}
	}
	if missing, twice := k.requestResults(db); len(missing) != 0 || twice != 0 {
		k.Errorf("got %d of %d requests not fulfilled, and %d fulfilled twice; want each once", len(missing), len(k.requests), twice)
	}
	answers := storedAnswers(k, db, k.chat.Slug)
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
	k.Logf("%d posts, %d answers: %v", posted, len(answers), slices.Sorted(maps.Keys(hows)))
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
	key := store.RelayKey(store.AnswerKey(r.workspace, adapters.Ref{Room: p.Room(fakeRoom), ID: r.id}), k.target(other))
	roots := map[adapters.MessageID]string{}
	var copies []adaptertest.Message
	for _, m := range p.Messages(fakeRoom) {
		roots[m.ID] = m.Key
		if m.Key == key && !m.Deleted {
			copies = append(copies, m)
		}
	}
	if r.gone {
		if len(copies) != 0 {
			k.Errorf("got %+v of a remark that was deleted, want nothing", copies)
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
	if want := store.StepKey(k.chat.Slug, step, k.target(other)); roots[m.Thread] != want {
		k.Errorf("got a copy of %+v under %s, want under %s", *r, roots[m.Thread], want)
	}
	if m.Text != r.text || m.As.Name != r.by.Name {
		k.Errorf("got a copy %q by %s, want %q by %s", m.Text, m.As.Name, r.text, r.by.Name)
	}
	if got := liked(m); got != r.liked {
		k.Errorf("got reactions %v on the copy of %+v", m.Reactions, *r)
	}
}
