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
	update    adapters.Update
	duplicate bool
}

// loadCursor goes back to the last stored cursor, as an adapter does after a restart.
func (p *Platform) loadCursor() error {
	if p.journal == nil {
		return nil
	}
	return p.withLock(func() (err error) {
		p.cursor, err = p.journal.loadCursor()
		return err
	})
}

// nextUpdates returns what people did in the rooms that are received, since the cursor: the next update, or with
// disorder the next few. If there is none, the channel is closed when there may be.
func (p *Platform) nextUpdates(receives func(adapters.RoomID) bool) (unread []delivery, changed <-chan struct{}, err error) {
	err = p.withLock(func() error {
		changed = p.changed
		most := 1
		if p.faults.Reorder {
			most = reorderWindow
		}
		var events []Event
		for _, r := range p.rooms {
			if receives(r.id) {
				fresh := r.eventsAfter(p.cursor[r.id])
				events = append(events, fresh[:min(len(fresh), most)]...)
			}
		}
		slices.SortFunc(events, func(a, b Event) int { return cmp.Compare(a.N, b.N) })
		events = events[:min(len(events), most)]
		p.faults.reorder(events)
		for _, e := range events {
			unread = append(unread, delivery{e, p.update(e), p.faults.happens(p.faults.DuplicateChance)})
		}
		return nil
	})
	return unread, changed, err
}

func (p *Platform) dropsUpdates() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.faults.DropUpdates
}

func (p *Platform) update(e Event) adapters.Update {
	ref := adapters.Ref{Room: e.Room, ID: e.ID}
	switch e.Kind {
	case Edited:
		if e.Room == "" {
			c := p.log[slices.IndexFunc(p.log, func(o Event) bool { return o.Kind == GaveCommand && o.ID == e.ID })]
			return &adapters.Command{ID: string(e.ID), User: c.author(), Text: strings.TrimSpace(fromNative(e.Text)), At: c.At, EditedAt: e.At}
		}
		if p.faults.BareEdits {
			return &adapters.Edit{Ref: ref, Text: fromNative(e.Text), At: e.At}
		}
		m := p.room(string(e.Room)).byID[e.ID]
		return parseMention(&adapters.Message{Ref: ref, Thread: m.Thread, Author: m.Author, Text: fromNative(e.Text), At: m.At, EditedAt: e.At, Files: m.Files})
	case FileRemoved:
		m := p.room(string(e.Room)).byID[e.ID]
		return parseMention(&adapters.Message{Ref: ref, Thread: m.Thread, Author: m.Author, Text: fromNative(m.Text), At: m.At, EditedAt: m.EditedAt, Files: m.Files})
	case Deleted:
		return &adapters.Deletion{Ref: ref, At: e.At}
	case Reacted:
		return &adapters.Reaction{Ref: ref, User: e.User, Emoji: e.Emoji, Added: e.Added, At: e.At}
	case GaveCommand:
		return &adapters.Command{ID: string(e.ID), Room: e.Room, User: e.author(), Text: strings.TrimSpace(fromNative(e.Text)), At: e.At}
	case Joined:
		if e.User == BotID {
			return &adapters.RoomOpened{Room: e.Room}
		}
		return &adapters.MemberJoined{Room: e.Room, User: e.author(), At: e.At}
	default:
		return parseMention(&adapters.Message{Ref: ref, Thread: e.Thread, Author: e.author(), Text: fromNative(e.Text), At: e.At, Files: e.files()})
	}
}

func (e Event) author() adapters.User {
	return adapters.User{ID: e.User, Name: adapters.CleanName(e.Name), Picture: e.Picture}
}

// toBot fills ToBot and Command.
func parseMention(m *adapters.Message) *adapters.Message {
	m.ToBot, m.Command = adapters.ParseMention(m.Text, BotName)
	return m
}

// acknowledge moves the cursor past the events, which the sink has stored.
func (p *Platform) acknowledge(unread []delivery) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	received := maps.Clone(p.cursor)
	for _, e := range unread {
		received[e.Room] = max(received[e.Room], e.N)
	}
	if p.journal != nil {
		if err := p.journal.saveCursor(received); err != nil {
			return err
		}
	}
	p.cursor = received
	p.notify()
	return nil
}

// wait returns when there may be new events, or ctx is done.
func (p *Platform) wait(ctx context.Context, changed <-chan struct{}) {
	if p.journal == nil {
		select {
		case <-changed:
		case <-ctx.Done():
		}
		return
	}
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		select {
		case <-changed:
			return
		case <-ctx.Done():
			return
		case <-ticker.C:
			if p.journalGrew() {
				return
			}
		}
	}
}

func (p *Platform) journalGrew() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.journal.grewPast(p.journal.offset)
}

// AllReceived tells whether a sink has stored everything that people have done in a room so far.
func (p *Platform) AllReceived(room string) (all bool) {
	p.view(func() {
		r := p.mustRoom(room)
		all = len(r.eventsAfter(p.cursor[r.id])) == 0
	})
	return all
}
