package bot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot/archive"
)

// archived reads a file below the folder of archives; "" if it isn't there.
func (n *night) archived(path string) string {
	n.Helper()
	b, err := os.ReadFile(filepath.Join(n.opts.Archive, path))
	if err != nil && !os.IsNotExist(err) {
		n.Fatal(err)
	}
	return string(b)
}

// What is planned stands in the index and the calendar before anything is held, moves with the plan, and goes when its
// archive comes, or when it is over and nothing came of it.
func TestPlansAreArchived(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *night) {
		n.opts.Site.Series = "Our chats"
		n.run()
		c := theChat()
		n.schedule(c)
		n.moment()
		if got := n.archived("index.html"); !strings.Contains(got, "Our chats") || !strings.Contains(got, "Partnerships") || !strings.Contains(got, "20:00 GMT") {
			t.Errorf("got index %s, want the chat as coming", got)
		}
		if got := n.archived("calendar.ics"); !strings.Contains(got, "DTSTART:20000118T200000Z") {
			t.Errorf("got calendar %s, want the chat", got)
		}
		c.Title = "Partnerships, once more"
		n.schedule(c)
		n.moment()
		if got := n.archived("calendar.ics"); !strings.Contains(got, "once more") {
			t.Errorf("got calendar %s, want the new title", got)
		}
		other := theChat()
		other.Slug, other.Starts, other.Ends, other.Rooms = "2000-01-25-called-off", c.Starts.AddDate(0, 0, 7), c.Ends.AddDate(0, 0, 7), []string{"nhs/#elsewhere"}
		n.schedule(other)
		n.at(70 * time.Minute)
		if got := n.archived("calendar.ics"); strings.Contains(got, "once more") || !strings.Contains(got, "20000125") {
			t.Errorf("got calendar %s, want the chat that was held gone from it", got)
		}
		n.at(14 * 24 * time.Hour)
		n.stop()
		n.run()
		n.schedule(c)
		n.moment()
		if got := n.archived("calendar.ics"); strings.Contains(got, "BEGIN:VEVENT") {
			t.Errorf("got calendar %s, want nothing that is over in it", got)
		}
	})
}

func TestFilesAreArchived(t *testing.T) {
	poster := adaptertest.File{Name: "poster.png", Type: "image/png", Data: []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")}
	for name, keep := range map[string]bool{"if so asked": true, "else not": false} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, []string{"nhs", "public"}, func(n *night) {
				n.opts.Files = keep
				n.run()
				n.schedule(theChat())
				n.at(6 * time.Minute)
				p := n.platforms["nhs"]
				p.Upload("#chat", person("Ann"), n.find("nhs", "## Q1").ID, "our poster", poster)
				p.Upload("#chat", person("Ann"), n.find("nhs", "## Q1").ID, "", adaptertest.File{Name: "page.png", Type: "image/png", Data: []byte("<!doctype html>")})
				n.at(70 * time.Minute)
				folder := archive.Folder(n.opts.Archive, theChat().Slug)
				kept, err := filepath.Glob(filepath.Join(folder, "files", "*.png"))
				if err != nil {
					t.Fatal(err)
				}
				page := n.archived(theChat().Slug + "/index.html")
				if want := map[bool]int{true: 1, false: 0}[keep]; len(kept) != want || !strings.Contains(page, "poster.png") || strings.Contains(page, `href="files/`) != keep {
					t.Errorf("got %v kept, want %d, and the page %s", kept, want, page)
				}
			})
		})
	}
}
