package html

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// fromBody reads a body. Only bare addresses have a meaning in it.
func fromBody(body string, name NameOf) commonmark.Document {
	l := converter{name: name}
	return commonmark.Paragraphs(l.linkify(commonmark.Run{Text: commonmark.Clean(rearmMentions(body))}), false)
}

// bareURL matches what clients turn into a link.
var bareURL = regexp.MustCompile(`(?i)\b(?:https?://|www\.)[^\s<>"]+`)

// linkify splits a run so that its bare addresses are links.
func (l *converter) linkify(r commonmark.Run) (runs []commonmark.Run) {
	rest := r.Text
	for {
		m := bareURL.FindStringIndex(rest)
		if m == nil {
			break
		}
		found := trimURL(rest[m[0]:m[1]])
		before, linked := r, r
		before.Text, linked.Text = rest[:m[0]], found
		rest = rest[m[0]+len(found):]
		target := found
		if !strings.Contains(strings.ToLower(found), "://") {
			target = "http://" + found
		}
		if whom := permalink(target); whom != "" {
			linked.Text = l.mention(whom, "")
		} else {
			linked.Link, _ = commonmark.SafeURL(target)
		}
		runs = append(runs, before, linked)
	}
	r.Text = rest
	return append(runs, r)
}

// trimURL removes from the end of an address what belongs to the sentence around it.
func trimURL(address string) string {
	for {
		trimmed := strings.TrimRight(address, ".,:;!?'*_~…’”")
		if last := strings.LastIndexAny(trimmed, ")]"); last >= 0 && last == len(trimmed)-1 {
			opening := map[byte]string{')': "(", ']': "["}[trimmed[last]]
			if strings.Count(trimmed, opening) < strings.Count(trimmed, trimmed[last:]) {
				trimmed = trimmed[:last]
			}
		}
		if trimmed == address {
			return address
		}
		address = trimmed
	}
}

// fromHTML reads a formatted_body as clients show it: it leaves out what they hide, and keeps the content of unknown
// tags.
//
// mautrix's format.HTMLParser would lose some of that. It returns text with markers in it, so code is escaped as
// words are, and lines in a quote or paragraph run together. It doesn't know an item's own number, tables, powers or
// hidden elements.
func fromHTML(formatted string, name NameOf) commonmark.Document {
	context := &nethtml.Node{Type: nethtml.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := nethtml.ParseFragment(strings.NewReader(formatted), context)
	if err != nil {
		return nil // nested hundreds of times, which nobody does: the body will do
	}
	l := converter{name: name}
	for _, n := range nodes {
		l.node(n, commonmark.Run{})
	}
	l.flush()
	return l.doc
}

// A converter makes a document of HTML.
type converter struct {
	name      NameOf
	doc       commonmark.Document
	runs      []commonmark.Run // of the open block
	quoted    bool
	listDepth int // how many lists are open
}

// flush ends the open block.
func (l *converter) flush() {
	l.doc = append(l.doc, commonmark.Paragraphs(l.runs, l.quoted)...)
	l.runs = nil
}

// childBlocks are the blocks in a node, which is a block itself.
func (l *converter) childBlocks(n *nethtml.Node, around commonmark.Run) commonmark.Document {
	l.flush()
	outer := l.doc
	l.doc = nil
	l.children(n, around)
	l.flush()
	inner := l.doc
	l.doc = outer
	return inner
}

func (l *converter) add(p ...commonmark.Block) { l.doc = append(l.doc, p...) }

func (l *converter) children(n *nethtml.Node, around commonmark.Run) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		l.node(c, around)
	}
}

// node reads a node. It has the style and link of the run around it.
func (l *converter) node(n *nethtml.Node, around commonmark.Run) {
	if n.Type == nethtml.TextNode {
		l.text(n.Data, around)
	}
	if n.Type != nethtml.ElementNode || isHidden(n) {
		return
	}
	switch n.DataAtom {
	case atom.B, atom.Strong:
		around.Style |= commonmark.Bold
	case atom.I, atom.Em, atom.U, atom.Ins, atom.Cite, atom.Var, atom.Dfn: // chats have no underlining
		around.Style |= commonmark.Italic
	case atom.S, atom.Del, atom.Strike:
		around.Style |= commonmark.Strike
	case atom.Code, atom.Tt, atom.Kbd, atom.Samp:
		around.Style |= commonmark.Monospace
	case atom.Br:
		l.runs = append(l.runs, commonmark.Run{Text: "\n"})
		return
	case atom.Img:
		around.Text = imageText(n)
		l.runs = append(l.runs, around)
		return
	case atom.A:
		l.link(n, around)
		return
	case atom.Sup: // "^" for a power, but not for "1st"
		if words := strings.TrimSpace(textOf(n)); len(words) == 1 || strings.ContainsFunc(words, unicode.IsDigit) {
			l.runs = append(l.runs, withText(around, "^"))
		}
	case atom.Span, atom.Div:
		if l.matrixElement(n, around) {
			return
		}
	}
	if read := l.block(n, around); !read {
		l.children(n, around)
	}
}

