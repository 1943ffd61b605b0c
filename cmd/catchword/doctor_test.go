package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot"
)

func TestPrintFindings(t *testing.T) {
	for _, test := range []struct {
		findings []adapters.Finding
		want     string
		err      error
	}{
		{
			[]adapters.Finding{{Check: "token"}, {Room: "#a", Check: "membership", Detail: "joined"}},
			"\nnhs\n  ✓ token\n  #a\n    ✓ membership: joined\n\nEverything is ready.\n", nil,
		},
		{
			[]adapters.Finding{{Check: "sockets", Verdict: adapters.Warning, Detail: "one of two", Remedy: "look again"}},
			"\nnhs\n  ! sockets: one of two\n    → look again\n\nReady for a chat. Warnings: 1.\n", nil,
		},
		{
			[]adapters.Finding{{Room: "#a", Check: "membership", Verdict: adapters.Failed, Remedy: "invite it"}, {Room: "#b", Check: "membership", Verdict: adapters.Warning}},
			"\nnhs\n  #a\n    ✗ membership\n      → invite it\n  #b\n    ! membership\n\nFailed: 1. Warnings: 1.\n", errReported,
		},
	} {
		var out strings.Builder
		d := doctor{out: &out, counts: map[adapters.Verdict]int{}}
		d.printSection("nhs", test.findings)
		if err := d.printSummary(); err != test.err || out.String() != test.want {
			t.Errorf("got error %v and\n%s\nwant error %v and\n%s", err, out.String(), test.err, test.want)
		}
	}
}

// finding returns the finding of a check.
func finding(t *testing.T, all []adapters.Finding, what string) adapters.Finding {
	t.Helper()
	for _, f := range all {
		if f.Check == what {
			return f
		}
	}
	t.Fatalf("got %+v, want something about %s", all, what)
	return adapters.Finding{}
}

