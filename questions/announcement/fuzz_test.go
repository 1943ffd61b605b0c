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

// FuzzParseAnnouncement holds for any bytes: no panic, evidence that is really there, the same reading twice, JSON that
// can be written, and a chat whose file can be read again.
func FuzzParseAnnouncement(f *testing.F) {
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
	opts := ReadOptions{Zone: london(f), Today: time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<14 {
			return // slow inputs have a test of their own
		}
		checkReading(t, src, opts)
	})
}

func checkReading(t *testing.T, src []byte, opts ReadOptions) {
	t.Helper()
	r := ParseAnnouncement(src, opts)
	checkEvidence(t, src, r)
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatalf("got error %v from %q, want JSON", err, src)
	}
	again, err := json.Marshal(ParseAnnouncement(src, opts))
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

// checkEvidence holds that each line exists, and that the quoted words begin on it and go on from there.
func checkEvidence(t *testing.T, src []byte, r Reading) {
	t.Helper()
	text := strings.ReplaceAll(strings.ReplaceAll(string(src), "\r\n", "\n"), "\r", "\n")
	last := strings.Count(text, "\n") + 1
	lines, _ := readLines(src)
	check := func(name string, e Evidence) {
		if e.Line < 1 || e.Line > last {
			t.Errorf("%s: got line %d of %q, want one from 1 to %d", name, e.Line, src, last)
			return
		}
		at, rest := "", ""
		for _, l := range lines {
			if l.n == e.Line {
				at += " " + l.text
			}
			if l.n >= e.Line {
				rest += " " + l.text
			}
		}
		for i, word := range strings.Fields(e.Words) {
			if i == 0 && !strings.Contains(at, word) {
				t.Errorf("%s: got %q on line %d, which reads %q, of %q", name, e.Words, e.Line, at, src)
			}
			if !strings.Contains(rest, word) {
				t.Errorf("%s: got %q from line %d on, want %q among %q", name, e.Words, e.Line, word, rest)
			}
		}
	}
	for name, e := range r.evidence() {
		check(name, e)
	}
	for _, q := range r.Questions {
		check(questions.Label(q.N), Evidence{Line: q.Line})
	}
	for _, d := range r.Doubts {
		if d.Line != 0 {
			check(string(d.Code), Evidence{Line: d.Line})
		}
	}
}

// A megabyte of anything is read in about a second on an idle machine, so that nobody's paste hangs the command.
func TestParseAnnouncementHostile(t *testing.T) {
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
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			ParseAnnouncement(src, ReadOptions{})
			took := time.Since(began)
			t.Logf("%s: %v", name, took)
			if limit := time.Minute; took > limit { // what is not linear takes hours; machines that run tests are busy
				t.Errorf("got %v for a megabyte, want less than %v (seed %d)", took, limit, seed)
			}
		})
	}
}
