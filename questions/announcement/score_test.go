package announcement

import (
	"flag"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var score = flag.String("score", "", "print how a folder of testdata, or any other, is read, field by field")

// TestScore measures, and fails at nothing: go test ./questions/announcement -run TestScore -v -score heldout.
func TestScore(t *testing.T) {
	if *score == "" {
		t.Skip("no -score")
	}
	folder := *score
	silentBy, doubtedBy, fields := map[string]int{}, map[string]int{}, map[string]int{}
	right, files, blocked := 0, 0, 0
	for _, expect := range fixtures(t, folder) {
		want, got := readFixture(t, expect)
		silent, doubted := judge(want, got)
		for field := range want {
			if !slices.Contains([]string{"notes", "any", "times", "family", "published", "warn_any", "doubt_ok"}, field) {
				fields[field]++
			}
		}
		for _, f := range silent {
			silentBy[strings.Split(f, ":")[0]]++
		}
		for _, f := range doubted {
			doubtedBy[strings.Split(f, ":")[0]]++
		}
		var codes []string
		for _, d := range got["doubts"].([]any) {
			codes = append(codes, d.(map[string]any)["code"].(string))
			if d.(map[string]any)["contradiction"] == true {
				blocked++
			}
		}
		files++
		if len(silent)+len(doubted) == 0 {
			right++
		}
		t.Logf("%s %v", filepath.Base(expect), codes)
		for _, f := range silent {
			t.Logf("    SILENT %s", f)
		}
		for _, f := range doubted {
			t.Logf("    doubted %s", f)
		}
	}
	t.Logf("%d of %d right in all fields, %d contradictions", right, files, blocked)
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		t.Logf("%-12s %3d right, %2d doubted, %2d silently wrong", field, fields[field]-silentBy[field]-doubtedBy[field], doubtedBy[field], silentBy[field])
	}
}
