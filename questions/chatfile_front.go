package questions

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

var (
	hashtagPattern = regexp.MustCompile(`^[#＃]?[\pL\pN\pM_]+$`)
	licencePattern = regexp.MustCompile(`^[A-Za-z0-9.+-]+$`)
	// See https://www.crossref.org/blog/dois-and-matching-regular-expressions/.
	doiPattern     = regexp.MustCompile(`^10\.[0-9]{4,9}/[-._;()/:A-Za-z0-9]+$`)
	doiPrefix      = regexp.MustCompile(`^(?i:doi: *|https?://(?:dx\.)?doi\.org/)`)
	addressPattern = regexp.MustCompile(`^[^\s/]+/\S+$`)
)

// fill sets the chat's fields from the front matter.
func (f *frontMatter) fill(c *Chat) {
	if s, ok := f.line("title"); ok {
		c.Title = s.text
	} else if _, given := f.keys["title"]; !given {
		f.faults.add(position{1, 1}, `the title is missing: add a line like "title: Health and public libraries"`)
	}
	if s, ok := f.line("hashtag"); ok {
		if !hashtagPattern.MatchString(s.text) {
			f.faults.add(s.at, `%q is not a hashtag: write one word with a #, in quotes, like "#ukmedlibs"`, s.text)
		}
		c.Hashtag = "#" + strings.TrimLeft(s.text, "#＃")
	}
	f.fillTimes(c)
	if s, ok := f.line("leader"); ok {
		c.Leader = s.text
	}
	c.LeaderAccounts = f.addresses("leader_accounts", "nhs/U061F7AUR")
	c.Hosts = f.addresses("hosts", "nhs/U024BE7LH")
	c.Rooms = f.addresses("rooms", "nhs/#ukmedlibs")
	f.fillReminders(c)
	c.LeadIn = f.duration("lead_in")
	c.PerQuestion = f.duration("per_question")
	if s, ok := f.line("series"); ok {
		rule, err := ParseSeries(s.text)
		if err != nil {
			f.faults.add(s.at, "%s", err)
		}
		c.Series = rule
	}
	if s, ok := f.text("archive"); ok {
		c.ArchiveNote = s.text
	}
	if s, ok := f.line("licence"); ok {
		if !licencePattern.MatchString(s.text) {
			f.faults.add(s.at, "%q is not an SPDX licence identifier: write one like CC-BY-4.0", s.text)
		}
		c.Licence = s.text
	}
	if s, ok := f.line("doi"); ok {
		if c.DOI = doiPrefix.ReplaceAllString(s.text, ""); !doiPattern.MatchString(c.DOI) {
			f.faults.add(s.at, "%q is not a DOI: write it like 10.5281/zenodo.1234567", s.text)
		}
	}
}

func (f *frontMatter) fillTimes(c *Chat) {
	// If the start can't be read, these make every end and announcement pass, so that it causes no other faults.
	startsForEnd := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC)
	startsForAnnounced := time.Date(lastYear, 12, 31, 23, 59, 59, 0, time.UTC)
	if s, ok := f.line("starts"); ok {
		start, err := readStart(s.text)
		if err != nil {
			f.faults.add(s.at, "%s", err)
		} else {
			c.Starts, c.Ends = start, start.Add(DefaultLength)
			startsForEnd, startsForAnnounced = start, start
		}
	} else if _, given := f.keys["starts"]; !given {
		f.faults.add(position{1, 1}, `the start is missing: add a line like "starts: 2026-12-15 20:00 Europe/London"`)
	}
	var err error
	if s, ok := f.line("ends"); ok {
		if c.Ends, err = readEnd(s.text, startsForEnd); err != nil {
			f.faults.add(s.at, "%s", err)
		}
	}
	if s, ok := f.line("announced"); ok {
		if c.Announced, err = readAnnounced(s.text, startsForAnnounced); err != nil {
			f.faults.add(s.at, "%s", err)
		}
	}
}

func readStart(s string) (time.Time, error) {
	lt, ok, err := readLocalTime(s)
	switch {
	case err != nil:
		return time.Time{}, err
	case !ok:
		return time.Time{}, fmt.Errorf("can't read starts: %q; write it like 2026-12-15 20:00 Europe/London", s)
	case !lt.hasClock:
		return time.Time{}, fmt.Errorf("the time of day is missing: write it like %s 20:00 Europe/London", time.Time(lt.wall).Format(time.DateOnly))
	case lt.zone == "":
		return time.Time{}, fmt.Errorf("the time zone is missing: write it after the time, like %s Europe/London", s)
	}
	zone, err := loadZone(lt.zone)
	if err != nil {
		return time.Time{}, err
	}
	return lt.wall.resolve(zone, lt.offset)
}

