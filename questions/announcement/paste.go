package announcement

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// fromChat reads what was pasted from a chat program: it keeps what the announcer said, without names and clocks.
func (p *reader) fromChat(lines []line) []line {
	speakers := make([]string, len(lines))
	bare := bareSpeakers(lines)
	amount := map[string]int{}
	heads, speaker := 0, ""
	drop := make([]bool, len(lines))
	for i, l := range lines {
		text := l.text
		switch m := whatsApp.FindStringSubmatch(text); {
		case m != nil:
			speaker = m[3]
			if d, ok := numericDate(m[1]); ok && p.posted.IsZero() {
				p.posted = d
			}
			lines[i].text = text[len(m[0]):]
			lines[i].gap = max(l.gap, 1)
			heads++
		case len(bare) > 0 && bareHead.MatchString(text):
			m := bareHead.FindStringSubmatch(text)
			speaker = m[1]
			lines[i].text = text[len(m[0]):]
			heads++
		case ircHead.MatchString(text):
			m := ircHead.FindStringSubmatch(text)
			speaker = m[1] + m[2]
			lines[i].text = text[len(m[0]):]
			heads++
		case slackHead.MatchString(text) && !dayMonth.MatchString(text) && len(strings.Fields(text)) <= 6 && i+1 < len(lines):
			speaker = slackHead.FindStringSubmatch(text)[1]
			drop[i] = true
			lines[i+1].gap = max(lines[i+1].gap, 1)
			heads++
		case teamsHead.MatchString(text) && i+1 < len(lines):
			m := teamsHead.FindStringSubmatch(text)
			speaker = m[1] + m[2]
			drop[i] = true
			lines[i+1].gap = max(lines[i+1].gap, 1)
			heads++
		case clockAlone.MatchString(text) && i > 0 && !drop[i-1] && isName(lines[i-1].text) && i+1 < len(lines):
			speaker = lines[i-1].text
			drop[i], drop[i-1] = true, true
			lines[i+1].gap = max(lines[i+1].gap, 1)
			heads++
		case reactions.MatchString(text):
			drop[i] = true
		}
		speakers[i] = speaker
		if strings.TrimSpace(lines[i].text) == "" {
			drop[i] = true
		}
		amount[speaker] += len(lines[i].text)
	}
	if heads == 0 || heads == 1 && speakers[0] == "" && len(bare) == 0 {
		return lines
	}
	announcer := speakers[0]
	for _, s := range speakers {
		if amount[s] > amount[announcer] {
			announcer = s
		}
	}
	var out []line
	for i, l := range lines {
		if speakers[i] == announcer && !drop[i] {
			out = append(out, l)
		}
	}
	return out
}

// fromThread takes off what counts the messages of a thread: "2/5", before or after each.
func fromThread(lines []line) []line {
	var at []int
	for i, l := range lines {
		if m := threadMark.FindStringSubmatch(l.text); m != nil && m[1]+m[3] == strconv.Itoa(len(at)+1) {
			at = append(at, i)
		}
	}
	if len(at) < 3 {
		return lines
	}
	for _, i := range at {
		lines[i].text = strings.TrimSpace(threadMark.ReplaceAllString(lines[i].text, ""))
		lines[i].links = nil
		lines[i].gap = max(lines[i].gap, 1)
	}
	return slices.DeleteFunc(lines, func(l line) bool { return l.text == "" })
}

// bareSpeakers are those who, in a paste without clock times, stand before most lines: "jo.ward: …".
func bareSpeakers(lines []line) map[string]bool {
	count, total := map[string]int{}, 0
	for _, l := range lines {
		if m := bareHead.FindStringSubmatch(l.text); m != nil {
			count[m[1]]++
			total++
		}
	}
	speakers := map[string]bool{}
	for name, n := range count {
		if n >= 3 && total*10 >= len(lines)*7 {
			speakers[name] = true
		}
	}
	if len(speakers) > 0 {
		for name := range count {
			speakers[name] = true
		}
	}
	return speakers
}

// isName tells whether a line is nothing but somebody's name.
func isName(s string) bool {
	_, n := personName(s)
	return n > 0 && n == len(s)
}

// fromMail takes a mail's header off, and what the header says to heart.
func (p *reader) fromMail(lines []line) []line {
	var out []line
	headers, subject := 0, false
	for i, l := range lines {
		m := mailHeader.FindStringSubmatch(l.text)
		if m == nil || i > 40 || l.item != 0 {
			if !mailIntro.MatchString(l.text) || i > 40 {
				out = append(out, l)
			}
			continue
		}
		name := strings.ToLower(m[1])
		sent := time.Time{}
		if name == "date" || name == "sent" {
			sent = headerDate(m[2])
		}
		switch {
		case name == "subject" && !subject:
			subject = true
			l.text = trimReply(m[2])
			l.gap, l.heading = 1, 1
			l.links = nil
			out = append(out, l)
			headers++
			if i+1 < len(lines) {
				lines[i+1].gap = max(lines[i+1].gap, 1)
			}
		case (name == "date" || name == "sent") && sent.IsZero():
			out = append(out, l) // "Date: Tuesday 18 August" is the announcement's own
		default:
			headers++
			if !sent.IsZero() && p.posted.IsZero() {
				p.posted = sent
			}
		}
	}
	if headers < 2 {
		return lines
	}
	return out
}

func trimReply(subject string) string {
	for {
		rest := strings.TrimSpace(subject)
		for _, prefix := range []string{"re:", "fw:", "fwd:"} {
			if len(rest) >= len(prefix) && strings.EqualFold(rest[:len(prefix)], prefix) {
				rest = rest[len(prefix):]
			}
		}
		if strings.HasPrefix(rest, "[") && strings.Contains(rest, "]") {
			rest = rest[strings.Index(rest, "]")+1:]
		}
		if rest == subject || strings.TrimSpace(rest) == "" {
			return strings.TrimSpace(subject)
		}
		subject = rest
	}
}

// headerDate reads when a mail was sent; zero unless the text gives a full date and a clock.
func headerDate(s string) time.Time {
	if !withClock.MatchString(s) {
		return time.Time{}
	}
	for _, d := range findDateMentions(s) {
		if d.Year > 0 && d.Month > 0 && d.Day > 0 {
			return d.time(d.Year)
		}
	}
	return time.Time{}
}
