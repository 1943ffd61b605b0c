package archive_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/questions"
)

const frozenSlug = "2015-08-18-health-and-public-libraries"

// frozenArchive unpacks an archive that an earlier version wrote.
func frozenArchive(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	folder := filepath.Join(dir, frozenSlug)
	packed := filepath.Join("testdata", "frozen", frozenSlug+".zip")
	payload := filepath.Join(unzip(t, packed), frozenSlug, "data")
	if err := os.CopyFS(folder, os.DirFS(payload)); err != nil {
		t.Fatal(err)
	}
	copies := map[string]string{packed: filepath.Join(folder, frozenSlug+".zip")}
	for _, name := range []string{"index.html", "feed.atom", "calendar.ics", "planned.json"} {
		copies[filepath.Join("testdata", "frozen", name)] = filepath.Join(dir, name)
	}
	for _, name := range []string{"style.css", "archive.js"} {
		copies[filepath.Join(payload, name)] = filepath.Join(dir, name)
	}
	for from, to := range copies {
		b, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFrozenArchiveVerifies(t *testing.T) {
	dir := frozenArchive(t)
	for _, name := range []string{filepath.Join(dir, frozenSlug), filepath.Join(dir, frozenSlug, frozenSlug+".zip")} {
		if faults := verifyFaults(t, name); len(faults) > 0 {
			t.Errorf("%s: got faults %q, want none", name, faults)
		}
	}
}

// The pages may look different when this version writes them, but no answer, number, file or permalink may be lost.
func TestFrozenArchiveRebuilds(t *testing.T) {
	frozen := frozenArchive(t)
	before := readTree(t, filepath.Join(frozen, frozenSlug))
	record := filepath.Join(frozen, frozenSlug, "chat.json")
	for _, to := range []struct{ name, dir string }{{"elsewhere", t.TempDir()}, {"in place", frozen}} {
		t.Run(to.name, func(t *testing.T) {
			dir := to.dir
			slug, err := archive.Rebuild(t.Context(), openRoot(t, dir), record, archive.Options{})
			if err != nil || slug != frozenSlug {
				t.Fatalf("got %q, %v, want %q", slug, err, frozenSlug)
			}
			folder := filepath.Join(dir, slug)
			after := readTree(t, folder)
			for name := range before {
				switch {
				case after[name] == "" && before[name] != "":
					t.Errorf("got no %s", name)
				case strings.HasPrefix(name, "files/") || slices.Contains(strings.Fields("answers.csv answers.jsonl chat.jsonld dublin-core.xml links.txt summary.json"), name):
					if diff := cmp.Diff(before[name], after[name]); diff != "" {
						t.Errorf("%s changed (-before +after):\n%s", name, diff)
					}
				case strings.HasSuffix(name, ".html"):
					for id := range idsOf(before[name]) {
						if strings.HasPrefix(id, "a-") && !idsOf(after[name])[id] {
							t.Errorf("%s: got no element with the permalink %s", name, id)
						}
					}
				}
			}
			if diff := cmp.Diff(recordOf(t, before["chat.json"]), recordOf(t, after["chat.json"])); diff != "" {
				t.Errorf("the record changed (-before +after):\n%s", diff)
			}
			if faults := verifyFaults(t, folder); len(faults) > 0 {
				t.Errorf("got faults %q, want none", faults)
			}
			checkAllLinks(t, dir)
		})
	}
}

// recordOf is a record without what the program says in it of itself, and of how it collects.
func recordOf(t *testing.T, text string) (record map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &record); err != nil {
		t.Fatal(err)
	}
	completeness, _ := record["completeness"].(map[string]any)
	delete(completeness, "statement")
	delete(completeness, "program")
	return record
}

func TestFrozenArchiveJoinsSeries(t *testing.T) {
	dir := frozenArchive(t)
	before := readTree(t, filepath.Join(dir, frozenSlug))
	planned := twoUpcomingChats(t)
	said := func(author string, minute time.Duration) questions.Answer {
		return questions.Answer{
			Workspace: "public", Room: "!lib:example.org", RoomName: "#libraries:example.org", Message: author, Author: author, AuthorID: "U" + author,
			Section: questions.General, MatchedBy: questions.ByLive, At: planned[0].Starts.Add(minute * time.Minute), Text: "Yes.",
		}
	}
	// One of them came to the chat before.
	second := transcriptOf(planned[0], said("Amira Osman", 1), said("Ben Newman", 2))
	if err := archive.Write(t.Context(), openRoot(t, dir), second, archive.Options{SeriesTitle: "#ukmedlibs chats"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, readTree(t, filepath.Join(dir, frozenSlug))); diff != "" {
		t.Errorf("the earlier chat's folder changed (-before +after):\n%s", diff)
	}
	page, feed := readFile(t, dir, "index.html"), readFile(t, dir, "feed.atom")
	for _, want := range []string{
		`href="` + frozenSlug + `/index.html"`, "12 answers by 5 people", `href="2015-09-15-research-data/index.html"`, "2 answers by 2 people",
		"14 answers by 6 people", "<dt>Chats</dt><dd>2</dd>", "<dt>Answers</dt><dd>14</dd>", "<dt>People</dt><dd>6</dd>", "Open mic",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("got no %q in the index", want)
		}
	}
	for _, id := range []string{"urn:uuid:437055d3-4d11-5ca3-8ad6-c3c03c4f97ff", "urn:uuid:79f5beb5-0c51-5232-8f0b-3ea0736e6d8f"} { // as they were
		if !strings.Contains(feed, "<id>"+id+"</id>") {
			t.Errorf("got no %s in the feed", id)
		}
	}
	if n := strings.Count(feed, "<entry>"); n != 2 {
		t.Errorf("got %d entries in the feed, want 2", n)
	}
	checkAllLinks(t, dir)
}

func checkAllLinks(t *testing.T, dir string) {
	t.Helper()
	files := readTree(t, dir)
	for name, content := range files {
		if strings.HasSuffix(name, ".html") {
			checkLinks(t, files, name, content)
		}
	}
}

// idsOf are what links can lead to in a page.
func idsOf(page string) map[string]bool {
	ids := map[string]bool{}
	for _, m := range hasID.FindAllStringSubmatch(page, -1) {
		ids[m[1]] = true
	}
	return ids
}
