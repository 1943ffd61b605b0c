package announcement

import (
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// exactly is the reading of an announcement that catchword wrote itself: its machine-readable block is the whole chat.
// What a person gives still counts.
func exactly(c questions.Chat, doc document, opts Options) Reading {
	g := opts.Given
	if g.Title != nil {
		c.Title = *g.Title
	}
	if g.Hashtag != nil {
		c.Hashtag = *g.Hashtag
	}
	if g.Leader != nil {
		c.Leader = *g.Leader
	}
	length, zone := c.Length(), c.Starts.Location()
	if opts.ZoneGiven && g.Start != nil {
		zone = opts.Zone
	}
	at := c.Starts
	if g.Date.full() {
		at = time.Date(g.Date.Year, time.Month(g.Date.Month), g.Date.Day, at.Hour(), at.Minute(), 0, 0, zone)
	}
	if g.Start != nil {
		at = time.Date(at.Year(), at.Month(), at.Day(), g.Start.Hour(), g.Start.Minute(), 0, 0, zone)
	}
	if !at.Equal(c.Starts) {
		c.Starts, c.Ends = at, at.Add(length)
	}
	if g.End != nil {
		c.Ends = time.Date(at.Year(), at.Month(), at.Day(), g.End.Hour(), g.End.Minute(), 0, 0, zone)
		if !c.Ends.After(c.Starts) {
			c.Ends = c.Ends.AddDate(0, 0, 1)
		}
	}
	if g.Questions != nil {
		c.Questions = nil
		for i, q := range g.Questions {
			c.Questions = append(c.Questions, questions.Question{N: i + 1, Text: escapeStart(escape(q.Text)), Points: q.Points})
		}
	}
	told := Evidence{Line: -1, Words: "from the machine-readable block"}
	y, m, d := c.Starts.Date()
	r := Reading{
		Kind: Announcement, Title: Found[string]{c.Title, told}, TitleSource: "label", Resolved: c.Starts, Marked: doc.marked,
		Date:  Found[Date]{Date{c.Starts.Weekday().String(), d, int(m), y}, told},
		Start: Found[Clock]{Clock(c.Starts.Hour()*60 + c.Starts.Minute()), told},
		End:   Found[Clock]{Clock(c.Ends.Hour()*60 + c.Ends.Minute()), told},
		Zone:  Found[string]{c.Starts.Location().String(), told},
		exact: &c,
	}
	if c.Hashtag != "" {
		r.Hashtag, r.Hashtags = Found[string]{c.Hashtag, told}, []string{c.Hashtag}
	}
	if c.Leader != "" {
		r.Leader = Found[string]{c.Leader, told}
	}
	if c.Introduction != "" {
		r.Introduction = []Paragraph{{Text: c.Introduction}}
	}
	for _, q := range c.Questions {
		r.Questions = append(r.Questions, AskedQuestion{N: q.N, Text: q.Text, Points: q.Points})
	}
	for _, l := range doc.lines {
		if l.n > len(r.Lines) || len(r.Lines) == 0 {
			r.Lines = append(r.Lines, LineRole{l.n, l.text, roleText.String()})
		}
	}
	return r
}
