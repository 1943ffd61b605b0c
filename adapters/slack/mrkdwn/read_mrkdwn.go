package mrkdwn

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// Characters of no width. A word joiner after a character keeps it from being a marker. A zero-width space between a
// word and a marker makes the marker count within words. Slack has no other escape.
const (
	wordJoiner     = "\u2060"
	zeroWidthSpace = "\u200b"
)

var (
	fence    = regexp.MustCompile("(?s)```(.*?)```")
	bullet   = regexp.MustCompile(`^( *)[•◦▪‣⁃]\x{fe0e}? +(\S.*)$`)
	numbered = regexp.MustCompile(`^( *)(\d{1,9})\. +(\S.*)$`)
	entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
	inColons = regexp.MustCompile(`^:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):`)
	anyColon = regexp.MustCompile(`:[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:`)
)

// unescape decodes what Slack escapes, once only.
func unescape(s string) string { return entities.Replace(s) }

// withEmoji replaces the shortcodes in plain text with characters.
func withEmoji(s string) string {
	return anyColon.ReplaceAllStringFunc(s, func(code string) string { return EmojiFromName(strings.Trim(code, ":")) })
}

// mrkdwn reads the text of a message: https://docs.slack.dev/messaging/formatting-message-text
func (l converter) mrkdwn(text string) (p commonmark.Document) {
	text = commonmark.Clean(text)
	for text != "" {
		at := fence.FindStringSubmatchIndex(text)
		if at == nil {
			return append(p, l.lines(text)...)
		}
		p = append(p, l.lines(text[:at[0]])...)
		verbatim, before := strings.Trim(text[at[2]:at[3]], "\n"), text[:at[0]]
		before = before[strings.LastIndexByte(before, '\n')+1:]
		p = append(p, commonmark.Block{Kind: commonmark.CodeBlock, Quoted: isQuote(before), Runs: []commonmark.Run{{Text: l.codeText(verbatim)}}})
		text = text[at[1]:]
	}
	return p
}

func isQuote(line string) bool {
	return strings.HasPrefix(line, "&gt;") || strings.HasPrefix(line, ">")
}

// lines reads paragraphs, quotes, and lines that look like lists, as Slack writes them in the text that goes with
// blocks.
func (l converter) lines(text string) (p commonmark.Document) {
	var open []commonmark.Run // of the open paragraph
	var quoting bool
	flush := func() {
		p = append(p, commonmark.Paragraphs(open, quoting)...)
		open = nil
	}
	rest := false // the rest of the text is a quote
	all := strings.Split(text, "\n")
	for i, line := range all {
		quote := rest
		if after, ok := cutAny(line, "&gt;&gt;&gt;", ">>>"); ok && !rest {
			rest, quote, line = true, true, after
		} else if after, ok := cutAny(line, "&gt;", ">"); ok && !rest {
			quote, line = true, strings.TrimPrefix(after, " ")
		}
		if quote != quoting {
			flush()
			quoting = quote
		}
		if m := bullet.FindStringSubmatch(line); m != nil {
			flush()
			p = append(p, commonmark.Block{Kind: commonmark.ListItem, Quoted: quote, Indent: min(commonmark.MaxIndent, len(m[1])/4), Runs: l.inline(m[2])})
			continue
		}
		if m := numbered.FindStringSubmatch(line); m != nil && (continuesNumbering(all, i, -1) || continuesNumbering(all, i, 1)) {
			flush()
			n, _ := strconv.Atoi(m[2]) // at most nine digits
			p = append(p, commonmark.Block{Kind: commonmark.ListItem, Quoted: quote, Indent: min(commonmark.MaxIndent, len(m[1])/4), Number: n, Runs: l.inline(m[3])})
			continue
		}
		open = append(open, l.inline(strings.TrimPrefix(line, wordJoiner))...)
		open = append(open, commonmark.Run{Text: "\n"})
	}
	flush()
	return p
}

func cutAny(s string, prefixes ...string) (string, bool) {
	for _, prefix := range prefixes {
		if after, ok := strings.CutPrefix(s, prefix); ok {
			return after, true
		}
	}
	return s, false
}

// continuesNumbering tells whether a numbered line before or after lines[i], past the lists inside it, has the number
// next to its own. A single number is not a list.
func continuesNumbering(lines []string, i, step int) bool {
	here := itemNumber(lines[i])
	for i += step; i >= 0 && i < len(lines); i += step {
		there := itemNumber(lines[i])
		if there >= 0 || !strings.HasPrefix(strings.TrimPrefix(lines[i], "&gt; "), " ") {
			return there == here+step
		}
	}
	return false
}

// itemNumber is the number of an item, or -1.
func itemNumber(line string) int {
	line, _ = cutAny(line, "&gt;", ">")
	if m := numbered.FindStringSubmatch(strings.TrimPrefix(line, " ")); m != nil && m[1] == "" {
		n, _ := strconv.Atoi(m[2]) // at most nine digits
		return n
	}
	return -1
}

