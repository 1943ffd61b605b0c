package bot

import (
	"sync"

	"github.com/ukmedlibs/catchword/adapters"
)

// A Status is how one workspace is doing.
type Status struct {
	Workspace string
	Rooms     []RoomStatus // in the order of the configuration
	Err       error        // why the adapter stopped for good; nil while it runs
	Standby   bool         // another process holds the lease
	adapters.Report
}

// A RoomStatus is how one room is doing.
type RoomStatus struct {
	Name   string // as it is configured
	Joined bool
	Closed bool  // joined, but posts are refused
	Err    error // of the last attempt to join or post; nil if the bot can post
}

// Ready tells whether the workspace is receiving and all its rooms are joined and open, or another process holds the
// lease.
func (s Status) Ready() bool {
	if s.Standby {
		return true
	}
	for _, r := range s.Rooms {
		if !r.Joined || r.Closed {
			return false
		}
	}
	return s.Err == nil && s.Receiving
}

// Status tells how each workspace is doing, in the order of New.
func (b *Bot) Status() []Status {
	var all []Status
	for _, ws := range b.workspaces {
		all = append(all, ws.status())
	}
	return all
}

// A health is the state of a workspace while the bot runs. The zero health is ready to use.
type health struct {
	mu        sync.Mutex
	onStandby bool // waiting for another process to release the lease
	receiving bool // the adapter runs
	err       error
	joined    map[string]bool
	roomErrs  map[string]error // why a room is not joined, or is closed
}

func (c *health) setStandby() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onStandby = true
}

func (c *health) setReceiving(runs bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onStandby, c.receiving, c.err = false, runs, err
}

func (c *health) setJoined(room string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.joined == nil {
		c.joined, c.roomErrs = map[string]bool{}, map[string]error{}
	}
	c.joined[room], c.roomErrs[room] = err == nil, err
}

// setClosed records why a joined room takes no posts; nil if it does.
func (c *health) setClosed(room string, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.roomErrs[room] = why
}

func (ws *workspace) status() Status {
	ws.health.mu.Lock()
	defer ws.health.mu.Unlock()
	s := Status{Workspace: ws.Name, Err: ws.health.err, Standby: ws.health.onStandby, Report: adapters.Report{Receiving: true}}
	if ws.reporter != nil {
		s.Report = ws.reporter.Report()
	}
	s.Receiving = s.Receiving && ws.health.receiving
	for _, r := range ws.Rooms {
		joined, err := ws.health.joined[r.Name], ws.health.roomErrs[r.Name]
		s.Rooms = append(s.Rooms, RoomStatus{Name: r.Name, Joined: joined, Closed: joined && err != nil, Err: err})
	}
	return s
}
