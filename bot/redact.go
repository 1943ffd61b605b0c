package bot

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/questions"
)

const (
	// quotePlaceholder and mentionPlaceholder replace quotes and mentions of a person who was erased.
	quotePlaceholder   = "> […]"
	mentionPlaceholder = "@somebody"
	// minQuotedWords is how many words in common make a quote. Fewer may be anybody's.
	minQuotedWords = 3
)

// A personMatcher finds somebody's words and names in what others say. A name of one word, such as Will or Rose, may be
// any word: it counts only where it addresses somebody or says who is quoted.
type personMatcher struct {
	id     string
	names  []string // their names
	others []string // everybody else's names, which may begin with one of theirs
	texts  []string // all their answers, as plainWords
}

func (b *Bot) newPersonMatcher(ctx context.Context, workspace string, who adapters.UserID, names []string) (t personMatcher, err error) {
	t.id = string(who)
	if t.names, err = b.db.NamesOf(ctx, workspace, who); err != nil {
		return t, err
	}
	if t.others, err = b.db.NamesExcept(ctx, workspace, who); err != nil {
		return t, err
	}
	t.names = append(t.names, names...)
	answers, err := b.db.AnswersBy(ctx, workspace, who)
	for _, a := range answers {
		t.texts = append(t.texts, plainWords(a.Text))
	}
	return t, err
}

// redact removes quotes and mentions of the person from somebody else's text. What others say about them in their own
// words stays.
func (t personMatcher) redact(text string) string {
	var lines, quotation []string
	end := func() {
		if len(quotation) > 0 && t.inQuote(quotation) {
			quotation = []string{quotePlaceholder}
		}
		lines = append(lines, quotation...)
		quotation = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), ">") {
			quotation = append(quotation, line)
			continue
		}
		end()
		lines = append(lines, line)
	}
	end()
	return t.redactAll(strings.Join(lines, "\n"))
}

// redactAll removes their ID and names from a text, wherever they count.
func (t personMatcher) redactAll(text string) string {
	for _, id := range []string{t.id, url.QueryEscape(t.id), strings.Replace(t.id, "@", "%40", 1)} { // as in links
		link := regexp.MustCompile(`(?i)\[[^\]\n]*\]\([^)\s]*` + regexp.QuoteMeta(id) + `(?:[?/][^)\s]*)?\)`)
		text = replaceWhole(link.ReplaceAllString(text, "somebody"), "(?i)", id)
	}
	return t.redactNames(t.redactMentions(text))
}

// inQuote tells whether a quote contains their name or words.
func (t personMatcher) inQuote(lines []string) bool {
	whole := plainWords(strings.Join(lines, " "))
	if t.namedIn(strings.Join(lines, "\n")) {
		return true
	}
	for _, words := range t.texts {
		if containsWords(whole, words) {
			return true
		}
		for _, line := range append(lines, strings.Join(lines, " ")) {
			_, afterName, _ := strings.Cut(line, ": ") // after a name that they don't have here
			for _, part := range []string{plainWords(line), plainWords(afterName)} {
				if strings.Count(part, " ")+1 >= minQuotedWords && containsWords(words, part) {
					return true
				}
			}
		}
	}
	return false
}

// namedIn tells whether a text names the person.
func (t personMatcher) namedIn(text string) bool {
	return t.redactAll(text) != text
}

// redactNames replaces their full name, and their name where a line begins by addressing or quoting them.
func (t personMatcher) redactNames(text string) string {
	for _, name := range t.names {
		name = strings.TrimPrefix(name, "@")
		for _, called := range slices.Compact([]string{questions.EscapeLine(name), name}) {
			switch {
			case called == "" || !strings.Contains(text, called):
			case strings.Contains(called, " "):
				text = replaceWhole(text, "", called) // as they write it: will power is no Will Power
			default:
				// "Will, …", "Will: …", "> **Will · nhs**: …", "Will wrote: …", "Dear Will". Nobody writes a name small
				// there.
				address := regexp.MustCompile(`(?m)^([>\s*_]*(?:(?i:dear|hi|hello|hey|thanks|thank you),? )?)` + regexp.QuoteMeta(called) +
					`([*_]*(?: · [^:\n]*)?(?:[,:!]|(?: [^:\n]{0,20})? (?:wrote|said|says|asked):?|$))`)
				text = address.ReplaceAllString(text, "${1}somebody${2}")
			}
		}
	}
	return text
}

// replaceWhole replaces a name wherever it stands as whole words. flags are those of regexp.
func replaceWhole(text, flags, name string) string {
	if name == "" || !strings.Contains(strings.ToLower(text), strings.ToLower(name)) {
		return text
	}
	whole := regexp.MustCompile(flags + `(^|[^\pL\pN])` + regexp.QuoteMeta(name) + `($|[^\pL\pN])`)
	for range 2 { // two that share what is between them can't both be found at once
		text = whole.ReplaceAllString(text, "${1}somebody${2}")
	}
	return text
}

// redactMentions replaces "@" and their name in a text.
func (t personMatcher) redactMentions(text string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(text, '@')
		if at < 0 {
			return b.String() + text
		}
		b.WriteString(text[:at])
		text = text[at:]
		called, other := longestMention(text, t.names), longestMention(text, t.others)
		switch {
		case called > other:
			b.WriteString(mentionPlaceholder)
			text = text[called:]
		default:
			skip := max(other, 1)
			b.WriteString(text[:skip])
			text = text[skip:]
		}
	}
}

// longestMention is the length of the mention of one of names that a text begins with, plain or escaped as CommonMark.
func longestMention(text string, names []string) (n int) {
	for _, name := range names {
		name = strings.TrimPrefix(name, "@")
		for _, called := range []string{"@" + name, "@" + questions.EscapeLine(name)} {
			if name == "" || len(text) < len(called) || !strings.EqualFold(text[:len(called)], called) {
				continue
			}
			if next, _ := utf8.DecodeRuneInString(text[len(called):]); !unicode.IsLetter(next) && !unicode.IsDigit(next) {
				n = max(n, len(called))
			}
		}
	}
	return n
}

// matches tells whether a text names them or contains a whole answer of theirs.
func (t personMatcher) matches(text string) bool {
	if t.namedIn(text) {
		return true
	}
	text = plainWords(text)
	for _, words := range t.texts {
		if containsWords(text, words) {
			return true
		}
	}
	return false
}

// plainWords is the words of a text, in lower case, with letters and digits only.
func plainWords(text string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(backslashEscape.ReplaceAllString(text, "$1"), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " "))
}

// containsWords tells whether a text contains words; both are plainWords.
func containsWords(text, words string) bool {
	return words != "" && strings.Contains(" "+text+" ", " "+words+" ")
}
