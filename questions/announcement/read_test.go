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

// The start, from what the text says and what the person who imports it knows.
func TestReadStarts(t *testing.T) {
	const asked = "\n\nQ1. Who?\nQ2. What?\n"
	tests := []struct {
		name      string
		text      string
		published string
		year      int
		today     string
		want      string // the start, or ""
		doubts    []Code // but for those about title and hashtag
	}{
		{name: "the text's own year", text: "#x chat, Tuesday 18 August 2015, 8pm", today: "2026-11-22", want: "2015-08-18 20:00 BST"},
		{name: "published before it", text: "#x chat, Tuesday 18 August, 8pm", published: "2015-08-04", want: "2015-08-18 20:00 BST"},
		{name: "published in the year before", text: "#x chat, Tuesday 12 January, 8pm", published: "2015-12-20", want: "2016-01-12 20:00 GMT"},
		{name: "a reminder on the day", text: "#x chat, Tuesday 18 August, 8pm", published: "2015-08-18", want: "2015-08-18 20:00 BST"},
		{name: "the wrong weekday for its publication", text: "#x chat, Tuesday 18 August, 8pm", published: "2016-08-04", want: "2016-08-18 20:00 BST", doubts: []Code{WeekdayContradictsDate}},
		{name: "a year given", text: "#x chat, Tuesday 18 August, 8pm", year: 2020, want: "2020-08-18 20:00 BST"},
		{name: "proposed, ahead", text: "#x chat, Tuesday 15 December, 8pm", today: "2026-11-22", want: "2026-12-15 20:00 GMT", doubts: []Code{yearProposed}},
		{name: "proposed, behind", text: "#x chat, Tuesday 18 August, 8pm", today: "2026-11-22", want: "2026-08-18 20:00 BST", doubts: []Code{yearProposed}},
		{name: "no year fits nearby", text: "#x chat, Monday 18 August, 8pm", today: "2026-11-22", want: "2031-08-18 20:00 BST", doubts: []Code{noYear}},
		{name: "the next one, without a weekday", text: "#x chat, 22 November, 8pm", today: "2026-11-23", want: "2027-11-22 20:00 GMT", doubts: []Code{yearProposed}},
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
		{name: "out of season, and put right by another", text: "#x chat, Thursday 16 July 2026, 1pm EST / 6pm BST", want: "2026-07-16 13:00 EDT"},
		{name: "an offset", text: "#x chat, Thursday 10 December 2026, 20:00 GMT+1", want: "2026-12-10 20:00 +01"},
		{name: "an offset of half an hour", text: "#x chat, Thursday 10 December 2026, 8pm (UTC+5:30)", want: "2026-12-10 20:00 IST"},
		{name: "a city of the list", text: "#x chat, Thursday 10 December 2026, 8pm Lagos time", want: "2026-12-10 20:00 WAT"},
		{name: "a zone that nobody knows", text: "#x chat, Thursday 10 December 2026, 8pm Narnia time", want: "2026-12-10 20:00 GMT", doubts: []Code{zoneUnknown}},
		{name: "a zone of several countries", text: "#x chat, Thursday 10 December 2026, 8pm IST", want: "2026-12-10 20:00 IST", doubts: []Code{zoneAmbiguous}},
		{name: "a zone in a sentence of its own", text: "#x chat, Thursday 10 December 2026, 8pm. All times are US Central.", want: "2026-12-10 20:00 CST"},
		{name: "a range whose half of the day is open", text: "#x chat, Thursday 10 December 2026, from 8-9:30 GMT", want: "2026-12-10 20:00 GMT", doubts: []Code{eveningAssumed}},
		{name: "a time for something else", text: "#x chat, Thursday 10 December 2026, from 6:30pm for cake; the chat starts at 7pm", want: "2026-12-10 19:00 GMT", doubts: []Code{otherTime}},
		{name: "two sessions", text: "#x chat, Thursday 10 December 2026, 8pm GMT and again at 8pm EST", want: "2026-12-10 20:00 GMT", doubts: []Code{severalTimes}},
		{name: "figures that the zone decides", text: "#x chat 12/10/2026 at 8pm ET", want: "2026-12-10 20:00 EST"},
		{name: "figures that the weekday decides", text: "#x chat, Monday 12/10/2026, 8pm", want: "2026-10-12 20:00 BST"},
		{name: "figures that nothing decides", text: "#x chat 12/10/2026, 8pm", want: "2026-10-12 20:00 BST", doubts: []Code{numericDate}},
		{name: "the blog's date line", text: "Monday, May 4, 2026\n\nWeeding\n\nWeeding without tears\nThursday, May 7, 2026\n9pm Eastern", want: "2026-05-07 21:00 EDT"},
		{name: "a range that is cut off", text: "#x chat on 12 March 2027 to", doubts: []Code{noTime}},
		{name: "a year in brackets", text: "#x on the 5th of March (2027), 8pm", want: "2027-03-05 20:00 GMT"},
		{name: "the name of an image", text: "#x chat\n\nThursday 10 December 2026\n\nx - 082413 - 1730-1845 pacific time.png", doubts: []Code{dateUnsure, noTime}},
		{name: "German, with no zone", text: "#x am Donnerstag, 10. Dezember 2026, 20–21 Uhr", want: "2026-12-10 20:00 CET", doubts: []Code{zoneAssumed}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := mustRead(t, []byte(tt.text+asked), Options{Published: onDay(t, tt.published), Year: tt.year, Today: onDay(t, tt.today), Zone: london(t)})
			got := ""
			if !r.Resolved.IsZero() {
				got = r.Resolved.Format("2006-01-02 15:04 MST")
			}
			var doubts []Code
			for _, d := range r.Doubts {
				if d.Code != noHashtag && d.Code != titleUnsure {
					doubts = append(doubts, d.Code)
				}
			}
			if got != tt.want || !slices.Equal(doubts, tt.doubts) {
				t.Errorf("got %q and doubts %v, want %q and %v", got, doubts, tt.want, tt.doubts)
			}
		})
	}
}

