// Package commonmark reads, splits and writes the CommonMark that crosses the contract of package adapters. It is pure.
//
// In between, a text is a Document: what a chat program can show, and no more. Quotes are not nested, and an item of a
// list holds nothing but text. Where a text nests deeper, the Document is flat. Every word is still there.
package commonmark

import (
	"strings"
	"time"
	"unicode"
)

// A Document is a text as a chat program can show it.
type Document []Block

// A Block is one or more lines of a document: a paragraph, for instance, or one item of a list.
type Block struct {
	Kind     Kind
	Quoted   bool
	Level    int    // of a heading: 1 to 6; 0 means 1
	Indent   int    // of an item: how many lists are around its own; at most MaxIndent
	Number   int    // of an item: 0 for a bullet; at most MaxNumber
	Language string // of code: one word, or ""
	Runs     []Run
}

// A Kind is one of the constants below.
type Kind uint8

const (
	Paragraph Kind = iota
	Heading
	ListItem
	CodeBlock // its runs have no style
	Rule      // has no runs
)

// A Run is text in one style. Each "\n" in it is a line break.
type Run struct {
	Text  string
	Style Style
	Link  string    // an address that SafeURL returned, or ""
	Time  time.Time // the instant that the text names, or zero
}

// A Style is any combination of the constants below.
type Style uint8

const (
	Bold Style = 1 << iota
	Italic
	Strike
	Monospace
)

// MaxIndent is how deep lists are nested. Deeper ones are shown at this depth.
const MaxIndent = 8

// MaxNumber is the highest number of an item. CommonMark allows nine digits, and some room is left to count on.
const MaxNumber = 999_000_000

// HasText tells whether a document shows anything but white space.
func (p Document) HasText() bool {
	for _, b := range p {
		if strings.TrimSpace(PlainText(b.Runs)) != "" {
			return true
		}
	}
	return false
}

// JoinParagraphs joins the runs of several paragraphs into those of one block.
func JoinParagraphs(p Document) (runs []Run) {
	for i, b := range p {
		if i > 0 {
			runs = append(runs, Run{Text: "\n\n"})
		}
		runs = append(runs, b.Runs...)
	}
	return runs
}

// NewCodeBlock is a code block with the words of runs.
func NewCodeBlock(runs []Run, quoted bool) Block {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.Text)
	}
	return Block{Kind: CodeBlock, Quoted: quoted, Runs: []Run{{Text: strings.Trim(b.String(), "\n")}}}
}

// Paragraphs splits runs into paragraphs at empty lines.
func Paragraphs(runs []Run, quoted bool) (p Document) {
	var b Block
	for _, line := range Lines(runs) {
		if len(line) == 0 {
			if b.Runs != nil {
				p = append(p, b)
			}
			b = Block{}
			continue
		}
		if b.Runs != nil {
			b.Runs = append(b.Runs, Run{Text: "\n"})
		}
		b.Quoted = quoted
		b.Runs = append(b.Runs, line...)
	}
	if b.Runs != nil {
		p = append(p, b)
	}
	return p
}

// Lines splits runs at each line break. A line without words has no runs.
func Lines(runs []Run) [][]Run {
	all := [][]Run{nil}
	for _, r := range runs {
		for i, text := range strings.Split(r.Text, "\n") {
			if i > 0 {
				all = append(all, nil)
			}
			if r.Text = text; text != "" {
				all[len(all)-1] = append(all[len(all)-1], r)
			}
		}
	}
	for i, line := range all {
		all[i] = Normalize(line)
	}
	return all
}

// JoinLines puts a space in place of each line break.
func JoinLines(runs []Run) (all []Run) {
	for _, line := range Lines(runs) {
		all = append(append(all, line...), Run{Text: " "})
	}
	return Normalize(all)
}

// UnixTime is the time of some Unix seconds, or zero if <time> can't express it.
func UnixTime(unix int64) time.Time {
	t := time.Unix(unix, 0).UTC()
	if unix <= 0 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// Clean makes any text valid UTF-8 that has no control characters except newlines and tabs.
func Clean(s string) string {
	plain := true
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\n' || s[i] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r):
			return -1
		}
		return r // Map has made U+FFFD of invalid bytes
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}
