// Package bot runs chats: it posts each step of the agenda in every room on time, receives the answers, relays them to
// the other rooms, and writes the archive. It is the one place where questions and adapters meet.
//
// Everything goes through the store. Each post is a row first, and one sender per room makes the platform agree with
// the rows. Each update is stored before it is acknowledged. A bot may be killed at any moment, and started again.
package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// DefaultGrace is how long a chat takes late answers after its end.
const DefaultGrace = 7 * 24 * time.Hour

// Options configure a Bot. The zero Options are ready to use.
type Options struct {
	Archive   string          // the folder for archives; "" for none
	Site      archive.Options // how archives are written; the bot sets Chats, Fetch and Now
	KeepFiles bool            // archives include the files that people attach
	Grace     time.Duration   // zero for DefaultGrace
	Clock     *Clock          // nil for the wall clock
	Banner    string          // CommonMark above every post, as in a rehearsal
	Log       *slog.Logger    // nil for none; participants' words are never logged
	Observe   func(Event)     // may be nil; called by many goroutines at once, and must return at once
}

// A Workspace is one connection, and the rooms in which it runs chats.
type Workspace struct {
	Name    string // short, unique, without "/": "nhs"
	Adapter adapters.Adapter
	Rooms   []RoomConfig
	Hosts   []adapters.UserID
}

// A RoomConfig is a room as an admin configures it.
type RoomConfig struct {
	Name      string // its name or ID on the platform
	Dedicated bool   // used for the chat alone: untagged messages count while a question is live
}

// A Bot runs chats. All its methods may be called from several goroutines at once.
type Bot struct {
	db         *store.DB
	opts       Options
	clock      *Clock
	log        *slog.Logger
	workspaces []*workspace
	broadcast  broadcast
	restoredAt time.Time   // posts made before then may be missing from the store; set by Run
	indexStale atomic.Bool // chats were scheduled since the index was written
}

// A workspace is a Workspace with its adapter's optional abilities. A missing one is nil.
type workspace struct {
	Workspace
	editor        adapters.Editor
	deleter       adapters.Deleter
	reactor       adapters.Reactor
	timestamper   adapters.Timestamper
	historyReader adapters.HistoryReader
	permalinker   adapters.Permalinker

	ephemeralPoster adapters.EphemeralPoster
	reporter        adapters.Reporter
	downloader      adapters.Downloader
	eraser          adapters.UserDataEraser
	userNamer       adapters.UserNamer

	gaps   broadcast // wakes the backfill when the adapter may have missed something
	opened broadcast // wakes those who wait for a room to open
	health health

	unstoredReplies   replyQueue
	anonymousMessages anonymousMessages
	names             nameList
}

