package matrix

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
)

var _ adapters.UserDataEraser = (*Matrix)(nil)

// EraseUserData erases what the workspace keeps of somebody: what they said that could not be decrypted, their reactions, which room is
// for private conversations with them, and how they are shown.
//
// As long as they are in a room in which chats are held, the account knows of them what everybody there can see, as it needs
// to: it encrypts for each of them, and is told their name again when it next reads who is there. Once they have left, their
// address and those of their devices go as well. That somebody is one of a room's moderators is for the room to say. What decrypts what they once said stays: it names nobody and holds none of
// their words, and without it the homeserver's history of them would be kept again, to wait for its keys.
func (m *Matrix) EraseUserData(ctx context.Context, who adapters.UserID) error {
	undecrypted, err := m.tables.forget(ctx, id.UserID(who))
	if err != nil {
		return fmt.Errorf("forget somebody: %w", err)
	}
	m.undecrypted.Add(-int32(min(undecrypted, int(m.undecrypted.Load()))))
	return nil
}

// CountUserData counts what Forget would erase.
func (m *Matrix) CountUserData(ctx context.Context, who adapters.UserID) (int, error) {
	n, err := m.tables.countKept(ctx, id.UserID(who))
	if err != nil {
		return 0, fmt.Errorf("count what is kept of somebody: %w", err)
	}
	return n, nil
}

// eraseQueries is what erases somebody, by the table that has to be there for it. All workspaces of a database share what the
// library keeps: https://pkg.go.dev/maunium.net/go/mautrix/sqlstatestore, and crypto.
var eraseQueries = []struct{ table, query string }{
	{"mx_user_profile", `DELETE FROM mx_user_profile WHERE user_id = $1 AND (membership <> 'join' OR room_id NOT IN (SELECT room FROM matrix_room))`},
	{"mx_user_profile", `UPDATE mx_user_profile SET displayname = '', avatar_url = '', name_skeleton = NULL WHERE user_id = $1`},
	// Who may do what in private rooms, and who made them, is never asked for. That they are encrypted is.
	{"mx_room_state", `UPDATE mx_room_state SET power_levels = NULL, create_event = NULL WHERE $1 <> '' AND room_id NOT IN (SELECT room FROM matrix_room)`},
	{"crypto_megolm_inbound_session", `UPDATE crypto_megolm_inbound_session SET source_user = '' WHERE source_user = $1`},
	{"crypto_tracked_user", `DELETE FROM crypto_tracked_user WHERE user_id = $1` + leftAllRooms},
	{"crypto_device", `DELETE FROM crypto_device WHERE user_id = $1` + leftAllRooms},
	{"crypto_megolm_outbound_session_shared", `DELETE FROM crypto_megolm_outbound_session_shared WHERE user_id = $1` + leftAllRooms},
	{"crypto_cross_signing_keys", `DELETE FROM crypto_cross_signing_keys WHERE user_id = $1` + leftAllRooms},
	{"crypto_cross_signing_signatures", `DELETE FROM crypto_cross_signing_signatures WHERE (signed_user_id = $1 OR signer_user_id = $1)` + leftAllRooms},
}

// gone is the condition that they have left all rooms, once their profiles elsewhere were erased.
const leftAllRooms = ` AND NOT EXISTS (SELECT 1 FROM mx_user_profile WHERE user_id = $1)`

// ownTables is what the workspace itself keeps of people, and kept the condition of what of the library's is more than that they are
// in a room.
var ownTables = []struct{ table, column string }{{"matrix_undecrypted", "sender"}, {"matrix_reaction", "user_id"}, {"matrix_direct", "user_id"}}

const holdsProfile = `user_id = $1 AND (membership <> 'join' OR displayname <> '' OR avatar_url <> '' OR room_id NOT IN (SELECT room FROM matrix_room))`

// existingTables lists which of the tables are there: those of the library are made when somebody first logs in.
func (t *tables) existingTables(ctx context.Context) (existing map[string]bool, err error) {
	existing = map[string]bool{}
	for _, o := range ownTables {
		if existing[o.table], err = t.db.TableExists(ctx, o.table); err != nil {
			return nil, err
		}
	}
	for _, e := range eraseQueries {
		if existing[e.table], err = t.db.TableExists(ctx, e.table); err != nil {
			return nil, err
		}
	}
	return existing, nil
}

// countKept counts what forget would erase.
func (t *tables) countKept(ctx context.Context, who id.UserID) (n int, err error) {
	existing, err := t.existingTables(ctx)
	if err != nil {
		return 0, err
	}
	count := func(query string, args ...any) {
		var found int
		if err == nil {
			err = t.db.QueryRow(ctx, query, args...).Scan(&found)
			n += found
		}
	}
	for _, o := range ownTables {
		if existing[o.table] {
			count(`SELECT COUNT(*) FROM `+o.table+` WHERE workspace = $1 AND `+o.column+` = $2`, t.workspace, who)
		}
	}
	if existing["mx_user_profile"] {
		count(`SELECT COUNT(*) FROM mx_user_profile WHERE `+holdsProfile, who)
	}
	return n, err
}

func (t *tables) forget(ctx context.Context, who id.UserID) (undecrypted int, err error) {
	existing, err := t.existingTables(ctx)
	if err != nil {
		return 0, err
	}
	err = t.db.DoTxn(ctx, nil, func(ctx context.Context) error {
		for _, o := range ownTables {
			if !existing[o.table] {
				continue
			}
			result, err := t.db.Exec(ctx, `DELETE FROM `+o.table+` WHERE workspace = $1 AND `+o.column+` = $2`, t.workspace, who)
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err == nil && o.table == "matrix_undecrypted" {
				undecrypted = int(n)
			}
		}
		for _, e := range eraseQueries {
			if !existing[e.table] {
				continue
			}
			if _, err := t.db.Exec(ctx, e.query, who); err != nil {
				return err
			}
		}
		return nil
	})
	return undecrypted, err
}
