package bot

import "time"

// A Clock is the chat's time. A nil Clock is the wall clock, which is what every real chat runs by. A rehearsal gives
// legs instead: the evening at speed, with the dull parts cut out.
type Clock struct {
	startedAt time.Time
	segments  []Segment
}

// A Segment is a stretch of chat time. Where one ends, the next begins at once, however much later it is by its own
// account.
type Segment struct {
	From  time.Time
	For   time.Duration // in chat time; the last leg goes on for ever
	Speed float64       // seconds of chat time in a second
}

// NewClock is a clock that showed the start of its first leg at an instant. It needs at least one leg, each with a
// positive speed, in the order of time.
func NewClock(began time.Time, legs ...Segment) *Clock {
	return &Clock{startedAt: began, segments: legs}
}

// Now is the chat's time.
func (c *Clock) Now() time.Time {
	if c == nil {
		return time.Now()
	}
	real := time.Since(c.startedAt)
	for i, l := range c.segments {
		gone := time.Duration(float64(real) * l.Speed)
		if gone < l.For || i == len(c.segments)-1 {
			return l.From.Add(gone)
		}
		real -= l.realTime(l.For)
	}
	return time.Time{}
}

// Until is how long a person waits from now until the clock shows at least t.
func (c *Clock) Until(t time.Time) time.Duration {
	if c == nil {
		return time.Until(t)
	}
	var real time.Duration
	for i, l := range c.segments {
		if t.Before(l.From) {
			t = l.From
		}
		if into := t.Sub(l.From); into < l.For || i == len(c.segments)-1 {
			return real + l.realTime(into) - time.Since(c.startedAt)
		}
		real += l.realTime(l.For)
	}
	return 0
}

// realTime is how long a stretch of the leg lasts for the people who watch, rounded up so that a wait never ends early.
func (l Segment) realTime(d time.Duration) time.Duration {
	return time.Duration(float64(d)/l.Speed) + 1
}
