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

// acquireWithin fails the test if the lease is not to be had within d.
func acquireWithin(t *testing.T, db *DB, d time.Duration) (context.Context, func()) {
	t.Helper()
	began := time.Now()
	held, release, err := db.AcquireLease(t.Context(), "nhs", func() {})
	if took := time.Since(began); err != nil || took > d {
		t.Fatalf("got error %v from Hold after %v, want the lease within %v", err, took, d)
	}
	return held, release
}

// TestLease hands a lease on in every way in which it can be: let go, lost with its session, and lost with the network.
func TestLease(t *testing.T) {
	address := storetest.Postgres(t)
	network := storetest.NewProxy(t, address)
	first, second := openStore(t, network.Address), openStore(t, address)
	_, err := second.SaveChat(t.Context(), questions.Chat{Slug: "c", Title: "C", Starts: noon, Ends: noon.Add(time.Hour)})
	must(t, err)

	a, releaseA := acquireWithin(t, first, time.Minute)
	if free, err := second.LeaseFree(t.Context(), "nhs"); free || err != nil {
		t.Errorf("got %v, %v, want the lease taken", free, err)
	}
	if free, err := second.LeaseFree(t.Context(), "other"); !free || err != nil {
		t.Errorf("got %v, %v, want the other lease free", free, err)
	}
	must(t, first.MarkChanged(a, "c"))
	must(t, adapters.CheckLease(a))
	var standby atomic.Bool
	waiting, cancel := context.WithTimeout(t.Context(), 3*pollEvery)
	if _, _, err := second.AcquireLease(waiting, "nhs", func() { standby.Store(true) }); !errors.Is(err, context.DeadlineExceeded) || !standby.Load() {
		t.Errorf("got error %v, standby %v from Hold, want it to wait", err, standby.Load())
	}
	cancel()

	releaseA()
	if err := first.MarkChanged(a, "c"); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v from a write after the release, want %v", err, context.Canceled)
	}
	b, releaseB := acquireWithin(t, second, sessionTimeout) // at once, instead of when the session is ended
	if err := first.MarkChanged(context.WithoutCancel(a), "c"); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("got error %v from a write under a former lease, want %v", err, ErrLeaseLost)
	}
	must(t, second.MarkChanged(b, "c"))
	releaseB()

	a, releaseA = acquireWithin(t, first, time.Minute)
	must(t, storetest.Exec(address, endLeases))
	_, releaseB = acquireWithin(t, second, time.Minute)
	waitForLoss(t, a)
	releaseA()
	releaseB()

	a, releaseA = acquireWithin(t, first, time.Minute)
	defer releaseA()
	shared, err := first.OpenShared(t.Context())
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
	b, releaseB = acquireWithin(t, second, time.Minute)
	defer releaseB()
	t.Logf("taken over %v after the cut", time.Since(began).Round(time.Millisecond))
	checkHolderStopped(t, first, a)
	network.Restore()
	if err := first.MarkChanged(context.WithoutCancel(a), "c"); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("got error %v from a write that was cut off, want %v", err, ErrLeaseLost)
	}
	if err := half.Commit(); err == nil {
		t.Error("got what an adapter was about to keep committed after somebody else had taken the lease")
	}
	if _, err := shared.Exec(context.WithoutCancel(a), "INSERT INTO keys VALUES ('late')"); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("got error %v from what an adapter was to keep afterwards, want %v", err, ErrLeaseLost)
	}
	must(t, second.MarkChanged(b, "c"))
	if changed, _, err := second.ChangeCounts(t.Context(), "c"); changed != 3 || err != nil {
		t.Errorf("got %d changes, %v, want the 3 of those who held the lease", changed, err)
	}
}

// endLeases ends every session that holds a lease.
const endLeases = "SELECT pg_terminate_backend(pid, 1000) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"

// waitForLoss waits for the end of a lease that was lost.
func waitForLoss(t *testing.T, held context.Context) {
	t.Helper()
	select {
	case <-held.Done():
	case <-time.After(time.Minute):
	}
	if cause := context.Cause(held); !errors.Is(cause, ErrLeaseLost) {
		t.Errorf("got %v as the end of a lease whose session is gone, want %v", cause, ErrLeaseLost)
	}
}

// checkHolderStopped makes sure, now that somebody else has the lease, that its former holder has been silent for as
// long as what it has said may be on its way.
func checkHolderStopped(t *testing.T, db *DB, held context.Context) {
	t.Helper()
	if proven := time.Since(*db.leaseFrom(held).renewed.Load()); proven < sessionTimeout {
		t.Errorf("got the lease %v after its former holder had asked for its last proof, want %v at least", proven, sessionTimeout)
	}
	if err := adapters.CheckLease(held); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("got error %v from a lease that somebody else has, want %v", err, ErrLeaseLost)
	}
	waitForLoss(t, held)
}

// TestFailoverBudget holds the constants to what is promised: that a standby speaks within five seconds of a cut, and
// that whatever is on its way has a second to arrive.
func TestFailoverBudget(t *testing.T) {
	if worst := sessionTimeout + pollEvery; worst > 4*time.Second {
		t.Errorf("got a lease free for as long as %v, want 4s at most", worst)
	}
	if flight := sessionTimeout - leaseTTL; flight < time.Second {
		t.Errorf("got %v for the last word to arrive, want a second at least", flight)
	}
	if tries := leaseTTL / renewEvery; tries < 4 {
		t.Errorf("got %d proofs before a lease is given up, want 4 at least", tries)
	}
}

