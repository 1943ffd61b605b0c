package announcement

import (
	"regexp"
	"strings"

	"codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// looksLikeHTML tells a page's source from a text. One stray tag does not make a page.
func looksLikeHTML(text string) bool {
	head := text[:min(len(text), 1<<16)]
	n := len(blockTag.FindAllStringIndex(head, 8))
	if n >= 2 || n == 1 && inlineTag.MatchString(head) {
		return !strings.Contains(head, "](http") || n > 4
	}
	return n == 0 && len(inlineTag.FindAllStringIndex(head, 2)) >= 2
}

// htmlPage reads the source of a page: of a whole one its main text, if that holds what a chat needs.
func (d *document) htmlPage(src string) {
	page, err := html.Parse(strings.NewReader(unknownTags(src)))
	if err != nil {
		return
	}
	w := htmlWriter{doc: d}
	w.metadata(page, 0)
	if wholePage.MatchString(src) && !tooDeep(page, 0) {
		if article, err := readability.FromDocument(page, nil); err == nil && article.Node != nil {
			main := htmlWriter{doc: &document{}, main: true}
			main.node(article.Node, 0)
			main.end(1)
			if speaksOfAChat(main.lines) {
				w.lines = main.lines
				if w.title != "" && !strings.Contains(textOf(main.lines), w.title) {
					w.lines = append([]line{{text: w.title, gap: 1, heading: 1, hint: roleTitle}}, w.lines...)
				}
			}
		}
	}
	if len(w.lines) == 0 {
		w.node(page, 0)
		w.end(1)
	}
	for i, l := range w.lines {
		l.n = len(d.lines) + 1
		if i == 0 {
			l.gap = 1
		}
		d.lines = append(d.lines, l)
	}
}

// speaksOfAChat tells whether lines hold a date and a time, without which an extractor has dropped too much.
func speaksOfAChat(lines []line) bool {
	dates, clocks := 0, 0
	for _, l := range lines {
		t := tokens(l.text)
		found := findDates(t)
		dates += len(found)
		clocks += len(findClocks(t, found))
	}
	return dates > 0 && clocks > 0 && len(lines) > 2
}

func textOf(lines []line) string {
	var all []string
	for _, l := range lines {
		all = append(all, l.text)
	}
	return strings.Join(all, "\n")
}

var tagLike = regexp.MustCompile(`<([A-Za-z][\w ]*)>`)

// unknownTags keeps what only looks like a tag: "<in years>".
func unknownTags(src string) string {
	return tagLike.ReplaceAllStringFunc(src, func(s string) string {
		if name, _, _ := strings.Cut(strings.ToLower(s[1:len(s)-1]), " "); atom.Lookup([]byte(name)) == 0 || strings.Contains(s, " ") {
			return "&lt;" + s[1:len(s)-1] + "&gt;"
		}
		return s
	})
}

func tooDeep(n *html.Node, deep int) bool {
	if deep > maxDeep {
		return true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if tooDeep(c, deep+1) {
			return true
		}
	}
	return false
}

// metadata reads the head of a page: when it was published, and its title.
func (w *htmlWriter) metadata(n *html.Node, deep int) {
	if deep > maxDeep {
		return
	}
	if classed(n, postedClass) && w.doc.published.IsZero() {
		if found := findDates(tokens(clean(innerText(n, 0)))); len(found) > 0 && found[0].full() && found[0].Year > 0 {
			w.doc.published = found[0].time(found[0].Year)
		}
	}
	switch {
	case n.DataAtom == atom.Meta && (attribute(n, "property") == "article:published_time" || attribute(n, "itemprop") == "datePublished"),
		n.DataAtom == atom.Time && postedClass.MatchString(strings.Fields(attribute(n, "class") + " none")[0]):
		day := attribute(n, "content") + attribute(n, "datetime")
		if found := findDates(tokens(day)); w.doc.published.IsZero() && len(found) > 0 && found[0].full() && found[0].Year > 0 {
			w.doc.published = found[0].time(found[0].Year)
		}
	case n.DataAtom == atom.Meta && attribute(n, "property") == "og:title":
		w.title = clean(attribute(n, "content"))
	case w.title == "" && classed(n, titleClass):
		w.title = clean(innerText(n, 0))
	case n.DataAtom == atom.H1 && w.title == "" && !classed(n, siteClass) && attribute(n, "class") != "title":
		w.title = clean(innerText(n, 0))
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.metadata(c, deep+1)
	}
}

func innerText(n *html.Node, deep int) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil && deep < maxDeep; c = c.NextSibling {
		b.WriteString(innerText(c, deep+1))
	}
	return b.String()
}
