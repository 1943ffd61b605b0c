package bot

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

const day = 24 * time.Hour

func TestWholeChat(t *testing.T) {
	inBubbleOnBoth(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(-7 * day)
		if all := n.shown("public", reminder); len(all) != 1 || !strings.Contains(all[0].Text, "matter 5") {
			n.Errorf("got reminders %v a week before, want one with the questions", all)
		}
		n.at(-time.Minute)
		if all := n.shown("nhs", reminder); len(all) != 4 {
			n.Errorf("got %d reminders before the start, want 4", len(all))
		}
		n.wantNone("nhs", "Welcome")

		n.at(0)
		for _, room := range []string{"nhs", "public"} {
			if !strings.Contains(n.find(room, "Welcome").Text, "This chat is recorded") {
				n.Errorf("got a welcome without the notice of recording in %s", room)
			}
		}
		n.send("nhs", "Ann", "Introductions.", "Ann, a hospital librarian")
		n.send("nhs", "Bob", "", "hello all, Bob here")

		n.at(6 * time.Minute)
		for _, room := range []string{"nhs", "public"} {
			if got := n.postedAt(room, "matter 1"); got != 6*time.Minute {
				n.Errorf("got Q1 in %s after %v, want 6m", room, got)
			}
		}
		n.send("nhs", "Ann", "## Q1", "in the thread")
		n.send("nhs", "Bob", "", "while it is live")
		n.send("public", "Cat", "", "not for the chat")
		n.send("public", "Cat", "", "with the tag #UKMedLibs at the end")
		n.at(16 * time.Minute)
		n.send("public", "Cat", "", "A1: with a label, and late")
		n.send("public", "Dan", "## Q2", "two")
		n.at(59 * time.Minute)

		for text, want := range map[string]questions.Answer{
			"Ann, a hospital": {Section: questions.Introductions, MatchedBy: questions.ByThread},
			"Bob here":        {Section: questions.Introductions, MatchedBy: questions.ByLive},
			"in the thread":   {Section: "q1", MatchedBy: questions.ByThread},
			"while it is":     {Section: "q1", MatchedBy: questions.ByLive},
			"with the tag":    {Section: "q1", MatchedBy: questions.ByHashtag},
			"with a label":    {Section: "q1", MatchedBy: questions.ByTag},
			"two":             {Section: "q2", MatchedBy: questions.ByThread},
		} {
			if got := n.answer(text); got.Section != want.Section || got.MatchedBy != want.MatchedBy || got.Late {
				n.Errorf("got %q in %s by %s (late: %v), want in %s by %s", text, got.Section, got.MatchedBy, got.Late, want.Section, want.MatchedBy)
			}
		}
		if got := len(n.answers()); got != 7 {
			n.Errorf("got %d answers, want 7", got)
		}
		if got, want := n.wantInThread("public", "in the thread", "## Q1").As, (adapters.Persona{Name: "Ann", Workspace: "nhs"}); got != want {
			n.Errorf("got a copy as %v, want as %v", got, want)
		}
		n.wantInThread("nhs", "with a label", "## Q1")
		n.wantInThread("nhs", "two", "## Q2")
		n.wantInThread("public", "Bob here", "Introductions.")
		n.wantNone("nhs", "not for the chat")
		n.wantNone("public", "📊")

		n.at(time.Hour)
		if text := n.find("public", "🙏").Text; !strings.Contains(text, "Holly Case") {
			n.Errorf("got closing %q, want thanks to the leader", text)
		}
		numbers := n.find("nhs", "📊").Text
		for _, want := range []string{"7 answers from 4 people", "Q1: 4 answers from 3 people", "Q2: 1 answer from 1 person", "Q5: 0 answers"} {
			if !strings.Contains(numbers, want) {
				n.Errorf("got numbers %q, want %q in them", numbers, want)
			}
		}
		if _, err := os.Stat(filepath.Join(n.opts.Archive, testChat().Slug)); err != nil {
			n.Errorf("got no archive: %v", err)
		}

		// People go on answering next morning.
		n.at(12 * time.Hour)
		n.send("public", "Eve", "## Q5", "one more thought")
		n.send("nhs", "Bob", "", "untagged talk of the next day")
		n.send("nhs", "Bob", "", "A3: a label without the hashtag, too late for that")
		n.send("nhs", "Bob", "", "something for #ukmedlibs still")
		n.at(12*time.Hour + time.Minute)
		if a := n.answer("one more"); !a.Late || a.Section != "q5" {
			n.Errorf("got %+v, want a late answer to Q5", a)
		}
		if a := n.answer("something for"); !a.Late || a.Section != questions.General {
			n.Errorf("got %+v, want late general discussion", a)
		}
		n.wantInThread("nhs", "one more", "## Q5")
		if text := n.find("nhs", "📊").Text; !strings.Contains(text, "9 answers") {
			n.Errorf("got numbers %q, want the late answers counted", text)
		}
		n.at(8*day + time.Hour)
		n.send("public", "Eve", "## Q5", "after the grace")
		n.settle()
		if got := len(n.answers()); got != 9 {
			n.Errorf("got %d answers, want 9: the grace is over", got)
		}
	})
}

