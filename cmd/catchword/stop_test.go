package main

import (
	"context"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
	"github.com/ukmedlibs/catchword/bot/store"
)

// slowResponses DURATION has every call to either workspace take that long to be answered, once it has done what it should.
func slowResponses(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: slow DURATION")
	}
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	for _, w := range ts.Value(slackEnvKey{}).(map[string]*slackfake.Workspace) {
		w.Fault(func(f *slackfake.Faults) { f.ResponseLatency = d })
	}
}

// stopProcess PIDFILE MOST tells a process to stop, as a service manager does, and says that it has ended within a time.
func stopProcess(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: terminate PIDFILE MOST")
	}
	pid, err := strconv.Atoi(strings.TrimSpace(ts.ReadFile(args[0])))
	ts.Check(err)
	limit, err := time.ParseDuration(args[1])
	ts.Check(err)
	began := time.Now()
	ts.Check(syscall.Kill(pid, syscall.SIGTERM))
	for syscall.Kill(pid, 0) == nil {
		if time.Since(began) > limit {
			ts.Fatalf("not stopped after %v", limit)
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Logf("stopped after %v", time.Since(began).Round(10*time.Millisecond))
}

// checkSettled DATABASE CHAT STEP says that a step was said in every room, and nothing is in doubt; ! settled says that
// something is.
func checkSettled(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: [!] settled DATABASE CHAT STEP")
	}
	if _, err := os.Stat(ts.MkAbs(args[0])); err != nil {
		ts.Check(err)
	}
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite:"+ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	steps, err := db.AgendaPosts(ctx, args[1])
	ts.Check(err)
	said, doubt := 0, 0
	for _, p := range steps {
		if p.TriedText != "" && p.Message == "" {
			doubt++
		}
		if p.Step == args[2] && p.Message != "" {
			said++
		}
	}
	if (doubt == 0) == neg || !neg && said != 2 {
		ts.Fatalf("%s was said in %d rooms, and %d posts are in doubt", args[2], said, doubt)
	}
}
