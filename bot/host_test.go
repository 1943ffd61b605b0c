package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/questions"
)

// The hosts of all tests: each workspace has an account called host, a different person in each.
var host = adapters.User{ID: "host", Name: "Hanna Host"}

// command has somebody give a command privately, and returns what they are told.
func (n *harness) command(workspace string, user adapters.User, text string) string {
	n.Helper()
	before := len(n.ephemerals(workspace, user))
	n.platforms[workspace].CommandAs("#chat", user, text)
	n.settle()
	told := n.ephemerals(workspace, user)
	if len(told) != before+1 {
		n.Fatalf("got %d ephemeral messages to %s after %q, want one: %+v", len(told)-before, user.ID, text, told[before:])
	}
	return told[before].Text
}

// ephemerals lists what somebody was told privately, without the heads-ups.
func (n *harness) ephemerals(workspace string, user adapters.User) (all []adaptertest.Event) {
	for _, e := range n.platforms[workspace].Ephemerals() {
		if e.User == user.ID && !strings.HasPrefix(e.Text, "🔔") {
			all = append(all, e)
		}
	}
	return all
}

func (n *harness) wantContains(what, got string, want ...string) {
	n.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			n.Errorf("got %s %q, want %q in it", what, got, w)
		}
	}
}

// wantLink checks that the link with these words, in what somebody was told, leads to the one message that contains
// text.
func (n *harness) wantLink(workspace, told, words, text string) {
	n.Helper()
	_, link, _ := strings.Cut(told, "["+words+"](")
	link, _, _ = strings.Cut(link, ")")
	if m, ok := n.platforms[workspace].OpenPermalink("#chat", link); !ok || m.ID != n.find(workspace, text).ID {
		n.Errorf("got %q, where [%s] leads to %+v, want it to lead to %q", told, words, m, text)
	}
}

// wantPostedNear checks when some of the bot's posts appeared in all rooms, after the chat's start.
func (n *harness) wantPostedNear(want map[string]time.Duration) {
	n.Helper()
	for workspace := range n.platforms {
		for text, at := range want {
			if got := n.postedAt(workspace, text); got < at || got > at+15*time.Second {
				n.Errorf("got %q in %s after %v, want %v", text, workspace, got, at)
			}
		}
	}
}

const minute = time.Minute

func TestNextMovesQuestionsButNotTheEnd(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(10 * minute)
		n.wantContains("reply", n.command("nhs", host, "next"), "✅", "Q2 is on its way", "Q3 follows at", "20:20")
		n.at(58 * minute)
		n.wantContains("reply", n.command("public", host, "Next, please!"), "That was the last question", "21:00")
		n.at(70 * minute)
		n.wantPostedNear(map[string]time.Duration{
			"## Q1": 6 * minute, "## Q2": 10 * minute, "## Q3": 20 * minute, "## Q4": 30 * minute, "## Q5": 40 * minute,
			"Halfway": 30 * minute, "last few minutes": 55 * minute, "🙏": 60 * minute,
		})
	})
}

func TestNextFromTwoHostsCountsOnce(t *testing.T) {
	inBubbleOnBoth(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(10 * minute)
		// At the same moment, as messages.
		for _, p := range n.platforms {
			p.CommandAs("#chat", host, "next")
			p.CommandAs("#chat", host, "status") // it has no effect on the timetable
		}
		n.settle()
		// And again, each with the button of a heads-up for Q3.
		n.at(18*minute - 4*time.Second)
		n.at(19 * minute)
		for w, p := range n.platforms {
			var cue adaptertest.Event
			for _, e := range p.Ephemerals() {
				if strings.HasPrefix(e.Text, "🔔") {
					cue = e
				}
			}
			n.wantContains("cue in "+w, cue.Text, "🔔 **Q3 in 2 minutes**")
			if err := p.PressButton(cue, host, "Now"); err != nil {
				n.Fatal(err)
			}
		}
		n.settle()
		n.at(28 * minute)
		n.wantPostedNear(map[string]time.Duration{"## Q2": 10 * minute, "## Q3": 19 * minute})
		n.wantNone("nhs", "## Q4")
		// A command just after a step of the timetable was meant for that step, and is ignored.
		n.at(29*minute + 2*time.Second)
		n.platforms["nhs"].CommandAs("#chat", host, "next")
		n.at(29 * minute)
		told := n.ephemerals("nhs", host)
		n.wantContains("reply", told[len(told)-1].Text, "posted just now")
		n.wantNone("nhs", "## Q5")
	})
}

