package commonmark

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// maxURLLength is how many bytes an address may have. Longer ones are shown as text. No platform documents its limit.
const maxURLLength = 2000

// SafeURL returns an address that every platform accepts, if there is one. Slack refuses the whole message for an
// address that it doesn't accept, and addresses of other schemes may do harm.
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

// urlEscaper escapes what could end an address in CommonMark or mrkdwn.
var urlEscaper = strings.NewReplacer(
	"(", "%28", ")", "%29", "<", "%3C", ">", "%3E", `\`, "%5C", "|", "%7C", "`", "%60", " ", "%20", "\n", "", "\t", "",
)

// Normalize brings the runs of a line into their one canonical form: none is empty, neighbours differ, and white
// space at the edges has no style, because neither CommonMark nor mrkdwn can express that.
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
			tidied[i].Link = "" // nobody could see it
		}
	}
	return trimSpace(tidied)
}

// SplitSpace moves the white space at the edges of runs into runs of its own, and removes empty runs. Code keeps its
// white space, unless it has nothing else.
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

// styledSpace is the white space runs[i], in the styles that its two neighbours share.
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

// trimSpace trims white space at both ends, where CommonMark doesn't show it.
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

// WithStyle adds a style to all runs.
func WithStyle(s Style, runs []Run) []Run {
	runs = slices.Clone(runs)
	for i := range runs {
		runs[i].Style |= s
	}
	return Normalize(runs)
}
