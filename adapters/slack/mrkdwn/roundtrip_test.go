package mrkdwn

import (
	"cmp"
	"testing"
)

// roundTrips are texts that come back from Slack as they were. Where Slack has no way to show them, byBlocks and
// byMrkdwn are how they come back instead.
var roundTrips = []struct{ text, byBlocks, byMrkdwn string }{
	// what every platform can show
	{text: "Plain words."},
	{text: "*Emphasis*, **strength** and ***both***."},
	{text: "Em*pha*sis and st**reng**th inside of words."},
	{text: "`code`, and `co*de*` with stars, and ``a ` tick``.", byMrkdwn: "`code`, and `co*de*` with stars, and a \\` tick."},
	{text: "[A link](https://example.org/a?b=c&d=e_f_g#h), <https://example.org/x_y_z> and **[a strong one](https://example.org)**."},
	{text: "> A quote\\\n> of two lines\n\nand an answer."},
	{text: "- one\n- *two*\n- `three`"},
	{text: "1. one\n2. two\n3. three"},
	{text: "Points:\n\n- one\n- two\n\nand on."},
	{text: "```\nif a < b && *c {\n\treturn `d`\n}\n```"},
	{text: "First line\\\nsecond line."},
	{text: "First paragraph.\n\nSecond paragraph."},
	{text: "Emoji 👍 😀 ❤️ 🎉."},
	{text: "Unicode: Zoë, naïve, 图书馆, مكتبة, библиотека, “quotes” – dashes…"},
	{text: "a < b & c > d, &amp;lt; and AT&T"},
	{text: "\\*no emphasis\\*, \\_none\\_, \\`no code\\`, \\[no\\](link), \\~no\\~."},
	{text: "snake_case_name, 2 * 3 * 4, 5 > 4 and ~10"},
	{text: "1\\. no list"},
	{text: "\\- no list"},
	{text: "\\# no heading"},
	{text: "\\> no quote"},
	{text: "\\<b>no tag\\</b>"},
	{text: "#ukmedlibs A1: yes, 50% of them: see p.3; ok?"},
	{text: ":not_an_emoji: and 10:30:45"},
	// what Slack can show besides
	{text: "~~struck~~ and **~~both~~**"},
	{text: "- a\n  - b\n    - c\n  - d\n- e"},
	{text: "1. a\n   - b\n2. c"},
	{text: "3. c\n4. d"},
	{text: "- a\n\n1. b", byMrkdwn: "- a\n\n1\\. b"},
	{text: "> - in a quote\n> - another"},
	{text: "> ```\n> code\n> ```", byMrkdwn: "```\ncode\n```"},
	{text: "> one\n>\n> two"},
	{text: "[`code`](https://example.org) in a link", byMrkdwn: "[code](https://example.org) in a link"},
	{text: "<holly@example.org> and [mail me](mailto:holly@example.org)"},
	{text: "Two\n\n```\nblocks\n```\n\n```\nof\n\ncode\n```"},
	{text: "!\\[no picture\\] and ![alt](https://example.org/a.png)", byBlocks: "!\\[no picture\\] and [alt](https://example.org/a.png)", byMrkdwn: "!\\[no picture\\] and [alt](https://example.org/a.png)"},
	{text: "**Q1.** Are you working with your library?\n\n- Project suggestions?\n- Any barriers?"},
	{text: "a\\\nb\\\n\\- c\\\n1\\. d"},
	{text: "`` ` `` and ` a ` and `\\`", byMrkdwn: "\\` and ` a ` and `\\`"},
	{text: "C:\\\\temp\\\\x, \\\\*, \\&copy; &amp;copy;"},
	{text: "====\n\nand \\==="},
	{text: "*one* *two* **three** **four**", byBlocks: "*one two* **three four**", byMrkdwn: "*one two* **three four**"},
	{text: "(*a*) [**b**](https://example.org)!", byBlocks: "(*a*) **[b](https://example.org)**!", byMrkdwn: "(*a*) **[b](https://example.org)**!"},
	{text: "\\![a](https://example.org)"},
	{text: "👩‍⚕️ 👍🏽 🇬🇧 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ©"},
}

func TestRoundTrip(t *testing.T) {
	for _, c := range roundTrips {
		for _, way := range []struct{ name, got, want string }{
			{"blocks", throughBlocks(t, c.text), c.byBlocks},
			{"mrkdwn", throughMrkdwn(c.text), c.byMrkdwn},
		} {
			want := cmp.Or(way.want, c.text)
			if g, w := rendered(t, way.got), rendered(t, want); g != w {
				t.Errorf("said %q and heard %q by way of %s, which renders as\n%s\nwant\n%s", c.text, way.got, way.name, g, w)
			}
		}
	}
}
