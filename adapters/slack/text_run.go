package slack

import (
	"net/url"
	"strings"
	"unicode"
)

// maxLink is how long an address may be. Longer ones are shown as text; no limit of Slack's is known.
const maxLink = 2000

// linkable makes an address one that Slack takes, and tells whether that can be. An address that Slack refuses would take the
// whole message with it.
func linkable(address string) (string, bool) {
	address = unambiguous.Replace(clean(strings.TrimSpace(address)))
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

// tidy is the one way to write the runs of a line: nothing empty, nothing divided that is alike, and no style on
// white space, as neither CommonMark nor mrkdwn has any at the edges of what is styled.
func tidy(runs []run) []run {
	apart := edged(runs)
	for i := range apart {
		if strings.TrimSpace(apart[i].text) == "" {
			apart[i] = space(apart, i)
		}
	}
	var tidied []run
	for _, r := range apart {
		if last := len(tidied) - 1; last >= 0 && r.at.IsZero() && alike(tidied[last], r) {
			tidied[last].text += r.text
			continue
		}
		tidied = append(tidied, r)
	}
	for i, r := range tidied {
		if strings.TrimSpace(r.text) == "" {
			tidied[i].link = "" // Slack would show nothing of it
		}
	}
	return trimmed(tidied)
}

// edged are runs with the white space at their edges in runs of its own, and without empty ones. Code keeps its white space,
// unless it is nothing else.
func edged(runs []run) (apart []run) {
	for _, r := range runs {
		parts := []string{r.text}
		if strings.TrimSpace(r.text) == "" {
			r.style &^= monospace
		}
		if r.style&monospace == 0 && r.at.IsZero() {
			core := strings.TrimSpace(r.text)
			before, after, _ := strings.Cut(r.text, core)
			parts = []string{before, core, after}
		}
		for _, text := range parts {
			if r.text = text; text != "" {
				apart = append(apart, r)
			}
		}
	}
	return apart
}

// space is the white space i, in the styles that go on across it.
func space(runs []run, i int) run {
	r := run{text: runs[i].text}
	link := runs[i].link
	if i == 0 || i == len(runs)-1 {
		return r
	}
	before, after := runs[i-1], runs[i+1]
	r.style = before.style & after.style &^ monospace
	if before.link == link && after.link == link {
		r.link = link
	}
	return r
}

func alike(a, b run) bool { return a.style == b.style && a.link == b.link && a.at.Equal(b.at) }

// trimmed takes the white space off both ends, where CommonMark doesn't show any.
func trimmed(runs []run) []run {
	for len(runs) > 0 && runs[0].style&monospace == 0 {
		if runs[0].text = strings.TrimLeftFunc(runs[0].text, unicode.IsSpace); runs[0].text != "" {
			break
		}
		runs = runs[1:]
	}
	for last := len(runs) - 1; last >= 0 && runs[last].style&monospace == 0; last-- {
		if runs[last].text = strings.TrimRightFunc(runs[last].text, unicode.IsSpace); runs[last].text != "" {
			break
		}
		runs = runs[:last]
	}
	return runs
}
