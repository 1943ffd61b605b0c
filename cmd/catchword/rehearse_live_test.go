package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/questions"
)

func chatOf(t *testing.T, front, body string) questions.Chat {
	t.Helper()
	c, err := questions.ParseChat("2126-12-15-health", []byte("---\ntitle: Health\nhashtag: \"#ukmedlibs\"\nstarts: 2126-12-15 20:00 Europe/London\n"+front+"---\n"+body))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCompressChat(t *testing.T) {
	const three = "## Q1\nWhy?\n\n## Q2 (10m)\nHow?\n\n- Who?\n\n## Q3\nWhen?\n"
	now := time.Date(2126, 12, 1, 15, 4, 5, 678e6, time.UTC)
	for _, test := range []struct {
		name, front, body string
		reminders         int
	}{
		{"an hour", "", three, 4},
		{"a time for each", "per_question: 8m\nlead_in: 1m\n", three, 4},
		{"no questions", "reminders: none\n", "", 0},
		{"each morning", "reminders: \"0 9 * * *\"\n", three, 5},
		{"a minute", "ends: 1m\nreminders: -10s\n", strings.Replace(three, " (10m)", "", 1), 1},
		{"a day", "ends: 1d\nrooms: nhs/#a\nhosts: nhs/U1\nseries: third Tuesday 20:00 Europe/London\n", three, 4},
	} {
		for _, speed := range []float64{1, 6, 30, maxSpeed} {
			t.Run(fmt.Sprintf("%s, %v times", test.name, speed), func(t *testing.T) {
				chat := chatOf(t, test.front, test.body)
				got := compressChat(chat, now, speed)
				stored, err := questions.ParseChat(got.Slug, questions.FormatChat(got))
				if err != nil {
					t.Fatalf("the rehearsal is no good chat: %v\n%s", err, questions.FormatChat(got))
				}
				// The store keeps its times, and it has the chat's steps, without the reminders and the posts that it
				// is too short for.
				steps, want := agendaNames(stored), agendaNames(chat)
				if !slices.Equal(steps, agendaNames(got)) {
					t.Errorf("got the stored steps %v, want %v", steps, agendaNames(got))
				}
				for _, line := range []string{"halfway", "last-call"} {
					if !slices.Contains(steps, line) {
						want = slices.DeleteFunc(want, func(s string) bool { return s == line })
					}
				}
				if !slices.Equal(steps, want) {
					t.Errorf("got the steps %v, want %v", steps, want)
				}
				reminders, last := 0, now
				for i, s := range got.Agenda() {
					if s.Kind == questions.KindReminder {
						reminders++
					}
					if first := s.At.Sub(now); i == 0 && (first < liveLeadIn || first > liveLeadIn+liveReminderGap+time.Second) {
						t.Errorf("got %s after %v, want it soon after %v", s.Name, first, liveLeadIn)
					}
					if s.At.Before(last) || i > 0 && s.Kind == questions.KindQuestion && s.At.Sub(last) < minQuestionTime {
						t.Errorf("got %s at %v, after one at %v", s.Name, s.At, last)
					}
					last = s.At
				}
				if reminders != test.reminders {
					t.Errorf("got %d reminders, want %d", reminders, test.reminders)
				}
				exact := time.Duration(float64(chat.Length()) / speed)
				least := time.Duration(len(chat.Questions)+1) * minQuestionTime
				if length := got.Length(); length < exact-3*time.Second || length > exact+3*time.Second+least {
					t.Errorf("got a length of %v, want about %v, and at most %v more", length, exact, least)
				}
				if again := compressChat(chat, now.Add(time.Second), speed); again.Slug == got.Slug || got.Slug == chat.Slug {
					t.Errorf("got the slugs %s and %s, want two different ones", got.Slug, again.Slug)
				}
			})
		}
	}
}

func agendaNames(c questions.Chat) (names []string) {
	for _, s := range c.Agenda() {
		if s.Kind != questions.KindReminder {
			names = append(names, s.Name)
		}
	}
	return names
}

func TestLiveRooms(t *testing.T) {
	configured := []bot.RoomConfig{{Name: "#a", Dedicated: true}, {Name: "b"}, {Name: "C1"}}
	for rooms, want := range map[string]string{
		"":                         "[{#a true} {b false} {C1 false}]",
		"rooms: [nhs/a, nhs/C1]\n": "[{#a true} {C1 false}]",
		"rooms: [\"nhs/#b\"]\n":    "[{b false}]",
		"rooms: [shelf/a]\n":       "[]",
	} {
		if got := fmt.Sprint(liveRooms(chatOf(t, rooms, ""), "nhs", configured)); got != want {
			t.Errorf("%q: got %s, want %s", rooms, got, want)
		}
	}
}

// TestRunChatLive runs a live rehearsal in two workspaces, with answers.
func TestRunChatLive(t *testing.T) {
	out := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		nhs, shelf := adaptertest.NewPlatform("nhs", "#ukmedlibs"), adaptertest.NewPlatform("shelf", "#chat")
		chat := chatOf(t, "reminders: [-7d, -30m]\n", "## Q1\nWhy?\n\n## Q2\nHow?\n")
		amy := adapters.User{ID: "amy", Name: "Amy Adams"}
		go onceStepPosted(t.Context(), nhs, "#ukmedlibs", "q1", func(root adapters.MessageID) {
			nhs.SendAs("#ukmedlibs", amy, root, "Because we care")
		})
		go onceStepPosted(t.Context(), shelf, "#chat", "q2", func(adapters.MessageID) {
			shelf.SendAs("#chat", amy, "", "A1 Better late than never")
		})

		var stdout, stderr strings.Builder
		r := rehearsal{out: out, live: true, speed: 30}
		connected := []bot.Workspace{
			{Name: "nhs", Adapter: nhs.Adapter(), Rooms: []bot.RoomConfig{{Name: "#ukmedlibs", Dedicated: true}}},
			{Name: "shelf", Adapter: shelf.Adapter(), Rooms: []bot.RoomConfig{{Name: "#chat"}}},
		}
		if err := r.runChatLive(t.Context(), chat, config{}, connected, &stdout, &stderr); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 2*time.Minute || took > 3*time.Minute {
			t.Errorf("the rehearsal took %v, want a little more than two minutes", took)
		}

		for _, room := range []struct {
			of   *adaptertest.Platform
			name string
		}{{nhs, "#ukmedlibs"}, {shelf, "#chat"}} {
			var steps []string
			for _, m := range room.of.Messages(room.name) {
				if !m.FromBot {
					continue
				}
				if !strings.HasPrefix(m.Text, "🎭") || !strings.Contains(m.Text, "not the chat") {
					t.Errorf("%s: got a post without a mark: %q", room.name, m.Text)
				}
				_, step, _ := strings.Cut(m.Key, "/")
				step, _, _ = strings.Cut(step, "@")
				steps = append(steps, step)
			}
			for _, want := range []string{"reminder-10s", "reminder-5s", "welcome", "introductions", "q1", "q2", "closing", "numbers"} {
				if n := len(slices.DeleteFunc(slices.Clone(steps), func(s string) bool { return s != want })); n != 1 {
					t.Errorf("%s: got %s %d times, want it once; all: %v", room.name, want, n, steps)
				}
			}
		}
		if copies := countCopies(shelf, "#chat", "Because we care"); copies != 1 {
			t.Errorf("got %d copies of the answer, want one", copies)
		}
		if copies := countCopies(nhs, "#ukmedlibs", "Better late than never"); copies != 1 {
			t.Errorf("got %d copies of the tagged answer, want one", copies)
		}
		if got := stdout.String(); !strings.Contains(got, "nhs/#ukmedlibs\n") || !strings.Contains(got, "2 answers from 2 people") {
			t.Errorf("got %s", got)
		}
		pages, err := filepath.Glob(filepath.Join(out, "archive", "2126-12-15-health-rehearsal-*", "transcript.md"))
		if err != nil || len(pages) != 1 {
			t.Fatalf("got the archives %v and error %v, want one", pages, err)
		}
		transcript, err := os.ReadFile(pages[0])
		if err != nil {
			t.Fatal(err)
		}
		first, second := strings.Index(string(transcript), "Better late than never"), strings.Index(string(transcript), "How?")
		if first < 0 || second < first {
			t.Errorf("got the tagged answer at %d and the second question at %d, want it before:\n%s", first, second, transcript)
		}
	})
}

