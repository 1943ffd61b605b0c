// Package questions knows what is asked, and when: announcements, chat files, the agenda of a chat, the tags that
// people put before their answers, and the transcript. It is pure: it opens no file, asks no clock and imports
// nothing else of catchword.
package questions

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Defaults of a chat file, as hosts of community chats keep them by hand.
const (
	DefaultLength = time.Hour
	DefaultLeadIn = 6 * time.Minute
)

// A Chat is one scheduled event: what will be asked, when, by whom, and where.
type Chat struct {
	// Slug names the chat for ever: its file (without .md), its rows and its archive folder, as in
	// "2026-12-15-health-and-public-libraries". It stays when the date moves.
	Slug    string
	Title   string
	Hashtag string // with its "#", or "" for none

	// Starts carries its IANA zone in its Location. Every step of the chat is an offset from this instant.
	Starts time.Time
	Ends   time.Time
	// Announced is when the announcement went out, which is where reminders given as a cron line begin. Zero if
	// the chat file does not say.
	Announced time.Time

	Leader string // who leads the discussion; "" for nobody in particular
	// LeaderAccounts are "workspace/user", of the leader or of several: they are told privately what comes, as hosts
	// are, but command nothing.
	LeaderAccounts []string
	Hosts          []string // "workspace/user", beside those configured for the workspace
	Rooms          []string // "workspace/room"; empty means every configured room

	// Reminders are said before the start. Nil means DefaultReminders; empty and not nil means none.
	Reminders []Reminder
	LeadIn    time.Duration // from the start to the first question; zero means DefaultLeadIn, or less in a short chat
	// PerQuestion is the time for each question that doesn't set its own. Zero spreads them evenly.
	PerQuestion time.Duration

	Series      Series // the rule that the chat's dates follow; zero for none
	ArchiveNote string // a note that is said with the notice of recording: where the transcript will be
	Licence     string // an SPDX identifier, such as "CC-BY-4.0"; "" for none
	DOI         string // of the archive, such as "10.5281/zenodo.1234567"; "" for none yet

	Introduction string // CommonMark
	Questions    []Question
}

// A QuestionNumber is one numbered prompt. Numbers begin at 1 and rise by one.
type Question struct {
	N        int
	Text     string        // CommonMark
	Points   []string      // the sub-questions under it, CommonMark each
	Duration time.Duration // its own time; zero means the chat's PerQuestion
	// Asked is when a host asked it beside the timetable; zero for one of the chat file, which alone stands there and
	// is counted before.
	AddedAt time.Time
}

// A Reminder is either an offset before the start or a cron schedule that runs from the announcement to the start.
type Reminder struct {
	Before time.Duration // positive: 2h means two hours before the start
	Cron   string        // a standard five-field line, in the chat's zone; "" for an offset
}

// DefaultReminders are −7d, −1d, −2h and −30m.
func DefaultReminders() []Reminder {
	const day = 24 * time.Hour
	return []Reminder{{Before: 7 * day}, {Before: day}, {Before: 2 * time.Hour}, {Before: 30 * time.Minute}}
}

// Length is how long the chat lasts.
func (c Chat) Length() time.Duration { return c.Ends.Sub(c.Starts) }

// PlannedQuestions are the questions of the chat file, without those that hosts asked beside it.
func (c Chat) PlannedQuestions() []Question {
	i := slices.IndexFunc(c.Questions, func(q Question) bool { return !q.AddedAt.IsZero() })
	if i < 0 {
		return c.Questions
	}
	return c.Questions[:i]
}

// Question returns question n, or false if the chat has none: the organiser may have removed it from the chat file
// since it was asked.
func (c Chat) Question(n int) (Question, bool) {
	for _, q := range c.Questions {
		if q.N == n {
			return q, true
		}
	}
	return Question{}, false
}

// Label is what people call question n: "Q3".
func Label(n int) string { return fmt.Sprintf("Q%d", n) }

// maxSlugTitle bounds the title's part of a slug, in bytes, so that archive paths stay readable.
const maxSlugTitle = 32

// Slug makes the name of a chat from its local date and title: "2015-08-18-health-and-public-libraries". Letters lose
// their accents, all else but letters and digits becomes a hyphen, and whole words are kept up to 32 bytes.
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
