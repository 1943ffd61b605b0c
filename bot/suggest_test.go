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
	inBubble(t, []string{"nhs", "public"}, func(n *night) {
		n.run()
		n.schedule(theChat())
		n.at(-day)
		n.contains("reply", n.command("nhs", host, "ask Too soon?"), "hasn’t begun")
		n.at(10 * minute)
		n.contains("reply", n.command("public", host, "ask And what about **money**?"), "Q6 is on its way", "Q2 follows at", "20:16")
		for _, w := range []string{"nhs", "public"} {
			n.contains("question", n.find(w, "## Q6").Text, "And what about **money**?", "A6")
		}
		n.say("nhs", "Ann", "## Q6", "inside its thread")
		n.say("public", "Cat", "", "A6: by its tag #ukmedlibs")
		n.say("nhs", "Bob", "", "while it is live")
		n.moment()
		for _, text := range []string{"inside its thread", "by its tag", "while it is live"} {
			if a := n.answer(text); a.Section != "q6" {
				n.Errorf("got %q in %s, want in q6", text, a.Section)
			}
		}
		n.under("public", "inside its thread", "## Q6")
		n.contains("reply", n.command("nhs", host, "repeat"), "Q6 is said again")
		again := n.find("public", "Q6 again")
		n.contains("question", again.Text, "what about **money**")
		for _, w := range []string{"nhs", "public"} {
			n.leads(w, n.find(w, "Q6 again").Text, "its thread", "## Q6")
		}
		n.platforms["public"].SendAs("#chat", person("Dan"), again.ID, "under the second saying")
		n.moment()
		if a := n.answer("under the second"); a.Section != "q6" {
			n.Errorf("got %+v, want it in q6", a)
		}
		n.under("nhs", "under the second", "## Q6")
		n.none("nhs", "There are 6 questions")

		// The file stays as it was, and so do its questions' times; a file of which the number would clash is refused.
		n.schedule(theChat())
		c := theChat()
		c.Questions = append(c.Questions, questions.Question{N: 6, Text: "Another sixth?"})
		if err := n.bot.Schedule(n.Context(), c); err == nil || !strings.Contains(err.Error(), "asked by a host already") {
			n.Errorf("got %v, want the clash refused", err)
		}
		n.stop()
		n.run()
		n.at(70 * minute)
		n.times(map[string]time.Duration{"## Q2": 16 * minute, "## Q5": 46 * minute, "🙏": 60 * minute})
		n.contains("numbers", n.find("nhs", "📊").Text, "Q6: 4 answers from 4 people")
		words := ""
		for _, text := range n.archive() {
			words += text
		}
		n.contains("archive", words, "what about")
	})
}

func TestSuggestions(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *night) {
		n.run()
		n.schedule(theChat())
		n.at(8 * minute)
		n.contains("reply", n.command("public", person("Ann"), "suggest What of the budget?"), "the hosts have it")
		n.contains("reply", n.command("public", person("Bob"), "suggest What of lunch?"), "the hosts have it")
		told := n.whispers("nhs", host)
		if len(told) != 2 {
			n.Fatalf("got %d whispers to the host elsewhere, want both suggestions", len(told))
		}
		n.contains("suggestion", told[0].Text, "Ann suggests", "What of the budget?")
		n.contains("reply", n.command("nhs", host, "accept"), "2 suggestions wait")
		n.contains("reply", n.command("nhs", person("Ann"), "accept 1"), "for the hosts")
		if err := n.platforms["nhs"].PressButton(told[0], host, "Ask it"); err != nil {
			n.Fatal(err)
		}
		n.moment()
		n.contains("question", n.find("nhs", "## Q6").Text, "What of the budget?", "Suggested by Ann")
		n.contains("reply", n.command("public", host, "accept 1"), "No such suggestion waits")
		n.contains("status", n.command("nhs", host, "status"), "What of lunch?")
		n.contains("reply", n.command("nhs", host, "decline 2"), "declined")
		n.none("nhs", "lunch")

		// Who keeps out is not named either.
		n.command("public", person("Ann"), "optout")
		n.none("nhs", "Suggested by Ann")
		n.contains("question", n.find("nhs", "## Q6").Text, "What of the budget?")
	})
}

