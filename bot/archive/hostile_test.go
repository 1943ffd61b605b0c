package archive_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"github.com/ukmedlibs/catchword/questions"
)

// hostile is what strangers may write, in any field.
var hostile = []string{
	`<script>alert(1)</script>`,
	`</style></title><script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)`,
	`[click](javascript:alert(1))`,
	`![](https://tracker.example/pixel.png)`,
	`]]><!--`,
	`--><iframe src="https://example.org">`,
	`{{.Style}} ${1} </li></ol></main>`,
	"=cmd|' /C calc'!A0",
	"\t@SUM(1+1)",
	"\u202Eright to left\u202D",
	"\u2067\u2066isolated",
	"nul\x00 and \x1b[31m escape",
	"\xff\xfe not UTF-8 \xc3",
	"# A heading\n\n## In time order\n\nA paragraph",
	"```\nnever closed\n\n# not a heading",
	"~~~\nnever closed either",
	"<!-- never closed",
	"| a | b |\n| --- | --- |\n| c | d |",
	"> > > quote\n---\n===",
	strings.Repeat(">", 10_000) + " deep",
	strings.Repeat("verylongword", 1000),
	strings.Repeat("**A hundred kilobytes** of this. ", 100<<10/32),
	"[Q1]: https://evil.example\n\n[label]: <javascript:x>",
	"line\r\nline\rline\u2028line",
	"",
	"   ",
}

// hostileChat has every hostile text in every field that a stranger or a careless host fills.
func hostileChat(t testing.TB) questions.Transcript {
	starts := time.Date(2026, 3, 29, 0, 30, 0, 0, london(t)) // half an hour before the clocks go forward
	c := questions.Chat{
		Slug: "hostile", Title: hostile[0] + hostile[1] + hostile[11], Hashtag: hostile[2], Leader: hostile[15], Licence: hostile[3],
		Introduction: strings.Join(hostile, "\n\n"), Starts: starts, Ends: starts.Add(time.Hour),
	}
	for i, h := range hostile {
		c.Questions = append(c.Questions, questions.Question{N: i + 1, Text: h, Points: []string{h, "a point"}})
	}
	var answers []questions.Answer
	for i, h := range hostile {
		answers = append(answers, questions.Answer{
			Workspace: "w" + h, Room: h, RoomName: h, Message: h, Author: h, AuthorID: h, Text: h,
			Section: questions.QuestionSection(i + 1), How: questions.ByThread, At: starts.Add(time.Duration(i) * time.Minute),
			Reactions: []questions.Reaction{{Emoji: h, Count: 1}},
		})
	}
	tr := transcriptOf(c, answers...)
	for _, h := range hostile {
		tr.Rooms = append(tr.Rooms, questions.TranscriptRoom{Workspace: "w" + h, Room: h, Name: h})
		tr.Said = append(tr.Said, questions.Said{Step: h, At: starts})
	}
	for i := range c.Questions {
		tr.Said = append(tr.Said, questions.Said{Step: string(questions.QuestionSection(i + 1)), At: starts.Add(time.Duration(i) * time.Minute)})
	}
	return tr
}

func TestHostileText(t *testing.T) {
	files := written(t, hostileChat(t))
	for name, content := range files {
		if !utf8.ValidString(content) || strings.ContainsAny(content, "\x00\x1b") {
			t.Errorf("%s: got bytes that aren't UTF-8 or control characters, want none", name)
		}
		if name != "chat.json" && strings.ContainsAny(content, "\u202D\u202E\u2066\u2067") {
			t.Errorf("%s: got characters that turn the direction, want none", name)
		}
	}
	for _, name := range []string{"index.html", "time.html"} {
		t.Run(name, func(t *testing.T) { checkPage(t, files[name]) })
	}
	t.Run("transcript.md", func(t *testing.T) { checkTranscript(t, files["transcript.md"]) })
	t.Run("answers.csv", func(t *testing.T) {
		rows, err := csv.NewReader(strings.NewReader(files["answers.csv"])).ReadAll()
		if err != nil || len(rows) != len(hostile)+1 {
			t.Fatalf("got %d rows, %v, want %d", len(rows), err, len(hostile)+1)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
					t.Errorf("got the cell %q, want no formula", cell)
				}
			}
		}
	})
	t.Run("chat.json", func(t *testing.T) {
		var got struct{ Answers []struct{ Text string } }
		if err := json.Unmarshal([]byte(files["chat.json"]), &got); err != nil || len(got.Answers) != len(hostile) {
			t.Fatalf("got %d answers, %v, want %d", len(got.Answers), err, len(hostile))
		}
		for i, h := range hostile {
			if utf8.ValidString(h) && !strings.ContainsAny(h, "\x00\x1b\r\u2028") && got.Answers[i].Text != h {
				t.Errorf("got %q, want the text as it was, %q", got.Answers[i].Text, h)
			}
		}
	})
}

