package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

func runCommand() *cobra.Command {
	var newDevices []string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the chats of a folder in the configured workspaces",
		Long: `run runs every chat in the folder of chat files at its time, in all configured workspaces at
once. It picks up new and changed files while it runs: it edits what was posted, and moves
what wasn't. A file with errors changes nothing.

It runs until it is stopped (Ctrl-C, SIGTERM). You can kill and restart it at any moment: it
continues where it stopped. If no workspace is configured, the chats run in this terminal.

catchword is configured by environment variables; catchword config lists them with their
current values. A Slack workspace, here called nhs, needs these:

  CATCHWORD_SLACK=nhs
  CATCHWORD_SLACK_NHS_BOT_TOKEN=xoxb-…   or its file: CATCHWORD_SLACK_NHS_BOT_TOKEN_FILE=…
  CATCHWORD_SLACK_NHS_APP_TOKEN=xapp-…
  CATCHWORD_SLACK_NHS_ROOMS=#ukmedlibs,#library-chat

and a Matrix account, here called community, these:

  CATCHWORD_MATRIX=community
  CATCHWORD_MATRIX_COMMUNITY_USER=@catchword:example.org
  CATCHWORD_MATRIX_COMMUNITY_PASSWORD=…  or an access token: CATCHWORD_MATRIX_COMMUNITY_ACCESS_TOKEN=…
  CATCHWORD_MATRIX_COMMUNITY_ROOMS=#ukmedlibs:example.org

A Matrix account's device and its keys are in the database. If they are lost or damaged, run
says so; catchword run --new-device community then continues with a new device.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, workspaces, err := readWorkspaces()
			if err != nil {
				return err
			}
			if err := renewDevices(workspaces, newDevices); err != nil {
				return err
			}
			defer exitIfStuck(cmd.Context(), cmd.ErrOrStderr())()
			s := service{config: c, workspaces: workspaces, log: c.Log.logger(cmd.ErrOrStderr())}
			return c.Log.redactError(s.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()))
		},
	}
	cmd.Flags().StringSliceVar(&newDevices, "new-device", nil, "log in as a new device in this Matrix workspace, if the keys of the old one are lost")
	return cmd
}

// renewDevices makes the named workspaces log in as new devices.
func renewDevices(workspaces []workspaceConfig, names []string) error {
	for _, name := range names {
		i := slices.IndexFunc(workspaces, func(w workspaceConfig) bool { return strings.EqualFold(w.name, name) && w.matrix != nil })
		if i < 0 {
			return fmt.Errorf("--new-device %s: CATCHWORD_MATRIX lists no such workspace", name)
		}
		workspaces[i].matrix.newDevice = true
	}
	return nil
}

// shutdownTimeout limits how long stopping takes. Calls in flight are finished, but nothing is lost if they are cut
// off.
const shutdownTimeout = 10 * time.Second

// exitIfStuck exits the program if it takes too long to stop after ctx is done, unless stopped is called before.
func exitIfStuck(ctx context.Context, stderr io.Writer) (stopped func()) {
	done, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-done.Done():
			return
		case <-ctx.Done():
		}
		select {
		case <-done.Done():
		case <-time.After(shutdownTimeout):
			fmt.Fprintf(stderr, "catchword: could not stop within %v; exiting\n", shutdownTimeout)
			os.Exit(1)
		}
	})
	return func() {
		cancel()
		watching.Wait()
	}
}

// A service runs the chats of a folder.
type service struct {
	config     config
	workspaces []workspaceConfig
	log        *slog.Logger
	inTerminal bool // because no workspace is configured
}

// run runs the chats until ctx is done. After a lost lease it starts over, as another process would, and if necessary
// waits for the database.
func (s service) run(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) error {
	db, err := store.Open(ctx, s.config.Database)
	for {
		if err != nil {
			return err
		}
		err = s.runOnce(ctx, db, stdin, stdout, stderr)
		if !errors.Is(err, store.ErrLeaseLost) || s.inTerminal || ctx.Err() != nil {
			return err
		}
		s.log.Warn("restarting after a lost lease", "error", err)
		for _, w := range s.workspaces {
			if w.matrix != nil {
				w.matrix.newDevice = false // it has one by now
			}
		}
		if db, err = s.reopen(ctx); ctx.Err() != nil {
			return nil
		}
	}
}

// reopen opens the store again, and retries until ctx is done.
func (s service) reopen(ctx context.Context) (*store.DB, error) {
	for delay := time.Second; ; delay = min(2*delay, 15*time.Second) {
		db, err := store.Open(ctx, s.config.Database)
		if err == nil || ctx.Err() != nil {
			return db, err
		}
		s.log.Error("cannot open the store", "error", s.config.Log.redactError(err))
		select {
		case <-ctx.Done():
		case <-time.After(delay):
		}
	}
}

// runOnce runs the chats until ctx is done or a lease is lost. It closes db.
func (s *service) runOnce(ctx context.Context, db *store.DB, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.LockFile(ctx); err != nil {
		return err
	}
	var connected []bot.Workspace
	if s.inTerminal = len(s.workspaces) == 0; s.inTerminal {
		var t terminalSession
		if t, err = openTerminal(stdin, stdout, s.config.Zone, cancel); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, t.close()) }()
		connected = append(connected, t.workspace)
		s.log = s.config.Log.logger(t.logWriter(stderr))
	} else {
		var release func() error
		if connected, release, err = newWorkspaces(ctx, s.workspaces, db, s.log); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, release()) }()
	}
	return s.runBot(ctx, db, connected)
}

// runBot runs the bot until ctx is done.
func (s service) runBot(ctx context.Context, db *store.DB, connected []bot.Workspace) error {
	counts := newMetrics()
	b := bot.New(db, bot.Options{
		Archive: s.config.Archive, Site: s.config.ArchiveOptions, KeepFiles: s.config.KeepFiles, Grace: s.config.Grace,
		Log: s.log, Observe: counts.observe,
	}, connected...)
	counts.registerStatus(b.Status, db.Backlogs, s.log)

	s.log.Info("starting", "version", version())
	s.logWorkspaces(connected)
	folder := newChatFolder(s.config.Chats, s.log, func(ctx context.Context, c questions.Chat) error { return s.schedule(ctx, db, b, c) })
	if err := folder.open(ctx); err != nil {
		return err
	}
	serve, err := s.listenWeb(webHandler(serveHealth(b.Status, s.config.Log.redactError), counts.handler(), serveArchive(s.config.Archive)))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var background sync.WaitGroup
	background.Go(func() { folder.watch(ctx) })
	background.Go(func() { serve(ctx) })
	err = b.Run(ctx)
	cancel()
	background.Wait()
	s.log.Info("stopped")
	return err
}

// listenWeb listens on the configured address. The returned function serves there until its context is done.
func (s service) listenWeb(h http.Handler) (serve func(context.Context), err error) {
	if s.config.Listen == "" {
		return func(context.Context) {}, nil
	}
	l, err := listen(s.config.Listen)
	if err != nil {
		return nil, err
	}
	s.log.Info("listening", "address", l.Addr().String())
	return func(ctx context.Context) {
		if err := serveWeb(ctx, l, h, s.log); err != nil {
			s.log.Error("web server failed", "error", err)
		}
	}, nil
}

// logWorkspaces logs the workspaces and their rooms.
func (s service) logWorkspaces(connected []bot.Workspace) {
	for _, w := range connected {
		var rooms, dedicated []string
		for _, r := range w.Rooms {
			rooms = append(rooms, r.Name)
			if r.Dedicated {
				dedicated = append(dedicated, r.Name)
			}
		}
		attrs := []any{"name", w.Name, "rooms", strings.Join(rooms, " ")}
		if len(dedicated) > 0 {
			attrs = append(attrs, "dedicated", strings.Join(dedicated, " "))
		}
		s.log.Info("workspace configured", attrs...)
	}
	if s.inTerminal {
		s.log.Warn("no workspace configured, running the chats in this terminal; set CATCHWORD_SLACK or CATCHWORD_MATRIX")
	}
}

// schedule schedules a chat, and logs its next step.
func (s service) schedule(ctx context.Context, db *store.DB, b *bot.Bot, c questions.Chat) error {
	if s.inTerminal {
		c.Rooms, c.Hosts, c.LeaderAccounts = nil, nil, nil // they belong to workspaces
	}
	now := time.Now()
	if over := now.After(c.Ends.Add(questions.MaxOverrun)); over {
		stored, ok, err := db.Chat(ctx, c.Slug)
		if err != nil {
			return err
		}
		if !ok || string(questions.FormatChat(stored)) == string(questions.FormatChat(c)) {
			// A chat that wasn't run then isn't run now. One that was is only scheduled again if somebody edited its
			// file.
			s.log.Info("chat is over", "chat", c.Slug, "ended", formatTime(c.Ends))
			return nil
		}
	}
	if err := b.Schedule(ctx, c); err != nil {
		return err
	}
	attrs := []any{"chat", c.Slug, "starts", formatTime(c.Starts)}
	next, at, err := b.NextStep(ctx, c)
	if err != nil {
		return err
	}
	if next != "" {
		attrs = append(attrs, "next", next, "at", formatTime(at.In(c.Starts.Location())))
	}
	s.log.Info("chat scheduled", attrs...)
	for _, place := range s.unconfigured(c) {
		s.log.Warn("chat refers to a workspace that isn't configured", "chat", c.Slug, "place", place)
	}
	return nil
}

// unconfigured lists the rooms, hosts and leaders of a chat whose workspace isn't configured. Only the platform knows
// whether a room is configured, because the configuration may use its ID or its former name.
func (s service) unconfigured(c questions.Chat) (places []string) {
	for _, place := range slices.Concat(c.Rooms, c.Hosts, c.LeaderAccounts) {
		workspace, _, _ := strings.Cut(place, "/")
		if !slices.ContainsFunc(s.workspaces, func(w workspaceConfig) bool { return w.name == workspace }) {
			places = append(places, place)
		}
	}
	return places
}

func formatTime(t time.Time) string { return t.Format("Mon 2 Jan 2006, 15:04:05 MST") }
