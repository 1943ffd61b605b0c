package matrix

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// Check tries the homeserver, the login, the device's keys and their verification, the clock, each host's ID and each
// room. It leaves no new device, changes no keys, and does not disturb another process that uses them.
func (m *Matrix) Check(ctx context.Context, rooms []string, hosts []adapters.UserID) []adapters.Finding {
	c := &checkup{Matrix: m}
	s, d := c.login(ctx)
	if s == nil {
		return c.findings
	}
	defer c.logout(s, d)
	c.checkKeys(ctx, s, d)
	for _, host := range hosts {
		c.checkHost(ctx, s, id.UserID(host))
	}
	for _, name := range rooms {
		c.checkRoom(ctx, s, name)
	}
	return c.findings
}

// A checkup collects findings.
type checkup struct {
	*Matrix
	findings []adapters.Finding
}

func (c *checkup) add(f adapters.Finding) { c.findings = append(c.findings, f) }

// addError adds a finding about an error.
func (c *checkup) addError(room, check string, err error) {
	c.add(calls.Finding(room, check, err, "see whether this machine reaches the homeserver over HTTPS, and try again"))
}

// callRetrying makes a call that may be repeated.
func (c *checkup) callRetrying(ctx context.Context, what string, do func(context.Context) error) error {
	return calls.Retry(ctx, func() error { return c.call(ctx, what, "", do) })
}

// login finds the homeserver and logs in as the stored device. If there is none, it tries the password with a login of
// its own, which logout ends. The device then has no ID.
func (c *checkup) login(ctx context.Context) (*session, device) {
	var address *url.URL
	err := c.callRetrying(ctx, "find homeserver", func(ctx context.Context) (err error) {
		address, err = c.findHomeserver(ctx)
		return err
	})
	if err != nil {
		c.addError("", "homeserver", err)
		return nil, device{}
	}
	c.add(adapters.Finding{Check: "homeserver", Detail: address.Redacted()})
	c.checkClock(ctx, address)
	var d device
	if err = c.tables.upgrade(ctx); err == nil {
		d, err = c.tables.device(ctx)
	}
	if err != nil {
		c.addError("", "database", calls.Errorf("%w", err))
		return nil, d
	}
	client := &mautrix.Client{HomeserverURL: address, UserAgent: "catchword " + mautrix.DefaultUserAgent, Client: c.config.HTTPClient, Log: zerologFor(c.log)}
	if err := c.callRetrying(ctx, "login", func(ctx context.Context) error { return c.tryLogin(ctx, client, &d) }); err != nil {
		c.addError("", "login", err)
		return nil, d
	}
	c.secrets.Add(client.AccessToken)
	c.add(adapters.Finding{Check: "login", Detail: string(client.UserID)})
	return &session{client: client, me: client.UserID, server: client.UserID.Homeserver()}, d
}

func (c *checkup) tryLogin(ctx context.Context, client *mautrix.Client, d *device) error {
	client.AccessToken = d.token
	if c.config.AccessToken != "" {
		return c.useToken(ctx, client, d, false)
	}
	if d.token != "" {
		who, err := client.Whoami(ctx)
		if err == nil {
			client.UserID, client.DeviceID = who.UserID, d.id
			return c.checkUser(who.UserID)
		}
		if !errors.Is(err, mautrix.MUnknownToken) {
			return err
		}
	}
	client.AccessToken, d.id = "", ""
	_, err := client.Login(ctx, &mautrix.ReqLogin{
		Type: mautrix.AuthTypePassword, Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: c.config.User},
		Password: c.config.Password, InitialDeviceDisplayName: "catchword doctor " + c.config.Name, StoreCredentials: true,
	})
	if errors.Is(err, mautrix.MForbidden) {
		return errBadPassword
	}
	if err == nil {
		err = c.checkUser(client.UserID)
	}
	return err
}

// logout ends a login that was made for the check, even if ctx is done.
func (c *checkup) logout(s *session, d device) {
	if d.id != "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), calls.Timeout)
	defer cancel()
	if _, err := s.client.Logout(ctx); err != nil {
		c.log.Warn("can't log out of the doctor's session; remove the session named \"catchword doctor\"", "workspace", c.config.Name)
	}
}

// checkClock compares the clocks with a request that needs no login.
func (c *checkup) checkClock(ctx context.Context, address *url.URL) {
	ctx, cancel := context.WithTimeout(ctx, calls.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.JoinPath("/_matrix/client/versions").String(), nil)
	if err != nil {
		return
	}
	before := time.Now()
	resp, err := c.config.HTTPClient.Do(request)
	if err != nil {
		return // the next call reports it
	}
	_ = resp.Body.Close()
	c.add(adapters.CompareClocks("the homeserver", resp.Header.Get("Date"), before, time.Now()))
}

// checkHost checks that an ID is a person's. With a mistyped one, the chat would have no host.
func (c *checkup) checkHost(ctx context.Context, s *session, host id.UserID) {
	f := adapters.Finding{Check: "host " + string(host), Verdict: adapters.Failed, Remedy: "write the host's whole ID, as their client shows it, for instance @amy:example.org"}
	if _, _, err := host.Parse(); err != nil {
		f.Detail = "this is not a user ID"
		c.add(f)
		return
	}
	var profile *mautrix.RespUserProfile
	err := c.callRetrying(ctx, "look up profile", func(ctx context.Context) (err error) {
		profile, err = s.client.GetProfile(ctx, host)
		return err
	})
	switch {
	case err == nil:
		f = adapters.Finding{Check: f.Check, Detail: profile.DisplayName}
	case calls.HasCode(err, "M_NOT_FOUND"):
		f.Detail = "there is nobody with this ID"
	case calls.HasCode(err, "M_FORBIDDEN"): // some homeservers don't show profiles to everybody
		f = adapters.Finding{Check: f.Check, Detail: "the homeserver doesn't show who this is"}
	default:
		c.addError("", f.Check, err)
		return
	}
	c.add(f)
}

