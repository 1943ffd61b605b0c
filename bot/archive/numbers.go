package archive

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// Figures count what the page of numbers tells beside the tally: who came for the first time, who replied to whom, when
// people answered, and how long each question waited. They hold a few bytes for each answer and nothing of what was said.
type figures struct {
	Replies    int
	FirstTimes int // people who were in no earlier chat of the series

	people  map[uint64]int32 // into individuals, by person's number
	all     []individual
	answers map[uint64]place // by name
	known   []questions.Section
	pending []reply
	minutes map[int64]int // by minute since 1970
	last    time.Time     // when the last answer was given or edited
	asked   map[questions.Section]time.Time
	waits   map[questions.Section][]uint32 // seconds from the question to each answer, of those that aren't late
}

// An individual is one person of one workspace.
type individual struct {
	Name, Workspace string
	Answers         int

	number uint64
}

// A place is where an answer stands among the pages by question, and whose it is.
type place struct {
	person  int32 // into individuals; -1 for an answer that is gone
	page    int32 // of its section, from 1
	section int16 // into known
}

// A reply is one answer to another, which may not have gone by yet: the clocks of two platforms differ.
type reply struct {
	from int32
	to   uint64
}

// newFigures counts the chat of a transcript.
func newFigures(t questions.Transcript) *figures {
	f := &figures{
		people: map[uint64]int32{}, answers: map[uint64]place{},
		minutes: map[int64]int{}, asked: map[questions.Section]time.Time{}, waits: map[questions.Section][]uint32{},
	}
	for _, s := range t.Posted {
		if section := questions.Section(s.Step); section.QuestionNumber() > 0 {
			f.asked[section] = s.At
		}
	}
	return f
}

// add counts one answer, which stands on a page of its section, from 1; they come in time order.
func (f *figures) add(a questions.Answer, page int) {
	section := slices.Index(f.known, a.Section)
	if section < 0 {
		section = len(f.known)
		f.known = append(f.known, a.Section)
	}
	at := place{person: -1, page: int32(page), section: int16(min(section, math.MaxInt16))} //nolint:gosec // fewer than answers
	if !a.Withdrawn {
		at.person = f.person(a)
		f.minutes[a.At.Unix()/60]++
		for _, at := range []time.Time{a.At, a.Edited} {
			if at.After(f.last) {
				f.last = at
			}
		}
		if a.ReplyTo != (questions.AnswerID{}) {
			f.Replies++
			f.pending = append(f.pending, reply{at.person, short(a.ReplyTo)})
		}
		if asked, ok := f.asked[a.Section]; ok && !a.Late && !a.At.Before(asked) {
			f.waits[a.Section] = append(f.waits[a.Section], uint32(a.At.Sub(asked)/time.Second))
		}
	}
	f.answers[short(a.ID())] = at
}

// person is the index of an answer's author, who keeps the name of the latest answer.
func (f *figures) person(a questions.Answer) int32 {
	number := personNumber(person(a))
	i, ok := f.people[number]
	if !ok {
		i = int32(len(f.all))
		f.people[number] = i
		f.all = append(f.all, individual{Workspace: f.workspace(a), number: number})
		if a.Newcomer {
			f.FirstTimes++
		}
	}
	if name := nameOf(a); f.all[i].Name != name {
		f.all[i].Name = name
	}
	f.all[i].Answers++
	return i
}

// workspace is the name of an answer's workspace, which one string serves for all its people.
func (f *figures) workspace(a questions.Answer) string {
	if n := len(f.all); n > 0 && f.all[n-1].Workspace == a.Workspace {
		return f.all[n-1].Workspace
	}
	return line(a.Workspace)
}

// counted forgets what only counting needed.
func (f *figures) counted() { f.people = nil }

// counted forgets who was counted where: of many people that is more than all else that is kept.
func (n *numbers) counted() {
	n.Tally = questions.Tally{
		Answers: n.Answers, People: n.People, Late: n.Late, Reactions: n.Reactions, Withdrawn: n.Withdrawn,
		Sections: n.Sections, Workspaces: n.Workspaces,
	}
}

