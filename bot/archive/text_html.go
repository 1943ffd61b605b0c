package archive

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// HTML renders the text. The renderer escapes; the sanitiser is the second lock on the same door.
func (t markdownText) HTML() template.HTML {
	if t.simple {
		return template.HTML("<p>" + template.HTMLEscapeString(string(t.source)) + "</p>\n") //nolint:gosec // escaped
	}
	var b bytes.Buffer
	_ = htmlRenderer.Render(&b, t.source, t.doc)                 // neither a buffer nor these renderers ever fail
	return template.HTML(htmlPolicy.SanitizeReader(&b).String()) //nolint:gosec // sanitised
}

// InlineHTML is the text's HTML without a paragraph around it, if the text is no more than one paragraph.
func (t markdownText) InlineHTML() (h template.HTML, ok bool) {
	if !t.simple {
		p := t.doc.FirstChild()
		if p != nil && (p.NextSibling() != nil || p.Kind() != ast.KindParagraph) {
			return "", false
		}
	}
	words := strings.TrimSpace(string(t.HTML()))
	return template.HTML(strings.TrimSuffix(strings.TrimPrefix(words, "<p>"), "</p>")), true //nolint:gosec // as above
}

// PlainText are the text on one line without any of its Markdown.
func (t markdownText) PlainText() string {
	if t.simple {
		return string(t.source)
	}
	var b strings.Builder
	_ = ast.Walk(t.doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(n.Segment.Value(t.source))
			} else if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		case *ast.AutoLink:
			if entering {
				b.Write(n.Label(t.source))
			}
		default:
			if !entering && n.Type() == ast.TypeBlock {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return singleLine(b.String())
}

// htmlRenderer keeps the lines of a message as they were written, as chat programs do.
var htmlRenderer = renderer.NewRenderer(renderer.WithNodeRenderers(
	util.Prioritized(html.NewRenderer(html.WithHardWraps()), 1000),
	util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
))

// htmlPolicy is what a stranger's text may consist of. No element may carry a class, a style or an identifier.
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
