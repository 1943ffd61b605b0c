package archive

import (
	"html/template"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// A chatView is what the pages and transcripts of a chat show besides its answers. It is computed once, when all
// answers have been counted.
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
	MethodNotes            []string // sentences
	Citation               string
	Metadata               template.HTML // for the head of every page

	transcript  questions.Transcript
	chat        questions.Chat      // the transcript's
	sections    []questions.Section // those that the pages show
	stats       *chatStats
	pages       *pagination
	attachments *attachments
	next        *recordNext // the chat after this one; nil if none is known
	opts        Options
	about       metadata
}

// A displayTime is an instant for people and for programs.
type displayTime struct{ Text, ISO string }

type room struct{ Workspace, Name string }

// A tocEntry is an entry in the table of contents.
type tocEntry struct{ ID, Label, Text string }

// A statRow is one number: "Answers", "57".
type statRow struct{ Name, Value string }

// A countRow is a row of a table of counts.
type countRow struct {
	ID, Label       string
	Answers, People string
}

func newChatView(
	t questions.Transcript, stats *chatStats, pages *pagination, files *attachments, next *recordNext, o Options,
) (*chatView, error) {
	c := t.Chat
	view := &chatView{
		Title: orDefault(singleLine(c.Title), singleLine(c.Slug)), Hashtag: singleLine(c.Hashtag), Leader: singleLine(c.Leader),
		transcript: t, chat: c, stats: stats, pages: pages, attachments: files, next: next, opts: o,
	}
	view.Licence, view.LicenceURL = licence(singleLine(c.Licence))
	view.Starts = displayTime{c.Starts.Format("Monday 2 January 2006, 15:04"), rfc3339(c.Starts)}
	view.Ends = displayTime{c.Ends.In(c.Starts.Location()).Format("15:04"), rfc3339(c.Ends.In(c.Starts.Location()))}
	if !view.sameDay(c.Ends) {
		view.Ends.Text = c.Ends.In(c.Starts.Location()).Format("Monday 2 January, 15:04")
	}
	view.Zone = c.Starts.Format("MST")
	if name := c.Starts.Location().String(); name != view.Zone && name != "Local" && name != "" {
		view.Zone += " (" + name + ")"
	}
	view.Span = view.Starts.Text + " to " + view.Ends.Text + " " + view.Zone
	for _, r := range t.Rooms {
		view.Rooms = append(view.Rooms, room{singleLine(r.Workspace), singleLine(r.Name)})
	}
	view.sections = view.shownSections()
	view.fillCounts()
	view.MethodNotes = methodNotes(view)
	view.Citation = citation(view)
	view.about = newMetadata(view)
	var err error
	view.Metadata, err = view.about.htmlHead()
	return view, err
}

