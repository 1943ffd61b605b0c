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
		return Reminder{}, fmt.Errorf("%q is no reminder: write how long before the start, as in -7d or -2h, or a cron line, as in \"0 9 * * *\"", s)
	case d == 0:
		return Reminder{}, fmt.Errorf("a reminder comes before the start: write how long before, as in -30m")
	case !negative:
		return Reminder{}, fmt.Errorf("a reminder comes before the start: write -%s", before)
	}
	return Reminder{Before: d}, nil
}

func readCron(s string) (Reminder, error) {
	line := strings.Join(strings.Fields(s), " ")
	if strings.Contains(line, "TZ=") {
		return Reminder{}, fmt.Errorf("a reminder's cron line is in the zone of the chat: leave %s out", strings.Fields(line)[0])
	}
	if strings.HasPrefix(line, "@every") {
		return Reminder{}, fmt.Errorf("%q has no time of day: write a cron line, as in \"0 9 * * *\" for each morning", line)
	}
	schedule, err := cron.ParseStandard(line)
	if err != nil {
		return Reminder{}, fmt.Errorf("%q is no cron line (%s): write minute, hour, day, month and weekday, as in \"0 9 * * *\" for each morning",
			line, strings.TrimPrefix(err.Error(), "cron: "))
	}
	if schedule.Next(time.Unix(0, 0).UTC()).IsZero() {
		return Reminder{}, fmt.Errorf("%q never comes: write a day that exists, as in \"0 9 * * *\" for each morning", line)
	}
	return Reminder{Cron: line}, nil
}

func (r Reminder) String() string {
	if r.Cron != "" {
		return r.Cron
	}
	return "-" + formatDuration(r.Before)
}
