package announcement

import (
	"fmt"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// Chat makes a chat of the reading. It fails while the reading has no date, no year or no time; contradictions are for
// the caller to refuse. Questions are counted from 1, whatever their numbers were.
func (r Reading) Chat() (questions.Chat, error) {
	if r.exact != nil {
		return *r.exact, nil
	}
	if r.Resolved.IsZero() {
		return questions.Chat{}, fmt.Errorf("make a chat of the announcement: %s", r.missing())
	}
	c := questions.Chat{
		Title:       r.Title.Value,
		Hashtag:     r.Hashtag.Value,
		Starts:      r.Resolved,
		Ends:        r.Resolved.Add(questions.DefaultLength),
		Leader:      r.Leader.Value,
		ArchiveNote: r.ArchiveNote,
	}
	if c.ArchiveNote == "" {
		c.ArchiveNote = r.Archive.Value
	}
	if r.End.OK() {
		length := r.End.Value - r.Start.Value
		if length <= 0 {
			length += 24 * 60 // past midnight
		}
		c.Ends = c.Starts.Add(time.Duration(length) * time.Minute)
	}
	if r.Kind == SlowChat {
		c.PerQuestion = 24 * time.Hour
		days := max(len(r.Questions), 1)
		if r.Until.Day > 0 {
			days = max(days, int(r.Until.time(c.Starts.Year()).Sub(r.Date.Value.time(c.Starts.Year()))/(24*time.Hour))+1)
		}
		c.Ends = c.Starts.Add(time.Duration(days)*24*time.Hour + questions.DefaultLeadIn)
	}
	if c.Title == "" {
		c.Title = strings.TrimSpace(c.Hashtag + " chat")
	}
	var intro []string
	for i, p := range r.Introduction {
		sep := "\n\n"
		if i > 0 && strings.HasPrefix(p.Text, "- ") && strings.HasPrefix(r.Introduction[i-1].Text, "- ") {
			sep = "\n"
		}
		if i > 0 {
			intro = append(intro, sep)
		}
		intro = append(intro, p.Text)
	}
	c.Introduction = strings.Join(intro, "")
	for i, q := range r.Questions {
		asked := questions.Question{N: i + 1, Text: escapeStart(escape(q.Text))}
		points := q.Points
		if asked.Text == "" && len(points) > 0 {
			asked.Text, points = escapeStart(escape(points[0])), points[1:]
		}
		if asked.Text == "" {
			asked.Text = fmt.Sprintf("(Question %d has no words yet.)", i+1)
		}
		for _, point := range points {
			asked.Points = append(asked.Points, escapeStart(escape(point)))
		}
		c.Questions = append(c.Questions, asked)
	}
	if y, m, d := r.Published.Date(); !r.Published.IsZero() {
		if at := time.Date(y, m, d, 0, 0, 0, 0, c.Starts.Location()); at.Before(c.Starts) {
			c.Announced = at
		}
	}
	c.Slug = questions.Slug(c.Starts, c.Title)
	return c, nil
}

// missing says what keeps the reading from being a chat.
func (r Reading) missing() string {
	var all []string
	for _, d := range r.Doubts {
		switch d.Code {
		case NoDate, noTime, impossibleDate, noYear:
			all = append(all, d.What+" "+d.Remedy)
		}
	}
	return strings.Join(all, " ")
}
