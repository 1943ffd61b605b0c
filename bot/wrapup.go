package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

const (
	// closingWait is how long the archive waits for a room in which the closing can't be posted.
	closingWait = time.Minute
	// rewriteInterval is the least time between two versions of an archive while late answers come in.
	rewriteInterval = 10 * time.Second
)

// ErrNoChat means that the store has no chat of that name.
var ErrNoChat = errors.New("no such chat")

// runWrapUp writes the archive of each chat after its closing, and again after every change, posts the numbers, and
// completes erasures.
func (b *Bot) runWrapUp(ctx context.Context) {
	for delay := (backoff{}); ctx.Err() == nil; {
		wake := b.broadcast.wake()
		next, err := b.archiveChanged(ctx)
		again, left := b.resumeErasures(ctx)
		if next.IsZero() || !again.IsZero() && again.Before(next) {
			next = again
		}
		err = errors.Join(err, b.writeIndex(ctx), left)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			b.log.Error("cannot write the archive or finish an erasure", "error", err)
			next = b.clock.Now().Add(delay.next(0))
			wake = nil
		} else {
			delay = backoff{}
		}
		b.wait(ctx, next, wake, nil)
		if err == nil {
			// Wake-ups are frequent during a chat; once a second is enough.
			b.wait(ctx, b.clock.Now().Add(time.Second), nil, nil)
		}
	}
}

// archiveChanged archives the chats that are over and have changed since. It returns when to look again at the latest.
func (b *Bot) archiveChanged(ctx context.Context) (next time.Time, err error) {
	now := b.clock.Now()
	slugs, err := b.db.ChatsToArchive(ctx, now)
	if err != nil {
		return next, err
	}
	for _, slug := range slugs {
		posts, err := b.db.AgendaPosts(ctx, slug)
		if err != nil {
			return next, err
		}
		hosted, err := b.db.Adjustments(ctx, slug)
		if err != nil {
			return next, err
		}
		began, over := progress(posts, hosted, now)
		if !over {
			next = now.Add(closingWait)
			continue
		}
		changed, archived, err := b.db.ChangeCounts(ctx, slug)
		if err != nil {
			return next, err
		}
		if !began && changed == 0 {
			// The chat never started: there is nothing to archive.
			if err := b.db.MarkArchived(ctx, slug, changed); err != nil {
				return next, err
			}
			continue
		}
		if archived >= 0 {
			b.wait(ctx, now.Add(rewriteInterval), nil, nil)
		}
		if _, err := b.Archive(ctx, slug); err != nil {
			return next, err
		}
	}
	end, ok, err := b.db.NextChatEnd(ctx, now)
	if ok && (next.IsZero() || end.Before(next)) {
		next = end
	}
	return next, err
}

// progress tells whether a chat has started in any room, and whether it is over in all that can still close.
func progress(posts []store.Post, hosted store.Adjustments, now time.Time) (began, over bool) {
	over = true
	for _, p := range posts {
		if p.Kind != questions.KindReminder && p.Message != "" {
			began = true
		}
		if p.Kind == questions.KindClosing && p.Message == "" && p.FailReason == "" && (!hosted.PausedSince.IsZero() || now.Before(p.Due.Add(closingWait))) {
			over = false
		}
	}
	return began, over
}

// Archive writes the archive of a chat as WriteArchive does, and queues the numbers, or their new version, for every
// room that got the closing.
func (b *Bot) Archive(ctx context.Context, slug string) (folder string, err error) {
	var chat questions.Chat
	var tally questions.Tally
	var changed int64
	folder, err = b.writeArchive(ctx, slug, func(ctx context.Context, t questions.Transcript) (err error) {
		chat = t.Chat
		if changed, _, err = b.db.ChangeCounts(ctx, slug); err != nil {
			return err
		}
		for a, err := range t.Answers(ctx, questions.OrderByTime) {
			if err != nil {
				return err
			}
			tally.Add(a)
		}
		return nil
	})
	if err == nil {
		err = b.db.Transact(ctx, func(ctx context.Context) error {
			if err := b.postNumbers(ctx, chat, tally); err != nil {
				return err
			}
			return b.db.MarkArchived(ctx, slug, changed) // later changes get it written again
		})
	}
	if err != nil {
		return "", fmt.Errorf("archive %s: %w", slug, err)
	}
	b.broadcast.send()
	b.log.Info("archived", "chat", slug, "answers", tally.Answers)
	return folder, nil
}

