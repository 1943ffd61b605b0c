package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/ukmedlibs/catchword/adapters"
)

const (
	// minPostgresVersion is the first major version with idle_session_timeout, which leases need.
	minPostgresVersion = 14
	// writeLockID is the advisory lock of the transaction that writes, and upgradeLockID that of a schema upgrade:
	// https://www.postgresql.org/docs/current/functions-admin.html
	writeLockID   int64 = 0x63617463_00000001
	upgradeLockID int64 = 0x63617463_00000002
)

// Among all processes, one transaction at a time writes: what it has read stays true until it commits, as in SQLite. If
// a process hangs or is cut off within one, the server ends its session before the others time out.
var postgres = dialect{
	driver: "pgx",
	begin:  []string{"BEGIN", "SELECT pg_advisory_xact_lock(" + strconv.FormatInt(writeLockID, 10) + ")"},
	commit: []string{"NOTIFY catchword", "COMMIT"},
	// It may idle between two reads, while an archive downloads files, and read slowly. Nobody waits for a transaction
	// that only reads.
	snapshot:         []string{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL idle_in_transaction_session_timeout = 0", "SET LOCAL tcp_user_timeout = 0"},
	rebind:           func(query string) string { return query },
	remote:           true,
	isConnectionLost: isConnectionLost,
	sessionPID:       sessionPID,
	schema:           bytewiseSchema{schemaFiles},
}

// isConnectionLost tells whether a new connection may help: yes if the server shuts down or the connection broke, no if
// the server refused the statement itself.
func isConnectionLost(err error) bool {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(refused.Code, "57P")
	}
	return err != nil && !errors.Is(err, context.DeadlineExceeded)
}

// sessionPID is the process ID of a connection's session on the server.
func sessionPID(conn *sql.Conn) (pid uint32) {
	_ = conn.Raw(func(driver any) error {
		pid = driver.(*stdlib.Conn).Conn().PgConn().PID()
		return nil
	})
	return pid
}

// bytewiseSchema makes PostgreSQL compare text byte by byte, as SQLite does, whatever the locale of the database. The
// order of keys must be the same everywhere.
type bytewiseSchema struct{ embed.FS }

var textColumn = regexp.MustCompile(`\bTEXT\b`)

func (b bytewiseSchema) ReadFile(name string) ([]byte, error) {
	file, err := b.FS.ReadFile(name)
	return textColumn.ReplaceAll(file, []byte(`TEXT COLLATE "C"`)), err
}

func (db *DB) openPostgres(ctx context.Context, address string) error {
	db.dialect = postgres
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return err
	}
	// https://www.postgresql.org/docs/current/runtime-config-client.html
	parameters := config.RuntimeParams
	if parameters["application_name"] == "" {
		parameters["application_name"] = "catchword"
	}
	parameters["idle_in_transaction_session_timeout"] = pgMillis(sessionTimeout)
	parameters["lock_timeout"] = "8s"
	parameters["tcp_user_timeout"] = "10s"
	if err := checkPostgres(ctx, config); err != nil {
		return withHint(config, err)
	}
	if err := upgradePostgres(ctx, config); err != nil {
		return withHint(config, err)
	}
	db.write = &connection{dialect: postgres, raw: connectPostgres(config, 1)}
	reading := config.Copy()
	reading.RuntimeParams["default_transaction_read_only"] = "on"
	db.read = &pool{dialect: postgres, raw: connectPostgres(reading, maxReaders)}
	db.connectShared = func() (*sql.DB, error) { return connectLeased(config), nil }
	db.acquireLease = func(ctx context.Context, name string, standby func()) (*leaseSession, error) {
		return acquireLease(ctx, config, name, standby)
	}
	db.leaseFree = func(ctx context.Context, name string) (bool, error) { return leaseFree(ctx, config, name) }
	db.listen = func(ctx context.Context, wake func()) { listen(ctx, config, db.write.sessionPID.Load, wake) }
	return nil
}

// pgMillis is a duration as a PostgreSQL setting.
func pgMillis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func connectPostgres(config *pgx.ConnConfig, maxConns int, options ...stdlib.OptionOpenDB) *sql.DB {
	raw := stdlib.OpenDB(*config, options...)
	raw.SetMaxOpenConns(maxConns)
	raw.SetMaxIdleConns(maxConns)
	return raw
}

