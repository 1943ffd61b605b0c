package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mau.fi/util/dbutil"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

// platformTables makes tables with every type that adapters store, with references against the order of names.
func platformTables(ctx context.Context, db *dbutil.Database) error {
	tables := dbutil.BuildUpgradeTable().WithRaw(0, 1, 1, "tables", dbutil.TxnModeOn, func(ctx context.Context, db *dbutil.Database) error {
		if db.Dialect == dbutil.Postgres {
			if _, err := db.Exec(ctx, `CREATE TYPE membership AS ENUM ('join', 'leave')`); err != nil {
				return err
			}
		}
		_, err := db.Exec(ctx, `CREATE TABLE platform_z (id TEXT PRIMARY KEY)`)
		if err != nil {
			return err
		}
		_, err = db.Exec(ctx, `CREATE TABLE platform_a (id TEXT REFERENCES platform_z (id), "index" INTEGER, short SMALLINT, long BIGINT, yes BOOLEAN,
			key CHAR(43), raw bytea, state jsonb, at timestamp, was membership, PRIMARY KEY (id, "index"))`)
		return err
	}).Finish()
	return db.Child("platform_version", tables, nil).Upgrade(ctx)
}

// newFullStore returns a store with a bit of everything in it.
func newFullStore(t *testing.T, address string) *DB {
	t.Helper()
	db, ctx := openStore(t, address), t.Context()
	_, err := db.SaveChat(ctx, questions.Chat{Slug: "c", Title: "C", Starts: noon, Ends: noon.Add(time.Hour), Questions: []questions.Question{{N: 1, Text: "Why?"}}})
	must(t, err)
	must(t, db.SaveRoom(ctx, Room{Workspace: "nhs", ID: "C1", Name: "#chat", ConfiguredAs: "chat", Own: true}))
	must(t, db.PlanPost(ctx, newStepPost(nhs, "q1", noon)))
	must(t, db.Transact(ctx, func(ctx context.Context) error {
		for i := range 2500 {
			a := newAnswer(fmt.Sprint(i), 1, noon)
			a.Text, a.Late = "😀 «quoted» '\"\\ "+strings.Repeat("x", i%300), i%2 == 0
			if _, err := db.AddAnswer(ctx, a); err != nil {
				return err
			}
			if _, err := db.SetReaction(ctx, a.Key(), "👍", nhs, adapters.UserID(fmt.Sprint(i%7)), true); err != nil {
				return err
			}
		}
		return nil
	}))
	shared, err := db.OpenShared(ctx)
	must(t, err)
	defer shared.Close()
	must(t, platformTables(ctx, shared))
	_, err = shared.Exec(ctx, `INSERT INTO platform_z (id) VALUES ('z'), ('')`)
	must(t, err)
	for _, row := range [][]any{
		{"z", 1, 2, int64(1) << 60, true, strings.Repeat("k", 43), []byte{0, 1, 255}, `{"b": 1,  "a": [true, null, "ü"]}`, time.Date(2026, 1, 2, 3, 4, 5, 678_901_234, time.UTC), "join"},
		{"z", 2, nil, nil, nil, nil, nil, nil, nil, nil},
		{"", -1, -2, int64(-1), false, "short", []byte{}, `[]`, time.Date(2026, 7, 2, 3, 4, 5, 0, time.UTC), "leave"},
	} {
		_, err := shared.Exec(ctx, `INSERT INTO platform_a (id, "index", short, long, yes, key, raw, state, at, was) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, row...)
		must(t, err)
	}
	return db
}

func noProgress(string, int) {}

// TestMigrate copies everything there and back, and compares.
func TestMigrate(t *testing.T) {
	ctx := t.Context()
	first, postgres, last := newFullStore(t, storetest.SQLite(t)), openStore(t, storetest.Postgres(t)), openStore(t, storetest.SQLite(t))
	there, err := Migrate(ctx, first, postgres, platformTables, noProgress)
	must(t, err)
	back, err := Migrate(ctx, postgres, last, platformTables, noProgress)
	must(t, err)
	if diff := cmp.Diff(there, back); diff != "" {
		t.Errorf("there and back (-there +back):\n%s", diff)
	}
	rows := map[string]int{}
	for _, c := range there {
		rows[c.Table] = c.Rows
	}
	for name, want := range map[string]int{"answers": 2500, "reactions": 2500, "chats": 1, "posts": 1, "rooms": 1, "platform_a": 3, "platform_z": 2} {
		if rows[name] != want {
			t.Errorf("got %d rows of %s copied, want %d", rows[name], name, want)
		}
	}
	if diff := cmp.Diff(mustTranscript(t, first, questions.OrderByTime), mustTranscript(t, last, questions.OrderByTime)); diff != "" {
		t.Errorf("transcript (-first +last):\n%s", diff)
	}
	// Nothing is overwritten.
	if _, err := Migrate(ctx, last, postgres, platformTables, noProgress); err == nil || !strings.Contains(err.Error(), "table answers is not empty there") {
		t.Errorf("got error %v, want a refusal", err)
	}
	// All or nothing: a row that PostgreSQL refuses stops it near the end.
	fresh := openStore(t, storetest.Postgres(t))
	raw, err := last.connectShared()
	must(t, err)
	defer raw.Close()
	_, err = raw.Exec(`UPDATE platform_a SET was = 'elsewhere' WHERE id = 'z'`)
	must(t, err)
	if _, err := Migrate(ctx, last, fresh, platformTables, noProgress); err == nil || !strings.Contains(err.Error(), "platform_a") {
		t.Errorf("got error %v, want one about platform_a", err)
	}
	if chats, err := fresh.Chats(ctx); len(chats) != 0 || err != nil {
		t.Errorf("got %v, %v after a copy that failed, want nothing kept", chats, err)
	}
	// It is refused while a process runs on one of them.
	held, release, err := fresh.AcquireLease(ctx, GlobalLease, func() {})
	must(t, err)
	if _, err := Migrate(ctx, first, fresh, platformTables, noProgress); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("got error %v while a process runs on it, want a refusal", err)
	}
	must(t, adapters.CheckLease(held))
	release()
}

// TestBackup copies a store while answers come in.
func TestBackup(t *testing.T) {
	address := storetest.Address(t)
	db, ctx := newFullStore(t, address), t.Context()
	writing, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() {
		for i := 10_000; writing.Err() == nil; i++ {
			if _, err := db.AddAnswer(ctx, newAnswer(fmt.Sprint(i), 1, noon)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	path := filepath.Join(t.TempDir(), "backup.db")
	must(t, db.Backup(ctx, path, platformTables, noProgress))
	stop()
	all.Wait()
	info, err := os.Stat(path)
	must(t, err)
	if got, want := info.Mode().Perm(), os.FileMode(0o600); got != want {
		t.Errorf("got mode %v, want %v", got, want)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	if len(entries) != 1 {
		t.Errorf("got %v in the folder, want the backup alone", entries)
	}
	restored := openStore(t, "sqlite:"+path)
	for _, now := range []time.Time{noon, noon.Add(time.Hour)} {
		if since, err := restored.RestoredAt(ctx, now); err != nil || !since.Equal(noon) {
			t.Errorf("got the backup restored at %v, and error %v, want the time of its first run", since, err)
		}
	}
	if since, err := db.RestoredAt(ctx, noon); err != nil || !since.IsZero() {
		t.Errorf("got the store restored at %v, and error %v, want that it wasn't", since, err)
	}
	if got := mustTranscript(t, restored, questions.OrderByTime); len(got) < 2500 {
		t.Errorf("got %d answers in the backup, want at least those before it", len(got))
	}
	if err := db.Backup(ctx, path, platformTables, noProgress); err == nil || !strings.Contains(err.Error(), "not overwritten") {
		t.Errorf("got error %v, want a refusal to overwrite", err)
	}
	if err := db.Backup(ctx, filepath.Join(t.TempDir(), "no", "where.db"), platformTables, noProgress); err == nil {
		t.Error("got no error from a backup into a folder that doesn't exist")
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	folder := t.TempDir()
	if err := db.Backup(gone, filepath.Join(folder, "late.db"), platformTables, noProgress); err == nil {
		t.Error("got no error from a backup that was cancelled")
	}
	if entries, err := os.ReadDir(folder); len(entries) != 0 || err != nil {
		t.Errorf("got %v, %v left behind, want nothing", entries, err)
	}
}