func TestPauseAndResume(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(15 * minute)
		n.wantContains("reply", n.command("nhs", host, "pause"), "Paused since", "20:15")
		n.wantContains("line", n.find("public", "⏸").Text, "A short break")
		n.send("public", "Ann", "## Q1", "while it is held")
		n.at(20 * minute)
		n.wantNone("nhs", "## Q2")
		n.stop() // across a restart
		n.run()
		n.at(22 * minute)
		n.wantNone("nhs", "## Q2")
		if a := n.answer("while it is held"); a.Section != "q1" {
			n.Errorf("got an answer in %s during the break, want in q1", a.Section)
		}
		n.wantContains("status", n.command("public", host, "status"), "Paused since", "Q1 1")
		n.wantContains("reply", n.command("public", host, "resume"), "Q1 has been live since", "Q2 follows at", "20:2", "closes at", "21:0")
		n.wantContains("line", n.find("nhs", "▶️").Text, "continued at", "20:22", "Q2 follows at")
		n.wantNone("nhs", "⏸")
		n.at(75 * minute)
		// The chat was paused from 15:03 to 22:06.
		n.wantPostedNear(map[string]time.Duration{"## Q2": 23 * minute, "## Q5": 53 * minute, "🙏": 67 * minute})
	})
}

func TestAbandonedPauseEndsChat(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(30 * minute)
		n.command("nhs", host, "hold")
		n.at(74 * minute)
		n.wantNone("nhs", "🙏")
		n.at(76 * minute)
		n.find("public", "🙏")
		n.find("nhs", "📊")
		n.wantNone("nhs", "## Q5")
	})
}

func TestExtendSkipBack(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(10 * minute)
		n.wantContains("reply", n.command("nhs", host, "extend 3m"), "Q2 follows at", "20:19", "closes at", "21:03")
		n.wantContains("line", n.find("public", "⏱").Text, "3 minutes more for Q1", "Q2 follows at")
		n.at(20 * minute)
		n.wantContains("reply", n.command("public", host, "skip"), "Q4 follows at", "20:29", "`back`")
		n.wantContains("line", n.find("nhs", "⏭").Text, "Q3 is skipped", "Q4 follows at")
		n.wantContains("reply", n.command("nhs", host, "back"), "Q3 follows at", "20:29")
		n.find("public", "ask Q3 after all")
		n.at(31 * minute)
		// Q3 came too early: back to Q2, and Q3 again after it.
		n.wantContains("reply", n.command("nhs", host, "back"), "✅", "Q3 follows at", "20:39")
		back := n.find("public", "Back to Q2")
		n.wantContains("question", back.Text, "What about matter 2?")
		n.platforms["public"].SendAs("#chat", person("Ann"), back.ID, "under the question that came back")
		n.send("nhs", "Bob", "", "while it is back")
		n.settle()
		for _, text := range []string{"under the question", "while it is back"} {
			if a := n.answer(text); a.Section != "q2" {
				n.Errorf("got %q in %s, want in q2", text, a.Section)
			}
		}
		n.wantInThread("nhs", "under the question", "## Q2")
		n.at(80 * minute)
		n.wantPostedNear(map[string]time.Duration{
			"## Q2": 19 * minute, "## Q3": 29 * minute, "Q3 again": 39 * minute, "## Q4": 49 * minute, "## Q5": 59 * minute, "🙏": 73 * minute,
		})
	})
}

func TestEndAndStatus(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.platforms["public"].SetFaults(func(f *adaptertest.Faults) { f.Stuck = map[string]bool{"#chat": true} })
		n.run()
		n.schedule(testChat())
		n.at(-5 * minute)
		n.wantContains("reply", n.command("nhs", host, "end"), "hasn’t started")
		n.at(30 * minute)
		n.send("nhs", "Ann", "## Q3", "three")
		status := n.command("nhs", host, "status")
		n.wantContains("status", status, "Q3 has been live since", "nhs #chat: 6 posted", "public #chat: 0 posted; late: the welcome (about 30 minutes)", "Q3 1")
		n.wantContains("reply", n.command("nhs", host, "end"), "✅")
		n.find("nhs", "🙏")
		n.at(32 * minute)
		n.wantContains("numbers", n.find("nhs", "📊").Text, "1 answer from 1 person") // long before the planned end
		n.at(59 * minute)
		n.wantNone("nhs", "## Q4")
		n.wantNone("nhs", "last few")
		n.wantContains("reply", n.command("nhs", host, "next"), "The chat is over")
		n.platforms["public"].SetFaults(func(f *adaptertest.Faults) { f.Stuck = nil })
		n.at(62 * minute)
		n.wantNone("public", "## Q4")
		n.find("public", "🙏")
	})
}

func TestNextStartsChat(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(-3 * day)
		n.wantContains("reply", n.command("nhs", host, "next"), "The chat starts on", "18 January")
		n.wantContains("reply", n.command("nhs", host, "hold"), "change the date in its chat file")
		n.at(-5 * minute)
		n.wantContains("reply", n.command("nhs", host, "next"), "✅")
		n.at(70 * minute)
		n.wantPostedNear(map[string]time.Duration{"Welcome": -5 * minute, "## Q1": minute, "🙏": 60 * minute})
	})
}

