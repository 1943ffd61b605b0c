package bot_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

// testProcessCommand runs the test's own binary again: one of its tests, as a process that may be killed, and dies with
// this one.
func testProcessCommand(t testing.TB, test, env string) *exec.Cmd {
	c := exec.Command(os.Args[0], "-test.run=^"+test+"$")
	c.Env = append(os.Environ(), env)
	c.Stdout, c.Stderr = t.Output(), t.Output()
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return c
}

func startProcess(t testing.TB, test, env string) *exec.Cmd {
	t.Helper()
	c := testProcessCommand(t, test, env)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// killProcess kills a process, or sees that it has killed itself: it must not end in any other way.
func killProcess(t testing.TB, name string, c *exec.Cmd) {
	t.Helper()
	if err := c.Process.Kill(); err != nil {
		t.Fatalf("%s ended by itself: %v", name, err)
	}
	if err := c.Wait(); err == nil || c.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("%s ended by itself: %v", name, err)
	}
}

func openStore(t testing.TB, address string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// storedAnswers are the answers of a chat, by workspace and message.
func storedAnswers(t testing.TB, db *store.DB, chat string) map[string]questions.Answer {
	t.Helper()
	transcript, ok, err := db.Transcript(t.Context(), chat)
	if err != nil || !ok {
		t.Fatalf("got no transcript: %v", err)
	}
	all := map[string]questions.Answer{}
	for a, err := range transcript.Answers(t.Context(), questions.OrderByTime) {
		if err != nil {
			t.Fatal(err)
		}
		key := a.Workspace + " " + a.Message
		if _, twice := all[key]; twice {
			t.Errorf("got answer %s twice", key)
		}
		all[key] = a
	}
	return all
}

// A crew is several processes on one PostgreSQL, each known by the name under which it connects.
type processGroup struct {
	testing.TB
	test       string // that each of them runs
	envVar     string // the variable that names the folder and the address
	dir        string
	address    string // of the database
	wantLeases int    // that there are
	processes  map[string]*testProcess
}

// A testProcess is one of the processes, with a network of its own.
type testProcess struct {
	cmd   *exec.Cmd
	proxy *storetest.Proxy
}

func (c *processGroup) add(name string) {
	c.Helper()
	if c.processes == nil {
		c.processes = map[string]*testProcess{}
	}
	c.processes[name] = &testProcess{proxy: storetest.NewProxy(c, c.address)}
	c.start(name)
}

func (c *processGroup) start(name string) {
	c.Helper()
	m := c.processes[name]
	m.cmd = startProcess(c, c.test, c.envVar+"="+c.dir+" "+m.proxy.Address+"?application_name="+name)
}

func (c *processGroup) kill(name string) {
	c.Helper()
	killProcess(c, name, c.processes[name].cmd)
}

func (c *processGroup) restart(name string) {
	c.Helper()
	c.kill(name)
	c.start(name)
}

func (c *processGroup) signal(name string, s syscall.Signal) {
	c.Helper()
	if err := c.processes[name].cmd.Process.Signal(s); err != nil {
		c.Fatal(err)
	}
}

// injectFault kills the process that holds most leases, cuts it off, or stops it, and lets the chat go on for a while,
// which may be shorter than a lease lasts, or longer.
func (c *processGroup) injectFault(what int, span time.Duration, runFor func(time.Duration)) {
	c.Helper()
	name := c.leaseHolder()
	switch what % 3 {
	case 0:
		c.restart(name)
		runFor(span / 2)
	case 1:
		c.processes[name].proxy.Cut()
		runFor(span)
		c.processes[name].proxy.Restore()
	case 2:
		c.awaitWrite()
		c.signal(name, syscall.SIGSTOP)
		runFor(span)
		c.signal(name, syscall.SIGCONT)
	}
}

// awaitWrite waits until somebody has written something, if that is soon: often it is that a post is about to be sent,
// which is the worst moment at which to be stopped.
func (c *processGroup) awaitWrite() {
	c.Helper()
	conn, err := pgx.Connect(c.Context(), c.address)
	if err != nil {
		c.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(c.Context(), "LISTEN catchword"); err != nil {
		c.Fatal(err)
	}
	soon, cancel := context.WithTimeout(c.Context(), 2*time.Second)
	defer cancel()
	_, _ = conn.WaitForNotification(soon)
}

// leaseHolder is the process that holds most leases, as soon as all are held.
func (c *processGroup) leaseHolder() (name string) {
	c.Helper()
	conn, err := pgx.Connect(c.Context(), c.address)
	if err != nil {
		c.Fatal(err)
	}
	defer conn.Close(context.Background())
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var held int
		// A session that does nothing but hold a lease is the only one with that setting.
		err := conn.QueryRow(c.Context(), `WITH held AS (
				SELECT s.application_name AS name FROM pg_locks l JOIN pg_stat_activity s USING (pid) JOIN pg_database d ON d.oid = l.database
				WHERE l.locktype = 'advisory' AND l.granted AND s.datname = current_database() AND s.application_name LIKE 'p_' AND l.classid <> 1667331171)
			SELECT name, (SELECT COUNT(*) FROM held) FROM held GROUP BY name ORDER BY COUNT(*) DESC LIMIT 1`).Scan(&name, &held)
		if err == nil && held == c.wantLeases {
			return name
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			c.Fatal(err)
		}
	}
	c.Fatal("no process holds all leases after a minute")
	return ""
}
