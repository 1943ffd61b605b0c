package bot

import "time"

// A Clock is the chat's time. A nil Clock is the wall clock, by which every real chat runs. A rehearsal has segments
// instead: the chat at high speed, with the dull parts cut out.
type Clock struct {
	startedAt time.Time
	segments  []Segment
}

// A Segment is a stretch of chat time. When one ends, the next begins at once, even if its time is much later.
type Segment struct {
	From  time.Time
	For   time.Duration // in chat time; the last segment never ends
	Speed float64       // seconds of chat time per second
}

// NewClock makes a clock that showed the start of its first segment at began. It needs at least one segment, each with
// a positive speed, in the order of time.
func NewClock(began time.Time, segments ...Segment) *Clock {
	return &Clock{startedAt: began, segments: segments}
}

// Now is the chat's time.
func (c *Clock) Now() time.Time {
	if c == nil {
		return time.Now()
	}
	real := time.Since(c.startedAt)
	for i, s := range c.segments {
		elapsed := time.Duration(float64(real) * s.Speed)
		if elapsed < s.For || i == len(c.segments)-1 {
			return s.From.Add(elapsed)
		}
		real -= s.realTime(s.For)
	}
	return time.Time{}
}

// Until is how long it takes, in real time, until the clock shows at least t.
func (c *Clock) Until(t time.Time) time.Duration {
	if c == nil {
		return time.Until(t)
	}
	var real time.Duration
	for i, s := range c.segments {
		if t.Before(s.From) {
			t = s.From
		}
		if into := t.Sub(s.From); into < s.For || i == len(c.segments)-1 {
			return real + s.realTime(into) - time.Since(c.startedAt)
		}
		real += s.realTime(s.For)
	}
	return 0
}

// realTime is how long chat time lasts in real time, rounded up so that a wait never ends early.
func (s Segment) realTime(d time.Duration) time.Duration {
	return time.Duration(float64(d)/s.Speed) + 1
}
