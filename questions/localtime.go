package questions

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

const day = 24 * time.Hour

// Years outside of this range are typing errors.
const (
	firstYear = 1990
	lastYear  = 2199
)

// A wallTime is a date and a time of day as a clock on the wall shows them. It is stored in UTC, but isn't an instant
// until a zone is known.
type wallTime time.Time

// in returns the instants at which the zone's clocks show the wall time: one, two if the clocks go back, or none if
// they go forward.
func (w wallTime) in(zone *time.Location) []time.Time {
	naive := time.Time(w)
	var instants []time.Time
	for _, offset := range w.offsets(zone) {
		t := naive.Add(-offset).In(zone)
		if _, o := t.Zone(); time.Duration(o)*time.Second == offset && !slices.ContainsFunc(instants, t.Equal) {
			instants = append(instants, t)
		}
	}
	slices.SortFunc(instants, time.Time.Compare)
	return instants
}

// first returns the first instant of the wall time. If there is none, the time moves forward with the clocks.
func (w wallTime) first(zone *time.Location) time.Time {
	if instants := w.in(zone); len(instants) > 0 {
		return instants[0]
	}
	return time.Time(w).Add(-w.offsets(zone)[0]).In(zone)
}

// offsets returns the offsets from UTC before and after a change of the clocks near the wall time.
func (w wallTime) offsets(zone *time.Location) [2]time.Duration {
	_, before := time.Time(w).Add(-day).In(zone).Zone()
	_, after := time.Time(w).Add(day).In(zone).Zone()
	return [2]time.Duration{time.Duration(before) * time.Second, time.Duration(after) * time.Second}
}

// resolve returns the instant of a wall time that a person wrote. offset is like "+01:00", or "" if they gave none.
func (w wallTime) resolve(zone *time.Location, offset string) (time.Time, error) {
	instants := w.in(zone)
	shown := time.Time(w).Format("15:04")
	date := time.Time(w).Format("2 January 2006")
	if offset != "" {
		for _, t := range instants {
			if t.Format("-07:00") == offset {
				return t, nil
			}
		}
		return time.Time{}, fmt.Errorf("%s is at %s on %s, not at %s: remove the offset",
			zone, w.first(zone).Format("-07:00"), date, offset)
	}
	switch len(instants) {
	case 1:
		return instants[0], nil
	case 0:
		return time.Time{}, fmt.Errorf("%s does not exist in %s on %s, because the clocks go forward: did you mean %s?",
			shown, zone, date, w.first(zone).Format("15:04"))
	default:
		return time.Time{}, fmt.Errorf("%s happens twice in %s on %s, because the clocks go back: write %s for the first (%s) or %s for the second (%s)",
			shown, zone, date, instants[0].Format("15:04-07:00"), instants[0].Format("MST"), instants[1].Format("15:04-07:00"), instants[1].Format("MST"))
	}
}

// wallTimeOf returns what the clocks of t's zone show at t.
func wallTimeOf(t time.Time) wallTime {
	return wallTime(time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC))
}

var (
	datePattern  = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
	clockPattern = regexp.MustCompile(`^(\d{1,2}):(\d{2})(?::(\d{2}))?$`)
)

// readDate reads "2026-12-15". ok is false, and err nil, if s isn't of this form.
func readDate(s string) (date time.Time, ok bool, err error) {
	m := datePattern.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false, nil
	}
	year, month, dayOfMonth := number(m[1]), number(m[2]), number(m[3])
	if year < firstYear || year > lastYear {
		return time.Time{}, true, fmt.Errorf("the year %s is out of range: write one from %d to %d", m[1], firstYear, lastYear)
	}
	if month < 1 || month > 12 {
		return time.Time{}, true, fmt.Errorf("%s has no month %s: write year-month-day, like 2026-12-15", m[1], m[2])
	}
	date = time.Date(year, time.Month(month), dayOfMonth, 0, 0, 0, 0, time.UTC)
	if date.Month() != time.Month(month) || dayOfMonth < 1 {
		last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
		return time.Time{}, true, fmt.Errorf("there is no %d %s %d: that month has %d days", dayOfMonth, time.Month(month), year, last)
	}
	return date, true, nil
}

// readClock reads "20:00" or "20:00:30" as the time since midnight. ok is false, and err nil, if s isn't of this form.
func readClock(s string) (since time.Duration, ok bool, err error) {
	m := clockPattern.FindStringSubmatch(s)
	if m == nil {
		return 0, false, nil
	}
	hour, minute, second := number(m[1]), number(m[2]), number(m[3])
	if hour > 23 || minute > 59 || second > 59 {
		return 0, true, fmt.Errorf("%s is not a time of day: write one from 00:00 to 23:59", s)
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second, true, nil
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // can't overflow, because the patterns bound its length; "" is 0
	return n
}

var localPattern = regexp.MustCompile(`^(\S+?)(?:[T ]\s*(\d[\d:]*)(?:\s*([+-]\d\d:\d\d))?)?(?:\s+(\S.*))?$`)

// A localTime is a date and time as a person writes them: "2026-12-15 20:00 Europe/London". The time of day, the offset
// and the zone are optional.
type localTime struct {
	wall     wallTime
	hasClock bool
	offset   string
	zone     string
}

// readLocalTime reads a date and time. ok is false if s doesn't start with a date.
func readLocalTime(s string) (lt localTime, ok bool, err error) {
	m := localPattern.FindStringSubmatch(s)
	if m == nil {
		return localTime{}, false, nil
	}
	date, ok, err := readDate(m[1])
	if !ok || err != nil {
		return localTime{}, ok, err
	}
	lt = localTime{wall: wallTime(date), offset: m[3], zone: m[4]}
	if m[2] == "" && m[4] != "" && m[4][0] <= '9' {
		return localTime{}, true, fmt.Errorf("%q is not a time of day: write it like 20:00", m[4])
	}
	if m[2] != "" {
		since, ok, err := readClock(m[2])
		if err != nil {
			return localTime{}, true, err
		}
		if !ok {
			return localTime{}, true, fmt.Errorf("%q is not a time of day: write it like 20:00", m[2])
		}
		lt.wall, lt.hasClock = wallTime(date.Add(since)), true
	}
	return lt, true, nil
}

// formatLocal writes an instant as a person would. It adds the offset if the clocks show this time twice.
func formatLocal(t time.Time) string {
	layout := "2006-01-02 " + clockLayout(t)
	if len(wallTimeOf(t).in(t.Location())) > 1 {
		layout += "-07:00"
	}
	return t.Format(layout)
}

func clockLayout(t time.Time) string {
	if t.Second() != 0 {
		return "15:04:05"
	}
	return "15:04"
}
