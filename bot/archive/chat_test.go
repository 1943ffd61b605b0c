package archive_test

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// transcriptOf is a transcript that is held in memory, in any order.
func transcriptOf(c questions.Chat, answers ...questions.Answer) questions.Transcript {
	byTime := func(a, b questions.Answer) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Workspace, b.Workspace), cmp.Compare(a.Room, b.Room), cmp.Compare(a.Message, b.Message))
	}
	return questions.Transcript{
		Chat: c,
		Answers: func(_ context.Context, order questions.Order) iter.Seq2[questions.Answer, error] {
			ordered := slices.SortedFunc(slices.Values(answers), byTime)
			if order == questions.OrderBySection {
				slices.SortStableFunc(ordered, func(a, b questions.Answer) int { return cmp.Compare(a.Section.Order(), b.Section.Order()) })
			}
			return func(yield func(questions.Answer, error) bool) {
				for _, a := range ordered {
					if !yield(a, nil) {
						return
					}
				}
			}
		},
	}
}

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// foundingChat is the chat of 18 August 2015, which catchword was written for, with an answer of every kind.
func foundingChat(t testing.TB) questions.Transcript {
	starts := time.Date(2015, 8, 18, 20, 0, 0, 0, london(t))
	c := questions.Chat{
		Slug:    "2015-08-18-health-and-public-libraries",
		Title:   "Health and public libraries partnerships",
		Hashtag: "#ukmedlibs",
		Starts:  starts,
		Ends:    starts.Add(time.Hour),
		Leader:  "Holly Case",
		Licence: "CC-BY-4.0",
		Introduction: "*Knowledge for healthcare: a development framework* (KfH) clearly states the importance of working closely " +
			"with our colleagues in public libraries. Are there examples of work already in progress out there?\n\n" +
			"Join us for our next discussion on the partnership between health libraries and public libraries. " +
			"The framework is at <https://www.hee.nhs.uk/our-work/library-knowledge-services>.",
		Questions: []questions.Question{
			{N: 1, Text: "Are you currently working with your local public library? If yes, then how and if not, what barriers are stopping you?"},
			{N: 2, Text: "Do you think that KfH will help solidify the relationships between public libraries and NHS libraries?"},
			{N: 3, Text: "KfH mentions the importance of partnerships in offering “coordinated information to patients and the public”. " +
				"Do you think our public libraries colleagues will be able to support us in that?"},
			{N: 4, Text: "In 2014 The Society of Chief Librarians and Reading Agency put forward the **Public Libraries Universal Health Offer**.\n\n" +
				"How can we use our knowledge of the NHS and health information to support them?"},
			{N: 5, Text: "Have you got any tips for joint working?", Points: []string{"Project suggestions?", "Any barriers? How did you overcome them?"}},
		},
	}
	at := func(minute, second int) time.Time {
		return starts.Add(time.Duration(minute)*time.Minute + time.Duration(second)*time.Second)
	}
	said := func(n int, workspace, author string, section questions.Section, how questions.MatchedBy, when time.Time, text string) questions.Answer {
		a := questions.Answer{
			Workspace: workspace, Author: author, AuthorID: "U" + author, Section: section, MatchedBy: how, At: when, Text: text,
			Room: "C1", RoomName: "#ukmedlibs", Message: when.UTC().Format("150405.") + string(rune('a'+n)),
		}
		if workspace == "public" {
			a.Room, a.RoomName = "!lib:example.org", "#libraries:example.org"
		}
		return a
	}
	q := questions.QuestionSection
	edited := said(4, "nhs", "Tom Roper", q(1), questions.ByThread, at(8, 40), "We run a *reading well* scheme with the town library:\n\n1. a shared shelf\n2. a joint **leaflet**\n3. one [web page](https://example.org/reading-well)")
	edited.Edited = at(12, 5)
	liked := said(5, "public", "Amira Osman", q(1), questions.ByThread, at(9, 2), "From the other side: our branch would love this. Who do we ring?")
	liked.Reactions = []questions.Reaction{{Emoji: "❤️", Count: 1}, {Emoji: "👍", Count: 4}, {Emoji: ":books:", Count: 1}}
	gone := said(6, "nhs", "Priya Shah", q(2), questions.ByThread, at(15, 0), "My manager says this will never work.")
	gone.Withdrawn = true
	late := said(12, "nhs", "Jo Whitcombe", q(5), questions.ByThread, at(13*60+12, 0), "Catching up this morning: `joint induction` was the best thing we did.")
	late.Late = true
	tr := transcriptOf(
		c,
		said(0, "nhs", "Holly Case", questions.Introductions, questions.ByThread, at(1, 10), "Evening all, Holly from Surrey, leading tonight."),
		said(1, "nhs", "Tom Roper", questions.Introductions, questions.ByThread, at(1, 30), "Tom, clinical librarian in Brighton"),
		said(2, "public", "Amira Osman", questions.Introductions, questions.ByThread, at(2, 5), "Hello from a public library in Leeds 👋"),
		said(3, "nhs", "Jo Whitcombe", q(1), questions.ByTag, at(7, 15), "A1: Not yet. The barrier is time, and not knowing who to ask."),
		edited, liked, gone,
		said(7, "public", "Amira Osman", q(2), questions.ByHashtag, at(16, 20), "It would help if we could read it: is there a short version? #ukmedlibs"),
		said(8, "nhs", "Holly Case", q(2), questions.ByThread, at(17, 0), "There is, two pages: https://www.hee.nhs.uk/kfh-summary?for=public&pages=2"),
		said(9, "nhs", "Tom Roper", q(3), questions.ByLive, at(25, 45), "> coordinated information\n\nYes, if we train together. We lent them *our* course."),
		said(10, "public", "ليلى حداد", q(5), questions.ByThread, at(51, 0), "ابدأوا بمشروع صغير: رف واحد للكتب الصحية."),
		said(11, "public", "Amira Osman", questions.General, questions.ByLive, at(58, 30), "Thank you all. Next time at ours?"),
		late,
	)
	tr.Rooms = []questions.TranscriptRoom{
		{Workspace: "nhs", Room: "C1", Name: "#ukmedlibs"},
		{Workspace: "public", Room: "!lib:example.org", Name: "#libraries:example.org"},
	}
	tr.Posted = []questions.PostedStep{
		{Step: "reminder-1d", At: starts.AddDate(0, 0, -1)},
		{Step: "welcome", At: at(0, 0)},
		{Step: "introductions", At: at(0, 1)},
		{Step: "q1", At: at(6, 0)},
		{Step: "q2", At: at(14, 30)},
		{Step: "q3", At: at(25, 0)},
		{Step: "q4", At: at(36, 0)},
		{Step: "q5", At: at(46, 0)},
		{Step: "last-call", At: at(55, 0)},
		{Step: "closing", At: at(60, 0)},
	}
	return tr
}

