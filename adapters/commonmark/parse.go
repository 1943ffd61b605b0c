package commonmark

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// MaxLength is how many bytes of a text are read as CommonMark. goldmark needs time that grows with the square of some
// texts: 0.2 s for the worst of this length. A longer text is kept whole, as plain lines.
const MaxLength = 16 << 10

// roomParser reads CommonMark with bare links and ~~struck out~~ words, which chats have too. HTML other than <time> is
// text.
var roomParser = newParser(parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...))

// messageParser does not know link definitions: nobody would see them, and "[Q1]: yes" is an answer.
var messageParser = newParser()

func newParser(opts ...parser.Option) parser.Parser {
	return parser.NewParser(append(opts,
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
			util.Prioritized(parser.NewRawHTMLParser(), 400),
			util.Prioritized(parser.NewEmphasisParser(), 500),
			util.Prioritized(strikeParser{extension.NewStrikethroughParser()}, 500),
			util.Prioritized(extension.NewLinkifyParser(), 999),
		),
	)...)
}

// A strikeParser ignores a single ~, as in "~10 of us". goldmark's own treats it as a marker.
type strikeParser struct{ parser.InlineParser }

func (p strikeParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if line, _ := block.PeekLine(); !bytes.HasPrefix(line, []byte("~~")) {
		return nil
	}
	return p.InlineParser.Parse(parent, block, pc)
}

// Parse reads CommonMark as the contract of package adapters means it. It never fails: a text longer than MaxLength is
// read as plain lines.
func Parse(source string) Document { return parse(source, roomParser, false) }

// ParseMessage reads CommonMark as chat programs show it: a line that ends in the source ends in the document too, and
// link definitions are text.
func ParseMessage(source string) Document { return parse(source, messageParser, true) }

func parse(source string, p parser.Parser, keepLines bool) Document {
	source = Clean(source)
	if len(source) > MaxLength || isSimple(source) {
		return Paragraphs([]Run{{Text: source}}, false)
	}
	c := converter{source: []byte(source), keepLines: keepLines}
	c.blocks(p.Parse(text.NewReader(c.source)), Block{})
	return c.doc
}

// isSimple tells whether source is one line without a character that could mean anything to CommonMark. Most answers
// are: parsing them would take half the time that an archive takes. A line that begins with a letter is not a list,
// a heading, a quote or code.
func isSimple(source string) bool {
	if source == "" || !isLetter(source[0]) || source[len(source)-1] == ' ' || strings.Contains(source, "www.") {
		return false
	}
	for _, c := range []byte(source) {
		if !isLetter(c) && (c < '0' || c > '9') && strings.IndexByte(" .,;?!'\"()-:", c) < 0 {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 }

// A converter makes a document of what goldmark has parsed.
type converter struct {
	source    []byte
	keepLines bool // a soft line break is a line break
	doc       Document
}

// blocks reads the blocks in a node. within says where they are: in a quote, and in how many lists.
func (r *converter) blocks(parent ast.Node, within Block) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Blockquote:
			quoted := within
			quoted.Quoted = true
			r.blocks(n, quoted)
		case *ast.List:
			r.list(n, within)
		case *ast.Heading:
			r.heading(n, within)
		case *ast.FencedCodeBlock:
			r.code(n, CleanLanguage(unescape(n.Language(r.source))), within)
		case *ast.CodeBlock:
			r.code(n, "", within)
		case *ast.ThematicBreak:
			r.add(Block{Kind: Rule})
		case *ast.LinkReferenceDefinition:
		default:
			for _, p := range Paragraphs(r.inlines(n, Run{}), within.Quoted) {
				r.add(p)
			}
		}
	}
}

func (r *converter) add(b Block) { r.doc = append(r.doc, b) }

func (r *converter) code(n ast.Node, language string, within Block) {
	verbatim := strings.TrimRight(string(n.Lines().Value(r.source)), "\n")
	r.add(Block{Kind: CodeBlock, Quoted: within.Quoted, Language: language, Runs: []Run{{Text: verbatim}}})
}

// CleanLanguage removes everything from the name of a language that could mean more than that.
func CleanLanguage(word string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("+-#._", c) {
			return c
		}
		return -1
	}, word)
}

// heading reads a heading, on one line. In a quote or a list it becomes a paragraph in bold.
func (r *converter) heading(n *ast.Heading, within Block) {
	b := Block{Kind: Heading, Level: n.Level, Runs: JoinLines(r.inlines(n, Run{}))}
	if within.Quoted || within.Indent > 0 {
		b = Block{Quoted: within.Quoted, Runs: WithStyle(Bold, b.Runs)}
	}
	if len(b.Runs) > 0 {
		r.add(b)
	}
}

// list reads the items of a list. An item gets its first paragraphs; whatever else is in it becomes blocks that follow.
func (r *converter) list(list *ast.List, within Block) {
	b := Block{Kind: ListItem, Quoted: within.Quoted, Indent: min(MaxIndent, within.Indent)}
	if list.IsOrdered() {
		b.Number = max(1, list.Start)
	}
	within.Indent++
	for n := list.FirstChild(); n != nil; n = n.NextSibling() {
		item := len(r.doc)
		r.add(b)
		r.blocks(n, within)
		// What the item begins with is its own text. Nothing is copied from level to level: lists can be nested deeply.
		own := item + 1
		for own < len(r.doc) && r.doc[own].Kind == Paragraph && r.doc[own].Quoted == b.Quoted {
			own++
		}
		r.doc[item].Runs = JoinParagraphs(r.doc[item+1 : own])
		r.doc = slices.Delete(r.doc, item+1, own)
		if b.Number > 0 {
			b.Number++
		}
	}
}

