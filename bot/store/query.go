package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
)

// inTransaction marks the contexts that Do hands on.
type inTransaction struct{ *DB }

// Do runs f in one transaction, which is on the disk when Do returns nil, and undone when f returns an error. Within
// another Do it is a part of that one.
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
	ctx = context.WithValue(context.WithoutCancel(ctx), inTransaction{db}, true)
	if _, err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			_, undo := w.exec(ctx, "ROLLBACK")
			err = errors.Join(err, undo)
		}
	}()
	if err := f(ctx); err != nil {
		return err
	}
	if _, err := w.exec(ctx, "COMMIT"); err != nil {
		return err
	}
	committed = true
	return nil
}

func (db *DB) within(ctx context.Context) bool { return ctx.Value(inTransaction{db}) != nil }

// exec writes, and tells how many rows it touched.
func (db *DB) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if !db.within(ctx) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		db.write.mu.Lock()
		defer db.write.mu.Unlock()
		ctx = context.WithoutCancel(ctx)
	}
	return db.write.exec(ctx, query, args...)
}

type scannable interface{ Scan(dest ...any) error }

// list reads all rows of a query: within a transaction as it has left them, else as they were last committed.
func list[T any](ctx context.Context, db *DB, scan func(scannable) (T, error), query string, args ...any) (all []T, err error) {
	stmt, err := db.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		t, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// one reads the first row of a query; ok is false if there is none.
func one[T any](ctx context.Context, db *DB, scan func(scannable) (T, error), query string, args ...any) (t T, ok bool, err error) {
	stmt, err := db.prepared(ctx, query)
	if err != nil {
		return t, false, err
	}
	t, err = scan(stmt.QueryRowContext(ctx, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return t, false, nil
	}
	return t, err == nil, err
}

func (db *DB) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if db.within(ctx) {
		return db.write.prepared(ctx, query)
	}
	return db.read.prepared(ctx, query)
}

// A connection is the one that writes. Parsing the statements of an answer takes longer than carrying them out, so each
// is prepared once.
type connection struct {
	mu         sync.Mutex // held for a whole transaction; guards all below
	raw        *sql.DB
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

func newConnection(ctx context.Context, raw *sql.DB) (*connection, error) {
	conn, err := raw.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &connection{raw: raw, conn: conn, statements: map[string]*sql.Stmt{}}, nil
}

func (c *connection) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := c.statements[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := c.conn.PrepareContext(ctx, numbered(query))
	if err == nil {
		c.statements[query] = stmt
	}
	return stmt, err
}

func (c *connection) exec(ctx context.Context, query string, args ...any) (int64, error) {
	stmt, err := c.prepared(ctx, query)
	if err != nil {
		return 0, err
	}
	res, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c *connection) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, stmt := range c.statements {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, c.conn.Close(), c.raw.Close())...)
}

// A pool is the connections that read.
type pool struct {
	raw        *sql.DB
	statements sync.Map // of the query to its *sql.Stmt
}

func (p *pool) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt, ok := p.statements.Load(query); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := p.raw.PrepareContext(ctx, numbered(query))
	if err != nil {
		return nil, err
	}
	if first, raced := p.statements.LoadOrStore(query, stmt); raced {
		return first.(*sql.Stmt), stmt.Close()
	}
	return stmt, nil
}

func (p *pool) close() error {
	var errs []error
	for _, stmt := range p.statements.Range {
		errs = append(errs, stmt.(*sql.Stmt).Close())
	}
	return errors.Join(append(errs, p.raw.Close())...)
}

// numbered writes parameters as SQLite does, ?1 for $1. No statement has a "$" in any other place.
func numbered(query string) string { return strings.ReplaceAll(query, "$", "?") }
