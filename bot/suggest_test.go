package bot

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

func TestAskAndRepeat(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(-day)
		n.wantContains("reply", n.command("nhs", host, "ask Too soon?"), "hasn’t started")
		n.at(10 * minute)
		n.wantContains("reply", n.command("public", host, "ask And what about **money**?"), "Q6 is on its way", "Q2 follows at", "20:16")
		for _, w := range []string{"nhs", "public"} {
			n.wantContains("question", n.find(w, "## Q6").Text, "And what about **money**?", "A6")
		}
		n.send("nhs", "Ann", "## Q6", "inside its thread")
		n.send("public", "Cat", "", "A6: by its tag #ukmedlibs")
		n.send("nhs", "Bob", "", "while it is live")
		n.settle()
		for _, text := range []string{"inside its thread", "by its tag", "while it is live"} {
			if a := n.answer(text); a.Section != "q6" {
				n.Errorf("got %q in %s, want in q6", text, a.Section)
			}
		}
		n.wantInThread("public", "inside its thread", "## Q6")
		n.wantContains("reply", n.command("nhs", host, "repeat"), "posting Q6 again")
		again := n.find("public", "Q6 again")
		n.wantContains("question", again.Text, "what about **money**")
		for _, w := range []string{"nhs", "public"} {
			n.wantLink(w, n.find(w, "Q6 again").Text, "its thread", "## Q6")
		}
		n.platforms["public"].SendAs("#chat", person("Dan"), again.ID, "under the second saying")
		n.settle()
		if a := n.answer("under the second"); a.Section != "q6" {
			n.Errorf("got %+v, want it in q6", a)
		}
		n.wantInThread("nhs", "under the second", "## Q6")
		n.wantNone("nhs", "There are 6 questions")

		// The file and its questions' times stay as they were. A file with a clashing number is refused.
		n.schedule(testChat())
		c := testChat()
		c.Questions = append(c.Questions, questions.Question{N: 6, Text: "Another sixth?"})
		if err := n.bot.Schedule(n.Context(), c); err == nil || !strings.Contains(err.Error(), "asked by a host already") {
			n.Errorf("got %v, want the clash refused", err)
		}
		n.stop()
		n.run()
		n.at(70 * minute)
		n.wantPostedNear(map[string]time.Duration{"## Q2": 16 * minute, "## Q5": 46 * minute, "🙏": 60 * minute})
		n.wantContains("numbers", n.find("nhs", "📊").Text, "Q6: 4 answers from 4 people")
		words := ""
		for _, text := range n.archiveFiles() {
			words += text
		}
		n.wantContains("archive", words, "what about")
	})
}

func TestSuggestions(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(8 * minute)
		n.wantContains("reply", n.command("public", person("Ann"), "suggest What of the budget?"), "The hosts have your suggestion")
		n.wantContains("reply", n.command("public", person("Bob"), "suggest What of lunch?"), "The hosts have your suggestion")
		told := n.ephemerals("nhs", host)
		if len(told) != 2 {
			n.Fatalf("got %d ephemeral messages to the host elsewhere, want both suggestions", len(told))
		}
		n.wantContains("suggestion", told[0].Text, "Ann suggests", "What of the budget?")
		n.wantContains("reply", n.command("nhs", host, "accept"), "2 suggestions are waiting")
		n.wantContains("reply", n.command("nhs", person("Ann"), "accept 1"), "Only hosts can do that")
		if err := n.platforms["nhs"].PressButton(told[0], host, "Ask it"); err != nil {
			n.Fatal(err)
		}
		n.settle()
		n.wantContains("question", n.find("nhs", "## Q6").Text, "What of the budget?", "Suggested by Ann")
		n.wantContains("reply", n.command("public", host, "accept 1"), "No such suggestion is waiting")
		n.wantContains("status", n.command("nhs", host, "status"), "What of lunch?")
		n.wantContains("reply", n.command("nhs", host, "decline 2"), "declined")
		n.wantNone("nhs", "lunch")

		// People who opted out aren't named either.
		n.command("public", person("Ann"), "optout")
		n.wantNone("nhs", "Suggested by Ann")
		n.wantContains("question", n.find("nhs", "## Q6").Text, "What of the budget?")
	})
}

