package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/questions"
)

// wantGone checks that a text is neither in a room nor in the transcript.
func (n *harness) wantGone(text string, workspaces ...string) {
	n.Helper()
	for _, w := range workspaces {
		n.wantNone(w, text)
	}
	for _, a := range n.answers() {
		if strings.Contains(a.Text, text) {
			n.Errorf("got %q in the transcript, want it out", a.Text)
		}
	}
}

// optedOut returns how many people the chat's transcript counts as opted out.
func (n *harness) optedOut(slug string) int {
	n.Helper()
	t, ok, err := n.db.Transcript(n.Context(), slug)
	if err != nil || !ok {
		n.Fatalf("got no transcript: %v", err)
	}
	return t.OptedOut
}

func TestOptOutAndIn(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(7 * minute)
		n.send("nhs", "Ann", "## Q1", "Ann before")
		reply := n.send("nhs", "Bob", "## Q1", "Bob answers Ann")
		n.settle()
		n.platforms["public"].ReactAs("#chat", person("Cat"), n.find("public", "Ann before").ID, "👍", true)
		n.platforms["nhs"].ReactAs("#chat", person("Ann"), reply, "🎉", true)
		n.settle()
		if got := botReactions(n.find("public", "Bob answers")); len(got) != 1 {
			n.Errorf("got reactions %q on Bob's copy, want Ann's relayed", got)
		}
		// First in the room, later privately.
		n.send("nhs", "Ann", "", "!catchword optout")
		n.settle()
		n.wantContains("reply", n.ephemerals("nhs", person("Ann"))[0].Text, "You have opted out")
		n.wantGone("Ann before", "public")
		n.find("nhs", "Ann before") // the bot doesn't delete her own message
		if got := botReactions(n.find("public", "Bob answers")); len(got) != 0 {
			n.Errorf("got reactions %q on Bob's copy, want Ann's taken off", got)
		}
		n.send("nhs", "Ann", "## Q1", "Ann while out")
		n.platforms["nhs"].ReactAs("#chat", person("Ann"), reply, "👀", true)
		n.settle()
		n.wantGone("Ann while out", "public")
		if rows, err := n.db.AnswersBy(n.Context(), "nhs", "ann"); err != nil || len(rows) != 1 || rows[0].Text != "Ann before" {
			n.Errorf("got %+v stored (%v), want nothing that she sent while opted out", rows, err)
		}
		n.stop() // it survives a restart
		n.run()
		n.settle()
		n.wantGone("Ann while out", "public")

		n.wantContains("reply", n.command("nhs", person("Ann"), "optin"), "You’re back in", "stays out")
		n.send("nhs", "Ann", "## Q1", "Ann after")
		n.settle()
		n.wantGone("Ann while out", "public")
		n.wantInThread("public", "Ann before", "## Q1")
		n.wantInThread("public", "Ann after", "## Q1")
		if got := botReactions(n.find("nhs", "Ann before")); len(got) != 1 || got[0] != "👍" {
			n.Errorf("got reactions %q on Ann's message, want Cat's back", got)
		}
		if got := len(n.answers()); got != 3 {
			n.Errorf("got %d answers, want 3", got)
		}
		if got := n.optedOut(testChat().Slug); got != 1 {
			n.Errorf("got %d who opted out, want 1: she did for a while", got)
		}

		// Later, the archive is written again, with a tombstone.
		n.at(70 * minute)
		n.wantContains("numbers", n.find("public", "📊").Text, "3 answers from 2 people")
		n.command("nhs", person("Ann"), "opt out, please")
		n.at(72 * minute)
		n.wantContains("numbers", n.find("public", "📊").Text, "1 answer from 1 person")
		n.wantGone("Ann before", "public")
		n.wantGone("Ann after", "public")
		for file, words := range n.archiveFiles() {
			if strings.Contains(words, "Ann before") || strings.Contains(words, "Ann after") {
				n.Errorf("got Ann's words in %s, want them not in the archive", file)
			}
		}
		n.wantContains("archive", n.readArchiveFile(testChat().Slug+"/transcript.md"), "everything from 1 person in these workspaces who asked not to be recorded")
	})
}

