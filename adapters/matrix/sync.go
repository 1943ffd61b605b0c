package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

const (
	// pollTimeout is how long the homeserver lets a sync wait for events.
	pollTimeout = 30 * time.Second
	// pollGrace is how much later the response may come, until the connection counts as lost.
	pollGrace  = 10 * time.Second
	maxBackoff = 30 * time.Second
	// timelineLimit is how many events of a room one sync may bring. fillGap reads the others.
	timelineLimit = 100
)

// syncFilter leaves out presence, typing notifications and read receipts.
var syncFilter = func() string {
	nothing := &mautrix.FilterPart{NotTypes: []event.Type{{Type: "*"}}}
	text, err := json.Marshal(&mautrix.Filter{
		Presence: nothing, AccountData: nothing,
		Room: &mautrix.RoomFilter{Ephemeral: nothing, AccountData: nothing, Timeline: &mautrix.FilterPart{Limit: timelineLimit}},
	})
	if err != nil {
		panic(err) // can't happen: it is a constant
	}
	return string(text)
}()

// Run receives until ctx is done. It stores each sync token once everything before it is stored.
func (m *Matrix) Run(ctx context.Context, sink adapters.Sink) error {
	defer m.receiving.Store(false)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var background sync.WaitGroup
	defer background.Wait()
	defer cancel()
	background.Go(func() { m.housekeep(ctx, sink) })
	m.mu.Lock()
	m.caughtUp = make(chan struct{})
	m.mu.Unlock()
	defer m.noteCaughtUp()

	var interrupted time.Time // since when syncs fail; zero while they succeed
	var synced time.Time
	for backoff := (calls.Backoff{Min: m.minBackoff, Max: maxBackoff}); ctx.Err() == nil; {
		err := m.syncLoop(ctx, sink, interrupted.IsZero(), synced.IsZero(), func() error {
			backoff.Reset()
			synced = time.Now()
			m.receiving.Store(true)
			if interrupted.IsZero() {
				return nil
			}
			since := interrupted
			interrupted = time.Time{}
			m.log.Info("sync resumed")
			return m.deliver(ctx, sink, &adapters.Gap{Since: since})
		})
		m.receiving.Store(false)
		if ctx.Err() != nil {
			break
		}
		if isFatal(err) {
			return err
		}
		if interrupted.IsZero() && !synced.IsZero() {
			interrupted = synced
			m.reconnects.Add(1)
			m.log.Warn("sync failed; retrying", "error", err)
		}
		backoff.Sleep(ctx, err)
	}
	return nil
}

// syncLoop syncs until something fails. It calls onSync after each sync that is stored.
func (m *Matrix) syncLoop(ctx context.Context, sink adapters.Sink, patient, first bool, onSync func() error) error {
	s, err := m.ensureSession(ctx)
	if err != nil {
		return err
	}
	if err := m.firstSync(ctx, s); err != nil {
		return err
	}
	d, err := m.tables.device(ctx)
	if err != nil {
		return err
	}
	// At the start and after a failure, even a response without events is good news, and wanted soon.
	wait := m.pollTimeout
	if first || !patient {
		wait = 0
	}
	for since := d.nextBatch; ; wait = m.pollTimeout {
		m.receiving.Store(patient)
		resp, err := m.syncOnce(ctx, s, since, wait)
		if calls.HasCode(err, "M_UNKNOWN", "M_INVALID_PARAM", "M_BAD_PARAM", "M_BAD_STATE") {
			return errors.Join(err, m.resetSync(ctx, sink))
		}
		if err != nil {
			return err
		}
		now := time.Now()
		if err := m.processSync(ctx, s, resp, since, sink); err != nil {
			return err
		}
		if err := onSync(); err != nil {
			return err
		}
		m.syncedAt.Store(&now)
		since, patient = resp.NextBatch, true
	}
}

// resetSync drops the sync token, because the homeserver doesn't know it: the homeserver was restored from a backup, or
// is new. The bot reads what it has missed as history.
func (m *Matrix) resetSync(ctx context.Context, sink adapters.Sink) error {
	m.log.Error("the homeserver rejected the sync token; starting a new sync")
	if err := m.deliver(ctx, sink, &adapters.Gap{}); err != nil {
		return err
	}
	return m.retryUntilDone(ctx, func() error { return m.tables.advance(ctx, "", nil) })
}

// syncOnce makes one sync. Without a wait, it is the first or follows a failure, and may take the homeserver long.
func (m *Matrix) syncOnce(ctx context.Context, s *session, since string, wait time.Duration) (resp *mautrix.RespSync, err error) {
	timeout := wait + m.pollGrace
	if wait == 0 {
		timeout = 2 * calls.Timeout
	}
	inTime, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	resp, err = s.client.FullSyncRequest(inTime, mautrix.ReqSync{Since: since, Timeout: int(wait.Milliseconds()), FilterID: syncFilter})
	if err == nil && (resp == nil || resp.NextBatch == "") {
		err = errBadResponse
	}
	if err != nil {
		return nil, m.classify("sync", "", err)
	}
	return resp, nil
}
