package announcement

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fixtures are announcements in testdata, each beside what must be made of it.
func fixtures(t testing.TB, folder string) []string {
	t.Helper()
	all, err := filepath.Glob("testdata/" + folder + "/*.expect.json")
	if err != nil || len(all) == 0 {
		t.Fatalf("got %d fixtures (%v), want some", len(all), err)
	}
	return all
}

// source is the announcement that an expectation is about.
func source(t testing.TB, expect string) []byte {
	t.Helper()
	src, err := os.ReadFile(strings.TrimSuffix(expect, ".expect.json") + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// mustRead reads an announcement that is text.
func mustRead(t testing.TB, src []byte, opts Options) Reading {
	t.Helper()
	r, err := Read(src, opts)
	if err != nil {
		t.Fatalf("got error %v from %.200q, want a reading", err, src)
	}
	return r
}

func asJSON(t testing.TB, r Reading) map[string]any {
	t.Helper()
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// readFixture reads a fixture as its expectation says that it is to be read.
func readFixture(t testing.TB, expect string) (want, got map[string]any) {
	t.Helper()
	data, err := os.ReadFile(expect)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	opts := Options{Zone: london(t)}
	if day, ok := want["published"].(string); ok {
		opts.Published = onDay(t, day)
	}
	return want, asJSON(t, mustRead(t, source(t, expect), opts))
}

// judge compares a reading with what is expected of it. Each fault is silent, or announced by a doubt about its field.
func judge(want, got map[string]any) (silent, doubted []string) {
	about := map[string]bool{}
	for _, d := range got["doubts"].([]any) {
		for _, f := range d.(map[string]any)["fields"].([]any) {
			about[f.(string)] = true
		}
	}
	fault := func(field string, w, g any) {
		text := fmt.Sprintf("%s: want %v, got %v", field, w, g)
		if about[field] || field == "instant" && (about["start"] || about["zone"] || about["date"] || about["year"]) || (field == "kind" && len(about) > 0) {
			doubted = append(doubted, text)
		} else {
			silent = append(silent, text)
		}
	}
	others, _ := want["any"].(map[string]any)
	times, _ := want["times"].([]any)
	for _, key := range []string{"kind", "title", "hashtag", "weekday", "day", "month", "year", "start", "end", "leader", "questions", "past_leader", "archive", "real_weekday", "chats", "days", "numbers", "resources", "warnings"} {
		w, asked := want[key]
		if !asked {
			continue
		}
		g := got[key]
		ok := cmp.Equal(w, g)
		if s, isText := w.(string); isText && (key == "title" || key == "hashtag") {
			gs, _ := g.(string)
			ok = strings.EqualFold(s, gs)
		}
		if more, isList := others[key].([]any); isList {
			ok = ok || slices.ContainsFunc(more, func(v any) bool {
				s, isText := v.(string)
				gs, _ := g.(string)
				return cmp.Equal(v, g) || isText && strings.EqualFold(s, gs)
			})
		}
		if key == "start" && len(times) > 0 {
			ok = ok || slices.Contains(times, g)
		}
		if !ok {
			fault(key, w, g)
		}
	}
	if instant, ok := want["instant"].(string); ok {
		g := ""
		if s, ok := got["starts"].(string); ok {
			at, _ := time.Parse(time.RFC3339, s)
			g = at.UTC().Format("2006-01-02T15:04Z")
		}
		if !strings.HasSuffix(g, instant) && !(strings.HasPrefix(instant, "T") && g == "") {
			fault("instant", instant, g)
		}
	}
	return silent, doubted
}

// Every key of an expectation must be in the reading's JSON, with that value; other keys may be.
func TestReadFixtures(t *testing.T) {
	for _, folder := range []string{"announcements", "others"} {
		for _, expect := range fixtures(t, folder) {
			t.Run(strings.TrimSuffix(filepath.Base(expect), ".expect.json"), func(t *testing.T) {
				want, got := readFixture(t, expect)
				if want["warnings"] == nil && want["warn_any"] == nil && folder == "announcements" {
					want["warnings"] = []any{}
				}
				silent, doubted := judge(want, got)
				for _, fault := range silent {
					t.Error(fault)
				}
				for _, fault := range doubted { // an honest doubt is right only where an expectation says so
					if field, _, _ := strings.Cut(fault, ":"); want["warn_any"] == nil && !slices.Contains(texts(want["doubt_ok"]), field) {
						t.Error(fault)
					}
				}
				if t.Failed() {
					t.Logf("doubts: %v", got["doubts"])
				}
			})
		}
	}
}

func texts(v any) (all []string) {
	list, _ := v.([]any)
	for _, s := range list {
		all = append(all, fmt.Sprint(s))
	}
	return all
}

// sameInstant compares times by instant and zone.
var sameInstant = cmp.Comparer(func(a, b time.Time) bool {
	return a.Equal(b) && a.Location().String() == b.Location().String()
})

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func onDay(t testing.TB, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
