package store

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"strings"
	"unicode/utf8"
)

// inTransaction marks the contexts that Do hands on. Its value is what is to be called afterwards.
type inTransaction struct{ *DB }

// Do runs f in one transaction, beside which nobody else writes. It is on the disk when Do returns nil, and undone when f
// returns an error. Within another Do it is a part of that one.
func (db *DB) Do(ctx context.Context, f func(context.Context) error) (err error) {
	if db.within(ctx) {
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
	ctx = context.WithValue(context.WithoutCancel(ctx), inTransaction{db}, &afterwards)
	if err := w.begin(ctx); err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			_, undo := w.exec(ctx, "ROLLBACK")
			if undo != nil {
				_ = w.hangUp() // nothing more is to be learnt from a connection that is lost
			}
			err = errors.Join(err, undo)
		}
	}()
	if err := db.fence(ctx); err != nil {
		return err
	}
	if err := f(ctx); err != nil {
		return err
	}
	if err := w.all(ctx, db.dialect.commit); err != nil {
		return err
	}
	committed = true
	for _, f := range afterwards {
		f()
	}
	return nil
}

// Afterwards calls f once the transaction of ctx is on the disk, or at once if there is none. If the transaction is undone, f
// is never called. It may not use the store.
func (db *DB) Afterwards(ctx context.Context, f func()) {
	if afterwards, ok := ctx.Value(inTransaction{db}).(*[]func()); ok {
		*afterwards = append(*afterwards, f)
		return
	}
	f()
}

func (db *DB) within(ctx context.Context) bool { return ctx.Value(inTransaction{db}) != nil }

// exec writes, and tells how many rows it touched.
func (db *DB) exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = db.Do(ctx, func(ctx context.Context) error {
		n, err = db.write.exec(ctx, query, args...)
		return err
	})
	return n, err
}

type scannable interface{ Scan(dest ...any) error }

// list reads all rows of a query: within a transaction as it has left them, in a snapshot as they were, else as they were
// last committed.
func list[T any](ctx context.Context, db *DB, scan func(scannable) (T, error), query string, args ...any) (all []T, err error) {
	err = db.reading(ctx, func(ctx context.Context) error {
		all = nil
		stmt, err := db.prepared(ctx, query)
		if err != nil {
			return err
		}
		rows, err := stmt.QueryContext(ctx, clean(args)...)
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

// one reads the first row of a query; ok is false if there is none.
func one[T any](ctx context.Context, db *DB, scan func(scannable) (T, error), query string, args ...any) (t T, ok bool, err error) {
	err = db.reading(ctx, func(ctx context.Context) error {
		stmt, err := db.prepared(ctx, query)
		if err != nil {
			return err
		}
		t, err = scan(stmt.QueryRowContext(ctx, clean(args)...))
		ok = err == nil
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return t, ok, err
}

// reading carries out what reads, and once more where the connection was lost before it was noticed, which may be so of
// all that read.
func (db *DB) reading(ctx context.Context, f func(context.Context) error) (err error) {
	for range 1 + readers {
		within, cancel := db.dialect.limit(ctx)
		err = f(within)
		cancel()
		if db.within(ctx) || db.reader(ctx) != nil || ctx.Err() != nil || !db.dialect.lost(err) {
			break
		}
	}
	return err
}

func (db *DB) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if db.within(ctx) {
		return db.write.prepared(ctx, query)
	}
	if c := db.reader(ctx); c != nil {
		return c.prepared(ctx, query)
	}
	return db.read.prepared(ctx, query)
}

// limit bounds the time that a statement may take, where the network may have swallowed it.
func (d dialect) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if !d.remote {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, patience)
}

// clean makes parameters such as either database can keep: PostgreSQL knows neither NUL nor broken UTF-8 in a text, and a
// message with one would be refused for ever.
func clean(args []any) []any {
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
