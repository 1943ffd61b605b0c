package archive

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ukmedlibs/catchword/questions"
)

// A transcript is transcript.md: the chat to be read as plain text, or pasted into a blog. First by question, then in
// time order. What participants wrote stands in block quotes, which nothing can get out of.
type transcript struct {
	w       *bufio.Writer
	look    look
	files   *attachments
	inOrder bool
}

func newTranscript(w io.Writer, l look, files *attachments) *transcript {
	t := &transcript{w: bufio.NewWriter(w), look: l, files: files}
	t.head()
	return t
}

func (t *transcript) print(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

// head needs to return no error: the writer keeps the first.
func (t *transcript) head() {
	l := &t.look
	t.print("# %s\n\n%s", escaped(l.Title), escaped(l.Span))
	if l.Leader != "" {
		t.print("\\\nLed by %s", escaped(l.Leader))
	}
	if l.Hashtag != "" {
		t.print("\\\n%s", escaped(l.Hashtag))
	}
	if l.Licence != "" {
		t.print("\\\nLicence: %s", escaped(l.Licence))
	}
	if l.Citation != "" {
		t.print("\\\nTo cite it: %s", escaped(l.Citation))
	}
	t.print("\n")
	if l.chat.Introduction != "" {
		t.print("\n%s\n", parse(l.chat.Introduction).Markdown())
	}
	t.print("\n## How it was collected\n\n")
	for _, sentence := range l.How {
		t.print("%s\n\n", escaped(sentence))
	}
	t.print("## In numbers\n\n")
	for _, n := range l.Numbers {
		t.print("- %s: %s\n", n.Name, n.Value)
	}
	t.counts("Part", l.Counts)
	t.counts("Workspace", l.Workspaces)
	t.print("\n## By question\n")
}

func (t *transcript) counts(of string, rows []count) {
	t.print("\n| %s | Answers | People |\n| --- | ---: | ---: |\n", of)
	for _, c := range rows {
		t.print("| %s | %s | %s |\n", escaped(c.Label), c.Answers, c.People)
	}
}

// section begins a section.
func (t *transcript) section(s questions.Section) error {
	q, ok := t.look.question(s)
	words := parse(q.Text)
	heading := escaped(t.look.label(s))
	if _, short := words.Line(); ok && short {
		// A heading is one line; what breaks a line in the question may not break it.
		heading += ". " + strings.Join(strings.Fields(strings.ReplaceAll(words.Markdown(), "\\\n", " ")), " ")
	}
	t.print("\n### %s\n", heading)
	if _, short := words.Line(); ok && !short {
		t.print("\n%s\n", words.Markdown())
	}
	if len(q.Points) > 0 {
		t.print("\n")
	}
	for _, point := range q.Points {
		t.print("%s\n", prefixed(parse(point).Markdown(), "- ", "  "))
	}
	t.print("\n%s\n", escaped(t.look.summary(s)))
	return t.fault()
}

// inTime begins the second part.
func (t *transcript) inTime() error {
	t.inOrder = true
	t.print("\n## In time order\n")
	return t.fault()
}

func (t *transcript) answer(a questions.Answer, words text) error {
	at := t.look.clock(a.At).Words
	where := []string{escaped(t.look.where(a)), at}
	if t.inOrder {
		where = append(where, escaped(t.look.label(a.Section)))
	}
	if a.Late {
		where = append(where, "late")
	}
	if !a.Edited.IsZero() {
		where = append(where, "edited "+t.look.clock(a.Edited).Words)
	}
	details := strings.Join(where, ", ")
	if a.Withdrawn {
		t.print("\n*An answer that its author took back or keeps out* (%s)\n", details)
		return t.fault()
	}
	t.print("\n**%s** (%s)\n\n%s\n", escaped(nameOf(a)), details, prefixed(words.Markdown(), "> ", "> "))
	for _, f := range t.files.page(a.Files) {
		name := escaped(f.Name)
		if f.Path != "" {
			name = "[" + name + "](" + f.Path + ")"
		}
		t.print("\nFile: %s (%s)\n", name, escaped(f.Note))
	}
	if len(a.Reactions) > 0 {
		var all []string
		for _, r := range a.Reactions {
			all = append(all, escaped(line(r.Emoji))+" "+strconv.Itoa(r.Count))
		}
		t.print("\n%s\n", strings.Join(all, ", "))
	}
	return t.fault()
}

// nameOf is the author's name, which is never nothing.
func nameOf(a questions.Answer) string {
	if name := line(a.Author); name != "" {
		return name
	}
	return "Somebody"
}

// escaped makes words on one line that mean nothing to Markdown.
func escaped(words string) string { return string(appendEscaped(nil, words)) }

// fault is the first error of writing, if there was one.
func (t *transcript) fault() error {
	_, err := t.w.Write(nil)
	return err
}

func (t *transcript) end() error { return t.w.Flush() }
