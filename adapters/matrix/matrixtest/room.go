//go:build goolm && linux

package matrixtest

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// A Room is the options for a new room. The zero value is a private, unencrypted one without a name.
type Room struct {
	Name      string
	Alias     string // the part before the colon, without #; "" for none
	Public    bool   // anybody may join
	Encrypted bool
	Direct    bool // for a private conversation with those invited
	Invite    []id.UserID
	Version   id.RoomVersion // "" for the homeserver's own choice
}

// MakeRoom makes a room, of which the person is the administrator. It returns when the invitations have been sent:
// homeservers may take a moment for that, and earlier messages would be encrypted for nobody.
func (p *Person) MakeRoom(r Room) id.RoomID {
	p.t.Helper()
	req := &mautrix.ReqCreateRoom{
		Name: r.Name, RoomAliasName: r.Alias, Invite: r.Invite, IsDirect: r.Direct, Preset: "private_chat", RoomVersion: r.Version,
	}
	if r.Public {
		req.Preset = "public_chat"
	}
	if r.Encrypted {
		req.InitialState = []*event.Event{{Type: event.StateEncryption, Content: event.Content{Parsed: encryption}}}
	}
	resp, err := p.client.CreateRoom(context.Background(), req)
	p.must(err, "make a room")
	for begin := time.Now(); !p.areMembers(resp.RoomID, r.Invite); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > waitTimeout {
			p.t.Fatalf("%s timed out after %v waiting until %v were invited", p.name, waitTimeout, r.Invite)
		}
	}
	return resp.RoomID
}

// areMembers tells whether all of these are in a room, or invited.
func (p *Person) areMembers(room id.RoomID, all []id.UserID) bool {
	p.t.Helper()
	members := p.members(room)
	return !slices.ContainsFunc(all, func(who id.UserID) bool { return !slices.Contains(members, who) })
}

// members are those who are in a room, or invited.
func (p *Person) members(room id.RoomID) (all []id.UserID) {
	p.t.Helper()
	resp, err := p.client.Members(context.Background(), room)
	p.must(err, "list the members of "+room.String())
	for _, e := range resp.Chunk {
		if m := e.Content.AsMember().Membership; m == event.MembershipJoin || m == event.MembershipInvite {
			all = append(all, id.UserID(e.GetStateKey()))
		}
	}
	slices.Sort(all)
	return all
}

var encryption = &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}

// Alias is the full alias of a room that was made with Room.Alias.
func Alias(local string) string { return "#" + local + ":" + ServerName }

// Join enters a room, by ID or alias, which is public or into which they were invited.
func (p *Person) Join(room string) {
	p.t.Helper()
	_, err := p.client.JoinRoom(context.Background(), room, nil)
	p.must(err, "join "+room)
}

// Leave leaves a room.
func (p *Person) Leave(room id.RoomID) {
	p.t.Helper()
	_, err := p.client.LeaveRoom(context.Background(), room)
	p.must(err, "leave "+room.String())
}

// Invite invites somebody.
func (p *Person) Invite(room id.RoomID, who id.UserID) {
	p.t.Helper()
	_, err := p.client.InviteUser(context.Background(), room, &mautrix.ReqInviteUser{UserID: who})
	p.must(err, "invite "+who.String())
}

// Kick removes somebody, who may come back.
func (p *Person) Kick(room id.RoomID, who id.UserID) {
	p.t.Helper()
	_, err := p.client.KickUser(context.Background(), room, &mautrix.ReqKickUser{UserID: who})
	p.must(err, "kick "+who.String())
}

// Encrypt makes a room encrypted, which it stays.
func (p *Person) Encrypt(room id.RoomID) {
	p.t.Helper()
	p.SetState(room, event.StateEncryption, "", encryption)
}

// Upgrade replaces a room by a new one of another version, and returns that. Nobody else is in it yet.
func (p *Person) Upgrade(room id.RoomID, version id.RoomVersion) id.RoomID {
	p.t.Helper()
	var resp struct {
		Replacement id.RoomID `json:"replacement_room"`
	}
	_, err := p.client.MakeRequest(context.Background(), http.MethodPost, p.client.BuildClientURL("v3", "rooms", room, "upgrade"),
		map[string]any{"new_version": version}, &resp)
	p.must(err, "upgrade "+room.String())
	return resp.Replacement
}

// SetState sets a part of the state of a room, such as its name.
func (p *Person) SetState(room id.RoomID, kind event.Type, key string, content any) {
	p.t.Helper()
	_, err := p.client.SendStateEvent(context.Background(), room, kind, key, content)
	p.must(err, "set "+kind.Type)
}

// SetName gives the person another name, everywhere or, if room is not "", in one room alone.
func (p *Person) SetName(room id.RoomID, name string) {
	p.t.Helper()
	if room == "" {
		p.must(p.client.SetDisplayName(context.Background(), name), "change their name")
		return
	}
	p.SetState(room, event.StateMember, p.ID.String(), &event.MemberEventContent{Membership: event.MembershipJoin, Displayname: name})
}

// Invited lists the rooms into which the person is invited now. A new invitation may need a moment to appear.
func (p *Person) Invited() []id.RoomID {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sync(context.Background())
	return slices.Collect(maps.Keys(p.invited))
}

// Joined lists the rooms that somebody with this account is in.
func (s *Server) Joined(a Account) []id.RoomID {
	s.t.Helper()
	resp, err := s.Client(a).JoinedRooms(context.Background())
	if err != nil {
		s.t.Fatalf("list the rooms of %s: %v", a.ID, err)
	}
	return resp.JoinedRooms
}
