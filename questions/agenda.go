package questions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	// MaxOverrun is how far an outage can push a chat past its end.
	MaxOverrun = 15 * time.Minute
	// lastCallBefore is how long before the end the last call is posted. Chats of at least minNoticesLength have a last
	// call and a halfway post.
	lastCallBefore   = 5 * time.Minute
	minNoticesLength = 20 * time.Minute
	// fullReminderBefore is how long before the start reminders become short. Earlier ones include the introduction and
	// the questions, so that people can prepare.
	fullReminderBefore = 20 * time.Hour
	// defaultAnnouncedBefore is how long before the start a chat is announced if its file doesn't say.
	defaultAnnouncedBefore = 30 * 24 * time.Hour
	// maxReminders limits cron lines such as "* * * * *".
	maxReminders = 100
)

// A StepKind says what a step of the agenda is for.
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

// A Step is one post of the agenda. It is posted in every room of the chat.
type Step struct {
	Name     string // unique in the chat and permanent: "reminder-2h", "welcome", "q3"
	Kind     StepKind
	Question int       // the question's number, or 0
	At       time.Time // in the chat's zone
	// Expires is when the step is no longer worth posting: for a reminder, at the next one or at the start. Zero means
	// never: after an outage, the step is rescheduled.
	Expires time.Time
	Text    string // CommonMark, with <time> for instants
}

// Section returns the section for answers to the step.
func (s Step) Section() Section { return StepSection(s.Name) }

// OriginalStep returns the step that a step repeats: "q3" for "q3.2". Any other step is its own original.
func OriginalStep(step string) string {
	if base, _, again := strings.Cut(step, "."); again && Section(base).QuestionNumber() > 0 {
		return base
	}
	return step
}

// StepSection returns the section for answers to the step with this name.
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

// Agenda returns the steps of the chat, by time.
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
	// The halfway post and the last call may come between questions.
	slices.SortStableFunc(steps, func(a, b Step) int { return a.At.Compare(b.At) })
	return steps
}

func (c Chat) leadIn() time.Duration {
	if c.LeadIn > 0 {
		return c.LeadIn
	}
	// Short chats have the proportions of one that lasts an hour.
	return min(DefaultLeadIn, c.Length()/10)
}

// questionDuration returns the question's own duration, the chat's PerQuestion, or an even share of the time left.
// Shares of two minutes or more are whole minutes, because people read them.
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
			continue // ParseChat has reported it
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
	// An offset and a cron line may give the same time.
	steps = slices.CompactFunc(steps, func(a, b Step) bool { return a.At.Equal(b.At) })
	for i := range steps {
		steps[i].Expires = c.Starts
		if i+1 < len(steps) {
			steps[i].Expires = steps[i+1].At
		}
	}
	return steps
}

// shortDuration writes 168h as 7d, and omits the zero units that time.Duration prints.
func shortDuration(d time.Duration) string {
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

// Reschedule returns new times for the steps that an outage delayed. missed are their old times, in order, and planned
// is the end of the chat by its file. All steps move by the length of the outage. If the last one would then be more
// than MaxOverrun after planned, the steps are spread over the time left, in proportion. ok is false if none is left.
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
