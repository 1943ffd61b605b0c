package html

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	"pgregory.net/rapid"
)

// testNames tells names for the tests of text.
func testNames(user id.UserID) string {
	return map[id.UserID]string{"@holly:example.org": "Holly Case", "@star:example.org": "*Star* & <Co>", "@at:example.org": "@zoë"}[user]
}

// roundTrip is how a text comes back when a person says the same as the bot.
func roundTrip(text string) string {
	body, formatted := FromCommonMark(text)
	c := event.MessageEventContent{MsgType: event.MsgText, Body: body}
	if formatted != "" {
		c.Format, c.FormattedBody = event.FormatHTML, formatted
	}
	return ToCommonMark(&c, false, testNames)
}

var (
	renderer   = goldmark.New(goldmark.WithExtensions(extension.Strikethrough, extension.Linkify))
	whitespace = regexp.MustCompile(`(?:<pre>(?s:.*?)</pre>)|\s+`)
)

// rendered makes two spellings of the same CommonMark equal.
func rendered(t rapid.TB, commonmark string) string {
	t.Helper()
	var html bytes.Buffer
	if err := renderer.Convert([]byte(commonmark), &html); err != nil {
		t.Fatalf("rendering %q: %v", commonmark, err)
	}
	return strings.TrimSpace(whitespace.ReplaceAllStringFunc(html.String(), func(m string) string {
		if strings.HasPrefix(m, "<pre>") {
			return m
		}
		return " "
	}))
}

func TestRoundTrip(t *testing.T) {
	for _, text := range []string{
		// what every platform can show
		"Plain words.",
		"*Emphasis*, **strength** and ***both***.",
		"Em*pha*sis and st**reng**th inside of words.",
		"`code`, and `co*de*` with stars, and ``a ` tick``.",
		"[A link](https://example.org/a?b=c&d=e_f_g#h), <https://example.org/x_y_z> and **[a strong one](https://example.org)**.",
		"> A quote\\\n> of two lines\n\nand an answer.",
		"- one\n- *two*\n- `three`",
		"1. one\n2. two\n3. three",
		"Points:\n\n- one\n- two\n\nand on.",
		"```\nif a < b && *c {\n\treturn `d`\n}\n```",
		"First line\\\nsecond line.",
		"First paragraph.\n\nSecond paragraph.",
		"Emoji 👍 😀 ❤️ 🎉.",
		"Unicode: Zoë, naïve, 图书馆, مكتبة, библиотека, “quotes” – dashes…",
		"a < b & c > d, &amp;lt; and AT&T",
		"\\*no emphasis\\*, \\_none\\_, \\`no code\\`, \\[no\\](link), \\~no\\~.",
		"snake_case_name, 2 * 3 * 4, 5 > 4 and ~10",
		"1\\. no list",
		"\\- no list",
		"\\# no heading",
		"\\> no quote",
		"\\<b>no tag\\</b>",
		"#ukmedlibs A1: yes, 50% of them: see p.3; ok?",
		":not_an_emoji: and 10:30:45",
		// what Matrix can show besides
		"~~struck~~ and **~~both~~**",
		"- a\n  - b\n    - c\n  - d\n- e",
		"1. a\n   - b\n2. c",
		"3. c\n4. d",
		"- a\n\n1. b",
		"- a\n\n  more of a\n\n- b",
		"> - in a quote\n> - another",
		"> ```\n> code\n> ```",
		"> one\n>\n> two",
		"# Heading *one*\n\n### Heading three\n\nwords",
		"```go\nfunc main() {}\n```",
		"Two\n\n```\nblocks\n```\n\n```\nof\n\ncode\n```",
		"a\n\n___\n\nb",
		"[`code`](https://example.org) in a link",
		"<holly@example.org> and [mail me](mailto:holly@example.org)",
		"!\\[no picture\\] and \\![a](https://example.org)",
		"**Q1.** Are you working with your library?\n\n- Project suggestions?\n- Any barriers?",
		"a\\\nb\\\n\\- c\\\n1\\. d",
		"`` ` `` and `\\`",
		"C:\\\\temp\\\\x, \\\\*, \\&copy; &amp;copy;",
		"(*a*) **[b](https://example.org)**!",
		"👩‍⚕️ 👍🏽 🇬🇧 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ©",
		"@room and **@**room and `@Room` and [@room](https://example.org/@room)",
	} {
		back := roundTrip(text)
		if g, w := rendered(t, back), rendered(t, text); g != w {
			body, formatted := FromCommonMark(text)
			t.Errorf("said %q as\n%s\n%s\nand heard %q, which renders as\n%s\nwant\n%s", text, body, formatted, back, g, w)
		}
	}
}

func TestPollToCommonMark(t *testing.T) {
	var c event.PollStartEventContent
	raw := `{"org.matrix.msc3381.poll.start":{"kind":"org.matrix.msc3381.poll.disclosed","max_selections":1,
		"question":{"org.matrix.msc1767.text":"What *first*?"},
		"answers":[{"id":"a","org.matrix.msc1767.text":"Books"},{"id":"b","org.matrix.msc1767.text":"1. People"}]}}`
	if err := json.Unmarshal([]byte(raw), &c); err != nil {
		t.Fatal(err)
	}
	if got, want := PollToCommonMark(&c), "What \\*first\\*?\n\n1. Books\n2. 1\\. People"; got != want {
		t.Errorf("a poll: got\n%s\nwant\n%s", got, want)
	}
}

func TestSplitLong(t *testing.T) {
	for _, text := range []string{"short *words*", strings.Repeat("**A** sentence of *some* length. ", 1500), strings.Repeat("<&>", 9_000), strings.Repeat("- an item\n", 1500)} {
		for _, piece := range Split(text) {
			body, formatted := FromCommonMark(piece)
			raw, err := json.Marshal(event.MessageEventContent{Body: body, FormattedBody: formatted, NewContent: &event.MessageEventContent{Body: body, FormattedBody: formatted}})
			if encrypted := len(raw) * 4 / 3; err != nil || encrypted > 62_000 {
				t.Errorf("split of %.20q…: got a piece that takes %d bytes as an edit, %v, want at most 62,000", text, encrypted, err)
			}
		}
	}
}
