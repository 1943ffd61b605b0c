package bot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
)

// erasureTimeout is how long after its start another process completes an erasure.
const erasureTimeout = time.Minute

// An UnfinishedErasureError means that somebody was erased, but that not all of it was overwritten yet.
type UnfinishedErasureError struct{ Err error }

func (e *UnfinishedErasureError) Error() string { return e.Err.Error() }
func (e *UnfinishedErasureError) Unwrap() error { return e.Err }

// A ForgetResult is what an erasure did.
type ForgetResult struct {
	Chats   []string // whose archives are written again
	Answers int      // of theirs, now tombstones
	Quoted  int      // answers by others, from which quotes or mentions were removed
	Named   []string // chats whose files still name them as a host or the leader
}

// Forget erases somebody from the store and from what their adapter keeps: their words, name and account, also where
// others quoted or mentioned them by a stored name or one of names. The processes that hold the leases of the rooms'
// workspaces delete the copies on the platforms, now or at their next start. If this process dies in the middle,
// another completes the erasure.
func (b *Bot) Forget(ctx context.Context, workspace string, who adapters.UserID, names ...string) (f ForgetResult, err error) {
	err = b.db.Transact(ctx, func(ctx context.Context) error {
		t, err := b.newPersonMatcher(ctx, workspace, who, names)
		if err != nil {
			return err
		}
		if f.Named, err = b.chatsNaming(ctx, t, workspace, who); err != nil {
			return err
		}
		quoting, err := b.redactQuotes(ctx, t, workspace, who)
		if err != nil {
			return err
		}
		if err := b.removeReactions(ctx, workspace, who, nil); err != nil {
			return err
		}
		if f.Chats, f.Answers, err = b.db.Erase(ctx, workspace, who, b.clock.Now()); err != nil {
			return err
		}
		for _, a := range quoting {
			f.Chats = append(f.Chats, a.Chat)
		}
		f.Quoted = len(quoting)
		slices.Sort(f.Chats)
		f.Chats = slices.Compact(f.Chats)
		if err := b.replanAll(ctx, f.Chats, nil); err != nil {
			return err
		}
		if err := b.dropEphemerals(ctx, t); err != nil {
			return err
		}
		return b.db.RedactSent(ctx, f.Chats)
	})
	if err != nil {
		return ForgetResult{}, err
	}
	b.broadcast.send()
	left, err := b.db.PendingErasures(ctx)
	if err == nil {
		err = b.finishErasures(ctx, left)
	}
	if err != nil {
		err = &UnfinishedErasureError{err}
	}
	return f, err
}

// CountStored counts what Forget would erase of somebody.
func (b *Bot) CountStored(ctx context.Context, workspace string, who adapters.UserID) (answers, other int, err error) {
	if answers, other, err = b.db.CountStored(ctx, workspace, who); err != nil {
		return 0, 0, err
	}
	if f := b.forgetter(workspace); f != nil {
		kept, err := f.CountUserData(ctx, who)
		return answers, other + kept, err
	}
	return answers, other, nil
}

func (b *Bot) forgetter(workspace string) adapters.UserDataEraser {
	for _, ws := range b.workspaces {
		if ws.Name == workspace {
			return ws.eraser
		}
	}
	return nil
}

// resumeErasures completes erasures whose process seems to have died. It returns when to look again.
func (b *Bot) resumeErasures(ctx context.Context) (again time.Time, err error) {
	left, err := b.db.PendingErasures(ctx)
	if err != nil || len(left) == 0 {
		return again, err
	}
	if again = left[len(left)-1].At.Add(erasureTimeout); again.After(b.clock.Now()) {
		return again, nil
	}
	return time.Time{}, b.finishErasures(ctx, left)
}

// finishErasures erases what adapters keep, and then overwrites deleted data in the database.
func (b *Bot) finishErasures(ctx context.Context, left []store.Erasure) error {
	for _, e := range left {
		if e.Who == "" {
			continue
		}
		if f := b.forgetter(e.Workspace); f != nil {
			if err := f.EraseUserData(ctx, e.Who); err != nil {
				return fmt.Errorf("erase user data of %s: %w", e.Workspace, err)
			}
		}
		if err := b.db.MarkAnonymised(ctx, e); err != nil {
			return err
		}
	}
	return b.db.Vacuum(ctx)
}

// redactQuotes removes quotes and mentions of somebody from other people's answers, and returns the answers that it
// changed.
func (b *Bot) redactQuotes(ctx context.Context, t personMatcher, workspace string, who adapters.UserID) (changed []store.Answer, err error) {
	others, err := b.db.AnswersByOthers(ctx, workspace, who)
	if err != nil {
		return nil, err
	}
	for _, a := range others {
		text := t.redact(a.Text)
		if text == a.Text {
			continue
		}
		if err := b.db.RedactAnswer(ctx, a.Key(), text); err != nil {
			return nil, err
		}
		if a.Chat == "" {
			continue
		}
		changed = append(changed, a)
		if a.Excluded() {
			continue
		}
		if err := b.db.RewordCopies(ctx, a.Key(), copyText(text, a.Files)); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

// dropEphemerals drops pending ephemeral posts to others that mention somebody.
func (b *Bot) dropEphemerals(ctx context.Context, t personMatcher) error {
	waiting, err := b.db.PendingEphemerals(ctx)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		if !t.matches(w.Text) {
			continue
		}
		if err := b.db.MarkEphemeralPosted(ctx, w.Key, b.clock.Now()); err != nil {
			return err
		}
	}
	return nil
}

// chatsNaming lists the chats whose files name somebody as a host or the leader.
func (b *Bot) chatsNaming(ctx context.Context, t personMatcher, workspace string, who adapters.UserID) (slugs []string, err error) {
	chats, err := b.db.Chats(ctx)
	for _, c := range chats {
		account := workspace + "/" + string(who)
		if slices.Contains(c.Hosts, account) || slices.Contains(c.LeaderAccounts, account) || t.leads(c.Leader) {
			slugs = append(slugs, c.Slug)
		}
	}
	return slugs, err
}

// leads tells whether the person is among those that a chat file names as its leaders.
func (t personMatcher) leads(leader string) bool {
	return slices.ContainsFunc(t.names, func(name string) bool {
		return name != "" && (looksLike(name, leader) || slices.ContainsFunc(nameSeparators.Split(leader, -1), func(one string) bool { return looksLike(name, one) }))
	})
}
