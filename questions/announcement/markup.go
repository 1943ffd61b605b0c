package announcement

import (
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/net/html"
)

// markdownLines reads Markdown. skipped is how many lines stand before src, and depth how often it was indented.
func markdownLines(src string, skipped, depth int) []line {
	md := goldmark.New(goldmark.WithExtensions(extension.Strikethrough, extension.Table))
	source := []byte(src)
	m := markdownReader{source: source, starts: lineStarts(src), skipped: skipped, indented: depth}
	// Every callback returns nil, and so does Walk.
	_ = ast.Walk(md.Parser().Parse(text.NewReader(source)), m.visit)
	m.breakBlock(1)
	return m.lines
}

type markdownReader struct {
	lineWriter
	source   []byte
	starts   []int
	skipped  int
	indented int
	lists    []*ast.List
	inside   []int
}

// lineStarts is the offset at which each line begins.
func lineStarts(src string) []int {
	starts := []int{0}
	for i := range len(src) {
		if src[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func (m *markdownReader) lineAt(offset int) int {
	return sort.SearchInts(m.starts, offset+1)
}

// sourceLine is the line of the announcement that an offset is on.
func (m *markdownReader) sourceLine(offset int) int { return m.skipped + m.lineAt(offset) }

func (m *markdownReader) visit(n ast.Node, entering bool) (ast.WalkStatus, error) {
	switch n := n.(type) {
	case *ast.Heading:
		m.breakBlock(1)
		m.next.heading = 0
		if entering {
			m.next.heading = n.Level
		}
	case *ast.Paragraph, *ast.Blockquote, *ast.TextBlock:
		if entering {
			m.breakBlock(m.emptyBefore(n))
			if n.Lines() != nil && n.Lines().Len() > 0 {
				m.next.n = m.sourceLine(n.Lines().At(0).Start)
			}
		} else {
			m.breakBlock(0)
		}
	case *extensionast.TableHeader, *extensionast.TableRow:
		m.breakBlock(0)
	case *extensionast.TableCell:
		m.write(" ", m.next.n)
	case *ast.ThematicBreak:
		m.breakBlock(2)
	case *ast.List:
		m.breakBlock(1)
		if entering {
			m.lists = append(m.lists, n)
		} else {
			m.lists = m.lists[:len(m.lists)-1]
		}
		m.next.depth = len(m.lists)
	case *ast.ListItem:
		m.breakBlock(0)
		if entering {
			m.beginItem(n)
		} else {
			m.inside = m.inside[:len(m.inside)-1]
			m.next.inside = 0
			if len(m.inside) > 0 {
				m.next.inside = m.inside[len(m.inside)-1]
			}
		}
	case *ast.FencedCodeBlock, *ast.CodeBlock, *ast.HTMLBlock:
		if entering {
			m.literal(n)
		}
		return ast.WalkSkipChildren, nil
	default:
		return m.inline(n, entering)
	}
	return ast.WalkContinue, nil
}

// emptyBefore counts the empty lines before a block.
func (m *markdownReader) emptyBefore(n ast.Node) int {
	if n.Type() != ast.TypeBlock || n.Lines() == nil || n.Lines().Len() == 0 {
		return 1
	}
	if n.PreviousSibling() == nil && n.Parent() != nil && n.Parent().Kind() == ast.KindListItem {
		return 0
	}
	gap := 0
	for at := m.lineAt(n.Lines().At(0).Start) - 2; at >= 0; at-- {
		if strings.TrimSpace(string(m.source[m.starts[at]:m.starts[at+1]])) != "" {
			break
		}
		gap++
	}
	return max(gap, 1)
}

// beginItem numbers an item as it was written, where it was; writers who leave the counting to Markdown write "1."
// throughout.
func (m *markdownReader) beginItem(n *ast.ListItem) {
	m.items++
	m.inside = append(m.inside, m.items)
	m.next.inside = m.items
	m.next.item = '-'
	list, ok := n.Parent().(*ast.List)
	if !ok || !list.IsOrdered() {
		return
	}
	m.next.item = '1'
	for c := ast.Node(n); c != nil; c = c.PreviousSibling() {
		m.next.num++
	}
	if first := n.FirstChild(); first != nil && first.Lines() != nil && first.Lines().Len() > 0 {
		start := first.Lines().At(0).Start
		head := strings.TrimSpace(string(m.source[m.starts[m.lineAt(start)-1]:start]))
		head = strings.TrimLeft(head, ">*+- \t")
		if written, err := strconv.Atoi(strings.TrimRight(head, ".)")); err == nil && written != 1 {
			m.next.num = written
		}
	}
}

// literal keeps a block as it was written, but for HTML, which is read as such.
func (m *markdownReader) literal(n ast.Node) {
	m.breakBlock(1)
	segments := n.Lines()
	if segments == nil || segments.Len() == 0 {
		return
	}
	if _, ok := n.(*ast.CodeBlock); ok && m.indented < 3 {
		// Indented text is no code in an announcement: it is a list that somebody moved to the right.
		var inner strings.Builder
		for i := range segments.Len() {
			s := segments.At(i)
			inner.Write(s.Value(m.source))
		}
		for _, l := range markdownLines(inner.String(), m.skipped+m.lineAt(segments.At(0).Start)-1, m.indented+1) {
			l.indent += 4
			m.lines = append(m.lines, l)
		}
		m.next.gap = 1
		return
	}
	if _, ok := n.(*ast.HTMLBlock); ok {
		from, to := segments.At(0).Start, segments.At(segments.Len()-1).Stop
		if c := n.(*ast.HTMLBlock).ClosureLine; c.Stop > to {
			to = c.Stop
		}
		m.lines = append(m.lines, htmlLines(string(m.source[from:to]), m.skipped+m.lineAt(from)-1)...)
		return
	}
	for i := range segments.Len() {
		s := segments.At(i)
		m.next.indent = indent(string(m.source[m.starts[m.lineAt(s.Start)-1]:s.Stop]))
		m.write(string(s.Value(m.source)), m.sourceLine(s.Start))
		m.breakLine(false)
	}
	m.breakBlock(1)
}

func (m *markdownReader) inline(n ast.Node, entering bool) (ast.WalkStatus, error) {
	switch n := n.(type) {
	case *ast.Text:
		if entering {
			value := n.Segment.Value(m.source)
			if !n.IsRaw() {
				value = []byte(html.UnescapeString(string(util.UnescapePunctuations(value))))
			}
			m.write(string(value), m.sourceLine(n.Segment.Start))
			if n.SoftLineBreak() || n.HardLineBreak() {
				m.breakLine(false)
				m.next.n = m.sourceLine(n.Segment.Start) + 1
			}
		}
	case *ast.String:
		if entering {
			m.write(string(n.Value), m.next.n)
		}
	case *ast.Emphasis:
		if n.Level == 2 {
			m.weigh(entering)
		}
	case *ast.Link:
		if entering {
			m.openLink(string(n.Destination))
		} else {
			m.closeLink()
		}
	case *ast.AutoLink:
		if entering {
			m.openLink(string(n.URL(m.source)))
			m.write(string(n.Label(m.source)), m.next.n)
			m.closeLink()
		}
	case *ast.RawHTML:
		if entering {
			m.rawHTML(n)
		}
	case *ast.Image, *extensionast.Strikethrough:
		return ast.WalkSkipChildren, nil
	}
	return ast.WalkContinue, nil
}

// rawHTML drops tags that HTML knows, and keeps what only looks like one: "<in years>".
func (m *markdownReader) rawHTML(n *ast.RawHTML) {
	raw := string(n.Segments.Value(m.source))
	switch name := tagName(raw); {
	case name == "br":
		m.breakLine(false)
	case !knownTags[name] && !strings.HasPrefix(raw, "<!"):
		m.write(raw, m.sourceLine(n.Segments.At(0).Start))
	}
}

// tagName is the name in a single tag.
func tagName(raw string) string {
	raw = strings.TrimLeft(raw, "</")
	end := strings.IndexFunc(raw, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.ToLower(raw[:max(end, 0)])
}
