package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/terminal"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

const (
	nhsRoom    = "#ukmedlibs"    // used only for the chat: every message counts while a question is live
	publicRoom = "#library-chat" // shared with other talk: only threads, tags and the hashtag count
)

// A rehearsal holds the command's argument and flags.
type rehearsal struct {
	file        string // "" for the founding chat
	out         string
	speed       float64 // 0 for a speed that fits the default duration
	interactive bool
	live        bool
}

func rehearseCommand() *cobra.Command {
	var r rehearsal
	cmd := &cobra.Command{
		Use:   "rehearse [CHAT.md]",
		Short: "Play a whole chat in the terminal, without any account",
		Long: `rehearse plays a chat from its first reminder to its archive, in two made-up workspaces: the
room in "nhs" is used only for the chat, and the room in "public" has other talk in it too.
Simulated participants answer in threads, with tags and with the hashtag. They edit, delete
and react, and everything appears in the other workspace too. One of them is the host: you
see her heads-ups and her command, and the reply to somebody who asks where the chat is.

Without a chat file it plays a real chat of 2015, from its announcement. The days between
the reminders are skipped. The bot, its database and its archive are real; only the clock
and the people are not.

With --live it plays the chat in the rooms that are configured for catchword run, such as a
test channel, with the people who are there, starting now. Every post is marked as a
rehearsal, and the rehearsal has its own database and archive.

Ctrl-C ends the chat early; the archive is still written.`,
		Example: `  catchword rehearse
  catchword rehearse chats/2026-12-15-your-chat.md --speed 60
  catchword rehearse --interactive
  catchword rehearse chats/2026-12-15-your-chat.md --live --speed 30`,
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("speed") && !(r.speed > 0 && r.speed <= maxSpeed) {
				return fmt.Errorf("--speed must be above 0 and at most %v, not %v", maxSpeed, r.speed)
			}
			if r.live && (len(args) == 0 || r.interactive) {
				return errors.New("--live needs a chat file, and can't be combined with --interactive")
			}
			return cobra.MaximumNArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				r.file = args[0]
			}
			if r.live {
				return r.runLive(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			return r.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().Float64Var(&r.speed, "speed", 0, "how many times faster than real time the chat is played; above about 300, the bot\nthinks that its computer is slow, and makes up for the delay (default: so that the\nchat takes 38 seconds, or ten minutes with --interactive or --live)")
	cmd.Flags().StringVar(&r.out, "out", "rehearsal", "the folder for the archive and a new database")
	cmd.Flags().BoolVar(&r.interactive, "interactive", false, "take part yourself, in the workspace \"public\"; for help, type /help")
	cmd.Flags().BoolVar(&r.live, "live", false, "play the chat file in the configured rooms, marked as a rehearsal")
	return cmd
}

// run plays the chat, and always writes its archive, even after an error.
func (r rehearsal) run(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	chat, cast, err := r.loadChat(stdout, stderr)
	if err != nil {
		return err
	}
	speed := r.speedOf(chat)
	db, err := r.openDatabase(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	fmt.Fprintf(stdout, "\nPlaying at %.3g times real time. Ctrl-C ends it early.\n", speed)
	if r.interactive {
		fmt.Fprintln(stdout, "You are in public: what you type answers the question there. For help, type /help.")
	}
	fmt.Fprintln(stdout)
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	k := terminalIO{out: stdout}
	if r.interactive {
		if k, err = openTerminalIO(stdin, stdout, quit); err != nil {
			return errors.Join(err, k.close())
		}
	}
	clock := bot.NewClock(time.Now(), clockSegments(chat, speed)...)
	screen := terminal.NewScreen(k.out, screenOptions(stdout, chat, clock))
	nhs := &simulatedRoom{screen.Workspace("nhs", nhsRoom), store.RoomRef{Workspace: "nhs", Room: nhsRoom}, nhsRoom}
	public := &simulatedRoom{screen.Workspace("public", publicRoom), store.RoomRef{Workspace: "public", Room: publicRoom}, publicRoom}
	if r.interactive {
		public.terminal.AttachKeyboard(terminalUser, k.in)
	}
	b := bot.New(
		db, bot.Options{Archive: filepath.Join(r.out, "archive"), Clock: clock},
		bot.Workspace{Name: "nhs", Adapter: nhs.terminal, Rooms: []bot.RoomConfig{{Name: nhsRoom, Dedicated: true}}, Hosts: []adapters.UserID{castUser(castHost).ID}},
		bot.Workspace{Name: "public", Adapter: public.terminal, Rooms: []bot.RoomConfig{{Name: publicRoom}}},
	)
	if err := b.Schedule(ctx, chat); err != nil {
		return errors.Join(err, k.close())
	}

	sim := newSimulation(chat, clock, cast, []*simulatedRoom{nhs, public})
	err = errors.Join(runSimulation(ctx, b, sim), k.close())
	if ctx.Err() != nil {
		fmt.Fprintln(stdout, "\nEnded early.")
	}
	// An interrupted chat is archived too.
	return errors.Join(err, writeReport(context.WithoutCancel(ctx), stdout, b, db, chat))
}

// runSimulation runs the bot until the simulation is over.
func runSimulation(ctx context.Context, b *bot.Bot, sim *simulation) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	botDone := make(chan error, 1)
	go func() {
		botDone <- b.Run(ctx)
		cancel() // if the bot fails, the simulation ends
	}()
	err := sim.run(ctx)
	cancel()
	return errors.Join(err, <-botDone)
}

// loadChat reads the chat, prints it, and returns it with a script.
func (r rehearsal) loadChat(stdout, stderr io.Writer) (questions.Chat, []scriptedMessage, error) {
	if r.file == "" {
		chat, err := foundingChat()
		if err != nil {
			return chat, nil, err
		}
		fmt.Fprintln(stdout, "Read from the announcement of 4 August 2015:")
		return chat, foundingScript, printChat(stdout, chat)
	}
	chat, err := readChat(r.file, stderr)
	if err != nil {
		return chat, nil, err
	}
	chat.Rooms, chat.Hosts, chat.LeaderAccounts = nil, nil, nil // they belong to real workspaces
	fmt.Fprintf(stdout, "Read from %s:\n", r.file)
	return chat, genericScript(chat), printChat(stdout, chat)
}

func printChat(w io.Writer, c questions.Chat) error {
	var b bytes.Buffer
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "  %-8s %s\n", label, text)
		}
	}
	line("chat", strings.TrimSpace(c.Hashtag+" "+c.Title))
	line("starts", fmt.Sprintf("%s (%s)", c.Starts.Format("Monday 2 January 2006, 15:04 MST"), c.Starts.Location()))
	line("led by", c.Leader)
	for _, q := range c.Questions {
		line(questions.Label(q.N), truncateWords(q.Text, 80))
		for _, p := range q.Points {
			line("", "• "+truncateWords(p, 78))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// truncateWords returns the beginning of a text, in whole words.
func truncateWords(s string, limit int) string {
	short := ""
	for _, w := range strings.Fields(s) {
		if len([]rune(short+" "+w)) > limit-1 {
			return short + " …"
		}
		short = strings.TrimSpace(short + " " + w)
	}
	return short
}

// openDatabase creates a new database for the rehearsal.
func (r rehearsal) openDatabase(ctx context.Context) (*store.DB, error) {
	path := filepath.Join(r.out, "rehearsal.db")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("remove the previous rehearsal: %w", err)
		}
	}
	return store.Open(ctx, "sqlite:"+path)
}

