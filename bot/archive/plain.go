package archive

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ukmedlibs/catchword/questions"
)

// A plainText is transcript.txt: the chat for whoever has nothing but a screen or a printer of letters. First by question,
// then in time order. What participants wrote stands as they typed it, four spaces in, where no word of ours does.
type plainText struct {
	w       *bufio.Writer
	look    look
	files   *attachments
	inOrder bool
}

func newPlainText(w io.Writer, l look, files *attachments) *plainText {
	p := &plainText{w: bufio.NewWriter(w), look: l, files: files}
	p.head()
	return p
}

func (p *plainText) print(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

// head needs to return no error: the writer keeps the first.
func (p *plainText) head() {
	l := &p.look
	p.heading(l.Title, "=")
	p.print("%s\n", l.Span)
	if l.Leader != "" {
		p.print("Led by %s\n", l.Leader)
	}
	if l.Hashtag != "" {
		p.print("%s\n", l.Hashtag)
	}
	if l.Licence != "" {
		p.print("Licence: %s\n", l.Licence)
	}
	p.print("To cite it: %s\n", l.Citation)
	p.typed(l.chat.Introduction)
	p.print("\n")
	p.heading("How it was collected", "-")
	for _, sentence := range l.How {
		p.print("\n%s\n", sentence)
	}
	p.print("\n")
	p.heading("In numbers", "-")
	for _, n := range l.Numbers {
		p.print("%s: %s\n", n.Name, n.Value)
	}
	p.print("\n")
	p.heading("By question", "=")
}

func (p *plainText) heading(words, under string) {
	p.print("%s\n%s\n", words, strings.Repeat(under, min(max(utf8.RuneCountInString(words), 3), 72)))
}

// typed prints a stranger's text as it was typed.
func (p *plainText) typed(text string) {
	text = strings.Trim(readable(text), "\n")
	if strings.TrimSpace(text) != "" {
		p.print("\n%s\n", prefixed(text, "    ", "    "))
	}
}

func (p *plainText) section(s questions.Section) error {
	p.print("\n")
	p.heading(p.look.label(s), "-")
	if q, ok := p.look.question(s); ok {
		p.typed(q.Text)
		for _, point := range q.Points {
			p.typed("- " + point)
		}
	}
	p.print("\n%s\n", p.look.summary(s))
	return p.fault()
}

// inTime begins the second part.
func (p *plainText) inTime() error {
	p.inOrder = true
	p.print("\n")
	p.heading("In time order", "=")
	return p.fault()
}

func (p *plainText) answer(a questions.Answer) error {
	parts := []string{p.look.clock(a.At).Words, nameOf(a), p.look.where(a)}
	if a.Withdrawn {
		parts[1] = "an answer that its author took back or keeps out"
	}
	if p.inOrder {
		parts = append(parts, p.look.label(a.Section))
	}
	if a.Late {
		parts = append(parts, "late")
	}
	if !a.Edited.IsZero() {
		parts = append(parts, "edited "+p.look.clock(a.Edited).Words)
	}
	p.print("\n%s\n", strings.Join(parts, " | "))
	if a.Withdrawn {
		return p.fault()
	}
	if text := strings.Trim(readable(a.Text), "\n"); text != "" {
		p.print("%s\n", prefixed(text, "    ", "    "))
	}
	for _, f := range p.files.page(a.Files) {
		p.print("  File: %s (%s)\n", f.Name, f.note())
	}
	if len(a.Reactions) > 0 {
		var all []string
		for _, r := range a.Reactions {
			all = append(all, line(r.Emoji)+" "+strconv.Itoa(r.Count))
		}
		p.print("  Reactions: %s\n", strings.Join(all, ", "))
	}
	return p.fault()
}

// fault is the first error of writing, if there was one.
func (p *plainText) fault() error {
	_, err := p.w.Write(nil)
	return err
}

func (p *plainText) end() error { return p.w.Flush() }
