package store

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// fallbackPollEvery is how often a look is worth it though nothing was heard of: a connection that is dead may not
	// know it.
	fallbackPollEvery = 5 * time.Second
	// minWakeInterval is the least time between two rings: in a busy minute, one look serves for many notifications.
	minWakeInterval = 50 * time.Millisecond
)

// listen hears over a connection of its own what other processes notify of with every transaction. own is the session
// whose notifications are of this process.
func listen(ctx context.Context, config *pgx.ConnConfig, own func() uint32, wake func()) {
	notified := make(chan struct{}, 1)
	var receiving sync.WaitGroup
	defer receiving.Wait()
	receiving.Go(func() {
		for ctx.Err() == nil {
			receiveNotifications(ctx, config, own, notified)
			sleep(ctx, time.Second)
		}
	})
	for ctx.Err() == nil {
		quiet := time.NewTimer(fallbackPollEvery)
		select {
		case <-ctx.Done():
		case <-notified:
		case <-quiet.C:
		}
		quiet.Stop()
		wake()
		sleep(ctx, minWakeInterval)
	}
}

// receiveNotifications passes notifications on until the connection is lost. What happened before it was made is news
// as well.
func receiveNotifications(ctx context.Context, config *pgx.ConnConfig, own func() uint32, notified chan<- struct{}) {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return
	}
	defer (&leaseSession{conn: conn}).release()
	_, err = conn.Exec(ctx, "LISTEN catchword")
	for said := uint32(0); err == nil; {
		if said == 0 || said != own() {
			select {
			case notified <- struct{}{}:
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

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
