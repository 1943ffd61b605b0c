package questions

import (
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"
)

var _ cron.Schedule = Series{}

func TestParseSeries(t *testing.T) {
	tests := []struct {
		written string
		want    string // as String writes it
	}{
		{"third Tuesday 20:00 Europe/London", "third Tuesday 20:00 Europe/London"},
		{"Third tue 9:05 UTC", "third Tuesday 09:05 UTC"},
		{"1st Wed 12:30 America/New_York", "first Wednesday 12:30 America/New_York"},
		{"the last Thursday of the month at 20:00 Europe/London", "last Thursday 20:00 Europe/London"},
		{"fifth Sunday 00:00 Asia/Kolkata", "fifth Sunday 00:00 Asia/Kolkata"},
		{"every Thurs 20:00 Europe/London", "every Thursday 20:00 Europe/London"},
	}
	for _, test := range tests {
		s, err := ParseSeries(test.written)
		if err != nil {
			t.Errorf("%s: %v", test.written, err)
			continue
		}
		if got := s.String(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.written, got, test.want)
		}
		if again, err := ParseSeries(s.String()); again != s || err != nil {
			t.Errorf("%s: from its own String got %+v (%v), want %+v", test.written, again, err, s)
		}
	}
}

func TestParseSeriesFaults(t *testing.T) {
	tests := []struct{ written, want string }{
		{"", "can't read the series"},
		{"third Tuesday 20:00", "can't read the series"},
		{"sixth Tuesday 20:00 Europe/London", "is not a week of the month"},
		{"third Tueday 20:00 Europe/London", "did you mean Tuesday?"},
		{"third Tu 20:00 Europe/London", "is not a weekday"},
		{"third Tuesday 8pm Europe/London", "is not a time of day"},
		{"third Tuesday 24:00 Europe/London", "is not a time of day"},
		{"third Tuesday 20:00 BST", "write Europe/London"},
		{"third Tuesday 20:00 London", "did you mean Europe/London?"},
	}
	for _, test := range tests {
		if s, err := ParseSeries(test.written); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, %v, want an error with %q", test.written, s, err, test.want)
		}
	}
}

