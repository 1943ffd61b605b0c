// Package announcement reads the text in which organisers publish a chat: its date, title, leader, hashtag and
// questions, each with the place where it was found, and every doubt. It works in five steps: decode what was saved or
// pasted; lay it out into blocks, each line with a role; find all candidates; choose what stands together; and account
// for the rest.
package announcement

import (
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

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

// Options say what an announcement leaves unsaid.
type Options struct {
	// Published is the day on which the announcement went out. It anchors "tonight", "next Tuesday" and a missing
	// year. Zero means unknown.
	Published time.Time
	// Year is the year of the chat, where the text gives none. Zero means unknown.
	Year int
	// Today anchors a year that nothing else gives. Zero means that none is proposed.
	Today time.Time
	// Zone is where the chat's clock hangs, unless the text names another zone. Nil means UTC.
	Zone *time.Location
	// ZoneGiven means that a person chose Zone, so that it needs no second look.
	ZoneGiven bool
	// Series is what earlier chats were like; the zero Series knows nothing.
	Series Series
	// Given are facts that a person has settled. They count before all that the text says.
	Given Given
	// Drop are numbers of lines to leave out.
	Drop map[int]bool
}

// A Series is what earlier chats of a community had in common.
type Series struct {
	Chats   int
	Hashtag string
	Weekday string
	Start   Clock
	Zone    string // IANA
}

// Given are facts that a person has settled. Nil and zero mean that the text is to be read.
type Given struct {
	Title, Hashtag, Leader *string
	Date                   Date // with day, month and year
	Start, End             *Clock
	Questions              []AskedQuestion
}

// Evidence is where in an announcement something was found.
type Evidence struct {
	Line  int    // counted from 1; 0 means that it was not found
	Words string // as a reader sees them, without markup and with single spaces
}

// Found is a value and where it was found. Its Line is 0 if there is none, and -1 if a person gave it.
type Found[T any] struct {
	Value T
	Evidence
}

// OK tells whether there is a value.
func (f Found[T]) OK() bool { return f.Line != 0 }

// A Reading is what an announcement says: each field with the words it was found in, and every doubt.
type Reading struct {
	Kind        Kind
	Title       Found[string] // without the hashtag, the date, and the words that say no more than "next chat"
	TitleSource string        // "heading", "subject", "label", "sentence", "given", or "assumed"
	Hashtag     Found[string] // the chat's own, with its "#"
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
	// Proposed is the year that no one has said.
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

	// Assumed names the fields that nothing in the text gave: "zone", "end", "title", "year", "introduction".
	Assumed []string
	Doubts  []Doubt
	Lines   []LineRole // every line that has words, and what it is
	// Marked means that lines count those of the text as it was read, and not those of the file.
	Marked bool

	exact *questions.Chat // what catchword itself wrote into the announcement
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

// These bound what is read of a text. Whoever announces a chat needs far less.
const (
	maxAnnouncement = 1 << 20
	maxWords        = 1 << 15
	maxLines        = 2000
	maxParagraph    = 4000
	maxMentions     = 24 // of dates, of times and of names, in one paragraph
)

// Read reads an announcement: plain text, Markdown, HTML source, a mail, or what was pasted out of a chat program. It
// guesses nothing in silence, and returns the same reading for the same input. It fails if src is no text, and the
// error says what to do instead.
func Read(src []byte, opts Options) (Reading, error) {
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	doc, err := decode(src)
	if err != nil {
		return Reading{}, err
	}
	if doc.exact != nil {
		return exactly(*doc.exact, doc, opts), nil
	}
	p := &reader{opts: opts, doc: doc, first: -1, last: -1, title: -1, recap: -1, chosen: -1}
	p.r.Marked = doc.marked
	lines, whole := limit(doc.lines)
	if !whole {
		p.doubt(tooLong, 0)
	}
	if doc.guessed {
		p.doubt(unknownEncoding, 0)
	}
	p.divide(lines)
	p.r.Published = opts.Published
	if p.r.Published.IsZero() {
		p.r.Published = doc.published
	}
	if p.r.Published.IsZero() {
		p.r.Published = p.posted
	}
	p.findTitleBlock()
	p.findRecap()
	p.findHashtag()
	p.findQuestions()
	p.chooseSchedule()
	p.findPeople()
	p.findExtras()
	p.findKind()
	p.findTitle()
	p.take()
	p.resolve()
	p.findIntroduction()
	p.account()
	return p.r, nil
}

// A reader reads one announcement. Each step reads the blocks, and writes its part of r.
type reader struct {
	opts Options
	doc  document
	r    Reading

	lines  []line
	roles  []lineRole
	blocks []block // the announcement proper

	titleRival bool // another line may be the title as well
	title      int  // the block that is the title, or -1
	recap      int  // the first block that tells of a chat that was held, or -1
	first      int  // the first and last blocks that are questions; first is -1 if there are none
	last       int
	posted     time.Time // what a byline or the head of a message says
	speaker    string    // who announces, in a paste

	dates  []dateMention
	chosen int // the mention in dates that is the chat's, or -1
	zone   zoneMention
	others []clockMention // times that stand with the chat's, in other zones or for another sitting
}

// limit keeps as much of the lines as anybody needs to announce a chat, and tells whether that was all.
func limit(lines []line) (kept []line, whole bool) {
	size := 0
	for _, l := range lines {
		for part := l; ; {
			cut := len(part.text)
			if cut > maxParagraph {
				for cut = maxParagraph; part.text[cut]&0xC0 == 0x80; {
					cut--
				}
			}
			rest := part.text[cut:]
			part.text = part.text[:cut]
			if size += cut; size > maxWords || len(kept) >= maxLines {
				return kept, false
			}
			kept = append(kept, part)
			if rest == "" {
				break
			}
			part = line{n: l.n, text: rest, gap: 1, hint: l.hint}
		}
	}
	return kept, true
}

// isAsked tells whether a block is among the questions.
func (p *reader) isAsked(i int) bool { return p.first >= 0 && i >= p.first && i <= p.last }
