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
	// replyFor is for how long an answer to a command is worth giving.
	replyFor = 15 * time.Minute
	// whisperTry is for how long one whisper may keep the platform busy. Those who wait for theirs are people.
	whisperTry = 20 * time.Second
)

// whisper says what is for one person's eyes, in one workspace, until ctx is done. It has a queue of its own: no room waits
// for it, and it waits for no room.
func (b *Bot) whisper(ctx context.Context, ws *workspace) {
	log := b.log.With("workspace", ws.Name)
	for patience := (backoff{}); ctx.Err() == nil; {
		rung := b.bell.rung()
		for _, w := range ws.secrets.take() {
			if err := b.tell(ctx, ws, w); err != nil && ctx.Err() == nil {
				log.Warn("a secret whisper failed") // the error may say to whom
			}
		}
		w, ok, err := b.db.NextEphemeral(ctx, ws.Name)
		now := b.clock.Now()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && !ok:
			b.rest(ctx, time.Time{}, rung, nil)
			continue
		case err == nil && w.Due.After(now):
			b.rest(ctx, w.Due, rung, nil)
			continue
		case err == nil:
			err = b.whisperOnce(ctx, ws, w, now)
		}
		if err == nil || ctx.Err() != nil {
			patience = backoff{}
			continue
		}
		log.Warn("whisper delayed", "key", w.Key, "error", err)
		b.rest(ctx, b.clock.Now().Add(patience.next(askedToWait(err))), nil, nil)
	}
}

// whisperOnce says a whisper or gives it up; an error may pass. It is noted as said only afterwards: dying in between says
// it twice to that one person, which is better than not at all.
func (b *Bot) whisperOnce(ctx context.Context, ws *workspace, w store.Ephemeral, now time.Time) error {
	log := b.log.With("workspace", ws.Name, "key", w.Key)
	if !w.Expires.After(now) {
		log.Warn("whisper missed")
		return b.db.MarkEphemeralPosted(ctx, w.Key, now)
	}
	if err := b.tell(ctx, ws, w); err != nil {
		if _, passing := errors.AsType[*adapters.RetryError](err); passing {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		log.Error("whisper failed", "error", err)
	}
	return b.db.MarkEphemeralPosted(ctx, w.Key, now)
}

// tell hands a whisper to the adapter. Without a Whisperer, nobody is told.
func (b *Bot) tell(ctx context.Context, ws *workspace, w store.Ephemeral) error {
	if ws.whisperer == nil {
		return errors.ErrUnsupported
	}
	if err := adapters.CheckLease(ctx); err != nil {
		return &adapters.RetryError{Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, whisperTry)
	defer cancel()
	p := adapters.Post{Key: w.Key, Room: w.Room, Text: b.marked(w.Text), Buttons: w.Buttons}
	err := ws.whisperer.PostEphemeral(ctx, w.Recipient, p)
	if errors.Is(err, context.DeadlineExceeded) {
		err = &adapters.RetryError{Err: err}
	}
	return err
}

// secrets are what may not be stored: whispers, not even to whom they are, and by which command an anonymous message was given.
// They are lost with the process.
type secrets struct {
	mu       sync.Mutex
	all      []store.Ephemeral
	commands map[string]confided
}

// A confided is an anonymous message that waits for a decision.
type confided struct {
	chat string
	n    int
}

func (s *secrets) confide(command string, c confided) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.commands == nil {
		s.commands = map[string]confided{}
	}
	s.commands[command] = c
}

func (s *secrets) confided(command string) (c confided, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok = s.commands[command]
	return c, ok
}

func (s *secrets) add(w store.Ephemeral) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, w)
}

func (s *secrets) take() []store.Ephemeral {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	return all
}
