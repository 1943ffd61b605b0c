package store

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// fallbackPollEvery is how often to wake without a notification: a connection may be dead without knowing it.
	fallbackPollEvery = 5 * time.Second
	// minWakeInterval is the least time between two wakes: in a busy minute, one serves for many notifications.
	minWakeInterval = 50 * time.Millisecond
)

// listen receives the notifications that other processes send with every transaction. own is the session whose
// notifications come from this process.
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
		fallback := time.NewTimer(fallbackPollEvery)
		select {
		case <-ctx.Done():
		case <-notified:
		case <-fallback.C:
		}
		fallback.Stop()
		wake()
		sleep(ctx, minWakeInterval)
	}
}

// receiveNotifications passes notifications on until the connection is lost. It notifies once at the start, for what
// happened before.
func receiveNotifications(ctx context.Context, config *pgx.ConnConfig, own func() uint32, notified chan<- struct{}) {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return
	}
	defer (&leaseSession{conn: conn}).release()
	_, err = conn.Exec(ctx, "LISTEN catchword")
	for sender := uint32(0); err == nil; {
		if sender == 0 || sender != own() {
			select {
			case notified <- struct{}{}:
			default: // one is waiting already
			}
		}
		if n, waitErr := conn.WaitForNotification(ctx); waitErr == nil {
			sender = n.PID
		} else {
			err = waitErr
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
