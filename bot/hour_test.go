package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

// TestTheHourWithFaults plays the hour on two platforms that refuse, lose, double and disorder.
func TestTheHourWithFaults(t *testing.T) {
	for seed := range uint64(4) {
		address := storetest.Address(t)
		synctest.Test(t, func(t *testing.T) {
			t.Logf("seed %d", seed)
			h := &hour{T: t, address: address}
			h.nhs = &fakeSide{adaptertest.NewPlatform("nhs", fakeRoom), t, "nhs", false}
			h.community = &fakeSide{adaptertest.NewPlatform("community", fakeRoom), t, "community", true}
			for _, s := range []side{h.nhs, h.community} {
				s.(*fakeSide).SetFaults(func(f *adaptertest.Faults) {
					f.Seed(seed)
					f.RefuseChance, f.LoseResponseChance, f.DuplicateChance, f.Reorder = 0.15, 0.15, 0.3, true
					f.ResponseLatency = 200 * time.Millisecond
				})
			}
			h.play()
		})
	}
}

// An hour is a chat between two rooms on different platforms, with a host in each. It lasts as long as people take, which
// is far less than its timetable.
type hour struct {
	*testing.T
	address        string // of the database
	nhs, community side
	archive        string
	chat           questions.Chat
	db             *store.DB
	stop           func() // the bot
	said           []*answer
	orders         []string // of the hosts, as the audit log words them
}

// An answer is what somebody said, and what must become of it.
type answer struct {
	side    side
	id      string
	text    string
	name    string // under which it is passed on and archived
	section questions.Section
	late    bool
	kept    bool // out, by its author
}

// The hosts, one on each side, and the leader, who is none.
const (
	hanna = "Hanna Host"
	henry = "Henry Host"
	holly = "Holly Case"
)

// Who is there from the beginning.
var (
	atNHS       = []string{hanna, "Ann", "Ben", "Dora"}
	inCommunity = []string{henry, holly, "Bob", "Bea", "Nell"}
)

// play is the whole evening.
func (h *hour) play() {
	h.archive = filepath.Join(h.TempDir(), "archive")
	begin := time.Now().Add(3 * time.Second).Truncate(time.Second).UTC()
	h.chat = questions.Chat{
		Slug: "evening", Title: "Evening", Hashtag: "#evening", Leader: holly, LeaderAccounts: []string{"community/" + string(h.community.account(holly))},
		Starts: begin, Ends: begin.Add(20 * time.Minute), Reminders: []questions.Reminder{}, LeadIn: 2 * time.Second, PerQuestion: 2 * time.Minute,
	}
	for n, text := range []string{"First?", "Second?", "Third?", "Fourth?"} {
		h.chat.Questions = append(h.chat.Questions, questions.Question{N: n + 1, Text: text})
	}
	h.run()
	defer func() {
		h.stop()
		if h.Failed() {
			h.Logf("said in %s: %+v\nsaid in %s: %+v", h.nhs.target(), h.nhs.posts(""), h.community.target(), h.community.posts(""))
		}
	}()
	h.begin()
	h.takeABreak()
	h.steer()
	h.raise()
	h.choose()
	h.close()
	h.check()
}

