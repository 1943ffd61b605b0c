package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/adapters/matrix"
)

func backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write all that is stored to a new file, while catchword runs",
		Long: `backup writes the whole database, as it is at one moment, to a new file of SQLite: chats, answers,
what is still to be said, and the keys of Matrix devices. catchword may run meanwhile. The file
appears when it is whole, written to the disk, and checked; it is for its owner's eyes alone, and
a file that is there already is never written over.

To restore it, stop catchword and put the file in the place of the database (and remove the files
beside that whose names go on with -wal and -shm); or, for a PostgreSQL that is empty:

  catchword migrate sqlite:FILE postgres://USER:PASSWORD@HOST/DATABASE

Archives and chat files are files of their own, and not in it.

  CATCHWORD_DATABASE  what is written (sqlite:data/catchword.db)`,
		Example: `  catchword backup /var/backups/catchword-$(date +%F).db`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := readConfig()
			if err != nil {
				return err
			}
			return config.Log.scrubError(config.backup(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr()))
		},
	}
}

func (config config) backup(ctx context.Context, path string, stdout, stderr io.Writer) (err error) {
	db, err := openStored(ctx, config.Database)
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
