package store

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

// holdWithin fails the test if the lease is not to be had within d.
func holdWithin(t *testing.T, db *DB, d time.Duration) (context.Context, func()) {
	t.Helper()
	began := time.Now()
	held, release, err := db.Hold(t.Context(), "nhs", func() {})
	if took := time.Since(began); err != nil || took > d {
		t.Fatalf("got error %v from Hold after %v, want the lease within %v", err, took, d)
	}
	return held, release
}

// TestLease hands a lease on in every way in which it can be: let go, lost with its session, and lost with the network.
func TestLease(t *testing.T) {
	address := storetest.Postgres(t)
	network := storetest.NewProxy(t, address)
	first, second := open(t, network.Address), open(t, address)
	_, err := second.SaveChat(t.Context(), questions.Chat{Slug: "c", Title: "C", Starts: noon, Ends: noon.Add(time.Hour)})
	must(t, err)

	a, releaseA := holdWithin(t, first, time.Minute)
	if free, err := second.Free(t.Context(), "nhs"); free || err != nil {
		t.Errorf("got %v, %v, want the lease taken", free, err)
	}
	if free, err := second.Free(t.Context(), "other"); !free || err != nil {
		t.Errorf("got %v, %v, want the other lease free", free, err)
	}
	must(t, first.Touch(a, "c"))
	must(t, adapters.CheckLease(a))
	var standby atomic.Bool
	waiting, cancel := context.WithTimeout(t.Context(), 3*asking)
	if _, _, err := second.Hold(waiting, "nhs", func() { standby.Store(true) }); !errors.Is(err, context.DeadlineExceeded) || !standby.Load() {
		t.Errorf("got error %v, standby %v from Hold, want it to wait", err, standby.Load())
	}
	cancel()

	releaseA()
	if err := first.Touch(a, "c"); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v from a write after the release, want %v", err, context.Canceled)
	}
	b, releaseB := holdWithin(t, second, 2*asking)
	if err := first.Touch(context.WithoutCancel(a), "c"); !errors.Is(err, ErrLost) {
		t.Errorf("got error %v from a write under a former lease, want %v", err, ErrLost)
	}
	must(t, second.Touch(b, "c"))
	releaseB()

	a, releaseA = holdWithin(t, first, time.Minute)
	must(t, storetest.Exec(address, endLeases))
	_, releaseB = holdWithin(t, second, time.Minute)
	awaitLoss(t, a)
	releaseA()
	releaseB()

	a, releaseA = holdWithin(t, first, time.Minute)
	defer releaseA()
	shared, err := first.Shared(t.Context())
	must(t, err)
	defer shared.Close()
	_, err = shared.Exec(a, "CREATE TABLE keys (key TEXT)")
	must(t, err)
	half, err := shared.RawDB.BeginTx(context.WithoutCancel(a), nil)
	must(t, err)
	_, err = half.Exec("INSERT INTO keys VALUES ('half')")
	must(t, err)
	network.Cut()
	began := time.Now()
	b, releaseB = holdWithin(t, second, time.Minute)
	defer releaseB()
	t.Logf("taken over %v after the cut", time.Since(began).Round(time.Millisecond))
	awaitSilence(t, first, a)
	network.Restore()
	if err := first.Touch(context.WithoutCancel(a), "c"); !errors.Is(err, ErrLost) {
		t.Errorf("got error %v from a write that was cut off, want %v", err, ErrLost)
	}
	if err := half.Commit(); err == nil {
		t.Error("got what an adapter was about to keep committed after somebody else had taken the lease")
	}
	if _, err := shared.Exec(context.WithoutCancel(a), "INSERT INTO keys VALUES ('late')"); !errors.Is(err, ErrLost) {
		t.Errorf("got error %v from what an adapter was to keep afterwards, want %v", err, ErrLost)
	}
	must(t, second.Touch(b, "c"))
	if changed, _, err := second.Changes(t.Context(), "c"); changed != 3 || err != nil {
		t.Errorf("got %d changes, %v, want the 3 of those who held the lease", changed, err)
	}
}

// endLeases ends every session that holds a lease.
const endLeases = "SELECT pg_terminate_backend(pid, 1000) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"

// awaitLoss waits for the end of a lease that was lost.
func awaitLoss(t *testing.T, held context.Context) {
	t.Helper()
	select {
	case <-held.Done():
	case <-time.After(time.Minute):
	}
	if cause := context.Cause(held); !errors.Is(cause, ErrLost) {
		t.Errorf("got %v as the end of a lease whose session is gone, want %v", cause, ErrLost)
	}
}

// awaitSilence makes sure, now that somebody else has the lease, that its former holder has been silent for as long as what
// it has said may be on its way.
func awaitSilence(t *testing.T, db *DB, held context.Context) {
	t.Helper()
	if proven := time.Since(*db.leaseIn(held).proven.Load()); proven < expiry {
		t.Errorf("got the lease %v after its former holder had asked for its last proof, want %v at least", proven, expiry)
	}
	if err := adapters.CheckLease(held); !errors.Is(err, ErrLost) {
		t.Errorf("got error %v from a lease that somebody else has, want %v", err, ErrLost)
	}
	awaitLoss(t, held)
}

// TestTakingOverIsQuick holds the constants to what is promised: that a standby speaks within five seconds of a cut, and
// that whatever is on its way has a second to arrive.
func TestTakingOverIsQuick(t *testing.T) {
	if worst := expiry + asking; worst > 4*time.Second {
		t.Errorf("got a lease free for as long as %v, want 4s at most", worst)
	}
	if flight := expiry - trust; flight < time.Second {
		t.Errorf("got %v for the last word to arrive, want a second at least", flight)
	}
	if tries := trust / proving; tries < 4 {
		t.Errorf("got %d proofs before a lease is given up, want 4 at least", tries)
	}
}

