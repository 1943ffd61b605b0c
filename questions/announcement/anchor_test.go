package announcement

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/questions"
)

func onDay(t *testing.T, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The year and the day, counted from what the text says and what the person who imports it knows.
func TestParseAnnouncementAnchors(t *testing.T) {
	tests := []struct {
		name      string
		text      string
		published string
		year      int
		today     string
		want      string // the start in London, or ""
		proposed  int
		doubts    []Code // of date and time
	}{
		{name: "the text's own year", text: "#x chat, Tuesday 18 August 2015, 8pm", today: "2026-11-22", want: "2015-08-18 20:00 BST"},
		{name: "published before it", text: "#x chat, Tuesday 18 August, 8pm", published: "2015-08-04", want: "2015-08-18 20:00 BST"},
		{name: "published in the year before", text: "#x chat, Tuesday 12 January, 8pm", published: "2015-12-20", want: "2016-01-12 20:00 GMT"},
		{name: "a reminder on the day", text: "#x chat, Tuesday 18 August, 8pm", published: "2015-08-18", want: "2015-08-18 20:00 BST"},
		{name: "the wrong weekday for its publication", text: "#x chat, Tuesday 18 August, 8pm", published: "2016-08-04", want: "2016-08-18 20:00 BST", doubts: []Code{WeekdayContradictsDate}},
		{name: "a year given", text: "#x chat, Tuesday 18 August, 8pm", year: 2020, want: "2020-08-18 20:00 BST"},
		{name: "proposed, ahead", text: "#x chat, Tuesday 15 December, 8pm", today: "2026-11-22", want: "2026-12-15 20:00 GMT", proposed: 2026, doubts: []Code{yearProposed}},
		{name: "proposed, behind", text: "#x chat, Tuesday 18 August, 8pm", today: "2026-11-22", want: "2026-08-18 20:00 BST", proposed: 2026, doubts: []Code{yearProposed}},
		{name: "no year fits nearby", text: "#x chat, Monday 18 August, 8pm", today: "2026-11-22", doubts: []Code{noYear}},
		{name: "no weekday, so that two years fit", text: "#x chat, 22 November, 8pm", today: "2026-11-22", doubts: []Code{noYear}},
		{name: "nothing to go by", text: "#x chat, Tuesday 18 August, 8pm", doubts: []Code{noYear}},
		{name: "tonight", text: "Join #x tonight at 8pm!", published: "2015-08-18", want: "2015-08-18 20:00 BST"},
		{name: "tomorrow", text: "Join #x tomorrow at 8pm!", published: "2015-08-31", want: "2015-09-01 20:00 BST"},
		{name: "this Thursday", text: "Join #x this Thursday at 8pm!", published: "2015-08-18", want: "2015-08-20 20:00 BST"},
		{name: "next Tuesday, in a week", text: "Join #x next Tuesday at 8pm!", published: "2015-08-18", want: "2015-08-25 20:00 BST"},
		{name: "next Tuesday, in four days", text: "Join #x next Tuesday at 8pm!", published: "2015-08-21", want: "2015-08-25 20:00 BST", doubts: []Code{whichWeek}},
		{name: "tonight, but when?", text: "Join #x tonight at 8pm!", doubts: []Code{NoDate}},
		{name: "a day that is not", text: "#x chat, Tuesday 31 June 2015, 8pm", doubts: []Code{impossibleDate}},
		{name: "a leap day in a common year", text: "#x chat, 29 February 2015, 8pm", doubts: []Code{impossibleDate}},
		{name: "no time", text: "#x chat, Tuesday 18 August 2015", doubts: []Code{noTime}},
		{name: "another zone", text: "#x chat, Thursday 2 October 2014, 9pm EDT", want: "2014-10-02 21:00 EDT"},
		{name: "a zone out of season", text: "#x chat, Tuesday 18 August 2015, 8pm GMT", want: "2015-08-18 20:00 BST", doubts: []Code{ZoneWrongForDate}},
		{name: "GMT before the clocks change, and no year", text: "#x chat, Thursday 12 March, 8pm GMT", doubts: []Code{noYear}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := ParseAnnouncement([]byte(tt.text+"\n\nQ1. Who?\nQ2. What?\n"), ReadOptions{
				Published: onDay(t, tt.published), Year: tt.year, Today: onDay(t, tt.today), Zone: london(t),
			})
			got := ""
			if !r.Resolved.IsZero() {
				got = r.Resolved.Format("2006-01-02 15:04 MST")
			}
			if got != tt.want || r.Proposed != tt.proposed {
				t.Errorf("got %q, proposed %d, want %q and %d", got, r.Proposed, tt.want, tt.proposed)
			}
			var doubts []Code
			for _, d := range r.Doubts {
				if d.Code != noHashtag {
					doubts = append(doubts, d.Code)
				}
			}
			if !slices.Equal(doubts, tt.doubts) {
				t.Errorf("got doubts %v, want %v", doubts, tt.doubts)
			}
		})
	}
}

