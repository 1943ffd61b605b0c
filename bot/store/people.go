package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/questions"
)

// WasOptedOut tells whether what a person did at a time is excluded: they are opted out now, or were then. At an
// unknown time, the zero one, it is excluded if they were ever opted out.
func (db *DB) WasOptedOut(ctx context.Context, workspace string, who adapters.UserID, at time.Time) (bool, error) {
	_, optedOut, err := queryOne(ctx, db, scanString, `SELECT who FROM opt_outs
		WHERE workspace = $1 AND who = $2 AND (until = 0 OR CAST($3 AS BIGINT) = 0 OR since <= $3 AND until > $3) LIMIT 1`, workspace, digest(workspace, who), toMillis(at))
	return optedOut, err
}

// OptOut opts a person out from a time on. changed is false if they were opted out already, or opted in later.
func (db *DB) OptOut(ctx context.Context, workspace string, who adapters.UserID, at time.Time) (changed bool, err error) {
	n, err := db.exec(ctx, `INSERT INTO opt_outs (workspace, who, since, until) SELECT $1, $2, CAST($3 AS BIGINT), 0
		WHERE NOT EXISTS (SELECT 1 FROM opt_outs WHERE workspace = $1 AND who = $2 AND (until = 0 OR until >= CAST($3 AS BIGINT)))
		ON CONFLICT (workspace, who, since) DO NOTHING`, workspace, digest(workspace, who), toMillis(at))
	if err != nil {
		return false, fmt.Errorf("store opt-out: %w", err)
	}
	return n == 1, nil
}

// OptIn ends an opt-out that began before a time. changed is false if there is none.
func (db *DB) OptIn(ctx context.Context, workspace string, who adapters.UserID, at time.Time) (changed bool, err error) {
	n, err := db.exec(ctx, `UPDATE opt_outs SET until = $3 WHERE workspace = $1 AND who = $2 AND until = 0 AND since < $3`, workspace, digest(workspace, who), toMillis(at))
	if err != nil {
		return false, fmt.Errorf("store opt-out: %w", err)
	}
	return n == 1, nil
}

// optOutUntil excludes for good all that a person did until a time, because a platform's history may still have it.
func (db *DB) optOutUntil(ctx context.Context, workspace string, who adapters.UserID, until time.Time) error {
	person := digest(workspace, who)
	if _, err := db.exec(ctx, `DELETE FROM opt_outs WHERE workspace = $1 AND who = $2 AND until <> 0`, workspace, person); err != nil {
		return err
	}
	_, err := db.exec(ctx, `INSERT INTO opt_outs (workspace, who, since, until) VALUES ($1, $2, 0, $3) ON CONFLICT (workspace, who, since) DO NOTHING`,
		workspace, person, toMillis(until))
	return err
}

// countOptedOut counts the people of a chat's workspaces who were opted out while it ran, or whose answers were
// excluded later.
func (db *DB) countOptedOut(ctx context.Context, c questions.Chat, rooms []questions.TranscriptRoom) (int, error) {
	out := map[string]bool{}
	for _, r := range rooms {
		people, err := queryAll(ctx, db, scanString, `SELECT who FROM opt_outs
			WHERE workspace = $1 AND since > 0 AND since < $2 AND (until = 0 OR until > $3)`, r.Workspace, toMillis(c.Ends), toMillis(c.Starts))
		if err != nil {
			return 0, err
		}
		for _, p := range people {
			out[p] = true
		}
	}
	authors, err := queryAll(ctx, db, func(row scannable) (a personKey, err error) {
		err = row.Scan(&a.workspace, &a.id)
		return a, err
	}, `SELECT DISTINCT a.workspace, a.author FROM answers a WHERE a.chat = $1 AND a.deleted = 0 AND a.opted_out`, c.Slug)
	for _, a := range authors {
		out[digest(a.workspace, adapters.UserID(a.id))] = true
	}
	return len(out), err
}

// digest identifies a person of whom nothing else may be kept.
func digest(workspace string, who adapters.UserID) string {
	sum := sha256.Sum256([]byte(workspace + "\x00" + string(who)))
	return hex.EncodeToString(sum[:])
}

// A Pseudonym is a name that a person has chosen.
type Pseudonym struct {
	Name  string // "" for none
	Alias string // replaces the user ID in archives
}

// Pseudonym reads the name that a person has chosen; it is zero if there is none.
func (db *DB) Pseudonym(ctx context.Context, workspace string, who adapters.UserID) (Pseudonym, error) {
	p, _, err := queryOne(ctx, db, func(row scannable) (p Pseudonym, err error) {
		err = row.Scan(&p.Name, &p.Alias)
		return p, err
	}, `SELECT name, alias FROM pseudonyms WHERE workspace = $1 AND who = $2`, workspace, who)
	return p, err
}

