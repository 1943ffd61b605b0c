// Package matrix is the adapter of one Matrix account, in rooms with and without end-to-end encryption.
//
// A message's ID is that of its event. A post that is too long for one event is split into several. Its ID is that of
// the first; the others follow in the same thread, or in the one that the first begins, and are edited and deleted with
// it.
//
// An upgrade replaces a room with a new one. The bot sees one room all the same, under a stable ID: that of the room
// that it joined first.
//
// The account's device, its keys, and the sync token are in catchword's own database.
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

// A Config describes an account.
type Config struct {
	Name        string   // of the workspace, chosen by the admin
	Homeserver  string   // its address or server name; "" for the server in User
	User        string   // "@bot:example.org" or "bot"; may be "" with an AccessToken
	AccessToken string   // or use a Password
	Password    string   // logs in once; the device is stored
	RecoveryKey string   // of the account's cross-signing keys; "" to leave the device unverified
	Rooms       []string // that Join will be called with, so that no messages are missed until then
	NewDevice   bool     // forgets the stored device, and logs in as a new one

	Database   *dbutil.Database // catchword's; the adapter adds tables of its own and doesn't close it
	Log        *slog.Logger     // nil for none; never gets secrets or messages
	HTTPClient *http.Client     // nil for a new one
}

// Matrix is the adapter of one account.
type Matrix struct {
	config      Config
	log         *slog.Logger
	secrets     calls.Secrets
	tables      *tables
	limits      calls.RateLimits
	attempts    calls.Attempts
	minBackoff  time.Duration // after a failed sync; doubles each time
	pollTimeout time.Duration
	pollGrace   time.Duration

	receiving   atomic.Bool
	reconnects  atomic.Int32
	gapsFilled  atomic.Int32
	undecrypted atomic.Int32
	unreadable  atomic.Int32
	botName     atomic.Pointer[string]    // as a room last showed it
	syncedAt    atomic.Pointer[time.Time] // of the last sync
	wake        chan struct{}             // for housekeep

	loginMu sync.Mutex // one login at a time
	dmMu    sync.Mutex // one new room at a time, so that nobody gets two

	mu            sync.Mutex
	session       *session
	deviceRenewed bool                 // as Config.NewDevice asks
	rooms         map[id.RoomID]*room  // joined, or still configured
	toJoin        map[id.RoomID]string // by ID: the name to join a room by; it accepts invitations to these
	dmUsers       map[id.RoomID]id.UserID
	anchors       map[id.EventID]id.EventID // by copy of a thread's root: the root
	logged        map[string]bool           // see firstTime
	recent        eventCache
	redactedUsers map[memberKey]int64 // until when, in milliseconds: see noteRedactedUser
	caughtUp      chan struct{}       // closed once Run has received what was sent in private; nil before Run
}

// New returns the adapter of an account. It starts nothing and connects to nothing.
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
		logged:  map[string]bool{}, redactedUsers: map[memberKey]int64{},
	}
	m.secrets.Add(c.AccessToken, c.Password, c.RecoveryKey)
	return m
}

// newClient returns a client that pings silent HTTP/2 connections. Without that, a dead connection would stay in use
// after a call has failed on it, and the next call would fail as well.
func newClient(silence time.Duration) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: silence, PingTimeout: silence}
	return &http.Client{Transport: t}
}

// Report says that the adapter is receiving if the last sync succeeded.
func (m *Matrix) Report() adapters.Report {
	name := ""
	if shown := m.botName.Load(); shown != nil {
		name = *shown
	}
	return adapters.Report{
		BotName: name, Receiving: m.receiving.Load(), Reconnects: int(m.reconnects.Load()), Backfills: int(m.gapsFilled.Load()), Undecrypted: int(m.undecrypted.Load()), Unreadable: int(m.unreadable.Load()),
	}
}

// A room is a joined room. A room and its successors are several, with one stable ID.
type room struct {
	id          id.RoomID
	stableID    adapters.RoomID // that the bot knows, across upgrades
	joinedAt    time.Time       // messages from before are not received
	newest      id.EventID      // the last event received
	newestAt    time.Time       // its time
	alias       string
	title       string
	joinName    string
	stateReadAt time.Time // zero for never: then nothing may be posted in it
	successor   id.RoomID // the room that replaces it; "" for none
	history     timeline
}

func (r *room) name() string {
	for _, name := range []string{r.alias, r.title, r.joinName} {
		if name != "" {
			return name
		}
	}
	return string(r.id)
}

// currentRoom is the newest joined room with a stable ID, or nil.
func (m *Matrix) currentRoom(stableID adapters.RoomID) (found *room) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.rooms {
		if r.stableID == stableID && !r.stateReadAt.IsZero() && (found == nil || r.joinedAt.After(found.joinedAt)) {
			found = r
		}
	}
	return found
}

// currentName is the name of the room with a stable ID, or the ID.
func (m *Matrix) currentName(stableID adapters.RoomID) string {
	r := m.currentRoom(stableID)
	if r == nil {
		return string(stableID)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return r.name()
}

// room returns a joined room, or nil.
func (m *Matrix) room(r id.RoomID) *room {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rooms[r]
}

// firstTime returns true once for each key, so that a problem is logged once.
func (m *Matrix) firstTime(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	first := !m.logged[key]
	m.logged[key] = true
	return first
}

// currentSession is the session, or nil if not logged in.
func (m *Matrix) currentSession() *session {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.session
}
