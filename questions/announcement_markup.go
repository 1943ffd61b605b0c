package questions

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/net/html"
)

// A lineWriter gathers the words of marked-up text into lines.
type lineWriter struct {
	lines  []line
	next   line // what the next line will be but for its words
	words  strings.Builder
	bold   int // bytes of words that are strong
	weight int // how many strong elements are open
	url    string
	from   int // where in words the open link begins
	items  int // list items begun so far
}

// write adds words that stand on a source line.
func (w *lineWriter) write(s string, n int) {
	if strings.TrimSpace(s) == "" {
		if w.words.Len() > 0 {
			w.words.WriteByte(' ')
		}
		return
	}
	if w.words.Len() == 0 {
		w.next.n = n
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
	}
	w.words.WriteString(s)
	if w.weight > 0 {
		w.bold += len(s)
	}
}

func (w *lineWriter) openLink(url string) { w.url, w.from = url, w.words.Len() }

func (w *lineWriter) closeLink() {
	if w.url != "" && w.words.Len() > w.from {
		w.next.links = append(w.next.links, link{w.from, w.words.Len(), w.url})
	}
	w.url = ""
}

// breakLine ends a line: softly where an editor wrapped it, or hard, where the writer did.
func (w *lineWriter) breakLine(soft bool) {
	url := w.url
	w.closeLink()
	raw := w.words.String()
	l := w.next
	if l.text = clean(raw); l.text != "" {
		for i := range l.links { // cleaning moves what stands behind it
			l.links[i].from = len(clean(raw[:l.links[i].from]+"|")) - 1
			l.links[i].to = len(clean(raw[:l.links[i].to]))
		}
		l.strong = w.bold*10 >= len(strings.TrimSpace(raw))*9
		w.lines = append(w.lines, l)
		w.next.gap, w.next.item, w.next.num, w.next.indent = 0, 0, 0, 0
	}
	w.next.links = nil
	w.words.Reset()
	w.bold = 0
	w.next.soft = soft
	if url != "" {
		w.openLink(url)
	}
}

// breakBlock ends a paragraph.
func (w *lineWriter) breakBlock(gap int) {
	w.breakLine(false)
	w.next.gap = max(w.next.gap, gap)
}

// markdownLines reads Markdown.
func markdownLines(src string) []line {
	md := goldmark.New(goldmark.WithExtensions(extension.Strikethrough), goldmark.WithParser(parser.NewParser(
		// Indented text is no code in an announcement: it is a list that somebody moved to the right.
		parser.WithBlockParsers(withoutCode(parser.DefaultBlockParsers())...),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...))))
	source := []byte(src)
	m := markdownReader{source: source, starts: lineStarts(src)}
	// Every callback returns nil, and so does Walk.
	_ = ast.Walk(md.Parser().Parse(text.NewReader(source)), m.visit)
	m.breakBlock(1)
	return m.lines
}

// withoutCode leaves out the parser of indented code blocks.
func withoutCode(all []util.PrioritizedValue) []util.PrioritizedValue {
	code := parser.NewCodeBlockParser()
	return slices.DeleteFunc(all, func(v util.PrioritizedValue) bool { return v.Value == code })
}

type markdownReader struct {
	lineWriter
	source []byte
	starts []int
	lists  []*ast.List
	inside []int
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
		} else {
			m.breakBlock(0)
		}
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
	if _, ok := n.(*ast.HTMLBlock); ok {
		from, to := segments.At(0).Start, segments.At(segments.Len()-1).Stop
		if c := n.(*ast.HTMLBlock).ClosureLine; c.Stop > to {
			to = c.Stop
		}
		m.lines = append(m.lines, htmlLines(string(m.source[from:to]), m.lineAt(from)-1)...)
		return
	}
	for i := range segments.Len() {
		s := segments.At(i)
		m.next.indent = indent(string(m.source[m.starts[m.lineAt(s.Start)-1]:s.Stop]))
		m.write(string(s.Value(m.source)), m.lineAt(s.Start))
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
			m.write(string(value), m.lineAt(n.Segment.Start))
			if n.SoftLineBreak() || n.HardLineBreak() {
				m.breakLine(false)
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

func (w *lineWriter) weigh(open bool) {
	if open {
		w.weight++
	} else {
		w.weight = max(w.weight-1, 0)
	}
}

// rawHTML drops tags that HTML knows, and keeps what only looks like one: "<in years>".
func (m *markdownReader) rawHTML(n *ast.RawHTML) {
	raw := string(n.Segments.Value(m.source))
	switch name := tagName(raw); {
	case name == "br":
		m.breakLine(false)
	case !knownTags[name] && !strings.HasPrefix(raw, "<!"):
		m.write(raw, m.lineAt(n.Segments.At(0).Start))
	}
}

// tagName is the name in a single tag.
func tagName(raw string) string {
	raw = strings.TrimLeft(raw, "</")
	end := strings.IndexFunc(raw, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.ToLower(raw[:max(end, 0)])
}
