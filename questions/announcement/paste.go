package announcement

import (
	"regexp"
	"strings"
)

var (
	// Heads of messages: the first group is who speaks, "day" when.
	inlineHead = []*regexp.Regexp{
		regexp.MustCompile(`^\[(?P<day>\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}),? \d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?\] ([^:]{1,40}): `),
		regexp.MustCompile(`^(?P<day>\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}),? \d{1,2}:\d{2}(?: ?[AaPp]\.?[Mm]\.?)? - ([^:]{1,40}?)(?:: | (?:left|joined)\b.*$)`),
		regexp.MustCompile(`^(?:\[?\d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?\]? )?<[@+ ]?([\w.|-]{1,30})> `),
		regexp.MustCompile(`^\[\d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?\] ([^:]{1,40}): `),
	}
	lineHead = []*regexp.Regexp{
		regexp.MustCompile(`^([^\s:#@][^:#@—]{0,40}?)(?: APP)? (?:at )?\d{1,2}:\d{2}(?: ?[AaPp][Mm])?$`),
		regexp.MustCompile(`^([^\s:#@][^:#@—]{0,40}?) — (?:(?P<day>\d{1,2}[/.]\d{1,2}[/.]\d{2,4})|[Tt]oday at|[Yy]esterday at)?,? ?\d{1,2}:\d{2}(?: ?[AaPp][Mm])?$`),
		regexp.MustCompile(`^([^\s:#@][^:#@]{0,40}?), (?P<day>\d{1,2}[/.]\d{1,2}[/.]\d{2,4}),? \d{1,2}:\d{2}(?: ?[AaPp][Mm])?:?$`),
	}
	loneClock = regexp.MustCompile(`^\d{1,2}:\d{2}(?: ?[AaPp][Mm])?$`)
	bareHead  = regexp.MustCompile(`^([\w][\w.-]{1,20}): `)
	reactions = regexp.MustCompile(`^(?:(?::[\w+-]+:|[^\p{L}\d\s])+ ?\d*\s*)+$|^\d+ repl(?:y|ies)\b.*|^(?:joined|left) #[\w-]+\.?$|^New$|^\(edited\)$`)
	threaded  = regexp.MustCompile(`^(\d{1,2})/(?:\d{1,2}|n)?\s+|\s+\(?(\d{1,2})/(\d{1,2}|n)?\)?$`)
)

// fromChat reads what was pasted from a chat program: the announcer is who said most, the others reply.
func (p *reader) fromChat() {
	speakers := make([]string, len(p.lines))
	amount := map[string]int{}
	bare := p.bareSpeakers()
	heads, speaker := 0, ""
	for i := range p.lines {
		l := &p.lines[i]
		head, who := false, ""
		for _, re := range inlineHead {
			if m := re.FindStringSubmatch(l.text); m != nil && !head {
				who = p.headOf(re, m)
				l.text, l.gap, head = l.text[len(m[0]):], max(l.gap, 1), true
			}
		}
		if m := bareHead.FindStringSubmatch(l.text); !head && m != nil && bare[m[1]] {
			who, l.text, head = m[1], l.text[len(m[0]):], true
		}
		for _, re := range lineHead {
			if m := re.FindStringSubmatch(l.text); m != nil && !head && i+1 < len(p.lines) && len(strings.Fields(m[1])) <= 5 && len(findDates(tokens(m[1]))) == 0 && len(findClocks(tokens(m[1]), nil)) == 0 && !strings.ContainsAny(m[1], "?!|,") {
				who, head = p.headOf(re, m), true
				p.roles[i], p.lines[i+1].gap = roleFurniture, max(p.lines[i+1].gap, 1)
			}
		}
		if loneClock.MatchString(l.text) && !head && i > 0 && i+1 < len(p.lines) && isName(p.lines[i-1].text) && strings.ContainsAny(l.text, "AaPp") {
			who, head = p.lines[i-1].text, true
			p.roles[i], p.roles[i-1], p.lines[i+1].gap = roleFurniture, roleFurniture, max(p.lines[i+1].gap, 1)
		}
		if head {
			heads++
			speaker = who
		} else if p.roles[i] == roleText && reactions.MatchString(l.text) {
			p.roles[i] = roleFurniture
		}
		if l.text == "" {
			p.roles[i] = roleFurniture
		}
		speakers[i] = speaker
		if p.roles[i] != roleFurniture {
			amount[speaker] += len(l.text)
		}
	}
	p.fromThread()
	if heads == 0 {
		return
	}
	announcer := speakers[len(speakers)-1]
	for _, s := range speakers {
		if s != "" && amount[s] > amount[announcer] || announcer == "" {
			announcer = s
		}
	}
	for i, s := range speakers {
		if s != announcer && p.roles[i] != roleDropped && (s != "" || heads > 1) {
			p.roles[i] = roleReply
		}
	}
	p.speaker = announcer
}

// headOf is who speaks under a head, whose day is that of the announcement.
func (p *reader) headOf(re *regexp.Regexp, m []string) (who string) {
	for g, name := range re.SubexpNames() {
		if name != "day" && g > 0 && m[g] != "" {
			who = m[g]
		}
		if name == "day" && m[g] != "" && p.posted.IsZero() {
			if found := findDates(tokens(m[g])); len(found) > 0 && found[0].Year > 0 {
				p.posted = found[0].time(found[0].Year)
			}
		}
	}
	return who
}

// bareSpeakers are those who, in a paste without clock times, stand before most lines: "jo.ward: …".
func (p *reader) bareSpeakers() map[string]bool {
	count, total := map[string]int{}, 0
	for _, l := range p.lines {
		if m := bareHead.FindStringSubmatch(l.text); m != nil {
			count[m[1]]++
			total++
		}
	}
	speakers := map[string]bool{}
	for _, n := range count {
		if n >= 3 && total*10 >= len(p.lines)*7 {
			for name := range count {
				speakers[name] = true
			}
		}
	}
	return speakers
}

// fromThread takes off what counts the messages of a thread: "2/5", before or after each.
func (p *reader) fromThread() {
	var at []int
	for i, l := range p.lines {
		if m := threaded.FindStringSubmatch(l.text); m != nil && numberOf(m[1]+m[2]) == len(at)+1 && strings.Contains(l.text, "/") {
			if m[1] != "" && !regexp.MustCompile(`^\d{1,2}/\d`).MatchString(l.text) {
				return // "1/ What do you…" is a question
			}
			at = append(at, i)
		}
	}
	if len(at) < 3 {
		return
	}
	for _, i := range at {
		p.lines[i].text = strings.TrimSpace(threaded.ReplaceAllString(p.lines[i].text, ""))
		p.lines[i].gap = max(p.lines[i].gap, 1)
		if p.lines[i].text == "" {
			p.roles[i] = roleFurniture
		}
	}
}
