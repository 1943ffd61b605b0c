package bot

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/bot/archive/bagit"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

// readArchiveFile reads a file below the archives' folder; "" if it doesn't exist.
func (n *harness) readArchiveFile(path string) string {
	n.Helper()
	b, err := os.ReadFile(filepath.Join(n.opts.Archive, path))
	if err != nil && !os.IsNotExist(err) {
		n.Fatal(err)
	}
	return string(b)
}

// A planned chat is in the index and the calendar before its start, and moves with the plan. It is removed when its
// archive is written, or when it is over without one.
func TestPlannedChatsInIndex(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *harness) {
		n.opts.Site.SeriesTitle = "Our chats"
		n.run()
		c := testChat()
		n.schedule(c)
		n.settle()
		if got := n.readArchiveFile("index.html"); !strings.Contains(got, "Our chats") || !strings.Contains(got, "Partnerships") || !strings.Contains(got, "20:00 GMT") {
			t.Errorf("got index %s, want the chat as upcoming", got)
		}
		if got := n.readArchiveFile("calendar.ics"); !strings.Contains(got, "DTSTART:20000118T200000Z") {
			t.Errorf("got calendar %s, want the chat", got)
		}
		c.Title = "Partnerships, once more"
		n.schedule(c)
		n.settle()
		if got := n.readArchiveFile("calendar.ics"); !strings.Contains(got, "once more") {
			t.Errorf("got calendar %s, want the new title", got)
		}
		other := testChat()
		other.Slug, other.Starts, other.Ends, other.Rooms = "2000-01-25-called-off", c.Starts.AddDate(0, 0, 7), c.Ends.AddDate(0, 0, 7), []string{"nhs/#elsewhere"}
		n.schedule(other)
		n.at(70 * time.Minute)
		if got := n.readArchiveFile("calendar.ics"); strings.Contains(got, "once more") || !strings.Contains(got, "20000125") {
			t.Errorf("got calendar %s, want the chat that is over not in it", got)
		}
		n.at(14 * 24 * time.Hour)
		n.stop()
		n.run()
		n.schedule(c)
		n.settle()
		if got := n.readArchiveFile("calendar.ics"); strings.Contains(got, "BEGIN:VEVENT") {
			t.Errorf("got calendar %s, want no chat that is over", got)
		}
	})
}

func TestFilesAreArchived(t *testing.T) {
	poster := adaptertest.File{Name: "poster.png", Type: "image/png", Data: []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")}
	for name, keep := range map[string]bool{"if so asked": true, "else not": false} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, []string{"nhs", "public"}, func(n *harness) {
				n.opts.KeepFiles = keep
				n.run()
				n.schedule(testChat())
				n.at(6 * time.Minute)
				p := n.platforms["nhs"]
				p.UploadAs("#chat", person("Ann"), n.find("nhs", "## Q1").ID, "our poster", poster)
				p.UploadAs("#chat", person("Ann"), n.find("nhs", "## Q1").ID, "", adaptertest.File{Name: "page.png", Type: "image/png", Data: []byte("<!doctype html>")})
				n.at(70 * time.Minute)
				folder := archive.ChatDir(n.opts.Archive, testChat().Slug)
				kept, err := filepath.Glob(filepath.Join(folder, "files", "*.png"))
				if err != nil {
					t.Fatal(err)
				}
				page := n.readArchiveFile(testChat().Slug + "/index.html")
				if want := map[bool]int{true: 1, false: 0}[keep]; len(kept) != want || !strings.Contains(page, "poster.png") || strings.Contains(page, `href="files/`) != keep {
					t.Errorf("got %v kept, want %d, and the page %s", kept, want, page)
				}
			})
		})
	}
}

// Two processes write archives at once in the busiest minute, while answers keep coming in. Each archive is of one
// moment, and none replaces another halfway.
func TestArchiveWhileAnswersArrive(t *testing.T) {
	address, ctx := storetest.Address(t), t.Context()
	opts := Options{Archive: t.TempDir(), Log: slog.New(slog.DiscardHandler)}
	c := testChat()
	db := openStore(t, address)
	if _, err := db.SaveChat(ctx, c); err != nil {
		t.Fatal(err)
	}
	said := 0
	say := func(ctx context.Context, n int) error {
		return db.Transact(ctx, func(ctx context.Context) error {
			for range n {
				said++
				_, err := db.AddAnswer(ctx, store.Answer{
					RoomRef: store.RoomRef{Workspace: "nhs", Room: "C1"}, Message: adapters.MessageID(fmt.Sprintf("%06d", said)), Chat: c.Slug, Step: "q1",
					Section: questions.QuestionSection(1), MatchedBy: questions.ByThread, Author: adapters.User{ID: "ann", Name: "Ann"},
					Text: "Yes.", At: c.Starts.Add(time.Duration(said) * time.Millisecond),
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := say(ctx, 300); err != nil {
		t.Fatal(err)
	}
	busy, quiet := context.WithCancel(ctx)
	var talk, writers sync.WaitGroup
	talk.Go(func() {
		// A hundred a second: many during one archive, but not so many that it gets slow.
		for ; busy.Err() == nil; time.Sleep(10 * time.Millisecond) {
			if err := say(ctx, 1); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 2 {
		writers.Go(func() {
			other := openStore(t, address)
			for range 2 {
				if _, err := New(other, opts).WriteArchive(ctx, c.Slug); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	quiet()
	talk.Wait()
	if _, err := New(db, opts).WriteArchive(ctx, c.Slug); err != nil {
		t.Fatal(err)
	}
	folder := archive.ChatDir(opts.Archive, c.Slug)
	if v, err := bagit.Verify(ctx, folder); err != nil || len(v.Faults) > 0 {
		t.Errorf("got %v, %v, want a whole archive", v.Faults, err)
	}
	lines, err := os.ReadFile(filepath.Join(folder, "answers.jsonl"))
	if got := strings.Count(string(lines), "\n"); got != said || err != nil {
		t.Errorf("got %d answers, %v, want the %d that were given", got, err, said)
	}
}

func openStore(t *testing.T, address string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
