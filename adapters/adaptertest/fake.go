package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

const (
	poll         = 3 * time.Millisecond // how often a journal is looked at for news of other processes
	firstBackoff = 10 * time.Millisecond
	lastBackoff  = time.Second
	window       = 8 // updates that can change places when disorder is on
)

var (
	_ adapters.Adapter    = (*Fake)(nil)
	_ adapters.Editor     = (*Fake)(nil)
	_ adapters.Deleter    = (*Fake)(nil)
	_ adapters.Reactor    = (*Fake)(nil)
	_ adapters.Whisperer  = (*Fake)(nil)
	_ adapters.Downloader = (*Fake)(nil)
)

// A Fake is an adapter on a Platform. It keeps nothing but the rooms it joined: cursor and messages are the platform's.
// It is strict like real platforms: a Post without Again is said without a look at what is there already.
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
	return adapters.Room{ID: r.id, Name: r.name, Pace: p.faults.Pace[r.name]}, nil
}

// Run hears all that people did in the joined rooms and in private conversations since the platform's cursor, which follows what the sink stored.
func (f *Fake) Run(ctx context.Context, sink adapters.Sink) error {
	p := f.platform
	if err := p.rewind(); err != nil {
		return err
	}
	for missed := (time.Time{}); ctx.Err() == nil; {
		news, changed, err := p.news(f.hears)
		if err != nil {
			return err
		}
		if p.deaf() {
			if len(news) == 0 {
				p.wait(ctx, changed)
				continue
			}
			if missed.IsZero() {
				missed = news[0].At
			}
			if err := p.acknowledge(news); err != nil {
				return err
			}
			continue
		}
		if !missed.IsZero() && sink(ctx, &adapters.Gap{Since: missed}) == nil {
			missed = time.Time{}
		}
		if len(news) == 0 {
			p.wait(ctx, changed)
			continue
		}
		for _, e := range news {
			if !deliver(ctx, sink, e) {
				return nil
			}
		}
		if err := p.acknowledge(news); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fake) hears(room adapters.RoomID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.joined[room] || room == ""
}

// deliver hands an update to the sink until it is stored, and tells whether it was.
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
	if u.twice {
		_ = sink(ctx, u.update) // it is stored already
	}
	return true
}

// Post says p at once. With Again it looks for p's key among the messages that exist.
func (f *Fake) Post(ctx context.Context, post adapters.Post) (adapters.MessageID, error) {
	var id adapters.MessageID
	err := f.call(ctx, Posted, post.Room, func(r *room) error {
		if post.Again {
			if m := r.byKey(post.Key); m != nil {
				id = m.ID
				return nil
			}
			if post.Text == "" {
				return nil
			}
		}
		if post.Text == "" || post.Key == "" {
			return fmt.Errorf("key %q: text and key can't be empty", post.Key)
		}
		e, err := f.store(r, f.said(post), Posted)
		id = e.ID
		return err
	})
	if err != nil {
		return "", fmt.Errorf("post %s: %w", post.Key, err)
	}
	return id, nil
}

// Edit makes a post read as p.Text.
func (f *Fake) Edit(ctx context.Context, id adapters.MessageID, post adapters.Post) error {
	return f.call(ctx, Edited, post.Room, func(r *room) error {
		e := f.said(post)
		if m := r.byID[id]; m != nil && !m.Deleted && m.Text == e.Text {
			return nil
		}
		_, err := f.store(r, Event{ID: id, Text: e.Text}, Edited)
		return err
	})
}

// Delete takes a post back.
func (f *Fake) Delete(ctx context.Context, ref adapters.Ref) error {
	return f.call(ctx, Deleted, ref.Room, func(r *room) error {
		m := r.byID[ref.ID]
		if m == nil || m.Deleted {
			return nil
		}
		if !m.Bot {
			return fmt.Errorf("message %s is not the bot's own", ref.ID)
		}
		_, err := f.store(r, Event{ID: ref.ID}, Deleted)
		return err
	})
}

// React puts the bot's emoji on a message, or takes it off.
func (f *Fake) React(ctx context.Context, ref adapters.Ref, emoji string, on bool) error {
	return f.call(ctx, Reacted, ref.Room, func(r *room) error {
		_, err := f.store(r, Event{ID: ref.ID, Emoji: emoji, On: on}, Reacted)
		return err
	})
}

// Whisper says a post to one person alone.
func (f *Fake) Whisper(ctx context.Context, to adapters.UserID, post adapters.Post) error {
	post.Thread, post.As = "", adapters.Persona{}
	return f.call(ctx, Whispered, post.Room, func(r *room) error {
		e := f.said(post)
		e.User, e.Buttons = to, post.Buttons
		_, err := f.store(r, e, Whispered)
		return err
	})
}

// call is one call of the platform's interface: there, done, and back again.
func (f *Fake) call(ctx context.Context, kind Kind, id adapters.RoomID, do func(*room) error) error {
	p := f.platform
	if err := p.reach(ctx, id); err != nil {
		return err
	}
	err := p.locked(func() error {
		if err := adapters.Leave(ctx); err != nil {
			return &adapters.RetryError{Err: err}
		}
		if (map[Kind]bool{Edited: p.faults.NoEdit, Deleted: p.faults.NoDelete, Reacted: p.faults.NoReact, Whispered: p.faults.NoWhisper})[kind] {
			return fmt.Errorf("%s: %s: %w", p.name, kind, errors.ErrUnsupported)
		}
		if id == "" && kind != Whispered {
			return p.unknownRoom("")
		}
		return do(p.mustRoom(string(id)))
	})
	if err != nil {
		return err
	}
	return p.respond(ctx, kind)
}

// said is a post in native text. It is called under the lock.
func (f *Fake) said(post adapters.Post) Event {
	e := Event{Thread: post.Thread, Key: post.Key, As: post.As, Text: toNative(post.Text)}
	if f.platform.faults.NoNames {
		e.Text, e.As = toNative(adapters.Attributed(post)), adapters.Persona{}
	}
	return e
}

func (f *Fake) store(r *room, e Event, kind Kind) (Event, error) {
	e.Kind, e.Room, e.Bot = kind, r.id, true
	if kind != Whispered {
		e.User, e.Name = BotID, "catchword"
	}
	if kind == Posted {
		if err := f.platform.limit(r); err != nil {
			return Event{}, err
		}
	}
	if err := r.check(e); err != nil {
		return Event{}, err
	}
	return f.platform.append(e)
}