// short is an answer's name in eight bytes, those of its anchor.
func short(id questions.AnswerID) uint64 {
	sum := sha256.Sum256([]byte(id.Workspace + "\x00" + id.Room + "\x00" + id.Message))
	return binary.BigEndian.Uint64(sum[:])
}

// place is the page on which an answer stands, and its author's name, "" if it is gone; ok is false if it isn't in the
// chat.
func (f *figures) place(id questions.AnswerID) (page, author string, ok bool) {
	p, ok := f.answers[short(id)]
	if !ok {
		return "", "", false
	}
	if p.person >= 0 {
		author = f.all[p.person].Name
	}
	return sectionPageName(f.known[p.section], int(p.page)), author, true
}

// A pair is how often one person replied to another.
type pair struct {
	From, To individual
	N        int
}

// pairs are all that replied to somebody else's answer or their own, most first, then by name.
func (f *figures) pairs() []pair {
	counts := map[[2]int32]int{}
	for _, r := range f.pending {
		if to, ok := f.answers[r.to]; ok && to.person >= 0 {
			counts[[2]int32{r.from, to.person}]++
		}
	}
	all := make([]pair, 0, len(counts))
	for who, n := range counts {
		all = append(all, pair{f.all[who[0]], f.all[who[1]], n})
	}
	slices.SortFunc(all, func(a, b pair) int {
		return cmp.Or(b.N-a.N, byName(a.From, b.From), byName(a.To, b.To))
	})
	return all
}

func byName(a, b individual) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Workspace, b.Workspace))
}

// leaders are those who answered most, at most so many.
func (f *figures) leaders(most int) []individual {
	all := slices.SortedFunc(slices.Values(f.all), func(a, b individual) int {
		return cmp.Or(b.Answers-a.Answers, byName(a, b))
	})
	return all[:min(most, len(all))]
}

// wait is how long a question waited for its first answer, and how long half of its answers took.
func (f *figures) wait(s questions.Section) (first, median time.Duration, ok bool) {
	waits := slices.Sorted(slices.Values(f.waits[s]))
	n := len(waits)
	if n == 0 {
		return 0, 0, false
	}
	return seconds(waits[0]), (seconds(waits[(n-1)/2]) + seconds(waits[n/2])) / 2, true
}

func seconds(n uint32) time.Duration { return time.Duration(n) * time.Second }

// A spell is a stretch of time, and how many answers were given in it.
type spell struct {
	From time.Time
	N    int
}

const (
	// aroundChat is how long before and after its time a chat's chart still shows.
	aroundChat = 15 * time.Minute
	maxSpells  = 120
)

// spells divide the time of the chat into stretches of equal length: minutes, if it was held in two hours. outside is
// how many answers were given before or after.
func (f *figures) spells(c questions.Chat) (all []spell, length time.Duration, outside int) {
	from, to := c.Starts.Unix()/60, (c.Ends.Unix()-1)/60
	begin, end := from, to
	for minute := range f.minutes {
		if around := int64(aroundChat / time.Minute); minute >= from-around && minute <= to+around {
			begin, end = min(begin, minute), max(end, minute)
		}
	}
	step := int64(1)
	for _, next := range []int64{1, 5, 15, 60, 6 * 60, 24 * 60, 7 * 24 * 60} {
		if step = next; (end-begin)/step < maxSpells {
			break
		}
	}
	begin -= mod(begin-from, step)
	for minute := begin; minute <= end; minute += step {
		if len(all) == 2*maxSpells {
			break // a chat of years
		}
		all = append(all, spell{From: time.Unix(minute*60, 0)})
	}
	for minute, n := range f.minutes {
		if i := (minute - begin) / step; minute >= begin && i < int64(len(all)) {
			all[i].N += n
		} else {
			outside += n
		}
	}
	return all, time.Duration(step) * time.Minute, outside
}

func mod(a, b int64) int64 { return (a%b + b) % b }

// busiest are the minutes in which most answers were given, at most so many.
func (f *figures) busiest(most int) []spell {
	var all []spell
	for minute, n := range f.minutes {
		all = append(all, spell{time.Unix(minute*60, 0), n})
	}
	slices.SortFunc(all, func(a, b spell) int { return cmp.Or(b.N-a.N, a.From.Compare(b.From)) })
	return all[:min(most, len(all))]
}
