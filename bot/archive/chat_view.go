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
type chatView struct {
	Title, Hashtag, Leader string
	Licence, LicenceURL    string
	Starts, Ends           displayTime
	Zone                   string // "BST (Europe/London)"
	Span                   string // the whole of it in words
	Rooms                  []room
	Numbers                []statRow
	Contents               []tocEntry
	Counts                 []countRow // by section
	Workspaces             []countRow
	How                    []string // sentences
	Citation               string
	Metadata               template.HTML // for the head of every page

	chat   questions.Chat
	posted []questions.PostedStep
	tally  chatTally
	stats  *chatStats
	opts   Options

	attachments *attachments
	pages       *pagination
	next        *recordNext // the chat after this one; nil for none that is known
}

// A displayTime is an instant as people read it and as machines do.
type displayTime struct{ Words, ISO string }

type room struct{ Workspace, Name string }

// A tocEntry is an entry of the table of contents.
type tocEntry struct{ ID, Label, Words string }

// A number is one of the chat's figures: "Answers", "57".
type statRow struct{ Name, Value string }

// A count is a row of a table.
type countRow struct {
	ID, Label       string
	Answers, People string
}

func newChatView(t questions.Transcript, n chatTally, f *chatStats, o Options) chatView {
	c := t.Chat
	l := chatView{
		Title: singleLine(c.Title), Hashtag: singleLine(c.Hashtag), Leader: singleLine(c.Leader), Licence: singleLine(c.Licence),
		chat: c, posted: t.Posted, tally: n, stats: f, opts: o,
	}
	if l.Title == "" {
		l.Title = singleLine(c.Slug)
	}
	if spdxPattern.MatchString(l.Licence) {
		l.LicenceURL = "https://spdx.org/licenses/" + l.Licence + ".html"
	}
	l.Starts = displayTime{c.Starts.Format("Monday 2 January 2006, 15:04"), rfc3339(c.Starts)}
	l.Ends = displayTime{c.Ends.In(c.Starts.Location()).Format("15:04"), rfc3339(c.Ends.In(c.Starts.Location()))}
	if !l.sameDay(c.Ends) {
		l.Ends.Words = c.Ends.In(c.Starts.Location()).Format("Monday 2 January, 15:04")
	}
	l.Zone = c.Starts.Format("MST")
	if name := c.Starts.Location().String(); name != l.Zone && name != "Local" && name != "" {
		l.Zone += " (" + name + ")"
	}
	l.Span = l.Starts.Words + " to " + l.Ends.Words + " " + l.Zone
	for _, r := range t.Rooms {
		l.Rooms = append(l.Rooms, room{singleLine(r.Workspace), singleLine(r.Name)})
	}
	l.fillCounts()
	l.explainMethod()
	return l
}