// TestSecondThoughtsAboutSuggestions edits and deletes what waits for a host, in a room and in private, with a name and without.
func TestSecondThoughtsAboutSuggestions(t *testing.T) {
	for _, whole := range []bool{false, true} {
		inBubble(t, []string{"nhs", "public"}, func(n *night) {
			p := n.platforms["nhs"]
			for _, p := range n.platforms {
				p.SetFaults(func(f *adaptertest.Faults) { f.EditsAsMessages, f.DuplicateChance = whole, 1 })
			}
			n.run()
			n.schedule(theChat())
			n.at(8 * minute)
			waiting := func() (all []string) {
				n.Helper()
				n.moment()
				suggestions, err := n.db.PendingSuggestions(n.Context(), theChat().Slug)
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
			inRoom := n.say("nhs", "Bob", "", "!catchword suggest lunch?")
			anon := p.CommandAs("", zoe, "anon I was sackt")
			want("1 quicksilver?", "2 lunch?", "3 I was sackt")
			card := n.whispers("nhs", host)[0]
			n.contains("card", card.Text, "quicksilver")

			p.EditCommand(ann, private, "suggest And mercury?")
			if err := p.EditAs("#chat", person("Bob"), inRoom, "!catchword suggest breakfast?"); err != nil {
				n.Fatal(err)
			}
			p.EditCommand(zoe, anon, "anon I was sacked")
			if got := waiting(); len(got) != 3 {
				n.Fatalf("got %q waiting, want the three as they read now", got)
			}
			told := n.whispers("nhs", host)
			n.contains("card", told[len(told)-1].Text+told[len(told)-2].Text+told[len(told)-3].Text, "Instead of 1", "And mercury?", "Instead of 2", "Instead of 3", "I was sacked")
			// The card of what was edited is for nothing any more: nobody asks what they have not read.
			if err := p.PressButton(card, host, "Ask it"); err != nil {
				n.Fatal(err)
			}
			n.moment()
			told = n.whispers("nhs", host)
			n.contains("reply", told[len(told)-1].Text, "No such suggestion waits")
			n.none("nhs", "quicksilver")
			n.none("nhs", "## Q6")

			p.DeleteAs("#chat", person("Bob"), inRoom)
			p.EditCommand(zoe, anon, "help")
			want("4 And mercury?")
			told = n.whispers("nhs", host)
			n.contains("news", told[len(told)-1].Text+told[len(told)-2].Text, "Suggestion 5 is withdrawn", "Suggestion 6 is withdrawn")
			n.stop() // it is edited after a restart as well
			n.run()
			p.EditCommand(ann, private, "suggest And gold?")
			want("7 And gold?")
			n.command("nhs", host, "accept 7")
			// What was asked is the host's.
			p.EditCommand(ann, private, "")
			n.moment()
			n.contains("question", n.find("public", "## Q6").Text, "And gold?", "Suggested by Ann")
			for _, found := range storetest.Find(n, n.address, "sackt") {
				if !strings.Contains(found, " in database") { // which is overwritten in its time
					n.Error("got", found)
				}
			}
		})
	}
}

// TestAnonymous holds that nothing on the disk tells who sent a message that was to go without a name.
func TestAnonymous(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *night) {
		n.run()
		n.schedule(theChat())
		n.at(8 * minute)
		zoe := person("Zoe-Unmistakable")
		n.platforms["nhs"].CommandAs("", zoe, "anon My employer forbids it")
		n.moment()
		told := n.whispers("nhs", zoe)
		if len(told) != 1 || !strings.Contains(told[0].Text, "I keep nothing that tells it was you") {
			n.Fatalf("got %+v, want her told", told)
		}
		n.none("public", "employer")
		for _, found := range storetest.Find(n, n.address, "unmistakable") { // while it waits for the hosts
			n.Error("got", found)
		}
		// What can't be answered tells no more of her.
		n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.NoEphemeral = true })
		n.platforms["nhs"].CommandAs("", zoe, "anon I never heard back")
		n.moment()
		n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.NoEphemeral = false })
		n.command("nhs", host, "decline 2")
		if err := n.platforms["public"].PressButton(n.whispers("public", host)[0], host, "Pass it on"); err != nil {
			n.Fatal(err)
		}
		n.moment()
		for _, w := range []string{"nhs", "public"} {
			if got := n.under(w, "My employer forbids it", "## Q1"); got.As.Byline() != "Anonymous" {
				n.Errorf("got it said by %q, want by nobody", got.As.Byline())
			}
		}
		n.platforms["nhs"].ReactAs("#chat", person("Bob"), n.find("nhs", "My employer").ID, "👍", true)
		n.moment()
		if a := n.answer("My employer"); a.Author != "Anonymous" || a.AuthorID != "" || a.Section != "q1" || len(a.Reactions) != 1 {
			n.Errorf("got %+v, want an answer of nobody's to Q1", a)
		}
		// In public it is no secret any more.
		n.say("nhs", "Ann", "", "!catchword anon I said it aloud")
		n.moment()
		n.contains("reply", n.whispers("nhs", person("Ann"))[0].Text, "Everybody in the room has seen that")
		n.none("public", "aloud")
		n.at(70 * minute)
		n.contains("numbers", n.find("nhs", "📊").Text, "Q1: 1 answer from 1 person")
		n.stop()
		n.traceless("unmistakable")
		if strings.Contains(strings.ToLower(n.log.String()), "unmistakable") {
			n.Error("got the author's account in the log")
		}
		n.run()
	})
}

// TestCues holds what hosts are told before a step, and that it isn't told late.
func TestCues(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *night) {
		n.run()
		n.schedule(theChat())
		n.at(8 * minute)
		n.say("nhs", "Ann", "## Q1", "one")
		n.say("public", "Bob", "## Q1", "two")
		n.command("nhs", person("Ann"), "suggest More?")
		n.at(15 * minute)
		cues := func() (all []adaptertest.Event) {
			for _, e := range n.platforms["public"].Ephemerals() {
				if strings.HasPrefix(e.Text, "🔔") {
					all = append(all, e)
				}
			}
			return all
		}
		if got := cues(); len(got) != 3 {
			n.Fatalf("got %d cues, want those of the welcome, Q1 and Q2: %+v", len(got), got)
		}
		n.contains("cue", cues()[2].Text, "Q2 in 2 minutes", "20:16", "Q1: 2 answers from 2 people", "One suggestion waits", "What about matter 2?", "`extend 3m`")
		// A step that is put off is announced again, once.
		if err := n.platforms["public"].PressButton(cues()[2], host, "+3 minutes"); err != nil {
			n.Fatal(err)
		}
		n.at(18 * minute)
		if got := cues(); len(got) != 4 || !strings.Contains(got[3].Text, "20:19") {
			n.Errorf("got cues %+v, want another one for Q2", got)
		}
		// An outage swallows those that would be late.
		n.at(20 * minute)
		n.stop()
		n.at(28*minute + 30*time.Second)
		n.run()
		n.moment()
		if got := cues(); len(got) != 5 || !strings.Contains(got[4].Text, "Q3 in less than a minute") {
			n.Errorf("got %d cues, want one for what is still to come", len(got))
		}
	})
}
