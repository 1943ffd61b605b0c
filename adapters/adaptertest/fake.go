package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

const (
	pollEvery     = 3 * time.Millisecond // how often to look in a journal for events of other processes
	firstBackoff  = 10 * time.Millisecond
	lastBackoff   = time.Second
	reorderWindow = 8 // how many updates can change places with Faults.Reorder
)

var (
	_ adapters.Adapter         = (*Fake)(nil)
	_ adapters.Editor          = (*Fake)(nil)
	_ adapters.Deleter         = (*Fake)(nil)
	_ adapters.Reactor         = (*Fake)(nil)
	_ adapters.EphemeralPoster = (*Fake)(nil)
	_ adapters.Downloader      = (*Fake)(nil)
)

// A Fake is an adapter on a Platform. It keeps only which rooms it joined: the platform has the cursor and the
// messages. It is as strict as real platforms: without Retry, it posts without looking for an earlier attempt.
type Fake struct {
	platform *Platform
	mu       sync.Mutex
	joined   map[adapters.RoomID]bool
}

// Join finds a room by name or ID.
func (f *Fake) Join(_ context.Context, name string) (adapters.Room, error) {
	p := f.platform
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.room(name)
	if r == nil || r.id == "" {
		return adapters.Room{}, fmt.Errorf("join: %w", p.unknownRoom(name))
	}
	f.mu.Lock()
	f.joined[r.id] = true
	f.mu.Unlock()
	p.notify()
	return adapters.Room{ID: r.id, Name: r.name, MinInterval: p.faults.MinInterval[r.name]}, nil
}

