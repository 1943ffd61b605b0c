package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/questions"
)

func TestSavePages(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	read := func() []questions.Page {
		t.Helper()
		tr, ok, err := db.Transcript(ctx, "c")
		if err != nil || !ok {
			t.Fatalf("got no transcript: %v", err)
		}
		return tr.Pages
	}
	divide := func(pages ...questions.Page) {
		t.Helper()
		tr, _, err := db.Transcript(ctx, "c")
		must(t, err)
		must(t, tr.SavePages(ctx, pages))
	}
	if got := read(); got != nil {
		t.Errorf("got %+v before anything was archived, want none", got)
	}
	later := noon.Add(time.Minute)
	first := []questions.Page{{Last: later}, {View: "q1", Last: noon}, {View: "q1", From: later, Last: later}}
	divide(first...)
	if got := read(); !cmp.Equal(got, first) {
		t.Errorf("got %+v, want %+v", got, first)
	}
	second := []questions.Page{{Last: noon}, {View: "q1"}, {View: "q1", From: later, Last: later.Add(time.Second)}, {View: "q2", Last: noon}}
	want := []questions.Page{first[0], first[1], second[2], second[3]}
	divide(second...)
	if got := read(); !cmp.Equal(got, want) {
		t.Errorf("got %+v, want the latest time of each: %+v", got, want)
	}
	tr, _, err := db.Transcript(ctx, "c")
	must(t, err)
	if err := tr.SavePages(ctx, append(first, questions.Page{View: "q1", From: noon})); err == nil {
		t.Error("got no error for pages that don't know of q2's, want one")
	}
	if got := read(); !cmp.Equal(got, want) {
		t.Errorf("after that: got %+v, want %+v as before", got, want)
	}
}
