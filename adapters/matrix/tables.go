package matrix

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/sqlstatestore"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// upgradeMu keeps workspaces with the same database from upgrading its schema at once.
var upgradeMu sync.Mutex

// tables are the tables of a workspace in catchword's database.
type tables struct {
	db        *dbutil.Database
	workspace string
}

func newTables(db *dbutil.Database, workspace string) *tables {
	return &tables{db: db.Child("matrix_version", dbutil.BuildUpgradeTable().WithFSPath(schemaFiles, "schema").Finish(), nil), workspace: workspace}
}

// A device is the device as which the workspace is logged in.
type device struct {
	user      id.UserID
	id        id.DeviceID
	token     string // from a login by password
	pickleKey string
	nextBatch string
}

// device returns the stored device. Without one, it has no user.
func (t *tables) device(ctx context.Context) (d device, err error) {
	err = t.db.QueryRow(ctx, `SELECT user_id, device, token, pickle_key, next_batch FROM matrix_device WHERE workspace = $1`, t.workspace).
		Scan(&d.user, &d.id, &d.token, &d.pickleKey, &d.nextBatch)
	if errors.Is(err, sql.ErrNoRows) {
		return device{pickleKey: rand.Text()}, nil
	}
	return d, err
}

func (t *tables) saveDevice(ctx context.Context, d device) error {
	_, err := t.db.Exec(ctx, `INSERT INTO matrix_device (workspace, user_id, device, token, pickle_key, next_batch) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (workspace) DO UPDATE SET user_id = excluded.user_id, device = excluded.device, token = excluded.token, next_batch = excluded.next_batch`,
		t.workspace, d.user, d.id, d.token, d.pickleKey, d.nextBatch)
	return err
}

// advance stores how far the account has synced: the sync token, and the newest event of each room.
func (t *tables) advance(ctx context.Context, nextBatch string, newest map[id.RoomID]*event.Event) error {
	return t.db.DoTxn(ctx, nil, func(ctx context.Context) error {
		for room, e := range newest {
			if _, err := t.db.Exec(ctx, `UPDATE matrix_room SET newest = $3, newest_at = $4 WHERE workspace = $1 AND room = $2`,
				t.workspace, room, e.ID, e.Timestamp); err != nil {
				return err
			}
		}
		_, err := t.db.Exec(ctx, `UPDATE matrix_device SET next_batch = $2 WHERE workspace = $1`, t.workspace, nextBatch)
		return err
	})
}

type storedRoom struct {
	room     id.RoomID
	stableID id.RoomID
	joinName string
	joinedAt time.Time
	newest   id.EventID
	newestAt time.Time
}

// rooms lists all rooms that were ever joined, in that order.
func (t *tables) rooms(ctx context.Context) ([]storedRoom, error) {
	rows, err := t.db.Query(ctx, `SELECT room, place, wanted, entered, newest, newest_at FROM matrix_room WHERE workspace = $1 ORDER BY entered, room`, t.workspace)
	return dbutil.NewRowIterWithError(rows, func(row dbutil.Scannable) (p storedRoom, err error) {
		var joinedAt, newestAt int64
		err = row.Scan(&p.room, &p.stableID, &p.joinName, &joinedAt, &p.newest, &newestAt)
		p.joinedAt, p.newestAt = time.UnixMilli(joinedAt), time.UnixMilli(newestAt)
		return p, err
	}, err).AsList()
}

// saveRoom stores a room that was joined now. If it is stored already, only its joinName changes.
func (t *tables) saveRoom(ctx context.Context, room, stableID id.RoomID, joinName string, now time.Time) error {
	_, err := t.db.Exec(ctx, `INSERT INTO matrix_room (workspace, room, place, wanted, entered, newest, newest_at) VALUES ($1, $2, $3, $4, $5, '', 0)
		ON CONFLICT (workspace, room) DO UPDATE SET wanted = excluded.wanted`, t.workspace, room, stableID, joinName, now.UnixMilli())
	return err
}

// putAnchor stores the copy of a thread's root in a room.
func (t *tables) putAnchor(ctx context.Context, room id.RoomID, root, anchor id.EventID) error {
	_, err := t.db.Exec(ctx, `INSERT INTO matrix_anchor (workspace, room, root, event) VALUES ($1, $2, $3, $4)
		ON CONFLICT (workspace, room, root) DO UPDATE SET event = excluded.event`, t.workspace, room, root, anchor)
	return err
}

