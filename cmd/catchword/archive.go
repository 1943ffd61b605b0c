package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
)

func archiveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "archive CHAT",
		Short: "Write a chat's archive again, from the database",
		Long: `archive writes the archive of a chat that was held: index.html, time.html, chat.json,
answers.csv and transcript.md, in a folder named after the chat. The same chat gives the
same bytes.

CHAT is the name of the chat file without ".md", as in 2026-12-15-your-chat.

  CATCHWORD_DATABASE  where the chat is stored (sqlite:data/catchword.db)
  CATCHWORD_ARCHIVE   the folder of all archives (archive)`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			ctx, slug := cmd.Context(), strings.TrimSuffix(args[0], ".md")
			config, err := readConfig()
			if err != nil {
				return err
			}
			// Opening a store makes it, which is not what somebody who mistyped its path wants.
			if _, err := os.Stat(strings.TrimPrefix(config.Database, "sqlite:")); errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("there is no database at %s; CATCHWORD_DATABASE says where it is", config.Database)
			}
			db, err := store.Open(ctx, config.Database)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			transcript, ok, err := db.Transcript(ctx, slug)
			if err != nil {
				return err
			}
			if !ok {
				chats, err := db.Chats(ctx)
				if err != nil {
					return err
				}
				known := "it has none yet"
				if len(chats) > 0 {
					known = "it has"
				}
				for _, c := range chats {
					known += "\n  " + c.Slug
				}
				return fmt.Errorf("the database has no chat called %q; %s", slug, known)
			}
			folder, err := bot.WriteArchive(ctx, config.Archive, transcript)
			if err != nil {
				return fmt.Errorf("archive %s: %w", slug, err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), folder)
			return err
		},
	}
}
