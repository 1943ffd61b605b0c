package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// TestFullChatWithFaults runs a whole chat on two platforms that refuse, lose, duplicate and reorder.
func TestFullChatWithFaults(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			address := storetest.Address(t)
			synctest.Test(t, func(t *testing.T) {
				h := &fullChat{T: t, address: address, faulty: true}
				h.nhs = &fakePlatform{adaptertest.NewPlatform("nhs", fakeRoom), t, "nhs", false}
				h.community = &fakePlatform{adaptertest.NewPlatform("community", fakeRoom), t, "community", true}
				for _, s := range []platform{h.nhs, h.community} {
					s.(*fakePlatform).SetFaults(func(f *adaptertest.Faults) {
						f.Seed(seed)
						f.RefuseChance, f.LoseResponseChance, f.DuplicateChance, f.Reorder = 0.15, 0.15, 0.3, true
						f.ResponseLatency = 200 * time.Millisecond
					})
				}
				h.play()
			})
		})
	}
}

// A fullChat runs between two rooms on different platforms, with a host in each. It lasts as long as people take, which
// is far less than its timetable.
type fullChat struct {
	*testing.T
	address        string // of the database
	faulty         bool   // the platforms are
	nhs, community platform
	archive        string
	chat           questions.Chat
	db             *store.DB
	stop           func() // the bot
	sent           []*expectedAnswer
	wantAudit      []string // the hosts' commands, as the audit log has them
}

// An expectedAnswer is an answer, and what must become of it.
type expectedAnswer struct {
	platform platform
	id       string
	text     string
	name     string // under which it is relayed and archived
	section  questions.Section
	late     bool
	keptOut  bool // its author opted out
}

// The hosts, one on each side, and the leader, who isn't a host.
const (
	hanna = "Hanna Host"
	henry = "Henry Host"
	holly = "Holly Case"
)

// The people who are there from the start.
var (
	nhsPeople       = []string{hanna, "Ann", "Ben", "Dora"}
	communityPeople = []string{henry, holly, "Bob", "Bea", "Nell"}
)

