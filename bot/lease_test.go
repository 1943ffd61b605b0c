package bot_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
)

// sharer names the folder and the database's address of one of several processes that share it.
const sharer = "CATCHWORD_TEST_SHARER"

// TestSharer is that process. Like catchword run, it starts afresh when it has lost a lease.
func TestSharer(t *testing.T) {
	dir, address, ok := strings.Cut(os.Getenv(sharer), " ")
	if !ok {
		t.Skip("is run by TestSeveralProcesses")
	}
	p := readPlan(t, dir)
	p.Address = address
	for {
		fmt.Fprintln(os.Stderr, "starting afresh: ", p.hold(t.Context(), dir))
		time.Sleep(time.Second / 4)
	}
}

// TestSeveralProcesses holds a chat with three processes on one PostgreSQL, each of which is killed, stopped, and cut off
// from the database while it speaks. A standby takes over within five seconds; in the end every question was
// said once in every room, and every answer is there once.
func TestSeveralProcesses(t *testing.T) {
	if testing.Short() || !storetest.OnPostgres() {
		t.Skip("lasts more than a minute, on PostgreSQL")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	n := &sharedNight{slackNight: newSlackNight(t, seed), sharers: map[string]*sharing{}}
	var faults slackfake.Faults
	n.server.Fault(func(f *slackfake.Faults) { faults, *f = *f, slackfake.Faults{} })
	n.add("p0")
	n.holder() // of everything, as it is alone
	n.add("p1")
	n.add("p2")
	for len(n.asked(0)) == 0 || len(n.asked(1)) == 0 {
		time.Sleep(20 * time.Millisecond)
	}
	// With nothing else in the way, it is the takeover that takes time.
	n.takesOver("a kill", n.restart)
	n.takesOver("a cut", func(name string) { n.sharers[name].network.Cut() })
	n.server.Fault(func(f *slackfake.Faults) { *f = faults })
	for round := range 6 {
		name := n.holder()
		p := n.sharers[name]
		// Some interruptions end before the lease does, and some after.
		span := time.Duration(2500+n.random.IntN(3000)) * time.Millisecond
		switch []string{"kill", "cut", "stop"}[(round+int(seed%3))%3] {
		case "kill":
			n.restart(name)
			n.carryOn(span / 2)
		case "cut":
			p.network.Cut()
			n.carryOn(span)
			p.network.Restore()
		case "stop":
			n.signal(p, syscall.SIGSTOP)
			n.carryOn(span)
			n.signal(p, syscall.SIGCONT)
		}
		n.carryOn(time.Second / 2)
	}
	n.server.Fault(func(f *slackfake.Faults) { *f = slackfake.Faults{} })
	for deadline := time.Now().Add(2 * time.Minute); !n.quiet(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("the bots did not catch up in two minutes")
			break
		}
	}
	time.Sleep(time.Second) // for whoever would still speak, and must not
	for _, p := range n.sharers {
		n.kill(p.process)
	}
	n.check()
}

// A sharedNight is one with several processes, each known by the name under which it connects.
type sharedNight struct {
	*slackNight
	sharers map[string]*sharing
}

// A sharing is one of the processes, with a network of its own.
type sharing struct {
	process *exec.Cmd
	network *storetest.Proxy
}

func (n *sharedNight) add(name string) {
	n.Helper()
	n.sharers[name] = &sharing{network: storetest.NewProxy(n, n.address)}
	n.begin(name)
}

func (n *sharedNight) begin(name string) {
	n.Helper()
	p := n.sharers[name]
	c := exec.Command(os.Args[0], "-test.run=^TestSharer$")
	c.Env = append(os.Environ(), sharer+"="+n.dir+" "+p.network.Address+"?application_name="+name)
	c.Stdout, c.Stderr = n.Output(), n.Output()
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		n.Fatal(err)
	}
	p.process = c
}

func (n *sharedNight) restart(name string) {
	n.Helper()
	n.kill(n.sharers[name].process)
	n.begin(name)
}

func (n *sharedNight) signal(p *sharing, s syscall.Signal) {
	n.Helper()
	if err := p.process.Process.Signal(s); err != nil {
		n.Fatal(err)
	}
}

// holder is the process that holds most, as soon as all is held.
func (n *sharedNight) holder() (name string) {
	n.Helper()
	conn, err := pgx.Connect(n.Context(), n.address)
	if err != nil {
		n.Fatal(err)
	}
	defer conn.Close(context.Background())
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var held int
		// A session that does nothing but hold a lease is the only one with that setting.
		err := conn.QueryRow(n.Context(), `WITH held AS (
				SELECT s.application_name AS name FROM pg_locks l JOIN pg_stat_activity s USING (pid) JOIN pg_database d ON d.oid = l.database
				WHERE l.locktype = 'advisory' AND l.granted AND s.datname = current_database() AND s.application_name LIKE 'p_' AND l.classid <> 1667331171)
			SELECT name, (SELECT COUNT(*) FROM held) FROM held GROUP BY name ORDER BY COUNT(*) DESC LIMIT 1`).Scan(&name, &held)
		if err == nil && held == 1+len(n.workspaces) {
			return name
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			n.Fatal(err)
		}
	}
	n.Fatal("nobody holds everything after a minute")
	return ""
}

// takesOver has something befall the process that holds everything, and a standby speak within five seconds. On a machine
// that stands still for a moment it may take longer, but not always.
func (n *sharedNight) takesOver(what string, befall func(holder string)) {
	n.Helper()
	for range 3 {
		name := n.holder()
		began := time.Now()
		befall(name)
		s := &saying{workspace: 0, text: "Who hears this after " + what + "?", question: 1, how: "thread", by: n.workspaces[0].Person("Person Z")}
		s.ts = s.by.Reply(channel, n.asked(0)[0], s.text)
		n.said = append(n.said, s)
		for !n.passedOn(s) {
			time.Sleep(10 * time.Millisecond)
			if time.Since(began) > time.Minute {
				n.Fatalf("got an answer not passed on a minute after %s", what)
			}
		}
		took := time.Since(began)
		n.Logf("heard and spoken again %v after %s", took.Round(time.Millisecond), what)
		n.sharers[name].network.Restore()
		if took <= 5*time.Second {
			return
		}
	}
	n.Errorf("got more than 5s until a standby had heard and spoken after %s, three times", what)
}

func (n *sharedNight) passedOn(s *saying) bool {
	key := store.AnswerKey(n.workspaces[s.workspace].Name(), adapters.Ref{Room: n.target(s.workspace).Room, ID: adapters.MessageID(s.ts)})
	return len(n.posts(1-s.workspace, store.RelayKey(key, n.target(1-s.workspace)))) > 0
}
