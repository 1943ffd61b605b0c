package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/questions"
)

// A newChat is what a person asks of new.
type newChat struct {
	folder, out           string
	series, title, leader string
	force                 bool
}

func newCommand() *cobra.Command {
	var n newChat
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make the chat file of the next chat of your series",
		Long: `new makes a chat file for the next date of your series, so that only the title, the leader,
the introduction and the questions are left to fill in. Hashtag, rooms, hosts, reminders and
all else are those of the latest chat in the folder whose file gives the rule of the series,
as in "series: third Tuesday 20:00 Europe/London". --series gives the rule where none does.`,
		Example: `  catchword new
  catchword new --title "Weeding without tears" --leader "Ada Box"
  catchword new --series "third Tuesday 20:00 Europe/London" --title "Our first chat"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			n.folder = cmp.Or(os.Getenv("CATCHWORD_CHATS"), "chats")
			return n.run(cmd.OutOrStdout(), cmd.ErrOrStderr(), time.Now())
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&n.out, "output", "o", "", "write the chat file to `FILE` (default chats/DATE-SLUG.md)")
	flags.StringVar(&n.series, "series", "", "the `RULE` of the dates, as in \"third Tuesday 20:00 Europe/London\"")
	flags.StringVar(&n.title, "title", "", "the `TITLE` of the chat")
	flags.StringVar(&n.leader, "leader", "", "who leads it")
	flags.BoolVar(&n.force, "force", false, "write over a file that is there")
	return cmd
}

// run makes the chat file of the first date of the series after the latest chat, and after now.
func (n newChat) run(stdout, stderr io.Writer, now time.Time) error {
	var inSeries []questions.Chat
	all := chatsIn(n.folder)
	for _, c := range all {
		if !c.Series.IsZero() {
			inSeries = append(inSeries, c)
		}
	}
	chat, found := latest(inSeries)
	if !found {
		chat, _ = latest(all)
	}
	if n.series != "" {
		rule, err := questions.ParseSeries(n.series)
		if err != nil {
			return fmt.Errorf("--series: %w", err)
		}
		chat.Series = rule
	}
	if chat.Series.IsZero() {
		return fmt.Errorf("no chat file in %s gives the rule of a series: give --series, as in --series \"third Tuesday 20:00 Europe/London\"", n.folder)
	}
	length := cmp.Or(chat.Length(), questions.DefaultLength)
	after := now
	if chat.Starts.After(after) {
		after = chat.Starts
	}
	chat.Starts = chat.Series.Next(after)
	chat.Ends = chat.Starts.Add(length)
	chat.Title, chat.Leader = cmp.Or(n.title, "Title to come"), n.leader
	chat.Announced, chat.Introduction, chat.Questions, chat.DOI, chat.LeaderAccounts = time.Time{}, "", nil, "", nil
	chat.Slug = questions.Slug(chat.Starts, chat.Title)
	path := cmp.Or(n.out, filepath.Join(n.folder, chat.Slug+".md"))
	return writeChatFile(path, questions.FormatChat(chat), n.force, "Add title, leader, introduction and questions, then:", stdout, stderr)
}
