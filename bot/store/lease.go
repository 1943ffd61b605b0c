package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// How long a lease lasts: say its holder asks the server for a proof at time t, and hears nothing from it afterwards.
// The server saw that question at t or later, and ends the session once it has been silent for sessionTimeout, so
// nobody else gets the lease before t+sessionTimeout. The holder checks before it sends anything that it is earlier
// than t+leaseTTL, and sends nothing afterwards. So its last message has sessionTimeout-leaseTTL to arrive before the
// next holder looks for it and would send it again. This holds whichever of the two was cut off or paused, and for how
// long: each measures durations by its own clock.
//
// A standby gets a free lease after pollEvery at most. A cut right after a proof, the worst case, therefore leaves the
// workspace without a sender for sessionTimeout+pollEvery, which is 3.75 seconds, and the time to connect. By then the
// server has also rolled back a transaction that the former holder left open. If a process is killed, the standby takes
// over at once, because the operating system closes the session.
//
// A holder notices at once when the server itself ends its session, for example in a restart, unless it is cut off at
// the same time. So nobody takes a lease within sessionTimeout of the server's start, or of losing a session while
// waiting.
const (
	// sessionTimeout is how long a session with a lease may be silent before the server ends it.
	sessionTimeout = 3500 * time.Millisecond
	// leaseTTL is how long a proof of the lease is valid.
	leaseTTL = 2500 * time.Millisecond
	// renewEvery is how often the holder proves its lease.
	renewEvery = time.Second / 2
	// pollEvery is how often a standby tries to take the lease.
	pollEvery = time.Second / 4
)

// GlobalLease is the lease for what belongs to no workspace: its holder writes archives and sends heads-ups. Every
// running process holds it or waits for it. No workspace can have this name.
const GlobalLease = "/all"

var (
	// ErrLeaseLost is the cause with which the context of a lost lease ends, and the error of writes with it.
	ErrLeaseLost = errors.New("lease lost")
	// ErrLocked means that another process runs on the same SQLite file.
	ErrLocked = errors.New("another catchword is running on it: stop that one first, or use PostgreSQL to run several")
)

// LockFile makes this process the only one that runs on a SQLite file, until the store is closed or the process ends in
// any way. It fails with ErrLocked if another process does. Commands can still read and write the file. It may be
// repeated. For PostgreSQL it does nothing: there, each workspace has a lease.
func (db *DB) LockFile(ctx context.Context) error {
	if db.lockFile == nil {
		return nil
	}
	db.fileLockMu.Lock()
	defer db.fileLockMu.Unlock()
	if db.fileLock != nil {
		return nil
	}
	lock, err := db.lockFile(ctx)
	if err != nil {
		return fmt.Errorf("open store %s: %w", db.name, err)
	}
	db.fileLock = lock
	return nil
}

// DisableLeases makes AcquireLease grant every lease at once and for good, and Listen do nothing. It is for tests in
// synctest bubbles, where time stands still while a lease is renewed over the network.
func (db *DB) DisableLeases() { db.leasesDisabled = true }

// AcquireLease waits until no other process holds the lease of a name, such as a workspace, and holds it until release
// is called. The context that it returns ends with ctx, with release, or, with the cause ErrLeaseLost, as soon as the
// lease can no longer be proven; adapters.CheckLease checks that by the clock. Writes with that context succeed only
// while the lease is held, and fail with ErrLeaseLost otherwise. With SQLite one process holds all leases: any other
// gets ErrLocked. standby is called if it has to wait.
//
// Any other error may be retried, unless ctx is done.
func (db *DB) AcquireLease(ctx context.Context, name string, standby func()) (leased context.Context, release func(), err error) {
	if db.acquireLease == nil || db.leasesDisabled {
		if err := db.LockFile(ctx); err != nil {
			return nil, nil, err
		}
		leased, cancel := context.WithCancel(ctx)
		return leased, cancel, nil
	}
	session, err := db.acquireLease(ctx, name, standby)
	if err != nil {
		return nil, nil, fmt.Errorf("acquire lease %s: %w", name, err)
	}
	leased, cancel := context.WithCancelCause(ctx)
	l := &lease{session: session, cancel: cancel}
	l.renewed.Store(&session.acquired)
	// Renewed beyond the end of ctx, so that what is in flight can finish.
	renewCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var renewing sync.WaitGroup
	renewing.Go(func() { l.renewLoop(renewCtx) })
	return adapters.WithLeaseCheck(context.WithValue(leased, leaseKey{db}, l), l.check), func() {
		cancel(nil)
		stop()
		renewing.Wait()
	}, nil
}

