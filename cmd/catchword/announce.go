package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/questions"
	"github.com/ukmedlibs/catchword/questions/announcement"
)

// An announcer is what a person asks of announce.
type announcer struct {
	out   string // a folder; "" for the default
	form  string // one form, for standard output
	link  string
	join  []string
	zones []string
}

func announceCommand() *cobra.Command {
	var a announcer
	cmd := &cobra.Command{
		Use:   "announce CHAT.md",
		Short: "Write a chat's announcement from its chat file",
		Long: `announce writes the announcement of a chat from its chat file, in all the forms in which
you publish it: a blog post in Markdown and in HTML, a mail, a post of at most 300
characters for social networks, and a calendar event. They say when the chat is, in several
time zones, how to join, and that it is recorded.

The blog posts end with a machine-readable block, a schema.org Event, which search engines
understand, and from which "catchword import" reads the chat back exactly. Who hosts the
chat, and who is told what comes, stays out of it.`,
		Example: `  catchword announce chats/2026-12-15-your-chat.md
  catchword announce --link https://example.org/next --join "Slack: https://example.org/join" chats/2026-12-15-your-chat.md
  catchword announce --form short chats/2026-12-15-your-chat.md`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.run(args[0], cmd.OutOrStdout(), time.Now())
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&a.out, "output", "o", "", "write the files into `FOLDER` (default announcements/CHAT)")
	flags.StringVar(&a.form, "form", "", "print one `FORM` only: markdown, html, mail, short or calendar")
	flags.StringVar(&a.link, "link", "", "the `ADDRESS` at which the announcement will stand")
	flags.StringArrayVar(&a.join, "join", nil, "how to join a room, in a few `WORDS`; give it once for each room")
	flags.StringSliceVar(&a.zones, "zones", []string{"America/New_York", "America/Los_Angeles", "Australia/Sydney", "UTC"}, "time zones in which to say when it is, besides its own")
	return cmd
}

// run writes the announcement of one chat file. now is the stamp of the calendar event.
func (a announcer) run(file string, stdout io.Writer, now time.Time) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the chat file: %w", err)
	}
	slug := strings.TrimSuffix(filepath.Base(file), ".md")
	chat, err := questions.ParseChat(slug, src)
	if err != nil {
		return fmt.Errorf("%s has faults; \"catchword check\" lists them: %w", file, err)
	}
	pub := announcement.Publication{Link: a.link, Join: a.join, Now: now}
	for _, name := range a.zones {
		zone, err := time.LoadLocation(name)
		if err != nil || name == "Local" {
			return fmt.Errorf("--zones: %q is not a time zone: write one such as Europe/London", name)
		}
		pub.Zones = append(pub.Zones, zone)
	}
	texts, err := announcement.Write(chat, pub)
	if err != nil {
		return err
	}
	forms := []struct {
		form, name string
		text       []byte
	}{
		{"markdown", "post.md", texts.Markdown},
		{"html", "post.html", texts.HTML},
		{"mail", "mail.txt", texts.Mail},
		{"short", "short.txt", append(texts.Short, '\n')},
		{"calendar", "chat.ics", texts.Calendar},
	}
	if a.form != "" {
		for _, f := range forms {
			if f.form == a.form {
				_, err := stdout.Write(f.text)
				return err
			}
		}
		return fmt.Errorf("--form %q is unknown: write markdown, html, mail, short or calendar", a.form)
	}
	folder := a.out
	if folder == "" {
		folder = filepath.Join("announcements", slug)
	}
	for _, f := range forms {
		path := filepath.Join(folder, f.name)
		if err := writeFileAtomic(path, f.text); err != nil {
			return fmt.Errorf("write the announcement: %w", err)
		}
		fmt.Fprintf(stdout, "Wrote %s\n", path)
	}
	return nil
}

// latest is the chat that begins last.
func latest(chats []questions.Chat) (c questions.Chat, ok bool) {
	if len(chats) == 0 {
		return c, false
	}
	return slices.MaxFunc(chats, func(a, b questions.Chat) int { return a.Starts.Compare(b.Starts) }), true
}
