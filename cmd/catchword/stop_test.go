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

// slowResponses DURATION delays the response to every call in both workspaces, after the call took effect.
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

// stopProcess PIDFILE LIMIT sends SIGTERM to a process, as a service manager does, and checks that it ends within the
// limit.
func stopProcess(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: shutdown PIDFILE LIMIT")
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

// checkSettled DATABASE CHAT STEP checks that a step was posted in every room, and that no post is in doubt; ! settled
// checks that one is.
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
	posted, doubt := 0, 0
	for _, p := range steps {
		if p.TriedText != "" && p.Message == "" {
			doubt++
		}
		if p.Step == args[2] && p.Message != "" {
			posted++
		}
	}
	if (doubt == 0) == neg || !neg && posted != 2 {
		ts.Fatalf("%s was posted in %d rooms, and %d posts are in doubt", args[2], posted, doubt)
	}
}
