//go:build goolm && linux

package matrix_test

import (
	"fmt"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// rowsContaining lists the rows of all tables, including the library's, that contain one of some words.
func (c *env) rowsContaining(words ...string) (found []string) {
	c.t.Helper()
	read := func(query string) (all []string) {
		rows, err := c.db.Query(c.t.Context(), query)
		if err != nil {
			c.t.Fatal(err)
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			c.t.Fatal(err)
		}
		for rows.Next() {
			row, targets := make([]any, len(columns)), make([]any, len(columns))
			for i := range row {
				targets[i] = &row[i]
			}
			if err := rows.Scan(targets...); err != nil {
				c.t.Fatal(err)
			}
			all = append(all, fmt.Sprintf("%s", row))
		}
		return all
	}
	for _, table := range read(`SELECT name FROM sqlite_master WHERE type = 'table'`) {
		table = strings.Trim(table, "[]")
		for _, row := range read(`SELECT * FROM ` + table) {
			for _, word := range words {
				if strings.Contains(strings.ToLower(row), strings.ToLower(word)) {
					found = append(found, table+": "+row)
				}
			}
		}
	}
	return found
}

// TestForget looks for somebody in all tables: while they are in the room, where their address and keys have to stay,
// and after they have left.
func TestForget(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		l := c.startReceiver(c.config(), nil)
		zoe := c.Person("Zoe")
		zoe.SetName("", "Zoe Unmistakable")
		zoe.Join(c.room.String())
		sent := l.waitMessage(zoe.SendText(c.room, "a word"))
		if c.encrypted { // for all who are there, her included
			l.waitMessage(c.amy.SendText(c.room, "hello"))
			l.post(adapters.Post{Text: "hello"})
		}
		zoe.React(c.room, id.EventID(sent.ID), "👍")
		l.until("her reaction is received", func() bool { return len(updates[*adapters.Reaction](l)) == 1 })
		if err := l.PostEphemeral(t.Context(), sent.Author.ID, adapters.Post{Text: "for you alone"}); err != nil {
			t.Fatal(err)
		}
		invited := zoe.Invited()
		if len(invited) != 1 {
			t.Fatalf("got invitations %v, want to a private conversation", invited)
		}
		zoe.Join(invited[0].String())
		command := zoe.SendText(invited[0], "where")
		l.until("her command is received", func() bool { return len(updates[*adapters.Command](l)) > 0 })
		before := len(updates[*adapters.Command](l)) // it may come twice
		zoe.Edit(invited[0], command, "where are *we*")
		l.until("its edit is received", func() bool { return len(updates[*adapters.Command](l)) > before })
		if e := updates[*adapters.Command](l)[before]; e.ID != string(command) || !strings.HasPrefix(e.Text, "where are") || e.EditedAt.Before(e.At) || e.At.IsZero() {
			t.Errorf("got %+v, want the whole command as it was edited", *e)
		}
		zoe.Redact(invited[0], command)
		l.until("its deletion is received", func() bool {
			for _, d := range updates[*adapters.Deletion](l) {
				if d.Room == "" && d.ID == adapters.MessageID(command) && !d.At.IsZero() {
					return true
				}
			}
			return false
		})
		if c.encrypted {
			zoe.HoldKeys(c.bot.ID)
			zoe.SendText(c.room, "unreadable")
			l.until("it is kept", func() bool { return l.Report().Undecrypted == 1 })
		}
		if n, err := l.CountUserData(t.Context(), sent.Author.ID); n < 4 || err != nil {
			t.Errorf("got %d rows kept of her (%v), want her reaction, her direct chat and her name in both rooms", n, err)
		}

		// While the bot runs, as a command does.
		if err := l.EraseUserData(t.Context(), sent.Author.ID); err != nil {
			t.Fatal(err)
		}
		for _, row := range c.rowsContaining("Unmistakable") {
			t.Errorf("got %s", row)
		}
		for _, row := range c.rowsContaining(string(zoe.ID)) {
			if table, _, _ := strings.Cut(row, ":"); table != "mx_user_profile" && !strings.HasPrefix(table, "crypto_") || table == "crypto_megolm_inbound_session" {
				t.Errorf("got %s, want only her membership", row)
			}
		}
		if n := l.Report().Undecrypted; n != 0 {
			t.Errorf("got %d waiting for keys, want none", n)
		}
		zoe.SendText(c.room, "she is still here")
		if c.encrypted {
			zoe.ReleaseKeys()
		}
		l.waitMessage(zoe.SendText(c.room, "and is heard as ever"))
		l.post(adapters.Post{Text: "and hears"})

		zoe.Leave(c.room)
		l.waitMessage(c.amy.SendText(c.room, "she has left"))
		l.stop() // for a moment, the homeserver may still send updates of her devices
		away := matrix.New(c.config())
		if err := away.EraseUserData(t.Context(), sent.Author.ID); err != nil {
			t.Fatal(err)
		}
		if n, err := away.CountUserData(t.Context(), sent.Author.ID); n != 0 || err != nil {
			t.Errorf("got %d rows kept of her (%v), want none", n, err)
		}
		for _, row := range c.rowsContaining("Unmistakable", string(zoe.ID)) {
			t.Errorf("got %s", row)
		}

		// Somebody who comes back is somebody new.
		l = c.startReceiver(c.config(), nil)
		zoe.Join(c.room.String())
		l.waitMessage(zoe.SendText(c.room, "back again"))
		if id.UserID(l.waitMessage(zoe.SendText(c.room, "and again")).Author.ID) != zoe.ID {
			t.Errorf("received somebody else's message")
		}
		last := l.post(adapters.Post{Text: "welcome back"})
		zoe.WaitUntil(c.room, "the post", func(all []matrixtest.Message) bool {
			for _, m := range all {
				if m.ID == last && m.Text == "welcome back" {
					return true
				}
			}
			return false
		})
	})
}
