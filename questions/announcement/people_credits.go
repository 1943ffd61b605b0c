package announcement

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A credit names the people who do something for a chat.
type credit struct {
	text   string   // as written, without handles, job titles and employers
	people []string // each of them
	cue    string   // the words that say what they do
	past   bool     // they did it for an earlier chat
	helps  bool     // they facilitate, while others lead
	rank   int      // how sure the words are
	from   int      // where the names stand
	to     int
}

// credits finds who is said to lead, or to have led, a chat.
func credits(s string) []credit {
	var all []credit
	add := func(from, to int, text string, names []string, cue, verb string, rank int) {
		for _, c := range all {
			if from < c.to && c.from < to {
				return
			}
		}
		sf, st := sentenceAt(s, from)
		said, ahead := s[sf:st], s[sf:from]
		if organised.MatchString(text) {
			rank -= 2
		}
		past := thanks.MatchString(said) && !promises.MatchString(said) && (forLeading.MatchString(s[to:]) || rank < 3 || thanks.MatchString(ahead)) ||
			earlier.MatchString(ahead) && !toCome.MatchString(said) || rank == 9
		all = append(all, credit{text, names, cue, past, helpVerb.MatchString(verb), rank, from, to})
	}
	for _, re := range []struct {
		cue  *regexp.Regexp
		rank int
	}{{ledBy, 5}, {whoIs, 4}, {hostIs, 4}, {withAt, 4}, {opening, 3}, {ours, 3}, {over, 2}, {chatFor, 1}} {
		for _, m := range re.cue.FindAllStringSubmatchIndex(s, maxMentions) {
			at, verb := skipArticles(s, m[1]), ""
			if re.cue == withAt {
				at = m[1] - 1
			}
			if len(m) > 2 && m[2] >= 0 {
				verb = s[m[2]:m[3]]
			}
			if text, names, n := people(s[at:]); n > 0 && (re.rank > 1 || strings.Contains(names[0], " ") && !jobWords.MatchString(text)) {
				add(at, at+n, text, names, strings.TrimSpace(s[m[0]:m[1]]), verb, re.rank)
			} else if nick := nickname.FindString(s[at:]); nick != "" && re.rank > 3 {
				add(at, at+len(nick), nick, []string{nick}, strings.TrimSpace(s[m[0]:m[1]]), verb, re.rank)
			}
		}
	}
	if m := byName.FindStringIndex(s); m != nil && len(s) < 90 { // "With Ada Box", as a line of its own
		if text, names, n := people(s[m[1]:]); n > 0 && strings.Contains(names[0], " ") && len(strings.Trim(s[m[1]+n:], " .!")) == 0 {
			add(m[1], m[1]+n, text, names, "with", "", 3)
		}
	}
	for at, tries := 0, 0; at < len(s) && tries < 10*maxMentions; {
		r, size := utf8.DecodeRuneInString(s[at:])
		if at > 0 && !strings.ContainsRune(" (“\"", rune(s[at-1])) && s[at-1] < 0x80 || !unicode.IsUpper(r) && r != '@' {
			at += size
			continue
		}
		tries++
		text, names, n := people(s[at:])
		if n == 0 {
			at += size
			continue
		}
		end, _ := skipDescription(s, at+n)
		rest := s[min(end, len(s)):]
		sf, _ := sentenceAt(s, at)
		m, l := leads.FindStringSubmatch(rest), lastly.FindStringSubmatch(rest)
		switch {
		case s[at] == '@' && withHandle.MatchString(s[:at]):
			add(at, at+n, text, names, "with", "", 3)
		case employer.MatchString(s[sf:at]): // "Ann Lee of Moor Lane leads"
		case thanks.MatchString(s[sf:at]) && forLeading.MatchString(s[at+n:]):
			add(at, at+n, text, names, "thanks", forLeading.FindStringSubmatch(s[at+n:])[1], 6)
		case m != nil && (strings.Contains(text, " ") || !bareVerb.MatchString(m[0]) || strings.HasSuffix(strings.ToLower(s[sf:at]), "with ")):
			if len(names) == 2 && strings.Contains(text, ", ") && !strings.Contains(text, " and ") {
				at += strings.LastIndex(s[at:at+n], names[1]) // "after Ann Lee, Ben Ray takes over"
				text, names, n = names[1], names[1:], len(names[1])
			}
			add(at, at+n, text, names, m[0], m[1], 4)
		case l != nil && !strings.HasPrefix(lastly.ReplaceAllString(rest, ""), " by"):
			add(at, at+n, text, names, l[0], l[1], 9)
		case strings.Contains(text, " ") && later.MatchString(s[at+n:]):
			add(at, at+n, text, names, later.FindString(s[at+n:]), "", 4)
		}
		at += max(n, size)
	}
	return all
}

var articles = regexp.MustCompile(`^(?:(?:our|the|your|both|special|guest|guests|lovely|brilliant|wonderful|fabulous|fantastic|excellent|own|very|friend|friends|colleague|colleagues|host|hosts|librarian|committee member|member|die|der|die beiden|la|le|el)\s+)+`)

func skipArticles(s string, at int) int { return at + len(articles.FindString(s[at:])) }
