package adaptertest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// A delivery is an event on its way to a sink.
type delivery struct {
	Event
	update adapters.Update
	twice  bool
}

// rewind goes back to the cursor that was stored last, as an adapter does after a restart.
func (p *Platform) rewind() error {
	if p.journal == nil {
		return nil
	}
	return p.locked(func() (err error) {
		p.heard, err = p.journal.loadCursor()
		return err
	})
}

// news returns what people did in the rooms that are heard, since the cursor: the next update, or with disorder the
// next few. If there is none, the channel is closed when there may be.
func (p *Platform) news(hears func(adapters.RoomID) bool) (news []delivery, changed <-chan struct{}, err error) {
	err = p.locked(func() error {
		changed = p.changed
		most := 1
		if p.faults.Disorder {
			most = window
		}
		var events []Event
		for _, r := range p.rooms {
			if hears(r.id) {
				fresh := r.unheard(p.heard[r.id])
				events = append(events, fresh[:min(len(fresh), most)]...)
			}
		}
		slices.SortFunc(events, func(a, b Event) int { return cmp.Compare(a.N, b.N) })
		events = events[:min(len(events), most)]
		p.faults.disorder(events)
		for _, e := range events {
			news = append(news, delivery{e, p.update(e), p.faults.chance(p.faults.Duplicate)})
		}
		return nil
	})
	return news, changed, err
}

func (p *Platform) deaf() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.faults.Deaf
}

func (p *Platform) update(e Event) adapters.Update {
	ref := adapters.Ref{Room: e.Room, ID: e.ID}
	switch e.Kind {
	case Edited:
		if p.faults.EditsAsWholes && e.Room != "" {
			m := p.room(string(e.Room)).byID[e.ID]
			return toBot(&adapters.Message{Ref: ref, Thread: m.Thread, Author: m.By, Text: fromNative(e.Text), At: m.At, Edited: e.At, Files: m.Files})
		}
		return &adapters.Edit{Ref: ref, Text: fromNative(e.Text), At: e.At}
	case Deleted:
		return &adapters.Deletion{Ref: ref, At: e.At}
	case Reacted:
		return &adapters.Reaction{Ref: ref, User: e.User, Emoji: e.Emoji, On: e.On, At: e.At}
	case Commanded:
		return &adapters.Command{ID: string(e.ID), Room: e.Room, User: e.author(), Text: strings.TrimSpace(fromNative(e.Text)), At: e.At}
	case Arrived:
		return &adapters.Arrival{Room: e.Room, User: e.author(), At: e.At}
	default:
		return toBot(&adapters.Message{Ref: ref, Thread: e.Thread, Author: e.author(), Text: fromNative(e.Text), At: e.At, Files: e.files()})
	}
}

func (e Event) author() adapters.User {
	return adapters.User{ID: e.User, Name: e.Name, Picture: e.Picture}
}

// toBot notes what m says to the bot.
func toBot(m *adapters.Message) *adapters.Message {
	m.ToBot, m.Command = adapters.Addressed(m.Text, BotName)
	return m
}

// acknowledge moves the cursor behind all of news, which the sink has stored.
func (p *Platform) acknowledge(news []delivery) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	heard := maps.Clone(p.heard)
	for _, e := range news {
		heard[e.Room] = max(heard[e.Room], e.N)
	}
	if p.journal != nil {
		if err := p.journal.saveCursor(heard); err != nil {
			return err
		}
	}
	p.heard = heard
	p.notify()
	return nil
}

// wait returns when there may be news, or ctx is done.
func (p *Platform) wait(ctx context.Context, changed <-chan struct{}) {
	if p.journal == nil {
		select {
		case <-changed:
		case <-ctx.Done():
		}
		return
	}
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		select {
		case <-changed:
			return
		case <-ctx.Done():
			return
		case <-ticker.C:
			if p.stale() {
				return
			}
		}
	}
}

func (p *Platform) stale() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.journal.changed(p.journal.offset)
}

// Heard tells whether an adapter's sink has stored everything that people have done in a room so far.
func (p *Platform) Heard(room string) (all bool) {
	p.look(func() {
		r := p.mustRoom(room)
		all = len(r.unheard(p.heard[r.id])) == 0
	})
	return all
}
