package archive

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/questions"
)

var regexpPart = regexp.MustCompile(`^part-[0-9a-f]{16}-page-2\.html$`)

func TestChatStats(t *testing.T) {
	starts := time.Date(2015, 8, 18, 19, 0, 0, 0, time.UTC)
	c := questions.Chat{Slug: "c", Starts: starts, Ends: starts.Add(time.Hour), Questions: []questions.Question{{N: 1}}}
	f := newChatStats(questions.Transcript{Chat: c, Posted: []questions.PostedStep{{Step: "q1", At: starts.Add(5 * time.Minute)}}})
	answer := func(message, who string, section questions.Section, at time.Duration) questions.Answer {
		return questions.Answer{Workspace: "w", Room: "r", Message: message, Author: who, AuthorID: "p-" + digest("w", who), Section: section, At: starts.Add(at)}
	}
	to := func(a questions.Answer, message string) questions.Answer {
		a.ReplyTo = questions.AnswerID{Workspace: "w", Room: "r", Message: message}
		return a
	}
	early := to(answer("1", "Ann", "introductions", -20*time.Minute), "3") // by a clock that is slow
	first := answer("2", "Ben", "q1", 5*time.Minute+30*time.Second)
	first.Newcomer = true
	second := to(answer("3", "Ann", "q1", 7*time.Minute), "2")
	again := to(answer("4", "Ben", "q1", 7*time.Minute+10*time.Second), "9")
	again.Newcomer = true
	late := answer("5", "Cat", "q1", 20*time.Hour)
	late.Late = true
	gone := answer("6", "Dan", "q1", 8*time.Minute)
	gone.Withdrawn, gone.Newcomer = true, true
	last := to(answer("7", "Ben", "q1", 9*time.Minute), "6")
	for _, a := range []questions.Answer{early, first, second, again, gone, last, late} {
		f.add(a, 2)
	}
	if f.Replies != 4 || f.FirstTimes != 1 {
		t.Errorf("got %d replies and %d first-timers, want 4 and 1", f.Replies, f.FirstTimes)
	}
	type who struct {
		From, To string
		N        int
	}
	var pairs []who
	for _, p := range f.replyPairs() {
		pairs = append(pairs, who{p.From.Name, p.To.Name, p.N})
	}
	// Replies to what isn't in the chat, or is gone, are counted but were to nobody who can be named.
	if diff := cmp.Diff([]who{{"Ann", "Ann", 1}, {"Ann", "Ben", 1}}, pairs); diff != "" {
		t.Errorf("who replied to whom differs (-want +got):\n%s", diff)
	}
	shortest, median, ok := f.responseTime("q1")
	if want := 2*time.Minute + 5*time.Second; !ok || shortest != 30*time.Second || median != want {
		t.Errorf("got a wait of %v, and a median of %v, want 30s and %v", shortest, median, want)
	}
	if leaders := f.topParticipants(1); len(leaders) != 1 || leaders[0].Name != "Ben" || leaders[0].Answers != 3 {
		t.Errorf("got %v first, want Ben with 3", leaders)
	}
	if busy := f.busiest(1); len(busy) != 1 || busy[0].N != 2 || !busy[0].From.Equal(starts.Add(7*time.Minute)) {
		t.Errorf("got %v as the busiest minute, want the seventh with 2", busy)
	}
	spells, length, outside := f.intervals(c)
	if len(spells) != 60 || length != time.Minute || outside != 2 {
		t.Errorf("got %d stretches of %v with %d answers outside, want 60 of a minute with 2", len(spells), length, outside)
	}
	page, name, ok := f.locate(second.ID())
	if page != "q1-page-2.html" || name != "Ann" || !ok {
		t.Errorf("got %s, %q, %v, want Ann's on q1-page-2.html", page, name, ok)
	}
	if _, name, ok = f.locate(gone.ID()); name != "" || !ok {
		t.Errorf("got the name %q of an answer that is gone, want none", name)
	}
	f.compact()
	if got := len(f.personKeys()); got != 3 {
		t.Errorf("got %d people, want 3", got)
	}
}

func TestIntervals(t *testing.T) {
	starts := time.Date(2015, 8, 18, 19, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		long  time.Duration
		want  time.Duration
		count int
	}{
		{time.Hour, time.Minute, 60},
		{2 * time.Hour, time.Minute, 120},
		{3 * time.Hour, 5 * time.Minute, 36},
		{7 * 24 * time.Hour, 6 * time.Hour, 28},
		{20 * 365 * 24 * time.Hour, 7 * 24 * time.Hour, 2 * maxIntervals},
	} {
		f := newChatStats(questions.Transcript{})
		all, length, _ := f.intervals(questions.Chat{Starts: starts, Ends: starts.Add(tt.long)})
		if len(all) != tt.count || length != tt.want {
			t.Errorf("%v: got %d stretches of %v, want %d of %v", tt.long, len(all), length, tt.count, tt.want)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 59 * time.Second: "59 s", 90 * time.Second: "1 min 30 s", 2 * time.Minute: "2 min", 25*time.Minute + time.Second: "25 min",
		time.Hour: "1 h", 90 * time.Minute: "1 h 30 min", 24 * time.Hour: "1 day", 72 * time.Hour: "3 days",
	} {
		if got := formatDuration(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestGridLines(t *testing.T) {
	for maxN, want := range map[int][]int{1: {0, 1}, 4: {0, 1, 2, 3, 4}, 5: {0, 2, 4}, 34: {0, 10, 20, 30}, 1700: {0, 500, 1000, 1500}} {
		if diff := cmp.Diff(want, gridLines(maxN)); diff != "" {
			t.Errorf("up to %d: lines differ (-want +got):\n%s", maxN, diff)
		}
	}
}

func TestURLKey(t *testing.T) {
	const page = "example.org/a?x=1#"
	for link, want := range map[string]string{
		"https://example.org/a?x=1":                               page,
		"http://EXAMPLE.org/a/?x=1":                               page,
		"https://example.org:443/a?utm_source=b&x=1&UTM_Medium=c": page,
		"https://example.org/a?x=1&fbclid=abc":                    page,
		"https://example.org/a?x=1#:~:text=hello":                 page,
		"https://example.org/a?x=2":                               "example.org/a?x=2#",
		"https://example.org/a?x=1#part":                          page + "part",
		"https://example.org":                                     "example.org?#",
		"https://example.org/":                                    "example.org?#",
		"mailto:a@example.org":                                    "",
		"https://":                                                "",
		"https://example.org/a b":                                 "",
		"javascript:alert(1)":                                     "",
	} {
		if got := urlKey(link); got != want {
			t.Errorf("%s: got %q, want %q", link, got, want)
		}
	}
}

func TestSectionPageName(t *testing.T) {
	for n, want := range []string{1: "index.html", 2: "q1-page-2.html", 3: "q1-page-3.html"} {
		if got := sectionPageName("q1", n); n > 0 && got != want {
			t.Errorf("page %d: got %s, want %s", n, got, want)
		}
	}
	for _, s := range []questions.Section{"../q1", "q01", "", "q1/../..", "index", "Q1", "q1-page-2"} {
		if got := sectionPageName(s, 2); !regexpPart.MatchString(got) {
			t.Errorf("section %q: got the file %q, want one that its name can't choose", s, got)
		}
	}
}
