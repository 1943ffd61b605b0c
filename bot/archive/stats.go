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

// chatStats count a chat: how many answered and when, who came for the first time, who replied to whom, and how long
// each question waited. They hold a few bytes for each answer and none of its text.
type chatStats struct {
	questions.Tally
	Edited      int
	Replies     int
	FirstTimes  int // people who were in no earlier chat of the series
	Files       int // attached to answers that stand
	MatchedBy   map[questions.MatchedBy]int
	First, Last time.Time // when the first and the last answer were given, if there are any

	shownCounts      map[questions.Section]int // with the answers that were withdrawn, which still have their place
	lastEntry        time.Time                 // when the last of these was given or edited
	participantIndex map[uint64]int32          // into participants, by the person's key
	participants     []participant
	answers          map[uint64]answerPlace // by answerKey
	sections         []questions.Section
	replyRefs        []replyRef
	answersPerMinute map[int64]int // by minute since 1970
	lastChange       time.Time     // when the last answer was given or edited
	askedAt          map[questions.Section]time.Time
	responseTimes    map[questions.Section][]uint32 // seconds from the question to each answer, of those that aren't late
}

// A participant is one person in one workspace.
type participant struct {
	Name, Workspace string
	Answers         int

	key uint64
}

// An answerPlace is where an answer is among the pages by question, and whose it is.
type answerPlace struct {
	person  int32 // into individuals; -1 for an answer that is gone
	page    int32 // of its section, from 1
	section int16 // into known
}

// A replyRef is one reply. The answer that it replies to may not have been counted yet: the clocks of two platforms
// differ.
type replyRef struct {
	from int32
	to   uint64
}

// newChatStats prepares to count a chat.
func newChatStats(t questions.Transcript) *chatStats {
	stats := &chatStats{
		MatchedBy: map[questions.MatchedBy]int{}, shownCounts: map[questions.Section]int{},
		participantIndex: map[uint64]int32{}, answers: map[uint64]answerPlace{},
		answersPerMinute: map[int64]int{}, askedAt: map[questions.Section]time.Time{}, responseTimes: map[questions.Section][]uint32{},
	}
	for _, s := range t.Posted {
		if section := questions.Section(s.Step); section.QuestionNumber() > 0 {
			stats.askedAt[section] = s.At
		}
	}
	return stats
}

// add counts one answer, which is on a page of its section, from 1. Answers come in time order.
func (stats *chatStats) add(a questions.Answer, page int) {
	stats.Tally.Add(a)
	stats.shownCounts[a.Section]++
	stats.lastEntry = latest(stats.lastEntry, a.At, a.Edited)
	section := slices.Index(stats.sections, a.Section)
	if section < 0 {
		section = len(stats.sections)
		stats.sections = append(stats.sections, a.Section)
	}
	at := answerPlace{person: -1, page: int32(page), section: int16(min(section, math.MaxInt16))} //nolint:gosec // fewer than answers
	if !a.Withdrawn {
		at.person = stats.participant(a)
		stats.answersPerMinute[a.At.Unix()/60]++
		stats.lastChange = latest(stats.lastChange, a.At, a.Edited)
		stats.Files += len(a.Files)
		stats.MatchedBy[a.MatchedBy]++
		if !a.Edited.IsZero() {
			stats.Edited++
		}
		if stats.First.IsZero() || a.At.Before(stats.First) {
			stats.First = a.At
		}
		stats.Last = latest(stats.Last, a.At)
		if a.ReplyTo != (questions.AnswerID{}) {
			stats.Replies++
			stats.replyRefs = append(stats.replyRefs, replyRef{at.person, answerKey(a.ReplyTo)})
		}
		if asked, ok := stats.askedAt[a.Section]; ok && !a.Late && !a.At.Before(asked) {
			stats.responseTimes[a.Section] = append(stats.responseTimes[a.Section], uint32(a.At.Sub(asked)/time.Second))
		}
	}
	stats.answers[answerKey(a.ID())] = at
}

// participant is the index of an answer's author, and keeps the name of the latest answer.
func (stats *chatStats) participant(a questions.Answer) int32 {
	number := personKey(a.AuthorID)
	i, ok := stats.participantIndex[number]
	if !ok {
		i = int32(len(stats.participants))
		stats.participantIndex[number] = i
		stats.participants = append(stats.participants, participant{Workspace: stats.workspace(a), key: number})
		if a.Newcomer {
			stats.FirstTimes++
		}
	}
	if name := authorName(a); stats.participants[i].Name != name {
		stats.participants[i].Name = name
	}
	stats.participants[i].Answers++
	return i
}

