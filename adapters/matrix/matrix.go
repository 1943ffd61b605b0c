// Package matrix is the adapter of one Matrix account, in rooms with and without end-to-end encryption.
//
// A message's ID is that of its event. A post that is too long for one event is said as several: its ID is that of the
// first; the others follow in the thread where the first was said, or which it began, and are edited and deleted along
// with it. A room that is upgraded keeps the ID by which it was first joined.
//
// The account's device, its keys, and how far it has heard are kept in catchword's own database.
package matrix

import (
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

var (
	_ adapters.Adapter         = (*Matrix)(nil)
	_ adapters.Editor          = (*Matrix)(nil)
	_ adapters.Deleter         = (*Matrix)(nil)
	_ adapters.Reactor         = (*Matrix)(nil)
	_ adapters.Timestamper     = (*Matrix)(nil)
	_ adapters.Permalinker     = (*Matrix)(nil)
	_ adapters.HistoryReader   = (*Matrix)(nil)
	_ adapters.EphemeralPoster = (*Matrix)(nil)
	_ adapters.Reporter        = (*Matrix)(nil)
	_ adapters.Downloader      = (*Matrix)(nil)
	_ adapters.Checker         = (*Matrix)(nil)
)

// A Config is what an admin tells of an account.
type Config struct {
	Name        string   // of the workspace, as the admin calls it
	Homeserver  string   // its address, or the server's name; "" for the server in User
	User        string   // "@bot:example.org", or "bot"; "" with an AccessToken for whoever it belongs to
	AccessToken string   // or a Password
	Password    string   // which logs in once: the device is kept
	RecoveryKey string   // of the account's cross-signing keys; "" to leave the device unverified
	Rooms       []string // that Join is going to be called with, so that nothing said in them is missed until it is
	NewDevice   bool     // forgets the device that is stored, and logs in as a new one

	Database   *dbutil.Database // of catchword, for tables of our own; it is not closed
	Log        *slog.Logger     // nil for none; neither secrets nor what people say are ever logged
	HTTPClient *http.Client     // nil for one of its own
}

// Matrix is the adapter of one account.
type Matrix struct {
	config      Config
	log         *slog.Logger
	secrets     calls.Secrets
	tables      *tables
	limits      calls.RateLimits
	attempts    calls.Attempts
	minBackoff  time.Duration // the first one after a failure of hearing, which doubles
	pollTimeout time.Duration
	pollGrace   time.Duration

	receiving   atomic.Bool
	reconnects  atomic.Int32
	gapsFilled  atomic.Int32
	undecrypted atomic.Int32
	syncedAt    atomic.Pointer[time.Time] // when the homeserver has last told what is new
	wake        chan struct{}             // holds one, when there may be some

	loginMu sync.Mutex // by one at a time
	dmMu    sync.Mutex // so that nobody gets two rooms

	mu            sync.Mutex
	session       *session
	deviceRenewed bool                 // it has logged in as a new device, as NewDevice says
	rooms         map[id.RoomID]*room  // that are heard
	toJoin        map[id.RoomID]string // whose invitations are accepted, with the names by which they are to be joined
	dmUsers       map[id.RoomID]id.UserID
	anchors       map[id.EventID]id.EventID // what repeats the root of a thread, to that
	logged        map[string]bool           // of what is said once
	recent        eventCache
}

// New makes the adapter of an account. It starts nothing and connects to nothing.
func New(c Config) *Matrix {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.HTTPClient == nil {
		c.HTTPClient = newClient(pollGrace)
	}
	c.HTTPClient = adapters.FencedClient(c.HTTPClient)
	m := &Matrix{
		config: c, log: c.Log, tables: newTables(c.Database, c.Name), minBackoff: time.Second / 2, pollTimeout: pollTimeout, pollGrace: pollGrace, wake: make(chan struct{}, 1),
		rooms: map[id.RoomID]*room{}, toJoin: map[id.RoomID]string{}, dmUsers: map[id.RoomID]id.UserID{},
		anchors: map[id.EventID]id.EventID{},
		logged:  map[string]bool{},
	}
	m.secrets.Add(c.AccessToken, c.Password, c.RecoveryKey)
	return m
}

// newClient makes a client of our own. What is silent for some time is asked whether it still lives: of a connection that
// serves several calls at once, as that of HTTP/2, a call that fails is no end, and the next would go the same way.
func newClient(silence time.Duration) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: silence, PingTimeout: silence}
	return &http.Client{Transport: t}
}

// Report tells whether the homeserver answers.
func (m *Matrix) Report() adapters.Report {
	return adapters.Report{
		Receiving: m.receiving.Load(), Reconnects: int(m.reconnects.Load()), Backfills: int(m.gapsFilled.Load()), Undecrypted: int(m.undecrypted.Load()),
	}
}

// A checkRoom is one that is heard. A room and its successors are several, of one place.
type room struct {
	id          id.RoomID
	stableID    adapters.RoomID // as it is known to others
	joinedAt    time.Time       // what was said before is not heard
	newest      id.EventID      // the last event that was heard
	newestAt    time.Time       // when that was said
	alias       string
	title       string
	joinName    string
	stateReadAt time.Time // when its state was, for the last time; zero if it never was, so that nothing must be said in it
	successor   id.RoomID // that is yet to be followed
	history     timeline
}

// name is how people call the room.
func (r *room) name() string {
	for _, name := range []string{r.alias, r.title, r.joinName} {
		if name != "" {
			return name
		}
	}
	return string(r.id)
}

// currentRoom is the room in which a place is now, or nil if none was joined.
func (m *Matrix) currentRoom(p adapters.RoomID) (found *room) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.rooms {
		if r.stableID == p && !r.stateReadAt.IsZero() && (found == nil || r.joinedAt.After(found.joinedAt)) {
			found = r
		}
	}
	return found
}

// currentName is how people call a place, or its ID where that is not known.
func (m *Matrix) currentName(p adapters.RoomID) string {
	r := m.currentRoom(p)
	if r == nil {
		return string(p)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return r.name()
}

// checkRoom returns a room that is heard, or nil.
func (m *Matrix) room(r id.RoomID) *room {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rooms[r]
}

// firstTime tells whether something is said for the first time.
func (m *Matrix) firstTime(what string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	first := !m.logged[what]
	m.logged[what] = true
	return first
}

// currentSession is the session, or nil before there is one.
func (m *Matrix) currentSession() *session {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.session
}
