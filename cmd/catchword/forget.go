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
	var names []string
	cmd := &cobra.Command{
		Use:   "forget WORKSPACE USER",
		Short: "Erase a person from the database and from every archive",
		Long: `forget erases what a person has said in the chats of a workspace, for good: their words, name
and account are taken out of the database, also out of its free pages and its log, and every
archive that held them is written again, with a tombstone where each answer was, and without
the files that they alone attached. Where others have quoted them in a quotation, or addressed
them by "@" and their name, that is taken out as well. The copies in other rooms are taken back
by catchword run: at once if it runs, else when it next starts. One line in the audit log says
that somebody was erased, and not who. If forget is killed in the middle, run completes it within
two minutes, or so does the next forget.

WORKSPACE is its name in the configuration. USER is the person's ID there: in Slack the member
ID (profile, "Copy member ID"), in Matrix the whole address.

What stays: the person's own messages in their own room, which are theirs to delete, and so are
the quotations of others in theirs; what others say of them in words of their own; a question
that a host asked because they had suggested it, without their name, as the host's; what a chat
file says of its hosts and its leader, which is told, for you to mend; and a digest of their ID, by
which what they said until now is not read again from the platform's history, and nothing at all
is recorded if they have opted out. A Matrix account goes on knowing the address, name and device
keys of those who are in its rooms: once they have left, run forget again. Backups are yours to
erase, and so are the logs of catchword and of a PostgreSQL server.`,
		Example: `  catchword forget nhs U024BE7LH
  catchword forget community @ann:example.org --name "Ann Other"`,
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
			return config.forget(cmd.Context(), args[0], adapters.UserID(args[1]), names, ask, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "don't ask")
	cmd.Flags().StringArrayVar(&names, "name", nil, "another name by which others address the person, such as the one behind a pseudonym; may be given several times")
	return cmd
}

func (config config) forget(ctx context.Context, workspace string, who adapters.UserID, names []string, ask func(string) bool, stdout, stderr io.Writer) error {
	return config.withStore(ctx, workspace, stderr, func(db *store.DB, b *bot.Bot) error {
		answers, other, err := b.CountStored(ctx, workspace, who)
		if err != nil {
			return err
		}
		left, err := db.PendingErasures(ctx)
		if err != nil {
			return err
		}
		if answers+other+len(left) == 0 {
			return fmt.Errorf("nothing is stored of %s in the workspace %s: check the ID, which is not the name, and the workspace's name", who, workspace)
		}
		if !ask(fmt.Sprintf("%s of %s in %s, and %d other rows, will be erased for good.", questions.Plural(answers, "answer"), who, workspace, other)) {
			fmt.Fprintln(stdout, "Nothing was erased.")
			return errReported
		}
		erased, err := b.Forget(ctx, workspace, who, names...)
		// Archives are written again even if the database could not be scrubbed.
		for _, slug := range erased.Chats {
			_, archived, readErr := db.ChangeCounts(ctx, slug)
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
			questions.Plural(erased.Answers, "answer"), questions.Plural(len(erased.Chats), "chat"))
		if erased.Quoted > 0 {
			fmt.Fprintf(stdout, "quoted or addressed, and taken out there: in %s of others\n", questions.Plural(erased.Quoted, "answer"))
		}
		for _, slug := range erased.Named {
			fmt.Fprintf(stdout, "still named: as a host or the leader, in the chat file of %s; mend it if that is to go as well\n", slug)
		}
		return nil
	})
}
