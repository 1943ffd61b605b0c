package terminal

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

var (
	commonMark = goldmark.New().Parser()
	timeTag    = regexp.MustCompile(`^<(time(\s[^>]*)?|/time)>$`)
)

// layout turns CommonMark into lines of at most width cells, or of any length if width is 0. The head stands before
// the text: on its first line, or on a line of its own before a list, a quote and the like.
func layout(head []run, source string, base style, width int) []line {
	// Once more below, as entities may become control characters.
	l := layouter{source: []byte(sanitize(source)), width: width, base: base, head: head}
	doc := commonMark.Parse(text.NewReader(l.source))
	l.blocks(doc, false)
	if len(l.head) > 0 {
		l.paragraph(nil)
	}
	return l.lines
}

// plainText is CommonMark as words on one line, for the mention of a message in another.
func plainText(source string) string {
	var b strings.Builder
	for i, ln := range layout(nil, source, style{}, 0) {
		if i > 0 {
			b.WriteByte(' ')
		}
		for _, r := range ln {
			b.WriteString(r.text)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// A layouter walks over the blocks of a text.
type layouter struct {
	source []byte
	width  int
	base   style
	lines  []line

	head   []run // not yet shown
	marker line  // stands once before the next line, instead of the prefix
	prefix line  // stands before each line
}

func (l *layouter) blocks(parent ast.Node, tight bool) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		_, list := n.(*ast.List)
		if n.PreviousSibling() != nil && !tight && !list {
			l.emit(nil)
		}
		l.block(n)
	}
}

func (l *layouter) block(n ast.Node) {
	_, isParagraph := n.(*ast.Paragraph)
	_, isText := n.(*ast.TextBlock)
	if len(l.head) > 0 && !isParagraph && !isText {
		l.paragraph(nil)
	}
	switch n := n.(type) {
	case *ast.Paragraph, *ast.TextBlock:
		l.paragraph(l.inlines(n, l.base))
	case *ast.Heading:
		bold := l.base
		bold.bold = true
		l.paragraph(l.inlines(n, bold))
	case *ast.Blockquote:
		l.nested(line{{"│ ", style{dim: true}}}, line{{"│ ", style{dim: true}}}, func() { l.blocks(n, false) })
	case *ast.List:
		l.list(n)
	case *ast.ThematicBreak:
		l.emit([]run{{strings.Repeat("─", 8), style{dim: true}}})
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		l.verbatim(n, style{colour: codeColour})
	case *ast.HTMLBlock:
		l.verbatim(n, l.base)
	case *ast.LinkReferenceDefinition:
	default:
		l.blocks(n, false)
	}
}

func (l *layouter) list(list *ast.List) {
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "• "
		if list.IsOrdered() {
			mark = fmt.Sprintf("%d. ", number)
			number++
		}
		indent := strings.Repeat(" ", width(mark))
		l.nested(line{{mark, l.base}}, line{{indent, style{}}}, func() {
			before := len(l.lines)
			l.blocks(item, list.IsTight)
			if len(l.lines) == before {
				l.emit(nil)
			}
		})
	}
}

// nested shows blocks behind a marker on the first line and a prefix on the others. Where the nesting leaves too
// little room for words, it goes no deeper.
func (l *layouter) nested(marker, prefix line, show func()) {
	if l.width > 0 && (l.prefix.width()+marker.width())*2 > l.width {
		show()
		return
	}
	first := l.prefix
	if l.marker != nil {
		first = l.marker
	}
	outer := l.prefix
	l.marker, l.prefix = concat(first, marker), concat(outer, prefix)
	show()
	l.marker, l.prefix = nil, outer
}

// verbatim shows the lines of code, or of HTML, which is text.
func (l *layouter) verbatim(n ast.Node, s style) {
	segments := n.Lines()
	for i := range segments.Len() {
		segment := segments.At(i)
		l.verbatimLine(string(segment.Value(l.source)), s)
	}
	if html, ok := n.(*ast.HTMLBlock); ok && html.HasClosure() {
		l.verbatimLine(string(html.ClosureLine.Value(l.source)), s)
	}
}

func (l *layouter) verbatimLine(raw string, s style) {
	raw = strings.TrimRight(raw, "\r\n")
	for _, part := range splitCells(oneLine(raw), l.availableCells()) {
		l.emit([]run{{part, s}})
	}
}

func (l *layouter) paragraph(runs []run) {
	runs = concat(l.head, runs)
	l.head = nil
	for _, ln := range wrap(runs, l.availableCells()) {
		l.emit(ln)
	}
}

// availableCells is how many cells the prefix leaves; 0 means any number.
func (l *layouter) availableCells() int {
	if l.width == 0 {
		return 0
	}
	return max(1, l.width-l.prefix.width())
}

func (l *layouter) emit(ln line) {
	before := l.prefix
	if l.marker != nil {
		before, l.marker = l.marker, nil
	}
	l.lines = append(l.lines, concat(before, ln))
}

func (l *layouter) inlines(parent ast.Node, s style) (runs []run) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		runs = append(runs, l.inline(n, s)...)
	}
	return runs
}

func (l *layouter) inline(n ast.Node, s style) []run {
	switch n := n.(type) {
	case *ast.Text:
		runs := []run{{oneLine(unescape(n.Segment.Value(l.source))), s}}
		switch {
		case n.HardLineBreak():
			runs = append(runs, run{"\n", s})
		case n.SoftLineBreak():
			runs = append(runs, run{" ", s})
		}
		return runs
	case *ast.String:
		return []run{{oneLine(string(n.Value)), s}}
	case *ast.CodeSpan:
		return []run{{oneLine(l.codeText(n)), style{colour: codeColour, bold: s.bold}}}
	case *ast.Emphasis:
		if n.Level == 1 {
			s.italic = true
		} else {
			s.bold = true
		}
		return l.inlines(n, s)
	case *ast.Link:
		return l.link(n, n.Destination, s)
	case *ast.Image:
		return l.link(n, n.Destination, s)
	case *ast.AutoLink:
		return []run{{oneLine(string(n.Label(l.source))), s}}
	case *ast.RawHTML:
		tag := string(n.Segments.Value(l.source))
		if timeTag.MatchString(tag) {
			return nil
		}
		return []run{{oneLine(tag), s}}
	default:
		return l.inlines(n, s)
	}
}

// link shows the words of a link, and its address where they differ.
func (l *layouter) link(n ast.Node, destination []byte, s style) []run {
	runs := l.inlines(n, s)
	address := oneLine(unescape(destination))
	var words strings.Builder
	for _, r := range runs {
		words.WriteString(r.text)
	}
	switch words.String() {
	case "":
		return []run{{address, s}}
	case address:
		return runs
	}
	return append(runs, run{" ", s}, run{"(" + address + ")", style{dim: true}})
}

func (l *layouter) codeText(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(l.source))
		}
	}
	return b.String()
}

// unescape resolves what goldmark leaves to its renderers.
func unescape(b []byte) string {
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(b))))
}
