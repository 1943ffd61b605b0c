package matrix

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
)

var _ adapters.UserDataEraser = (*Matrix)(nil)

// EraseUserData erases what the workspace keeps about somebody: their messages that could not be decrypted, their
// reactions, their direct message room, and their name and picture.
//
// While they are in a joined room, the account must know what everybody there can see: it encrypts for each member, and
// receives their name again with the next list of members. Once they have left, their ID and their devices go as well.
// What decrypts their earlier messages stays: it names nobody and contains no text, and without it the homeserver's
// history of them would be stored again, to wait for its keys.
func (m *Matrix) EraseUserData(ctx context.Context, who adapters.UserID) error {
	undecrypted, err := m.tables.forget(ctx, id.UserID(who))
	if err != nil {
		return fmt.Errorf("erase user data: %w", err)
	}
	m.undecrypted.Add(-int32(min(undecrypted, int(m.undecrypted.Load()))))
	return nil
}

// CountUserData counts what EraseUserData would erase.
func (m *Matrix) CountUserData(ctx context.Context, who adapters.UserID) (int, error) {
	n, err := m.tables.countKept(ctx, id.UserID(who))
	if err != nil {
		return 0, fmt.Errorf("count user data: %w", err)
	}
	return n, nil
}

// eraseQueries erase somebody from the library's tables, which all workspaces of a database share:
// https://pkg.go.dev/maunium.net/go/mautrix/sqlstatestore, and crypto.
var eraseQueries = []struct{ table, query string }{
	{"mx_user_profile", `DELETE FROM mx_user_profile WHERE user_id = $1 AND (membership <> 'join' OR room_id NOT IN (SELECT room FROM matrix_room))`},
	{"mx_user_profile", `UPDATE mx_user_profile SET displayname = '', avatar_url = '', name_skeleton = NULL WHERE user_id = $1`},
	// Nobody needs the power levels and creators of direct message rooms, only whether they are encrypted.
	{"mx_room_state", `UPDATE mx_room_state SET power_levels = NULL, create_event = NULL WHERE $1 <> '' AND room_id NOT IN (SELECT room FROM matrix_room)`},
	{"crypto_megolm_inbound_session", `UPDATE crypto_megolm_inbound_session SET source_user = '' WHERE source_user = $1`},
	{"crypto_tracked_user", `DELETE FROM crypto_tracked_user WHERE user_id = $1` + leftAllRooms},
	{"crypto_device", `DELETE FROM crypto_device WHERE user_id = $1` + leftAllRooms},
	{"crypto_megolm_outbound_session_shared", `DELETE FROM crypto_megolm_outbound_session_shared WHERE user_id = $1` + leftAllRooms},
	{"crypto_cross_signing_keys", `DELETE FROM crypto_cross_signing_keys WHERE user_id = $1` + leftAllRooms},
	{"crypto_cross_signing_signatures", `DELETE FROM crypto_cross_signing_signatures WHERE (signed_user_id = $1 OR signer_user_id = $1)` + leftAllRooms},
}

// leftAllRooms is true once they are in no joined room: their other profiles are erased first.
const leftAllRooms = ` AND NOT EXISTS (SELECT 1 FROM mx_user_profile WHERE user_id = $1)`

// ownTables are the workspace's own tables about people.
var ownTables = []struct{ table, column string }{{"matrix_undecrypted", "sender"}, {"matrix_reaction", "user_id"}, {"matrix_direct", "user_id"}}

// holdsProfile selects profiles that say more than that somebody is in a joined room.
const holdsProfile = `user_id = $1 AND (membership <> 'join' OR displayname <> '' OR avatar_url <> '' OR room_id NOT IN (SELECT room FROM matrix_room))`

// existingTables lists which tables exist: the library creates its own at the first login.
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
