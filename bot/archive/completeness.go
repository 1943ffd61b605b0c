package archive

import (
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// A completeness counts what a reader must know to judge how much of a chat its archive holds.
type completeness struct {
	files   int       // attached to answers that stand
	changed time.Time // when the last answer was given or edited
}

func (c *completeness) add(a questions.Answer) error {
	c.files += len(a.Files)
	for _, at := range []time.Time{a.At, a.Edited} {
		if at.After(c.changed) {
			c.changed = at
		}
	}
	return nil
}

// archiveDate is the day from which the archive is: that of the last thing in it, for the wall clock would differ each time.
func (c *completeness) archiveDate(chat questions.Chat) time.Time {
	return slices.MaxFunc([]time.Time{chat.Ends, c.changed}, time.Time.Compare).In(chat.Starts.Location())
}

// statement says in sentences what may be missing, and why. It ends what look.explain began.
func (c *completeness) statement(l *chatView, t questions.Transcript, files *attachments) []string {
	var all []string
	if len(t.Gaps) == 0 {
		all = append(all, "No gap is known: catchword knows of no time in which it didn’t hear these rooms.")
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
		all = append(all, gap)
	}
	if lost := unfilledGapTime(t.Gaps); lost > 0 {
		all = append(all, "In all, "+formatDuration(lost)+" of listening in one room or another is missing, and the platforms’ histories didn’t have it, or no longer.")
	}
	if t.Undecrypted > 0 {
		all = append(all, plural(t.Undecrypted, "message of these rooms", "messages of these rooms")+
			" could not be decrypted while the chat was held; what was said in them is not here and not counted.")
	} else {
		all = append(all, "No message of these rooms is known that could not be decrypted.")
	}
	var out []string
	if l.tally.Withdrawn > 0 {
		out = append(out, "the words and the name of "+plural(l.tally.Withdrawn, "answer that was", "answers that were")+" taken back or kept out")
	}
	if t.OptedOut > 0 {
		out = append(out, "whatever was said by "+plural(t.OptedOut, "person", "people")+" of these workspaces who asked not to be recorded")
	}
	if out == nil {
		out = []string{"nothing. No answer was taken back, and nobody asked not to be recorded"}
	}
	all = append(all, "Left out: "+strings.Join(out, ", and ")+".")
	if c.files > 0 {
		all = append(all, plural(c.files, "file was", "files were")+" attached to answers; "+files.summary()+".")
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

// recordWriter is the statement as chat.json has it.
func (c *completeness) record(t questions.Transcript, l chatView, files *attachments) recordCompleteness {
	v := recordCompleteness{
		Collected: "live", Zone: t.Chat.Starts.Location().String(), Gaps: []recordGap{}, TakenBack: l.tally.Withdrawn,
		Undecrypted: t.Undecrypted, OptedOut: t.OptedOut,
		Files: c.files, FilesKept: files.stored, Program: programVersion(), Statement: l.How,
	}
	if l.tally.Answers > 0 {
		v.First, v.Last = l.tally.First.UTC(), l.tally.Last.UTC()
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
