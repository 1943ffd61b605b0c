package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/bot/archive/bagit"
)

func verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify DIR|ZIP…",
		Short: "Check that an archive, or any bag (BagIt), is complete and undamaged",
		Long: `verify reads every file of a bag (BagIt, RFC 8493) and compares it with the checksums in the
bag. It lists each file that is damaged, missing or added; the exit status is then 1.

It checks a chat's archive, which contains its bag as a ZIP; that ZIP alone; or any other bag
of BagIt 1.0, unpacked or as a ZIP. It writes nothing, downloads nothing and reads nothing
outside the bag.`,
		Example: `  catchword verify archive/2026-12-15-your-chat
  catchword verify 2026-12-15-your-chat.zip`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			damaged := false
			for _, name := range args {
				v, err := bagit.Verify(cmd.Context(), name)
				if err != nil {
					return err
				}
				for _, f := range v.Faults {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", name, f)
				}
				if len(v.Faults) > 0 {
					damaged = true
					continue
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: complete and undamaged: %d files, %d bytes (%s)\n",
					name, v.Files, v.Bytes, strings.Join(v.Algorithms, ", "))
			}
			if damaged {
				return errReported
			}
			return nil
		},
	}
}
