package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/questions"
)

// A snapshot shows one moment, in any order and however often it is read, while others or its own reader write.
// Afterwards, the current state is visible again.
func TestSnapshot(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	say := func(from, to int) {
		t.Helper()
		must(t, db.Transact(ctx, func(ctx context.Context) error {
			for i := from; i < to; i++ {
				if _, err := db.AddAnswer(ctx, newAnswer(fmt.Sprintf("%05d", i), 1, noon.Add(time.Duration(i)*time.Second))); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	const many = answersPerQuery + 10
	say(0, many)
	must(t, db.Snapshot(ctx, func(ctx context.Context) error {
		tr, ok, err := db.Transcript(ctx, "c")
		if err != nil || !ok {
			t.Fatalf("got %v, %v, want a transcript", ok, err)
		}
		before, _, err := db.ChangeCounts(ctx, "c")
		must(t, err)
		for reading, order := range []questions.Order{questions.OrderByTime, questions.OrderBySection, questions.OrderByTime} {
			n := 0
			for a, err := range tr.Answers(ctx, order) {
				must(t, err)
				if n == 3 {
					say(many+10*reading, many+10*reading+10)
				}
				if want := fmt.Sprintf("text %05d", n); a.Text != want {
					t.Fatalf("reading %d: got %q, want %q", reading+1, a.Text, want)
				}
				n++
			}
			if n != many {
				t.Errorf("reading %d: got %d answers, want the %d that there were", reading+1, n, many)
			}
		}
		must(t, tr.SavePages(ctx, []questions.Page{{Last: noon}}))
		if after, _, err := db.ChangeCounts(ctx, "c"); after != before || err != nil {
			t.Errorf("got %d changes, %v, want %d as before", after, err, before)
		}
		return nil
	}))
	if got := mustTranscript(t, db, questions.OrderByTime); len(got) != many+30 {
		t.Errorf("got %d answers afterwards, want %d", len(got), many+30)
	}
	tr, _, err := db.Transcript(ctx, "c")
	must(t, err)
	if want := []questions.Page{{Last: noon}}; !cmp.Equal(tr.Pages, want) {
		t.Errorf("got the pages %v, want what the snapshot's reader wrote, %v", tr.Pages, want)
	}
}

// A snapshot's connections work for others afterwards, however the snapshot ended.
func TestSnapshotReleasesConnections(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	broken := errors.New("broken")
	for range 3 * maxReaders {
		if err := db.Snapshot(ctx, func(ctx context.Context) error {
			if _, _, err := db.Chat(ctx, "c"); err != nil {
				return err
			}
			return broken
		}); !errors.Is(err, broken) {
			t.Fatalf("got %v, want %v", err, broken)
		}
		done, cancel := context.WithCancel(ctx)
		if err := db.Snapshot(done, func(ctx context.Context) error {
			if _, _, err := db.Chat(ctx, "c"); err != nil {
				return err
			}
			cancel()
			_, _, err := db.Chat(ctx, "c")
			return err
		}); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want %v", err, context.Canceled)
		}
		if err := db.Snapshot(done, func(context.Context) error { return broken }); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v from a snapshot that can't begin, want %v", err, context.Canceled)
		}
	}
	_, err := db.AddAnswer(ctx, newAnswer("1", 1, noon))
	must(t, err)
	for range 3 * maxReaders {
		if got := mustTranscript(t, db, questions.OrderByTime); len(got) != 1 {
			t.Fatalf("got %d answers, want the one that came after the snapshots", len(got))
		}
	}
}
