package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// checkScript checks that a simulation can play the script.
func checkScript(t *testing.T, c questions.Chat, cast []scriptedMessage) {
	t.Helper()
	known := func(who string) bool {
		return slices.ContainsFunc(castMembers, func(p castMember) bool { return p.name == who })
	}
	for _, r := range cast {
		i := slices.IndexFunc(c.Agenda(), func(s questions.Step) bool { return s.Name == r.afterStep })
		if i < 0 {
			t.Errorf("%q comes after %q, which is no step of %s", r.text, r.afterStep, c.Slug)
		}
		if !known(r.author) || r.text == "" || r.delaySeconds < 0 {
			t.Errorf("%q by %q after %v s: want a cast member, a text, and a time", r.text, r.author, r.delaySeconds)
		}
		gone := slices.ContainsFunc(r.followUps, func(s followUp) bool { return s.action == actionDelete })
		for _, s := range r.followUps {
			switch {
			case !known(s.author):
				t.Errorf("%q is followed by %q, who is not of the cast", r.text, s.author)
			case s.action != actionReact && s.author != r.author:
				t.Errorf("%q is changed by %s, who didn't say it", r.text, s.author)
			case gone && s.action != actionDelete:
				t.Errorf("%q has more to follow than that it is taken back", r.text)
			case (s.action == actionDelete) != (s.argument == ""):
				t.Errorf("%q is followed by %v with %q", r.text, s.action, s.argument)
			}
		}
	}
}

func TestFoundingScript(t *testing.T) {
	chat, err := foundingChat()
	if err != nil {
		t.Fatal(err)
	}
	checkScript(t, chat, foundingScript)
	for _, p := range castMembers {
		if p.name == chat.Leader {
			t.Errorf("%s is a real person, and must not be given words", p.name)
		}
	}
}

func TestFoundingChat(t *testing.T) {
	chat, err := foundingChat()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := chat.Slug, "2015-08-18-health-and-public-libraries"; got != want {
		t.Errorf("got the slug %q, want %q", got, want)
	}
	if got, want := chat.Starts.String(), "2015-08-18 20:00:00 +0100 BST"; got != want {
		t.Errorf("got the start %q, want %q", got, want)
	}
	if got := len(chat.Questions); got != 5 || chat.Leader != "Holly Case" || chat.Hashtag != "#ukmedlibs" {
		t.Errorf("got %d questions, leader %q, hashtag %q; want 5, Holly Case, #ukmedlibs", got, chat.Leader, chat.Hashtag)
	}
}

func TestGenericScript(t *testing.T) {
	starts := time.Date(2026, time.December, 15, 20, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name      string
		length    time.Duration
		questions int
		hashtag   string
	}{
		{"an hour", time.Hour, 5, "#ukmedlibs"},
		{"no hashtag", time.Hour, 11, ""},
		{"a minute", time.Minute, 2, "#quick"},
		{"no questions", time.Hour, 0, "#festive"},
		{"days", 5 * 24 * time.Hour, 5, "#slow"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := questions.Chat{Slug: "test", Title: "Test", Hashtag: test.hashtag, Starts: starts, Ends: starts.Add(test.length)}
			for n := range test.questions {
				c.Questions = append(c.Questions, questions.Question{N: n + 1, Text: "Why?"})
			}
			cast := genericScript(c)
			checkScript(t, c, cast)
			answers := map[string]int{}
			for _, r := range cast {
				if r.style != offTopic {
					answers[r.afterStep]++
				}
			}
			for _, q := range c.Questions {
				if got := answers[string(questions.QuestionSection(q.N))]; got != answersPerQuestion {
					t.Errorf("got %d answers to question %d, want %d", got, q.N, answersPerQuestion)
				}
			}
			// All messages are sent before the next step.
			agenda := agendaWithoutHalfway(c)
			for i, s := range agenda[:len(agenda)-1] {
				for _, r := range cast {
					if lasts := agenda[i+1].At.Sub(s.At); r.afterStep == s.Name && r.delaySeconds >= lasts.Seconds() {
						t.Errorf("%q comes %v s after %s, which lasts %v", r.text, r.delaySeconds, s.Name, lasts)
					}
				}
			}
		})
	}
}

