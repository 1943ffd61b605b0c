package archive_test

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
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
	"Ho\u200blly\u200d\u2060 Case\ufeff and so\u00adft",
	"\u200f\u061crtl marks\u200e",
	"unseen \U000E0069\U000E0067\U000E006E\U000E006F\U000E0072\U000E0065 words",
	"=\u200bHYPERLINK(\"http://evil.example\")",
	"\u200b=1+1",
	"＝1+1",
	"+1 from me\n-2 from you",
	"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]>&y;",
	"&#x202e;&#8203;&lt;script&gt;&#106;avascript:",
	"\\\" , \"gone\": true, \ufffe \U0010ffff",
	"../../../../etc/passwd",
	"..\\..\\windows",
	"",
	"   ",
}

// hostileChat has every hostile text in every field that a stranger or a careless host fills.
func hostileChat(t testing.TB) questions.Transcript {
	starts := time.Date(2026, 3, 29, 0, 30, 0, 0, london(t)) // half an hour before the clocks go forward
	c := questions.Chat{
		Slug: "hostile", Title: hostile[0] + hostile[1] + hostile[11], Hashtag: hostile[2], Leader: hostile[15], Licence: hostile[3],
		DOI: hostile[2], ArchiveNote: hostile[0],
		Introduction: strings.Join(hostile, "\n\n"), Starts: starts, Ends: starts.Add(time.Hour),
	}
	for i, h := range hostile {
		c.Questions = append(c.Questions, questions.Question{N: i + 1, Text: h, Points: []string{h, "a point"}})
	}
	var answers []questions.Answer
	for i, h := range hostile {
		answers = append(answers, questions.Answer{
			Workspace: "w" + h, Room: h, RoomName: h, Message: h, Author: h, AuthorID: h, Text: h,
			Section: questions.QuestionSection(i + 1), MatchedBy: questions.ByThread, At: starts.Add(time.Duration(i) * time.Minute),
			Reactions: []questions.Reaction{{Emoji: h, Count: 1}}, ReplyTo: questions.AnswerID{Workspace: h, Room: h, Message: h},
			Files: []questions.File{{Name: h, Type: h, URL: h}},
		})
	}
	tr := transcriptOf(c, answers...)
	for _, h := range hostile {
		tr.Rooms = append(tr.Rooms, questions.TranscriptRoom{Workspace: "w" + h, Room: h, Name: h})
		tr.Posted = append(tr.Posted, questions.PostedStep{Step: h, At: starts})
		tr.Gaps = append(tr.Gaps, questions.Gap{Workspace: "w" + h, Room: h, From: starts, To: starts.Add(time.Minute)})
	}
	for i := range c.Questions {
		tr.Posted = append(tr.Posted, questions.PostedStep{Step: string(questions.QuestionSection(i + 1)), At: starts.Add(time.Duration(i) * time.Minute)})
	}
	return tr
}

