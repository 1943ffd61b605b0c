package html

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// isPlain tells whether a body shows all of a passage.
func isPlain(p commonmark.Document) bool {
	for _, b := range p {
		if b.Kind != commonmark.Paragraph || b.Quoted {
			return false
		}
		for _, r := range b.Runs {
			if r.Style != 0 || r.Link != "" {
				return false
			}
		}
	}
	return true
}

// toBody writes a passage as text that can be read without HTML. Quotes have a bar before them: clients cut off lines that begin
// with ">" from the body of a reply, as all messages in threads are.
func toBody(p commonmark.Document) string {
	var b strings.Builder
	for i, blk := range p {
		bar := ""
		if blk.Quoted {
			bar = "│ "
		}
		if i > 0 {
			b.WriteByte('\n')
			if blk.Kind != commonmark.ListItem || p[i-1].Kind != commonmark.ListItem {
				if blk.Quoted && p[i-1].Quoted {
					b.WriteString("│")
				}
				b.WriteByte('\n')
			}
		}
		first, rest := margins(blk)
		for j, line := range strings.Split(bodyOf(blk), "\n") {
			if j > 0 {
				b.WriteByte('\n')
				first = rest
			}
			b.WriteString(strings.TrimRight(bar+first+line, " "))
		}
	}
	return DisarmMentions(b.String())
}

// margins are what stands before the first line of a block, and before its others.
func margins(b commonmark.Block) (first, rest string) {
	if b.Kind != commonmark.ListItem {
		return "", ""
	}
	marker := "• "
	if b.Number > 0 {
		marker = strconv.Itoa(b.Number) + ". "
	}
	outer := strings.Repeat("  ", b.Indent)
	return outer + marker, outer + "  "
}

func bodyOf(b commonmark.Block) string {
	if b.Kind == commonmark.Rule {
		return "────────"
	}
	var words strings.Builder
	for i, r := range b.Runs {
		if r.Link != "" && r.Link == r.Text {
			words.WriteString(disarmURL(r.Link))
			continue
		}
		words.WriteString(runText(r))
		ends := i == len(b.Runs)-1 || b.Runs[i+1].Link != r.Link
		if r.Link != "" && ends && r.Link != "mailto:"+r.Text && !isUserLink(r.Link) {
			words.WriteString(" (" + disarmURL(r.Link) + ")")
		}
	}
	return words.String()
}

var (
	clockTime = regexp.MustCompile(`\d[:.]\d\d`)
	utcZone   = regexp.MustCompile(`\b(?:UTC|GMT)\b`)
)

// runText is the words of a run. No client shows an instant in its reader's own time, and abbreviations of zones mean different hours
// to different people: so the hour that all can reckon from stands beside it, unless the words tell that one.
func runText(r commonmark.Run) string {
	if r.Time.IsZero() || !clockTime.MatchString(r.Text) || utcZone.MatchString(r.Text) {
		return r.Text
	}
	at, layout := r.Time.UTC(), "15:04 UTC"
	for day := time.Sunday; day <= time.Saturday; day++ {
		if day != at.Weekday() && strings.Contains(r.Text, day.String()) {
			layout = "Monday 15:04 UTC"
		}
	}
	return r.Text + " (" + at.Format(layout) + ")"
}

// toHTML writes a passage as a formatted_body.
func toHTML(p commonmark.Document) string {
	w := htmlWriter{}
	for i, b := range p {
		if alone := len(p) == 1 && b.Kind == commonmark.Paragraph && !b.Quoted; alone {
			w.inline(b.Runs) // as clients send it
			break
		}
		w.block(b, i > 0 && p[i-1].Quoted, i+1 < len(p) && p[i+1].Quoted)
	}
	w.closeLists(0)
	return w.String()
}

// An htmlWriter knows the lists that are open. In each, an item is open as well.
type htmlWriter struct {
	strings.Builder
	open []openList
}

type openList struct {
	tag  string
	last int // the number of the open item
}

func (w *htmlWriter) block(b commonmark.Block, quotedBefore, quotedAfter bool) {
	if b.Kind != commonmark.ListItem || b.Quoted != quotedBefore {
		w.closeLists(0)
	}
	if b.Quoted && !quotedBefore {
		w.WriteString("<blockquote>")
	}
	switch b.Kind {
	case commonmark.Rule:
		w.WriteString("<hr>")
	case commonmark.CodeBlock:
		class := ""
		if b.Language != "" {
			class = ` class="language-` + html.EscapeString(b.Language) + `"`
		}
		w.WriteString("<pre><code" + class + ">" + html.EscapeString(DisarmMentions(commonmark.PlainText(b.Runs))) + "\n</code></pre>")
	case commonmark.Heading:
		level := strconv.Itoa(max(1, b.Level))
		w.WriteString("<h" + level + ">")
		w.inline(b.Runs)
		w.WriteString("</h" + level + ">")
	case commonmark.ListItem:
		w.item(b)
	default:
		w.WriteString("<p>")
		w.inline(b.Runs)
		w.WriteString("</p>")
	}
	if b.Quoted && !quotedAfter {
		w.closeLists(0)
		w.WriteString("</blockquote>")
	}
}

func (w *htmlWriter) item(b commonmark.Block) {
	tag, depth := "ul", min(b.Indent, len(w.open))
	if b.Number > 0 {
		tag = "ol"
	}
	w.closeLists(depth + 1)
	if len(w.open) > depth && (w.open[depth].tag != tag || tag == "ol" && w.open[depth].last+1 != b.Number) {
		w.closeLists(depth)
	}
	switch {
	case len(w.open) > depth:
		w.WriteString("</li>")
	case b.Number > 1:
		fmt.Fprintf(w, `<ol start="%d">`, b.Number)
		w.open = append(w.open, openList{tag: tag})
	default:
		w.WriteString("<" + tag + ">")
		w.open = append(w.open, openList{tag: tag})
	}
	w.open[depth].last = b.Number
	w.WriteString("<li>")
	paragraphs := commonmark.Paragraphs(b.Runs, false)
	for _, p := range paragraphs {
		if len(paragraphs) == 1 {
			w.inline(p.Runs)
			break
		}
		w.WriteString("<p>")
		w.inline(p.Runs)
		w.WriteString("</p>")
	}
}

// closeLists leaves so many lists open.
func (w *htmlWriter) closeLists(depth int) {
	for len(w.open) > depth {
		last := len(w.open) - 1
		w.WriteString("</li></" + w.open[last].tag + ">")
		w.open = w.open[:last]
	}
}

func (w *htmlWriter) inline(runs []commonmark.Run) {
	link := ""
	for _, r := range disarmRuns(runs) {
		if strings.HasPrefix(r.Link, "tel:") || isUserLink(r.Link) {
			r.Link = ""
		}
		if r.Link != link {
			if link != "" {
				w.WriteString("</a>")
			}
			if link = r.Link; link != "" {
				w.WriteString(`<a href="` + html.EscapeString(link) + `">`)
			}
		}
		text := strings.ReplaceAll(html.EscapeString(runText(r)), "\n", "<br>")
		for _, s := range []struct {
			style commonmark.Style
			tag   string
		}{{commonmark.Monospace, "code"}, {commonmark.Strike, "del"}, {commonmark.Italic, "em"}, {commonmark.Bold, "strong"}} {
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
