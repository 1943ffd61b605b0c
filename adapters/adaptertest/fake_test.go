package adaptertest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
)

const room = "#ukmedlibs"

var amy = adapters.User{ID: "U1", Name: "Amy"}

// receive runs the adapter in the bubble until everybody sleeps, and returns what it received. A nil sink stores all.
func receive(t *testing.T, a *adaptertest.Fake, sink adapters.Sink) (received []adapters.Update) {
	t.Helper()
	if _, err := a.Join(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- a.Run(ctx, func(ctx context.Context, u adapters.Update) error {
			if sink != nil {
				if err := sink(ctx, u); err != nil {
					return err
				}
			}
			received = append(received, u)
			return nil
		})
	}()
	time.Sleep(5 * time.Second)
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run returned %v, want nil", err)
	}
	return received
}

func TestCursorOutlivesAdapters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := adaptertest.NewPlatform("nhs", room, "#other")
		for i := range 3 {
			p.SendAs(room, amy, "", fmt.Sprint("message ", i))
		}
		p.SendAs("#other", amy, "", "not joined")
		if p.AllReceived(room) {
			t.Error("Received before anybody listened: got true, want false")
		}
		calls := 0
		got := receive(t, p.Adapter(), func(context.Context, adapters.Update) error {
			if calls++; calls > 1 {
				return errors.New("disk full")
			}
			return nil
		})
		if len(got) != 1 || calls < 5 {
			t.Errorf("a sink that stores once and then fails: got %d stored of %d calls, want 1 of many", len(got), calls)
		}
		got = receive(t, p.Adapter(), nil)
		if len(got) != 2 || got[0].(*adapters.Message).Text != "message 1" {
			t.Errorf("after a restart: got %v, want messages 1 and 2", got)
		}
		if !p.AllReceived(room) || p.AllReceived("#other") {
			t.Errorf("Heard: got %v and %v, want true and, where nobody joined, false", p.AllReceived(room), p.AllReceived("#other"))
		}
	})
}

func TestFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := adaptertest.NewPlatform("nhs", room)
		a, n := p.Adapter(), 0
		post := func() (adapters.MessageID, error) {
			n++
			return a.Post(t.Context(), adapters.Post{Key: fmt.Sprint(n), Room: p.Room(room), Text: "hello"})
		}
		said := func() int { return len(p.Messages(room)) }

		p.SetFaults(func(f *adaptertest.Faults) { f.LoseNextResponses = 1 })
		_, err := post()
		if retry, ok := errors.AsType[*adapters.RetryError](err); !ok || retry.After != 0 || said() != 1 {
			t.Errorf("lost response: got %v and %d messages, want a RetryError and 1", err, said())
		}
		p.SetFaults(func(f *adaptertest.Faults) { f.RefuseNext = 1 })
		if _, err := post(); !isRetry(err) || said() != 1 {
			t.Errorf("refused: got %v and %d messages, want a RetryError and still 1", err, said())
		}
		p.SetFaults(func(f *adaptertest.Faults) { f.RateLimit = map[string]time.Duration{room: time.Minute} })
		time.Sleep(20 * time.Second)
		_, err = post()
		if retry, ok := errors.AsType[*adapters.RetryError](err); !ok || retry.After != 40*time.Second {
			t.Errorf("20 s after the last post: got %v, want a RetryError to wait 40 s", err)
		}
		time.Sleep(40 * time.Second)
		if _, err := post(); err != nil || said() != 2 {
			t.Errorf("after the wait: got %v and %d messages, want none and 2", err, said())
		}
		p.SetFaults(func(f *adaptertest.Faults) { *f = adaptertest.Faults{Broken: map[string]bool{room: true}} })
		if _, err := post(); err == nil || isRetry(err) {
			t.Errorf("broken room: got %v, want an error that won't pass", err)
		}
		p.SetFaults(func(f *adaptertest.Faults) {
			*f = adaptertest.Faults{Stuck: map[string]bool{room: true}, RequestLatency: time.Second, ResponseLatency: time.Second}
		})
		time.AfterFunc(time.Hour, func() { p.SetFaults(func(f *adaptertest.Faults) { f.Stuck = nil }) })
		start := time.Now()
		if _, err := post(); err != nil || time.Since(start) != time.Hour+time.Second {
			t.Errorf("stuck room: got %v after %v, want none after 1h0m1s", err, time.Since(start))
		}
		p.SetFaults(func(f *adaptertest.Faults) {
			*f = adaptertest.Faults{NoEdit: true, NoDelete: true, NoReact: true, NoEphemeral: true}
		})
		ref := adapters.Ref{Room: p.Room(room), ID: p.Messages(room)[0].ID}
		for name, err := range map[string]error{
			"Edit":    a.Edit(t.Context(), ref.ID, adapters.Post{Room: ref.Room, Text: "x"}),
			"Delete":  a.Delete(t.Context(), ref),
			"React":   a.React(t.Context(), ref, "👍", true),
			"Whisper": a.PostEphemeral(t.Context(), amy.ID, adapters.Post{Room: ref.Room, Text: "x"}),
		} {
			if !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("%s without the permission: got %v, want ErrUnsupported", name, err)
			}
		}
	})
}

