//go:build goolm && linux

package matrixtest

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/synapseadmin"
)

// ServerName is the server name of every homeserver, the part behind the colon of its users and rooms.
const ServerName = "catchword.test"

const (
	secret      = "who has this may register" // also every account's password
	waitTimeout = 30 * time.Second            // for a start or a stop on a busy machine
)

// A Server is one homeserver and its rooms. Its methods may be called from several goroutines at once, except those
// that start, stop and freeze it. What fails ends the test.
type Server struct {
	t       testing.TB
	program string
	dir     string
	log     *os.File
	proxy   *Proxy
	client  *http.Client // reaches the homeserver without any proxy

	mu      sync.RWMutex // held while it is down, and, for reading, during each call of a person
	process *exec.Cmd    // nil while it is down
	ended   chan struct{}

	peopleMu sync.Mutex
	people   map[string]*Person
}

// Start runs a homeserver until the test ends, and shows the end of its log if the test has failed by then.
func Start(t testing.TB) *Server {
	t.Helper()
	program, err := Build(t.Context(), func(what string) { fmt.Fprintln(os.Stderr, "matrixtest: "+what) })
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, program: program, people: map[string]*Person{}}
	// Not t.TempDir, whose long names don't fit into the address of a socket.
	if s.dir, err = os.MkdirTemp(dataDir(), "catchword-matrix-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(s.dir) })
	if s.log, err = os.Create(filepath.Join(s.dir, "log")); err != nil {
		t.Fatal(err)
	}
	if err := s.configure(); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{
		DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, s.socket()) },
		MaxIdleConnsPerHost: 64,
	}
	s.client = &http.Client{Transport: transport, Timeout: 2 * waitTimeout}
	s.proxy = s.Proxy()
	t.Cleanup(s.cleanup)
	s.mu.Lock() // as it is down
	s.Up()
	return s
}

// URL is where clients find the homeserver, without a slash at its end. It stays the same when the homeserver does not.
func (s *Server) URL() string { return s.proxy.URL() }

// Up starts the homeserver after Down or Kill, and waits until it answers. This takes a tenth of a second.
func (s *Server) Up() {
	s.t.Helper()
	if s.process != nil {
		s.t.Fatal("the homeserver is up already")
	}
	c := exec.Command(s.program, "-config", filepath.Join(s.dir, "dendrite.yaml"), "-unix-socket", s.socket())
	c.Dir, c.Stdout, c.Stderr = s.dir, s.log, s.log
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		s.t.Fatalf("start the homeserver: %v", err)
	}
	s.process, s.ended = c, make(chan struct{})
	ended := s.ended
	go func() { _ = c.Wait(); close(ended) }()
	for begin := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		resp, err := s.client.Get("http://homeserver/_matrix/client/versions")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		select {
		case <-ended:
			s.t.Fatalf("the homeserver ended at its start: %v\n%s", c.ProcessState, s.tail())
		default:
		}
		if time.Since(begin) > waitTimeout {
			s.t.Fatalf("the homeserver did not answer within %v: %v\n%s", waitTimeout, err, s.tail())
		}
	}
	s.mu.Unlock()
}

// Down stops the homeserver cleanly. What people do meanwhile waits for Up.
func (s *Server) Down() { s.stop(syscall.SIGTERM) }

// Kill ends the homeserver as a crash does. What people do meanwhile waits for Up. Dendrite v0.15.2 may then lose what
// it accepted in the last milliseconds.
func (s *Server) Kill() { s.stop(syscall.SIGKILL) }

func (s *Server) stop(how syscall.Signal) {
	s.t.Helper()
	s.Resume()
	s.mu.Lock()
	s.signal(how)
	select {
	case <-s.ended:
	case <-time.After(waitTimeout):
		s.t.Fatalf("the homeserver did not end within %v of %v\n%s", waitTimeout, how, s.tail())
	}
	s.process = nil
}

// Pause freezes the homeserver: connections stay open, and nothing is answered. That includes people's calls.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Resume continues after Pause.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(what syscall.Signal) {
	s.t.Helper()
	if s.process == nil {
		s.t.Fatalf("the homeserver is down, and can't get %v", what)
	}
	if err := s.process.Process.Signal(what); err != nil {
		s.t.Fatalf("send %v to the homeserver: %v\n%s", what, err, s.tail())
	}
}

// CloseIdle closes connections to the homeserver that nobody uses, whose goroutines would look like leaks.
func (s *Server) CloseIdle() { s.client.CloseIdleConnections() }

func (s *Server) cleanup() {
	s.CloseIdle()
	if s.process != nil {
		_ = s.process.Process.Kill()
		<-s.ended
	}
	if s.t.Failed() {
		s.t.Logf("the end of the homeserver's log:\n%s", s.tail())
	}
	_ = s.log.Close()
}

