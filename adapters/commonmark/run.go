package commonmark

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// maxURLLength is how long an address may be. Longer ones are shown as text; no platform says what it takes.
const maxURLLength = 2000

// SafeURL makes an address one that every platform takes, and tells whether that can be: an address that Slack refuses
// would take the whole message with it, and others do harm.
func SafeURL(address string) (string, bool) {
	address = urlEscaper.Replace(Clean(strings.TrimSpace(address)))
	u, err := url.Parse(address)
	if err != nil || len(address) > maxURLLength {
		return "", false
	}
	web := u.Scheme == "http" || u.Scheme == "https"
	if web && u.Hostname() != "" || (u.Scheme == "mailto" || u.Scheme == "tel") && u.Opaque != "" {
		return address, true
	}
	return "", false
}

// urlEscaper writes what could end an address in CommonMark or mrkdwn.
var urlEscaper = strings.NewReplacer(
	"(", "%28", ")", "%29", "<", "%3C", ">", "%3E", `\`, "%5C", "|", "%7C", "`", "%60", " ", "%20", "\n", "", "\t", "",
)

// Normalize is the one way to write the runs of a line: nothing empty, nothing divided that is alike, and no style on
// white space, as neither CommonMark nor mrkdwn has any at the edges of what is styled.
func Normalize(runs []Run) []Run {
	pieces := SplitSpace(runs)
	for i := range pieces {
		if strings.TrimSpace(pieces[i].Text) == "" {
			pieces[i] = styledSpace(pieces, i)
		}
	}
	var tidied []Run
	for _, r := range pieces {
		if last := len(tidied) - 1; last >= 0 && r.Time.IsZero() && sameStyle(tidied[last], r) {
			tidied[last].Text += r.Text
			continue
		}
		tidied = append(tidied, r)
	}
	for i, r := range tidied {
		if strings.TrimSpace(r.Text) == "" {
			tidied[i].Link = "" // nothing could be seen of it
		}
	}
	return trimSpace(tidied)
}

// SplitSpace is runs with the white space at their edges in runs of its own, and without empty ones. Code keeps its
// white space, unless it is nothing else.
func SplitSpace(runs []Run) (pieces []Run) {
	for _, r := range runs {
		parts := []string{r.Text}
		if strings.TrimSpace(r.Text) == "" {
			r.Style &^= Monospace
		}
		if r.Style&Monospace == 0 && r.Time.IsZero() {
			core := strings.TrimSpace(r.Text)
			before, after, _ := strings.Cut(r.Text, core)
			parts = []string{before, core, after}
		}
		for _, text := range parts {
			if r.Text = text; text != "" {
				pieces = append(pieces, r)
			}
		}
	}
	return pieces
}

// styledSpace is the white space i, in the styles that go on across it.
func styledSpace(runs []Run, i int) Run {
	r := Run{Text: runs[i].Text}
	link := runs[i].Link
	if i == 0 || i == len(runs)-1 {
		return r
	}
	before, after := runs[i-1], runs[i+1]
	r.Style = before.Style & after.Style &^ Monospace
	if before.Link == link && after.Link == link {
		r.Link = link
	}
	return r
}

func sameStyle(a, b Run) bool { return a.Style == b.Style && a.Link == b.Link && a.Time.Equal(b.Time) }

// trimSpace takes the white space off both ends, where CommonMark doesn't show any.
func trimSpace(runs []Run) []Run {
	for len(runs) > 0 && runs[0].Style&Monospace == 0 {
		if runs[0].Text = strings.TrimLeftFunc(runs[0].Text, unicode.IsSpace); runs[0].Text != "" {
			break
		}
		runs = runs[1:]
	}
	for last := len(runs) - 1; last >= 0 && runs[last].Style&Monospace == 0; last-- {
		if runs[last].Text = strings.TrimRightFunc(runs[last].Text, unicode.IsSpace); runs[last].Text != "" {
			break
		}
		runs = runs[:last]
	}
	return runs
}

// WithStyle is runs with a style on all of them.
func WithStyle(s Style, runs []Run) []Run {
	runs = slices.Clone(runs)
	for i := range runs {
		runs[i].Style |= s
	}
	return Normalize(runs)
}
