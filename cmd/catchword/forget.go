package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

func forgetCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "forget WORKSPACE USER",
		Short: "Erase a person from the database and from every archive",
		Long: `forget erases what a person has said in the chats of a workspace, for good: their words, name
and account are taken out of the database, also out of its free pages and its log, and every
archive that held them is written again, with a tombstone where each answer was. The copies
in other rooms are taken back by catchword run: at once if it runs, else when it next starts.
One line in the audit log says that somebody was erased, and not who.

WORKSPACE is its name in the configuration. USER is the person's ID there: in Slack the member
ID (profile, "Copy member ID"), in Matrix the whole address.

What stays: the person's own messages in their own room, which are theirs to delete; a question
that a host asked because they had suggested it, without their name; and a digest of their ID, by
which what they said until now is not read again from the platform's history, and nothing at all
is recorded if they have opted out. Backups are yours to erase, and so are a PostgreSQL server's
own logs.`,
		Example: `  catchword forget nhs U024BE7LH
  catchword forget community @ann:example.org`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := readConfig()
			if err != nil {
				return err
			}
			ask := func(question string) bool {
				if yes {
					return true
				}
				fmt.Fprint(cmd.OutOrStdout(), question+" Type yes to go on: ")
				answer, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
				return strings.TrimSpace(strings.ToLower(answer)) == "yes"
			}
			return config.forget(cmd.Context(), args[0], adapters.UserID(args[1]), ask, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "don't ask")
	return cmd
}

func (config config) forget(ctx context.Context, workspace string, who adapters.UserID, ask func(string) bool, stdout, stderr io.Writer) error {
	return config.withStored(ctx, stderr, func(db *store.DB, b *bot.Bot) error {
		answers, other, err := db.Stored(ctx, workspace, who)
		if err != nil {
			return err
		}
		if answers+other == 0 {
			return fmt.Errorf("nothing is stored of %s in the workspace %s: check the ID, which is not the name, and the workspace's name", who, workspace)
		}
		if !ask(fmt.Sprintf("%s of %s in %s, and %d other rows, will be erased for good.", questions.Plural(answers, "answer"), who, workspace, other)) {
			fmt.Fprintln(stdout, "Nothing was erased.")
			return errRefused
		}
		chats, erased, err := b.Forget(ctx, workspace, who)
		// Archives are written again even if the database could not be scrubbed.
		for _, slug := range chats {
			_, archived, readErr := db.Changes(ctx, slug)
			if readErr != nil {
				return readErr
			}
			if archived < 0 {
				continue
			}
			folder, writeErr := b.WriteArchive(ctx, slug)
			if writeErr != nil {
				return writeErr
			}
			fmt.Fprintln(stdout, "written again:", folder)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "erased: %s in %s. Their copies in other rooms are taken back by catchword run.\n",
			questions.Plural(erased, "answer"), questions.Plural(len(chats), "chat"))
		return nil
	})
}