// anchor is the copy of a thread's root in a room, or "".
func (t *tables) anchor(ctx context.Context, room id.RoomID, root id.EventID) (anchor id.EventID, err error) {
	err = t.db.QueryRow(ctx, `SELECT event FROM matrix_anchor WHERE workspace = $1 AND room = $2 AND root = $3`, t.workspace, room, root).Scan(&anchor)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return anchor, err
}

// anchors maps all copies of roots to the roots.
func (t *tables) anchors(ctx context.Context) (map[id.EventID]id.EventID, error) {
	return pairs[id.EventID, id.EventID](ctx, t, `SELECT event, root FROM matrix_anchor WHERE workspace = $1`)
}

// putPiece stores the message of a part of a long post.
func (t *tables) putPiece(ctx context.Context, first id.EventID, number int, piece id.EventID) error {
	_, err := t.db.Exec(ctx, `INSERT INTO matrix_piece (workspace, first, number, event) VALUES ($1, $2, $3, $4)
		ON CONFLICT (workspace, first, number) DO UPDATE SET event = excluded.event`, t.workspace, first, number, piece)
	return err
}

// pieces lists the messages of a post after the first.
func (t *tables) pieces(ctx context.Context, first id.EventID) ([]id.EventID, error) {
	rows, err := t.db.Query(ctx, `SELECT event FROM matrix_piece WHERE workspace = $1 AND first = $2 ORDER BY number`, t.workspace, first)
	return dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[id.EventID], err).AsList()
}

func (t *tables) dropPiece(ctx context.Context, piece id.EventID) error {
	_, err := t.db.Exec(ctx, `DELETE FROM matrix_piece WHERE workspace = $1 AND event = $2`, t.workspace, piece)
	return err
}

// A reaction is one person's emoji on a message.
type reaction struct {
	message id.EventID
	user    id.UserID
	emoji   string
}

func (t *tables) putReaction(ctx context.Context, e id.EventID, r reaction) error {
	_, err := t.db.Exec(ctx, `INSERT INTO matrix_reaction (workspace, event, message, user_id, emoji) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace, event) DO NOTHING`, t.workspace, e, r.message, r.user, r.emoji)
	return err
}

func (t *tables) reaction(ctx context.Context, e id.EventID) (r reaction, ok bool, err error) {
	err = t.db.QueryRow(ctx, `SELECT message, user_id, emoji FROM matrix_reaction WHERE workspace = $1 AND event = $2`, t.workspace, e).
		Scan(&r.message, &r.user, &r.emoji)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	return r, err == nil, err
}

// putEdit stores which message an event edits.
func (t *tables) putEdit(ctx context.Context, e, message id.EventID) error {
	_, err := t.db.Exec(ctx, `INSERT INTO matrix_edit (workspace, event, message) VALUES ($1, $2, $3)
		ON CONFLICT (workspace, event) DO NOTHING`, t.workspace, e, message)
	return err
}

// editedMessage is the message that an event edits, or "".
func (t *tables) editedMessage(ctx context.Context, e id.EventID) (message id.EventID, err error) {
	err = t.db.QueryRow(ctx, `SELECT message FROM matrix_edit WHERE workspace = $1 AND event = $2`, t.workspace, e).Scan(&message)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return message, err
}

// edits lists the known edits of a message.
func (t *tables) edits(ctx context.Context, message id.EventID) ([]id.EventID, error) {
	rows, err := t.db.Query(ctx, `SELECT event FROM matrix_edit WHERE workspace = $1 AND message = $2 ORDER BY event`, t.workspace, message)
	return dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[id.EventID], err).AsList()
}

func (t *tables) dropEdit(ctx context.Context, e id.EventID) error {
	_, err := t.db.Exec(ctx, `DELETE FROM matrix_edit WHERE workspace = $1 AND event = $2`, t.workspace, e)
	return err
}

// An undecrypted is an encrypted event whose keys have not come yet.
type undecrypted struct {
	*event.Event
	receivedAt    time.Time
	keysRequested bool
}

