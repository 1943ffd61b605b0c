package bot

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
)

// An eventLog keeps the events of a chat.
type eventLog struct {
	mu  sync.Mutex
	all []Event
}

func (l *eventLog) observe(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, e)
}

// durations lists how long the events of a kind took.
func (l *eventLog) durations(kind EventKind, workspace, of string) (took []time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.all {
		if e.Kind == kind && e.Workspace == workspace && e.Detail == of {
			took = append(took, e.Duration)
		}
	}
	return took
}

func TestEvents(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		var events eventLog
		n.opts.Observe = events.observe
		n.platforms["public"].SetFaults(func(f *adaptertest.Faults) {
			f.RequestLatency = 2 * time.Second
			f.RateLimit = map[string]time.Duration{"#chat": 30 * time.Second}
		})
		n.run()
		n.schedule(testChat())
		n.at(7 * time.Minute)
		n.send("nhs", "Ann", "## Q1", "in the thread")
		n.send("nhs", "Bob", "", "while it is live")
		n.at(8 * time.Minute)
		n.at(59 * time.Minute)
		for what, test := range map[string]struct {
			got  []time.Duration
			want int
			most time.Duration
		}{
			"questions in nhs":            {events.durations(PostSent, "nhs", "question"), 5, 0},
			"questions in public":         {events.durations(PostSent, "public", "question"), 5, 3 * time.Second},
			"welcomes":                    {events.durations(PostSent, "nhs", "welcome"), 1, 0},
			"copies":                      {events.durations(PostSent, "public", "relay"), 2, time.Minute},
			"copies where they were said": {events.durations(PostSent, "nhs", "relay"), 0, 0},
			"copies after a limit":        {events.durations(PostDelayed, "public", "relay"), 1, 30 * time.Second},
			"answers in a thread":         {events.durations(AnswerFiled, "nhs", "thread"), 1, 0},
			"live answers":                {events.durations(AnswerFiled, "nhs", "live"), 1, 0},
			"updates":                     {events.durations(UpdateStored, "nhs", ""), 2, 0},
			"history read":                {events.durations(GapFilled, "nhs", ""), 1, 0},
		} {
			if len(test.got) != test.want {
				t.Errorf("%s: got %v, want %d", what, test.got, test.want)
			}
			for _, took := range test.got {
				if took < 0 || took > test.most {
					t.Errorf("%s: got %v, want %v at most", what, test.got, test.most)
				}
			}
		}
		if lag := events.durations(PostSent, "public", "relay"); lag[0] < 2*time.Second || lag[1] < 20*time.Second {
			t.Errorf("got copies after %v, want the platform's delay, and then its limit, in them", lag)
		}
		n.platforms["public"].SetFaults(func(f *adaptertest.Faults) { f.Broken = map[string]bool{"#chat": true} })
		n.at(time.Hour)
		if got := events.durations(PostFailed, "public", "closing"); len(got) != 1 {
			t.Errorf("got %v closings failed, want one", got)
		}
	})
}

func TestMissedRemindersAreEvents(t *testing.T) {
	inBubble(t, []string{"nhs"}, func(n *harness) {
		var events eventLog
		n.opts.Observe = events.observe
		n.run()
		n.schedule(testChat())
		n.stop()
		n.at(time.Minute)
		n.run()
		n.settle()
		if got := events.durations(ReminderMissed, "nhs", "reminder"); len(got) < 3 {
			t.Errorf("got %d reminders missed, want all", len(got))
		}
		if got := events.durations(PostSent, "nhs", "welcome"); len(got) != 1 || got[0] < time.Minute {
			t.Errorf("got welcomes late by %v, want one by a minute", got)
		}
	})
}

func TestStatus(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		n.run()
		for _, got := range n.bot.Status() {
			if !got.Ready() || len(got.Rooms) != 1 || !got.Rooms[0].Joined {
				t.Errorf("got %+v, want it ready", got)
			}
		}
		n.stop()
		for _, got := range n.bot.Status() {
			if got.Ready() || got.Receiving {
				t.Errorf("got %+v after the end, want it not ready", got)
			}
		}
	})
}

func TestStatusOfMissingRoom(t *testing.T) {
	inBubble(t, nil, func(n *harness) {
		n.platforms["nhs"] = adaptertest.NewPlatform("nhs", "#other")
		n.run()
		got := n.bot.Status()[0]
		if got.Ready() || !got.Receiving || len(got.Rooms) != 1 || got.Rooms[0].Joined || got.Rooms[0].Err == nil || !strings.Contains(got.Rooms[0].Err.Error(), "#chat") {
			t.Errorf("got %+v, want it not ready, because #chat is missing", got)
		}
	})
}

// TestAnswersAreCountedOnce has storing an answer fail at the end, so that the answer is received again.
func TestAnswersAreCountedOnce(t *testing.T) {
	inBubble(t, []string{"nhs", "public"}, func(n *harness) {
		var events eventLog
		n.opts.Observe = events.observe
		n.run()
		n.schedule(testChat())
		n.at(7 * time.Minute)
		ws := workspaceNamed(n.bot, "nhs")
		received := &adapters.Message{
			Ref: adapters.Ref{Room: n.platforms["nhs"].Room("#chat"), ID: "m1"}, Thread: n.find("nhs", "## Q1").ID,
			Author: person("Ann"), Text: "an answer", At: time.Now(),
		}
		full := errors.New("disk full")
		for range 3 {
			if err := n.db.Transact(n.Context(), func(ctx context.Context) error {
				return errors.Join(n.bot.sink(ws)(ctx, received), full)
			}); !errors.Is(err, full) {
				t.Fatalf("got error %v, want %v", err, full)
			}
		}
		if got := events.durations(AnswerFiled, "nhs", "thread"); len(got) != 0 || len(n.answers()) != 0 {
			t.Errorf("got %d answers counted and %d stored while storing fails, want none", len(got), len(n.answers()))
		}
		for range 2 {
			if err := n.bot.sink(ws)(n.Context(), received); err != nil {
				t.Fatal(err)
			}
		}
		if got := events.durations(AnswerFiled, "nhs", "thread"); len(got) != 1 || len(n.answers()) != 1 {
			t.Errorf("got %d answers counted and %d stored, want one", len(got), len(n.answers()))
		}
	})
}
