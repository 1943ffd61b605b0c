package archive

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// Markdown writes the text out again as Markdown that means what the text's own HTML shows, and no more: all that could
// mean anything else is escaped. It is made from the parsed text and not by escaping the source, where the same
// character needs a backslash in one place and must not have one in another.
func (t markdownText) Markdown() string {
	if t.simple {
		return string(t.source)
	}
	return t.blocks(t.doc, "\n\n")
}

func (t markdownText) blocks(parent ast.Node, between string) string {
	var all []string
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		all = append(all, t.block(n))
	}
	return strings.Join(all, between)
}

func (t markdownText) block(n ast.Node) string {
	switch n := n.(type) {
	case *ast.ThematicBreak:
		return "* * *"
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		code := strings.TrimRight(string(n.Lines().Value(t.source)), "\n")
		fence := strings.Repeat("`", max(3, longestRun(code, '`')+1))
		return fence + "\n" + code + "\n" + fence
	case *ast.Blockquote:
		return prefixLines(t.blocks(n, "\n\n"), "> ", "> ")
	case *ast.List:
		return t.list(n)
	default:
		return string(t.inlines(nil, n))
	}
}

// listOpen keeps the marker as it was written: two lists that follow each other are told apart by nothing else.
func (t markdownText) list(n *ast.List) string {
	between := "\n\n"
	if n.IsTight {
		between = "\n"
	}
	var items []string
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		marker := string(n.Marker) + " "
		if n.IsOrdered() {
			marker = strconv.Itoa(number) + marker
			number++
		}
		items = append(items, prefixLines(t.blocks(item, between), marker, strings.Repeat(" ", len(marker))))
	}
	return strings.Join(items, between)
}

// prefixLines puts first before the first line of s and rest before all others.
func prefixLines(s, first, rest string) string {
	var b strings.Builder
	prefix := first
	for l := range strings.SplitSeq(s, "\n") {
		b.WriteString(strings.TrimRight(prefix+l, " "))
		b.WriteByte('\n')
		prefix = rest
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// inlines appends the words of n to b.
func (t markdownText) inlines(b []byte, n ast.Node) []byte {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		b = t.inline(b, c)
	}
	return b
}

func (t markdownText) inline(b []byte, n ast.Node) []byte {
	switch n := n.(type) {
	case *ast.Text:
		b = appendEscaped(b, string(n.Segment.Value(t.source)))
		if (n.SoftLineBreak() || n.HardLineBreak()) && n.NextSibling() != nil {
			b = append(bytes.TrimRight(b, " "), "\\\n"...)
		}
		return b
	case *ast.String:
		return appendEscaped(b, string(n.Value))
	case *ast.CodeSpan:
		return appendCode(b, t.code(n))
	case *ast.Emphasis:
		stars := strings.Repeat("*", n.Level)
		return append(t.inlines(append(b, stars...), n), stars...)
	case *extast.Strikethrough:
		return append(t.inlines(append(b, "~~"...), n), "~~"...)
	case *ast.Link:
		return appendLink(b, t.inlines(nil, n), n.Destination)
	case *ast.AutoLink:
		label, destination := n.Label(t.source), n.URL(t.source)
		if n.AutoLinkType == ast.AutoLinkEmail {
			destination = append([]byte("mailto:"), label...)
		}
		if bytes.Equal(label, destination) && !bytes.ContainsAny(label, "<> \n") {
			return append(append(append(b, '<'), label...), '>')
		}
		return appendLink(b, appendEscaped(nil, string(label)), destination)
	default:
		return t.inlines(b, n)
	}
}

func (t markdownText) code(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if words, ok := c.(*ast.Text); ok {
			b.Write(words.Segment.Value(t.source))
		}
	}
	return whitespaceToSpace.Replace(b.String())
}

func appendCode(b []byte, code string) []byte {
	ticks := strings.Repeat("`", longestRun(code, '`')+1)
	pad := ""
	if strings.HasPrefix(code, "`") || strings.HasSuffix(code, "`") || strings.HasPrefix(code, " ") && strings.HasSuffix(code, " ") {
		pad = " "
	}
	return append(b, ticks+pad+code+pad+ticks...)
}

// appendLink appends a link. An exclamation mark before it would make it a picture.
func appendLink(b, label, destination []byte) []byte {
	if bytes.HasSuffix(b, []byte("!")) {
		b = append(b[:len(b)-1], `\!`...)
	}
	b = append(append(append(b, '['), label...), "]("...)
	b = append(b, destinationEscaper.Replace(string(util.URLEscape(destination, true)))...)
	return append(b, ')')
}

// destinationEscaper writes the characters of an address that would end it, or that Markdown would read twice.
var destinationEscaper = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", `\`, "%5C", "&", "&amp;", " ", "%20", "\n", "")

// appendEscaped appends words in which no character means anything to Markdown. Some mean something at the beginning of a
// line only: headings, lists, and what underlines a heading or a table.
func appendEscaped(b []byte, words string) []byte {
	start := len(b) == 0 || b[len(b)-1] == '\n'
	if start {
		words = strings.TrimLeft(words, " \t")
		if digits := strings.TrimLeft(words, "0123456789"); len(digits) < len(words) && (strings.HasPrefix(digits, ".") || strings.HasPrefix(digits, ")")) {
			b = append(b, words[:len(words)-len(digits)]...)
			b = append(b, '\\', digits[0])
			words = digits[1:]
		}
	}
	for i := range len(words) {
		if c := words[i]; strings.IndexByte("\\`*_[]<>&~|", c) >= 0 || i == 0 && start && strings.IndexByte("#+-=:", c) >= 0 {
			b = append(b, '\\')
		}
		b = append(b, words[i])
	}
	return b
}

func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
