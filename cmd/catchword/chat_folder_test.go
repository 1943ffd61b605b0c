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

// A chatFolderTest is a folder of chat files that is looked at step by step.
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

// look is one look that is patient, and what it came to since the last: scheduled chats, then log lines.
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
	s.write("notes.txt", "Nothing of a chat's")
	s.write(".#a.md", "An editor's")
	s.write("a.md~", "An editor's, too")
	if err := s.folder.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.checkEvents("a: One")
	s.scan(true)

	// A change counts once it has stayed for two looks.
	s.write("a.md", "")
	s.scan(false)
	s.write("a.md", chatText("Two"))
	s.scan(false)
	s.scan(true, "a: Two")
	s.scan(true)

	// Faults are said once, and the chat stays.
	s.write("a.md", strings.Replace(chatText("Three"), "Europe/London", "Europe/Londn", 1))
	s.scan(false)
	s.scan(true,
		`level=ERROR msg="fault in a chat file" at=chats/a.md:3:9 fault="there is no time zone \"Europe/Londn\": did you mean Europe/London?"`,
		`level=WARN msg="the chat stays as it was before these faults" file=chats/a.md`)
	s.scan(true)
	s.write("a.md", chatText("Three"))
	s.scan(false)
	s.scan(true, "a: Three")

	// New files, those of an editor that puts a new one in the place of the old, and files that go.
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
	s.scan(true, `level=WARN msg="chat file is gone, and its chat goes on: to call it off, have its host end it" file=chats/b.md`)
	s.scan(true)

	// What the store refused is tried again.
	s.scheduleErr = errors.New("disk full")
	s.write("c.md", chatText("C"))
	s.scan(false)
	s.scan(true, "c: C", `level=ERROR msg="cannot schedule" file=chats/c.md error="disk full"`)
	s.scheduleErr = nil
	s.scan(true, "c: C")

	// A folder that goes away is said once, and comes back.
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
		file:           file + " is no folder: CATCHWORD_CHATS names the folder of chat files",
		file + "-none": "there is no folder of chat files at " + file + "-none: make it, or have CATCHWORD_CHATS say where it is",
	} {
		err := newChatFolder(path, slog.New(slog.NewTextHandler(io.Discard, nil)), nil).open(t.Context())
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestWatchChats has the real watcher, and then the poll alone, notice a file.
func TestWatchChats(t *testing.T) {
	for _, test := range []struct {
		name             string
		settles, polling time.Duration
	}{
		{"told by the system", time.Millisecond, time.Hour},
		{"looking now and then", time.Millisecond, 2 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newChatFolderTest(t)
			s.folder.settleTime, s.folder.pollInterval = test.settles, test.polling
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
				// Written again until it is noticed: the watcher may not yet be there at first.
				again := time.NewTicker(time.Second)
				defer again.Stop()
				s.write("a.md", chatText(want))
				for got := ""; got != want; {
					select {
					case got = <-scheduled:
					case <-again.C:
						s.write("a.md", chatText(want))
					}
				}
			}
		})
	}
}