// LeaseFree tells whether nobody holds the lease of a name.
func (db *DB) LeaseFree(ctx context.Context, name string) (bool, error) {
	if db.leaseFree == nil || db.leasesDisabled {
		return true, nil
	}
	return db.leaseFree(ctx, name)
}

// Listen calls wake whenever another process has written, and every few seconds in any case, until ctx is done.
func (db *DB) Listen(ctx context.Context, wake func()) {
	if db.listen != nil && !db.leasesDisabled {
		db.listen(ctx, wake)
	}
}

// leaseKey marks the contexts that AcquireLease returns.
type leaseKey struct{ *DB }

// A lease is held as long as its session can prove it.
type lease struct {
	session *leaseSession
	cancel  context.CancelCauseFunc
	renewed atomic.Pointer[time.Time] // when the last proof was requested
}

func (db *DB) leaseFrom(ctx context.Context) *lease {
	l, _ := ctx.Value(leaseKey{db}).(*lease)
	return l
}

// renewLoop proves the lease again and again until ctx is done or a proof fails, and then releases it.
func (l *lease) renewLoop(ctx context.Context) {
	defer l.session.release()
	for {
		err := l.session.wait(ctx, renewEvery)
		if ctx.Err() != nil {
			return
		}
		asked := time.Now()
		if err == nil {
			within, cancel := context.WithDeadline(ctx, l.renewed.Load().Add(leaseTTL))
			err = l.session.renew(within)
			cancel()
		}
		if err != nil {
			l.cancel(fmt.Errorf("%w: %w", ErrLeaseLost, err))
			return
		}
		l.renewed.Store(&asked)
	}
}

// check returns ErrLeaseLost if there is no recent proof. It uses the wall clock too, because the monotonic one may
// stop while a machine sleeps.
func (l *lease) check() error {
	proven, now := *l.renewed.Load(), time.Now()
	if now.Sub(proven) < leaseTTL && now.Round(0).Sub(proven.Round(0)) < leaseTTL {
		return nil
	}
	return ErrLeaseLost
}

// checkEpoch checks, within a transaction, that nobody else has taken its lease.
func (db *DB) checkEpoch(ctx context.Context) error {
	l := db.leaseFrom(ctx)
	if l == nil {
		return nil
	}
	epoch, _, err := queryOne(ctx, db, func(row scannable) (epoch int64, err error) {
		err = row.Scan(&epoch)
		return epoch, err
	}, `SELECT epoch FROM leases WHERE name = $1`, l.session.name)
	if err == nil && epoch != l.session.epoch {
		l.cancel(ErrLeaseLost)
		err = ErrLeaseLost
	}
	return err
}

// lockFile locks a SQLite file by a second file next to it, which SQLite keeps locked: the operating system releases
// that lock when the process is killed.
func lockFile(ctx context.Context, path string) (*sql.DB, error) {
	if err := createFile(path); err != nil {
		return nil, err
	}
	raw, err := sql.Open("sqlite", fileURL(path)+"?_pragma=busy_timeout(0)")
	if err != nil {
		return nil, err
	}
	raw.SetMaxOpenConns(1)
	if _, err = raw.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		if isBusy(err) {
			err = ErrLocked
		}
		return nil, errors.Join(err, raw.Close())
	}
	return raw, nil
}
