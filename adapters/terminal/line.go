package terminal

import (
	"fmt"
	"hash/fnv"
	"iter"
	"slices"
	"strings"
)

// Colours of the 256-colour palette that are readable on light and dark backgrounds.
const codeColour = 109

var (
	workspaceColours = []uint8{37, 133, 172, 71, 68}
	personColours    = []uint8{33, 35, 134, 166, 37, 172, 99, 131, 71, 168}
)

// A style is how a run of text looks where there is colour.
type style struct {
	bold, italic, dim bool
	colour            uint8 // of the 256-colour palette; 0 for the terminal's own
}

// A run is text in one style. Its text comes from oneLine, so nothing in it can command the terminal.
type run struct {
	text  string
	style style
}

// A line is what is between two line feeds.
type line []run

func concat(a, b line) line { return slices.Concat(a, b) }

func (l line) width() (n int) {
	for _, r := range l {
		n += width(r.text)
	}
	return n
}

// paint writes the line, with escape codes if there is colour. Each line begins and ends in the terminal's own style.
func (l line) paint(colour bool) string {
	var b strings.Builder
	for i := 0; i < len(l); {
		s, from := l[i].style, b.Len()
		codes := ""
		if colour {
			codes = s.codes()
		}
		if codes != "" {
			b.WriteString("\x1b[" + codes + "m")
			from = b.Len()
		}
		for ; i < len(l) && l[i].style == s; i++ {
			b.WriteString(l[i].text)
		}
		if codes != "" && b.Len() > from {
			b.WriteString("\x1b[0m")
		}
	}
	return b.String()
}

func (s style) codes() string {
	var codes []string
	if s.bold {
		codes = append(codes, "1")
	}
	if s.dim {
		codes = append(codes, "2")
	}
	if s.italic {
		codes = append(codes, "3")
	}
	if s.colour != 0 {
		codes = append(codes, fmt.Sprintf("38;5;%d", s.colour))
	}
	return strings.Join(codes, ";")
}

// colourOf gives the same person the same colour on every screen.
func colourOf(name string) uint8 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	return personColours[h.Sum32()%uint32(len(personColours))]
}

// wrap breaks runs at spaces and line feeds into lines of at most limit cells. 0 means no limit.
func wrap(runs []run, limit int) []line {
	lines, used := []line{nil}, 0
	var space *run // between the words so far and the next one
	for w := range words(runs) {
		last := len(lines) - 1
		switch {
		case w.newline:
			lines, used, space = append(lines, nil), 0, nil
			continue
		case w.space:
			if used > 0 {
				space = &run{" ", w.runs[0].style}
			}
			continue
		}
		need := w.runs.width()
		if space != nil && limit > 0 && used+1+need > limit {
			lines, last, used, space = append(lines, nil), last+1, 0, nil
		}
		if space != nil {
			lines[last] = append(lines[last], *space)
			used, space = used+1, nil
		}
		for _, r := range w.runs { // a word that is wider than the limit is broken anywhere
			for cell, n := range clusters(r.text) {
				if limit > 0 && used+n > limit && used > 0 {
					lines, last, used = append(lines, nil), last+1, 0
				}
				lines[last] = append(lines[last], run{cell, r.style})
				used += n
			}
		}
	}
	return lines
}

// A word is runs without a space in them, or one space, or a line feed.
type word struct {
	runs           line
	space, newline bool
}

func words(runs []run) iter.Seq[word] {
	return func(yield func(word) bool) {
		var w line
		flush := func() bool {
			whole := w
			w = nil
			return len(whole) == 0 || yield(word{runs: whole})
		}
		for _, r := range runs {
			if r.text == "\n" {
				if !flush() || !yield(word{newline: true}) {
					return
				}
				continue
			}
			for i, part := range strings.Split(r.text, " ") {
				if i > 0 && (!flush() || !yield(word{runs: line{{" ", r.style}}, space: true})) {
					return
				}
				if part != "" {
					w = append(w, run{part, r.style})
				}
			}
		}
		flush()
	}
}
