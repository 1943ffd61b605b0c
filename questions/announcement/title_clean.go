package announcement

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cleanTitle takes date, time, zone, hashtag and what every announcement says off a title: it is the first part,
// before, between or after dates and times, that says more.
func (p *reader) cleanTitle(s string) string {
	t := tokens(s)
	dates := findDates(t)
	clocks := findClocks(t, dates)
	cut := []int{0}
	for _, d := range dates {
		if d.full() || len(clocks) > 0 && d.Day > 0 || len(clocks) > 0 && d.Weekday != "" {
			cut = append(cut, d.from, d.to)
		}
	}
	for _, c := range clocks {
		cut = append(cut, c.from, c.to)
	}
	slices.Sort(cut)
	cut = append(cut, len(s))
	for i := 0; i+1 < len(cut); i += 2 {
		if title := p.cleanPart(s[cut[i]:max(cut[i], cut[i+1])]); title != "" {
			return title
		}
	}
	return ""
}

// held stands for a hashtag that its phrase can't do without.
const held = "\uFFFC"

// cleanPart takes off what says no more than "our next chat", and the hashtag; "" if nothing is left.
func (p *reader) cleanPart(s string) string {
	if strongly.MatchString(s) && !strings.ContainsAny(s, ":–—|") || allTimes.MatchString(s) || placeOnly.MatchString(s) || strings.Contains(s, "w/ @") {
		return ""
	}
	whole, tag := strings.TrimSpace(s), p.r.Hashtag.Value
	found := hashtagPat.FindAllStringSubmatchIndex(s, -1)
	slices.Reverse(found)
	for _, m := range found {
		if tag == "" || !strings.EqualFold(s[m[2]:m[3]], tag) {
			continue
		}
		put := " "
		if needsObject.MatchString(s[:m[2]]) && strings.Count(strings.TrimSpace(s[:m[2]]), " ") > 1 && !startsBoiler.MatchString(s[:m[2]]) || needed.MatchString(s[m[3]:]) {
			put = held + " " // "What’s next for #libs?" needs its object
		}
		s = strings.TrimRight(s[:m[2]], " ") + " " + put + strings.TrimLeft(s[m[3]:], " ")
	}
	s = toFollow.ReplaceAllString(shortcodes.ReplaceAllString(s, ""), "")
	s = titleCredit.ReplaceAllString(s, "")
	s = strings.TrimFunc(s, decorative)
	s = strings.TrimSpace(clean(emptyPairs.ReplaceAllString(s, " ")))
	s = doubled.ReplaceAllString(s, "$1")
	for range 8 {
		was := s
		s = strings.TrimSpace(trailers.ReplaceAllString(s, ""))
		s = strings.TrimSpace(joiners.ReplaceAllString(s, ""))
		for _, pattern := range []*regexp.Regexp{boilerplate, theChat, leadingNext} {
			if rest := strings.TrimSpace(pattern.ReplaceAllString(s, "")); rest != "" {
				s = rest
			}
		}
		if s == was {
			break
		}
	}
	s = numbering.ReplaceAllString(s, "$1")
	s = strings.NewReplacer(" ,", ",", " :", ":", " ?", "?", held+" ?", tag+"?", held, tag).Replace(s)
	if strings.HasPrefix(whole, "¿") && !strings.HasPrefix(s, "¿") && strings.HasSuffix(s, "?") {
		s = "¿" + s
	}
	if saysNothing.MatchString(s) || strings.EqualFold(s, tag) || strings.IndexFunc(s, unicode.IsLetter) < 0 {
		return ""
	}
	return upperFirst(s)
}

var needsObject = regexp.MustCompile(`(?i)\b(?:slow|for|of|about|with|to|is|does|do|our)\s+(?:the\s+)?$`)

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
