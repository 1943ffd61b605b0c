package questions

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// maxQuestions is the highest number that a tag can have: A99.
const maxQuestions = 99

var (
	atxPattern      = regexp.MustCompile(`^#{1,6}(?:[ \t\n]|$)`)
	questionHeading = regexp.MustCompile(`^[Qq](\d{1,3})(?:\s*\(\s*(\S+?)\s*\))?$`)
	// questionLikeHeading matches headings that were probably meant as a question's.
	questionLikeHeading = regexp.MustCompile(`(?i)^(?:Q|Question|Frage)\s*\.?\s*(\d{1,3})\b\s*(.*)$`)
	// hiddenHeading matches the line of a question's heading anywhere, even in a code block or HTML.
	hiddenHeading = regexp.MustCompile(`(?m)^## Q\d`)
)

// A bodyParser reads the Markdown below the front matter. Offsets are into source.
type bodyParser struct {
	source string
	file   string // the whole file, for positions
	start  int    // the offset of source in file
	faults *Faults
}

// readBody reads the introduction and the questions, and returns the positions of the questions' headings.
func readBody(c *Chat, file string, start int, faults *Faults) []position {
	b := &bodyParser{source: file[start:], file: file, start: start, faults: faults}
	blocks := topLevel(b.source)
	known := map[int]bool{}
	var headings []position
	var parts []part
	introEnd := len(b.source)
	for i, block := range blocks {
		heading, ok := block.(*ast.Heading)
		if !ok {
			continue
		}
		at := lineStart(b.source, heading.Pos())
		known[at] = true
		q, ok := b.question(heading)
		if !ok {
			continue
		}
		if len(parts) > 0 {
			parts[len(parts)-1].end = at
		} else {
			introEnd = at
		}
		if q.N != len(c.Questions)+1 {
			b.numberFault(heading, q.N, c.Questions, headings)
		}
		c.Questions, headings = append(c.Questions, q), append(headings, b.at(heading.Pos()))
		parts = append(parts, part{lineEnd(b.source, heading.Pos()), len(b.source), blocks[i+1:]})
	}
	c.Introduction = trimBlank(b.source[:introEnd])
	for i, p := range parts {
		q := &c.Questions[i]
		q.Text, q.Points = b.content(p, q.N)
		if q.Text == "" && len(q.Points) == 0 {
			b.faults.add(headings[i], "%s has no text: write the question on the lines below its heading", Label(q.N))
		}
	}
	for _, m := range hiddenHeading.FindAllStringIndex(b.source, -1) {
		if !known[m[0]] {
			b.fault(m[0], "this heading is inside a code block or HTML that starts above: close that first")
		}
	}
	if len(c.Questions) > maxQuestions {
		faults.add(headings[maxQuestions], "a chat can have at most %d questions, because people tag their answers with A1 to A%d", maxQuestions, maxQuestions)
	}
	return headings
}

// A part is the body between a question's heading and the next question's. Its blocks continue to the end of the body.
type part struct {
	start, end int
	blocks     []ast.Node
}

// topLevel parses Markdown and returns its outermost blocks.
func topLevel(source string) []ast.Node {
	var blocks []ast.Node
	document := goldmark.DefaultParser().Parse(text.NewReader([]byte(source)))
	for n := document.FirstChild(); n != nil; n = n.NextSibling() {
		blocks = append(blocks, n)
	}
	return blocks
}

func (b *bodyParser) at(offset int) position { return positionAt(b.file, b.start+offset) }

func (b *bodyParser) fault(offset int, format string, args ...any) {
	b.faults.add(b.at(offset), format, args...)
}

// question reads a question's heading. A heading that looks like a question's adds a fault and still starts a question,
// so that it causes no other faults. Any other heading of level 1 or 2 adds a fault and is read as text.
func (b *bodyParser) question(h *ast.Heading) (Question, bool) {
	atx := atxPattern.MatchString(b.source[h.Pos():])
	label := headingText(h, b.source)
	if m := questionHeading.FindStringSubmatch(label); m != nil && h.Level == 2 && atx {
		q := Question{N: number(m[1])}
		if m[2] != "" {
			d, err := readDuration(m[2])
			if err == nil && d == 0 {
				err = fmt.Errorf("%s can't have zero time: write its minutes like ## %s (10m), or leave them out", Label(q.N), Label(q.N))
			}
			if err != nil {
				b.fault(h.Pos(), "%s", err)
			}
			q.Duration = d
		}
		return q, true
	}
	if m := questionLikeHeading.FindStringSubmatch(label); m != nil {
		n := number(m[1])
		if rest := strings.TrimLeft(m[2], ".:)-– "); strings.HasPrefix(rest, "(") && strings.HasSuffix(rest, ")") {
			b.fault(h.Pos(), "%s is not a duration: write the heading like ## %s (10m)", rest, Label(n))
		} else if rest != "" {
			b.fault(h.Pos(), "a question's heading is just ## %s, or ## %s (10m) to set its minutes: write %q on the lines below it", Label(n), Label(n), rest)
		} else {
			b.fault(h.Pos(), "this is not a question's heading: write ## %s, or ## %s (10m) to set its minutes", Label(n), Label(n))
		}
		return Question{N: n}, true
	}
	switch {
	case h.Level > 2:
	case !atx:
		b.fault(h.Pos(), "the line of = or - below %q makes it a heading: put a blank line between them", label)
	default:
		b.fault(h.Pos(), "%q is not a question: write a question's heading like ## Q1, and any other heading with ### or more", label)
	}
	return Question{}, false
}

