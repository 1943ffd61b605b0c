package archive

import (
	"html/template"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/microcosm-cc/bluemonday"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// A markdownText is CommonMark that a participant or organiser wrote, made safe for a page: it has no HTML, no headings
// (they would upset the page's own outline), no pictures (every reader would fetch them from somebody else's server),
// and no links except to the web and to mail addresses. Every word that people could read is still there.
type markdownText struct {
	doc commonmark.Document
}

// parse reads CommonMark. It never fails: what it can't read as CommonMark becomes plain lines.
func parse(markdown string) markdownText {
	doc := commonmark.ParseMessage(visibleText(markdown))
	for i, b := range doc {
		for j, r := range b.Runs {
			b.Runs[j].Text = visibleText(r.Text) // an entity may hide any character
			b.Runs[j].Time = time.Time{}
			if !isAllowedURL(r.Link) {
				b.Runs[j].Link = ""
			}
		}
		if b.Kind == commonmark.Heading {
			doc[i] = commonmark.Block{Runs: commonmark.WithStyle(commonmark.Bold, b.Runs)}
		}
	}
	return markdownText{doc}
}

// isAllowedURL tells whether a link stays a link.
func isAllowedURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "mailto")
}

// linkRel is what every link in a text tells search engines and browsers.
const linkRel = "nofollow noopener ugc"

// HTML renders the text. commonmark escapes every word; the sanitiser is the second lock on the same door.
func (t markdownText) HTML() template.HTML { return t.sanitise(t.doc.HTML(linkRel)) }

// InlineHTML is the text's HTML without a paragraph around it. It is not ok if the text is more than one paragraph.
func (t markdownText) InlineHTML() (h template.HTML, ok bool) {
	inline, ok := t.doc.InlineHTML(linkRel)
	return t.sanitise(inline), ok
}

func (t markdownText) sanitise(h string) template.HTML {
	if !t.isPlain() {
		h = htmlPolicy.Sanitize(h)
	}
	return template.HTML(h) //nolint:gosec // escaped, and sanitised unless there is nothing to sanitise
}

// isPlain tells whether the text is one paragraph of words, as most answers are.
func (t markdownText) isPlain() bool {
	return len(t.doc) == 1 && t.doc[0].Kind == commonmark.Paragraph && len(t.doc[0].Runs) == 1 && t.doc[0].Runs[0] == commonmark.Run{Text: t.doc[0].Runs[0].Text}
}

// htmlPolicy is what a text's HTML may consist of. No element may carry a class, a style or an identifier.
var htmlPolicy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile("^" + linkRel + "$")).OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	return p
}()

// PlainText is the text on one line, without any of its markup.
func (t markdownText) PlainText() string {
	var words []string
	for _, b := range t.doc {
		words = append(words, commonmark.PlainText(b.Runs))
	}
	return singleLine(strings.Join(words, " "))
}

// Markdown is CommonMark that shows what the text's HTML shows, and nothing else: whatever else could mean something to
// a reader of Markdown is escaped.
func (t markdownText) Markdown() string { return t.doc.CommonMark() }

// links are the addresses of all links of the text, in order.
func (t markdownText) links() (all []string) {
	for _, b := range t.doc {
		before := ""
		for _, r := range b.Runs {
			if r.Link != "" && r.Link != before {
				all = append(all, r.Link)
			}
			before = r.Link
		}
	}
	return all
}

// escapeMarkdown writes one line of words so that they mean nothing to a reader of Markdown.
func escapeMarkdown(words string) string { return commonmark.Escape(words, true) }

// linkMarkdown writes an address as a link.
func linkMarkdown(address string) string {
	return commonmark.Document{{Runs: []commonmark.Run{{Text: address, Link: address}}}}.CommonMark()
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
