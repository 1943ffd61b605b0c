package store

import (
	"context"
	"fmt"
	"time"
)

// A Backlog counts the posts of one workspace that are due and wait to be sent or edited.
type Backlog struct {
	Workspace string
	Lane      int
	Posts     int
	Oldest    time.Time // when the first was due
}

// Backlogs counts the posts that are due at a time, for each workspace and lane that has any. It reads the index of the
// queue only, which is short.
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
		return nil, fmt.Errorf("read backlog: %w", err)
	}
	return all, nil
}
