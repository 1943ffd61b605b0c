package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot/store"
)

// An edit counts as a whole: it decides under which question the answer is filed.
func TestEditsMoveAnswers(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(27 * minute) // Q3 is live
		public := n.platforms["public"]
		edit := func(name string, text string) {
			n.Helper()
			m := n.find("public", strings.ToLower(name)+"’s")
			if err := public.EditAs("#chat", person(name), m.ID, text); err != nil {
				n.Fatal(err)
			}
			n.settle()
		}
		n.send("public", "Amy", "", "A2: Amy’s amy’s answer")
		n.send("public", "Bob", "", "#ukmedlibs bob’s answer")
		n.send("public", "Cyd", "", "cyd’s words, of no chat")
		n.settle()
		n.wantInThread("nhs", "amy’s answer", "matter 2")

		edit("Amy", "A3: Amy’s amy’s answer")
		n.wantInThread("nhs", "amy’s answer", "matter 3")
		if a := n.answer("amy’s answer"); a.Section != "q3" {
			n.Errorf("got section %q after the label was corrected, want q3", a.Section)
		}
		edit("Amy", "Amy’s amy’s answer") // without label or hashtag, in a room with other conversations
		n.wantNone("nhs", "amy’s answer")
		edit("Amy", "A1: Amy’s amy’s last answer")
		n.wantInThread("nhs", "amy’s last answer", "matter 1")

		edit("Bob", "bob’s answer")
		n.wantNone("nhs", "bob’s answer")
		edit("Cyd", "#ukmedlibs cyd’s words")
		n.wantInThread("nhs", "cyd’s words", "matter 3")
		if got := len(n.answers()); got != 2 {
			n.Errorf("got %d answers, want Amy’s and Cyd’s: %+v", got, n.answers())
		}
	})
}

func TestEditsChangeFiles(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(27 * minute)
		nhs := n.platforms["nhs"]
		id := nhs.UploadAs("#chat", person("Amy"), "", "See these", adaptertest.File{Name: "one.pdf"}, adaptertest.File{Name: "two.pdf"})
		n.settle()
		n.find("public", "two.pdf")
		if err := nhs.RemoveFile("#chat", id, "two.pdf"); err != nil {
			n.Fatal(err)
		}
		n.settle()
		n.wantNone("public", "two.pdf")
		n.find("public", "one.pdf")
		if a := n.answer("See these"); len(a.Files) != 1 || a.Files[0].Name != "one.pdf" {
			n.Errorf("got files %+v, want one.pdf alone", a.Files)
		}
	})
}

func TestEditCorrectsCommand(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(7 * minute)                                      // Q1 is live
		for i, workspace := range []string{"public", "nhs"} { // shared, and dedicated: there the typo is an answer
			n.at(time.Duration(7+2*i) * minute) // apart, because two hosts who send it at once mean one step
			id := n.send(workspace, "host", "", "!catchword nxet")
			n.settle()
			for range 2 { // the second edit is of no effect: the command was carried out
				if err := n.platforms[workspace].EditAs("#chat", person("host"), id, "!catchword next"); err != nil {
					n.Fatal(err)
				}
				n.settle()
			}
			n.find("nhs", []string{"matter 2", "matter 3"}[i])
			n.wantNone("nhs", []string{"matter 3", "matter 4"}[i])
			n.wantNone(map[string]string{"nhs": "public", "public": "nhs"}[workspace], "nxet")
		}
		if got := n.answers(); len(got) != 0 {
			n.Errorf("got answers %+v, want none", got)
		}
	})
}

// TestEditsOfWhatHostsPosted edits and deletes commands that posted something, in a room and in private conversations.
func TestEditsOfWhatHostsPosted(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(10 * minute)
		p := n.platforms["nhs"]
		edit := func(id adapters.MessageID, text string) {
			n.Helper()
			if err := p.EditAs("#chat", host, id, text); err != nil {
				n.Fatal(err)
			}
			n.settle()
		}
		wantBoth := func(text string) {
			n.Helper()
			n.find("nhs", text)
			n.find("public", text)
		}
		wantNeither := func(text string) {
			n.Helper()
			n.wantNone("nhs", text)
			n.wantNone("public", text)
		}
		inRoom := n.send("nhs", "host", "", "!catchword say Cake at hte break")
		private := p.CommandAs("", host, "ask And what of fundng?")
		n.settle()
		wantBoth("📣 Cake at hte break")
		wantBoth("And what of fundng?")
		edit(inRoom, "!catchword say Cake at the break")
		p.EditCommand(host, private, "ask And what of **funding**?")
		n.settle()
		wantBoth("📣 Cake at the break")
		wantBoth("And what of **funding**?")
		wantNeither("hte break")
		wantNeither("fundng")
		n.stop() // edits work after a restart as well
		n.run()
		edit(inRoom, "!catchword say Cake at the end")
		wantBoth("📣 Cake at the end")

		// Both are taken back.
		p.DeleteAs("#chat", host, inRoom)
		p.EditCommand(host, private, "")
		n.settle()
		wantNeither("📣")
		wantNeither("funding")
		n.send("nhs", "Ann", "", "an answer to what is live now")
		n.settle()
		if a := n.answer("an answer to what is live now"); a.Section != "q1" {
			n.Errorf("got %+v, want it in the question before the one that was taken back", a)
		}

		// The next gets a number of its own. Once it has an answer, its place stays.
		again := p.CommandAs("", host, "ask And what of lunch?")
		n.settle()
		n.send("public", "Cat", "## Q7", "soup")
		n.settle()
		p.EditCommand(host, again, "next please") // is neither the question any more, nor carried out
		n.settle()
		wantNeither("lunch")
		wantBoth("taken back")
		n.wantInThread("nhs", "soup", "## Q7")

		// A mistyped command in private is carried out once it is corrected, and then never again.
		slip := p.CommandAs("", host, "nxet")
		n.settle()
		p.EditCommand(host, slip, "next")
		n.settle()
		wantBoth("## Q2")
		p.EditCommand(host, slip, "end")
		p.EditCommand(host, slip, "next!")
		n.settle()
		wantNeither("## Q3")
		wantNeither("🙏")
	})
}