// workspace is the name of an answer's workspace. Its people share one string.
func (stats *chatStats) workspace(a questions.Answer) string {
	if n := len(stats.participants); n > 0 && stats.participants[n-1].Workspace == a.Workspace {
		return stats.participants[n-1].Workspace
	}
	return singleLine(a.Workspace)
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// compact forgets who was counted where, which only counting needed: of many people that is more than all the rest.
func (stats *chatStats) compact() {
	stats.participantIndex = nil
	n := stats.Tally
	stats.Tally = questions.Tally{
		Answers: n.Answers, People: n.People, Late: n.Late, Reactions: n.Reactions, Withdrawn: n.Withdrawn,
		Sections: n.Sections, Workspaces: n.Workspaces,
	}
}

// answerKey is an answer's identity in eight bytes, those of its anchor.
func answerKey(id questions.AnswerID) uint64 {
	sum := sha256.Sum256([]byte(id.Workspace + "\x00" + id.Room + "\x00" + id.Message))
	return binary.BigEndian.Uint64(sum[:])
}

// locate finds the page of an answer, and its author's name, which is "" if it was withdrawn; ok is false if the chat
// has no such answer.
func (stats *chatStats) locate(id questions.AnswerID) (page, author string, ok bool) {
	p, ok := stats.answers[answerKey(id)]
	if !ok {
		return "", "", false
	}
	if p.person >= 0 {
		author = stats.participants[p.person].Name
	}
	return sectionPageName(stats.sections[p.section], int(p.page)), author, true
}

// A replyPair is how often one person replied to another.
type replyPair struct {
	From, To participant
	N        int
}

// replyPairs are all who replied to an answer, and to whom, most first, then by name.
func (stats *chatStats) replyPairs() []replyPair {
	counts := map[[2]int32]int{}
	for _, r := range stats.replyRefs {
		if to, ok := stats.answers[r.to]; ok && to.person >= 0 {
			counts[[2]int32{r.from, to.person}]++
		}
	}
	all := make([]replyPair, 0, len(counts))
	for who, n := range counts {
		all = append(all, replyPair{stats.participants[who[0]], stats.participants[who[1]], n})
	}
	slices.SortFunc(all, func(a, b replyPair) int {
		return cmp.Or(b.N-a.N, compareNames(a.From, b.From), compareNames(a.To, b.To))
	})
	return all
}

func compareNames(a, b participant) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Workspace, b.Workspace))
}

// topParticipants are up to maxN people who answered most.
func (stats *chatStats) topParticipants(maxN int) []participant {
	all := slices.SortedFunc(slices.Values(stats.participants), func(a, b participant) int {
		return cmp.Or(b.Answers-a.Answers, compareNames(a, b))
	})
	return all[:min(maxN, len(all))]
}

// responseTime is how long a question waited for its first answer, and the median over its answers.
func (stats *chatStats) responseTime(s questions.Section) (first, median time.Duration, ok bool) {
	waits := slices.Sorted(slices.Values(stats.responseTimes[s]))
	n := len(waits)
	if n == 0 {
		return 0, 0, false
	}
	return seconds(waits[0]), (seconds(waits[(n-1)/2]) + seconds(waits[n/2])) / 2, true
}

func seconds(n uint32) time.Duration { return time.Duration(n) * time.Second }

// An interval is a span of time, and how many answers were given in it.
type interval struct {
	From time.Time
	N    int
}

const (
	// chartMargin is how much time before and after the chat its chart includes.
	chartMargin  = 15 * time.Minute
	maxIntervals = 120
)

// intervals divide the time of the chat into intervals of equal length: minutes, for a chat of up to two hours.
// outside counts the answers before and after.
func (stats *chatStats) intervals(c questions.Chat) (all []interval, length time.Duration, outside int) {
	from, to := c.Starts.Unix()/60, (c.Ends.Unix()-1)/60
	begin, end := from, to
	for minute := range stats.answersPerMinute {
		if around := int64(chartMargin / time.Minute); minute >= from-around && minute <= to+around {
			begin, end = min(begin, minute), max(end, minute)
		}
	}
	step := int64(1)
	for _, next := range []int64{1, 5, 15, 60, 6 * 60, 24 * 60, 7 * 24 * 60} {
		if step = next; (end-begin)/step < maxIntervals {
			break
		}
	}
	begin -= floorMod(begin-from, step)
	for minute := begin; minute <= end; minute += step {
		if len(all) == 2*maxIntervals {
			break // a chat of years
		}
		all = append(all, interval{From: time.Unix(minute*60, 0)})
	}
	for minute, n := range stats.answersPerMinute {
		if i := (minute - begin) / step; minute >= begin && i < int64(len(all)) {
			all[i].N += n
		} else {
			outside += n
		}
	}
	return all, time.Duration(step) * time.Minute, outside
}

func floorMod(a, b int64) int64 { return (a%b + b) % b }

// busiest are up to maxN minutes with the most answers.
func (stats *chatStats) busiest(maxN int) []interval {
	var all []interval
	for minute, n := range stats.answersPerMinute {
		all = append(all, interval{time.Unix(minute*60, 0), n})
	}
	slices.SortFunc(all, func(a, b interval) int { return cmp.Or(b.N-a.N, a.From.Compare(b.From)) })
	return all[:min(maxN, len(all))]
}