// festiveChat has no questions, no leader, no hashtag and one room.
func festiveChat(t testing.TB) questions.Transcript {
	starts := time.Date(2026, 12, 15, 20, 0, 0, 0, london(t))
	c := questions.Chat{
		Slug: "2026-12-15-festive-chat", Title: "The festive chat", Starts: starts, Ends: starts.Add(time.Hour),
		Introduction: "No questions tonight: bring a mince pie.",
	}
	tr := transcriptOf(
		c,
		questions.Answer{
			Workspace: "nhs", Room: "C1", RoomName: "#ukmedlibs", Message: "1", Author: "Holly Case", AuthorID: "U1",
			Section: questions.General, MatchedBy: questions.ByLive, At: starts.Add(3 * time.Minute), Text: "Happy Christmas, everybody!",
		},
		questions.Answer{
			Workspace: "nhs", Room: "C1", RoomName: "#ukmedlibs", Message: "2", Author: "Tom Roper", AuthorID: "U2",
			Section: questions.General, MatchedBy: questions.ByLive, At: starts.Add(4 * time.Minute), Text: "And to you. Best book of the year?\nMine is *Piranesi*.",
		},
	)
	tr.Rooms = []questions.TranscriptRoom{{Workspace: "nhs", Room: "C1", Name: "#ukmedlibs"}}
	tr.Posted = []questions.PostedStep{{Step: "welcome", At: starts}, {Step: "closing", At: starts.Add(time.Hour)}}
	return tr
}
