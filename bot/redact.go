package bot

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/questions"
)

const (
	// quotePlaceholder stands where a quotation was, and somebody where a person was addressed, who was erased.
	quotePlaceholder   = "> […]"
	mentionPlaceholder = "@somebody"
	// minQuotedWords is how many words of a longer text tell that they were quoted from it. Fewer may be anybody's.
	minQuotedWords = 3
)

// A trace is by what somebody is found in what others say.
type personMatcher struct {
	names  []string // their names and ID
	others []string // names of everybody else, of which theirs may be the beginning
	texts  []string // all that they have said, plainly
}

func (b *Bot) newPersonMatcher(ctx context.Context, workspace string, who adapters.UserID, names []string) (t personMatcher, err error) {
	if t.names, err = b.db.NamesOf(ctx, workspace, who); err != nil {
		return t, err
	}
	if t.others, err = b.db.NamesExcept(ctx, workspace, who); err != nil {
		return t, err
	}
	t.names = slices.Concat(t.names, names, []string{string(who)})
	answers, err := b.db.AnswersBy(ctx, workspace, who)
	for _, a := range answers {
		t.texts = append(t.texts, plainWords(a.Text))
	}
	return t, err
}

// redact is a text of somebody else's without quotations of theirs, and without their name where they are addressed.
// What others say of them in words of their own stays.
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
	return t.redactMentions(strings.Join(lines, "\n"))
}

// inQuote tells whether lines of a quotation hold their name or words.
func (t personMatcher) inQuote(lines []string) bool {
	whole := plainWords(strings.Join(lines, " "))
	for _, name := range t.names {
		if containsWords(whole, plainWords(name)) {
			return true
		}
	}
	for _, words := range t.texts {
		if containsWords(whole, words) {
			return true
		}
		for _, line := range append(lines, strings.Join(lines, " ")) {
			_, said, _ := strings.Cut(line, ": ") // behind a name that they did not go by here
			for _, part := range []string{plainWords(line), plainWords(said)} {
				if strings.Count(part, " ")+1 >= minQuotedWords && containsWords(words, part) {
					return true
				}
			}
		}
	}
	return false
}

// redactMentions is a text in which nobody says "@" and their name.
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

// longestMention is how much of the beginning of a text addresses one of some names, as it is or as CommonMark has it.
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

// matches tells whether a text, of whatever kind, holds their name or all of something that they said.
func (t personMatcher) matches(text string) bool {
	text = plainWords(text)
	for _, name := range t.names {
		if containsWords(text, plainWords(name)) {
			return true
		}
	}
	for _, words := range t.texts {
		if containsWords(text, words) {
			return true
		}
	}
	return false
}

// plainWords is a text as its letters and digits alone, in lower case, in words.
func plainWords(text string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(backslashEscape.ReplaceAllString(text, "$1"), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " "))
}

// containsWords tells whether plain words stand in others.
func containsWords(text, words string) bool {
	return words != "" && strings.Contains(" "+text+" ", " "+words+" ")
}