func TestGroupByRoom(t *testing.T) {
	rooms := []bot.RoomConfig{{Name: "#a"}, {Name: "#b"}}
	var got []string
	for _, f := range groupByRoom(rooms, []adapters.Finding{{Check: "1"}, {Room: "#a", Check: "2"}, {Room: "#b", Check: "4"}, {Room: "#a", Check: "3"}, {Room: "#b", Check: "5"}}) {
		got = append(got, f.Check)
	}
	if want := "1 2 3 4 5"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestMachineCheck(t *testing.T) {
	t.Chdir(t.TempDir())
	chat := func(name, starts, more string) {
		t.Helper()
		text := "---\ntitle: " + name + "\nstarts: " + starts + "\nends: 1h\n" + more + "---\n## Q1\nWhy?\n"
		if err := os.WriteFile(filepath.Join("chats", name+".md"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := machineCheck{config: config{Chats: "chats", Database: "sqlite:data/catchword.db", Archive: "archive", Zone: time.UTC}, now: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)}
	check := func(what string, verdict adapters.Verdict, words ...string) {
		t.Helper()
		f := finding(t, m.run(t.Context()), what)
		for _, w := range append(words, "") {
			if f.Verdict != verdict || !strings.Contains(f.Detail+"\n"+f.Remedy, w) {
				t.Errorf("got %+v, want verdict %d and %q", f, verdict, w)
			}
		}
		if f.Verdict != adapters.OK && f.Remedy == "" {
			t.Errorf("got %+v, want a remedy", f)
		}
	}
	check("environment", adapters.Warning, "no workspace", "CATCHWORD_SLACK")
	check("database", adapters.OK, "will be created")
	check("archive folder", adapters.OK, "will be created")
	check("chat files", adapters.Failed, "CATCHWORD_CHATS")
	check("time zone", adapters.OK, "UTC", "Tuesday 1 December 2026, 12:00")
	check("listen address", adapters.OK, "off")
	check("disk for the database", adapters.OK, "free")
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 0 {
		t.Errorf("got %v and error %v, want nothing created", entries, err)
	}

	if err := errors.Join(os.Mkdir("chats", 0o700), os.Mkdir("data", 0o700), os.WriteFile("data/catchword.db", make([]byte, 3<<20), 0o644), os.WriteFile("archive", nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	check("database", adapters.Warning, "readable by other users", "chmod 600")
	check("archive folder", adapters.Failed, "archive is not a folder")
	check("chat files", adapters.Warning, "0 in chats", "import")
	if err := os.Chmod("data/catchword.db", 0o600); err != nil {
		t.Fatal(err)
	}
	check("database", adapters.OK, "3 MB")
	chat("past", "2026-11-01 20:00 UTC", "")
	chat("later", "2026-12-20 20:00 UTC", "rooms: [elsewhere/#room]\n")
	chat("next", "2026-12-15 20:00 UTC", "")
	chat("wrong", "soon", "")
	check("chat files", adapters.OK, "4 in chats", "next, on Tuesday 15 December 2026 at 20:00 UTC")
	check("chat file chats/wrong.md", adapters.Failed, "catchword check chats/wrong.md")
	check("chat file chats/later.md", adapters.Warning, "elsewhere/#room")

	m.Database = "sqlite:archive/below/a.file"
	check("database", adapters.Failed)
	m.Database = "postgres://me:hunter2@127.0.0.1:1/chats"
	check("database", adapters.Failed, "127.0.0.1")
	if f := m.database(t.Context()); strings.Contains(f.Detail, "hunter2") {
		t.Errorf("got %+v, which shows the password", f)
	}
}

func TestCheckListenAddress(t *testing.T) {
	s := newTestServer(t, webHandler(serveHealth(func() []bot.Status { return nil }, nil), notFound(), notFound()))
	m := machineCheck{config: config{Listen: strings.TrimPrefix(s.address, "http://")}}
	if f := m.listenAddress(t.Context()); f.Verdict != adapters.OK || !strings.Contains(f.Detail, "is running") {
		t.Errorf("by catchword: got %+v", f)
	}
	m.Listen = strings.TrimPrefix(newTestServer(t, notFound()).address, "http://")
	if f := m.listenAddress(t.Context()); f.Verdict != adapters.Failed || !strings.Contains(f.Detail, "in use") {
		t.Errorf("by another program: got %+v", f)
	}
	for from, to := range map[string]string{":80": "localhost:80", "0.0.0.0:80": "localhost:80", "[::]:80": "localhost:80", "127.0.0.1:80": "127.0.0.1:80", "[::1]:80": "[::1]:80"} {
		if got := dialAddress(from); got != to {
			t.Errorf("%s: got %s, want %s", from, got, to)
		}
	}
}

func TestPostTestMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := adaptertest.NewPlatform("nhs", "#chat")
		w := bot.Workspace{Name: "nhs", Adapter: p.Adapter(), Rooms: []bot.RoomConfig{{Name: "#chat"}, {Name: "#nowhere"}}}
		p.SetFaults(func(f *adaptertest.Faults) { f.RefuseNext, f.LoseNextResponses = 1, 1 })
		got := postTestMessages(t.Context(), w)
		if len(got) != 2 || got[0].Verdict != adapters.OK || got[1].Verdict != adapters.Failed || !strings.Contains(got[1].Detail, "#nowhere") {
			t.Errorf("got %+v, want the first room to pass and the second to fail", got)
		}
		if all := p.Messages("#chat"); len(all) != 1 || all[0].Text != testMessage || !all[0].Deleted {
			t.Errorf("got %+v, want one deleted test message", all)
		}
		p.SetFaults(func(f *adaptertest.Faults) { f.NoDelete = true })
		if got := postTestMessages(t.Context(), w)[0]; got.Verdict != adapters.Failed || !strings.Contains(got.Detail, "not deleted") {
			t.Errorf("got %+v, want it to say that the message stays", got)
		}
		p.SetFaults(func(f *adaptertest.Faults) { f.RefuseChance = 1 })
		began := time.Now()
		if got := postTestMessages(t.Context(), w)[0]; got.Verdict != adapters.Failed || time.Since(began) > checkTimeout+time.Second {
			t.Errorf("got %+v after %v, want it to give up", got, time.Since(began))
		}
	})
}

func TestDoctorHealth(t *testing.T) {
	s := newTestServer(t, webHandler(serveHealth(func() []bot.Status { return nil }, nil), notFound(), notFound()))
	ask := func(listen string) int {
		setEnvironment(t, false, map[string]string{"LISTEN": listen})
		var out, errs strings.Builder
		return run(context.Background(), []string{"doctor", "--health"}, nil, &out, &errs)
	}
	if got := ask(strings.TrimPrefix(s.address, "http://")); got != 0 {
		t.Errorf("while it runs: got exit %d, want 0", got)
	}
	if got := ask(strings.TrimPrefix(newTestServer(t, notFound()).address, "http://")); got != 1 {
		t.Errorf("while something else runs: got exit %d, want 1", got)
	}
	if got := ask("off"); got != 1 {
		t.Errorf("with the address off: got exit %d, want 1", got)
	}
}
