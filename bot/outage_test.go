package bot

import (
	"strings"
	"testing"
	"time"
)

// outage stops the bot between two times after the chat's start.
func (n *harness) outage(from, to time.Duration) {
	n.Helper()
	n.at(from)
	n.stop()
	time.Sleep(time.Until(start.Add(to)))
	n.run()
	n.settle()
}

func (n *harness) wantPostedAt(room string, want map[string]time.Duration) {
	n.Helper()
	for text, at := range want {
		if got := n.postedAt(room, text); got != at {
			n.Errorf("got %q in %s after %v, want %v", text, room, got, at)
		}
	}
}

func TestMissedReminderIsDropped(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.outage(-8*day, -90*time.Minute)
		if all := n.shown("nhs", reminder); len(all) != 1 {
			n.Errorf("got %d reminders, want the one of two hours before, late", len(all))
		}
		n.at(-time.Minute)
		if all := n.shown("nhs", reminder); len(all) != 2 {
			n.Errorf("got %d reminders, want 2", len(all))
		}
	})
}

func TestShortOutageMovesNothing(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.outage(10*time.Minute, 17*time.Minute+30*time.Second)
		n.at(61 * time.Minute)
		n.wantPostedAt("public", map[string]time.Duration{
			"matter 2": 17*time.Minute + 30*time.Second, "matter 3": 26 * time.Minute, "🙏": time.Hour,
		})
	})
}

func TestOutageMovesRemainingSteps(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.outage(10*time.Minute, 26*time.Minute) // Q2 is ten minutes late
		if got := n.ephemerals("nhs", host); len(got) != 1 || got[0].User != "host" || !strings.Contains(got[0].Text, "Q2") {
			n.Errorf("got ephemeral messages %+v, want the host told that q2 was late", got)
		}
		// A second bot uses the moved times, not the plan.
		n.outage(30*time.Minute, 31*time.Minute)
		n.schedule(testChat())
		n.at(80 * time.Minute)
		for _, room := range []string{"nhs", "public"} {
			n.wantPostedAt(room, map[string]time.Duration{
				"matter 2": 26 * time.Minute, "matter 3": 36 * time.Minute, "matter 4": 46 * time.Minute,
				"matter 5": 56 * time.Minute, "last few minutes": 65 * time.Minute, "🙏": 70 * time.Minute,
			})
		}
		n.find("nhs", "📊")
	})
}

func TestLongOutageSpreadsRemainingSteps(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.outage(10*time.Minute, 53*time.Minute) // Q2 to Q4 missed; with the overrun, 22 minutes are left for 44 planned ones
		n.at(80 * time.Minute)
		n.wantPostedAt("nhs", map[string]time.Duration{
			"matter 2": 53 * time.Minute, "matter 3": 58 * time.Minute, "matter 4": 63 * time.Minute,
			"matter 5": 68 * time.Minute, "🙏": 75 * time.Minute,
		})
	})
}

func TestOutageBeyondTheEnd(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(6 * time.Minute)
		n.send("nhs", "Ann", "## Q1", "before the lights went out")
		n.outage(10*time.Minute, 5*time.Hour)
		n.at(6 * time.Hour)
		n.wantNone("nhs", "matter 2")
		n.wantNone("nhs", "🙏")
		if got := n.ephemerals("nhs", host); len(got) != 1 || !strings.Contains(got[0].Text, "too late") {
			n.Errorf("got ephemeral messages %+v, want the host told that it is too late", got)
		}
		n.answer("before the lights")
	})
}

func TestOutageOfWholeChat(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.outage(-time.Hour, 5*time.Hour)
		n.at(6 * time.Hour)
		n.wantNone("nhs", "Welcome")
		n.wantNone("nhs", "📊")
	})
}
