package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/questions"
)

// A Room is a room of a workspace in which chats run.
type Room struct {
	Workspace    string
	ID           adapters.RoomID
	Name         string // as people call it
	ConfiguredAs string // as the admin wrote it
	Own          bool   // for chats only: untagged messages count as answers while a question is live
}

// A RoomRef names one room of one workspace.
type RoomRef struct {
	Workspace string
	Room      adapters.RoomID
}

func (t RoomRef) String() string { return t.Workspace + "/" + string(t.Room) }

// Ref names the room.
func (r Room) Ref() RoomRef { return RoomRef{r.Workspace, r.ID} }

// SaveChat stores a chat, or its new version. changed tells whether it replaced another version. It refuses a chat that
// a chat file can't express, and one with a different question under the number of a question that a host has added.
// Added questions are stored separately, and are read together with the file.
func (db *DB) SaveChat(ctx context.Context, c questions.Chat) (changed bool, err error) {
	fail := func(err error) (bool, error) { return false, fmt.Errorf("store chat %s: %w", c.Slug, err) }
	file := questions.FormatChat(c)
	if _, err := questions.ParseChat(c.Slug, file); err != nil {
		return fail(err)
	}
	if err := db.checkQuestionNumbers(ctx, c); err != nil {
		return fail(err)
	}
	before, known, err := queryOne(ctx, db, scanString, `SELECT file FROM chats WHERE slug = $1`, c.Slug)
	if err != nil {
		return fail(err)
	}
	if _, err := db.exec(ctx, `
		INSERT INTO chats (slug, file, hashtag, ends, changed, archived) VALUES ($1, $2, $3, $4, 0, -1)
		ON CONFLICT (slug) DO UPDATE SET file = excluded.file, hashtag = excluded.hashtag, ends = excluded.ends`,
		c.Slug, string(file), strings.ToLower(c.Hashtag), toMillis(c.Ends)); err != nil {
		return fail(err)
	}
	return known && before != string(file), nil
}

// Chat reads a stored chat; ok is false if there is none of that name.
func (db *DB) Chat(ctx context.Context, slug string) (c questions.Chat, ok bool, err error) {
	c, ok, err = queryOne(ctx, db, scanChat, `SELECT slug, file FROM chats WHERE slug = $1`, slug)
	if ok {
		c, err = db.withAddedQuestions(ctx, c)
	}
	if err != nil {
		return c, false, fmt.Errorf("read chat %s: %w", slug, err)
	}
	return c, ok, nil
}

// Chats reads all stored chats, by slug.
func (db *DB) Chats(ctx context.Context) ([]questions.Chat, error) {
	return db.readChats(ctx, `SELECT slug, file FROM chats ORDER BY slug`)
}

// ChatsEndingAfter reads the chats that were planned to end after a time, the first to end first.
func (db *DB) ChatsEndingAfter(ctx context.Context, t time.Time) ([]questions.Chat, error) {
	return db.readChats(ctx, `SELECT slug, file FROM chats WHERE ends > $1 ORDER BY ends, slug`, toMillis(t))
}

