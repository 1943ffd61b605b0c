package announcement

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fixtures are the announcements in testdata, each beside what must be made of it.
func fixtures(t testing.TB) []string {
	t.Helper()
	all, err := filepath.Glob("testdata/announcements/*.expect.json")
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

// Every key of an expectation must be in the reading's JSON, with that value; other keys may be.
func TestParseAnnouncementFixtures(t *testing.T) {
	for _, expect := range fixtures(t) {
		t.Run(strings.TrimSuffix(filepath.Base(expect), ".expect.json"), func(t *testing.T) {
			data, err := os.ReadFile(expect)
			if err != nil {
				t.Fatal(err)
			}
			var want map[string]any
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			opts := ReadOptions{Zone: london(t)}
			if day, ok := want["published"].(string); ok {
				if opts.Published, err = time.Parse(time.DateOnly, day); err != nil {
					t.Fatal(err)
				}
			}
			delete(want, "published")
			delete(want, "notes")
			got := asJSON(t, ParseAnnouncement(source(t, expect), opts))
			if want["warnings"] == nil {
				want["warnings"] = []any{}
			}
			for key, value := range want {
				g := got[key]
				if diff := cmp.Diff(value, g); diff != "" {
					t.Errorf("%s: got (+) and want (-) differ:\n%s", key, diff)
				}
			}
			if t.Failed() {
				t.Logf("doubts: %v", got["doubts"])
			}
		})
	}
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
