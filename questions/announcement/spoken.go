package announcement

import (
	"regexp"
	"strings"
)

// bothHalves tells whether an hour may be meant after noon though it is written as one before: "at 7.30". Nobody holds
// a chat at dawn, unless the text says so, or counts to 24 elsewhere.
func bothHalves(s, hour string) bool {
	return len(hour) == 1 && hour >= "1" && hour <= "8" && !otherHour.MatchString(s) && !lateHour.MatchString(s)
}

var (
	inEvening = regexp.MustCompile(`(?i)^\s*(?:in the|this|at)?\s*(?:evening|afternoon|night|tonight)\b`)
	lateHour  = regexp.MustCompile(`\b(?:1[3-9]|2[0-3])[:.][0-5]\d\b`)
)

var otherHour = regexp.MustCompile(`(?i)\bmorning\b`)

// spoken reads "half past seven in the evening". A bare number is no time.
func spoken(s string, m []int) (clockMention, bool) {
	part, oclock, when := strings.ToLower(group(s, m, 1)), group(s, m, 3), strings.ToLower(group(s, m, 4))
	if part == "" && oclock == "" && (when == "" || when == "sharp") {
		return clockMention{}, false
	}
	if part == "" && oclock == "" && !atOrFrom.MatchString(s[:m[0]]) {
		return clockMention{}, false
	}
	h := numberOf(group(s, m, 2))
	if h < 1 || h > 12 || part == "half" && oclock == "" && !atOrFrom.MatchString(s[:m[0]]) {
		return clockMention{}, false
	}
	c := Clock(h * 60)
	switch when {
	case "morning":
		if h == 12 {
			c = 0
		}
	case "afternoon", "evening", "night", "tonight":
		if h < 12 {
			c += 12 * 60
		}
	default:
		c = evening(h, "")
	}
	switch {
	case strings.HasPrefix(part, "half"):
		c += 30
	case part == "quarter past":
		c += 15
	case part == "quarter to":
		c -= 15
	}
	return clockMention{start: c, assumed: when == "" || when == "sharp"}, true
}

// evening is an hour as people mean it who announce a chat "at 8": from one to eleven, after noon.
func evening(h int, rest string) Clock {
	if h < 12 && !strings.Contains(rest[:min(len(rest), 25)], "morning") {
		h += 12
	}
	return Clock(h * 60)
}
