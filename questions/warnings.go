package questions

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// minQuestionTime is how long people need to read a question and write an answer. Chats shorter than testChatLength
	// are treated as tests, and not checked for this.
	minQuestionTime = 3 * time.Minute
	testChatLength  = 20 * time.Minute
	// maxUsualReminders is how many reminders people accept.
	maxUsualReminders = 14
)

// PostLimits is how long a post may be on a platform.
type PostLimits struct {
	Platform  string // as people call it
	Text      int    // characters of a whole post
	Paragraph int    // characters of one paragraph
}

// A Warning is something in a valid chat file that is probably a mistake.
type Warning struct {
	Step    string // the step it is about, or "" for the whole chat
	Message string
}

func (w Warning) String() string {
	if w.Step == "" {
		return w.Message
	}
	return w.Step + " " + w.Message
}

// Warnings returns what organisers overlook: a start before now, clocks that change, posts that are too long, too
// little time for a question, and a date that isn't in the chat's series.
func (c Chat) Warnings(now time.Time, platforms ...PostLimits) []Warning {
	agenda := c.Agenda()
	var all []Warning
	all = append(all, c.pastWarnings(agenda, now)...)
	all = append(all, c.seriesWarnings()...)
	all = append(all, c.clockChangeWarnings(agenda)...)
	all = append(all, c.reminderWarnings(agenda)...)
	all = append(all, c.shortTimeWarnings(agenda)...)
	for _, limits := range platforms {
		all = append(all, limits.warnings(agenda)...)
	}
	return all
}

func (c Chat) pastWarnings(agenda []Step, now time.Time) []Warning {
	if !now.Before(c.Starts) {
		return []Warning{{"", fmt.Sprintf("the chat's start, %s, is in the past", c.Starts.Format("Monday 2 January 2006, 15:04 MST"))}}
	}
	var past []string
	for _, s := range agenda {
		if s.At.Before(now) {
			past = append(past, s.Name)
		}
	}
	if len(past) == 0 {
		return nil
	}
	return []Warning{{"", fmt.Sprintf("these steps are already past: %s. Of missed reminders, only the last is posted", strings.Join(past, ", "))}}
}

func (c Chat) seriesWarnings() []Warning {
	if c.Series.IsZero() || c.Series.Includes(c.Starts) {
		return nil
	}
	const layout = "Monday 2 January 2006, 15:04 MST"
	return []Warning{{"", fmt.Sprintf("the start, %s, is not in the series (%s), which has %s",
		c.Starts.Format(layout), c.Series, c.Series.Next(c.Starts.AddDate(0, 0, -14)).Format(layout))}}
}

// clockChangeWarnings warns if the zone's clocks change between the first step and the last. Steps are offsets from the
// start, so those before the change have another time of day.
func (c Chat) clockChangeWarnings(agenda []Step) []Warning {
	var all []Warning
	first, last := agenda[0].At, agenda[len(agenda)-1].At
	for at := first; ; {
		_, change := at.ZoneBounds()
		if change.IsZero() || change.After(last) {
			return all
		}
		before := change.Add(-time.Nanosecond)
		_, from := before.Zone()
		_, to := change.Zone()
		at = change
		if from == to {
			continue // only the name changes
		}
		moved := "forward"
		if to < from {
			moved = "back"
		}
		shift := time.Duration(to-from) * time.Second
		when := change.In(time.FixedZone(before.Format("MST"), from))
		message := fmt.Sprintf("the clocks of %s go %s on %s (%s becomes %s)",
			c.Starts.Location(), moved, when.Format("Monday 2 January 2006"), when.Format("15:04 MST"), change.Format("15:04 MST"))
		if change.After(c.Starts) {
			message += fmt.Sprintf(", during the chat: it ends at %s", c.Ends.Format("15:04 MST"))
		} else if days := wholeDaySteps(agenda, c.Starts, change); len(days) > 0 {
			message += fmt.Sprintf(", before the chat: %s, which is %s by local time than the chat", strings.Join(days, ", "), formatShift(shift))
		} else {
			message += ", before the chat: give the zone with the time when you announce it"
		}
		all = append(all, Warning{"", message})
	}
}

// wholeDaySteps lists the times of the steps that are whole days before the start, and before the change.
func wholeDaySteps(agenda []Step, starts, change time.Time) []string {
	var all []string
	for _, s := range agenda {
		if s.At.Before(change) && starts.Sub(s.At)%day == 0 {
			all = append(all, fmt.Sprintf("%s is posted at %s", s.Name, s.At.Format("15:04 MST")))
		}
	}
	return all
}

func formatShift(d time.Duration) string {
	if d < 0 {
		return formatDuration(-d) + " later"
	}
	return formatDuration(d) + " earlier"
}

func (c Chat) reminderWarnings(agenda []Step) []Warning {
	var all []Warning
	n := 0
	for _, s := range agenda {
		if s.Kind != KindReminder {
			continue
		}
		n++
		if s.At.Before(c.Announced) {
			all = append(all, Warning{s.Name, fmt.Sprintf("comes before the announcement, on %s", c.Announced.Format("Monday 2 January 2006, 15:04 MST"))})
		}
	}
	if n > maxUsualReminders {
		all = append(all, Warning{"", fmt.Sprintf("there are %d reminders, each posted in every room", n)})
	}
	if n == 0 && len(c.Reminders) > 0 {
		all = append(all, Warning{"", fmt.Sprintf("no reminder is due between the announcement and the start: check %s", c.Reminders[0])})
	}
	return all
}

func (c Chat) shortTimeWarnings(agenda []Step) []Warning {
	if c.Length() < testChatLength {
		return nil
	}
	var all []Warning
	var question *Step
	until := func(end time.Time, what string) {
		if question == nil {
			return
		}
		if left := end.Sub(question.At); left < minQuestionTime {
			all = append(all, Warning{question.Name, fmt.Sprintf("has %s until %s: people need %s or more to read a question and write an answer",
				formatDuration(left), what, formatDuration(minQuestionTime))})
		}
	}
	for i := range agenda {
		if agenda[i].Kind == KindQuestion {
			until(agenda[i].At, agenda[i].Name)
			question = &agenda[i]
		}
	}
	until(c.Ends, "the end")
	return all
}

func (l PostLimits) warnings(agenda []Step) []Warning {
	var all []Warning
	for _, s := range agenda {
		longest := 0
		for paragraph := range strings.SplitSeq(s.Text, "\n\n") {
			longest = max(longest, utf8.RuneCountInString(paragraph))
		}
		switch n := utf8.RuneCountInString(s.Text); {
		case n > l.Text:
			all = append(all, Warning{s.Name, fmt.Sprintf("has %d characters: a message in %s holds %d, and people read less", n, l.Platform, l.Text)})
		case longest > l.Paragraph:
			all = append(all, Warning{s.Name, fmt.Sprintf("has a paragraph of %d characters: %s shows %d in one section", longest, l.Platform, l.Paragraph)})
		}
	}
	return all
}