// TestOptOutAppliesToLaterChats: people's choices hold until they choose otherwise.
func TestOptOutAppliesToLaterChats(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		c := testChat()
		c.Slug, c.Starts, c.Ends, c.Reminders = "earlier", c.Starts.Add(-5*day), c.Ends.Add(-5*day), []questions.Reminder{}
		n.schedule(c)
		n.schedule(testChat())
		n.at(-8 * day)
		n.wantContains("reply", n.command("public", person("Ann"), "optout"), "You have opted out")
		n.at(7*minute - 5*day)
		n.platforms["public"].SendAs("#chat", person("Ann"), "", "A1: not for the record #ukmedlibs")
		n.at(7 * minute)
		n.platforms["public"].SendAs("#chat", person("Ann"), "", "A1: nor is this #ukmedlibs")
		// Her account in another workspace is another person.
		n.send("nhs", "Ann", "", "A1: another Ann")
		n.settle()
		n.wantNone("nhs", "not for the record")
		n.wantNone("nhs", "nor is this")
		n.find("public", "another Ann")
		n.command("nhs", person("Dan"), "optout")
		n.command("public", person("Bob"), "optout")
		for slug, want := range map[string]int{"earlier": 1, testChat().Slug: 3} { // people who opt out later weren't there
			if got := n.optedOut(slug); got != want {
				n.Errorf("got %d who opted out of %s, want %d", got, slug, want)
			}
		}
	})
}

func TestWithheldMessage(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(7 * minute)
		id := n.send("nhs", "Ann", "## Q1", "on second thoughts")
		n.settle()
		n.find("public", "on second thoughts")
		// Somebody else's 🚫 is an ordinary reaction.
		n.platforms["nhs"].ReactAs("#chat", person("Bob"), id, "🚫", true)
		n.settle()
		if got := botReactions(n.find("public", "on second thoughts")); len(got) != 1 {
			n.Errorf("got reactions %q on the copy, want Bob's", got)
		}
		n.platforms["nhs"].ReactAs("#chat", person("Ann"), id, "🚫", true)
		n.settle()
		n.wantGone("on second thoughts", "public")
		if err := n.platforms["nhs"].EditAs("#chat", person("Ann"), id, "on third thoughts"); err != nil {
			n.Fatal(err)
		}
		n.send("nhs", "Ann", "## Q1", "but not this one")
		n.settle()
		n.wantGone("thoughts", "public")
		n.find("public", "but not this one")
		n.platforms["nhs"].ReactAs("#chat", person("Ann"), id, "🚫", false)
		n.settle()
		n.wantInThread("public", "on third thoughts", "## Q1")
		if a := n.answer("on third thoughts"); a.Withdrawn || a.Author != "Ann" {
			n.Errorf("got %+v, want the answer back", a)
		}
	})
}

func TestPseudonym(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(7 * minute)
		n.send("nhs", "Ann", "## Q1", "said as Ann")
		n.send("public", "Bob", "## Q1", "said as Bob")
		n.settle()
		n.wantContains("reply", n.command("nhs", person("Ann"), `pseudonym Quiet\_Reader`), `Quiet\_Reader`)
		n.send("nhs", "Ann", "## Q1", "said in quiet")
		n.settle()
		for _, text := range []string{"said as Ann", "said in quiet"} {
			if got := n.wantInThread("public", text, "## Q1").As.Name; got != "Quiet_Reader" {
				n.Errorf("got %q posted by %q, want by the pseudonym", text, got)
			}
			if a := n.answer(text); a.Author != "Quiet_Reader" || strings.Contains(a.AuthorID, "ann") {
				n.Errorf("got %+v, want the pseudonym, and not her account", a)
			}
		}
		n.wantContains("reply", n.command("nhs", person("Dan"), "pseudonym quiet_reader"), "is somebody else’s")
		n.command("nhs", person("Ann"), "pseudonym off")
		if got := n.find("public", "said in quiet").As.Name; got != "Ann" {
			n.Errorf("got a copy by %q, want her own name again", got)
		}
		n.wantNone("public", "Quiet")
	})
}

