package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/bot/store"
)

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate FROM TO",
		Short: "Copy the database from SQLite to PostgreSQL, or back",
		Long: `migrate copies the whole database to another one: from SQLite to PostgreSQL, back, or to another
database of the same kind. FROM and TO are addresses as in CATCHWORD_DATABASE. @FILE reads an
address from a file, so that its password doesn't appear in the list of processes.

Stop catchword first: neither database may be in use. TO must be empty. Create an empty PostgreSQL
database beforehand; a SQLite file is created for you. FROM is upgraded to the current schema and
otherwise left unchanged. migrate reads every row back and compares each table by the number and
a digest of its rows. It copies everything or nothing.

Then set CATCHWORD_DATABASE to TO. Keep FROM until the next chat is over, but never run catchword
with both: a Matrix device that is used in two places loses its keys.`,
		Example: `  catchword migrate sqlite:data/catchword.db @/run/secrets/catchword-database
  catchword migrate postgres://catchword@db.example.org/catchword sqlite:data/catchword.db`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := readConfig()
			if err != nil {
				return err
			}
			return config.Log.redactError(migrate(cmd.Context(), args[0], args[1], cmd.OutOrStdout(), cmd.ErrOrStderr()))
		},
	}
}

func migrate(ctx context.Context, fromAddress, toAddress string, stdout, stderr io.Writer) (err error) {
	for _, address := range []*string{&fromAddress, &toAddress} {
		if file, ok := strings.CutPrefix(*address, "@"); ok {
			if *address, err = readSecretFile(file); err != nil {
				return err
			}
		}
	}
	from, err := openExistingStore(ctx, fromAddress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := store.Open(ctx, toAddress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	report := reportProgress(stderr)
	copied, err := store.Migrate(ctx, from, to, matrix.Upgrade, func(table string, rows int) { report("rows of "+table, rows) })
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "table\trows\tdigest (same in both)")
	total := 0
	for _, c := range copied {
		total += c.Rows
		fmt.Fprintf(w, "%s\t%d\t%x\n", c.Table, c.Rows, c.Digest[:8])
	}
	fmt.Fprintf(w, "total\t%d\n", total)
	return w.Flush()
}