func TestSeriesNext(t *testing.T) {
	tests := []struct {
		rule, after string
		want        string // the next times, RFC 3339
	}{
		{"third Tuesday 20:00 Europe/London", "2026-01-01T00:00:00Z", `2026-01-20T20:00:00Z 2026-02-17T20:00:00Z 2026-03-17T20:00:00Z
			2026-04-21T20:00:00+01:00 2026-05-19T20:00:00+01:00 2026-06-16T20:00:00+01:00 2026-07-21T20:00:00+01:00 2026-08-18T20:00:00+01:00
			2026-09-15T20:00:00+01:00 2026-10-20T20:00:00+01:00 2026-11-17T20:00:00Z 2026-12-15T20:00:00Z 2027-01-19T20:00:00Z`},
		{"third Tuesday 20:00 Europe/London", "2026-12-15T20:00:00Z", "2027-01-19T20:00:00Z"},
		{"third Tuesday 20:00 Europe/London", "2026-12-15T19:59:59Z", "2026-12-15T20:00:00Z"},
		{"first Monday 12:00 Europe/London", "2026-06-01T10:59:00Z", "2026-06-01T12:00:00+01:00 2026-07-06T12:00:00+01:00"},
		{"last Thursday 20:00 Europe/London", "2026-01-01T00:00:00Z", "2026-01-29T20:00:00Z 2026-02-26T20:00:00Z 2026-03-26T20:00:00Z 2026-04-30T20:00:00+01:00"},
		{"last Saturday 20:00 UTC", "2028-02-01T00:00:00Z", "2028-02-26T20:00:00Z"},
		{"fifth Tuesday 20:00 Europe/London", "2026-01-01T00:00:00Z", "2026-03-31T20:00:00+01:00 2026-06-30T20:00:00+01:00 2026-09-29T20:00:00+01:00 2026-12-29T20:00:00Z 2027-03-30T20:00:00+01:00"},
		{"every Thursday 20:00 Europe/London", "2026-10-15T00:00:00Z", "2026-10-15T20:00:00+01:00 2026-10-22T20:00:00+01:00 2026-10-29T20:00:00Z"},
		// 01:30 on 29 March does not exist, and comes twice on 25 October.
		{"last Sunday 01:30 Europe/London", "2026-03-01T00:00:00Z", "2026-03-29T02:30:00+01:00 2026-04-26T01:30:00+01:00"},
		{"fourth Sunday 01:30 Europe/London", "2026-10-01T00:00:00Z", "2026-10-25T01:30:00+01:00 2026-11-22T01:30:00Z"},
		{"fourth Sunday 01:30 Europe/London", "2026-10-25T00:45:00Z", "2026-11-22T01:30:00Z"},
		{"second Sunday 02:30 America/New_York", "2026-03-01T00:00:00Z", "2026-03-08T03:30:00-04:00 2026-04-12T02:30:00-04:00"},
		{"first Sunday 02:00 Australia/Lord_Howe", "2026-10-01T00:00:00Z", "2026-10-04T02:30:00+11:00 2026-11-01T02:00:00+11:00"},
		// Samoa skipped 30 December 2011, a Friday; the last one moves with the clocks.
		{"last Friday 20:00 Pacific/Apia", "2011-12-20T00:00:00Z", "2011-12-31T20:00:00+14:00 2012-01-27T20:00:00+14:00"},
		{"first Thursday 00:00 Pacific/Auckland", "2026-12-31T11:30:00Z", "2027-01-07T00:00:00+13:00"},
	}
	for _, test := range tests {
		s, err := ParseSeries(test.rule)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, test.after)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range strings.Fields(test.want) {
			at = s.Next(at)
			if got := at.Format(time.RFC3339); got != want {
				t.Errorf("%s after %s: got %s, want %s", test.rule, test.after, got, want)
				break
			}
			if !s.Includes(at) {
				t.Errorf("%s: got Includes false at its own time %s", test.rule, at)
			}
		}
	}
	if got := (Series{}).Next(time.Now()); !got.IsZero() {
		t.Errorf("zero series: got %v, want the zero time", got)
	}
	if (Series{}).Includes(time.Time{}) {
		t.Error("zero series: got Includes true at the zero time, want false")
	}
}

// TestSeriesNextProperties checks any rule in any year: the next time is later, on the right day, at the right local
// time unless the clocks skipped it, and no earlier time was missed.
func TestSeriesNextProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"}).Draw(t, "zone")
		s := Series{
			rapid.SampledFrom([]int{LastOfMonth, 0, 1, 2, 3, 4, 5}).Draw(t, "nth"), time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")),
			rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"), zone,
		}
		after := time.Unix(int64(rapid.IntRange(1_000_000_000, 3_000_000_000).Draw(t, "after")), 0)
		next := s.Next(after)
		if !next.After(after) || next.Sub(after) > 130*day {
			t.Fatalf("%s after %s: got %s, want a later time, soon", s, after.UTC(), next)
		}
		if next.Weekday() != s.Weekday || next.Second() != 0 {
			t.Fatalf("%s after %s: got %s", s, after.UTC(), next)
		}
		if got := s.Next(after.Add(next.Sub(after) / 2)); !got.Equal(next) {
			t.Fatalf("%s: got %s from halfway to %s", s, got, next)
		}
		if next.Hour() != s.Hour || next.Minute() != s.Minute {
			wall := time.Date(next.Year(), next.Month(), next.Day(), s.Hour, s.Minute, 0, 0, time.UTC)
			if len(wallTime(wall).in(next.Location())) != 0 {
				t.Fatalf("%s after %s: got %s", s, after.UTC(), next)
			}
		}
	})
}