// spdxPattern matches what looks like an SPDX licence identifier.
var spdxPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+-]*$`)

func rfc3339(at time.Time) string { return at.Format(time.RFC3339) }

func (view *chatView) sameDay(at time.Time) bool {
	return at.In(view.chat.Starts.Location()).Format(time.DateOnly) == view.chat.Starts.Format(time.DateOnly)
}

// timeOfDay is an instant as shown with an answer. It names the day if it isn't the day on which the chat began.
func (view *chatView) timeOfDay(at time.Time) displayTime {
	at = at.In(view.chat.Starts.Location())
	if view.sameDay(at) {
		return displayTime{at.Format("15:04"), rfc3339(at)}
	}
	return displayTime{at.Format("2 January, 15:04"), rfc3339(at)}
}

// fullTime is an instant with its date and zone.
func (view *chatView) fullTime(at time.Time) string {
	return at.In(view.chat.Starts.Location()).Format("2 January 2006, 15:04 MST")
}

func (view *chatView) fillCounts() {
	n := view.stats
	view.Numbers = []statRow{
		{"Answers", formatNumber(n.Answers)},
		{"People", formatNumber(n.People)},
		{"Workspaces", formatNumber(len(n.Workspaces))},
		{"First time", formatNumber(n.FirstTimes)},
		{"Replies", formatNumber(n.Replies)},
		{"Reactions", formatNumber(n.Reactions)},
		{"Edited", formatNumber(n.Edited)},
		{"Late", formatNumber(n.Late)},
		{"Withdrawn", formatNumber(n.Withdrawn)},
	}
	for _, s := range view.sections {
		entry := tocEntry{ID: string(s), Label: view.label(s)}
		if q, ok := view.question(s); ok {
			entry.Text = parse(q.Text).PlainText()
		}
		view.Contents = append(view.Contents, entry)
		at := n.Sections[s]
		view.Counts = append(view.Counts, countRow{string(s), view.label(s), formatNumber(at.Answers), formatNumber(at.People)})
	}
	workspaces := map[string]bool{}
	for name := range n.Workspaces {
		workspaces[name] = true
	}
	for _, r := range view.Rooms {
		workspaces[r.Workspace] = true
	}
	for _, name := range sortedKeys(workspaces) {
		w := n.Workspaces[name]
		view.Workspaces = append(view.Workspaces, countRow{"", singleLine(name), formatNumber(w.Answers), formatNumber(w.People)})
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

// shownSections are every question, and every other section with an answer.
func (view *chatView) shownSections() []questions.Section {
	var all []questions.Section
	known := map[questions.Section]bool{}
	for _, s := range view.chat.Sections() {
		known[s] = true
		if s.QuestionNumber() > 0 || view.stats.shownCounts[s] > 0 {
			all = append(all, s)
		}
	}
	for _, s := range sortedKeys(view.stats.shownCounts) {
		if !known[s] {
			all = append(all, s)
		}
	}
	return all
}

// label is a section's short name.
func (view *chatView) label(s questions.Section) string {
	switch {
	case s.QuestionNumber() > 0:
		return questions.Label(s.QuestionNumber())
	case s == questions.Introductions:
		return "Introductions"
	case s == questions.General && len(view.chat.Questions) == 0:
		return "Conversation"
	case s == questions.General:
		return "General discussion"
	default:
		return singleLine(string(s))
	}
}

// question is the question of a section, if the chat still has it.
func (view *chatView) question(s questions.Section) (questions.Question, bool) {
	return view.chat.Question(s.QuestionNumber())
}

// where is an answer's workspace, and its room if the chat had several there.
func (view *chatView) where(a questions.Answer) string {
	rooms := 0
	for _, r := range view.Rooms {
		if r.Workspace == singleLine(a.Workspace) {
			rooms++
		}
	}
	if rooms == 1 {
		return singleLine(a.Workspace)
	}
	return singleLine(a.Workspace + " " + a.RoomName)
}

// replyLink leads to an answer, or is nil if the chat has no such answer.
func (view *chatView) replyLink(to questions.AnswerID) *pageLink {
	page, author, ok := view.stats.locate(to)
	if !ok {
		return nil
	}
	return &pageLink{page + "#" + Anchor(to.Workspace, to.Room, to.Message), orDefault(author, "a withdrawn answer")}
}

// pageOf is the page by question that has an answer.
func (view *chatView) pageOf(a questions.Answer) string {
	return sectionPageName(a.Section, view.pages.pageAt(a.Section, a.At))
}

// Introduction is as little trusted as an answer: announcements are copied from web pages.
func (view *chatView) Introduction() template.HTML { return parse(view.chat.Introduction).HTML() }

// summary describes a section: "Asked at 20:06 · 14 answers by 9 people".
func (view *chatView) summary(s questions.Section) string {
	var parts []string
	if at, ok := view.stats.askedAt[s]; ok {
		parts = append(parts, "Asked at "+view.timeOfDay(at).Text)
	}
	if at := view.stats.Sections[s]; at.Answers > 0 {
		parts = append(parts, plural(at.Answers, "answer", "answers")+" by "+plural(at.People, "person", "people"))
	} else {
		parts = append(parts, "No answers")
	}
	return strings.Join(parts, " · ")
}
