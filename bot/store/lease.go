package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// expiry is for how long a session that holds a lease may be silent before the server ends it, and with it the lease:
	// a process that has stopped, or was cut off, makes room for another.
	expiry = 6 * time.Second
	// trust is for how long a proof that the lease is held counts. What is on its way to a platform when it ends has until
	// expiry to arrive, before anybody else can look for it.
	trust = 4 * time.Second
	// proving is how often the lease is proven, and asking how often one is asked for that somebody else holds.
	proving = time.Second
	asking  = time.Second / 2
)

// Everything names the lease of the one process that does what is no workspace's own: it writes archives, and tells hosts
// what comes. Each process that runs holds it or waits for it. No workspace is called so.
const Everything = "/all"

var (
	// ErrLost is the cause with which the context of a lost lease ends, and what whoever held it is told.
	ErrLost = errors.New("the lease is lost")
	// ErrClaimed says that another process runs on the same file of SQLite.
	ErrClaimed = errors.New("another catchword is running with it: stop that one first, or share a PostgreSQL")
)

// Claim makes this process the only one that runs with a file of SQLite, until the store is closed or the process ends,
// however that is; else it fails with ErrClaimed. Others may still read the file, and write to it. It may be repeated. A
// PostgreSQL is shared: there, each workspace is held by a lease.
func (db *DB) Claim(ctx context.Context) error {
	if db.claim == nil {
		return nil
	}
	db.claiming.Lock()
	defer db.claiming.Unlock()
	if db.claimed != nil {
		return nil
	}
	claimed, err := db.claim(ctx)
	if err != nil {
		return fmt.Errorf("open store %s: %w", db.name, err)
	}
	db.claimed = claimed
	return nil
}

// Alone has Hold grant every lease at once and for good, and Listen hear of nothing: for tests in bubbles of time, which
// does not pass while a network is asked every second.
func (db *DB) Alone() { db.alone = true }

// Hold waits until no other process holds what is called by a name, such as a workspace, and holds it until release is
// called. The context that it returns ends with ctx, with release, or as soon as the lease can no longer be proven, then
// with the cause ErrLost. What is written with that context is written only while the lease is held: else it fails with
// ErrLost. With SQLite one process holds everything: Hold fails with ErrClaimed in any other. standby is called if it has
// to wait.
//
// Any other error may pass, unless it is that ctx is done.
func (db *DB) Hold(ctx context.Context, name string, standby func()) (held context.Context, release func(), err error) {
	if db.hold == nil || db.alone {
		if err := db.Claim(ctx); err != nil {
			return nil, nil, err
		}
		held, cancel := context.WithCancel(ctx)
		return held, cancel, nil
	}
	keeper, err := db.hold(ctx, name, standby)
	if err != nil {
		return nil, nil, fmt.Errorf("hold %s: %w", name, err)
	}
	held, cancel := context.WithCancelCause(ctx)
	l := &lease{keeper: keeper, lose: cancel}
	l.proven.Store(&keeper.taken)
	// Kept beyond the end of ctx: what is in flight then is still to be finished under it.
	until, stop := context.WithCancel(context.WithoutCancel(ctx))
	var keeping sync.WaitGroup
	keeping.Go(func() { l.keep(until) })
	return context.WithValue(held, leaseOf{db}, l), func() {
		cancel(nil)
		stop()
		keeping.Wait()
	}, nil
}

// Held tells with ErrLost that a context comes from a lease of which there is no recent proof: then nothing may be said.
// It looks at nothing but the clock, and is asked last before anything is said.
func (db *DB) Held(ctx context.Context) error {
	if l := db.leaseIn(ctx); l != nil && !l.fresh() {
		return ErrLost
	}
	return nil
}

// Free tells whether nobody holds what is called by a name.
func (db *DB) Free(ctx context.Context, name string) (bool, error) {
	if db.free == nil || db.alone {
		return true, nil
	}
	return db.free(ctx, name)
}

// Listen calls ring whenever another process has written, and every few seconds in any case, until ctx is done.
func (db *DB) Listen(ctx context.Context, ring func()) {
	if db.listen != nil && !db.alone {
		db.listen(ctx, ring)
	}
}

// leaseOf marks the contexts that Hold hands on.
type leaseOf struct{ *DB }

// A lease is held as long as its keeper can prove it.
type lease struct {
	keeper *keeper
	lose   context.CancelCauseFunc
	proven atomic.Pointer[time.Time] // when the last proof was asked for
}

func (db *DB) leaseIn(ctx context.Context) *lease {
	l, _ := ctx.Value(leaseOf{db}).(*lease)
	return l
}

// keep proves the lease again and again until ctx is done, or that fails, and then gives it back.
func (l *lease) keep(ctx context.Context) {
	defer l.keeper.release()
	tick := time.NewTicker(proving)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asked := time.Now()
		within, cancel := context.WithDeadline(ctx, l.proven.Load().Add(trust))
		err := l.keeper.prove(within)
		cancel()
		if err != nil {
			l.lose(fmt.Errorf("%w: %w", ErrLost, err))
			return
		}
		l.proven.Store(&asked)
	}
}

// fresh goes by the wall clock as well, because the other one may stand still while a machine sleeps.
func (l *lease) fresh() bool {
	proven, now := *l.proven.Load(), time.Now()
	return now.Sub(proven) < trust && now.Round(0).Sub(proven.Round(0)) < trust
}

// fence makes sure, within a transaction, that nobody else has taken the lease under which it was begun.
func (db *DB) fence(ctx context.Context) error {
	l := db.leaseIn(ctx)
	if l == nil {
		return nil
	}
	epoch, _, err := one(ctx, db, func(row scannable) (epoch int64, err error) {
		err = row.Scan(&epoch)
		return epoch, err
	}, `SELECT epoch FROM leases WHERE name = $1`, l.keeper.name)
	if err == nil && epoch != l.keeper.epoch {
		l.lose(ErrLost)
		err = ErrLost
	}
	return err
}

// claimFile takes the lock of a file of SQLite, which is a file beside it that SQLite itself keeps locked: the system
// takes it back from a process that is killed.
func claimFile(ctx context.Context, path string) (*sql.DB, error) {
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
			err = ErrClaimed
		}
		return nil, errors.Join(err, raw.Close())
	}
	return raw, nil
}
