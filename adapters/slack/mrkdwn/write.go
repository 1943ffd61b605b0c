package mrkdwn

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// mrkdwn writes a document as the text of a message: https://docs.slack.dev/messaging/formatting-message-text
func mrkdwn(p commonmark.Document) string {
	var b strings.Builder
	for i, blk := range p {
		if i > 0 {
			b.WriteByte('\n')
			if blk.Kind != commonmark.ListItem || p[i-1].Kind != commonmark.ListItem {
				b.WriteByte('\n')
			}
		}
		margin := ""
		if blk.Quoted && blk.Kind != commonmark.CodeBlock { // mrkdwn has no code in quotes
			margin = "> "
		}
		for j, line := range strings.Split(mrkdwnBlock(blk), "\n") {
			if j > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(strings.TrimRight(margin+line, " "))
		}
	}
	return b.String()
}

func mrkdwnBlock(b commonmark.Block) string {
	switch b.Kind {
	case commonmark.Rule:
		return "———"
	case commonmark.CodeBlock:
		return "```\n" + strings.ReplaceAll(Escape(commonmark.PlainText(b.Runs)), "```", "`"+wordJoiner+"`"+wordJoiner+"`") + "\n```"
	}
	var all []string
	for _, line := range commonmark.Lines(b.Runs) {
		if b.Kind == commonmark.Heading {
			line = commonmark.WithStyle(commonmark.Bold, line)
		}
		all = append(all, mrkdwnLine(line))
	}
	text := strings.Join(all, "\n")
	if b.Kind == commonmark.ListItem {
		margin := strings.Repeat("    ", b.Indent)
		marker := []string{"•", "◦", "▪"}[b.Indent%3]
		if b.Number > 0 {
			marker = strconv.Itoa(b.Number) + "."
		}
		return margin + marker + " " + strings.ReplaceAll(text, "\n", "\n"+margin+"    ")
	}
	return text
}

// mrkdwnLine writes the runs of one line. Each run has its own markers. Next to a letter or another marker, a marker
// only counts if a zero-width space is in between.
func mrkdwnLine(runs []commonmark.Run) string {
	runs = commonmark.SplitSpace(runs)
	line := ""
	for i, r := range runs {
		text, s := runText(r), r.Style
		if r.Link != "" || strings.Contains(r.Text, "`") {
			s &^= commonmark.Monospace // mrkdwn has no way to write it
		}
		if s == 0 || strings.TrimSpace(r.Text) == "" {
			line += text
			continue
		}
		for _, m := range []struct {
			style  commonmark.Style
			marker string
		}{{commonmark.Monospace, "`"}, {commonmark.Strike, "~"}, {commonmark.Italic, "_"}, {commonmark.Bold, "*"}} {
			if s&m.style != 0 {
				text = m.marker + text + m.marker
			}
		}
		if before, _ := utf8.DecodeLastRuneInString(line); needsBoundary(before) {
			line += zeroWidthSpace
		}
		line += text
		if i+1 < len(runs) {
			if after, _ := utf8.DecodeRuneInString(runs[i+1].Text); needsBoundary(after) {
				line += zeroWidthSpace
			}
		}
	}
	if isQuote(line) {
		return wordJoiner + line
	}
	return line
}

func needsBoundary(r rune) bool { return isWordRune(r) || strings.ContainsRune("*_~`", r) }

// runText writes a run without the markers of its style.
func runText(r commonmark.Run) string {
	switch {
	case !r.Time.IsZero():
		link := ""
		if r.Link != "" {
			link = "^" + Escape(r.Link)
		}
		return fmt.Sprintf("<!date^%d^%s%s|%s>", r.Time.Unix(), dateFormat(r.Text), link, escapeMarkers(r.Text))
	case r.Link != "" && r.Text == r.Link:
		return "<" + Escape(r.Link) + ">"
	case r.Link != "":
		return "<" + Escape(r.Link) + "|" + escapeMarkers(r.Text) + ">"
	case r.Style&commonmark.Monospace != 0 && !strings.Contains(r.Text, "`"):
		return Escape(r.Text)
	}
	return escapeMarkers(r.Text)
}

// timeOnly matches the words of an instant that don't name its day: "21:00 GMT".
var timeOnly = regexp.MustCompile(`^\d{1,2}[:.]\d\d(?: ?[ap]\.?m\.?)?(?: [A-Za-z0-9+:-]+)?$`)

// dateFormat is the format in which Slack shows an instant in each reader's own time zone: with its day, unless the
// words name none.
func dateFormat(words string) string {
	if timeOnly.MatchString(words) {
		return "{time}"
	}
	return "{date_long_pretty} {time}"
}

// escapeMarkers escapes words, and adds a word joiner after characters that would be markers.
func escapeMarkers(words string) string {
	var b strings.Builder
	for i, r := range words {
		b.WriteString(Escape(string(r)))
		if strings.ContainsRune("*_~`", r) {
			before, _ := utf8.DecodeLastRuneInString(words[:i])
			after, _ := utf8.DecodeRuneInString(words[i+1:])
			if i > 0 && i+1 < len(words) && (both(before, after, isWordRune) || both(before, after, unicode.IsSpace)) {
				continue // not a marker between letters or between spaces
			}
			b.WriteString(wordJoiner)
		}
	}
	return b.String()
}

func both(a, b rune, are func(rune) bool) bool { return are(a) && are(b) }

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
