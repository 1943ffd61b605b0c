package main

import (
	"flag"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ukmedlibs/catchword/bot/store/storetest"
)

var update = flag.Bool("update", false, "rewrite the expectations of testdata/script with what the program prints")

func TestMain(m *testing.M) {
	testscript.Main(mainWithPostgres{m}, map[string]func(){"catchword": main})
}

// mainWithPostgres runs the tests and stops the PostgreSQL that they may have started.
type mainWithPostgres struct{ *testing.M }

func (m mainWithPostgres) Run() int { return storetest.Main(m.M) }

// TestScripts runs the scripts of testdata/script, which use the real program.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"wait-for": waitForFile},
	})
}

// waitForFile FILE PATTERN waits until a file, written by a command in the background, matches the pattern.
func waitForFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: wait-for FILE PATTERN")
	}
	wanted, err := regexp.Compile(args[1])
	ts.Check(err)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if got, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && wanted.Match(got) {
			return
		}
	}
	ts.Fatalf("%s doesn't match %s after a minute", args[0], args[1])
}
