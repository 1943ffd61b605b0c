package slack

import (
	"sync"
	"time"
)

const (
	// stallTimeout is how long a connection may bring no event while others bring plenty. Which of them an event comes by is
	// Slack's choice.
	stallTimeout   = 5 * time.Minute
	stallMinEvents = 20
)

// A watchdog tells which connections are open, and answer pings, but bring no events any more, as happens for hours:
// https://github.com/slack-go/slack/issues/1093. The zero watchdog is ready to use.
type watchdog struct {
	mu    sync.Mutex
	conns map[*conn]*connStats
	// unanswered is when the first of those posts was said of which no event has told, as one tells of every post.
	unanswered time.Time
	last       time.Time // when any event came
}

// A connStats is of one connection.
type connStats struct {
	opened time.Time
	last   time.Time // when it last brought an event, or was opened
	others int       // events that the others have brought since
}

func (w *watchdog) opened(cn *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conns == nil {
		w.conns = map[*conn]*connStats{}
	}
	now := time.Now()
	w.conns[cn] = &connStats{opened: now, last: now}
}

func (w *watchdog) closed(cn *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, cn)
}

// posted is called for each message of the bot, with a time before it can have been heard of, which it may have been since.
func (w *watchdog) posted(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unanswered.IsZero() && w.last.Before(at) {
		w.unanswered = at
	}
}

// heard is called for each event.
func (w *watchdog) received(cn *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	w.unanswered, w.last = time.Time{}, now
	for other, t := range w.conns {
		if other == cn {
			t.last, t.others = now, 0
		} else {
			t.others++
		}
	}
}

// stalled tells whether a connection should be renewed.
func (w *watchdog) stalled(cn *conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.conns[cn]
	switch {
	case t == nil:
		return false
	case !w.unanswered.IsZero() && t.opened.Before(w.unanswered) && time.Since(w.unanswered) > cn.readTimeout:
		return true
	default:
		return t.others >= stallMinEvents && time.Since(t.last) > cn.stallTimeout
	}
}
