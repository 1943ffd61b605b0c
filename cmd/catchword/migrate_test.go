package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
)

// runProgram runs a command line, and returns its exit status and its output.
func runProgram(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	var both bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &both, &both)
	return code, both.String()
}

// backupOnlyLines matches the lines that differ between a backup and its original: the note that it is a backup, and
// the total, or depend on how fast the machine is: progress.
var backupOnlyLines = regexp.MustCompile(`(?m)^(?:(?:restored|total) .*|\d+ .* so far)\n`)

// TestBackupAndMigrate migrates a database with all tables of a Matrix workspace to PostgreSQL, backs it up, and
// restores it.
func TestBackupAndMigrate(t *testing.T) {
	dir, postgres := t.TempDir(), storetest.Postgres(t)
	path := filepath.Join(dir, "catchword.db")
	setEnvironment(t, true, map[string]string{"DATABASE": "sqlite:" + path})
	if code, out := runProgram(t, "backup", filepath.Join(dir, "none.db")); code != 1 || !strings.Contains(out, "there is no database at") {
		t.Errorf("got %d and %q for a database that isn't there, want a refusal", code, out)
	}
	db, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := db.OpenShared(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := matrix.Upgrade(t.Context(), shared); err != nil {
		t.Fatal(err)
	}
	// A row for each type of column that only these tables have.
	for _, query := range []string{
		`INSERT INTO matrix_device VALUES ('community', '@bot:example.org', 'DEVICE', 'syt_token', 'pickle', 's1')`,
		`INSERT INTO crypto_account VALUES ('community', 'DEVICE', TRUE, '', X'0001FF', '')`,
		`INSERT INTO crypto_olm_message_hash VALUES ('community', 1, X'00')`,
		`INSERT INTO mx_user_profile (room_id, user_id, membership) VALUES ('!r', '@ann:example.org', 'join')`,
		`INSERT INTO mx_room_state (room_id, encryption) VALUES ('!r', '{"algorithm":  "m.megolm.v1.aes-sha2"}')`,
	} {
		if _, err := shared.Exec(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	if err := shared.Close(); err != nil {
		t.Fatal(err)
	}

	// A backup works while catchword is running; a migration doesn't.
	if err := db.LockFile(t.Context()); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(dir, "backup.db")
	if code, out := runProgram(t, "backup", backup); code != 0 || !strings.Contains(out, "MiB, checked") {
		t.Errorf("got %d and %q, want a backup", code, out)
	}
	if code, out := runProgram(t, "backup", backup); code != 1 || !strings.Contains(out, "not overwritten") {
		t.Errorf("got %d and %q, want no backup overwritten", code, out)
	}
	if code, out := runProgram(t, "migrate", "sqlite:"+path, postgres); code != 1 || !strings.Contains(out, "another catchword is running") {
		t.Errorf("got %d and %q while catchword runs, want a refusal", code, out)
	}
	checkFolderBackup(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	secret := filepath.Join(dir, "address")
	if err := os.WriteFile(secret, []byte(postgres+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, there := runProgram(t, "migrate", "sqlite:"+path, "@"+secret)
	if code != 0 || !strings.Contains(there, "crypto_account ") || !strings.Contains(there, "digest") {
		t.Fatalf("got %d and %q, want it moved", code, there)
	}
	if code, out := runProgram(t, "migrate", "sqlite:"+path, "@"+secret); code != 1 || !strings.Contains(out, "is not empty there") {
		t.Errorf("got %d and %q, want a refusal to overwrite it", code, out)
	}
	t.Setenv("CATCHWORD_DATABASE", postgres)
	second := filepath.Join(dir, "second.db")
	if code, out := runProgram(t, "backup", second); code != 0 {
		t.Errorf("got %d and %q, want a backup of PostgreSQL", code, out)
	}
	if code, back := runProgram(t, "migrate", "sqlite:"+second, storetest.Postgres(t)); code != 0 || backupOnlyLines.ReplaceAllString(back, "") != backupOnlyLines.ReplaceAllString(there, "") {
		t.Errorf("got %d and\n%s\nrestored, want\n%s", code, back, there)
	}
	if code, out := runProgram(t, "migrate", "sqlite:"+second, "postgres://me:SECRET@127.0.0.1:1/chats"); code != 1 || strings.Contains(out, "SECRET") {
		t.Errorf("got %d and %q, want a refusal that doesn't tell the password", code, out)
	}
}

// checkFolderBackup checks that --keep keeps recent backups and all other files.
func checkFolderBackup(t *testing.T) {
	t.Helper()
	folder, now := t.TempDir(), time.Now().UTC()
	name := func(days int) string { return now.AddDate(0, 0, -days).Format(backupNameLayout) }
	for _, file := range []string{name(29), name(31), name(31) + ".123.part", name(31) + ".123.part-wal", "old-" + name(31), name(31) + ".gz", "catchword-20260231T250000Z.db"} {
		if err := os.WriteFile(filepath.Join(folder, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, out := runProgram(t, "backup", "--keep", "30d", folder); code != 0 || !strings.Contains(out, "MiB, checked") || strings.Count(out, "removed") != 3 {
		t.Errorf("got %d and %q, want a backup, and three files removed", code, out)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	left, made := map[string]bool{}, ""
	for _, e := range entries {
		left[e.Name()] = true
		if info, err := e.Info(); err == nil && info.Size() > 0 {
			made = e.Name()
		}
	}
	if !backupFilePattern.MatchString(made) || len(left) != 5 || !left[name(29)] || left[name(31)] {
		t.Errorf("got %v left, want the new one, that of 29 days ago, and what is no backup", left)
	}
	for _, args := range [][]string{{"--keep", "30d", filepath.Join(folder, "file.db")}, {"--keep", "long", folder}, {"--keep", "-1h", folder}} {
		if code, out := runProgram(t, append([]string{"backup"}, args...)...); code != 1 || !strings.Contains(out, "--keep") {
			t.Errorf("%v: got %d and %q, want a refusal", args, code, out)
		}
	}
}
