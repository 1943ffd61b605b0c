package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ukmedlibs/catchword/bot/store/storetest"
)

// TestOnDatabases runs the scripts of testdata/databases with either kind of database, in the environment of
// TestRunScripts. $RESTORED is another PostgreSQL database, and restore.sh has the steps of deploy/README.md to restore
// a SQLite backup.
func TestOnDatabases(t *testing.T) {
	steps, err := restoreSteps()
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob("testdata/databases/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("got no scripts, and error %v", err)
	}
	for _, script := range scripts { // in parallel, each with its own database
		t.Run("SQLite", func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, databaseScript(script, steps, "sqlite:data/catchword.db", ""))
		})
		t.Run("PostgreSQL", func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, databaseScript(script, steps, storetest.Postgres(t), storetest.Postgres(t)))
		})
	}
}

func databaseScript(script, steps, first, second string) testscript.Params {
	return testscript.Params{
		Files:               []string{script},
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("CATCHWORD_DATABASE", first)
			env.Setenv("RESTORED", second)
			return errors.Join(setUpSlack(env), os.WriteFile(filepath.Join(env.WorkDir, "restore.sh"), []byte(steps), 0o600))
		},
		Condition: func(cond string) (bool, error) { return cond == "postgres" && second != "", nil },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"wait-for": waitForFile, "chat": writeChat, "reply": replyInThread, "shown": checkShown, "posted": checkPostedOnce, "shutdown": stopProcess,
		},
	}
}

// restoreSteps returns the steps of deploy/README.md, without those that the test does itself or doesn't need: stopping
// and starting the program, and changing the file's owner.
func restoreSteps() (string, error) {
	readme, err := os.ReadFile(filepath.Join(repository, "deploy/README.md"))
	if err != nil {
		return "", err
	}
	m := regexp.MustCompile(`\n    systemctl stop catchword\n((?:    .*\n)+)    systemctl start catchword\n`).FindSubmatch(readme)
	if m == nil {
		return "", errors.New("deploy/README.md has no steps to restore a backup")
	}
	return strings.NewReplacer(
		"cd /var/lib/catchword", "cd .", "-o catchword -g catchword ", "", "/var/lib/catchword-backups/COPY.db", "copy.db",
	).Replace(string(m[1])), nil
}
