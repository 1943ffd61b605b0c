package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
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
		Short: "Rewrite a chat's archive, from the database or from its chat.json",
		Long: `archive writes the archive of a chat to a folder named after the chat: pages, chat.json and
answers.csv for programs, transcripts as plain text, and all of it as a bag (BagIt) for
repositories. The same chat gives the same bytes.

CHAT is the name of the chat file without ".md", such as 2026-12-15-your-chat. The chat is
read from the database, or with --from, from an earlier archive: its chat.json and the files
next to it.

The result is the same as that of catchword run. The variables CATCHWORD_DATABASE and
CATCHWORD_ARCHIVE… apply; catchword config explains them. With CATCHWORD_ARCHIVE_FILES=true,
missing attachments are downloaded, which needs the workspaces' variables as well.`,
		Example: `  catchword archive 2026-12-15-your-chat
  catchword archive --from old-disk/2026-12-15-your-chat/chat.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if from != "" && len(args) > 0 {
				return errors.New("--from already names the chat: remove the other name")
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
				folder, err = archiveFromRecord(cmd.Context(), config, from, cmd.ErrOrStderr())
			} else {
				folder, err = archiveFromStore(cmd.Context(), config, strings.TrimSuffix(args[0], ".md"), cmd.ErrOrStderr())
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

func archiveFromStore(ctx context.Context, config config, slug string, stderr io.Writer) (folder string, err error) {
	err = config.withStore(ctx, "", stderr, func(db *store.DB, b *bot.Bot) error {
		folder, err = b.WriteArchive(ctx, slug)
		if !errors.Is(err, bot.ErrNoChat) {
			return config.Log.redactError(err)
		}
		chats, err := db.Chats(ctx)
		if err != nil {
			return err
		}
		known := "the database is empty"
		if len(chats) > 0 {
			known = "the database has"
		}
		for _, c := range chats {
			known += "\n  " + c.Slug
		}
		return fmt.Errorf("there is no chat %q; %s", slug, known)
	})
	return folder, err
}

// withStore opens the store for a command that may run at the same time as catchword run. If attachments are archived,
// it also makes the workspaces, to download them; otherwise only the named workspace, if any.
func (config config) withStore(ctx context.Context, workspace string, stderr io.Writer, do func(*store.DB, *bot.Bot) error) (err error) {
	db, err := openExistingStore(ctx, config.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var connected []bot.Workspace
	if config.KeepFiles || workspace != "" {
		var workspaces []workspaceConfig
		if config, workspaces, err = readWorkspaces(); err != nil {
			return err
		}
		// A Matrix account may have kept data in a workspace that is no longer configured.
		if workspace != "" && !slices.ContainsFunc(workspaces, func(w workspaceConfig) bool { return w.name == workspace }) {
			workspaces = append(workspaces, workspaceConfig{name: workspace, matrix: &matrixConfig{}})
		}
		var release func() error
		if connected, release, err = newWorkspaces(ctx, workspaces, db, config.Log.logger(stderr)); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, release()) }()
	}
	b := bot.New(db, bot.Options{Archive: config.Archive, Site: config.ArchiveOptions, KeepFiles: config.KeepFiles, Log: config.Log.logger(stderr)}, connected...)
	return do(db, b)
}

// openExistingStore opens a store that exists. Opening a missing one would create it, which hides a mistyped path.
func openExistingStore(ctx context.Context, address string) (*store.DB, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no database at %s; set CATCHWORD_DATABASE to its address", address)
		}
	}
	return store.Open(ctx, address)
}

func archiveFromRecord(ctx context.Context, config config, record string, stderr io.Writer) (folder string, err error) {
	root, err := archive.Open(config.Archive)
	if err != nil {
		return "", err
	}
	defer root.Close()
	o := config.ArchiveOptions
	o.OnWait = func() { fmt.Fprintln(stderr, "waiting for another catchword process to finish writing this archive") }
	slug, err := archive.Rebuild(ctx, root, record, o)
	return archive.ChatDir(config.Archive, slug), err
}
