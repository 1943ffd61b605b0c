package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/questions"
)

// Kinds of posts, as well as those of the agenda's steps.
const (
	KindNumbers  questions.StepKind = "numbers"  // statistics, posted after the closing
	KindRelay    questions.StepKind = "relay"    // an answer, relayed to another room
	KindReaction questions.StepKind = "reaction" // an emoji, relayed to another copy of its answer
	KindRepeat   questions.StepKind = "repeat"   // a question that is posted again, as a step of its own: "q3.2"
	KindNotice   questions.StepKind = "notice"   // a host's own words, or a change of the timetable
)

// Lanes of a room's queue: the chat's own steps never wait behind relayed answers.
const (
	StepLane  = 0
	RelayLane = 1
)

// A Post is one message to post in one room.
type Post struct {
	Key     string // identifies the post, and never changes
	Chat    string
	RoomRef        // the room
	Step    string // the agenda's step that it posts, or in whose thread it belongs
	Kind    questions.StepKind
	Lane    int
	Seq     int64 // orders posts that are due at the same time

	ParentKey     string             // the key of the post in whose thread it goes, or that the reaction is on
	ParentMessage adapters.MessageID // the same for a message that is not a post
	Source        string             // the key of the answer that it relays
	Author        string             // workspace/user of the source's author
	Persona       adapters.Persona

	Planned time.Time // when the chat file wants it
	Due     time.Time
	Expires time.Time // when it is too late to post it; zero for never
	Text    string    // the text it should have; "" if it should not be there

	TriedText  string    // the text of the first attempt; "" before it
	Tried      time.Time // the time of the first attempt
	SentText   string    // the text on the platform; "" if nothing is there
	Message    adapters.MessageID
	Posted     time.Time // when it appeared there
	FailReason string
	Link       string // its address; "" for unknown

	Thread adapters.MessageID // of a post from NextPost: the message that ParentKey or ParentMessage names
}

// StepKey is the key of a chat's step in a room.
func StepKey(chat, step string, t RoomRef) string { return chat + "/" + step + "@" + t.String() }

// RelayKey is the key of an answer's copy in a room.
func RelayKey(answer string, t RoomRef) string { return answer + ">" + t.String() }

const postColumns = `p.key, p.chat, p.workspace, p.room, p.step, p.kind, p.lane, p.seq, p.parent_key, p.parent_message, p.source, p.author,
	p.name, p.picture, p.origin, p.planned, p.due, p.expires, p.text, p.tried_text, p.tried, p.sent_text, p.message, p.posted, p.fail_reason, p.link`

func scanPost(row scannable) (Post, error) { return scanPostWith(row) }

func scanPostWith(row scannable, more ...any) (p Post, err error) {
	var planned, due, until, tried, said int64
	err = row.Scan(append([]any{
		&p.Key, &p.Chat, &p.Workspace, &p.Room, &p.Step, &p.Kind, &p.Lane, &p.Seq, &p.ParentKey, &p.ParentMessage, &p.Source, &p.Author,
		&p.Persona.Name, &p.Persona.Picture, &p.Persona.Workspace, &planned, &due, &until, &p.Text, &p.TriedText, &tried, &p.SentText, &p.Message, &said, &p.FailReason, &p.Link,
	}, more...)...)
	p.Planned, p.Due, p.Expires, p.Tried, p.Posted = fromMillis(planned), fromMillis(due), fromMillis(until), fromMillis(tried), fromMillis(said)
	return p, err
}

// PlanPost stores a post, or a new text for it. If its planned time is the same as before, it keeps the time that it
// was moved to. If it was posted already, only a changed text has an effect: the post is edited.
func (db *DB) PlanPost(ctx context.Context, p Post) error {
	_, err := db.exec(ctx, `
		INSERT INTO posts (key, chat, workspace, room, step, kind, lane, seq, parent_key, parent_message, source, author,
			name, picture, origin, planned, due, expires, text, tried_text, tried, sent_text, message, posted, fail_reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, '', 0, '', '', 0, '')
		ON CONFLICT (key) DO UPDATE SET
			seq = excluded.seq, text = excluded.text,
			due = CASE WHEN posts.planned = excluded.planned THEN posts.due ELSE excluded.due END,
			expires = CASE WHEN posts.planned = excluded.planned THEN posts.expires ELSE excluded.expires END,
			fail_reason = CASE WHEN posts.fail_reason = 'skipped' OR posts.planned = excluded.planned AND posts.text = excluded.text THEN posts.fail_reason ELSE '' END,
			planned = excluded.planned`,
		p.Key, p.Chat, p.Workspace, p.Room, p.Step, p.Kind, p.Lane, p.Seq, p.ParentKey, p.ParentMessage, p.Source, p.Author,
		p.Persona.Name, p.Persona.Picture, p.Persona.Workspace, toMillis(p.Planned), toMillis(p.Due), toMillis(p.Expires), p.Text)
	if err != nil {
		return fmt.Errorf("store post %s: %w", p.Key, err)
	}
	return nil
}

