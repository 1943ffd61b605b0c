package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A lightning chat has several steps within the time of one notice, and each has its cue, in its turn.
func TestEveryStepHasItsCue(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *night) {
		chat := theChat()
		chat.LeadIn, chat.PerQuestion = time.Minute, time.Minute
		n.run()
		n.schedule(chat)
		n.at(30 * minute)
		for q := 1; q <= 5; q++ {
			var cues []time.Duration
			for _, e := range n.platforms["nhs"].Whispers() {
				if strings.HasPrefix(e.Text, fmt.Sprintf("🔔 **Q%d in ", q)) {
					cues = append(cues, e.At.Sub(chat.Starts))
				}
			}
			asked := n.saidAt("nhs", fmt.Sprintf("## Q%d", q))
			if len(cues) != 1 || cues[0] > asked-30*time.Second {
				n.Errorf("got cues for Q%d after %v, want one well before %v", q, cues, asked)
			}
		}
	})
}
