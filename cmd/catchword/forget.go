package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
		Short: "Erase a person from the database and from all archives",
		Long: `forget erases what a person wrote in the chats of a workspace, for good. It removes their words,
name and account from the database, including its free pages and its log, and rewrites every
archive that contained them, with a tombstone in the place of each answer, and without files that
only they attached. It also removes quotations of them in other people's answers, and their name
where it mentions or addresses them: after "@", in a link to them, at the start of a line ("Ann, …",
"Ann wrote: …"), and their full name anywhere. catchword run deletes the copies in other rooms: at once if it is running,
otherwise when it next starts. One line in the audit log says that somebody was erased, but not
who. If forget is interrupted, catchword run completes it within two minutes, and so does the next
forget.

WORKSPACE is its name in the configuration. USER is the person's ID there: in Slack the member
ID (profile, "Copy member ID"), in Matrix the full user ID.

What stays:
  - messages in the platform's own rooms, the person's and other people's quotations of them:
    their authors can delete those
  - what others wrote about them in their own words, and a name of one word inside a sentence:
    it may be any word
  - a question that a host asked at their suggestion, without their name
  - what a chat file says about its hosts and its leaders: forget reports it, and you can edit it
  - a digest of their ID, so that their earlier messages aren't read again from the platform's
    history, and nothing is recorded if they opted out
  - in Matrix, the ID, name and device keys of people who are still in the bot's rooms: run
    forget again once they have left
  - backups, and the logs of catchword and of PostgreSQL, which you have to delete yourself`,
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
				fmt.Fprint(cmd.OutOrStdout(), question+" Type yes to continue: ")
				answer, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
				return strings.TrimSpace(strings.ToLower(answer)) == "yes"
			}
			return config.forget(cmd.Context(), args[0], adapters.UserID(args[1]), names, ask, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "don't ask for confirmation")
	cmd.Flags().StringArrayVar(&names, "name", nil, "another name that others use for the person, such as the one behind a pseudonym; can be repeated")
	return cmd
}

func (config config) forget(ctx context.Context, workspace string, who adapters.UserID, names []string, ask func(string) bool, stdout, stderr io.Writer) error {
	return config.withStore(ctx, workspace, stderr, func(db *store.DB, b *bot.Bot) error {
		answers, other, err := b.CountStored(ctx, workspace, who)
		if err != nil {
			return err
		}
		pending, err := db.PendingErasures(ctx)
		if err != nil {
			return err
		}
		if answers+other+len(pending) == 0 {
			return fmt.Errorf("nothing is stored about %s in the workspace %s: check the ID (not the name) and the workspace's name", who, workspace)
		}
		if !ask(fmt.Sprintf("This erases %s of %s in %s and %d other rows for good.", questions.Plural(answers, "answer"), who, workspace, other)) {
			fmt.Fprintln(stdout, "Nothing was erased.")
			return errReported
		}
		erased, err := b.Forget(ctx, workspace, who, names...)
		if _, unfinished := errors.AsType[*bot.UnfinishedErasureError](err); err != nil && !unfinished {
			return err
		}
		var left []error // what still holds the person
		if err != nil {
			left = append(left, fmt.Errorf("the database: what was deleted is still in its unused pages or its log: %w", withRoom(err, config.Database)))
		}
		for _, slug := range erased.Chats {
			_, archived, err := db.ChangeCounts(ctx, slug)
			if err == nil && archived < 0 {
				continue
			}
			folder := ""
			if err == nil {
				folder, err = b.WriteArchive(ctx, slug)
			}
			if err != nil {
				left = append(left, fmt.Errorf("the archive of %s: %w", slug, err))
				continue
			}
			fmt.Fprintln(stdout, "rewrote", folder)
		}
		if answers+other > 0 {
			fmt.Fprintf(stdout, "Erased %s in %s. catchword run deletes the copies in other rooms.\n",
				questions.Plural(erased.Answers, "answer"), questions.Plural(len(erased.Chats), "chat"))
		} else if err == nil {
			fmt.Fprintln(stdout, "Completed an earlier erasure.")
		}
		if erased.Quoted > 0 {
			fmt.Fprintf(stdout, "Removed quotations and mentions in %s by others.\n", questions.Plural(erased.Quoted, "answer"))
		}
		for _, slug := range erased.Named {
			fmt.Fprintf(stdout, "The chat file of %s still names the person as a host or a leader; edit it to remove that too.\n", slug)
		}
		if len(left) > 0 {
			return fmt.Errorf("not erased yet, so run forget again when this is solved:\n%w", errors.Join(left...))
		}
		return nil
	})
}

// withRoom adds to an error of a full disk which disk is meant: to overwrite what was deleted, SQLite first copies the
// database into its folder for temporary files.
func withRoom(err error, database string) error {
	if !strings.Contains(err.Error(), "full") {
		return err
	}
	folders := []string{temporaryFolder()}
	if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
		folders = append(folders, filepath.Dir(path))
	}
	var rooms []string
	for _, folder := range folders {
		if free, known := freeSpace(folder); known {
			rooms = append(rooms, fmt.Sprintf("%s has %d MB free", folder, free/1e6))
		}
	}
	return fmt.Errorf("%w: overwriting needs room for a copy of the database among the temporary files (%s); free some, or name another folder in SQLITE_TMPDIR",
		err, strings.Join(rooms, ", "))
}

// temporaryFolder is where SQLite puts temporary files: https://www.sqlite.org/tempfiles.html
func temporaryFolder() string {
	for _, folder := range []string{os.Getenv("SQLITE_TMPDIR"), os.Getenv("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp"} {
		if info, err := os.Stat(folder); folder != "" && err == nil && info.IsDir() {
			return folder
		}
	}
	return "."
}