// connectLeased opens the database for adapters. Their writes carry no epoch that could be checked, and an old process
// must never overwrite a device's newer keys. So a connection is refused without a valid lease, and the server ends one
// that is silent for leaseTTL, even within a transaction, before another process can take the lease.
func connectLeased(config *pgx.ConnConfig) *sql.DB {
	config = config.Copy()
	config.RuntimeParams["idle_session_timeout"] = pgMillis(leaseTTL)
	config.RuntimeParams["idle_in_transaction_session_timeout"] = pgMillis(leaseTTL)
	raw := connectPostgres(config, maxSharedConns,
		stdlib.OptionBeforeConnect(func(ctx context.Context, _ *pgx.ConnConfig) error { return adapters.CheckLease(ctx) }),
		stdlib.OptionResetSession(func(ctx context.Context, _ *pgx.Conn) error {
			if adapters.CheckLease(ctx) != nil {
				return driver.ErrBadConn // makes it connect again
			}
			return nil
		}))
	raw.SetConnMaxIdleTime(time.Second) // before the server ends it and logs that
	return raw
}

// CheckPostgres returns an error if the PostgreSQL database at an address can't be used or reached. It changes nothing.
func CheckPostgres(ctx context.Context, address string) error {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return fmt.Errorf("%s: %w", redact(address), err)
	}
	if err := checkPostgres(ctx, config); err != nil {
		return withHint(config, err)
	}
	return nil
}

func checkPostgres(ctx context.Context, config *pgx.ConnConfig) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var version int
	var encoding string
	var standby bool
	if err := conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), pg_is_in_recovery()`).
		Scan(&version, &encoding, &standby); err != nil {
		return err
	}
	switch {
	case version/10000 < minPostgresVersion:
		return fmt.Errorf("PostgreSQL %d is too old: catchword needs version %d or newer", version/10000, minPostgresVersion)
	case encoding != "UTF8":
		return fmt.Errorf("its encoding is %s: create a database with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0", encoding)
	case standby:
		return errors.New("this server is a read-only standby: use the address of the primary")
	}
	return nil
}

// upgradePostgres upgrades the schema, under a lock against other processes that do the same.
func upgradePostgres(ctx context.Context, config *pgx.ConnConfig) (err error) {
	patient := config.Copy()
	delete(patient.RuntimeParams, "lock_timeout")
	delete(patient.RuntimeParams, "idle_in_transaction_session_timeout")
	lock, err := pgx.ConnectConfig(ctx, patient)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close(ctx)) }()
	if _, err := lock.Exec(ctx, "SELECT pg_advisory_lock($1)", upgradeLockID); err != nil {
		return err
	}
	raw := connectPostgres(patient, 1)
	return errors.Join(postgres.upgrade(ctx, raw), raw.Close())
}

// withHint adds to an error from PostgreSQL what an admin can do about it. No hint contains the password.
func withHint(config *pgx.ConnConfig, err error) error {
	remedy := ""
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		// https://www.postgresql.org/docs/current/errcodes-appendix.html
		switch refused.Code {
		case "28P01", "28000":
			remedy = "check the user and the password in the address, and pg_hba.conf on the server"
		case "3D000":
			remedy = fmt.Sprintf("create it: createdb --owner %q --encoding UTF8 --template template0 %q", config.User, config.Database)
		case "42501":
			remedy = fmt.Sprintf("make the user its owner: ALTER DATABASE %q OWNER TO %q", config.Database, config.User)
		case "53300":
			remedy = "raise max_connections on the server: each process needs six, and one more for each workspace"
		case "08P01", "42704":
			remedy = "use the address of PostgreSQL itself: catchword's locks and settings don't work through a pooler"
		}
	} else if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		remedy = fmt.Sprintf("is PostgreSQL running, and reachable at %s, port %d?", config.Host, config.Port)
	}
	if remedy == "" {
		return err
	}
	return fmt.Errorf("%w (%s)", err, remedy)
}
