//go:build linux

// Package storetest gives tests a database of either kind that catchword knows. PostgreSQL is a real one, from Debian's
// package: each test binary has a cluster of its own on loopback, which ends with it.
package storetest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// EnvVar has the tests of a package run on the other kind of database when it is "postgres".
const EnvVar = "CATCHWORD_TEST_DATABASE"

// Address returns the address of a new, empty database of the kind that is being tested. Call it outside of synctest
// bubbles.
func Address(t testing.TB) string {
	t.Helper()
	if OnPostgres() {
		return Postgres(t)
	}
	return SQLite(t)
}

// OnPostgres tells whether PostgreSQL is being tested.
func OnPostgres() bool { return os.Getenv(EnvVar) == "postgres" }

// SQLite returns the address of a file that does not exist yet.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "catchword.db")
}

// Unpack returns the address of a copy of a gzipped SQLite file.
func Unpack(t testing.TB, file string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "catchword.db")
	err := func() error {
		packed, err := os.Open(file)
		if err != nil {
			return err
		}
		defer packed.Close()
		unpacked, err := gzip.NewReader(packed)
		if err != nil {
			return err
		}
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, unpacked)
		return errors.Join(err, f.Close())
	}()
	if err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// Postgres returns the address of an empty PostgreSQL database, which is dropped when the test ends. Call it outside of
// synctest bubbles. Options are those of CREATE DATABASE. Without PostgreSQL on this machine the test is skipped,
// except under CI.
func Postgres(t testing.TB, options ...string) string {
	t.Helper()
	server.once.Do(server.start)
	if server.err != nil {
		t.Fatal(server.err)
	}
	if server.missing {
		if os.Getenv("CI") != "" {
			t.Fatal("PostgreSQL is not installed: apt-get install postgresql")
		}
		t.Skip("PostgreSQL is not installed: apt-get install postgresql")
	}
	name := fmt.Sprintf("test%d", server.databases.next())
	server.query(t, "CREATE DATABASE "+name+" "+strings.Join(options, " "))
	t.Cleanup(func() { server.query(t, "DROP DATABASE "+name+" WITH (FORCE)") })
	return server.address("postgres", name)
}

// WaitForLeases waits until the server of a database has been up for long enough to grant leases at once. SQLite always
// does.
func WaitForLeases(t testing.TB, address string) {
	t.Helper()
	if !strings.HasPrefix(address, "postgres:") {
		return
	}
	if err := Exec(address, "SELECT pg_sleep_until(pg_postmaster_start_time() + '4s')"); err != nil {
		t.Fatal(err)
	}
}

// Restart has the server of all these databases end every session, as an admin's restart does, and begin again.
func Restart(t testing.TB) {
	t.Helper()
	if err := server.process.Process.Signal(syscall.SIGINT); err != nil { // without waiting for clients
		t.Fatal(err)
	}
	<-server.exited
	if err := server.startServer(); err != nil {
		t.Fatal(err)
	}
}

// Crash kills one of the server's processes. The server then ends every session, and continues.
func Crash(t testing.TB) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.address("postgres", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := syscall.Kill(int(conn.PgConn().PID()), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// Main runs the tests of a package, then stops the server. It returns the exit status.
func Main(m *testing.M) int {
	defer server.stop()
	return m.Run()
}

// server is this process's cluster. The first test that needs one starts it.
var server cluster

type cluster struct {
	once      sync.Once
	missing   bool
	err       error
	dir       string
	bin, data string
	procAttr  *syscall.SysProcAttr
	port      int
	process   *exec.Cmd
	exited    chan error // of the process
	databases counter
}

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

func (c *cluster) start() {
	bin := findBinDir()
	if c.missing = bin == ""; c.missing {
		return
	}
	if c.err = c.initialise(bin); c.err != nil {
		c.err = fmt.Errorf("start PostgreSQL: %w", c.err)
	}
}

// findBinDir finds PostgreSQL's programs: Debian doesn't put them in the PATH.
func findBinDir() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

func (c *cluster) initialise(bin string) (err error) {
	c.bin = bin
	parent := ""
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		parent = "/dev/shm"
	}
	if c.dir, err = os.MkdirTemp(parent, "catchword-postgres-"); err != nil {
		return err
	}
	c.procAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		if c.procAttr.Credential, err = credential("postgres"); err != nil {
			return err
		}
		if err := os.Chown(c.dir, int(c.procAttr.Credential.Uid), int(c.procAttr.Credential.Gid)); err != nil {
			return err
		}
	}
	c.data = filepath.Join(c.dir, "data")
	// Not the C locale: the order of texts must not depend on it.
	if err := c.run(filepath.Join(bin, "initdb"), "--pgdata", c.data, "--username", "postgres", "--auth", "trust", "--no-sync",
		"--encoding", "UTF8", "--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "en"); err != nil {
		return err
	}
	// The role guarded needs a password.
	access := "host all guarded 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
	if err := os.WriteFile(filepath.Join(c.data, "pg_hba.conf"), []byte(access), 0o644); err != nil {
		return err
	}
	for range 5 { // another process may take the port first
		if c.port, err = freePort(); err != nil {
			return err
		}
		if err = c.startServer(); err == nil {
			return nil
		}
	}
	c.exited = nil
	return err
}

func credential(name string) (*syscall.Credential, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

// freePort returns a port on which nothing listens.
func freePort() (port int, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func (c *cluster) run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr, cmd.Dir = c.procAttr, c.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, out)
	}
	return nil
}

func (c *cluster) startServer() error {
	var log bytes.Buffer
	c.process = exec.Command(filepath.Join(c.bin, "postgres"), "-D", c.data, "-p", strconv.Itoa(c.port), "-k", c.dir, "-h", "127.0.0.1",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB",
		"-c", "max_connections=200", "-c", "autovacuum=off", "-c", "jit=off")
	c.process.SysProcAttr, c.process.Dir = c.procAttr, c.dir
	c.process.Stdout, c.process.Stderr = &log, &log
	started := make(chan error)
	c.exited = make(chan error, 1)
	go func() {
		// The server must end with this process. For the kernel, that is the thread that started it.
		runtime.LockOSThread()
		err := c.process.Start()
		started <- err
		if err == nil {
			c.exited <- c.process.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	for range 1000 {
		select {
		case err := <-c.exited:
			return fmt.Errorf("%w\n%s", err, &log)
		case <-time.After(10 * time.Millisecond):
		}
		if conn, err := pgx.Connect(context.Background(), c.address("postgres", "postgres")); err == nil {
			return conn.Close(context.Background())
		}
	}
	return fmt.Errorf("it does not answer\n%s", &log)
}

func (c *cluster) address(user, database string) string {
	return (&url.URL{Scheme: "postgres", User: url.User(user), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)), Path: database}).String()
}

func (c *cluster) query(t testing.TB, query string) {
	t.Helper()
	if err := Exec(c.address("postgres", "postgres"), query); err != nil {
		t.Fatal(err)
	}
}

// Exec carries out a statement over a connection of its own.
func Exec(address, query string) error {
	ctx := context.Background() // a test's own has ended when it cleans up
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, query)
	return err
}

func (c *cluster) stop() {
	if c.exited != nil {
		_ = c.process.Process.Signal(syscall.SIGQUIT) // at once: its data is thrown away
		<-c.exited
	}
	if c.dir != "" {
		_ = os.RemoveAll(c.dir)
	}
}
