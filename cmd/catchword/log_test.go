package main

import (
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

// participants are people whose names, IDs, files and words must not be in a log. All of these contain the word "quux".
var participants = []string{"Amy Quux", "Bob Quux", "Cat Quux"}

// simulateActivity ROOT makes people in both workspaces do everything they can, under the post that matches ROOT and
// elsewhere, while connections break and the platform rejects calls.
func simulateActivity(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: activity ROOT")
	}
	for workspace, room := range map[string]string{"nhs": "#ukmedlibs", "shelf": "#books"} {
		w := fakeSlack(ts, workspace)
		root := awaitShown(ts, w, room, args[0])
		w.Fault(func(f *slackfake.Faults) {
			f.LimitNext = map[string]int{"chat.postMessage": 1, "users.info": 1}
			f.LoseResponseNext, f.RefuseNext, f.DuplicateChance, f.ReplyCounts, f.Unfurl = 1, 1, .5, true, true
		})
		for _, name := range participants {
			p := w.Person(name)
			p.Join(room)
			first := p.Reply(room, root, "quux in the thread, see https://quux.example/quux?quux=1")
			p.Say(room, "A1: quux with a label <@"+p.ID()+">")
			second := p.Say(room, "quux with #ukmedlibs")
			p.Edit(room, first, "quux edited")
			p.React(room, first, "tada")
			p.Upload(room, root, "quux", slackfake.File{Name: "quux.png", Type: "image/png", Data: []byte("quux")})
			p.RunCommand(room, "/catchword", "suggest quux quux")
			p.RunCommand(room, "/catchword", "quux")
			p.Say(room, "!catchword pseudonym quux")
			p.Say(room, "<@"+w.BotUser()+"> anon quux")
			p.Delete(room, second)
		}
		w.Cut(-1)
		w.Person(participants[0]).Reply(room, root, "quux after a cut")
	}
	// Once everything went through, each room shows the last message of the other.
	awaitShown(ts, fakeSlack(ts, "nhs"), "#ukmedlibs", "shelf: quux after a cut")
	awaitShown(ts, fakeSlack(ts, "shelf"), "#books", "nhs: quux after a cut")
	// An edit that the other platform rejects for good is only logged.
	nhs, shelf := fakeSlack(ts, "nhs"), fakeSlack(ts, "shelf")
	bob := nhs.Person(participants[1])
	reply := bob.Reply("#ukmedlibs", awaitShown(ts, nhs, "#ukmedlibs", args[0]), "quux first")
	awaitShown(ts, shelf, "#books", "nhs: quux first")
	shelf.Fault(func(f *slackfake.Faults) { f.Fail = map[string]string{"chat.update": "cant_update_message"} })
	bob.Edit("#ukmedlibs", reply, "quux second")
}

// checkNoParticipantData FILE... checks that the files contain no data of the participants.
func checkNoParticipantData(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: no-participants FILE...")
	}
	words := []string{"quux"}
	for _, workspace := range []string{"nhs", "shelf"} {
		for _, name := range participants {
			words = append(words, strings.ToLower(fakeSlack(ts, workspace).Person(name).ID()))
		}
	}
	for _, file := range args {
		for line := range strings.Lines(ts.ReadFile(file)) {
			for _, w := range words {
				if strings.Contains(strings.ToLower(line), w) {
					ts.Fatalf("%s has participant data: %s", file, line)
				}
			}
		}
	}
}
