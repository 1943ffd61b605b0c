package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
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