// WriteArchive writes the archive of a chat as it is at one moment. It returns the archive's folder, or "" if no
// archive is configured; an unknown chat is ErrNoChat. It works with or without Run, here or in another process, and
// waits while another process writes the same archive.
func (b *Bot) WriteArchive(ctx context.Context, slug string) (folder string, err error) {
	folder, err = b.writeArchive(ctx, slug, func(context.Context, questions.Transcript) error { return nil })
	if err != nil {
		return "", fmt.Errorf("archive %s: %w", slug, err)
	}
	return folder, nil
}

// writeArchive writes an archive, and calls f with the same snapshot of the chat.
func (b *Bot) writeArchive(ctx context.Context, slug string, f func(context.Context, questions.Transcript) error) (folder string, err error) {
	if _, ok, err := b.db.Chat(ctx, slug); err != nil || !ok {
		return "", cmp.Or(err, ErrNoChat) // before a folder is made
	}
	var root *os.Root
	if b.opts.Archive != "" {
		if root, err = archive.Open(b.opts.Archive); err != nil {
			return "", err
		}
		defer root.Close()
		release, err := archive.Lock(ctx, root, slug, func() { b.log.Warn("waiting for another process to finish this archive", "chat", slug) })
		if err != nil {
			return "", err
		}
		defer release()
		folder = archive.ChatDir(b.opts.Archive, slug)
	}
	return folder, b.db.Snapshot(ctx, func(ctx context.Context) error {
		t, ok, err := b.db.Transcript(ctx, slug)
		if err != nil || !ok {
			return cmp.Or(err, ErrNoChat)
		}
		if root != nil {
			o, err := b.archiveOptions(ctx)
			if err != nil {
				return err
			}
			if err := archive.Write(ctx, root, t, o); err != nil {
				return err
			}
		}
		return f(ctx, t)
	})
}

// writeIndex writes the index and the calendar of all chats if chats were scheduled since.
func (b *Bot) writeIndex(ctx context.Context) error {
	if b.opts.Archive == "" || !b.indexStale.Swap(false) {
		return nil
	}
	err := func() error {
		o, err := b.archiveOptions(ctx)
		if err != nil {
			return err
		}
		root, err := archive.Open(b.opts.Archive)
		if err != nil {
			return err
		}
		return errors.Join(archive.WriteSeries(ctx, root, o), root.Close())
	}()
	if err != nil {
		b.indexStale.Store(true)
	}
	return err
}

// archiveOptions completes Options.Site for now.
func (b *Bot) archiveOptions(ctx context.Context) (o archive.Options, err error) {
	o = b.opts.Site
	if b.opts.KeepFiles {
		o.Fetch = b.download
	}
	o.Now = b.clock.Now()
	o.Chats, err = b.db.Chats(ctx)
	return o, err
}

// download opens an attached file on its platform.
func (b *Bot) download(ctx context.Context, a questions.Answer, f questions.File) (body io.ReadCloser, mediaType string, err error) {
	err = errors.ErrUnsupported
	for _, ws := range b.workspaces {
		if ws.Name == a.Workspace && ws.downloader != nil {
			body, mediaType, err = ws.downloader.Download(ctx, adapters.File(f))
		}
	}
	if err != nil {
		b.log.Warn("cannot download a file for the archive", "workspace", a.Workspace, "room", a.Room, "error", err)
	}
	return body, mediaType, err
}

func (b *Bot) postNumbers(ctx context.Context, c questions.Chat, tally questions.Tally) error {
	link := ""
	if b.opts.Site.URL != "" {
		link = strings.TrimSuffix(b.opts.Site.URL, "/") + "/" + c.Slug + "/"
	}
	closings, err := b.db.StepPosts(ctx, c.Slug, "closing")
	if err != nil {
		return err
	}
	for _, p := range closings {
		if p.Message == "" {
			continue
		}
		if err := b.db.PlanPost(ctx, store.Post{
			Key: store.StepKey(c.Slug, "numbers", p.RoomRef), Chat: c.Slug, RoomRef: p.RoomRef, Step: "numbers", Kind: store.KindNumbers,
			Lane: store.StepLane, Seq: p.Seq + 1, Planned: c.Ends, Due: b.clock.Now(), Text: c.NumbersText(tally, link),
		}); err != nil {
			return err
		}
	}
	return nil
}