// TestTheEndOfALeaseIsHeardAtOnce has the server end sessions: the next proof would be too late to be told by.
func TestTheEndOfALeaseIsHeardAtOnce(t *testing.T) {
	address := storetest.Postgres(t)
	db := open(t, address)
	var took time.Duration
	for range 5 { // a busy machine may be slow once
		held, release := holdWithin(t, db, time.Minute)
		began := time.Now()
		must(t, storetest.Exec(address, endLeases))
		awaitLoss(t, held)
		took = time.Since(began)
		release()
		if took < proving/2 {
			return
		}
	}
	t.Errorf("got the end of a lease told after %v, want it at once", took)
}

// TestAServerThatForgetsGivesNoLeaseTooEarly cuts a holder off, and has the server forget at the same moment who held what.
func TestAServerThatForgetsGivesNoLeaseTooEarly(t *testing.T) {
	address := storetest.Postgres(t)
	network := storetest.NewProxy(t, address)
	first, second := open(t, network.Address), open(t, address)
	take := func() (release func(), err error) {
		for t.Context().Err() == nil { // as the bot does
			if _, release, err = second.Hold(t.Context(), "nhs", func() {}); err == nil {
				break
			}
			time.Sleep(asking)
		}
		return release, err
	}
	t.Run("restarted", func(t *testing.T) {
		held, release := holdWithin(t, first, time.Minute)
		defer release()
		network.Cut()
		storetest.Restart(t)
		stop, err := take()
		must(t, err)
		defer stop()
		awaitSilence(t, first, held)
	})
	network.Restore()
	t.Run("crashed while somebody waits", func(t *testing.T) {
		held, release := holdWithin(t, first, time.Minute)
		defer release()
		// The first time, it waits for as long as there is a server.
		_, _, err := second.Hold(t.Context(), "nhs", func() {
			network.Cut()
			storetest.Crash(t)
		})
		if err == nil {
			t.Fatal("got the lease in spite of the crash")
		}
		stop, err := take()
		must(t, err)
		defer stop()
		awaitSilence(t, first, held)
	})
}

// TestATransactionThatIsCutOffDelaysNobodyForLong has a process stop in the middle of a transaction: others must be able
// to write before long.
func TestATransactionThatIsCutOffDelaysNobodyForLong(t *testing.T) {
	address := storetest.Postgres(t)
	network := storetest.NewProxy(t, address)
	first, second := open(t, network.Address), open(t, address)
	_, err := second.SaveChat(t.Context(), questions.Chat{Slug: "c", Title: "C", Starts: noon, Ends: noon.Add(time.Hour)})
	must(t, err)
	began := make(chan struct{})
	stopped := make(chan error, 1)
	go func() {
		stopped <- first.Do(t.Context(), func(ctx context.Context) error {
			if err := first.Touch(ctx, "c"); err != nil {
				return err
			}
			network.Cut()
			close(began)
			return first.Touch(ctx, "c")
		})
	}()
	<-began
	must(t, second.Touch(t.Context(), "c"))
	network.Restore()
	if err := <-stopped; err == nil {
		t.Error("got no error from a transaction that was cut off")
	}
	if changed, _, err := second.Changes(t.Context(), "c"); changed != 1 || err != nil {
		t.Errorf("got %d changes, %v, want the one of the other process", changed, err)
	}
}

func TestListen(t *testing.T) {
	address := storetest.Postgres(t)
	first, second := open(t, address), open(t, address)
	c := questions.Chat{Slug: "c", Title: "C", Starts: noon, Ends: noon.Add(time.Hour)}
	_, err := first.SaveChat(t.Context(), c)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	rung, done := make(chan time.Time, 100), make(chan struct{})
	go func() {
		defer close(done)
		first.Listen(ctx, func() { rung <- time.Now() })
	}()
	<-rung // it listens
	time.Sleep(2 * breath)
	must(t, first.Touch(ctx, "c")) // which is no news to itself
	began := time.Now()
	must(t, second.Touch(ctx, "c"))
	if took := (<-rung).Sub(began); took > time.Second {
		t.Errorf("got rung after %v, want at once", took)
	}
	// Without a connection that listens, it looks by itself.
	must(t, storetest.Exec(address, "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"))
	select {
	case <-rung:
	case <-time.After(2 * looking):
		t.Errorf("got no ring in %v", 2*looking)
	}
	cancel()
	<-done
}

func TestOneProcessRunsWithAFile(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "catchword.db")
	first, second := open(t, address), open(t, address)
	must(t, first.Claim(t.Context()))
	must(t, first.Claim(t.Context()))
	if err := second.Claim(t.Context()); !errors.Is(err, ErrClaimed) {
		t.Errorf("got error %v, want %v", err, ErrClaimed)
	}
	if _, _, err := second.Hold(t.Context(), "nhs", func() {}); !errors.Is(err, ErrClaimed) {
		t.Errorf("got error %v from Hold, want %v", err, ErrClaimed)
	}
	held, release, err := first.Hold(t.Context(), "nhs", func() { t.Error("it stands by for itself") })
	must(t, err)
	must(t, adapters.CheckLease(held))
	// Others may read, and write, beside it.
	_, err = second.SaveChat(t.Context(), questions.Chat{Slug: "c", Title: "C", Starts: noon, Ends: noon.Add(time.Hour)})
	must(t, err)
	release()
	must(t, first.Close())
	must(t, second.Claim(t.Context()))
}