// The announcement that the project was founded on.
func TestFoundingAnnouncement(t *testing.T) {
	src, err := os.ReadFile("testdata/announcements/founding.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := ParseAnnouncement(src, ReadOptions{Published: onDay(t, "2015-08-04"), Zone: london(t)})
	if len(r.Doubts) > 0 {
		t.Errorf("got doubts %+v, want none", r.Doubts)
	}
	got, err := r.Chat()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(strings.Split(got.Introduction, "\n\n")); n != 2 || !strings.HasPrefix(got.Introduction, "Knowledge for healthcare: ") {
		t.Errorf("got an introduction of %d paragraphs, want the 2 before the questions:\n%s", n, got.Introduction)
	}
	got.Introduction = ""
	starts := time.Date(2015, time.August, 18, 20, 0, 0, 0, london(t))
	want := questions.Chat{
		Slug: "2015-08-18-health-and-public-libraries", Title: "Health and public libraries partnerships", Hashtag: "#ukmedlibs",
		Starts: starts, Ends: starts.Add(time.Hour), Announced: time.Date(2015, time.August, 4, 0, 0, 0, 0, london(t)),
		Leader: "Holly Case", ArchiveNote: "Chats are archived on Symplur",
		Questions: []questions.Question{
			{N: 1, Text: "Are you currently working with your local public library? If yes, then how and if not, what barriers are stopping you?"},
			{N: 2, Text: "Do you think that KfH will help solidify the relationships between public libraries and NHS libraries?"},
			{N: 3, Text: "KfH mentions the importance of partnerships in offering “coordinated information to patients and the public”. Do you think our public libraries colleagues will be able to support us in that?"},
			{N: 4, Text: "In 2014 The Society of Chief Librarians and Reading Agency put forward the Public Libraries Universal Health Offer, how can we use our knowledge of the NHS and health information to support them?"},
			{N: 5, Text: "Have you got any tips for joint working?", Points: []string{"Project suggestions?", "Any barriers? How did you overcome them?"}},
		},
	}
	if diff := cmp.Diff(want, got, sameInstant); diff != "" {
		t.Errorf("got (+) and want (-) differ:\n%s", diff)
	}
}

// Plain text reads the same whether or not it is taken for Markdown.
func TestPlainTextAsMarkdown(t *testing.T) {
	for _, expect := range fixtures(t) {
		src := source(t, expect)
		text := string(cutBOM(src))
		if looksLikeHTML(text) || looksLikeMarkdown(text) || strings.Contains(text, "\r") {
			continue
		}
		plain := ParseAnnouncement(src, ReadOptions{Zone: london(t)})
		// Strong words in a line of their own, long after the end, make Markdown of anything.
		marked := ParseAnnouncement([]byte(text+"\n\nLeave a Reply\n\n**Markdown**\n"), ReadOptions{Zone: london(t)})
		if !looksLikeMarkdown(text + "\n\nLeave a Reply\n\n**Markdown**\n") {
			t.Errorf("%s: got plain text, want Markdown", expect)
		}
		a, b := asJSON(t, plain), asJSON(t, marked)
		for _, key := range []string{"kind", "hashtag", "weekday", "day", "month", "year", "start", "end", "leader", "questions", "warnings"} {
			if diff := cmp.Diff(a[key], b[key]); diff != "" {
				t.Errorf("%s: %s as Markdown (+) and as plain text (-) differ:\n%s", expect, key, diff)
			}
		}
	}
}

// What hangs under a question without a label belongs to it.
func TestAnnouncementHangingQuestion(t *testing.T) {
	r := ParseAnnouncement([]byte("Sleep: Tuesday 3 November 2020, 8pm\n\nThe questions:\n\nWho sleeps?\nWhat have you tried?\n    Did it last?\nWho snores?\n"), ReadOptions{Zone: london(t)})
	var got []string
	for _, q := range r.Questions {
		got = append(got, q.Text)
	}
	if diff := cmp.Diff([]string{"Who sleeps?", "What have you tried? Did it last?", "Who snores?"}, got); diff != "" {
		t.Errorf("questions: got (+) and want (-) differ:\n%s", diff)
	}
}

// Titles lose what every announcement says.
func TestCleanTitle(t *testing.T) {
	for _, c := range [][2]string{
		{"Next #wardlibs Twitter chat, Tuesday 18 August health and public libraries partnerships", "Health and public libraries partnerships"},
		{"Induction: the June chat, 8 pm, Tuesday 16 June", "Induction: the June chat"},
		{"#wardlibs: saying no", "Saying no"},
		{"28th April 2015 – Do plants help in a reading room?", "Do plants help in a reading room?"},
		{"Next #wardlibs chat – Tuesday 14 July, shelf labels", "Shelf labels"},
		{"Join #wardlibs on 16th January to discuss repositories.", "Repositories"},
		{"Labels (Tuesday 9 June, 8–9pm) #wardlibs", "Labels"},
		{"Next #wardlibs chat", ""},
		{"#wardlibs 18/08/2015 20:00-21:00 -- Trolleys", "Trolleys"},
		{"Tonight’s #wardlibs chat: information literacy", "Information literacy"},
		{"The great #wardlibs Christmas quiz. 8 pm, Tuesday 18th December", "The great Christmas quiz"},
		{"May #wardlibs, 8pm, Tuesday 17 May: now we are one", "Now we are one"},
	} {
		text, want := c[0], c[1]
		p := reader{r: Reading{Hashtag: Found[string]{Value: "#wardlibs"}}}
		if got := p.cleanTitle(text); got != want {
			t.Errorf("%q: got title %q, want %q", text, got, want)
		}
	}
}
