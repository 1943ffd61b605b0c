package announcement

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/ukmedlibs/catchword/questions"
)

// A line is one line of an announcement as a reader sees it, whatever it was written in.
type line struct {
	n       int // in the source, from 1
	text    string
	indent  int
	gap     int  // empty lines before it; at least 1 at the edge of a paragraph
	soft    bool // the break before it is the writer's editor's, not the writer's
	item    byte // '-' or '1' where markup begins a list item
	num     int  // of an item that markup numbers
	depth   int  // how many lists it stands in
	inside  int  // the list item it belongs to, counted from 1; 0 for none
	heading int  // 1 to 6
	strong  bool // all of it
	links   []link
}

// A link is a part of a text that leads somewhere.
type link struct {
	from, to int
	url      string
}

// readLines turns any announcement into lines, and says whether it had to guess the encoding.
func readLines(src []byte) (lines []line, guessed bool) {
	src = cutBOM(src)
	if !utf8.Valid(src) {
		guessed = true
		if decoded, err := charmap.Windows1252.NewDecoder().Bytes(src); err == nil {
			src = decoded
		}
	}
	text := strings.ReplaceAll(strings.ReplaceAll(string(src), "\r\n", "\n"), "\r", "\n")
	switch text = withoutFrontMatter(stripQuoting(text)); {
	case looksLikeHTML(text):
		lines = htmlLines(text, 0)
	case looksLikeMarkdown(text):
		lines = markdownLines(text, 0, 0)
	default:
		lines = plainLines(text)
	}
	return lines, guessed
}

// limit keeps as much of the lines as anybody needs to announce a chat, and tells whether that was all.
func limit(lines []line) ([]line, bool) {
	lines = breakLong(lines)
	words := 0
	for i, l := range lines {
		if words += len(l.text); words > maxWords || i >= maxLines {
			cut := min(max(len(l.text)-(words-maxWords), 0), len(l.text))
			lines[i].text = strings.ToValidUTF8(l.text[:cut], "")
			lines[i].links = nil
			return lines[:i+1], false
		}
	}
	return lines, true
}

// breakLong breaks lines that are longer than any paragraph, so that what follows may look at a paragraph as often as
// it likes.
func breakLong(lines []line) []line {
	var out []line
	for _, l := range lines {
		for len(l.text) > maxParagraph {
			cut := strings.LastIndexByte(l.text[:maxParagraph], ' ')
			if cut < maxParagraph/2 {
				cut = maxParagraph
				for !utf8.RuneStart(l.text[cut]) {
					cut--
				}
			}
			head := l
			head.text, head.links = strings.TrimSpace(l.text[:cut]), nil
			out = append(out, head)
			l.text, l.links, l.item, l.gap, l.soft = strings.TrimSpace(l.text[cut:]), nil, 0, 1, false
		}
		out = append(out, l)
	}
	return out
}

func cutBOM(src []byte) []byte {
	if len(src) >= 3 && src[0] == 0xEF && src[1] == 0xBB && src[2] == 0xBF {
		return src[3:]
	}
	return src
}

// stripQuoting takes off the "> " that mail puts before each line of a quoted text, if that is most of the text.
func stripQuoting(text string) string {
	lines := strings.Split(text, "\n")
	quoted, full := 0, 0
	for _, l := range lines {
		if strings.TrimSpace(l) != "" {
			full++
			if strings.HasPrefix(strings.TrimSpace(l), ">") {
				quoted++
			}
		}
	}
	if quoted*10 < full*6 || quoted < 3 {
		return text
	}
	for i, l := range lines {
		for {
			rest, ok := strings.CutPrefix(strings.TrimLeft(l, " \t"), ">")
			if !ok {
				break
			}
			l = strings.TrimPrefix(rest, " ")
		}
		lines[i] = l
	}
	return strings.Join(lines, "\n")
}

// withoutFrontMatter blanks the facts before a post of a static site, but for its title, and keeps the lines' numbers.
func withoutFrontMatter(text string) string {
	matter, body, ok := questions.SplitFrontMatter(text)
	if !ok || !strings.Contains(matter, ":") {
		return text
	}
	out := make([]string, strings.Count(text[:body], "\n"))
	for i, l := range strings.Split(text[:body], "\n") {
		if title, ok := strings.CutPrefix(l, "title:"); ok && i < len(out) {
			out[i] = strings.Trim(strings.TrimSpace(title), `"'`)
		}
	}
	return strings.Join(out, "\n") + "\n" + text[body:]
}

// plainLines reads text without markup, or with markup that is as good as none.
func plainLines(text string) []line {
	var out []line
	gap := 1
	for i, raw := range strings.Split(text, "\n") {
		l := line{n: i + 1, text: clean(raw), indent: indent(raw), gap: gap}
		if l.text == "" {
			gap++
			continue
		}
		gap = 0
		out = append(out, l)
	}
	return out
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

func invisible(r rune) bool {
	switch r {
	case '\u00AD', '\u200B', '\u200C', '\u200E', '\u200F', '\u2060', '\uFEFF', '\uFE0F', '\uFE0E':
		return true
	}
	return unicode.IsControl(r)
}

var (
	// Tags that make a text a page. Inline tags alone do not: they occur in Markdown and in mail.
	blockTag  = regexp.MustCompile(`(?i)<(?:!doctype html|html|body|p|div|ul|ol|li|h[1-6]|br|table|section|article|main)\b[^<>]*>|<!-- /?wp:`)
	inlineTag = regexp.MustCompile(`(?i)<(?:strong|em|b|i|a href=[^<>]*|span[^<>]*)>[^<]*</`)

	markdownSign = regexp.MustCompile(`(?m)^ {0,3}#{1,6} \S|\*\*[^\s*][^*\n]*\*\*|__[^\s_][^_\n]*__|\]\((?:https?:|mailto:|/|#)[^)\s]*\)|(?:^|[\s(])\*[^\s*][^*\n]*\*(?:$|[\s.,;:!?)])|(?:^|[\s(])_[^\s_][^_\n]*_(?:$|[\s.,;:!?)])|^(?:\x60\x60\x60|~~~)|\x60[^\x60\n]+\x60|~~[^~\n]+~~|^(?:1\. .*\n+){2}`)
)

// looksLikeHTML tells a page's source from a text. One stray tag does not make a page.
func looksLikeHTML(text string) bool {
	head := text[:min(len(text), 1<<16)]
	n := len(blockTag.FindAllStringIndex(head, 8))
	if n >= 2 || n == 1 && len(inlineTag.FindAllStringIndex(head, 1)) > 0 {
		return !strings.Contains(head, "](http") || n > 4
	}
	return n == 0 && len(inlineTag.FindAllStringIndex(head, 2)) >= 2 && !markdownSign.MatchString(head)
}

// looksLikeMarkdown tells whether anything would be lost by reading the text as it stands. What would read the same
// either way is better read as it stands.
func looksLikeMarkdown(text string) bool {
	return len(text) <= 2*maxWords && markdownSign.MatchString(text) && !tangled.MatchString(text)
}

// tangled is nesting that no person writes, on which a Markdown parser may take very long.
var tangled = regexp.MustCompile(`[>\[\](*_\x60~<! -]{200}|(?:[>*+-][ \t]*){60}`)
