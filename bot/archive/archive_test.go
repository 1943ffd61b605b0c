package archive_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"iter"
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

var update = flag.Bool("update", false, "write the golden files anew")

var fileNames = []string{"answers.csv", "answers.jsonl", "chat.json", "index.html", "time.html", "transcript.md", "transcript.txt"}

// seriesFileNames are the files of the whole series.
var seriesFileNames = []string{"archive.js", "calendar.ics", "feed.atom", "index.html", "planned.json", "style.css"}

// writeArchive writes the archive and returns its files.
func writeArchive(t *testing.T, tr questions.Transcript) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if err := archive.Write(t.Context(), openRoot(t, dir), tr, archive.Options{}); err != nil {
		t.Fatalf("got %v, want an archive", err)
	}
	return readDir(t, filepath.Join(dir, tr.Chat.Slug))
}

func openRoot(t testing.TB, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func readDir(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(b)
	}
	return files
}

func TestGolden(t *testing.T) {
	for _, tr := range []questions.Transcript{foundingChat(t), festiveChat(t)} {
		t.Run(tr.Chat.Slug, func(t *testing.T) {
			golden, got := filepath.Join("testdata", tr.Chat.Slug), writeArchive(t, tr)
			// Of these the sources are as good to read.
			for _, same := range []string{"archive.js", "style.css", "chat.schema.json", tr.Chat.Slug + ".zip"} {
				delete(got, same)
			}
			if *update {
				if err := os.RemoveAll(golden); err != nil {
					t.Fatal(err)
				}
				if err := os.Mkdir(golden, 0o755); err != nil {
					t.Fatal(err)
				}
				for name, content := range got {
					if err := os.WriteFile(filepath.Join(golden, name), []byte(content), 0o644); err != nil { //nolint:gosec // to be read
						t.Fatal(err)
					}
				}
			}
			if diff := cmp.Diff(readDir(t, golden), got); diff != "" {
				t.Errorf("archive differs from %s (-want +got; -update writes it anew):\n%s", golden, diff)
			}
		})
	}
}

func TestWriteIsDeterministic(t *testing.T) {
	tr := foundingChat(t)
	var answers []questions.Answer
	for a := range tr.Answers(t.Context(), questions.OrderByTime) {
		slices.Reverse(a.Reactions)
		answers = append(answers, a)
	}
	slices.Reverse(answers)
	other := transcriptOf(tr.Chat, answers...)
	other.Rooms, other.Posted = tr.Rooms, tr.Posted

	first := writeArchive(t, tr)
	if diff := cmp.Diff(first, writeArchive(t, tr)); diff != "" {
		t.Errorf("two archives of one transcript differ:\n%s", diff)
	}
	if diff := cmp.Diff(first, writeArchive(t, other)); diff != "" {
		t.Errorf("archives differ when answers were inserted in another order:\n%s", diff)
	}
}

func TestWriteTombstones(t *testing.T) {
	for name, content := range writeArchive(t, foundingChat(t)) {
		for _, gone := range []string{"Priya", "never work", "UPriya"} {
			if strings.Contains(content, gone) {
				t.Errorf("%s: got %q of an answer that is gone, want no word of it", name, gone)
			}
		}
	}
}

func TestChatJSONIsConsistent(t *testing.T) {
	var got struct {
		Version int
		Chat    struct {
			Slug      string
			Questions []struct{ Number int }
		}
		Tally   struct{ Answers, People, Late, Edited, Reactions, Gone int }
		Answers []struct {
			ID, Text, Author, Section string
			Gone                      bool
			At                        time.Time
		}
	}
	if err := json.Unmarshal([]byte(writeArchive(t, foundingChat(t))["chat.json"]), &got); err != nil {
		t.Fatalf("chat.json: %v", err)
	}
	if got.Version != 1 || got.Chat.Slug != "2015-08-18-health-and-public-libraries" || len(got.Chat.Questions) != 5 {
		t.Errorf("got version %d of %q with %d questions, want 1 of the founding chat with 5", got.Version, got.Chat.Slug, len(got.Chat.Questions))
	}
	if got.Tally.Answers+got.Tally.Gone != len(got.Answers) {
		t.Errorf("got %d answers and %d gone in the tally but %d listed", got.Tally.Answers, got.Tally.Gone, len(got.Answers))
	}
	if !slices.IsSortedFunc(got.Answers, func(a, b struct {
		ID, Text, Author, Section string
		Gone                      bool
		At                        time.Time
	},
	) int {
		return a.At.Compare(b.At)
	}) {
		t.Error("answers aren't in time order")
	}
}

func TestAnchorsAreOnBothPages(t *testing.T) {
	tr := foundingChat(t)
	files := writeArchive(t, tr)
	for a := range tr.Answers(t.Context(), questions.OrderByTime) {
		id := archive.Anchor(a.Workspace, a.Room, a.Message)
		for _, name := range []string{"index.html", "time.html"} {
			if n := strings.Count(files[name], `id="`+id+`"`); n != 1 {
				t.Errorf("%s: got %d elements with the permalink %s, want 1", name, n, id)
			}
		}
	}
	// Fixed for ever: others link to it.
	if got, want := archive.Anchor("nhs", "C1", "1439924470.000100"), "a-68e76fb41660c36e"; got != want {
		t.Errorf("got anchor %s, want %s", got, want)
	}
}

