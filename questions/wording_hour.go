package questions

import (
	"strings"
	"time"
)

// The words of the hour itself: what everybody reads when a host moves the timetable, and what one person alone is told.

// Credited is a question with the name of whoever suggested it, "" for nobody.
func Credited(text, name string) string {
	if name == "" {
		return text
	}
	return text + "\n\n*Suggested by " + Plain(name) + ".*"
}

// Plain is a text of one line that reads as it stands in CommonMark.
func Plain(s string) string {
	return markup.Replace(strings.Join(strings.Fields(s), " "))
}

// markup is what CommonMark would take for its own.
var markup = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "`", "\\`", "~", `\~`, "&", `\&`)

// Clock writes the time of day of an instant in the chat's zone, for each reader in their own.
func (c Chat) Clock(t time.Time) string { return TimeElement(t.In(c.Starts.Location()), "15:04 MST") }

// Date is Clock with the day.
func (c Chat) Date(t time.Time) string {
	return TimeElement(t.In(c.Starts.Location()), "Monday 2 January, 15:04 MST")
}

// Changes tells people what is other than they have heard in a new version of a chat; "" for nothing that concerns them.
func Changes(before, c Chat) string {
	var all []string
	if !before.Starts.Equal(c.Starts) {
		all = append(all, "it begins on "+c.Date(c.Starts)+", and not on "+c.Date(before.Starts))
	}
	if before.Length() != c.Length() {
		all = append(all, "it closes at "+c.Clock(c.Ends))
	}
	if before.Title != c.Title {
		all = append(all, "it was called “"+Plain(before.Title)+"”")
	}
	if before.Leader != c.Leader && c.Leader != "" {
		all = append(all, "it is led by "+Plain(c.Leader))
	}
	if n := len(c.Planned()); n != len(before.Planned()) {
		all = append(all, "it has "+Plural(n, "question"))
	}
	for i, q := range c.Planned() {
		if i < len(before.Planned()) && Prompt(q) != Prompt(before.Planned()[i]) {
			all = append(all, Label(q.N)+" is reworded") // not how: it may not have been told yet
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "📅 **Changed: " + Plain(c.name()) + "**\n\n- " + strings.Join(all, "\n- ")
}

// StepTitle is what people call a step in the middle of a sentence: "Q3", "the welcome".
func StepTitle(step string) string {
	if n := StepSection(step).Question(); n > 0 {
		return Label(n)
	}
	switch step {
	case "introductions":
		return step
	case "last-call":
		return "the last call"
	case "halfway":
		return "the halfway line"
	}
	return "the " + step
}

// HelpHost and HelpParticipant are the help that fits a person.
const (
	HelpHost = "**You host this chat.** Say these to me here, in a room after `!catchword`, or privately:\n\n" +
		"- `next` · `skip` · `back` · `repeat` the question\n" +
		"- `hold` and `resume` · `extend 3m` · `end`\n" +
		"- `ask TEXT`, one more question · `say TEXT`, in every room\n" +
		"- `accept 1` · `decline 1`, of what was suggested · `status`\n\n" +
		"And, like everybody: `where`, `suggest TEXT`, `anon TEXT`, `pseudonym NAME`, `optout`, `optin`."
	HelpParticipant = "I pass this chat on between its rooms, and keep its archive. Say these to me here, in a room after `!catchword`, or privately:\n\n" +
		"- `where`: which question we are on\n" +
		"- `suggest TEXT`: a question for the hosts to ask\n" +
		"- `anon TEXT`, privately: to be passed on without your name, if a host agrees\n" +
		"- `optout`, `optin`: stay out of the other rooms and of the archive · `pseudonym NAME`: under another name · 🚫 on a message of yours keeps that one out"
)

// NotUnderstood is said of what is no command.
func NotUnderstood(help string) string { return "I don’t know that command. " + help }

// HostsOnly is the polite no to somebody who is not a host.
const HostsOnly = "That is for the hosts of the chat. `suggest TEXT` brings a wish before them, and `where` tells you which question we are on."
