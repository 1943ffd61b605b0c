// Package slack is the adapter of one Slack workspace. It uses an app that the workspace has made for itself: it posts
// and reads with the Web API, and receives over Socket Mode, which needs no public address.
//
// A message's ID is its ts, which is also its time, to the microsecond. A post that is too long for one message is
// split into several. Its ID is that of the first; the others follow in the same thread, or in the one that the first
// begins, and are edited and deleted with it.
package slack

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	// DefaultConnections is how many Socket Mode connections are open. Slack sends each event over one of them, so that
	// the others receive while one is renewed, which Slack requires every few hours.
	DefaultConnections = 2
	// minInterval is Slack's rate limit for one channel: https://docs.slack.dev/apis/web-api/rate-limits
	minInterval = time.Second
	// readTimeout is how long a connection may be silent until it counts as lost. Slack pings every few seconds.
	readTimeout = 30 * time.Second
)

var (
	_ adapters.Adapter         = (*Slack)(nil)
	_ adapters.Editor          = (*Slack)(nil)
	_ adapters.Deleter         = (*Slack)(nil)
	_ adapters.Reactor         = (*Slack)(nil)
	_ adapters.Timestamper     = (*Slack)(nil)
	_ adapters.Permalinker     = (*Slack)(nil)
	_ adapters.HistoryReader   = (*Slack)(nil)
	_ adapters.EphemeralPoster = (*Slack)(nil)
	_ adapters.Downloader      = (*Slack)(nil)
	_ adapters.Reporter        = (*Slack)(nil)
	_ adapters.Checker         = (*Slack)(nil)
)

// A Config describes a workspace.
type Config struct {
	Name        string       // of the workspace, chosen by the admin
	BotToken    string       // "xoxb-…"
	AppToken    string       // "xapp-…", with the scope connections:write
	APIURL      string       // "" for Slack's own; GovSlack's is different
	Connections int          // of Socket Mode, at most 10 for all processes of the app together; zero for DefaultConnections
	Apps        []string     // bot IDs or app IDs of other apps whose messages are received like people's
	Log         *slog.Logger // nil for none; never gets tokens or messages
	HTTPClient  *http.Client // for the Web API; nil for a new one
}

// Slack is the adapter of one workspace.
type Slack struct {
	config         Config
	api            *slackgo.Client
	log            *slog.Logger
	secrets        calls.Secrets
	readTimeout    time.Duration
	firstBackoff   time.Duration // after a failed attempt to receive; doubles each time
	reopenDelay    time.Duration // how long to wait after Slack has refused a connection
	stallTimeout   time.Duration
	users          cache[adapters.User]
	appUsers       sync.Map // IDs of users who are apps
	channelNames   cache[string]
	dmChannels     cache[string] // by user: the channel of their direct messages with the bot
	commandTimeout time.Duration
	dmReadInterval time.Duration
	resendWindow   time.Duration
	limits         calls.RateLimits
	attempts       calls.Attempts
	watchdog       watchdog
	openConns      atomic.Int32 // after Slack's hello
	lostConns      atomic.Int32
	unreadable     atomic.Int32  // events
	lookups        chan struct{} // has a place for each

	warnLimited sync.Once // about limitedPageSize

	mu       sync.Mutex
	me       *identity
	rooms    map[adapters.RoomID]*room
	deleted  map[adapters.Ref]bool // the bot's messages that it has deleted, or is deleting
	latestTS map[string]string     // see isLatest
	backlog  *dmBacklog            // nil before Run
}

// An identity is who the bot is in its workspace.
type identity struct {
	teamID string
	url    string // of the workspace, with a slash at its end
	userID string // U…
	botID  string // B…
	name   string
	scopes map[string]bool // nil if Slack didn't say
}

// A room is a joined channel.
type room struct {
	name string // with "#"
	left bool   // the bot was removed since it joined
}

