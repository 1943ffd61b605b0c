// Package store keeps chats, rooms, posts and answers in a database. The posts are a transactional outbox: each is a
// row before it is sent, and every write can be repeated.
//
// The database is a SQLite file, or a PostgreSQL database that several processes share, with the same statements. All
// methods may be called from several goroutines at once. With the context that Transact passes on, they are part of its
// transaction.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"sync"
	"time"

	"go.mau.fi/util/dbutil"
)

// maxReaders limits the connections for reading. There are several, and another one for writing, so that an answer
// never waits until an archive is written.
const maxReaders = 4

// A DB is an open store.
type DB struct {
	name          string // the address without a password
	dialect       dialect
	write         *connection
	read          *pool
	connectShared func() (*sql.DB, error) // opens another handle, for adapters and copies

	// A SQLite file is locked as a whole; a PostgreSQL database has leases.
	lockFile       func(context.Context) (*sql.DB, error)
	fileLockMu     sync.Mutex
	fileLock       *sql.DB // holds the lock
	leasesDisabled bool
	acquireLease   func(ctx context.Context, name string, standby func()) (*leaseSession, error)
	leaseFree      func(ctx context.Context, name string) (bool, error)
	listen         func(ctx context.Context, wake func())
}

// Open opens the store at an address such as "sqlite:data/catchword.db" or
// "postgres://catchword@db.example.org/catchword", and upgrades an older schema. It refuses a schema that is newer than
// this program. A SQLite file and its folder are created if needed; a PostgreSQL database must exist and be used for
// catchword only. No error contains the password.
func Open(ctx context.Context, address string) (*DB, error) {
	db := &DB{name: redact(address)}
	err := func() error {
		if path, ok := strings.CutPrefix(address, "sqlite:"); ok && path != "" {
			db.name = path
			return db.openSQLite(ctx, path)
		}
		if scheme, _, _ := strings.Cut(address, "://"); scheme == "postgres" || scheme == "postgresql" {
			return db.openPostgres(ctx, address)
		}
		return errors.New("the address must be sqlite:PATH, such as sqlite:data/catchword.db, or postgres://USER:PASSWORD@HOST/DATABASE")
	}()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", db.name, withUpgradeHint(err)), db.Close())
	}
	return db, nil
}

// A dialect is how the two kinds of database differ once they are open.
type dialect struct {
	driver           string                    // its name in dbutil
	begin            []string                  // begins a transaction that excludes other writers
	commit           []string                  // commits it
	snapshot         []string                  // begins a transaction that reads as of one moment
	rebind           func(query string) string // writes parameters as the database expects them
	remote           bool                      // reached over a network
	isConnectionLost func(error) bool          // tells whether a new connection may help
	sessionPID       func(*sql.Conn) uint32    // nil where there is none
	schema           schemaFS
}

// queryTimeout limits a statement on a remote database.
const queryTimeout = 10 * time.Second

//go:embed schema/*.sql
var schemaFiles embed.FS

// A schemaFS reads the schema files for a dialect.
type schemaFS interface {
	fs.ReadFileFS
	fs.ReadDirFS
}

func (d dialect) upgrade(ctx context.Context, raw *sql.DB) error {
	db, err := dbutil.NewWithDB(raw, d.driver)
	if err != nil {
		return err
	}
	db.UpgradeTable = dbutil.BuildUpgradeTable().WithFSPath(d.schema, "schema").Finish()
	return db.Upgrade(ctx)
}

// Close closes the store. Everything written is safe without it.
func (db *DB) Close() error {
	var errs []error
	if db.read != nil {
		errs = append(errs, db.read.close())
	}
	if db.write != nil {
		errs = append(errs, db.write.close())
	}
	if db.fileLock != nil {
		errs = append(errs, db.fileLock.Close())
	}
	return errors.Join(errs...)
}

func withUpgradeHint(err error) error {
	if errors.Is(err, dbutil.ErrUnsupportedDatabaseVersion) {
		return fmt.Errorf("a newer catchword wrote it: run that version, or restore a backup: %w", err)
	}
	return err
}

// redact is an address without its password.
func redact(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil: // perhaps because of what is in the password
		scheme, _, _ := strings.Cut(address, ":")
		return scheme + ":…"
	case u.Host == "":
		return address
	}
	u.RawQuery = "" // may contain a password too
	return u.Redacted()
}

// toMillis is a time as the database stores it; the zero time is 0.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
