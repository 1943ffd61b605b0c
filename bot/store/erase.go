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

// erased stands where a copy's words were until it is taken back on its platform.
const erased = "-"

// Erase removes all words, names and accounts of somebody, and returns the chats whose archives have to be written again.
// Answers become tombstones, and copies of them are to be taken back. What a host asked because they suggested it stays,
// without their name. A digest of their ID stays, so that what they have said until now, which their platform may still
// have, is not heard again, and nothing at all if they have opted out. Scrub is called afterwards.
func (db *DB) Erase(ctx context.Context, workspace string, who adapters.UserID, now time.Time) (chats []string, answers int, err error) {
	err = db.Do(ctx, func(ctx context.Context) error {
		all, err := list(ctx, db, scanAnswer, `SELECT `+answerColumns+` FROM answers a WHERE a.workspace = $1 AND a.author = $2`, workspace, who)
		if err != nil {
			return err
		}
		if chats, err = db.Uncredit(ctx, workspace, who); err != nil {
			return err
		}
		for _, a := range all {
			if err := errors.Join(db.Reword(ctx, a.Key(), ""), db.TakeBack(ctx, a.Key(), now), db.Forget(ctx, a.Key())); err != nil {
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
			{`UPDATE posts SET text = '', author = '', name = '', picture = '', trying = CASE WHEN trying = '' THEN '' ELSE $2 END,
				sent = CASE WHEN sent = '' THEN '' ELSE $2 END WHERE author = $1 AND source <> ''`, []any{person, erased}},
			{`DELETE FROM reactions WHERE workspace = $1 AND who = $2`, []any{workspace, who}},
			{`DELETE FROM whispers WHERE workspace = $1 AND who = $2`, []any{workspace, who}},
			{`UPDATE audit SET who = '' WHERE workspace = $1 AND who = $2`, []any{workspace, who}},
			{`DELETE FROM pseudonyms WHERE workspace = $1 AND who = $2`, []any{workspace, who}},
		} {
			if _, err := db.exec(ctx, s.query, s.args...); err != nil {
				return err
			}
		}
		for _, c := range chats {
			if err := db.Touch(ctx, c); err != nil {
				return err
			}
		}
		if err := db.stayOut(ctx, workspace, who, now); err != nil {
			return err
		}
		return db.Audit(ctx, fmt.Sprintf("erased-%d", now.UnixNano()), Deed{At: now, What: "erased a person"})
	})
	if err != nil {
		return nil, 0, fmt.Errorf("erase: %w", err)
	}
	return chats, answers, nil
}

// Scrub takes what was erased off the disk as well: out of the free pages of the database, and out of its log. It rewrites
// the whole database, and waits for those who read. Of PostgreSQL, the server's own log and backups are its admin's.
func (db *DB) Scrub(ctx context.Context) error {
	w := db.write
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.hangUp(); err != nil { // its statements would be of another schema's pages
		return err
	}
	if db.dialect.remote {
		_, err := w.raw.ExecContext(ctx, `VACUUM FULL answers, posts, reactions, whispers, audit, suggestions, asked, pseudonyms, absences`)
		return err
	}
	if _, err := w.raw.ExecContext(ctx, `VACUUM`); err != nil {
		return fmt.Errorf("scrub: %w", err)
	}
	var busy, pages, moved int
	if err := w.raw.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("scrub: %w", err)
	}
	if busy != 0 {
		return errors.New("scrub: the database is being read: the words are gone from it, but stand in its log until that is written anew; run this again in a moment")
	}
	return nil
}

// Stored counts what is stored of somebody.
func (db *DB) Stored(ctx context.Context, workspace string, who adapters.UserID) (answers, other int, err error) {
	if answers, err = db.count(ctx, `SELECT COUNT(*) FROM answers WHERE workspace = $1 AND author = $2`, workspace, who); err != nil {
		return 0, 0, err
	}
	var counts []string
	for _, table := range []string{"reactions", "whispers", "audit", "suggestions", "asked", "pseudonyms"} {
		counts = append(counts, `(SELECT COUNT(*) FROM `+table+` WHERE workspace = $1 AND who = $2)`)
	}
	other, err = db.count(ctx, `SELECT `+strings.Join(counts, " + "), workspace, who)
	return answers, other, err
}
