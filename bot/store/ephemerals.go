package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// An Ephemeral is a message that one person alone sees.
type Ephemeral struct {
	Key        string // identifies the message, and never changes
	RoomRef           // an empty Room means a direct message
	Recipient  adapters.UserID
	QuotedUser string // workspace/user of another person whom it quotes; "" for nobody
	Text       string
	Buttons    []adapters.Button
	Due        time.Time
	Expires    time.Time // when it is too late to post it
}

// AddEphemeral queues a message. If it was queued before, it does nothing, even if the message was posted since.
func (db *DB) AddEphemeral(ctx context.Context, w Ephemeral) error {
	buttons := ""
	if len(w.Buttons) > 0 {
		list, err := json.Marshal(w.Buttons)
		if err != nil {
			return fmt.Errorf("store ephemeral %s: %w", w.Key, err)
		}
		buttons = string(list)
	}
	_, err := db.exec(ctx, `INSERT INTO ephemerals (key, workspace, room, recipient, quoted_user, text, buttons, due, expires, posted)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) ON CONFLICT (key) DO NOTHING`,
		w.Key, w.Workspace, w.Room, w.Recipient, w.QuotedUser, w.Text, buttons, toMillis(w.Due), toMillis(w.Expires))
	if err != nil {
		return fmt.Errorf("store ephemeral %s: %w", w.Key, err)
	}
	return nil
}

// NextEphemeral is the first pending message of a workspace; ok is false if there is none.
func (db *DB) NextEphemeral(ctx context.Context, workspace string) (w Ephemeral, ok bool, err error) {
	return queryOne(ctx, db, scanEphemeral, `SELECT `+ephemeralColumns+` FROM ephemerals WHERE workspace = $1 AND posted = 0 ORDER BY due, key LIMIT 1`, workspace)
}

// PendingEphemerals reads the pending messages of all workspaces.
func (db *DB) PendingEphemerals(ctx context.Context) ([]Ephemeral, error) {
	return queryAll(ctx, db, scanEphemeral, `SELECT `+ephemeralColumns+` FROM ephemerals WHERE posted = 0 ORDER BY due, key`)
}

const ephemeralColumns = `key, workspace, room, recipient, quoted_user, text, buttons, due, expires`

func scanEphemeral(row scannable) (w Ephemeral, err error) {
	var due, until int64
	var buttons string
	err = row.Scan(&w.Key, &w.Workspace, &w.Room, &w.Recipient, &w.QuotedUser, &w.Text, &buttons, &due, &until)
	w.Due, w.Expires = fromMillis(due), fromMillis(until)
	if err == nil && buttons != "" {
		err = json.Unmarshal([]byte(buttons), &w.Buttons)
	}
	return w, err
}

// MarkEphemeralPosted records that a message was posted, or given up, and erases its text.
func (db *DB) MarkEphemeralPosted(ctx context.Context, key string, now time.Time) error {
	_, err := db.exec(ctx, `UPDATE ephemerals SET posted = $2, text = '', buttons = '', quoted_user = '' WHERE key = $1`, key, toMillis(now))
	return err
}
