package commonmark

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// maxLink is how long an address may be. Longer ones are shown as text; no platform says what it takes.
const maxLink = 2000

// Linkable makes an address one that every platform takes, and tells whether that can be: an address that Slack refuses would
// take the whole message with it, and others do harm.
func Linkable(address string) (string, bool) {
	address = unambiguous.Replace(Clean(strings.TrimSpace(address)))
	u, err := url.Parse(address)
	if err != nil || len(address) > maxLink {
		return "", false
	}
	web := u.Scheme == "http" || u.Scheme == "https"
	if web && u.Hostname() != "" || (u.Scheme == "mailto" || u.Scheme == "tel") && u.Opaque != "" {
		return address, true
	}
	return "", false
}

// unambiguous writes what could end an address in CommonMark or mrkdwn.
var unambiguous = strings.NewReplacer(
	"(", "%28", ")", "%29", "<", "%3C", ">", "%3E", `\`, "%5C", "|", "%7C", "`", "%60", " ", "%20", "\n", "", "\t", "",
)

// Tidy is the one way to write the runs of a line: nothing empty, nothing divided that is alike, and no style on
// white space, as neither CommonMark nor mrkdwn has any at the edges of what is styled.
func Tidy(runs []Run) []Run {
	apart := Edged(runs)
	for i := range apart {
		if strings.TrimSpace(apart[i].Text) == "" {
			apart[i] = space(apart, i)
		}
	}
	var tidied []Run
	for _, r := range apart {
		if last := len(tidied) - 1; last >= 0 && r.At.IsZero() && alike(tidied[last], r) {
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
	return trimmed(tidied)
}

// Edged is runs with the white space at their edges in runs of its own, and without empty ones. Code keeps its white space,
// unless it is nothing else.
func Edged(runs []Run) (apart []Run) {
	for _, r := range runs {
		parts := []string{r.Text}
		if strings.TrimSpace(r.Text) == "" {
			r.Style &^= Monospace
		}
		if r.Style&Monospace == 0 && r.At.IsZero() {
			core := strings.TrimSpace(r.Text)
			before, after, _ := strings.Cut(r.Text, core)
			parts = []string{before, core, after}
		}
		for _, text := range parts {
			if r.Text = text; text != "" {
				apart = append(apart, r)
			}
		}
	}
	return apart
}

// space is the white space i, in the styles that go on across it.
func space(runs []Run, i int) Run {
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

func alike(a, b Run) bool { return a.Style == b.Style && a.Link == b.Link && a.At.Equal(b.At) }

// trimmed takes the white space off both ends, where CommonMark doesn't show any.
func trimmed(runs []Run) []Run {
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

// StyledAs is runs with a style on all of them.
func StyledAs(s Style, runs []Run) []Run {
	runs = slices.Clone(runs)
	for i := range runs {
		runs[i].Style |= s
	}
	return Tidy(runs)
}
