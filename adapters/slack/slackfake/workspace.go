package slackfake

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// WorkspaceOptions describe how an app is installed in a workspace.
type WorkspaceOptions struct {
	// Scopes of the bot token; nil is AllScopes.
	Scopes []string
	// Events that the app subscribes to; nil is all of them. Each needs its scope, too.
	Events []string
	// Metadata are the event types that the manifest's metadata_subscriptions declare. The payload of any other is
	// left out of events and of history.
	Metadata []string
	// Distributed makes it an app that is sold outside of the Marketplace: history and replies come in pages of 15,
	// and with SlackLimits once a minute.
	Distributed bool
	// NoMessagesTab turns the Messages tab of the app's home off: people and the bot have no direct messages.
	NoMessagesTab bool
	// BotName is the bot's name; empty is "catchword".
	BotName string
}

// AllScopes are the scopes of a bot that may do all that the fake knows.
func AllScopes() []string {
	return []string{
		"app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write", "chat:write.customize",
		"commands", "files:read", "groups:history", "groups:read", "im:history", "im:read", "im:write", "metadata.message:read",
		"mpim:history", "mpim:read", "reactions:read", "reactions:write", "team:read", "users:read",
	}
}

// AllScopesExcept are all scopes but some.
func AllScopesExcept(scopes ...string) []string {
	return slices.DeleteFunc(AllScopes(), func(s string) bool { return slices.Contains(scopes, s) })
}

// A Workspace is one Slack workspace with one app of ours in it.
type Workspace struct {
	server  *Server
	name    string
	options WorkspaceOptions
	rand    *rand.Rand
	faults  Faults

	teamID, appID, botID, botUser string
	botToken, appToken            string
	tokenErrors                   map[string]string // token to error code

	channels     []*channel
	people       []*Person
	apps         []*App
	files        map[string]*file
	views        map[string]*view
	triggers     map[string]*trigger
	responseURLs map[string]*responseURL // response URLs, by the last part of their path

	sockets     []*socket
	tickets     map[string]bool
	pending     map[*event]bool                 // not acknowledged yet
	awaitingAck map[string]chan json.RawMessage // for the answer to a command or an interaction, by envelope

	buckets map[string]*bucket
	callLog []Call
	pings   []Ping
}

// AddWorkspace makes a workspace. Its name is its subdomain, too.
func (s *Server) AddWorkspace(name string, o WorkspaceOptions) *Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.Scopes == nil {
		o.Scopes = AllScopes()
	}
	if o.BotName == "" {
		o.BotName = "catchword"
	}
	w := &Workspace{
		server: s, name: name, options: o,
		rand:   rand.New(rand.NewPCG(s.options.Seed, uint64(len(s.workspaces)))),
		teamID: s.id("T"), appID: s.id("A"), botID: s.id("B"), botUser: s.id("U"),
		tokenErrors: map[string]string{},
		files:       map[string]*file{}, views: map[string]*view{}, triggers: map[string]*trigger{}, responseURLs: map[string]*responseURL{},
		tickets: map[string]bool{}, pending: map[*event]bool{}, awaitingAck: map[string]chan json.RawMessage{}, buckets: map[string]*bucket{},
	}
	w.botToken = fmt.Sprintf("xoxb-%s-%s", strings.ToLower(w.teamID), s.id("tok"))
	w.appToken = fmt.Sprintf("xapp-1-%s-%s", w.appID, s.id("tok"))
	s.workspaces = append(s.workspaces, w)
	return w
}

// Name is the name that the workspace was added under.
func (w *Workspace) Name() string { return w.name }

// BotToken is the token of the Web API: xoxb-….
func (w *Workspace) BotToken() string { return w.botToken }

// AppToken is the token of apps.connections.open: xapp-….
func (w *Workspace) AppToken() string { return w.appToken }

// TeamID is T….
func (w *Workspace) TeamID() string { return w.teamID }

// AppID is A….
func (w *Workspace) AppID() string { return w.appID }

// BotID is B…, as in the bot_id of what the app posts.
func (w *Workspace) BotID() string { return w.botID }

// BotUser is U…, the user as which the app is in channels.
func (w *Workspace) BotUser() string { return w.botUser }

// RevokeToken makes calls with a token fail with token_revoked.
func (w *Workspace) RevokeToken(token string) { w.setTokenError(token, "token_revoked") }

// Deactivate makes calls with a token fail with account_inactive, as after the app was removed.
func (w *Workspace) Deactivate(token string) { w.setTokenError(token, "account_inactive") }

// Uninstall removes the app: its bot token stops working, and it gets the event for that.
func (w *Workspace) Uninstall() {
	defer w.lockForWrite()()
	w.tokenErrors[w.botToken] = "account_inactive"
	w.emit(nil, obj{"type": "tokens_revoked", "tokens": obj{"oauth": []string{}, "bot": []string{w.botUser}}, "event_ts": formatTS(nowMicros())})
	w.emit(nil, obj{"type": "app_uninstalled", "event_ts": formatTS(nowMicros())})
}

// Restore undoes RevokeToken, Deactivate and Uninstall.
func (w *Workspace) Restore(token string) { w.setTokenError(token, "") }

func (w *Workspace) setTokenError(token, code string) {
	defer w.lockForWrite()()
	w.tokenErrors[token] = code
}

// SetScopes grants other scopes, as a reinstallation does.
func (w *Workspace) SetScopes(scopes []string) {
	defer w.lockForWrite()()
	w.options.Scopes = slices.Clone(scopes)
}

// lockForRead takes the lock for what changes nothing.
func (w *Workspace) lockForRead() (unlock func()) {
	w.server.mu.Lock()
	return w.server.mu.Unlock
}

// lockForWrite takes the lock, and notifies waiters when it is released.
func (w *Workspace) lockForWrite() (unlock func()) {
	w.server.mu.Lock()
	return func() {
		w.server.notify()
		w.server.mu.Unlock()
	}
}

func (w *Workspace) has(scopes ...string) bool {
	return slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(w.options.Scopes, s) })
}

// bot is the bot's user as users.info shows it.
func (w *Workspace) bot() obj {
	u := w.user(w.botUser, w.options.BotName, "")
	u["is_bot"] = true
	u["profile"].(obj)["api_app_id"], u["profile"].(obj)["bot_id"] = w.appID, w.botID
	return u
}

func (w *Workspace) botProfile() obj {
	return obj{
		"id": w.botID, "deleted": false, "name": w.options.BotName, "updated": 1755000000, "app_id": w.appID, "user_id": w.botUser,
		"icons": obj{"image_36": picture(w.botID, 36), "image_48": picture(w.botID, 48), "image_72": picture(w.botID, 72)}, "team_id": w.teamID,
	}
}

func picture(id string, size int) string {
	return fmt.Sprintf("https://avatars.example.org/%s_%d.png", id, size)
}

// obj is a JSON object.
type obj = map[string]any

// nowMicros is the time in microseconds, of which identifiers of messages are made.
func nowMicros() int64 { return time.Now().UnixMicro() }

func formatTS(micros int64) string { return fmt.Sprintf("%010d.%06d", micros/1e6, micros%1e6) }
