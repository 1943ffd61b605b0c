package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/questions"
)

// Kinds of posts beside the kinds of an agenda's steps.
const (
	Numbers  questions.StepKind = "numbers"  // what is said after the closing
	Relay    questions.StepKind = "relay"    // an answer, passed on to another room
	Reaction questions.StepKind = "reaction" // an emoji, passed on to another copy of its answer
	Repeat   questions.StepKind = "repeat"   // a question that is said again, as the step that Again names
	Line     questions.StepKind = "line"     // what a host says beside the agenda, or what becomes of the timetable
)

// Lanes of a room's queue: the chat's own steps never wait behind what is passed on.
const (
	StepLane  = 0
	RelayLane = 1
)

// A Post is one thing to say in one room.
type Post struct {
	Key    string // the same for the same post, for ever
	Chat   string
	Target        // the room
	Step   string // the agenda's step that it says, or in whose thread it belongs
	Kind   questions.StepKind
	Lane   int
	Seq    int64 // orders posts that are due at the same time

	Under  string             // the key of the post in whose thread it is said, or on which the reaction is put
	Onto   adapters.MessageID // the same for a message that is not a post
	Source string             // the key of the answer that it passes on
	Author string             // workspace/user of the source's author
	As     adapters.Persona

	Planned time.Time // when the chat file wants it
	Due     time.Time
	Until   time.Time // when it is no longer worth saying; zero for never
	Text    string    // as it should read; "" when it should not be there

	Trying  string    // the text of the first try, "" before it
	Tried   time.Time // the time of the first try
	Sent    string    // as it reads there, "" when nothing is there
	Message adapters.MessageID
	Said    time.Time // when it appeared there
	Failed  string
	Link    string // where people find it; "" for unknown

	Thread adapters.MessageID // of a post from Next: the message that Under and Onto name
}

// StepKey is the key of a chat's step in a room.
func StepKey(chat, step string, t Target) string { return chat + "/" + step + "@" + t.String() }

// RelayKey is the key of an answer's copy in a room.
func RelayKey(answer string, t Target) string { return answer + ">" + t.String() }

const postColumns = `p.key, p.chat, p.workspace, p.room, p.step, p.kind, p.lane, p.seq, p.under, p.onto, p.source, p.author,
	p.name, p.picture, p.origin, p.planned, p.due, p.until, p.text, p.trying, p.tried, p.sent, p.message, p.said, p.failed, p.link`

func scanPost(row scannable) (Post, error) { return scanPostAnd(row) }

func scanPostAnd(row scannable, more ...any) (p Post, err error) {
	var planned, due, until, tried, said int64
	err = row.Scan(append([]any{
		&p.Key, &p.Chat, &p.Workspace, &p.Room, &p.Step, &p.Kind, &p.Lane, &p.Seq, &p.Under, &p.Onto, &p.Source, &p.Author,
		&p.As.Name, &p.As.Picture, &p.As.Workspace, &planned, &due, &until, &p.Text, &p.Trying, &tried, &p.Sent, &p.Message, &said, &p.Failed, &p.Link,
	}, more...)...)
	p.Planned, p.Due, p.Until, p.Tried, p.Said = instant(planned), instant(due), instant(until), instant(tried), instant(said)
	return p, err
}

// Plan stores what is to be said, or how it is to read from now on. A post whose plan has not changed keeps the time to
// which the night has moved it; one that was said is edited by its changed text alone.
func (db *DB) Plan(ctx context.Context, p Post) error {
	_, err := db.exec(ctx, `
		INSERT INTO posts (key, chat, workspace, room, step, kind, lane, seq, under, onto, source, author,
			name, picture, origin, planned, due, until, text, trying, tried, sent, message, said, failed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, '', 0, '', '', 0, '')
		ON CONFLICT (key) DO UPDATE SET
			seq = excluded.seq, text = excluded.text,
			due = CASE WHEN posts.planned = excluded.planned THEN posts.due ELSE excluded.due END,
			until = CASE WHEN posts.planned = excluded.planned THEN posts.until ELSE excluded.until END,
			failed = CASE WHEN posts.failed = 'skipped' OR posts.planned = excluded.planned AND posts.text = excluded.text THEN posts.failed ELSE '' END,
			planned = excluded.planned`,
		p.Key, p.Chat, p.Workspace, p.Room, p.Step, p.Kind, p.Lane, p.Seq, p.Under, p.Onto, p.Source, p.Author,
		p.As.Name, p.As.Picture, p.As.Workspace, millis(p.Planned), millis(p.Due), millis(p.Until), p.Text)
	if err != nil {
		return fmt.Errorf("store post %s: %w", p.Key, err)
	}
	return nil
}

