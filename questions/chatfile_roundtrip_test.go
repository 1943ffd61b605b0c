package questions

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// genText makes texts of what most often breaks Markdown and YAML.
func genText() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"word", "Who?", " ", "  ", "    ", "\n", "\n\n", "\n", "#", "## Q1", "# ", "---", "===", "- ", "* ", "1. ", "```", "~~~", "> ", "<!--", "-->",
		"<script>", "<div>", "\t", "é", "“x”", ":", ": ", "\"", "'", "\\", "{", "[", "]", "|", "&", "@", "%", "#tag", "[a]: http://e.org", "\r\n",
		"\u00a0", "\u2028", "0", "true", "~", "-", "+", "…", "`", "\x01", "\u0085",
	})
	return rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), "") })
}

func genChat(t *rapid.T) Chat {
	text, zoneName := genText(), rapid.SampledFrom([]string{"Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kolkata"}).Draw(t, "zone")
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		t.Fatal(err)
	}
	seconds := func(name string, lowest, highest int) time.Duration {
		return time.Duration(rapid.IntRange(lowest, highest).Draw(t, name)) * time.Second
	}
	c := Chat{Slug: "s", Title: "T" + text.Draw(t, "title"), Leader: text.Draw(t, "leader"), ArchiveNote: text.Draw(t, "archive"), Introduction: text.Draw(t, "introduction")}
	c.Starts = time.Unix(int64(rapid.IntRange(1_400_000_000, 1_900_000_000).Draw(t, "starts")), 0).In(zone)
	if rapid.Bool().Draw(t, "at a change of the clocks") { // Europe/London went back at this instant
		c.Starts = time.Unix(1792890000, 0).Add(seconds("off", -4000, 4000)).In(zone)
	}
	c.Ends = c.Starts.Add(seconds("length", 1, 90_000))
	if rapid.Bool().Draw(t, "announced") {
		c.Announced = c.Starts.Add(-seconds("before", 0, 10_000_000))
	}
	if rapid.Bool().Draw(t, "hashtag") {
		c.Hashtag = "#" + rapid.StringMatching(`[A-Za-zé0-9_]{1,12}`).Draw(t, "tag")
	}
	places := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,4}/[#@!a-z:.0-9{},"'é-]{1,8}`), 0, 3, rapid.ID)
	c.LeaderAccounts, c.Hosts, c.Rooms = places.Draw(t, "leader's accounts"), places.Draw(t, "hosts"), places.Draw(t, "rooms")
	if rapid.Bool().Draw(t, "own reminders") {
		c.Reminders = rapid.SliceOfNDistinct(rapid.SampledFrom([]Reminder{
			{Before: 7 * day}, {Before: time.Second}, {Before: 25 * time.Hour}, {Before: 61 * time.Minute}, {Cron: "0 9 * * *"}, {Cron: "*/5 8-10 1,2 * MON"}, {Cron: "@daily"},
		}), 0, 5, func(r Reminder) Reminder { return r }).Draw(t, "reminders")
	}
	c.LeadIn = seconds("lead in", 0, 1)
	if rapid.Bool().Draw(t, "in a series") {
		c.Series = Series{rapid.SampledFrom([]int{LastOfMonth, 0, 1, 2, 3, 4, 5}).Draw(t, "nth"), time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")), 20, 5, zoneName}
	}
	c.Licence = rapid.SampledFrom([]string{"", "CC-BY-4.0", "0BSD"}).Draw(t, "licence")
	c.DOI = rapid.SampledFrom([]string{"", "10.5281/zenodo.1234567", "10.1000/a(b)c;d:e"}).Draw(t, "DOI")
	for n := range rapid.IntRange(0, 4).Draw(t, "questions") {
		c.Questions = append(c.Questions, Question{N: n + 1, Text: "W" + text.Draw(t, "text"), Points: rapid.SliceOfN(text, 0, 3).Draw(t, "points")})
		if rapid.Bool().Draw(t, "hard text") {
			c.Questions[n].Text = c.Questions[n].Text[1:] + " ."
		}
	}
	return c
}

// TestFormatChatRoundTrip reads back what FormatChat writes. Settings must be equal, and texts after normalisation. A
// chat that was read from a file must be equal in everything.
func TestFormatChatRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := genChat(t)
		file := FormatChat(c)
		got, err := ParseChat("s", file)
		if err != nil {
			if fs, ok := errors.AsType[Faults](err); ok && !slices.ContainsFunc(fs, func(f Fault) bool {
				return !strings.Contains(f.Message, "give the questions less time") && !strings.Contains(f.Message, "no time is left")
			}) {
				t.Skip("too short a chat for its questions")
			}
			t.Fatalf("%v\n%q", err, file)
		}
		settings := func(c Chat) string {
			c.Title, c.Leader, c.ArchiveNote, c.Introduction, c.Questions = "", "", "", "", nil
			for _, places := range []*[]string{&c.LeaderAccounts, &c.Hosts, &c.Rooms} {
				if len(*places) == 0 {
					*places = nil
				}
			}
			return fmt.Sprintf("%+v", c)
		}
		if want, got := settings(c), settings(got); got != want {
			t.Fatalf("got %s, want %s\n%s", got, want, file)
		}
		if w, g := oneLine(c.Title), got.Title; g != w {
			t.Fatalf("got title %q, want %q", g, w)
		}
		for i, q := range got.Questions {
			if w, g := stripEscapes(c.Questions[i].Text), stripEscapes(q.Text); g != w {
				t.Fatalf("got text %q, want %q but for escapes\n%s", q.Text, c.Questions[i].Text, file)
			}
		}
		if w, g := stripEscapes(c.Introduction), stripEscapes(got.Introduction); g != w {
			t.Fatalf("got introduction %q, want %q but for escapes\n%s", got.Introduction, c.Introduction, file)
		}
		again, err := ParseChat("s", FormatChat(got))
		if err != nil {
			t.Fatalf("%v\n%s", err, FormatChat(got))
		}
		if diff := cmp.Diff(got, again, sameInstant); diff != "" {
			t.Fatalf("-want +got:\n%s\n%q\n%q", diff, file, FormatChat(got))
		}
	})
}

// stripEscapes removes the escapes and white space that FormatChat may add or remove.
func stripEscapes(s string) string {
	return strings.NewReplacer(`\`, "", " ", "", "\t", "", "\n", "").Replace(normaliseText(s))
}

func FuzzParseChat(f *testing.F) {
	for _, pattern := range []string{"testdata/chats/*.md", "testdata/chats/faults/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := ParseChat("s", src)
		if err != nil {
			faults, ok := errors.AsType[Faults](err)
			if !ok || len(faults) == 0 {
				t.Fatalf("got %v, want faults", err)
			}
			checkPositions(t, strings.ToValidUTF8(string(src), "\ufffd"), faults)
			return
		}
		again, err := ParseChat("s", FormatChat(c))
		if err != nil {
			t.Fatalf("its own format: %v\n%s", err, FormatChat(c))
		}
		if diff := cmp.Diff(c, again, sameInstant); diff != "" {
			t.Fatalf("from its own format, -want +got:\n%s\n%q", diff, FormatChat(c))
		}
	})
}
