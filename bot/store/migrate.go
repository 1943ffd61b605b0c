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

// A CopiedTable is a table that was copied and compared.
type CopiedTable struct {
	Table  string
	Rows   int
	Digest [sha256.Size]byte // of all rows, in whatever order: the same for the same rows in either kind of database
}

// Migrate copies every table of one store into another, of the same kind or not, the adapters' own included. The other
// one must be empty, and nobody may be running with either. Either all of it is there in the end, read again and
// compared, or nothing. prepare makes the adapters' tables, and is called for both stores if the first has any.
// progress is told how many rows of a table are copied so far, every now and then.
func Migrate(ctx context.Context, from, to *DB, prepare func(context.Context, *dbutil.Database) error, progress func(table string, rows int)) ([]CopiedTable, error) {
	for _, db := range []*DB{from, to} {
		if err := db.checkUnused(ctx); err != nil {
			return nil, err
		}
	}
	return migrate(ctx, from, to, prepare, progress)
}

// checkUnused makes sure that nobody runs with the store.
func (db *DB) checkUnused(ctx context.Context) error {
	if err := db.LockFile(ctx); err != nil {
		return err
	}
	free, err := db.LeaseFree(ctx, GlobalLease)
	if err == nil && !free {
		err = fmt.Errorf("%s: catchword is running with it: stop it first", db.name)
	}
	return err
}

func migrate(ctx context.Context, from, to *DB, prepare func(context.Context, *dbutil.Database) error, progress func(string, int)) (all []CopiedTable, err error) {
	if err := prepareTables(ctx, from, to, prepare); err != nil {
		return nil, err
	}
	source, err := from.openSource(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", from.name, err)
	}
	defer func() { err = errors.Join(err, source.close()) }()
	target, err := to.openTarget(ctx)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", to.name, err)
	}
	defer func() { err = errors.Join(err, target.close()) }()
	if err := checkCompatible(ctx, source, target); err != nil {
		return nil, fmt.Errorf("copy %s to %s: %w", from.name, to.name, err)
	}
	for _, there := range target.tables {
		i := slices.IndexFunc(source.tables, func(t table) bool { return t.name == there.name })
		if there.isVersion() || i < 0 {
			continue
		}
		here := source.tables[i]
		here.columns = alignColumns(here.columns, there.columns)
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

// prepareTables makes the adapters' tables in both stores, if the first has any, and brings them up to date.
func prepareTables(ctx context.Context, from, to *DB, prepare func(context.Context, *dbutil.Database) error) error {
	source, err := from.openSource(ctx)
	if err != nil {
		return fmt.Errorf("read %s: %w", from.name, err)
	}
	some := slices.ContainsFunc(source.tables, func(t table) bool { return t.isVersion() && t.name != "version" })
	if err := source.close(); err != nil || !some {
		return err
	}
	for _, db := range []*DB{from, to} {
		shared, err := db.OpenShared(ctx)
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
type copyTx struct {
	dialect dialect
	raw     *sql.DB
	tx      *sql.Tx
	tables  []table
}

// openSource is all that is stored at one moment.
func (db *DB) openSource(ctx context.Context) (*copyTx, error) {
	return db.beginCopy(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
}

// openTarget is for writing into a store while nobody else does.
func (db *DB) openTarget(ctx context.Context) (*copyTx, error) {
	s, err := db.beginCopy(ctx, nil)
	if err == nil && db.dialect.remote {
		if _, err = s.tx.ExecContext(ctx, db.dialect.begin[1]); err != nil {
			err = errors.Join(err, s.close())
		}
	}
	return s, err
}

func (db *DB) beginCopy(ctx context.Context, o *sql.TxOptions) (*copyTx, error) {
	raw, err := db.connectShared()
	if err != nil {
		return nil, err
	}
	s := &copyTx{dialect: db.dialect, raw: raw}
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
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *copyTx) close() error {
	var err error
	if s.tx != nil {
		if err = s.tx.Rollback(); errors.Is(err, sql.ErrTxDone) {
			err = nil
		}
	}
	return errors.Join(err, s.raw.Close())
}

// checkCompatible makes sure that all that is in one database has its place in the other, which is empty. It names
// every fault.
func checkCompatible(ctx context.Context, source, target *copyTx) error {
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
		if len(here.columns) != len(target.tables[i].columns) || alignColumns(here.columns, target.tables[i].columns) == nil {
			faults = append(faults, fmt.Errorf("the table %s has other columns there", here.name))
		}
	}
	return errors.Join(faults...)
}

func (s *copyTx) version(ctx context.Context, t table) (version int, err error) {
	err = s.tx.QueryRowContext(ctx, "SELECT version FROM "+quoted(t.name)).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return version, err
}

// alignColumns is a table's columns in the order of another's, or nil if they are not the same.
func alignColumns(here, there []column) (all []column) {
	for _, c := range there {
		i := slices.IndexFunc(here, func(h column) bool { return h.name == c.name })
		if i < 0 {
			return nil
		}
		all = append(all, here[i])
	}
	return all
}

// maxParams bounds the parameters of one statement; SQLite takes 32,766, and PostgreSQL 65,535.
const maxParams = 4000

func copyTable(ctx context.Context, source, target *copyTx, here, there table, progress func(string, int)) (CopiedTable, error) {
	kinds, err := columnTypesOf(there)
	if err != nil {
		return CopiedTable{}, err
	}
	copied := CopiedTable{Table: there.name}
	var args []any
	width := len(there.columns)
	flush := func() error {
		if len(args) == 0 {
			return nil
		}
		var query strings.Builder
		fmt.Fprintf(&query, "INSERT INTO %s (%s) VALUES ", quoted(there.name), there.columnList())
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
		_, err := target.tx.ExecContext(ctx, target.dialect.rebind(query.String()), args...)
		args = args[:0]
		progress(there.name, copied.Rows)
		return err
	}
	err = source.rows(ctx, here, kinds, func(row []any) error {
		copied.add(row, kinds)
		if args = append(args, row...); len(args)+width > maxParams {
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
	written := CopiedTable{Table: there.name}
	if err := target.rows(ctx, there, kinds, func(row []any) error { written.add(row, kinds); return nil }); err != nil {
		return copied, fmt.Errorf("read what was written: %w", err)
	}
	if written != copied {
		return copied, fmt.Errorf("%d rows were read and %d are there, or they differ: nothing is kept of this", copied.Rows, written.Rows)
	}
	return copied, nil
}

// rows reads a whole table, in values that either kind of database takes.
func (s *copyTx) rows(ctx context.Context, t table, kinds []columnType, each func([]any) error) error {
	rows, err := s.tx.QueryContext(ctx, "SELECT "+t.columnList()+" FROM "+quoted(t.name))
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
			if row[i], err = kinds[i].convert(row[i]); err != nil {
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
func (c *CopiedTable) add(row []any, kinds []columnType) {
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
