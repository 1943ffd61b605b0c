package matrix

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/sqlstatestore"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// A session is a login with its device.
type session struct {
	client *mautrix.Client
	me     id.UserID
	server string // "example.org"
	state  stateStore
	keys   *keys
}

// ensureSession logs in if necessary. All methods begin here.
func (m *Matrix) ensureSession(ctx context.Context) (*session, error) {
	if s := m.currentSession(); s != nil {
		return s, nil
	}
	m.loginMu.Lock()
	defer m.loginMu.Unlock()
	if s := m.currentSession(); s != nil {
		return s, nil
	}
	var s *session
	err := m.call(ctx, "login", "", func(ctx context.Context) (err error) {
		s, err = m.login(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.session = s
	return s, nil
}

// dropSession makes the next call log in again, because the token was refused.
func (m *Matrix) dropSession() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session != nil {
		m.session.keys.close()
	}
	m.session = nil
}

func (m *Matrix) login(ctx context.Context) (*session, error) {
	if err := m.tables.upgrade(ctx); err != nil {
		return nil, err
	}
	d, err := m.tables.device(ctx)
	if err != nil {
		return nil, err
	}
	address, err := m.findHomeserver(ctx)
	if err != nil {
		return nil, err
	}
	log := zerologFor(m.log)
	client := &mautrix.Client{
		HomeserverURL: address, UserAgent: "catchword " + mautrix.DefaultUserAgent, Client: m.config.HTTPClient, Log: log,
		// The library must not retry: only this package knows whether a call may be repeated.
		DefaultHTTPRetries: 0,
	}
	before := d
	fresh, err := m.authenticate(ctx, client, &d)
	if err != nil {
		return nil, err
	}
	if before.user != "" && before.user != d.user {
		d.nextBatch = "" // it belongs to another account
	}
	// The login is stored before it is used, or each crash would create a device.
	if err := m.tables.saveDevice(ctx, d); err != nil {
		return nil, err
	}
	m.secrets.Add(client.AccessToken)
	s := &session{client: client, me: client.UserID, server: client.UserID.Homeserver()}
	s.state = stateStore{sqlstatestore.NewSQLStateStore(m.config.Database, nil, false)}
	client.StateStore = s.state
	upgradeMu.Lock()
	defer upgradeMu.Unlock()
	if err := s.state.Upgrade(ctx); err != nil {
		return nil, fmt.Errorf("upgrade room state tables: %w", err)
	}
	if s.keys, err = m.openKeys(ctx, s, d, fresh); err != nil {
		return nil, err
	}
	if err := m.restore(ctx); err != nil {
		s.keys.close()
		return nil, err
	}
	return s, nil
}

// restore loads what earlier runs have stored about the rooms that are still configured, and direct message rooms.
func (m *Matrix) restore(ctx context.Context) error {
	stored, err := m.tables.rooms(ctx)
	if err != nil {
		return err
	}
	directs, err := m.tables.dmUsers(ctx)
	if err != nil {
		return err
	}
	anchors, err := m.tables.anchors(ctx)
	if err != nil {
		return err
	}
	kept, err := m.tables.undecrypted(ctx)
	if err != nil {
		return err
	}
	m.undecrypted.Store(int32(len(kept)))
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dmUsers, m.anchors = directs, anchors
	configured := map[string]bool{}
	for _, name := range m.config.Rooms {
		configured[name] = true
	}
	current := map[id.RoomID]bool{}
	for _, p := range stored {
		if configured[p.joinName] {
			current[p.stableID] = true
		}
	}
	for _, p := range stored {
		if current[p.stableID] && m.rooms[p.room] == nil {
			m.rooms[p.room] = &room{id: p.room, stableID: adapters.RoomID(p.stableID), joinName: p.joinName, joinedAt: p.joinedAt, newest: p.newest, newestAt: p.newestAt}
		}
	}
	return nil
}

// authenticate gets a valid token, for the stored device if there is one. fresh says that it has logged in.
func (m *Matrix) authenticate(ctx context.Context, client *mautrix.Client, d *device) (fresh bool, err error) {
	m.mu.Lock()
	renew := m.config.NewDevice && !m.deviceRenewed
	m.mu.Unlock()
	if m.config.AccessToken != "" {
		return false, m.useToken(ctx, client, d, renew)
	}
	if d.token != "" && !renew {
		client.AccessToken = d.token
		who, err := client.Whoami(ctx)
		if err == nil {
			client.UserID, client.DeviceID = who.UserID, d.id
			return false, m.checkUser(who.UserID)
		}
		if !errors.Is(err, mautrix.MUnknownToken) {
			return false, err
		}
		m.log.Warn("the homeserver ended the session; logging in again")
	}
	login := &mautrix.ReqLogin{
		Type: mautrix.AuthTypePassword, Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: m.config.User},
		Password: m.config.Password, InitialDeviceDisplayName: "catchword " + m.config.Name, StoreCredentials: true,
	}
	if !renew {
		login.DeviceID = d.id
	}
	client.AccessToken = ""
	if _, err := client.Login(ctx, login); errors.Is(err, mautrix.MForbidden) {
		return false, errBadPassword
	} else if err != nil {
		return false, err
	}
	if err := m.checkUser(client.UserID); err != nil {
		return false, err
	}
	d.user, d.id, d.token = client.UserID, client.DeviceID, client.AccessToken
	m.mu.Lock()
	m.deviceRenewed = true
	m.mu.Unlock()
	return true, nil
}

var errBadPassword = calls.Errorf("the homeserver rejects the user name or the password: write the name like @bot:example.org, and use the password of that account")

func (m *Matrix) useToken(ctx context.Context, client *mautrix.Client, d *device, renew bool) error {
	client.AccessToken = m.config.AccessToken
	who, err := client.Whoami(ctx)
	if err != nil {
		return err
	}
	if who.DeviceID == "" {
		return calls.Errorf("the access token has no device, like those of application services: log in with the account's password, and use that token")
	}
	if renew && who.DeviceID == d.id {
		return calls.Errorf("a new device needs a new access token: log in as %s with a client that shows its token, and configure that; or configure the password instead", who.UserID)
	}
	client.UserID, client.DeviceID = who.UserID, who.DeviceID
	d.user, d.id, d.token = who.UserID, who.DeviceID, ""
	return m.checkUser(who.UserID)
}

// checkUser checks that the login belongs to the configured user.
func (m *Matrix) checkUser(user id.UserID) error {
	wanted := m.config.User
	if wanted == "" || wanted == string(user) || !strings.Contains(wanted, ":") && strings.TrimPrefix(wanted, "@") == user.Localpart() {
		return nil
	}
	return calls.Errorf("the login belongs to %s, but %s is configured: correct one of them", user, wanted)
}

func (s *session) isEncrypted(ctx context.Context, room id.RoomID) (bool, error) {
	return s.state.IsEncrypted(ctx, room)
}

// send sends an event to a room, encrypted if the room is. The same txnID gives the same event.
func (s *session) send(ctx context.Context, room id.RoomID, kind event.Type, content any, txnID string) (id.EventID, error) {
	encrypted, err := s.isEncrypted(ctx, room)
	if err != nil {
		return "", err
	}
	if encrypted && kind != event.EventReaction { // servers must be able to read it
		if content, err = s.keys.encrypt(ctx, room, kind, content); err != nil {
			return "", err
		}
		kind = event.EventEncrypted
	}
	resp, err := s.client.SendMessageEvent(ctx, room, kind, content, mautrix.ReqSendEvent{TransactionID: txnID, DontEncrypt: true})
	if err != nil {
		return "", err
	}
	if resp == nil || resp.EventID == "" {
		return "", errBadResponse
	}
	return resp.EventID, nil
}

// errBadResponse means that something other than a homeserver has answered.
var errBadResponse = errors.New("the response is not from a homeserver; is there a proxy in between?")
