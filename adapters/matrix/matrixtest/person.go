//go:build goolm && linux

package matrixtest

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"testing"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// A Person is a participant, with a client and a device of their own. They send what Element sends, encrypted in rooms
// that are. Nothing runs in the background: each call brings their client up to date first. Their methods may be called
// from several goroutines at once; what fails ends the test.
type Person struct {
	Account
	name      string
	t         testing.TB
	client    *mautrix.Client
	transport *delayTransport
	keys      *crypto.OlmMachine
	store     *crypto.MemoryStore

	mu             sync.Mutex
	since          string                    // the token of the last sync
	shared         map[id.RoomID][]id.UserID // with whom the session of a room is shared
	rooms          map[id.RoomID]*timeline   // what is known of rooms
	reactionEvents map[reaction]id.EventID   // by which of their events
	invited        map[id.RoomID]bool        // and not yet joined
}

// Person returns the person with this name, such as "Amy Adams", and registers them at the first call.
func (s *Server) Person(name string) *Person {
	s.t.Helper()
	s.peopleMu.Lock()
	defer s.peopleMu.Unlock()
	if p, ok := s.people[name]; ok {
		return p
	}
	p := &Person{
		Account: s.Register(localpart(name)), name: name, t: s.t, shared: map[id.RoomID][]id.UserID{},
		rooms: map[id.RoomID]*timeline{}, reactionEvents: map[reaction]id.EventID{}, invited: map[id.RoomID]bool{},
	}
	p.client = s.Client(p.Account)
	p.transport = &delayTransport{next: p.client.Client.Transport}
	p.client.Client.Transport = p.transport
	p.client.StateStore = mautrix.NewMemoryStateStore()
	p.store = crypto.NewMemoryStore(nil)
	p.keys = crypto.NewOlmMachine(p.client, nil, p.store, p.client.StateStore.(crypto.StateStore))
	ctx := context.Background()
	p.must(p.client.SetDisplayName(ctx, name), "choose a name")
	p.must(p.keys.Load(ctx), "make keys")
	p.must(p.keys.ShareKeys(ctx, -1), "publish keys")
	s.t.Cleanup(p.keys.Destroy)
	s.people[name] = p
	return p
}

// ServerName returns their name, except in rooms where they have another one.
func (p *Person) Name() string { return p.name }

// Client is the client that they use, for what has no method here. It encrypts nothing.
func (p *Person) Client() *mautrix.Client { return p.client }

func (p *Person) must(err error, what string) {
	if err != nil {
		p.t.Helper()
		p.t.Fatalf("%s can't %s: %v", p.name, what, err)
	}
}

// sync brings what the client knows of keys, members and encryption up to date. It never waits.
func (p *Person) sync(ctx context.Context) {
	p.t.Helper()
	resp, err := p.client.FullSyncRequest(ctx, mautrix.ReqSync{
		Since: p.since, FilterID: `{"room":{"timeline":{"limit":1}},"presence":{"types":[]}}`,
	})
	p.must(err, "sync")
	p.keys.ProcessSyncResponse(ctx, resp, p.since)
	for room := range resp.Rooms.Invite {
		p.invited[room] = true
	}
	for room := range resp.Rooms.Leave {
		delete(p.invited, room)
	}
	for room, joined := range resp.Rooms.Join {
		delete(p.invited, room)
		for _, e := range append(joined.State.Events, joined.Timeline.Events...) {
			if e.StateKey == nil {
				continue
			}
			e.RoomID, e.Type.Class = room, event.StateEventType
			if e.Content.ParseRaw(e.Type) == nil {
				p.keys.HandleMemberEvent(ctx, e)
				p.client.StateStoreSyncHandler(ctx, e)
			}
		}
	}
	p.since = resp.NextBatch
}

// Send sends a message of any type, as given, but encrypted where the room is. As in Element, what it relates to stands
// outside of what is encrypted.
func (p *Person) Send(room id.RoomID, kind event.Type, content any) id.EventID {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.send(room, kind, content)
}

func (p *Person) send(room id.RoomID, kind event.Type, content any) id.EventID {
	p.t.Helper()
	ctx := context.Background()
	if kind != event.EventReaction {
		p.sync(ctx)
		if encrypted, _ := p.client.StateStore.IsEncrypted(ctx, room); encrypted {
			kind, content = event.EventEncrypted, p.encrypt(ctx, room, kind, content)
		}
	}
	resp, err := p.client.SendMessageEvent(ctx, room, kind, content, mautrix.ReqSendEvent{DontEncrypt: true})
	p.must(err, "send to "+room.String())
	return resp.EventID
}

// encrypt shares the room's session with all devices of all members first, with the members of this moment: clients
// that sync all the time have done that before.
func (p *Person) encrypt(ctx context.Context, room id.RoomID, kind event.Type, content any) any {
	p.t.Helper()
	raw, err := json.Marshal(content)
	p.must(err, "say that")
	var inside map[string]json.RawMessage
	p.must(json.Unmarshal(raw, &inside), "say that")
	relates, related := inside["m.relates_to"]
	delete(inside, "m.relates_to")

	members := p.members(room) // invited people may read it once they have joined
	if !slices.Equal(members, p.shared[room]) {
		p.must(p.store.RemoveOutboundGroupSession(ctx, room), "forget a session")
		p.shared[room] = members
	}
	_, err = p.keys.FetchKeys(ctx, members, true)
	p.must(err, "fetch keys")
	encrypted, err := p.keys.EncryptMegolmEvent(ctx, room, kind, inside)
	if crypto.IsShareError(err) {
		p.must(p.keys.ShareGroupSession(ctx, room, members), "share a session")
		encrypted, err = p.keys.EncryptMegolmEvent(ctx, room, kind, inside)
	}
	p.must(err, "encrypt")
	if !related {
		return encrypted
	}
	raw, err = json.Marshal(encrypted)
	p.must(err, "encrypt")
	var outside map[string]json.RawMessage
	p.must(json.Unmarshal(raw, &outside), "encrypt")
	outside["m.relates_to"] = relates
	return outside
}
