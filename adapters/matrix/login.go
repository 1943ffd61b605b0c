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

// A session is one login, and what belongs to its device.
type session struct {
	client *mautrix.Client
	me     id.UserID
	server string // "example.org"
	state  stateStore
	keys   *keys
}

// ensureSession logs in, once: all methods begin here. After a failure, it tries again.
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

// dropSession has the next call log in again, because the token is refused.
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
		// The library repeats nothing by itself: whether a call may be repeated is known here alone.
		DefaultHTTPRetries: 0,
	}
	before := d
	fresh, err := m.authenticate(ctx, client, &d)
	if err != nil {
		return nil, err
	}
	if before.user != "" && before.user != d.user {
		d.nextBatch = "" // which is another account's
	}
	// A login is stored before it is used, or each crash would make a device.
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
		return nil, fmt.Errorf("tables of room states: %w", err)
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

// restore takes up what earlier runs have stored: the rooms that are still configured, and the private ones.
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

// authenticate makes sure of a valid token, of the device that is stored if there is one. It tells whether it has logged in.
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
		m.log.Warn("the homeserver has ended the bot's login: logging in again")
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

// errBadPassword is what becomes of a wrong password.
var errBadPassword = calls.Errorf("the homeserver refuses the user's name or the password: write the name as in @bot:example.org, and the password of that account")

func (m *Matrix) useToken(ctx context.Context, client *mautrix.Client, d *device, renew bool) error {
	client.AccessToken = m.config.AccessToken
	who, err := client.Whoami(ctx)
	if err != nil {
		return err
	}
	if who.DeviceID == "" {
		return calls.Errorf("the access token belongs to no device, as those of application services: log the account in with its password, and use that token")
	}
	if renew && who.DeviceID == d.id {
		return calls.Errorf("a new device needs a new access token: log %s in once more with any client that shows it, and configure that one; or configure the password instead", who.UserID)
	}
	client.UserID, client.DeviceID = who.UserID, who.DeviceID
	d.user, d.id, d.token = who.UserID, who.DeviceID, ""
	return m.checkUser(who.UserID)
}

// checkUser compares whose login it is with whose it was meant to be.
func (m *Matrix) checkUser(user id.UserID) error {
	wanted := m.config.User
	if wanted == "" || wanted == string(user) || !strings.Contains(wanted, ":") && strings.TrimPrefix(wanted, "@") == user.Localpart() {
		return nil
	}
	return calls.Errorf("the login is that of %s, and %s is configured: correct one of them", user, wanted)
}

// isEncrypted tells whether what is said in a room must be encrypted.
func (s *session) isEncrypted(ctx context.Context, room id.RoomID) (bool, error) {
	return s.state.IsEncrypted(ctx, room)
}

// stdin says something in a room: encrypted where it must be. The same transaction gives the same event.
func (s *session) send(ctx context.Context, room id.RoomID, kind event.Type, content any, txnID string) (id.EventID, error) {
	encrypted, err := s.isEncrypted(ctx, room)
	if err != nil {
		return "", err
	}
	if encrypted && kind != event.EventReaction { // which servers must understand
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

// errBadResponse is an answer without what was asked for.
var errBadResponse = errors.New("the answer is not a homeserver's; is there a proxy in between?")