// block reads a node if it is a block, and tells whether it is.
func (l *converter) block(n *nethtml.Node, around commonmark.Run) bool {
	switch n.DataAtom {
	case atom.P, atom.Div, atom.Article, atom.Section, atom.Header, atom.Footer, atom.Main, atom.Aside, atom.Nav, atom.Address,
		atom.Figure, atom.Figcaption, atom.Details, atom.Dl, atom.Dt, atom.Dd, atom.Fieldset, atom.Form, atom.Center, atom.Caption:
		l.add(l.childBlocks(n, around)...)
	case atom.Summary:
		around.Style |= commonmark.Bold
		l.add(l.childBlocks(n, around)...)
	case atom.Hr:
		l.flush()
		l.add(commonmark.Block{Kind: commonmark.Rule})
	case atom.Pre:
		l.pre(n)
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		l.heading(n, around)
	case atom.Blockquote:
		l.flush()
		outer := l.quoted
		l.quoted = true
		l.add(l.childBlocks(n, around)...)
		l.quoted = outer
	case atom.Ul, atom.Ol:
		l.list(n, around)
	case atom.Table:
		l.add(joinParagraphs(l.childBlocks(n, around))...)
	case atom.Tr:
		l.row(n, around)
	default:
		return false
	}
	return true
}

// text reads text between tags, where any white space is one space.
func (l *converter) text(s string, around commonmark.Run) {
	around.Text = commonmark.OneLine(commonmark.Clean(rearmMentions(s)))
	if around.Link != "" || around.Style&commonmark.Monospace != 0 {
		l.runs = append(l.runs, around)
		return
	}
	around.Text = spaces.ReplaceAllString(around.Text, " ")
	l.runs = append(l.runs, l.linkify(around)...)
}

var spaces = regexp.MustCompile(` {2,}`)

func withText(r commonmark.Run, text string) commonmark.Run {
	r.Text = text
	return r
}

// isHidden tells whether clients hide an element.
func isHidden(n *nethtml.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template:
		return true
	}
	// A message may begin with a copy of the one that it replies to, and with the name of its persona.
	return n.Data == "mx-reply" || has(n, "data-mx-profile-fallback")
}

func has(n *nethtml.Node, attribute string) bool {
	return slices.ContainsFunc(n.Attr, func(a nethtml.Attribute) bool { return a.Key == attribute })
}

func get(n *nethtml.Node, attribute string) string {
	for _, a := range n.Attr {
		if a.Key == attribute {
			return commonmark.OneLine(commonmark.Clean(a.Val))
		}
	}
	return ""
}

// imageText is the text of an image, which may be an emoji.
func imageText(n *nethtml.Node) string {
	for _, attribute := range []string{"alt", "title"} {
		if words := strings.TrimSpace(get(n, attribute)); words != "" {
			return rearmMentions(words)
		}
	}
	return "[picture]"
}

// matrixElement reads an element that only Matrix has, and tells whether it is one.
func (l *converter) matrixElement(n *nethtml.Node, around commonmark.Run) bool {
	switch {
	case has(n, "data-mx-spoiler"):
		opening := "(spoiler: "
		if reason := strings.TrimSpace(get(n, "data-mx-spoiler")); reason != "" {
			opening = "(spoiler, " + rearmMentions(reason) + ": "
		}
		l.runs = append(l.runs, withText(around, opening))
		l.children(n, around)
		l.runs = append(l.runs, withText(around, ")"))
	case has(n, "data-mx-maths") && n.FirstChild == nil:
		around.Style |= commonmark.Monospace
		l.runs = append(l.runs, withText(around, rearmMentions(get(n, "data-mx-maths"))))
	default:
		return false
	}
	return true
}

// link reads a link. If its address is not safe, its words stay.
func (l *converter) link(n *nethtml.Node, around commonmark.Run) {
	href := get(n, "href")
	if whom := permalink(href); whom != "" {
		l.runs = append(l.runs, withText(around, l.mention(whom, textOf(n))))
		return
	}
	if link, ok := commonmark.SafeURL(href); ok && around.Link == "" {
		around.Link = link
	}
	if l.children(n, around); strings.TrimSpace(textOf(n)) == "" {
		l.runs = append(l.runs, withText(around, around.Link))
	}
}

// textOf is the text in a node.
func textOf(n *nethtml.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		switch {
		case c.Type == nethtml.TextNode:
			b.WriteString(c.Data)
		case c.DataAtom == atom.Br:
			b.WriteByte('\n')
		case c.DataAtom == atom.Img:
			b.WriteString(imageText(c))
		}
	}
	return b.String()
}
