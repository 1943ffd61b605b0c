package adapters

import (
	"fmt"
	"time"
)

const (
	// httpTime is how HTTP writes a time: https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats
	httpTime = "Mon, 02 Jan 2006 15:04:05 GMT"
	// clockWarning is how far clocks may be apart before anybody notices, and strongly how far before a command that
	// was just given is taken for an old one, or a question comes at another time than people were told.
	clockWarning = 2 * time.Second
	clockFailed  = 30 * time.Second
)

// CompareClocks judges this machine's clock by the Date header of a platform's answer, which has whole seconds, and the
// times between which the answer was made.
func CompareClocks(platform, date string, before, after time.Time) Finding {
	f := Finding{Check: "clock", Detail: "as " + platform + "'s"}
	at, err := time.Parse(httpTime, date)
	if err != nil {
		f.Verdict, f.Detail = Warning, platform+" doesn't tell the time"
		return f
	}
	// By how much at least, and at most, the platform's clock is ahead of this machine's.
	least, most := at.Sub(after), at.Add(time.Second).Sub(before)
	off, direction := least, "behind"
	if most < 0 {
		off, direction = -most, "ahead of"
	}
	if off > clockWarning {
		f.Verdict, f.Detail = Warning, fmt.Sprintf("this machine is %v %s %s", off.Round(time.Second), direction, platform)
		f.Remedy = "have the machine set its clock by the network: timedatectl set-ntp true"
	}
	if off > clockFailed {
		f.Verdict = Failed
	}
	return f
}