// SetPseudonym stores the name that a person has chosen. changed is false if it is the same, or if they made a later
// choice.
func (db *DB) SetPseudonym(ctx context.Context, workspace string, who adapters.UserID, p Pseudonym, at time.Time) (changed bool, err error) {
	n, err := db.exec(ctx, `INSERT INTO pseudonyms (workspace, who, name, alias, chosen) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace, who) DO UPDATE SET name = excluded.name, alias = excluded.alias, chosen = excluded.chosen
			WHERE pseudonyms.chosen < excluded.chosen AND pseudonyms.name <> excluded.name`, workspace, who, p.Name, p.Alias, toMillis(at))
	if err != nil {
		return false, fmt.Errorf("store pseudonym: %w", err)
	}
	return n == 1, nil
}

// AnswersBy reads the answers of a person in all chats, without deleted ones.
func (db *DB) AnswersBy(ctx context.Context, workspace string, who adapters.UserID) ([]Answer, error) {
	return queryAll(ctx, db, scanAnswer, `SELECT `+answerColumns+` FROM answers a
		WHERE a.workspace = $1 AND a.author = $2 AND a.deleted = 0 ORDER BY a.at, a.key`, workspace, who)
}

// NamesOf reads all names that are stored for a person.
func (db *DB) NamesOf(ctx context.Context, workspace string, who adapters.UserID) ([]string, error) {
	return queryAll(ctx, db, scanString, `SELECT name FROM answers WHERE workspace = $1 AND author = $2 AND name <> ''
		UNION SELECT name FROM posts WHERE author = CAST($1 AS TEXT) || '/' || CAST($2 AS TEXT) AND name <> ''
		UNION SELECT name FROM added_questions WHERE workspace = $1 AND who = $2 AND name <> ''
		UNION SELECT name FROM suggestions WHERE workspace = $1 AND who = $2 AND name <> ''
		UNION SELECT name FROM pseudonyms WHERE workspace = $1 AND who = $2 AND name <> '' ORDER BY 1`, workspace, who)
}

// NamesExcept reads the names and pseudonyms of everybody else, in all workspaces.
func (db *DB) NamesExcept(ctx context.Context, workspace string, who adapters.UserID) ([]string, error) {
	return queryAll(ctx, db, scanString, `SELECT name FROM answers WHERE NOT (workspace = $1 AND author = $2) AND name <> ''
		UNION SELECT name FROM pseudonyms WHERE NOT (workspace = $1 AND who = $2) AND name <> ''`, workspace, who)
}

// AnswersByOthers reads the answers by everybody else.
func (db *DB) AnswersByOthers(ctx context.Context, workspace string, who adapters.UserID) ([]Answer, error) {
	return queryAll(ctx, db, scanAnswer, `SELECT `+answerColumns+` FROM answers a
		WHERE a.deleted = 0 AND NOT (a.workspace = $1 AND a.author = $2) ORDER BY a.key`, workspace, who)
}

// RedactAnswer replaces the text of an answer because it quotes somebody who was erased. If its author has edited it,
// the time of that edit moves on by a millisecond, so that backfill does not bring the old text back.
func (db *DB) RedactAnswer(ctx context.Context, key, text string) error {
	_, err := db.exec(ctx, `UPDATE answers SET text = $2, edited = CASE WHEN edited = 0 THEN 0 ELSE edited + 1 END WHERE key = $1`, key, text)
	if err != nil {
		return fmt.Errorf("redact answer %s: %w", key, err)
	}
	return nil
}

// SetOptedOut excludes an answer because its author has opted out, or includes it again.
func (db *DB) SetOptedOut(ctx context.Context, key string, optedOut bool) error {
	_, err := db.exec(ctx, `UPDATE answers SET opted_out = $2 WHERE key = $1`, key, optedOut)
	return err
}

// SetWithheld excludes one answer at its author's wish, or includes it again.
func (db *DB) SetWithheld(ctx context.Context, key string, withheld bool) error {
	_, err := db.exec(ctx, `UPDATE answers SET withheld = $2 WHERE key = $1`, key, withheld)
	return err
}

// RenameAuthor changes the name and the picture that an answer shows for its author.
func (db *DB) RenameAuthor(ctx context.Context, key, name, picture string) error {
	_, err := db.exec(ctx, `UPDATE answers SET name = $2, picture = $3 WHERE key = $1 AND deleted = 0`, key, name, picture)
	return err
}

