package archive

import (
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// methodNotes state in sentences how the chat was collected and counted, and what may be missing, so that nobody has to guess
// what a number means.
func methodNotes(l *chatView) []string {
	n, t, files := l.stats, l.transcript, l.attachments
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	add("catchword heard this chat in %s of %s as it was held. What was said elsewhere is not here.",
		plural(len(l.Rooms), "room", "rooms"), plural(len(l.Workspaces), "workspace", "workspaces"))
	if n.Answers > 0 {
		add("The first answer here was given on %s, the last on %s. All times are those of the chat: %s.",
			l.fullTime(n.First), l.fullTime(n.Last), l.Zone)
		add("Answers were filed by the thread they stood in (%s), by a label such as “A2” (%s), by the chat’s hashtag (%s), "+
			"or, in a room of the chat’s own, by the question that was live (%s).",
			formatNumber(n.MatchedBy[questions.ByThread]), formatNumber(n.MatchedBy[questions.ByTag]),
			formatNumber(n.MatchedBy[questions.ByHashtag]), formatNumber(n.MatchedBy[questions.ByLive]))
	}
	add("Each answer is counted once, where it was first given; the copies passed on to other rooms are not counted. " +
		"Whoever took part in two workspaces counts as two people. Reactions are counted in all rooms together.")
	add("An edited answer reads as its author left it. A late answer was given after the chat had closed. An answer that " +
		"its author took back or keeps out has its place and time but neither words nor name, and is in no other count.")
	add("How many people read the chat without answering is not known, and not guessed.")

	if len(t.Gaps) == 0 {
		add("%s", "No gap is known: catchword knows of no time in which it didn’t hear these rooms.")
	}
	names := roomNames(t.Rooms)
	for _, g := range t.Gaps {
		where := singleLine(names[questions.TranscriptRoom{Workspace: g.Workspace, Room: g.Room}])
		if where == "" {
			where = "a room"
		}
		gap := "A gap: from " + l.fullTime(g.From) + " to " + l.fullTime(g.To) + " catchword didn’t hear " + where + " in " + singleLine(g.Workspace)
		if g.Filled {
			gap += "; what was said there was read afterwards from the platform’s own history."
		} else {
			gap += "; what was said there may be missing."
		}
		add("%s", gap)
	}
	if lost := unfilledGapTime(t.Gaps); lost > 0 {
		all = append(all, "In all, "+formatDuration(lost)+" of listening in one room or another is missing, and the platforms’ histories didn’t have it, or no longer.")
	}
	if t.Undecrypted > 0 {
		all = append(all, plural(t.Undecrypted, "message of these rooms", "messages of these rooms")+
			" could not be decrypted while the chat was held; what was said in them is not here and not counted.")
	} else {
		add("%s", "No message of these rooms is known that could not be decrypted.")
	}
	var out []string
	if n.Withdrawn > 0 {
		out = append(out, "the words and the name of "+plural(n.Withdrawn, "answer that was", "answers that were")+" taken back or kept out")
	}
	if t.OptedOut > 0 {
		out = append(out, "whatever was said by "+plural(t.OptedOut, "person", "people")+" of these workspaces who asked not to be recorded")
	}
	if out == nil {
		out = []string{"nothing. No answer was taken back, and nobody asked not to be recorded"}
	}
	all = append(all, "Left out: "+strings.Join(out, ", and ")+".")
	if n.Files > 0 {
		all = append(all, plural(n.Files, "file was", "files were")+" attached to answers; "+files.summary()+".")
	}
	return append(all, "Written by "+programVersion()+".")
}

// unfilledGapTime is how long rooms were not heard for good.
func unfilledGapTime(gaps []questions.Gap) (sum time.Duration) {
	for _, g := range gaps {
		if !g.Filled {
			sum += g.To.Sub(g.From)
		}
	}
	return sum
}

// newRecordCompleteness is the same for chat.json.
func newRecordCompleteness(l *chatView) recordCompleteness {
	n, t := l.stats, l.transcript
	v := recordCompleteness{
		Collected: "live", Zone: t.Chat.Starts.Location().String(), Gaps: []recordGap{}, TakenBack: n.Withdrawn,
		Undecrypted: t.Undecrypted, OptedOut: t.OptedOut,
		Files: n.Files, FilesKept: l.attachments.stored, Program: programVersion(), Statement: l.How,
	}
	if n.Answers > 0 {
		v.First, v.Last = n.First.UTC(), n.Last.UTC()
	}
	for _, g := range t.Gaps {
		v.Gaps = append(v.Gaps, recordGap{g.Workspace, g.Room, g.From.UTC(), g.To.UTC(), g.Filled})
	}
	return v
}

// program names the build that writes the archive, as far as the build knows itself.
func programVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return "catchword " + info.Main.Version
	}
	return "catchword (devel)"
}
