package questions

import (
	"regexp"
	"strings"
	"time"
)

// WithCredit adds the name of the person who suggested a question. It adds nothing if name is "".
func WithCredit(text, name string) string {
	if name == "" {
		return text
	}
	return text + "\n\n*Suggested by " + EscapeLine(name) + ".*"
}

// EscapeLine writes plain text as one line of CommonMark.
func EscapeLine(s string) string {
	return commonMarkEscaper.Replace(strings.Join(strings.Fields(s), " "))
}

// escapeWithLinks is EscapeLine, but web addresses are links.
func escapeWithLinks(s string) string {
	var b strings.Builder
	end := 0
	for _, at := range webAddress.FindAllStringIndex(s, -1) {
		before := s[end:at[0]]
		b.WriteString(commonMarkEscaper.Replace(before) + "<" + s[at[0]:at[1]] + ">")
		end = at[1]
	}
	b.WriteString(commonMarkEscaper.Replace(s[end:]))
	return strings.Join(strings.Fields(b.String()), " ")
}

// webAddress leaves out the punctuation after an address.
var webAddress = regexp.MustCompile("https?://[^\\s<>]*[^\\s<>.,;:!?)\\]'\"]")

var commonMarkEscaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "`", "\\`", "~", `\~`, "&", `\&`)

// FormatClock writes the time of day in the chat's zone, as a <time> element.
func (c Chat) FormatClock(t time.Time) string {
	return TimeElement(t.In(c.Starts.Location()), "15:04 MST")
}

// FormatDate is like FormatClock, with the date.
func (c Chat) FormatDate(t time.Time) string {
	return TimeElement(t.In(c.Starts.Location()), "Monday 2 January, 15:04 MST")
}

// ChangeNotice lists what a new version of a chat changes for participants. It is "" if nothing changes.
func ChangeNotice(before, c Chat) string {
	var all []string
	if !before.Starts.Equal(c.Starts) {
		all = append(all, "it now starts on "+c.FormatDate(c.Starts)+", not on "+c.FormatDate(before.Starts))
	}
	if before.Length() != c.Length() {
		all = append(all, "it now closes at "+c.FormatClock(c.Ends))
	}
	if before.Title != c.Title {
		all = append(all, "it has a new title; it was “"+EscapeLine(before.Title)+"”")
	}
	if before.Leader != c.Leader && c.Leader != "" {
		all = append(all, "it is now led by "+EscapeLine(c.Leader))
	}
	if n := len(c.PlannedQuestions()); n != len(before.PlannedQuestions()) {
		all = append(all, "it now has "+Plural(n, "question"))
	}
	for i, q := range c.PlannedQuestions() {
		if i < len(before.PlannedQuestions()) && Prompt(q) != Prompt(before.PlannedQuestions()[i]) {
			all = append(all, Label(q.N)+" has been reworded") // not how: the question may not have been posted yet
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "📅 **Changed: " + c.name() + "**\n\n- " + strings.Join(all, "\n- ")
}

// StepTitle returns what people call a step in the middle of a sentence: "Q3", "the welcome".
func StepTitle(step string) string {
	if n := StepSection(step).QuestionNumber(); n > 0 {
		return Label(n)
	}
	switch step {
	case "introductions":
		return step
	case "last-call":
		return "the last call"
	case "halfway":
		return "the halfway post"
	}
	return "the " + step
}
