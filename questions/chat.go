// Package questions has what a chat asks, and when: chat files, the agenda, the tags that people put before their
// answers, and the transcript. It is pure: it opens no files, reads no clock, and imports no other package of
// catchword.
package questions

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Defaults of a chat file. They are what hosts of community chats usually do.
const (
	DefaultLength = time.Hour
	DefaultLeadIn = 6 * time.Minute
)

// A Chat is one scheduled event: what will be asked, when, by whom, and where.
type Chat struct {
	// Slug is the chat's permanent name, such as "2026-12-15-health-and-public-libraries". Its file (without .md), its
	// database rows and its archive folder have this name. It stays the same when the date changes.
	Slug    string
	Title   string
	Hashtag string // with its "#", or "" for none

	// Starts has the chat's IANA zone as its Location. Every step of the chat is an offset from this instant.
	Starts time.Time
	Ends   time.Time
	// Announced is when the announcement went out. Reminders with a cron line start then. Zero if the chat file doesn't
	// say.
	Announced time.Time

	Leader string // who leads the discussion; "" for nobody in particular
	// LeaderAccounts are the accounts of one or more leaders, as "workspace/user". They get the hosts' heads-ups, but
	// can't send hosts' commands.
	LeaderAccounts []string
	Hosts          []string // "workspace/user", in addition to those configured for the workspace
	Rooms          []string // "workspace/room"; empty means every configured room

	// Reminders are posted before the start. Nil means DefaultReminders; empty but not nil means none.
	Reminders []Reminder
	LeadIn    time.Duration // from the start to the first question; zero means DefaultLeadIn, or less in a short chat
	// PerQuestion is the time for each question that doesn't set its own. Zero shares the time evenly.
	PerQuestion time.Duration

	Series      Series // the rule that the chat's dates follow; zero for none
	ArchiveNote string // is added to the recording notice, such as where the transcript will be
	Licence     string // an SPDX identifier, such as "CC-BY-4.0"; "" for none
	DOI         string // of the archive, such as "10.5281/zenodo.1234567"; "" for none yet

	Introduction string // CommonMark
	Questions    []Question
}

// A Question is one numbered prompt. Numbers start at 1 and have no gaps.
type Question struct {
	N        int
	Text     string        // CommonMark
	Points   []string      // the sub-questions under it, CommonMark each
	Duration time.Duration // its own time; zero means the chat's PerQuestion
	// AddedAt is when a host added the question during the chat. Zero means that it is from the chat file. Added
	// questions come after those of the file.
	AddedAt time.Time
}

// A Reminder is either an offset before the start, or a cron schedule from the announcement to the start.
type Reminder struct {
	Before time.Duration // positive: 2h means two hours before the start
	Cron   string        // a standard line of five fields, in the chat's zone; "" for an offset
}

// DefaultReminders returns −7d, −1d, −2h and −30m.
func DefaultReminders() []Reminder {
	const day = 24 * time.Hour
	return []Reminder{{Before: 7 * day}, {Before: day}, {Before: 2 * time.Hour}, {Before: 30 * time.Minute}}
}

// Length returns how long the chat lasts.
func (c Chat) Length() time.Duration { return c.Ends.Sub(c.Starts) }

// PlannedQuestions returns the questions of the chat file, without those that hosts added during the chat.
func (c Chat) PlannedQuestions() []Question {
	i := slices.IndexFunc(c.Questions, func(q Question) bool { return !q.AddedAt.IsZero() })
	if i < 0 {
		return c.Questions
	}
	return c.Questions[:i]
}

// Question returns question n. ok is false if the chat has none: the organiser may have removed it from the chat file
// after it was posted.
func (c Chat) Question(n int) (q Question, ok bool) {
	for _, q := range c.Questions {
		if q.N == n {
			return q, true
		}
	}
	return Question{}, false
}

// Label returns what people call question n: "Q3".
func Label(n int) string { return fmt.Sprintf("Q%d", n) }

// maxSlugTitle limits the title's part of a slug, in bytes, so that archive paths stay readable.
const maxSlugTitle = 32

// Slug makes a chat's slug from its local date and title: "2015-08-18-health-and-public-libraries". Letters lose their
// accents, everything but letters and digits becomes a hyphen, and the title is cut to whole words of 32 bytes.
func Slug(starts time.Time, title string) string {
	var words []string
	for _, w := range strings.FieldsFunc(norm.NFKD.String(strings.ToLower(title)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && r != '\'' && r != '’'
	}) {
		w = strings.Map(func(r rune) rune {
			if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
				return r
			}
			return -1
		}, w)
		if w != "" {
			words = append(words, w)
		}
	}
	slug := starts.Format("2006-01-02")
	for i, used := 0, 0; i < len(words); i++ {
		if used += len(words[i]) + 1; used > maxSlugTitle && i > 0 {
			break
		}
		slug += "-" + words[i][:min(len(words[i]), maxSlugTitle)]
	}
	return slug
}
