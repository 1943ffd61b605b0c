package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// snapshotKey marks the contexts that Snapshot hands on.
type snapshotKey struct{ *DB }

// Snapshot has f read the store as it is at one moment, whatever is written meanwhile, also by f itself: all that is
// read with the context that f gets is of that moment. Such a context is for one goroutine at a time. Nobody is kept
// waiting, but one of the connections that read is taken, and SQLite's log grows, for as long as f takes. Where the
// connection is lost f fails, and may be tried again.
func (db *DB) Snapshot(ctx context.Context, f func(context.Context) error) (err error) {
	c := &connection{dialect: db.dialect, raw: db.read.raw}
	defer func() {
		// Undone also once ctx is done: the connection goes back to those that read.
		if undo := c.release(context.WithoutCancel(ctx)); undo != nil {
			err = errors.Join(err, fmt.Errorf("end a snapshot: %w", undo))
		}
	}()
	if err := c.execAll(ctx, db.dialect.snapshot); err != nil {
		return fmt.Errorf("begin a snapshot: %w", err)
	}
	return f(context.WithValue(ctx, snapshotKey{db}, c))
}

// snapshotConn is the connection on which a context reads; nil if it is of no snapshot.
func (db *DB) snapshotConn(ctx context.Context) *connection {
	c, _ := ctx.Value(snapshotKey{db}).(*connection)
	return c
}

// release ends what a connection has begun, and hands it to others, or throws it away if it can't be ended.
func (c *connection) release(ctx context.Context) error {
	if c.conn == nil {
		return nil
	}
	if _, err := c.exec(ctx, "ROLLBACK"); err != nil {
		// Refused where nothing had begun, or lost: either way nothing of it may be met by the next.
		_ = c.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	return c.disconnect()
}
