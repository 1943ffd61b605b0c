package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

const (
	// triesBeforeDefer is how often a copy of an answer is tried before others go first: for minDefer, then twice as
	// long each time, up to maxDefer.
	triesBeforeDefer = 5
	minDefer         = 8 * time.Second
	maxDefer         = time.Minute
)

// A sender makes one room agree with its rows in the store. Rooms don't wait for each other.
type sender struct {
	*Bot
	ws      *workspace
	room    store.Room
	pace    time.Duration
	log     *slog.Logger
	backoff backoff
	tries   map[string]int // failed attempts, by the key of the post; since the start
	closed  error          // why the room takes no posts; nil while it does
	refused string         // the key of the last post that was refused for that, if none has succeeded since
}

// runSender posts what is due, and waits for more, until ctx is done.
func (b *Bot) runSender(ctx context.Context, s *sender) {
	if err := b.fileWaiting(ctx, s.room.Ref()); err != nil && ctx.Err() == nil {
		s.log.Error("cannot file waiting answers", "error", err)
	}
	for ctx.Err() == nil {
		wake, opened := b.broadcast.wake(), s.ws.opened.wake()
		until, ignoreWake, err := s.postNext(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.log.Error("cannot post", "error", err)
			until, ignoreWake = b.clock.Now().Add(s.backoff.next(0)), true
		}
		if ignoreWake {
			wake = nil
		}
		if ignoreWake || until.IsZero() || until.After(b.clock.Now()) {
			b.wait(ctx, until, wake, opened)
		}
	}
}

// postNext sends the next post if it is due. It returns when to come back, and whether to ignore wake-ups until then:
// after a message, to keep the room's pace, and after a failure, to wait as long as the platform asks.
func (s *sender) postNext(ctx context.Context) (next time.Time, ignoreWake bool, err error) {
	now := s.clock.Now()
	if missed, err := s.db.ExpirePosts(ctx, s.room.Ref(), now); err != nil {
		return next, false, err
	} else if missed > 0 {
		s.log.Warn("reminders expired", "count", missed)
		for range missed {
			s.observe(Event{Kind: ReminderMissed, Workspace: s.ws.Name, Detail: string(questions.KindReminder)})
		}
	}
	p, ok, err := s.db.NextPost(ctx, s.room.Ref(), now)
	if err != nil || !ok {
		return time.Time{}, false, err
	}
	if p.Due.After(now) {
		return p.Due, false, nil
	}
	if now.Sub(p.Due) > maxLateness && p.Lane == store.StepLane && p.TriedText == "" && s.closed == nil {
		if moved, err := s.shiftAfterOutage(ctx, p.Chat); err != nil || moved {
			return now, false, err
		}
	}
	if now.Sub(p.Due) > maxLateness && p.TriedText == "" && p.Message == "" {
		if tooLate, err := s.isTooLate(ctx, p, now); err != nil || tooLate {
			if err == nil {
				s.log.Warn("post dropped: the chat is over", "key", p.Key, "due", p.Due)
				err = s.db.FailPost(ctx, p, store.Missed)
			}
			return now, false, err
		}
	}
	within, done := graceContext(ctx)
	err = s.apply(within, p)
	done()
	switch {
	case err == nil:
		s.backoff, s.refused = backoff{}, ""
		delete(s.tries, p.Key)
		if err := s.reopen(ctx, p); err != nil {
			return next, false, err
		}
		return s.clock.Now().Add(s.pace), s.pace > 0, nil
	case ctx.Err() != nil:
		return next, false, nil
	default:
		return s.handleFailure(ctx, p, err)
	}
}

// isTooLate reports whether nobody expects a late post any more, because its room was closed, or its platform down, for
// so long: a step when its chat is over, and a copy when the chat takes no more answers. Numbers end a chat whenever
// they come.
func (s *sender) isTooLate(ctx context.Context, p store.Post, now time.Time) (bool, error) {
	c, ok, err := s.db.Chat(ctx, p.Chat)
	if err != nil || !ok || p.Kind == store.KindNumbers {
		return false, err
	}
	if p.Lane == store.RelayLane {
		now = now.Add(-s.opts.Grace)
	}
	hosted, err := s.db.Adjustments(ctx, c.Slug)
	return now.After(c.Ends.Add(hosted.Extended + questions.MaxOverrun)), err
}

