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
		Short: "Write a chat's archive again, from the database or from its record",
		Long: `archive writes the archive of a chat that was held, in a folder named after the chat: pages,
chat.json and answers.csv for machines, transcripts as plain text, and all of it as a bag
(BagIt) for repositories. The same chat gives the same bytes.

CHAT is the name of the chat file without ".md", as in 2026-12-15-your-chat. It is read from
the database; with --from, from the chat.json of an earlier archive instead, and from the
files that lie beside it.

It is written as catchword run writes it, by the variables CATCHWORD_DATABASE and those
that begin with CATCHWORD_ARCHIVE, which catchword config explains. With
CATCHWORD_ARCHIVE_FILES=true, attached files that no archive has yet are fetched, which
takes the workspaces' variables as well.`,
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
		known := "it has none yet"
		if len(chats) > 0 {
			known = "it has"
		}
		for _, c := range chats {
			known += "\n  " + c.Slug
		}
		return fmt.Errorf("the database has no chat called %q; %s", slug, known)
	})
	return folder, err
}

// withStore opens the store for a command that reads or mends what is in it, beside a run of catchword or without one. Where
// files are archived, the workspaces are there that have them; and so is the one that is named, if one is.
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
		// Of a workspace that is configured no longer, an account may have kept something all the same.
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

// openExistingStore opens a store that is there. Opening one makes it, which is not what somebody who mistyped its path wants.
func openExistingStore(ctx context.Context, address string) (*store.DB, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no database at %s; CATCHWORD_DATABASE says where it is", address)
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
	o.OnWait = func() { fmt.Fprintln(stderr, "waiting for another catchword that writes this archive") }
	slug, err := archive.Rebuild(ctx, root, record, o)
	return archive.ChatDir(config.Archive, slug), err
}
