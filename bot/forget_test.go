package bot

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
)

// wantNoTrace checks that words are nowhere in the database or the archive.
func (n *harness) wantNoTrace(words ...string) {
	n.Helper()
	for _, found := range storetest.Find(n, n.address, words...) {
		n.Error("got", found)
	}
	for _, found := range storetest.FindInFolder(n, n.opts.Archive, words...) {
		n.Error("got", found)
	}
}

// wantNotPosted checks that no message of the bot's in a room contains text.
func (n *harness) wantNotPosted(workspace, text string) {
	n.Helper()
	for _, m := range n.shown(workspace, text) {
		if m.FromBot {
			n.Errorf("got %+v in %s, want no message of the bot's that contains %q", m, workspace, text)
		}
	}
}

// TestForget erases two people, one while the bot runs and one while it doesn't, and looks for them in everything that
// is stored.
func TestForget(t *testing.T) {
	inBubbleOnBoth(t, []string{"nhs", "public"}, func(n *harness) {
		n.opts.KeepFiles = true
		n.run()
		n.schedule(testChat())
		n.at(7 * minute)
		n.platforms["nhs"].UploadAs("#chat", person("Xanthippe"), n.find("nhs", "## Q1").ID, "our poster", adaptertest.File{
			Name: "quicksilver.png", Type: "image/png", Data: []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR quicksilver"),
		})
		for _, name := range []string{"Xanthippe", "Zebedee"} {
			id := n.send("nhs", name, "## Q1", name+" has said quicksilver")
			n.settle()
			if err := n.platforms["nhs"].EditAs("#chat", person(name), id, name+" has edited quicksilver"); err != nil {
				n.Fatal(err)
			}
			n.command("nhs", person(name), "suggest Is quicksilver the right thing?")
			n.command("nhs", person(name), "suggest What does "+map[string]string{"Xanthippe": "one", "Zebedee": "two"}[name]+" make of it?")
			n.command("nhs", host, "accept "+map[string]string{"Xanthippe": "2", "Zebedee": "4"}[name])
		}
		n.wantContains("question", n.find("public", "## Q7").Text, "Suggested by Zebedee")
		bob := n.send("public", "Bob", "## Q1", "Bob stays")
		n.settle()
		n.platforms["nhs"].ReactAs("#chat", person("Zebedee"), n.find("nhs", "Bob stays").ID, "👍", true)
		var last adapters.MessageID
		for _, text := range []string{
			"> **Zebedee · nhs**: Zebedee has edited quicksilver\n\nQuite so",
			"> zebedee HAS edited *quicksilver*\n\nNot so",
			"@Zebedee, @Xanthippe: see @Xanthippes and @Zebedees",
		} {
			last = n.send("public", "Bob", "## Q1", "to be edited")
			n.settle()
			if err := n.platforms["public"].EditAs("#chat", person("Bob"), last, text); err != nil {
				n.Fatal(err)
			}
			n.settle()
		}
		n.find("nhs", "Quite so")
		n.command("nhs", person("Zebedee"), "pseudonym Zephyr")
		n.at(70 * minute)
		n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.Stuck = map[string]bool{"#chat": true} }) // edits there wait
		f, err := n.bot.Forget(n.Context(), "nhs", "zebedee", "Zebedee")                                       // his name is not stored
		if err != nil || f.Answers != 1 || len(f.Chats) != 1 || f.Quoted != 3 || len(f.Named) != 0 {
			n.Fatalf("got %+v erased (%v), want the one answer, and three that quote or address him", f, err)
		}
		for _, found := range storetest.Find(n, n.address, "zebedee has", "by zebedee", "/zebedee", "@zebedee,", "zephyr") {
			n.Error("got at once", found)
		}
		n.platforms["nhs"].SetFaults(func(f *adaptertest.Faults) { f.Stuck = nil })
		n.at(72 * minute)
		n.wantNotPosted("public", "Zebedee has")
		n.find("public", "Xanthippe has edited")
		n.wantContains("copy", n.find("nhs", "Quite so").Text, "> […]")
		n.wantContains("copy", n.find("nhs", "Not so").Text, "> […]")
		n.wantContains("copy", n.find("nhs", "@somebody").Text, "@somebody, @Xanthippe: see @Xanthippes and @Zebedees")
		n.wantContains("question", n.find("public", "## Q7").Text, "What does two make of it?")
		n.wantNone("public", "Suggested by Zebedee")
		for _, m := range n.platforms["public"].Messages("#chat") {
			if m.ID == bob && len(botReactions(m)) != 0 {
				n.Errorf("got Zebedee's reaction still relayed")
			}
		}

		// Copies that couldn't be deleted while no bot ran are deleted at its next start. It then reads the history, in
		// which others still quote her.
		n.stop()
		if len(storetest.FindInFolder(n, n.opts.Archive, "IHDR quicksilver")) == 0 {
			n.Error("got no file of hers in the archive, want it there until she is erased")
		}
		db, err := store.Open(n.Context(), n.address)
		if err != nil {
			n.Fatal(err)
		}
		if _, err := New(db, n.opts).Forget(n.Context(), "nhs", "xanthippe"); err != nil {
			n.Fatal(err)
		}
		if err := db.Close(); err != nil {
			n.Fatal(err)
		}
		n.find("public", "Xanthippe has edited")
		n.run()
		n.at(75 * minute)
		n.wantNotPosted("public", "Xanthippe has")
		n.wantContains("numbers", n.find("public", "📊").Text, "4 answers from 1 person")
		n.wantContains("copy", n.find("nhs", "@somebody").Text, "@somebody, @somebody: see @Xanthippes")
		n.platforms["public"].DeleteAs("#chat", person("Bob"), last) // in it he names people with similar names
		n.at(77 * minute)

		tombstones := 0
		for _, a := range n.answers() {
			if a.Withdrawn {
				tombstones++
			}
		}
		log, err := n.db.AuditLog(n.Context(), "")
		if err != nil || len(log) != 2 || log[0].Action != "erased a person" || log[0].Who != "" || tombstones != 4 {
			n.Errorf("got audit log %+v (%v) and %d tombstones, want two erased people that it doesn't name, and their answers and Bob's", log, err, tombstones)
		}
		if err := n.db.Vacuum(n.Context()); err != nil { // Bob's own deletion is overwritten later
			n.Fatal(err)
		}
		n.wantNoTrace("xanthippe", "zebedee", "zephyr", "quicksilver")
	})
}

