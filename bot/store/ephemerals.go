package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// A Whisper is something to say to one person alone.
type Ephemeral struct {
	Key        string // the same for the same whisper, for ever
	RoomRef           // an empty Room is a private conversation
	Recipient  adapters.UserID
	QuotedUser string // workspace/user of another person whose words are in it; "" for nobody
	Text       string
	Buttons    []adapters.Button
	Due        time.Time
	Expires    time.Time // when it is no longer worth saying
}

// Whisper queues a whisper. It does nothing for one that was queued before, even if it was said since.
func (db *DB) AddEphemeral(ctx context.Context, w Ephemeral) error {
	buttons := ""
	if len(w.Buttons) > 0 {
		list, err := json.Marshal(w.Buttons)
		if err != nil {
			return fmt.Errorf("store whisper %s: %w", w.Key, err)
		}
		buttons = string(list)
	}
	_, err := db.exec(ctx, `INSERT INTO ephemerals (key, workspace, room, recipient, quoted_user, text, buttons, due, expires, posted)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) ON CONFLICT (key) DO NOTHING`,
		w.Key, w.Workspace, w.Room, w.Recipient, w.QuotedUser, w.Text, buttons, toMillis(w.Due), toMillis(w.Expires))
	if err != nil {
		return fmt.Errorf("store whisper %s: %w", w.Key, err)
	}
	return nil
}

// NextEphemeral is the first whisper of a workspace that was not said; ok is false if there is none.
func (db *DB) NextEphemeral(ctx context.Context, workspace string) (w Ephemeral, ok bool, err error) {
	return queryOne(ctx, db, scanEphemeral, `SELECT `+ephemeralColumns+` FROM ephemerals WHERE workspace = $1 AND posted = 0 ORDER BY due, key LIMIT 1`, workspace)
}

// PendingEphemerals reads all whispers that were not said, in all workspaces.
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

// MarkEphemeralPosted notes that a whisper was said, or given up, and erases its words.
func (db *DB) MarkEphemeralPosted(ctx context.Context, key string, now time.Time) error {
	_, err := db.exec(ctx, `UPDATE ephemerals SET posted = $2, text = '', buttons = '', quoted_user = '' WHERE key = $1`, key, toMillis(now))
	return err
}
