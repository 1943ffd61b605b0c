package store

import (
	"context"
	"errors"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5"
)

// A leaseSession holds one lease: an advisory lock of a database session that does nothing else, and that the server
// ends when it is silent for too long. Each holder has a higher epoch than the one before.
type leaseSession struct {
	name     string
	conn     *pgx.Conn
	epoch    int64
	acquired time.Time // when its first proof was requested
}

// leaseConfig is the configuration of a session for leases.
func leaseConfig(config *pgx.ConnConfig) *pgx.ConnConfig {
	config = config.Copy()
	config.RuntimeParams["idle_session_timeout"] = pgMillis(sessionTimeout)
	config.ConnectTimeout = leaseTTL
	// No prepared statements: behind a pooler they would stay in a session that others use.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return config
}

// acquireLease waits for a lease, and calls standby if another process has it.
func acquireLease(ctx context.Context, config *pgx.ConnConfig, name string, standby func()) (*leaseSession, error) {
	conn, err := pgx.ConnectConfig(ctx, leaseConfig(config))
	if err != nil {
		return nil, withHint(config, err)
	}
	s := &leaseSession{name: name, conn: conn}
	for waited := false; ; waited = true {
		acquired, err := s.tryAcquire(ctx)
		if err == nil && acquired {
			return s, nil
		}
		if err == nil && !waited {
			standby()
		}
		if err == nil {
			err = errors.Join(s.wait(ctx, pollEvery), ctx.Err())
		}
		if err != nil {
			s.release()
			sleep(ctx, sessionTimeout) // the holder may have lost its session too, without knowing it yet
			return nil, withHint(config, err)
		}
	}
}

// tryAcquire takes the lease if it is free.
func (s *leaseSession) tryAcquire(ctx context.Context) (acquired bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	// A server that has just started does not know who held the lease before.
	// https://www.postgresql.org/docs/current/functions-info.html
	if err := s.conn.QueryRow(ctx, "SELECT CASE WHEN now() - pg_postmaster_start_time() BETWEEN '0' AND $1 THEN FALSE ELSE pg_try_advisory_lock($2) END",
		sessionTimeout, lockID(s.name)).Scan(&acquired); err != nil || !acquired {
		return false, err
	}
	// What the former holder was about to write is written before this, or refused.
	err = pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		for _, query := range []string{
			postgres.begin[1],
			`CREATE TABLE IF NOT EXISTS leases (name TEXT NOT NULL PRIMARY KEY, epoch BIGINT NOT NULL)`,
		} {
			if _, err := tx.Exec(ctx, query); err != nil {
				return err
			}
		}
		return tx.QueryRow(ctx, `INSERT INTO leases (name, epoch) VALUES ($1, 1)
			ON CONFLICT (name) DO UPDATE SET epoch = leases.epoch + 1 RETURNING epoch`, s.name).Scan(&s.epoch)
	})
	if err != nil {
		return false, err
	}
	// That may have taken a while. From here on the lease has to be proven like any other.
	s.acquired = time.Now()
	return true, s.renew(ctx)
}

// renew asks the server whether this session still holds the lock.
func (s *leaseSession) renew(ctx context.Context) error {
	lock := lockID(s.name)
	var held bool
	// https://www.postgresql.org/docs/current/view-pg-locks.html
	err := s.conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()
		AND classid::bigint = $1 AND objid::bigint = $2 AND objsubid = 1)`, int64(uint64(lock)>>32), int64(uint32(lock))).Scan(&held)
	if err == nil && !held {
		err = errors.New("the lock is held by another session: use the address of PostgreSQL itself, not of a pooler")
	}
	return err
}

// wait waits, and returns an error as soon as the session is lost.
func (s *leaseSession) wait(ctx context.Context, d time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	// It listens to no channel, so what arrives is the end of the session.
	if _, err := s.conn.WaitForNotification(ctx); ctx.Err() == nil {
		return err
	}
	return nil
}

// release ends the session, and with it the lease.
func (s *leaseSession) release() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.conn.Close(ctx)
}

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

// lockID is the number of the advisory lock for a name.
func lockID(name string) int64 {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte("catchword lease " + name))
	return int64(sum.Sum64())
}