// TestCommandRules checks which commands are refused or ignored.
func TestCommandRules(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.Seed(1); f.DuplicateChance = 1 })
		n.run()
		n.schedule(testChat())
		n.at(10 * minute)
		n.wantContains("reply", n.command("nhs", person("Ann"), "next"), "Only hosts can do that")
		// In the room, where everybody sees it: no answer, and relayed to nobody.
		n.send("nhs", "Ann", "## Q1", "!catchword next")
		n.send("nhs", "Ann", "", "@catchword, extend 3m")
		n.send("nhs", "Ann", "", "@catchword next year we plan to share a library")
		n.settle()
		n.wantNone("public", "extend")
		n.wantNone("public", "!catchword next")
		n.wantInThread("public", "next year", "## Q1")
		n.wantNone("nhs", "## Q2")
		if all := n.ephemerals("nhs", person("Ann")); len(all) != 4 {
			n.Errorf("got %d ephemeral messages to Ann, want a refusal for each command, and help: %+v", len(all), all)
		}
		n.platforms["nhs"].SendAs("#chat", host, "", "!catchword next")
		n.settle()
		n.find("nhs", "## Q2")
		if got := len(n.ephemerals("nhs", host)); got != 1 {
			n.Errorf("got %d replies to the host, want 1", got)
		}

		// While the bot is away.
		n.stop()
		n.platforms["nhs"].SendAs("#chat", host, "", "!catchword next")
		n.platforms["nhs"].CommandAs("#chat", host, "skip")
		time.Sleep(90 * time.Second)
		n.run()
		n.settle()
		n.wantNone("nhs", "## Q3")
		told := n.ephemerals("nhs", host)
		if len(told) != 3 {
			n.Fatalf("got %d replies to the host, want two more", len(told))
		}
		for _, e := range told[1:] {
			n.wantContains("reply", e.Text, "I was offline", "Q2", "Q3 follows at")
		}
		n.stop()
		n.run()
		n.at(3 * time.Hour)
		n.stop()
		n.run()
		n.settle()
		if again := n.ephemerals("nhs", host); len(again) != 3 {
			n.Errorf("got %+v, want no command answered twice", again[3:])
		}
		for _, a := range n.answers() {
			if strings.Contains(a.Text, "!catchword") || strings.Contains(a.Text, "extend") {
				n.Errorf("got the command %q as an answer", a.Text)
			}
		}
		log, err := n.db.AuditLog(n.Context(), testChat().Slug)
		if err != nil || len(log) != 1 || log[0].Action != "next q2" || log[0].Who != "host" || log[0].Workspace != "nhs" {
			n.Errorf("got audit log %+v (%v), want the one command that was carried out", log, err)
		}
	})
}

func TestLateRoomFollowsTimetable(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.platforms["public"].SetFaults(func(f *adaptertest.Faults) { f.Stuck = map[string]bool{"#chat": true} })
		n.run()
		n.schedule(testChat())
		n.at(10 * minute)
		n.command("nhs", host, "extend 5m")
		n.command("nhs", host, "skip q3")
		c := testChat()
		c.Questions[3].Text = "What about matter 4, reworded?"
		n.schedule(c)
		n.platforms["public"].SetFaults(func(f *adaptertest.Faults) { f.Stuck = nil })
		n.at(70 * minute)
		for _, w := range []string{"nhs", "public"} {
			n.wantNone(w, "matter 3")
			if got := n.postedAt(w, "reworded"); got.Round(5*time.Second) != 31*minute {
				n.Errorf("got Q4 in %s after %v, want 31m", w, got)
			}
		}
	})
}

func TestTimetable(t *testing.T) {
	at := func(m int) time.Time { return start.Add(time.Duration(m) * minute) }
	table := func(closing int) timetable {
		return timetable{
			{name: "q1", kind: questions.KindQuestion, planned: at(6), due: at(6), startedAt: at(6)},
			{name: "q2", kind: questions.KindQuestion, planned: at(16), due: at(16)},
			{name: "q3", kind: questions.KindQuestion, planned: at(26), due: at(26)},
			{name: "last-call", kind: questions.KindLastCall, planned: at(55), due: at(closing - 5)},
			{name: "closing", kind: questions.KindClosing, planned: at(60), due: at(closing)},
		}
	}
	for _, test := range []struct {
		name    string
		table   timetable
		by      time.Duration
		closing int
	}{
		{"later", table(60), 3 * minute, 63},
		{"sooner", table(60), -5 * minute, 60},
		{"sooner, after an extension", table(67), -5 * minute, 62},
		{"much sooner, after an extension", table(67), -10 * minute, 60},
		{"later, with time to spare", table(60).shift(at(7), -5*minute), 4 * minute, 60},
		{"later, with less to spare", table(60).shift(at(7), -5*minute), 7 * minute, 62},
	} {
		moved := test.table.shift(at(7), test.by)
		if got, _ := moved.find("closing"); !got.due.Equal(at(test.closing)) {
			t.Errorf("%s: got the closing at %v, want minute %d", test.name, got.due.Sub(start), test.closing)
		}
		before, _ := test.table.find("q3")
		if got, _ := moved.find("q3"); !got.due.Equal(before.due.Add(test.by)) {
			t.Errorf("%s: got Q3 at %v, want it moved by %v", test.name, got.due.Sub(start), test.by)
		}
		if _, ok := moved.find("q1"); ok {
			t.Errorf("%s: got Q1 moved, which was posted already", test.name)
		}
	}
}
