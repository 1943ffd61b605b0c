package slack

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mrkdwn writes a passage as the text of a message: https://docs.slack.dev/messaging/formatting-message-text
func (p passage) mrkdwn() string {
	var b strings.Builder
	for i, blk := range p {
		if i > 0 {
			b.WriteByte('\n')
			if blk.kind != item || p[i-1].kind != item {
				b.WriteByte('\n')
			}
		}
		margin := ""
		if blk.quoted && blk.kind != code { // mrkdwn has no code in quotes
			margin = "> "
		}
		for j, line := range strings.Split(blk.mrkdwn(), "\n") {
			if j > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(strings.TrimRight(margin+line, " "))
		}
	}
	return b.String()
}

func (b block) mrkdwn() string {
	switch b.kind {
	case rule:
		return "———"
	case code:
		return "```\n" + strings.ReplaceAll(escape(textOf(b.runs)), "```", "`"+joiner+"`"+joiner+"`") + "\n```"
	}
	var all []string
	for _, line := range lines(b.runs) {
		if b.kind == heading {
			line = styledAs(bold, line)
		}
		all = append(all, withMarkers(line))
	}
	text := strings.Join(all, "\n")
	if b.kind == item {
		margin := strings.Repeat("    ", b.indent)
		marker := []string{"•", "◦", "▪"}[b.indent%3]
		if b.number > 0 {
			marker = strconv.Itoa(b.number) + "."
		}
		return margin + marker + " " + strings.ReplaceAll(text, "\n", "\n"+margin+"    ")
	}
	return text
}

// withMarkers writes the runs of one line. Each has its own markers, which mean nothing beside letters or each other, unless a
// boundary is between.
func withMarkers(runs []run) string {
	runs = edged(runs)
	line := ""
	for i, r := range runs {
		text, s := r.marked(), r.style
		if r.link != "" || strings.Contains(r.text, "`") {
			s &^= monospace // mrkdwn has no way to write it
		}
		if s == 0 || strings.TrimSpace(r.text) == "" {
			line += text
			continue
		}
		for _, m := range []struct {
			style  style
			marker string
		}{{monospace, "`"}, {strike, "~"}, {italic, "_"}, {bold, "*"}} {
			if s&m.style != 0 {
				text = m.marker + text + m.marker
			}
		}
		if before, _ := utf8.DecodeLastRuneInString(line); unbroken(before) {
			line += boundary
		}
		line += text
		if i+1 < len(runs) {
			if after, _ := utf8.DecodeRuneInString(runs[i+1].text); unbroken(after) {
				line += boundary
			}
		}
	}
	if isQuote(line) {
		return joiner + line
	}
	return line
}

func unbroken(r rune) bool { return wordy(r) || strings.ContainsRune("*_~`", r) }

// marked is a run without its style's markers.
func (r run) marked() string {
	switch {
	case !r.at.IsZero():
		link := ""
		if r.link != "" {
			link = "^" + escape(r.link)
		}
		return fmt.Sprintf("<!date^%d^%s%s|%s>", r.at.Unix(), dateFormat(r.text), link, guarded(r.text))
	case r.link != "" && r.text == r.link:
		return "<" + escape(r.link) + ">"
	case r.link != "":
		return "<" + escape(r.link) + "|" + guarded(r.text) + ">"
	case r.style&monospace != 0 && !strings.Contains(r.text, "`"):
		return escape(r.text)
	}
	return guarded(r.text)
}

// timeOnly are words for an instant that leave its day to the reader: "21:00 GMT".
var timeOnly = regexp.MustCompile(`^\d{1,2}[:.]\d\d(?: ?[ap]\.?m\.?)?(?: [A-Za-z0-9+:-]+)?$`)

// dateFormat says how Slack shows an instant in each reader's own time zone. What words it stands for tell whether the day belongs.
func dateFormat(words string) string {
	if timeOnly.MatchString(words) {
		return "{time}"
	}
	return "{date_long_pretty} {time}"
}

// guarded escapes words, and puts a joiner behind what may be taken for a marker.
func guarded(words string) string {
	var b strings.Builder
	for i, r := range words {
		b.WriteString(escape(string(r)))
		if strings.ContainsRune("*_~`", r) {
			before, _ := utf8.DecodeLastRuneInString(words[:i])
			after, _ := utf8.DecodeRuneInString(words[i+1:])
			if i > 0 && i+1 < len(words) && (both(before, after, wordy) || both(before, after, unicode.IsSpace)) {
				continue // between letters, or between spaces, it means nothing
			}
			b.WriteString(joiner)
		}
	}
	return b.String()
}

func both(a, b rune, are func(rune) bool) bool { return are(a) && are(b) }

func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