func TestEditsDeletionsAndReactionsFollow(t *testing.T) {
	inBubble(t, []string{"nhs", "public", "third"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(6 * time.Minute)
		id := n.send("nhs", "Ann", "## Q1", "first wrod")
		other := n.send("public", "Bob", "## Q1", "to be taken back")
		n.settle()
		if err := n.platforms["nhs"].EditAs("#chat", person("Ann"), id, "first word"); err != nil {
			n.Fatal(err)
		}
		n.platforms["public"].ReactAs("#chat", person("Bob"), n.find("public", "first wrod").ID, "👍", true)
		n.platforms["third"].ReactAs("#chat", person("Cat"), n.find("third", "first wrod").ID, "👍", true)
		n.settle()
		for _, room := range []string{"public", "third"} {
			n.wantInThread(room, "first word", "## Q1")
			n.wantNone(room, "first wrod")
			if got := botReactions(n.find(room, "first word")); !slices.Equal(got, []string{"👍"}) {
				n.Errorf("got the bot's reactions %q in %s, want 👍 from the other room", got, room)
			}
		}
		if got := botReactions(n.find("nhs", "first word")); !slices.Equal(got, []string{"👍"}) {
			n.Errorf("got the bot's reactions %q on the original, want 👍", got)
		}
		if got := n.answer("first word"); got.Edited.IsZero() || !cmp.Equal(got.Reactions, []questions.Reaction{{Emoji: "👍", Count: 2}}) {
			n.Errorf("got %+v, want it edited, with two 👍", got)
		}

		// Bob removes his: in his own room Cat's still shows, in hers none does.
		n.platforms["public"].ReactAs("#chat", person("Bob"), n.find("public", "first word").ID, "👍", false)
		n.platforms["public"].DeleteAs("#chat", person("Bob"), other)
		n.settle()
		if got := botReactions(n.find("public", "first word")); len(got) != 1 {
			n.Errorf("got the bot's reactions %q in public, want Cat's relayed", got)
		}
		if got := botReactions(n.find("third", "first word")); len(got) != 0 {
			n.Errorf("got the bot's reactions %q in third, want none", got)
		}
		n.wantNone("nhs", "taken back")
		n.wantNone("third", "taken back")
		tombstones := 0
		for _, a := range n.answers() {
			if a.Withdrawn {
				tombstones++
				if a.Text != "" || a.Author != "" || a.AuthorID != "" {
					n.Errorf("got tombstone %+v, want neither text nor name", a)
				}
			}
		}
		if tombstones != 1 {
			n.Errorf("got %d tombstones, want 1", tombstones)
		}
	})
}

func botReactions(m adaptertest.Message) (emoji []string) {
	for _, r := range m.Reactions {
		if r.User == adaptertest.BotID {
			emoji = append(emoji, r.Emoji)
		}
	}
	return emoji
}

