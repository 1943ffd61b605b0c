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

// checkTimeout is how long looking at one workspace may take.
const checkTimeout = 2 * time.Minute

func doctorCommand() *cobra.Command {
	var say, health bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check before the night that everything is there",
		Long: `doctor looks at all that a chat needs, and says of each thing whether it is in order (✓),
could be better (!) or has to be mended (✗), and how: the environment, the database, the
disk, the chat files, and in each workspace tokens, permissions, rooms and clock. It says
and changes nothing anywhere, and may be used while catchword run is at work.

With --say it also posts a line in every room, marked as a test, and takes it back. For
that, catchword run has to be stopped. A Matrix account logs in for it as catchword run does,
and that device is kept in the database.

With --health it does nothing but ask the catchword that runs at CATCHWORD_LISTEN whether
it is well, which is for container runtimes.

The exit status is 0 unless something has to be mended.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if health {
				return checkRunningHealth(cmd.Context())
			}
			d := doctor{out: cmd.OutOrStdout(), counts: map[adapters.Verdict]int{}}
			return d.run(cmd.Context(), say)
		},
	}
	cmd.Flags().BoolVar(&say, "say", false, "also post a test line in every room, and take it back")
	cmd.Flags().BoolVar(&health, "health", false, "only ask the catchword that is running whether it is well")
	cmd.MarkFlagsMutuallyExclusive("say", "health")
	return cmd
}

// checkRunningHealth asks the catchword that runs with this environment.
func checkRunningHealth(ctx context.Context) error {
	c, err := readConfig()
	if err != nil {
		return err
	}
	if c.Listen == "" {
		return errors.New("CATCHWORD_LISTEN is off, so that nobody can be asked")
	}
	return checkHealth(ctx, c.Listen)
}

// A doctor writes down findings, and counts them.
type doctor struct {
	out    io.Writer
	counts map[adapters.Verdict]int
}

func (d *doctor) run(ctx context.Context, say bool) (err error) {
	fmt.Fprintln(d.out, version())
	c, workspaces, err := readWorkspaces()
	if err != nil {
		d.printSection("This machine", []adapters.Finding{{
			Check: "environment", Verdict: adapters.Failed, Detail: err.Error(), Remedy: "mend these first; catchword config shows all of it",
		}})
		return d.printSummary()
	}
	if say && c.Listen != "" && checkHealth(ctx, c.Listen) == nil {
		return fmt.Errorf("catchword runs at %s: stop it while test lines are posted, or leave --say out", c.Listen)
	}
	d.printSection("This machine", machineCheck{c, workspaces, time.Now()}.run(ctx))
	kept, err := openDoctorStore(ctx, c, needsStore(workspaces), say)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.close()) }()
	if say {
		if err := kept.requireIdle(ctx, workspaces); err != nil {
			return err
		}
	}
	connected, release, err := newWorkspaces(ctx, workspaces, kept.db, c.Log.logger(io.Discard))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	for _, w := range connected {
		findings := checkWorkspace(ctx, w)
		if say {
			findings = groupByRoom(w.Rooms, append(findings, postTestMessages(ctx, w)...))
		}
		for i, f := range findings {
			findings[i].Detail, findings[i].Remedy = c.Log.redactText(f.Detail), c.Log.redactText(f.Remedy)
		}
		d.printSection("Workspace "+w.Name, findings)
	}
	return d.printSummary()
}

// A doctorStore is the store for adapters that keep something of their own.
type doctorStore struct {
	db      *store.DB // nil if nobody needs it
	tempDir string    // where a store lies that nobody needs afterwards; "" for the real one
}

// openDoctorStore opens the store if an adapter keeps something in it, or something is to be said. Where there is none yet, it makes
// one that nobody needs afterwards, for it is not for the doctor to make it; unless an adapter says something, which it may do
// as a device that has to be known again.
func openDoctorStore(ctx context.Context, c config, keeps, say bool) (k doctorStore, err error) {
	if !keeps && !say {
		return k, nil
	}
	address := c.Database
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok && (!keeps || !say) {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			if k.tempDir, err = os.MkdirTemp("", "catchword-doctor"); err != nil {
				return k, err
			}
			address = "sqlite:" + filepath.Join(k.tempDir, "catchword.db")
		}
	}
	if k.db, err = store.Open(ctx, address); err != nil {
		return k, errors.Join(err, k.close())
	}
	return k, nil
}

// requireIdle refuses to go on while catchword run holds one of the workspaces: it and the doctor would be in each other's way.
func (k doctorStore) requireIdle(ctx context.Context, workspaces []workspaceConfig) error {
	if err := k.db.LockFile(ctx); err != nil {
		return err
	}
	for _, w := range workspaces {
		if free, err := k.db.LeaseFree(ctx, w.name); err != nil {
			return err
		} else if !free {
			return fmt.Errorf("catchword runs, and holds %s: stop it while test lines are posted, or leave --say out", w.name)
		}
	}
	return nil
}

func (k doctorStore) close() (err error) {
	if k.db != nil {
		err = k.db.Close()
	}
	if k.tempDir != "" {
		err = errors.Join(err, os.RemoveAll(k.tempDir))
	}
	return err
}

// groupByRoom brings together what was found out of each room.
func groupByRoom(rooms []bot.RoomConfig, findings []adapters.Finding) []adapters.Finding {
	place := func(f adapters.Finding) int {
		return slices.IndexFunc(rooms, func(r bot.RoomConfig) bool { return r.Name == f.Room })
	}
	slices.SortStableFunc(findings, func(a, b adapters.Finding) int { return place(a) - place(b) })
	return findings
}

// look asks a workspace's adapter.
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

// printSection prints findings, those of one room together below its name.
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

// printSummary says how it is on the whole.
func (d *doctor) printSummary() error {
	broken, poor := d.counts[adapters.Failed], d.counts[adapters.Warning]
	switch {
	case broken > 0:
		fmt.Fprintf(d.out, "\nTo be mended: %d. Could be better: %d.\n", broken, poor)
		return errReported
	case poor > 0:
		fmt.Fprintf(d.out, "\nA chat can be held. Could be better: %d.\n", poor)
	default:
		fmt.Fprintln(d.out, "\nAll is in order.")
	}
	return nil
}
