// Catchword runs scheduled, question-based community chats in Slack workspaces and Matrix rooms.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	_ "time/tzdata" // chats name IANA zones, and a small container has no zone files

	"github.com/spf13/cobra"
)

// memoryLimit is a soft limit of the program's memory, in bytes: without it, writing the archive of a very large chat
// leaves more garbage than a small server has room for. GOMEMLIMIT overrides it.
const memoryLimit = 96 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// errReported ends a command that has already printed what is wrong.
var errReported = errors.New("already reported")

// run runs the program and returns its exit status: 0 for success, 1 for a command that failed, 2 for invalid
// arguments.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	// An error before a command has started is an error in its arguments.
	var started bool
	root.PersistentPreRun = func(*cobra.Command, []string) { started = true }

	switch cmd, err := root.ExecuteContextC(ctx); {
	case err == nil:
		return 0
	case errors.Is(err, errReported):
		return 1
	case started:
		fmt.Fprintln(stderr, "catchword:", err)
		return 1
	default:
		fmt.Fprintf(stderr, "catchword: %s\n\nSee %s --help.\n", strings.TrimSpace(err.Error()), cmd.CommandPath())
		return 2
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "catchword",
		Short: "Run hashtag chats in your own Slack workspaces and Matrix rooms",
		Long: `catchword runs a community's hashtag chats in its own Slack workspaces and Matrix rooms, in
all of them at once. It posts reminders and questions on schedule, collects the answers from
the threads, relays each to the other rooms, and writes an archive.

To see a whole chat, run a rehearsal. It takes a minute and needs no account:

  catchword rehearse

Then turn your own announcement into a chat file, check it, and rehearse it:

  catchword import announcement.txt
  catchword check chats/*.md
  catchword rehearse chats/2026-12-15-your-chat.md

Then run it in your rooms:

  catchword run`,
		Version:           version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(importCommand(), announceCommand(), newCommand(), runCommand())
	root.AddCommand(checkCommand(), rehearseCommand(), archiveCommand(), verifyCommand(), forgetCommand(), backupCommand(), migrateCommand(), configCommand(), doctorCommand(), versionCommand())
	return root
}