// observePosted reports that a post was made for the first time.
func (s *sender) observePosted(p store.Post) {
	since := p.Due
	if p.Kind == store.KindRelay {
		since = p.Planned // when the answer was posted
	}
	s.observe(Event{Kind: PostSent, Workspace: s.ws.Name, Detail: string(p.Kind), Duration: max(0, s.clock.Now().Sub(since))})
}

// handleFailure retries a post that failed for now, and gives up one that failed for good.
func (s *sender) handleFailure(ctx context.Context, p store.Post, err error) (next time.Time, ignoreWake bool, _ error) {
	if errors.Is(err, errStore) {
		return next, false, err
	}
	if closed, ok := errors.AsType[*adapters.ClosedError](err); ok {
		return s.handleClosed(ctx, p, closed)
	}
	_, transient := errors.AsType[*adapters.RetryError](err)
	if !transient && p.Kind == store.KindRelay && p.Thread != "" && p.Message == "" {
		// Its thread may be gone. The answer isn't: it goes into the room.
		s.log.Warn("cannot post in a thread, posting in the room", "key", p.Key, "error", err)
		return s.clock.Now(), false, s.db.DetachPost(ctx, p)
	}
	if !transient {
		s.log.Error("post failed", "key", p.Key, "error", err)
		s.observe(Event{Kind: PostFailed, Workspace: s.ws.Name, Detail: string(p.Kind)})
		if err := s.db.FailPost(ctx, p, err.Error()); err != nil {
			return next, false, err
		}
		return s.clock.Now(), false, s.fileWaiting(ctx, s.room.Ref())
	}
	s.observe(Event{Kind: PostDelayed, Workspace: s.ws.Name, Detail: string(p.Kind), Duration: retryAfter(err)})
	s.log.Warn("post delayed", "key", p.Key, "after", retryAfter(err), "error", err)
	next = s.clock.Now().Add(s.backoff.next(retryAfter(err)))
	if p.Lane != store.RelayLane {
		return next, true, nil
	}
	if s.tries == nil {
		s.tries = map[string]int{}
	}
	s.tries[p.Key]++
	if rounds := s.tries[p.Key] / triesBeforeDefer; s.tries[p.Key]%triesBeforeDefer == 0 {
		return next, true, s.db.DeferPost(ctx, p, next.Add(min(maxDefer, minDefer<<min(rounds-1, 8))))
	}
	return next, true, nil
}

// apply makes the platform agree with one row. It also decides what to do where an adapter lacks an ability. Without a
// Timestamper, the time of the last try counts. Without a Permalinker, nothing is linked. Without a Reactor, reactions
// are not relayed. Without an Editor, posts stay as they are. Without a Deleter, a post is replaced by a note, if it
// can be edited.
func (s *sender) apply(ctx context.Context, p store.Post) error {
	post := adapters.Post{Key: p.Key, Room: p.Room, Thread: p.Thread, As: p.Persona, Text: s.shownText(p, p.Text)}
	ref := adapters.Ref{Room: p.Room, ID: p.Message}
	if err := adapters.CheckLease(ctx); err != nil {
		return storeError(err)
	}
	var err error
	switch {
	case p.Kind == store.KindReaction:
		err = s.react(ctx, p)
	case p.Message == "":
		return s.postNew(ctx, p, post)
	case p.Text == "":
		err = s.deletePost(ctx, ref, post)
	default:
		err = s.edit(ctx, ref.ID, post)
	}
	if errors.Is(err, errors.ErrUnsupported) {
		s.log.Warn("not supported by the platform, skipped", "key", p.Key, "kind", p.Kind)
		err = nil
	} else if err == nil && p.Message == "" {
		s.observePosted(p)
	}
	if err != nil {
		return err
	}
	return storeError(s.db.SetSentText(ctx, p, p.Text))
}

// shownText is how the text of a post reads in its room: an answer that is in no thread says what it answers.
func (s *sender) shownText(p store.Post, text string) string {
	if p.Kind == store.KindRelay && p.Thread == "" && text != "" {
		text = "**" + upperFirst(questions.StepTitle(p.Step)) + "**\n\n" + text
	}
	return s.withBanner(text)
}

// withBanner puts the banner above a text.
func (b *Bot) withBanner(text string) string {
	if b.opts.Banner == "" || text == "" {
		return text
	}
	return b.opts.Banner + "\n\n" + text
}