func TestStalledRoomDelaysNoOther(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.platforms["public"].SetFaults(func(f *adaptertest.Faults) { f.Stuck = map[string]bool{"#chat": true} })
		n.run()
		n.schedule(testChat())
		n.at(16 * time.Minute)
		n.send("nhs", "Ann", "## Q2", "waits for the other room")
		if got := n.postedAt("nhs", "matter 2"); got != 16*time.Minute {
			n.Errorf("got Q2 after %v, want 16m", got)
		}
		n.wantNone("public", "## Q1")
		n.platforms["public"].SetFaults(func(f *adaptertest.Faults) { f.Stuck = nil })
		n.at(18 * time.Minute)
		n.wantInThread("public", "waits for the other room", "## Q2")
		n.find("public", "Welcome")
		n.at(26 * time.Minute)
		if got := n.postedAt("nhs", "matter 3"); got != 26*time.Minute {
			n.Errorf("got Q3 after %v, want 26m: one late room doesn't move the timetable", got)
		}
	})
}

func TestFaultsLoseAndDuplicateNothing(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { testFaultsWithSeed(t, seed) })
	}
}

func testFaultsWithSeed(t *testing.T, seed uint64) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		for _, p := range n.platforms {
			p.SetFaults(func(f *adaptertest.Faults) {
				f.Seed(seed)
				f.RefuseChance, f.LoseResponseChance, f.DuplicateChance, f.Reorder = 0.2, 0.2, 0.3, true
				f.ResponseLatency = 200 * time.Millisecond
				f.BareEdits = seed%2 == 1
			})
		}
		n.run()
		n.schedule(testChat())
		for q := range 5 {
			n.at(time.Duration(7+10*q) * time.Minute)
			root := "## Q" + string(rune('1'+q))
			for i := range 8 {
				text := string(rune('1'+q)) + string(rune('a'+i))
				id := n.send([]string{"nhs", "public"}[i%2], "P"+text, root, "so "+text)
				if i%4 == 0 {
					n.platforms["nhs"].EditAs("#chat", person("P"+text), id, "edited "+text)
				}
			}
		}
		n.at(70 * time.Minute)
		if got := len(n.answers()); got != 40 {
			n.Errorf("got %d answers, want 40", got)
		}
		for _, a := range n.answers() {
			if q := strings.TrimPrefix(string(a.Section), "q"); !strings.Contains(a.Text, " "+q) {
				n.Errorf("got %q in %s", a.Text, a.Section)
			}
			for _, room := range []string{"nhs", "public"} {
				copied := n.find(room, a.Text)
				if received := n.platforms[room].Messages("#chat"); copied.Thread == "" {
					n.Errorf("got %q in %s outside of a thread of %v", a.Text, room, received)
				}
			}
		}
		for name, p := range n.platforms {
			keys := map[string]int{}
			for _, e := range p.Log() {
				if e.Kind == adaptertest.Posted {
					keys[e.Key]++
				}
			}
			for key, times := range keys {
				if times > 1 {
					n.Errorf("got %s posted %d times in %s, want once", key, times, name)
				}
			}
			if want := 4 + 2 + 5 + 1 + 1 + 1 + 1 + 20; len(keys) != want {
				n.Errorf("got %d posts in %s, want %d", len(keys), name, want)
			}
		}
	})
}