// TestLeaseLossNoticedAtOnce has the server end a session: its holder notices without asking for the next proof.
func TestLeaseLossNoticedAtOnce(t *testing.T) {
	address := storetest.Postgres(t)
	session, err := openStore(t, address).acquireLease(t.Context(), "nhs", func() {})
	must(t, err)
	defer session.release()
	must(t, storetest.Exec(address, endLeases))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := session.wait(ctx, time.Hour); err == nil || ctx.Err() != nil {
		t.Errorf("got error %v from a session that the server has ended (context: %v), want one at once", err, ctx.Err())
	}
}

// TestNoEarlyLeaseAfterServerRestart cuts a holder off, and has the server forget at the same moment who held what.
func TestNoEarlyLeaseAfterServerRestart(t *testing.T) {
	address := storetest.Postgres(t)
	network := storetest.NewProxy(t, address)
	first, second := openStore(t, network.Address), openStore(t, address)
	take := func() (release func(), err error) {
		for t.Context().Err() == nil { // as the bot does
			if _, release, err = second.AcquireLease(t.Context(), "nhs", func() {}); err == nil {
				break
			}
			time.Sleep(pollEvery)
		}
		return release, err
	}
	t.Run("restarted", func(t *testing.T) {
		held, release := acquireWithin(t, first, time.Minute)
		defer release()
		network.Cut()
		storetest.Restart(t)
		stop, err := take()
		must(t, err)
		defer stop()
		checkHolderStopped(t, first, held)
	})
	network.Restore()
	t.Run("crashed while somebody waits", func(t *testing.T) {
		held, release := acquireWithin(t, first, time.Minute)
		defer release()
		// The first time, it waits for as long as there is a server.
		_, _, err := second.AcquireLease(t.Context(), "nhs", func() {
			network.Cut()
			storetest.Crash(t)
		})
		if err == nil {
			t.Fatal("got the lease in spite of the crash")
		}
		stop, err := take()
		must(t, err)
		defer stop()
		checkHolderStopped(t, first, held)
	})
}

// TestDisconnectedTransactionFreesWriteLock has a process stop in the middle of a transaction: others must be able
// to write before long.
func TestDisconnectedTransactionFreesWriteLock(t *testing.T) {
	address := storetest.Postgres(t)
	network := storetest.NewProxy(t, address)
	first, second := openStore(t, network.Address), openStore(t, address)
	_, err := second.SaveChat(t.Context(), questions.Chat{Slug: "c", Title: "C", Starts: noon, Ends: noon.Add(time.Hour)})
	must(t, err)
	began := make(chan struct{})
	stopped := make(chan error, 1)
	go func() {
		stopped <- first.Transact(t.Context(), func(ctx context.Context) error {
			if err := first.MarkChanged(ctx, "c"); err != nil {
				return err
			}
			network.Cut()
			close(began)
			return first.MarkChanged(ctx, "c")
		})
	}()
	<-began
	must(t, second.MarkChanged(t.Context(), "c"))
	network.Restore()
	if err := <-stopped; err == nil {
		t.Error("got no error from a transaction that was cut off")
	}
	if changed, _, err := second.ChangeCounts(t.Context(), "c"); changed != 1 || err != nil {
		t.Errorf("got %d changes, %v, want the one of the other process", changed, err)
	}
}

func TestListen(t *testing.T) {
	address := storetest.Postgres(t)
	first, second := openStore(t, address), openStore(t, address)
	c := questions.Chat{Slug: "c", Title: "C", Starts: noon, Ends: noon.Add(time.Hour)}
	_, err := first.SaveChat(t.Context(), c)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	woken, done := make(chan time.Time, 100), make(chan struct{})
	go func() {
		defer close(done)
		first.Listen(ctx, func() { woken <- time.Now() })
	}()
	<-woken // it listens
	time.Sleep(2 * minWakeInterval)
	must(t, first.MarkChanged(ctx, "c")) // which is no news to itself
	began := time.Now()
	must(t, second.MarkChanged(ctx, "c"))
	if took := (<-woken).Sub(began); took > time.Second {
		t.Errorf("got rung after %v, want at once", took)
	}
	// Without a connection that listens, it looks by itself.
	must(t, storetest.Exec(address, "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"))
	select {
	case <-woken:
	case <-time.After(2 * fallbackPollEvery):
		t.Errorf("got no ring in %v", 2*fallbackPollEvery)
	}
	cancel()
	<-done
}

func TestLockFile(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "catchword.db")
	first, second := openStore(t, address), openStore(t, address)
	must(t, first.LockFile(t.Context()))
	must(t, first.LockFile(t.Context()))
	if err := second.LockFile(t.Context()); !errors.Is(err, ErrLocked) {
		t.Errorf("got error %v, want %v", err, ErrLocked)
	}
	if _, _, err := second.AcquireLease(t.Context(), "nhs", func() {}); !errors.Is(err, ErrLocked) {
		t.Errorf("got error %v from Hold, want %v", err, ErrLocked)
	}
	held, release, err := first.AcquireLease(t.Context(), "nhs", func() { t.Error("it stands by for itself") })
	must(t, err)
	must(t, adapters.CheckLease(held))
	// Others may read, and write, beside it.
	_, err = second.SaveChat(t.Context(), questions.Chat{Slug: "c", Title: "C", Starts: noon, Ends: noon.Add(time.Hour)})
	must(t, err)
	release()
	must(t, first.Close())
	must(t, second.LockFile(t.Context()))
}
