package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/adapters/matrix"
)

// backupNameLayout is the name of a backup in a folder: the time at which it began.
const backupNameLayout = "catchword-20060102T150405Z.db"

// backupFilePattern matches backups, incomplete backups, and SQLite's extra files of both.
var backupFilePattern = regexp.MustCompile(`^(catchword-\d{8}T\d{6}Z\.db)(\.\d+\.part)?(-wal|-shm|-journal)?$`)

func backupCommand() *cobra.Command {
	var keep string
	cmd := &cobra.Command{
		Use:   "backup FILE|FOLDER",
		Short: "Copy the database to a new file, even while catchword runs",
		Long: `backup copies the whole database, as of one moment, to a new SQLite file: chats, answers, posts
that are still to be sent, and the keys of Matrix devices. catchword can keep running. The file
appears once it is complete, on disk and checked. Only its owner can read it, and an existing file
is never overwritten. If you name a folder, the file's name is the current time, such as
catchword-20261215T033000Z.db. With --keep 30d, backups in the folder that are older than 30 days
are then removed.

To restore a backup, stop catchword and replace the database with it (remove the database's files
with -wal and -shm at the end of their names). For an empty PostgreSQL database:

  catchword migrate sqlite:FILE postgres://USER:PASSWORD@HOST/DATABASE

A backup doesn't include the archive and the chat files, which are files already.

  CATCHWORD_DATABASE  the database to copy (sqlite:data/catchword.db)`,
		Example: `  catchword backup before-the-upgrade.db
  catchword backup --keep 30d /var/lib/catchword-backups`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := readConfig()
			if err != nil {
				return err
			}
			now, path := time.Now(), args[0]
			info, err := os.Stat(path)
			folder := err == nil && info.IsDir()
			if folder {
				path = filepath.Join(path, now.UTC().Format(backupNameLayout))
			}
			var maxAge time.Duration
			if keep != "" {
				if maxAge, err = readDuration(keep); err != nil || maxAge <= 0 {
					return fmt.Errorf("--keep is not a duration: %s; use one like 30d or 2w", quote(keep))
				}
				if !folder {
					return fmt.Errorf("--keep needs a folder, and %s is not one", args[0])
				}
			}
			if err := config.backup(cmd.Context(), path, cmd.OutOrStdout(), cmd.ErrOrStderr()); err != nil {
				return config.Log.redactError(err)
			}
			if keep == "" {
				return nil
			}
			return removeBackups(args[0], now.Add(-maxAge), cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&keep, "keep", "", "remove backups in the folder that are older than this, such as 30d")
	return cmd
}

func (config config) backup(ctx context.Context, path string, stdout, stderr io.Writer) (err error) {
	db, err := openExistingStore(ctx, config.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Backup(ctx, path, matrix.Upgrade, reportProgress(stderr)); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %.1f MiB, checked\n", path, float64(info.Size())/(1<<20))
	return err
}

// removeBackups removes a folder's backups that are older than a time, according to their names, and nothing else.
func removeBackups(folder string, before time.Time, stdout io.Writer) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		m := backupFilePattern.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		if made, err := time.Parse(backupNameLayout, m[1]); err != nil || !made.Before(before) {
			continue
		}
		path := filepath.Join(folder, e.Name())
		if err := os.Remove(path); err != nil {
			errs = append(errs, err)
			continue
		}
		fmt.Fprintf(stdout, "%s: removed\n", path)
	}
	return errors.Join(errs...)
}

// reportProgress returns a function that prints the progress of long work every few seconds.
func reportProgress(w io.Writer) func(of string, done int) {
	const interval = 2 * time.Second
	last := time.Now()
	return func(of string, done int) {
		if time.Since(last) >= interval {
			last = time.Now()
			fmt.Fprintf(w, "%d %s so far\n", done, of)
		}
	}
}
