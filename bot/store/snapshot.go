package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// snapshotKey marks the contexts that Snapshot passes to its function.
type snapshotKey struct{ *DB }

// Snapshot calls f with a context that reads the store as of one moment, whatever is written in the meantime, even by f
// itself. Only one goroutine may use that context at a time. It blocks nobody, but takes one of the read connections
// and lets SQLite's log grow until f returns. If the connection is lost, f fails and may be retried.
func (db *DB) Snapshot(ctx context.Context, f func(context.Context) error) (err error) {
	c := &connection{dialect: db.dialect, raw: db.read.raw}
	defer func() {
		// Also when ctx is done: the connection goes back to the pool.
		if undo := c.release(context.WithoutCancel(ctx)); undo != nil {
			err = errors.Join(err, fmt.Errorf("end a snapshot: %w", undo))
		}
	}()
	if err := c.execAll(ctx, db.dialect.snapshot); err != nil {
		return fmt.Errorf("begin a snapshot: %w", err)
	}
	return f(context.WithValue(ctx, snapshotKey{db}, c))
}

// snapshotConn is the connection of the snapshot that a context belongs to; nil for none.
func (db *DB) snapshotConn(ctx context.Context) *connection {
	c, _ := ctx.Value(snapshotKey{db}).(*connection)
	return c
}

// release rolls the transaction back and returns the connection to the pool, or discards it if that fails.
func (c *connection) release(ctx context.Context) error {
	if c.conn == nil {
		return nil
	}
	if _, err := c.exec(ctx, "ROLLBACK"); err != nil {
		// No transaction had begun, or the connection is lost: discard it, so that the next user gets a clean one.
		_ = c.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	return c.disconnect()
}
