package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/questions"
)

// slackLimits are the strictest limits of all platforms, so that every chat is checked against them.
var slackLimits = questions.PostLimits{Platform: "Slack", Text: slack.MaxText, Paragraph: slack.MaxParagraph}

// seriesDateCount is how many dates of a series are printed.
const seriesDateCount = 5

func checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE…",
		Short: "List all errors in chat files, and print their timetables",
		Long: `check reads chat files. It lists every error with its file, line and column, and says how
to fix it. For each valid file it prints the timetable in the chat's own time zone and in
UTC, warnings (a start in the past, a clock change, too little time for a question, posts
that are too long), and the next dates of the chat's series.

A chat file is Markdown with the chat's settings at the top. Only the title and the start
are required:

  ---
  title: Health and public libraries partnerships
  hashtag: "#ukmedlibs"
  starts: 2026-12-15 20:00 Europe/London
  ends: 21:00                            # or a duration: 1h (the default)
  leader: Holly Case
  leader_accounts: [nhs/U061F7AUR]       # gets heads-ups, but can't send commands
  hosts: [nhs/U024BE7LH]                 # who else can send commands to the bot
  rooms: [nhs/#ukmedlibs]                # default: every configured room
  reminders: [-7d, -1d, -2h, -30m]       # the default; or a cron line: "0 9 * * *"
  lead_in: 6m                            # until Q1; default: 6m, less in a short chat
  per_question: 8m                       # default: spread evenly
  announced: 2026-12-01                  # where a cron line starts
  series: third Tuesday 20:00 Europe/London
  archive: Chats are kept at example.org.
  licence: CC-BY-4.0
  doi: 10.5281/zenodo.1234567            # the archive's, once it has one
  ---
  An introduction, in Markdown, posted with the first reminders and the welcome.

  ## Q1
  Are you currently working with your local public library?

  ## Q2 (10m)
  Have you got any tips for joint working?

  - Project suggestions?
  - Any barriers? How did you overcome them?

The exit status is 1 if any file has an error.`,
		Example: "  catchword check chats/*.md",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return check(cmd.OutOrStdout(), cmd.ErrOrStderr(), args, time.Now())
		},
	}
}

// check lists the faults of all files, then prints the timetables of the valid ones.
func check(stdout, stderr io.Writer, files []string, now time.Time) error {
	var valid []string
	chats := map[string]questions.Chat{}
	for _, file := range files {
		chat, err := checkFile(file)
		faults, faulty := errors.AsType[questions.Faults](err)
		switch {
		case faulty:
			for _, f := range faults {
				fmt.Fprintf(stderr, "%s:%s\n", file, f)
			}
		case err != nil:
			fmt.Fprintln(stderr, "catchword:", err)
		default:
			valid, chats[file] = append(valid, file), chat
		}
	}
	var out bytes.Buffer
	for i, file := range valid {
		if i > 0 {
			out.WriteByte('\n')
		}
		writeTimetable(&out, file, chats[file], now)
	}
	if _, err := out.WriteTo(stdout); err != nil {
		return fmt.Errorf("print timetables: %w", err)
	}
	if len(valid) < len(files) {
		return errReported
	}
	return nil
}

// checkFile reads one chat file. Its slug is the file's name without ".md".
func checkFile(file string) (questions.Chat, error) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return questions.Chat{}, fmt.Errorf("%s is a folder: name chat files, such as %s", file, filepath.Join(file, "*.md"))
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return questions.Chat{}, err
	}
	return questions.ParseChat(strings.TrimSuffix(filepath.Base(file), ".md"), src)
}

func writeTimetable(w io.Writer, file string, chat questions.Chat, now time.Time) {
	fmt.Fprintf(w, "%s\n", file)
	name := chat.Title
	if chat.Hashtag != "" {
		name = chat.Hashtag + ": " + name
	}
	if chat.Leader != "" {
		name += ", led by " + chat.Leader
	}
	fmt.Fprintf(w, "  %s\n\n", name)

	zone := chat.Starts.Location().String()
	var rows bytes.Buffer
	table := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "  %s\t\tUTC\t\t\t\n", zone)
	agenda := chat.Agenda()
	layout := "15:04"
	for _, s := range agenda {
		if s.At.Second() != 0 {
			layout = "15:04:05"
		}
	}
	var local, utc dateColumn
	for _, s := range agenda {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\n", local.show(s.At), s.At.Format(layout+" MST"),
			utc.show(s.At.UTC()), s.At.UTC().Format(layout), s.Name, excerpt(chat, s))
	}
	table.Flush() // to a buffer, which never fails
	for line := range strings.Lines(rows.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
	if warnings := chat.Warnings(now, slackLimits); len(warnings) > 0 {
		fmt.Fprintln(w)
		for _, warning := range warnings {
			fmt.Fprintf(w, "  warning: %s\n", warning)
		}
	}
	if !chat.Series.IsZero() {
		fmt.Fprintf(w, "\n  The next dates of the series (%s):\n", chat.Series)
		at := chat.Starts
		for range seriesDateCount {
			at = chat.Series.Next(at)
			fmt.Fprintf(w, "    %s (%s UTC)\n", at.Format("Mon 2 Jan 2006, 15:04 MST"), at.UTC().Format("15:04"))
		}
	}
}

// A dateColumn shows a date only where it differs from the one before.
type dateColumn struct{ last string }

func (d *dateColumn) show(t time.Time) string {
	date := t.Format("Mon 2 Jan 2006")
	if date == d.last {
		return ""
	}
	d.last = date
	return date
}

// excerptLength is how many characters of a question the timetable shows.
const excerptLength = 60

// excerpt is the beginning of a step's question.
func excerpt(chat questions.Chat, s questions.Step) string {
	if s.Question < 1 || s.Question > len(chat.Questions) {
		return ""
	}
	q := chat.Questions[s.Question-1]
	words := strings.Fields(q.Text)
	if len(words) == 0 && len(q.Points) > 0 {
		words = strings.Fields(q.Points[0])
	}
	line := []rune(strings.Join(words, " "))
	if len(line) <= excerptLength {
		return string(line)
	}
	return strings.TrimRight(string(line[:excerptLength-1]), " ,;") + "…"
}