// checkRoom checks that a chat can run in a room, or in the one that has replaced it.
func (c *checkup) checkRoom(ctx context.Context, s *session, name string) {
	found, _, err := c.resolveRoom(ctx, s, strings.TrimSpace(name))
	var joined *mautrix.RespJoinedRooms
	if err == nil {
		err = c.callRetrying(ctx, "list rooms", func(ctx context.Context) (err error) {
			joined, err = s.client.JoinedRooms(ctx)
			return err
		})
	}
	if err != nil {
		c.addError(name, "membership", err)
		return
	}
	for seen := map[id.RoomID]bool{}; !seen[found]; {
		seen[found] = true
		if !slices.Contains(joined.JoinedRooms, found) {
			c.checkNotJoined(ctx, s, name, found)
			return
		}
		var state mautrix.RoomStateMap
		err := c.callRetrying(ctx, "read state", func(ctx context.Context) (err error) {
			state, err = s.client.State(ctx, found)
			return err
		})
		if err != nil {
			c.addError(name, "membership", err)
			return
		}
		tombstone := state[event.StateTombstone][""]
		if tombstone == nil || tombstone.Content.AsTombstone().ReplacementRoom == "" {
			c.add(adapters.Finding{Room: name, Check: "membership", Detail: "it has joined the room"})
			c.checkPowerLevels(s, name, state)
			c.checkEncryption(name, state)
			return
		}
		c.add(adapters.Finding{Room: name, Check: "upgrade", Detail: "a newer room has replaced this one, and the bot follows"})
		found = tombstone.Content.AsTombstone().ReplacementRoom
	}
	c.add(adapters.Finding{Room: name, Check: "upgrade", Verdict: adapters.Failed, Detail: "the room and its successors replace each other in a circle", Remedy: "ask the person who upgraded it"})
}

// checkNotJoined reports whether the bot will be able to join a room. Homeservers describe a room to people who are
// invited; some, but not Dendrite, to all who may join.
func (c *checkup) checkNotJoined(ctx context.Context, s *session, name string, found id.RoomID) {
	var resp *mautrix.RespHierarchy
	err := c.callRetrying(ctx, "look up room", func(ctx context.Context) (err error) {
		resp, err = s.client.Hierarchy(ctx, found, &mautrix.ReqHierarchy{Limit: 1})
		return err
	})
	f := adapters.Finding{Room: name, Check: "membership", Remedy: fmt.Sprintf("in the room, type /invite %s", s.me)}
	switch {
	case err == nil && len(resp.Rooms) > 0 && resp.Rooms[0].JoinRule == event.JoinRulePublic:
		f.Detail, f.Remedy = "it will join when it runs", ""
	case err == nil && len(resp.Rooms) > 0 && resp.Rooms[0].JoinRule != event.JoinRuleKnock:
		f.Detail, f.Remedy = "it is invited, and will join when it runs", ""
	default:
		f.Verdict, f.Detail = adapters.Warning, "it is not in the room; when it runs, it will join if the room is public, and else needs an invitation"
	}
	c.add(f)
}

// checkPowerLevels checks that the bot may post, redact and react.
func (c *checkup) checkPowerLevels(s *session, name string, state mautrix.RoomStateMap) {
	levels := &event.PowerLevelsEventContent{}
	if e := state[event.StatePowerLevels][""]; e != nil {
		levels = e.Content.AsPowerLevels()
	}
	levels.CreateEvent = state[event.StateCreate][""]
	has := levels.GetUserLevel(s.me)
	messageType := event.EventMessage
	if state[event.StateEncryption][""] != nil {
		messageType = event.EventEncrypted
	}
	fine := true
	for _, use := range []struct {
		kind    event.Type
		what    string
		verdict adapters.Verdict
	}{
		{messageType, "post", adapters.Failed},
		{event.EventRedaction, "withdraw relayed answers", adapters.Warning},
		{event.EventReaction, "relay reactions", adapters.Warning},
	} {
		if needs := levels.GetEventLevel(use.kind); has < needs {
			fine = false
			c.add(adapters.Finding{
				Room: name, Check: "power level", Verdict: use.verdict, Detail: fmt.Sprintf("%d, and it needs %d to %s", has, needs, use.what),
				Remedy: fmt.Sprintf("in the room's settings, under roles and permissions, give %s the power level %d", s.me, needs),
			})
		}
	}
	if fine {
		c.add(adapters.Finding{Room: name, Check: "power level", Detail: fmt.Sprintf("%d, which is enough", has)})
	}
}

func (c *checkup) checkEncryption(name string, state mautrix.RoomStateMap) {
	f := adapters.Finding{Room: name, Check: "encryption", Detail: "none"}
	if state[event.StateEncryption][""] != nil {
		if f.Detail = "end to end"; !canEncrypt {
			f.Verdict, f.Remedy = adapters.Failed, errNoEncryption.Error()
		}
	}
	c.add(f)
}
