// Package store keeps what the bot must not forget: chats, the rooms they are held in, what is to be said, and what was
// heard. The database is the queue: whatever the bot means to say is a row first, and every write can be repeated.
//
// It is a file of SQLite, or a PostgreSQL that several processes share, by the same statements. All methods may be
// called from several goroutines at once. Those called with the context that Do hands on belong to its transaction.
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

// maxReaders bounds the connections that read beside the one that writes, so that writing an archive never keeps an
// answer waiting.
const maxReaders = 4

// A DB is an open store.
type DB struct {
	name          string // its address without a password
	dialect       dialect
	write         *connection
	read          *pool
	connectShared func() (*sql.DB, error) // connects once more, for others

	// Of the two kinds of database, one is claimed as a whole, and the other is held by leases.
	lockFile       func(context.Context) (*sql.DB, error)
	fileLockMu     sync.Mutex
	fileLock       *sql.DB // holds the claim
	leasesDisabled bool
	acquireLease   func(ctx context.Context, name string, standby func()) (*leaseSession, error)
	leaseFree      func(ctx context.Context, name string) (bool, error)
	listen         func(ctx context.Context, wake func())
}

// Open opens the store at an address such as "sqlite:data/catchword.db" or
// "postgres://catchword@db.example.org/catchword", and brings an older schema up to date. A schema newer than this
// program is refused. A file of SQLite is created with its folder if need be; a database of PostgreSQL must be there,
// and be catchword's own. No error tells a password.
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

// A dialect is all in which the two databases differ once they are open.
type dialect struct {
	driver           string                    // by the name that dbutil knows it by
	begin            []string                  // begins a transaction beside which nobody else writes
	commit           []string                  // ends it
	snapshot         []string                  // begins a transaction that reads, all of it as of its first reading
	rebind           func(query string) string // has the parameters as the database writes them
	remote           bool                      // a network lies in between
	isConnectionLost func(error) bool          // tells whether an error is for the loss of a connection alone
	sessionPID       func(*sql.Conn) uint32    // nil where there is none
	schema           schemaFS
}

// queryTimeout is for how long a statement is waited for where a network lies in between.
const queryTimeout = 10 * time.Second

//go:embed schema/*.sql
var schemaFiles embed.FS

// A schemaFS is the folder of schema files as a dialect reads them.
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

// Close closes the store. What was written before is safe without it.
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
		return fmt.Errorf("it was written by a newer catchword; run that one, or restore a backup: %w", err)
	}
	return err
}

// redact keeps a password out of messages.
func redact(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil: // which may be for the sake of the password
		scheme, _, _ := strings.Cut(address, ":")
		return scheme + ":…"
	case u.Host == "":
		return address
	}
	u.RawQuery = "" // has room for passwords, too
	return u.Redacted()
}

// toMillis and instant translate times; the zero time is 0.
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
