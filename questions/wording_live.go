package questions

import (
	"strings"
	"time"
)

// The words of the hour itself: what everybody reads when a host moves the timetable, and what one person alone is told.

// WithCredit is a question with the name of whoever suggested it, "" for nobody.
func WithCredit(text, name string) string {
	if name == "" {
		return text
	}
	return text + "\n\n*Suggested by " + EscapeLine(name) + ".*"
}

// EscapeLine is a text of one line that reads as it stands in CommonMark.
func EscapeLine(s string) string {
	return commonMarkEscaper.Replace(strings.Join(strings.Fields(s), " "))
}

// commonMarkEscaper is what CommonMark would take for its own.
var commonMarkEscaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "`", "\\`", "~", `\~`, "&", `\&`)

// FormatClock writes the time of day of an instant in the chat's zone, for each reader in their own.
func (c Chat) FormatClock(t time.Time) string {
	return TimeElement(t.In(c.Starts.Location()), "15:04 MST")
}

// FormatDate is Clock with the day.
func (c Chat) FormatDate(t time.Time) string {
	return TimeElement(t.In(c.Starts.Location()), "Monday 2 January, 15:04 MST")
}

// ChangeNotice tells people what is other than they have heard in a new version of a chat; "" for nothing that concerns them.
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
			all = append(all, Label(q.N)+" has been reworded") // not how: it may not have been told yet
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "📅 **Changed: " + EscapeLine(c.name()) + "**\n\n- " + strings.Join(all, "\n- ")
}

// StepTitle is what people call a step in the middle of a sentence: "Q3", "the welcome".
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
