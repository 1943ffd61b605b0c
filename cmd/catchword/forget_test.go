package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

func TestForgetCommand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catchword.db")
	t.Setenv("CATCHWORD_DATABASE", "sqlite:"+path)
	t.Setenv("CATCHWORD_ARCHIVE", t.TempDir())
	forget := func(want int, typed string, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if got := run(t.Context(), append([]string{"forget"}, args...), strings.NewReader(typed), &out, &out); got != want {
			t.Errorf("got status %d of forget %v, want %d:\n%s", got, args, want, out.String())
		}
		return out.String()
	}
	if out := forget(1, "", "nhs", "U1"); !strings.Contains(out, "there is no database") {
		t.Errorf("got %q without a database", out)
	}
	db, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 15, 20, 0, 0, 0, time.UTC)
	_, err = db.SaveChat(t.Context(), questions.Chat{Slug: "c", Title: "C", Starts: at, Ends: at.Add(time.Hour)})
	if err == nil {
		_, err = db.AddAnswer(t.Context(), store.Answer{
			RoomRef: store.RoomRef{Workspace: "nhs", Room: "C1"}, Message: "m1", Chat: "c", Step: "welcome", Section: questions.Introductions,
			Author: adapters.User{ID: "U1", Name: "Xanthippe"}, Text: "quicksilver", At: at,
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if out := forget(1, "", "nhs", "Xanthippe"); !strings.Contains(out, "nothing is stored about Xanthippe") {
		t.Errorf("got %q for a name, want an error that it isn't an ID", out)
	}
	if out := forget(1, "no\n", "nhs", "U1"); !strings.Contains(out, "1 answer of U1") || !strings.Contains(out, "Nothing was erased") {
		t.Errorf("got %q, want a question, and nothing erased", out)
	}
	if out := forget(0, "yes\n", "nhs", "U1"); !strings.Contains(out, "Erased 1 answer in 1 chat") {
		t.Errorf("got %q, want it erased", out)
	}
	for _, file := range []string{path, path + "-wal"} {
		words, err := os.ReadFile(file)
		if err != nil && file == path {
			t.Fatal(err)
		}
		if bytes.Contains(words, []byte("quicksilver")) || bytes.Contains(words, []byte("Xanthippe")) {
			t.Errorf("got data of the person in %s", file)
		}
	}
	forget(1, "", "nhs", "U1", "--yes")
}

// TestForgetMatrixAccountData erases a person from the tables of a Matrix account that is no longer configured, on
// either kind of database.
func TestForgetMatrixAccountData(t *testing.T) {
	for kind, address := range map[string]string{"sqlite": storetest.SQLite(t), "postgres": storetest.Postgres(t)} {
		t.Run(kind, func(t *testing.T) {
			t.Setenv("CATCHWORD_DATABASE", address)
			t.Setenv("CATCHWORD_ARCHIVE", t.TempDir())
			db, err := store.Open(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			shared, err := db.OpenShared(t.Context())
			if err == nil {
				err = matrix.Upgrade(t.Context(), shared)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, query := range []string{
				`INSERT INTO matrix_room (workspace, room, place, wanted, entered, newest, newest_at) VALUES ('community', '!chat', '!chat', 'chat', 1, '', 0)`,
				`INSERT INTO matrix_undecrypted (workspace, event, room, sender, at, content, heard, asked) VALUES ('community', '$1', '!chat', '@zoe:x.org', 1, '{}', 1, false)`,
				`INSERT INTO matrix_reaction (workspace, event, message, user_id, emoji) VALUES ('community', '$2', '$0', '@zoe:x.org', 'x')`,
				`INSERT INTO matrix_direct (workspace, user_id, room) VALUES ('community', '@zoe:x.org', '!private')`,
				`INSERT INTO mx_user_profile (room_id, user_id, membership, displayname, avatar_url) VALUES ('!chat', '@zoe:x.org', 'leave', 'Zoe', 'mxc://x.org/zoe')`,
				`INSERT INTO mx_user_profile (room_id, user_id, membership, displayname) VALUES ('!private', '@zoe:x.org', 'join', 'Zoe')`,
				`INSERT INTO mx_room_state (room_id, power_levels) VALUES ('!private', '{"users":{"@zoe:x.org":100}}')`,
				`INSERT INTO crypto_tracked_user (user_id) VALUES ('@zoe:x.org')`,
				`INSERT INTO crypto_device (user_id, device_id, identity_key, signing_key, trust, deleted, name) VALUES ('@zoe:x.org', 'D', 'k', 'k', 0, false, 'Zoe''s')`,
				`INSERT INTO crypto_megolm_outbound_session_shared (user_id, identity_key, session_id) VALUES ('@zoe:x.org', 'k', 's')`,
				`INSERT INTO crypto_megolm_inbound_session (account_id, session_id, sender_key, room_id, source_user) VALUES ('community', 's', 'k', '!chat', '@zoe:x.org')`,
				`INSERT INTO crypto_cross_signing_keys (user_id, usage, key, first_seen_key) VALUES ('@zoe:x.org', 'master', 'k', 'k')`,
				`INSERT INTO crypto_cross_signing_signatures (signed_user_id, signed_key, signer_user_id, signer_key, signature) VALUES ('@zoe:x.org', 'k', '@bot:x.org', 'k', 's')`,
			} {
				if _, err := shared.Exec(t.Context(), query); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
			}
			if err := errors.Join(shared.Close(), db.Close()); err != nil {
				t.Fatal(err)
			}
			if found := storetest.Find(t, address, "zoe"); len(found) < 12 {
				t.Errorf("got %d places with her name before, want all", len(found))
			}
			var out bytes.Buffer
			if got := run(t.Context(), []string{"forget", "community", "@zoe:x.org", "--yes"}, nil, &out, &out); got != 0 {
				t.Errorf("got status %d, want 0:\n%s", got, out.String())
			}
			for _, found := range storetest.Find(t, address, "zoe") {
				t.Error("got", found)
			}
			if got := run(t.Context(), []string{"forget", "community", "@zoe:x.org", "--yes"}, nil, &out, &out); got != 1 || !strings.Contains(out.String(), "nothing is stored about @zoe:x.org") {
				t.Errorf("got status %d the second time, want an error that nothing is left:\n%s", got, out.String())
			}
		})
	}
}