func headingText(h *ast.Heading, source string) string {
	return strings.TrimSpace(string(h.Lines().Value([]byte(source))))
}

// numberFault adds a fault for a question whose number is not the next one.
func (b *bodyParser) numberFault(h *ast.Heading, n int, before []Question, headings []position) {
	for i, q := range before {
		if q.N == n {
			b.fault(h.Pos(), "%s is already used on line %d: number this one %s", Label(n), headings[i].line, Label(len(before)+1))
			return
		}
	}
	b.fault(h.Pos(), "%s comes where %s should be: number the questions from 1, without gaps", Label(n), Label(len(before)+1))
}

// content splits the Markdown below a question's heading into its text and its points.
func (b *bodyParser) content(p part, n int) (text string, points []string) {
	textEnd := p.end
	var items []ast.Node
	var ends []int
	for i, block := range p.blocks {
		if block.Pos() >= p.end {
			break
		}
		list, ok := block.(*ast.List)
		if !ok {
			if len(items) > 0 {
				b.fault(block.Pos(), "text can't follow the points of %s: move it above them, or indent it to make it part of a point", Label(n))
			}
			continue
		}
		if len(items) == 0 {
			textEnd = lineStart(b.source, list.Pos())
		}
		for item := list.FirstChild(); item != nil; item = item.NextSibling() {
			items = append(items, item)
			switch {
			case item.NextSibling() != nil:
				ends = append(ends, lineStart(b.source, item.NextSibling().Pos()))
			case i+1 < len(p.blocks):
				ends = append(ends, min(lineStart(b.source, p.blocks[i+1].Pos()), p.end))
			default:
				ends = append(ends, p.end)
			}
		}
	}
	for i, item := range items {
		point := pointText(b.source, item.Pos(), ends[i])
		if point == "" {
			b.fault(item.Pos(), "this point of %s is empty: write something after its mark, or remove it", Label(n))
		}
		points = append(points, point)
	}
	return trimBlank(b.source[p.start:textEnd]), points
}

var markerPattern = regexp.MustCompile(`^(?:[-+*]|\d{1,9}[.)])`)

// pointText returns the text of a list item, without its marker and indentation.
func pointText(source string, start, end int) string {
	marker := len(markerPattern.FindString(source[start:end]))
	lines := strings.Split(source[start+marker:end], "\n")
	_, column := unindent(source[lineStart(source, start):start], 0)
	first, width := unindent(lines[0], 1<<20)
	if width > 4 || first == "" {
		width = 1 // the rest is the item's own indentation
	}
	content := column + marker + width
	lines[0] = first
	for i := range lines[1:] {
		lines[i+1], _ = unindent(lines[i+1], content)
	}
	return strings.TrimLeft(trimBlank(strings.Join(lines, "\n")), " \t")
}

// unindent removes up to the given columns of white space from the start of a line, and returns how many it removed.
// A tab ends at the next multiple of four. Leading tabs that remain become spaces.
func unindent(line string, columns int) (rest string, removed int) {
	width, i := 0, 0
	for ; i < len(line) && (line[i] == ' ' || line[i] == '\t'); i++ {
		if line[i] == '\t' {
			width += 4 - width%4
		} else {
			width++
		}
	}
	removed = min(width, columns)
	return strings.Repeat(" ", width-removed) + line[i:], removed
}

func lineStart(s string, offset int) int { return strings.LastIndexByte(s[:offset], '\n') + 1 }

// lineEnd returns the offset at which the next line starts.
func lineEnd(s string, offset int) int {
	if i := strings.IndexByte(s[offset:], '\n'); i >= 0 {
		return offset + i + 1
	}
	return len(s)
}

// trimBlank removes blank lines from both ends, and white space from the end.
func trimBlank(s string) string {
	s = strings.TrimRight(s, " \t\n")
	for {
		line, rest, found := strings.Cut(s, "\n")
		if !found || strings.Trim(line, " \t") != "" {
			return s
		}
		s = rest
	}
}