// TestRehearsalHasHost plays chats in a synctest bubble, which doesn't depend on the machine's speed, and checks the
// host's and participants' commands.
func TestRehearsalHasHost(t *testing.T) {
	const minute = "---\ntitle: A minute\nstarts: 2026-12-15 20:00 Europe/London\nends: 1m\nlead_in: 15s\nreminders: []\n---\n## Q1\nWhat happened?\n\n## Q2\nWho was there?\n"
	for _, test := range []struct {
		name, file string
		want       []string // patterns, in this order; those between blank ones are of one moment, in any order
	}{
		{"founding", "", []string{
			`nhs/#ukmedlibs +\(to Marged Pugh alone\) 🔔 Q1 in 2 minutes.*9 answers from 9 people`,
			`public/#library-chat +Moira Kerr: !catchword where`,
			`public/#library-chat +\(to Moira Kerr alone\) We are on Q3.*\n.*Q4 follows at 20:36 BST; the chat closes at 21:00 BST.\n.*open: Q1 · Q2`,
			`nhs/#ukmedlibs +Marged Pugh: !catchword extend 2m`,
			"",
			`\(to Marged Pugh alone\) ✅ Q4 has been live since 20:36 BST`,
			`#ukmedlibs +⏱ 2 minutes more for Q4. Q5 follows at 20:48 BST`,
			`#library-chat +⏱ 2 minutes more for Q4. Q5 follows at 20:48 BST`,
			"",
			`20:48:0\d .* Q5\n`,
			`21:02:0\d .* 🙏 Thank you, Holly Case`,
		}},
		{"any chat", minute, []string{
			`\(to Moira Kerr alone\) We are on Q1: What happened\?`,
			`nhs/#ukmedlibs +Marged Pugh: !catchword extend 1m`,
			`#(ukmedlibs|library-chat) +⏱ One minute more for Q2. The chat closes at`,
			`20:02:0\d .* 🙏`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := rehearsal{out: t.TempDir()}
			if test.file != "" {
				r.file = filepath.Join(t.TempDir(), "minute.md")
				if err := os.WriteFile(r.file, []byte(test.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Test(t, func(t *testing.T) {
				var out, errs bytes.Buffer
				if err := r.run(t.Context(), nil, &out, &errs); err != nil || errs.Len() > 0 {
					t.Fatalf("got the error %v, and %q", err, errs.String())
				}
				from, end, anyOrder := 0, 0, false
				for _, want := range test.want {
					if want == "" {
						from, anyOrder = end, !anyOrder
						continue
					}
					at := regexp.MustCompile(want).FindStringIndex(out.String()[from:])
					if at == nil {
						t.Fatalf("got %s\nwant %s in it, in this order", out.String(), want)
					}
					if end = max(end, from+at[1]); !anyOrder {
						from = end
					}
				}
			})
		})
	}
}

func TestClockSegments(t *testing.T) {
	starts := time.Date(2026, time.December, 15, 20, 0, 0, 0, time.UTC)
	chat := questions.Chat{Starts: starts, Ends: starts.Add(time.Hour)}
	heels := chat
	heels.Reminders = []questions.Reminder{{Before: 10 * time.Second}, {Before: 9 * time.Second}, {Before: time.Second}}
	cron := chat
	cron.Reminders = []questions.Reminder{{Cron: "0 9 * * *"}}
	none := chat
	none.Reminders = []questions.Reminder{}
	for _, test := range []struct {
		name     string
		chat     questions.Chat
		speed    float64
		segments int
		most     time.Duration // until the chat starts
	}{
		{"at the speed of the play", chat, chat.Length().Seconds() / defaultChatTime.Seconds(), 5, 4 * time.Second},
		{"fast", chat, 10_000, 5, time.Second},
		{"as it will be", chat, 1, 5, 8*time.Second + 3*time.Second},
		{"reminders on each other's heels", heels, 60, 4, 2 * time.Second},
		{"each morning of a month", cron, chat.Length().Seconds() / defaultChatTime.Seconds(), 31, 8 * time.Second},
		{"no reminders", none, 60, 1, time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			all := clockSegments(test.chat, test.speed)
			if len(all) != test.segments {
				t.Errorf("got %d segments, want %d: %v", len(all), test.segments, all)
			}
			var before time.Duration
			for i, l := range all[:len(all)-1] {
				if next := all[i+1].From; l.For <= 0 || l.From.Add(l.For).After(next) {
					t.Errorf("leg %d begins at %v and lasts %v, but the next one begins at %v", i, l.From, l.For, next)
				}
				before += time.Duration(float64(l.For) / l.Speed)
			}
			if before > test.most {
				t.Errorf("the reminders take %v, want at most %v", before, test.most)
			}
			if last := all[len(all)-1]; last.Speed != test.speed || last.From.After(starts) {
				t.Errorf("the chat is played from %v at speed %v, want from %v or earlier at speed %v", last.From, last.Speed, starts, test.speed)
			}
		})
	}
}

func TestTruncateWords(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"Why not?", "Why not?"},
		{"Have  you\ngot any?", "Have you got any?"},
		{"Have you got any tips?", "Have you got any …"},
		{"“Ärzte” und Bücher", "“Ärzte” und Bücher"},
	} {
		if got := truncateWords(test.text, 19); got != test.want {
			t.Errorf("truncateWords(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}
