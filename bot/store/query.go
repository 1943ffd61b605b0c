package store

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"strings"
	"unicode/utf8"
)

// txKey marks the contexts that Transact passes to its function. Its value is what to call after the commit.
type txKey struct{ *DB }

// Transact runs f in a transaction; nobody else writes at the same time. It is on the disk when Transact returns nil,
// and rolled back when f returns an error. Within another Transact it becomes part of that one.
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
	// From here on ctx can't cancel it: it is short, and would have to be rolled back.
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
				_ = w.disconnect() // the connection is lost
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
// rolled back, f is never called. f must not use the store.
func (db *DB) AfterCommit(ctx context.Context, f func()) {
	if afterwards, ok := ctx.Value(txKey{db}).(*[]func()); ok {
		*afterwards = append(*afterwards, f)
		return
	}
	f()
}

func (db *DB) inTx(ctx context.Context) bool { return ctx.Value(txKey{db}) != nil }

// exec runs a statement that writes, and returns how many rows it changed.
func (db *DB) exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = db.Transact(ctx, func(ctx context.Context) error {
		n, err = db.write.exec(ctx, query, args...)
		return err
	})
	return n, err
}

type scannable interface{ Scan(dest ...any) error }

// queryAll reads all rows of a query. A transaction sees its own changes, a snapshot its moment, and everybody else the
// last commit.
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

// withReadRetry runs f, and again if the connection turns out to be lost, which may be so for every connection of the
// pool.
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

// withTimeout limits how long a statement may take where a network may lose it.
func (d dialect) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if !d.remote {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, queryTimeout)
}

// sanitizeArgs replaces what PostgreSQL refuses in a text, NUL and broken UTF-8: a message with one could never be
// stored.
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
