package commonmark

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// HTML writes a document as HTML. It escapes every word, and writes no tags but those of the blocks and styles that a
// document has. Each link gets rel as its rel attribute, unless rel is "". Instants are their words alone.
func (d Document) HTML(rel string) string {
	w := htmlWriter{rel: rel}
	for i, b := range d {
		w.block(b, i > 0 && d[i-1].Quoted, i+1 < len(d) && d[i+1].Quoted)
	}
	w.closeLists(0)
	return w.String()
}

// InlineHTML is the HTML of a document without a paragraph around it. It is not ok if the document is more than one
// plain paragraph.
func (d Document) InlineHTML(rel string) (inline string, ok bool) {
	if len(d) == 0 {
		return "", true
	}
	if len(d) > 1 || d[0].Kind != Paragraph || d[0].Quoted {
		return "", false
	}
	w := htmlWriter{rel: rel}
	w.inline(d[0].Runs)
	return w.String(), true
}

// An htmlWriter knows which lists are open. In each of them, an item is open too.
type htmlWriter struct {
	strings.Builder
	rel       string
	openLists []openHTMLList
}

type openHTMLList struct {
	tag  string
	last int // the number of the open item
}

func (w *htmlWriter) block(b Block, quotedBefore, quotedAfter bool) {
	if b.Kind != ListItem || b.Quoted != quotedBefore {
		w.closeLists(0)
	}
	if b.Quoted && !quotedBefore {
		w.WriteString("<blockquote>")
	}
	switch b.Kind {
	case Rule:
		w.WriteString("<hr>")
	case CodeBlock:
		class := ""
		if b.Language != "" {
			class = ` class="language-` + html.EscapeString(b.Language) + `"`
		}
		w.WriteString("<pre><code" + class + ">" + html.EscapeString(PlainText(b.Runs)) + "\n</code></pre>")
	case Heading:
		w.element("h"+strconv.Itoa(max(1, b.Level)), b.Runs)
	case ListItem:
		w.item(b)
	default:
		w.element("p", b.Runs)
	}
	if b.Quoted && !quotedAfter {
		w.closeLists(0)
		w.WriteString("</blockquote>")
	}
}

func (w *htmlWriter) element(tag string, runs []Run) {
	w.WriteString("<" + tag + ">")
	w.inline(runs)
	w.WriteString("</" + tag + ">")
}

func (w *htmlWriter) item(b Block) {
	tag, depth := "ul", min(b.Indent, len(w.openLists))
	if b.Number > 0 {
		tag = "ol"
	}
	w.closeLists(depth + 1)
	if len(w.openLists) > depth && (w.openLists[depth].tag != tag || tag == "ol" && w.openLists[depth].last+1 != b.Number) {
		w.closeLists(depth)
	}
	switch {
	case len(w.openLists) > depth:
		w.WriteString("</li>")
	case b.Number > 1:
		fmt.Fprintf(w, `<ol start="%d">`, b.Number)
		w.openLists = append(w.openLists, openHTMLList{tag: tag})
	default:
		w.WriteString("<" + tag + ">")
		w.openLists = append(w.openLists, openHTMLList{tag: tag})
	}
	w.openLists[depth].last = b.Number
	w.WriteString("<li>")
	paragraphs := Paragraphs(b.Runs, false)
	if len(paragraphs) == 1 {
		w.inline(paragraphs[0].Runs)
		return
	}
	for _, p := range paragraphs {
		w.element("p", p.Runs)
	}
}

// closeLists closes lists until only depth of them are open.
func (w *htmlWriter) closeLists(depth int) {
	for len(w.openLists) > depth {
		last := len(w.openLists) - 1
		w.WriteString("</li></" + w.openLists[last].tag + ">")
		w.openLists = w.openLists[:last]
	}
}

func (w *htmlWriter) inline(runs []Run) {
	rel := ""
	if w.rel != "" {
		rel = ` rel="` + html.EscapeString(w.rel) + `"`
	}
	link := ""
	for _, r := range runs {
		if r.Link != link {
			if link != "" {
				w.WriteString("</a>")
			}
			if link = r.Link; link != "" {
				w.WriteString(`<a href="` + html.EscapeString(link) + `"` + rel + `>`)
			}
		}
		text := strings.ReplaceAll(html.EscapeString(r.Text), "\n", "<br>")
		for _, s := range []struct {
			style Style
			tag   string
		}{{Monospace, "code"}, {Strike, "del"}, {Italic, "em"}, {Bold, "strong"}} {
			if r.Style&s.style != 0 && strings.TrimSpace(r.Text) != "" {
				text = "<" + s.tag + ">" + text + "</" + s.tag + ">"
			}
		}
		w.WriteString(text)
	}
	if link != "" {
		w.WriteString("</a>")
	}
}
