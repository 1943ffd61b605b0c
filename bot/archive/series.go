package archive

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// A series is all chats below one root: index.html with the pages of earlier years, feed.atom and calendar.ics. It is
// made from the chats' summaries, so that a new answer rewrites its own chat, the pages that show its numbers, and
// nothing else.
type series struct {
	Title    string
	Years    []seriesYear   // those that the index holds, newest first
	Earlier  []seriesYear   // those that have pages of their own, newest first
	Upcoming []upcomingChat // next first
	Totals   []statRow
	opts     Options
	chats    []*seriesChat // oldest first
	pages    []string      // of years, as they were before
}

// A seriesChat is one chat of the series, and the folder from which it was read.
type seriesChat struct {
	summary
	folder                    fs.FileInfo
	totalAnswers, totalPeople int // in all
	row                       *seriesRow
}

// seriesCache keeps the chats of the series that was written last, by folder name, for a program that writes it again
// and again. Folders are replaced and never changed, so an entry is valid as long as its folder is in place. Guarded
// by seriesMu.
var seriesCache map[string]*seriesChat

// isFrom reports whether the chat was read from this folder.
func (c *seriesChat) isFrom(folder fs.FileInfo) bool {
	return c != nil && c.folder.ModTime().Equal(folder.ModTime()) && os.SameFile(c.folder, folder)
}

// The files of the series, next to the chats' folders.
const (
	seriesIndex    = "index.html"
	seriesFeed     = "feed.atom"
	seriesCalendar = "calendar.ics"
	seriesPlanned  = "planned.json"
	seriesLock     = ".lock" // no chat's, which has the chat's name in it
)

// seriesMu serialises the writers of one process, for systems where folders can't be locked.
var seriesMu sync.Mutex

// WriteSeries writes the index of all chats below root, the feed of past chats, and the calendar of those in o.Chats
// that have no archive yet. Write does this too; call WriteSeries when a chat is planned, moved or cancelled. Each
// file is replaced as a whole, and only if it changes. A folder without a summary is not a chat's and is left alone; a
// summary that can't be read is left out and reported in the error. WriteSeries reads every summary, Write only those
// that have changed since this process last did either.
func WriteSeries(ctx context.Context, root *os.Root, o Options) error {
	seriesMu.Lock()
	defer seriesMu.Unlock()
	seriesCache = nil
	return writeSeries(ctx, root, o)
}

// writeSeries is WriteSeries for callers that hold seriesMu, with the cache.
func writeSeries(ctx context.Context, root *os.Root, o Options) error {
	release, err := acquireLockFile(ctx, root, seriesLock, nil)
	if err != nil {
		return fmt.Errorf("write the index of all chats: wait for another program that is writing it: %w", err)
	}
	defer release()
	s, unread := readSeries(ctx, root, o)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("write the index of all chats: %w", err)
	}
	for _, name := range pageAssets {
		if err := replaceFile(root, name, func(w io.Writer) error { _, err := w.Write(embeddedFile(name)); return err }); err != nil {
			return fmt.Errorf("write the index of all chats: %s: %w", name, err)
		}
	}
	for _, one := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{seriesFeed, s.writeFeed},
		{seriesCalendar, s.writeCalendar},
		{seriesPlanned, s.writeUpcoming},
	} {
		if err := replaceFile(root, one.name, one.write); err != nil {
			return fmt.Errorf("write the index of all chats: %s: %w", one.name, err)
		}
	}
	if err := s.writeIndex(root); err != nil {
		return fmt.Errorf("write the index of all chats: %w", err)
	}
	if unread != nil {
		return fmt.Errorf("write the index of all chats without some of them: %w", unread)
	}
	return nil
}

