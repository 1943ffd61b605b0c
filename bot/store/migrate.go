package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mau.fi/util/dbutil"
)

// A Copied is a table that was copied and compared.
type Copied struct {
	Table  string
	Rows   int
	Digest [sha256.Size]byte // of all rows, in whatever order: the same for the same rows in either kind of database
}

// Migrate copies every table of one store into another, of the same kind or not, the adapters' own included. The other one
// must be empty, and nobody may be running with either. Either all of it is there in the end, read again and compared, or
// nothing. prepare makes the adapters' tables, and is called for both stores if the first has any. progress is told how
// many rows of a table are copied so far, every now and then.
func Migrate(ctx context.Context, from, to *DB, prepare func(context.Context, *dbutil.Database) error, progress func(table string, rows int)) ([]Copied, error) {
	for _, db := range []*DB{from, to} {
		if err := db.idle(ctx); err != nil {
			return nil, err
		}
	}
	return migrate(ctx, from, to, prepare, progress)
}

// idle makes sure that nobody runs with the store.
func (db *DB) idle(ctx context.Context) error {
	if err := db.Claim(ctx); err != nil {
		return err
	}
	free, err := db.Free(ctx, Everything)
	if err == nil && !free {
		err = fmt.Errorf("%s: catchword is running with it: stop it first", db.name)
	}
	return err
}

func migrate(ctx context.Context, from, to *DB, prepare func(context.Context, *dbutil.Database) error, progress func(string, int)) (all []Copied, err error) {
	if err := prepareBoth(ctx, from, to, prepare); err != nil {
		return nil, err
	}
	source, err := from.snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", from.name, err)
	}
	defer func() { err = errors.Join(err, source.end()) }()
	target, err := to.filling(ctx)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", to.name, err)
	}
	defer func() { err = errors.Join(err, target.end()) }()
	if err := fits(ctx, source, target); err != nil {
		return nil, fmt.Errorf("copy %s to %s: %w", from.name, to.name, err)
	}
	for _, there := range target.tables {
		i := slices.IndexFunc(source.tables, func(t table) bool { return t.name == there.name })
		if there.isVersion() || i < 0 {
			continue
		}
		here := source.tables[i]
		here.columns = arranged(here.columns, there.columns)
		copied, err := copyTable(ctx, source, target, here, there, progress)
		if err != nil {
			return nil, fmt.Errorf("copy table %s: %w", there.name, err)
		}
		all = append(all, copied)
	}
	if err := target.tx.Commit(); err != nil {
		return nil, fmt.Errorf("copy %s to %s: %w", from.name, to.name, err)
	}
	return all, nil
}

// prepareBoth makes the adapters' tables in both stores, if the first has any, and brings them up to date.
func prepareBoth(ctx context.Context, from, to *DB, prepare func(context.Context, *dbutil.Database) error) error {
	look, err := from.snapshot(ctx)
	if err != nil {
		return fmt.Errorf("read %s: %w", from.name, err)
	}
	some := slices.ContainsFunc(look.tables, func(t table) bool { return t.isVersion() && t.name != "version" })
	if err := look.end(); err != nil || !some {
		return err
	}
	for _, db := range []*DB{from, to} {
		shared, err := db.Shared(ctx)
		if err == nil {
			err = errors.Join(prepare(ctx, shared), shared.Close())
		}
		if err != nil {
			return fmt.Errorf("prepare %s: %w", db.name, err)
		}
	}
	return nil
}

// A side is one of the two databases, within a transaction.
type side struct {
	dialect dialect
	raw     *sql.DB
	tx      *sql.Tx
	tables  []table
}