// What a person gives counts, and settles the doubts about it.
func TestReadGiven(t *testing.T) {
	title, leader, start := "Tea", "Ada Box", Clock(19*60)
	r := mustRead(t, []byte("#x chat, 12/10/2026, 8pm Narnia time, hosted by somebody\n\nQ1. Who?\n"), Options{
		Zone: london(t), ZoneGiven: true,
		Given: Given{Title: &title, Leader: &leader, Start: &start, Date: Date{"Thursday", 10, 12, 2026}},
	})
	chat, err := r.Chat()
	if err != nil || len(r.Doubts) > 0 {
		t.Fatalf("got error %v and doubts %+v, want none", err, r.Doubts)
	}
	if got := chat.Starts.Format("2006-01-02 15:04 MST") + " " + chat.Title + " " + chat.Leader; got != "2026-12-10 19:00 GMT Tea Ada Box" {
		t.Errorf("got %q, want what was given", got)
	}
}

// Earlier chats decide what the text leaves open, and what differs from them is doubted.
func TestReadSeries(t *testing.T) {
	series := Series{Chats: 3, Hashtag: "#x", Weekday: "Thursday", Start: 20 * 60, Zone: "Europe/Dublin"}
	for text, want := range map[string][]Code{
		"#x and #y on 12/10/2026 at 8":         nil,
		"#x on Thursday 10 December 2026, 8pm": nil,
		"#x on Friday 11 December 2026, 8pm":   {unusualDay},
		"#x on Thursday 10 December 2026, 7pm": {unusualTime},
		"#y on Thursday 10 December 2026, 8pm": {unusualHashtag},
		"#x, Thursday 16 July 2026, 8pm IST":   nil,
	} {
		r := mustRead(t, []byte(text+"\n\nQ1. Who?\n"), Options{Zone: london(t), Series: series})
		var doubts []Code
		for _, d := range r.Doubts {
			doubts = append(doubts, d.Code)
		}
		if got := r.Resolved.Location().String(); !slices.Equal(doubts, want) || got != "Europe/Dublin" {
			t.Errorf("%s: got zone %s and doubts %v, want Europe/Dublin and %v", text, got, doubts, want)
		}
	}
}

