package archive

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// A series is all the chats below one root: its index.html, feed.atom and calendar.ics. It is made of their summaries
// alone, so that a new answer has its own chat written again and these three, and nothing else.
type series struct {
	Title  string
	Years  []seriesYear  // newest first
	Coming []plannedChat // next first
	Chats  int
	Totals []number
	o      Options
	chats  []*seriesChat // oldest first
}

// A seriesYear is a heading of the index with its chats, newest first.
type seriesYear struct {
	Year  string
	Chats []*seriesChat
}

// A seriesChat is one chat of the index. The totals are of it and all before it.
type seriesChat struct {
	summary
	Date                      moment
	Held, SoFar               string // "57 answers by 12 people"
	TotalAnswers, TotalPeople int
}

// seriesFiles are what lies beside the folders.
const (
	seriesIndex    = "index.html"
	seriesFeed     = "feed.atom"
	seriesCalendar = "calendar.ics"
	seriesPlanned  = "planned.json"
	seriesLock     = ".lock" // no chat's, which has the chat's name in it
)

// inSeries keeps writers of one process apart where folders can't be locked.
var inSeries sync.Mutex

// WriteSeries writes the index of all chats below root, the feed of those that were held, and the calendar of those of
// o.Chats that have no archive yet. Write does it as well; this is for when a chat is planned, moved or called off.
// Each file is replaced whole. What lies below root without a summary is not a chat's, and is left alone; a summary that
// can't be read is left out, and told of in the error.
func WriteSeries(ctx context.Context, root *os.Root, o Options) error {
	inSeries.Lock()
	defer inSeries.Unlock()
	release, err := hold(ctx, root, seriesLock, nil)
	if err != nil {
		return fmt.Errorf("write the index of all chats: wait for another that does: %w", err)
	}
	defer release()
	s, unread := readSeries(ctx, root, o)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("write the index of all chats: %w", err)
	}
	for _, name := range pageParts {
		if err := replaceFile(root, name, func(w io.Writer) error { _, err := w.Write(embedded(name)); return err }); err != nil {
			return fmt.Errorf("write the index of all chats: %s: %w", name, err)
		}
	}
	for _, one := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{seriesFeed, s.writeFeed},
		{seriesCalendar, s.writeCalendar},
		{seriesPlanned, s.writePlanned},
		{seriesIndex, s.writeIndex},
	} {
		if err := replaceFile(root, one.name, one.write); err != nil {
			return fmt.Errorf("write the index of all chats: %s: %w", one.name, err)
		}
	}
	if unread != nil {
		return fmt.Errorf("write the index of all chats without some of them: %w", unread)
	}
	return nil
}

// readSeries reads every summary.
func readSeries(ctx context.Context, root *os.Root, o Options) (*series, error) {
	s := &series{Title: line(o.Series), o: o}
	slugs, err := folders(root)
	if err != nil {
		return s, err
	}
	var unread []error
	zones := map[string]*time.Location{}
	for _, slug := range slugs {
		if ctx.Err() != nil {
			return s, nil
		}
		one, err := readSummary(root, slug, zones)
		if errors.Is(err, fs.ErrNotExist) {
			continue // not ours, or being replaced where that takes two steps
		}
		if err != nil {
			unread = append(unread, err)
			continue
		}
		s.chats = append(s.chats, &seriesChat{summary: one})
	}
	slices.SortFunc(s.chats, func(a, b *seriesChat) int {
		return cmp.Or(a.Starts.Compare(b.Starts), strings.Compare(a.Slug, b.Slug))
	})
	s.addUp()
	held := s.arrange()
	s.Coming, err = plan(root, o, held)
	return s, errors.Join(append(unread, err)...)
}

// folders are the names below root that can be chats'.
func folders(root *os.Root) (slugs []string, err error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	for _, e := range entries {
		if e.IsDir() && checkSlug(e.Name()) == nil {
			slugs = append(slugs, e.Name())
		}
	}
	slices.Sort(slugs)
	return slugs, err
}

// addUp counts the answers and the people of all chats so far, chat by chat.
func (s *series) addUp() {
	people, answers := map[uint64]bool{}, 0
	for _, c := range s.chats {
		answers += c.Answers
		for _, one := range c.Persons {
			people[one] = true
		}
		c.TotalAnswers, c.TotalPeople = answers, len(people)
	}
}

// arrange puts the chats under their years, and returns the names of all.
func (s *series) arrange() (held map[string]bool) {
	s.Chats = len(s.chats)
	if s.Title == "" {
		s.Title = "All chats"
		if n := len(s.chats); n > 0 && s.chats[n-1].Hashtag != "" {
			s.Title = line(s.chats[n-1].Hashtag) + " chats"
		}
	}
	held = map[string]bool{}
	for i := len(s.chats) - 1; i >= 0; i-- {
		c := s.chats[i]
		held[c.Slug] = true
		c.Date = moment{c.Starts.Format("2 January"), iso(c.Starts)}
		c.Title, c.Leader, c.Hashtag = orElse(line(c.Title), c.Slug), line(c.Leader), line(c.Hashtag)
		c.Held, c.SoFar = answersBy(c.Answers, c.People), answersBy(c.TotalAnswers, c.TotalPeople)
		year := c.Starts.Format("2006")
		if n := len(s.Years); n == 0 || s.Years[n-1].Year != year {
			s.Years = append(s.Years, seriesYear{Year: year})
		}
		at := &s.Years[len(s.Years)-1]
		at.Chats = append(at.Chats, c)
	}
	s.Totals = []number{{"Chats", grouped(len(s.chats))}, {"Answers", "0"}, {"People", "0"}}
	if n := len(s.chats); n > 0 {
		s.Totals[1].Value, s.Totals[2].Value = grouped(s.chats[n-1].TotalAnswers), grouped(s.chats[n-1].TotalPeople)
	}
	return held
}

func answersBy(answers, people int) string {
	return plural(answers, "answer", "answers") + " by " + plural(people, "person", "people")
}

func (s *series) writeIndex(w io.Writer) error {
	return pageTemplates.ExecuteTemplate(w, "series", struct {
		*series
		Heading  string
		Turns    *turns
		Metadata template.HTML
	}{series: s})
}

// replaceFile writes a file below root, which readers find old or new, and always whole. One writer at a time may do so;
// what a crash leaves is written over by the next.
func replaceFile(root *os.Root, name string, write func(io.Writer) error) error {
	stage := "." + name + ".tmp"
	f, err := root.Create(stage)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	err = errors.Join(write(w), w.Flush(), f.Sync(), f.Close())
	if err == nil {
		err = root.Rename(stage, name)
	}
	if err != nil {
		return errors.Join(err, ignore(root.Remove(stage), fs.ErrNotExist))
	}
	return nil
}
