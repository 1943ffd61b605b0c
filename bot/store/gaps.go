package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/questions"
)

// MarkReceiving records that a room was received without a gap until now, while a chat was running.
func (db *DB) MarkReceiving(ctx context.Context, t RoomRef, now time.Time) error {
	_, err := db.exec(ctx, `UPDATE rooms SET received_until = $3 WHERE workspace = $1 AND room = $2`, t.Workspace, t.Room, toMillis(now))
	return err
}

// NoteGapStart corrects MarkReceiving for the rooms of a workspace: they were received until since only. A zero since
// has no effect.
func (db *DB) NoteGapStart(ctx context.Context, workspace string, since time.Time) error {
	if since.IsZero() {
		return nil
	}
	_, err := db.exec(ctx, `UPDATE rooms SET received_until = $2 WHERE workspace = $1 AND received_until > $2`, workspace, toMillis(since))
	return err
}

// NoteGap records that a room was not received from the last MarkReceiving until now, if there was one. filled tells
// whether the gap was backfilled from the platform's history.
func (db *DB) NoteGap(ctx context.Context, t RoomRef, now time.Time, filled bool) error {
	_, err := db.exec(ctx, `
		INSERT INTO gaps (workspace, room, since, until, filled)
		SELECT workspace, room, received_until, $3, $4 FROM rooms WHERE workspace = $1 AND room = $2 AND received_until > 0
		ON CONFLICT (workspace, room, since) DO UPDATE SET until = excluded.until, filled = excluded.filled`,
		t.Workspace, t.Room, toMillis(now), filled)
	if err != nil {
		return fmt.Errorf("store gap of %v: %w", t, err)
	}
	return nil
}

// NoteUndecrypted records a message that could not be decrypted, or that this is resolved: it was read later, or
// deleted. Once resolved, it stays so. changed is false if that was known.
func (db *DB) NoteUndecrypted(ctx context.Context, t RoomRef, message adapters.MessageID, at time.Time, resolved bool) (changed bool, err error) {
	n, err := db.exec(ctx, `
		INSERT INTO undecrypted (workspace, room, message, at, resolved) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace, room, message) DO UPDATE SET resolved = excluded.resolved WHERE excluded.resolved AND NOT undecrypted.resolved`,
		t.Workspace, t.Room, message, toMillis(at), resolved)
	if err != nil {
		return false, fmt.Errorf("store undecrypted message of %v: %w", t, err)
	}
	return n > 0, nil
}

// countUndecrypted counts the messages in a chat's rooms, between welcome and closing, that could not be decrypted.
func (db *DB) countUndecrypted(ctx context.Context, slug string) (int, error) {
	n, _, err := queryOne(ctx, db, func(row scannable) (n int, err error) {
		err = row.Scan(&n)
		return n, err
	}, `SELECT COUNT(*) FROM undecrypted u
		JOIN posts w ON w.chat = $1 AND w.lane = 0 AND w.kind = $2 AND w.workspace = u.workspace AND w.room = u.room AND w.posted > 0
		JOIN posts c ON c.chat = $1 AND c.lane = 0 AND c.kind = $3 AND c.workspace = u.workspace AND c.room = u.room
		WHERE NOT u.resolved AND u.at >= w.posted AND u.at < CASE WHEN c.posted > 0 THEN c.posted ELSE c.due END`,
		slug, questions.KindWelcome, questions.KindClosing)
	return n, err
}

// chatGaps reads the gaps of a chat's rooms between welcome and closing, or the time when the closing is due if it was
// not posted.
func (db *DB) chatGaps(ctx context.Context, slug string) ([]questions.Gap, error) {
	return queryAll(ctx, db, func(row scannable) (g questions.Gap, err error) {
		var since, until int64
		err = row.Scan(&g.Workspace, &g.Room, &since, &until, &g.Filled)
		g.From, g.To = fromMillis(since), fromMillis(until)
		return g, err
	}, `SELECT g.workspace, g.room, g.since, g.until, g.filled FROM gaps g
		JOIN posts w ON w.chat = $1 AND w.lane = 0 AND w.kind = $2 AND w.workspace = g.workspace AND w.room = g.room AND w.posted > 0
		JOIN posts c ON c.chat = $1 AND c.lane = 0 AND c.kind = $3 AND c.workspace = g.workspace AND c.room = g.room
		WHERE g.until > w.posted AND g.since < CASE WHEN c.posted > 0 THEN c.posted ELSE c.due END
		ORDER BY g.since, g.workspace, g.room`, slug, questions.KindWelcome, questions.KindClosing)
}