// postNew makes a post that is not known to exist. It stores the attempt first, and the message's ID afterwards. If the
// process dies in between, the post is in doubt, and the adapter looks for it before posting it again.
func (s *sender) postNew(ctx context.Context, p store.Post, post adapters.Post) error {
	if p.TriedText == "" {
		post.Retry = s.mayBePosted(p)
		p.TriedText, p.Tried = p.Text, s.clock.Now()
		if err := s.db.MarkTrying(ctx, p, p.Tried); err != nil {
			return storeError(err)
		}
	} else if post.Retry = true; p.Text != "" && p.TriedText != store.ErasedText {
		// The earlier try may have succeeded with the text it had. What has changed since is an edit.
		post.Text = s.shownText(p, p.TriedText)
	}
	// The lease may have been lost while storing.
	if err := adapters.CheckLease(ctx); err != nil {
		return storeError(err)
	}
	since := s.clock.Now()
	message, err := s.ws.Adapter.Post(ctx, post)
	if err != nil {
		return err
	}
	if since, err = s.postedAt(ctx, p, message, since); err != nil {
		return err
	}
	link := s.link(ctx, p, message)
	err = s.db.Transact(ctx, func(ctx context.Context) error {
		var err error
		if message == "" {
			err = s.db.MarkNotPosted(ctx, p)
		} else {
			err = s.db.MarkPosted(ctx, p, message, since, link)
		}
		if err != nil || p.Lane != store.StepLane {
			return err
		}
		return s.fileWaiting(ctx, p.RoomRef)
	})
	if err == nil && message != "" {
		s.observePosted(p)
	}
	if p.Lane == store.StepLane {
		s.broadcast.send()
	}
	return storeError(err)
}

// postedAt is when a step was posted, by the platform's clock, or else when it was tried.
func (s *sender) postedAt(ctx context.Context, p store.Post, message adapters.MessageID, tried time.Time) (time.Time, error) {
	if s.ws.timestamper == nil || message == "" || p.Lane != store.StepLane {
		return tried, nil
	}
	at, err := s.ws.timestamper.Timestamp(ctx, adapters.Ref{Room: p.Room, ID: message})
	if err == nil {
		return at, nil
	}
	if _, transient := errors.AsType[*adapters.RetryError](err); transient {
		return tried, err
	}
	if !errors.Is(err, errors.ErrUnsupported) {
		// It was posted all the same, and people answer it.
		s.log.Warn("cannot read the post's date, using the time of the attempt", "key", p.Key, "error", err)
	}
	return tried, nil
}

// link is the address of a step's post. A failure is only logged: people can do without.
func (s *sender) link(ctx context.Context, p store.Post, message adapters.MessageID) string {
	if s.ws.permalinker == nil || message == "" || p.Lane != store.StepLane {
		return ""
	}
	link, err := s.ws.permalinker.Permalink(ctx, adapters.Ref{Room: p.Room, ID: message})
	if err != nil && ctx.Err() == nil && !errors.Is(err, errors.ErrUnsupported) {
		s.log.Warn("cannot link to post", "key", p.Key, "error", err)
	}
	return link
}

func (s *sender) edit(ctx context.Context, id adapters.MessageID, post adapters.Post) error {
	if s.ws.editor == nil {
		return errors.ErrUnsupported
	}
	return s.ws.editor.Edit(ctx, id, post)
}

func (s *sender) deletePost(ctx context.Context, ref adapters.Ref, post adapters.Post) error {
	err := errors.ErrUnsupported
	if s.ws.deleter != nil {
		err = s.ws.deleter.Delete(ctx, ref)
	}
	_, transient := errors.AsType[*adapters.RetryError](err)
	if err != nil && !transient {
		post.As, post.Text = adapters.Persona{}, "*(withdrawn by its author)*"
		err = s.edit(ctx, ref.ID, post)
	}
	return err
}

func (s *sender) react(ctx context.Context, p store.Post) error {
	if s.ws.reactor == nil {
		return errors.ErrUnsupported
	}
	emoji := p.Text
	if emoji == "" {
		emoji = p.SentText
	}
	return s.ws.reactor.React(ctx, adapters.Ref{Room: p.Room, ID: p.Thread}, emoji, p.Text != "")
}

// storeError marks an error of the store, to tell it from the platform's.
func storeError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errStore, err)
}
