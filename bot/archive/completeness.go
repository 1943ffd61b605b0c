package archive

import (
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// methodNotes state in sentences how the chat was collected and counted, and what may be missing, so that nobody has to
// guess what a number means.
func methodNotes(view *chatView) []string {
	n, t, files := view.stats, view.transcript, view.attachments
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	add("catchword recorded this chat live, in %s of %s. Anything said elsewhere is not included.",
		plural(len(view.Rooms), "room", "rooms"), plural(len(view.Workspaces), "workspace", "workspaces"))
	if n.Answers > 0 {
		add("The first answer was given on %s, the last on %s. All times are in the chat’s time zone: %s.",
			view.fullTime(n.First), view.fullTime(n.Last), view.Zone)
		add("Answers were matched to their questions by thread (%s), by a label such as “A2” (%s), by the chat’s hashtag (%s), "+
			"or, in a room for this chat alone, by the question that was live (%s).",
			formatNumber(n.MatchedBy[questions.ByThread]), formatNumber(n.MatchedBy[questions.ByTag]),
			formatNumber(n.MatchedBy[questions.ByHashtag]), formatNumber(n.MatchedBy[questions.ByLive]))
	}
	add("Each answer is counted once, where it was first given; copies relayed to other rooms are not counted. " +
		"A person who took part in two workspaces counts as two people. Reactions are counted across all rooms.")
	add("An edited answer is shown as its author left it. A late answer was given after the chat closed. A withdrawn answer " +
		"keeps its place and time but neither text nor name, and is in no other count.")
	add("How many people read the chat without answering is unknown, and not estimated.")

	if len(t.Gaps) == 0 {
		add("%s", "No gap is known: catchword knows of no time when it was not receiving from these rooms.")
	}
	names := roomNames(t.Rooms)
	for _, g := range t.Gaps {
		where := singleLine(names[questions.TranscriptRoom{Workspace: g.Workspace, Room: g.Room}])
		if where == "" {
			where = "a room"
		}
		gap := "Gap: from " + view.fullTime(g.From) + " to " + view.fullTime(g.To) + " catchword received nothing from " + where + " in " + singleLine(g.Workspace)
		if g.Filled {
			gap += ". The messages were read later from the platform’s history."
		} else {
			gap += ". Messages from that time may be missing."
		}
		add("%s", gap)
	}
	if lost := unfilledGapTime(t.Gaps); lost > 0 {
		all = append(all, "In total, "+formatDuration(lost)+" of one room or another is missing: the platforms’ history didn’t have it, or no longer did.")
	}
	if t.Undecrypted > 0 {
		all = append(all, plural(t.Undecrypted, "message in these rooms", "messages in these rooms")+
			" could not be decrypted during the chat, and so are neither shown nor counted.")
	} else {
		add("%s", "As far as is known, every message in these rooms could be decrypted.")
	}
	var out []string
	if n.Withdrawn > 0 {
		out = append(out, "the text and the author of "+plural(n.Withdrawn, "withdrawn answer", "withdrawn answers"))
	}
	if t.OptedOut > 0 {
		out = append(out, "everything from "+plural(t.OptedOut, "person", "people")+" in these workspaces who asked not to be recorded")
	}
	if out == nil {
		out = []string{"nothing. No answer was withdrawn, and nobody asked not to be recorded"}
	}
	all = append(all, "Left out: "+strings.Join(out, ", and ")+".")
	if n.Files > 0 {
		all = append(all, plural(n.Files, "file was", "files were")+" attached to answers; "+files.summary()+".")
	}
	return append(all, "Written by "+programVersion()+".")
}

// unfilledGapTime is for how long messages are missing, all rooms together.
func unfilledGapTime(gaps []questions.Gap) (sum time.Duration) {
	for _, g := range gaps {
		if !g.Filled {
			sum += g.To.Sub(g.From)
		}
	}
	return sum
}

// newRecordCompleteness is the same for chat.json.
func newRecordCompleteness(view *chatView) recordCompleteness {
	n, t := view.stats, view.transcript
	v := recordCompleteness{
		Collected: "live", Zone: t.Chat.Starts.Location().String(), Gaps: []recordGap{}, TakenBack: n.Withdrawn,
		Undecrypted: t.Undecrypted, OptedOut: t.OptedOut,
		Files: n.Files, FilesKept: view.attachments.stored, Program: programVersion(), Statement: view.MethodNotes,
	}
	if n.Answers > 0 {
		v.First, v.Last = n.First.UTC(), n.Last.UTC()
	}
	for _, g := range t.Gaps {
		v.Gaps = append(v.Gaps, recordGap{g.Workspace, g.Room, g.From.UTC(), g.To.UTC(), g.Filled})
	}
	return v
}

// programVersion names the build that writes the archive.
func programVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return "catchword " + info.Main.Version
	}
	return "catchword (devel)"
}
