package archive_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// largeChat is an evening of n answers such as people give: in two workspaces, with replies, newcomers, links and
// files. It is the same each time.
func largeChat(t testing.TB, n int) questions.Transcript {
	t.Helper()
	founding := foundingChat(t)
	c := founding.Chat
	r := rand.New(rand.NewPCG(2015, 8))
	names := []string{
		"Holly Case", "Tom Roper", "Jo Whitcombe", "Amira Osman", "Siân Ellis", "Bartholomew Featherstonehaugh-Cholmondeley",
		"ليلى حداد", "K.", "Morag NicLeòid", "Zoë Brontë", "Dee Okafor", "Paul",
	}
	texts := []string{
		"Not yet: nobody has asked us, and we would not know whom to ask.",
		"We share a reading group with the town library. It took a year to set up, mostly because of the *paperwork*, and it is the best thing we do.",
		"Agreed!",
		"Have a look at https://www.hee.nhs.uk/our-work/library-knowledge-services?utm_source=twitter which has a template agreement in it.",
		"Three things helped:\n\n1. a shared shelf\n2. a joint **leaflet**\n3. somebody to ring",
		"> coordinated information\n\nThat is the part that I never understood. Coordinated by whom?",
		"The [Reading Well lists](https://reading-well.org.uk/books) are what we began with, and [the evaluation](https://reading-well.org.uk/evaluation#summary) is worth your time.",
		"Funding, always funding.",
		"Our trust blocks `*.libraries.example.org`, so half of us could not even see the catalogue until last month 🙃",
		"http://reading-well.org.uk/books/ again, from the other side of the counter",
	}
	var answers []questions.Answer
	for i := range n {
		who := r.IntN(len(names))
		after := time.Duration(float64(i) / float64(n) * float64(62*time.Minute) * float64(r.IntN(30)+70) / 100)
		a := questions.Answer{
			Workspace: "nhs", Room: "C1", RoomName: "#ukmedlibs", Message: fmt.Sprintf("%06d", i), Author: names[who],
			AuthorID: fmt.Sprint("U", who), Newcomer: who%4 == 3, Text: texts[r.IntN(len(texts))], MatchedBy: questions.ByThread,
			At: c.Starts.Add(after), Section: questions.Introductions,
		}
		if who%3 == 0 {
			a.Workspace, a.Room, a.RoomName = "public", "!lib:example.org", "#libraries:example.org"
		}
		for _, s := range founding.Posted {
			if section := questions.Section(s.Step); section.QuestionNumber() > 0 && !s.At.After(a.At) {
				a.Section = section
			}
		}
		if after > 57*time.Minute && r.IntN(2) == 0 {
			a.Section, a.MatchedBy = questions.General, questions.ByLive
		}
		if i > 3 && r.IntN(4) == 0 {
			a.ReplyTo = answers[i-1-r.IntN(3)].ID()
		}
		if r.IntN(5) == 0 {
			a.Reactions = []questions.Reaction{{Emoji: "👍", Count: 1 + r.IntN(6)}, {Emoji: "❤️", Count: 1}}
		}
		if r.IntN(20) == 0 {
			a.Edited = a.At.Add(3 * time.Minute)
		}
		if r.IntN(25) == 0 {
			a.Files = []questions.File{{Name: "leaflet, final (2).pdf", Type: "application/pdf", Size: 120_000, URL: "https://files.example/1"}}
		}
		a.Withdrawn = r.IntN(40) == 0
		answers = append(answers, a)
	}
	tr := transcriptOf(c, answers...)
	tr.Rooms, tr.Posted = founding.Rooms, founding.Posted
	return tr
}

// twoUpcomingChats are two that are planned.
func twoUpcomingChats(t testing.TB) []questions.Chat {
	starts := time.Date(2015, 9, 15, 20, 0, 0, 0, london(t))
	return []questions.Chat{
		{
			Slug: "2015-09-15-research-data", Title: "Research data, and who keeps it", Hashtag: "#ukmedlibs", Leader: "Tom Roper",
			Starts: starts, Ends: starts.Add(time.Hour), Introduction: "What do we do with *data*, and commas; semicolons?",
		},
		{
			Slug: "2015-10-20-open-mic", Title: "Open mic", Starts: starts.AddDate(0, 0, 35), Ends: starts.AddDate(0, 0, 35).Add(time.Hour),
			Announced: starts,
		},
	}
}