// DropPost deletes a step that the chat no longer has, unless an attempt to post it has begun.
func (db *DB) DropPost(ctx context.Context, key string) error {
	_, err := db.exec(ctx, `DELETE FROM posts WHERE key = $1 AND tried = 0`, key)
	if err != nil {
		return fmt.Errorf("drop post %s: %w", key, err)
	}
	return nil
}

// NextPost is the post that the room's sender has to send or edit first. It may not be due yet. A post is in the queue
// if its text differs from the text that was sent (or it is unknown what was sent), its thread exists, it has not
// failed, and its chat is not paused. Among the posts that are due, the chat's own steps come first. ok is false if the
// queue is empty.
func (db *DB) NextPost(ctx context.Context, t RoomRef, now time.Time) (next Post, ok bool, err error) {
	for _, lane := range []string{"0", "1"} { // part of the statement, because of the partial indexes
		p, found, err := queryOne(ctx, db, scanQueued, `
			SELECT `+postColumns+`, COALESCE(u.message, p.parent_message)
			FROM posts p LEFT JOIN posts u ON u.key = p.parent_key
			WHERE p.workspace = $1 AND p.room = $2 AND p.lane = `+lane+`
				AND (p.text <> p.sent_text OR (p.posted = 0 AND p.tried <> 0)) AND p.fail_reason = ''
				AND (p.parent_key = '' OR u.message <> '')`+unlessPaused[lane]+`
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

// unlessPaused leaves out the steps of a paused chat. It keeps those that were due before the pause, for a room that is
// late, and those that were tried already.
var unlessPaused = map[string]string{"0": `
				AND (p.tried <> 0 OR p.expires <> 0 OR NOT EXISTS (
					SELECT 1 FROM chats c WHERE c.slug = p.chat AND c.paused_since <> 0 AND c.paused_since < p.due))`}

func scanQueued(row scannable) (Post, error) {
	var thread adapters.MessageID
	p, err := scanPostWith(row, &thread)
	p.Thread = thread
	return p, err
}

// UntriedPosts reads the steps of a room that are due by a time and were never tried, in order.
func (db *DB) UntriedPosts(ctx context.Context, t RoomRef, until time.Time) ([]Post, error) {
	return queryAll(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p
		WHERE p.workspace = $1 AND p.room = $2 AND p.lane = 0 AND p.tried = 0 AND p.posted = 0 AND p.fail_reason = '' AND p.due <= $3
		ORDER BY p.due, p.seq, p.key`, t.Workspace, t.Room, toMillis(until))
}

// ExpirePosts gives up the posts of a room that have expired before an attempt to post them. It returns how many.
func (db *DB) ExpirePosts(ctx context.Context, t RoomRef, now time.Time) (int64, error) {
	// The write is rarely needed and waits for the disk, so read first.
	_, due, err := queryOne(ctx, db, scanString, `
		SELECT key FROM posts WHERE workspace = $1 AND room = $2 AND lane = 0 AND fail_reason = '' AND tried = 0 AND posted = 0
			AND expires <> 0 AND expires <= $3 LIMIT 1`, t.Workspace, t.Room, toMillis(now))
	if err != nil || !due {
		return 0, err
	}
	return db.exec(ctx, `
		UPDATE posts SET fail_reason = 'missed' WHERE workspace = $1 AND room = $2 AND lane = 0 AND fail_reason = '' AND tried = 0 AND posted = 0
			AND expires <> 0 AND expires <= $3`, t.Workspace, t.Room, toMillis(now))
}

func scanString(row scannable) (key string, err error) {
	err = row.Scan(&key)
	return key, err
}

// MarkTrying records that a post is about to be sent: until MarkPosted or MarkNotPosted it is in doubt. It fails if the
// text has changed meanwhile, so that nothing is posted that was withdrawn in between.
func (db *DB) MarkTrying(ctx context.Context, p Post, now time.Time) error {
	n, err := db.exec(ctx, `UPDATE posts SET tried_text = $2, tried = $3 WHERE key = $1 AND tried = 0 AND text = $2`, p.Key, p.Text, toMillis(now))
	if err == nil && n == 0 {
		err = fmt.Errorf("post %s can't be sent: it was dropped, reworded, or already tried", p.Key)
	}
	return err
}

// MarkNotPosted records that a withdrawn post, which was in doubt, was never posted.
func (db *DB) MarkNotPosted(ctx context.Context, p Post) error {
	_, err := db.exec(ctx, `UPDATE posts SET tried_text = '', tried = 0 WHERE key = $1`, p.Key)
	return err
}

// MarkPosted records that a post appeared as message at a time, with the text that was tried. link is its address, if
// known.
func (db *DB) MarkPosted(ctx context.Context, p Post, message adapters.MessageID, since time.Time, link string) error {
	_, err := db.exec(ctx, `UPDATE posts SET message = $2, posted = $3, link = $4, sent_text = tried_text WHERE key = $1`, p.Key, message, toMillis(since), link)
	if err != nil {
		return fmt.Errorf("mark %s posted: %w", p.Key, err)
	}
	return nil
}

// SetSentText records a post's text on the platform; "" if nothing is there. A withdrawn post keeps neither text nor
// name. If the post should have another text by now, ErasedText is recorded instead: its author may have been erased
// while it was sent.
func (db *DB) SetSentText(ctx context.Context, p Post, sent string) error {
	_, err := db.exec(ctx, `
		UPDATE posts SET sent_text = CASE WHEN $2 = '' OR text = $2 OR kind = 'reaction' THEN $2 ELSE $3 END, tried_text = CASE WHEN $2 = '' THEN '' ELSE tried_text END,
			name = CASE WHEN $2 = '' THEN '' ELSE name END, picture = CASE WHEN $2 = '' THEN '' ELSE picture END
		WHERE key = $1`, p.Key, sent, ErasedText)
	if err != nil {
		return fmt.Errorf("store sent text of %s: %w", p.Key, err)
	}
	return nil
}

// LastStepPosted is when the newest step of a room was posted; the zero time for never.
func (db *DB) LastStepPosted(ctx context.Context, t RoomRef) (time.Time, error) {
	ms, _, err := queryOne(ctx, db, func(row scannable) (ms int64, err error) {
		err = row.Scan(&ms)
		return ms, err
	}, `SELECT posted FROM posts WHERE workspace = $1 AND room = $2 AND lane = 0 ORDER BY posted DESC LIMIT 1`, t.Workspace, t.Room)
	return fromMillis(ms), err
}

// FailPost takes a post out of the queue for good. Relayed answers that were to go into its thread go into the room
// instead.
func (db *DB) FailPost(ctx context.Context, p Post, reason string) error {
	return db.Transact(ctx, func(ctx context.Context) error {
		if _, err := db.exec(ctx, `UPDATE posts SET fail_reason = $2 WHERE key = $1`, p.Key, reason); err != nil {
			return err
		}
		_, err := db.exec(ctx, `UPDATE posts SET parent_key = '' WHERE parent_key = $1 AND kind = $2 AND message = ''`, p.Key, KindRelay)
		return err
	})
}

// DetachPost takes a post out of the thread in which it was to be posted.
func (db *DB) DetachPost(ctx context.Context, p Post) error {
	_, err := db.exec(ctx, `UPDATE posts SET parent_key = '', parent_message = '', tried = 0, tried_text = '' WHERE key = $1 AND message = ''`, p.Key)
	return err
}

// DeferPost postpones a post, so that others can overtake it.
func (db *DB) DeferPost(ctx context.Context, p Post, due time.Time) error {
	_, err := db.exec(ctx, `UPDATE posts SET due = $2 WHERE key = $1`, p.Key, toMillis(due))
	return err
}

// MoveStep sets when the pending posts of a step are due, in all rooms.
func (db *DB) MoveStep(ctx context.Context, chat, step string, due time.Time) error {
	_, err := db.exec(ctx, `UPDATE posts SET due = $3 WHERE chat = $1 AND step = $2 AND lane = 0 AND tried = 0`,
		chat, step, toMillis(due))
	return err
}

// RewordStep gives the posts of a step a new text, in all rooms. An empty text takes them back.
func (db *DB) RewordStep(ctx context.Context, chat, step, text string) error {
	_, err := db.exec(ctx, `UPDATE posts SET text = $3 WHERE chat = $1 AND step = $2 AND lane = 0 AND fail_reason = ''`, chat, step, text)
	return err
}

// Reasons why a step will not be posted in a room.
const (
	Missed  = "missed"  // an outage lasted too long
	Skipped = "skipped" // a host left it out
	Removed = "removed in the room"
)

// FailStep marks the pending posts of a step as failed, in all rooms.
func (db *DB) FailStep(ctx context.Context, chat, step, why string) error {
	_, err := db.exec(ctx, `
		UPDATE posts SET fail_reason = $3 WHERE chat = $1 AND step = $2 AND lane = 0 AND tried = 0 AND fail_reason = ''`,
		chat, step, why)
	return err
}

// UnskipStep schedules a step that was skipped after all.
func (db *DB) UnskipStep(ctx context.Context, chat, step string, due time.Time) error {
	_, err := db.exec(ctx, `UPDATE posts SET fail_reason = '', due = $3 WHERE chat = $1 AND step = $2 AND lane = 0 AND fail_reason = $4`,
		chat, step, toMillis(due), Skipped)
	return err
}

// AgendaPosts reads the posts of a chat's own steps in all rooms, in the order in which they are due.
func (db *DB) AgendaPosts(ctx context.Context, chat string) ([]Post, error) {
	return queryAll(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p WHERE p.chat = $1 AND p.lane = 0
		ORDER BY p.due, p.seq, p.key`, chat)
}

// StepPosts reads the posts of one step of a chat, in the rooms that are still configured.
func (db *DB) StepPosts(ctx context.Context, chat, step string) ([]Post, error) {
	return queryAll(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p JOIN rooms r ON r.workspace = p.workspace AND r.room = p.room
		WHERE p.chat = $1 AND p.step = $2 AND p.lane = 0 AND r.active ORDER BY p.key`, chat, step)
}

// Post reads one post by its key.
func (db *DB) Post(ctx context.Context, key string) (p Post, ok bool, err error) {
	return queryOne(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p WHERE p.key = $1`, key)
}

// PostByMessage reads the post that appeared as a message; ok is false if the message is not a post.
func (db *DB) PostByMessage(ctx context.Context, workspace string, ref adapters.Ref) (p Post, ok bool, err error) {
	return queryOne(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p WHERE p.workspace = $1 AND p.room = $2 AND p.message = $3 AND p.message <> ''`,
		workspace, ref.Room, ref.ID)
}

// LivePost is the post that was live in a room at a time: the latest welcome, introductions, question (also a repeated
// one) or closing of any chat, unless it was taken back. ok is false if there was none.
func (db *DB) LivePost(ctx context.Context, t RoomRef, at time.Time) (p Post, ok bool, err error) {
	return db.livePost(ctx, t, at, "")
}

// LivePostOf is LivePost for one chat alone.
func (db *DB) LivePostOf(ctx context.Context, chat string, t RoomRef, at time.Time) (p Post, ok bool, err error) {
	return db.livePost(ctx, t, at, chat)
}

func (db *DB) livePost(ctx context.Context, t RoomRef, at time.Time, chat string) (p Post, ok bool, err error) {
	return queryOne(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p
		WHERE p.workspace = $1 AND p.room = $2 AND p.lane = 0 AND p.message <> '' AND p.posted <= $3 AND p.kind IN ($4, $5, $6, $7, $8)
			AND ($9 = '' OR p.chat = $9) AND p.text <> ''
		ORDER BY p.posted DESC, p.seq DESC LIMIT 1`,
		t.Workspace, t.Room, toMillis(at), questions.KindWelcome, questions.KindIntroductions, questions.KindQuestion, KindRepeat, questions.KindClosing, chat)
}

// PostedSince reads the steps that were posted in a room since a time, in order.
func (db *DB) PostedSince(ctx context.Context, t RoomRef, since time.Time) ([]Post, error) {
	return queryAll(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p
		WHERE p.workspace = $1 AND p.room = $2 AND p.lane = 0 AND p.posted >= $3 AND p.message <> '' ORDER BY p.posted, p.seq`,
		t.Workspace, t.Room, toMillis(since))
}

// InDoubt tells whether a room has a step that may or may not have been posted by a time: a later message may be an
// answer to it.
func (db *DB) InDoubt(ctx context.Context, t RoomRef, at time.Time) (bool, error) {
	_, ok, err := queryOne(ctx, db, scanString, `
		SELECT key FROM posts WHERE workspace = $1 AND room = $2 AND posted = 0 AND tried <> 0 AND fail_reason = ''
			AND lane = 0 AND tried <= $3 LIMIT 1`, t.Workspace, t.Room, toMillis(at))
	return ok, err
}

// Copies reads the posts that relay an answer, without those that relay its reactions.
func (db *DB) Copies(ctx context.Context, answer string) ([]Post, error) {
	return queryAll(ctx, db, scanPost, `SELECT `+postColumns+` FROM posts p WHERE p.source = $1 AND p.source <> '' AND p.kind = $2 ORDER BY p.key`, answer, KindRelay)
}

// RewordCopies gives all copies of an answer a new text. An empty text withdraws them, and takes their reactions out of
// the queue.
func (db *DB) RewordCopies(ctx context.Context, answer, text string) error {
	_, err := db.exec(ctx, `UPDATE posts SET text = $2, fail_reason = '' WHERE source = $1 AND source <> '' AND kind = $3 AND fail_reason <> $4`,
		answer, text, KindRelay, Removed)
	if err == nil && text == "" {
		_, err = db.exec(ctx, `UPDATE posts SET text = sent_text WHERE source = $1 AND source <> '' AND kind = $2`, answer, KindReaction)
	}
	if err != nil {
		return fmt.Errorf("reword the copies of %s: %w", answer, err)
	}
	return nil
}

// RecentCopyDue is when the n-th latest copy of an author's answers in a room is due; ok is false if there are fewer.
func (db *DB) RecentCopyDue(ctx context.Context, t RoomRef, author string, n int) (due time.Time, ok bool, err error) {
	ms, ok, err := queryOne(ctx, db, func(row scannable) (ms int64, err error) {
		err = row.Scan(&ms)
		return ms, err
	}, `SELECT due FROM posts WHERE workspace = $1 AND room = $2 AND author = $3 AND lane = 1 ORDER BY due DESC LIMIT 1 OFFSET $4`,
		t.Workspace, t.Room, author, n-1)
	return fromMillis(ms), ok, err
}

// An UpcomingStep is a step by which a chat goes on.
type UpcomingStep struct {
	Chat, Step string
	Due        time.Time
}

// upcomingStepWhere selects the pending posts by which a chat goes on in a room.
const upcomingStepWhere = `p.workspace = $1 AND p.room = $2 AND p.lane = 0 AND p.posted = 0 AND p.tried = 0 AND p.fail_reason = ''
	AND p.kind IN ('welcome', 'question', 'repeat', 'closing') AND p.due > $3`

// UpcomingSteps reads the steps by which chats go on in a room after a time and up to another.
func (db *DB) UpcomingSteps(ctx context.Context, t RoomRef, after, until time.Time) ([]UpcomingStep, error) {
	return queryAll(ctx, db, func(row scannable) (t UpcomingStep, err error) {
		var due int64
		err = row.Scan(&t.Chat, &t.Step, &due)
		t.Due = fromMillis(due)
		return t, err
	}, `SELECT p.chat, p.step, p.due FROM posts p WHERE `+upcomingStepWhere+` AND p.due <= $4 ORDER BY p.due, p.seq`, t.Workspace, t.Room, toMillis(after), toMillis(until))
}

// NextStepDue is when the next chat goes on in a room after a time; ok is false if none does.
func (db *DB) NextStepDue(ctx context.Context, t RoomRef, after time.Time) (due time.Time, ok bool, err error) {
	ms, ok, err := queryOne(ctx, db, func(row scannable) (ms int64, err error) {
		err = row.Scan(&ms)
		return ms, err
	}, `SELECT p.due FROM posts p WHERE `+upcomingStepWhere+` ORDER BY p.due LIMIT 1`, t.Workspace, t.Room, toMillis(after))
	return fromMillis(ms), ok, err
}