// TestLatestChoiceWins delivers choices in any order, and twice.
func TestLatestChoiceWins(t *testing.T) {
	inBubbleOnBoth(t, []string{"nhs", "public"}, func(n *harness) {
		n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.Seed(3); f.DuplicateChance = 1; f.Reorder = true })
		n.run()
		n.schedule(testChat())
		n.at(7 * minute)
		n.send("nhs", "Ann", "## Q1", "before")
		n.settle()
		n.stop()
		// While the bot is away, for longer than commands are valid.
		n.send("nhs", "Ann", "", "!catchword optout")
		time.Sleep(time.Second)
		n.send("nhs", "Ann", "", "!catchword optin")
		time.Sleep(time.Second)
		n.send("nhs", "Ann", "", "!catchword optout")
		n.at(12 * minute)
		n.run()
		n.settle()
		n.wantGone("before", "public")
		n.send("nhs", "Ann", "## Q1", "after")
		n.settle()
		n.wantGone("after", "public")
	})
}

func TestArrivals(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.platforms["nhs"].AddMember("#chat", person("Early"))
		n.at(17 * minute)
		for range 2 {
			n.platforms["nhs"].AddMember("#chat", person("Ann"))
		}
		n.settle()
		n.platforms["nhs"].AddMember("#chat", person("Ann"))
		n.settle()
		told := n.ephemerals("nhs", person("Ann"))
		if len(told) != 1 || len(n.ephemerals("nhs", person("Early"))) != 0 {
			n.Fatalf("got %+v, want one welcome to Ann, who came during the chat, and none to Early", told)
		}
		n.wantContains("welcome", told[0].Text, "We are on **[Q2](", "What about matter 2?", "About 9 minutes left", "Asked so far, and still open: [Q1](", "This chat is recorded", "optout")
		n.wantLink("nhs", told[0].Text, "Q1", "## Q1")
		n.wantLink("nhs", told[0].Text, "Q2", "## Q2")
	})
}

func TestWhere(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.wantContains("reply", n.command("nhs", person("Ann"), "where"), "No chat is planned")
		n.schedule(testChat())
		n.at(-day)
		n.wantContains("reply", n.command("nhs", person("Ann"), "which question are we on?"), "The chat starts on", "18 January")
		n.at(27 * minute)
		for _, workspace := range []string{"nhs", "public"} {
			told := n.command(workspace, person("Ann"), "where")
			n.wantContains("reply", told, "We are on **[Q3](", "Q4 follows at", ") · [Q2](")
			for _, q := range []string{"Q1", "Q2", "Q3"} {
				n.wantLink(workspace, told, q, "## "+q)
			}
		}
		// In the room: answered privately, and recorded as usual where everything belongs to the chat.
		n.send("nhs", "Bob", "", "Which question are we on?")
		n.settle()
		if told := n.ephemerals("nhs", person("Bob")); len(told) != 1 || !strings.Contains(told[0].Text, "We are on **[Q3](") {
			n.Errorf("got %+v, want Bob told where the chat is", told)
		}
		if a := n.answer("Which question"); a.Section != "q3" {
			n.Errorf("got %+v, want it received as well", a)
		}
		n.wantContains("help", n.command("nhs", person("Ann"), "help"), "`optout`")
		n.wantContains("help", n.command("nhs", host, "help"), "You host this chat")
		n.wantContains("help", n.command("nhs", person("Ann"), "make coffee"), "don’t know that command")
		n.at(90 * minute)
		n.wantContains("reply", n.command("nhs", person("Ann"), "where"), "is over")
	})
}

// TestConsentNoticeInEveryRoom looks for the notice before the chat, at its start, halfway and at its end.
func TestConsentNoticeInEveryRoom(t *testing.T) {
	inBubble(t, []string{"nhs", "public", "third"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(70 * minute)
		for _, w := range []string{"nhs", "public", "third"} {
			told := map[string]int{}
			for _, m := range n.platforms[w].Messages("#chat") {
				for _, what := range []string{reminder, "Welcome", "Halfway", "🙏"} {
					if strings.Contains(m.Text, what) && (what == reminder || !strings.HasPrefix(m.Text, reminder)) {
						told[what]++
						n.wantContains(what+" in "+w, m.Text, "recorded", "optout")
					}
				}
			}
			if len(told) != 4 || told[reminder] != 4 {
				n.Errorf("got notices %v in %s, want four reminders, the welcome, the halfway line and the closing", told, w)
			}
		}
	})
}
