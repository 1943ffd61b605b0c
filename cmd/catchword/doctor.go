package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
)

// checkTimeout limits how long checking one workspace may take.
const checkTimeout = 2 * time.Minute

func doctorCommand() *cobra.Command {
	var postTest, health bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check before a chat that everything is ready",
		Long: `doctor checks everything that a chat needs: the environment, the database, the disk, the
chat files, and in each workspace tokens, permissions, rooms and clock. Each check passes
(✓), gives a warning (!) or fails (✗), with the remedy. doctor posts and changes nothing,
and you can use it while catchword is running.

With --say it also posts a test message in every room and deletes it again. Stop catchword
run first. A Matrix account logs in for this as it does for catchword run, and the device is
kept in the database.

With --health it only asks the process that listens at CATCHWORD_LISTEN whether it is
healthy; this is for container runtimes.

The exit status is 0 unless a check fails.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if health {
				return checkRunningHealth(cmd.Context())
			}
			d := doctor{out: cmd.OutOrStdout(), counts: map[adapters.Verdict]int{}}
			return d.run(cmd.Context(), postTest)
		},
	}
	cmd.Flags().BoolVar(&postTest, "say", false, "also post a test message in every room, and delete it")
	cmd.Flags().BoolVar(&health, "health", false, "only ask the running catchword whether it is healthy")
	cmd.MarkFlagsMutuallyExclusive("say", "health")
	return cmd
}

// checkRunningHealth asks the process that runs with this environment.
func checkRunningHealth(ctx context.Context) error {
	c, err := readConfig()
	if err != nil {
		return err
	}
	if c.Listen == "" {
		return errors.New("CATCHWORD_LISTEN is off, so there is no address to ask")
	}
	return checkHealth(ctx, c.Listen)
}

// A doctor prints findings and counts them.
type doctor struct {
	out    io.Writer
	counts map[adapters.Verdict]int
}

func (d *doctor) run(ctx context.Context, postTest bool) (err error) {
	fmt.Fprintln(d.out, version())
	c, workspaces, err := readWorkspaces()
	if err != nil {
		d.printSection("This machine", []adapters.Finding{{
			Check: "environment", Verdict: adapters.Failed, Detail: err.Error(), Remedy: "fix these first; catchword config lists all variables",
		}})
		return d.printSummary()
	}
	if postTest && c.Listen != "" && checkHealth(ctx, c.Listen) == nil {
		return fmt.Errorf("catchword is running at %s: stop it before posting test messages, or omit --say", c.Listen)
	}
	d.printSection("This machine", machineCheck{c, workspaces, time.Now()}.run(ctx))
	s, err := openDoctorStore(ctx, c, needsStore(workspaces), postTest)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if postTest {
		if err := s.requireIdle(ctx, workspaces); err != nil {
			return err
		}
	}
	connected, release, err := newWorkspaces(ctx, workspaces, s.db, c.Log.logger(io.Discard))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	for _, w := range connected {
		findings := checkWorkspace(ctx, w)
		if postTest {
			findings = groupByRoom(w.Rooms, append(findings, postTestMessages(ctx, w)...))
		}
		for i, f := range findings {
			findings[i].Detail, findings[i].Remedy = c.Log.redactText(f.Detail), c.Log.redactText(f.Remedy)
		}
		d.printSection("Workspace "+w.Name, findings)
	}
	return d.printSummary()
}

// A doctorStore is a store for adapters that keep data of their own.
type doctorStore struct {
	db      *store.DB // nil if no adapter needs it
	tempDir string    // the folder of a temporary store; "" for the real one
}

// openDoctorStore opens the store if an adapter keeps data in it, or test messages are posted. If there is none yet, it
// uses a temporary one, because doctor should not create the database. But an adapter that keeps data and posts may do
// so with a device that has to be kept.
func openDoctorStore(ctx context.Context, c config, needed, postTest bool) (s doctorStore, err error) {
	if !needed && !postTest {
		return s, nil
	}
	address := c.Database
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok && (!needed || !postTest) {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			if s.tempDir, err = os.MkdirTemp("", "catchword-doctor"); err != nil {
				return s, err
			}
			address = "sqlite:" + filepath.Join(s.tempDir, "catchword.db")
		}
	}
	if s.db, err = store.Open(ctx, address); err != nil {
		return s, errors.Join(err, s.close())
	}
	return s, nil
}

// requireIdle returns an error if catchword run holds the lease on one of the workspaces: they would disturb each
// other.
func (s doctorStore) requireIdle(ctx context.Context, workspaces []workspaceConfig) error {
	if err := s.db.LockFile(ctx); err != nil {
		return err
	}
	for _, w := range workspaces {
		if free, err := s.db.LeaseFree(ctx, w.name); err != nil {
			return err
		} else if !free {
			return fmt.Errorf("catchword is running with %s: stop it before posting test messages, or omit --say", w.name)
		}
	}
	return nil
}

func (s doctorStore) close() (err error) {
	if s.db != nil {
		err = s.db.Close()
	}
	if s.tempDir != "" {
		err = errors.Join(err, os.RemoveAll(s.tempDir))
	}
	return err
}

// groupByRoom sorts the findings by room.
func groupByRoom(rooms []bot.RoomConfig, findings []adapters.Finding) []adapters.Finding {
	index := func(f adapters.Finding) int {
		return slices.IndexFunc(rooms, func(r bot.RoomConfig) bool { return r.Name == f.Room })
	}
	slices.SortStableFunc(findings, func(a, b adapters.Finding) int { return index(a) - index(b) })
	return findings
}

// checkWorkspace runs the checks of a workspace's adapter.
func checkWorkspace(ctx context.Context, w bot.Workspace) []adapters.Finding {
	checker, ok := w.Adapter.(adapters.Checker)
	if !ok {
		return nil
	}
	var rooms []string
	for _, r := range w.Rooms {
		rooms = append(rooms, r.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	return checker.Check(ctx, rooms, w.Hosts)
}

var verdictSymbols = map[adapters.Verdict]string{adapters.OK: "✓", adapters.Warning: "!", adapters.Failed: "✗"}

// printSection prints findings under a title, and those of a room under its name.
func (d *doctor) printSection(title string, findings []adapters.Finding) {
	fmt.Fprintf(d.out, "\n%s\n", title)
	room := ""
	for _, f := range findings {
		d.counts[f.Verdict]++
		if f.Room != room {
			room = f.Room
			fmt.Fprintf(d.out, "  %s\n", room)
		}
		indent := "  "
		if room != "" {
			indent = "    "
		}
		fmt.Fprintf(d.out, "%s%s %s", indent, verdictSymbols[f.Verdict], f.Check)
		if f.Detail != "" {
			fmt.Fprintf(d.out, ": %s", f.Detail)
		}
		fmt.Fprintln(d.out)
		if f.Remedy != "" {
			fmt.Fprintf(d.out, "%s  → %s\n", indent, f.Remedy)
		}
	}
}

// printSummary prints how many checks failed or gave a warning.
func (d *doctor) printSummary() error {
	failed, warnings := d.counts[adapters.Failed], d.counts[adapters.Warning]
	switch {
	case failed > 0:
		fmt.Fprintf(d.out, "\nFailed: %d. Warnings: %d.\n", failed, warnings)
		return errReported
	case warnings > 0:
		fmt.Fprintf(d.out, "\nReady for a chat. Warnings: %d.\n", warnings)
	default:
		fmt.Fprintln(d.out, "\nEverything is ready.")
	}
	return nil
}
