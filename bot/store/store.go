// Package store keeps what the bot must not forget: chats, the rooms they are held in, what is to be said, and what was
// heard. The database is the queue: whatever the bot means to say is a row first, and every write can be repeated.
//
// All methods may be called from several goroutines at once. Those called with the context that Do hands on belong to
// its transaction.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.mau.fi/util/dbutil"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

const (
	// readers bounds the connections that read beside the one that writes, so that writing an archive never keeps an
	// answer waiting.
	readers = 4
	// checkpoint is how many pages of 4 KiB the write-ahead log grows to before it is copied into the database. An answer
	// with its copies touches about ten; SQLite's own default of 1,000 would copy every hundred answers.
	checkpoint = 4000
	// filePermissions: participants' words are nobody else's business on this machine.
	filePermissions   = 0o600
	folderPermissions = 0o750
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// A DB is an open store.
type DB struct {
	path  string
	write *connection
	read  *pool
}

// Open opens the store at an address such as "sqlite:data/catchword.db", creating the file and its folder if need be,
// and brings an older schema up to date. A schema newer than this program is refused.
func Open(ctx context.Context, address string) (*DB, error) {
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok || path == "" {
		return nil, fmt.Errorf("open store %q: the address must be sqlite:PATH, such as sqlite:data/catchword.db", redact(address))
	}
	db := &DB{path: path}
	if err := db.open(ctx, path); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", path, explain(err)), db.Close())
	}
	return db, nil
}

func (db *DB) open(ctx context.Context, path string) error {
	if err := createFile(path); err != nil {
		return err
	}
	// FULL: what is committed is on the disk, and so may be acknowledged to a platform.
	raw, err := connect(path, fmt.Sprintf("_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(%d)", checkpoint), 1)
	if err != nil {
		return err
	}
	if err := upgrade(ctx, raw); err != nil {
		return errors.Join(err, raw.Close())
	}
	if db.write, err = newConnection(ctx, raw); err != nil {
		return errors.Join(err, raw.Close())
	}
	if raw, err = connect(path, "_pragma=query_only(1)", readers); err != nil {
		return err
	}
	db.read = &pool{raw: raw}
	return nil
}

func connect(path, options string, most int) (*sql.DB, error) {
	raw, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&"+options)
	if err == nil {
		raw.SetMaxOpenConns(most)
		raw.SetMaxIdleConns(most)
	}
	return raw, err
}

func upgrade(ctx context.Context, raw *sql.DB) error {
	d, err := dbutil.NewWithDB(raw, "sqlite")
	if err != nil {
		return err
	}
	d.UpgradeTable = dbutil.BuildUpgradeTable().WithFSPath(schemaFiles, "schema").Finish()
	return d.Upgrade(ctx)
}

// Close closes the store. What was written before is safe without it.
func (db *DB) Close() error {
	var errs []error
	if db.read != nil {
		errs = append(errs, db.read.close())
	}
	if db.write != nil {
		errs = append(errs, db.write.close())
	}
	return errors.Join(errs...)
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

func explain(err error) error {
	if errors.Is(err, dbutil.ErrUnsupportedDatabaseVersion) {
		return fmt.Errorf("it was written by a newer catchword; run that one, or restore a backup: %w", err)
	}
	return err
}

// redact keeps a password in a mistyped address out of messages.
func redact(address string) string {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return u.Redacted()
	}
	return address
}

// millis and instant translate times; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