// Drop forgets a step that the chat no longer has, unless saying it has begun.
func (db *DB) Drop(ctx context.Context, key string) error {
	_, err := db.exec(ctx, `DELETE FROM posts WHERE key = $1 AND tried = 0`, key)
	if err != nil {
		return fmt.Errorf("drop post %s: %w", key, err)
	}
	return nil
}

// Next is what the room's speaker turns to: the post to say first, which may not be due yet. The queue is one condition:
// the text differs from what was sent (or nobody knows what was), the thread exists, the post has not failed, and nobody
// holds the chat. Among posts that are due, the chat's own steps come first. ok is false when there is nothing to say at
// all.
func (db *DB) Next(ctx context.Context, t Target, now time.Time) (next Post, ok bool, err error) {
	for _, lane := range []string{"0", "1"} { // in the text of the statement, for the sake of the partial indexes
		p, found, err := one(ctx, db, scanQueued, `
			SELECT `+postColumns+`, COALESCE(u.message, p.onto)
			FROM posts p LEFT JOIN posts u ON u.key = p.under
			WHERE p.workspace = $1 AND p.room = $2 AND p.lane = `+lane+`
				AND (p.text <> p.sent OR (p.said = 0 AND p.tried <> 0)) AND p.failed = ''
				AND (p.under = '' OR u.message <> '')`+held[lane]+`
			ORDER BY p.due, p.seq, p.key LIMIT 1`, t.Workspace, t.Room)
		if err != nil {
			return Post{}, false, fmt.Errorf("read queue of %v: %w", t, err)
		}
		if found && (!ok || p.Due.Before(next.Due)) {
			next, ok = p, true
		}
		if ok && !next.Due.After(now) {
			break
		}
	}
	return next, ok, nil
}

// held leaves out what a held chat would say. What was due before stays, for a room that is late, and what was begun.
var held = map[string]string{"0": `
				AND (p.tried <> 0 OR p.until <> 0 OR NOT EXISTS (
					SELECT 1 FROM chats c WHERE c.slug = p.chat AND c.held <> 0 AND c.held < p.due))`}

func scanQueued(row scannable) (Post, error) {
	var thread adapters.MessageID
	p, err := scanPostAnd(row, &thread)
	p.Thread = thread
	return p, err
}

