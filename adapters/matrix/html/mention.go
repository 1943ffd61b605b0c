package html

import (
	"cmp"
	"net/url"
	"regexp"
	"strings"

	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// wordJoiner is invisible. Between "@" and "room" it keeps clients and servers from finding "@room":
// https://spec.matrix.org/v1.11/client-server-api/#default-override-rules
const wordJoiner = "\u2060"

var (
	roomMention         = regexp.MustCompile(`(?i)@room`)
	disarmedRoomMention = regexp.MustCompile(`(?i)@` + wordJoiner + `room`)
)

// DisarmMentions changes a text so that "@room" notifies nobody.
func DisarmMentions(s string) string {
	return roomMention.ReplaceAllStringFunc(s, func(m string) string { return "@" + wordJoiner + m[1:] })
}

// rearmMentions undoes DisarmMentions.
func rearmMentions(s string) string {
	return disarmedRoomMention.ReplaceAllStringFunc(s, func(m string) string { return "@" + m[len("@"+wordJoiner):] })
}

// disarmRuns returns a copy of runs in which "@room" notifies nobody, whatever styles its letters have.
func disarmRuns(runs []commonmark.Run) []commonmark.Run {
	found := roomMention.FindAllStringIndex(commonmark.PlainText(runs), -1)
	all := make([]commonmark.Run, len(runs))
	from := 0
	for i, r := range runs {
		to := from + len(r.Text)
		var b strings.Builder
		done := from
		for _, f := range found {
			if at := f[0] + 1; from < at && at <= to {
				b.WriteString(r.Text[done-from:at-from] + wordJoiner)
				done = at
			}
		}
		b.WriteString(r.Text[done-from:])
		r.Text = b.String()
		all[i], from = r, to
	}
	return all
}

// disarmURL changes an address so that "@room" notifies nobody. It leads to the same place.
func disarmURL(address string) string {
	return roomMention.ReplaceAllStringFunc(address, func(m string) string { return "%40" + m[1:] })
}

// isUserLink tells whether clients treat an address as a mention of a user.
func isUserLink(address string) bool { return strings.HasPrefix(permalink(address), "@") }

var (
	// https://spec.matrix.org/v1.11/appendices/#matrixto-navigation, and the same of other hosts
	matrixToPattern = regexp.MustCompile(`^/(?:user/|room/)?([@#][^/?:]*:[^/?]+)(?:\?.*)?$`)
	// https://spec.matrix.org/v1.11/appendices/#matrix-uri-scheme
	matrixURIPattern = regexp.MustCompile(`^(u|r)/([^/?]+)$`)
)

// permalink is the user ("@amy:example.org") or room ("#room:example.org") that an address leads to, or "".
func permalink(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return ""
	}
	if u.Scheme == "matrix" {
		if m := matrixURIPattern.FindStringSubmatch(u.Opaque); m != nil {
			return map[string]string{"u": "@", "r": "#"}[m[1]] + m[2]
		}
		return ""
	}
	if m := matrixToPattern.FindStringSubmatch(u.Fragment); m != nil {
		return m[1]
	}
	return ""
}

// mention is the text for a link to a user or room. words are those of the link.
func (l *converter) mention(target, words string) string {
	words = strings.Join(strings.Fields(commonmark.Clean(words)), " ")
	own := words != "" && !strings.Contains(words, target) && !strings.Contains(words, "://")
	switch {
	case target[0] == '#' && own:
		return words
	case target[0] == '#':
		return target
	case !own:
		user := id.UserID(target)
		words = user.Localpart()
		if l.name != nil {
			words = cmp.Or(strings.Join(strings.Fields(commonmark.Clean(l.name(user))), " "), words)
		}
	}
	return "@" + strings.TrimLeft(words, "@")
}
