package slack

import (
	"sync"
	"time"
)

const (
	// stallTimeout is how long a connection may bring no event while others bring many. Slack chooses the connection
	// for each event.
	stallTimeout   = 5 * time.Minute
	stallMinEvents = 20
)

// A watchdog finds connections that are open and answer pings but bring no more events, sometimes for hours:
// https://github.com/slack-go/slack/issues/1093. The zero watchdog is ready to use.
type watchdog struct {
	mu    sync.Mutex
	conns map[*conn]*connStats
	// unanswered is when the bot posted and no event has come since. Every post causes one.
	unanswered time.Time
	last       time.Time // when any event came
}

type connStats struct {
	opened time.Time
	last   time.Time // when it last brought an event, or was opened
	others int       // events that other connections have brought since
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

// posted records that the bot posts a message. at is a time before its event can have come; it may have come by now.
func (w *watchdog) posted(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unanswered.IsZero() && w.last.Before(at) {
		w.unanswered = at
	}
}

// received records that an event has come.
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

// stalled reports whether to renew a connection.
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