// Untried reads the steps of a room that are due until a time and were never tried, in their order.
func (db *DB) Untried(ctx context.Context, t Target, until time.Time) ([]Post, error) {
	return list(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p
		WHERE p.workspace = $1 AND p.room = $2 AND p.lane = 0 AND p.tried = 0 AND p.said = 0 AND p.failed = '' AND p.due <= $3
		ORDER BY p.due, p.seq, p.key`, t.Workspace, t.Room, millis(until))
}

// Expire gives up the posts of a room that were not begun while they were worth saying. It returns how many.
func (db *DB) Expire(ctx context.Context, t Target, now time.Time) (int64, error) {
	// The write is rare, and would wait for the disk: a look comes first.
	_, due, err := one(ctx, db, scanKey, `
		SELECT key FROM posts WHERE workspace = $1 AND room = $2 AND lane = 0 AND failed = '' AND tried = 0 AND said = 0
			AND until <> 0 AND until <= $3 LIMIT 1`, t.Workspace, t.Room, millis(now))
	if err != nil || !due {
		return 0, err
	}
	return db.exec(ctx, `
		UPDATE posts SET failed = 'missed' WHERE workspace = $1 AND room = $2 AND lane = 0 AND failed = '' AND tried = 0 AND said = 0
			AND until <> 0 AND until <= $3`, t.Workspace, t.Room, millis(now))
}

func scanKey(row scannable) (key string, err error) {
	err = row.Scan(&key)
	return key, err
}

// Trying notes, before the first try of a post, what it is about to say: from here until Said or Untried it is in doubt.
// What is to read otherwise by now is refused, so that nobody says what was taken back meanwhile.
func (db *DB) Trying(ctx context.Context, p Post, now time.Time) error {
	n, err := db.exec(ctx, `UPDATE posts SET trying = $2, tried = $3 WHERE key = $1 AND tried = 0 AND text = $2`, p.Key, p.Text, millis(now))
	if err == nil && n == 0 {
		err = fmt.Errorf("post %s is not there to be tried: it was dropped or reworded, or somebody else has tried it", p.Key)
	}
	return err
}

// NotSaid ends the doubt about a post that was taken back, and is not there.
func (db *DB) NotSaid(ctx context.Context, p Post) error {
	_, err := db.exec(ctx, `UPDATE posts SET trying = '', tried = 0 WHERE key = $1`, p.Key)
	return err
}

// Said notes that a post is there as message, since a time, and reads as it was tried; people find it at a link, if that
// is known.
func (db *DB) Said(ctx context.Context, p Post, message adapters.MessageID, since time.Time, link string) error {
	_, err := db.exec(ctx, `UPDATE posts SET message = $2, said = $3, link = $4, sent = trying WHERE key = $1`, p.Key, message, millis(since), link)
	if err != nil {
		return fmt.Errorf("store that %s was said: %w", p.Key, err)
	}
	return nil
}

// Reads notes what a post reads by now; "" if nothing is there. What was taken back keeps neither words nor name. If the post
// is to read otherwise again, it is not noted how it reads: whoever wrote that may have been erased while it was said.
func (db *DB) Reads(ctx context.Context, p Post, sent string) error {
	_, err := db.exec(ctx, `
		UPDATE posts SET sent = CASE WHEN $2 = '' OR text = $2 OR kind = 'reaction' THEN $2 ELSE $3 END, trying = CASE WHEN $2 = '' THEN '' ELSE trying END,
			name = CASE WHEN $2 = '' THEN '' ELSE name END, picture = CASE WHEN $2 = '' THEN '' ELSE picture END
		WHERE key = $1`, p.Key, sent, Erased)
	if err != nil {
		return fmt.Errorf("store what %s reads: %w", p.Key, err)
	}
	return nil
}

// Fail takes a post out of the queue for good. What was to be said in its thread is said in the room instead.
func (db *DB) Fail(ctx context.Context, p Post, reason string) error {
	return db.Do(ctx, func(ctx context.Context) error {
		if _, err := db.exec(ctx, `UPDATE posts SET failed = $2 WHERE key = $1`, p.Key, reason); err != nil {
			return err
		}
		_, err := db.exec(ctx, `UPDATE posts SET under = '' WHERE under = $1 AND kind = $2 AND message = ''`, p.Key, Relay)
		return err
	})
}

// Defer puts a post off, so that others pass it.
func (db *DB) Defer(ctx context.Context, p Post, due time.Time) error {
	_, err := db.exec(ctx, `UPDATE posts SET due = $2 WHERE key = $1`, p.Key, millis(due))
	return err
}

// Move sets when the unsaid posts of a step are due, in all rooms.
func (db *DB) Move(ctx context.Context, chat, step string, due time.Time) error {
	_, err := db.exec(ctx, `UPDATE posts SET due = $3 WHERE chat = $1 AND step = $2 AND lane = 0 AND tried = 0`,
		chat, step, millis(due))
	return err
}

// Why a step will not be said in a room.
const (
	Missed  = "missed"  // an outage lasted too long
	Skipped = "skipped" // a host left it out
	Removed = "removed in the room"
)

// GiveUp marks the unsaid posts of a step as failed, in all rooms.
func (db *DB) GiveUp(ctx context.Context, chat, step, why string) error {
	_, err := db.exec(ctx, `
		UPDATE posts SET failed = $3 WHERE chat = $1 AND step = $2 AND lane = 0 AND tried = 0 AND failed = ''`,
		chat, step, why)
	return err
}

// TakeUp has a step that was skipped said after all, at a time.
func (db *DB) TakeUp(ctx context.Context, chat, step string, due time.Time) error {
	_, err := db.exec(ctx, `UPDATE posts SET failed = '', due = $3 WHERE chat = $1 AND step = $2 AND lane = 0 AND failed = $4`,
		chat, step, millis(due), Skipped)
	return err
}

// Steps reads the posts of a chat's own steps in all rooms, in the order in which they are due.
func (db *DB) Steps(ctx context.Context, chat string) ([]Post, error) {
	return list(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p WHERE p.chat = $1 AND p.lane = 0
		ORDER BY p.due, p.seq, p.key`, chat)
}

// Step reads the posts that say one step of a chat in the rooms that are still configured.
func (db *DB) Step(ctx context.Context, chat, step string) ([]Post, error) {
	return list(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p JOIN rooms r ON r.workspace = p.workspace AND r.room = p.room
		WHERE p.chat = $1 AND p.step = $2 AND p.lane = 0 AND r.active ORDER BY p.key`, chat, step)
}

// Post reads one post by its key.
func (db *DB) Post(ctx context.Context, key string) (p Post, ok bool, err error) {
	return one(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p WHERE p.key = $1`, key)
}

