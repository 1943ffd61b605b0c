package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A table is any table of the database, also an adapter's.
type table struct {
	name       string
	columns    []column
	references []string // the tables that its foreign keys refer to
}

// A column is a column of a table.
type column struct {
	name     string
	typeName string // as in the schema, in lower case
}

func (t table) columnList() string {
	var names []string
	for _, c := range t.columns {
		names = append(names, quoted(c.name))
	}
	return strings.Join(names, ", ")
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// isVersion tells whether a table stores the schema version of others. It has one row, and exists before they do.
func (t table) isVersion() bool { return t.name == "version" || strings.HasSuffix(t.name, "_version") }

// catalogQueries list the columns and the foreign keys of all tables, for each kind of database. The table of leases
// belongs to a running server, and is not copied.
var catalogQueries = map[string]struct{ columns, references string }{
	sqlite.driver: {
		`SELECT t.name, c.name, lower(c.type) FROM sqlite_master t JOIN pragma_table_info(t.name) c
			WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY t.name, c.cid`,
		`SELECT DISTINCT t.name, r."table" FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) r WHERE t.type = 'table'`,
	},
	postgres.driver: {
		`SELECT t.relname::text, c.attname::text, format_type(c.atttypid, NULL) FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid
			WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND c.attnum > 0 AND NOT c.attisdropped
				AND t.relname <> 'leases' ORDER BY t.relname::text COLLATE "C", c.attnum`,
		`SELECT DISTINCT t.relname::text, r.relname::text FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid
			WHERE f.contype = 'f' AND t.relnamespace = current_schema()::regnamespace`,
	},
}

// tablesOf lists the tables of a database, each after the tables that it refers to.
func tablesOf(ctx context.Context, tx *sql.Tx, d dialect) ([]table, error) {
	all := map[string]*table{}
	err := queryRows(ctx, tx, catalogQueries[d.driver].columns, 3, func(row []string) {
		t := all[row[0]]
		if t == nil {
			t = &table{name: row[0]}
			all[row[0]] = t
		}
		t.columns = append(t.columns, column{row[1], row[2]})
	})
	if err != nil {
		return nil, err
	}
	if err := queryRows(ctx, tx, catalogQueries[d.driver].references, 2, func(row []string) {
		if t := all[row[0]]; t != nil && row[0] != row[1] {
			t.references = append(t.references, row[1])
		}
	}); err != nil {
		return nil, err
	}
	var sorted []table
	for placed := map[string]bool{}; len(all) > 0; {
		before := len(all)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if !slices.ContainsFunc(all[name].references, func(r string) bool { return !placed[r] }) {
				sorted, placed[name] = append(sorted, *all[name]), true
				delete(all, name)
			}
		}
		if len(all) == before {
			return nil, fmt.Errorf("tables refer to each other in a circle: %v", slices.Sorted(maps.Keys(all)))
		}
	}
	return sorted, nil
}

func queryRows(ctx context.Context, tx *sql.Tx, query string, n int, each func([]string)) (err error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row, into := make([]string, n), make([]any, n)
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		each(row)
	}
	return rows.Err()
}