// run starts the bot, as after a restart.
func (h *hour) run() {
	h.Helper()
	db, err := store.Open(h.Context(), h.address)
	if err != nil {
		h.Fatal(err)
	}
	db.DisableLeases() // a bubble's time would stand still while a lease is proven, and a machine that does loses one
	shared, err := db.OpenShared(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(h.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	var workspaces []bot.Workspace
	for host, s := range map[string]side{hanna: h.nhs, henry: h.community} {
		w := s.workspace(shared, log)
		w.Hosts = []adapters.UserID{s.account(host)}
		workspaces = append(workspaces, w)
	}
	b := bot.New(db, bot.Options{Archive: h.archive, Log: log}, workspaces...)
	if err := b.Schedule(h.Context(), h.chat); err != nil {
		h.Fatal(err)
	}
	ctx, cancel := context.WithCancel(h.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	h.db = db
	h.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			h.Errorf("Run: %v", err)
		}
		if err := errors.Join(shared.Close(), db.Close()); err != nil {
			h.Errorf("close: %v", err)
		}
		h.stop = func() {}
	}
}

// begin has the first question answered, and both hosts go on at the same moment.
func (h *hour) begin() {
	h.asked("q1")
	h.answers(h.nhs, "Ann", "q1", "Ann is heard")
	h.answers(h.community, "Bob", "q1", "Bob is heard")
	h.answers(h.nhs, "Ben", "q1", "Ben thinks better of it")
	h.told(h.nhs, hanna, "🔔", "Q2 in")
	replies := func() int { return len(h.notes(h.nhs, hanna)) + len(h.notes(h.community, henry)) }
	before := replies()
	h.nhs.press(hanna, "Q2 in", "Now")
	h.community.command(henry, "next")
	h.asked("q2")
	h.orders = append(h.orders, "next q2")
	waits(h, "both hosts know what came of it", func() bool { return replies() == before+2 })
}

// takeABreak holds the chat, in which the bot is started anew and people come, ask where they are, and overreach.
func (h *hour) takeABreak() {
	h.order(h.community.mention, henry, "hold", "hold")
	h.both("A short break")
	h.stop()
	h.answers(h.nhs, "Ben", "q2", "said while nobody listens")
	h.run()
	for who, s := range map[string]side{"Zoe": h.nhs, "Yan": h.community} {
		s.arrive(who)
		h.leads(s, h.told(s, who, "👋", "Second?", "recorded"), "q1", "q2")
	}
	h.nhs.command("Ben", "where")
	h.leads(h.nhs, h.told(h.nhs, "Ben", "We are on", "Second?", "held since"), "q1", "q2")
	h.community.command("Bea", "which question are we on?")
	h.leads(h.community, h.told(h.community, "Bea", "We are on", "Second?", "held since"), "q1", "q2")

	const no = "That is for the hosts"
	h.nhs.command("Ben", "next")
	h.told(h.nhs, "Ben", no)
	h.community.mention("Bea", "end")
	h.told(h.community, "Bea", no)
	h.community.confide(holly, "skip")
	h.told(h.community, holly, no)
	h.order(h.nhs.confide, hanna, "resume", "resume")
	h.both("▶️")
}

// steer moves the timetable back and forth, from both sides and by every means.
func (h *hour) steer() {
	h.order(h.nhs.command, hanna, "extend 5m", "extend by 5 minutes")
	h.both("⏱")
	h.order(h.community.command, henry, "skip", "skip q3")
	h.both("Q3 is left out")
	h.order(h.nhs.mention, hanna, "back", "back q3")
	h.both("Q3 is asked after all")
	h.order(h.community.command, henry, "next q3", "next q3")
	h.asked("q3")
	h.order(h.nhs.confide, hanna, "extend 40m", "extend by 40 minutes")
	h.order(h.nhs.command, hanna, "repeat", "repeat q3")
	h.asked("q3.2")
	for _, s := range []side{h.nhs, h.community} {
		h.leads(s, s.posts(h.step(s, "q3.2"))[0], "q3")
	}
	h.answers(h.community, "Bea", "q3.2", "under the second saying")
}

// raise brings up what stands in no file: a host's own question and words, a suggestion, and what people dare not say.
func (h *hour) raise() {
	h.order(h.community.confide, henry, "ask And the mice?", "ask q5")
	h.asked("q5")
	h.answers(h.nhs, "Ann", "q5", "Ann fears the mice")
	h.answers(h.community, "Bob", "q5", "Bob does not")
	h.order(h.nhs.command, hanna, "say Cake is in the kitchen", "say")
	h.both("Cake is in the kitchen")
	for host, s := range map[string]side{hanna: h.nhs, henry: h.community} {
		s.command(host, "status")
		h.orders = append(h.orders, "status")
		h.told(s, host, "Q5 is on since", "nhs #", "community #", " said", "Answers: ")
	}
	h.community.confide("Bea", "suggest What of lunch?")
	h.told(h.nhs, hanna, "💡", "What of lunch?")
	h.told(h.community, henry, "💡", "What of lunch?")
	press := func(label string) func(by, card string) {
		return func(by, card string) { h.nhs.press(by, card, label) }
	}
	h.order(press("Ask it"), hanna, "What of lunch?", "accept suggestion 1")
	h.asked("q6")
	h.both("Suggested by Bea")

	h.community.confide("Nell", "anon I fear my manager")
	h.told(h.community, henry, "🕶", "I fear my manager")
	h.order(h.community.command, henry, "accept 2", "accept suggestion 2")
	h.nhs.confide("Dora", "anon I fear my budget")
	h.told(h.nhs, hanna, "🕶", "I fear my budget")
	h.order(press("Pass it on"), hanna, "I fear my budget", "accept suggestion 3")
	for _, text := range []string{"I fear my manager", "I fear my budget"} {
		h.said = append(h.said, &answer{text: text, name: "Anonymous", section: "q6"})
		h.both(text)
	}
}

// choose has people decide what becomes of what they said.
func (h *hour) choose() {
	h.answers(h.community, "Yan", "q6", "Yan should not have said so")
	h.settled()
	// Ann stays out, and comes back: what she says in between stays out for good. Yan stays out.
	h.nhs.confide("Ann", "optout")
	h.told(h.nhs, "Ann", "You are out")
	h.community.command("Yan", "optout")
	h.told(h.community, "Yan", "You are out")
	h.keep("Ann", true)
	h.keep("Yan", true)
	h.settled()
	h.answers(h.nhs, "Ann", "q6", "said to her own room alone")
	between := h.said[len(h.said)-1]
	time.Sleep(pause) // or nobody could tell which came first
	h.nhs.command("Ann", "optin")
	h.told(h.nhs, "Ann", "You are in again")
	h.keep("Ann", false)
	between.kept = true

	h.community.command("Bob", "pseudonym Owl")
	for _, a := range h.said {
		switch {
		case a.name == "Bob":
			a.name = "Owl"
		case a.text == "Ben thinks better of it":
			h.nhs.react("Ben", a.id, "🚫", true)
			a.kept = true
		}
	}
	h.settled()
}

// keep has all that somebody has said kept out, or let in again.
func (h *hour) keep(name string, out bool) {
	for _, a := range h.said {
		if a.name == name {
			a.kept = out
		}
	}
}

// settled waits until all copies are as they should be.
func (h *hour) settled() {
	h.Helper()
	for _, a := range h.said {
		h.passedOn(a)
	}
}

// close ends the chat, and has somebody speak up after it.
func (h *hour) close() {
	h.order(h.community.mention, henry, "end", "end")
	h.asked("closing")
	h.asked("numbers")
	h.answers(h.community, "Bob", "q1", "one more thought")
	late := h.said[len(h.said)-1]
	late.name, late.late = "Owl", true
	h.passedOn(late)
	waits(h, "the archive has all", func() bool {
		all := h.record()
		return slices.ContainsFunc(all, func(a recorded) bool { return a.Text == late.text }) && !strings.Contains(h.files(), "Ben thinks better")
	})
	h.stop()
}

// check looks at what is there in the end.
func (h *hour) check() {
	steps := []string{"welcome", "introductions", "q1", "q2", "q3", "q3.2", "q5", "q6", "closing", "numbers"}
	for _, s := range []side{h.nhs, h.community} {
		keys := map[string]int{}
		for _, p := range s.posts("") {
			keys[p.key]++
		}
		for key, times := range keys {
			if times != 1 || key == "" {
				h.Errorf("got %q said %d times in %s, want each once", key, times, s.target())
			}
		}
		for _, step := range steps {
			if keys[h.step(s, step)] != 1 {
				h.Errorf("got %s said %d times in %s, want once", step, keys[h.step(s, step)], s.target())
			}
		}
		for _, step := range []string{"q4", "halfway", "last-call"} {
			if keys[h.step(s, step)] != 0 {
				h.Errorf("got %s said in %s, want it left out", step, s.target())
			}
		}
		copies := 0
		for _, a := range h.said {
			if a.side != s && !a.kept {
				copies++
			}
		}
		// The lines are those of hold, extend twice, skip, back and say.
		if want := len(steps) + 6 + copies; len(keys) != want {
			h.Errorf("got %d posts in %s, want %d: %+v", len(keys), s.target(), want, s.posts(""))
		}
	}
	for who, s := range map[string]side{"Zoe": h.nhs, "Yan": h.community} {
		welcomes := slices.DeleteFunc(s.told(who), func(m seen) bool { return !m.has("👋") })
		if len(welcomes) != 1 {
			h.Errorf("got %+v said to %s, want one welcome", welcomes, who)
		}
	}
	for who, s := range map[string]side{hanna: h.nhs, henry: h.community, holly: h.community} {
		cues := slices.DeleteFunc(s.told(who), func(m seen) bool { return !m.has("🔔") })
		commanding := slices.DeleteFunc(slices.Clone(cues), func(m seen) bool { return !m.has("or let it come") })
		if want := len(cues); len(cues) < 2 || who == holly && len(commanding) != 0 || who != holly && len(commanding) != want {
			h.Errorf("got %d cues for %s, %d of them with commands, want several, all with commands but the leader's", len(cues), who, len(commanding))
		}
	}
	h.checkRecord()
	h.checkAudit()
}

// recorded is an answer in chat.json.
type recorded struct {
	Section   questions.Section
	Workspace string
	Message   string
	Author    string
	Text      string
	Late      bool
	Gone      bool
}

// record reads the answers of chat.json, if it is there.
func (h *hour) record() []recorded {
	h.Helper()
	file, err := os.ReadFile(filepath.Join(h.archive, h.chat.Slug, "chat.json"))
	if os.IsNotExist(err) {
		return nil
	}
	var record struct{ Answers []recorded }
	if err == nil {
		err = json.Unmarshal(file, &record)
	}
	if err != nil {
		h.Fatal(err)
	}
	return record.Answers
}

// unnamed are people of whom the archive may not tell that they were there.
var unnamed = regexp.MustCompile(`\b(Nell|Dora|Yan)\b|[">,]Bob["<,]`)

// checkRecord holds the archive to what was said.
func (h *hour) checkRecord() {
	h.Helper()
	all, words := h.record(), h.files()
	var want int
	for _, a := range h.said {
		if a.kept {
			if strings.Contains(words, a.text) {
				h.Errorf("got %q in the archive, want it kept out", a.text)
			}
			continue
		}
		want++
		found := slices.DeleteFunc(slices.Clone(all), func(r recorded) bool { return plain(r.Text) != a.text })
		if len(found) != 1 || found[0].Section != a.section || found[0].Author != a.name || found[0].Late != a.late ||
			a.side != nil && (found[0].Workspace != a.side.target().Workspace || found[0].Message != a.id) {
			h.Errorf("got %+v in the archive, want %q once, by %s in %s (late: %v)", found, a.text, a.name, a.section, a.late)
		}
	}
	if there := slices.DeleteFunc(all, func(r recorded) bool { return r.Gone }); len(there) != want {
		h.Errorf("got %d answers in the archive, want %d: %+v", len(there), want, there)
	}
	if found := unnamed.FindString(words); found != "" {
		h.Errorf("got %s in the archive, want nobody to know of them", found)
	}
}

// checkAudit holds the audit log to what the hosts have ordered.
func (h *hour) checkAudit() {
	h.Helper()
	db, err := store.Open(context.Background(), h.address)
	if err != nil {
		h.Fatal(err)
	}
	defer db.Close()
	log, err := db.AuditLog(h.Context(), h.chat.Slug)
	if err != nil {
		h.Fatal(err)
	}
	var got []string
	for _, d := range slices.Backward(log) {
		got = append(got, d.Action)
		host := map[string]adapters.UserID{"nhs": h.nhs.account(hanna), "community": h.community.account(henry)}[d.Workspace]
		if d.Who != host || d.At.IsZero() {
			h.Errorf("got the audit line %+v, want it by a host", d)
		}
	}
	if !slices.Equal(got, h.orders) {
		h.Errorf("got the audit log %q, want %q", got, h.orders)
	}
}

// files is all that the archive holds.
func (h *hour) files() string {
	h.Helper()
	var all strings.Builder
	err := filepath.WalkDir(h.archive, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		file, err := os.ReadFile(path)
		all.Write(file)
		return err
	})
	if err != nil && !os.IsNotExist(err) { // as it is being written anew
		h.Fatal(err)
	}
	return all.String()
}

