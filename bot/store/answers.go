package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/questions"
)

// An Answer is one message that was received.
type Answer struct {
	RoomRef
	Message adapters.MessageID
	Thread  adapters.MessageID
	ReplyTo string // the key of the answer that it replies to; "" for none

	Chat      string // "" while it waits for a post in doubt, and for the tombstone of a message that was never received
	Step      string // in whose thread it belongs
	Section   questions.Section
	MatchedBy questions.MatchedBy

	Author  adapters.User
	Text    string
	Files   []adapters.File
	At      time.Time
	Edited  time.Time
	Deleted time.Time
	Late    bool

	OptedOut bool // its author has opted out
	Withheld bool // its author keeps this one message out
}

// Excluded tells whether an answer is neither relayed nor archived.
func (a Answer) Excluded() bool { return a.OptedOut || a.Withheld }

// PrivateRoom stands for the room of an answer that was sent privately.
var PrivateRoom = RoomRef{Workspace: "catchword", Room: "private"}

// Key identifies the answer, and never changes.
func (a Answer) Key() string {
	return AnswerKey(a.Workspace, adapters.Ref{Room: a.Room, ID: a.Message})
}

// AnswerKey is the key that a message has if it is an answer.
func AnswerKey(workspace string, ref adapters.Ref) string {
	return workspace + "/" + string(ref.Room) + "/" + string(ref.ID)
}

const answerColumns = `a.workspace, a.room, a.message, a.thread, a.reply_to, a.files, a.chat, a.step, a.section, a.matched_by, a.author, a.name, a.picture,
	a.text, a.at, a.edited, a.deleted, a.late, a.opted_out, a.withheld`

func scanAnswer(row scannable) (a Answer, err error) {
	var at, edited, deleted int64
	var files string
	err = row.Scan(&a.Workspace, &a.Room, &a.Message, &a.Thread, &a.ReplyTo, &files, &a.Chat, &a.Step, &a.Section, &a.MatchedBy,
		&a.Author.ID, &a.Author.Name, &a.Author.Picture, &a.Text, &at, &edited, &deleted, &a.Late, &a.OptedOut, &a.Withheld)
	a.At, a.Edited, a.Deleted = fromMillis(at), fromMillis(edited), fromMillis(deleted)
	if err == nil && files != "" {
		err = json.Unmarshal([]byte(files), &a.Files)
	}
	return a, err
}

// AddAnswer stores an answer. If it is stored already, nothing changes and fresh is false.
func (db *DB) AddAnswer(ctx context.Context, a Answer) (fresh bool, err error) {
	files, err := filesJSON(a.Files)
	if err != nil {
		return false, fmt.Errorf("store answer %s: %w", a.Key(), err)
	}
	n, err := db.exec(ctx, `
		INSERT INTO answers (key, workspace, room, message, thread, reply_to, chat, step, section_order, section, matched_by, author, name, picture,
			text, files, at, edited, deleted, late)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
		ON CONFLICT (key) DO NOTHING`,
		a.Key(), a.Workspace, a.Room, a.Message, a.Thread, a.ReplyTo, a.Chat, a.Step, a.Section.Order(), a.Section, a.MatchedBy,
		a.Author.ID, a.Author.Name, a.Author.Picture, a.Text, files, toMillis(a.At), toMillis(a.Edited), toMillis(a.Deleted), a.Late)
	if err != nil {
		return false, fmt.Errorf("store answer %s: %w", a.Key(), err)
	}
	return n == 1, nil
}

func filesJSON(files []adapters.File) (string, error) {
	if len(files) == 0 {
		return "", nil
	}
	list, err := json.Marshal(files)
	return string(list), err
}

// FileAnswer puts a waiting answer into its chat and section.
func (db *DB) FileAnswer(ctx context.Context, a Answer) error {
	_, err := db.exec(ctx, `UPDATE answers SET chat = $2, step = $3, section_order = $4, section = $5, matched_by = $6, late = $7, reply_to = $8 WHERE key = $1`,
		a.Key(), a.Chat, a.Step, a.Section.Order(), a.Section, a.MatchedBy, a.Late, a.ReplyTo)
	if err != nil {
		return fmt.Errorf("file answer %s: %w", a.Key(), err)
	}
	return nil
}

// Answer reads one answer by its key.
func (db *DB) Answer(ctx context.Context, key string) (a Answer, ok bool, err error) {
	return queryOne(ctx, db, scanAnswer, `SELECT `+answerColumns+` FROM answers a WHERE a.key = $1`, key)
}

// UnfiledAnswers reads the answers of a room that wait to be filed, by time. A deleted one is among them if it was in a
// thread, which still tells where it belongs.
func (db *DB) UnfiledAnswers(ctx context.Context, t RoomRef) ([]Answer, error) {
	return queryAll(ctx, db, scanAnswer, `SELECT `+answerColumns+` FROM answers a
		WHERE a.chat = '' AND a.workspace = $1 AND a.room = $2 AND (a.deleted = 0 OR a.thread <> '') ORDER BY a.at, a.key`, t.Workspace, t.Room)
}