// inlines reads the content of a node. It has the style and link of the run around it.
func (r *converter) inlines(parent ast.Node, around Run) (runs []Run) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if words, end := r.time(n, around); end != nil {
			runs = append(runs, words...)
			n = end
			continue
		}
		runs = append(runs, r.inline(n, around)...)
	}
	return runs
}

func (r *converter) inline(n ast.Node, around Run) []Run {
	leaf := func(s string) []Run {
		words := around
		words.Text = OneLine(Clean(s))
		return []Run{words}
	}
	styled := func(s Style) []Run {
		inner := around
		inner.Style |= s
		return r.inlines(n, inner)
	}
	switch n := n.(type) {
	case *ast.Text:
		runs := leaf(unescape(n.Segment.Value(r.source)))
		switch {
		case n.HardLineBreak() || n.SoftLineBreak() && r.keepLines:
			runs = append(runs, Run{Text: "\n"})
		case n.SoftLineBreak():
			runs = append(runs, leaf(" ")...)
		}
		return runs
	case *ast.String:
		return leaf(string(n.Value))
	case *ast.CodeSpan:
		runs := leaf(r.codeText(n))
		runs[0].Style |= Monospace
		return runs
	case *ast.Emphasis:
		return styled([]Style{Italic, Bold}[n.Level-1])
	case *extast.Strikethrough:
		return styled(Strike)
	case *ast.Link:
		return r.link(n, n.Destination, around)
	case *ast.Image:
		return r.link(n, n.Destination, around)
	case *ast.AutoLink:
		label, address := string(n.Label(r.source)), string(n.URL(r.source))
		if n.AutoLinkType == ast.AutoLinkEmail {
			address = "mailto:" + label
		}
		words := around
		if words.Link == "" {
			words.Link, _ = SafeURL(address)
		}
		words.Text = label
		return []Run{words}
	case *ast.RawHTML:
		return leaf(string(n.Segments.Value(r.source)))
	default:
		return r.inlines(n, around)
	}
}

// OneLine replaces line breaks and tabs with spaces.
func OneLine(s string) string { return spaceReplacer.Replace(s) }

var spaceReplacer = strings.NewReplacer("\n", " ", "\t", " ")

// link reads a link or an image. If its address is not safe, its words stay, with the address after them.
func (r *converter) link(n ast.Node, destination []byte, around Run) []Run {
	address := OneLine(unescape(destination))
	link, ok := SafeURL(address)
	if around.Link == "" {
		around.Link = link
	}
	runs := r.inlines(n, around)
	for i := range runs {
		runs[i].Text = OneLine(runs[i].Text)
	}
	words := PlainText(runs)
	around.Text = address
	switch {
	case strings.TrimSpace(words) == "":
		return []Run{around}
	case !ok && address != "" && words != address:
		around.Text = " (" + address + ")"
		return append(runs, around)
	}
	return runs
}

var (
	timeOpenTag  = regexp.MustCompile(`^<time(?:\s[^>]*)?>$`)
	datetimeAttr = regexp.MustCompile(`\sdatetime\s*=\s*["']?([^"'\s>]+)`)
	timeCloseTag = regexp.MustCompile(`^</time\s*>$`)
)

// time reads an instant that begins at n, and returns its closing tag too. That is nil if no instant begins there.
func (r *converter) time(n ast.Node, around Run) ([]Run, ast.Node) {
	tag, ok := n.(*ast.RawHTML)
	if !ok || !timeOpenTag.Match(tag.Segments.Value(r.source)) {
		return nil, nil
	}
	var runs []Run
	for end, far := n.NextSibling(), 0; end != nil && far < 32; end, far = end.NextSibling(), far+1 {
		last, ok := end.(*ast.RawHTML)
		if !ok || !timeCloseTag.Match(last.Segments.Value(r.source)) {
			runs = append(runs, r.inline(end, around)...)
			continue
		}
		m := datetimeAttr.FindSubmatch(tag.Segments.Value(r.source))
		if m == nil {
			return runs, end
		}
		at, err := time.Parse(time.RFC3339, string(m[1]))
		words := strings.Join(strings.Fields(PlainText(runs)), " ")
		if at = UnixTime(at.Unix()); err != nil || at.IsZero() || words == "" {
			return runs, end
		}
		around.Text, around.Time = words, at
		return []Run{around}, end
	}
	return nil, nil
}

// PlainText is the text of runs without their styles and links.
func PlainText(runs []Run) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.Text)
	}
	return b.String()
}

func (r *converter) codeText(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(r.source))
		}
	}
	return b.String()
}

var escapes = regexp.MustCompile("\\\\[!-/:-@\\[-`{-~]|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")

// unescape resolves escapes and entities, which goldmark leaves to its renderers.
func unescape(b []byte) string {
	return string(escapes.ReplaceAllFunc(b, func(e []byte) []byte {
		if e[0] == '\\' {
			return e[1:]
		}
		return util.ResolveEntityNames(util.ResolveNumericReferences(e))
	}))
}
