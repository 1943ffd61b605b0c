package announcement

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/questions"
)

// FuzzRead holds for any bytes: no panic, a role for every line, evidence that is really there, the same reading twice,
// JSON that can be written, and a chat whose file can be read again.
func FuzzRead(f *testing.F) {
	texts, err := filepath.Glob("testdata/announcements/*.txt")
	if err != nil || len(texts) == 0 {
		f.Fatalf("got %d announcements (%v), want some", len(texts), err)
	}
	for _, name := range texts {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	opts := Options{Zone: london(f), Today: time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<14 {
			return // slow inputs have a test of their own
		}
		checkReading(t, src, opts)
	})
}

func checkReading(t *testing.T, src []byte, opts Options) {
	t.Helper()
	r, err := Read(src, opts)
	if err != nil {
		return
	}
	checkLines(t, src, r)
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatalf("got error %v from %q, want JSON", err, src)
	}
	second, _ := Read(src, opts)
	again, err := json.Marshal(second)
	if err != nil || !bytes.Equal(got, again) {
		t.Errorf("got %s and then %s (%v) from %q, want the same twice", got, again, err, src)
	}
	for _, d := range r.Doubts {
		if d.What == "" || d.Remedy == "" {
			t.Errorf("got doubt %+v from %q, want a sentence and a remedy", d, src)
		}
	}
	chat, err := r.Chat()
	if err != nil {
		if len(r.Contradictions()) == 0 {
			t.Errorf("got error %q and no contradiction from %q, want one that says why", err, src)
		}
		return
	}
	file := questions.FormatChat(chat)
	if _, err := questions.ParseChat(chat.Slug, file); err != nil {
		t.Errorf("got faults %v in the chat file made of %q, want none:\n%s", err, src, file)
	}
}

// checkLines holds that every line has one role, in order, and that whatever was found stands on one of them.
func checkLines(t *testing.T, src []byte, r Reading) {
	t.Helper()
	said := map[int]string{}
	last := 0
	for _, l := range r.Lines {
		if l.N <= last || l.Role == "" {
			t.Errorf("got line %+v after line %d of %q, want each once, in order, with a role", l, last, src)
		}
		last, said[l.N] = l.N, l.Text
	}
	check := func(name string, e Evidence) {
		if e.Line < 0 {
			return
		}
		if _, ok := said[e.Line]; !ok {
			t.Errorf("%s: got line %d of %q, want one that was read", name, e.Line, src)
		}
	}
	for name, e := range r.evidence() {
		check(name, e)
	}
	for _, q := range r.Questions {
		check(questions.Label(q.N), Evidence{Line: q.Line})
	}
	for _, p := range r.Introduction {
		check("introduction", Evidence{Line: p.Line})
	}
	for _, d := range r.Doubts {
		if d.Line != 0 {
			check(string(d.Code), Evidence{Line: d.Line})
		}
	}
}

// A megabyte of anything is read in about a second on an idle machine, so that nobody's paste hangs the command.
func TestReadHostile(t *testing.T) {
	const size = 1 << 20
	fill := func(s string) []byte { return []byte(strings.Repeat(s, size/len(s)+1)[:size]) }
	seed := uint64(2015)
	random := rand.New(rand.NewPCG(seed, seed))
	noise := make([]byte, size)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	for name, src := range map[string][]byte{
		"words":    fill("Tuesday 18 August at 8pm led by Holly Case. "),
		"brackets": fill("[](http://a)["),
		"lists":    fill("<ul><li>a"),
		"commas":   fill("led by Holly Case, "),
		"clocks":   fill("8pm-9pm and "),
		"noise":    noise,
		"tags":     fill("<div><p>8pm "),
		"zones":    fill("8pm Foo Bar time "),
		"quotes":   fill("> > Subject: a\n"),
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			if _, err := Read(src, Options{}); err != nil {
				t.Fatal(err)
			}
			took := time.Since(began)
			t.Logf("%s: %v", name, took)
			if limit := time.Minute; took > limit { // what is not linear takes hours; machines that run tests are busy
				t.Errorf("got %v for a megabyte, want less than %v (seed %d)", took, limit, seed)
			}
		})
	}
}
