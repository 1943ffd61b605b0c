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

	"github.com/ukmedlibs/catchword/bot/store/storetest"
)

// A crew is several processes on one PostgreSQL, each known by the name under which it connects.
type crew struct {
	testing.TB
	test    string // that each of them runs
	told    string // the variable that names the folder and the address
	dir     string
	address string // of the database
	leases  int    // that there are
	members map[string]*member
}

// A member is one of the processes, with a network of its own.
type member struct {
	process *exec.Cmd
	network *storetest.Proxy
}

func (c *crew) add(name string) {
	c.Helper()
	if c.members == nil {
		c.members = map[string]*member{}
	}
	c.members[name] = &member{network: storetest.NewProxy(c, c.address)}
	c.begin(name)
}

func (c *crew) begin(name string) {
	c.Helper()
	m := c.members[name]
	m.process = exec.Command(os.Args[0], "-test.run=^"+c.test+"$")
	m.process.Env = append(os.Environ(), c.told+"="+c.dir+" "+m.network.Address+"?application_name="+name)
	m.process.Stdout, m.process.Stderr = c.Output(), c.Output()
	m.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := m.process.Start(); err != nil {
		c.Fatal(err)
	}
}

func (c *crew) kill(name string) {
	c.Helper()
	process := c.members[name].process
	if err := process.Process.Kill(); err != nil {
		c.Fatalf("%s ended by itself: %v", name, err)
	}
	if err := process.Wait(); err == nil || process.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		c.Fatalf("%s ended by itself: %v", name, err)
	}
}

func (c *crew) restart(name string) {
	c.Helper()
	c.kill(name)
	c.begin(name)
}

func (c *crew) signal(name string, s syscall.Signal) {
	c.Helper()
	if err := c.members[name].process.Process.Signal(s); err != nil {
		c.Fatal(err)
	}
}

// disturb kills whoever holds most, cuts it off, or stops it, and has the evening go on for a while, which may be shorter
// than a lease lasts, or longer.
func (c *crew) disturb(what int, span time.Duration, carryOn func(time.Duration)) {
	c.Helper()
	name := c.holder()
	switch what % 3 {
	case 0:
		c.restart(name)
		carryOn(span / 2)
	case 1:
		c.members[name].network.Cut()
		carryOn(span)
		c.members[name].network.Restore()
	case 2:
		c.awaitWrite()
		c.signal(name, syscall.SIGSTOP)
		carryOn(span)
		c.signal(name, syscall.SIGCONT)
	}
}

// awaitWrite waits until somebody has written something, if that is soon: often it is that a post is about to be sent, which
// is the worst moment at which to be stopped.
func (c *crew) awaitWrite() {
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

// holder is the process that holds most, as soon as all is held.
func (c *crew) holder() (name string) {
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
		if err == nil && held == c.leases {
			return name
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			c.Fatal(err)
		}
	}
	c.Fatal("nobody holds everything after a minute")
	return ""
}
