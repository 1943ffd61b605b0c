package bot_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
)

// sharedProcessEnv names the folder and the database's address of one of several processes that share it.
const sharedProcessEnv = "CATCHWORD_TEST_SHARER"

// TestSharedProcess is that process. Like catchword run, it starts afresh when it has lost a lease.
func TestSharedProcess(t *testing.T) {
	dir, address, ok := strings.Cut(os.Getenv(sharedProcessEnv), " ")
	if !ok {
		t.Skip("is run by TestSeveralProcesses")
	}
	p := readProcessConfig(t, dir)
	p.Address = address
	for {
		fmt.Fprintln(os.Stderr, "starting afresh: ", p.run(t.Context(), dir))
		time.Sleep(time.Second / 4)
	}
}

// TestSeveralProcesses runs a chat with three processes on one PostgreSQL, each of which is killed, stopped, and cut
// off from the database while it posts. A standby takes over within five seconds; in the end every question was posted
// once in every room, and every answer is there once.
func TestSeveralProcesses(t *testing.T) {
	if testing.Short() || !storetest.OnPostgres() {
		t.Skip("lasts more than a minute, on PostgreSQL")
	}
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	n := &sharedTest{slackTest: newSlackTest(t, seed)}
	n.group = &processGroup{TB: t, test: "TestSharedProcess", envVar: sharedProcessEnv, dir: n.dir, address: n.address, wantLeases: 1 + len(n.workspaces)}
	var faults slackfake.Faults
	n.server.Fault(func(f *slackfake.Faults) { faults, *f = *f, slackfake.Faults{} })
	n.group.add("p0")
	n.group.leaseHolder() // of everything, as it is alone
	n.group.add("p1")
	n.group.add("p2")
	for len(n.questionIDs(0)) == 0 || len(n.questionIDs(1)) == 0 {
		time.Sleep(20 * time.Millisecond)
	}
	// With nothing else in the way, it is the takeover that takes time.
	n.wantTakeover("a kill", n.group.restart)
	n.wantTakeover("a cut", func(name string) { n.group.processes[name].proxy.Cut() })
	n.server.Fault(func(f *slackfake.Faults) { *f = faults })
	for round := range 6 {
		n.group.injectFault(round+int(seed%3), time.Duration(2500+n.random.IntN(3000))*time.Millisecond, n.runFor)
		n.runFor(time.Second / 2)
	}
	n.server.Fault(func(f *slackfake.Faults) { *f = slackfake.Faults{} })
	for deadline := time.Now().Add(2 * time.Minute); !n.idle(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("the bots did not catch up in two minutes")
			break
		}
	}
	time.Sleep(time.Second) // for whoever would still speak, and must not
	for name := range n.group.processes {
		n.group.kill(name)
	}
	n.check()
}

// A sharedTest is one with several processes.
type sharedTest struct {
	*slackTest
	group *processGroup
}

// wantTakeover does something to the process that holds all leases, and wants a standby to post within five seconds. On
// a machine that stands still for a moment it may take longer, but not always.
func (n *sharedTest) wantTakeover(what string, injectFault func(holder string)) {
	n.Helper()
	for range 10 {
		name := n.group.leaseHolder()
		began := time.Now()
		injectFault(name)
		s := &slackAnswer{workspace: 0, text: "Who receives this after " + what + "?", question: 1, how: "thread", by: n.workspaces[0].Person("Person Z")}
		s.ts = s.by.Reply(channel, n.questionIDs(0)[0], s.text)
		n.sent = append(n.sent, s)
		for !n.relayed(s) {
			time.Sleep(10 * time.Millisecond)
			if time.Since(began) > time.Minute {
				n.Fatalf("got an answer not passed on a minute after %s", what)
			}
		}
		took := time.Since(began)
		n.Logf("received and posted again %v after %s", took.Round(time.Millisecond), what)
		n.group.processes[name].proxy.Restore()
		if took <= 5*time.Second {
			return
		}
	}
	n.Errorf("got more than 5s until a standby had received and posted after %s, ten times", what)
}

func (n *sharedTest) relayed(s *slackAnswer) bool {
	key := store.AnswerKey(n.workspaces[s.workspace].Name(), adapters.Ref{Room: n.target(s.workspace).Room, ID: adapters.MessageID(s.ts)})
	return len(n.posts(1-s.workspace, store.RelayKey(key, n.target(1-s.workspace)))) > 0
}
