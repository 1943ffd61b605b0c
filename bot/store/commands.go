package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// commandTTL is how long a command is remembered. One that is received later counts as too old, and is not carried out.
const commandTTL = 2 * time.Hour

// CommandKey is the key of a command: a digest, because nothing else of it is kept.
func CommandKey(workspace, id string) string { return digest(workspace, adapters.UserID(id)) }

// AddCommand records that a command was received; fresh is false if it was received before. It keeps a digest of the
// ID, and neither the person nor the words, so that an anonymous message can't be traced to its author.
func (db *DB) AddCommand(ctx context.Context, workspace, id string, now time.Time) (key string, fresh bool, err error) {
	key = CommandKey(workspace, id)
	if _, err = db.exec(ctx, `DELETE FROM commands WHERE received < $1`, toMillis(now.Add(-commandTTL))); err != nil {
		return key, false, err
	}
	n, err := db.exec(ctx, `INSERT INTO commands (key, received) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, key, toMillis(now))
	if err != nil {
		return key, false, fmt.Errorf("store command: %w", err)
	}
	return key, n == 1, nil
}

// An AuditEntry is one action in the audit log.
type AuditEntry struct {
	At        time.Time
	Chat      string // "" for none
	Workspace string // of the host; "" for somebody at the command line
	Who       adapters.UserID
	Action    string
}

// AddAuditEntry adds an entry to the audit log, unless there is one with the same key.
func (db *DB) AddAuditEntry(ctx context.Context, key string, d AuditEntry) error {
	_, err := db.exec(ctx, `INSERT INTO audit (key, at, chat, workspace, who, action) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO NOTHING`,
		key, toMillis(d.At), d.Chat, d.Workspace, d.Who, d.Action)
	if err != nil {
		return fmt.Errorf("store audit entry: %w", err)
	}
	return nil
}

// AuditEntryByKey reads the entry of a command; ok is false if the command changed nothing.
func (db *DB) AuditEntryByKey(ctx context.Context, key string) (d AuditEntry, ok bool, err error) {
	return queryOne(ctx, db, scanAuditEntry, `SELECT at, chat, workspace, who, action FROM audit WHERE key = $1`, key)
}

func scanAuditEntry(row scannable) (d AuditEntry, err error) {
	var at int64
	err = row.Scan(&at, &d.Chat, &d.Workspace, &d.Who, &d.Action)
	d.At = fromMillis(at)
	return d, err
}

// AuditLog reads the audit log of a chat, latest entry first. With "" it reads the entries that concern no chat.
func (db *DB) AuditLog(ctx context.Context, chat string) ([]AuditEntry, error) {
	return queryAll(ctx, db, scanAuditEntry, `SELECT at, chat, workspace, who, action FROM audit WHERE chat = $1 ORDER BY at DESC, key DESC`, chat)
}
