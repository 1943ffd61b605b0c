package slackfake

import (
	"cmp"
	"fmt"
	"math"
	"time"
)

// Limits are rate limits, as buckets that fill evenly. The zero value is none.
type Limits struct {
	// Post is the time in which a channel earns one more chat.postMessage, and Burst how many it may save; zero is 1.
	Post  time.Duration
	Burst int
	// PerMinute is how many calls a minute of one method a workspace may make, by the method's tier.
	PerMinute map[int]int
	// Methods are other numbers than their tier's, by method.
	Methods map[string]int
	// Distributed is how many calls a minute of history and replies a Distributed app may make.
	Distributed int
}

// SlackLimits are the documented limits.
// See https://docs.slack.dev/apis/web-api/rate-limits.
func SlackLimits() Limits {
	return Limits{Post: time.Second, Burst: 3, PerMinute: map[int]int{1: 1, 2: 20, 3: 50, 4: 100}, Distributed: 1}
}

// SetLimits changes the limits of all workspaces.
func (s *Server) SetLimits(l Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.options.Limits = l
	for _, w := range s.workspaces {
		clear(w.buckets)
	}
}

type bucket struct {
	tokens float64
	at     time.Time
}

// rateLimit takes a token, or says how long to wait for one.
func (w *Workspace) rateLimit(method string, tier int, channel string) (wait time.Duration) {
	l := &w.server.options.Limits
	if n := w.faults.LimitNext[method]; n > 0 {
		w.faults.LimitNext[method]--
		return time.Second
	}
	if method == "chat.postMessage" && l.Post > 0 {
		if wait := w.takeToken(method+" "+channel, float64(max(l.Burst, 1)), l.Post); wait > 0 {
			return wait
		}
	}
	perMinute := cmp.Or(l.Methods[method], l.PerMinute[tier])
	if w.options.Distributed && l.Distributed > 0 && isHistory(method) {
		perMinute = l.Distributed
	}
	if perMinute == 0 {
		return 0
	}
	return w.takeToken(method, float64(perMinute), time.Minute/time.Duration(perMinute))
}

func isHistory(method string) bool {
	return method == "conversations.history" || method == "conversations.replies"
}

func (w *Workspace) takeToken(key string, size float64, each time.Duration) time.Duration {
	b := w.buckets[key]
	if b == nil {
		b = &bucket{tokens: size, at: time.Now()}
		w.buckets[key] = b
	}
	passed := time.Since(b.at)
	b.tokens = min(size, b.tokens+float64(passed)/float64(each))
	b.at = b.at.Add(passed)
	if b.tokens < 1 {
		return time.Duration((1 - b.tokens) * float64(each))
	}
	b.tokens--
	return 0
}

// retryAfter is the header that goes with a 429: whole seconds.
func (w *Workspace) retryAfter(wait time.Duration) string {
	return cmp.Or(w.faults.RetryAfter, fmt.Sprint(max(1, math.Ceil(wait.Seconds()))))
}