// addUndecrypted stores an event that can't be decrypted yet. It returns whether the event is new.
func (t *tables) addUndecrypted(ctx context.Context, e *event.Event, now time.Time) (bool, error) {
	result, err := t.db.Exec(ctx, `INSERT INTO matrix_undecrypted (workspace, event, room, sender, at, content, heard, asked)
		VALUES ($1, $2, $3, $4, $5, $6, $7, false) ON CONFLICT (workspace, event) DO NOTHING`,
		t.workspace, e.ID, e.RoomID, e.Sender, e.Timestamp, string(e.Content.VeryRaw), now.UnixMilli())
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// undecrypted lists the events that wait for their keys, in the order in which they were received.
func (t *tables) undecrypted(ctx context.Context) ([]undecrypted, error) {
	rows, err := t.db.Query(ctx, `SELECT event, room, sender, at, content, heard, asked FROM matrix_undecrypted WHERE workspace = $1 ORDER BY heard, at, event`, t.workspace)
	return dbutil.NewRowIterWithError(rows, func(row dbutil.Scannable) (u undecrypted, err error) {
		var content string
		var received int64
		u.Event = &event.Event{Type: event.EventEncrypted}
		if err = row.Scan(&u.ID, &u.RoomID, &u.Sender, &u.Timestamp, &content, &received, &u.keysRequested); err == nil {
			u.receivedAt = time.UnixMilli(received)
			err = u.Content.UnmarshalJSON([]byte(content))
		}
		return u, err
	}, err).AsList()
}

func (t *tables) markKeysRequested(ctx context.Context, e id.EventID) error {
	_, err := t.db.Exec(ctx, `UPDATE matrix_undecrypted SET asked = true WHERE workspace = $1 AND event = $2`, t.workspace, e)
	return err
}

// dropUndecrypted deletes an event that waited for its keys. It returns whether there was one.
func (t *tables) dropUndecrypted(ctx context.Context, e id.EventID) (bool, error) {
	result, err := t.db.Exec(ctx, `DELETE FROM matrix_undecrypted WHERE workspace = $1 AND event = $2`, t.workspace, e)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// dmRoom is the room for direct messages with somebody, or "".
func (t *tables) dmRoom(ctx context.Context, user id.UserID) (room id.RoomID, err error) {
	err = t.db.QueryRow(ctx, `SELECT room FROM matrix_direct WHERE workspace = $1 AND user_id = $2`, t.workspace, user).Scan(&room)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return room, err
}

func (t *tables) putDMRoom(ctx context.Context, user id.UserID, room id.RoomID) error {
	_, err := t.db.Exec(ctx, `INSERT INTO matrix_direct (workspace, user_id, room) VALUES ($1, $2, $3)
		ON CONFLICT (workspace, user_id) DO UPDATE SET room = excluded.room`, t.workspace, user, room)
	return err
}

// dmUsers lists all direct message rooms.
func (t *tables) dmUsers(ctx context.Context) (map[id.RoomID]id.UserID, error) {
	return pairs[id.RoomID, id.UserID](ctx, t, `SELECT room, user_id FROM matrix_direct WHERE workspace = $1`)
}

// pairs reads a map from two columns.
func pairs[K, V ~string](ctx context.Context, t *tables, query string) (map[K]V, error) {
	all := map[K]V{}
	rows, err := t.db.Query(ctx, query, t.workspace)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key K
		var value V
		if err := rows.Scan(&key, &value); err != nil {
			return nil, err
		}
		all[key] = value
	}
	return all, rows.Err()
}

// Upgrade creates or upgrades all tables of workspaces in a database, for a command that copies them. No workspace may
// run.
func Upgrade(ctx context.Context, db *dbutil.Database) error {
	if err := newTables(db, "").upgrade(ctx); err != nil {
		return err
	}
	if err := sqlstatestore.NewSQLStateStore(db, nil, false).Upgrade(ctx); err != nil {
		return fmt.Errorf("upgrade room state tables: %w", err)
	}
	return upgradeKeys(ctx, db)
}

// upgrade creates or upgrades the tables. It fails if they are from a newer catchword.
func (t *tables) upgrade(ctx context.Context) error {
	upgradeMu.Lock()
	defer upgradeMu.Unlock()
	if err := t.db.Upgrade(ctx); err != nil {
		return fmt.Errorf("upgrade Matrix tables: %w", err)
	}
	return nil
}