// ReactionsBy reads all reactions of a person.
func (db *DB) ReactionsBy(ctx context.Context, workspace string, who adapters.UserID) (all []UserReaction, err error) {
	return queryAll(ctx, db, func(row scannable) (r UserReaction, err error) {
		err = row.Scan(&r.Answer, &r.Emoji, &r.SeenIn.Workspace, &r.SeenIn.Room)
		return r, err
	}, `SELECT answer, emoji, workspace, room FROM reactions WHERE workspace = $1 AND who = $2 ORDER BY answer, emoji`, workspace, who)
}

// A UserReaction is one person's emoji on an answer, and the room in which they saw it.
type UserReaction struct {
	Answer, Emoji string
	SeenIn        RoomRef
}

// EmojiOn reads the different emoji on an answer.
func (db *DB) EmojiOn(ctx context.Context, answer string) ([]string, error) {
	return queryAll(ctx, db, scanString, `SELECT DISTINCT emoji FROM reactions WHERE answer = $1 ORDER BY emoji`, answer)
}

// RemoveCredit removes a person's name from the questions that they suggested, deletes their pending suggestions, and
// returns the chats whose questions have changed.
func (db *DB) RemoveCredit(ctx context.Context, workspace string, who adapters.UserID) (chats []string, err error) {
	if chats, err = db.chatsCrediting(ctx, workspace, who); err != nil {
		return nil, err
	}
	for _, query := range []string{
		`UPDATE added_questions SET workspace = '', who = '', name = '' WHERE workspace = $1 AND who = $2`,
		`UPDATE suggestions SET workspace = '', who = '', name = '', text = '', command = '', decision = 'declined' WHERE workspace = $1 AND who = $2`,
		`UPDATE ephemerals SET text = '', buttons = '', quoted_user = '', posted = due WHERE quoted_user = $1 || '/' || $2 AND posted = 0`,
	} {
		if _, err := db.exec(ctx, query, workspace, who); err != nil {
			return nil, fmt.Errorf("remove credit: %w", err)
		}
	}
	return chats, nil
}

// RenameCredit changes the name with which a person is credited for questions, and returns the chats whose questions
// have changed.
func (db *DB) RenameCredit(ctx context.Context, workspace string, who adapters.UserID, name string) (chats []string, err error) {
	if chats, err = db.chatsCrediting(ctx, workspace, who); err != nil {
		return nil, err
	}
	for _, table := range []string{"added_questions", "suggestions"} {
		if _, err := db.exec(ctx, `UPDATE `+table+` SET name = $3 WHERE workspace = $1 AND who = $2`, workspace, who, name); err != nil {
			return nil, err
		}
	}
	return chats, nil
}

func (db *DB) chatsCrediting(ctx context.Context, workspace string, who adapters.UserID) ([]string, error) {
	return queryAll(ctx, db, scanString, `SELECT DISTINCT chat FROM added_questions WHERE workspace = $1 AND who = $2 ORDER BY chat`, workspace, who)
}

// ReissueCopies withdraws the copies of an answer for good, so that it can be relayed again under other keys. Replies
// to the old copies still count as replies to the answer.
func (db *DB) ReissueCopies(ctx context.Context, answer string) error {
	for _, query := range []string{
		`UPDATE posts SET text = '', kind = $2 WHERE source = $1 AND source <> '' AND kind = $3 AND tried <> 0`,
		`DELETE FROM posts WHERE source = $1 AND source <> '' AND kind <> $2 AND (kind <> $3 OR tried = 0)`,
	} {
		if _, err := db.exec(ctx, query, answer, KindSuperseded, KindRelay); err != nil {
			return fmt.Errorf("reissue copies of %s: %w", answer, err)
		}
	}
	return nil
}

// KindSuperseded is a copy that was withdrawn for good, because its answer is relayed again.
const KindSuperseded questions.StepKind = "superseded"

// CountSuperseded counts the superseded copies of an answer in a room.
func (db *DB) CountSuperseded(ctx context.Context, answer string, t RoomRef) (int, error) {
	return db.count(ctx, `SELECT COUNT(*) FROM posts WHERE source = $1 AND source <> '' AND workspace = $2 AND room = $3 AND kind = $4`,
		answer, t.Workspace, t.Room, KindSuperseded)
}

// A SectionCount counts the answers of one section that the archive shows.
type SectionCount struct {
	Section questions.Section
	questions.Count
}

// SectionCounts counts a chat's answers by section, in the order of a transcript.
func (db *DB) SectionCounts(ctx context.Context, chat string) ([]SectionCount, error) {
	return queryAll(ctx, db, func(row scannable) (c SectionCount, err error) {
		err = row.Scan(&c.Section, &c.Answers, &c.People)
		return c, err
	}, `SELECT section, COUNT(*), COUNT(DISTINCT workspace || '/' || author) FROM answers
		WHERE chat = $1 AND deleted = 0 AND NOT opted_out AND NOT withheld GROUP BY section_order, section ORDER BY section_order`, chat)
}
