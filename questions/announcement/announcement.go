// Package announcement reads the text in which organisers publish a chat: its date, title, leader, hashtag and
// questions, each with the place where it was found, and every doubt.
package announcement

import "time"

// A Kind is what sort of chat an announcement is about, or what else the text is.
type Kind string

const (
	Announcement          Kind = "announcement"
	OpenChat              Kind = "open_chat" // expressly without questions
	Quiz                  Kind = "quiz"
	JournalClub           Kind = "journal_club"
	SlowChat              Kind = "slow_chat" // over days, a question a day
	Reschedule            Kind = "reschedule"
	Recap                 Kind = "recap" // of a chat that was held; it may give the next date
	AnnouncementWithRecap Kind = "announcement_with_recap"
)

// ReadOptions say what an announcement leaves unsaid.
type ReadOptions struct {
	// Published is the day on which the announcement went out. It anchors "tonight", "next Tuesday" and a missing
	// year. Zero means unknown.
	Published time.Time
	// Year is the year of the chat, where the text gives none. Zero means unknown.
	Year int
	// Today lets a year be proposed, when nothing else gives one. Zero means that none is.
	Today time.Time
	// Zone is where the chat's clock hangs, unless the text names another zone. Nil means UTC.
	Zone *time.Location
}

// Evidence is where in an announcement something was found.
type Evidence struct {
	Line  int    // counted from 1; 0 means that it was not found
	Words string // as a reader sees them, without markup and with single spaces
}

// Found is a value and where it was found. Its Line is 0 if there is none.
type Found[T any] struct {
	Value T
	Evidence
}

// OK tells whether there is a value.
func (f Found[T]) OK() bool { return f.Line > 0 }

// A Reading is what an announcement says: each field with the words it was found in, and every doubt.
type Reading struct {
	Kind    Kind
	Title   Found[string] // without the hashtag, the date, and the words that say no more than "next chat"
	Hashtag Found[string] // the chat's own, with its "#"
	// Hashtags are all that the text uses, in order, each once.
	Hashtags []string

	Date Found[Date]
	// Until is the last day of a chat that goes on for several.
	Until Date
	// Published is the day on which the announcement went out, as the options or the text give it; zero if unknown.
	Published time.Time
	// RealWeekday is the date's weekday where the text names another; else "".
	RealWeekday string
	// Resolved is the start in its zone, as far as text and options tell it; zero if something is missing.
	Resolved time.Time
	// Proposed is the year that no one has said, and the only one that fits.
	Proposed int

	Start Found[Clock]
	End   Found[Clock]
	Zone  Found[string]   // as written: "GMT", "UK time"; "" if the text names none
	Times []Found[Period] // all, if the text gives more than one: for several zones, or two sittings

	Leader      Found[string] // the credit, without handles, job titles and employers
	Leaders     []string      // each person, if Leader credits several
	Facilitator Found[string]
	PastLeader  Found[string] // who led an earlier chat
	Author      Found[string] // who signed the announcement

	Introduction []Paragraph
	Questions    []AskedQuestion
	Archive      Found[string] // where transcripts are kept: a name or an address
	ArchiveNote  string        // the sentence that says so
	Resources    []string
	Numbers      map[string]int // of a chat that was held: "participants", "messages", "impressions"
	Chats        []DatedChat    // all, if the text announces more than one

	Doubts []Doubt
}

// A Paragraph of the introduction, in CommonMark.
type Paragraph struct {
	Text string
	Line int
}

// An AskedQuestion is a question as the announcement gives it: N is the number as written, or its position where
// there is none, and Day what a slow chat says of when it is asked.
type AskedQuestion struct {
	N      int
	Text   string
	Points []string
	Day    string
	Line   int
}

// A DatedChat is one of several chats that a single text announces.
type DatedChat struct {
	Date   Found[Date]
	Start  Found[Clock]
	Title  string
	Leader string
}

// maxAnnouncement bounds what is read of a text, in bytes of source and in bytes of words. Whoever announces a chat
// needs far less.
const (
	maxAnnouncement = 1 << 20
	maxWords        = 1 << 15
	maxLines        = 2000
	maxParagraph    = 4000
	maxMentions     = 12 // of dates, of times and of names, in one paragraph
)

// ParseAnnouncement reads an announcement: plain text, Markdown or HTML source, in UTF-8 or, failing that,
// Windows-1252. It takes any bytes, guesses nothing silently, and returns the same reading for the same input.
func ParseAnnouncement(src []byte, opts ReadOptions) Reading {
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	p := &reader{opts: opts, knownDates: map[string][]dateMention{}, knownClocks: map[string][]clockMention{}}
	p.read(src)
	p.divide()
	p.findHashtag()
	p.findQuestions()
	p.findDates()
	p.findTimes()
	p.findPeople()
	p.findExtras()
	p.findKind()
	p.resolve()
	p.findTitle()
	p.findIntroduction()
	p.doubtQuestions()
	return p.r
}

// A reader reads one announcement. Each find method is a chapter: it reads the blocks, and writes its part of r.
type reader struct {
	opts ReadOptions
	r    Reading

	blocks []block // the announcement proper
	title  int     // the block that is the title, or -1
	recap  int     // the first block that tells of a chat that was held, or -1
	first  int     // the first and last blocks that are questions; first is -1 if there are none
	last   int
	posted time.Time // what a byline or a mail's header says

	dates []dateMention
	date  int // the mention that is the chat's, or -1

	knownDates  map[string][]dateMention // what was found in a text already
	knownClocks map[string][]clockMention
}

// datesIn finds the dates in a text, once. Nobody may write to what it returns.
func (p *reader) datesIn(s string) []dateMention {
	found, ok := p.knownDates[s]
	if !ok {
		found = findDateMentions(s)
		p.knownDates[s] = found
	}
	return found
}

// clocksIn finds the times in a text, once. Nobody may write to what it returns.
func (p *reader) clocksIn(s string) []clockMention {
	found, ok := p.knownClocks[s]
	if !ok {
		found = findClocks(s)
		p.knownClocks[s] = found
	}
	return found
}