// New returns the adapter of a workspace. It starts nothing and connects to nothing.
func New(c Config) *Slack {
	if c.APIURL == "" {
		c.APIURL = slackgo.APIURL
	}
	if !strings.HasSuffix(c.APIURL, "/") {
		c.APIURL += "/"
	}
	if c.Connections == 0 {
		c.Connections = DefaultConnections
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.HTTPClient = adapters.FencedClient(c.HTTPClient)
	s := &Slack{
		config: c, log: c.Log, readTimeout: readTimeout, stallTimeout: stallTimeout, firstBackoff: time.Second / 2, reopenDelay: time.Minute, commandTimeout: commandTimeout, dmReadInterval: dmReadInterval, resendWindow: resendWindow,
		// The library must not retry: only this package knows whether a call may be repeated.
		api: slackgo.New(c.BotToken, slackgo.OptionAppLevelToken(c.AppToken), slackgo.OptionAPIURL(c.APIURL),
			slackgo.OptionHTTPClient(c.HTTPClient)),
		rooms: map[adapters.RoomID]*room{}, lookups: make(chan struct{}, maxLookups), latestTS: map[string]string{}, deleted: map[adapters.Ref]bool{},
	}
	s.secrets.Add(c.BotToken, c.AppToken)
	s.users.fetch, s.channelNames.fetch, s.dmChannels.fetch = s.fetchUser, s.fetchChannelName, s.fetchDMChannel
	return s
}

// Report says that the adapter is receiving if at least one connection is open.
func (s *Slack) Report() adapters.Report {
	s.mu.Lock()
	me := cmp.Or(s.me, &identity{})
	s.mu.Unlock()
	return adapters.Report{Receiving: s.openConns.Load() > 0, Reconnects: int(s.lostConns.Load()), Unreadable: int(s.unreadable.Load()), BotName: me.name}
}

// identity asks Slack once who the bot is and which scopes it has.
func (s *Slack) identity(ctx context.Context) (*identity, error) {
	s.mu.Lock()
	me := s.me
	s.mu.Unlock()
	if me != nil {
		return me, nil
	}
	resp, err := s.authTest(ctx)
	if err != nil {
		return nil, err
	}
	me = newIdentity(resp)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.me = me
	return me, nil
}

func (s *Slack) authTest(ctx context.Context) (resp *slackgo.AuthTestResponse, err error) {
	err = s.call(ctx, "auth.test", "", func(ctx context.Context) (err error) {
		resp, err = s.api.AuthTestContext(ctx)
		if err == nil && resp.UserID == "" {
			err = errNotSlack
		}
		return err
	})
	return resp, err
}

func newIdentity(resp *slackgo.AuthTestResponse) *identity {
	me := &identity{teamID: resp.TeamID, url: resp.URL, userID: resp.UserID, botID: resp.BotID, name: resp.User}
	// https://docs.slack.dev/authentication/installing-with-oauth describes this header.
	if granted := resp.Header.Get("X-OAuth-Scopes"); granted != "" {
		me.scopes = map[string]bool{}
		for scope := range strings.SplitSeq(granted, ",") {
			me.scopes[strings.TrimSpace(scope)] = true
		}
	}
	return me
}

// requireScopes returns an error that names all missing scopes, or nil.
func (me *identity) requireScopes(scopes ...string) error {
	if me.scopes == nil {
		return nil
	}
	var missing []string
	for _, scope := range scopes {
		if !me.scopes[scope] {
			missing = append(missing, scope)
		}
	}
	if missing == nil {
		return nil
	}
	return refusal{code: "missing_scope", scopes: strings.Join(missing, ", ")}.err()
}

// roomName is the name of a joined channel, or the ID of another.
func (s *Slack) roomName(id adapters.RoomID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.rooms[id]; r != nil {
		return r.name
	}
	return string(id)
}

func (s *Slack) joined(id adapters.RoomID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rooms[id] != nil
}

// parseTS is the time of a ts, to the millisecond; zero if it can't be read.
func parseTS(ts string) time.Time {
	var seconds, micros int64
	if n, _ := fmt.Sscanf(ts, "%d.%6d", &seconds, &micros); n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(seconds*1000 + micros/1000).UTC()
}

// formatTS is the first ts at a time.
func formatTS(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/int(time.Microsecond))
}