func isRetry(err error) bool { _, ok := errors.AsType[*adapters.RetryError](err); return ok }

func TestDuplicatesAndReordering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := adaptertest.NewPlatform("nhs", room)
		p.SetFaults(func(f *adaptertest.Faults) {
			f.Seed(7)
			f.DuplicateChance, f.Reorder = 0.5, true
		})
		for i := range 30 {
			id := p.SendAs(room, amy, "", fmt.Sprint(i))
			if err := p.EditAs(room, amy, id, fmt.Sprint(i, " edited")); err != nil {
				t.Fatal(err)
			}
		}
		var last adapters.MessageID
		read, disordered := map[adapters.MessageID]string{}, false
		got := receive(t, p.Adapter(), nil)
		for _, u := range got {
			m := u.(*adapters.Message)
			disordered = disordered || m.ID < last
			last = m.ID
			read[m.ID] = m.Text
		}
		if len(got) <= 60 || len(got) >= 120 || !disordered {
			t.Errorf("60 updates: got %d deliveries, disordered %v, want some twice and disorder", len(got), disordered)
		}
		for _, m := range p.Messages(room) {
			if read[m.ID] != m.Text {
				t.Errorf("message %s: got %q last, want %q: its own updates keep their order", m.ID, read[m.ID], m.Text)
			}
		}
	})
}

func TestJournalIsSharedAndRepaired(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nhs.jsonl")
	open := func() *adaptertest.Platform {
		p, err := adaptertest.OpenPlatform(path, "nhs", room)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() })
		return p
	}
	p, q := open(), open()
	root := p.SendAs(room, amy, "", "one")
	if err := q.EditAs(room, amy, root, "two"); err != nil {
		t.Fatal(err)
	}
	if got := p.Messages(room)[0].Text; got != "two" {
		t.Errorf("an edit by another process: got %q, want %q", got, "two")
	}
	tear, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tear.WriteString(`{"n":3,"kind":"sent","te`); err != nil {
		t.Fatal(err)
	}
	if err := tear.Close(); err != nil {
		t.Fatal(err)
	}
	if id, err := q.Adapter().Post(t.Context(), adapters.Post{Key: "k", Room: p.Room(room), Thread: root, Text: "three"}); err != nil {
		t.Errorf("post after a torn line: got %v, want no error", err)
	} else if got := open().Messages(room); len(got) != 2 || got[1].ID != id || got[1].Key != "k" {
		t.Errorf("read again: got %+v, want two messages, the last %s", got, id)
	}
}

func TestMassMentionsAreDefused(t *testing.T) {
	p := adaptertest.NewPlatform("nhs", room)
	post := func(key, text string) {
		if _, err := p.Adapter().Post(t.Context(), adapters.Post{Key: key, Room: p.Room(room), Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	post("a", "@here and `@everyone`, (@Channel) @room. me@here.example https://x.example/@here")
	if got := p.MassMentions(); len(got) != 0 {
		t.Errorf("live mentions: got %v, want none", got)
	}
	const want = "@\u2060here and `@\u2060everyone`, (@\u2060Channel) @\u2060room. me@here.example https://x.example/@here"
	if got := p.Messages(room)[0].Text; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
