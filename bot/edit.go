package bot

import (
	"context"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

// editAnswer gives an answer its new text and files, and files it again by them: "A2: …" corrected to "A3: …" moves to
// Q3 in all rooms, and an answer that was known by its label or the hashtag alone leaves the chat with it. An edit that
// is older than the last is of no effect. A file can be removed without an edit of the text, and then the time stays as
// it was.
func (b *Bot) editAnswer(ctx context.Context, known store.Answer, text string, files []adapters.File, at time.Time) error {
	if at.IsZero() && isSubset(files, known.Files) {
		text, at = known.Text, known.Edited
	} else if at.IsZero() {
		return nil
	}
	if !known.Deleted.IsZero() || known.OptedOut || at.Before(known.Edited) {
		return nil
	}
	if text == "" && len(files) == 0 {
		return b.removeAnswer(ctx, known)
	}
	if text == known.Text && slices.Equal(files, known.Files) {
		return nil
	}
	edited := known
	edited.Text, edited.Files, edited.Edited = text, files, at
	if err := b.db.EditAnswer(ctx, edited); err != nil || known.Chat == "" {
		return err
	}
	if known.RoomRef != store.PrivateRoom && text != known.Text {
		if moved, err := b.refile(ctx, known, edited); err != nil || moved {
			return err
		}
	}
	if known.Withheld {
		return nil
	}
	if err := b.db.RewordCopies(ctx, known.Key(), copyText(text, files)); err != nil {
		return err
	}
	return b.db.MarkChanged(ctx, known.Chat)
}

func isSubset(some, of []adapters.File) bool {
	return len(some) < len(of) && !slices.ContainsFunc(some, func(f adapters.File) bool { return !slices.Contains(of, f) })
}

// refile files an edited answer again. It returns false if the answer stays where it was. What replied to it goes with
// it.
func (b *Bot) refile(ctx context.Context, known, edited store.Answer) (moved bool, err error) {
	edited.ReplyTo = ""
	filed, err := b.file(ctx, &edited)
	switch {
	case err != nil:
		return false, err
	case filed && edited.Chat == known.Chat && edited.Step == known.Step:
		return false, b.db.FileAnswer(ctx, edited)
	case !filed && known.MatchedBy != questions.ByTag && known.MatchedBy != questions.ByHashtag:
		return false, nil
	}
	if !filed {
		if inDoubt, err := b.db.InDoubt(ctx, known.RoomRef, known.At); err != nil || inDoubt {
			return false, err
		}
		return true, b.removeAnswer(ctx, known)
	}
	if err := b.withdrawCopies(ctx, known); err != nil {
		return false, err
	}
	if err := b.db.FileAnswer(ctx, edited); err != nil {
		return false, err
	}
	if err := b.relay(ctx, edited); err != nil {
		return false, err
	}
	replies, err := b.db.RepliesTo(ctx, known)
	for _, r := range replies {
		if err == nil {
			_, err = b.refile(ctx, r, r)
		}
	}
	return true, err
}

// removeAnswer takes an answer out of its chat. If another edit brings it back, it comes as a message that nobody knows
// yet.
func (b *Bot) removeAnswer(ctx context.Context, a store.Answer) error {
	if a.Chat != "" {
		if err := b.withdrawCopies(ctx, a); err != nil {
			return err
		}
		a.Chat = ""
		if err := b.db.FileAnswer(ctx, a); err != nil {
			return err
		}
	}
	return b.db.DeleteUnfiled(ctx, a.Key())
}

// withdrawCopies takes the copies of an answer back where they are, and writes the archive without it.
func (b *Bot) withdrawCopies(ctx context.Context, a store.Answer) error {
	if err := b.db.ReissueCopies(ctx, a.Key()); err != nil {
		return err
	}
	return b.db.MarkChanged(ctx, a.Chat)
}
