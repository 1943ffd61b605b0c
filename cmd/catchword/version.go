package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	var bill bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which build this is",
		Long: `version says which build this is.

With --sbom it lists all that the build is made of, as a bill of materials (CycloneDX).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !bill {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), version())
				return err
			}
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return errors.New("this build does not say what it is made of")
			}
			return writeSBOM(cmd.OutOrStdout(), info)
		},
	}
	cmd.Flags().BoolVar(&bill, "sbom", false, "list what the build is made of, as CycloneDX")
	return cmd
}

// version is what the go command recorded when it built this program: the tag, or the commit with "+dirty" behind it if
// there were changes. `go run` and test binaries record nothing.
func version() string {
	v := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	return fmt.Sprintf("catchword %s, %s %s/%s", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
