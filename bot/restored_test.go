package bot

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"

	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/questions"
)

// TestRestoredBackup replaces the database with a backup that lacks the last quarter of an hour of a chat, or its end.
func TestRestoredBackup(t *testing.T) {
	for name, test := range map[string]struct{ made, broken, back time.Duration }{
		"in the middle":       {9 * time.Minute, 24 * time.Minute, 25 * time.Minute},
		"after a long outage": {9 * time.Minute, 24 * time.Minute, 31 * time.Minute},
		"over the beginning":  {-time.Hour, 24 * time.Minute, 25 * time.Minute},
		"over the end":        {40 * time.Minute, 62 * time.Minute, 63 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inBubbleOnBoth(t, []string{"nhs", "public"}, func(n *harness) {
				n.run()
				n.schedule(testChat())
				copied, answers := filepath.Join(t.TempDir(), "copy.db"), map[string]questions.Section{}
				say := func(workspace, root, text string, section questions.Section) {
					n.send(workspace, "Ann", root, text)
					answers[text] = section
				}
				talk := func(from, to time.Duration) {
					for minute, speak := range []func(){
						8: func() { say("nhs", "## Q1", "early in a thread", "q1") },
						12: func() {
							say("nhs", "## Q1", "late in a thread", "q1")
							say("public", "## Q1", "in the other room", "q1")
						},
						18: func() {
							say("nhs", "## Q2", "to what is not in the backup", "q2")
							say("nhs", "", "live in its own room", "q2")
						},
						20: func() {
							say("public", "## Q2", "from elsewhere, to the same", "q2")
							say("public", "", "A1: by its label", "q1")
						},
						57: func() { say("public", "## Q5", "near the end", "q5"); say("nhs", "", "live before the closing", "q5") },
					} {
						if at := time.Duration(minute) * time.Minute; speak != nil && at > from && at <= to {
							n.at(at)
							speak()
						}
					}
					n.at(to)
					n.settle()
				}
				talk(-time.Hour, test.made)
				none := func(context.Context, *dbutil.Database) error { return nil }
				if err := n.db.Backup(n.Context(), copied, none, func(string, int) {}); err != nil {
					t.Fatal(err)
				}
				talk(test.made, test.broken)
				n.stop()
				n.address = "sqlite:" + copied
				n.at(test.back)
				n.run()
				n.schedule(testChat())
				n.settle()
				talk(test.back, 80*time.Minute)

				for name, p := range n.platforms {
					said := map[string]int{}
					for _, e := range p.Log() {
						if e.Kind == adaptertest.Posted {
							said[e.Key]++
						}
					}
					for key, times := range said {
						if times > 1 {
							t.Errorf("got %s posted %d times in %s, want once", key, times, name)
						}
					}
					for _, step := range append(testChat().Agenda(), questions.Step{Name: "numbers"}) {
						if step.Kind != questions.KindReminder && said[testChat().Slug+"/"+step.Name+"@"+name+"/"+string(p.Room("#chat"))] == 0 {
							t.Errorf("got %s not posted in %s", step.Name, name)
						}
					}
				}
				for text, section := range answers {
					if got := n.answer(text); got.Section != section {
						t.Errorf("got %q filed under %s, want %s", text, got.Section, section)
					}
					if got := len(n.shown("nhs", text)) + len(n.shown("public", text)); got != 2 {
						t.Errorf("got %q shown %d times, want in either room", text, got)
					}
				}
				if got := n.answers(); len(got) != len(answers) || len(answers) < 6 {
					t.Errorf("got %d answers, want %d", len(got), len(answers))
				}
				if t.Failed() {
					for name, p := range n.platforms {
						for _, m := range p.Messages("#chat") {
							t.Logf("%s %s %s %.40q", name, m.At.Sub(start), m.Key, strings.ReplaceAll(m.Text, "\n", " "))
						}
					}
				}
			})
		})
	}
}
