package questions

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"
)

// MatchedBy says how an answer was matched to its question.
type MatchedBy string

const (
	ByThread  MatchedBy = "thread"  // it is a reply in the thread of one of the chat's posts
	ByTag     MatchedBy = "tag"     // it starts with a tag: "A2: …"
	ByHashtag MatchedBy = "hashtag" // it has the chat's hashtag, and this question was live
	ByLive    MatchedBy = "live"    // it was posted in a room used only for the chat, and this question was live
)

// A Section is a part of the conversation: "introductions", "q1" … "qn", or "general".
type Section string

const (
	Introductions Section = "introductions"
	General       Section = "general"
)

// QuestionSection returns the section of question n.
func QuestionSection(n int) Section { return Section("q" + strconv.Itoa(n)) }

// QuestionNumber returns the number of the section's question, or 0 if it isn't a question's section.
func (s Section) QuestionNumber() int {
	digits, ok := strings.CutPrefix(string(s), "q")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 {
		return 0
	}
	return n
}

// generalOrder is higher than every question's number.
const generalOrder = 1_000_000

// Order returns the section's place in a transcript: introductions, then the questions, then the general discussion.
func (s Section) Order() int {
	if s == General {
		return generalOrder
	}
	return min(s.QuestionNumber(), generalOrder-1)
}

// An Answer is one message of a participant that belongs to the chat.
type Answer struct {
	Workspace string // the workspace in which it was posted
	Room      string // the room's opaque ID on its platform
	Message   string // the message's opaque ID, unique in its room
	RoomName  string // the room's display name

	Author   string   // the author's display name, or pseudonym
	AuthorID string   // opaque; a person has a different one in each workspace
	Newcomer bool     // the author was in no earlier chat of the same store
	ReplyTo  AnswerID // the answer that this one replies to; zero for none, and for a reply to a question
	Files    []File

	Section   Section
	MatchedBy MatchedBy
	Text      string // untrusted CommonMark; "" once withdrawn
	At        time.Time
	Edited    time.Time // zero if never
	Late      bool      // posted after the chat had closed
	Withdrawn bool      // withdrawn by its author: it has neither text nor name
	Reactions []Reaction
}

// An AnswerID identifies an answer permanently.
type AnswerID struct{ Workspace, Room, Message string }

// ID returns the answer's ID.
func (a Answer) ID() AnswerID { return AnswerID{a.Workspace, a.Room, a.Message} }

// A File was attached to an answer. It is stored by the platform, and may have been deleted there.
type File struct {
	Name string
	Type string // media type; "" for unknown
	Size int64  // in bytes; 0 for unknown
	URL  string
}

// A Reaction counts the people who reacted to an answer with one emoji, in all rooms together.
type Reaction struct {
	Emoji string
	Count int
}

// Order is the order in which a transcript's answers are read.
type Order int

const (
	OrderByTime    Order = iota // by time only
	OrderBySection              // introductions, q1 … qn, general; by time within each
)

// A Transcript is the record of a whole chat. Answers is a stream, so that a chat of any size needs little memory. It
// can be called several times, and yields the same each time if nothing has changed.
type Transcript struct {
	Chat   Chat
	Rooms  []TranscriptRoom // by workspace, then name
	Posted []PostedStep     // the steps that were posted, in agenda order
	Gaps   []Gap            // when the bot may have missed messages, by time

	Undecrypted int // messages that were sent in the chat's rooms while it ran, and whose keys never arrived
	OptedOut    int // people of its workspaces who opted out of the record

	Answers func(context.Context, Order) iter.Seq2[Answer, error]

	// Pages are how the archive of a long chat was last divided into pages, so that published answers keep their
	// address. SavePages stores a new division before it is published; nil if it can't be stored.
	Pages     []Page
	SavePages func(context.Context, []Page) error
}

// A Page is a part of a long chat that has its own page in the archive.
type Page struct {
	View string    // the section that it belongs to; "" for the view of all answers by time
	From time.Time // the time of its first answer; zero for the view's first page
	Last time.Time // the time of its last answer
}

// A TranscriptRoom is a room in which the chat ran.
type TranscriptRoom struct{ Workspace, Room, Name string }

// A Gap is a time in which the bot didn't receive a room's messages live, because it or its connection was down.
type Gap struct {
	Workspace, Room string
	From, To        time.Time
	Filled          bool // the missed messages were backfilled from the platform's history
}

// A PostedStep says when a step was posted. At is the earliest time in any room.
type PostedStep struct {
	Step string // the step's name: "q1"
	At   time.Time
}

// Sections returns the chat's sections in the order of a transcript.
func (c Chat) Sections() []Section {
	all := []Section{Introductions}
	for _, q := range c.Questions {
		all = append(all, QuestionSection(q.N))
	}
	return append(all, General)
}

// A Tally counts the answers of a chat. Withdrawn answers count only in Withdrawn. The zero Tally is ready to use.
type Tally struct {
	Answers    int
	People     int
	Late       int
	Reactions  int
	Withdrawn  int
	Sections   map[Section]Count
	Workspaces map[string]Count

	seen map[tallyKey]bool
}

// A Count has the number of answers, and of people who gave them.
type Count struct{ Answers, People int }

type tallyKey struct{ group, workspace, author string }

// Add counts one answer.
func (t *Tally) Add(a Answer) {
	if a.Withdrawn {
		t.Withdrawn++
		return
	}
	if t.seen == nil {
		t.seen, t.Sections, t.Workspaces = map[tallyKey]bool{}, map[Section]Count{}, map[string]Count{}
	}
	t.Answers++
	t.People += t.countNew("", a)
	if a.Late {
		t.Late++
	}
	for _, r := range a.Reactions {
		t.Reactions += r.Count
	}
	s := t.Sections[a.Section]
	t.Sections[a.Section] = Count{s.Answers + 1, s.People + t.countNew("s/"+string(a.Section), a)}
	w := t.Workspaces[a.Workspace]
	t.Workspaces[a.Workspace] = Count{w.Answers + 1, w.People + t.countNew("w", a)}
}

// countNew returns 1 if the author is new in a group, else 0.
func (t *Tally) countNew(group string, a Answer) int {
	k := tallyKey{group, a.Workspace, a.AuthorID}
	if t.seen[k] {
		return 0
	}
	t.seen[k] = true
	return 1
}