func TestAnswerToAPostInDoubt(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		other := n.send("nhs", "Dan", "", "about something else, before the chat")
		n.at(5 * time.Minute)
		// The question is posted, and people answer, but the bot is killed before it learns the message's ID.
		n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.ResponseLatency = time.Hour })
		n.at(6 * time.Minute)
		id := n.send("nhs", "Ann", "## Q1", "quick in the thread")
		n.send("nhs", "Bob", "", "quick beside it")
		n.send("nhs", "Cat", "", "A1 quick with a tag: #ukmedlibs")
		aside := n.platforms["nhs"].SendAs("#chat", person("Dan"), other, "none of the chat's business")
		slip := n.send("nhs", "Eve", "## Q1", "a slip in the thread")
		n.settle()
		if err := n.platforms["nhs"].EditAs("#chat", person("Ann"), id, "quickly in the thread"); err != nil {
			n.Fatal(err)
		}
		if err := n.platforms["nhs"].DeleteAs("#chat", person("Eve"), slip); err != nil {
			n.Fatal(err)
		}
		n.settle()
		if got := n.answers(); len(got) != 1 || got[0].MatchedBy != questions.ByTag {
			n.Errorf("got %+v, want only the tagged answer while Q1 is in doubt", got)
		}
		n.stop()
		n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.ResponseLatency = 0 })
		n.run()
		n.settle()
		for _, text := range []string{"quickly in", "quick beside", "quick with"} {
			if a := n.answer(text); a.Section != "q1" {
				n.Errorf("got %q in %s, want q1", text, a.Section)
			}
			n.wantInThread("public", text, "## Q1")
		}
		n.find("nhs", "matter 1")
		key := store.AnswerKey("nhs", adapters.Ref{Room: n.platforms["nhs"].Room("#chat"), ID: slip})
		if a, _, err := n.db.Answer(n.Context(), key); err != nil || a.Section != "q1" || a.Deleted.IsZero() || a.Text != "" || a.Author.Name != "" {
			n.Errorf("got %+v (%v), want a tombstone under q1", a, err)
		}
		key = store.AnswerKey("nhs", adapters.Ref{Room: n.platforms["nhs"].Room("#chat"), ID: aside})
		if a, ok, err := n.db.Answer(n.Context(), key); ok || err != nil {
			n.Errorf("got %+v (%v), want nothing stored that does not belong to the chat", a, err)
		}
	})
}

func TestUpdatesOutOfOrder(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(6 * time.Minute)
		ctx, sink, room := n.Context(), n.bot.sink(workspaceNamed(n.bot, "nhs")), n.platforms["nhs"].Room("#chat")
		root := n.find("nhs", "## Q1").ID
		ref := func(id adapters.MessageID) adapters.Ref { return adapters.Ref{Room: room, ID: id} }
		message := func(id adapters.MessageID, text string, edited time.Time) *adapters.Message {
			return &adapters.Message{Ref: ref(id), Thread: root, Author: person("Ann"), Text: text, At: time.Now(), EditedAt: edited}
		}
		later := time.Now().Add(time.Second)
		for _, u := range []adapters.Update{
			&adapters.Deletion{Ref: ref("x1"), At: later}, // before its message
			message("x1", "never to be seen", time.Time{}),
			&adapters.Edit{Ref: ref("x2"), Text: "an edit of the unknown", At: later},
			&adapters.Reaction{Ref: ref("x2"), User: "bob", Emoji: "👍", Added: true, At: later},
			message("x3", "the edited version", later), // before the original
			message("x3", "the original", time.Time{}),
			&adapters.Edit{Ref: ref("x3"), Text: "an older edit", At: later.Add(-time.Millisecond)},
			message("x4", "again", time.Time{}),
			message("x4", "again", time.Time{}),
		} {
			if err := sink(ctx, u); err != nil {
				n.Fatal(err)
			}
		}
		n.settle()
		for _, text := range []string{"never to be seen", "unknown", "original", "older"} {
			n.wantNone("public", text)
		}
		n.wantInThread("public", "the edited version", "## Q1")
		n.wantInThread("public", "again", "## Q1")
		if got := len(n.answers()); got != 2 {
			n.Errorf("got %d answers, want 2: %+v", got, n.answers())
		}
	})
}

func TestBurstIsThrottled(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(6 * time.Minute)
		for i := range 40 {
			n.send("nhs", "Flo", "## Q1", "flood "+string(rune('A'+i)))
		}
		n.send("nhs", "Ann", "## Q1", "a quiet word")
		n.settle()
		if got := len(n.shown("public", "flood")); got != burstLimit {
			n.Errorf("got %d copies of the flood at once, want %d", got, burstLimit)
		}
		n.find("public", "a quiet word")
		n.at(7 * time.Minute)
		all := n.shown("public", "flood")
		if len(all) != 40 {
			n.Errorf("got %d copies of the flood after a minute, want all 40", len(all))
		}
		for i, m := range all {
			if want := "flood " + string(rune('A'+i)); m.Text != want {
				n.Errorf("got %q as number %d, want %q", m.Text, i, want)
			}
		}
	})
}

