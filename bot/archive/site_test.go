package archive_test

import (
	"context"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/questions"
)

// maxPage is what a phone should have to open at once, in bytes.
const maxPage = 320 << 10

var (
	hasID   = regexp.MustCompile(`<[a-z0-9]+ [^>]*\bid="([^"]*)"`)
	hasHref = regexp.MustCompile(`<a [^>]*\bhref="([^"]*)"`)
)

// anchorsOf are the pages by the answers that they hold, of those whose names match.
func anchorsOf(files map[string]string, pages *regexp.Regexp) map[string][]string {
	at := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !pages.MatchString(name) {
			continue
		}
		for _, m := range hasID.FindAllStringSubmatch(files[name], -1) {
			if strings.HasPrefix(m[1], "a-") {
				at[m[1]] = append(at[m[1]], name)
			}
		}
	}
	return at
}

var (
	byQuestion = regexp.MustCompile(`^(index|(introductions|general|q\d+)-page-\d+)\.html$`)
	inTime     = regexp.MustCompile(`^time(-page-\d+)?\.html$`)
)

func TestLongChatsAreSplit(t *testing.T) {
	const n = 3000
	tr := largeChat(t, n)
	files := writeArchive(t, tr)
	for name, content := range files {
		if strings.HasSuffix(name, ".html") && len(content) > maxPage {
			t.Errorf("%s: got %d KB, want at most %d", name, len(content)>>10, maxPage>>10)
		}
	}
	for _, pages := range []*regexp.Regexp{byQuestion, inTime} {
		at := anchorsOf(files, pages)
		if len(at) != n {
			t.Errorf("%v: got %d answers, want %d", pages, len(at), n)
		}
		for id, names := range at {
			if len(names) != 1 {
				t.Errorf("%v: got the answer %s on %v, want it once", pages, id, names)
			}
		}
	}
	for name, content := range files {
		if strings.HasSuffix(name, ".html") {
			checkLinks(t, files, name, content)
		}
	}
}

// checkLinks checks that every link within the archive leads to what is there.
func checkLinks(t *testing.T, files map[string]string, name, content string) {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range hasHref.FindAllStringSubmatch(content, -1) {
		to, fragment, _ := strings.Cut(m[1], "#")
		if to = path.Join(path.Dir(name), to); fragment != "" && strings.HasPrefix(m[1], "#") {
			to = name
		}
		if seen[m[1]] || strings.Contains(m[1], ":") || strings.HasPrefix(to, "../") {
			continue
		}
		seen[m[1]] = true
		target, ok := files[to]
		if !ok {
			t.Errorf("%s: got a link to %s, which isn't there", name, m[1])
		} else if fragment != "" && !strings.Contains(target, ` id="`+fragment+`"`) {
			t.Errorf("%s: got a link to %s, which isn't on that page", name, m[1])
		}
	}
}

func TestShortChatLinksResolve(t *testing.T) {
	for _, tr := range []questions.Transcript{foundingChat(t), festiveChat(t), largeChat(t, 150)} {
		files := writeArchive(t, tr)
		for name, content := range files {
			if strings.HasSuffix(name, ".html") {
				checkLinks(t, files, name, content)
			}
		}
	}
}

// However many answers come after them, and whatever is edited or taken back, answers stay on the page where they are.
func TestPermalinksNeverChange(t *testing.T) {
	var all []questions.Answer
	tr := largeChat(t, 3000)
	for a := range tr.Answers(t.Context(), questions.OrderByTime) {
		all = append(all, a)
	}
	cut := func(n int) questions.Transcript {
		some := slices.Clone(all[:n])
		for i := range some {
			if n == len(all) && i%7 == 0 {
				some[i].Text = strings.Repeat("Edited, and much longer. ", 20)
			}
			if n == len(all) && i%11 == 0 {
				some[i].Withdrawn = true
			}
		}
		short := transcriptOf(tr.Chat, some...)
		short.Rooms, short.Posted = tr.Rooms, tr.Posted
		return short
	}
	last := writeArchive(t, cut(len(all)))
	for _, n := range []int{1, 79, 500, 1200} {
		earlier := writeArchive(t, cut(n))
		for _, pages := range []*regexp.Regexp{byQuestion, inTime} {
			now := anchorsOf(last, pages)
			for id, names := range anchorsOf(earlier, pages) {
				if !slices.Equal(names, now[id]) {
					t.Fatalf("%v: got %s on %v with %d answers and on %v with %d, want it to stay", pages, id, names, n, now[id], len(all))
				}
			}
		}
	}
}

