package store

import (
	"context"
	"fmt"
	"time"
)

// A Backlog is what is due in one workspace, and not said yet, or not as it should read.
type Backlog struct {
	Workspace string
	Lane      int
	Posts     int
	Oldest    time.Time // when the first of them was due
}

// Backlogs lists what waits to be said at a time, for each workspace and lane in which something does. It walks through
// the queue alone, which is short.
func (db *DB) Backlogs(ctx context.Context, now time.Time) ([]Backlog, error) {
	all, err := queryAll(ctx, db, func(row scannable) (b Backlog, err error) {
		var oldest int64
		err = row.Scan(&b.Workspace, &b.Lane, &b.Posts, &oldest)
		b.Oldest = fromMillis(oldest)
		return b, err
	}, `SELECT p.workspace, p.lane, COUNT(*), MIN(p.due) FROM posts p
		JOIN rooms r ON r.workspace = p.workspace AND r.room = p.room AND r.active
		WHERE (p.text <> p.sent_text OR (p.posted = 0 AND p.tried <> 0)) AND p.fail_reason = '' AND p.due <= $1
		GROUP BY p.workspace, p.lane ORDER BY p.workspace, p.lane`, toMillis(now))
	if err != nil {
		return nil, fmt.Errorf("read what waits to be said: %w", err)
	}
	return all, nil
}