// snapshot is all that is stored at one moment.
func (db *DB) snapshot(ctx context.Context) (*side, error) {
	return db.side(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
}

// filling is for writing into a store while nobody else does.
func (db *DB) filling(ctx context.Context) (*side, error) {
	s, err := db.side(ctx, nil)
	if err == nil && db.dialect.remote {
		if _, err = s.tx.ExecContext(ctx, db.dialect.begin[1]); err != nil {
			err = errors.Join(err, s.end())
		}
	}
	return s, err
}

func (db *DB) side(ctx context.Context, o *sql.TxOptions) (*side, error) {
	raw, err := db.share()
	if err != nil {
		return nil, err
	}
	s := &side{dialect: db.dialect, raw: raw}
	if o != nil && !db.dialect.remote {
		o = &sql.TxOptions{ReadOnly: true} // SQLite has one isolation, which is the best
	}
	if s.tx, err = raw.BeginTx(ctx, o); err == nil && db.dialect.remote {
		// Copying takes as long as it takes.
		_, err = s.tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0")
	}
	if err == nil {
		s.tables, err = tablesOf(ctx, s.tx, s.dialect)
	}
	if err != nil {
		return nil, errors.Join(err, s.end())
	}
	return s, nil
}

func (s *side) end() error {
	var err error
	if s.tx != nil {
		if err = s.tx.Rollback(); errors.Is(err, sql.ErrTxDone) {
			err = nil
		}
	}
	return errors.Join(err, s.raw.Close())
}

// fits makes sure that all that is in one database has its place in the other, which is empty. It names every fault.
func fits(ctx context.Context, source, target *side) error {
	var faults []error
	for _, there := range target.tables {
		if there.isVersion() {
			continue
		}
		var some bool
		if err := target.tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+quoted(there.name)+")").Scan(&some); err != nil {
			return err
		}
		if some {
			faults = append(faults, fmt.Errorf("the table %s is not empty there: nothing is written over", there.name))
		}
	}
	for _, here := range source.tables {
		i := slices.IndexFunc(target.tables, func(t table) bool { return t.name == here.name })
		if i < 0 {
			faults = append(faults, fmt.Errorf("the table %s is not known there: use the catchword that wrote it, or a newer one", here.name))
			continue
		}
		if here.isVersion() {
			a, errA := source.version(ctx, here)
			b, errB := target.version(ctx, here)
			if err := errors.Join(errA, errB); err != nil {
				return err
			}
			if a != b {
				faults = append(faults, fmt.Errorf("the schema that %s tells is %d here and %d there: have catchword run once with what is older", here.name, a, b))
			}
			continue
		}
		if len(here.columns) != len(target.tables[i].columns) || arranged(here.columns, target.tables[i].columns) == nil {
			faults = append(faults, fmt.Errorf("the table %s has other columns there", here.name))
		}
	}
	return errors.Join(faults...)
}

func (s *side) version(ctx context.Context, t table) (version int, err error) {
	err = s.tx.QueryRowContext(ctx, "SELECT version FROM "+quoted(t.name)).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return version, err
}

// arranged is a table's columns in the order of another's, or nil if they are not the same.
func arranged(here, there []column) (all []column) {
	for _, c := range there {
		i := slices.IndexFunc(here, func(h column) bool { return h.name == c.name })
		if i < 0 {
			return nil
		}
		all = append(all, here[i])
	}
	return all
}

// atOnce bounds the parameters of one statement; SQLite takes 32,766, and PostgreSQL 65,535.
const atOnce = 4000

func copyTable(ctx context.Context, source, target *side, here, there table, progress func(string, int)) (Copied, error) {
	kinds, err := kindsOf(there)
	if err != nil {
		return Copied{}, err
	}
	copied := Copied{Table: there.name}
	var args []any
	width := len(there.columns)
	flush := func() error {
		if len(args) == 0 {
			return nil
		}
		var query strings.Builder
		fmt.Fprintf(&query, "INSERT INTO %s (%s) VALUES ", quoted(there.name), there.names())
		for i := range args {
			switch {
			case i == 0:
				query.WriteString("(")
			case i%width == 0:
				query.WriteString("), (")
			default:
				query.WriteString(", ")
			}
			fmt.Fprintf(&query, "$%d", i+1)
		}
		query.WriteString(")")
		_, err := target.tx.ExecContext(ctx, target.dialect.numbered(query.String()), args...)
		args = args[:0]
		progress(there.name, copied.Rows)
		return err
	}
	err = source.rows(ctx, here, kinds, func(row []any) error {
		copied.add(row, kinds)
		if args = append(args, row...); len(args)+width > atOnce {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return copied, err
	}
	written := Copied{Table: there.name}
	if err := target.rows(ctx, there, kinds, func(row []any) error { written.add(row, kinds); return nil }); err != nil {
		return copied, fmt.Errorf("read what was written: %w", err)
	}
	if written != copied {
		return copied, fmt.Errorf("%d rows were read and %d are there, or they differ: nothing is kept of this", copied.Rows, written.Rows)
	}
	return copied, nil
}

// rows reads a whole table, in values that either kind of database takes.
func (s *side) rows(ctx context.Context, t table, kinds []kind, each func([]any) error) error {
	rows, err := s.tx.QueryContext(ctx, "SELECT "+t.names()+" FROM "+quoted(t.name))
	if err != nil {
		return err
	}
	defer rows.Close()
	into := make([]any, len(t.columns))
	for rows.Next() {
		row := make([]any, len(into))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i := range row {
			if row[i], err = kinds[i].value(row[i]); err != nil {
				return fmt.Errorf("column %s: %w", t.columns[i].name, err)
			}
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// add counts a row, and adds it to the digest.
func (c *Copied) add(row []any, kinds []kind) {
	c.Rows++
	digest := sha256.New()
	for i, v := range row {
		text := kinds[i].canonical(v)
		fmt.Fprintf(digest, "%d:%s,", len(text), text)
	}
	for i, b := range digest.Sum(nil) {
		c.Digest[i] ^= b
	}
}
