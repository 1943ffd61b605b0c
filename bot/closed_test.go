package bot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
)

// TestClosedRoomLosesNothing closes a room from before Q2 until Q3 is live elsewhere: it gets both questions and every
// answer once it is open, and hosts are told once that it is closed, and once that it is open.
func TestClosedRoomLosesNothing(t *testing.T) {
	for _, seen := range []bool{false, true} {
		name := map[bool]string{false: "looked at now and then", true: "the platform says when it opens"}[seen]
		t.Run(name, func(t *testing.T) {
			inBubbleOnBoth(t, []string{"nhs", "public"}, func(n *harness) {
				n.run()
				n.schedule(testChat())
				n.at(14 * minute)
				n.send("public", "Bob", "## Q1", "before it was closed")
				n.send("nhs", "Ann", "## Q1", "also before")
				n.setClosed(true)
				n.send("nhs", "Ann", "## Q1", "while it was closed")
				n.at(17 * minute)
				n.send("nhs", "Ann", "## Q2", "an answer to Q2")
				n.at(19 * minute)
				if got := n.closedRooms(); len(got) != 1 || !strings.Contains(got[0], "archived") {
					n.Errorf("got the closed rooms %q, want that of public with the reason", got)
				}
				n.wantContains("status", n.command("nhs", host, "status"), "can’t post in public #chat", "archived")
				n.outage(20*minute, 21*minute) // nobody is told twice after a restart
				n.at(27*minute + 10*time.Second)
				n.send("nhs", "Ann", "## Q3", "an answer to Q3")
				n.wantNone("public", "matter 2")
				n.at(30 * minute)
				opened := 30*minute + 5*time.Second
				n.setClosed(false)
				if seen {
					n.platforms["public"].AddMember("#chat", adapters.User{ID: adaptertest.BotID, Name: "catchword"})
				} else {
					opened += minute // the longest back-off
				}
				n.at(opened)
				if got := n.closedRooms(); len(got) != 0 {
					n.Errorf("got the closed rooms %q, want none", got)
				}
				if got := n.postedAt("public", "matter 2"); got < 30*minute || got > opened {
					n.Errorf("got Q2 after %v, want it when the room opens", got)
				}
				n.at(40 * minute)
				n.wantInThread("public", "while it was closed", "## Q1")
				n.wantInThread("public", "an answer to Q2", "## Q2")
				n.wantInThread("public", "an answer to Q3", "## Q3")
				n.wantPostedNear(map[string]time.Duration{"matter 4": 36 * minute}) // the timetable goes on everywhere
				var closed, open int
				for _, e := range n.ephemerals("nhs", host) {
					closed += strings.Count(e.Text, "keeping everything")
					open += strings.Count(e.Text, "post in public #chat again")
				}
				if closed != 1 || open != 1 {
					n.Errorf("the host was told %d times that the room is closed, and %d times that it is open, want once each", closed, open)
				}
				n.at(61 * minute)
				n.find("public", "📊")
			})
		})
	}
}

// TestOneRefusedCopyClosesNothing refuses one copy for a reason that the adapter can't place: all else goes on, and the
// copy is tried again.
func TestOneRefusedCopyClosesNothing(t *testing.T) {
	inBubbleOnBoth(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(7 * minute)
		n.platforms["public"].SetFaults(func(f *adaptertest.Faults) { f.ClosedTo = "peculiar" })
		n.send("nhs", "Ann", "## Q1", "a peculiar answer")
		n.send("nhs", "Bob", "## Q1", "an ordinary answer")
		n.at(17 * minute)
		n.wantNone("public", "peculiar")
		n.wantInThread("public", "ordinary", "## Q1")
		n.find("public", "matter 2")
		if got := n.closedRooms(); len(got) != 0 {
			n.Errorf("got the closed rooms %q, want none", got)
		}
		n.platforms["public"].SetFaults(func(f *adaptertest.Faults) { f.ClosedTo = "" })
		n.at(19 * minute)
		n.wantInThread("public", "peculiar", "## Q1")
		for _, e := range n.ephemerals("nhs", host) {
			if strings.Contains(e.Text, "keeping everything") {
				n.Errorf("the host was told %q, want nothing", e.Text)
			}
		}
	})
}

func (n *harness) setClosed(closed bool) {
	n.platforms["public"].SetFaults(func(f *adaptertest.Faults) { f.Closed = map[string]bool{"#chat": closed} })
}

// closedRooms are the reasons why rooms take no posts.
func (n *harness) closedRooms() (all []string) {
	for _, s := range n.bot.Status() {
		for _, r := range s.Rooms {
			if r.Closed {
				all = append(all, r.Err.Error())
			}
		}
	}
	return all
}

// TestRoomIsJoinedLater configures a room that doesn't exist before the chat has begun. The bot joins it without a
// restart as soon as it is invited, and soon after without an invitation.
func TestRoomIsJoinedLater(t *testing.T) {
	for _, invited := range []bool{true, false} {
		t.Run(map[bool]string{true: "invited", false: "found"}[invited], func(t *testing.T) {
			inBubble(t, []string{"nhs"}, func(n *harness) {
				n.rooms = []RoomConfig{{Name: "#chat"}, {Name: "#later"}}
				n.run()
				n.schedule(testChat())
				n.at(7 * minute)
				nhs := n.platforms["nhs"]
				nhs.AddRoom("#later")
				if invited {
					nhs.AddMember("#later", adapters.User{ID: adaptertest.BotID, Name: "catchword"})
				} else {
					n.at(8*minute + 5*time.Second)
				}
				n.settle()
				joined := func() bool {
					return slices.ContainsFunc(n.bot.Status()[0].Rooms, func(r RoomStatus) bool { return r.Name == "#later" && r.Joined })
				}
				if !joined() {
					n.Error("the room is not joined")
				}
				n.at(17 * minute)
				if all := nhs.Messages("#later"); !slices.ContainsFunc(all, func(m adaptertest.Message) bool { return strings.Contains(m.Text, "matter 2") }) {
					n.Errorf("got %+v in the room that was joined late, want Q2", all)
				}
			})
		})
	}
}

// TestClosedForTooLong opens a room after the chat is over: it gets no question then, but the answers, as long as the
// chat takes some.
func TestClosedForTooLong(t *testing.T) {
	for name, opened := range map[string]time.Duration{"while late answers count": 100 * minute, "when none count": 140 * minute} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, []string{"nhs", "public"}, func(n *harness) {
				n.opts.Grace = time.Hour
				n.run()
				n.schedule(testChat())
				n.at(14 * minute)
				n.setClosed(true)
				n.at(17 * minute)
				n.send("nhs", "Ann", "## Q2", "an answer to Q2")
				n.at(opened)
				n.setClosed(false)
				n.at(opened + 5*minute)
				n.wantNone("public", "matter 2")
				if got, want := len(n.shown("public", "an answer to Q2")) > 0, opened < 2*time.Hour; got != want {
					n.Errorf("got the answer %v, want %v", got, want)
				}
			})
		})
	}
}
