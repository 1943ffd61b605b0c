package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ukmedlibs/catchword/questions"
	"github.com/ukmedlibs/catchword/questions/announcement"
)

// maxImportSize is more than any announcement has. What is longer is read up to here, and doubted.
const maxImportSize = 2 << 20

// An importer is what a person asks of import.
type importer struct {
	in        string // a file, or "-" for standard input
	out       string // a file, "-" for standard output, or "" for the default
	folder    string // of the default
	zone      string
	published string
	year      int
	accept    bool
	force     bool
	json      bool
	lines     bool
	given     givenFlags
	changed   func(flag string) bool // whether a flag was given
}

func importCommand() *cobra.Command {
	var im importer
	cmd := &cobra.Command{
		Use:   "import [FILE|-]",
		Short: "Turn an announcement into a chat file, showing where each fact was found",
		Long: `import reads an announcement as it was published: plain text, Markdown, the HTML source
of a page, a mail, or what was pasted out of a chat program. It shows each fact with its
line, what nothing in the text gave and was assumed, all that will be posted, what was left
out, and every doubt. Then it writes the chat file, which is yours to read and change.

Each doubt names the flag that settles it. At a terminal, import asks instead: choose with
one key, type the right answer, or press Enter to leave it.

Nothing is written while facts contradict each other: a weekday that the date doesn't have,
several chats in one post, a time zone that catchword doesn't know. Give the flag, or take
the reading as it stands with --accept.

A date without a year is the one nearest to --published, the day on which the announcement
went out, or else the next one. "tonight" and "next Tuesday" need --published. --zone is for
a text that names no time zone, or one that is unclear; with --start it always counts.

The chat files in the folder say what your chats are usually like: their hashtag, weekday,
time and zone. What agrees is taken, and what differs is a doubt.

The chat file goes to CATCHWORD_CHATS (by default the folder chats) under a name made of
date and title, and never over another file, unless you say --force.`,
		Example: `  catchword import announcement.txt
  catchword import --published 2015-08-04 announcement.txt
  catchword import --leader "Holly Case" --drop 20-31 page.html
  catchword import --start 20:00 --zone America/New_York -o chats/october.md post.html
  curl -s https://example.org/next-chat | catchword import --json
  catchword import -o - announcement.txt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			im.in, im.folder = "-", cmp.Or(os.Getenv("CATCHWORD_CHATS"), "chats")
			im.changed = cmd.Flags().Changed
			if len(args) > 0 {
				im.in = args[0]
			}
			return im.run(cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr(), time.Now())
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&im.out, "output", "o", "", "write the chat file to `FILE`; - prints it (default chats/DATE-SLUG.md)")
	flags.StringVar(&im.published, "published", "", "the `DATE` on which the announcement went out, as in 2015-08-04")
	flags.IntVar(&im.year, "year", 0, "the year of the chat, where the announcement gives none")
	flags.StringVar(&im.given.title, "title", "", "the `TITLE` of the chat")
	flags.StringVar(&im.given.hashtag, "hashtag", "", "its hashtag; \"\" for none")
	flags.StringVar(&im.given.date, "date", "", "the `DATE` of the chat, as in 2026-12-10")
	flags.StringVar(&im.given.start, "start", "", "the `TIME` at which it starts, as in 20:00")
	flags.StringVar(&im.given.end, "end", "", "the `TIME` at which it ends, as in 21:00")
	flags.StringVar(&im.zone, "zone", cmp.Or(os.Getenv("CATCHWORD_ZONE"), "Europe/London"), "its time zone, where the announcement names none or is unclear")
	flags.StringVar(&im.given.leader, "leader", "", "who leads it; \"\" for nobody in particular")
	flags.StringVar(&im.given.questions, "questions", "", "read the questions from `FILE`: one a line, points under them after a dash")
	flags.StringVar(&im.given.drop, "drop", "", "leave `LINES` out, as in 3,20-31")
	flags.BoolVar(&im.accept, "accept", false, "write the chat file in spite of contradictions")
	flags.BoolVar(&im.force, "force", false, "write over a file that is there")
	flags.BoolVar(&im.json, "json", false, "print the reading as JSON; write a chat file only with -o")
	flags.BoolVar(&im.lines, "lines", false, "print every line with its number and what it was taken for, and write nothing")
	return cmd
}

// run imports one announcement. now serves to propose a year.
func (im importer) run(stdin io.Reader, stdout, stderr io.Writer, now time.Time) error {
	opts, err := im.options(now)
	if err != nil {
		return err
	}
	src, err := im.read(stdin)
	if err != nil {
		return err
	}
	name := cmp.Or(map[bool]string{true: "standard input"}[im.in == "-"], im.in)
	reading, err := announcement.Read(src, opts)
	if err != nil {
		fmt.Fprintf(stderr, "Can't read %s: %v.\n", name, err)
		return errReported
	}
	if im.lines {
		return writeLines(stdout, reading)
	}

	preview := stdout
	if im.out == "-" {
		preview = stderr
	}
	if im.json {
		if err := printJSON(preview, reading); err != nil || im.out == "" {
			return err
		}
	} else {
		if in, out, asks := importTerminal(stdin, stdout); asks && len(reading.Doubts) > 0 && !im.accept {
			if reading, err = settle(in, out, src, opts, reading); err != nil {
				return err
			}
		}
		writePreview(preview, name, reading)
	}

	chat, err := reading.Chat()
	contradictions := reading.Contradictions()
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "Nothing was written: date and time must be known first.")
		return errReported
	case len(contradictions) > 0 && !im.accept:
		fmt.Fprintf(stderr, "Nothing was written because of %s. Give the flags that settle it, or --accept to take it as read.\n", questions.Plural(len(contradictions), "contradiction"))
		return errReported
	}
	return im.write(chat, stdout, stderr)
}

// options checks everything that was given, and reports all faults at once.
func (im importer) options(now time.Time) (announcement.Options, error) {
	var faults []string
	zone, err := time.LoadLocation(im.zone)
	if err != nil || im.zone == "" || im.zone == "Local" {
		faults = append(faults, fmt.Sprintf("--zone %q is not a time zone: write one such as Europe/London", im.zone))
		zone = time.UTC
	}
	opts := announcement.Options{Year: im.year, Today: now.In(zone), Zone: zone, ZoneGiven: im.changed("zone")}
	if im.published != "" {
		if opts.Published, err = time.ParseInLocation(time.DateOnly, im.published, zone); err != nil {
			faults = append(faults, fmt.Sprintf("can't read --published %q: write it like 2015-08-04", im.published))
		}
	}
	if im.year != 0 && (im.year < 1990 || im.year > 2199) {
		faults = append(faults, fmt.Sprintf("--year %d is not the year of a chat: write it like 2015", im.year))
	}
	var more []string
	opts.Given, opts.Drop, more = im.given.read(im.changed)
	if faults = append(faults, more...); len(faults) > 0 {
		return opts, fmt.Errorf("%s", strings.Join(faults, "; "))
	}
	opts.Series = usual(pastChats(im.folder, now))
	if os.Getenv("CATCHWORD_ZONE") != "" {
		opts.Series.Zone = im.zone
	}
	return opts, nil
}

func (im importer) read(stdin io.Reader) ([]byte, error) {
	if im.in == "-" {
		src, err := io.ReadAll(io.LimitReader(stdin, maxImportSize))
		if err != nil {
			return nil, fmt.Errorf("read the announcement from standard input: %w", err)
		}
		return src, nil
	}
	if strings.HasPrefix(im.in, "https://") || strings.HasPrefix(im.in, "http://") {
		return []byte(im.in), nil // the reader says what to do instead
	}
	f, err := os.Open(im.in)
	if err != nil {
		return nil, fmt.Errorf("read the announcement: %w", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxImportSize))
	if err != nil {
		return nil, fmt.Errorf("read the announcement: %w", err)
	}
	return src, nil
}

func printJSON(w io.Writer, reading announcement.Reading) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(reading); err != nil {
		return fmt.Errorf("print the reading: %w", err)
	}
	return nil
}

// write puts the chat file where it belongs, whole or not at all.
func (im importer) write(chat questions.Chat, stdout, stderr io.Writer) error {
	file := questions.FormatChat(chat)
	if im.out == "-" {
		_, err := stdout.Write(file)
		return err
	}
	path := cmp.Or(im.out, filepath.Join(im.folder, chat.Slug+".md"))
	return writeChatFile(path, file, im.force, "Read it, change what isn't right, then:", stdout, stderr)
}

// writeChatFile writes a chat file, and never over another one unless it is forced to.
func writeChatFile(path string, file []byte, force bool, next string, stdout, stderr io.Writer) error {
	if there, err := os.ReadFile(path); err == nil && string(there) == string(file) {
		fmt.Fprintf(stdout, "%s already says just this.\n", path)
		return nil
	}
	if _, err := os.Lstat(path); err == nil && !force {
		fmt.Fprintf(stderr, "Nothing was written because %s already exists. Give --force to replace it, or another name with -o.\n", path)
		return errReported
	}
	if err := writeFileAtomic(path, file); err != nil {
		return fmt.Errorf("write the chat file: %w", err)
	}
	fmt.Fprintf(stdout, "Wrote %s. %s\n\n  catchword check %[1]s\n", path, next)
	return nil
}

// writeFileAtomic writes a file beside its name and then renames it, so that nobody reads half of it.
func writeFileAtomic(path string, data []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".import-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		f.Close()
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
