package questions

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// LastOfMonth is the Nth of a series such as "last Thursday 20:00 Europe/London".
const LastOfMonth = -1

// A Series is the rule that a chat's dates follow, such as "third Tuesday 20:00 Europe/London". It is a cron.Schedule.
// Cron lines can't express "third Tuesday" ("0 20 15-21 * TUE" means every Tuesday and every day from the 15th to the
// 21st), and skip or repeat times when the clocks change. The zero Series is no rule.
type Series struct {
	Nth          int // 1 to 5, or LastOfMonth; 0 for every week
	Weekday      time.Weekday
	Hour, Minute int
	Zone         string // an IANA name; "" only in the zero Series
}

var ordinals = []string{"every", "first", "second", "third", "fourth", "fifth"}

var weekdays = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

// ParseSeries reads a rule like "third Tuesday 20:00 Europe/London": first to fifth, last or every; a weekday, in full
// or shortened; a time of day; and an IANA zone. The error says how to fix the rule.
func ParseSeries(s string) (Series, error) {
	words := slices.DeleteFunc(strings.Fields(s), func(w string) bool {
		return slices.Contains([]string{"the", "of", "month", "at"}, strings.ToLower(w))
	})
	if len(words) != 4 {
		return Series{}, fmt.Errorf("can't read the series %q: write it like \"third Tuesday 20:00 Europe/London\"", s)
	}
	var rule Series
	var err error
	if rule.Nth, err = readOrdinal(words[0]); err != nil {
		return Series{}, err
	}
	if rule.Weekday, err = readWeekday(words[1]); err != nil {
		return Series{}, err
	}
	since, ok, err := readClock(words[2])
	if err != nil {
		return Series{}, err
	}
	if !ok || since%time.Minute != 0 {
		return Series{}, fmt.Errorf("%q is not a time of day in hours and minutes: write it like 20:00", words[2])
	}
	rule.Hour, rule.Minute = int(since/time.Hour), int(since%time.Hour/time.Minute)
	if _, err := loadZone(words[3]); err != nil {
		return Series{}, err
	}
	rule.Zone = words[3]
	return rule, nil
}

func readOrdinal(word string) (int, error) {
	lower := strings.ToLower(word)
	if lower == "last" {
		return LastOfMonth, nil
	}
	if n := slices.Index(ordinals, lower); n >= 0 {
		return n, nil
	}
	if n := slices.Index([]string{"1st", "2nd", "3rd", "4th", "5th"}, lower); n >= 0 {
		return n + 1, nil
	}
	return 0, fmt.Errorf("%q is not a week of the month: write first, second, third, fourth, fifth, last, or every", word)
}

// readWeekday reads a weekday, in full or shortened to three letters or more: "Tue", "Tues", "Tuesday".
func readWeekday(word string) (time.Weekday, error) {
	for d, name := range weekdays {
		if len(word) >= 3 && len(word) <= len(name) && strings.EqualFold(word, name[:len(word)]) {
			return time.Weekday(d), nil
		}
	}
	if likely := Nearest(word, weekdays); likely != "" {
		return 0, fmt.Errorf("%q is not a weekday: did you mean %s?", word, likely)
	}
	return 0, fmt.Errorf("%q is not a weekday: write it like Tuesday", word)
}

// IsZero reports whether there is no rule.
func (s Series) IsZero() bool { return s.Zone == "" }

// String returns the rule as ParseSeries reads it, or "" for none.
func (s Series) String() string {
	if s.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s %s %02d:%02d %s", s.ordinal(), s.Weekday, s.Hour, s.Minute, s.Zone)
}

func (s Series) ordinal() string {
	if s.Nth < 0 || s.Nth >= len(ordinals) {
		return "last"
	}
	return ordinals[s.Nth]
}

// Next returns the first time of the series after t, in the series' zone. The local time of day stays the same when the
// clocks change. A time that doesn't exist on its day moves forward with the clocks; of a time that comes twice, Next
// returns the first. "fifth" skips months without one. Next is zero for a zero Series and for an unknown zone.
func (s Series) Next(t time.Time) time.Time {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil || s.IsZero() {
		return time.Time{}
	}
	// Start two days early, so that a change of the clocks, or a date that a zone skipped, doesn't hide a time after t.
	local := time.Time(wallTimeOf(t.In(zone))).AddDate(0, 0, -2)
	from := time.Date(local.Year(), local.Month(), local.Day(), s.Hour, s.Minute, 0, 0, time.UTC)
	for range 400 { // days; the longest gap, between two fifth weekdays, is a third of this
		if s.matchesDate(from) {
			if next := wallTime(from).first(zone); next.After(t) {
				return next
			}
		}
		from = from.AddDate(0, 0, 1)
	}
	return time.Time{}
}

// matchesDate reports whether the rule includes a date.
func (s Series) matchesDate(date time.Time) bool {
	if date.Weekday() != s.Weekday {
		return false
	}
	switch s.Nth {
	case 0:
		return true
	case LastOfMonth:
		return date.AddDate(0, 0, 7).Month() != date.Month()
	default:
		return (date.Day()-1)/7+1 == s.Nth
	}
}

// Includes reports whether t is a time of the series.
func (s Series) Includes(t time.Time) bool {
	return !s.IsZero() && s.Next(t.Add(-time.Nanosecond)).Equal(t)
}
