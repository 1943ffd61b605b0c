package bot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
)

// erasureTimeout is for how long an erasure is left to whoever has begun it, before another process completes it.
const erasureTimeout = time.Minute

// A ForgetResult is what became of somebody who was erased.
type ForgetResult struct {
	Chats   []string // whose archives have to be written again
	Answers int      // of theirs, which are tombstones now
	Quoted  int      // answers of others, without what they quoted or whom they addressed
	Named   []string // chats whose files name them, as a host or the leader: these are for whoever keeps the files to mend
}

// EraseUserData erases somebody from the store and from what their adapter keeps, with their words, name and account,
// also where others have quoted or addressed them by a name that is stored or is given here. The copies of what they
// said are taken back on the platforms by whichever process holds their workspaces, now or at its next start; if this
// one dies in the middle, such a process completes the rest.
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
		if err := b.removeReactions(ctx, workspace, who); err != nil {
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
	if err != nil {
		return f, err
	}
	return f, b.finishErasures(ctx, left)
}

// CountStored counts what there is of somebody for Forget to erase.
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
			return ws.forgetter
		}
	}
	return nil
}

// resumeErasures completes the erasures that whoever has begun them seems to have died of. It returns when to look
// again.
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

// finishErasures does what is left of erasures: what adapters keep, and overwriting what was deleted.
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

// redactQuotes takes somebody out of what others have said, and returns the answers that read otherwise now.
func (b *Bot) redactQuotes(ctx context.Context, t personMatcher, workspace string, who adapters.UserID) (changed []store.Answer, err error) {
	others, err := b.db.AnswersWithMentions(ctx, workspace, who)
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

// dropEphemerals gives up the whispers to others that tell of somebody and were not said yet.
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

// chatsNaming lists the chats whose files name somebody.
func (b *Bot) chatsNaming(ctx context.Context, t personMatcher, workspace string, who adapters.UserID) (slugs []string, err error) {
	chats, err := b.db.Chats(ctx)
	for _, c := range chats {
		if slices.Contains(c.Hosts, workspace+"/"+string(who)) || slices.Contains(t.names, c.Leader) {
			slugs = append(slugs, c.Slug)
		}
	}
	return slugs, err
}
