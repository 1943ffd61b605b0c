package archive_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/questions"
)

// seriesTestChat is a small chat of a series, of people by number.
func seriesTestChat(t testing.TB, n int, people ...int) questions.Transcript {
	starts := time.Date(2000, 1, 18, 20, 0, 0, 0, london(t)).AddDate(0, 0, 7*n)
	c := questions.Chat{
		Slug: fmt.Sprintf("%s-chat-%d", starts.Format(time.DateOnly), n), Title: fmt.Sprintf("Chat <%d>", n), Leader: "Holly & Co",
		Starts: starts, Ends: starts.Add(time.Hour), Introduction: "About *something*.",
	}
	var answers []questions.Answer
	for i, p := range people {
		answers = append(answers, questions.Answer{
			Workspace: "nhs", Room: "C1", RoomName: "#ukmedlibs", Message: fmt.Sprint(i), Author: fmt.Sprint("Person ", p), AuthorID: fmt.Sprint("U", p),
			Section: questions.General, MatchedBy: questions.ByLive, At: starts.Add(time.Duration(i) * time.Minute), Text: "Yes.",
		})
	}
	return transcriptOf(c, answers...)
}

func TestSeries(t *testing.T) {
	dir := t.TempDir()
	root := openRoot(t, dir)
	o := archive.Options{SeriesTitle: "#ukmedlibs", Chats: append(twoUpcomingChats(t), seriesTestChat(t, 0).Chat)}
	// Not in order of time: the totals are nevertheless.
	for _, tr := range []questions.Transcript{seriesTestChat(t, 2, 1, 4), seriesTestChat(t, 0, 1, 2, 2), seriesTestChat(t, 1, 2, 3)} {
		if err := archive.Write(t.Context(), root, tr, o); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "photos"), 0o755); err != nil {
		t.Fatal(err)
	}
	page := readFile(t, dir, "index.html")
	for _, want := range []string{
		"3 answers by 2 people · series total: 3 answers by 2 people", "2 answers by 2 people · series total: 5 answers by 3 people",
		"2 answers by 2 people · series total: 7 answers by 4 people", "Chat &lt;2&gt;", "Research data, and who keeps it", "<h2 id=\"year-2000\">2000</h2>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("got no %q in the index", want)
		}
	}
	if strings.Contains(page, "photos") {
		t.Error("got a folder in the index that is no chat's")
	}

	// A late answer: its own folder and what lies beside the folders are new, every other byte is as it was.
	before := allFiles(t, dir)
	if err := archive.Write(t.Context(), root, seriesTestChat(t, 1, 2, 3, 9), o); err != nil {
		t.Fatal(err)
	}
	for name, content := range allFiles(t, dir) {
		folder, _, inside := strings.Cut(name, "/")
		if mine := !inside || folder == seriesTestChat(t, 1).Chat.Slug; !mine && before[name] != content {
			t.Errorf("%s: got it changed by an answer in another chat, want it as it was", name)
		}
	}
	if page := readFile(t, dir, "index.html"); !strings.Contains(page, "2 answers by 2 people · series total: 8 answers by 5 people") {
		t.Error("got totals without the late answer")
	}

	before = allFiles(t, dir)
	if err := archive.Write(t.Context(), root, seriesTestChat(t, 2, 1, 4), archive.Options{SeriesTitle: "#ukmedlibs"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"index.html", "calendar.ics", "planned.json"} {
		if diff := cmp.Diff(before[name], readFile(t, dir, name)); diff != "" {
			t.Errorf("%s: by a writer that knows of no plans, want it as it was (-before +after):\n%s", name, diff)
		}
	}
	late := o
	late.Now = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := archive.WriteSeries(t.Context(), root, late); err != nil {
		t.Fatal(err)
	}
	if page := readFile(t, dir, "index.html"); strings.Contains(page, "Research data") {
		t.Error("got what is over and was not held in the index, want it gone")
	}
	if err := archive.WriteSeries(t.Context(), root, o); err != nil {
		t.Fatal(err)
	}

	// What is damaged is told of, and keeps no other chat out of the index.
	if err := os.WriteFile(filepath.Join(dir, seriesTestChat(t, 0).Chat.Slug, "summary.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := archive.WriteSeries(t.Context(), root, o)
	if err == nil || !strings.Contains(err.Error(), seriesTestChat(t, 0).Chat.Slug) {
		t.Errorf("got %v, want an error that names the chat whose summary is damaged", err)
	}
	if page := readFile(t, dir, "index.html"); !strings.Contains(page, "Chat &lt;2&gt;") {
		t.Error("got no index of the other chats")
	}
}

func readFile(t testing.TB, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// allFiles are all files below a folder with their contents, but for when they were written.
func allFiles(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			files[e.Name()] = readFile(t, dir, e.Name())
			continue
		}
		for name, content := range readDir(t, filepath.Join(dir, e.Name())) {
			files[e.Name()+"/"+name] = content
		}
	}
	return files
}

func TestFeedAndCalendar(t *testing.T) {
	type entry struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Summary string `xml:"summary"`
		Updated string `xml:"updated"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	}
	for url, want := range map[string]string{
		"":                           "./2000-01-25-chat-1/index.html",
		"https://chats.example.org/": "https://chats.example.org/2000-01-25-chat-1/",
	} {
		dir := t.TempDir()
		root := openRoot(t, dir)
		o := archive.Options{SeriesTitle: "#ukmedlibs", URL: url, Chats: append(twoUpcomingChats(t), seriesTestChat(t, 0).Chat)}
		for n := range 2 {
			if err := archive.Write(t.Context(), root, seriesTestChat(t, n, 1, 2), o); err != nil {
				t.Fatal(err)
			}
		}
		var feed struct {
			XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
			ID      string   `xml:"id"`
			Updated string   `xml:"updated"`
			Author  string   `xml:"author>name"`
			Entries []entry  `xml:"entry"`
		}
		if err := xml.Unmarshal([]byte(readFile(t, dir, "feed.atom")), &feed); err != nil {
			t.Fatalf("feed.atom: %v", err)
		}
		if feed.ID == "" || feed.Author != "#ukmedlibs" || len(feed.Entries) != 2 || feed.Updated != "2000-01-25T20:01:00Z" {
			t.Fatalf("got the feed %+v, want one of two chats that changed on 25 January", feed)
		}
		newest := feed.Entries[0]
		if newest.Title != "Chat <1>" || newest.Link.Href != want || newest.ID == feed.Entries[1].ID ||
			newest.Summary != "Tuesday 25 January 2000, 20:00 GMT, led by Holly & Co: 2 answers by 2 people. About something." {
			t.Errorf("got the entry %+v, want chat 1's at %s", newest, want)
		}

		calendar, err := ics.ParseCalendar(strings.NewReader(readFile(t, dir, "calendar.ics")))
		if err != nil {
			t.Fatalf("calendar.ics: %v", err)
		}
		var got []string
		for _, e := range calendar.Events() {
			start, err := e.GetStartAt()
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, start.UTC().Format(time.RFC3339)+" "+e.GetProperty(ics.ComponentPropertySummary).Value)
		}
		wantEvents := []string{"2015-09-15T19:00:00Z #ukmedlibs: Research data, and who keeps it", "2015-10-20T19:00:00Z Open mic"}
		if diff := cmp.Diff(wantEvents, got); diff != "" {
			t.Errorf("coming chats differ (-want +got):\n%s", diff)
		}
	}
}

func TestWriteSeriesIsDeterministic(t *testing.T) {
	o := archive.Options{SeriesTitle: "#ukmedlibs", Chats: twoUpcomingChats(t)}
	var all []map[string]string
	for range 2 {
		dir := t.TempDir()
		root := openRoot(t, dir)
		for n := range 3 {
			if err := archive.Write(t.Context(), root, seriesTestChat(t, n, n, 7), o); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, allFiles(t, dir))
	}
	if diff := cmp.Diff(all[0], all[1]); diff != "" {
		t.Errorf("two archives of one series differ:\n%s", diff)
	}
}

// manySummaries makes the folders of n chats with the same people as far as the index of all knows them: one a week,
// the last of them in the week before largeChat's.
func manySummaries(t testing.TB, dir string, n int) {
	t.Helper()
	var persons []string
	for i := range 60 {
		persons = append(persons, fmt.Sprintf(`"p-%016x"`, i*i))
	}
	for i := range n {
		c := seriesTestChat(t, 812-i).Chat
		if err := os.MkdirAll(filepath.Join(dir, c.Slug), 0o755); err != nil {
			t.Fatal(err)
		}
		summary := fmt.Sprintf(`{"version":1,"title":"Chat %d","leader":"Holly","starts":%q,"ends":%q,"zone":"Europe/London","answers":120,"people":60,"changed":%q,"persons":[%s]}`,
			i, c.Starts.UTC().Format(time.RFC3339), c.Ends.UTC().Format(time.RFC3339), c.Ends.UTC().Format(time.RFC3339), strings.Join(persons, ","))
		if err := os.WriteFile(filepath.Join(dir, c.Slug, "summary.json"), []byte(summary), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkSeries writes the index of all chats. The time for one chat must not grow with their number.
func BenchmarkSeries(b *testing.B) {
	var smallest float64
	for _, n := range []int{100, 1_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			manySummaries(b, dir, n)
			root := openRoot(b, dir)
			for b.Loop() {
				if err := archive.WriteSeries(context.Background(), root, archive.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			each := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / float64(n)
			if smallest == 0 {
				smallest = each
			}
			b.ReportMetric(each, "ns/chat")
			b.ReportMetric(each/smallest, "ratio")
			info, err := os.Stat(filepath.Join(dir, "index.html"))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(info.Size()), "bytes")
		})
	}
}
