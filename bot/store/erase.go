package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// ErasedText replaces a sent text that may quote somebody who was erased, until the post is edited or deleted on the
// platform.
const ErasedText = "-"

// Erase removes all texts, names and accounts of a person, and returns the chats whose archives have to be written
// again. Their answers become tombstones, whose copies are withdrawn. A question that they suggested stays, without
// their name. A digest of their ID stays as an opt-out, so that backfill does not bring back what they wrote until now.
// The erasure is complete when PendingErasures no longer lists it.
func (db *DB) Erase(ctx context.Context, workspace string, who adapters.UserID, now time.Time) (chats []string, answers int, err error) {
	err = db.Transact(ctx, func(ctx context.Context) error {
		all, err := queryAll(ctx, db, scanAnswer, `SELECT `+answerColumns+` FROM answers a WHERE a.workspace = $1 AND a.author = $2`, workspace, who)
		if err != nil {
			return err
		}
		if chats, err = db.RemoveCredit(ctx, workspace, who); err != nil {
			return err
		}
		for _, a := range all {
			if err := errors.Join(db.RewordCopies(ctx, a.Key(), ""), db.TombstoneAnswer(ctx, a.Key(), now), db.DeleteUnfiled(ctx, a.Key())); err != nil {
				return err
			}
			if a.Chat != "" {
				chats = append(chats, a.Chat)
			}
		}
		answers = len(all)
		slices.Sort(chats)
		chats = slices.Compact(chats)
		person := workspace + "/" + string(who)
		for _, s := range []struct {
			query string
			args  []any
		}{
			{`UPDATE posts SET text = '', author = '', name = '', picture = '' WHERE author = $1 AND source <> ''`, []any{person}},
			{`DELETE FROM reactions WHERE workspace = $1 AND who = $2`, []any{workspace, who}},
			{`DELETE FROM ephemerals WHERE workspace = $1 AND recipient = $2`, []any{workspace, who}},
			{`UPDATE audit SET who = '' WHERE workspace = $1 AND who = $2`, []any{workspace, who}},
			{`DELETE FROM pseudonyms WHERE workspace = $1 AND who = $2`, []any{workspace, who}},
			{
				`INSERT INTO erasures (workspace, who, at) VALUES ($1, $2, $3) ON CONFLICT (workspace, who) DO UPDATE SET at = excluded.at`,
				[]any{workspace, who, toMillis(now)},
			},
		} {
			if _, err := db.exec(ctx, s.query, s.args...); err != nil {
				return err
			}
		}
		for _, c := range chats {
			if err := db.MarkChanged(ctx, c); err != nil {
				return err
			}
		}
		if err := db.optOutUntil(ctx, workspace, who, now); err != nil {
			return err
		}
		return db.AddAuditEntry(ctx, fmt.Sprintf("erased-%d", now.UnixNano()), AuditEntry{At: now, Action: "erased a person"})
	})
	if err != nil {
		return nil, 0, fmt.Errorf("erase: %w", err)
	}
	return chats, answers, nil
}

// RedactSent erases the sent texts of posts in some chats that are waiting to be edited or withdrawn, because they may
// quote somebody who was erased. The posts stay in the queue.
func (db *DB) RedactSent(ctx context.Context, chats []string) error {
	for _, c := range chats {
		_, err := db.exec(ctx, `UPDATE posts SET sent_text = CASE WHEN sent_text = '' OR sent_text = text THEN sent_text ELSE $2 END,
			tried_text = CASE WHEN tried_text = '' OR tried_text = text THEN tried_text ELSE $2 END WHERE chat = $1 AND kind <> $3`, c, ErasedText, KindReaction)
		if err != nil {
			return fmt.Errorf("redact sent texts of %s: %w", c, err)
		}
	}
	return nil
}

// An Erasure is a person of whom something may still be stored.
type Erasure struct {
	Workspace string
	Who       adapters.UserID // "" if only Vacuum is left to do
	At        time.Time
}

// PendingErasures reads the erasures that are not complete.
func (db *DB) PendingErasures(ctx context.Context) ([]Erasure, error) {
	return queryAll(ctx, db, func(row scannable) (e Erasure, err error) {
		var at int64
		err = row.Scan(&e.Workspace, &e.Who, &at)
		e.At = fromMillis(at)
		return e, err
	}, `SELECT workspace, who, at FROM erasures ORDER BY at, workspace, who`)
}

// MarkAnonymised records that only Vacuum is left to do for an erasure.
func (db *DB) MarkAnonymised(ctx context.Context, e Erasure) error {
	return db.Transact(ctx, func(ctx context.Context) error {
		if _, err := db.exec(ctx, `INSERT INTO erasures (workspace, who, at) VALUES ('', '', $1) ON CONFLICT (workspace, who) DO UPDATE SET at = excluded.at`,
			toMillis(e.At)); err != nil {
			return err
		}
		_, err := db.exec(ctx, `DELETE FROM erasures WHERE workspace = $1 AND who = $2`, e.Workspace, e.Who)
		return err
	})
}

// Vacuum removes what was erased from the disk too: from the free pages of the database, including the adapters'
// tables, and from its log. It rewrites the whole database, and waits for readers. PostgreSQL's own log and backups are
// left to its admin. It completes the erasures for which nothing else was left to do.
func (db *DB) Vacuum(ctx context.Context) error {
	if err := db.vacuum(ctx); err != nil {
		return fmt.Errorf("vacuum: %w", err)
	}
	_, err := db.exec(ctx, `DELETE FROM erasures WHERE who = ''`)
	return err
}

func (db *DB) vacuum(ctx context.Context) error {
	w := db.write
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.disconnect(); err != nil { // its prepared statements would be stale
		return err
	}
	if db.dialect.remote {
		return db.vacuumTables(ctx)
	}
	if _, err := w.raw.ExecContext(ctx, `VACUUM`); err != nil {
		return err
	}
	var busy, pages, moved int
	if err := w.raw.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("the database is being read: the text is gone from the database but still in its log; run this again in a moment")
	}
	return nil
}

// vacuumTables rewrites our tables one by one, and leaves the server's own alone.
func (db *DB) vacuumTables(ctx context.Context) error {
	tx, err := db.write.raw.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	tables, err := tablesOf(ctx, tx, db.dialect)
	if err := errors.Join(err, tx.Rollback()); err != nil {
		return err
	}
	for _, t := range tables {
		if _, err := db.write.raw.ExecContext(ctx, `VACUUM FULL `+quoted(t.name)); err != nil {
			return err
		}
	}
	return nil
}

// CountStored counts the rows that are stored of a person.
func (db *DB) CountStored(ctx context.Context, workspace string, who adapters.UserID) (answers, other int, err error) {
	if answers, err = db.count(ctx, `SELECT COUNT(*) FROM answers WHERE workspace = $1 AND author = $2`, workspace, who); err != nil {
		return 0, 0, err
	}
	counts := []string{`(SELECT COUNT(*) FROM ephemerals WHERE workspace = $1 AND recipient = $2)`}
	for _, table := range []string{"reactions", "audit", "suggestions", "added_questions", "pseudonyms"} {
		counts = append(counts, `(SELECT COUNT(*) FROM `+table+` WHERE workspace = $1 AND who = $2)`)
	}
	other, err = db.count(ctx, `SELECT `+strings.Join(counts, " + "), workspace, who)
	return answers, other, err
}
