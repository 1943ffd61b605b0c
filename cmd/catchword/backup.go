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

// backupNameLayout is what a backup in a folder is called, for the time at which it was begun.
const backupNameLayout = "catchword-20060102T150405Z.db"

// backupFilePattern matches the names of backups, of those that were broken off, and what SQLite leaves beside them.
var backupFilePattern = regexp.MustCompile(`^(catchword-\d{8}T\d{6}Z\.db)(\.\d+\.part)?(-wal|-shm|-journal)?$`)

func backupCommand() *cobra.Command {
	var keep string
	cmd := &cobra.Command{
		Use:   "backup FILE|FOLDER",
		Short: "Write all that is stored to a new file, while catchword runs",
		Long: `backup writes the whole database, as it is at one moment, to a new file of SQLite: chats, answers,
what is still to be said, and the keys of Matrix devices. catchword may run meanwhile. The file
appears when it is whole, written to the disk, and checked; it is for its owner's eyes alone, and
a file that is there already is never written over. In a folder that is there, the file is called
by the time: catchword-20261215T033000Z.db. With --keep 30d, those in the folder that are older
than that are removed once the new one is there.

To restore it, stop catchword and put the file in the place of the database (and remove the files
beside that whose names go on with -wal and -shm); or, for a PostgreSQL that is empty:

  catchword migrate sqlite:FILE postgres://USER:PASSWORD@HOST/DATABASE

Archives and chat files are files of their own, and not in it.

  CATCHWORD_DATABASE  what is written (sqlite:data/catchword.db)`,
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
			var kept time.Duration
			if keep != "" {
				if kept, err = readDuration(keep); err != nil || kept <= 0 {
					return fmt.Errorf("--keep is no length of time: %s; write one as in 30d or 2w", quote(keep))
				}
				if !folder {
					return fmt.Errorf("--keep goes with a folder, which %s is not", args[0])
				}
			}
			if err := config.backup(cmd.Context(), path, cmd.OutOrStdout(), cmd.ErrOrStderr()); err != nil {
				return config.Log.redactError(err)
			}
			if keep == "" {
				return nil
			}
			return removeBackups(args[0], now.Add(-kept), cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&keep, "keep", "", "remove the folder's backups that are older than this, as in 30d")
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

// removeBackups removes the backups of a folder that were made before a time, as their names tell it, and nothing else.
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

// reportProgress tells every few seconds how far long work is.
func reportProgress(w io.Writer) func(of string, done int) {
	const pause = 2 * time.Second
	told := time.Now()
	return func(of string, done int) {
		if time.Since(told) >= pause {
			told = time.Now()
			fmt.Fprintf(w, "%d %s so far\n", done, of)
		}
	}
}