// checkPage checks that a page is made of our elements alone, in our order, with every answer in its own place, and that
// reading it asks nothing of anybody.
func checkPage(t *testing.T, page string) {
	t.Helper()
	elements := map[string]bool{}
	for name := range strings.FieldsSeq("html head meta title style body a header main nav section div footer p h1 h2 ul ol li dl dt dd " +
		"table caption thead tbody tr th td time span bdi br hr strong em del code pre blockquote") {
		elements[name] = true
	}
	attributes := map[string]bool{}
	for name := range strings.FieldsSeq("lang charset name content http-equiv class id href rel datetime dir role scope start tabindex aria-labelledby aria-label") {
		attributes[name] = true
	}
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids, answers, styles := map[string]bool{}, 0, 0
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("got the comment %q, want none", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if !elements[n.Data] {
			t.Errorf("got an element %s, want none", n.Data)
		}
		if n.Data == "style" {
			styles++
		}
		for _, a := range n.Attr {
			switch {
			case !attributes[a.Key]:
				t.Errorf("got an attribute %s=%q, want none", a.Key, a.Val)
			case a.Key == "id":
				if ids[a.Val] {
					t.Errorf("got two elements with id %q, want one", a.Val)
				}
				ids[a.Val] = true
			case a.Key == "href" && strings.Contains(strings.ToLower(a.Val), "script:"):
				t.Errorf("got a link to %q", a.Val)
			case a.Key == "class" && strings.HasPrefix(a.Val, "answer") && n.Data == "li":
				answers++
				if list := n.Parent; list.Data != "ol" || list.Parent.Data != "section" || list.Parent.Parent.Data != "div" {
					t.Errorf("got an answer in %s in %s, want it in its section's list", list.Data, list.Parent.Data)
				}
			}
		}
	}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if to, ok := strings.CutPrefix(a.Val, "#"); ok && a.Key == "href" && !ids[to] {
				t.Errorf("got a link to %q, which isn't there", a.Val)
			}
		}
	}
	if answers != len(hostile) || styles != 1 {
		t.Errorf("got %d answers and %d style sheets, want %d and 1", answers, styles, len(hostile))
	}
	if strings.Contains(page, "url(") || strings.Contains(page, "@import") {
		t.Error("got a style that fetches something")
	}
}

// checkTranscript reads the transcript as those do who take HTML for HTML, and checks that its outline is ours alone.
func checkTranscript(t *testing.T, transcript string) {
	t.Helper()
	var b strings.Builder
	reader := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(gmhtml.WithUnsafe()))
	if err := reader.Convert([]byte(transcript), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			count[n.Data]++
		}
		for _, a := range n.Attr {
			if a.Key == "href" && strings.HasPrefix(a.Val, "javascript:") {
				t.Errorf("got a link to %q", a.Val)
			}
		}
	}
	want := map[string]int{"h1": 1, "h2": 4, "h3": len(hostile), "table": 2, "script": 0, "img": 0, "iframe": 0, "h4": 0}
	for element, n := range want {
		if count[element] != n {
			t.Errorf("got %d %s, want %d", count[element], element, n)
		}
	}
}
