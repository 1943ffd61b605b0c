package archive

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"github.com/ukmedlibs/catchword/questions"
)

// A markdownTranscript writes transcript.md: the chat to read as plain text, or to paste into a blog. It is first by
// question, then in time order. Participants' texts are in block quotes, which they can't end.
type markdownTranscript struct {
	w      *bufio.Writer
	view   *chatView
	byTime bool
}

func newMarkdownTranscript(d *stagingDir, view *chatView) (*markdownTranscript, error) {
	f, err := d.create("transcript.md")
	if err != nil {
		return nil, err
	}
	t := &markdownTranscript{w: bufio.NewWriter(f), view: view}
	t.head()
	return t, nil
}

func (t *markdownTranscript) print(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

// head returns no error: the writer keeps the first.
func (t *markdownTranscript) head() {
	view := t.view
	t.print("# %s\n\n%s", escapeMarkdown(view.Title), escapeMarkdown(view.Span))
	if view.Leader != "" {
		t.print("\\\nLed by %s", escapeMarkdown(view.Leader))
	}
	if view.Hashtag != "" {
		t.print("\\\n%s", escapeMarkdown(view.Hashtag))
	}
	if view.Licence != "" {
		t.print("\\\nLicence: %s", escapeMarkdown(view.Licence))
	}
	if view.Citation != "" {
		t.print("\\\nCite as: %s", citationMarkdown(view.Citation))
	}
	t.print("\n")
	if view.chat.Introduction != "" {
		t.print("\n%s\n", parse(view.chat.Introduction).Markdown())
	}
	t.print("\n## How it was collected\n\n")
	for _, sentence := range view.MethodNotes {
		t.print("%s\n\n", escapeMarkdown(sentence))
	}
	t.print("## In numbers\n\n")
	for _, n := range view.Numbers {
		t.print("- %s: %s\n", n.Name, n.Value)
	}
	t.counts("Part", view.Counts)
	t.counts("Workspace", view.Workspaces)
	t.print("\n## By question\n")
}

// citationMarkdown writes a citation, which may end in an address.
func citationMarkdown(citation string) string {
	last := strings.LastIndexByte(citation, ' ') + 1
	if strings.HasPrefix(citation[last:], "https://") || strings.HasPrefix(citation[last:], "http://") {
		return escapeMarkdown(citation[:last]) + linkMarkdown(citation[last:])
	}
	return escapeMarkdown(citation)
}

func (t *markdownTranscript) counts(of string, rows []countRow) {
	t.print("\n| %s | Answers | People |\n| --- | ---: | ---: |\n", of)
	for _, c := range rows {
		t.print("| %s | %s | %s |\n", strings.ReplaceAll(escapeMarkdown(c.Label), "|", `\|`), c.Answers, c.People)
	}
}

func (t *markdownTranscript) beginSection(s questions.Section) error {
	q, ok := t.view.question(s)
	words := parse(q.Text)
	heading := escapeMarkdown(t.view.label(s))
	if _, short := words.InlineHTML(); ok && short {
		// A heading is one line, so line breaks in the question must go.
		heading += ". " + strings.Join(strings.Fields(strings.ReplaceAll(words.Markdown(), "\\\n", " ")), " ")
	}
	t.print("\n### %s\n", heading)
	if _, short := words.InlineHTML(); ok && !short {
		t.print("\n%s\n", words.Markdown())
	}
	if len(q.Points) > 0 {
		t.print("\n")
	}
	for _, point := range q.Points {
		t.print("%s\n", prefixLines(parse(point).Markdown(), "- ", "  "))
	}
	t.print("\n%s\n", escapeMarkdown(t.view.summary(s)))
	return t.writeErr()
}

func (t *markdownTranscript) answer(a questions.Answer, words markdownText) error {
	at := t.view.timeOfDay(a.At).Text
	where := []string{escapeMarkdown(t.view.where(a)), at}
	if t.byTime {
		where = append(where, escapeMarkdown(t.view.label(a.Section)))
	}
	if a.Late {
		where = append(where, "late")
	}
	if !a.Edited.IsZero() {
		where = append(where, "edited "+t.view.timeOfDay(a.Edited).Text)
	}
	details := strings.Join(where, ", ")
	if a.Withdrawn {
		t.print("\n*This answer was withdrawn by its author* (%s)\n", details)
		return t.writeErr()
	}
	t.print("\n**%s** (%s)\n\n%s\n", escapeMarkdown(authorName(a)), details, prefixLines(words.Markdown(), "> ", "> "))
	for _, f := range t.view.attachments.display(a.Files) {
		name := escapeMarkdown(f.Name)
		if f.Path != "" {
			name = "[" + name + "](" + f.Path + ")"
		}
		t.print("\nFile: %s (%s)\n", name, escapeMarkdown(f.Note))
	}
	if len(a.Reactions) > 0 {
		var all []string
		for _, r := range a.Reactions {
			all = append(all, escapeMarkdown(singleLine(r.Emoji))+" "+strconv.Itoa(r.Count))
		}
		t.print("\n%s\n", strings.Join(all, ", "))
	}
	return t.writeErr()
}

// authorName is the author's name, and never empty.
func authorName(a questions.Answer) string {
	if name := singleLine(a.Author); name != "" {
		return name
	}
	return "Somebody"
}

// writeErr is the first error of writing.
func (t *markdownTranscript) writeErr() error {
	_, err := t.w.Write(nil)
	return err
}

// end begins the part in time order, and then ends the file.
func (t *markdownTranscript) end() error {
	if t.byTime {
		return t.w.Flush()
	}
	t.byTime = true
	t.print("\n## In time order\n")
	return t.writeErr()
}