// readSeries reads every summary that isn't cached.
func readSeries(ctx context.Context, root *os.Root, o Options) (*series, error) {
	s := &series{Title: singleLine(o.SeriesTitle), opts: o}
	found, pages, err := listFolders(root)
	if err != nil {
		return s, err
	}
	s.pages = pages
	var unread []error
	zones, still := map[string]*time.Location{}, map[string]*seriesChat{}
	for _, f := range found {
		if ctx.Err() != nil {
			return s, nil
		}
		c := seriesCache[f.Name()]
		if !c.isFrom(f) {
			c = &seriesChat{folder: f}
			var err error
			c.summary, err = readSummary(root, f.Name(), zones)
			if errors.Is(err, fs.ErrNotExist) {
				continue // not ours, or being replaced where that takes two steps
			}
			if err != nil {
				unread = append(unread, err)
				continue
			}
			c.Title, c.Leader, c.Hashtag = orDefault(singleLine(c.Title), c.Slug), singleLine(c.Leader), singleLine(c.Hashtag)
		}
		still[c.Slug] = c
		s.chats = append(s.chats, c)
	}
	seriesCache = still
	slices.SortFunc(s.chats, func(a, b *seriesChat) int {
		return cmp.Or(a.Starts.Compare(b.Starts), strings.Compare(a.Slug, b.Slug))
	})
	s.computeTotals()
	held := s.setTitleAndYears()
	s.Upcoming, err = upcomingChats(root, o, held)
	return s, errors.Join(append(unread, err)...)
}

// listFolders lists the folders below root that can be chats', and the pages of years next to them.
func listFolders(root *os.Root) (found []fs.FileInfo, pages []string, err error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, nil, err
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	for _, e := range entries {
		if e.IsDir() && checkSlug(e.Name()) == nil {
			if f, err := e.Info(); err == nil { // else it has gone meanwhile
				found = append(found, f)
			}
		} else if yearPagePattern.MatchString(e.Name()) {
			pages = append(pages, e.Name())
		}
	}
	slices.SortFunc(found, func(a, b fs.FileInfo) int { return strings.Compare(a.Name(), b.Name()) })
	return found, pages, err
}

// computeTotals counts the answers and the people of each chat and all earlier ones.
func (s *series) computeTotals() {
	people, answers := map[uint64]bool{}, 0
	for _, c := range s.chats {
		answers += c.Answers
		for _, one := range c.Persons {
			if !people[one] { // most came before, and looking takes half as long as setting
				people[one] = true
			}
		}
		if c.row == nil || answers != c.totalAnswers || len(people) != c.totalPeople {
			c.totalAnswers, c.totalPeople = answers, len(people)
			c.row = c.newRow()
		}
	}
	s.Totals = []statRow{{"Chats", formatNumber(len(s.chats))}, {"Answers", formatNumber(answers)}, {"People", formatNumber(len(people))}}
}

// setTitleAndYears sets the title, groups the chats by year, and returns the slugs of all.
func (s *series) setTitleAndYears() (held map[string]bool) {
	if s.Title == "" {
		s.Title = "All chats"
		if n := len(s.chats); n > 0 && s.chats[n-1].Hashtag != "" {
			s.Title = s.chats[n-1].Hashtag + " chats"
		}
	}
	s.groupByYear()
	held = make(map[string]bool, len(s.chats))
	for _, c := range s.chats {
		held[c.Slug] = true
	}
	return held
}

func answersBy(answers, people int) string {
	return plural(answers, "answer", "answers") + " by " + plural(people, "person", "people")
}

// replaceFile writes a file below root. Readers find the old or the new file, complete. A file that wouldn't change is
// left as it is. Only one writer at a time may call it; the next one overwrites what a crash left.
func replaceFile(root *os.Root, name string, write func(io.Writer) error) error {
	var content bytes.Buffer
	if err := write(&content); err != nil {
		return err
	}
	if there, err := root.ReadFile(name); err == nil && bytes.Equal(there, content.Bytes()) {
		return nil
	}
	stage := "." + name + ".tmp"
	f, err := root.Create(stage)
	if err != nil {
		return err
	}
	_, err = f.Write(content.Bytes())
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = root.Rename(stage, name)
	}
	if err != nil {
		return errors.Join(err, ignoreError(root.Remove(stage), fs.ErrNotExist))
	}
	return nil
}
