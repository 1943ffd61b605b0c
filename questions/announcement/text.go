package announcement

import (
	"regexp"
	"strings"
	"unicode"
)

// A line is one line of an announcement as a reader sees it, whatever it was written in.
type line struct {
	n       int // from 1, in the text as it was read
	text    string
	indent  int
	gap     int      // empty lines before it
	item    byte     // '-' or '1' where markup begins a list item
	num     int      // of an item that markup numbers
	depth   int      // how many lists it stands in
	heading int      // 1 to 6
	strong  bool     // all of it
	cells   bool     // a row of a table
	hint    lineRole // what markup says that it is
	links   []string
}

// plainLines reads text, with or without the marks of Markdown, which say what is a heading, an item or a table.
func plainLines(text string) []line {
	var out []line
	gap := 1
	fenced := false
	for i, raw := range strings.Split(text, "\n") {
		l := line{n: i + 1, indent: indent(raw), gap: gap}
		s := strings.TrimSpace(raw)
		if strings.HasPrefix(s, "```") || strings.HasPrefix(s, "~~~") {
			fenced = !fenced
			s = ""
		}
		if rule.MatchString(s) && !(i > 0 && gap == 0 && strings.HasPrefix(s, "-- ")) {
			if len(out) > 0 && gap == 0 && (s[0] == '=' || s[0] == '-') && len(s) >= 3 && len(out[len(out)-1].text) < 100 {
				out[len(out)-1].heading = 2
			}
			gap++
			continue
		}
		if m := atxHeading.FindStringSubmatch(s); m != nil && !fenced {
			l.heading, s = len(m[1]), strings.TrimRight(m[2], "# ")
		}
		if strings.HasPrefix(s, "|") && strings.HasSuffix(s, "|") && len(s) > 2 {
			s, l.cells = strings.Join(cellsOf(s), " | "), true
			if strings.Trim(s, "|:- ") == "" {
				continue
			}
		} else if strings.Contains(raw, "\t") && strings.TrimLeft(s, "\t ") != "" && strings.Contains(s, "\t") {
			s = strings.ReplaceAll(s, "\t", " ")
		}
		s, l.strong, l.links = withoutMarks(s)
		l.text = clean(s)
		if l.text == "" {
			gap++
			continue
		}
		gap = 0
		out = append(out, l)
	}
	return out
}

var (
	rule       = regexp.MustCompile(`^(?:[-=_*~–—]\s?){3,}$`)
	atxHeading = regexp.MustCompile(`^(#{1,6}) +(\S.*)$`)
	emphasis   = regexp.MustCompile(`\*\*([^*]+)\*\*|__([^_]+)__|~~([^~]+)~~|\x60([^\x60]+)\x60`)
	italics    = regexp.MustCompile(`(^|[\s(“"])(?:\*([^\s*][^*]*)\*|_([^\s_][^_]*)_)($|[\s.,;:!?)”"’])`)
	linked     = regexp.MustCompile(`!?\[([^\[\]]*)\]\(<?([^()\s<>]*)>?(?:\s+"[^"]*")?\)`)
	slackLink  = regexp.MustCompile(`<((?:https?|mailto):[^<>|\s]+)(?:\|([^<>]*))?>`)
	escaped    = regexp.MustCompile(`\\([\\*_#\[\]()<>!.+-])`)
	address    = regexp.MustCompile(`https?://[^\s<>()"“”]*[^\s<>()"“”.,;:!?’']`)
)

