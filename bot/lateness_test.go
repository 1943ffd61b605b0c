package bot

import (
	"strings"
	"testing"
	"time"
)

// away stops the bot from one time to another after the chat's start.
func (n *night) away(from, to time.Duration) {
	n.Helper()
	n.at(from)
	n.stop()
	time.Sleep(time.Until(start.Add(to)))
	n.run()
	n.moment()
}

func (n *night) wantTimes(room string, want map[string]time.Duration) {
	n.Helper()
	for text, at := range want {
		if got := n.saidAt(room, text); got != at {
			n.Errorf("got %q in %s after %v, want %v", text, room, got, at)
		}
	}
}

func TestAMissedReminderIsDroppedWhenALaterOneIsDue(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *night) {
		n.run()
		n.schedule(theChat())
		n.away(-8*day, -90*time.Minute)
		if all := n.shown("nhs", reminder); len(all) != 1 {
			n.Errorf("got %d reminders, want the one of two hours before, late", len(all))
		}
		n.at(-time.Minute)
		if all := n.shown("nhs", reminder); len(all) != 2 {
			n.Errorf("got %d reminders, want 2", len(all))
		}
	})
}

func TestAShortOutageMovesNothing(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *night) {
		n.run()
		n.schedule(theChat())
		n.away(10*time.Minute, 17*time.Minute+30*time.Second)
		n.at(61 * time.Minute)
		n.wantTimes("public", map[string]time.Duration{
			"matter 2": 17*time.Minute + 30*time.Second, "matter 3": 26 * time.Minute, "🙏": time.Hour,
		})
	})
}

func TestAnOutageMovesTheRest(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *night) {
		n.run()
		n.schedule(theChat())
		n.away(10*time.Minute, 26*time.Minute) // Q2 is ten minutes late
		if got := n.whispers("nhs", host); len(got) != 1 || got[0].User != "host" || !strings.Contains(got[0].Text, "Q2") {
			n.Errorf("got whispers %+v, want the host told that q2 was late", got)
		}
		// A second bot finds what the first one moved, not the plan.
		n.away(30*time.Minute, 31*time.Minute)
		n.schedule(theChat())
		n.at(80 * time.Minute)
		for _, room := range []string{"nhs", "public"} {
			n.wantTimes(room, map[string]time.Duration{
				"matter 2": 26 * time.Minute, "matter 3": 36 * time.Minute, "matter 4": 46 * time.Minute,
				"matter 5": 56 * time.Minute, "last few minutes": 65 * time.Minute, "🙏": 70 * time.Minute,
			})
		}
		n.find("nhs", "📊")
	})
}

func TestALongOutageSpreadsTheRest(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *night) {
		n.run()
		n.schedule(theChat())
		n.away(10*time.Minute, 53*time.Minute) // Q2 to Q4 missed; 22 minutes are left with the overrun, for 44 planned
		n.at(80 * time.Minute)
		n.wantTimes("nhs", map[string]time.Duration{
			"matter 2": 53 * time.Minute, "matter 3": 58 * time.Minute, "matter 4": 63 * time.Minute,
			"matter 5": 68 * time.Minute, "🙏": 75 * time.Minute,
		})
	})
}

func TestAnOutageThatOutlastsTheChat(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *night) {
		n.run()
		n.schedule(theChat())
		n.at(6 * time.Minute)
		n.say("nhs", "Ann", "## Q1", "before the lights went out")
		n.away(10*time.Minute, 5*time.Hour)
		n.at(6 * time.Hour)
		n.none("nhs", "matter 2")
		n.none("nhs", "🙏")
		if got := n.whispers("nhs", host); len(got) != 1 || !strings.Contains(got[0].Text, "too late") {
			n.Errorf("got whispers %+v, want the host told that it is too late", got)
		}
		n.answer("before the lights")
	})
}

func TestAnOutageOfTheWholeChatLeavesNothing(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *night) {
		n.run()
		n.schedule(theChat())
		n.away(-time.Hour, 5*time.Hour)
		n.at(6 * time.Hour)
		n.none("nhs", "Welcome")
		n.none("nhs", "📊")
	})
}
