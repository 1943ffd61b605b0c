package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
)

// A connection is the one that writes, or the one of a snapshot. It prepares each statement once, because parsing them
// takes longer than running them. It connects when it is first used, and again after it was lost.
type connection struct {
	dialect    dialect
	raw        *sql.DB
	sessionPID atomic.Uint32 // of conn

	mu         sync.Mutex // held for a whole transaction; guards the fields below
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

// begin begins a transaction. If the connection was lost since its last use, it reconnects once: nothing was written
// yet.
func (c *connection) begin(ctx context.Context) error {
	err := c.execAll(ctx, c.dialect.begin)
	if !c.dialect.isConnectionLost(err) {
		return err
	}
	_ = c.disconnect()
	return c.execAll(ctx, c.dialect.begin)
}

func (c *connection) execAll(ctx context.Context, queries []string) error {
	for _, query := range queries {
		if _, err := c.exec(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

func (c *connection) exec(ctx context.Context, query string, args ...any) (int64, error) {
	ctx, cancel := c.dialect.withTimeout(ctx)
	defer cancel()
	stmt, err := c.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	res, err := stmt.ExecContext(ctx, sanitizeArgs(args)...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c *connection) prepare(ctx context.Context, query string) (stmt *sql.Stmt, err error) {
	if stmt := c.statements[query]; stmt != nil {
		return stmt, nil
	}
	if c.conn == nil {
		if c.conn, err = c.raw.Conn(ctx); err != nil {
			return nil, err
		}
		c.statements = map[string]*sql.Stmt{}
		if c.dialect.sessionPID != nil {
			c.sessionPID.Store(c.dialect.sessionPID(c.conn))
		}
	}
	if stmt, err = c.conn.PrepareContext(ctx, c.dialect.rebind(query)); err == nil {
		c.statements[query] = stmt
	}
	return stmt, err
}

func (c *connection) disconnect() error {
	if c.conn == nil {
		return nil
	}
	var errs []error
	for _, stmt := range c.statements {
		errs = append(errs, stmt.Close())
	}
	errs = append(errs, c.conn.Close())
	c.conn, c.statements = nil, nil
	return errors.Join(errs...)
}

func (c *connection) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.disconnect(), c.raw.Close())
}

// A pool is the connections for reading.
type pool struct {
	dialect    dialect
	raw        *sql.DB
	statements sync.Map // from the query to its *sql.Stmt
}

func (p *pool) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt, ok := p.statements.Load(query); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := p.raw.PrepareContext(ctx, p.dialect.rebind(query))
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
