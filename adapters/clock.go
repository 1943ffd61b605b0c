package adapters

import (
	"fmt"
	"time"
)

const (
	// httpTime is how HTTP writes a time: https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats
	httpTime = "Mon, 02 Jan 2006 15:04:05 GMT"
	// clockWarning is how far apart two clocks may be before anybody notices. Beyond clockFailed, a new command looks
	// like an old one, and questions are posted at other times than announced.
	clockWarning = 2 * time.Second
	clockFailed  = 30 * time.Second
)

// CompareClocks checks this machine's clock against the Date header of a platform's response, which has whole seconds.
// The request was sent at before and answered by after, by this machine's clock.
func CompareClocks(platform, date string, before, after time.Time) Finding {
	f := Finding{Check: "clock", Detail: "as " + platform + "'s"}
	at, err := time.Parse(httpTime, date)
	if err != nil {
		f.Verdict, f.Detail = Warning, platform+" doesn't tell the time"
		return f
	}
	// The least and the most by which the platform's clock can be ahead of this machine's.
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
