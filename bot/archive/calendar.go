package archive

import (
	"io"

	ics "github.com/arran4/golang-ical"
)

// writeCalendar writes the upcoming chats as iCalendar: https://www.rfc-editor.org/rfc/rfc5545. Its bytes depend on
// the chats alone: each event's stamp is the day the chat was announced.
func (s *series) writeCalendar(w io.Writer) error {
	calendar := ics.NewCalendarFor("catchword")
	calendar.SetXWRCalName(s.Title)
	for _, c := range s.Upcoming {
		e := calendar.AddEvent(chatUUID(c.Slug))
		stamp := c.Announced
		if stamp.IsZero() {
			stamp = c.Starts
		}
		e.SetDtStampTime(stamp.UTC())
		e.SetStartAt(c.Starts.UTC())
		e.SetEndAt(c.Ends.UTC())
		title := c.Title
		if c.Hashtag != "" {
			title = c.Hashtag + ": " + title
		}
		e.SetSummary(title)
		words := parse(c.Introduction).PlainText()
		if c.Leader != "" {
			words = "Led by " + c.Leader + ". " + words
		}
		if words != "" {
			e.SetDescription(truncate(words, 2*maxSummaryLength))
		}
		if s.opts.URL != "" {
			e.SetURL(s.opts.URL)
		}
	}
	return calendar.SerializeTo(w, ics.WithNewLineWindows) // lines end in CRLF on every system
}
