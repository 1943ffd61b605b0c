package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// RestoredAt is when a bot first ran with this database, if it began as a backup: what was posted between the backup
// and that time is missing from it. It is zero for any other database. The first call records now as that time.
func (db *DB) RestoredAt(ctx context.Context, now time.Time) (since time.Time, err error) {
	err = db.Transact(ctx, func(ctx context.Context) error {
		ms, ok, err := queryOne(ctx, db, func(row scannable) (ms int64, err error) {
			err = row.Scan(&ms)
			return ms, err
		}, `SELECT since FROM restored`)
		if err != nil || !ok {
			return err
		}
		if since = fromMillis(ms); !since.IsZero() {
			return nil
		}
		since = now
		_, err = db.exec(ctx, `UPDATE restored SET since = $1`, toMillis(now))
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("read restore time: %w", err)
	}
	return since, nil
}

// markBackup marks a file as a backup.
func markBackup(ctx context.Context, path string, made time.Time) (err error) {
	raw, err := connectSQLite(path, "_pragma=synchronous(FULL)", 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, raw.Close()) }()
	if _, err := raw.ExecContext(ctx, `DELETE FROM restored`); err != nil {
		return err
	}
	_, err = raw.ExecContext(ctx, `INSERT INTO restored (made, since) VALUES (?1, 0)`, toMillis(made))
	return err
}
