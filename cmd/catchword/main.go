// Catchword runs a scheduled, question-based community chat in Slack workspaces and Matrix rooms at once.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // chats name IANA zones, and a small container has no zone files

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program but for signals and the exit: 0 for success, 1 for a command that refused or failed, 2 for
// arguments that no command understands.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "catchword",
		Short:         "Hold a hashtag chat in your own Slack workspaces and Matrix rooms at once",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if !errors.Is(err, errRefused) {
		fmt.Fprintln(stderr, "catchword:", err)
	}
	return 1
}

// errRefused ends a command that has already told the person why, in its own words.
var errRefused = errors.New("refused")
