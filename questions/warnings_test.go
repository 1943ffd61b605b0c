package questions

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestWarnings(t *testing.T) {
	const head = "---\ntitle: T\n"
	platform := PostLimits{Platform: "Chatterbox", Text: 4000, Paragraph: 3000}
	early := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name, file string
		now        time.Time
		want       []string // each the beginning of one warning, in order
	}{
		{"a good chat", head + "starts: 2026-12-15 20:00 Europe/London\nseries: third Tuesday 20:00 Europe/London\n---\n## Q1\na\n", early, nil},
		{
			"a start in the past", head + "starts: 2026-12-15 20:00 Europe/London\n---\n", time.Date(2026, 12, 15, 20, 0, 0, 0, time.UTC),
			[]string{"the chat's start, Tuesday 15 December 2026, 20:00 GMT, is in the past"},
		},
		{
			"reminders in the past", head + "starts: 2026-12-15 20:00 Europe/London\n---\n", time.Date(2026, 12, 15, 1, 0, 0, 0, time.UTC),
			[]string{"these steps are already past: reminder-7d, reminder-1d"},
		},
		{
			"another weekday", head + "starts: 2026-12-16 20:00 Europe/London\nseries: third Tuesday 20:00 Europe/London\n---\n", early,
			[]string{"the start, Wednesday 16 December 2026, 20:00 GMT, is not in the series (third Tuesday 20:00 Europe/London), which has Tuesday 15 December 2026, 20:00 GMT"},
		},
		{
			"clocks back", head + "starts: 2026-10-27 20:00 Europe/London\n---\n", early,
			[]string{"the clocks of Europe/London go back on Sunday 25 October 2026 (02:00 BST becomes 01:00 GMT), before the chat: " +
				"reminder-7d is posted at 21:00 BST, which is 1h later by local time than the chat"},
		},
		{
			"clocks forward", head + "starts: 2026-03-31 20:00 Europe/London\nreminders: [-7d, -3d]\n---\n", early,
			[]string{"the clocks of Europe/London go forward on Sunday 29 March 2026 (01:00 GMT becomes 02:00 BST), before the chat: " +
				"reminder-7d is posted at 19:00 GMT, reminder-3d is posted at 19:00 GMT, which is 1h earlier by local time than the chat"},
		},
		{
			"clocks back at night", head + "starts: 2026-10-24 23:00 Europe/London\nends: 5h\n---\n", early,
			[]string{"the clocks of Europe/London go back on Sunday 25 October 2026 (02:00 BST becomes 01:00 GMT), during the chat: it ends at 03:00 GMT"},
		},
		{"the day after the change", head + "starts: 2026-10-26 20:00 Europe/London\nreminders: -2h\n---\n", early, nil},
		{
			"little time", head + "starts: 2026-12-15 20:00 Europe/London\nends: 20m\nlead_in: 2m\n---\n## Q1 (2m)\na\n## Q2 (14m)\nb\n## Q3\nc\n", early,
			[]string{"q1 has 2m until q2: people need 3m", "q3 has 2m until the end"},
		},
		{"little time in a short test", head + "starts: 2026-12-15 20:00 Europe/London\nends: 1m\n---\n## Q1\na\n## Q2\nb\n", early, nil},
		{
			"a long post", head + "starts: 2026-12-15 20:00 Europe/London\nreminders: none\n---\n## Q1\n" + strings.Repeat("words ", 700), early,
			[]string{"q1 has 4262 characters: a message in Chatterbox holds 4000"},
		},
		{
			"a long paragraph", head + "starts: 2026-12-15 20:00 Europe/London\nreminders: none\n---\n" + strings.Repeat("words ", 510), early,
			[]string{"welcome has a paragraph of 3059 characters: Chatterbox shows 3000"},
		},
		{
			"every quarter of an hour", head + "starts: 2026-12-15 20:00 Europe/London\nreminders: \"*/15 8-20 * * *\"\nannounced: 2026-12-14 12:00\n---\n", early,
			[]string{"there are "},
		},
		{
			"a cron line without a day", head + "starts: 2026-12-15 20:00 Europe/London\nreminders: 0 9 1 1 *\n---\n", early,
			[]string{"no reminder is due between the announcement and the start: check 0 9 1 1 *"},
		},
		{
			"a reminder before the announcement", head + "starts: 2026-12-15 20:00 Europe/London\nannounced: 2026-12-10\n---\n", early,
			[]string{"reminder-7d comes before the announcement, on Thursday 10 December 2026, 00:00 GMT"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := ParseChat("s", []byte(test.file))
			if err != nil {
				t.Fatal(err)
			}
			got := c.Warnings(test.now, platform)
			same := len(got) == len(test.want)
			for i := range min(len(got), len(test.want)) {
				same = same && strings.HasPrefix(got[i].String(), test.want[i])
			}
			if !same {
				t.Errorf("got %q, want %q", fmt.Sprint(got), test.want)
			}
		})
	}
}
