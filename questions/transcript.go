package questions

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"
)

// MatchedBy tells by what an answer was known to belong to its question.
type MatchedBy string

const (
	ByThread  MatchedBy = "thread"  // a reply in the thread of one of the chat's own posts
	ByTag     MatchedBy = "tag"     // a label before the text: "A2: …"
	ByHashtag MatchedBy = "hashtag" // the chat's hashtag, filed under the question that was live
	ByLive    MatchedBy = "live"    // said in a room that is the chat's own while a question was live
)

// A Section is where in the conversation an answer belongs: "introductions", "q1" … "qn", or "general".
type Section string

const (
	Introductions Section = "introductions"
	General       Section = "general"
)

// QuestionSection is the section of question n.
func QuestionSection(n int) Section { return Section("q" + strconv.Itoa(n)) }

// QuestionNumber is the number of the section's question, or 0 if it is not a question's.
func (s Section) QuestionNumber() int {
	digits, ok := strings.CutPrefix(string(s), "q")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 {
		return 0
	}
	return n
}

// generalOrder comes after every question.
const generalOrder = 1_000_000

// Order sorts sections as a transcript has them: introductions, then the questions, then the general discussion.
func (s Section) Order() int {
	if s == General {
		return generalOrder
	}
	return min(s.QuestionNumber(), generalOrder-1)
}

// An Answer is one message of a participant that belongs to the chat.
type Answer struct {
	Workspace string // the workspace in which it was said
	Room      string // the room's opaque ID on its platform
	Message   string // the message's opaque ID, unique in its room
	RoomName  string // as people call the room

	Author   string   // the name that the author shows
	AuthorID string   // opaque; the same person has one per workspace
	Newcomer bool     // the author was in no earlier chat that is kept in the same store
	ReplyTo  AnswerID // the answer that this one replies to; zero for none, and for a reply to a question
	Files    []File

	Section   Section
	MatchedBy MatchedBy
	Text      string // CommonMark from a stranger; "" once it is gone
	At        time.Time
	Edited    time.Time // zero if never
	Late      bool      // said after the chat had closed
	Withdrawn bool      // taken back by its author: a tombstone, with neither words nor name
	Reactions []Reaction
}

// An AnswerID names an answer for ever.
type AnswerID struct{ Workspace, Room, Message string }

// ID is the answer's name.
func (a Answer) ID() AnswerID { return AnswerID{a.Workspace, a.Room, a.Message} }

// A File was attached to an answer. It is on the platform, and may be gone from there.
type File struct {
	Name string
	Type string // media type; "" for unknown
	Size int64  // in bytes; 0 for unknown
	URL  string
}

// A Reaction counts the people who put one emoji on an answer, in all rooms together.
type Reaction struct {
	Emoji string
	Count int
}

// Order is how a transcript's answers are read.
type Order int

const (
	OrderByTime    Order = iota // by time, whatever the section
	OrderBySection              // introductions, q1 … qn, general; by time within each
)

// A Transcript is a whole chat as it was held. Answers can be read several times, a stream each, so that a chat of
// any size fits into little memory; two readings of one moment are equal.
type Transcript struct {
	Chat   Chat
	Rooms  []TranscriptRoom // by workspace, then name
	Posted []PostedStep     // the steps as they were said, in agenda order
	Gaps   []Gap            // when the bot may not have heard everything, by time

	Undecrypted int // messages of the chat's rooms, while it was held, to which the key never came
	OptedOut    int // people of its workspaces who want none of their messages kept

	Answers func(context.Context, Order) iter.Seq2[Answer, error]

	// Pages are where the archives of the chat are divided, by view and time: what was published once keeps its
	// address. Divide keeps those of an archive before anybody sees it; nil where nobody remembers.
	Pages     []Page
	SavePages func(context.Context, []Page) error
}

// A Page is a stretch of a long chat that an archive has on a page of its own.
type Page struct {
	View string    // the section of which it is a page; "" for all answers in time order
	From time.Time // it begins with what was said then; zero for the view's first page
	Last time.Time // when the last answer was said that it has shown
}

// A TranscriptRoom is a room that the chat was held in.
type TranscriptRoom struct{ Workspace, Room, Name string }

// A Gap is a time in which the bot didn't hear a room as it was said: it was away, or its connection was.
type Gap struct {
	Workspace, Room string
	From, To        time.Time
	Filled          bool // what was missed was read afterwards from the platform's own history
}

// Said is a step as it was really said: At is the earliest time over all rooms.
type PostedStep struct {
	Step string // the step's name: "q1"
	At   time.Time
}

// Sections lists the chat's sections in the order of a transcript.
func (c Chat) Sections() []Section {
	all := []Section{Introductions}
	for _, q := range c.Questions {
		all = append(all, QuestionSection(q.N))
	}
	return append(all, General)
}

// A Tally counts a chat as its answers go by. Answers that are gone count for nothing. The zero Tally is ready to use.
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

// A Count is how many answers were given, and by how many people.
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

func (t *Tally) countNew(group string, a Answer) int {
	k := tallyKey{group, a.Workspace, a.AuthorID}
	if t.seen[k] {
		return 0
	}
	t.seen[k] = true
	return 1
}
