package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/archive"
	"github.com/ukmedlibs/catchword/bot/store"
)

func archiveCommand() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:   "archive CHAT | archive --from chat.json",
		Short: "Write a chat's archive again, from the database or from its record",
		Long: `archive writes the archive of a chat that was held, in a folder named after the chat: pages,
chat.json and answers.csv for machines, transcripts as plain text, and all of it as a bag
(BagIt) for repositories. The same chat gives the same bytes.

CHAT is the name of the chat file without ".md", as in 2026-12-15-your-chat. It is read from
the database; with --from, from the chat.json of an earlier archive instead, and from the
files that lie beside it.

  CATCHWORD_DATABASE  where the chat is stored (sqlite:data/catchword.db)
  CATCHWORD_ARCHIVE   the folder of all archives (archive)
  CATCHWORD_ARCHIVE_PUBLIC_URL  where that folder is on the web, for the citation
  CATCHWORD_ARCHIVE_LEADERBOARD  true to name those who answered most (false)`,
		Example: `  catchword archive 2026-12-15-your-chat
  catchword archive --from old-disk/2026-12-15-your-chat/chat.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if from != "" && len(args) > 0 {
				return errors.New("--from says which chat it is: leave the other name out")
			}
			if from != "" {
				return nil
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := readConfig()
			if err != nil {
				return err
			}
			var folder string
			if from != "" {
				folder, err = archiveRecord(cmd.Context(), config, from)
			} else {
				folder, err = archiveStored(cmd.Context(), config, strings.TrimSuffix(args[0], ".md"))
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), folder)
			return err
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "the chat.json of an earlier archive")
	return cmd
}

// archiveOptions are the same for every archive that is written, or its bytes would not be.
func (c config) archiveOptions() archive.Options {
	return archive.Options{URL: c.PublicURL, Leaderboard: c.Leaderboard}
}

func archiveStored(ctx context.Context, config config, slug string) (folder string, err error) {
	// Opening a store makes it, which is not what somebody who mistyped its path wants.
	if _, err := os.Stat(strings.TrimPrefix(config.Database, "sqlite:")); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no database at %s; CATCHWORD_DATABASE says where it is", config.Database)
	}
	db, err := store.Open(ctx, config.Database)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	transcript, ok, err := db.Transcript(ctx, slug)
	if err != nil {
		return "", err
	}
	if !ok {
		chats, err := db.Chats(ctx)
		if err != nil {
			return "", err
		}
		known := "it has none yet"
		if len(chats) > 0 {
			known = "it has"
		}
		for _, c := range chats {
			known += "\n  " + c.Slug
		}
		return "", fmt.Errorf("the database has no chat called %q; %s", slug, known)
	}
	o := config.archiveOptions()
	if o.Chats, err = db.Chats(ctx); err != nil {
		return "", err
	}
	folder, err = bot.WriteArchive(ctx, config.Archive, transcript, o)
	if err != nil {
		return "", fmt.Errorf("archive %s: %w", slug, err)
	}
	return folder, nil
}

func archiveRecord(ctx context.Context, config config, record string) (folder string, err error) {
	if err := os.MkdirAll(config.Archive, 0o755); err != nil {
		return "", err
	}
	root, err := os.OpenRoot(config.Archive)
	if err != nil {
		return "", err
	}
	defer root.Close()
	slug, err := archive.Rebuild(ctx, root, record, config.archiveOptions())
	return config.Archive + string(os.PathSeparator) + slug, err
}
