package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
)

const (
	// replyTTL is for how long an answer to a command is worth giving.
	replyTTL = 15 * time.Minute
	// ephemeralTimeout is for how long one whisper may keep the platform busy. Those who wait for theirs are people.
	ephemeralTimeout = 20 * time.Second
)

// runEphemeral says what is for one person's eyes, in one workspace, until ctx is done. It has a queue of its own: no room waits
// for it, and it waits for no room.
func (b *Bot) runEphemeral(ctx context.Context, ws *workspace) {
	log := b.log.With("workspace", ws.Name)
	for patience := (backoff{}); ctx.Err() == nil; {
		wake := b.broadcast.wake()
		for _, w := range ws.anonymous.takeReplies() {
			if err := b.postEphemeral(ctx, ws, w); err != nil && ctx.Err() == nil {
				log.Warn("a secret whisper failed") // the error may say to whom
			}
		}
		w, ok, err := b.db.NextEphemeral(ctx, ws.Name)
		now := b.clock.Now()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && !ok:
			b.wait(ctx, time.Time{}, wake, nil)
			continue
		case err == nil && w.Due.After(now):
			b.wait(ctx, w.Due, wake, nil)
			continue
		case err == nil:
			err = b.sendEphemeral(ctx, ws, w, now)
		}
		if err == nil || ctx.Err() != nil {
			patience = backoff{}
			continue
		}
		log.Warn("whisper delayed", "key", w.Key, "error", err)
		b.wait(ctx, b.clock.Now().Add(patience.next(retryAfter(err))), nil, nil)
	}
}

// sendEphemeral says a whisper or gives it up; an error may pass. It is noted as said only afterwards: dying in between says
// it twice to that one person, which is better than not at all.
func (b *Bot) sendEphemeral(ctx context.Context, ws *workspace, w store.Ephemeral, now time.Time) error {
	log := b.log.With("workspace", ws.Name, "key", w.Key)
	if !w.Expires.After(now) {
		log.Warn("whisper missed")
		return b.db.MarkEphemeralPosted(ctx, w.Key, now)
	}
	if err := b.postEphemeral(ctx, ws, w); err != nil {
		if _, transient := errors.AsType[*adapters.RetryError](err); transient {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		log.Error("whisper failed", "error", err)
	}
	return b.db.MarkEphemeralPosted(ctx, w.Key, now)
}

// postEphemeral hands a whisper to the adapter. Without a Whisperer, nobody is told.
func (b *Bot) postEphemeral(ctx context.Context, ws *workspace, w store.Ephemeral) error {
	if ws.ephemeralPoster == nil {
		return errors.ErrUnsupported
	}
	if err := adapters.CheckLease(ctx); err != nil {
		return &adapters.RetryError{Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, ephemeralTimeout)
	defer cancel()
	p := adapters.Post{Key: w.Key, Room: w.Room, Text: b.withBanner(w.Text), Buttons: w.Buttons}
	err := ws.ephemeralPoster.PostEphemeral(ctx, w.Recipient, p)
	if errors.Is(err, context.DeadlineExceeded) {
		err = &adapters.RetryError{Err: err}
	}
	return err
}

// secrets are what may not be stored: whispers, not even to whom they are, and by which command an anonymous message was given.
// They are lost with the process.
type anonymousState struct {
	mu       sync.Mutex
	replies  []store.Ephemeral
	messages map[string]suggestionRef
}

// A confided is an anonymous message that waits for a decision.
type suggestionRef struct {
	chat string
	n    int
}

func (s *anonymousState) remember(command string, c suggestionRef) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.messages == nil {
		s.messages = map[string]suggestionRef{}
	}
	s.messages[command] = c
}

func (s *anonymousState) lookup(command string) (c suggestionRef, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok = s.messages[command]
	return c, ok
}

func (s *anonymousState) addReply(w store.Ephemeral) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies = append(s.replies, w)
}

func (s *anonymousState) takeReplies() []store.Ephemeral {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.replies
	s.replies = nil
	return all
}
