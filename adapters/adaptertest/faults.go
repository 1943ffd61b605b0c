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

// Faults are what can go wrong between a Fake and its platform. The zero value is a platform without faults. Rooms are
// keyed by name, and chances lie between 0 and 1. Where nothing else is said, Post, Edit, Delete, React and Whisper
// suffer alike.
type Faults struct {
	RequestLatency time.Duration // until a call reaches the platform
	// Answering is the time from when the platform has done what was asked until the call returns. People see a post,
	// and may answer it, before the bot knows its ID.
	ResponseLatency time.Duration

	RefuseNext         int     // as many calls fail with a RetryError, and nothing was done
	RefuseChance       float64 // and so does each other call, with this chance
	LoseNextResponses  int     // as many Posts are done, but fail with a RetryError
	LoseResponseChance float64 // and so does each other call, with this chance

	MinInterval map[string]time.Duration // what Join tells of a room's pace
	RateLimit   map[string]time.Duration // what a room enforces on Posts: sooner than this after the last, a RetryError says how long to wait
	Broken      map[string]bool          // all calls for these rooms fail for good
	Stuck       map[string]bool          // calls for these rooms wait until that ends, or their context does

	NoEdit, NoDelete, NoReact, NoEphemeral bool // the calls return errors.ErrUnsupported
	NoTimestamp                            bool // nothing has a date, for good
	NoPermalink                            bool // nothing has an address: errors.ErrUnsupported
	NoPersonas                             bool // the platform shows no personas: their Line stands before the text

	DuplicateChance float64 // the chance that an update is delivered twice
	Reorder         bool    // updates of different messages come in any order
	BareEdits       bool    // an edit comes as an Edit, instead of as the whole Message with EditedAt set
	DropUpdates     bool    // updates get lost; when it ends, the adapter says that there was a Gap
	TruncateHistory bool    // History has lost all but the last message, and does not say so

	rand *rand.Rand
}

// Seed makes chances and disorder repeatable. The seed of a new platform is 1.
func (f *Faults) Seed(seed uint64) { f.rand = rand.New(rand.NewPCG(seed, 0)) }

// SetFaults switches faults on and off, at any time: set may change what it is given, and keep nothing of it.
func (p *Platform) SetFaults(set func(*Faults)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	set(&p.faults)
	if p.faults.rand == nil { // set has replaced them whole
		p.faults.Seed(1)
	}
	p.notify()
}

// sendRequest is the way of a call to the platform.
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

// sendResponse is the way of the platform's answer back to the caller, on which the answer may be lost.
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

// checkRateLimit is called under the lock.
func (p *Platform) checkRateLimit(r *room) error {
	least := p.faults.RateLimit[r.name]
	if wait := least - time.Since(r.lastPost); least > 0 && wait > 0 {
		return &adapters.RetryError{After: wait, Err: fmt.Errorf("%s %s: too many messages, retry after %v", p.name, r.name, wait)}
	}
	return nil
}

func (f *Faults) happens(c float64) bool { return c > 0 && f.rand.Float64() < c }

// reorder shuffles events, but for those of the same message.
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

// sleep waits for d. A context that ends first leaves it open whether the platform did what was asked, so the error
// may pass.
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
