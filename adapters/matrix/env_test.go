//go:build goolm && linux

package matrix_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

const waitTimeout = time.Minute // long enough for a busy machine

// An env is a homeserver with a room, somebody in it, and an account for the bot.
type env struct {
	*matrixtest.Server
	t         testing.TB
	proxy     *matrixtest.Proxy // between the bot and the homeserver
	bot       matrixtest.Account
	amy       *matrixtest.Person
	room      id.RoomID
	encrypted bool // the room is encrypted
	db        *dbutil.Database
	client    *http.Client
}

// roomKinds maps kinds of rooms to whether they are encrypted.
var roomKinds = map[string]bool{"plain": false, "encrypted": true}

// eachRoomKind runs a test in an unencrypted room and in an encrypted one, in parallel with each other and with other
// tests.
func eachRoomKind(t *testing.T, try func(t *testing.T, c *env)) {
	t.Parallel()
	for name, encrypted := range roomKinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			try(t, newEnv(t, encrypted))
		})
	}
}

func newEnv(t testing.TB, encrypted bool) *env {
	s := matrixtest.Start(t)
	c := &env{
		Server: s, t: t, encrypted: encrypted, proxy: s.Proxy(), bot: s.Register("bot"), amy: s.Person("Amy Adams"), db: newDatabase(t),
		client: &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()},
	}
	t.Cleanup(c.closeIdle)
	c.room = c.amy.MakeRoom(matrixtest.Room{Alias: "ukmedlibs", Public: true, Encrypted: encrypted})
	if err := s.Client(c.bot).SetDisplayName(t.Context(), "Question Master"); err != nil {
		t.Fatal(err)
	}
	return c
}

// newDatabase returns an empty database, set up as catchword does.
func newDatabase(t testing.TB) *dbutil.Database {
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "catchword.db")+
		"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	db, err := dbutil.NewWithDB(raw, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// closeIdle closes idle connections.
func (c *env) closeIdle() {
	c.client.CloseIdleConnections()
	c.Server.CloseIdle()
}

func (c *env) config() matrix.Config {
	return matrix.Config{
		Name: "community", Homeserver: c.proxy.URL(), AccessToken: c.bot.Token, Rooms: []string{matrixtest.Alias("ukmedlibs")},
		Database: c.db, HTTPClient: c.client, Log: slog.New(slog.NewTextHandler(c.t.Output(), nil)),
	}
}

// A receiver runs an adapter as the bot does: it backfills what may be missing.
type receiver struct {
	*matrix.Matrix
	t    testing.TB
	room adapters.Room
	stop func() // may be repeated

	mu       sync.Mutex
	refuse   func(adapters.Update) error
	received []adapters.Update
}

// startReceiver has an adapter join the room and receive, until stop or the end of the test. The sink refuses the
// updates for which refuse returns an error; nil refuses none.
func (c *env) startReceiver(config matrix.Config, refuse func(adapters.Update) error, adjust ...func(*matrix.Matrix)) *receiver {
	c.t.Helper()
	l := &receiver{Matrix: matrix.New(config), t: c.t, refuse: refuse}
	for _, adjust := range adjust {
		adjust(l.Matrix)
	}
	var err error
	if l.room, err = l.Join(c.t.Context(), matrixtest.Alias("ukmedlibs")); err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx, l.sink) }()
	l.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				c.t.Errorf("Run: %v", err)
			}
		case <-time.After(waitTimeout):
			c.t.Errorf("Run has not ended %v after its context was done", waitTimeout)
		}
	})
	c.t.Cleanup(l.stop)
	return l
}

func (l *receiver) sink(ctx context.Context, u adapters.Update) error {
	if l.refuse != nil {
		if err := l.refuse(u); err != nil {
			return err
		}
	}
	if gap, ok := u.(*adapters.Gap); ok {
		if err := l.reconcile(ctx, "", gap.Since.Add(-time.Minute)); err != nil {
			return fmt.Errorf("history: %w", err)
		}
	}
	l.record(u)
	return nil
}

// reconcile reads everything since a time, in a thread and those below it, or at the top level and everywhere.
func (l *receiver) reconcile(ctx context.Context, thread adapters.MessageID, since time.Time) error {
	for m, err := range l.History(ctx, l.room.ID, thread, since) {
		if err != nil {
			return err
		}
		l.record(m)
		if m.HasReplies {
			if err := l.reconcile(ctx, m.ID, since); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *receiver) record(u adapters.Update) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.received = append(l.received, u)
}

// updates returns the received updates of a type, in order.
func updates[U adapters.Update](l *receiver) (all []U) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, u := range l.received {
		if u, ok := u.(U); ok {
			all = append(all, u)
		}
	}
	return all
}

// messages returns what the bot would store: each message once, in its last version, in the order in which they first
// came.
func (l *receiver) messages() (all []*adapters.Message) {
	for _, m := range updates[*adapters.Message](l) {
		if i := slices.IndexFunc(all, func(o *adapters.Message) bool { return o.Ref == m.Ref }); i >= 0 {
			all[i] = m
		} else if !m.FromBot {
			all = append(all, m)
		}
	}
	return all
}

// until waits for something.
func (l *receiver) until(what string, is func() bool) {
	l.t.Helper()
	for begin := time.Now(); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > waitTimeout {
			l.t.Fatalf("timed out after %v waiting until %s", waitTimeout, what)
		}
	}
}

// waitMessage waits for a message.
func (l *receiver) waitMessage(message id.EventID) *adapters.Message {
	l.t.Helper()
	var found *adapters.Message
	l.until(fmt.Sprintf("%s is received", message), func() bool {
		for _, m := range l.messages() {
			if m.ID == adapters.MessageID(message) {
				found = m
			}
		}
		return found != nil
	})
	return found
}

// post posts with a new key.
func (l *receiver) post(p adapters.Post) id.EventID {
	l.t.Helper()
	p.Room = l.room.ID
	if p.Key == "" {
		p.Key = fmt.Sprintf("key of %s at %d", p.Text, time.Now().UnixNano())
	}
	m, err := l.Post(l.t.Context(), p)
	if err != nil {
		l.t.Fatal(err)
	}
	return id.EventID(m)
}
