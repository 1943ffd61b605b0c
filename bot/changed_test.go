package bot

import (
	"testing"
)

func TestChangeNoticePostedOnce(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		c := testChat()
		c.Questions[0].Text = "What about matter 1, before anybody heard of it?"
		n.schedule(c)
		n.at(-6 * day)
		n.wantNone("nhs", "📅")
		c.Starts, c.Ends = c.Starts.Add(minute*30), c.Ends.Add(minute*30)
		c.Questions[1].Text = "What about matter 2, reworded?"
		for range 3 {
			n.schedule(c)
		}
		c.Licence = "CC0-1.0" // which matters to nobody here
		n.schedule(c)
		n.settle()
		for _, w := range []string{"nhs", "public"} {
			n.wantContains("line", n.find(w, "📅").Text, "it now starts on", "20:30", "not on", "20:00", "Q2 has been reworded")
			n.wantContains("reminder", n.shown(w, reminder)[0].Text, "20:30", "reworded")
		}
		n.stop()
		n.run()
		n.at(31 * minute)
		n.find("nhs", "Welcome")
		c.Questions[1].Text = "What about matter 2, reworded while it is on?"
		n.schedule(c)
		n.settle()
		n.find("nhs", "📅")
	})
}
