package questions

import (
	"strings"
	"testing"
	"time"
)

func TestReadDuration(t *testing.T) {
	tests := []struct {
		written string
		want    time.Duration
		again   string // as formatDuration writes it
	}{
		{"8m", 8 * time.Minute, "8m"},
		{"20s", 20 * time.Second, "20s"},
		{"1h30m", 90 * time.Minute, "1h30m"},
		{"90m", 90 * time.Minute, "1h30m"},
		{"7d", 7 * day, "7d"},
		{"1w", 7 * day, "7d"},
		{"25h", 25 * time.Hour, "25h"},
		{"1h5s", time.Hour + 5*time.Second, "1h0m5s"},
		{"0m", 0, "0s"},
	}
	for _, test := range tests {
		got, err := readDuration(test.written)
		if got != test.want || err != nil {
			t.Errorf("%s: got %v, %v, want %v", test.written, got, err, test.want)
			continue
		}
		if again := formatDuration(got); again != test.again {
			t.Errorf("%s: got %s as written again, want %s", test.written, again, test.again)
		}
	}
	for _, test := range []struct{ written, want string }{
		{"", "is not a duration"},
		{"8", "write 8m"},
		{"8 minutes", "is not a duration"},
		{"-8m", "is not a duration"},
		{"30m1h", "is not a duration"},
		{"1.5h", "is not a duration"},
		{"500d", "longer than a year"},
	} {
		if got, err := readDuration(test.written); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, %v, want an error with %q", test.written, got, err, test.want)
		}
	}
}