// TestForgetWhilePosting erases somebody while a copy of their answer is being posted.
func TestForgetWhilePosting(t *testing.T) {
	slow := func(f *adaptertest.Faults) { f.RequestLatency = 10 * time.Second }
	late := func(f *adaptertest.Faults) { f.ResponseLatency = 10 * time.Second }
	for what, test := range map[string]struct {
		faults func(*adaptertest.Faults)
		edit   bool
	}{
		"a copy that has yet to be there": {slow, false}, "a copy that is there": {late, false},
		"an edit that has yet to be there": {slow, true}, "an edit that is there": {late, true},
	} {
		t.Run(what, func(t *testing.T) {
			inBubbleOnBoth(t, []string{"nhs", "public"}, func(n *harness) {
				n.run()
				n.schedule(testChat())
				n.at(7 * minute)
				first := n.send("nhs", "Xanthippe", "## Q1", "said quicksilver")
				n.settle()
				n.platforms["public"].SetFaults(test.faults)
				if test.edit {
					if err := n.platforms["nhs"].EditAs("#chat", person("Xanthippe"), first, "edited quicksilver"); err != nil {
						n.Fatal(err)
					}
				} else {
					n.send("nhs", "Xanthippe", "## Q1", "and quicksilver again")
				}
				n.settle()
				if _, err := n.bot.Forget(n.Context(), "nhs", "xanthippe"); err != nil {
					n.Fatal(err)
				}
				n.at(9 * minute)
				n.wantNone("public", "quicksilver")
				n.wantNoTrace("xanthippe", "quicksilver")
			})
		})
	}
}

// A failingForgetter is an adapter that stores data about people, and can't erase it while broken.
type failingForgetter struct {
	*adaptertest.Fake
	broken *atomic.Bool
	erased *atomic.Int32
}

func (k failingForgetter) CountUserData(context.Context, adapters.UserID) (int, error) { return 1, nil }

func (k failingForgetter) EraseUserData(_ context.Context, who adapters.UserID) error {
	if k.broken.Load() {
		return errors.New("the disk is full")
	}
	if who == "xanthippe" {
		k.erased.Add(1)
	}
	return nil
}

// TestErasureIsResumed interrupts erasures, as a kill does, and has the next process complete them.
func TestErasureIsResumed(t *testing.T) {
	for _, step := range []string{"adapter", "scrub"} {
		t.Run(step, func(t *testing.T) {
			inBubbleOnBoth(t, []string{"nhs", "public"}, func(n *harness) {
				var broken atomic.Bool
				var erased atomic.Int32
				n.wrapAdapter = func(f *adaptertest.Fake) adapters.Adapter { return failingForgetter{f, &broken, &erased} }
				n.run()
				n.schedule(testChat())
				n.at(7 * minute)
				n.send("nhs", "Xanthippe", "## Q1", "said quicksilver")
				n.at(70 * minute)
				n.stop()
				broken.Store(step == "adapter")
				db, err := store.Open(n.Context(), n.address)
				if err != nil {
					n.Fatal(err)
				}
				b := New(db, n.opts, Workspace{Name: "nhs", Adapter: failingForgetter{n.platforms["nhs"].Adapter(), &broken, &erased}})
				if step == "adapter" {
					if _, err := b.Forget(n.Context(), "nhs", "xanthippe"); err == nil {
						n.Error("got no error, want one that says that it is not complete")
					}
				} else if _, _, err := db.Erase(n.Context(), "nhs", "xanthippe", time.Now()); err != nil {
					n.Fatal(err)
				}
				if err := db.Close(); err != nil {
					n.Fatal(err)
				}
				if left := storetest.Find(n, n.address, "nhs\nxanthippe", "(nhs,xanthippe"); len(left) != 1 {
					n.Errorf("got %q, want the person for whom it is to be completed", left)
				}
				n.run()
				n.at(72 * minute)
				broken.Store(false)
				n.at(75 * minute)
				if left, err := n.db.PendingErasures(n.Context()); len(left) != 0 || err != nil || erased.Load() == 0 {
					n.Errorf("got %+v left to erase (%v), and the adapter called %d times, want it complete", left, err, erased.Load())
				}
				n.wantNoTrace("xanthippe", "quicksilver")
			})
		})
	}
}
