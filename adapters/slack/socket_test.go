package slack_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

// countGaps returns how many gaps were received since h.settled.
func (h *fixture) countGaps() int { return h.count(isGap) }

func TestGapStart(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{}, func(c *slack.Config) { c.Connections = 1 })
	h.drain()
	h.Silence(1, false)
	silent := time.Now()
	h.eventually("the gap is told", func() bool { return h.countGaps() > 0 })
	h.mu.Lock()
	defer h.mu.Unlock()
	if gap := h.received[0].(*adapters.Gap); silent.Sub(gap.Since).Abs() > 500*time.Millisecond {
		t.Errorf("silent since %v: got a gap since %v", silent, gap.Since)
	}
}

// checkReceives checks that messages are received, whatever happened before.
func (h *fixture) checkReceives(what string) {
	h.Helper()
	ts := h.amy.Say(room, what)
	h.eventually("after "+what+", Amy is received", func() bool {
		return h.count(func(u adapters.Update) bool {
			m, ok := u.(*adapters.Message)
			return ok && m.ID == adapters.MessageID(ts)
		}) > 0
	})
}

func TestLostConnectionsAreReplaced(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	for _, test := range []struct {
		what string
		do   func()
	}{
		{"one cut", func() { h.Cut(1) }},
		{"all cut", func() { h.Cut(-1) }},
		{"one silent", func() { h.Silence(1, false) }},
		{"all silent", func() { h.Silence(-1, false) }},
		{"a warning", func() { h.Disconnect(1, "warning", 200*time.Millisecond) }},
		{"a refresh of all", func() { h.Disconnect(-1, "refresh_requested", 200*time.Millisecond) }},
		{"a dial refused", func() {
			h.Fault(func(f *slackfake.Faults) { f.RefuseDials = 2 })
			h.Cut(-1)
		}},
		{"the app over its limit", func() { h.Disconnect(1, "too_many_websockets", 0) }},
		{"Socket Mode off and on", func() { h.Disconnect(-1, "link_disabled", 0) }},
		{"addresses limited", func() {
			h.Fault(func(f *slackfake.Faults) { f.LimitNext = map[string]int{"apps.connections.open": 1} })
			h.Cut(-1)
		}},
	} {
		h.drain()
		test.do()
		h.eventually("after "+test.what+" a gap is told", func() bool { return h.countGaps() > 0 })
		h.checkReceives(test.what)
		h.eventually("after "+test.what+" there are two connections", func() bool { return h.SocketCount() == 2 })
	}
}

func TestStalledConnectionsAreReplaced(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	h.drain()
	h.Silence(-1, true)
	h.post(adapters.Post{Text: "Does nobody hear?"})
	h.eventually("two gaps are told", func() bool { return h.countGaps() >= 2 })
	h.checkReceives("all deaf")

	h.drain()
	h.Silence(1, true)
	h.eventually("the deaf one of two is replaced", func() bool {
		h.amy.Say(room, "talk")
		return h.countGaps() > 0
	})
	h.checkReceives("one deaf")
	for range 50 {
		h.post(adapters.Post{Text: "Is all well?"})
		h.checkReceives("nothing")
	}
	if h.drain(); h.countGaps() != 0 {
		t.Errorf("got %d more gaps, want healthy connections left alone", h.countGaps())
	}
}

func TestRenewedConnectionsOverlap(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{}, func(c *slack.Config) { c.Connections = 1 })
	h.Disconnect(-1, "refresh_requested", 5*time.Second)
	h.eventually("there is a new connection beside the old", func() bool { return h.SocketCount() == 2 })
}

// TestRunSurvivesFatalError takes tokens away from a connected app. It receives again once it has them back.
func TestRunSurvivesFatalError(t *testing.T) {
	for what, do := range map[string]func(*fixture){
		"the app token is revoked": func(h *fixture) { h.RevokeToken(h.AppToken()); h.Cut(-1) },
		"the app is removed":       func(h *fixture) { h.Deactivate(h.AppToken()); h.Uninstall(); h.Cut(-1) },
	} {
		h := newFixture(t, slackfake.WorkspaceOptions{})
		do(h)
		h.eventually(what+": it tells that it is not connected", func() bool { return !h.slack.Report().Receiving })
		h.amy.Say(room, "while nobody listens")
		h.Restore(h.AppToken())
		h.Restore(h.BotToken())
		h.eventually(what+": it is connected again", func() bool { return h.slack.Report().Receiving })
		h.drain()
		h.checkReceives(what)
		select {
		case err := <-h.runResult:
			t.Errorf("%s: Run ended with %v", what, err)
		default:
		}
	}
}

// TestRunEndsOnFatalError starts with tokens that were never good.
func TestRunEndsOnFatalError(t *testing.T) {
	o := newTestWorkspace(t, slackfake.New(t, fastOptions), "nhs", slackfake.WorkspaceOptions{})
	c := o.config()
	c.BotToken = "xoxb-made-up"
	err := slack.New(c).Run(t.Context(), func(context.Context, adapters.Update) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "invalid_auth") || strings.Contains(err.Error(), "made-up") {
		t.Errorf("a made-up token: got %v, want an error without the token", err)
	}
}

func TestRunWaitsForSlack(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	h.restart()
	c := h.config()
	h.slack = slack.New(c)
	h.slack.ShortenTimeouts(time.Second, time.Second)
	h.Fault(func(f *slackfake.Faults) { f.RefuseNext = 3 })
	h.run() // waits until it receives
}

func TestLogsHaveNoSecrets(t *testing.T) {
	var log lockedBuffer
	h := newFixture(t, slackfake.WorkspaceOptions{}, func(c *slack.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	h.Fault(func(f *slackfake.Faults) { f.RefuseDials = 2 })
	h.Cut(-1)
	h.checkReceives("private words")
	h.Rename(room, "medlibs")
	h.Archive("medlibs")
	h.drain()
	h.server.Close()
	h.eventually("it is told that the connection is lost", func() bool { return strings.Count(log.String(), "connection lost") >= 4 })
	for _, want := range []string{"channel archived", "channel renamed", "workspace=nhs"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("got log\n%s\nwant %q in it", &log, want)
		}
	}
	h.checkNoToken(log.String())
	if strings.Contains(log.String(), "private words") {
		t.Errorf("got log\n%s\nwhich has people's words", &log)
	}
}

// A lockedBuffer may be written and read by several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestReport(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	if got := h.slack.Report(); !got.Receiving || got.Reconnects != 0 {
		t.Errorf("while it receives: got %+v", got)
	}
	h.drain()
	h.Disconnect(1, "warning", 100*time.Millisecond)
	h.eventually("the connection is renewed", func() bool { return h.countGaps() > 0 })
	if got := h.slack.Report(); got.Reconnects != 0 {
		t.Errorf("after Slack renewed a connection: got %+v, want none lost", got)
	}
	h.drain()
	h.Fault(func(f *slackfake.Faults) { f.RefuseDials = 6 })
	h.Cut(-1)
	h.eventually("it is deaf", func() bool { return !h.slack.Report().Receiving })
	h.eventually("it receives again", func() bool { return h.slack.Report().Receiving })
	if got := h.slack.Report(); got.Reconnects < 2 {
		t.Errorf("after both connections were cut: got %+v, want two lost or more", got)
	}
}
