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

// A CopiedTable is a table that was copied and verified.
type CopiedTable struct {
	Table  string
	Rows   int
	Digest [sha256.Size]byte // of all rows in any order: the same in both kinds of database
}

// Migrate copies every table of one store into another of any kind, including the adapters' own. The other one must be
// empty, and no bot may be running on either. It reads the copy back and compares. In the end all of it is there, or
// nothing. prepare creates the adapters' tables, and is called for both stores if the first has any. progress is called
// now and then with the number of rows of a table that are copied.
func Migrate(ctx context.Context, from, to *DB, prepare func(context.Context, *dbutil.Database) error, progress func(table string, rows int)) ([]CopiedTable, error) {
	for _, db := range []*DB{from, to} {
		if err := db.checkUnused(ctx); err != nil {
			return nil, err
		}
	}
	return migrate(ctx, from, to, prepare, progress)
}

// checkUnused checks that no bot is running on the store.
func (db *DB) checkUnused(ctx context.Context) error {
	if err := db.LockFile(ctx); err != nil {
		return err
	}
	free, err := db.LeaseFree(ctx, GlobalLease)
	if err == nil && !free {
		err = fmt.Errorf("%s: catchword is using it: stop it first", db.name)
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
	for _, dst := range target.tables {
		i := slices.IndexFunc(source.tables, func(t table) bool { return t.name == dst.name })
		if dst.isVersion() || i < 0 {
			continue
		}
		src := source.tables[i]
		src.columns = alignColumns(src.columns, dst.columns)
		copied, err := copyTable(ctx, source, target, src, dst, progress)
		if err != nil {
			return nil, fmt.Errorf("copy table %s: %w", dst.name, err)
		}
		all = append(all, copied)
	}
	if err := target.tx.Commit(); err != nil {
		return nil, fmt.Errorf("copy %s to %s: %w", from.name, to.name, err)
	}
	return all, nil
}

// prepareTables creates or upgrades the adapters' tables in both stores, if the first has any.
func prepareTables(ctx context.Context, from, to *DB, prepare func(context.Context, *dbutil.Database) error) error {
	source, err := from.openSource(ctx)
	if err != nil {
		return fmt.Errorf("read %s: %w", from.name, err)
	}
	hasTables := slices.ContainsFunc(source.tables, func(t table) bool { return t.isVersion() && t.name != "version" })
	if err := source.close(); err != nil || !hasTables {
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

// A copyTx is a transaction on one of the two databases.
type copyTx struct {
	dialect dialect
	raw     *sql.DB
	tx      *sql.Tx
	tables  []table
}

// openSource begins a transaction that reads as of one moment.
func (db *DB) openSource(ctx context.Context) (*copyTx, error) {
	return db.beginCopy(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
}

// openTarget begins a transaction that excludes other writers.
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
		o = &sql.TxOptions{ReadOnly: true} // SQLite has only one isolation level, the strictest
	}
	if s.tx, err = raw.BeginTx(ctx, o); err == nil && db.dialect.remote {
		// The other database may be slow.
		for _, setting := range []string{"idle_in_transaction_session_timeout", "tcp_user_timeout"} {
			if err == nil {
				_, err = s.tx.ExecContext(ctx, "SET LOCAL "+setting+" = 0")
			}
		}
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

// checkCompatible checks that the target is empty and has every table and column of the source. It reports all problems
// at once.
func checkCompatible(ctx context.Context, source, target *copyTx) error {
	var faults []error
	for _, dst := range target.tables {
		if dst.isVersion() {
			continue
		}
		var hasRows bool
		if err := target.tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+quoted(dst.name)+")").Scan(&hasRows); err != nil {
			return err
		}
		if hasRows {
			faults = append(faults, fmt.Errorf("table %s is not empty there: nothing is overwritten", dst.name))
		}
	}
	for _, src := range source.tables {
		i := slices.IndexFunc(target.tables, func(t table) bool { return t.name == src.name })
		if i < 0 {
			faults = append(faults, fmt.Errorf("table %s is unknown there: use the catchword that wrote it, or a newer one", src.name))
			continue
		}
		if src.isVersion() {
			a, errA := source.version(ctx, src)
			b, errB := target.version(ctx, src)
			if err := errors.Join(errA, errB); err != nil {
				return err
			}
			if a != b {
				faults = append(faults, fmt.Errorf("the schema version in %s is %d here and %d there: run catchword once with the older database", src.name, a, b))
			}
			continue
		}
		if len(src.columns) != len(target.tables[i].columns) || alignColumns(src.columns, target.tables[i].columns) == nil {
			faults = append(faults, fmt.Errorf("table %s has different columns there", src.name))
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

// alignColumns sorts a table's columns in the order of another's; it is nil if they differ.
func alignColumns(src, dst []column) (all []column) {
	for _, c := range dst {
		i := slices.IndexFunc(src, func(h column) bool { return h.name == c.name })
		if i < 0 {
			return nil
		}
		all = append(all, src[i])
	}
	return all
}

// maxParams limits the parameters of one statement; SQLite allows 32,766, and PostgreSQL 65,535.
const maxParams = 4000

func copyTable(ctx context.Context, source, target *copyTx, src, dst table, progress func(string, int)) (CopiedTable, error) {
	kinds, err := columnTypesOf(dst)
	if err != nil {
		return CopiedTable{}, err
	}
	copied := CopiedTable{Table: dst.name}
	var args []any
	width := len(dst.columns)
	flush := func() error {
		if len(args) == 0 {
			return nil
		}
		var query strings.Builder
		fmt.Fprintf(&query, "INSERT INTO %s (%s) VALUES ", quoted(dst.name), dst.columnList())
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
		progress(dst.name, copied.Rows)
		return err
	}
	err = source.rows(ctx, src, kinds, func(row []any) error {
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
	written := CopiedTable{Table: dst.name}
	if err := target.rows(ctx, dst, kinds, func(row []any) error { written.add(row, kinds); return nil }); err != nil {
		return copied, fmt.Errorf("read the copy: %w", err)
	}
	if written != copied {
		return copied, fmt.Errorf("read %d rows and wrote %d, or their contents differ; the copy was undone", copied.Rows, written.Rows)
	}
	return copied, nil
}

// rows reads a whole table, as values that both kinds of database accept.
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

// add counts a row and adds it to the digest.
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
