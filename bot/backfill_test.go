package bot

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/questions"
)

// dropUpdates makes all platforms lose updates, or stops that.
func (n *harness) dropUpdates(ignoreWake bool) {
	for _, p := range n.platforms {
		p.SetFaults(func(f *adaptertest.Faults) { f.DropUpdates = ignoreWake })
	}
}

// changeWhileMissed has people do all kinds of things while updates are lost: to remarks that were received, and new
// ones.
func (n *harness) changeWhileMissed(missing func()) {
	n.run()
	n.schedule(testChat())
	n.at(6 * time.Minute)
	nhs, public := n.platforms["nhs"], n.platforms["public"]
	kept := n.send("nhs", "Ann", "## Q1", "kept as it is")
	edited := n.send("nhs", "Ann", "## Q1", "the old wording")
	deleted := n.send("public", "Bob", "## Q1", "to be taken back")
	liked := n.send("public", "Bob", "## Q1", "liked and disliked")
	top := n.send("nhs", "Bob", "", "a remark of its own")
	if err := public.ReactAs("#chat", person("Cat"), liked, "👎", true); err != nil {
		n.Fatal(err)
	}
	n.settle()
	missing()
	for _, err := range []error{
		nhs.EditAs("#chat", person("Ann"), edited, "the new wording"),
		public.DeleteAs("#chat", person("Bob"), deleted),
		public.ReactAs("#chat", person("Cat"), liked, "👎", false),
		public.ReactAs("#chat", person("Cat"), liked, "👍", true),
		public.ReactAs("#chat", person("Cat"), n.find("public", "kept as it is").ID, "🎉", true),
	} {
		if err != nil {
			n.Fatal(err)
		}
	}
	_ = kept
	n.send("public", "Dan", "## Q1", "a new answer")
	n.send("nhs", "Eve", "", "new talk while it is live")
	nhs.SendAs("#chat", person("Eve"), top, "a reply to a remark")
	time.Sleep(3 * time.Minute)
}

func (n *harness) wantNothingMissed() {
	n.Helper()
	n.settle()
	n.wantInThread("public", "the new wording", "## Q1")
	n.wantNone("public", "the old wording")
	n.wantNone("nhs", "to be taken back")
	n.wantInThread("nhs", "a new answer", "## Q1")
	n.wantInThread("public", "new talk while it is live", "## Q1")
	n.wantInThread("public", "a reply to a remark", "## Q1")
	if a := n.answer("a reply to a remark"); a.ReplyTo != n.answer("a remark of its own").ID() {
		n.Errorf("got a reply to %v, want it to be to the remark", a.ReplyTo)
	}
	if a := n.answer("liked and disliked"); !cmp.Equal(a.Reactions, []questions.Reaction{{Emoji: "👍", Count: 1}}) {
		n.Errorf("got reactions %v, want the new one", a.Reactions)
	}
	if got := botReactions(n.find("nhs", "liked and disliked")); !slices.Equal(got, []string{"👍"}) {
		n.Errorf("got reactions %v on the copy, want the new one", got)
	}
	if got := botReactions(n.find("nhs", "kept as it is")); !slices.Equal(got, []string{"🎉"}) {
		n.Errorf("got reactions %v on the original, want the one from its copy", got)
	}
	if got := len(n.answers()); got != 8 {
		n.Errorf("got %d answers, want 8: %+v", got, n.answers())
	}
}

func TestGapIsBackfilled(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.changeWhileMissed(func() { n.dropUpdates(true) })
		n.wantNone("nhs", "a new answer")
		n.dropUpdates(false)
		n.wantNothingMissed()
		tr, _, err := n.db.Transcript(n.Context(), testChat().Slug)
		if err != nil {
			n.Fatal(err)
		}
		if len(tr.Gaps) != 2 || !tr.Gaps[0].Filled || tr.Gaps[0].To.Sub(tr.Gaps[0].From) < 3*time.Minute {
			n.Errorf("got gaps %+v, want one of three minutes in each room, filled", tr.Gaps)
		}
	})
}

func TestBackfillAfterRestart(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.changeWhileMissed(func() { n.stop() })
		n.dropUpdates(true) // the platform doesn't resend any of it
		n.run()
		n.wantNothingMissed()
	})
}

func TestIncompleteHistoryDeletesNothing(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(6 * time.Minute)
		for i := range 8 {
			n.send("nhs", "Ann", "## Q1", "number "+string(rune('a'+i)))
		}
		n.settle()
		n.stop()
		n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.TruncateHistory = true })
		n.run()
		n.settle()
		for _, a := range n.answers() {
			if a.Withdrawn {
				n.Errorf("got %+v, want nothing withdrawn", a)
			}
		}
		if got := len(n.shown("public", "number ")); got != 8 {
			n.Errorf("got %d copies, want 8", got)
		}
		tr, _, err := n.db.Transcript(n.Context(), testChat().Slug)
		if err != nil {
			n.Fatal(err)
		}
		for _, g := range tr.Gaps {
			if g.Workspace == "nhs" && g.Filled {
				n.Errorf("got %+v, want a gap that the platform's history didn't fill", g)
			}
		}
		if len(tr.Gaps) == 0 {
			n.Error("got no gap")
		}
	})
}

// Messages that can't be decrypted during the chat are counted until their key comes or they are redacted. The reports
// may come in any order, and repeatedly.
func TestUndecryptedIsCounted(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		receive := func(id string, settled bool) {
			n.Helper()
			u := &adapters.Undecrypted{Ref: adapters.Ref{Room: n.platforms["nhs"].Room("#chat"), ID: adapters.MessageID(id)}, At: time.Now(), Resolved: settled}
			if err := n.bot.sink(workspaceNamed(n.bot, "nhs"))(n.Context(), u); err != nil {
				n.Fatal(err)
			}
		}
		receive("before", false)
		n.at(6 * time.Minute)
		for _, id := range []string{"a", "b", "b", "c"} {
			receive(id, false)
		}
		receive("c", true)
		receive("c", false)
		receive("d", true)
		receive("d", false)
		n.at(70 * time.Minute)
		receive("after", false)
		count := func() int {
			n.Helper()
			tr, _, err := n.db.Transcript(n.Context(), testChat().Slug)
			if err != nil {
				n.Fatal(err)
			}
			return tr.Undecrypted
		}
		if got := count(); got != 2 {
			n.Errorf("got %d, want 2: a and b", got)
		}
		changed, _, err := n.db.ChangeCounts(n.Context(), testChat().Slug)
		if err != nil {
			n.Fatal(err)
		}
		receive("a", true)
		if got := count(); got != 1 {
			n.Errorf("once a's key had come: got %d, want 1", got)
		}
		if after, _, err := n.db.ChangeCounts(n.Context(), testChat().Slug); after <= changed || err != nil {
			n.Errorf("got %d changes, then %d, %v, want the archive to be written again", changed, after, err)
		}
	})
}
