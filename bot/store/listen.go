package store

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// looking is how often a look is worth it though nothing was heard of: a connection that is dead may not know it.
	looking = 5 * time.Second
	// breath is the least time between two rings: in a busy minute, one look serves for many notifications.
	breath = 50 * time.Millisecond
)

// listen hears over a connection of its own what other processes notify of with every transaction. own is the session
// whose notifications are of this process.
func listen(ctx context.Context, config *pgx.ConnConfig, own func() uint32, ring func()) {
	news := make(chan struct{}, 1)
	var hearing sync.WaitGroup
	defer hearing.Wait()
	hearing.Go(func() {
		for ctx.Err() == nil {
			hear(ctx, config, own, news)
			wait(ctx, time.Second)
		}
	})
	for ctx.Err() == nil {
		quiet := time.NewTimer(looking)
		select {
		case <-ctx.Done():
		case <-news:
		case <-quiet.C:
		}
		quiet.Stop()
		ring()
		wait(ctx, breath)
	}
}

// hear passes notifications on until the connection is lost. What happened before it was made is news as well.
func hear(ctx context.Context, config *pgx.ConnConfig, own func() uint32, news chan<- struct{}) {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return
	}
	defer (&keeper{conn: conn}).release()
	_, err = conn.Exec(ctx, "LISTEN catchword")
	for said := uint32(0); err == nil; {
		if said == 0 || said != own() {
			select {
			case news <- struct{}{}:
			default: // there is some already
			}
		}
		if n, failed := conn.WaitForNotification(ctx); failed == nil {
			said = n.PID
		} else {
			err = failed
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