// PostAt reads the post that a message is, if it is one.
func (db *DB) PostAt(ctx context.Context, workspace string, ref adapters.Ref) (p Post, ok bool, err error) {
	return one(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p WHERE p.workspace = $1 AND p.room = $2 AND p.message = $3 AND p.message <> ''`,
		workspace, ref.Room, ref.ID)
}

// Live is the last of the chats' turning points (welcome, introductions, a question, for the first time or again, the
// closing) that had been said in a room at a time; ok is false if there was none.
func (db *DB) Live(ctx context.Context, t Target, at time.Time) (p Post, ok bool, err error) {
	return one(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p
		WHERE p.workspace = $1 AND p.room = $2 AND p.lane = 0 AND p.message <> '' AND p.said <= $3 AND p.kind IN ($4, $5, $6, $7, $8)
		ORDER BY p.said DESC, p.seq DESC LIMIT 1`,
		t.Workspace, t.Room, millis(at), questions.Welcoming, questions.Introducing, questions.Asking, Repeat, questions.Closing)
}

// SaidIn reads the steps that have been said in a room since a time, in their order.
func (db *DB) SaidIn(ctx context.Context, t Target, since time.Time) ([]Post, error) {
	return list(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p
		WHERE p.workspace = $1 AND p.room = $2 AND p.lane = 0 AND p.said >= $3 AND p.message <> '' ORDER BY p.said, p.seq`,
		t.Workspace, t.Room, millis(since))
}

// InDoubt tells whether a room has a step that may or may not have been said by then: what came in since may be an
// answer to it.
func (db *DB) InDoubt(ctx context.Context, t Target, at time.Time) (bool, error) {
	_, ok, err := one(ctx, db, scanKey, `
		SELECT key FROM posts WHERE workspace = $1 AND room = $2 AND said = 0 AND tried <> 0 AND failed = ''
			AND lane = 0 AND tried <= $3 LIMIT 1`, t.Workspace, t.Room, millis(at))
	return ok, err
}

// Copies reads the posts that pass an answer on, without those that pass on its reactions.
func (db *DB) Copies(ctx context.Context, answer string) ([]Post, error) {
	return list(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p WHERE p.source = $1 AND p.source <> '' AND p.kind = $2 ORDER BY p.key`, answer, Relay)
}

// Reword makes all copies of an answer read text. An empty text takes them back, and the reactions on them out of the queue.
func (db *DB) Reword(ctx context.Context, answer, text string) error {
	_, err := db.exec(ctx, `UPDATE posts SET text = $2, failed = '' WHERE source = $1 AND source <> '' AND kind = $3 AND failed <> $4`,
		answer, text, Relay, Removed)
	if err == nil && text == "" {
		_, err = db.exec(ctx, `UPDATE posts SET text = sent WHERE source = $1 AND source <> '' AND kind = $2`, answer, Reaction)
	}
	if err != nil {
		return fmt.Errorf("reword the copies of %s: %w", answer, err)
	}
	return nil
}

// Recent is when the n-th latest copy of an author's in a room is due; ok is false if there are fewer.
func (db *DB) Recent(ctx context.Context, t Target, author string, n int) (due time.Time, ok bool, err error) {
	ms, ok, err := one(ctx, db, func(row scannable) (ms int64, err error) {
		err = row.Scan(&ms)
		return ms, err
	}, `SELECT due FROM posts WHERE workspace = $1 AND room = $2 AND author = $3 AND lane = 1 ORDER BY due DESC LIMIT 1 OFFSET $4`,
		t.Workspace, t.Room, author, n-1)
	return instant(ms), ok, err
}

// A Turn is when a chat goes on to a step.
type Turn struct {
	Chat, Step string
	Due        time.Time
}

// turning are the conditions of a post by which a chat goes on in a room, and that is yet to come.
const turning = `p.workspace = $1 AND p.room = $2 AND p.lane = 0 AND p.said = 0 AND p.tried = 0 AND p.failed = ''
	AND p.kind IN ('welcome', 'question', 'repeat', 'closing') AND p.due > $3`

// ComingTurns reads what chats go on to in a room after a time and until another.
func (db *DB) ComingTurns(ctx context.Context, t Target, after, until time.Time) ([]Turn, error) {
	return list(ctx, db, func(row scannable) (t Turn, err error) {
		var due int64
		err = row.Scan(&t.Chat, &t.Step, &due)
		t.Due = instant(due)
		return t, err
	}, `SELECT p.chat, p.step, p.due FROM posts p WHERE `+turning+` AND p.due <= $4 ORDER BY p.due, p.seq`, t.Workspace, t.Room, millis(after), millis(until))
}

// NextTurn is when a chat goes on in a room after a time; ok is false if none does.
func (db *DB) NextTurn(ctx context.Context, t Target, after time.Time) (due time.Time, ok bool, err error) {
	ms, ok, err := one(ctx, db, func(row scannable) (ms int64, err error) {
		err = row.Scan(&ms)
		return ms, err
	}, `SELECT p.due FROM posts p WHERE `+turning+` ORDER BY p.due LIMIT 1`, t.Workspace, t.Room, millis(after))
	return instant(ms), ok, err
}