// onceStepPosted calls do once a step was posted in a room.
func onceStepPosted(ctx context.Context, p *adaptertest.Platform, room, step string, do func(root adapters.MessageID)) {
	for {
		changed := p.Changed()
		for _, m := range p.Messages(room) {
			if strings.Contains(m.Key, "/"+step+"@") {
				do(m.ID)
				return
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

func countCopies(p *adaptertest.Platform, room, words string) (n int) {
	for _, m := range p.Messages(room) {
		if m.FromBot && m.Thread != "" && strings.Contains(m.Text, words) {
			n++
		}
	}
	return n
}

// TestRunChatLiveInterrupted checks that an interrupted rehearsal is archived.
func TestRunChatLiveInterrupted(t *testing.T) {
	out := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		nhs := adaptertest.NewPlatform("nhs", "#a")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go onceStepPosted(ctx, nhs, "#a", "q1", func(adapters.MessageID) { cancel() })
		var stdout strings.Builder
		r := rehearsal{out: out, live: true}
		connected := []bot.Workspace{{Name: "nhs", Adapter: nhs.Adapter(), Rooms: []bot.RoomConfig{{Name: "#a"}}}}
		if err := r.runChatLive(ctx, chatOf(t, "", "## Q1\nWhy?\n"), config{}, connected, &stdout, new(strings.Builder)); err != nil {
			t.Error(err)
		}
		if got := stdout.String(); !strings.Contains(got, "Ended early.") || !strings.Contains(got, "The archive is in") {
			t.Errorf("got %s", got)
		}
	})
}
