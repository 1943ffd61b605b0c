package slackfake

import (
	"math/rand/v2"
	"time"
)

// Faults are what can go wrong between an app and its workspace. The zero value is a Slack without faults. Chances lie
// between 0 and 1.
type Faults struct {
	Latency         time.Duration // until a call is looked at
	ResponseLatency time.Duration // from when a call has done its work until its response

	ClockOffset time.Duration // how far the platform's clock, as each answer tells it, is ahead of this machine's

	RefuseNext          int               // as many calls get 503 and a page of HTML, and nothing was done
	RefuseChance        float64           // and so does each other call, with this chance
	LoseResponseNext    int               // as many posts are stored, but their connection breaks before the response
	LoseResponseChance  float64           // and so does each other writing call, with this chance
	BreakResponseNext   int               // as many posts are stored, but get 500 and a page of HTML
	BreakResponseChance float64           // and so does each other writing call, with this chance
	Fail                map[string]string // method to the error code that its calls get, such as "internal_error"; nothing is done
	LimitNext           map[string]int    // method to how many of its calls get 429
	RetryAfter          string            // what every 429 says, as it stands; "" is the true number of seconds, at least 1

	EventFirstChance float64 // the chance that the response to a post waits until the event of the post was acknowledged, or EventFirstWait
	EventFirstWait   time.Duration
	ShortPages       bool // pages end before their limit, and may be empty, while there is more

	EventLatency    time.Duration // until an event is first sent
	EventJitter     time.Duration // and at random up to this much more, so that events overtake each other
	DuplicateChance float64       // the chance that an event is sent twice
	DropChance      float64       // the chance that an event is never sent at all
	ReplyCounts     bool          // with every reply, its root comes as changed, with the same text, and as a message without user or text
	Unfurl          bool          // a message with a link comes as changed right after it was sent, with the same text

	CutNext     int     // as many events are not sent: instead, their socket is cut without a close frame
	CutChance   float64 // and so for each other event, with this chance
	RefuseDials int     // as many WebSocket handshakes get 503

	rand *rand.Rand
}

// Seed makes chances repeatable, from here on. Without it, the server's seed does so.
func (f *Faults) Seed(seed uint64) { f.rand = rand.New(rand.NewPCG(seed, 0)) }

// Fault switches faults of all workspaces on and off, at any time.
func (s *Server) Fault(set func(*Faults)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.workspaces {
		set(&w.faults)
	}
	s.notify()
}

// Fault switches faults on and off, at any time: set may change what it is given, and keep nothing of it.
func (w *Workspace) Fault(set func(*Faults)) {
	defer w.lockForWrite()()
	set(&w.faults)
}

func (f *Faults) chance(w *Workspace, c float64) bool {
	if c <= 0 {
		return false
	}
	if f.rand != nil {
		return f.rand.Float64() < c
	}
	return w.rand.Float64() < c
}

// next counts down, or decides by chance.
func (f *Faults) next(w *Workspace, n *int, c float64, counts bool) bool {
	if counts && *n > 0 {
		*n--
		return true
	}
	return f.chance(w, c)
}
