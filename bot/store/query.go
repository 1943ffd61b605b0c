package store

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"strings"
	"unicode/utf8"
)

// txKey marks the contexts that Do hands on. Its value is what is to be called afterwards.
type txKey struct{ *DB }

// Transact runs f in one transaction, beside which nobody else writes. It is on the disk when Do returns nil, and
// undone when f returns an error. Within another Do it is a part of that one.
func (db *DB) Transact(ctx context.Context, f func(context.Context) error) (err error) {
	if db.inTx(ctx) {
		return f(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w := db.write
	w.mu.Lock()
	defer w.mu.Unlock()
	// Once begun it is carried through: it is short, and half of it would have to be undone.
	var afterwards []func()
	ctx = context.WithValue(context.WithoutCancel(ctx), txKey{db}, &afterwards)
	if err := w.begin(ctx); err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			_, undo := w.exec(ctx, "ROLLBACK")
			if undo != nil {
				_ = w.disconnect() // nothing more is to be learnt from a connection that is lost
			}
			err = errors.Join(err, undo)
		}
	}()
	if err := db.checkEpoch(ctx); err != nil {
		return err
	}
	if err := f(ctx); err != nil {
		return err
	}
	if err := w.execAll(ctx, db.dialect.commit); err != nil {
		return err
	}
	committed = true
	for _, f := range afterwards {
		f()
	}
	return nil
}

// AfterCommit calls f once the transaction of ctx is on the disk, or at once if there is none. If the transaction is
// undone, f is never called. It may not use the store.
func (db *DB) AfterCommit(ctx context.Context, f func()) {
	if afterwards, ok := ctx.Value(txKey{db}).(*[]func()); ok {
		*afterwards = append(*afterwards, f)
		return
	}
	f()
}

func (db *DB) inTx(ctx context.Context) bool { return ctx.Value(txKey{db}) != nil }

// exec writes, and tells how many rows it touched.
func (db *DB) exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = db.Transact(ctx, func(ctx context.Context) error {
		n, err = db.write.exec(ctx, query, args...)
		return err
	})
	return n, err
}

type scannable interface{ Scan(dest ...any) error }

// queryAll reads all rows of a query: within a transaction as it has left them, in a snapshot as they were, else as
// they were last committed.
func queryAll[T any](ctx context.Context, db *DB, scan func(scannable) (T, error), query string, args ...any) (all []T, err error) {
	err = db.withReadRetry(ctx, func(ctx context.Context) error {
		all = nil
		stmt, err := db.prepare(ctx, query)
		if err != nil {
			return err
		}
		rows, err := stmt.QueryContext(ctx, sanitizeArgs(args)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			t, err := scan(rows)
			if err != nil {
				return err
			}
			all = append(all, t)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// queryOne reads the first row of a query; ok is false if there is none.
func queryOne[T any](ctx context.Context, db *DB, scan func(scannable) (T, error), query string, args ...any) (t T, ok bool, err error) {
	err = db.withReadRetry(ctx, func(ctx context.Context) error {
		stmt, err := db.prepare(ctx, query)
		if err != nil {
			return err
		}
		t, err = scan(stmt.QueryRowContext(ctx, sanitizeArgs(args)...))
		ok = err == nil
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return t, ok, err
}

// withReadRetry carries out what reads, and once more where the connection was lost before it was noticed, which may be
// so of all that read.
func (db *DB) withReadRetry(ctx context.Context, f func(context.Context) error) (err error) {
	for range 1 + maxReaders {
		within, cancel := db.dialect.withTimeout(ctx)
		err = f(within)
		cancel()
		if db.inTx(ctx) || db.snapshotConn(ctx) != nil || ctx.Err() != nil || !db.dialect.isConnectionLost(err) {
			break
		}
	}
	return err
}

func (db *DB) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if db.inTx(ctx) {
		return db.write.prepare(ctx, query)
	}
	if c := db.snapshotConn(ctx); c != nil {
		return c.prepare(ctx, query)
	}
	return db.read.prepare(ctx, query)
}

// withTimeout bounds the time that a statement may take, where the network may have swallowed it.
func (d dialect) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if !d.remote {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, queryTimeout)
}

// sanitizeArgs makes parameters such as either database can keep: PostgreSQL knows neither NUL nor broken UTF-8 in a
// text, and a message with one would be refused for ever.
func sanitizeArgs(args []any) []any {
	for i, a := range args {
		v := reflect.ValueOf(a)
		if v.Kind() != reflect.String {
			continue
		}
		text := v.String()
		if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
			text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
		}
		args[i] = text
	}
	return args
}
