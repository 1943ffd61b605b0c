package announcement

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Date is what a text says of a day. What it leaves out is empty or 0.
type Date struct {
	Weekday string // in English, in full: "Tuesday"
	Day     int
	Month   int
	Year    int
}

// time is midnight UTC of the date in a year.
func (d Date) time(year int) time.Time {
	return time.Date(year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
}

// exists tells whether the year has such a day.
func (d Date) exists(year int) bool {
	return d.Day > 0 && d.Month > 0 && d.time(year).Day() == d.Day
}

// fits tells whether the date falls on its weekday in a year. A date without a weekday always does.
func (d Date) fits(year int) bool {
	return d.exists(year) && (d.Weekday == "" || d.time(year).Weekday().String() == d.Weekday)
}

// sameDay compares day and month.
func (d Date) sameDay(e Date) bool { return d.Day == e.Day && d.Month == e.Month }

// A dateMention is a date at its place in a block's source.
type dateMention struct {
	Date
	until    Date // the other end of a range: "4 to 8 May"
	american bool // written month first, in figures
	from, to int
	block    int
	score    int
}

const (
	wdPattern = `(?:(?i:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?))`
	moPattern = `(?:(?i:jan(?:uary)?|feb(?:ruary)?|march|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)|Mar|May|MAR|MAY)`
	dayPat    = `(\d{1,2})(?:\s?(?:st|nd|rd|th|ST|ND|RD|TH)\b)?`
	yearPat   = `(?:,?\s+(\d{4})\b|,?\s*[’'](\d{2})\b)?`
)

var (
	// "Tuesday the 18th of August, 2015", and "18 August (Tuesday)".
	dayMonth = regexp.MustCompile(`\b(?:(` + wdPattern + `)\b\.?,?\s*(?:the\s+)?)?\b` + dayPat + `(?:\s+of)?(?:\s*[-/.]\s*|\s*)\b(` + moPattern + `)\b\.?` + yearPat + `(?:\s*\((` + wdPattern + `)\)|,\s*(` + wdPattern + `)\b)?`)
	// "Tuesday, August 18th, 2015".
	monthDay = regexp.MustCompile(`\b(?:(` + wdPattern + `)\b\.?,?\s+)?\b(` + moPattern + `)\.?\s+` + dayPat + `\b` + yearPat)
	// "Monday 4 to Friday 8 May": the first month is the second's.
	rangeMonth = regexp.MustCompile(`\b(?:(` + wdPattern + `)\b,?\s+(?:the\s+)?)?\b` + dayPat + `\s*(-|–|—|/|&|\bto\b|\buntil\b|\bthrough\b|\bthru\b|\band\b)\s*(?:(` + wdPattern + `)\b,?\s+(?:the\s+)?)?\b` + dayPat + `(?:\s+of)?\s*\b(` + moPattern + `)\b\.?` + yearPat)
	isoDate    = regexp.MustCompile(`(?:\b(` + wdPattern + `)\b,?\s+)?\b(\d{4})-(\d{2})-(\d{2})\b`)
	figures    = regexp.MustCompile(`(?:\b(` + wdPattern + `)\b,?\s+)?\b(\d{1,2})(?:/(\d{1,2})/|\.(\d{1,2})\.|-(\d{1,2})-)(\d{4}|\d{2})\b`)
	dayFigures = regexp.MustCompile(`\b(` + wdPattern + `)\b,?\s+(?:the\s+)?(\d{1,2})/(\d{1,2})\b`)
	dayClock   = regexp.MustCompile(`(?:^|[\s,(])(\d{1,2})/(\d{1,2})(?:,|\s+at|\s+@|\s*[–-])?\s+\d{1,2}(?:[:.]\d{2}|\s?[ap]\.?m)`)
	weekdayDay = regexp.MustCompile(`\b(` + wdPattern + `)\b,?\s+\(?(?:the\s+)?(\d{1,2})(st|nd|rd|th)?\b`)
	ordinalDay = regexp.MustCompile(`\b(?:on|is|until|to|for) the (\d{1,2})(?:st|nd|rd|th)\b`)
	relatives  = regexp.MustCompile(`(?i)\b(?:(tonight|today|this evening|tomorrow)|(this|next|this coming|coming|on) (` + wdPattern + `)\b)`)
	bareDay    = regexp.MustCompile(`(?i)\b((?:mon|tues|wednes|thurs|fri|satur|sun)day)\b`)
	weekBefore = regexp.MustCompile(`\b(` + wdPattern + `)\b[,.]?(?:\s*(?:at|from|@|-|–|,|on)?\s*(?:\d{1,2}(?:[.:]\d{2})?\s*(?:[ap]\.?m\.?)?|noon|midday)(?:\s*(?:-|–|to|until)\s*\d{1,2}(?:[.:]\d{2})?\s*(?:[ap]\.?m\.?)?)?)?,?\s*(?:on|the|,|-|–)?\s*$`)
	clockYear  = regexp.MustCompile(`^\s*(?:hrs?|hours|h|GMT|BST|UTC|UK)\b`)
)

var monthNames = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

func monthOf(s string) int {
	if len(s) < 3 {
		return 0
	}
	return slices.Index(monthNames, strings.ToLower(s[:3])) + 1
}

func weekdayOf(s string) string {
	if len(s) < 3 {
		return ""
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(d.String()[:3], s[:3]) {
			return d.String()
		}
	}
	return ""
}

// group is the text of a submatch, or "".
func group(s string, m []int, g int) string {
	if 2*g+1 >= len(m) || m[2*g] < 0 {
		return ""
	}
	return s[m[2*g]:m[2*g+1]]
}

func yearOf(four, two string) int {
	if n, err := strconv.Atoi(four); err == nil && n >= 1990 && n < 2100 {
		return n
	}
	if n, err := strconv.Atoi(two); err == nil && len(two) == 2 {
		return 2000 + n
	}
	return 0
}

// findDateMentions finds the dates in a text, in order, none inside another.
func findDateMentions(s string) []dateMention {
	var all []dateMention
	add := func(m []int, d Date) *dateMention {
		if (d.Day < 1 || d.Day > 31) || d.Month < 0 || d.Month > 12 {
			return nil
		}
		for _, o := range all {
			if m[0] < o.to && o.from < m[1] {
				return nil
			}
		}
		to := m[1]
		if s[to-1] == '.' {
			to--
		}
		all = append(all, dateMention{Date: d, from: m[0], to: to})
		return &all[len(all)-1]
	}
	each := func(re *regexp.Regexp, f func(m []int)) {
		for _, m := range re.FindAllStringSubmatchIndex(s, maxMentions) {
			f(m)
		}
	}
	number := func(m []int, g int) int { n, _ := strconv.Atoi(group(s, m, g)); return n }

	each(isoDate, func(m []int) {
		if number(m, 3) >= 1 && number(m, 3) <= 12 {
			add(m, Date{weekdayOf(group(s, m, 1)), number(m, 4), number(m, 3), yearOf(group(s, m, 2), "")})
		}
	})
	each(figures, func(m []int) {
		d := Date{weekdayOf(group(s, m, 1)), number(m, 2), number(m, 3) + number(m, 4) + number(m, 5), 0}
		if y := group(s, m, 6); len(y) == 4 {
			d.Year = yearOf(y, "")
		} else {
			d.Year = yearOf("", y)
		}
		american := d.Month > 12 && d.Day <= 12
		if d.Weekday != "" && d.Day <= 12 && d.Month <= 12 && d.Year > 0 && !d.fits(d.Year) {
			american = Date{d.Weekday, d.Month, d.Day, d.Year}.fits(d.Year) // the weekday tells
		}
		if american {
			d.Day, d.Month = d.Month, d.Day
		}
		if d.Month >= 1 && d.Month <= 12 && d.Year > 0 {
			if a := add(m, d); a != nil {
				a.american = american
			}
		}
	})
	each(rangeMonth, func(m []int) {
		month, year := monthOf(group(s, m, 6)), yearOf(group(s, m, 7), group(s, m, 8))
		first := Date{weekdayOf(group(s, m, 1)), number(m, 2), month, year}
		second := Date{weekdayOf(group(s, m, 4)), number(m, 5), month, year}
		if second.Day > 31 || second.Day < 1 {
			return
		}
		switch sep := group(s, m, 3); {
		case first.Day >= second.Day && sep != "to":
			return
		case sep == "and" || sep == "&":
			cut := m[6]
			add([]int{m[0], cut}, first)
			add([]int{m[7], m[1]}, second)
		default:
			if a := add(m, first); a != nil {
				a.until = second
			}
		}
	})
	each(dayMonth, func(m []int) {
		d := Date{weekdayOf(cmp.Or(group(s, m, 1), group(s, m, 6), group(s, m, 7))), number(m, 2), monthOf(group(s, m, 3)), yearOf(group(s, m, 4), group(s, m, 5))}
		if d.Year > 0 && clockYear.MatchString(s[m[1]:]) {
			d.Year = 0
		}
		add(m, d)
	})
	each(monthDay, func(m []int) {
		if rest := s[m[1]:]; len(rest) > 1 && (rest[0] == ':' || rest[0] == '.') && rest[1] >= '0' && rest[1] <= '9' {
			return
		}
		add(m, Date{weekdayOf(group(s, m, 1)), number(m, 3), monthOf(group(s, m, 2)), yearOf(group(s, m, 4), group(s, m, 5))})
	})
	each(dayFigures, func(m []int) {
		if number(m, 3) >= 1 && number(m, 3) <= 12 {
			add(m, Date{weekdayOf(group(s, m, 1)), number(m, 2), number(m, 3), 0})
		}
	})
	each(dayClock, func(m []int) {
		if number(m, 2) >= 1 && number(m, 2) <= 12 {
			add([]int{m[2], m[5]}, Date{"", number(m, 1), number(m, 2), 0})
		}
	})
	each(weekdayDay, func(m []int) {
		if group(s, m, 3) == "" && clockAfter.MatchString(s[m[1]:]) {
			return
		}
		add(m, Date{weekdayOf(group(s, m, 1)), number(m, 2), 0, 0})
	})
	each(ordinalDay, func(m []int) { add(m, Date{"", number(m, 1), 0, 0}) })
	for i := range all {
		if d := &all[i]; d.Weekday == "" { // "Tuesday, 8pm, 18 August"
			if m := weekBefore.FindStringSubmatchIndex(s[:d.from]); m != nil {
				d.Weekday = weekdayOf(s[m[2]:m[3]])
				d.from = m[0]
			}
		}
	}
	slices.SortFunc(all, func(a, b dateMention) int { return cmp.Compare(a.from, b.from) })
	return all
}

var clockAfter = regexp.MustCompile(`^(?:[.:]\d{2}|\s?[ap]\.?m\b|\s?(?:-|–|to)\s?\d{1,2}(?:[.:]\d{2})?\s?[ap]\.?m|\s?o[’']clock)`)

// numericDate reads the date before a pasted message.
func numericDate(s string) (time.Time, bool) {
	for _, d := range findDateMentions(s) {
		if d.Year > 0 && d.exists(d.Year) {
			return d.time(d.Year), true
		}
	}
	return time.Time{}, false
}
