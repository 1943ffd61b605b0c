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

// mainWithPostgres are tests that may start a PostgreSQL, which ends with them.
type mainWithPostgres struct{ *testing.M }

func (m mainWithPostgres) Run() int { return storetest.Main(m.M) }

// TestScripts drives the real program, as people do, by the scripts of testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"await": waitForFile},
	})
}

// waitForFile FILE PATTERN goes on once the file, which a command in the background writes, matches the pattern.
func waitForFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await FILE PATTERN")
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
