package questions

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// readReminder reads an offset before the start, "-7d" or "-2h", or a standard cron line, "0 9 * * *".
func readReminder(s string) (Reminder, error) {
	if len(strings.Fields(s)) > 1 || strings.HasPrefix(s, "@") {
		return readCron(s)
	}
	before, negative := strings.CutPrefix(strings.Replace(s, "−", "-", 1), "-")
	d, err := readDuration(before)
	switch {
	case err != nil:
		return Reminder{}, fmt.Errorf("can't read the reminder %q: write how long before the start, like -7d or -2h, or a cron line like \"0 9 * * *\"", s)
	case d == 0:
		return Reminder{}, fmt.Errorf("a reminder comes before the start: write how long before, like -30m")
	case !negative:
		return Reminder{}, fmt.Errorf("a reminder comes before the start: write -%s", before)
	}
	return Reminder{Before: d}, nil
}

func readCron(s string) (Reminder, error) {
	line := strings.Join(strings.Fields(s), " ")
	if strings.Contains(line, "TZ=") {
		return Reminder{}, fmt.Errorf("a cron line is always in the chat's time zone: remove %s", strings.Fields(line)[0])
	}
	if strings.HasPrefix(line, "@every") {
		return Reminder{}, fmt.Errorf("%q has no time of day: write a cron line like \"0 9 * * *\" for every morning", line)
	}
	schedule, err := cron.ParseStandard(line)
	if err != nil {
		return Reminder{}, fmt.Errorf("can't read the cron line %q (%s): write minute, hour, day, month and weekday, like \"0 9 * * *\" for every morning",
			line, strings.TrimPrefix(err.Error(), "cron: "))
	}
	if schedule.Next(time.Unix(0, 0).UTC()).IsZero() {
		return Reminder{}, fmt.Errorf("%q never happens: write a day that exists, like \"0 9 * * *\" for every morning", line)
	}
	return Reminder{Cron: line}, nil
}

func (r Reminder) String() string {
	if r.Cron != "" {
		return r.Cron
	}
	return "-" + formatDuration(r.Before)
}
