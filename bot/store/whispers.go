package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// A Whisper is something to say to one person alone.
type Whisper struct {
	Key     string // the same for the same whisper, for ever
	Target         // an empty Room is a private conversation
	Who     adapters.UserID
	About   string // workspace/user of another person whose words are in it; "" for nobody
	Text    string
	Buttons []adapters.Button
	Due     time.Time
	Until   time.Time // when it is no longer worth saying
}

// Whisper queues a whisper. It does nothing for one that was queued before, even if it was said since.
func (db *DB) Whisper(ctx context.Context, w Whisper) error {
	buttons := ""
	if len(w.Buttons) > 0 {
		list, err := json.Marshal(w.Buttons)
		if err != nil {
			return fmt.Errorf("store whisper %s: %w", w.Key, err)
		}
		buttons = string(list)
	}
	_, err := db.exec(ctx, `INSERT INTO whispers (key, workspace, room, who, about, text, buttons, due, until, said)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) ON CONFLICT (key) DO NOTHING`,
		w.Key, w.Workspace, w.Room, w.Who, w.About, w.Text, buttons, millis(w.Due), millis(w.Until))
	if err != nil {
		return fmt.Errorf("store whisper %s: %w", w.Key, err)
	}
	return nil
}

// NextWhisper is the first whisper of a workspace that was not said; ok is false if there is none.
func (db *DB) NextWhisper(ctx context.Context, workspace string) (w Whisper, ok bool, err error) {
	return one(ctx, db, scanWhisper, `SELECT `+whisperColumns+` FROM whispers WHERE workspace = $1 AND said = 0 ORDER BY due, key LIMIT 1`, workspace)
}

// Whispers reads all whispers that were not said, in all workspaces.
func (db *DB) Whispers(ctx context.Context) ([]Whisper, error) {
	return list(ctx, db, scanWhisper, `SELECT `+whisperColumns+` FROM whispers WHERE said = 0 ORDER BY due, key`)
}

const whisperColumns = `key, workspace, room, who, about, text, buttons, due, until`

func scanWhisper(row scannable) (w Whisper, err error) {
	var due, until int64
	var buttons string
	err = row.Scan(&w.Key, &w.Workspace, &w.Room, &w.Who, &w.About, &w.Text, &buttons, &due, &until)
	w.Due, w.Until = instant(due), instant(until)
	if err == nil && buttons != "" {
		err = json.Unmarshal([]byte(buttons), &w.Buttons)
	}
	return w, err
}

// Whispered notes that a whisper was said, or given up, and erases its words.
func (db *DB) Whispered(ctx context.Context, key string, now time.Time) error {
	_, err := db.exec(ctx, `UPDATE whispers SET said = $2, text = '', buttons = '', about = '' WHERE key = $1`, key, millis(now))
	return err
}
