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

// gaps is how many gaps were heard of since h.settled.
func (h *hall) gaps() int { return h.count(isGap) }

func TestAGapBeginsWhereTheConnectionWasAlive(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{}, func(c *slack.Config) { c.Connections = 1 })
	h.settled()
	h.Silence(1, false)
	silent := time.Now()
	h.eventually("the gap is told", func() bool { return h.gaps() > 0 })
	h.mu.Lock()
	defer h.mu.Unlock()
	if gap := h.heard[0].(*adapters.Gap); silent.Sub(gap.Since).Abs() > 500*time.Millisecond {
		t.Errorf("silent since %v: got a gap since %v", silent, gap.Since)
	}
}

// hears checks that what is said is heard, whatever happened before.
func (h *hall) hears(what string) {
	h.Helper()
	ts := h.amy.Say(room, what)
	h.eventually("after "+what+", Amy is heard", func() bool {
		return h.count(func(u adapters.Update) bool {
			m, ok := u.(*adapters.Message)
			return ok && m.ID == adapters.MessageID(ts)
		}) > 0
	})
}

func TestLostConnectionsAreReplaced(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
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
		h.settled()
		test.do()
		h.eventually("after "+test.what+" a gap is told", func() bool { return h.gaps() > 0 })
		h.hears(test.what)
		h.eventually("after "+test.what+" there are two connections", func() bool { return h.Sockets() == 2 })
	}
}

func TestDeafConnectionsAreReplaced(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{})
	h.settled()
	h.Silence(-1, true)
	h.post(adapters.Post{Text: "Does nobody hear?"})
	h.eventually("two gaps are told", func() bool { return h.gaps() >= 2 })
	h.hears("all deaf")

	h.settled()
	h.Silence(1, true)
	h.eventually("the deaf one of two is replaced", func() bool {
		h.amy.Say(room, "talk")
		return h.gaps() > 0
	})
	h.hears("one deaf")
	for range 50 {
		h.post(adapters.Post{Text: "Is all well?"})
		h.hears("nothing")
	}
	if h.settled(); h.gaps() != 0 {
		t.Errorf("got %d more gaps, want those that are well left alone", h.gaps())
	}
}

func TestARenewedConnectionOverlaps(t *testing.T) {
	h := newHall(t, slackfake.WorkspaceOptions{}, func(c *slack.Config) { c.Connections = 1 })
	h.Disconnect(-1, "refresh_requested", 5*time.Second)
	h.eventually("there is a new connection beside the old", func() bool { return h.Sockets() == 2 })
}

func TestRunEndsWhenNothingMendsIt(t *testing.T) {
	for what, test := range map[string]struct {
		do   func(*hall)
		word string
	}{
		"the app token is revoked": {func(h *hall) { h.RevokeToken(h.AppToken()); h.Cut(-1) }, "token_revoked"},
		"the app was removed":      {func(h *hall) { h.Deactivate(h.AppToken()); h.Cut(-1) }, "account_inactive"},
	} {
		h := newHall(t, slackfake.WorkspaceOptions{})
		test.do(h)
		select {
		case err := <-h.ended:
			h.final(what, err, "nhs", test.word, "install")
		case <-time.After(patience):
			t.Errorf("%s: Run goes on", what)
		}
	}
	o := newOffice(t, slackfake.New(t, impatient), "nhs", slackfake.WorkspaceOptions{})
	c := o.config()
	c.BotToken = "xoxb-made-up"
	err := slack.New(c).Run(t.Context(), func(context.Context, adapters.Update) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "invalid_auth") || strings.Contains(err.Error(), "made-up") {
		t.Errorf("a made-up token: got %v, want it told, without the token", err)
	}
}

func TestRunWaitsForSlack(t *testing.T) {
	h := quietHall(t, slackfake.WorkspaceOptions{})
	h.restart()
	c := h.config()
	h.slack = slack.New(c)
	h.slack.Hasten(time.Second, time.Second)
	h.Fault(func(f *slackfake.Faults) { f.RefuseNext = 3 })
	h.run() // waits until it hears
}

func TestLogsTellNoSecrets(t *testing.T) {
	var log lockedBuffer
	h := newHall(t, slackfake.WorkspaceOptions{}, func(c *slack.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	h.Fault(func(f *slackfake.Faults) { f.RefuseDials = 2 })
	h.Cut(-1)
	h.hears("private words")
	h.Rename(room, "medlibs")
	h.Archive("medlibs")
	h.settled()
	h.server.Close()
	h.eventually("it is told that the connection is lost", func() bool { return strings.Count(log.String(), "connection lost") >= 4 })
	for _, want := range []string{"room archived", "room renamed", "workspace=nhs"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("got log\n%s\nwant %q in it", &log, want)
		}
	}
	h.noToken(log.String())
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
	h := newHall(t, slackfake.WorkspaceOptions{})
	if got := h.slack.Report(); !got.Receiving || got.Reconnects != 0 {
		t.Errorf("while it hears: got %+v", got)
	}
	h.settled()
	h.Disconnect(1, "warning", 100*time.Millisecond)
	h.eventually("the connection is renewed", func() bool { return h.gaps() > 0 })
	if got := h.slack.Report(); got.Reconnects != 0 {
		t.Errorf("after Slack renewed a connection: got %+v, want none lost", got)
	}
	h.settled()
	h.Fault(func(f *slackfake.Faults) { f.RefuseDials = 6 })
	h.Cut(-1)
	h.eventually("it is deaf", func() bool { return !h.slack.Report().Receiving })
	h.eventually("it hears again", func() bool { return h.slack.Report().Receiving })
	if got := h.slack.Report(); got.Reconnects < 2 {
		t.Errorf("after both connections were cut: got %+v, want two lost or more", got)
	}
}
