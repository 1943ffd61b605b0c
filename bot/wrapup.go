package bot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

const (
	// closingWait is how long a room that cannot hear the closing keeps the archive waiting.
	closingWait = time.Minute
	// rewriteEvery bounds how often an archive is written while late answers come in.
	rewriteEvery = 10 * time.Second
)

// ErrNoChat says that the store has no chat of that name.
var ErrNoChat = errors.New("no such chat")

// wrapUp writes the archive of each chat after its closing, and again after every change, and says the numbers.
func (b *Bot) wrapUp(ctx context.Context) {
	for patience := (backoff{}); ctx.Err() == nil; {
		rung := b.bell.rung()
		next, err := b.archiveChanged(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			b.log.Error("cannot write the archive", "error", err)
			next = b.clock.Now().Add(patience.next(0))
			rung = nil
		} else {
			patience = backoff{}
		}
		b.rest(ctx, next, rung, nil)
		if err == nil {
			// Many bells ring in the hour; one look a while is enough.
			b.rest(ctx, b.clock.Now().Add(time.Second), nil, nil)
		}
	}
}

// archiveChanged archives the chats that are over and not archived as they are. It returns when to look again at the latest.
func (b *Bot) archiveChanged(ctx context.Context) (next time.Time, err error) {
	now := b.clock.Now()
	slugs, err := b.db.Unarchived(ctx, now)
	if err != nil {
		return next, err
	}
	for _, slug := range slugs {
		posts, err := b.db.Steps(ctx, slug)
		if err != nil {
			return next, err
		}
		began, over := state(posts, now)
		if !over {
			next = now.Add(closingWait)
			continue
		}
		changed, archived, err := b.db.Changes(ctx, slug)
		if err != nil {
			return next, err
		}
		if !began && changed == 0 {
			// Nothing was held: there is nothing to keep.
			if err := b.db.Archived(ctx, slug, changed); err != nil {
				return next, err
			}
			continue
		}
		if archived >= 0 {
			b.rest(ctx, now.Add(rewriteEvery), nil, nil)
		}
		if _, err := b.Archive(ctx, slug); err != nil {
			return next, err
		}
	}
	end, ok, err := b.db.NextEnd(ctx, now)
	if ok && (next.IsZero() || end.Before(next)) {
		next = end
	}
	return next, err
}

// state tells whether a chat has begun anywhere, and whether it is over everywhere that matters.
func state(posts []store.Post, now time.Time) (began, over bool) {
	over = true
	for _, p := range posts {
		if p.Kind != questions.Reminding && p.Message != "" {
			began = true
		}
		if p.Kind == questions.Closing && p.Message == "" && p.Failed == "" && now.Before(p.Due.Add(closingWait)) {
			over = false
		}
	}
	return began, over
}

// Archive writes the archive of a chat as it is now, and queues the numbers, or their new version, for every room that
// has heard the closing. It returns the archive's folder, "" if no archive is configured, or ErrNoChat.
func (b *Bot) Archive(ctx context.Context, slug string) (folder string, err error) {
	fail := func(err error) (string, error) { return "", fmt.Errorf("archive %s: %w", slug, err) }
	// Counted first: what changes while the rest is read has the archive written again.
	changed, _, err := b.db.Changes(ctx, slug)
	if err != nil {
		return fail(err)
	}
	t, ok, err := b.db.Transcript(ctx, slug)
	if err != nil {
		return fail(err)
	}
	if !ok {
		return fail(ErrNoChat)
	}
	if b.opts.Archive != "" {
		chats, err := b.db.Chats(ctx)
		if err != nil {
			return fail(err)
		}
		if folder, err = WriteArchive(ctx, b.opts.Archive, t, archive.Options{URL: b.opts.PublicURL, Leaderboard: b.opts.Leaderboard, Chats: chats}); err != nil {
			return fail(err)
		}
	}
	var tally questions.Tally
	for a, err := range t.Answers(ctx, questions.InTime) {
		if err != nil {
			return fail(err)
		}
		tally.Add(a)
	}
	err = b.db.Do(ctx, func(ctx context.Context) error {
		if err := b.sayNumbers(ctx, t.Chat, tally); err != nil {
			return err
		}
		return b.db.Archived(ctx, slug, changed)
	})
	if err != nil {
		return fail(err)
	}
	b.bell.ring()
	b.log.Info("archived", "chat", slug, "answers", tally.Answers)
	return folder, nil
}

// WriteArchive writes a transcript below a folder, which it makes if need be, and returns the chat's own folder in it.
func WriteArchive(ctx context.Context, folder string, t questions.Transcript, o archive.Options) (string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", err
	}
	defer root.Close()
	if err := archive.Write(ctx, root, t, o); err != nil {
		return "", err
	}
	return folder + string(os.PathSeparator) + t.Chat.Slug, nil
}

func (b *Bot) sayNumbers(ctx context.Context, c questions.Chat, tally questions.Tally) error {
	link := ""
	if b.opts.PublicURL != "" {
		link = strings.TrimSuffix(b.opts.PublicURL, "/") + "/" + c.Slug + "/"
	}
	closings, err := b.db.Step(ctx, c.Slug, "closing")
	if err != nil {
		return err
	}
	for _, p := range closings {
		if p.Message == "" {
			continue
		}
		if err := b.db.Plan(ctx, store.Post{
			Key: store.StepKey(c.Slug, "numbers", p.Target), Chat: c.Slug, Target: p.Target, Step: "numbers", Kind: store.Numbers,
			Lane: store.StepLane, Seq: p.Seq + 1, Planned: c.Ends, Due: b.clock.Now(), Text: c.Numbers(tally, link),
		}); err != nil {
			return err
		}
	}
	return nil
}
