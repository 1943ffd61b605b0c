package store

import (
	"testing"
	"time"
)

func TestOptOut(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	at := func(m int) time.Time { return noon.Add(time.Duration(m) * time.Minute) }
	choose := func(out bool, m int, want bool) {
		t.Helper()
		do := db.OptIn
		if out {
			do = db.OptOut
		}
		if changed, err := do(ctx, "nhs", "ann", at(m)); err != nil || changed != want {
			t.Errorf("got %v, %v of a choice (out: %v) at minute %d, want %v", changed, err, out, m, want)
		}
	}
	absent := func(who string, when time.Time, want bool) {
		t.Helper()
		if got, err := db.WasOptedOut(ctx, "nhs", "ann", when); err != nil || got != want {
			t.Errorf("got %v, %v of %s at %v, want %v", got, err, who, when, want)
		}
	}
	choose(false, 5, false)
	choose(true, 10, true)
	choose(true, 10, false) // again
	choose(false, 5, false) // an older choice
	absent("who keeps out", at(1), true)
	choose(false, 20, true)
	for m, want := range map[int]bool{1: false, 10: true, 15: true, 20: false, 30: false} {
		absent("who was away from 10 to 20", at(m), want)
	}
	absent("who has ever kept out, with no time", time.Time{}, true)
	choose(true, 10, false) // the old choice, read again
	choose(true, 15, false)
	choose(true, 40, true)
	choose(false, 20, false)
	absent("who keeps out again", at(30), true)
	if absent, err := db.WasOptedOut(ctx, "other", "ann", at(15)); absent || err != nil {
		t.Errorf("got %v, %v in another workspace, want false", absent, err)
	}
}
