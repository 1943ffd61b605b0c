package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
)

// A lightning chat has several steps within the time of one heads-up. Each still gets its own, in order.
func TestHeadsUpBeforeEveryStep(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *harness) {
		chat := testChat()
		chat.LeadIn, chat.PerQuestion = time.Minute, time.Minute
		n.run()
		n.schedule(chat)
		n.at(30 * minute)
		for q := 1; q <= 5; q++ {
			var headsUps []time.Duration
			for _, e := range n.platforms["nhs"].Ephemerals() {
				if strings.HasPrefix(e.Text, fmt.Sprintf("🔔 **Q%d in ", q)) {
					headsUps = append(headsUps, e.At.Sub(chat.Starts))
				}
			}
			asked := n.postedAt("nhs", fmt.Sprintf("## Q%d", q))
			if len(headsUps) != 1 || headsUps[0] > asked-30*time.Second {
				n.Errorf("got heads-ups for Q%d after %v, want one well before %v", q, headsUps, asked)
			}
		}
	})
}

// The leader gets heads-ups without commands. A leader who is a host as well gets each once, as a host.
func TestHeadsUpForLeader(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		chat := testChat()
		chat.LeaderAccounts = []string{"nhs/holly", "public/host", "elsewhere/holly"}
		holly := person("Holly")
		n.run()
		n.schedule(chat)
		n.at(8 * minute)
		n.send("public", "Bob", "## Q1", "one")
		n.command("public", person("Bob"), "suggest More?")
		n.at(15 * minute)
		headsUps := map[string][]adaptertest.Event{}
		for workspace, p := range n.platforms {
			for _, e := range p.Ephemerals() {
				if strings.HasPrefix(e.Text, "🔔") {
					who := workspace + "/" + string(e.User)
					headsUps[who] = append(headsUps[who], e)
				}
			}
		}
		for who, want := range map[string]int{"nhs/host": 3, "nhs/holly": 3, "public/host": 3, "public/holly": 0} {
			if got := headsUps[who]; len(got) != want {
				n.Fatalf("got %d heads-ups for %s, want %d: for the welcome, Q1 and Q2", len(got), who, want)
			}
		}
		headsUp := headsUps["nhs/holly"][2]
		n.wantContains("heads-up", headsUp.Text, "🔔 **Q2 in 2 minutes**", "Q1: 1 answer from 1 person", "Waiting for the hosts: 1 suggestion", "What about matter 2?")
		if len(headsUp.Buttons) != 0 || strings.Contains(headsUp.Text, "`next`") || headsUp.Room != "" {
			n.Errorf("got the leader's heads-up %+v, want it private, without commands", headsUp)
		}
		for _, host := range []string{"nhs/host", "public/host"} {
			if headsUp := headsUps[host][2]; len(headsUp.Buttons) == 0 || !strings.Contains(headsUp.Text, "`next`") {
				n.Errorf("got the heads-up %+v for %s, want it with the commands", headsUp, host)
			}
		}
		n.wantContains("reply", n.command("nhs", holly, "next"), "Only hosts can do that")
		n.wantNone("nhs", "## Q2")
		n.wantContains("help", n.command("nhs", holly, "help"), "`suggest TEXT`")
	})
}
