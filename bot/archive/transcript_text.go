package archive

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ukmedlibs/catchword/questions"
)

// A textTranscript writes transcript.txt: the chat as plain text, first by question, then in time order. Participants'
// texts are as they typed them, indented by four spaces, where no line of ours is.
type textTranscript struct {
	w      *bufio.Writer
	view   *chatView
	byTime bool
}

func newTextTranscript(d *stagingDir, view *chatView) (*textTranscript, error) {
	f, err := d.create("transcript.txt")
	if err != nil {
		return nil, err
	}
	p := &textTranscript{w: bufio.NewWriter(f), view: view}
	p.head()
	return p, nil
}

func (p *textTranscript) print(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

// head returns no error: the writer keeps the first.
func (p *textTranscript) head() {
	view := p.view
	p.heading(view.Title, "=")
	p.print("%s\n", view.Span)
	if view.Leader != "" {
		p.print("Led by %s\n", view.Leader)
	}
	if view.Hashtag != "" {
		p.print("%s\n", view.Hashtag)
	}
	if view.Licence != "" {
		p.print("Licence: %s\n", view.Licence)
	}
	p.print("Cite as: %s\n", view.Citation)
	p.printVerbatim(view.chat.Introduction)
	p.print("\n")
	p.heading("How it was collected", "-")
	for _, sentence := range view.MethodNotes {
		p.print("\n%s\n", sentence)
	}
	p.print("\n")
	p.heading("In numbers", "-")
	for _, n := range view.Numbers {
		p.print("%s: %s\n", n.Name, n.Value)
	}
	p.print("\n")
	p.heading("By question", "=")
}

func (p *textTranscript) heading(words, under string) {
	p.print("%s\n%s\n", words, strings.Repeat(under, min(max(utf8.RuneCountInString(words), 3), 72)))
}

// printVerbatim prints a participant's text as it was typed.
func (p *textTranscript) printVerbatim(text string) {
	text = strings.Trim(visibleText(text), "\n")
	if strings.TrimSpace(text) != "" {
		p.print("\n%s\n", prefixLines(text, "    ", "    "))
	}
}

func (p *textTranscript) beginSection(s questions.Section) error {
	p.print("\n")
	p.heading(p.view.label(s), "-")
	if q, ok := p.view.question(s); ok {
		p.printVerbatim(q.Text)
		for _, point := range q.Points {
			p.printVerbatim("- " + point)
		}
	}
	p.print("\n%s\n", p.view.summary(s))
	return p.writeErr()
}

func (p *textTranscript) answer(a questions.Answer, _ markdownText) error {
	parts := []string{p.view.timeOfDay(a.At).Text, authorName(a), p.view.where(a)}
	if a.Withdrawn {
		parts[1] = "an answer withdrawn by its author"
	}
	if p.byTime {
		parts = append(parts, p.view.label(a.Section))
	}
	if a.Late {
		parts = append(parts, "late")
	}
	if !a.Edited.IsZero() {
		parts = append(parts, "edited "+p.view.timeOfDay(a.Edited).Text)
	}
	p.print("\n%s\n", strings.Join(parts, " | "))
	if a.Withdrawn {
		return p.writeErr()
	}
	if text := strings.Trim(visibleText(a.Text), "\n"); text != "" {
		p.print("%s\n", prefixLines(text, "    ", "    "))
	}
	for _, f := range p.view.attachments.display(a.Files) {
		p.print("  File: %s (%s)\n", f.Name, f.note())
	}
	if len(a.Reactions) > 0 {
		var all []string
		for _, r := range a.Reactions {
			all = append(all, singleLine(r.Emoji)+" "+strconv.Itoa(r.Count))
		}
		p.print("  Reactions: %s\n", strings.Join(all, ", "))
	}
	return p.writeErr()
}

// writeErr is the first error of writing.
func (p *textTranscript) writeErr() error {
	_, err := p.w.Write(nil)
	return err
}

// end begins the part in time order, and then ends the file.
func (p *textTranscript) end() error {
	if p.byTime {
		return p.w.Flush()
	}
	p.byTime = true
	p.print("\n")
	p.heading("In time order", "=")
	return p.writeErr()
}
