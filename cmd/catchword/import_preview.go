package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ukmedlibs/catchword/questions"
	"github.com/ukmedlibs/catchword/questions/announcement"
)

// kindNames say what an announcement is.
var kindNames = map[announcement.Kind]string{
	announcement.Announcement:          "an announcement",
	announcement.OpenChat:              "an open chat, without questions",
	announcement.Quiz:                  "a quiz",
	announcement.JournalClub:           "a journal club",
	announcement.SlowChat:              "a slow chat",
	announcement.Reschedule:            "a chat that is moved",
	announcement.Recap:                 "a recap",
	announcement.AnnouncementWithRecap: "an announcement and a recap",
}

// writePreview shows a reading to a person. What cannot be printed is the terminal's trouble alone.
func writePreview(w io.Writer, name string, r announcement.Reading) {
	fmt.Fprintf(w, "%s: %s\n\n", name, kindNames[r.Kind])
	field := func(label, value string, e announcement.Evidence) {
		if e.Line == 0 {
			return
		}
		fmt.Fprintf(w, "  %-12s %s\n", label, value)
		where := fmt.Sprintf("line %d", e.Line)
		if e.Words != value {
			where += ": “" + truncate(e.Words, 90) + "”"
		}
		fmt.Fprintf(w, "  %-12s   %s\n", "", where)
	}
	field("title", r.Title.Value, r.Title.Evidence)
	field("hashtag", r.Hashtag.Value, r.Hashtag.Evidence)
	field("date", dateText(r), r.Date.Evidence)
	field("start", r.Start.Value.String(), r.Start.Evidence)
	field("end", r.End.Value.String(), r.End.Evidence)
	field("zone", r.Zone.Value, r.Zone.Evidence)
	if len(r.Times) > 1 {
		for _, t := range r.Times {
			field("all times", periodText(t.Value), t.Evidence)
		}
	}
	field("leader", r.Leader.Value, r.Leader.Evidence)
	field("facilitator", r.Facilitator.Value, r.Facilitator.Evidence)
	field("past leader", r.PastLeader.Value, r.PastLeader.Evidence)
	field("author", r.Author.Value, r.Author.Evidence)
	field("archive", r.Archive.Value, r.Archive.Evidence)
	if n := len(r.Introduction); n > 0 {
		fmt.Fprintf(w, "  %-12s %s\n  %-12s   from line %d\n", "introduction", plural(n, "paragraph"), "", r.Introduction[0].Line)
	}
	fmt.Fprintln(w)
	for _, q := range r.Questions {
		label := questions.Label(q.N)
		if q.Day != "" {
			label += " (" + q.Day + ")"
		}
		fmt.Fprintf(w, "  %s  %s\n", label, q.Text)
		indent := strings.Repeat(" ", utf8.RuneCountInString(label))
		for _, point := range q.Points {
			fmt.Fprintf(w, "  %s  - %s\n", indent, point)
		}
		fmt.Fprintf(w, "  %s    line %d\n", indent, q.Line)
	}
	if len(r.Questions) > 0 {
		fmt.Fprintln(w)
	}
	for _, d := range r.Doubts {
		kind := "doubt"
		if d.Contradiction {
			kind = "contradiction"
		}
		if d.Line > 0 {
			kind += " in line " + strconv.Itoa(d.Line)
		}
		fmt.Fprintf(w, "  %s: %s\n    %s\n", kind, d.What, d.Remedy)
	}
	if len(r.Doubts) > 0 {
		fmt.Fprintln(w)
	}
}

// dateText is the date as far as it is known.
func dateText(r announcement.Reading) string {
	if r.RealWeekday != "" {
		return r.Date.Words + ", which is a " + r.RealWeekday
	}
	if !r.Resolved.IsZero() {
		layout := "Monday 2 January 2006"
		if r.Proposed > 0 {
			layout += " (year proposed)"
		}
		return r.Resolved.Format(layout)
	}
	d := r.Date.Value
	var parts []string
	for _, part := range []struct {
		known bool
		text  string
	}{{d.Weekday != "", d.Weekday}, {d.Day > 0, strconv.Itoa(d.Day)}, {d.Month > 0, time.Month(d.Month).String()}, {d.Year > 0, strconv.Itoa(d.Year)}} {
		if part.known {
			parts = append(parts, part.text)
		}
	}
	return cmp.Or(strings.Join(parts, " "), "not known")
}

func periodText(p announcement.Period) string {
	s := p.Start.String()
	if p.HasEnd {
		s += "–" + p.End.String()
	}
	return strings.TrimSpace(s + " " + p.Zone)
}

// plural is "1 doubt", "2 doubts".
func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// truncate keeps the first n characters of a text.
func truncate(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