// TestDeletedFile deletes a file everywhere at once, after its message was edited.
func TestDeletedFile(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(10 * minute)
		p := n.platforms["nhs"]
		file := adaptertest.File{Name: "poster.pdf", Type: "application/pdf", Data: []byte("words")}
		alone := p.UploadAs("#chat", person("Ann"), n.find("nhs", "## Q1").ID, "", file)
		with := p.UploadAs("#chat", person("Bob"), n.find("nhs", "## Q1").ID, "see this", adaptertest.File{Name: "other.pdf", Data: []byte("x")}, file)
		n.settle()
		if err := p.EditAs("#chat", person("Bob"), with, "see these"); err != nil {
			n.Fatal(err)
		}
		n.settle()
		if got := n.shown("public", "poster.pdf"); len(got) != 2 {
			n.Fatalf("got %+v, want two messages with the file", got)
		}
		for _, id := range []adapters.MessageID{alone, with} {
			a, _, err := n.db.Answer(n.Context(), store.AnswerKey("nhs", adapters.Ref{Room: p.Room("#chat"), ID: id}))
			if err != nil {
				n.Fatal(err)
			}
			if err := n.bot.sink(workspaceNamed(n.bot, "nhs"))(n.Context(), &adapters.FileDeleted{URLPart: a.Files[len(a.Files)-1].URL, At: time.Now()}); err != nil {
				n.Fatal(err)
			}
		}
		n.settle()
		n.wantNone("public", "poster.pdf")
		n.wantContains("copy", n.find("public", "see these").Text, "other.pdf")
		n.at(70 * minute)
		for path, text := range n.archiveFiles() {
			if strings.Contains(path+text, "poster.pdf") {
				n.Errorf("got poster.pdf in %s", path)
			}
		}
	})
}

// TestRemovedQuestion has a moderator remove a question's post in one room: the answers from elsewhere are shown there
// all the same, whether the bot has heard of it or not.
func TestRemovedQuestion(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		n.schedule(testChat())
		n.at(10 * minute)
		p := n.platforms["public"]
		p.SetFaults(func(f *adaptertest.Faults) { f.DropUpdates = true })
		p.DeleteAs("#chat", person("Mod"), n.find("public", "## Q1").ID)
		n.settle()
		n.send("nhs", "Ann", "## Q1", "- sent before the bot\n- knows of it")
		n.settle()
		if got := n.find("public", "knows of it"); got.Thread != "" || !strings.HasPrefix(got.Text, "**Q1**\n\n- sent") {
			n.Errorf("got %+v, want it in the room, and to which question it belongs", got)
		}
		p.SetFaults(func(f *adaptertest.Faults) { f.DropUpdates = false })
		n.at(14 * minute)
		n.stop()
		n.run()
		n.settle()
		id := n.send("nhs", "Bob", "## Q1", "sent afterwards")
		n.settle()
		if got := n.find("public", "sent afterwards"); got.Thread != "" || !strings.HasPrefix(got.Text, "**Q1**") {
			n.Errorf("got %+v, want it in the room, and to which question it belongs", got)
		}
		if err := n.platforms["nhs"].EditAs("#chat", person("Bob"), id, "sent and edited"); err != nil {
			n.Fatal(err)
		}
		n.settle()
		n.wantContains("copy", n.find("public", "sent and edited").Text, "**Q1**")

		n.command("nhs", host, "repeat")
		again := n.find("public", "Q1 again")
		if strings.Contains(again.Text, "its thread") {
			n.Errorf("got %q, want no word of a thread that is gone", again.Text)
		}
		n.send("nhs", "Cat", "## Q1", "sent after the repetition")
		n.settle()
		if got := n.find("public", "sent after the repetition"); got.Thread != again.ID || strings.Contains(got.Text, "**Q1**") {
			n.Errorf("got %+v, want it in the thread of the repetition", got)
		}
		for _, text := range []string{"knows of it", "sent and edited", "after the repetition"} {
			if a := n.answer(text); a.Section != "q1" {
				n.Errorf("got %q in %s, want in q1", text, a.Section)
			}
		}
	})
}