func (h *hour) step(s side, step string) string { return store.StepKey(h.chat.Slug, step, s.target()) }

// asked waits until a step is said on both sides, and the bot knows that it is.
func (h *hour) asked(step string) {
	h.Helper()
	for _, s := range []side{h.nhs, h.community} {
		waits(h, step+" is said in both rooms", func() bool {
			post, _, err := h.db.Post(h.Context(), h.step(s, step))
			if err != nil {
				h.Fatal(err)
			}
			return post.Message != "" && len(s.posts(post.Key)) > 0
		})
	}
}

// both waits until the bot has said something on both sides.
func (h *hour) both(words string) {
	h.Helper()
	shows := func(s side) bool { return slices.ContainsFunc(s.posts(""), func(m seen) bool { return m.has(words) }) }
	waits(h, words+" is said in both rooms", func() bool { return shows(h.nhs) && shows(h.community) })
}

// order has a host give a command, which the audit log words so.
func (h *hour) order(give func(by, words string), host, command, what string) {
	h.Helper()
	done := func() (n int) {
		for _, m := range h.notes(map[string]side{hanna: h.nhs, henry: h.community}[host], host) {
			if m.has("✅") {
				n++
			}
		}
		return n
	}
	before := done()
	give(host, command)
	h.orders = append(h.orders, what)
	waits(h, host+" is told what came of "+command, func() bool { return done() > before })
}

