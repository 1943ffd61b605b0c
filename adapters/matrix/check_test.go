//go:build goolm && linux

package matrix_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

func TestCheck(t *testing.T) {
	c := newEnv(t, true)
	alias := matrixtest.Alias("ukmedlibs")
	key := c.SetUpCrossSigning(c.bot)
	const well = "\nfine: homeserver: SERVER\nfine: clock: as the homeserver's\nfine: login: BOT"
	const unverified = "\npoor: verification: the bot's device isn't verified: some clients don't let it read messages, or show a warning -> configure the account's recovery key"
	const host = "\nfine: host AMY: Amy Adams"
	inside := func(level int) string {
		return fmt.Sprintf("\nfine: ROOM: membership: it has joined the room\nfine: ROOM: power level: %d, which is enough\nfine: ROOM: encryption: end to end", level)
	}
	check := func(what string, config matrix.Config, rooms []string, hosts []adapters.UserID, want string) {
		t.Helper()
		findings := matrix.New(config).Check(t.Context(), rooms, hosts)
		got := strings.NewReplacer(config.Homeserver, "SERVER", string(c.amy.ID), "AMY", string(c.bot.ID), "BOT", alias, "ROOM", string(c.bot.Device), "DEVICE").Replace(adaptertest.FormatFindings(findings))
		if got != want {
			t.Errorf("%s: got%s\nwant%s", what, got, want)
		}
		for _, secret := range []string{c.bot.Token, c.bot.Password, config.RecoveryKey} {
			if secret != "" && strings.Contains(got, secret) {
				t.Errorf("%s: a finding shows the secret %s", what, secret)
			}
		}
	}
	rooms, hosts := []string{alias}, []adapters.UserID{adapters.UserID(c.amy.ID)}
	config := c.config()
	const outside = ": membership: it is not in the room; when it runs, it will join if the room is public, and else needs an invitation -> in the room, type /invite BOT"
	check("before the first run", config, rooms, hosts, well+"\nfine: device: DEVICE"+unverified+host+"\npoor: ROOM"+outside)
	if got := c.Joined(c.bot); len(got) != 0 {
		t.Errorf("got the bot in %v, want it in no room after a check", got)
	}

	l := c.startReceiver(config, nil)
	l.waitMessage(c.amy.SendText(c.room, "before"))
	before := len(c.amy.Messages(c.room))
	check("while it runs", config, rooms, hosts, well+"\nfine: device: DEVICE"+unverified+host+inside(0))
	signed := config
	signed.RecoveryKey = key
	check("with the recovery key", signed, rooms, hosts, well+"\nfine: device: DEVICE\nfine: verification: the recovery key fits; the bot will verify its device when it runs"+host+inside(0))
	signed.RecoveryKey = c.SetUpCrossSigning(c.Register("other"))
	check("with another's recovery key", signed, nil, nil, well+"\nfine: device: DEVICE\npoor: verification: the recovery key does not fit the account -> copy the recovery key again, or reset the account's secure backup with another client and configure the new one")
	if after := len(c.amy.Messages(c.room)); after != before {
		t.Errorf("got %d messages in the room, want %d as before", after, before)
	}
	l.waitMessage(c.amy.SendText(c.room, "after"))
	l.post(adapters.Post{Text: "and it goes on"})
	l.stop()

	lost := config
	lost.Database = newDatabase(t)
	check("the database is lost", lost, nil, nil, well+"\nBROKEN: device: the keys of the bot's device are not in this database: the database is new, or an old copy: configure the account's password instead of its access token, and run `catchword run --new-device community` once, which creates a device of its own; or configure an access token from a login that no other client uses")
	password := lost
	password.AccessToken, password.User, password.Password = "", string(c.bot.ID), c.bot.Password
	devices := c.devices()
	check("a password", password, rooms, hosts, well+"\nfine: device: it will create one when it runs"+unverified+host+inside(0))
	if got := c.devices(); !slices.Equal(got, devices) {
		t.Errorf("got the devices %v, want %v as before the check", got, devices)
	}
	password.Password = "wrong"
	check("a wrong password", password, rooms, hosts, "\nfine: homeserver: SERVER\nfine: clock: as the homeserver's"+
		"\nBROKEN: login: the homeserver rejects the user name or the password: write the name like @bot:example.org, and use the password of that account")
	wrong := config
	wrong.AccessToken = "syt_wrong"
	check("a wrong token", wrong, rooms, hosts, "\nfine: homeserver: SERVER\nfine: clock: as the homeserver's"+
		"\nBROKEN: login: matrix login: M_UNKNOWN_TOKEN (Unknown token) -> the access token is no longer valid: log in again, and configure the new one")
	wrong = config
	wrong.User = string(c.amy.ID)
	check("another's token", wrong, nil, nil, "\nfine: homeserver: SERVER\nfine: clock: as the homeserver's"+
		"\nBROKEN: login: the login belongs to BOT, but AMY is configured: correct one of them")

	check("hosts that are none", config, nil, []adapters.UserID{"amy", "@nobody:" + adapters.UserID(c.amy.ID.Homeserver())}, well+"\nfine: device: DEVICE"+unverified+
		"\nBROKEN: host amy: this is not a user ID -> write the host's whole ID, as their client shows it, for instance @amy:example.org"+
		"\nBROKEN: host @nobody:"+c.amy.ID.Homeserver()+": there is nobody with this ID -> write the host's whole ID, as their client shows it, for instance @amy:example.org")

	private := c.amy.MakeRoom(matrixtest.Room{Alias: "private"})
	known := well + "\nfine: device: DEVICE" + unverified
	check("rooms that are none", config, []string{"#nowhere", "#private", "no room"}, nil, known+
		"\nBROKEN: #nowhere: membership: no room is called "+matrixtest.Alias("nowhere")+": write its main address as the room's settings show it, or its ID"+
		"\npoor: #private"+outside+
		"\nBROKEN: no room: membership: this is not a room name: write its alias or ID, like #ukmedlibs:example.org")
	open := c.amy.MakeRoom(matrixtest.Room{Alias: "open", Public: true})
	c.amy.SetState(open, event.StateHistoryVisibility, "", &event.HistoryVisibilityEventContent{HistoryVisibility: event.HistoryVisibilityWorldReadable})
	check("a public room of which it is told", config, []string{"#open"}, nil, known+"\nfine: #open: membership: it will join when it runs")
	c.amy.Invite(private, c.bot.ID)
	check("an invitation", config, []string{"#private"}, nil, known+"\nfine: #private: membership: it is invited, and will join when it runs")

	old := c.amy.MakeRoom(matrixtest.Room{Alias: "old", Public: true})
	if _, err := c.Client(c.bot).JoinRoomByID(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	newer := c.amy.Upgrade(old, "11")
	check("a room that was upgraded", config, []string{string(old)}, nil, known+"\nfine: "+string(old)+": upgrade: a newer room has replaced this one, and the bot follows"+
		strings.ReplaceAll("\npoor: OLD"+outside, "OLD", string(old)))
	if got := c.Joined(c.bot); slices.Contains(got, newer) {
		t.Errorf("got the bot in %v, want it to join nothing", got)
	}

	c.amy.SetState(c.room, event.StatePowerLevels, "", &event.PowerLevelsEventContent{
		Users: map[id.UserID]int{c.amy.ID: 100}, EventsDefault: 10, Events: map[string]int{event.EventRedaction.Type: 20},
	})
	check("too little power", config, rooms, nil, known+"\nfine: ROOM: membership: it has joined the room"+
		"\nBROKEN: ROOM: power level: 0, and it needs 10 to post -> in the room's settings, under roles and permissions, give BOT the power level 10"+
		"\npoor: ROOM: power level: 0, and it needs 20 to withdraw relayed answers -> in the room's settings, under roles and permissions, give BOT the power level 20"+
		"\npoor: ROOM: power level: 0, and it needs 10 to relay reactions -> in the room's settings, under roles and permissions, give BOT the power level 10"+
		"\nfine: ROOM: encryption: end to end")

	c.proxy.SetFaults(func(f *matrixtest.Faults) { f.Down = true })
	down := adaptertest.FormatFindings(matrix.New(config).Check(t.Context(), rooms, hosts))
	if !strings.HasPrefix(down, "\nBROKEN: homeserver: ") || !strings.HasSuffix(down, " -> see whether this machine reaches the homeserver over HTTPS, and try again") || strings.Count(down, "\n") != 1 {
		t.Errorf("the homeserver is down: got%s\nwant that alone", down)
	}
}

// devices are the IDs of the bot's.
func (c *env) devices() (all []string) {
	answer, err := c.Client(c.bot).GetDevicesInfo(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	for _, d := range answer.Devices {
		all = append(all, string(d.DeviceID))
	}
	slices.Sort(all)
	return all
}