// TestEditSuggestions edits and deletes pending suggestions, from a room and from direct messages, with a name and
// without.
func TestEditSuggestions(t *testing.T) {
	for name, whole := range map[string]bool{"edits as such": false, "edits as whole messages": true} {
		t.Run(name, func(t *testing.T) { testEditSuggestions(t, whole) })
	}
}

func testEditSuggestions(t *testing.T, whole bool) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		p := n.platforms["nhs"]
		for _, p := range n.platforms {
			p.SetFaults(func(f *adaptertest.Faults) { f.BareEdits, f.DuplicateChance = !whole, 1 })
		}
		n.run()
		n.schedule(testChat())
		n.at(8 * minute)
		waiting := func() (all []string) {
			n.Helper()
			n.settle()
			suggestions, err := n.db.PendingSuggestions(n.Context(), testChat().Slug)
			if err != nil {
				n.Fatal(err)
			}
			for _, s := range suggestions {
				all = append(all, fmt.Sprintf("%d %s", s.N, s.Text))
			}
			return all
		}
		want := func(want ...string) {
			n.Helper()
			if got := waiting(); !slices.Equal(got, want) {
				n.Errorf("got %q waiting, want %q", got, want)
			}
		}
		ann, zoe := person("Ann"), person("Zoe")
		private := p.CommandAs("", ann, "suggest quicksilver?")
		inRoom := n.send("nhs", "Bob", "", "!catchword suggest lunch?")
		anon := p.CommandAs("", zoe, "anon I was sackt")
		want("1 quicksilver?", "2 lunch?", "3 I was sackt")
		card := n.ephemerals("nhs", host)[0]
		n.wantContains("card", card.Text, "quicksilver")

		p.EditCommand(ann, private, "suggest And mercury?")
		if err := p.EditAs("#chat", person("Bob"), inRoom, "!catchword suggest breakfast?"); err != nil {
			n.Fatal(err)
		}
		p.EditCommand(zoe, anon, "anon I was sacked")
		if got := waiting(); len(got) != 3 {
			n.Fatalf("got %q waiting, want the three with their current text", got)
		}
		told := n.ephemerals("nhs", host)
		n.wantContains("card", told[len(told)-1].Text+told[len(told)-2].Text+told[len(told)-3].Text, "Replaces 1", "And mercury?", "Replaces 2", "Replaces 3", "I was sacked")
		// The card of an edited suggestion has no effect any more: nobody posts what they have not read.
		if err := p.PressButton(card, host, "Ask it"); err != nil {
			n.Fatal(err)
		}
		n.settle()
		told = n.ephemerals("nhs", host)
		n.wantContains("reply", told[len(told)-1].Text, "No such suggestion is waiting")
		n.wantNone("nhs", "quicksilver")
		n.wantNone("nhs", "## Q6")

		p.DeleteAs("#chat", person("Bob"), inRoom)
		p.EditCommand(zoe, anon, "help")
		want("4 And mercury?")
		told = n.ephemerals("nhs", host)
		n.wantContains("news", told[len(told)-1].Text+told[len(told)-2].Text, "Suggestion 5 was withdrawn", "Suggestion 6 was withdrawn")
		n.stop() // edits work after a restart as well
		n.run()
		p.EditCommand(ann, private, "suggest And gold?")
		want("7 And gold?")
		n.command("nhs", host, "accept 7")
		// After it was asked, the question is the host's.
		p.EditCommand(ann, private, "")
		n.settle()
		n.wantContains("question", n.find("public", "## Q6").Text, "And gold?", "Suggested by Ann")
		for _, found := range storetest.Find(n, n.address, "sackt") {
			if !strings.Contains(found, " in database") { // which is overwritten later
				n.Error("got", found)
			}
		}
	})
}

