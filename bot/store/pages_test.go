package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/questions"
)

func TestPagesAreKept(t *testing.T) {
	db, ctx := withChat(t), t.Context()
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
		must(t, tr.Divide(ctx, pages))
	}
	if got := read(); got != nil {
		t.Errorf("got %+v before anything was archived, want none", got)
	}
	later := noon.Add(time.Minute)
	divide(questions.Page{Last: later}, questions.Page{View: "q1", From: later, Last: later}, questions.Page{View: "q1", Last: noon})
	divide(questions.Page{Last: noon}, questions.Page{View: "q1", From: later, Last: later.Add(time.Second)})
	want := []questions.Page{{Last: later}, {View: "q1", Last: noon}, {View: "q1", From: later, Last: later.Add(time.Second)}}
	if got := read(); !cmp.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