// Every kind of label is one, and what is no question is none.
func TestReadQuestionLists(t *testing.T) {
	const head = "#x chat, Thursday 10 December 2026, 8pm\n\n"
	for list, want := range map[string][]string{
		"1 Do you lend?\n2 Do you borrow?":                           {"Do you lend?", "Do you borrow?"},
		"-Do you lend?\n-Do you borrow?":                             {"Do you lend?", "Do you borrow?"},
		"Prompt 1: Do you lend?\nPrompt 2: Why?":                     {"Do you lend?", "Why?"},
		"F1 Was?\nF2 Wer?":                                           {"Was?", "Wer?"},
		"P1 ¿Qué?\nP2 ¿Quién?":                                       {"¿Qué?", "¿Quién?"},
		"Vraag 1: Wat?\nVraag 2: Wie?":                               {"Wat?", "Wie?"},
		"| No. | Question |\n|---|---|\n| 1 | Who? |\n| 2 | What? |": {"Who?", "What?"},
		"Questions\n\uf0b7\tWho?\n\uf0b7\tWhat?":                     {"Who?", "What?"},
		"Q1. A?\nQ2. B?\n\nFollow us":                                {"A?", "B?"},
		"Work on the Welcome Box.":                                   nil,
	} {
		var got []string
		r := mustRead(t, []byte(head+list), Options{Zone: london(t)})
		for _, q := range r.Questions {
			got = append(got, q.Text)
		}
		if !slices.Equal(got, want) || r.Leader.OK() {
			t.Errorf("%q: got %q and leader %q, want %q and none", list, got, r.Leader.Value, want)
		}
	}
}

// Who leads is found in words, in fields, and by a nickname; what is not understood is doubted.
func TestReadLeaders(t *testing.T) {
	const head = "#x chat, Thursday 10 December 2026, 8pm\n\n"
	for text, want := range map[string]string{
		"Hosted by stack_9":                              "stack_9",
		"Chat captain this week: Ada Box":                "Ada Box",
		"Ada Box took the course and will be your host.": "Ada Box",
		"Moderation: Ada Böx":                            "Ada Böx",
		"Your host will be somebody from the coast.":     "?",
		"Thanks to Ada Box for leading last month.":      "",
		"Animé par Solène Box et Tom Reed":               "Solène Box et Tom Reed",
		"Leader wanted!":                                 "",
	} {
		r := mustRead(t, []byte(head+text+"\n\nQ1. Who?\n"), Options{Zone: london(t)})
		got := r.Leader.Value
		for _, d := range r.Doubts {
			if d.Code == leaderUnread {
				got = "?"
			}
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// What is no text, or text in another wrapping.
func TestDecode(t *testing.T) {
	for src, want := range map[string]string{
		"%PDF-1.7": "PDF", "PK\x03\x04": "Word", "{\\rtf1": "RTF", "https://example.org/chat": "address",
	} {
		if _, err := Read([]byte(src), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want one about %s", src, err, want)
		}
	}
	const chat = "#x chat, Thursday 10 December 2026, 8pm\n\nQ1. Who’s in?\n"
	wide := []byte{0xFF, 0xFE}
	for _, r := range chat {
		wide = append(wide, byte(r), byte(r>>8))
	}
	for name, src := range map[string]string{
		"UTF-16":           string(wide),
		"Windows-1252":     strings.ReplaceAll(chat, "’", "\x92"),
		"bidi controls":    strings.ReplaceAll(chat, "Who", "\u202eWho\u202c"),
		"quoted-printable": "Subject: x\nFrom: a@example.org\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" + strings.ReplaceAll(chat, "’", "=E2=80=99"),
	} {
		r := mustRead(t, []byte(src), Options{Zone: london(t)})
		if len(r.Questions) != 1 || r.Questions[0].Text != "Who’s in?" || r.Start.Value != 20*60 {
			t.Errorf("%s: got questions %+v at %v, want one at 20:00", name, r.Questions, r.Start.Value)
		}
	}
}

// The announcement that the project was founded on.
func TestFoundingAnnouncement(t *testing.T) {
	src, err := os.ReadFile("testdata/announcements/founding.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := mustRead(t, src, Options{Published: onDay(t, "2015-08-04"), Zone: london(t)})
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