// readEnd reads the end of a chat: a time of day (the first one after the start), a duration, or a date and time.
func readEnd(s string, start time.Time) (time.Time, error) {
	since, ok, err := readClock(s)
	if err != nil {
		return start, err
	}
	if ok {
		w := wallTimeOf(start)
		midnight := time.Time(w).Truncate(day)
		end, err := wallTime(midnight.Add(since)).resolve(start.Location(), "")
		if err == nil && !end.After(start) {
			end, err = wallTime(midnight.AddDate(0, 0, 1).Add(since)).resolve(start.Location(), "")
		}
		if err != nil {
			return start, fmt.Errorf("%w; or write how long the chat lasts, like 1h", err)
		}
		return end, nil
	}
	if lt, ok, err := readLocalTime(s); ok {
		switch {
		case err != nil:
			return start, err
		case !lt.hasClock:
			return start, fmt.Errorf("the time of day is missing: write it like %s 21:00", s)
		case lt.zone != "":
			return start, fmt.Errorf("the end is always in the time zone of the start: remove %s", lt.zone)
		}
		end, err := lt.wall.resolve(start.Location(), lt.offset)
		if err == nil && !end.After(start) {
			err = fmt.Errorf("the chat would end before it starts (%s): write a later end", formatLocal(start))
		}
		return end, err
	}
	d, err := readDuration(s)
	switch {
	case err != nil && strings.ContainsAny(s, ":. "):
		return start, fmt.Errorf("can't read ends: %q; write a time of day like 21:00, or how long the chat lasts, like 1h", s)
	case err != nil:
		return start, err
	case d == 0:
		return start, errors.New("the chat would end as soon as it starts: write its end like 21:00 or 1h")
	}
	return start.Add(d), nil
}

func readAnnounced(s string, start time.Time) (time.Time, error) {
	lt, ok, err := readLocalTime(s)
	switch {
	case err != nil:
		return time.Time{}, err
	case !ok:
		return time.Time{}, fmt.Errorf("can't read announced: %q; write a date like 2026-12-01, or a date and time like 2026-12-01 09:00", s)
	case lt.zone != "":
		return time.Time{}, fmt.Errorf("the announcement is always in the time zone of the start: remove %s", lt.zone)
	}
	at := lt.wall.first(start.Location())
	if lt.offset != "" {
		if at, err = lt.wall.resolve(start.Location(), lt.offset); err != nil {
			return time.Time{}, err
		}
	}
	if at.After(start) {
		return time.Time{}, fmt.Errorf("the chat would be announced after it starts (%s): write the date on which the announcement goes out", formatLocal(start))
	}
	return at, nil
}

// addresses reads a list of users or rooms, each written as workspace/name.
func (f *frontMatter) addresses(key, example string) []string {
	all, given := f.list(key)
	if sequence, ok := f.values[key].(*ast.SequenceNode); given && ok && len(sequence.Values) == 0 && key == "rooms" {
		f.faults.add(f.keys[key], "rooms is empty: name a room, or remove this line to use every configured room")
	}
	var found []string
	for _, s := range all {
		if !addressPattern.MatchString(s.text) {
			f.faults.add(s.at, "%q has no workspace: write workspace/name, like %s", s.text, example)
		}
		if slices.Contains(found, s.text) {
			f.faults.add(s.at, "%s is listed twice in %s: remove one", s.text, key)
		}
		found = append(found, s.text)
	}
	return found
}

func (f *frontMatter) fillReminders(c *Chat) {
	all, given := f.list("reminders")
	if !given {
		return
	}
	c.Reminders = []Reminder{}
	if len(all) == 1 && strings.EqualFold(all[0].text, "none") {
		return
	}
	for _, s := range all {
		r, err := readReminder(s.text)
		if err != nil {
			f.faults.add(s.at, "%s", err)
			continue
		}
		if slices.Contains(c.Reminders, r) {
			f.faults.add(s.at, "the reminder %s is listed twice: remove one", s.text)
		}
		c.Reminders = append(c.Reminders, r)
	}
}

func (f *frontMatter) duration(key string) time.Duration {
	s, ok := f.line(key)
	if !ok {
		return 0
	}
	d, err := readDuration(s.text)
	switch {
	case err != nil:
		f.faults.add(s.at, "%s", err)
	case d == 0:
		f.faults.add(s.at, "%s can't be zero: write a duration like 8m, or remove the line", key)
	}
	return d
}
