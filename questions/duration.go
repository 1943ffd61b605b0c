package questions

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

var durationPattern = regexp.MustCompile(`^(?:(\d{1,3})w)?(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$`)

// readDuration reads "8m", "20s", "1h30m" or "7d"; a day has 24 hours.
func readDuration(s string) (time.Duration, error) {
	m := durationPattern.FindStringSubmatch(s)
	if m == nil || s == "" {
		if _, err := strconv.Atoi(s); err == nil {
			return 0, fmt.Errorf("%s has no unit: write %sm for minutes, or %ss for seconds", s, s, s)
		}
		return 0, fmt.Errorf("%q is not a duration: write it like 8m, 20s, 1h30m or 7d", s)
	}
	var d time.Duration
	for i, unit := range []time.Duration{7 * day, day, time.Hour, time.Minute, time.Second} {
		d += time.Duration(number(m[i+1])) * unit
	}
	if d > 366*day {
		return 0, fmt.Errorf("%s is longer than a year: write 366d or less", s)
	}
	return d, nil
}

// formatDuration writes a duration as readDuration reads it, without fractions of a second.
func formatDuration(d time.Duration) string { return shortDuration(d.Truncate(time.Second)) }
