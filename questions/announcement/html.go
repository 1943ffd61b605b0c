package announcement

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxDeep bounds how deep a page is followed, which is deeper than any that a person wrote.
const maxDeep = 200

var (
	blockTag  = regexp.MustCompile(`(?i)<(?:!doctype html|html|body|p|div|ul|ol|li|h[1-6]|br|table|section|article|main|dl)\b[^<>]*>|<!-- /?wp:`)
	inlineTag = regexp.MustCompile(`(?i)<(?:strong|em|b|i|a href=[^<>]*|span[^<>]*)>[^<]*</`)
	wholePage = regexp.MustCompile(`(?i)<body\b`)
	// chrome is what blogs call the parts around a post, in classes and ids.
	chrome = regexp.MustCompile(`(?i)^(?:comments?(?:-.*)?|commentlist|respond|shared?addy|share(?:-.*)?|sharing(?:-.*)?|social(?:-.*)?|sd-.*|jp-relatedposts|related(?:-posts?)?|sidebar(?:-\w+)?|widgets?(?:[-_].*)?|(?:post-|nav-|site-)?navigation|nav-.*|breadcrumbs?|(?:site-|entry-|post-|page-)?footer|cookies?(?:-.*)?|newsletter|subscribe|(?:cat|tags?)-links|pagination|skip-link|screen-reader-text|author-box|post-likes(?:-.*)?|noprint|catlinks|printfooter)$`)
	// What themes call the name of the site, and the day and the author of a post.
	siteClass   = regexp.MustCompile(`(?i)^(?:site-(?:title|name|description|branding)|blog-(?:title|description)|site-header|header-wrapper|masthead|tagline|descriptionwrapper)$`)
	postedClass = regexp.MustCompile(`(?i)^(?:date-header|entry-(?:meta|date)|post-(?:meta|date|timestamp)|byline|posted-on|published|dateline|meta-date|timestamp)$`)
	titleClass  = regexp.MustCompile(`(?i)^(?:entry|post|article)-title$`)
	hidden      = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*hidden`)
)

// An htmlWriter makes lines of a tree.
type htmlWriter struct {
	doc    *document
	lines  []line
	next   line
	words  strings.Builder
	bold   int // bytes of words that are strong
	weight int
	title  string // of the post, as the page's head or its first heading has it
	main   bool   // an extractor has cut the rest away already
	lists  []*orderedList
	term   bool
}

type orderedList struct {
	numbered bool
	count    int
}

func (w *htmlWriter) node(n *html.Node, deep int) {
	n.DataAtom = atom.Lookup([]byte(n.Data)) // an extractor makes elements without it
	switch n.Type {
	case html.TextNode:
		w.text(n)
		return
	case html.CommentNode, html.DoctypeNode:
		return
	}
	if deep > maxDeep || w.silent(n) {
		return
	}
	was := w.next.hint
	if n.Type == html.ElementNode && !w.main {
		switch {
		case classed(n, siteClass):
			w.next.hint = roleSite
		case classed(n, postedClass):
			w.next.hint = rolePosted
		}
	}
	closing := w.open(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c, deep+1)
	}
	closing()
	w.next.hint = was
}

// silent tells the parts of a page that are not its text.
func (w *htmlWriter) silent(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Nav, atom.Footer, atom.Form, atom.Aside, atom.Iframe, atom.Svg,
		atom.Button, atom.Select, atom.Textarea, atom.Head, atom.Object, atom.Video, atom.Audio, atom.Canvas, atom.Math, atom.Del, atom.S, atom.Strike:
		return true
	case atom.Body, atom.Html, atom.Main, atom.Article:
		return false
	}
	for _, a := range n.Attr {
		if a.Key == "hidden" || a.Key == "style" && hidden.MatchString(a.Val) {
			return true
		}
	}
	return classed(n, chrome)
}

func classed(n *html.Node, pattern *regexp.Regexp) bool {
	for _, a := range n.Attr {
		if a.Key == "class" || a.Key == "id" || a.Key == "role" {
			for _, name := range strings.Fields(a.Val) {
				if pattern.MatchString(name) {
					return true
				}
			}
		}
	}
	return false
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

// open is what an element does to the lines, and what its end does.
func (w *htmlWriter) open(n *html.Node) (closing func()) {
	nothing := func() {}
	switch n.DataAtom {
	case atom.Br:
		w.end(0)
	case atom.Hr:
		w.end(2)
	case atom.Strong, atom.B:
		w.weight++
		return func() { w.weight-- }
	case atom.A:
		if url := attribute(n, "href"); strings.HasPrefix(url, "http") {
			w.next.links = append(w.next.links, url)
		}
	case atom.Td, atom.Th:
		if w.words.Len() > 0 {
			w.words.WriteString(" | ")
		}
	case atom.Tr:
		w.end(0)
		w.next.cells = true
		return func() { w.end(0); w.next.cells = false }
	case atom.Dt:
		w.end(0)
		return func() { w.words.WriteString(": "); w.term = true }
	case atom.Dd:
		if !w.term {
			w.end(0)
		}
		w.term = false
		return func() { w.end(0) }
	case atom.Ul, atom.Ol:
		w.end(1)
		start, err := strconv.Atoi(attribute(n, "start"))
		if err != nil || start < 0 || start > 999 {
			start = 1
		}
		w.lists = append(w.lists, &orderedList{n.DataAtom == atom.Ol, start - 1})
		w.next.depth = len(w.lists)
		return func() { w.end(1); w.lists = w.lists[:len(w.lists)-1]; w.next.depth = len(w.lists) }
	case atom.Li:
		w.end(0)
		w.next.item, w.next.num = '-', 0
		if len(w.lists) > 0 {
			list := w.lists[len(w.lists)-1]
			if list.count++; list.numbered {
				w.next.item, w.next.num = '1', list.count
			}
		}
		return func() { w.end(0) }
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.end(1)
		w.next.heading = int(n.Data[1] - '0')
		return func() { w.end(1); w.next.heading = 0 }
	case atom.Address, atom.Article, atom.Blockquote, atom.Body, atom.Center, atom.Details, atom.Div, atom.Dl, atom.Figcaption, atom.Figure,
		atom.Header, atom.Html, atom.Main, atom.P, atom.Pre, atom.Section, atom.Summary, atom.Table:
		w.end(1)
		return func() { w.end(1) }
	}
	return nothing
}

// text adds words. Outside of a paragraph an empty line is WordPress' way to begin one.
func (w *htmlWriter) text(n *html.Node) {
	loose := n.Parent == nil || n.Parent.DataAtom == atom.Div || n.Parent.DataAtom == atom.Body
	for i, part := range strings.Split(n.Data, "\n") {
		if i > 0 {
			if loose && strings.TrimSpace(part) == "" {
				w.end(1)
				continue
			}
			if n.Parent != nil && n.Parent.DataAtom == atom.Pre {
				w.end(0)
			}
			w.words.WriteByte(' ')
		}
		w.words.WriteString(part)
		if w.weight > 0 {
			w.bold += len(part)
		}
	}
}

// end ends a line, and says how many empty ones come after it at least.
func (w *htmlWriter) end(gap int) {
	raw := w.words.String()
	l := w.next
	if l.text = clean(raw); l.text != "" {
		l.strong = w.bold*10 >= len(strings.TrimSpace(raw))*9
		if w.term {
			l.text = strings.TrimSuffix(l.text, ":") + ":"
		}
		l.text = strings.ReplaceAll(l.text, " : ", ": ")
		w.lines = append(w.lines, l)
		w.next.gap, w.next.item, w.next.num, w.next.links, w.term = 0, 0, 0, nil, false
	}
	w.next.gap = max(w.next.gap, gap)
	w.words.Reset()
	w.bold = 0
}