func (db *DB) readChats(ctx context.Context, query string, args ...any) ([]questions.Chat, error) {
	chats, err := queryAll(ctx, db, scanChat, query, args...)
	for i := range chats {
		if err == nil {
			chats[i], err = db.withAddedQuestions(ctx, chats[i])
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read chats: %w", err)
	}
	return chats, nil
}

func scanChat(row scannable) (questions.Chat, error) {
	var slug, file string
	if err := row.Scan(&slug, &file); err != nil {
		return questions.Chat{}, err
	}
	c, err := questions.ParseChat(slug, []byte(file))
	if err != nil {
		return questions.Chat{}, fmt.Errorf("chat %s as stored: %w", slug, err)
	}
	return c, nil
}

// Adjustments are the changes that hosts have made to a chat's timetable as a whole.
type Adjustments struct {
	PausedSince time.Time     // zero while the timetable runs
	Extended    time.Duration // by how much the end was postponed
}

// Adjustments reads the changes that hosts have made to a chat's timetable.
func (db *DB) Adjustments(ctx context.Context, slug string) (Adjustments, error) {
	h, _, err := queryOne(ctx, db, func(row scannable) (h Adjustments, err error) {
		var paused, extended int64
		err = row.Scan(&paused, &extended)
		return Adjustments{fromMillis(paused), time.Duration(extended) * time.Millisecond}, err
	}, `SELECT paused_since, extended_ms FROM chats WHERE slug = $1`, slug)
	return h, err
}

// SetAdjustments stores the changes that hosts have made to a chat's timetable.
func (db *DB) SetAdjustments(ctx context.Context, slug string, h Adjustments) error {
	_, err := db.exec(ctx, `UPDATE chats SET paused_since = $2, extended_ms = $3 WHERE slug = $1`, slug, toMillis(h.PausedSince), h.Extended.Milliseconds())
	return err
}

// PausedChats lists the slugs of the chats that are paused.
func (db *DB) PausedChats(ctx context.Context) ([]string, error) {
	return queryAll(ctx, db, scanString, `SELECT slug FROM chats WHERE paused_since <> 0 ORDER BY slug`)
}

// Hashtag is a chat's hashtag in lower case, with its "#", or "" for none.
func (db *DB) Hashtag(ctx context.Context, slug string) (string, error) {
	tag, _, err := queryOne(ctx, db, scanString, `SELECT hashtag FROM chats WHERE slug = $1`, slug)
	return tag, err
}

// ChatsToArchive lists the slugs of the chats whose planned end has passed, or that were closed early, and whose
// archive is out of date.
func (db *DB) ChatsToArchive(ctx context.Context, now time.Time) ([]string, error) {
	return queryAll(ctx, db, scanString, `SELECT slug FROM chats WHERE archived < changed AND (ends <= $1 OR EXISTS (
		SELECT 1 FROM posts WHERE chat = slug AND step = 'closing' AND lane = 0 AND message <> '')) ORDER BY slug`, toMillis(now))
}

// NextChatEnd is when the next chat is planned to end; ok is false if there is none.
func (db *DB) NextChatEnd(ctx context.Context, now time.Time) (end time.Time, ok bool, err error) {
	ms, ok, err := queryOne(ctx, db, func(row scannable) (ms int64, err error) {
		err = row.Scan(&ms)
		return ms, err
	}, `SELECT ends FROM chats WHERE ends > $1 ORDER BY ends LIMIT 1`, toMillis(now))
	return fromMillis(ms), ok, err
}

// MarkChanged records that an answer of the chat has changed, so that the archive is written again.
func (db *DB) MarkChanged(ctx context.Context, slug string) error {
	_, err := db.exec(ctx, `UPDATE chats SET changed = changed + 1 WHERE slug = $1`, slug)
	return err
}

// ChangeCounts counts the changes of the chat's answers so far. archived is the count when the archive was last
// written, or -1 if it never was.
func (db *DB) ChangeCounts(ctx context.Context, slug string) (changed, archived int64, err error) {
	c, _, err := queryOne(ctx, db, func(row scannable) (c [2]int64, err error) {
		err = row.Scan(&c[0], &c[1])
		return c, err
	}, `SELECT changed, archived FROM chats WHERE slug = $1`, slug)
	return c[0], c[1], err
}

// MarkArchived records that the archive was written as of a count of changes.
func (db *DB) MarkArchived(ctx context.Context, slug string, changed int64) error {
	_, err := db.exec(ctx, `UPDATE chats SET archived = $2 WHERE slug = $1 AND archived < $2`, slug, changed)
	return err
}

// SaveRoom stores a room that the bot has joined.
func (db *DB) SaveRoom(ctx context.Context, r Room) error {
	_, err := db.exec(ctx, `
		INSERT INTO rooms (workspace, room, name, configured_as, own, active, received_until) VALUES ($1, $2, $3, $4, $5, TRUE, 0)
		ON CONFLICT (workspace, room) DO UPDATE SET name = excluded.name, configured_as = excluded.configured_as, own = excluded.own, active = TRUE`,
		r.Workspace, r.ID, r.Name, r.ConfiguredAs, r.Own)
	if err != nil {
		return fmt.Errorf("store room %v: %w", r.Ref(), err)
	}
	return nil
}

// RenameRoom stores a room's new name.
func (db *DB) RenameRoom(ctx context.Context, t RoomRef, name string) error {
	_, err := db.exec(ctx, `UPDATE rooms SET name = $3 WHERE workspace = $1 AND room = $2`, t.Workspace, t.Room, name)
	return err
}

// DeactivateRoom records that a room is no longer configured. Its posts and answers stay.
func (db *DB) DeactivateRoom(ctx context.Context, t RoomRef) error {
	_, err := db.exec(ctx, `UPDATE rooms SET active = FALSE WHERE workspace = $1 AND room = $2`, t.Workspace, t.Room)
	return err
}

// Rooms reads the configured rooms, by workspace and name.
func (db *DB) Rooms(ctx context.Context) ([]Room, error) {
	rooms, err := queryAll(ctx, db, scanRoom, `SELECT workspace, room, name, configured_as, own FROM rooms r WHERE r.active ORDER BY workspace, name, room`)
	if err != nil {
		return nil, fmt.Errorf("read rooms: %w", err)
	}
	return rooms, nil
}

// Room reads one room; ok is false if the bot has never joined it.
func (db *DB) Room(ctx context.Context, t RoomRef) (r Room, ok bool, err error) {
	return queryOne(ctx, db, scanRoom, `SELECT workspace, room, name, configured_as, own FROM rooms r WHERE r.workspace = $1 AND r.room = $2`, t.Workspace, t.Room)
}

func scanRoom(row scannable) (r Room, err error) {
	err = row.Scan(&r.Workspace, &r.ID, &r.Name, &r.ConfiguredAs, &r.Own)
	return r, err
}