func TestChangedChatEditsPosts(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		c := testChat()
		n.schedule(c)
		n.at(-day)
		c.Questions = slices.Clone(c.Questions[:4])
		c.Questions[1].Text = "What about something else?"
		c.Starts, c.Ends = c.Starts.Add(time.Hour), c.Ends.Add(time.Hour)
		n.schedule(c)
		n.at(-20 * time.Hour)
		for _, m := range n.shown("public", reminder) {
			if !strings.Contains(m.Text, "21:00") || strings.Contains(m.Text, "matter 5") {
				n.Errorf("got reminder %q, want it to read as the new plan", m.Text)
			}
		}
		n.at(0)
		n.wantNone("nhs", "Welcome")
		n.at(2*time.Hour + time.Minute)
		n.wantNone("nhs", "## Q5")
		if got := n.postedAt("nhs", "matter 1"); got != 66*time.Minute {
			n.Errorf("got Q1 after %v, want 1h6m", got)
		}
		n.find("nhs", "something else")
	})
}

func TestOldChatIsNotRun(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *harness) {
		n.run()
		n.at(day)
		n.schedule(testChat())
		n.at(2 * day)
		if said, whispered := n.shown("nhs", ""), n.platforms["nhs"].Ephemerals(); len(said)+len(whispered) != 0 {
			n.Errorf("got %v and ephemeral messages %v, want no posts for a chat that is over", said, whispered)
		}
	})
}

func TestRoomsOfAChat(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		c := testChat()
		c.Rooms = []string{"public/chat"}
		n.schedule(c)
		n.at(time.Minute)
		n.find("public", "Welcome")
		n.wantNone("nhs", "Welcome")
	})
}

func TestWithoutAbilities(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.platforms["public"].SetFaults(func(f *adaptertest.Faults) { f.NoEdit, f.NoReact, f.NoPersonas, f.NoPermalink = true, true, true, true })
		n.run()
		n.schedule(testChat())
		n.at(6 * time.Minute)
		id := n.send("nhs", "Ann", "## Q1", "as it was")
		n.settle()
		if got, want := n.find("public", "as it was").Text, "**Ann · nhs**: as it was"; got != want {
			n.Errorf("got %q, want %q", got, want)
		}
		n.platforms["nhs"].EditAs("#chat", person("Ann"), id, "as it is")
		n.platforms["nhs"].ReactAs("#chat", person("Bob"), id, "👍", true)
		n.at(16 * time.Minute)
		n.find("public", "as it was")
		n.find("public", "matter 2") // later posts are still sent
		n.wantContains("reply", n.command("public", person("Bob"), "where"), "We are on **Q2**", "Asked so far, and still open: Q1.")
		n.command("nhs", host, "repeat")
		n.wantContains("question", n.find("public", "Q2 again").Text, "Reply here, or in its thread")
		if a := n.answer("as it is"); a.Edited.IsZero() {
			n.Errorf("got %+v, want the archive to have the edit", a)
		}
	})
}

// TestWithoutPostDates: a post without a known date still counts as posted, once, and its answers are recorded.
func TestWithoutPostDates(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.NoTimestamp = true })
		n.run()
		n.schedule(testChat())
		n.at(6 * time.Minute)
		n.send("nhs", "Ann", "## Q1", "an answer")
		n.settle()
		n.find("nhs", "## Q1")
		n.wantInThread("public", "an answer", "## Q1")
	})
}

func TestBrokenRoomIsSkipped(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.platforms["public"].SetFaults(func(f *adaptertest.Faults) { f.Broken = map[string]bool{"#chat": true} })
		n.run()
		n.schedule(testChat())
		n.at(6 * time.Minute)
		n.send("nhs", "Ann", "## Q1", "heard all the same")
		n.at(61 * time.Minute)
		n.answer("heard all the same")
		n.find("nhs", "📊")
	})
}
