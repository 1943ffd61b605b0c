// Catchword runs a scheduled, question-based community chat in Slack workspaces and Matrix rooms at once.
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

// memoryLimit is what the program's heap should keep to, in bytes: writing the archive of a very large chat otherwise leaves
// more garbage than a small server has room for. It is no hard limit, and GOMEMLIMIT overrules it.
const memoryLimit = 96 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // told twice, the program ends at once
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// errReported ends a command that has already told the person why, in its own words.
var errReported = errors.New("refused")

// run is the whole program but for signals and the exit: 0 for success, 1 for a command that refused or failed, 2 for
// arguments that no command understands.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	// Whatever fails before a command has begun is a fault in its arguments.
	var began bool
	root.PersistentPreRun = func(*cobra.Command, []string) { began = true }

	switch cmd, err := root.ExecuteContextC(ctx); {
	case err == nil:
		return 0
	case errors.Is(err, errReported):
		return 1
	case began:
		fmt.Fprintln(stderr, "catchword:", err)
		return 1
	default:
		fmt.Fprintf(stderr, "catchword: %s\n\n%s --help says what it understands.\n", strings.TrimSpace(err.Error()), cmd.CommandPath())
		return 2
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "catchword",
		Short: "Hold a hashtag chat in your own Slack workspaces and Matrix rooms at once",
		Long: `catchword holds a community's hashtag chat in its own rooms: it says the reminders and
the questions on one timetable, in every Slack workspace and Matrix room at once, gathers
the answers from the threads, passes each on to the other rooms, and writes the archive.

See a whole chat first. It takes a minute and needs no account anywhere:

  catchword rehearse

Then bring your own. An announcement, as you publish it, becomes a chat file that you can
read and mend; check it, and rehearse it:

  catchword import announcement.txt
  catchword check chats/*.md
  catchword rehearse chats/2026-12-15-your-chat.md

Then hold it where your people are:

  catchword run`,
		Version:           version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(importCommand(), runCommand())
	root.AddCommand(checkCommand(), rehearseCommand(), archiveCommand(), verifyCommand(), forgetCommand(), backupCommand(), migrateCommand(), configCommand(), doctorCommand(), versionCommand())
	return root
}
