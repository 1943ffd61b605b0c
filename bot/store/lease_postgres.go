package store

import (
	"context"
	"errors"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5"
)

// A keeper holds one lease: an advisory lock of a session that does nothing else, and that the server ends when it is
// silent for too long. Each holder has a higher epoch than all before it.
type leaseSession struct {
	name     string
	conn     *pgx.Conn
	epoch    int64
	acquired time.Time // when its first proof was asked for
}

// leaseConfig is how a session for leases is opened: straight to the server, for a pooler in between would share it
// out.
func leaseConfig(config *pgx.ConnConfig) *pgx.ConnConfig {
	config = config.Copy()
	config.RuntimeParams["idle_session_timeout"] = pgMillis(sessionTimeout)
	config.ConnectTimeout = leaseTTL
	// A session that shares its server with others must not leave prepared statements behind.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return config
}

// acquireLease waits for a lease, and tells standby if somebody else has it.
func acquireLease(ctx context.Context, config *pgx.ConnConfig, name string, standby func()) (*leaseSession, error) {
	conn, err := pgx.ConnectConfig(ctx, leaseConfig(config))
	if err != nil {
		return nil, withHint(config, err)
	}
	k := &leaseSession{name: name, conn: conn}
	for waited := false; ; waited = true {
		held, err := k.tryAcquire(ctx)
		if err == nil && held {
			return k, nil
		}
		if err == nil && !waited {
			standby()
		}
		if err == nil {
			err = errors.Join(k.wait(ctx, pollEvery), ctx.Err())
		}
		if err != nil {
			k.release()
			sleep(ctx, sessionTimeout) // the holder may have lost its session, too, and not know it yet
			return nil, withHint(config, err)
		}
	}
}

// tryAcquire takes the lease if nobody holds it.
func (k *leaseSession) tryAcquire(ctx context.Context) (held bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	// A server that has just begun knows nothing of whom it had given a lease before.
	// https://www.postgresql.org/docs/current/functions-info.html
	if err := k.conn.QueryRow(ctx, "SELECT CASE WHEN now() - pg_postmaster_start_time() BETWEEN '0' AND $1 THEN FALSE ELSE pg_try_advisory_lock($2) END",
		sessionTimeout, lockID(k.name)).Scan(&held); err != nil || !held {
		return false, err
	}
	// Whatever the former holder was about to write is written before this, or refused.
	err = pgx.BeginFunc(ctx, k.conn, func(tx pgx.Tx) error {
		for _, query := range []string{
			postgres.begin[1],
			`CREATE TABLE IF NOT EXISTS leases (name TEXT NOT NULL PRIMARY KEY, epoch BIGINT NOT NULL)`,
		} {
			if _, err := tx.Exec(ctx, query); err != nil {
				return err
			}
		}
		return tx.QueryRow(ctx, `INSERT INTO leases (name, epoch) VALUES ($1, 1)
			ON CONFLICT (name) DO UPDATE SET epoch = leases.epoch + 1 RETURNING epoch`, k.name).Scan(&k.epoch)
	})
	if err != nil {
		return false, err
	}
	// That took its time. From here on the lease has to be proven like any other.
	k.acquired = time.Now()
	return true, k.renew(ctx)
}

// renew asks the server whether this session still is the one that holds the lock.
func (k *leaseSession) renew(ctx context.Context) error {
	lock := lockID(k.name)
	var held bool
	// https://www.postgresql.org/docs/current/view-pg-locks.html
	err := k.conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()
		AND classid::bigint = $1 AND objid::bigint = $2 AND objsubid = 1)`, int64(uint64(lock)>>32), int64(uint32(lock))).Scan(&held)
	if err == nil && !held {
		err = errors.New("the session that asks is not the one that took it: give the address of PostgreSQL itself, not of a pooler")
	}
	return err
}

// wait lets time pass, and fails as soon as the session is ended by the server, or lost in any other way that shows.
func (k *leaseSession) wait(ctx context.Context, d time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	// Nothing is listened to. What comes all the same is that the session ends.
	if _, err := k.conn.WaitForNotification(ctx); ctx.Err() == nil {
		return err
	}
	return nil
}

// release gives the lease back, with the session.
func (k *leaseSession) release() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = k.conn.Close(ctx)
}

// leaseFree tells whether nobody holds a lease.
func leaseFree(ctx context.Context, config *pgx.ConnConfig, name string) (free bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, leaseConfig(config))
	if err != nil {
		return false, withHint(config, err)
	}
	defer (&leaseSession{conn: conn}).release()
	err = conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", lockID(name)).Scan(&free)
	return free, err
}

// lockID is the number of the advisory lock that stands for a name.
func lockID(name string) int64 {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte("catchword lease " + name))
	return int64(sum.Sum64())
}
