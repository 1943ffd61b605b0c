package mrkdwn

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// reference reads what is between < and > in mrkdwn: a mention, a date or a link. Anything else is text.
func (l converter) reference(content string) commonmark.Run {
	what, label, _ := strings.Cut(content, "|")
	label = unescape(markerUnescaper.Replace(label))
	switch {
	case strings.HasPrefix(what, "@"):
		return commonmark.Run{Text: l.user(what[1:], label)}
	case strings.HasPrefix(what, "#"):
		return commonmark.Run{Text: l.channel(what[1:], label)}
	case strings.HasPrefix(what, "!subteam^"):
		return commonmark.Run{Text: l.group(strings.TrimPrefix(what, "!subteam^"), label)}
	case strings.HasPrefix(what, "!date^"):
		return date(what, label)
	case what == "!here" || what == "!channel" || what == "!everyone" || what == "!group":
		return commonmark.Run{Text: "@" + what[1:]}
	case strings.HasPrefix(what, "!"):
		return commonmark.Run{Text: firstReadable(label, what[1:], "…")}
	}
	address := unescape(what)
	if !hasScheme.MatchString(address) {
		return commonmark.Run{Text: "<" + unescape(content) + ">"}
	}
	if strings.TrimPrefix(address, "mailto:") == label {
		return linkRun(label, address, 0)
	}
	return linkRun(withEmoji(label), address, 0)
}

// markerUnescaper removes what escapeMarkers adds.
var markerUnescaper = strings.NewReplacer("*"+wordJoiner, "*", "_"+wordJoiner, "_", "~"+wordJoiner, "~", "`"+wordJoiner, "`")

var hasScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)

// date reads "!date^1392734382^{date} at {time}^https://example.org", and the words for clients that can't show dates.
func date(what, words string) commonmark.Run {
	parts := strings.SplitN(what, "^", 4)
	r := commonmark.Run{Text: words}
	unix, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		r.Text = firstReadable(words, parts[1], "…")
		return r
	}
	r.Time = commonmark.UnixTime(unix)
	if len(parts) == 4 {
		r.Link, _ = commonmark.SafeURL(unescape(parts[3]))
	}
	return withDateText(r, unix)
}

var bracketed = regexp.MustCompile(`<([^<>\n|]*)(?:\|([^<>\n]*))?>`)

// codeText reads code. Slack has links and mentions in code too, and shows their words.
func (l converter) codeText(text string) string {
	return unescape(bracketed.ReplaceAllStringFunc(text, func(e string) string {
		what, label, _ := strings.Cut(strings.Trim(e, "<>"), "|")
		switch {
		case label != "":
			return label
		case hasScheme.MatchString(what):
			return what
		case strings.HasPrefix(what, "@") || strings.HasPrefix(what, "#") || strings.HasPrefix(what, "!"):
			return Escape(l.reference(what).Text)
		}
		return e
	}))
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Escape escapes text for Slack's parser.
func Escape(s string) string { return escaper.Replace(s) }
