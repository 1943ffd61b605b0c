package slackfake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

func (c client) fault(set func(*slackfake.Faults)) { c.Fault(set) }

// say posts in the room, and returns what came back however it is.
func (c client) rawPost(text string) (int, string, error) {
	status, header, b, err := c.tryRequest("POST", c.slack.APIURL()+"chat.postMessage", "application/x-www-form-urlencoded", c.BotToken(), "text="+text+"&channel="+c.room())
	return status, header.Get("Retry-After") + header.Get("Content-Type") + string(b), err
}

func (c client) postedTexts() (all []string) {
	for _, m := range c.Posts("ukmedlibs") {
		all = append(all, m.Text)
	}
	return all
}

func TestLostResponses(t *testing.T) {
	c := newDefaultClient(t)
	c.fault(func(f *slackfake.Faults) { f.LoseResponseNext = 1 })
	c.history()
	c.mustCall("conversations.join", "channel", c.room()) // only a post is lost
	if _, _, err := c.rawPost("lost"); err == nil {
		t.Error("a lost response: got one, want the connection broken")
	}
	c.fault(func(f *slackfake.Faults) { f.BreakResponseNext = 1 })
	if status, body, err := c.rawPost("broken"); err != nil || status != 500 || !strings.Contains(body, "text/html") {
		t.Errorf("a broken response: got %d %q %v, want 500 and HTML", status, body, err)
	}
	c.fault(func(f *slackfake.Faults) { f.RefuseNext = 1 })
	if status, body, err := c.rawPost("refused"); err != nil || status != 503 || !strings.Contains(body, "<html>") {
		t.Errorf("a refused call: got %d %q %v, want 503 and HTML", status, body, err)
	}
	c.fault(func(f *slackfake.Faults) { f.Fail = map[string]string{"chat.postMessage": "internal_error"} })
	c.wantError("internal_error", "chat.postMessage", "channel", c.room(), "text", "failed")
	c.mustCall("auth.test")
	c.fault(func(f *slackfake.Faults) { *f = slackfake.Faults{} })
	c.post("text", "said")
	if got, want := c.postedTexts(), []string{"lost", "broken", "said"}; !slices.Equal(got, want) {
		t.Errorf("stored: got %q, want %q", got, want)
	}
}

func TestChances(t *testing.T) {
	outcome := func() (all string) {
		c := newDefaultClient(t)
		c.fault(func(f *slackfake.Faults) { f.RefuseChance, f.LoseResponseChance = 0.3, 0.3; f.Seed(7) })
		for i := range 40 {
			status, _, err := c.rawPost(fmt.Sprint(i))
			all += fmt.Sprint(status, err != nil, " ")
		}
		if got := len(c.postedTexts()); got < 15 || got == 40 {
			t.Errorf("stored with chances of 0.3: got %d of 40", got)
		}
		if reads := c.history(); len(reads) == 0 {
			t.Error("history: got nothing")
		}
		return all
	}
	first, second := outcome(), outcome()
	if first != second || !strings.Contains(first, "503") || !strings.Contains(first, "0 true") {
		t.Errorf("chances with one seed: got\n%s\nand\n%s, want the same, with both faults", first, second)
	}
}

func TestRateLimits(t *testing.T) {
	c := newDefaultClient(t)
	c.AddChannel("other", false)
	c.Invite("other")
	c.slack.SetLimits(slackfake.Limits{Post: 200 * time.Millisecond, Burst: 2, Methods: map[string]int{"users.info": 60}, PerMinute: map[int]int{3: 2}})
	c.post("text", "1")
	c.post("text", "2")
	if status, body, err := c.rawPost("3"); err != nil || status != 429 || !strings.HasPrefix(body, "1application/json") || !strings.Contains(body, `"ratelimited"`) {
		t.Errorf("the third post: got %d %q %v, want 429 with Retry-After 1 and ratelimited", status, body, err)
	}
	c.mustCall("chat.postMessage", "channel", c.ChannelID("other"), "text", "another channel")
	time.Sleep(210 * time.Millisecond)
	c.post("text", "3 again")
	c.history()
	c.history()
	c.wantError("ratelimited", "conversations.history", "channel", c.room())
	c.mustCall("conversations.info", "channel", c.room()) // another method of that tier
	c.fault(func(f *slackfake.Faults) { f.LimitNext = map[string]int{"users.list": 1}; f.RetryAfter = "0" })
	status, header, _ := c.do("POST", "users.list", "", c.BotToken(), "")
	if status != 429 || header.Get("Retry-After") != "0" {
		t.Errorf("users.list: got %d with Retry-After %q, want 429 with 0", status, header.Get("Retry-After"))
	}
	c.mustCall("users.list")
}

func TestDistributedLimits(t *testing.T) {
	c := newClient(t, slackfake.Options{Limits: slackfake.SlackLimits()}, slackfake.WorkspaceOptions{Distributed: true})
	c.history()
	_, header, _ := c.do("POST", "conversations.history", "application/x-www-form-urlencoded", c.BotToken(), "channel="+c.room())
	if got := header.Get("Retry-After"); got != "60" {
		t.Errorf("the second history in a minute: got Retry-After %q, want 60", got)
	}
	c.mustCall("conversations.replies", "channel", c.room(), "ts", c.post("text", "x"))
}

func TestEventBeforeResponse(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	c.fault(func(f *slackfake.Faults) { f.EventFirstChance, f.EventFirstWait = 1, 5*time.Second })
	posted := make(chan string)
	go func() {
		_, _, _ = c.rawPost("hello")
		posted <- "posted"
	}()
	e := l.next()
	select {
	case <-posted:
		t.Fatal("the response came before the echo was acknowledged")
	case <-time.After(30 * time.Millisecond):
	}
	l.ack(e, "")
	<-posted
	c.fault(func(f *slackfake.Faults) { f.EventFirstChance, f.ResponseLatency = 0, 40*time.Millisecond })
	start := time.Now()
	c.post("text", "slow")
	if took := time.Since(start); took < 40*time.Millisecond {
		t.Errorf("a slow answer took %v, want 40ms", took)
	}
}

func TestEventFaults(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	amy := c.Person("Amy")
	c.fault(func(f *slackfake.Faults) { f.DuplicateChance = 1 })
	amy.Say("ukmedlibs", "twice")
	first, second := l.next(), l.next()
	if a, b := first["payload"].(obj)["event_id"], second["payload"].(obj)["event_id"]; a != b {
		t.Errorf("a duplicate: got events %v and %v, want one", a, b)
	}
	l.ack(second, "")
	c.fault(func(f *slackfake.Faults) { *f = slackfake.Faults{DropChance: 1} })
	amy.Say("ukmedlibs", "never")
	c.fault(func(f *slackfake.Faults) { *f = slackfake.Faults{EventJitter: 20 * time.Millisecond} })
	var want, got []string
	for i := range 20 {
		want = append(want, fmt.Sprint(i))
		amy.Say("ukmedlibs", want[i])
	}
	for range want {
		got = append(got, l.event()["text"].(string))
	}
	ordered := slices.Equal(got, want)
	slices.Sort(got)
	slices.Sort(want)
	if ordered || !slices.Equal(got, want) {
		t.Errorf("disorder: got %q, ordered %v, want all of them, and not in order", got, ordered)
	}
}
