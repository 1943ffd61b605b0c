package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// commandTTL is for how long it is remembered that a command was heard. Who hears one later takes it for too old.
const commandTTL = 2 * time.Hour

// CommandKey stands for a command of which nothing else is kept.
func CommandKey(workspace, id string) string { return digest(workspace, adapters.UserID(id)) }

// AddCommand notes that a command was heard; fresh is false if it had been before. The ID is kept as a digest, without
// the person or the words: nothing leads from here to somebody who wants to stay unknown.
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

// An AuditEntry is a line of the audit log.
type AuditEntry struct {
	At        time.Time
	Chat      string // "" for none
	Workspace string // of the host; "" for whoever is at the machine
	Who       adapters.UserID
	Action    string
}

// AddAuditEntry adds a line to the audit log, unless it has one of that key.
func (db *DB) AddAuditEntry(ctx context.Context, key string, d AuditEntry) error {
	_, err := db.exec(ctx, `INSERT INTO audit (key, at, chat, workspace, who, action) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO NOTHING`,
		key, toMillis(d.At), d.Chat, d.Workspace, d.Who, d.Action)
	if err != nil {
		return fmt.Errorf("store audit: %w", err)
	}
	return nil
}

// AuditLog reads the audit log of a chat, the latest line first, or with "" what concerns no chat.
func (db *DB) AuditLog(ctx context.Context, chat string) ([]AuditEntry, error) {
	return queryAll(ctx, db, func(row scannable) (d AuditEntry, err error) {
		var at int64
		err = row.Scan(&at, &d.Chat, &d.Workspace, &d.Who, &d.Action)
		d.At = fromMillis(at)
		return d, err
	}, `SELECT at, chat, workspace, who, action FROM audit WHERE chat = $1 ORDER BY at DESC, key DESC`, chat)
}
