package questions

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sameInstant compares times by instant and zone.
var sameInstant = cmp.Comparer(func(a, b time.Time) bool {
	return a.Equal(b) && a.Location().String() == b.Location().String()
})

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestParseChatExample(t *testing.T) {
	src, err := os.ReadFile("testdata/chats/example.md")
	if err != nil {
		t.Fatal(err)
	}
	zone := london(t)
	want := Chat{
		Slug:           "2026-12-15-health",
		Title:          "Health and public libraries partnerships",
		Hashtag:        "#ukmedlibs",
		Starts:         time.Date(2026, 12, 15, 20, 0, 0, 0, zone),
		Ends:           time.Date(2026, 12, 15, 21, 0, 0, 0, zone),
		Leader:         "Holly Case",
		LeaderAccounts: []string{"nhs/U061F7AUR"},
		Hosts:          []string{"nhs/U024BE7LH", "community/@host:example.org"},
		Rooms:          []string{"nhs/#ukmedlibs", "community/#ukmedlibs:example.org"},
		Reminders:      DefaultReminders(),
		LeadIn:         6 * time.Minute,
		PerQuestion:    8 * time.Minute,
		Licence:        "CC-BY-4.0",
		DOI:            "10.5281/zenodo.1234567",
		Introduction:   "An introduction, in Markdown, posted with the reminder and the welcome.",
		Questions: []Question{
			{N: 1, Text: "Are you currently working with your local public library?"},
			{N: 2, Text: "Have you got any tips for joint working?", Points: []string{"Project suggestions?", "Any barriers? How did you overcome them?"}},
		},
	}
	for name, text := range map[string]string{
		"as it is":               string(src),
		"with a byte order mark": "\ufeff" + string(src),
		"with carriage returns":  strings.ReplaceAll(string(src), "\n", "\r\n"),
	} {
		got, err := ParseChat("2026-12-15-health", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got, sameInstant); diff != "" {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
	}
}

// parseWith reads a small valid chat with additional front matter and a body.
func parseWith(front, body string) (Chat, error) {
	return ParseChat("s", []byte("---\ntitle: T\nstarts: 2026-12-15 20:00 Europe/London\n"+front+"---\n"+body))
}

func TestParseChatReads(t *testing.T) {
	zone := london(t)
	at := func(day, hour, minute, second int) time.Time {
		return time.Date(2026, 12, day, hour, minute, second, 0, zone)
	}
	tests := []struct {
		name, front, body string
		want              func(*Chat)
	}{
		{"no questions", "", "", func(*Chat) {}},
		{"an introduction alone", "", "\nCome **all**.\n\n### Why\n\n- a\n- b\n", func(c *Chat) { c.Introduction = "Come **all**.\n\n### Why\n\n- a\n- b" }},
		{"an end on the next day", "ends: 02:30:15\n", "", func(c *Chat) { c.Ends = at(16, 2, 30, 15) }},
		{"an end at the start's time", "ends: 20:00\n", "", func(c *Chat) { c.Ends = at(16, 20, 0, 0) }},
		{"a length", "ends: 1h30m\n", "", func(c *Chat) { c.Ends = at(15, 21, 30, 0) }},
		{"an end with its date", "ends: 2026-12-17 09:00\n", "", func(c *Chat) { c.Ends = at(17, 9, 0, 0) }},
		{"a hashtag without its mark", "hashtag: ukmedlibs\n", "", func(c *Chat) { c.Hashtag = "#ukmedlibs" }},
		{"no reminders", "reminders: []\n", "", func(c *Chat) { c.Reminders = []Reminder{} }},
		{"no reminders, in a word", "reminders: none\n", "", func(c *Chat) { c.Reminders = []Reminder{} }},
		{"one reminder", "reminders: -2h\n", "", func(c *Chat) { c.Reminders = []Reminder{{Before: 2 * time.Hour}} }},
		{"mixed reminders", "reminders:\n  - -7d\n  - 0 9 * * *\n  - \"-1h30m\"\n", "", func(c *Chat) {
			c.Reminders = []Reminder{{Before: 7 * day}, {Cron: "0 9 * * *"}, {Before: 90 * time.Minute}}
		}},
		{"one cron line", "reminders: 0 9 * * 1-5\n", "", func(c *Chat) { c.Reminders = []Reminder{{Cron: "0 9 * * 1-5"}} }},
		{"one room", "rooms: nhs/#ukmedlibs\n", "", func(c *Chat) { c.Rooms = []string{"nhs/#ukmedlibs"} }},
		{"an announcement", "announced: 2026-12-01\n", "", func(c *Chat) { c.Announced = at(1, 0, 0, 0) }},
		{"an announcement with its time", "announced: 2026-12-01 09:30\n", "", func(c *Chat) { c.Announced = at(1, 9, 30, 0) }},
		{"a series", "series: third Tuesday 20:00 Europe/London\n", "", func(c *Chat) {
			c.Series = Series{Nth: 3, Weekday: time.Tuesday, Hour: 20, Zone: "Europe/London"}
		}},
		{"a folded note", "archive: >\n  Kept at\n  example.org.\n", "", func(c *Chat) { c.ArchiveNote = "Kept at example.org." }},
		{"a title that YAML takes for a number", "leader: 2026\n", "", func(c *Chat) { c.Leader = "2026" }},
		{"several paragraphs and points", "", "## Q1 (10m)\n\nOne.\n\nTwo.\n\n* a\n  more\n\n  * nested\n* b\n", func(c *Chat) {
			c.Questions = []Question{{N: 1, Text: "One.\n\nTwo.", Points: []string{"a\nmore\n\n* nested", "b"}, Duration: 10 * time.Minute}}
		}},
		{"numbered points", "", "## q1\nOne.\n 1) a\n 2) b\nlazy\n", func(c *Chat) {
			c.Questions = []Question{{N: 1, Text: "One.", Points: []string{"a", "b\nlazy"}}}
		}},
		{"points alone", "", "## Q1\n- a\n+ b\n", func(c *Chat) { c.Questions = []Question{{N: 1, Points: []string{"a", "b"}}} }},
		{"headings inside code", "", "## Q1\nSee:\n\n    ## Q7\n\n```\n# a comment\n```\n", func(c *Chat) {
			c.Questions = []Question{{N: 1, Text: "See:\n\n    ## Q7\n\n```\n# a comment\n```"}}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := Chat{Slug: "s", Title: "T", Starts: at(15, 20, 0, 0), Ends: at(15, 21, 0, 0)}
			test.want(&want)
			got, err := parseWith(test.front, test.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, sameInstant); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			again, err := ParseChat("s", FormatChat(got))
			if err != nil {
				t.Fatalf("its own format: %v\n%s", err, FormatChat(got))
			}
			if diff := cmp.Diff(got, again, sameInstant); diff != "" {
				t.Errorf("from its own format, -want +got:\n%s\n%s", diff, FormatChat(got))
			}
		})
	}
}

func TestParseChatStarts(t *testing.T) {
	tests := []struct{ written, want string }{
		{"2026-12-15 20:00 Europe/London", "2026-12-15T20:00:00Z"},
		{"2026-7-5 9:05:30 Europe/London", "2026-07-05T09:05:30+01:00"},
		{"2026-12-15T20:00 America/New_York", "2026-12-15T20:00:00-05:00"},
		{"2026-12-15 20:00 UTC", "2026-12-15T20:00:00Z"},
		{"2026-10-25 01:30+01:00 Europe/London", "2026-10-25T01:30:00+01:00"},
		{"2026-10-25 01:30+00:00 Europe/London", "2026-10-25T01:30:00Z"},
		{"2026-04-05 02:30 +10:30 Australia/Lord_Howe", "2026-04-05T02:30:00+10:30"},
	}
	for _, test := range tests {
		c, err := ParseChat("s", []byte("---\ntitle: T\nstarts: "+test.written+"\n---\n"))
		if err != nil {
			t.Errorf("%s: %v", test.written, err)
			continue
		}
		if got := c.Starts.Format(time.RFC3339); got != test.want {
			t.Errorf("%s: got %s, want %s", test.written, got, test.want)
		}
		again, err := ParseChat("s", FormatChat(c))
		if err != nil || !again.Starts.Equal(c.Starts) {
			t.Errorf("%s: from its own format: got %v (%v), want %v", test.written, again.Starts, err, c.Starts)
		}
	}
}

// TestParseChatFaults reads every chat file in testdata/chats/faults, and compares the faults.
func TestParseChatFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/chats/faults/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files (%v), want some", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = ParseChat("s", src)
			faults, ok := errors.AsType[Faults](err)
			if !ok {
				t.Fatalf("got %v, want faults", err)
			}
			checkPositions(t, string(src), faults)
			golden := strings.TrimSuffix(file, ".md") + ".faults"
			if *update {
				if err := os.WriteFile(golden, []byte(err.Error()+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), faults.Error()+"\n"); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func checkPositions(t *testing.T, src string, faults Faults) {
	t.Helper()
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(src), "\n")
	for _, f := range faults {
		if f.Line < 1 || f.Line > len(lines) || f.Column < 1 || f.Column > len([]rune(lines[f.Line-1]))+2 {
			t.Errorf("got a fault at %d:%d of %d lines, want it inside\n%s", f.Line, f.Column, len(lines), src)
		}
		if f.Message == "" {
			t.Errorf("got a fault without a message at %d:%d, want one", f.Line, f.Column)
		}
	}
}

func TestFormatChat(t *testing.T) {
	zone := london(t)
	c := Chat{
		Title: "Why? A chat: part 2", Hashtag: "#ukmedlibs", Leader: "Holly Case",
		Starts: time.Date(2026, 12, 15, 20, 0, 0, 0, zone), Ends: time.Date(2026, 12, 15, 21, 0, 0, 0, zone),
		Rooms:        []string{"nhs/#ukmedlibs", "community/#ukmedlibs:example.org"},
		Reminders:    []Reminder{{Before: 7 * day}, {Before: 90 * time.Minute}, {Cron: "0 9 * * *"}},
		LeadIn:       20 * time.Second,
		Announced:    time.Date(2026, 12, 1, 0, 0, 0, 0, zone),
		Series:       Series{Nth: 3, Weekday: time.Tuesday, Hour: 20, Zone: "Europe/London"},
		Introduction: "Come all.\n\nHeading\n---",
		Questions: []Question{
			{N: 1, Text: "## What\r\nis it?\n## Q2\n\n```\n## Q3"},
			{N: 2, Text: "- not a point\n\n1. nor this", Points: []string{"one\n\ntwo", "", "- -"}, Duration: 10 * time.Minute},
		},
	}
	want := `---
title: "Why? A chat: part 2"
hashtag: "#ukmedlibs"
starts: 2026-12-15 20:00 Europe/London
ends: 21:00
leader: Holly Case
rooms: [nhs/#ukmedlibs, "community/#ukmedlibs:example.org"]
reminders: [-7d, -1h30m, "0 9 * * *"]
lead_in: 20s
announced: 2026-12-01
series: third Tuesday 20:00 Europe/London
---
Come all.

Heading
\---

## Q1
\## What
is it?
\## Q2

\` + "```" + `
\## Q3

## Q2 (10m)
\- not a point

1\. nor this

- one

  two
- \- -
`
	if diff := cmp.Diff(want, string(FormatChat(c))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
