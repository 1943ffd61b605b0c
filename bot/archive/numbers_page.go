package archive

import (
	"fmt"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// How many rows of a long list the page of numbers shows.
const (
	maxShownPairs   = 30
	maxShownLeaders = 10
	maxShownMinutes = 3
)

// A numbersPage is numbers.html: everything that can be counted, with a table for each chart.
type numbersPage struct {
	pageHead
	Minutes         pageChart
	OutsideNote     string // a sentence about what the chart leaves out
	Busiest         []countRow
	Questions       pageChart
	ResponseTimes   []responseRow
	Pairs           []pagePair
	MorePairs       int
	TopParticipants []participant
}

// A pageChart is a chart and its table.
type pageChart struct {
	Title, Summary string
	Head           []string
	Rows           []pageRow
	Picture        barChart
}

type pageRow struct {
	ID, Label string
	Cells     []string
}

// A responseRow is how long a question waited for answers.
type responseRow struct {
	ID, Label     string
	Asked         displayTime
	First, Median string
}

// A pagePair is how often one person replied to another.
type pagePair struct{ From, To, N string }

func writeNumbers(d *stagingDir, view *chatView) error {
	v := numbersPage{pageHead: pageHead{chatView: view, Page: "numbers", Heading: "Numbers"}}
	v.overTime()
	v.byQuestion()
	for _, s := range view.sections {
		asked, ok := view.stats.askedAt[s]
		if !ok {
			continue
		}
		w := responseRow{ID: string(s), Label: view.label(s), Asked: view.timeOfDay(asked), First: "–", Median: "–"}
		if first, median, ok := view.stats.responseTime(s); ok {
			w.First, w.Median = formatDuration(first), formatDuration(median)
		}
		v.ResponseTimes = append(v.ResponseTimes, w)
	}
	pairs := view.stats.replyPairs()
	v.MorePairs = max(0, len(pairs)-maxShownPairs)
	for _, p := range pairs[:len(pairs)-v.MorePairs] {
		v.Pairs = append(v.Pairs, pagePair{p.From.Name, p.To.Name, formatNumber(p.N)})
	}
	if view.opts.Leaderboard {
		v.TopParticipants = view.stats.topParticipants(maxShownLeaders)
	}
	f, err := d.create("numbers.html")
	if err != nil {
		return err
	}
	if err := (&pageWriter{w: f, view: view}).write("numbers page", v); err != nil {
		return err
	}
	return d.finish(f)
}

// overTime draws how many answers were given in each minute, or in each longer interval of a longer chat.
func (v *numbersPage) overTime() {
	intervals, length, outside := v.stats.intervals(v.chat)
	each := "minute"
	if length > time.Minute {
		each = formatDuration(length)
	}
	v.Minutes = pageChart{Title: "Answers in each " + each, Head: []string{"From", "Answers"}}
	zone, format := v.chat.Starts.Location(), "15:04"
	if length >= 24*time.Hour {
		format = "2 Jan"
	}
	var labels []string
	var counts []int
	for _, one := range intervals {
		labels, counts = append(labels, one.From.In(zone).Format(format)), append(counts, one.N)
		if one.N > 0 {
			v.Minutes.Rows = append(v.Minutes.Rows, pageRow{Label: v.timeOfDay(one.From).Text, Cells: []string{formatNumber(one.N)}})
		}
	}
	v.Minutes.Picture = newBarChart(labels, counts, labelEvery(len(counts)))
	if outside > 0 {
		v.OutsideNote = plural(outside, "answer was", "answers were") + " given before or after the time shown."
	}
	for _, s := range v.stats.busiest(maxShownMinutes) {
		v.Busiest = append(v.Busiest, countRow{Label: v.timeOfDay(s.From).Text, Answers: formatNumber(s.N)})
	}
	if len(v.Busiest) > 0 {
		v.Minutes.Summary = fmt.Sprintf("The busiest minute was %s, with %s.", v.Busiest[0].Label, plural(v.stats.busiest(1)[0].N, "answer", "answers"))
	}
}

// byQuestion draws how many answers each section has.
func (v *numbersPage) byQuestion() {
	v.Questions = pageChart{Title: "Answers to each question", Head: []string{"Part", "Answers", "People"}}
	var labels []string
	var counts []int
	for i, s := range v.sections {
		label := v.label(s)
		switch {
		case s == questions.Introductions:
			label = "Intro"
		case s.QuestionNumber() == 0:
			label = "Talk"
		}
		labels, counts = append(labels, label), append(counts, v.stats.Sections[s].Answers)
		v.Questions.Rows = append(v.Questions.Rows, pageRow{string(s), v.Counts[i].Label, []string{v.Counts[i].Answers, v.Counts[i].People}})
	}
	every := 1
	if len(counts) > 14 {
		every = labelEvery(len(counts))
	}
	v.Questions.Picture = newBarChart(labels, counts, every)
}

// formatDuration is a length of time in words: "40 s", "12 min", "3 h 5 min", "2 days".
func formatDuration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 10*time.Minute && d%time.Minute >= time.Second:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 24*time.Hour && d%time.Hour >= time.Minute:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	default:
		return plural(int(d/(24*time.Hour)), "day", "days")
	}
}

// ReplyNote explains what counts as a reply.
func (v numbersPage) ReplyNote() string {
	return "A reply is an answer to somebody else’s answer, made in the way of its platform. " +
		"Replies to a question are answers and are not counted here."
}
