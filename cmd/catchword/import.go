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

// A importer is what a person asks of import.
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
}

func importCommand() *cobra.Command {
	var im importer
	cmd := &cobra.Command{
		Use:   "import [FILE|-]",
		Short: "Turn an announcement into a chat file, showing where each fact was found",
		Long: `import reads an announcement of a chat as it was published: plain text, Markdown, the HTML
source of a page, a mail, or what was pasted out of a chat program. It shows each fact with
the words it was found in and their line, then the questions, then every doubt, with what
would be right. It writes the chat file, which is yours to read and to mend.

Nothing is written while facts contradict each other: a weekday that the date doesn't have,
a date in the title and another in the text, several chats in one post. Correct the
announcement, or take the reading as it stands with --accept.

An announcement rarely says which year it means, and sometimes only "tonight". --published
gives the day on which it went out, from which both are counted; --year gives the year.
Without either, the year is proposed if just one within twelve months has that date on
that weekday.

The chat file goes to CATCHWORD_CHATS (by default the folder chats) under a name made of
date and title, and never over another file, unless you say --force.`,
		Example: `  catchword import announcement.txt
  catchword import --published 2015-08-04 announcement.txt
  catchword import --zone America/New_York -o chats/october.md post.html
  curl -s https://example.org/next-chat | catchword import --json
  catchword import -o - announcement.txt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			im.in, im.folder = "-", cmp.Or(os.Getenv("CATCHWORD_CHATS"), "chats")
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
	flags.StringVar(&im.zone, "zone", cmp.Or(os.Getenv("CATCHWORD_ZONE"), "Europe/London"), "the time zone of the chat, where the announcement names none")
	flags.BoolVar(&im.accept, "accept", false, "write the chat file in spite of contradictions")
	flags.BoolVar(&im.force, "force", false, "write over a file that is there")
	flags.BoolVar(&im.json, "json", false, "print the reading as JSON; write a chat file only with -o")
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
	reading := announcement.ParseAnnouncement(src, opts)

	preview := stdout
	if im.out == "-" {
		preview = stderr
	}
	if im.json {
		if err := printJSON(preview, reading); err != nil || im.out == "" {
			return err
		}
	} else {
		writePreview(preview, cmp.Or(map[bool]string{true: "standard input"}[im.in == "-"], im.in), reading)
	}

	chat, err := reading.Chat()
	contradictions := reading.Contradictions()
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "Nothing was written: date, year and time must be known first.")
		return errReported
	case len(contradictions) > 0 && !im.accept:
		fmt.Fprintf(stderr, "Nothing was written, because of %s. Correct the announcement, or give --accept to take it as read.\n", plural(len(contradictions), "contradiction"))
		return errReported
	}
	return im.write(chat, stdout, stderr)
}

// options checks everything that was given, and reports all faults at once.
func (im importer) options(now time.Time) (announcement.ReadOptions, error) {
	var faults []string
	zone, err := time.LoadLocation(im.zone)
	if err != nil || im.zone == "" || im.zone == "Local" {
		faults = append(faults, fmt.Sprintf("--zone %q is no time zone: write one such as Europe/London", im.zone))
		zone = time.UTC
	}
	opts := announcement.ReadOptions{Year: im.year, Today: now.In(zone), Zone: zone}
	if im.published != "" {
		if opts.Published, err = time.ParseInLocation(time.DateOnly, im.published, zone); err != nil {
			faults = append(faults, fmt.Sprintf("--published %q is no date: write it as in 2015-08-04", im.published))
		}
	}
	if im.year != 0 && (im.year < 1990 || im.year > 2199) {
		faults = append(faults, fmt.Sprintf("--year %d is no year of a chat: write it as in 2015", im.year))
	}
	if len(faults) > 0 {
		return opts, fmt.Errorf("%s", strings.Join(faults, "; "))
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
	if there, err := os.ReadFile(path); err == nil && string(there) == string(file) {
		fmt.Fprintf(stdout, "%s is there already, and says just this.\n", path)
		return nil
	}
	if _, err := os.Lstat(path); err == nil && !im.force {
		fmt.Fprintf(stderr, "Nothing was written, because %s is there already. Give --force to write over it, or another name with -o.\n", path)
		return errReported
	}
	if err := writeFileAtomic(path, file); err != nil {
		return fmt.Errorf("write the chat file: %w", err)
	}
	fmt.Fprintf(stdout, "Wrote %s. Read it, mend it, then:\n\n  catchword check %[1]s\n", path)
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