// answers has somebody answer in the thread of a step.
func (h *hour) answers(s side, by, step, text string) {
	h.Helper()
	root := s.posts(h.step(s, step))[0].id
	h.said = append(h.said, &answer{side: s, id: s.say(by, root, text), text: text, name: by, section: questions.StepSection(questions.OriginalStep(step))})
}

// passedOn waits until the copies of an answer are as they should be.
func (h *hour) passedOn(a *answer) {
	h.Helper()
	for _, s := range []side{h.nhs, h.community} {
		if s == a.side {
			continue
		}
		var name, key string
		if a.side == nil {
			name = a.name
		} else {
			from := a.side.target()
			name = a.name + " · " + from.Workspace
			key = store.RelayKey(store.AnswerKey(from.Workspace, adapters.Ref{Room: from.Room, ID: adapters.MessageID(a.id)}), s.target())
		}
		waits(h, "the copy of "+a.text+" is as it should be in "+s.target().Workspace, func() bool {
			// A copy that is said anew, under another name, has another key.
			all := slices.DeleteFunc(s.posts(""), func(m seen) bool { return !strings.HasPrefix(m.key, key) || plain(m.text) != a.text })
			if a.kept {
				return len(all) == 0
			}
			root := s.posts(h.step(s, string(a.section)))[0].id
			return len(all) == 1 && all[0].thread == root && all[0].name == name
		})
	}
}

// notes is what somebody was told in private, without what comes by itself before each step.
func (h *hour) notes(s side, who string) []seen {
	h.Helper()
	return slices.DeleteFunc(s.told(who), func(m seen) bool { return m.has("🔔") })
}

// told waits until somebody was told something privately, and returns the latest.
func (h *hour) told(s side, who string, words ...string) seen {
	h.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
		all := s.told(who)
		for _, m := range slices.Backward(all) {
			if (seen{text: unmarked.Replace(m.text)}).has(words...) {
				return m
			}
		}
		if time.Now().After(deadline) {
			h.Fatalf("waited %v in vain until %s is told %q; got %+v", patience, who, words, all)
		}
	}
}

// unmarked is a text without what formats it, where that is shown.
var unmarked = strings.NewReplacer("*", "", "`", "", "[", "", "]", "", `\`, "")

// leads checks that what somebody was told leads to these steps.
func (h *hour) leads(s side, told seen, steps ...string) {
	h.Helper()
	for _, step := range steps {
		root := s.posts(h.step(s, step))[0].id
		if !slices.ContainsFunc(told.links, func(link string) bool { return s.follow(link) == root }) {
			h.Errorf("got %+v in %s, want a link to %s", told, s.target(), step)
		}
	}
}
