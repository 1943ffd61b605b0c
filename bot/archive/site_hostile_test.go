package archive_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"
	"golang.org/x/net/html"

	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/questions"
)

// Whatever strangers and careless hosts write, the pages about the answers, and those about all chats, are ours alone.
func TestHostileSite(t *testing.T) {
	dir := t.TempDir()
	tr := hostileChat(t)
	var coming []questions.Chat
	for i, h := range hostile {
		coming = append(coming, questions.Chat{
			Slug: "coming-" + string(rune('a'+i)), Title: h, Leader: h, Hashtag: h, Introduction: h, Starts: tr.Chat.Starts.AddDate(0, 1, i), Ends: tr.Chat.Ends.AddDate(0, 1, i),
		})
	}
	o := archive.Options{SeriesTitle: hostile[1] + hostile[10], Chats: coming, Leaderboard: true}
	old, root := tr, openRoot(t, dir)
	old.Chat.Slug, old.Chat.Starts, old.Chat.Ends = "old", tr.Chat.Starts.AddDate(-25, 0, 0), tr.Chat.Ends.AddDate(-25, 0, 0)
	manySummaries(t, dir, 101) // so that its year has a page of its own
	for _, tr := range []questions.Transcript{tr, old} {
		if err := archive.Write(t.Context(), root, tr, o); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range allFiles(t, dir) {
		if strings.HasSuffix(name, ".html") {
			checkPageAssets(t, name, content)
		}
	}
	files := readDir(t, filepath.Join(dir, tr.Chat.Slug))
	for _, name := range []string{"index.html", "time.html", "numbers.html", "resources.html", "recap.html"} {
		t.Run(name, func(t *testing.T) { checkOwnScriptsOnly(t, files[name]) })
	}
	t.Run("series", func(t *testing.T) { checkOwnScriptsOnly(t, readFile(t, dir, "index.html")) })
	t.Run("year", func(t *testing.T) { checkOwnScriptsOnly(t, readFile(t, dir, "year-2001.html")) })
	t.Run("feed", func(t *testing.T) {
		d := xml.NewDecoder(strings.NewReader(readFile(t, dir, "feed.atom")))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("calendar", func(t *testing.T) {
		content := readFile(t, dir, "calendar.ics")
		calendar, err := ics.ParseCalendar(strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		if len(calendar.Events()) != len(hostile) {
			t.Errorf("got %d events, want %d", len(calendar.Events()), len(hostile))
		}
		for l := range strings.SplitSeq(content, "\r\n") {
			if len(l) > 75 || strings.ContainsAny(l, "\r\n\x00") {
				t.Errorf("got the line %q, want at most 75 octets without a control character", l)
			}
		}
	})
	t.Run("recap.md", func(t *testing.T) {
		doc := renderMarkdown(t, files["recap.md"])
		count := map[string]int{}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode {
				count[n.Data]++
			}
			for _, a := range n.Attr {
				if a.Key == "href" && !strings.HasPrefix(a.Val, "http") && !strings.Contains(a.Val, ".html") {
					t.Errorf("got a link to %q", a.Val)
				}
			}
		}
		for element, maxN := range map[string]int{"script": 0, "img": 0, "iframe": 0, "style": 0, "pre": 0, "table": 0, "hr": 0, "h1": 1, "h2": 3} {
			if count[element] > maxN {
				t.Errorf("got %d of %s, want %d at most", count[element], element, maxN)
			}
		}
	})
	for _, name := range []string{"chat.jsonld", "summary.json", "chat.schema.json"} {
		if !json.Valid([]byte(files[name])) {
			t.Errorf("%s: got no JSON", name)
		}
	}
	if planned := readFile(t, dir, "planned.json"); !json.Valid([]byte(planned)) {
		t.Error("planned.json: got no JSON")
	}
	for l := range strings.Lines(files["links.txt"]) {
		if !strings.HasPrefix(l, "http://") && !strings.HasPrefix(l, "https://") || strings.ContainsAny(strings.TrimSuffix(l, "\n"), " \t\r<>\"\x00") {
			t.Errorf("got the line %q in the list of links, want an address", l)
		}
	}
}

// checkOwnScriptsOnly checks that a page runs our script alone, asks nothing of anybody, and has no attribute that
// could.
func checkOwnScriptsOnly(t *testing.T, page string) {
	t.Helper()
	if page == "" {
		t.Fatal("got no page")
	}
	if strings.ContainsAny(page, "\u202D\u202E\u2066\u2067\x00\x1b") {
		t.Error("got characters that turn the direction or control a terminal, want none")
	}
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	headings := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"img", "iframe", "object", "embed", "form", "base", "image", "foreignobject", "video", "audio"}, strings.ToLower(n.Data)) {
			t.Errorf("got an element %s, want none", n.Data)
		}
		if n.Data == "h1" {
			headings++
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(strings.ToLower(a.Key), "on"), a.Key == "style", a.Key == "srcdoc":
				t.Errorf("got an attribute %s=%q, want none", a.Key, a.Val)
			case a.Key == "src" && a.Val != "archive.js":
				t.Errorf("got %s from %q, want nothing but our script", n.Data, a.Val)
			case n.Data == "script" && a.Key == "type" && a.Val != "application/ld+json":
				t.Errorf("got a script of type %q", a.Val)
			case a.Key == "href":
				to := strings.ToLower(strings.TrimSpace(a.Val))
				if scheme, _, ok := strings.Cut(to, ":"); ok && !strings.ContainsAny(scheme, "/#?") && !slices.Contains([]string{"http", "https", "mailto"}, scheme) {
					t.Errorf("got a link to %q", a.Val)
				}
			}
		}
	}
	if headings != 1 {
		t.Errorf("got %d headings of the first level, want 1", headings)
	}
}

// The search of a long chat is a list of strings, whatever they say: no script of a stranger's, no end of one, and
// nothing that can't be seen.
func TestHostileSearch(t *testing.T) {
	tr := hostileChat(t)
	var answers []questions.Answer
	for i := range 300 {
		h := hostile[i%len(hostile)]
		answers = append(answers, questions.Answer{
			Workspace: "w" + h, Room: h, Message: fmt.Sprint(i, h), Author: h, AuthorID: h, Section: "q1", MatchedBy: questions.ByThread,
			At: tr.Chat.Starts.Add(time.Duration(i) * time.Second), Text: h,
		})
	}
	long := transcriptOf(tr.Chat, answers...)
	files := writeArchive(t, long)
	list, ok := strings.CutPrefix(files["search-1.js"], "catchword(")
	list, ended := strings.CutSuffix(list, ");\n")
	var all [][]string
	if err := json.Unmarshal([]byte(list), &all); err != nil || !ok || !ended || len(all) != len(answers) {
		t.Fatalf("got %d answers in %.200q, %v, want a list of %d", len(all), files["search-1.js"], err, len(answers))
	}
	for _, r := range list {
		if r == '<' || r == '>' || r == '&' || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Cf, r) || r < ' ' && r != '\n' {
			t.Errorf("got %q in the list", r)
		}
	}
	for _, a := range all {
		if len(a) != 8 || !strings.Contains(files[a[0]], ` id="`+a[1]+`"`) || a[3] == "" {
			t.Errorf("got %q, want an answer where it says", a)
		}
	}
}