func TestCSVIsRFC4180(t *testing.T) {
	got := writeArchive(t, foundingChat(t))["answers.csv"]
	rows, err := csv.NewReader(strings.NewReader(got)).ReadAll()
	if err != nil {
		t.Fatalf("answers.csv: %v", err)
	}
	if len(rows) != 14 || rows[0][0] != "id" {
		t.Errorf("got %d rows under %v, want 14 with a header", len(rows), rows[0])
	}
	if strings.Count(got, "\n") != strings.Count(got, "\r\n") {
		t.Error("got lines that end in LF, want CRLF everywhere")
	}
}

func TestWriteErrors(t *testing.T) {
	tr := foundingChat(t)
	broken := errors.New("the store is gone")
	all := tr.Answers
	tests := []struct {
		name    string
		answers func(context.Context, questions.Order) iter.Seq2[questions.Answer, error]
		want    string
	}{
		{"the store fails", func(context.Context, questions.Order) iter.Seq2[questions.Answer, error] {
			return func(yield func(questions.Answer, error) bool) { yield(questions.Answer{}, broken) }
		}, "the store is gone"},
		{"sections in disorder", func(ctx context.Context, _ questions.Order) iter.Seq2[questions.Answer, error] {
			return all(ctx, questions.OrderByTime) // the late answer to Q5 comes after the general discussion
		}, `answers of "q5" are in two places`},
		{"answers that never settle", func() func(context.Context, questions.Order) iter.Seq2[questions.Answer, error] {
			n := 0
			return func(ctx context.Context, order questions.Order) iter.Seq2[questions.Answer, error] {
				return func(yield func(questions.Answer, error) bool) {
					n++
					for a, err := range all(ctx, order) {
						a.Text += strings.Repeat("!", n)
						if !yield(a, err) {
							return
						}
					}
				}
			}
		}(), "its answers changed between two readings"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			root := openRoot(t, dir)
			if err := archive.Write(t.Context(), root, tr, archive.Options{}); err != nil {
				t.Fatal(err)
			}
			before := readDir(t, filepath.Join(dir, tr.Chat.Slug))
			bad := tr
			bad.Answers = tt.answers
			err := archive.Write(t.Context(), root, bad, archive.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tr.Chat.Slug) {
				t.Errorf("got error %v, want one of %q that says %q", err, tr.Chat.Slug, tt.want)
			}
			checkUnchanged(t, dir, tr.Chat.Slug, before)
		})
	}
}

// checkUnchanged checks that an archive is as it was, and that nothing lies beside it.
func checkUnchanged(t *testing.T, dir, slug string, before map[string]string) {
	t.Helper()
	if diff := cmp.Diff(before, readDir(t, filepath.Join(dir, slug))); diff != "" {
		t.Errorf("the archive changed:\n%s", diff)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if want := slices.Sorted(slices.Values(append([]string{slug}, seriesFileNames...))); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWriteStopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if err := archive.Write(ctx, openRoot(t, dir), foundingChat(t), archive.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("got %v left behind, want nothing", entries)
	}
}

func TestHostileSlugs(t *testing.T) {
	for _, slug := range []string{
		"", ".", "..", "../x", "../../etc", "/etc", "a/b", `a\b`, ".hidden", "a\x00b", "a\nb", "c:x", "\xff", strings.Repeat("a", 300),
	} {
		dir := t.TempDir()
		inner := filepath.Join(dir, "archive")
		if err := os.Mkdir(inner, 0o755); err != nil {
			t.Fatal(err)
		}
		tr := festiveChat(t)
		tr.Chat.Slug = slug
		if err := archive.Write(t.Context(), openRoot(t, inner), tr, archive.Options{}); err == nil {
			t.Errorf("slug %q: got no error, want one", slug)
		}
		if entries, _ := os.ReadDir(inner); len(entries) != 0 {
			t.Errorf("slug %q: got %v written, want nothing", slug, entries)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 1 {
			t.Errorf("slug %q: got %v outside the root, want nothing", slug, entries)
		}
	}
}

// A link planted in the root must not lead out of it: it is replaced, and what it points to stays.
func TestSlugIsSymlink(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "index.html"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	tr := festiveChat(t)
	if err := os.Symlink(outside, filepath.Join(dir, tr.Chat.Slug)); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := archive.Write(t.Context(), openRoot(t, dir), tr, archive.Options{}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(outside, "index.html"))
	if err != nil || !bytes.Equal(b, []byte("mine")) {
		t.Errorf("got %q, %v outside the root, want it untouched", b, err)
	}
	if info, err := os.Lstat(filepath.Join(dir, tr.Chat.Slug)); err != nil || info.Mode().Type() != fs.ModeDir {
		t.Errorf("got %v, %v, want a folder in place of the link", info, err)
	}
}
