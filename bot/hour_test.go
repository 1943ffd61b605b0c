package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
)

// TestTheHourWithFaults holds a chat with two hosts on two platforms that refuse, lose, double and disorder, and checks
// that every command has come true once, in both rooms.
func TestTheHourWithFaults(t *testing.T) {
	for seed := range uint64(4) {
		inBubble(t, []string{"nhs", "public"}, func(n *night) {
			n.Logf("seed %d", seed)
			for _, p := range n.platforms {
				p.Fault(func(f *adaptertest.Faults) {
					f.Seed(seed)
					f.RefuseChance, f.LoseChance, f.Duplicate, f.Disorder = 0.15, 0.15, 0.3, true
					f.Answering = 200 * time.Millisecond
				})
			}
			n.run()
			n.schedule(theChat())
			n.at(8 * minute)
			n.say("nhs", "Ann", "## Q1", "Ann will keep out")
			n.say("public", "Bob", "## Q1", "Bob will stay")
			n.at(10 * minute)
			for _, p := range n.platforms {
				p.Command("#chat", host, "next")
			}
			n.at(12 * minute)
			n.platforms["public"].Command("", host, "hold")
			n.at(13 * minute)
			n.stop() // and a restart in the break
			n.run()
			n.at(14 * minute)
			n.platforms["nhs"].Say("#chat", host, "", "!catchword resume")
			n.at(15 * minute)
			n.platforms["nhs"].Command("", person("Cat"), "suggest What of the mice?")
			n.platforms["nhs"].Command("", person("Ann"), "optout")
			n.at(16 * minute)
			n.platforms["public"].Command("#chat", host, "accept 1")
			n.at(17 * minute)
			n.say("public", "Dan", "## Q6", "Dan fears the mice")
			n.platforms["public"].Command("#chat", host, "skip q5")
			n.at(18 * minute)
			n.platforms["nhs"].Command("#chat", host, "extend 2m")
			n.at(75 * minute)
			for w, p := range n.platforms {
				for _, want := range []string{"## Q1", "## Q2", "## Q3", "## Q4", "## Q6", "▶️", "⏭", "⏱", "🙏", "📊", "Suggested by Cat"} {
					n.find(w, want)
				}
				n.none(w, "## Q5")
				keys := map[string]int{}
				for _, e := range p.Log() {
					if e.Kind == adaptertest.Posted {
						keys[e.Key]++
					}
				}
				for key, times := range keys {
					if times > 1 {
						n.Errorf("got %s said %d times in %s, want once", key, times, w)
					}
				}
			}
			n.none("public", "Ann will keep out")
			n.under("nhs", "Bob will stay", "## Q1")
			n.under("nhs", "Dan fears", "## Q6")
			for file, words := range n.archive() {
				if strings.Contains(words, "Ann will keep out") {
					n.Errorf("got Ann's words in %s", file)
				}
			}
			log, err := n.db.Audited(n.Context(), theChat().Slug)
			var whats []string
			for _, d := range log {
				whats = append(whats, d.What)
			}
			if want := "extend by 2 minutes, skip q5, accept suggestion 1, resume, hold, next q2"; err != nil || strings.Join(whats, ", ") != want {
				n.Errorf("got the audit log %q (%v), want %q", whats, err, want)
			}
		})
	}
}