// Run receives what people did in the joined rooms and in private conversations after the platform's cursor. The
// cursor advances when the sink has stored an update.
func (f *Fake) Run(ctx context.Context, sink adapters.Sink) error {
	p := f.platform
	if err := p.loadCursor(); err != nil {
		return err
	}
	for missed := (time.Time{}); ctx.Err() == nil; {
		unread, changed, err := p.nextUpdates(f.receives)
		if err != nil {
			return err
		}
		if p.dropsUpdates() {
			if len(unread) == 0 {
				p.wait(ctx, changed)
				continue
			}
			if missed.IsZero() {
				missed = unread[0].At
			}
			if err := p.acknowledge(unread); err != nil {
				return err
			}
			continue
		}
		if !missed.IsZero() && sink(ctx, &adapters.Gap{Since: missed}) == nil {
			missed = time.Time{}
		}
		if len(unread) == 0 {
			p.wait(ctx, changed)
			continue
		}
		for _, e := range unread {
			if !deliver(ctx, sink, e) {
				return nil
			}
		}
		if err := p.acknowledge(unread); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fake) receives(room adapters.RoomID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.joined[room] || room == ""
}

// deliver hands an update to the sink until it is stored, and tells whether it was stored.
func deliver(ctx context.Context, sink adapters.Sink, u delivery) bool {
	for backoff := firstBackoff; ; backoff = min(2*backoff, lastBackoff) {
		if ctx.Err() != nil {
			return false
		}
		if sink(ctx, u.update) == nil {
			break
		}
		if sleep(ctx, backoff) != nil {
			return false
		}
	}
	if u.duplicate {
		_ = sink(ctx, u.update) // it is stored already
	}
	return true
}

// Post posts p at once. With Retry, it looks for p.Key among the messages that exist.
func (f *Fake) Post(ctx context.Context, post adapters.Post) (adapters.MessageID, error) {
	var id adapters.MessageID
	err := f.call(ctx, Posted, post.Room, func(r *room) error {
		if post.Retry {
			if m := r.byKey(post.Key); m != nil {
				id = m.ID
				return nil
			}
			if post.Text == "" {
				return nil
			}
		}
		if refuse := f.platform.faults.ClosedTo; refuse != "" && strings.Contains(post.Text, refuse) {
			return &adapters.ClosedError{Err: errors.New("the platform refuses it, and does not say why")}
		}
		if post.Text == "" || post.Key == "" {
			return fmt.Errorf("key %q: text and key can't be empty", post.Key)
		}
		e, err := f.store(r, f.nativePost(post), Posted)
		id = e.ID
		return err
	})
	if err != nil {
		return "", fmt.Errorf("post %s: %w", post.Key, err)
	}
	return id, nil
}

// Edit changes the text of a post to p.Text.
func (f *Fake) Edit(ctx context.Context, id adapters.MessageID, post adapters.Post) error {
	return f.call(ctx, Edited, post.Room, func(r *room) error {
		e := f.nativePost(post)
		if m := r.byID[id]; m != nil && !m.Deleted && m.Text == e.Text {
			return nil
		}
		_, err := f.store(r, Event{ID: id, Text: e.Text}, Edited)
		return err
	})
}

// Delete deletes a post.
func (f *Fake) Delete(ctx context.Context, ref adapters.Ref) error {
	return f.call(ctx, Deleted, ref.Room, func(r *room) error {
		m := r.byID[ref.ID]
		if m == nil || m.Deleted {
			return nil
		}
		if !m.FromBot {
			return fmt.Errorf("message %s is not the bot's own", ref.ID)
		}
		_, err := f.store(r, Event{ID: ref.ID}, Deleted)
		return err
	})
}

// React adds the bot's reaction to a message, or removes it.
func (f *Fake) React(ctx context.Context, ref adapters.Ref, emoji string, on bool) error {
	return f.call(ctx, Reacted, ref.Room, func(r *room) error {
		_, err := f.store(r, Event{ID: ref.ID, Emoji: emoji, Added: on}, Reacted)
		return err
	})
}

// PostEphemeral shows a post to one person alone.
func (f *Fake) PostEphemeral(ctx context.Context, to adapters.UserID, post adapters.Post) error {
	post.Thread, post.As = "", adapters.Persona{}
	return f.call(ctx, PostedEphemeral, post.Room, func(r *room) error {
		e := f.nativePost(post)
		e.User, e.Buttons = to, post.Buttons
		_, err := f.store(r, e, PostedEphemeral)
		return err
	})
}

// call makes one call to the platform: request, effect and response.
func (f *Fake) call(ctx context.Context, kind EventKind, id adapters.RoomID, do func(*room) error) error {
	p := f.platform
	if err := p.sendRequest(ctx, id); err != nil {
		return err
	}
	err := p.withLock(func() error {
		if err := adapters.CheckLease(ctx); err != nil {
			return &adapters.RetryError{Err: err}
		}
		if (map[EventKind]bool{Edited: p.faults.NoEdit, Deleted: p.faults.NoDelete, Reacted: p.faults.NoReact, PostedEphemeral: p.faults.NoEphemeral})[kind] {
			return fmt.Errorf("%s: %s: %w", p.name, kind, errors.ErrUnsupported)
		}
		if id == "" && kind != PostedEphemeral {
			return p.unknownRoom("")
		}
		return do(p.mustRoom(string(id)))
	})
	if err != nil {
		return err
	}
	return p.sendResponse(ctx, kind)
}

// The caller holds the lock.
func (f *Fake) nativePost(post adapters.Post) Event {
	e := Event{Thread: post.Thread, Key: post.Key, As: post.As, Text: toNative(post.Text)}
	if f.platform.faults.NoPersonas {
		e.Text, e.As = toNative(adapters.TextWithByline(post)), adapters.Persona{}
	}
	return e
}

func (f *Fake) store(r *room, e Event, kind EventKind) (Event, error) {
	e.Kind, e.Room, e.FromBot = kind, r.id, true
	if kind != PostedEphemeral {
		e.User, e.Name = BotID, "catchword"
	}
	if kind == Posted {
		if err := f.platform.checkRateLimit(r); err != nil {
			return Event{}, err
		}
	}
	if err := r.validate(e); err != nil {
		return Event{}, err
	}
	return f.platform.append(e)
}
