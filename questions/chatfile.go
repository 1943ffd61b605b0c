package questions

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ParseChat reads a chat file: Markdown with YAML front matter, in UTF-8. A byte order mark and carriage returns are
// allowed. The slug is the file's name without ".md". The error is a Faults and lists everything that is wrong, so that
// people can fix it all at once. With an error, the chat is zero. A chat may have no questions.
func ParseChat(slug string, src []byte) (Chat, error) {
	var faults Faults
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(string(src), "\ufeff"))
	if !utf8.ValidString(text) {
		faults.add(positionAt(text, firstInvalid(text)), "this is not UTF-8 text: save the file as UTF-8")
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	c := Chat{Slug: slug}
	matter, body, ok := SplitFrontMatter(text)
	if !ok {
		if strings.HasPrefix(text, "---") {
			faults.add(position{1, 1}, "the settings that start here have no end: write --- on a line of its own below them")
		} else {
			faults.add(position{1, 1}, "a chat file starts with its settings (title, starts and so on) between two lines of ---")
		}
		return Chat{}, faults.err()
	}
	readFrontMatter(matter, &faults).fill(&c)
	timed := len(faults) == 0
	headings := readBody(&c, text, body, &faults)
	if timed {
		c.checkTimes(headings, &faults)
	}
	if err := faults.err(); err != nil {
		return Chat{}, err
	}
	return c, nil
}

func firstInvalid(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i
			}
		}
	}
	return len(s)
}

// SplitFrontMatter returns the lines between the two ---, and the offset in text at which the body starts.
func SplitFrontMatter(text string) (matter string, body int, ok bool) {
	first, rest, _ := strings.Cut(text, "\n")
	if strings.TrimRight(first, " \t") != "---" {
		return "", 0, false
	}
	start := len(text) - len(rest)
	for at := start; at < len(text); {
		line, _, _ := strings.Cut(text[at:], "\n")
		next := min(at+len(line)+1, len(text))
		if strings.TrimRight(line, " \t") == "---" {
			return text[start:at], next, true
		}
		at = next
	}
	return "", 0, false
}

// checkTimes adds a fault for each question that would start at or after the chat's end, or have no time.
func (c Chat) checkTimes(headings []position, faults *Faults) {
	at := c.Starts.Add(c.leadIn())
	for i, q := range c.Questions {
		given := c.questionDuration(q)
		switch {
		case !at.Before(c.Ends):
			faults.add(headings[i], "%s would be posted at %s, but the chat ends at %s: give the questions less time, or make the chat longer",
				Label(q.N), at.Format(clockLayout(at)), c.Ends.Format(clockLayout(c.Ends)))
		case given <= 0:
			faults.add(headings[i], "no time is left for %s: give the other questions less time, or make the chat longer", Label(q.N))
		}
		at = at.Add(given)
	}
}

// FormatChat writes a chat file as a person would write it: without what ParseChat fills in by default. ParseChat
// reads the same chat back. Text that ParseChat would misread, as a heading, a list of points or an unclosed block, is
// escaped with a backslash and looks the same. Line endings, surrounding space and fractions of seconds are normalised.
// Questions that hosts added during the chat are left out.
func FormatChat(c Chat) []byte {
	var b strings.Builder
	b.WriteString("---\n")
	c.writeFrontMatter(&b)
	b.WriteString("---\n")
	if intro := escapeText(c.Introduction, false); intro != "" {
		b.WriteString(intro + "\n")
	}
	for i, q := range c.PlannedQuestions() {
		if i > 0 || c.Introduction != "" {
			b.WriteByte('\n')
		}
		b.WriteString("## " + Label(q.N))
		if q.Duration > 0 {
			fmt.Fprintf(&b, " (%s)", formatDuration(q.Duration))
		}
		b.WriteByte('\n')
		text := escapeText(q.Text, true)
		if text != "" {
			b.WriteString(text + "\n")
		}
		for j, p := range q.Points {
			if j == 0 && text != "" {
				b.WriteByte('\n')
			}
			if p = escapePoint(p); p != "" {
				b.WriteString(bullet(p) + "\n")
			}
		}
	}
	return []byte(b.String())
}
