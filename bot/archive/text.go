package archive

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// The bounds of what is read as Markdown. goldmark takes time that grows with the square of some texts, thousands of
// ">" or "[](" for instance: 45 ms for the worst text of this length, six seconds for one of 100 KB. And nobody can read
// a page in which things are nested deeper than this. What goes beyond is kept whole, as plain lines.
const (
	maxMarkdown = 8 << 10 // bytes
	maxDepth    = 24      // nodes within nodes
)

// A text is a stranger's CommonMark, parsed and tamed: it has no HTML, no headings, no pictures, and no links but to the
// web and to mail addresses. Every word that people could read is still there.
type markdownText struct {
	source []byte
	doc    ast.Node
	simple bool // one line in which no character means anything to Markdown
}

// parse reads Markdown. It never fails: what it can't or won't read as Markdown it takes for plain lines.
func parse(markdown string) markdownText {
	source := []byte(visibleText(markdown))
	if len(source) > maxMarkdown {
		return parsePlain(source)
	}
	if isSimple(source) {
		return markdownText{source: source, simple: true}
	}
	return parseMarkdown(source)
}

func parseMarkdown(source []byte) markdownText {
	t := markdownText{source: source, doc: markdownParser.Parse(gmtext.NewReader(source))}
	if !withinDepth(t.doc, maxDepth) {
		return parsePlain(source)
	}
	t.sanitise()
	return t
}

// markdownParser is CommonMark with bare links and ~~struck out~~ words, and without what loses words: HTML, which
// would be left out, and link definitions, which can't be seen ("[Q1]: yes" is one).
var markdownParser = parser.NewParser(
	parser.WithBlockParsers(
		util.Prioritized(parser.NewSetextHeadingParser(), 100),
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewCodeBlockParser(), 500),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewBlockquoteParser(), 800),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	),
	parser.WithInlineParsers(
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewEmphasisParser(), 500),
		util.Prioritized(extension.NewStrikethroughParser(), 500),
		util.Prioritized(extension.NewLinkifyParser(), 999),
	),
)

// isSimple tells whether source is one line without a character that could mean anything to Markdown. Most answers are;
// they need neither parser nor sanitiser, which saves half the time of a page. A line that begins with a letter is no
// list, heading, quote or code.
func isSimple(source []byte) bool {
	if len(source) == 0 || !isLetter(source[0]) || source[len(source)-1] == ' ' || bytes.Contains(source, []byte("www.")) {
		return false
	}
	for _, c := range source {
		if !isLetter(c) && (c < '0' || c > '9') && strings.IndexByte(" .,;?!'\"()-:", c) < 0 {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 }

// plain makes a text of paragraphs and lines in which no character means anything.
func parsePlain(source []byte) markdownText {
	doc := ast.NewDocument()
	for _, paragraph := range bytes.Split(source, []byte("\n\n")) {
		p := ast.NewParagraph()
		for words := range bytes.Lines(paragraph) {
			if words = bytes.TrimSpace(words); len(words) == 0 {
				continue
			}
			if p.HasChildren() {
				br := ast.NewText()
				br.SetHardLineBreak(true)
				p.AppendChild(p, br)
			}
			p.AppendChild(p, literalNode(words))
		}
		if p.HasChildren() {
			doc.AppendChild(doc, p)
		}
	}
	return markdownText{source: source, doc: doc}
}

// literalNode is text in which neither backslashes nor entities mean anything.
func literalNode(words []byte) *ast.String {
	s := ast.NewString(words)
	s.SetRaw(true)
	return s
}

// withinDepth tells whether no node under n has more than depth nodes above it.
func withinDepth(n ast.Node, depth int) bool {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if depth == 0 || !withinDepth(c, depth-1) {
			return false
		}
	}
	return true
}

// sanitise changes what has no place in an answer: a heading would upset the page's own outline, a picture would be fetched
// from a stranger's server by every reader, a link may run a program, and an entity may hide any character at all.
func (t markdownText) sanitise() {
	var wild []ast.Node
	_ = ast.Walk(t.doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n.Kind() {
		case ast.KindHeading, ast.KindImage, ast.KindLink, ast.KindAutoLink, ast.KindText:
			if !entering { // so that children come before their parents
				wild = append(wild, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range wild {
		switch n := n.(type) {
		case *ast.Heading:
			p, strong := ast.NewParagraph(), ast.NewEmphasis(2)
			moveChildren(n, strong)
			p.AppendChild(p, strong)
			n.Parent().ReplaceChild(n.Parent(), n, p)
		case *ast.Image:
			sanitiseLink(n, n.Destination)
		case *ast.Link:
			sanitiseLink(n, n.Destination)
		case *ast.AutoLink:
			n.SetAttributeString("rel", []byte(linkRel))
			if n.AutoLinkType == ast.AutoLinkURL && !isAllowedURL(n.URL(t.source)) {
				n.Parent().ReplaceChild(n.Parent(), n, literalNode(n.Label(t.source)))
			}
		case *ast.Text:
			t.unescapeText(n)
		}
	}
}

// linkRel is what every link in a stranger's text says to search engines and browsers.
const linkRel = "nofollow noopener ugc"

// isAllowedURL tells whether a link stays a link. It is asked before entities are resolved, so no letter of its scheme can
// have been one.
func isAllowedURL(destination []byte) bool {
	u, err := url.Parse(string(destination))
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	default:
		return false
	}
}

// sanitiseLink makes an image or a link a link of ours, or else mere words.
func sanitiseLink(n ast.Node, destination []byte) {
	parent := n.Parent()
	if !n.HasChildren() {
		n.AppendChild(n, literalNode(destination))
	}
	if !isAllowedURL(destination) || inLink(n) {
		for c := n.FirstChild(); c != nil; c = n.FirstChild() {
			parent.InsertBefore(parent, n, c)
		}
		parent.RemoveChild(parent, n)
		return
	}
	link := ast.NewLink()
	link.Destination = destination
	link.SetAttributeString("rel", []byte(linkRel))
	moveChildren(n, link)
	parent.ReplaceChild(parent, n, link)
}

func inLink(n ast.Node) bool {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindLink {
			return true
		}
	}
	return false
}

func moveChildren(from, to ast.Node) {
	for c := from.FirstChild(); c != nil; c = from.FirstChild() {
		to.AppendChild(to, c)
	}
}

// unescapeText puts the characters in place of escapes and entities, so that those too become readable.
func (t markdownText) unescapeText(n *ast.Text) {
	raw := n.Segment.Value(t.source)
	parent := n.Parent()
	if bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '\\') < 0 || parent.Kind() == ast.KindCodeSpan {
		return
	}
	words := escapes.ReplaceAllFunc(raw, func(e []byte) []byte {
		if e[0] == '\\' {
			return e[1:]
		}
		return util.ResolveEntityNames(util.ResolveNumericReferences(e))
	})
	parent.InsertBefore(parent, n, literalNode([]byte(whitespaceToSpace.Replace(visibleText(string(words))))))
	n.Segment = n.Segment.WithStop(n.Segment.Start)
}

var (
	escapes           = regexp.MustCompile("\\\\[!-/:-@\\[-`{-~]|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
	whitespaceToSpace = strings.NewReplacer("\n", " ", "\t", " ")
)
