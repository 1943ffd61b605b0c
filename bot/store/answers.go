package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/questions"
)

// An Answer is one thing heard.
type Answer struct {
	RoomRef
	Message adapters.MessageID
	Thread  adapters.MessageID
	ReplyTo string // the key of the answer that it replies to; "" for none

	Chat      string // "" while it waits for a post in doubt, and for the tombstone of a message that was never heard
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

	OptedOut bool // its author keeps out of everything
	Withheld bool // its author keeps this one out
}

// Excluded tells whether an answer is neither passed on nor archived.
func (a Answer) Excluded() bool { return a.OptedOut || a.Withheld }

// PrivateRoom is where an answer was said that came in privately.
var PrivateRoom = RoomRef{Workspace: "catchword", Room: "private"}

// Key names the answer for ever.
func (a Answer) Key() string {
	return AnswerKey(a.Workspace, adapters.Ref{Room: a.Room, ID: a.Message})
}

// AnswerKey is the key of the answer that a message is, if it is one.
func AnswerKey(workspace string, ref adapters.Ref) string {
	return workspace + "/" + string(ref.Room) + "/" + string(ref.ID)
}

const answerColumns = `a.workspace, a.room, a.message, a.thread, a.reply_to, a.files, a.chat, a.step, a.section, a.matched_by, a.author, a.name, a.picture,
	a.text, a.at, a.edited, a.deleted, a.late, a.opted_out, a.withheld`

func scanAnswer(row scannable) (a Answer, err error) {
	var at, edited, gone int64
	var files string
	err = row.Scan(&a.Workspace, &a.Room, &a.Message, &a.Thread, &a.ReplyTo, &files, &a.Chat, &a.Step, &a.Section, &a.MatchedBy,
		&a.Author.ID, &a.Author.Name, &a.Author.Picture, &a.Text, &at, &edited, &gone, &a.Late, &a.OptedOut, &a.Withheld)
	a.At, a.Edited, a.Deleted = fromMillis(at), fromMillis(edited), fromMillis(gone)
	if err == nil && files != "" {
		err = json.Unmarshal([]byte(files), &a.Files)
	}
	return a, err
}

// AddAnswer stores an answer that is not stored yet. fresh is false, and nothing changed, if it is.
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

// FileAnswer says where a waiting answer belongs.
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

// UnfiledAnswers reads what a room has heard and not filed, in the order in which it was said. Of what was taken back
// meanwhile the thread is still known; without one it belongs nowhere.
func (db *DB) UnfiledAnswers(ctx context.Context, t RoomRef) ([]Answer, error) {
	return queryAll(ctx, db, scanAnswer, `SELECT `+answerColumns+` FROM answers a
		WHERE a.chat = '' AND a.workspace = $1 AND a.room = $2 AND (a.deleted = 0 OR a.thread <> '') ORDER BY a.at, a.key`, t.Workspace, t.Room)
}

// DeleteUnfiled removes a waiting message that turned out to belong to no chat.
func (db *DB) DeleteUnfiled(ctx context.Context, key string) error {
	_, err := db.exec(ctx, `DELETE FROM answers WHERE key = $1 AND chat = ''`, key)
	return err
}

// EditAnswer stores an answer's new text and files. It does nothing for an older edit than the last.
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

// TombstoneAnswer makes an answer a tombstone, with neither words nor name.
func (db *DB) TombstoneAnswer(ctx context.Context, key string, at time.Time) error {
	_, err := db.exec(ctx, `UPDATE answers SET text = '', files = '', author = '', name = '', picture = '', deleted = $2 WHERE key = $1`, key, toMillis(at))
	if err == nil {
		_, err = db.exec(ctx, `DELETE FROM reactions WHERE answer = $1`, key)
	}
	if err != nil {
		return fmt.Errorf("take back answer %s: %w", key, err)
	}
	return nil
}

// SetReaction stores one person's emoji on an answer, seen in a room, or takes it off. changed is false if it was so
// already.
func (db *DB) SetReaction(ctx context.Context, answer, emoji string, seen RoomRef, who adapters.UserID, on bool) (changed bool, err error) {
	var n int64
	if on {
		n, err = db.exec(ctx, `INSERT INTO reactions (answer, emoji, workspace, room, who) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			answer, emoji, seen.Workspace, seen.Room, who)
	} else {
		n, err = db.exec(ctx, `DELETE FROM reactions WHERE answer = $1 AND emoji = $2 AND workspace = $3 AND who = $4`,
			answer, emoji, seen.Workspace, who)
	}
	if err != nil {
		return false, fmt.Errorf("store reaction on %s: %w", answer, err)
	}
	return n > 0, nil
}

// RoomsWithReaction reads the rooms in which people have put an emoji on an answer.
func (db *DB) RoomsWithReaction(ctx context.Context, answer, emoji string) ([]RoomRef, error) {
	return queryAll(ctx, db, func(row scannable) (t RoomRef, err error) {
		err = row.Scan(&t.Workspace, &t.Room)
		return t, err
	}, `SELECT DISTINCT workspace, room FROM reactions WHERE answer = $1 AND emoji = $2`, answer, emoji)
}

// AnswersInThread reads what a room has heard in a thread, or at its top level if thread is "", since a time, and not
// taken back.
func (db *DB) AnswersInThread(ctx context.Context, t RoomRef, thread adapters.MessageID, since time.Time) ([]Answer, error) {
	return queryAll(ctx, db, scanAnswer, `SELECT `+answerColumns+` FROM answers a
		WHERE a.workspace = $1 AND a.room = $2 AND a.thread = $3 AND a.at >= $4 AND a.deleted = 0`, t.Workspace, t.Room, thread, toMillis(since))
}

// A RoomReaction is somebody who put an emoji on an answer.
type RoomReaction struct {
	Emoji string
	User  adapters.UserID
}

// RoomReactions reads who has put what on an answer where they saw it in a room.
func (db *DB) RoomReactions(ctx context.Context, answer string, seen RoomRef) ([]RoomReaction, error) {
	return queryAll(ctx, db, func(row scannable) (r RoomReaction, err error) {
		err = row.Scan(&r.Emoji, &r.User)
		return r, err
	}, `SELECT emoji, who FROM reactions WHERE answer = $1 AND workspace = $2 AND room = $3 ORDER BY emoji, who`, answer, seen.Workspace, seen.Room)
}