// screenOptions chooses colour and columns for a terminal, and plain lines for a pipe.
func screenOptions(stdout io.Writer, c questions.Chat, clock *bot.Clock) terminal.Options {
	opts := terminal.Options{Now: clock.Now, Zone: c.Starts.Location()}
	if f, ok := stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		// https://no-color.org
		opts.Colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			opts.Width = width
		}
	}
	return opts
}

// writeReport writes the archive, and prints the numbers and where the archive is.
func writeReport(ctx context.Context, w io.Writer, b *bot.Bot, db *store.DB, c questions.Chat) error {
	folder, err := b.Archive(ctx, c.Slug)
	if err != nil {
		return err
	}
	transcript, _, err := db.Transcript(ctx, c.Slug)
	if err != nil {
		return err
	}
	var tally questions.Tally
	for a, err := range transcript.Answers(ctx, questions.OrderByTime) {
		if err != nil {
			return err
		}
		tally.Add(a)
	}

	var out bytes.Buffer
	fmt.Fprintf(&out, "\n%d answers from %d people, with %d reactions; %d late, %d withdrawn\n",
		tally.Answers, tally.People, tally.Reactions, tally.Late, tally.Withdrawn)
	for _, room := range transcript.Rooms {
		n := tally.Workspaces[room.Workspace]
		fmt.Fprintf(&out, "  %-14s %3d from %d\n", room.Workspace, n.Answers, n.People)
	}
	for _, section := range c.Sections() {
		if n := tally.Sections[section]; n.Answers > 0 {
			fmt.Fprintf(&out, "  %-14s %3d from %d\n", section, n.Answers, n.People)
		}
	}
	fmt.Fprintf(&out, `
The archive is in %s
  index.html     the chat by question; open it in any browser
  time.html      the chat in order of time
  numbers.html   numbers and charts
  recap.md       a draft for a blog post
  transcript.md  the chat as text
  chat.json      the chat for programs
  answers.csv    the answers for a spreadsheet
`, folder)
	_, err = w.Write(out.Bytes())
	return err
}
