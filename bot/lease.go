package bot

import (
	"context"
	"errors"

	"github.com/ukmedlibs/catchword/bot/store"
)

// runWithLease acquires a lease and runs f while this process holds it. If the lease is lost, the whole bot stops, by
// cancelAll.
func (b *Bot) runWithLease(ctx context.Context, cancelAll context.CancelCauseFunc, name string, standby func(), f func(context.Context)) {
	log := b.log.With("lease", name)
	for delay := (backoff{}); ctx.Err() == nil; {
		held, release, err := b.db.AcquireLease(ctx, name, func() {
			log.Info("on standby")
			standby()
		})
		switch {
		case err == nil:
			f(held)
			if cause := context.Cause(held); errors.Is(cause, store.ErrLeaseLost) {
				log.Error("lease lost, stopped posting", "error", cause)
				cancelAll(cause)
			}
			release()
			return
		case errors.Is(err, store.ErrLocked):
			cancelAll(err)
		case ctx.Err() == nil:
			log.Error("cannot acquire lease", "error", err)
			b.wait(ctx, b.clock.Now().Add(delay.next(0)), nil, nil)
		}
	}
}
