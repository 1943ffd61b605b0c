//go:build linux

package storetest

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// Find returns where words are in a database, in upper or lower case: the table and column, and for SQLite also the
// file, free pages and log included. The database may be in use.
func Find(t testing.TB, address string, words ...string) (found []string) {
	t.Helper()
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		rows, err := dumpPostgres(address)
		if err != nil {
			t.Fatal(err)
		}
		return findIn(rows, words)
	}
	// The files come first: closing the last connection cleans them up.
	files := map[string][]byte{}
	for _, suffix := range []string{"", "-wal", "-journal"} {
		content, err := os.ReadFile(path + suffix)
		if err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
			t.Fatal(err)
		}
		files["database"+suffix] = content
	}
	rows, err := dumpSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	return append(findIn(files, words), findIn(rows, words)...)
}

// FindInFolder returns the files below a folder that contain words, in upper or lower case; for a zip, the files in it.
func FindInFolder(t testing.TB, folder string, words ...string) (found []string) {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			files[path] = []byte(d.Name())
			return err
		}
		content, err := os.ReadFile(path)
		files[path] = append([]byte(path+"\n"), content...)
		if err != nil || !strings.HasSuffix(path, ".zip") {
			return err
		}
		packed, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return err
		}
		for _, f := range packed.File {
			r, err := f.Open()
			if err != nil {
				return err
			}
			content, err := io.ReadAll(r)
			if err := errors.Join(err, r.Close()); err != nil {
				return err
			}
			files[path+"/"+f.Name] = append([]byte(f.Name+"\n"), content...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return findIn(files, words)
}

func findIn(places map[string][]byte, words []string) (found []string) {
	for place, content := range places {
		lower := bytes.ToLower(content)
		for _, word := range words {
			word = strings.ToLower(word)
			at := bytes.Index(lower, []byte(word))
			if at < 0 {
				at = bytes.Index(lower, []byte(hex.EncodeToString([]byte(word)))) // PostgreSQL shows bytes so
			}
			if at >= 0 {
				found = append(found, fmt.Sprintf("%q in %s: %q", word, place, content[max(0, at-80):min(len(content), at+80)]))
			}
		}
	}
	return found
}

func dumpSQLite(path string) (rows map[string][]byte, err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var tables []string
	if err := forEachRow(db, `SELECT name FROM sqlite_master WHERE type = 'table'`, func(row []any) { tables = append(tables, fmt.Sprint(row[0])) }); err != nil {
		return nil, err
	}
	rows = map[string][]byte{}
	for _, table := range tables {
		n := 0
		if err := forEachRow(db, `SELECT * FROM "`+table+`"`, func(row []any) {
			n++
			var content bytes.Buffer
			for _, column := range row {
				if raw, ok := column.([]byte); ok {
					column = string(raw)
				}
				fmt.Fprintln(&content, column)
			}
			rows[fmt.Sprintf("row %d of table %s", n, table)] = content.Bytes()
		}); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func forEachRow(db *sql.DB, query string, do func([]any)) error {
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		row, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			targets[i] = &row[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		do(row)
	}
	return rows.Err()
}

func dumpPostgres(address string) (map[string][]byte, error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	tables, err := queryStrings(ctx, conn, `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables
		WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`)
	if err != nil {
		return nil, err
	}
	rows := map[string][]byte{}
	for _, table := range tables {
		all, err := queryStrings(ctx, conn, `SELECT t::text FROM `+table+` t`)
		if err != nil {
			return nil, err
		}
		for i, row := range all {
			rows[fmt.Sprintf("row %d of table %s", i+1, table)] = []byte(row)
		}
	}
	return rows, nil
}

func queryStrings(ctx context.Context, conn *pgx.Conn, query string) ([]string, error) {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