// play runs the whole chat.
func (h *fullChat) play() {
	h.archive = filepath.Join(h.TempDir(), "archive")
	begin := time.Now().Add(3 * time.Second).Truncate(time.Second).UTC()
	h.chat = questions.Chat{
		Slug: "evening", Title: "Evening", Hashtag: "#evening", Leader: holly, LeaderAccounts: []string{"community/" + string(h.community.userID(holly))},
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
	h.firstQuestion()
	h.pauseChat()
	h.moveTimetable()
	h.addQuestions()
	h.makeChoices()
	h.close()
	h.check()
}

// run starts the bot, as after a restart.
func (h *fullChat) run() {
	h.Helper()
	db, err := store.Open(h.Context(), h.address)
	if err != nil {
		h.Fatal(err)
	}
	db.DisableLeases() // a bubble's clock stands still during a renewal, and a machine whose clock does loses its lease
	shared, err := db.OpenShared(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(h.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	var workspaces []bot.Workspace
	for host, s := range map[string]platform{hanna: h.nhs, henry: h.community} {
		w := s.workspace(shared, log)
		w.Hosts = []adapters.UserID{s.userID(host)}
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

// firstQuestion has people answer the first question, and both hosts send next at the same moment.
func (h *fullChat) firstQuestion() {
	h.waitStep("q1")
	h.answerStep(h.nhs, "Ann", "q1", "Ann is heard")
	h.answerStep(h.community, "Bob", "q1", "Bob is heard")
	h.answerStep(h.nhs, "Ben", "q1", "Ben thinks better of it")
	for who, s := range map[string]platform{hanna: h.nhs, henry: h.community, holly: h.community} {
		h.waitDirectMessage(s, who, "🔔", "Q2 in")
	}
	replies := func() int { return len(h.replies(h.nhs, hanna)) + len(h.replies(h.community, henry)) }
	before := replies()
	h.nhs.click(hanna, "Q2 in", "Now")
	h.community.command(henry, "next")
	h.waitStep("q2")
	h.wantAudit = append(h.wantAudit, "next q2")
	waitFor(h, "both hosts know what came of it", func() bool { return replies() == before+2 })
}

// pauseChat pauses the chat. Meanwhile the bot is restarted, people arrive, ask where they are, and try hosts'
// commands.
func (h *fullChat) pauseChat() {
	h.hostCommand(h.community.mention, henry, "hold", "pause")
	h.waitBoth("A short break")
	h.stop()
	h.answerStep(h.nhs, "Ben", "q2", "said while nobody listens")
	h.run()
	for who, s := range map[string]platform{"Zoe": h.nhs, "Yan": h.community} {
		s.join(who)
		h.wantLinks(s, h.waitDirectMessage(s, who, "👋", "Second?", "recorded"), "q1", "q2")
	}
	h.nhs.command("Ben", "where")
	h.wantLinks(h.nhs, h.waitDirectMessage(h.nhs, "Ben", "We are on", "Second?", "Paused since"), "q1", "q2")
	h.community.command("Bea", "which question are we on?")
	h.wantLinks(h.community, h.waitDirectMessage(h.community, "Bea", "We are on", "Second?", "Paused since"), "q1", "q2")

	const no = "Only hosts can do that"
	h.nhs.command("Ben", "next")
	h.waitDirectMessage(h.nhs, "Ben", no)
	h.community.mention("Bea", "end")
	h.waitDirectMessage(h.community, "Bea", no)
	h.community.sendDirect(holly, "skip")
	h.waitDirectMessage(h.community, holly, no)
	h.hostCommand(h.nhs.sendDirect, hanna, "resume", "resume")
	h.waitBoth("▶️")
}

// moveTimetable moves the timetable back and forth, from both sides and by every means.
func (h *fullChat) moveTimetable() {
	h.hostCommand(h.nhs.command, hanna, "extend 5m", "extend by 5 minutes")
	h.waitBoth("⏱")
	h.hostCommand(h.community.command, henry, "skip", "skip q3")
	h.waitBoth("Q3 is skipped")
	h.hostCommand(h.nhs.mention, hanna, "back", "back q3")
	h.waitBoth("ask Q3 after all")
	h.hostCommand(h.community.command, henry, "next q3", "next q3")
	h.waitStep("q3")
	h.hostCommand(h.nhs.sendDirect, hanna, "extend 40m", "extend by 40 minutes")
	h.hostCommand(h.nhs.command, hanna, "repeat", "repeat q3")
	h.waitStep("q3.2")
	for _, s := range []platform{h.nhs, h.community} {
		h.wantLinks(s, s.posts(h.stepKey(s, "q3.2"))[0], "q3")
	}
	h.answerStep(h.community, "Bea", "q3.2", "under the second saying")
}

// addQuestions posts what isn't in the chat file: a host's question and announcement, a suggestion, and an anonymous
// answer.
func (h *fullChat) addQuestions() {
	h.hostCommand(h.community.sendDirect, henry, "ask And the mice?", "ask q5")
	h.waitStep("q5")
	h.answerStep(h.nhs, "Ann", "q5", "Ann fears the mice")
	h.answerStep(h.community, "Bob", "q5", "Bob does not")
	h.hostCommand(h.nhs.command, hanna, "say Cake is in the kitchen", "say")
	h.waitBoth("Cake is in the kitchen")
	for host, s := range map[string]platform{hanna: h.nhs, henry: h.community} {
		s.command(host, "status")
		h.wantAudit = append(h.wantAudit, "status")
		h.waitDirectMessage(s, host, "Q5 has been live since", "nhs #", "community #", " posted", "Answers: ")
	}
	h.community.sendDirect("Bea", "suggest What of lunch?")
	h.waitDirectMessage(h.nhs, hanna, "💡", "What of lunch?")
	h.waitDirectMessage(h.community, henry, "💡", "What of lunch?")
	press := func(label string) func(by, card string) {
		return func(by, card string) { h.nhs.click(by, card, label) }
	}
	h.hostCommand(press("Ask it"), hanna, "What of lunch?", "accept suggestion 1")
	h.waitStep("q6")
	h.waitBoth("Suggested by Bea")

	h.community.sendDirect("Nell", "anon I fear my manager")
	h.waitDirectMessage(h.community, henry, "🕶", "I fear my manager")
	h.hostCommand(h.community.command, henry, "accept 2", "accept suggestion 2")
	h.nhs.sendDirect("Dora", "anon I fear my budget")
	h.waitDirectMessage(h.nhs, hanna, "🕶", "I fear my budget")
	h.hostCommand(press("Share it"), hanna, "I fear my budget", "accept suggestion 3")
	for _, text := range []string{"I fear my manager", "I fear my budget"} {
		h.sent = append(h.sent, &expectedAnswer{text: text, name: "Anonymous", section: "q6"})
		h.waitBoth(text)
	}
}

// makeChoices has people make their choices about the record.
func (h *fullChat) makeChoices() {
	h.answerStep(h.community, "Yan", "q6", "Yan should not have said so")
	h.waitCopies()
	// Ann opts out, and back in: what she sends in between stays out for good. Yan opts out.
	h.nhs.sendDirect("Ann", "optout")
	h.waitDirectMessage(h.nhs, "Ann", "You have opted out")
	h.community.command("Yan", "optout")
	h.waitDirectMessage(h.community, "Yan", "You have opted out")
	h.setKeptOut("Ann", true)
	h.setKeptOut("Yan", true)
	h.waitCopies()
	h.answerStep(h.nhs, "Ann", "q6", "said to her own room alone")
	between := h.sent[len(h.sent)-1]
	time.Sleep(pollInterval) // otherwise their order is undefined
	h.nhs.command("Ann", "optin")
	h.waitDirectMessage(h.nhs, "Ann", "You’re back in")
	h.setKeptOut("Ann", false)
	between.keptOut = true

	h.community.command("Bob", "pseudonym Owl")
	for _, a := range h.sent {
		switch {
		case a.name == "Bob":
			a.name = "Owl"
		case a.text == "Ben thinks better of it":
			h.nhs.react("Ben", a.id, "🚫", true)
			a.keptOut = true
		}
	}
	h.waitCopies()
}

// setKeptOut marks everything that somebody has sent as kept out, or not.
func (h *fullChat) setKeptOut(name string, out bool) {
	for _, a := range h.sent {
		if a.name == name {
			a.keptOut = out
		}
	}
}

// waitCopies waits until all copies are right.
func (h *fullChat) waitCopies() {
	h.Helper()
	for _, a := range h.sent {
		h.waitCopy(a)
	}
}

// close ends the chat, and has somebody answer after it.
func (h *fullChat) close() {
	h.hostCommand(h.community.mention, henry, "end", "end")
	h.waitStep("closing")
	h.waitStep("numbers")
	h.answerStep(h.community, "Bob", "q1", "one more thought")
	late := h.sent[len(h.sent)-1]
	late.name, late.late = "Owl", true
	h.waitCopy(late)
	waitFor(h, "the archive has all", func() bool {
		all := h.archivedAnswers()
		return slices.ContainsFunc(all, func(a archivedAnswer) bool { return a.Text == late.text }) && !strings.Contains(h.archiveText(), "Ben thinks better")
	})
	h.stop()
}

// check checks the result at the end.
func (h *fullChat) check() {
	steps := []string{"welcome", "introductions", "q1", "q2", "q3", "q3.2", "q5", "q6", "closing", "numbers"}
	for _, s := range []platform{h.nhs, h.community} {
		keys := map[string]int{}
		for _, p := range s.posts("") {
			keys[p.key]++
		}
		for key, times := range keys {
			if times != 1 || key == "" {
				h.Errorf("got %q posted %d times in %s, want each once", key, times, s.target())
			}
		}
		for _, step := range steps {
			if keys[h.stepKey(s, step)] != 1 {
				h.Errorf("got %s posted %d times in %s, want once", step, keys[h.stepKey(s, step)], s.target())
			}
		}
		for _, step := range []string{"q4", "halfway", "last-call"} {
			if keys[h.stepKey(s, step)] != 0 {
				h.Errorf("got %s posted in %s, want it left out", step, s.target())
			}
		}
		copies := 0
		for _, a := range h.sent {
			if a.platform != s && !a.keptOut {
				copies++
			}
		}
		// The further posts are those for hold, extend twice, skip, back and say.
		if want := len(steps) + 6 + copies; len(keys) != want {
			h.Errorf("got %d posts in %s, want %d: %+v", len(keys), s.target(), want, s.posts(""))
		}
	}
	for who, s := range map[string]platform{"Zoe": h.nhs, "Yan": h.community} {
		welcomes := slices.DeleteFunc(s.directMessages(who), func(m botMessage) bool { return !m.contains("👋") })
		if len(welcomes) != 1 {
			h.Errorf("got %+v sent to %s, want one welcome", welcomes, who)
		}
	}
	least := 2
	if h.faulty {
		least = 1 // one that arrives after its step is dropped, but all have waited for that of Q2
	}
	for who, s := range map[string]platform{hanna: h.nhs, henry: h.community, holly: h.community} {
		cues := slices.DeleteFunc(s.directMessages(who), func(m botMessage) bool { return !m.contains("🔔") })
		commanding := slices.DeleteFunc(slices.Clone(cues), func(m botMessage) bool { return !m.contains("To change that, send") })
		if want := len(cues); len(cues) < least || who == holly && len(commanding) != 0 || who != holly && len(commanding) != want {
			h.Errorf("got %d heads-ups for %s, %d of them with commands, want several, all with commands except the leader's", len(cues), who, len(commanding))
		}
	}
	h.checkArchive()
	h.checkAudit()
}

// archivedAnswer is an answer in chat.json.
type archivedAnswer struct {
	Section   questions.Section
	Workspace string
	Message   string
	Author    string
	Text      string
	Late      bool
	Gone      bool
}

// archivedAnswers reads the answers of chat.json, if it is there.
func (h *fullChat) archivedAnswers() []archivedAnswer {
	h.Helper()
	file, err := os.ReadFile(filepath.Join(h.archive, h.chat.Slug, "chat.json"))
	if os.IsNotExist(err) {
		return nil
	}
	var record struct{ Answers []archivedAnswer }
	if err == nil {
		err = json.Unmarshal(file, &record)
	}
	if err != nil {
		h.Fatal(err)
	}
	return record.Answers
}

// hiddenNames are the people that the archive must not mention.
var hiddenNames = regexp.MustCompile(`\b(Nell|Dora|Yan)\b|[">,]Bob["<,]`)

// checkArchive compares the archive with what was sent.
func (h *fullChat) checkArchive() {
	h.Helper()
	all, words := h.archivedAnswers(), h.archiveText()
	var want int
	for _, a := range h.sent {
		if a.keptOut {
			if strings.Contains(words, a.text) {
				h.Errorf("got %q in the archive, want it kept out", a.text)
			}
			continue
		}
		want++
		found := slices.DeleteFunc(slices.Clone(all), func(r archivedAnswer) bool { return unescape(r.Text) != a.text })
		if len(found) != 1 || found[0].Section != a.section || found[0].Author != a.name || found[0].Late != a.late ||
			a.platform != nil && (found[0].Workspace != a.platform.target().Workspace || found[0].Message != a.id) {
			h.Errorf("got %+v in the archive, want %q once, by %s in %s (late: %v)", found, a.text, a.name, a.section, a.late)
		}
	}
	if there := slices.DeleteFunc(all, func(r archivedAnswer) bool { return r.Gone }); len(there) != want {
		h.Errorf("got %d answers in the archive, want %d: %+v", len(there), want, there)
	}
	if found := hiddenNames.FindString(words); found != "" {
		h.Errorf("got %s in the archive, want no mention of them", found)
	}
}

// checkAudit compares the audit log with the hosts' commands.
func (h *fullChat) checkAudit() {
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
		host := map[string]adapters.UserID{"nhs": h.nhs.userID(hanna), "community": h.community.userID(henry)}[d.Workspace]
		if d.Who != host || d.At.IsZero() {
			h.Errorf("got the audit line %+v, want it by a host", d)
		}
	}
	if !slices.Equal(got, h.wantAudit) {
		h.Errorf("got the audit log %q, want %q", got, h.wantAudit)
	}
}

// archiveText returns the content of all files of the archive.
func (h *fullChat) archiveText() string {
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
	if err != nil && !os.IsNotExist(err) { // it is being rewritten
		h.Fatal(err)
	}
	return all.String()
}

func (h *fullChat) stepKey(s platform, step string) string {
	return store.StepKey(h.chat.Slug, step, s.target())
}

// waitStep waits until a step is posted on both sides, and the bot knows it.
func (h *fullChat) waitStep(step string) {
	h.Helper()
	for _, s := range []platform{h.nhs, h.community} {
		waitFor(h, step+" is said in both rooms", func() bool {
			post, _, err := h.db.Post(h.Context(), h.stepKey(s, step))
			if err != nil {
				h.Fatal(err)
			}
			return post.Message != "" && len(s.posts(post.Key)) > 0
		})
	}
}

// waitBoth waits until the bot has posted something on both sides.
func (h *fullChat) waitBoth(words string) {
	h.Helper()
	shows := func(s platform) bool {
		return slices.ContainsFunc(s.posts(""), func(m botMessage) bool { return m.contains(words) })
	}
	waitFor(h, words+" is said in both rooms", func() bool { return shows(h.nhs) && shows(h.community) })
}

// hostCommand has a host give a command. The audit log has it as given.
func (h *fullChat) hostCommand(give func(by, words string), host, command, what string) {
	h.Helper()
	done := func() (n int) {
		for _, m := range h.replies(map[string]platform{hanna: h.nhs, henry: h.community}[host], host) {
			if m.contains("✅") {
				n++
			}
		}
		return n
	}
	before := done()
	give(host, command)
	h.wantAudit = append(h.wantAudit, what)
	waitFor(h, host+" is told what came of "+command, func() bool { return done() > before })
}

// answerStep has somebody answer in the thread of a step.
func (h *fullChat) answerStep(s platform, by, step, text string) {
	h.Helper()
	root := s.posts(h.stepKey(s, step))[0].id
	h.sent = append(h.sent, &expectedAnswer{platform: s, id: s.send(by, root, text), text: text, name: by, section: questions.StepSection(questions.OriginalStep(step))})
}

// waitCopy waits until the copies of an answer are right.
func (h *fullChat) waitCopy(a *expectedAnswer) {
	h.Helper()
	for _, s := range []platform{h.nhs, h.community} {
		if s == a.platform {
			continue
		}
		var name, key string
		if a.platform == nil {
			name = a.name
		} else {
			from := a.platform.target()
			name = a.name + " · " + from.Workspace
			key = store.RelayKey(store.AnswerKey(from.Workspace, adapters.Ref{Room: from.Room, ID: adapters.MessageID(a.id)}), s.target())
		}
		waitFor(h, "the copy of "+a.text+" is as it should be in "+s.target().Workspace, func() bool {
			// A copy that is posted again, under another name, has another key.
			all := slices.DeleteFunc(s.posts(""), func(m botMessage) bool { return !strings.HasPrefix(m.key, key) || unescape(m.text) != a.text })
			if a.keptOut {
				return len(all) == 0
			}
			root := s.posts(h.stepKey(s, string(a.section)))[0].id
			return len(all) == 1 && all[0].thread == root && all[0].name == name
		})
	}
}

// replies returns what somebody was told privately, without the heads-ups.
func (h *fullChat) replies(s platform, who string) []botMessage {
	h.Helper()
	return slices.DeleteFunc(s.directMessages(who), func(m botMessage) bool { return m.contains("🔔") })
}

// waitDirectMessage waits until somebody was told something privately, and returns the latest.
func (h *fullChat) waitDirectMessage(s platform, who string, words ...string) botMessage {
	h.Helper()
	for deadline := time.Now().Add(waitTimeout); ; time.Sleep(pollInterval) {
		all := s.directMessages(who)
		for _, m := range slices.Backward(all) {
			if (botMessage{text: stripMarkup.Replace(m.text)}).contains(words...) {
				return m
			}
		}
		if time.Now().After(deadline) {
			h.Fatalf("timed out after %v waiting until %s is told %q; got %+v", waitTimeout, who, words, all)
		}
	}
}

// stripMarkup removes formatting characters.
var stripMarkup = strings.NewReplacer("*", "", "`", "", "[", "", "]", "", `\`, "")

// wantLinks checks that what somebody was told links to these steps.
func (h *fullChat) wantLinks(s platform, told botMessage, steps ...string) {
	h.Helper()
	for _, step := range steps {
		root := s.posts(h.stepKey(s, step))[0].id
		if !slices.ContainsFunc(told.links, func(link string) bool { return s.followLink(link) == root }) {
			h.Errorf("got %+v in %s, want a link to %s", told, s.target(), step)
		}
	}
}