// New makes a bot. It starts nothing.
func New(db *store.DB, opts Options, workspaces ...Workspace) *Bot {
	if opts.Grace == 0 {
		opts.Grace = DefaultGrace
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	b := &Bot{db: db, opts: opts, clock: opts.Clock, log: opts.Log}
	for _, w := range workspaces {
		ws := &workspace{Workspace: w}
		ws.editor, _ = w.Adapter.(adapters.Editor)
		ws.deleter, _ = w.Adapter.(adapters.Deleter)
		ws.reactor, _ = w.Adapter.(adapters.Reactor)
		ws.timestamper, _ = w.Adapter.(adapters.Timestamper)
		ws.historyReader, _ = w.Adapter.(adapters.HistoryReader)
		ws.permalinker, _ = w.Adapter.(adapters.Permalinker)
		ws.ephemeralPoster, _ = w.Adapter.(adapters.EphemeralPoster)
		ws.reporter, _ = w.Adapter.(adapters.Reporter)
		ws.downloader, _ = w.Adapter.(adapters.Downloader)
		ws.eraser, _ = w.Adapter.(adapters.UserDataEraser)
		ws.userNamer, _ = w.Adapter.(adapters.UserNamer)
		b.workspaces = append(b.workspaces, ws)
	}
	return b
}

// Schedule stores a chat, and a post for each of its steps in each of its rooms. It may be called again, also during
// Run: if the chat has changed, posts already made are edited, and pending ones are moved. A chat that is over gets no
// more posts; if its file has changed, its archive is written again. Rooms that were reminded of a chat get one notice
// of each change before it starts.
func (b *Bot) Schedule(ctx context.Context, c questions.Chat) error {
	err := b.db.Transact(ctx, func(ctx context.Context) error {
		before, _, err := b.db.Chat(ctx, c.Slug)
		if err != nil {
			return err
		}
		if c, err = b.keepAsked(ctx, before, c); err != nil {
			return err
		}
		changed, err := b.db.SaveChat(ctx, c)
		if err != nil {
			return err
		}
		over, err := b.isOver(ctx, c)
		if err != nil {
			return err
		}
		if over {
			if changed {
				return b.db.MarkChanged(ctx, c.Slug)
			}
			return nil
		}
		if err := b.replan(ctx, c.Slug); err != nil || !changed {
			return err
		}
		return b.postChanges(ctx, before, c)
	})
	if err != nil {
		return fmt.Errorf("schedule %s: %w", c.Slug, err)
	}
	b.indexStale.Store(true)
	b.broadcast.send()
	return nil
}

// keepAsked gives a new version of a chat the questions that were already asked and that its file no longer has: people
// are answering them, so they stay in the chat, its timetable and its archive.
func (b *Bot) keepAsked(ctx context.Context, before, c questions.Chat) (questions.Chat, error) {
	posts, err := b.db.AgendaPosts(ctx, c.Slug)
	if err != nil {
		return c, err
	}
	last := 0
	for _, p := range posts {
		if p.Kind == questions.KindQuestion && !p.Tried.IsZero() {
			last = max(last, questions.StepSection(p.Step).QuestionNumber())
		}
	}
	for _, q := range before.PlannedQuestions() {
		if q.N > len(c.Questions) && q.N <= last {
			c.Questions = append(slices.Clip(c.Questions), q)
			b.log.Warn("a question that was already asked stays in the chat, although its file no longer has it", "chat", c.Slug, "question", questions.Label(q.N))
		}
	}
	return c, nil
}

// isOver tells whether a chat is past the latest end that its hosts or an outage may have given it.
func (b *Bot) isOver(ctx context.Context, c questions.Chat) (bool, error) {
	hosted, err := b.db.Adjustments(ctx, c.Slug)
	return b.clock.Now().After(c.Ends.Add(hosted.Extended + questions.MaxOverrun)), err
}

// NextStep reads the next step of a chat that is still to be posted in a room, as hosts have moved, skipped and ended
// it. Before any room has joined, it is the next step by the chat's file. The name is "" if no step is left.
func (b *Bot) NextStep(ctx context.Context, c questions.Chat) (name string, due time.Time, err error) {
	posts, err := b.db.AgendaPosts(ctx, c.Slug)
	if err != nil {
		return "", time.Time{}, err
	}
	now := b.clock.Now()
	for _, p := range posts {
		if p.Tried.IsZero() && p.FailReason == "" && p.Due.After(now) {
			return p.Step, p.Due, nil
		}
	}
	for _, s := range c.Agenda() {
		if len(posts) == 0 && s.At.After(now) {
			return s.Name, s.At, nil
		}
	}
	return "", time.Time{}, nil
}

// plan stores the posts of a chat in one room. Steps that were moved or skipped in other rooms are moved or skipped
// here too.
func (b *Bot) plan(ctx context.Context, c questions.Chat, r store.Room) error {
	if !includesRoom(c, r) {
		return nil
	}
	stored, err := b.db.AgendaPosts(ctx, c.Slug)
	if err != nil {
		return err
	}
	planned := map[string]bool{}
	for i, s := range c.Agenda() {
		text := s.Text
		if r.Own && (s.Kind == questions.KindReminder || s.Kind == questions.KindWelcome) {
			text += " " + questions.OwnRoomNotice
		}
		p := store.Post{
			Key: store.StepKey(c.Slug, s.Name, r.Ref()), Chat: c.Slug, RoomRef: r.Ref(), Step: s.Name, Kind: s.Kind,
			Lane: store.StepLane, Seq: int64(i), Planned: s.At, Due: s.At, Expires: s.Expires, Text: text,
		}
		planned[p.Key] = true
		if i := slices.IndexFunc(stored, func(o store.Post) bool { return o.Step == p.Step && o.Planned.Equal(p.Planned) }); i >= 0 {
			p.Due = stored[i].Due
			if elsewhere := stored[i].FailReason == store.Skipped && stored[i].RoomRef != p.RoomRef; elsewhere {
				continue
			}
		}
		if err := b.db.PlanPost(ctx, p); err != nil {
			return err
		}
	}
	for _, p := range stored {
		notInAgenda := p.Kind == store.KindNumbers || p.Kind == store.KindRepeat || p.Kind == store.KindNotice
		if p.RoomRef == r.Ref() && !notInAgenda && !planned[p.Key] {
			if err := b.db.DropPost(ctx, p.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

// includesRoom tells whether the chat runs in the room. Either side may leave out the "#" of the room's name.
func includesRoom(c questions.Chat, r store.Room) bool {
	bare := func(name string) string { return strings.TrimPrefix(name, "#") }
	return len(c.Rooms) == 0 || slices.ContainsFunc(c.Rooms, func(room string) bool {
		workspace, name, _ := strings.Cut(room, "/")
		return workspace == r.Workspace && (name == string(r.ID) || bare(name) == bare(r.Name) || bare(name) == bare(r.ConfiguredAs))
	})
}

// Run joins the rooms, posts, receives and archives until ctx is done. It then finishes within seconds what is in
// flight, and returns the permanent errors of workspaces; one that fails doesn't stop the others. When none is left, it
// returns at once. It may be called once.
//
// When several processes share a store, one at a time holds the lease of each workspace; the others are on standby. A
// process that loses a lease stops posting and returns an error that wraps store.ErrLeaseLost. What its adapters keep
// in memory may be stale by then, so a new Bot with new adapters has to take over.
func (b *Bot) Run(ctx context.Context) error {
	if err := b.retire(ctx); err != nil {
		return err
	}
	var err error
	if b.restoredAt, err = b.db.RestoredAt(ctx, b.clock.Now()); err != nil {
		return err
	}
	ctx, cancelAll := context.WithCancelCause(ctx)
	defer cancelAll(nil)
	var all sync.WaitGroup
	var ended atomic.Int32
	errs := make([]error, len(b.workspaces))
	for i, ws := range b.workspaces {
		all.Go(func() {
			b.runWithLease(ctx, cancelAll, ws.Name, ws.health.setStandby, func(ctx context.Context) {
				errs[i] = b.runWorkspace(ctx, ws, func() {
					if int(ended.Add(1)) == len(b.workspaces) {
						cancelAll(nil)
					}
				})
			})
		})
	}
	all.Go(func() {
		b.runWithLease(ctx, cancelAll, store.GlobalLease, func() {}, func(ctx context.Context) {
			var both sync.WaitGroup
			both.Go(func() { b.runWrapUp(ctx) })
			b.runHeadsUps(ctx)
			both.Wait()
		})
	})
	all.Go(func() { b.db.Listen(ctx, b.broadcast.send) })
	all.Wait()
	if cause := context.Cause(ctx); errors.Is(cause, store.ErrLeaseLost) || errors.Is(cause, store.ErrLocked) {
		errs = append(errs, cause)
	}
	return errors.Join(errs...)
}
