package announcement

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ukmedlibs/catchword/questions"
)

// drawChat draws a chat that a chat file can hold.
func drawChat(t *rapid.T, zone *time.Location) questions.Chat {
	text := rapid.StringMatching(`[A-Za-zé’“”&<>*_#\[\]()0-9?.,:-]{1,12}( [A-Za-zé’“”&<>*_#\[\]()0-9?.,:-]{1,12}){0,8}`)
	starts := time.Date(2026, 1, 1, 0, 0, 0, 0, zone).AddDate(0, 0, rapid.IntRange(0, 700).Draw(t, "day"))
	starts = time.Date(starts.Year(), starts.Month(), starts.Day(), rapid.IntRange(6, 22).Draw(t, "hour"), 15*rapid.IntRange(0, 3).Draw(t, "quarter"), 0, 0, zone)
	c := questions.Chat{
		Title: text.Draw(t, "title"), Starts: starts, Ends: starts.Add(time.Duration(rapid.IntRange(2, 12).Draw(t, "length")) * 15 * time.Minute),
		Leader: rapid.SampledFrom([]string{"", "Ada Box", "Ada Box & Tom O’Reed"}).Draw(t, "leader"),
		Hosts:  []string{"nhs/U1"}, Introduction: rapid.SampledFrom([]string{"", "One.\n\nTwo *and* `three` </script> <b>."}).Draw(t, "introduction"),
	}
	if rapid.Bool().Draw(t, "tagged") {
		c.Hashtag = "#wardlibs"
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "questions") {
		c.Questions = append(c.Questions, questions.Question{N: i + 1, Text: escapeStart(escape(text.Draw(t, "question")))})
	}
	c.Slug = questions.Slug(c.Starts, c.Title)
	parsed, err := questions.ParseChat(c.Slug, questions.FormatChat(c))
	if err != nil {
		t.Skip("not a chat file")
	}
	return parsed
}

// What catchword announces, catchword reads back exactly, whatever day it is and whatever zone is usual.
func TestWriteRoundTrip(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		chat := drawChat(t, newYork)
		texts, err := Write(chat, Publication{Link: "https://example.org/next", Join: []string{"Slack: [join](https://example.org/slack)"}, Zones: []*time.Location{time.UTC}})
		if err != nil {
			t.Fatal(err)
		}
		for form, src := range map[string][]byte{"Markdown": texts.Markdown, "HTML": texts.HTML} {
			r, err := Read(src, Options{Zone: time.UTC})
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Chat()
			if diff := cmp.Diff(public(chat), got, sameInstant); err != nil || diff != "" {
				t.Fatalf("%s: error %v (-want +got):\n%s", form, err, diff)
			}
		}
		if n := utf8.RuneCount(texts.Short); n > maxShort || strings.Contains(string(texts.Markdown), "nhs/U1") {
			t.Fatalf("got a short post of %d characters, want at most %d, and no host in the announcement", n, maxShort)
		}
	})
}

// A mail has no block, and is plain enough to be read all the same.
func TestWriteMailReads(t *testing.T) {
	starts := time.Date(2026, 12, 15, 20, 0, 0, 0, london(t))
	chat := questions.Chat{
		Title: "Health and public libraries", Hashtag: "#wardlibs", Starts: starts, Ends: starts.Add(time.Hour), Leader: "Holly Case",
		Introduction: "Who works with whom?", Questions: []questions.Question{{N: 1, Text: "Do you?"}, {N: 2, Text: "Why not?", Points: []string{"Time?", "Money?"}}},
	}
	chat.Slug = questions.Slug(starts, chat.Title)
	sydney, err := time.LoadLocation("Australia/Sydney")
	if err != nil {
		t.Fatal(err)
	}
	texts, err := Write(chat, Publication{Zones: []*time.Location{sydney}})
	if err != nil {
		t.Fatal(err)
	}
	r := mustRead(t, texts.Mail, Options{Zone: time.UTC})
	got, err := r.Chat()
	if err != nil || len(r.Doubts) > 0 {
		t.Fatalf("got error %v and doubts %+v, want none, of:\n%s", err, r.Doubts, texts.Mail)
	}
	got.Introduction, chat.Introduction, got.ArchiveNote = "", "", ""
	if diff := cmp.Diff(chat, got, sameInstant); diff != "" {
		t.Errorf("-want +got:\n%s\nof:\n%s", diff, texts.Mail)
	}
}
