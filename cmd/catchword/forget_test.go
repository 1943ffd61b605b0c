package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/questions"
)

func TestForgetCommand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catchword.db")
	t.Setenv("CATCHWORD_DATABASE", "sqlite:"+path)
	t.Setenv("CATCHWORD_ARCHIVE", t.TempDir())
	forget := func(want int, typed string, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if got := run(t.Context(), append([]string{"forget"}, args...), strings.NewReader(typed), &out, &out); got != want {
			t.Errorf("got status %d of forget %v, want %d:\n%s", got, args, want, out.String())
		}
		return out.String()
	}
	if out := forget(1, "", "nhs", "U1"); !strings.Contains(out, "there is no database") {
		t.Errorf("got %q without a database", out)
	}
	db, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 15, 20, 0, 0, 0, time.UTC)
	_, err = db.SaveChat(t.Context(), questions.Chat{Slug: "c", Title: "C", Starts: at, Ends: at.Add(time.Hour)})
	if err == nil {
		_, err = db.AddAnswer(t.Context(), store.Answer{
			Target: store.Target{Workspace: "nhs", Room: "C1"}, Message: "m1", Chat: "c", Step: "welcome", Section: questions.Introductions,
			Author: adapters.User{ID: "U1", Name: "Xanthippe"}, Text: "quicksilver", At: at,
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if out := forget(1, "", "nhs", "Xanthippe"); !strings.Contains(out, "nothing is stored of Xanthippe") {
		t.Errorf("got %q for a name, want told that it is no ID", out)
	}
	if out := forget(1, "no\n", "nhs", "U1"); !strings.Contains(out, "1 answer of U1") || !strings.Contains(out, "Nothing was erased") {
		t.Errorf("got %q, want asked and nothing erased", out)
	}
	if out := forget(0, "yes\n", "nhs", "U1"); !strings.Contains(out, "erased: 1 answer in 1 chat") {
		t.Errorf("got %q, want it erased", out)
	}
	for _, file := range []string{path, path + "-wal"} {
		words, err := os.ReadFile(file)
		if err != nil && file == path {
			t.Fatal(err)
		}
		if bytes.Contains(words, []byte("quicksilver")) || bytes.Contains(words, []byte("Xanthippe")) {
			t.Errorf("got the person in %s", file)
		}
	}
	forget(1, "", "nhs", "U1", "--yes")
}
