package html

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// isPlain tells whether a body alone shows all of a document.
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

// toBody writes a document as plain text. Quotes begin with a bar instead of ">": clients remove lines that begin
// with ">" from the body of a reply, and every message in a thread is a reply.
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

// margins are what goes before the first line of a block, and before its other lines.
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

// runText is the text of a run. No client shows an instant in its reader's own time, and the abbreviation of a zone
// may mean different things to different people. So the text of an instant is followed by its time in UTC, unless it
// names that.
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

// toHTML writes a document as a formatted_body. A single paragraph has no <p> around it, as clients send it.
func toHTML(d commonmark.Document) string {
	shown := make(commonmark.Document, len(d))
	for i, b := range d {
		b.Runs = disarmRuns(b.Runs)
		for j, r := range b.Runs {
			if strings.HasPrefix(r.Link, "tel:") || isUserLink(r.Link) {
				b.Runs[j].Link = ""
			}
			b.Runs[j].Text = runText(r)
		}
		shown[i] = b
	}
	if inline, ok := shown.InlineHTML(""); ok {
		return inline
	}
	return shown.HTML("")
}
