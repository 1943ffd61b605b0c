package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// commandMemory is for how long it is remembered that a command was heard. Who hears one later takes it for too old.
const commandMemory = 2 * time.Hour

// CommandKey stands for a command of which nothing else is kept.
func CommandKey(workspace, id string) string { return digest(workspace, adapters.UserID(id)) }

// HeardCommand notes that a command was heard; fresh is false if it had been before. The ID is kept as a digest, without
// the person or the words: nothing leads from here to somebody who wants to stay unknown.
func (db *DB) HeardCommand(ctx context.Context, workspace, id string, now time.Time) (key string, fresh bool, err error) {
	key = CommandKey(workspace, id)
	if _, err = db.exec(ctx, `DELETE FROM commands WHERE heard < $1`, millis(now.Add(-commandMemory))); err != nil {
		return key, false, err
	}
	n, err := db.exec(ctx, `INSERT INTO commands (key, heard) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, key, millis(now))
	if err != nil {
		return key, false, fmt.Errorf("store command: %w", err)
	}
	return key, n == 1, nil
}

// A Deed is a line of the audit log.
type Deed struct {
	At        time.Time
	Chat      string // "" for none
	Workspace string // of the host; "" for whoever is at the machine
	Who       adapters.UserID
	What      string
}

// Audit adds a line to the audit log, unless it has one of that key.
func (db *DB) Audit(ctx context.Context, key string, d Deed) error {
	_, err := db.exec(ctx, `INSERT INTO audit (key, at, chat, workspace, who, what) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO NOTHING`,
		key, millis(d.At), d.Chat, d.Workspace, d.Who, d.What)
	if err != nil {
		return fmt.Errorf("store audit: %w", err)
	}
	return nil
}

// Audited reads the audit log of a chat, the latest line first, or with "" what concerns no chat.
func (db *DB) Audited(ctx context.Context, chat string) ([]Deed, error) {
	return list(ctx, db, func(row scannable) (d Deed, err error) {
		var at int64
		err = row.Scan(&at, &d.Chat, &d.Workspace, &d.Who, &d.What)
		d.At = instant(at)
		return d, err
	}, `SELECT at, chat, workspace, who, what FROM audit WHERE chat = $1 ORDER BY at DESC, key DESC`, chat)
}