func TestHostileText(t *testing.T) {
	files := writeArchive(t, hostileChat(t))
	delete(files, "hostile.zip") // it holds the others
	for name, content := range files {
		if !utf8.ValidString(content) || strings.ContainsAny(content, "\x00\x1b") {
			t.Errorf("%s: got bytes that aren't UTF-8 or control characters, want none", name)
		}
		if i := strings.IndexAny(content, "\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff\u202D\u202E\u2066\u2067\U000E0069"); i >= 0 {
			t.Errorf("%s: got %+q, want no character that hides or turns the direction", name, content[max(0, i-20):i+8])
		}
		if strings.HasSuffix(name, ".html") {
			checkPageAssets(t, name, content)
		}
	}
	if style := files["style.css"]; style == "" || strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Errorf("got the style sheet %.100q, want one that fetches nothing", style)
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
	t.Run("answers.jsonl", func(t *testing.T) {
		lines := strings.Split(strings.TrimSuffix(files["answers.jsonl"], "\n"), "\n")
		for _, l := range lines {
			if !json.Valid([]byte(l)) {
				t.Errorf("got the line %q, want JSON", l)
			}
		}
		if len(lines) != len(hostile) {
			t.Errorf("got %d lines, want %d", len(lines), len(hostile))
		}
	})
	t.Run("transcript.txt", func(t *testing.T) {
		theirs := map[string]bool{}
		for _, h := range hostile {
			for l := range strings.Lines(h) {
				theirs[strings.TrimSpace(l)] = true
			}
		}
		delete(theirs, "")
		delete(theirs, hostile[2]) // the chat's hashtag
		delete(theirs, "---")
		delete(theirs, "===") // also what our headings are underlined with
		for l := range strings.Lines(files["transcript.txt"]) {
			if theirs[strings.TrimRight(l, "\n")] {
				t.Errorf("got a participant's line %q where only ours stand", l)
			}
		}
	})
	t.Run("dublin-core.xml", func(t *testing.T) {
		for d := xml.NewDecoder(strings.NewReader(files["dublin-core.xml"])); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := token.(xml.Directive); ok {
				t.Errorf("got the directive %v, want none", token)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Space != "http://purl.org/dc/elements/1.1/" && e.Name.Local != "dc" {
				t.Errorf("got an element %v, want none but Dublin Core's", e.Name)
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

// checkPageAssets checks that a page runs our script alone, from beside it, looks as our style sheet says, from beside
// it, and has no data but ours.
func checkPageAssets(t *testing.T, name, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var styles []string
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attributes := map[string]string{}
		for _, a := range n.Attr {
			attributes[a.Key] = a.Val
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || strings.HasPrefix(strings.TrimSpace(strings.ToLower(a.Val)), "javascript:") {
				t.Errorf("%s: got %s %s=%q, want none", name, n.Data, a.Key, a.Val)
			}
		}
		switch n.Data {
		case "script":
			src := attributes["src"]
			if data := attributes["type"] == "application/ld+json" && json.Valid([]byte(n.FirstChild.Data)); !data && src != "archive.js" {
				t.Errorf("%s: got a script that isn't ours: %v", name, n.Attr)
			}
		case "link":
			switch rel := attributes["rel"]; rel {
			case "stylesheet":
				styles = append(styles, attributes["href"])
			case "schema.DCTERMS", "alternate":
			default:
				t.Errorf("%s: got a link %q, want none that a browser fetches", name, rel)
			}
		case "style":
			t.Errorf("%s: got a style sheet within the page, want it beside it", name)
		case "iframe", "object", "embed", "base", "form", "img", "image", "use", "foreignobject":
			t.Errorf("%s: got an element %s, want none", name, n.Data)
		}
	}
	if !slices.Equal(styles, []string{"style.css"}) {
		t.Errorf("%s: got the style sheets %q, want ours", name, styles)
	}
	if !strings.Contains(page, `content="default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'"`) {
		t.Errorf("%s: got no policy that allows what lies beside the page alone", name)
	}
}

// checkPage checks that a page is made of our elements alone, in our order, with every answer in its own place, and
// that reading it asks nothing of anybody.
func checkPage(t *testing.T, page string) {
	t.Helper()
	elements := map[string]bool{}
	for name := range strings.FieldsSeq("html head meta title body a header main nav section div footer p h1 h2 ul ol li dl dt dd " +
		"table caption thead tbody tr th td time span bdi br hr strong em del code pre blockquote script link") {
		elements[name] = true
	}
	attributes := map[string]bool{}
	for name := range strings.FieldsSeq("lang charset name content http-equiv class id href rel datetime dir role scope start tabindex aria-labelledby aria-label aria-current src defer type data-person data-workspace data-part data-search") {
		attributes[name] = true
	}
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids, answers := map[string]bool{}, 0
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
	if answers != len(hostile) {
		t.Errorf("got %d answers, want %d", answers, len(hostile))
	}
}

// checkTranscript reads the transcript as those do who take HTML for HTML, and checks that its outline is ours alone.
func checkTranscript(t *testing.T, transcript string) {
	t.Helper()
	doc := renderMarkdown(t, transcript)
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

// renderMarkdown is Markdown as a reader shows it who takes HTML for HTML.
func renderMarkdown(t *testing.T, markdown string) *html.Node {
	t.Helper()
	var b strings.Builder
	reader := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(gmhtml.WithUnsafe()))
	if err := reader.Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
