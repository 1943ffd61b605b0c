package questions

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// writeFrontMatter writes one line for each setting that has a value.
func (c Chat) writeFrontMatter(b *strings.Builder) {
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(b, "%s: %s\n", key, value)
		}
	}
	line("title", quoted(oneLine(c.Title)))
	line("hashtag", quoted(oneLine(c.Hashtag)))
	if !c.Starts.IsZero() {
		zone := c.Starts.Location().String()
		if _, err := loadZone(zone); err != nil {
			c.Starts, zone = c.Starts.UTC(), "UTC" // same instant, for a zone without an IANA name
		}
		line("starts", formatLocal(c.Starts)+" "+zone)
		line("ends", formatEnd(c.Ends, c.Starts))
	}
	line("leader", quoted(oneLine(c.Leader)))
	line("leader_accounts", quotedList(c.LeaderAccounts))
	line("hosts", quotedList(c.Hosts))
	line("rooms", quotedList(c.Rooms))
	if c.Reminders != nil {
		var all []string
		for _, r := range c.Reminders {
			all = append(all, r.String())
		}
		fmt.Fprintf(b, "reminders: [%s]\n", strings.Trim(quotedList(all), "[]"))
	}
	if c.LeadIn > 0 {
		line("lead_in", formatDuration(c.LeadIn))
	}
	if c.PerQuestion > 0 {
		line("per_question", formatDuration(c.PerQuestion))
	}
	if !c.Announced.IsZero() && !c.Starts.IsZero() {
		line("announced", formatAnnounced(c.Announced.In(c.Starts.Location())))
	}
	line("series", c.Series.String())
	line("archive", quoted(strings.Trim(normaliseText(c.ArchiveNote), " \t\n")))
	line("licence", quoted(oneLine(c.Licence)))
	line("doi", quoted(oneLine(c.DOI)))
}

// formatEnd writes the time of day if readEnd would read it back, else how long the chat lasts.
func formatEnd(ends, starts time.Time) string {
	if ends.IsZero() {
		return ""
	}
	clock := ends.In(starts.Location()).Format(clockLayout(ends))
	if end, err := readEnd(clock, starts); err == nil && end.Equal(ends.Truncate(time.Second)) {
		return clock
	}
	if ends.After(starts) {
		return formatDuration(ends.Sub(starts))
	}
	return formatLocal(ends.In(starts.Location()))
}

func formatAnnounced(t time.Time) string {
	midnight := wallTime(time.Time(wallTimeOf(t)).Truncate(day))
	if midnight.first(t.Location()).Equal(t) {
		return t.Format(time.DateOnly)
	}
	return formatLocal(t)
}

// oneLine replaces line breaks with spaces.
func oneLine(s string) string {
	return strings.Trim(strings.ReplaceAll(normaliseText(s), "\n", " "), " \t")
}

// normaliseText does to a text what ParseChat does to a file.
func normaliseText(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\ufffd"))
}

var (
	// bareListItem matches values that need no quotes in YAML, even inside a list.
	bareListItem = regexp.MustCompile(`^[\pL\d-][\pL\d/.#_+-]*$`)
	// bareText matches values that need no quotes in YAML, on a line of their own.
	bareText = regexp.MustCompile(`^\pL[\pL\d ,.;'’‘“”!?()/&+_–—-]*$`)
	// nonText matches unquoted values that YAML doesn't read as text, such as numbers, "yes" or "---".
	nonText = regexp.MustCompile(`^(?i:true|false|yes|no|on|off|null|y|n|[-+.\d_]*|[-+]?\d[\d.]*e[-+]?\d+|0x[\da-f]+|0o[0-7]+)$`)
)

// quoted puts a value in quotes if it needs them.
func quoted(s string) string {
	if s == "" || bareText.MatchString(s) && !nonText.MatchString(s) {
		return s
	}
	return quote(s)
}

func quotedList(values []string) string {
	if len(values) == 0 {
		return ""
	}
	var all []string
	for _, v := range values {
		if v = oneLine(v); !bareListItem.MatchString(v) || nonText.MatchString(v) {
			v = quote(v)
		}
		all = append(all, v)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// quote writes a double-quoted YAML string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r == '\u2028' || r == '\u2029' || r == '\ufeff':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