// A token is a character, or a run in which no character is a marker.
type token struct {
	char   rune
	marker bool // it may begin or end a style
	run    *commonmark.Run
}

// inline reads one line.
func (l converter) inline(line string) []commonmark.Run {
	return commonmark.Normalize(emphasise(l.tokenize(line), 0))
}

func (l converter) tokenize(line string) (all []token) {
	add := func(s string) {
		for _, r := range s {
			all = append(all, token{char: r})
		}
	}
	for i := 0; i < len(line); {
		rest := line[i:]
		switch {
		case rest[0] == '`':
			if end := strings.IndexByte(rest[1:], '`'); end > 0 && strings.TrimSpace(rest[1:1+end]) != "" && !strings.HasPrefix(rest[1:], wordJoiner) {
				all = append(all, token{run: &commonmark.Run{Text: l.codeText(rest[1 : 1+end]), Style: commonmark.Monospace}})
				i += end + 2
				continue
			}
			add("`")
			i += 1 + prefixLen(rest[1:], wordJoiner)
		case rest[0] == '<':
			if end := strings.IndexByte(rest, '>'); end > 1 {
				r := l.reference(rest[1:end])
				all = append(all, token{run: &r})
				i += end + 1
				continue
			}
			add("<")
			i++
		case rest[0] == '&':
			n := 1
			for _, entity := range []string{"&lt;", "&gt;", "&amp;"} {
				if strings.HasPrefix(rest, entity) {
					n = len(entity)
				}
			}
			add(unescape(rest[:n]))
			i += n
		case rest[0] == ':':
			if m := inColons.FindStringSubmatch(rest); m != nil && !wordBefore(all) {
				add(EmojiFromName(m[1]))
				i += len(m[0])
				continue
			}
			add(":")
			i++
		case strings.IndexByte("*_~", rest[0]) >= 0:
			literal := prefixLen(rest[1:], wordJoiner)
			all = append(all, token{char: rune(rest[0]), marker: literal == 0})
			i += 1 + literal
		case strings.HasPrefix(rest, zeroWidthSpace) && (startsWithMarker(rest[len(zeroWidthSpace):]) || len(all) > 0 && (all[len(all)-1].marker || all[len(all)-1].run != nil)):
			all = append(all, token{run: &commonmark.Run{}})
			i += len(zeroWidthSpace)
		default:
			r, size := utf8.DecodeRuneInString(rest)
			all = append(all, token{char: r})
			i += size
		}
	}
	return all
}

func prefixLen(s, prefix string) int {
	if strings.HasPrefix(s, prefix) {
		return len(prefix)
	}
	return 0
}

// startsWithMarker tells whether s begins with a character that a zero-width space may go before.
func startsWithMarker(s string) bool { return s != "" && strings.IndexByte("*_~`", s[0]) >= 0 }

func wordBefore(all []token) bool { return len(all) > 0 && all[len(all)-1].isWord() }

func (a token) isWord() bool {
	return a.run == nil && !a.marker && (unicode.IsLetter(a.char) || unicode.IsDigit(a.char))
}

func (a token) isSpace() bool { return a.run == nil && unicode.IsSpace(a.char) }

var markers = map[rune]commonmark.Style{'*': commonmark.Bold, '_': commonmark.Italic, '~': commonmark.Strike}

// emphasise finds pairs of markers. The first has no letter before it and no space after it; the second is the reverse.
func emphasise(atoms []token, s commonmark.Style) (runs []commonmark.Run) {
	unclosed := map[rune]bool{} // markers that have no closing one
	var words []rune
	flush := func() {
		if len(words) > 0 {
			runs = append(runs, commonmark.Run{Text: string(words), Style: s})
		}
		words = words[:0]
	}
	for i := 0; i < len(atoms); i++ {
		a := atoms[i]
		if a.run != nil {
			flush()
			r := *a.run
			r.Style |= s
			runs = append(runs, r)
			continue
		}
		if a.marker && !unclosed[a.char] && isSingleMarker(atoms, i) && !(i > 0 && atoms[i-1].isWord()) && i+1 < len(atoms) && !atoms[i+1].isSpace() {
			if end := findCloser(atoms, i); end > 0 {
				flush()
				runs = append(runs, emphasise(atoms[i+1:end], s|markers[a.char])...)
				i = end
				continue
			}
			unclosed[a.char] = true
		}
		words = append(words, a.char)
	}
	flush()
	return runs
}

func findCloser(atoms []token, opener int) int {
	for i := opener + 2; i < len(atoms); i++ {
		a := atoms[i]
		if a.marker && a.char == atoms[opener].char && isSingleMarker(atoms, i) && !atoms[i-1].isSpace() && !(i+1 < len(atoms) && atoms[i+1].isWord()) {
			return i
		}
	}
	return 0
}

// isSingleMarker tells whether a marker has no other of its kind next to it. Two stars are just two stars.
func isSingleMarker(atoms []token, i int) bool {
	return !(i > 0 && atoms[i-1].char == atoms[i].char) && !(i+1 < len(atoms) && atoms[i+1].char == atoms[i].char)
}
