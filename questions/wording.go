package questions

import (
	"fmt"
	"strings"
	"time"
)

// All that the bot posts on schedule is in this file, for organisers who want to change the wording.

const (
	introductionsText = "**Introductions.** Who is here, and where do you work? Please reply in this thread. 👋"
	lastCallText      = "**The last few minutes.** Is there anything you wanted to say and haven’t yet? Every question’s thread is still open."

	// recordingNotice is posted in every room before anything is recorded.
	recordingNotice = "📝 *This chat is recorded.* Replies in these threads, and messages with a question’s tag or the hashtag, are shared with " +
		"the other rooms of this chat under your name, and kept in its public archive. If you edit or delete your message, the copies follow. " +
		"To stay out, send `!catchword optout`, now or later. To leave out one message, react to it with 🚫. " +
		"To appear under another name, send `!catchword pseudonym NAME`."
	// recordingReminder is the short form, posted while the chat runs.
	recordingReminder = "📝 *This chat is recorded*, for the other rooms and the public archive. Send `!catchword optout` to stay out. " +
		"To leave out one message, react to it with 🚫."
	// recordedNotice is posted after the chat.
	recordedNotice = "📝 *This chat was recorded.* You can still send `!catchword optout` to remove your messages from the other rooms " +
		"and the archive. To remove only one, react to it with 🚫."
)

// OwnRoomNotice follows the recording notice in a room that is used for the chat alone.
const OwnRoomNotice = "In this room, *everything* posted while the chat runs is part of it."

// TimeElement writes an instant as a <time> element. Platforms that can do so show it in each reader's own time zone.
func TimeElement(t time.Time, layout string) string {
	return fmt.Sprintf("<time datetime=%q>%s</time>", t.UTC().Format(time.RFC3339), t.Format(layout))
}

func (c Chat) name() string {
	if c.Hashtag == "" {
		return EscapeLine(c.Title)
	}
	return EscapeLine(c.Hashtag + ": " + c.Title)
}

func (c Chat) when() string { return TimeElement(c.Starts, "Monday 2 January 2006, 15:04 MST") }

func (c Chat) ledBy() string {
	if c.Leader == "" {
		return ""
	}
	return ", led by " + EscapeLine(c.Leader)
}

// RecordingNotice returns the recording notice, with the chat's ArchiveNote.
func (c Chat) RecordingNotice() string {
	if c.ArchiveNote == "" {
		return recordingNotice
	}
	return recordingNotice + " " + escapeWithLinks(c.ArchiveNote)
}

func (c Chat) reminder(name string, at time.Time) Step {
	var b strings.Builder
	before := c.Starts.Sub(at)
	fmt.Fprintf(&b, "⏰ **%s** — %s, here in this room%s.\n\n", c.name(), c.when(), c.ledBy())
	if before >= fullReminderBefore {
		if c.Introduction != "" {
			b.WriteString(c.Introduction + "\n\n")
		}
		for _, q := range c.PlannedQuestions() {
			b.WriteString(questionSummary(q) + "\n\n")
		}
	}
	b.WriteString(c.RecordingNotice())
	return Step{Name: name, Kind: KindReminder, At: at, Text: b.String()}
}

func (c Chat) welcome() string {
	var b strings.Builder
	fmt.Fprintf(&b, "👋 **Welcome to %s**%s.\n\n", c.name(), c.ledBy())
	if c.Introduction != "" {
		b.WriteString(c.Introduction + "\n\n")
	}
	switch n := len(c.PlannedQuestions()); n {
	case 0:
		fmt.Fprintf(&b, "There are no set questions this time: we’ll just talk, until %s.\n\n", TimeElement(c.Ends, "15:04 MST"))
	case 1:
		fmt.Fprintf(&b, "There is one question, at %s, and we close at %s. Please answer it in its thread.\n\n",
			TimeElement(c.Starts.Add(c.leadIn()), "15:04"), TimeElement(c.Ends, "15:04 MST"))
	default:
		fmt.Fprintf(&b, "There are %d questions, the first at %s, and we close at %s. Please answer each one in its thread.\n\n",
			n, TimeElement(c.Starts.Add(c.leadIn()), "15:04"), TimeElement(c.Ends, "15:04 MST"))
	}
	b.WriteString(c.RecordingNotice())
	return b.String()
}

func (c Chat) questionText(q Question) string {
	return fmt.Sprintf("## %s\n\n%s", Label(q.N), Prompt(q)) + fmt.Sprintf("\n\n*Reply in this thread, or begin your message with A%d.*", q.N)
}

func questionSummary(q Question) string { return fmt.Sprintf("**%s.** %s", Label(q.N), Prompt(q)) }

// Prompt returns a question's text and points, without its number.
func Prompt(q Question) string {
	var b strings.Builder
	b.WriteString(q.Text)
	if len(q.Points) > 0 {
		b.WriteByte('\n')
	}
	for _, p := range q.Points {
		b.WriteString("\n- " + strings.ReplaceAll(p, "\n", "\n  "))
	}
	return b.String()
}

func (c Chat) halfway() string {
	return fmt.Sprintf("⏳ **Halfway.** Lost track? Send `!catchword where` to see which question we are on. %s", recordingReminder)
}

func (c Chat) closing() string {
	thanks := "🙏 **Thank you all for coming.**"
	if c.Leader != "" {
		thanks = fmt.Sprintf("🙏 **Thank you, %s, for leading, and thank you all for coming.**", EscapeLine(c.Leader))
	}
	return thanks + " The threads stay open for late answers; the numbers and the archive follow in a moment.\n\n" + recordedNotice
}

// NumbersText is posted after the closing. It has the counts, and a link to the archive if link isn't empty.
func (c Chat) NumbersText(t Tally, link string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "📊 **%s in numbers:** %s from %s", c.name(), Plural(t.Answers, "answer"), Plural(t.People, "person"))
	if t.Reactions > 0 {
		fmt.Fprintf(&b, ", %s", Plural(t.Reactions, "reaction"))
	}
	b.WriteString(".\n")
	for _, q := range c.Questions {
		n := t.Sections[QuestionSection(q.N)]
		fmt.Fprintf(&b, "\n- %s: %s from %s", Label(q.N), Plural(n.Answers, "answer"), Plural(n.People, "person"))
	}
	if link != "" {
		fmt.Fprintf(&b, "\n\nThe archive: %s", link)
	}
	return b.String()
}

// Plural writes a count with its noun: "1 answer", "2 people".
func Plural(n int, one string) string {
	switch {
	case n == 1:
		return "1 " + one
	case one == "person":
		return fmt.Sprintf("%d people", n)
	}
	return fmt.Sprintf("%d %ss", n, one)
}