func cellsOf(s string) []string {
	cells := strings.Split(strings.Trim(s, "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// withoutMarks takes the marks of Markdown and of chat programs off a line.
func withoutMarks(s string) (text string, strong bool, links []string) {
	if !strings.ContainsAny(s, "*_~`[<\\") {
		return s, false, address.FindAllString(s, -1)
	}
	label, body := cutLabel(clean(s))
	bare := s
	if label.kind != unlabelled {
		bare = body
	}
	bare = strings.TrimSpace(bare)
	strong = len(bare) > 4 && (strings.HasPrefix(bare, "**") && strings.HasSuffix(bare, "**") || strings.HasPrefix(bare, "__") && strings.HasSuffix(bare, "__")) &&
		!strings.Contains(bare[2:len(bare)-2], "**")
	s = linked.ReplaceAllStringFunc(s, func(m string) string {
		p := linked.FindStringSubmatch(m)
		if p[2] != "" {
			links = append(links, p[2])
		}
		if m[0] == '!' {
			return ""
		}
		return p[1]
	})
	s = slackLink.ReplaceAllStringFunc(s, func(m string) string {
		p := slackLink.FindStringSubmatch(m)
		if p[2] != "" {
			links = append(links, p[1])
			return p[2]
		}
		return p[1]
	})
	s = emphasis.ReplaceAllString(s, "$1$2$4")
	for range 2 {
		s = italics.ReplaceAllString(s, "$1$2$3$4")
	}
	s = escaped.ReplaceAllString(s, "$1")
	return s, strong, append(links, address.FindAllString(s, -1)...)
}

// indent is the width of the white space at the head of a line; a tab goes to the next multiple of four.
func indent(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r == '\t':
			n += 4 - n%4
		case unicode.IsSpace(r):
			n++
		default:
			return n
		}
	}
	return n
}

// clean makes a text plain to read for a machine, and leaves it the same to a human: one space where there is any
// white space, nothing where there is nothing to see, and digits that are digits.
func clean(s string) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Zs, r):
			space = b.Len() > 0
			continue
		case r == '\u20E3': // the frame of a keycap: what stood before it was a digit
			b.WriteByte(')')
			space = true
			continue
		case r == '\U0001F51F': // keycap ten
			r = -10
		case r == '\uF0B7' || r == '\uF0A7' || r == '\uF0D8': // bullets of Word's symbol font
			r = '•'
		case invisible(r):
			continue
		case r >= '！' && r <= '～': // full width
			r -= '！' - '!'
		case r >= '①' && r <= '⑳':
			r = -(r - '①' + 1)
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		if r < 0 {
			if r <= -10 {
				b.WriteByte(byte('0' + -r/10))
			}
			b.WriteByte(byte('0' + -r%10))
			b.WriteByte(')')
			space = true
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// invisible tells what nobody sees: soft hyphens, joiners, and the marks that turn the direction of writing.
func invisible(r rune) bool {
	return r == '\u00AD' || r >= '\u200B' && r <= '\u200F' && r != '\u200D' || r >= '\u202A' && r <= '\u202E' ||
		r >= '\u2060' && r <= '\u206F' || r == '\uFEFF' || r == '\uFE0F' || r == '\uFE0E' || r == '\u061C' || unicode.IsControl(r)
}

// sentenceAt is the sentence around an offset. A full stop ends one before a space and a capital, or at the end.
func sentenceAt(s string, at int) (from, to int) {
	ends := func(i int) bool {
		switch s[i] {
		case '!', '?':
			return i+1 == len(s) || s[i+1] == ' '
		case '.':
			if i+1 == len(s) {
				return true
			}
			if s[i+1] != ' ' || i+2 < len(s) && unicode.IsLower(rune(s[i+2])) {
				return false
			}
			word := s[strings.LastIndexAny(s[:i], " (")+1 : i]
			return !shortForm[strings.ToLower(word)] && len(word) > 1
		}
		return false
	}
	from = at
	for from > 0 && !ends(from-1) {
		from--
	}
	for from < at && s[from] == ' ' {
		from++
	}
	to = at
	for to < len(s) && !ends(to) {
		to++
	}
	return from, min(to+1, len(s))
}

var shortForm = words("dr prof mr mrs ms st rev no nr p.m a.m vs etc e.g i.e jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thurs fri sat sun")
