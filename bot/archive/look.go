package archive

import (
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// A look is the chat as its pages and its transcript show it, but for the answers.
type look struct {
	Title, Hashtag, Leader string
	Licence, LicenceURL    string
	Starts, Ends           moment
	Zone                   string // "BST (Europe/London)"
	Span                   string // the whole of it in words
	Rooms                  []room
	Numbers                []number
	Contents               []content
	Counts                 []count // by section
	Workspaces             []count
	How                    []string // sentences
	Citation               string
	Metadata               template.HTML // for the head of every page

	chat questions.Chat
	said []questions.PostedStep
	n    numbers
	f    *figures
	o    Options

	attached *attachments
	pages    *divisions
	next     *recordNext // the chat after this one; nil for none that is known
}

// A moment is an instant as people read it and as machines do.
type moment struct{ Words, ISO string }

type room struct{ Workspace, Name string }

// A content is an entry of the table of contents.
type content struct{ ID, Label, Words string }

// A number is one of the chat's figures: "Answers", "57".
type number struct{ Name, Value string }

// A count is a row of a table.
type count struct {
	ID, Label       string
	Answers, People string
}

func newLook(t questions.Transcript, n numbers, f *figures, o Options) look {
	c := t.Chat
	l := look{
		Title: line(c.Title), Hashtag: line(c.Hashtag), Leader: line(c.Leader), Licence: line(c.Licence),
		chat: c, said: t.Posted, n: n, f: f, o: o,
	}
	if l.Title == "" {
		l.Title = line(c.Slug)
	}
	if spdx.MatchString(l.Licence) {
		l.LicenceURL = "https://spdx.org/licenses/" + l.Licence + ".html"
	}
	l.Starts = moment{c.Starts.Format("Monday 2 January 2006, 15:04"), iso(c.Starts)}
	l.Ends = moment{c.Ends.In(c.Starts.Location()).Format("15:04"), iso(c.Ends.In(c.Starts.Location()))}
	if !l.sameDay(c.Ends) {
		l.Ends.Words = c.Ends.In(c.Starts.Location()).Format("Monday 2 January, 15:04")
	}
	l.Zone = c.Starts.Format("MST")
	if name := c.Starts.Location().String(); name != l.Zone && name != "Local" && name != "" {
		l.Zone += " (" + name + ")"
	}
	l.Span = l.Starts.Words + " to " + l.Ends.Words + " " + l.Zone
	for _, r := range t.Rooms {
		l.Rooms = append(l.Rooms, room{line(r.Workspace), line(r.Name)})
	}
	l.count()
	l.explain()
	return l
}

// spdx is what an SPDX licence identifier looks like.
var spdx = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+-]*$`)

func iso(at time.Time) string { return at.Format(time.RFC3339) }

func (l *look) sameDay(at time.Time) bool {
	return at.In(l.chat.Starts.Location()).Format(time.DateOnly) == l.chat.Starts.Format(time.DateOnly)
}

// clock is an instant as it stands beside an answer: the day is named if it isn't the day of the start.
func (l *look) clock(at time.Time) moment {
	at = at.In(l.chat.Starts.Location())
	if l.sameDay(at) {
		return moment{at.Format("15:04"), iso(at)}
	}
	return moment{at.Format("2 January, 15:04"), iso(at)}
}

// when is an instant in full.
func (l *look) when(at time.Time) string {
	return at.In(l.chat.Starts.Location()).Format("2 January 2006, 15:04 MST")
}

func (l *look) count() {
	n := &l.n
	l.Numbers = []number{
		{"Answers", grouped(n.Answers)},
		{"People", grouped(n.People)},
		{"Workspaces", grouped(len(n.Workspaces))},
		{"First time", grouped(l.f.FirstTimes)},
		{"Replies", grouped(l.f.Replies)},
		{"Reactions", grouped(n.Reactions)},
		{"Edited", grouped(n.Edited)},
		{"Late", grouped(n.Late)},
		{"Taken back", grouped(n.Withdrawn)},
	}
	for _, s := range l.sections() {
		entry := content{ID: string(s), Label: l.label(s)}
		if q, ok := l.question(s); ok {
			entry.Words = parse(q.Text).Words()
		}
		l.Contents = append(l.Contents, entry)
		at := n.Sections[s]
		l.Counts = append(l.Counts, count{string(s), l.label(s), grouped(at.Answers), grouped(at.People)})
	}
	workspaces := map[string]bool{}
	for name := range n.Workspaces {
		workspaces[name] = true
	}
	for _, r := range l.Rooms {
		workspaces[r.Workspace] = true
	}
	for _, name := range sorted(workspaces) {
		w := n.Workspaces[name]
		l.Workspaces = append(l.Workspaces, count{"", line(name), grouped(w.Answers), grouped(w.People)})
	}
}

func sorted[K ~string, V any](m map[K]V) []K {
	var keys []K
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// sections are those that the pages show: every question, and every other section that holds an answer.
func (l *look) sections() []questions.Section {
	var all []questions.Section
	known := map[questions.Section]bool{}
	for _, s := range l.chat.Sections() {
		known[s] = true
		if s.QuestionNumber() > 0 || l.n.shown[s] > 0 {
			all = append(all, s)
		}
	}
	for _, s := range sorted(l.n.shown) {
		if !known[s] {
			all = append(all, s)
		}
	}
	return all
}

// label is a section's short name.
func (l *look) label(s questions.Section) string {
	switch {
	case s.QuestionNumber() > 0:
		return questions.Label(s.QuestionNumber())
	case s == questions.Introductions:
		return "Introductions"
	case s == questions.General && len(l.chat.Questions) == 0:
		return "Conversation"
	case s == questions.General:
		return "General discussion"
	default:
		return line(string(s))
	}
}

// question is the question of a section, if it is still in the chat.
func (l *look) question(s questions.Section) (questions.Question, bool) {
	i := slices.IndexFunc(l.chat.Questions, func(q questions.Question) bool { return q.N == s.QuestionNumber() })
	if i < 0 {
		return questions.Question{}, false
	}
	return l.chat.Questions[i], true
}

// where is an answer's workspace, and its room if the chat had several there.
func (l *look) where(a questions.Answer) string {
	rooms := 0
	for _, r := range l.Rooms {
		if r.Workspace == line(a.Workspace) {
			rooms++
		}
	}
	if rooms == 1 {
		return line(a.Workspace)
	}
	return line(a.Workspace + " " + a.RoomName)
}

// replyTo leads to the answer that this one replies to, if it is in the chat.
func (l *look) replyTo(a questions.Answer) *pageLink {
	if a.ReplyTo == (questions.AnswerID{}) {
		return nil
	}
	page, to, ok := l.f.place(a.ReplyTo)
	if !ok {
		return nil
	}
	if to == "" {
		to = "an answer that was taken back"
	}
	return &pageLink{page + "#" + Anchor(a.ReplyTo.Workspace, a.ReplyTo.Room, a.ReplyTo.Message), to}
}

// pageOf is the page by question on which an answer stands.
func (l *look) pageOf(a questions.Answer) string {
	return sectionPageName(a.Section, l.pages.page(a.Section, a.At))
}

// saidAt is when a step was said.
func (l *look) saidAt(step string) (time.Time, bool) {
	for _, s := range l.said {
		if s.Step == step {
			return s.At, true
		}
	}
	return time.Time{}, false
}

// explain states how the chat was collected and counted, so that nobody need guess what a number means.
func (l *look) explain() {
	n := &l.n
	say := func(format string, args ...any) { l.How = append(l.How, fmt.Sprintf(format, args...)) }
	say("catchword heard this chat in %s of %s as it was held. What was said elsewhere is not here.",
		plural(len(l.Rooms), "room", "rooms"), plural(len(l.Workspaces), "workspace", "workspaces"))
	if n.Answers > 0 {
		say("The first answer here was given on %s, the last on %s. All times are those of the chat: %s.",
			l.when(n.First), l.when(n.Last), l.Zone)
		say("Answers were filed by the thread they stood in (%s), by a label such as “A2” (%s), by the chat’s hashtag (%s), "+
			"or, in a room of the chat’s own, by the question that was live (%s).",
			grouped(n.How[questions.ByThread]), grouped(n.How[questions.ByTag]),
			grouped(n.How[questions.ByHashtag]), grouped(n.How[questions.ByLive]))
	}
	say("Each answer is counted once, where it was first given; the copies passed on to other rooms are not counted. " +
		"Whoever took part in two workspaces counts as two people. Reactions are counted in all rooms together.")
	say("An edited answer reads as its author left it. A late answer was given after the chat had closed. An answer that " +
		"its author took back or keeps out has its place and time but neither words nor name, and is in no other count.")
	say("How many people read the chat without answering is not known, and not guessed.")
}

// Introduction is the chat's own, which is no more trusted than an answer: announcements are copied from web pages.
func (l look) Introduction() template.HTML { return parse(l.chat.Introduction).HTML() }

// summary is one sentence about a section: "Asked at 20:06 · 14 answers by 9 people".
func (l *look) summary(s questions.Section) string {
	var parts []string
	if at, ok := l.saidAt(string(s)); ok && s.QuestionNumber() > 0 {
		parts = append(parts, "Asked at "+l.clock(at).Words)
	}
	if at := l.n.Sections[s]; at.Answers > 0 {
		parts = append(parts, plural(at.Answers, "answer", "answers")+" by "+plural(at.People, "person", "people"))
	} else {
		parts = append(parts, "No answers")
	}
	return strings.Join(parts, " · ")
}
