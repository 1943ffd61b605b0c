package questions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	// MaxOverrun is how far past its end a chat may be pushed by an outage.
	MaxOverrun = 15 * time.Minute
	// lastCallBefore is when the last minutes are called, in chats of at least minNoticesLength. Those have a halfway line, too.
	lastCallBefore   = 5 * time.Minute
	minNoticesLength = 20 * time.Minute
	// fullReminderBefore is how long before the start a reminder still carries the introduction and the questions, so that
	// people can prepare. Later ones are a line.
	fullReminderBefore = 20 * time.Hour
	// defaultAnnouncedBefore is when a chat file that doesn't say is taken to have been announced.
	defaultAnnouncedBefore = 30 * 24 * time.Hour
	// maxReminders bounds a cron line that would remind every minute for a month.
	maxReminders = 100
)

// A StepKind is what a step of the agenda is for.
type StepKind string

const (
	KindReminder      StepKind = "reminder"
	KindWelcome       StepKind = "welcome"
	KindIntroductions StepKind = "introductions"
	KindQuestion      StepKind = "question"
	KindHalfway       StepKind = "halfway"
	KindLastCall      StepKind = "last-call"
	KindClosing       StepKind = "closing"
)

// A Step is one thing to be said at one time, in every room of the chat.
type Step struct {
	Name     string // unique in the chat, and the same for ever: "reminder-2h", "welcome", "q3"
	Kind     StepKind
	Question int       // of an Asking step, else 0
	At       time.Time // in the chat's zone
	// Until is when the step is no longer worth saying, should it have been missed: for a reminder the next one, or
	// the start. Zero means that it is said however late, once the lateness rule has moved it.
	Expires time.Time
	Text    string // CommonMark, with <time> for instants
}

// Section is where the answers to a step belong.
func (s Step) Section() Section { return StepSection(s.Name) }

// OriginalStep is the step that a step says again: "q3" of "q3.2", its second time. Any other step is its own original.
func OriginalStep(step string) string {
	if base, _, again := strings.Cut(step, "."); again && Section(base).QuestionNumber() > 0 {
		return base
	}
	return step
}

// StepSection is where the answers to the step of that name belong.
func StepSection(name string) Section {
	switch s := Section(OriginalStep(name)); {
	case s.QuestionNumber() > 0, s == Introductions:
		return s
	case name == "welcome":
		return Introductions
	default:
		return General
	}
}

// Agenda is the timetable of the chat, in the order in which it is said.
func (c Chat) Agenda() []Step {
	steps := c.reminders()
	steps = append(
		steps,
		Step{Name: "welcome", Kind: KindWelcome, At: c.Starts, Text: c.welcome()},
		Step{Name: "introductions", Kind: KindIntroductions, At: c.Starts, Text: introductionsText},
	)
	at := c.Starts.Add(c.leadIn())
	for _, q := range c.Questions {
		step := Step{Name: string(QuestionSection(q.N)), Kind: KindQuestion, Question: q.N, At: q.AddedAt, Text: c.questionText(q)}
		if q.AddedAt.IsZero() {
			step.At = at
			at = at.Add(c.questionDuration(q))
		}
		steps = append(steps, step)
	}
	if c.Length() >= minNoticesLength {
		steps = append(steps, Step{Name: "halfway", Kind: KindHalfway, At: c.Starts.Add(c.Length() / 2), Text: c.halfway()})
		steps = append(steps, Step{Name: "last-call", Kind: KindLastCall, At: c.Ends.Add(-lastCallBefore), Text: lastCallText})
	}
	steps = append(steps, Step{Name: "closing", Kind: KindClosing, At: c.Ends, Text: c.closing()})
	// The lines between the questions come where their time is.
	slices.SortStableFunc(steps, func(a, b Step) int { return a.At.Compare(b.At) })
	return steps
}

func (c Chat) leadIn() time.Duration {
	if c.LeadIn > 0 {
		return c.LeadIn
	}
	// A short chat keeps the proportions of an hour.
	return min(DefaultLeadIn, c.Length()/10)
}

// questionDuration is a question's own time, the chat's, or an even share of what those with their own leave over. Shares
// are whole minutes where that is not too coarse, because people are told them.
func (c Chat) questionDuration(q Question) time.Duration {
	if q.Duration > 0 {
		return q.Duration
	}
	if c.PerQuestion > 0 {
		return c.PerQuestion
	}
	left, sharing := c.Length()-c.leadIn(), 0
	for _, other := range c.PlannedQuestions() {
		left -= other.Duration
		if other.Duration == 0 {
			sharing++
		}
	}
	share := max(left, 0) / time.Duration(sharing)
	if share >= 2*time.Minute {
		return share.Truncate(time.Minute)
	}
	return share.Truncate(time.Second)
}

func (c Chat) reminders() []Step {
	wanted := c.Reminders
	if wanted == nil {
		wanted = DefaultReminders()
	}
	var steps []Step
	for _, r := range wanted {
		if r.Cron == "" {
			steps = append(steps, c.reminder("reminder-"+shortDuration(r.Before), c.Starts.Add(-r.Before)))
			continue
		}
		schedule, err := cron.ParseStandard(r.Cron)
		if err != nil {
			continue // a fault that reading the chat file has reported
		}
		from := c.Announced
		if from.IsZero() {
			from = c.Starts.Add(-defaultAnnouncedBefore)
		}
		for at, n := schedule.Next(from.In(c.Starts.Location())), 0; !at.IsZero() && at.Before(c.Starts) && n < maxReminders; at, n = schedule.Next(at), n+1 {
			steps = append(steps, c.reminder("reminder-"+at.UTC().Format("20060102T1504Z"), at))
		}
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return a.At.Compare(b.At) })
	// An offset and a cron line may meet in one instant: one reminder is enough.
	steps = slices.CompactFunc(steps, func(a, b Step) bool { return a.At.Equal(b.At) })
	for i := range steps {
		steps[i].Expires = c.Starts
		if i+1 < len(steps) {
			steps[i].Expires = steps[i+1].At
		}
	}
	return steps
}

// shortDuration writes 168h as 7d, and drops the zero units that time.Duration prints.
func shortDuration(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// After an outage, Resume gives the times at which the steps that were not said are to be said: missed[0] was the first,
// and the chat was to end at end. All move by the outage, as long as the end moves by no more than Overrun in all;
// beyond that the rest is spread over the time left, in its old proportions. planned is the end that the chat file
// gives, from which the overrun counts. No time left gives ok = false: then nothing is said any more.
func Reschedule(now, planned time.Time, missed []time.Time) (at []time.Time, ok bool) {
	limit := planned.Add(MaxOverrun)
	if len(missed) == 0 || !now.Before(limit) {
		return nil, false
	}
	first, last := missed[0], missed[len(missed)-1]
	shift := now.Sub(first)
	for _, t := range missed {
		at = append(at, t.Add(shift))
	}
	if !last.Add(shift).After(limit) {
		return at, true
	}
	left, span := limit.Sub(now), last.Sub(first)
	for i, t := range missed {
		at[i] = now
		if span > 0 {
			at[i] = now.Add(time.Duration(float64(left) * float64(t.Sub(first)) / float64(span)).Truncate(time.Second))
		}
	}
	return at, true
}
