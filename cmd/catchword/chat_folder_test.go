package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// A chatFolderTest is a folder of chat files that is scanned step by step.
type chatFolderTest struct {
	*testing.T
	folder *chatFolder
	log    strings.Builder

	mu          sync.Mutex
	scheduled   []string // titles
	scheduleErr error
}

func newChatFolderTest(t *testing.T) *chatFolderTest {
	s := &chatFolderTest{T: t}
	log := slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	s.folder = newChatFolder(t.TempDir(), log, func(_ context.Context, c questions.Chat) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.scheduled = append(s.scheduled, c.Slug+": "+c.Title)
		return s.scheduleErr
	})
	return s
}

func (s *chatFolderTest) write(name, text string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.folder.path, name), []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
}

func (s *chatFolderTest) remove(name string) {
	s.Helper()
	if err := os.Remove(filepath.Join(s.folder.path, name)); err != nil {
		s.Fatal(err)
	}
}

// scan does one patient scan, and checks what was scheduled and logged since the last.
func (s *chatFolderTest) scan(wantSettled bool, want ...string) {
	s.Helper()
	if got := s.folder.scan(s.Context(), true); got != wantSettled {
		s.Errorf("settled: got %v, want %v", got, wantSettled)
	}
	s.checkEvents(want...)
}

func (s *chatFolderTest) checkEvents(want ...string) {
	s.Helper()
	got := slices.Clone(s.scheduled)
	for line := range strings.Lines(s.log.String()) {
		got = append(got, strings.TrimSpace(strings.ReplaceAll(line, s.folder.path, "chats")))
	}
	s.scheduled = nil
	s.log.Reset()
	if !slices.Equal(got, want) {
		s.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func chatText(title string) string {
	return "---\ntitle: " + title + "\nstarts: 2126-12-15 20:00 Europe/London\n---\n"
}

func TestChatFolder(t *testing.T) {
	s := newChatFolderTest(t)
	s.write("a.md", chatText("One"))
	s.write("notes.txt", "Not a chat file")
	s.write(".#a.md", "An editor's file")
	s.write("a.md~", "An editor's backup")
	if err := s.folder.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.checkEvents("a: One")
	s.scan(true)

	// A change counts once two scans have seen it.
	s.write("a.md", "")
	s.scan(false)
	s.write("a.md", chatText("Two"))
	s.scan(false)
	s.scan(true, "a: Two")
	s.scan(true)

	// Faults are logged once, and the chat stays.
	s.write("a.md", strings.Replace(chatText("Three"), "Europe/London", "Europe/Londn", 1))
	s.scan(false)
	s.scan(true,
		`level=ERROR msg="chat file has an error" position=chats/a.md:3:9 error="there is no time zone \"Europe/Londn\": did you mean Europe/London?"`,
		`level=WARN msg="keeping the last valid version of the chat" file=chats/a.md`)
	s.scan(true)
	s.write("a.md", chatText("Three"))
	s.scan(false)
	s.scan(true, "a: Three")

	// New files, files that an editor replaces, and removed files.
	s.write("b.md", chatText("B"))
	s.scan(false)
	s.scan(true, "b: B")
	s.write("new", chatText("B2"))
	s.remove("b.md")
	s.scan(false)
	if err := os.Rename(filepath.Join(s.folder.path, "new"), filepath.Join(s.folder.path, "b.md")); err != nil {
		t.Fatal(err)
	}
	s.scan(false)
	s.scan(true, "b: B2")
	s.remove("b.md")
	s.scan(false)
	s.scan(true, `level=WARN msg="chat file was removed; its chat still runs. To cancel it, a host sends end" file=chats/b.md`)
	s.scan(true)

	// If scheduling fails, it is tried again.
	s.scheduleErr = errors.New("disk full")
	s.write("c.md", chatText("C"))
	s.scan(false)
	s.scan(true, "c: C", `level=ERROR msg="cannot schedule chat" file=chats/c.md error="disk full"`)
	s.scheduleErr = nil
	s.scan(true, "c: C")

	// A missing folder is logged once, and may come back.
	if err := os.Rename(s.folder.path, s.folder.path+"-away"); err != nil {
		t.Fatal(err)
	}
	s.scan(true, `level=ERROR msg="cannot read chat files" error="open chats: no such file or directory"`)
	s.scan(true)
	if err := os.Rename(s.folder.path+"-away", s.folder.path); err != nil {
		t.Fatal(err)
	}
	s.scan(true)
}

func TestNoChatFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		file:           file + " is not a folder: set CATCHWORD_CHATS to the folder of chat files",
		file + "-none": "there is no folder of chat files at " + file + "-none: create it, or set CATCHWORD_CHATS",
	} {
		err := newChatFolder(path, slog.New(slog.NewTextHandler(io.Discard, nil)), nil).open(t.Context())
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestWatchChats checks that the watcher notices a file, and so does polling.
func TestWatchChats(t *testing.T) {
	for _, test := range []struct {
		name                     string
		settleTime, pollInterval time.Duration
	}{
		{"watching", time.Millisecond, time.Hour},
		{"polling", time.Millisecond, 2 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newChatFolderTest(t)
			s.folder.settleTime, s.folder.pollInterval = test.settleTime, test.pollInterval
			scheduled := make(chan string)
			s.folder.schedule = func(_ context.Context, c questions.Chat) error {
				scheduled <- c.Title
				return nil
			}
			ctx, cancel := context.WithCancel(t.Context())
			var watching sync.WaitGroup
			watching.Go(func() { s.folder.watch(ctx) })
			defer watching.Wait()
			defer cancel()
			for _, want := range []string{"One", "Two"} {
				// Repeated until it is noticed: the watcher may not be ready at first.
				repeat := time.NewTicker(time.Second)
				defer repeat.Stop()
				s.write("a.md", chatText(want))
				for got := ""; got != want; {
					select {
					case got = <-scheduled:
					case <-repeat.C:
						s.write("a.md", chatText(want))
					}
				}
			}
		})
	}
}
