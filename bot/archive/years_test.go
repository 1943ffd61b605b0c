package archive_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/ukmedlibs/catchword/bot/archive"
)

// statSeriesFiles are the files beside the folders, as they lie on the disk.
func statSeriesFiles(t testing.TB, dir string) map[string]fs.FileInfo {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]fs.FileInfo{}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if files[e.Name()], err = e.Info(); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// changedSince are the names of the files beside the folders that are others than before, or have gone.
func changedSince(t testing.TB, dir string, before map[string]fs.FileInfo) (names []string) {
	t.Helper()
	now := statSeriesFiles(t, dir)
	for name, f := range now {
		if before[name] == nil || !os.SameFile(before[name], f) || !before[name].ModTime().Equal(f.ModTime()) {
			names = append(names, name)
		}
	}
	for name := range before {
		if now[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// A chat's answer has only those files written again that show its numbers: not the pages of years before it.
func TestSeriesOfManyYears(t *testing.T) {
	dir := t.TempDir()
	root := openRoot(t, dir)
	manySummaries(t, dir, 320) // from 2009 to 2015
	if err := archive.Write(t.Context(), root, largeChat(t, 3), archive.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what string
		do   func() error
		want []string
	}{
		{
			"an answer in the newest chat", func() error { return archive.Write(t.Context(), root, largeChat(t, 4), archive.Options{}) },
			[]string{"feed.atom", "index.html"},
		},
		{"the same once more", func() error { return archive.Write(t.Context(), root, largeChat(t, 4), archive.Options{}) }, nil},
		{"all of it anew", func() error { return archive.WriteSeries(t.Context(), root, archive.Options{}) }, nil},
		{
			"an answer in a chat of 2012", func() error { return archive.Write(t.Context(), root, seriesTestChat(t, 650, 1, 2), archive.Options{}) },
			[]string{"index.html", "year-2012.html", "year-2013.html"},
		},
		{
			"another name for them all", func() error { return archive.WriteSeries(t.Context(), root, archive.Options{SeriesTitle: "#chats"}) },
			[]string{"calendar.ics", "feed.atom", "index.html", "year-2009.html", "year-2010.html", "year-2011.html", "year-2012.html", "year-2013.html"},
		},
	} {
		before := statSeriesFiles(t, dir)
		if err := tt.do(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, changedSince(t, dir, before)); diff != "" {
			t.Errorf("%s: files written differ (-want +got):\n%s", tt.what, diff)
		}
	}
	checkSeriesLinks(t, dir)

	// Whoever writes it for the first time writes the same.
	fresh := t.TempDir()
	if err := os.CopyFS(fresh, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	for name := range statSeriesFiles(t, fresh) {
		if err := os.Remove(filepath.Join(fresh, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.WriteSeries(t.Context(), openRoot(t, fresh), archive.Options{SeriesTitle: "#chats"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(allFiles(t, dir), allFiles(t, fresh)); diff != "" {
		t.Errorf("the same chats, written for the first time, differ:\n%s", diff)
	}

	// What is left of a year that has gone would lead nowhere.
	folders, err := filepath.Glob(filepath.Join(dir, "2010-*"))
	if err != nil || len(folders) < 50 {
		t.Fatalf("got %d folders and %v", len(folders), err)
	}
	for _, f := range folders {
		if err := os.RemoveAll(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Write(t.Context(), root, largeChat(t, 3), archive.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "year-2010.html")); !os.IsNotExist(err) {
		t.Errorf("got %v for the page of a year without chats, want it gone", err)
	}
	checkSeriesLinks(t, dir)
}

// checkSeriesLinks follows the links from the index, without script, and finds every chat once and a place for every
// year.
func checkSeriesLinks(t *testing.T, dir string) {
	t.Helper()
	chats, places := map[string]int{}, map[string]bool{}
	pages := []string{"index.html"}
	for i := 0; i < len(pages); i++ {
		here := 0
		doc, err := html.Parse(strings.NewReader(readFile(t, dir, pages[i])))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			for _, a := range n.Attr {
				page, _, _ := strings.Cut(a.Val, "#")
				switch {
				case a.Key == "id" && pages[i] == "index.html":
					places[a.Val] = true
				case a.Key == "href" && n.Data == "a" && path.Base(page) == "index.html" && path.Dir(page) != ".":
					chats[path.Dir(page)]++
					here++
				case a.Key == "href" && n.Data == "a" && strings.HasSuffix(page, ".html") && !slices.Contains(pages, page):
					pages = append(pages, page)
				}
			}
		}
		if here == 0 || here > 100 {
			t.Errorf("%s: got %d chats, want some, and no more than a phone can show", pages[i], here)
		}
	}
	folders, err := filepath.Glob(filepath.Join(dir, "*", "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		slug := filepath.Base(filepath.Dir(f))
		if chats[slug] != 1 || !places["year-"+slug[:4]] {
			t.Errorf("%s: got %d links, and a place for its year: %v, want one and true", slug, chats[slug], places["year-"+slug[:4]])
		}
	}
	if len(chats) != len(folders) {
		t.Errorf("got links to %d chats, want %d", len(chats), len(folders))
	}
}

// Whoever writes again reads what is new, whoever else has written it, and nothing else.
func TestSeriesReadsOnlyNewSummaries(t *testing.T) {
	dir, elsewhere, others := t.TempDir(), t.TempDir(), []int{805, 700}
	root := openRoot(t, dir)
	manySummaries(t, dir, 20)
	for _, n := range others {
		if err := archive.Write(t.Context(), openRoot(t, elsewhere), seriesTestChat(t, n, 1, 2), archive.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	write := func(answers int) error {
		return archive.Write(t.Context(), root, largeChat(t, answers), archive.Options{})
	}
	if err := write(3); err != nil {
		t.Fatal(err)
	}
	damaged := seriesTestChat(t, 800).Chat.Slug
	if err := os.WriteFile(filepath.Join(dir, damaged, "summary.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write(4); err != nil {
		t.Errorf("got %v, want no summary read that lies in the folder in which it was read before", err)
	}
	if page := readFile(t, dir, "index.html"); !strings.Contains(page, "series total: 2,404 answers") {
		t.Error("got totals without the new answer, want 20 times 120 and four")
	}

	// Another program replaces a folder, and adds one.
	for _, n := range others {
		slug := seriesTestChat(t, n).Chat.Slug
		if err := os.RemoveAll(filepath.Join(dir, slug)); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(elsewhere, slug), filepath.Join(dir, slug)); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(5); err != nil {
		t.Fatal(err)
	}
	if page := readFile(t, dir, "index.html"); !strings.Contains(page, "series total: 2,289 answers") {
		t.Error("got totals without what another has written, want 19 times 120, twice two, and five")
	}

	if err := archive.WriteSeries(t.Context(), root, archive.Options{}); err == nil || !strings.Contains(err.Error(), damaged) {
		t.Errorf("got %v from writing all of it anew, want an error that names %s", err, damaged)
	}
}

// What an evening takes hardly depends on how many others there were. Allocations, unlike seconds, are the same on
// every machine; BenchmarkWriteInSeries measures the seconds.
func TestWriteCostInSeries(t *testing.T) {
	beside := func(n int) float64 {
		dir := t.TempDir()
		root := openRoot(t, dir)
		manySummaries(t, dir, n)
		if err := archive.Write(t.Context(), root, largeChat(t, 200), archive.Options{}); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := archive.Write(t.Context(), root, largeChat(t, 201), archive.Options{}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return float64(after.Mallocs - before.Mallocs)
	}
	few, many := beside(100), beside(1_000)
	t.Logf("an evening beside 100 takes %.0f allocations, beside 1,000 it takes %.2f times that", few, many/few)
	if many > 1.15*few {
		t.Errorf("got %.0f allocations beside a thousand chats, want hardly more than the %.0f beside a hundred", many, few)
	}
}
