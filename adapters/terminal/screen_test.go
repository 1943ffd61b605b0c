package terminal_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/terminal"
)

var update = flag.Bool("update", false, "write what is got as what is wanted")

func TestScreen(t *testing.T) {
	for _, c := range []struct {
		name       string
		workspaces []string
		opts       terminal.Options
	}{
		{"wide", []string{"nhs", "public"}, terminal.Options{Width: 120}},
		{"wide-colour", []string{"nhs", "public"}, terminal.Options{Width: 120, Colour: true}},
		{"narrow", []string{"nhs", "public"}, terminal.Options{Width: 72}},
		{"alone", []string{"terminal"}, terminal.Options{Width: 160}},
		{"plain", []string{"nhs", "public"}, terminal.Options{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			showSampleChat(t, &out, c.opts, c.workspaces)
			golden := filepath.Join("testdata", c.name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); diff != "" {
				t.Errorf("the screen differs from %s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// showSampleChat shows a bit of a chat. Each workspace is shown what the bot says, and what people elsewhere do, too.
func showSampleChat(t *testing.T, out *strings.Builder, opts terminal.Options, names []string) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2015, 8, 17, 9, 0, 0, 0, london)
	opts.Now, opts.Zone = func() time.Time { return now }, london
	s := terminal.NewScreen(out, opts)
	var all []*terminal.Terminal
	for _, n := range names {
		all = append(all, s.Workspace(n, room))
	}
	key := 0
	post := func(w *terminal.Terminal, p adapters.Post) adapters.MessageID {
		t.Helper()
		key++
		p.Key, p.Room = fmt.Sprint(key), room
		id, err := w.Post(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	everywhere := func(text string) (ids []adapters.MessageID) {
		t.Helper()
		for _, w := range all {
			ids = append(ids, post(w, adapters.Post{Text: text}))
		}
		return ids
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	here, there := all[0], all[len(all)-1]

	everywhere("**Tomorrow:** *Health and public libraries partnerships*, <time datetime=\"2015-08-18T19:00:00Z\">Tuesday 18 August, 20:00 BST</time>. " +
		"Read [the introduction](https://ukmedlibs.wordpress.com/2015/08/12/august-chat/).")
	now = now.Add(35 * time.Hour)
	welcome := everywhere("Welcome to #ukmedlibs! Led by Holly Case.\n\nWhat is said here is recorded. Answer in the threads.")
	here.SendAs(amy, room, welcome[0], "Hello from a hospital library")
	now = now.Add(6 * time.Minute)
	q1 := everywhere("**Q1.** Have you got any tips for joint working?\n\n- Project suggestions?\n- Any barriers? How did you overcome them?")
	first, last := q1[0], q1[len(q1)-1]
	now = now.Add(12 * time.Second)
	said := here.SendAs(amy, room, first, "Yes! A *monthly* drop-in, see https://example.org/a/very/long/address/that/does/not/fit/into/a/column/of/the/screen")
	passed := post(there, adapters.Post{
		Thread: last, As: adapters.Persona{Name: amy.Name, Workspace: "nhs"},
		Text: "Yes! A *monthly* drop-in, see https://example.org/a/very/long/address/that/does/not/fit/into/a/column/of/the/screen",
	})
	list := there.SendAs(catia, room, last, "- we want to 😀\n- we have no `money`")
	there.SendAs(adapters.User{ID: "x", Name: "\x1b[31mMal\nlory\u202e"}, room, last, "A1 \x1b]0;owned\x07\x1b[2Jboo&#27;[5m\u200b\r\x08!\x9b31m")
	now = now.Add(time.Minute)
	must(here.EditAs(amy, room, said, "Yes! A **weekly** drop-in"))
	must(there.Edit(context.Background(), passed, adapters.Post{Room: room, Thread: last, As: adapters.Persona{Name: amy.Name, Workspace: "nhs"}, Text: "Yes! A **weekly** drop-in"}))
	must(there.ReactAs(catia, room, passed, "👍", true))
	must(here.React(t.Context(), adapters.Ref{Room: room, ID: said}, "👍", true))
	must(there.ReactAs(catia, room, passed, "👍", false))
	must(there.DeleteAs(catia, room, list))
	there.SendAs(catia, room, "", "Which question are we on?")
	must(there.PostEphemeral(t.Context(), catia.ID, adapters.Post{Room: room, Text: "Q1 is live."}))
	here.SendAs(amy, room, first, "图书馆和公共图书馆的合作伙伴关系图书馆和公共图书馆的合作伙伴关系图书馆和公共图书馆的合作伙伴关系")
	must(s.Print("The archive is in **archive/2015-08-18-health**"))
}

// No line of a screen is wider than the screen.
func TestScreenFits(t *testing.T) {
	for _, width := range []int{20, 40, 72, 99, 100, 111, 120, 200} {
		var out strings.Builder
		showSampleChat(t, &out, terminal.Options{Width: width}, []string{"nhs", "public"})
		for ln := range strings.Lines(out.String()) {
			if got := terminal.Width(strings.TrimSuffix(ln, "\n")); got > width {
				t.Errorf("a screen of %d cells: got a line of %d, %q", width, got, ln)
			}
		}
	}
}
