package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
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

// writePreview shows a reading to a person: each fact and where it stands, what was assumed, all that will be posted,
// what was left out, and every doubt. What can't be printed is the terminal's trouble alone.
func writePreview(w io.Writer, name string, r announcement.Reading) {
	fmt.Fprintf(w, "%s: %s\n", name, kindNames[r.Kind])
	if r.Marked {
		fmt.Fprintf(w, "Line numbers count the text as it was read; --lines shows it.\n")
	}
	fmt.Fprintln(w)
	show := func(label, value, where string) {
		fmt.Fprintf(w, "  %-12s %s\n", label, value)
		if where != "" {
			fmt.Fprintf(w, "  %-12s   %s\n", "", where)
		}
	}
	field := func(label, value string, e announcement.Evidence) {
		switch {
		case e.Line < 0:
			show(label, value, e.Words)
		case e.Line > 0 && e.Words != value:
			show(label, value, fmt.Sprintf("line %d: “%s”", e.Line, truncate(e.Words, 90)))
		case e.Line > 0:
			show(label, value, fmt.Sprintf("line %d", e.Line))
		}
	}
	assumed := func(what string) bool { return slices.Contains(r.Assumed, what) }
	chat, err := r.Chat()
	if assumed("title") && err == nil {
		show("title", chat.Title, "assumed: nothing in the text gave one")
	} else {
		field("title", r.Title.Value, r.Title.Evidence)
	}
	field("hashtag", r.Hashtag.Value, r.Hashtag.Evidence)
	field("date", dateText(r), r.Date.Evidence)
	if assumed("start") {
		show("start", r.Start.Value.String(), "assumed")
	} else {
		field("start", r.Start.Value.String(), r.Start.Evidence)
	}
	switch {
	case assumed("end") && err == nil:
		show("end", chat.Ends.Format("15:04"), "assumed")
	default:
		field("end", r.End.Value.String(), r.End.Evidence)
	}
	switch {
	case assumed("zone") && err == nil:
		show("zone", chat.Starts.Location().String(), "assumed: the text names none")
	default:
		field("zone", zoneText(r), r.Zone.Evidence)
	}
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
	fmt.Fprintln(w)
	writePosts(w, r)
	writeLeftOut(w, r)
	for _, d := range r.Doubts {
		kind := "doubt"
		if d.Contradiction {
			kind = "contradiction"
		}
		if d.Line > 0 {
			kind += " in line " + strconv.Itoa(d.Line)
		}
		fmt.Fprintf(w, "  %s: %s\n", kind, d.What)
		if len(d.Choices) > 0 {
			fmt.Fprintf(w, "    May be: %s.\n", strings.Join(d.Choices, "; "))
		}
		fmt.Fprintf(w, "    %s\n", d.Remedy)
	}
	if len(r.Doubts) > 0 {
		fmt.Fprintln(w)
	}
}

// writePosts shows all that will be posted, whole: the introduction and the questions.
func writePosts(w io.Writer, r announcement.Reading) {
	if len(r.Introduction) == 0 {
		fmt.Fprint(w, "  No introduction: there is no text before the questions.\n\n")
	}
	for i, p := range r.Introduction {
		if i == 0 {
			fmt.Fprintf(w, "  Introduction, from line %d:\n", p.Line)
		}
		fmt.Fprintf(w, "    %s\n", p.Text)
		if i+1 == len(r.Introduction) {
			fmt.Fprintln(w)
		}
	}
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
		if q.Line > 0 {
			fmt.Fprintf(w, "  %s    line %d\n", indent, q.Line)
		}
	}
	if len(r.Questions) > 0 {
		fmt.Fprintln(w)
	}
}

// writeLeftOut says which lines will not be posted, and what each was taken for.
func writeLeftOut(w io.Writer, r announcement.Reading) {
	var out []string
	for i := 0; i < len(r.Lines); {
		l := r.Lines[i]
		k := i
		for k+1 < len(r.Lines) && r.Lines[k+1].Role == l.Role {
			k++
		}
		if announcement.LeftOut(l.Role) {
			span := strconv.Itoa(l.N)
			if r.Lines[k].N != l.N {
				span += "–" + strconv.Itoa(r.Lines[k].N)
			}
			out = append(out, span+" ("+l.Role+")")
		}
		i = k + 1
	}
	if len(out) > 0 {
		fmt.Fprintf(w, "  Left out: lines %s\n\n", strings.Join(out, ", "))
	}
}

// writeLines prints every line that has words, with its number and what it was taken for.
func writeLines(w io.Writer, r announcement.Reading) error {
	for _, l := range r.Lines {
		if _, err := fmt.Fprintf(w, "%5d  %-20s %s\n", l.N, l.Role, l.Text); err != nil {
			return fmt.Errorf("print the lines: %w", err)
		}
	}
	return nil
}

// zoneText is the zone as written, and as it was understood.
func zoneText(r announcement.Reading) string {
	if r.Resolved.IsZero() || r.Resolved.Location().String() == r.Zone.Value {
		return r.Zone.Value
	}
	return r.Zone.Value + ", read as " + r.Resolved.Location().String()
}

// dateText is the date as far as it is known.
func dateText(r announcement.Reading) string {
	if r.RealWeekday != "" {
		return r.Date.Words + ", which is a " + r.RealWeekday
	}
	if !r.Resolved.IsZero() {
		layout := "Monday 2 January 2006"
		if slices.Contains(r.Assumed, "year") {
			layout += " (year assumed)"
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

// truncate keeps the first n characters of a text.
func truncate(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
