package bot

import (
	"context"

	"github.com/ukmedlibs/catchword/adapters"
)

// Forget erases somebody from the store, with their words, name and account, and returns the chats whose archives have to be
// written again. The copies of what they said are taken back on the platforms by whichever process holds their workspaces,
// now or at its next start.
func (b *Bot) Forget(ctx context.Context, workspace string, who adapters.UserID) (chats []string, answers int, err error) {
	err = b.db.Do(ctx, func(ctx context.Context) error {
		if err := b.takeReactions(ctx, workspace, who); err != nil {
			return err
		}
		if chats, answers, err = b.db.Erase(ctx, workspace, who, b.clock.Now()); err != nil {
			return err
		}
		return b.replanAll(ctx, chats, nil)
	})
	if err != nil {
		return nil, 0, err
	}
	b.bell.ring()
	return chats, answers, b.db.Scrub(ctx)
}