// spdxPattern is what an SPDX licence identifier looks like.
var spdxPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+-]*$`)

func rfc3339(at time.Time) string { return at.Format(time.RFC3339) }

func (l *chatView) sameDay(at time.Time) bool {
	return at.In(l.chat.Starts.Location()).Format(time.DateOnly) == l.chat.Starts.Format(time.DateOnly)
}

// clock is an instant as it stands beside an answer: the day is named if it isn't the day of the start.
func (l *chatView) timeOfDay(at time.Time) displayTime {
	at = at.In(l.chat.Starts.Location())
	if l.sameDay(at) {
		return displayTime{at.Format("15:04"), rfc3339(at)}
	}
	return displayTime{at.Format("2 January, 15:04"), rfc3339(at)}
}

// fullTime is an instant in full.
func (l *chatView) fullTime(at time.Time) string {
	return at.In(l.chat.Starts.Location()).Format("2 January 2006, 15:04 MST")
}

func (l *chatView) fillCounts() {
	n := &l.tally
	l.Numbers = []statRow{
		{"Answers", formatNumber(n.Answers)},
		{"People", formatNumber(n.People)},
		{"Workspaces", formatNumber(len(n.Workspaces))},
		{"First time", formatNumber(l.stats.FirstTimes)},
		{"Replies", formatNumber(l.stats.Replies)},
		{"Reactions", formatNumber(n.Reactions)},
		{"Edited", formatNumber(n.Edited)},
		{"Late", formatNumber(n.Late)},
		{"Taken back", formatNumber(n.Withdrawn)},
	}
	for _, s := range l.sections() {
		entry := tocEntry{ID: string(s), Label: l.label(s)}
		if q, ok := l.question(s); ok {
			entry.Words = parse(q.Text).PlainText()
		}
		l.Contents = append(l.Contents, entry)
		at := n.Sections[s]
		l.Counts = append(l.Counts, countRow{string(s), l.label(s), formatNumber(at.Answers), formatNumber(at.People)})
	}
	workspaces := map[string]bool{}
	for name := range n.Workspaces {
		workspaces[name] = true
	}
	for _, r := range l.Rooms {
		workspaces[r.Workspace] = true
	}
	for _, name := range sortedKeys(workspaces) {
		w := n.Workspaces[name]
		l.Workspaces = append(l.Workspaces, countRow{"", singleLine(name), formatNumber(w.Answers), formatNumber(w.People)})
	}
}

func sortedKeys[K ~string, V any](m map[K]V) []K {
	var keys []K
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// sections are those that the pages show: every question, and every other section that holds an answer.
func (l *chatView) sections() []questions.Section {
	var all []questions.Section
	known := map[questions.Section]bool{}
	for _, s := range l.chat.Sections() {
		known[s] = true
		if s.QuestionNumber() > 0 || l.tally.shownCounts[s] > 0 {
			all = append(all, s)
		}
	}
	for _, s := range sortedKeys(l.tally.shownCounts) {
		if !known[s] {
			all = append(all, s)
		}
	}
	return all
}

// label is a section's short name.
func (l *chatView) label(s questions.Section) string {
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
		return singleLine(string(s))
	}
}

// question is the question of a section, if it is still in the chat.
func (l *chatView) question(s questions.Section) (questions.Question, bool) {
	i := slices.IndexFunc(l.chat.Questions, func(q questions.Question) bool { return q.N == s.QuestionNumber() })
	if i < 0 {
		return questions.Question{}, false
	}
	return l.chat.Questions[i], true
}

// where is an answer's workspace, and its room if the chat had several there.
func (l *chatView) where(a questions.Answer) string {
	rooms := 0
	for _, r := range l.Rooms {
		if r.Workspace == singleLine(a.Workspace) {
			rooms++
		}
	}
	if rooms == 1 {
		return singleLine(a.Workspace)
	}
	return singleLine(a.Workspace + " " + a.RoomName)
}

// replyLink leads to the answer that this one replies to, if it is in the chat.
func (l *chatView) replyLink(a questions.Answer) *pageLink {
	if a.ReplyTo == (questions.AnswerID{}) {
		return nil
	}
	page, to, ok := l.stats.locate(a.ReplyTo)
	if !ok {
		return nil
	}
	if to == "" {
		to = "an answer that was taken back"
	}
	return &pageLink{page + "#" + Anchor(a.ReplyTo.Workspace, a.ReplyTo.Room, a.ReplyTo.Message), to}
}

// pageOf is the page by question on which an answer stands.
func (l *chatView) pageOf(a questions.Answer) string {
	return sectionPageName(a.Section, l.pages.pageAt(a.Section, a.At))
}

// postedAt is when a step was said.
func (l *chatView) postedAt(step string) (time.Time, bool) {
	for _, s := range l.posted {
		if s.Step == step {
			return s.At, true
		}
	}
	return time.Time{}, false
}

// explainMethod states how the chat was collected and counted, so that nobody need guess what a number means.
func (l *chatView) explainMethod() {
	n := &l.tally
	addSentence := func(format string, args ...any) { l.How = append(l.How, fmt.Sprintf(format, args...)) }
	addSentence("catchword heard this chat in %s of %s as it was held. What was said elsewhere is not here.",
		plural(len(l.Rooms), "room", "rooms"), plural(len(l.Workspaces), "workspace", "workspaces"))
	if n.Answers > 0 {
		addSentence("The first answer here was given on %s, the last on %s. All times are those of the chat: %s.",
			l.fullTime(n.First), l.fullTime(n.Last), l.Zone)
		addSentence("Answers were filed by the thread they stood in (%s), by a label such as “A2” (%s), by the chat’s hashtag (%s), "+
			"or, in a room of the chat’s own, by the question that was live (%s).",
			formatNumber(n.How[questions.ByThread]), formatNumber(n.How[questions.ByTag]),
			formatNumber(n.How[questions.ByHashtag]), formatNumber(n.How[questions.ByLive]))
	}
	addSentence("Each answer is counted once, where it was first given; the copies passed on to other rooms are not counted. " +
		"Whoever took part in two workspaces counts as two people. Reactions are counted in all rooms together.")
	addSentence("An edited answer reads as its author left it. A late answer was given after the chat had closed. An answer that " +
		"its author took back or keeps out has its place and time but neither words nor name, and is in no other count.")
	addSentence("How many people read the chat without answering is not known, and not guessed.")
}

// Introduction is the chat's own, which is no more trusted than an answer: announcements are copied from web pages.
func (l chatView) Introduction() template.HTML { return parse(l.chat.Introduction).HTML() }

// summary is one sentence about a section: "Asked at 20:06 · 14 answers by 9 people".
func (l *chatView) summary(s questions.Section) string {
	var parts []string
	if at, ok := l.postedAt(string(s)); ok && s.QuestionNumber() > 0 {
		parts = append(parts, "Asked at "+l.timeOfDay(at).Words)
	}
	if at := l.tally.Sections[s]; at.Answers > 0 {
		parts = append(parts, plural(at.Answers, "answer", "answers")+" by "+plural(at.People, "person", "people"))
	} else {
		parts = append(parts, "No answers")
	}
	return strings.Join(parts, " · ")
}
