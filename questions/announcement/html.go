package announcement

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxOpen bounds how deep a page is followed. Tags opened deeper count as text without structure.
const maxOpen = 200

var (
	// Elements whose words are not the page's own.
	silentTags = set("script", "style", "noscript", "template", "nav", "footer", "form", "aside", "iframe", "svg", "button",
		"select", "textarea", "head", "object", "video", "audio", "canvas", "math")
	blockTags = set("address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
		"figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "li", "main", "ol",
		"p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul")
	voidTags = set("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
		"wbr")
	knownTags = union(silentTags, blockTags, voidTags, set("a", "abbr", "b", "big", "cite", "code", "del", "em", "font",
		"i", "ins", "kbd", "mark", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "td", "th", "time", "tt", "u", "var"))
	// What blogs call the parts around a post, in classes and ids.
	chromeClass = regexp.MustCompile(`(?i)^(?:comments?(?:-.*)?|commentlist|respond|shared?addy|share(?:-.*)?|sharing(?:-.*)?|social(?:-.*)?|sd-.*|jp-relatedposts|related(?:-posts?)?|sidebar(?:-\w+)?|widgets?(?:[-_].*)?|(?:post-|nav-|site-)?navigation|nav-.*|breadcrumbs?|(?:site-|entry-|post-|page-)?footer|cookies?(?:-.*)?|newsletter|subscribe|(?:cat|tags?)-links|pagination|skip-link|screen-reader-text|author-box|post-likes(?:-.*)?)$`)
	styleHidden = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*hidden`)
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

func union(sets ...map[string]bool) map[string]bool {
	m := map[string]bool{}
	for _, s := range sets {
		for n := range s {
			m[n] = true
		}
	}
	return m
}

// htmlLines reads the source of a page. It reads tokens, not the tree, because only they know their lines; skipped is
// how many lines stand before src.
func htmlLines(src string, skipped int) []line {
	h := htmlReader{z: html.NewTokenizer(strings.NewReader(src)), at: skipped + 1}
	h.next.gap = 1
	for {
		kind := h.z.Next()
		if kind == html.ErrorToken {
			break
		}
		n := h.at
		h.at += strings.Count(string(h.z.Raw()), "\n")
		switch kind {
		case html.TextToken:
			h.text(string(h.z.Text()), n)
		case html.StartTagToken, html.SelfClosingTagToken:
			h.open(h.z.Token(), n, kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			name, _ := h.z.TagName()
			h.close(string(name))
		}
	}
	h.breakBlock(1)
	return h.lines
}

type htmlReader struct {
	lineWriter
	z       *html.Tokenizer
	at      int // the source line
	stack   []element
	silent  int // how many open elements keep silent
	ordered []orderedList
	inside  []int
	term    bool // a term was read whose description may follow
}

type element struct {
	name   string
	silent bool
}

type orderedList struct {
	numbered bool
	count    int
}

// text adds words. An editor's line break is a space; an empty line outside of a paragraph is WordPress' way to write
// one.
func (h *htmlReader) text(s string, n int) {
	if h.silent > 0 {
		return
	}
	inParagraph := len(h.stack) > 0 && h.stack[len(h.stack)-1].name != "div" && blockTags[h.stack[len(h.stack)-1].name]
	for i, part := range strings.Split(s, "\n") {
		if i > 0 {
			if !inParagraph && strings.TrimSpace(part) == "" && h.words.Len() == 0 && len(h.lines) > 0 {
				h.next.gap++
			} else {
				h.breakLine(inParagraph || h.weight > 0 || h.url != "")
			}
		}
		h.write(part, n+i)
	}
}

func (h *htmlReader) open(t html.Token, n int, selfClosing bool) {
	name := t.Data
	if !knownTags[name] && t.DataAtom == 0 && h.silent == 0 && !strings.Contains(name, "-") && !strings.Contains(name, ":") {
		h.write("<"+name+">", n)
		return
	}
	if h.silent == 0 {
		h.begin(t)
	}
	if voidTags[name] || selfClosing || len(h.stack) >= maxOpen {
		return
	}
	e := element{name, silentTags[name] || isChrome(t) || name == "del" || name == "s" || name == "strike"}
	if name == "body" || name == "html" || name == "main" || name == "article" {
		e.silent = false
	}
	if e.silent {
		h.silent++
	}
	h.stack = append(h.stack, e)
}

// begin is what a tag does to the lines.
func (h *htmlReader) begin(t html.Token) {
	switch t.DataAtom {
	case atom.Br:
		h.breakLine(false)
	case atom.Dd:
		if !h.term {
			h.breakBlock(1)
		}
		h.term = false
	case atom.Td, atom.Th:
		h.write(" ", 0)
	case atom.Strong, atom.B:
		h.weigh(true)
	case atom.A:
		if url := attribute(t, "href"); strings.HasPrefix(url, "http") {
			h.openLink(url)
		}
	case atom.Ul, atom.Ol:
		h.breakBlock(1)
		start, err := strconv.Atoi(attribute(t, "start"))
		if err != nil || start < 0 || start > 999 {
			start = 1
		}
		h.ordered = append(h.ordered, orderedList{t.DataAtom == atom.Ol, start - 1})
		h.next.depth = len(h.ordered)
	case atom.Li:
		h.breakBlock(0)
		h.items++
		h.next.inside, h.next.item = h.items, '-'
		if len(h.ordered) > 0 {
			list := &h.ordered[len(h.ordered)-1]
			list.count++
			if value, err := strconv.Atoi(attribute(t, "value")); err == nil && value > 0 && value < 999 {
				list.count = value
			}
			if list.numbered {
				h.next.item, h.next.num = '1', list.count
			}
		}
		h.inside = append(h.inside, h.items)
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		h.breakBlock(1)
		h.next.heading = int(t.Data[1] - '0')
	default:
		if blockTags[t.Data] {
			h.breakBlock(1)
		}
	}
}

// close ends an element, and whatever was left open inside of it.
func (h *htmlReader) close(name string) {
	i := len(h.stack) - 1
	for i >= 0 && h.stack[i].name != name {
		i--
	}
	if i < 0 {
		return
	}
	for _, e := range h.stack[i:] {
		if e.silent {
			h.silent--
		}
	}
	wasSilent := h.stack[i].silent
	h.stack = h.stack[:i]
	if h.silent > 0 || wasSilent {
		return
	}
	switch name {
	case "dt":
		h.write(": ", 0)
		h.term = true
	case "strong", "b":
		h.weigh(false)
	case "a":
		h.closeLink()
	case "ul", "ol":
		h.breakBlock(1)
		h.ordered = h.ordered[:max(len(h.ordered)-1, 0)]
		h.next.depth = len(h.ordered)
	case "li":
		h.breakBlock(0)
		h.inside = h.inside[:max(len(h.inside)-1, 0)]
		h.next.inside = 0
		if len(h.inside) > 0 {
			h.next.inside = h.inside[len(h.inside)-1]
		}
	case "h1", "h2", "h3", "h4", "h5", "h6":
		h.breakBlock(1)
		h.next.heading = 0
	default:
		if blockTags[name] {
			h.breakBlock(1)
		}
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

// isChrome tells a part of a blog's page from its post.
func isChrome(t html.Token) bool {
	for _, a := range t.Attr {
		switch a.Key {
		case "class", "id", "role":
			for _, name := range strings.Fields(a.Val) {
				if chromeClass.MatchString(name) {
					return true
				}
			}
		case "hidden":
			return true
		case "style":
			if styleHidden.MatchString(a.Val) {
				return true
			}
		}
	}
	return false
}