// TestAnonymous checks that nothing on disk shows who sent an anonymous message.
func TestAnonymous(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(8 * minute)
		zoe := person("Zoe-Unmistakable")
		n.platforms["nhs"].CommandAs("", zoe, "anon My employer forbids it")
		n.settle()
		told := n.ephemerals("nhs", zoe)
		if len(told) != 1 || !strings.Contains(told[0].Text, "I keep nothing that shows it was you") {
			n.Fatalf("got %+v, want her informed", told)
		}
		n.wantNone("public", "employer")
		for _, found := range storetest.Find(n, n.address, "unmistakable") { // while it waits for the hosts
			n.Error("got", found)
		}
		// Failed replies reveal nothing of her either.
		n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.NoEphemeral = true })
		n.platforms["nhs"].CommandAs("", zoe, "anon I never heard back")
		n.settle()
		n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.NoEphemeral = false })
		n.command("nhs", host, "decline 2")
		if err := n.platforms["public"].PressButton(n.ephemerals("public", host)[0], host, "Share it"); err != nil {
			n.Fatal(err)
		}
		n.settle()
		for _, w := range []string{"nhs", "public"} {
			if got := n.wantInThread(w, "My employer forbids it", "## Q1"); got.As.Byline() != "Anonymous" {
				n.Errorf("got it posted by %q, want by nobody", got.As.Byline())
			}
		}
		n.platforms["nhs"].ReactAs("#chat", person("Bob"), n.find("nhs", "My employer").ID, "👍", true)
		n.settle()
		if a := n.answer("My employer"); a.Author != "Anonymous" || a.AuthorID != "" || a.Section != "q1" || len(a.Reactions) != 1 {
			n.Errorf("got %+v, want an answer to Q1 without an author", a)
		}
		// In public it is not anonymous.
		n.send("nhs", "Ann", "", "!catchword anon I said it aloud")
		n.settle()
		n.wantContains("reply", n.ephemerals("nhs", person("Ann"))[0].Text, "Everybody in the room can see that message")
		n.wantNone("public", "aloud")
		n.at(70 * minute)
		n.wantContains("numbers", n.find("nhs", "📊").Text, "Q1: 1 answer from 1 person")
		n.stop()
		n.wantNoTrace("unmistakable")
		if strings.Contains(strings.ToLower(n.log.String()), "unmistakable") {
			n.Error("got the author's account in the log")
		}
		n.run()
	})
}

// TestHeadsUps checks what hosts are told before a step, and that it never comes late.
func TestHeadsUps(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(8 * minute)
		n.send("nhs", "Ann", "## Q1", "one")
		n.send("public", "Bob", "## Q1", "two")
		n.command("nhs", person("Ann"), "suggest More?")
		n.at(15 * minute)
		headsUps := func() (all []adaptertest.Event) {
			for _, e := range n.platforms["public"].Ephemerals() {
				if strings.HasPrefix(e.Text, "🔔") {
					all = append(all, e)
				}
			}
			return all
		}
		if got := headsUps(); len(got) != 3 {
			n.Fatalf("got %d heads-ups, want those for the welcome, Q1 and Q2: %+v", len(got), got)
		}
		n.wantContains("heads-up", headsUps()[2].Text, "Q2 in 2 minutes", "20:16", "Q1: 2 answers from 2 people", "Waiting for the hosts: 1 suggestion", "What about matter 2?", "`extend 3m`")
		// A postponed step gets another heads-up, once.
		if err := n.platforms["public"].PressButton(headsUps()[2], host, "+3 minutes"); err != nil {
			n.Fatal(err)
		}
		n.at(18 * minute)
		if got := headsUps(); len(got) != 4 || !strings.Contains(got[3].Text, "20:19") {
			n.Errorf("got heads-ups %+v, want another one for Q2", got)
		}
		// After an outage, late heads-ups are skipped.
		n.at(20 * minute)
		n.stop()
		n.at(28*minute + 30*time.Second)
		n.run()
		n.settle()
		if got := headsUps(); len(got) != 5 || !strings.Contains(got[4].Text, "Q3 in less than a minute") {
			n.Errorf("got %d heads-ups, want one for the next step", len(got))
		}
	})
}