// Nor do they move when older ones are read from a platform's history only after they were archived.
func TestPermalinksStayWhenOlderAnswersCome(t *testing.T) {
	var all []questions.Answer
	tr := largeChat(t, 3000)
	for a := range tr.Answers(t.Context(), questions.OrderByTime) {
		all = append(all, a)
	}
	var known []questions.Page
	export := func(missing func(i int) bool) map[string]string {
		var some []questions.Answer
		for i, a := range all {
			if !missing(i) {
				some = append(some, a)
			}
		}
		short := transcriptOf(tr.Chat, some...)
		short.Rooms, short.Posted, short.Pages = tr.Rooms, tr.Posted, known
		short.SavePages = func(_ context.Context, pages []questions.Page) error {
			known = pages
			return nil
		}
		return writeArchive(t, short)
	}
	before := export(func(i int) bool { return i < 400 || i%3 == 0 || i > 2000 })
	known = slices.Clone(known)
	after := export(func(int) bool { return false })
	for _, pages := range []*regexp.Regexp{byQuestion, inTime} {
		now := anchorsOf(after, pages)
		if len(now) != len(all) {
			t.Errorf("%v: got %d answers, want %d", pages, len(now), len(all))
		}
		for id, names := range anchorsOf(before, pages) {
			if !slices.Equal(names, now[id]) {
				t.Fatalf("%v: got %s on %v and then on %v, want it to stay", pages, id, names, now[id])
			}
		}
	}
	for name, content := range after {
		if strings.HasSuffix(name, ".html") {
			checkLinks(t, after, name, content)
		}
	}
	again := export(func(int) bool { return false })
	if diff := cmp.Diff(after, again); diff != "" {
		t.Errorf("the same once more (-first +second):\n%.2000s", diff)
	}
}

func TestSharedLinksAreListedOnce(t *testing.T) {
	tr := foundingChat(t)
	answer := func(message, text string) questions.Answer {
		return questions.Answer{
			Workspace: "nhs", Room: "C1", RoomName: "#ukmedlibs", Message: message, Author: "Jo", AuthorID: "UJ",
			Section: "q2", MatchedBy: questions.ByThread, At: tr.Chat.Starts.Add(20 * 60e9), Text: text,
		}
	}
	gone := answer("5", "https://gone.example/")
	gone.Withdrawn = true
	tr = transcriptOf(tr.Chat,
		answer("1", "see https://example.org/a?utm_source=x and [again](http://example.org/a/)"),
		answer("2", "[the same](https://EXAMPLE.org/a)"),
		answer("3", "[bad](javascript:alert(1)) mailto:a@example.org <https://b.example/?q=1&r=2>"),
		answer("4", "`https://code.example/` is no link"), gone,
	)
	files := writeArchive(t, tr)
	want := "https://www.hee.nhs.uk/our-work/library-knowledge-services\nhttps://example.org/a?utm_source=x\nhttps://b.example/?q=1&r=2\n"
	if got := files["links.txt"]; got != want {
		t.Errorf("got the links\n%s\nwant\n%s", got, want)
	}
	page := files["resources.html"]
	if n := strings.Count(page, `<p class="link">`); n != 3 {
		t.Errorf("got %d links on the page, want 3", n)
	}
	if strings.Contains(page, "gone.example") {
		t.Error("got the link of an answer that is gone, want none")
	}
	if n := strings.Count(page, archive.Anchor("nhs", "C1", "2")); n != 1 {
		t.Errorf("got the second to share a link %d times, want 1", n)
	}
}

func TestLeaderboardIsOptIn(t *testing.T) {
	tr := largeChat(t, 150)
	for _, asked := range []bool{false, true} {
		dir := t.TempDir()
		if err := archive.Write(t.Context(), openRoot(t, dir), tr, archive.Options{Leaderboard: asked}); err != nil {
			t.Fatal(err)
		}
		page := readDir(t, dir+"/"+tr.Chat.Slug)["numbers.html"]
		if got := strings.Contains(page, "Who answered most"); got != asked {
			t.Errorf("leaderboard asked for: %v: got it shown: %v", asked, got)
		}
		if !strings.Contains(page, "Impressions are not counted") {
			t.Error("got no word about impressions, want why there are none")
		}
	}
}

func TestRecap(t *testing.T) {
	tr := largeChat(t, 150)
	dir := t.TempDir()
	o := archive.Options{URL: "https://chats.example.org/", Chats: twoUpcomingChats(t)}
	if err := archive.Write(t.Context(), openRoot(t, dir), tr, o); err != nil {
		t.Fatal(err)
	}
	files := readDir(t, dir+"/"+tr.Chat.Slug)
	for _, name := range []string{"recap.md", "recap.html"} {
		for _, want := range []string{
			"Thank you to everybody who took part in", "Holly Case", "12 people gave", "https://reading-well.org.uk/books",
			"https://chats.example.org/2015-08-18-health-and-public-libraries/time.html", "Research data, and who keeps it", "Tuesday 15 September 2015, 20:00 BST",
		} {
			if !strings.Contains(strings.ReplaceAll(files[name], `\-`, "-"), want) {
				t.Errorf("%s: got no %q", name, want)
			}
		}
	}
}
