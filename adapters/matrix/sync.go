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
	// pollTimeout is how long the homeserver keeps a sync waiting for news.
	pollTimeout = 30 * time.Second
	// pollGrace is how much later than that the answer may come, before its connection is taken for one that leads nowhere any more.
	pollGrace  = 10 * time.Second
	maxBackoff = 30 * time.Second
	// timelineLimit is how many events of a room one sync may bring; what is beyond is fetched.
	timelineLimit = 100
)

// syncFilter is what a sync is asked for: neither presence, nor who is typing, nor what was read.
var syncFilter = func() string {
	nothing := &mautrix.FilterPart{NotTypes: []event.Type{{Type: "*"}}}
	text, err := json.Marshal(&mautrix.Filter{
		Presence: nothing, AccountData: nothing,
		Room: &mautrix.RoomFilter{Ephemeral: nothing, AccountData: nothing, Timeline: &mautrix.FilterPart{Limit: timelineLimit}},
	})
	if err != nil {
		panic(err) // it is a constant
	}
	return string(text)
}()

// Run hears until ctx is done. The homeserver's token for what comes next is stored once everything before it is.
func (m *Matrix) Run(ctx context.Context, sink adapters.Sink) error {
	defer m.receiving.Store(false)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var background sync.WaitGroup
	defer background.Wait()
	defer cancel()
	background.Go(func() { m.housekeep(ctx, sink) })

	var interrupted time.Time // since when nothing was heard; zero while something is
	received := time.Time{}
	for backoff := (calls.Backoff{Min: m.minBackoff, Max: maxBackoff}); ctx.Err() == nil; {
		err := m.syncLoop(ctx, sink, interrupted.IsZero(), func() error {
			backoff.Reset()
			received = time.Now()
			m.receiving.Store(true)
			if interrupted.IsZero() {
				return nil
			}
			since := interrupted
			interrupted = time.Time{}
			m.log.Info("hearing again")
			return m.deliver(ctx, sink, &adapters.Gap{Since: since})
		})
		m.receiving.Store(false)
		if ctx.Err() != nil {
			break
		}
		if isFatal(err) {
			return err
		}
		if interrupted.IsZero() && !received.IsZero() {
			interrupted = received
			m.reconnects.Add(1)
			m.log.Warn("not hearing", "error", err)
		}
		backoff.Sleep(ctx, err)
	}
	return nil
}

// listen hears until something fails. After each sync that was taken, it says so.
func (m *Matrix) syncLoop(ctx context.Context, sink adapters.Sink, patient bool, onSync func() error) error {
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
	// After a failure, an answer without news is an answer, too, and wanted soon.
	wait := m.pollTimeout
	if !patient {
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

// resetSync forgets how far was heard, because the homeserver doesn't know that point: it was restored from a backup, or
// made anew. What the bot has missed, it reads from the rooms.
func (m *Matrix) resetSync(ctx context.Context, sink adapters.Sink) error {
	m.log.Error("the homeserver doesn't know where the bot has stopped hearing: it begins anew, from now on")
	if err := m.deliver(ctx, sink, &adapters.Gap{}); err != nil {
		return err
	}
	return m.retryUntilDone(ctx, func() error { return m.tables.advance(ctx, "", nil) })
}

// ask makes one sync. The first, and one after a failure, may take the homeserver long by itself.
func (m *Matrix) syncOnce(ctx context.Context, s *session, since string, wait time.Duration) (resp *mautrix.RespSync, err error) {
	bound := wait + m.pollGrace
	if wait == 0 {
		bound = 2 * calls.Timeout
	}
	inTime, cancel := context.WithTimeout(ctx, bound)
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
