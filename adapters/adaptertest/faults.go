package adaptertest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// Faults are what can go wrong between a Fake and its platform. The zero value is a platform without faults. Rooms
// are keyed by name, and chances are between 0 and 1. Unless stated otherwise, a fault affects Post, Edit, Delete,
// React and PostEphemeral alike.
type Faults struct {
	RequestLatency time.Duration // until a call reaches the platform
	// ResponseLatency is the time from when the platform has acted until the call returns. In that time, people see a
	// post and can reply to it before the bot knows its ID.
	ResponseLatency time.Duration

	RefuseNext         int     // so many calls have no effect and return a RetryError
	RefuseChance       float64 // the chance of the same for each other call
	LoseNextResponses  int     // so many Posts succeed, but return a RetryError
	LoseResponseChance float64 // the chance of the same for each other call

	MinInterval map[string]time.Duration // the MinInterval that Join returns for a room
	RateLimit   map[string]time.Duration // the least time between two Posts in a room; a Post that comes too soon returns a RetryError with the time to wait
	Broken      map[string]bool          // all calls for these rooms fail with a final error
	Closed      map[string]bool          // all calls for these rooms, except Join, fail with a ClosedError
	ClosedTo    string                   // a Post that contains this fails with a ClosedError; "" for none
	Stuck       map[string]bool          // calls for these rooms wait until this is cleared, or their context ends

	NoEdit, NoDelete, NoReact, NoEphemeral bool // the calls return errors.ErrUnsupported
	NoTimestamp                            bool // Timestamp fails with a final error
	NoPermalink                            bool // Permalink returns errors.ErrUnsupported
	NoPersonas                             bool // the platform shows no personas: TextWithByline

	DuplicateChance float64 // the chance that an update is delivered twice
	Reorder         bool    // updates of different messages come in any order
	BareEdits       bool    // an edit arrives as an Edit, and not as the whole Message with EditedAt set
	DropUpdates     bool    // updates get lost; when this is cleared, the adapter sends a Gap
	TruncateHistory bool    // History returns only the last message, and no error

	rand *rand.Rand
}

// Seed makes chances and reordering repeatable. The seed of a new platform is 1.
func (f *Faults) Seed(seed uint64) { f.rand = rand.New(rand.NewPCG(seed, 0)) }

// SetFaults changes the faults, at any time. set may change what it gets, but must not keep it.
func (p *Platform) SetFaults(set func(*Faults)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	set(&p.faults)
	if p.faults.rand == nil { // set has replaced the whole value
		p.faults.Seed(1)
	}
	p.notify()
}

// sendRequest is the way from the caller to the platform.
func (p *Platform) sendRequest(ctx context.Context, id adapters.RoomID) error {
	p.mu.Lock()
	latency := p.faults.RequestLatency
	p.mu.Unlock()
	if err := sleep(ctx, latency); err != nil {
		return err
	}
	r, err := p.waitUnstuck(ctx, id)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch f := &p.faults; {
	case f.Broken[r.name]:
		return fmt.Errorf("%s %s: the room is archived", p.name, r.name)
	case f.Closed[r.name]:
		return &adapters.ClosedError{Err: fmt.Errorf("%s %s: the room is archived", p.name, r.name)}
	case f.RefuseNext > 0:
		f.RefuseNext--
		return &adapters.RetryError{Err: fmt.Errorf("%s %s: service unavailable", p.name, r.name)}
	case f.happens(f.RefuseChance):
		return &adapters.RetryError{Err: fmt.Errorf("%s %s: service unavailable", p.name, r.name)}
	}
	return nil
}

func (p *Platform) waitUnstuck(ctx context.Context, id adapters.RoomID) (*room, error) {
	for {
		p.mu.Lock()
		r, changed := p.room(string(id)), p.changed
		stuck := r != nil && p.faults.Stuck[r.name]
		p.mu.Unlock()
		if r == nil {
			return nil, p.unknownRoom(string(id))
		}
		if !stuck {
			return r, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, interrupted(ctx)
		}
	}
}

// sendResponse is the way from the platform back to the caller. The response may get lost on it.
func (p *Platform) sendResponse(ctx context.Context, kind EventKind) error {
	p.mu.Lock()
	latency := p.faults.ResponseLatency
	p.mu.Unlock()
	if err := sleep(ctx, latency); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	lost := p.faults.happens(p.faults.LoseResponseChance)
	if kind == Posted && p.faults.LoseNextResponses > 0 {
		p.faults.LoseNextResponses--
		lost = true
	}
	if lost {
		return &adapters.RetryError{Err: fmt.Errorf("%s: %w", p.name, errResponseLost)}
	}
	return nil
}

var errResponseLost = errors.New("connection reset before the response came")

// The caller holds the lock.
func (p *Platform) checkRateLimit(r *room) error {
	least := p.faults.RateLimit[r.name]
	if wait := least - time.Since(r.lastPost); least > 0 && wait > 0 {
		return &adapters.RetryError{After: wait, Err: fmt.Errorf("%s %s: too many messages, retry after %v", p.name, r.name, wait)}
	}
	return nil
}

func (f *Faults) happens(c float64) bool { return c > 0 && f.rand.Float64() < c }

// reorder shuffles events, but keeps the order of those about the same message.
func (f *Faults) reorder(events []Event) {
	if !f.Reorder {
		return
	}
	f.rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	places := map[adapters.MessageID][]int{}
	for i, e := range events {
		places[e.ID] = append(places[e.ID], i)
	}
	for _, at := range places {
		var own []Event
		for _, i := range at {
			own = append(own, events[i])
		}
		slices.SortFunc(own, func(a, b Event) int { return cmp.Compare(a.N, b.N) })
		for k, i := range at {
			events[i] = own[k]
		}
	}
}

// sleep waits for d. If the context ends first, nobody knows whether the platform has acted, so the error is a
// RetryError.
func sleep(ctx context.Context, d time.Duration) error {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	return nil
}

func interrupted(ctx context.Context) error { return &adapters.RetryError{Err: context.Cause(ctx)} }
