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
	// walCheckpointPages is the size of the write-ahead log, in pages of 4 KiB, at which it is copied into the
	// database. An answer with its copies takes about ten, so SQLite's default of 1,000 would mean a copy every hundred
	// answers.
	walCheckpointPages = 4000
	// filePermissions keep other users of the machine from reading what participants wrote.
	filePermissions   = 0o600
	folderPermissions = 0o750
)

var sqlite = dialect{
	driver: "sqlite",
	begin:  []string{"BEGIN IMMEDIATE"},
	commit: []string{"COMMIT"},
	// With a write-ahead log, a transaction reads a snapshot: https://www.sqlite.org/isolation.html
	snapshot: []string{"BEGIN"},
	// ?1 for $1. Statements have no other "$".
	rebind:           func(query string) string { return strings.ReplaceAll(query, "$", "?") },
	isConnectionLost: func(error) bool { return false },
	schema:           schemaFiles,
}

func (db *DB) openSQLite(ctx context.Context, path string) error {
	db.dialect = sqlite
	if err := createFile(path); err != nil {
		return err
	}
	// FULL: a commit is on the disk, so the message can be acknowledged to the platform. secure_delete overwrites
	// deleted text.
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
		// A transaction takes the write lock at its start: two that read first and then write would fail.
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

// fileURL is a path as a URI, to which options can be added: https://www.sqlite.org/uri.html
func fileURL(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

// isBusy tells whether an error means that another process has locked the file.
func isBusy(err error) bool {
	e, ok := errors.AsType[*sqlitedriver.Error](err)
	return ok && e.Code()&0xff == sqlitelib.SQLITE_BUSY
}

// createFile creates an empty database file that only its owner can read. SQLite gives its write-ahead log the same
// mode.
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
