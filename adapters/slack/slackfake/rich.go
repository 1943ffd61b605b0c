package slackfake

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// richBlocks are the blocks that Slack makes of stored text.
func richBlocks(s *Server, text string) []any {
	if text == "" {
		return nil
	}
	return []any{richBlock(s, parseRichText(text))}
}

func richBlock(s *Server, elements []any) obj {
	return obj{"type": "rich_text", "block_id": s.id("b")[:5], "elements": elements}
}

var (
	bullet  = regexp.MustCompile(`^( *)[•◦▪︎] (.*)$`)
	ordered = regexp.MustCompile(`^( *)(\d+)\. (.*)$`)
)

// parseRichText reads stored text as the elements of a rich_text block.
func parseRichText(text string) (all []any) {
	for i, part := range strings.Split(text, "```") {
		if i%2 == 1 && strings.Count(text, "```") > i {
			all = append(all, obj{"type": "rich_text_preformatted", "elements": parseInline(strings.Trim(part, "\n"), nil, true), "border": 0})
			continue
		}
		if i%2 == 1 {
			part = "```" + part
		}
		if i > 0 {
			part = strings.TrimPrefix(part, "\n")
		}
		all = append(all, parseLines(part)...)
	}
	return all
}

// parseLines reads text without fences.
func parseLines(text string) (all []any) {
	var kind string // of what is being gathered
	var gathered []string
	flush := func() {
		if len(gathered) > 0 {
			all = append(all, gather(kind, gathered))
		}
		gathered = nil
	}
	if text == "" {
		return nil
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		next, content := "rich_text_section", line
		if q, ok := strings.CutPrefix(line, "&gt;"); ok {
			next, content = "rich_text_quote", strings.TrimPrefix(q, " ")
		} else if m := bullet.FindStringSubmatch(line); m != nil {
			next, content = fmt.Sprintf("bullet %d", len(m[1])/4), m[2]
		} else if m := ordered.FindStringSubmatch(line); m != nil {
			next, content = fmt.Sprintf("ordered %d", len(m[1])/4), m[3]
		}
		if next != kind {
			flush()
		}
		kind, gathered = next, append(gathered, content)
	}
	flush()
	return all
}

func gather(kind string, lines []string) obj {
	style, indent, list := strings.Cut(kind, " ")
	if !list {
		return obj{"type": kind, "elements": parseInline(strings.Join(lines, "\n"), nil, false)}
	}
	var items []any
	for _, l := range lines {
		items = append(items, obj{"type": "rich_text_section", "elements": parseInline(l, nil, false)})
	}
	n, _ := strconv.Atoi(indent)
	return obj{"type": "rich_text_list", "style": style, "indent": n, "border": 0, "elements": items}
}

var (
	control   = regexp.MustCompile(`^<([^<>|]+)(?:\|([^<>]*))?>`)
	shortcode = regexp.MustCompile(`^:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):`)
	styles    = map[byte]string{'*': "bold", '_': "italic", '~': "strike"}
)

// parseInline reads text on one level. In code there is no markup but links and mentions.
func parseInline(s string, style obj, isCode bool) []any {
	all, from := []any{}, 0
	// flush takes what was passed as text.
	flush := func(to int) {
		if from < to {
			all = append(all, styled(obj{"type": "text", "text": unescaper.Replace(s[from:to])}, style))
		}
	}
	for i := 0; i < len(s); {
		n, elements := parseSpecial(s, i, style, isCode)
		if n == 0 {
			i++
			continue
		}
		flush(i)
		all = append(all, elements...)
		i += n
		from = i
	}
	flush(len(s))
	return all
}

// parseSpecial reads markup at i, and returns its length: 0 for none.
func parseSpecial(s string, i int, style obj, isCode bool) (int, []any) {
	switch s[i] {
	case '<':
		if m := control.FindStringSubmatch(s[i:]); m != nil {
			return len(m[0]), []any{styled(reference(m[1], m[2]), style)}
		}
	case ':':
		if m := shortcode.FindStringSubmatch(s[i:]); m != nil && !isCode && characters[m[1]] != "" {
			return len(m[0]), []any{styled(emojiElement(m[1]), style)}
		}
	case '`', '*', '_', '~':
		if n, name := span(s, i); n > 0 && !isCode {
			more := obj{name: true}
			maps.Copy(more, style)
			return n, parseInline(s[i+1:i+n-1], more, name == "code")
		}
	}
	return 0, nil
}

// span is the length of the marked text that begins at i, or 0, and its style.
func span(s string, i int) (int, string) {
	if s[i] == '`' {
		if n := strings.IndexByte(s[i+1:], '`'); n > 0 && !strings.Contains(s[i+1:i+1+n], "\n") {
			return n + 2, "code"
		}
		return 0, ""
	}
	name := styles[s[i]]
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	if name == "" || i > 0 && isWord(before) || i+1 >= len(s) || s[i+1] == ' ' || s[i+1] == '\n' || s[i+1] == s[i] {
		return 0, ""
	}
	for n := i + 2; n < len(s) && s[n] != '\n'; n++ {
		after, _ := utf8.DecodeRuneInString(s[n+1:])
		if s[n] == s[i] && s[n-1] != ' ' && (n+1 == len(s) || !isWord(after) && s[n+1] != s[i]) {
			return n + 1 - i, name
		}
	}
	return 0, ""
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func styled(e, style obj) obj {
	if len(style) > 0 {
		e["style"] = maps.Clone(style)
	}
	return e
}

// reference reads the content of <>.
func reference(what, label string) obj {
	switch {
	case strings.HasPrefix(what, "@"):
		return obj{"type": "user", "user_id": what[1:]}
	case strings.HasPrefix(what, "#"):
		return obj{"type": "channel", "channel_id": what[1:]}
	case strings.HasPrefix(what, "!subteam^"):
		return obj{"type": "usergroup", "usergroup_id": strings.TrimPrefix(what, "!subteam^")}
	case strings.HasPrefix(what, "!date^"):
		part := append(strings.SplitN(what, "^", 4), "", "", "")
		at, _ := strconv.ParseFloat(part[1], 64)
		e := obj{"type": "date", "timestamp": at, "format": part[2], "fallback": unescaper.Replace(label)}
		setNonEmpty(e, "url", part[3])
		return e
	case strings.HasPrefix(what, "!"):
		return obj{"type": "broadcast", "range": what[1:]}
	}
	e := obj{"type": "link", "url": unescaper.Replace(what)}
	setNonEmpty(e, "text", unescaper.Replace(label))
	return e
}

// characters are the emoji by name.
var characters = func() map[string]string {
	all := map[string]string{}
	for c, name := range emoji {
		all[name] = c
	}
	return all
}()

func emojiElement(name string) obj {
	var points []string
	for _, r := range characters[name] {
		points = append(points, fmt.Sprintf("%04x", r))
	}
	return obj{"type": "emoji", "name": name, "unicode": strings.Join(points, "-")}
}
