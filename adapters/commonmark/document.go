// Package commonmark reads, divides and writes the CommonMark that crosses the contract of package adapters, for
// adapters of platforms on which people chat. It is pure.
//
// A text is a Passage in between: what a chat can show, and no more. There are no quotes within lists, no lists within
// quotes within lists, and nothing but text in an item: in a passage those are flat. Every word is still there.
package commonmark

import (
	"strings"
	"time"
	"unicode"
)

// A Document is a text as a chat can show it.
type Document []Block

// A Block is one line or more of a passage: a paragraph, say, or one item of a list.
type Block struct {
	Kind     Kind
	Quoted   bool
	Level    int    // of a heading: 1, as 0 is, to 6
	Indent   int    // of an item: how many lists it is nested in
	Number   int    // of an item: 0 for a bullet
	Language string // of code: a word, or ""
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

// A Run is text in one style. A "\n" in it is a line break.
type Run struct {
	Text  string
	Style Style
	Link  string    // an address that Linkable has made, or ""
	Time  time.Time // the instant that the text tells, or zero
}

// A Style is any of the constants below together.
type Style uint8

const (
	Bold Style = 1 << iota
	Italic
	Strike
	Monospace
)

// MaxIndent is how deep lists are nested. Whatever is deeper is shown there.
const MaxIndent = 8

// MaxNumber is the highest number of an item that CommonMark knows, and some room.
const MaxNumber = 999_000_000

// HasText tells whether there are words in a passage.
func (p Document) HasText() bool {
	for _, b := range p {
		if strings.TrimSpace(PlainText(b.Runs)) != "" {
			return true
		}
	}
	return false
}

// JoinParagraphs makes one block's runs of several paragraphs.
func JoinParagraphs(p Document) (runs []Run) {
	for i, b := range p {
		if i > 0 {
			runs = append(runs, Run{Text: "\n\n"})
		}
		runs = append(runs, b.Runs...)
	}
	return runs
}

// NewCodeBlock makes code of runs.
func NewCodeBlock(runs []Run, quoted bool) Block {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.Text)
	}
	return Block{Kind: CodeBlock, Quoted: quoted, Runs: []Run{{Text: strings.Trim(b.String(), "\n")}}}
}

// Paragraphs divides runs at empty lines.
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

// Lines divides runs at each line break. A line without words has no runs.
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

// JoinLines is runs with a space for each line break.
func JoinLines(runs []Run) (all []Run) {
	for _, line := range Lines(runs) {
		all = append(append(all, line...), Run{Text: " "})
	}
	return Normalize(all)
}

// UnixTime is a time in Unix seconds, or zero where CommonMark's <time> has no way to write it.
func UnixTime(unix int64) time.Time {
	t := time.Unix(unix, 0).UTC()
	if unix <= 0 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// Clean makes any text valid UTF-8 without control characters but newlines and tabs.
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
		return r // an invalid byte is U+FFFD already
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}
