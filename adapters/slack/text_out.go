package slack

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxMarkdown is how much is read as CommonMark, in bytes. goldmark takes time that grows with the square of some texts:
// 0.2 s for the worst of this length. Longer ones are kept whole, as plain lines.
const maxMarkdown = 16 << 10

// commonMark reads CommonMark with bare links and ~~struck out~~ words, which Slack has too. HTML but for <time> is text.
var commonMark = parser.NewParser(
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
	parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
)

// A strikeParser leaves a single ~ alone, which goldmark's own takes for a marker, as in "~10 of us".
type strikeParser struct{ parser.InlineParser }

func (p strikeParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if line, _ := block.PeekLine(); !bytes.HasPrefix(line, []byte("~~")) {
		return nil
	}
	return p.InlineParser.Parse(parent, block, pc)
}

// parse reads CommonMark.
func parse(commonmark string) passage {
	commonmark = clean(commonmark)
	if len(commonmark) > maxMarkdown {
		return paragraphs([]run{{text: commonmark}}, false)
	}
	r := reader{source: []byte(commonmark)}
	r.blocks(commonMark.Parse(text.NewReader(r.source)), block{})
	return r.passage
}

// A reader walks over parsed CommonMark.
type reader struct {
	source  []byte
	passage passage
}

// blocks reads the blocks in a node. Within says where they are: in a quote, or in how many lists.
func (r *reader) blocks(parent ast.Node, within block) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Blockquote:
			quoted := within
			quoted.quoted = true
			r.blocks(n, quoted)
		case *ast.List:
			r.list(n, within)
		case *ast.Heading:
			r.heading(n, within)
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			verbatim := strings.TrimRight(string(n.Lines().Value(r.source)), "\n")
			r.add(block{kind: code, quoted: within.quoted, runs: []run{{text: verbatim}}})
		case *ast.ThematicBreak:
			r.add(block{kind: rule})
		case *ast.LinkReferenceDefinition:
		default:
			for _, p := range paragraphs(r.inlines(n, run{}), within.quoted) {
				r.add(p)
			}
		}
	}
}

func (r *reader) add(b block) { r.passage = append(r.passage, b) }

// heading reads a heading, on one line. Where Slack has none, its words are bold.
func (r *reader) heading(n *ast.Heading, within block) {
	var runs []run
	for _, line := range lines(r.inlines(n, run{})) {
		runs = append(append(runs, line...), run{text: " "})
	}
	b := block{kind: heading, runs: tidy(runs)}
	if within.quoted || within.indent > 0 {
		b.kind, b.quoted, b.runs = paragraph, within.quoted, styledAs(bold, b.runs)
	}
	if len(b.runs) > 0 {
		r.add(b)
	}
}

// list reads the items of a list. An item is its first paragraphs, and what else is in it follows it.
func (r *reader) list(list *ast.List, within block) {
	b := block{kind: item, quoted: within.quoted, indent: min(maxIndent, within.indent)}
	if list.IsOrdered() {
		b.number = max(1, list.Start)
	}
	within.indent++
	for n := list.FirstChild(); n != nil; n = n.NextSibling() {
		inner := reader{source: r.source}
		inner.blocks(n, within)
		first := slices.IndexFunc(inner.passage, func(p block) bool { return p.kind != paragraph || p.quoted != b.quoted })
		if first < 0 {
			first = len(inner.passage)
		}
		b.runs = joined(inner.passage[:first])
		r.add(b)
		r.passage = append(r.passage, inner.passage[first:]...)
		if b.number > 0 {
			b.number++
		}
	}
}

// inlines reads what is in a node, in the style and link of the run around it.
func (r *reader) inlines(parent ast.Node, around run) (runs []run) {
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

func (r *reader) inline(n ast.Node, around run) []run {
	leaf := func(s string) []run {
		words := around
		words.text = spaces.Replace(clean(s))
		return []run{words}
	}
	styled := func(s style) []run {
		inner := around
		inner.style |= s
		return r.inlines(n, inner)
	}
	switch n := n.(type) {
	case *ast.Text:
		runs := leaf(resolve(n.Segment.Value(r.source)))
		switch {
		case n.HardLineBreak():
			runs = append(runs, run{text: "\n"})
		case n.SoftLineBreak():
			runs = append(runs, leaf(" ")...)
		}
		return runs
	case *ast.String:
		return leaf(string(n.Value))
	case *ast.CodeSpan:
		runs := leaf(r.raw(n))
		runs[0].style |= monospace
		return runs
	case *ast.Emphasis:
		return styled([]style{italic, bold}[n.Level-1])
	case *extast.Strikethrough:
		return styled(strike)
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
		if words.link == "" {
			words.link, _ = linkable(address)
		}
		words.text = label
		return []run{words}
	case *ast.RawHTML:
		return leaf(string(n.Segments.Value(r.source)))
	default:
		return r.inlines(n, around)
	}
}

var spaces = strings.NewReplacer("\n", " ", "\t", " ")

// link reads a link or image. What can't be a link in Slack is its words, with the address behind them.
func (r *reader) link(n ast.Node, destination []byte, around run) []run {
	address := spaces.Replace(resolve(destination))
	link, ok := linkable(address)
	if around.link == "" {
		around.link = link
	}
	runs := r.inlines(n, around)
	for i := range runs {
		runs[i].text = spaces.Replace(runs[i].text)
	}
	words := textOf(runs)
	around.text = address
	switch {
	case strings.TrimSpace(words) == "":
		return []run{around}
	case !ok && address != "" && words != address:
		around.text = " (" + address + ")"
		return append(runs, around)
	}
	return runs
}

var (
	timeOpens  = regexp.MustCompile(`^<time(?:\s[^>]*)?>$`)
	timeStamp  = regexp.MustCompile(`\sdatetime\s*=\s*["']?([^"'\s>]+)`)
	timeCloses = regexp.MustCompile(`^</time\s*>$`)
)

// time reads an instant, from its opening tag to its closing one, and returns the latter; nil if none begins at n.
func (r *reader) time(n ast.Node, around run) ([]run, ast.Node) {
	tag, ok := n.(*ast.RawHTML)
	if !ok || !timeOpens.Match(tag.Segments.Value(r.source)) {
		return nil, nil
	}
	var runs []run
	for end, far := n.NextSibling(), 0; end != nil && far < 32; end, far = end.NextSibling(), far+1 {
		last, ok := end.(*ast.RawHTML)
		if !ok || !timeCloses.Match(last.Segments.Value(r.source)) {
			runs = append(runs, r.inline(end, around)...)
			continue
		}
		m := timeStamp.FindSubmatch(tag.Segments.Value(r.source))
		if m == nil {
			return runs, end
		}
		at, err := time.Parse(time.RFC3339, string(m[1]))
		words := strings.Join(strings.Fields(textOf(runs)), " ")
		if at = instant(at.Unix()); err != nil || at.IsZero() || words == "" {
			return runs, end
		}
		around.text, around.at = words, at
		return []run{around}, end
	}
	return nil, nil
}

func textOf(runs []run) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.text)
	}
	return b.String()
}

func (r *reader) raw(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(r.source))
		}
	}
	return b.String()
}

var escapes = regexp.MustCompile("\\\\[!-/:-@\\[-`{-~]|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")

// resolve puts characters in place of escapes and entities, which goldmark leaves to its renderers.
func resolve(b []byte) string {
	return string(escapes.ReplaceAllFunc(b, func(e []byte) []byte {
		if e[0] == '\\' {
			return e[1:]
		}
		return util.ResolveEntityNames(util.ResolveNumericReferences(e))
	}))
}
