package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	sqlitedriver "modernc.org/sqlite" // registers the driver "sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

const (
	// walCheckpointPages is how many pages of 4 KiB the write-ahead log grows to before it is copied into the database.
	// An answer with its copies touches about ten; SQLite's own default of 1,000 would copy every hundred answers.
	walCheckpointPages = 4000
	// filePermissions: participants' words are nobody else's business on this machine.
	filePermissions   = 0o600
	folderPermissions = 0o750
)

var sqlite = dialect{
	driver: "sqlite",
	begin:  []string{"BEGIN IMMEDIATE"},
	commit: []string{"COMMIT"},
	// In a write-ahead log, whoever reads in a transaction has it as it was: https://www.sqlite.org/isolation.html
	snapshot: []string{"BEGIN"},
	// ?1 for $1. No statement has a "$" in any other place.
	rebind:           func(query string) string { return strings.ReplaceAll(query, "$", "?") },
	isConnectionLost: func(error) bool { return false },
	schema:           schemaFiles,
}

func (db *DB) openSQLite(ctx context.Context, path string) error {
	db.dialect = sqlite
	if err := createFile(path); err != nil {
		return err
	}
	// FULL: what is committed is on the disk, and so may be acknowledged to a platform. Deleted words are overwritten.
	raw, err := connectSQLite(path, fmt.Sprintf("_pragma=synchronous(FULL)&_pragma=secure_delete(1)&_pragma=wal_autocheckpoint(%d)", walCheckpointPages), 1)
	if err != nil {
		return err
	}
	if err := sqlite.upgrade(ctx, raw); err != nil {
		return errors.Join(err, raw.Close())
	}
	db.write = &connection{dialect: sqlite, raw: raw}
	if raw, err = connectSQLite(path, "_pragma=query_only(1)", maxReaders); err != nil {
		return err
	}
	db.read = &pool{dialect: sqlite, raw: raw}
	db.lockFile = func(ctx context.Context) (*sql.DB, error) { return lockFile(ctx, path+".lock") }
	db.connectShared = func() (*sql.DB, error) {
		// A transaction takes the write lock at its start: two that read first and then both want to write would fail.
		return connectSQLite(path, "_pragma=synchronous(FULL)&_pragma=secure_delete(1)&_txlock=immediate", maxSharedConns)
	}
	return nil
}

func connectSQLite(path, options string, maxConns int) (*sql.DB, error) {
	raw, err := sql.Open("sqlite", fileURL(path)+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&"+options)
	if err == nil {
		raw.SetMaxOpenConns(maxConns)
		raw.SetMaxIdleConns(maxConns)
	}
	return raw, err
}

// fileURL is a path as SQLite takes it with options behind it: https://www.sqlite.org/uri.html
func fileURL(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

// isBusy tells whether somebody else has locked a file.
func isBusy(err error) bool {
	e, ok := errors.AsType[*sqlitedriver.Error](err)
	return ok && e.Code()&0xff == sqlitelib.SQLITE_BUSY
}

// createFile makes an empty database file that only its owner may read; SQLite gives its write-ahead log the same mode.
func createFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), folderPermissions); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, filePermissions)
	if err != nil {
		return err
	}
	return f.Close()
}