// DeleteUnfiled deletes a waiting message that belongs to no chat.
func (db *DB) DeleteUnfiled(ctx context.Context, key string) error {
	_, err := db.exec(ctx, `DELETE FROM answers WHERE key = $1 AND chat = ''`, key)
	return err
}

// EditAnswer gives an answer a new text and files. An edit that is older than the last one has no effect.
func (db *DB) EditAnswer(ctx context.Context, a Answer) error {
	files, err := filesJSON(a.Files)
	if err == nil {
		_, err = db.exec(ctx, `UPDATE answers SET text = $2, files = $3, edited = $4 WHERE key = $1 AND deleted = 0 AND edited <= $4`,
			a.Key(), a.Text, files, toMillis(a.Edited))
	}
	if err != nil {
		return fmt.Errorf("edit answer %s: %w", a.Key(), err)
	}
	return nil
}

// RepliesTo reads the answers of the same chat in the thread of an answer.
func (db *DB) RepliesTo(ctx context.Context, a Answer) ([]Answer, error) {
	return queryAll(ctx, db, scanAnswer, `SELECT `+answerColumns+` FROM answers a
		WHERE a.chat = $1 AND a.reply_to = $2 AND a.deleted = 0 ORDER BY a.at, a.key`, a.Chat, a.Key())
}

// AnswersWithFiles reads the answers of a workspace that have files.
func (db *DB) AnswersWithFiles(ctx context.Context, workspace string) ([]Answer, error) {
	return queryAll(ctx, db, scanAnswer, `SELECT `+answerColumns+` FROM answers a WHERE a.workspace = $1 AND a.files <> '' ORDER BY a.key`, workspace)
}

// TombstoneAnswer marks an answer as deleted, and erases its text and its author.
func (db *DB) TombstoneAnswer(ctx context.Context, key string, at time.Time) error {
	_, err := db.exec(ctx, `UPDATE answers SET text = '', files = '', author = '', name = '', picture = '', deleted = $2 WHERE key = $1`, key, toMillis(at))
	if err == nil {
		_, err = db.exec(ctx, `DELETE FROM reactions WHERE answer = $1`, key)
	}
	if err != nil {
		return fmt.Errorf("tombstone answer %s: %w", key, err)
	}
	return nil
}

// SetReaction adds or removes one person's emoji on an answer. seenIn is the room in which they saw it. changed is
// false if nothing changed.
func (db *DB) SetReaction(ctx context.Context, answer, emoji string, seenIn RoomRef, user adapters.UserID, on bool) (changed bool, err error) {
	var n int64
	if on {
		n, err = db.exec(ctx, `INSERT INTO reactions (answer, emoji, workspace, room, who) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			answer, emoji, seenIn.Workspace, seenIn.Room, user)
	} else {
		n, err = db.exec(ctx, `DELETE FROM reactions WHERE answer = $1 AND emoji = $2 AND workspace = $3 AND who = $4`,
			answer, emoji, seenIn.Workspace, user)
	}
	if err != nil {
		return false, fmt.Errorf("store reaction on %s: %w", answer, err)
	}
	return n > 0, nil
}

// RoomsWithReaction reads the rooms in which people have reacted to an answer with an emoji.
func (db *DB) RoomsWithReaction(ctx context.Context, answer, emoji string) ([]RoomRef, error) {
	return queryAll(ctx, db, func(row scannable) (t RoomRef, err error) {
		err = row.Scan(&t.Workspace, &t.Room)
		return t, err
	}, `SELECT DISTINCT workspace, room FROM reactions WHERE answer = $1 AND emoji = $2`, answer, emoji)
}

// AnswersInThread reads the answers in a thread of a room since a time, or at its top level if thread is "". It leaves
// out deleted ones.
func (db *DB) AnswersInThread(ctx context.Context, t RoomRef, thread adapters.MessageID, since time.Time) ([]Answer, error) {
	return queryAll(ctx, db, scanAnswer, `SELECT `+answerColumns+` FROM answers a
		WHERE a.workspace = $1 AND a.room = $2 AND a.thread = $3 AND a.at >= $4 AND a.deleted = 0`, t.Workspace, t.Room, thread, toMillis(since))
}

// A RoomReaction is one person's emoji on an answer.
type RoomReaction struct {
	Emoji string
	User  adapters.UserID
}

// RoomReactions reads the reactions to an answer that people added in one room.
func (db *DB) RoomReactions(ctx context.Context, answer string, seenIn RoomRef) ([]RoomReaction, error) {
	return queryAll(ctx, db, func(row scannable) (r RoomReaction, err error) {
		err = row.Scan(&r.Emoji, &r.User)
		return r, err
	}, `SELECT emoji, who FROM reactions WHERE answer = $1 AND workspace = $2 AND room = $3 ORDER BY emoji, who`, answer, seenIn.Workspace, seenIn.Room)
}