// tail is the end of the log.
func (s *Server) tail() string {
	const most = 4000
	all, err := os.ReadFile(s.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(all[max(0, len(all)-most):])
}

func (s *Server) socket() string { return filepath.Join(s.dir, "socket") }

func dial(ctx context.Context, socket string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", socket)
}

// dataDir is where homeservers live: in memory if there is room, which doubles their speed; else where the system
// has temporary files.
func dataDir() string {
	const memory, room = "/dev/shm", 512 << 20
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < room {
		return ""
	}
	return memory
}

// configure writes what Dendrite reads: https://element-hq.github.io/dendrite/installation/manual/configuration.
func (s *Server) configure() error {
	database := func(name string) map[string]any {
		return map[string]any{"connection_string": "file:" + filepath.Join(s.dir, name+".db")}
	}
	config := map[string]any{
		"version": 2,
		"global": map[string]any{
			"server_name": ServerName, "private_key": filepath.Join(s.dir, "key.pem"), "disable_federation": true,
			"cache":     map[string]any{"max_size_estimated": "64mb", "max_age": "1h"},
			"jetstream": map[string]any{"storage_path": filepath.Join(s.dir, "jetstream"), "topic_prefix": "Dendrite"},
		},
		"client_api": map[string]any{
			"registration_disabled": true, "registration_shared_secret": secret, "rate_limiting": map[string]any{"enabled": false},
		},
		"media_api":       map[string]any{"base_path": filepath.Join(s.dir, "media"), "database": database("media")},
		"user_api":        map[string]any{"bcrypt_cost": 4, "account_database": database("user")},
		"logging":         []any{map[string]any{"type": "std", "level": "warn"}},
		"app_service_api": map[string]any{"database": database("app")},
		"federation_api":  map[string]any{"database": database("federation")},
		"key_server":      map[string]any{"database": database("key")},
		"mscs":            map[string]any{"database": database("mscs")},
		"relay_api":       map[string]any{"database": database("relay")},
		"room_server":     map[string]any{"database": database("room")},
		"sync_api":        map[string]any{"database": database("sync")},
	}
	file, err := json.Marshal(config) // which is YAML as well
	if err != nil {
		return err
	}
	key := pem.EncodeToMemory(&pem.Block{
		Type: "MATRIX PRIVATE KEY", Headers: map[string]string{"Key-ID": "ed25519:test"}, Bytes: make([]byte, 32),
	})
	return errors.Join(
		os.WriteFile(filepath.Join(s.dir, "dendrite.yaml"), file, 0o600),
		os.WriteFile(filepath.Join(s.dir, "key.pem"), key, 0o600),
	)
}

// An Account is what a client needs to log in, and one login.
type Account struct {
	ID       id.UserID
	Password string
	Token    string // of Device
	Device   id.DeviceID
}

// Register makes a user, logged in with a first device that has no keys yet. The name is the part of the ID before the
// colon.
func (s *Server) Register(name string) Account {
	s.t.Helper()
	admin := synapseadmin.Client{Client: s.anonymous()}
	r, err := admin.SharedSecretRegister(context.Background(), secret, synapseadmin.ReqSharedSecretRegister{Username: name, Password: secret})
	if err != nil {
		s.t.Fatalf("register %s: %v", name, err)
	}
	return Account{ID: r.UserID, Password: secret, Token: r.AccessToken, Device: r.DeviceID}
}

// Login logs an account in again, with a new device.
func (s *Server) Login(a Account) Account {
	s.t.Helper()
	r, err := s.anonymous().Login(context.Background(), &mautrix.ReqLogin{
		Type: mautrix.AuthTypePassword, Password: a.Password,
		Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: a.ID.String()},
	})
	if err != nil {
		s.t.Fatalf("log %s in: %v", a.ID, err)
	}
	a.Token, a.Device = r.AccessToken, r.DeviceID
	return a
}

// Client is a bare client of an account, which reaches the homeserver by no proxy, and waits while it is down.
func (s *Server) Client(a Account) *mautrix.Client {
	c := s.anonymous()
	c.UserID, c.AccessToken, c.DeviceID = a.ID, a.Token, a.Device
	return c
}

func (s *Server) anonymous() *mautrix.Client {
	c, err := mautrix.NewClient("http://homeserver", "", "")
	if err != nil {
		s.t.Fatal(err)
	}
	c.Client = &http.Client{Transport: waitTransport{s}, Timeout: 2 * waitTimeout}
	return c
}

// waitTransport are the calls that wait while the homeserver is down.
type waitTransport struct{ *Server }

func (w waitTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.client.Transport.RoundTrip(r)
}

// localpart makes a user's ID of a name.
func localpart(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", ".") }
