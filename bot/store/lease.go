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

// The arithmetic of a lease: let its holder ask the server for a proof at t, and hear nothing from it afterwards. The
// server has seen that question at t or later, and ends the session when it has been silent for expiry: nobody else has
// the lease before t+expiry. The holder asks itself before it sends anything whether it is still earlier than t+trust,
// and sends nothing afterwards; so its last word has expiry-trust to arrive before anybody can look for it in vain and
// say it again. That holds whichever of the two was cut off or stood still, and for how long: each only measures spans
// by its own clock.
//
// Somebody who waits has the lease asking later at most. So a cut that follows a proof at once, which is the worst
// moment, leaves the workspace without a speaker for expiry+asking: 3.75 seconds, and the time that it takes to
// connect. What a former holder has left half written is undone by then as well, because a session that is silent in
// the middle of a transaction is ended after expiry, too. A process that is killed is missed at once: its system ends
// the session.
//
// That a session was ended by the server itself, by being restarted for instance, its holder hears at once, unless it
// is cut off from the server at the same time. Hence nobody takes a lease before expiry has passed since the server has
// begun, or since it has ended the session of whoever waits.
const (
	// sessionTimeout is for how long a session that holds a lease may be silent before the server ends it.
	sessionTimeout = 3500 * time.Millisecond
	// leaseTTL is for how long a proof that the lease is held counts.
	leaseTTL = 2500 * time.Millisecond
	// renewEvery is how often the lease is proven, and asking how often one is asked for that somebody else holds.
	renewEvery = time.Second / 2
	pollEvery  = time.Second / 4
)

// GlobalLease names the lease of the one process that does what is no workspace's own: it writes archives, and tells
// hosts what comes. Each process that runs holds it or waits for it. No workspace is called so.
const GlobalLease = "/all"

var (
	// ErrLeaseLost is the cause with which the context of a lost lease ends, and what whoever held it is told.
	ErrLeaseLost = errors.New("the lease is lost")
	// ErrLocked says that another process runs on the same file of SQLite.
	ErrLocked = errors.New("another catchword is running with it: stop that one first, or share a PostgreSQL")
)

// LockFile makes this process the only one that runs with a file of SQLite, until the store is closed or the process
// ends, however that is; else it fails with ErrLocked. Others may still read the file, and write to it. It may be
// repeated. A PostgreSQL is shared: there, each workspace is held by a lease.
func (db *DB) LockFile(ctx context.Context) error {
	if db.lockFile == nil {
		return nil
	}
	db.fileLockMu.Lock()
	defer db.fileLockMu.Unlock()
	if db.fileLock != nil {
		return nil
	}
	claimed, err := db.lockFile(ctx)
	if err != nil {
		return fmt.Errorf("open store %s: %w", db.name, err)
	}
	db.fileLock = claimed
	return nil
}

// DisableLeases has Hold grant every lease at once and for good, and Listen hear of nothing: for tests in bubbles of
// time, which does not pass while a network is asked every second.
func (db *DB) DisableLeases() { db.leasesDisabled = true }

// AcquireLease waits until no other process holds what is called by a name, such as a workspace, and holds it until
// release is called. The context that it returns ends with ctx, with release, or as soon as the lease can no longer be
// proven, then with the cause ErrLeaseLost; adapters.CheckLease tells by the clock that this is about to happen. What
// is written with that context is written only while the lease is held: else it fails with ErrLeaseLost. With SQLite
// one process holds everything: Hold fails with ErrLocked in any other. standby is called if it has to wait.
//
// Any other error may pass, unless it is that ctx is done.
func (db *DB) AcquireLease(ctx context.Context, name string, standby func()) (held context.Context, release func(), err error) {
	if db.acquireLease == nil || db.leasesDisabled {
		if err := db.LockFile(ctx); err != nil {
			return nil, nil, err
		}
		held, cancel := context.WithCancel(ctx)
		return held, cancel, nil
	}
	keeper, err := db.acquireLease(ctx, name, standby)
	if err != nil {
		return nil, nil, fmt.Errorf("hold %s: %w", name, err)
	}
	held, cancel := context.WithCancelCause(ctx)
	l := &lease{session: keeper, cancel: cancel}
	l.renewed.Store(&keeper.acquired)
	// Kept beyond the end of ctx: what is in flight then is still to be finished under it.
	until, stop := context.WithCancel(context.WithoutCancel(ctx))
	var keeping sync.WaitGroup
	keeping.Go(func() { l.renewLoop(until) })
	return adapters.WithLeaseCheck(context.WithValue(held, leaseKey{db}, l), l.check), func() {
		cancel(nil)
		stop()
		keeping.Wait()
	}, nil
}

// LeaseFree tells whether nobody holds what is called by a name.
func (db *DB) LeaseFree(ctx context.Context, name string) (bool, error) {
	if db.leaseFree == nil || db.leasesDisabled {
		return true, nil
	}
	return db.leaseFree(ctx, name)
}

// Listen calls ring whenever another process has written, and every few seconds in any case, until ctx is done.
func (db *DB) Listen(ctx context.Context, wake func()) {
	if db.listen != nil && !db.leasesDisabled {
		db.listen(ctx, wake)
	}
}

// leaseKey marks the contexts that Hold hands on.
type leaseKey struct{ *DB }

// A lease is held as long as its keeper can prove it.
type lease struct {
	session *leaseSession
	cancel  context.CancelCauseFunc
	renewed atomic.Pointer[time.Time] // when the last proof was asked for
}

func (db *DB) leaseFrom(ctx context.Context) *lease {
	l, _ := ctx.Value(leaseKey{db}).(*lease)
	return l
}

// renewLoop proves the lease again and again until ctx is done, or that fails, and then gives it back.
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

// check tells with ErrLost that there is no recent proof. It goes by the wall clock as well, because the other one may
// stand still while a machine sleeps.
func (l *lease) check() error {
	proven, now := *l.renewed.Load(), time.Now()
	if now.Sub(proven) < leaseTTL && now.Round(0).Sub(proven.Round(0)) < leaseTTL {
		return nil
	}
	return ErrLeaseLost
}

// checkEpoch makes sure, within a transaction, that nobody else has taken the lease under which it was begun.
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

// lockFile takes the lock of a file of SQLite, which is a file beside it that SQLite itself keeps locked: the system
// takes it back from a process that is killed.
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
