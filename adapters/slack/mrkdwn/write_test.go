package mrkdwn

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	slackgo "github.com/slack-go/slack"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGolden(t *testing.T) {
	sources, err := filepath.Glob("testdata/text/*.md")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	for _, source := range sources {
		posted, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		var blocks bytes.Buffer
		e := json.NewEncoder(&blocks)
		e.SetEscapeHTML(false)
		e.SetIndent("", "\t")
		if err := e.Encode(Blocks(string(posted))); err != nil {
			t.Fatal(err)
		}
		base := strings.TrimSuffix(source, ".md")
		golden(t, base+".blocks.json", blocks.String())
		golden(t, base+".mrkdwn", FromCommonMark(string(posted))+"\n")
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestToMrkdwn(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"a < b & c > d and &amp;amp;", "a &lt; b &amp; c &gt; d and &amp;amp;"},
		{"<!here> @here <@U1> \\<!channel> &#60;!here>", "&lt;!here&gt; @here &lt;@U1&gt; &lt;!channel&gt; &lt;!here&gt;"},
		{"*a* **b** ~~c~~ `d` ***e***", "_a_ *b* ~c~ `d` *_e_*"},
		{"Em*pha*sis", "Em\u200b_pha_\u200bsis"},
		{`\*no\* 2 * 3 a_b_c`, "*\u2060no*\u2060 2 * 3 a_b_c"},
		{"# Heading *x*", "*Heading* *_x_*"},
		{"> a\\\n> b\n>\n> c", "> a\n> b\n\n> c"},
		{"\\> a", "\u2060&gt; a"},
		{"- a\n  1. b\n     - c\n- d", "• a\n    1. b\n        ▪ c\n• d"},
		{"[a|b > c](https://example.org/x|y>z)", "<https://example.org/x%7Cy%3Ez|a|b &gt; c>"},
		{"<https://example.org/?a=1&b=2>", "<https://example.org/?a=1&amp;b=2>"},
		{"[a](https://example.org/<!here>)", "<https://example.org/%3C!here%3E|a>"},
		{"[a](/b) [c](javascript:d) [e]()", "a (/b) c (javascript:d) e"},
		{"![alt](https://example.org/a.png) ![](https://example.org/a.png)", "<https://example.org/a.png|alt> <https://example.org/a.png>"},
		{"see https://example.org/a_b.", "see <https://example.org/a_b>."},
		{"~10 and ~x~", "~\u206010 and ~\u2060x~\u2060"},
		{`<time datetime="2026-12-15T20:00:00Z">Tuesday 15 December, 20:00 GMT</time>`, "<!date^1797364800^{date_long_pretty} {time}|Tuesday 15 December, 20:00 GMT>"},
		{`<time datetime="2026-12-15T20:00:00+02:00">20:00 GMT</time>`, "<!date^1797357600^{time}|20:00 GMT>"},
		{`**<time class="x" datetime='2026-12-15T20:00:00Z'>a > *b*</time>**`, "*<!date^1797364800^{date_long_pretty} {time}|a &gt; b>*"},
		{`<time datetime="soon">then</time> <time>now</time> <time datetime="2026-12-15T20:00:00Z"></time>`, "then now"},
		{`<time datetime="2026-12-15T20:00:00Z">never closed </time`, "&lt;time datetime=\"2026-12-15T20:00:00Z\"&gt;never closed &lt;/time"},
		{"<b>x</b> <br> <!-- y -->\n\n<div>\n*z*\n</div>", "&lt;b&gt;x&lt;/b&gt; &lt;br&gt; &lt;!-- y --&gt;\n\n&lt;div&gt; _z_ &lt;/div&gt;"},
		{"```\na ``` < b\n```", "```\na `\u2060`\u2060` &lt; b\n```"},
		{"a\x07b\x00c &#7; \u009bd", "abc  d"},
		{"a\n\n***\n\nb", "a\n\n———\n\nb"},
	} {
		if got := FromCommonMark(c.text); got != c.want {
			t.Errorf("said %q: got\n%q\nwant\n%q", c.text, got, c.want)
		}
	}
}

func TestToBlocks(t *testing.T) {
	kinds := func(text string) string {
		var all []string
		for _, b := range Blocks(text) {
			all = append(all, string(b.BlockType()))
		}
		return strings.Join(all, " ")
	}
	long := strings.Repeat("long ", 40)
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"[a]: b", ""},
		{"words", "rich_text"},
		{"# Title\n\nwords\n\n- list\n\n> quote\n\n```\ncode\n```", "header rich_text"},
		{"Title\n===\n\n## Another", "header header"},
		{"# R&D", "rich_text"},
		{"# " + long, "rich_text"},
		{"> # quoted", "rich_text"},
		{"#\n\nwords", "rich_text"},
		{"*small*", "rich_text"},
		{"words\n\n*small **print***", "rich_text context"},
		{"words\n\n*small* print", "rich_text"},
		{"words\n\n> *small*", "rich_text"},
		{"*small*\n\nwords", "rich_text"},
		{"words\n\n*" + strings.Repeat("long ", 601) + "*", "rich_text"},
		{"a\n\n---\n\nb", "rich_text divider rich_text"},
	} {
		if got := kinds(c.text); got != c.want {
			t.Errorf("blocks of %q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestSplit(t *testing.T) {
	list := strings.TrimSpace(strings.Repeat("- an item of a list\n", 20))
	for _, c := range []struct {
		name, text string
		most       int
		want       []string
	}{
		{"short", " *a*  b ", 100, []string{" *a*  b "}},
		{"empty", "", 100, []string{""}},
		{"blocks", strings.Repeat("a", 60) + "\n\n" + strings.Repeat("b", 60), 100, []string{strings.Repeat("a", 60), strings.Repeat("b", 60)}},
		{"heading stays", "words words\n\n# Title\n\n" + strings.Repeat("b", 85), 100, []string{"words words", "# Title\n\n" + strings.Repeat("b", 85)}},
		{"sentences", "One sentence is here. Two sentences are here? Three sentences are here! Four of them are too many for one message.", 100, []string{
			"One sentence is here. Two sentences are here? Three sentences are here!", "Four of them are too many for one message.",
		}},
		{"words", strings.Repeat("word ", 30), 100, []string{strings.TrimSpace(strings.Repeat("word ", 20)), strings.TrimSpace(strings.Repeat("word ", 10))}},
		{"anywhere", strings.Repeat("图", 150), 100, []string{strings.Repeat("图", 100), strings.Repeat("图", 50)}},
		{"not in a character", strings.Repeat("👩‍⚕️", 30), 100, []string{strings.Repeat("👩‍⚕️", 25), strings.Repeat("👩‍⚕️", 5)}},
		{"styles go on", "**" + strings.TrimSpace(strings.Repeat("word ", 25)) + "**", 100, []string{
			"**" + strings.TrimSpace(strings.Repeat("word ", 19)) + "**", "**" + strings.TrimSpace(strings.Repeat("word ", 6)) + "**",
		}},
		{"fences open again", "```\n" + strings.Repeat("line of code\n", 10) + "```", 100, []string{
			"```\n" + strings.Repeat("line of code\n", 7) + "```", "```\n" + strings.Repeat("line of code\n", 3) + "```",
		}},
		{"lists", list, 200, []string{
			strings.TrimSpace(strings.Repeat("- an item of a list\n", 10)), strings.TrimSpace(strings.Repeat("- an item of a list\n", 10)),
		}},
		{"numbers go on", strings.TrimSpace(strings.Repeat("1. an item of a list that is ordered\n", 4)), 100, []string{
			"1. an item of a list that is ordered\n2. an item of a list that is ordered", "3. an item of a list that is ordered\n4. an item of a list that is ordered",
		}},
		{"escapes count", strings.Repeat("&", 30), 100, []string{strings.Repeat("&", 19) + `\&`, strings.Repeat("&", 9) + `\&`}},
		{"instants stay whole", strings.Repeat("a", 60) + ` <time datetime="2026-12-15T20:00:00Z">at 8 on Tuesday</time>`, 100, []string{
			strings.Repeat("a", 60), `<time datetime="2026-12-15T20:00:00Z">at 8 on Tuesday</time>`,
		}},
		{"headers count", strings.TrimSpace(strings.Repeat("# h\n\n", 60)), 4000, []string{strings.TrimSpace(strings.Repeat("# h\n\n", 50)), strings.TrimSpace(strings.Repeat("# h\n\n", 10))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Split(c.text, c.most)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("split of %q (-want +got):\n%s", c.text, diff)
			}
			for _, text := range got {
				if n := utf8.RuneCountInString(FromCommonMark(text)); n > c.most {
					t.Errorf("got %q, %d characters, want at most %d", text, n, c.most)
				}
			}
		})
	}
}

// TestBlockLimits has Slack's own library judge the blocks.
func TestBlockLimits(t *testing.T) {
	for _, text := range Split("# Title\n\n"+strings.Repeat("**A** sentence of *some* length. ", 900)+"\n\n*small*", 4000) {
		for _, b := range Blocks(text) {
			if h, ok := b.(*slackgo.HeaderBlock); ok {
				if err := h.Text.Validate(); err != nil {
					t.Errorf("header %q: %v", h.Text.Text, err)
				}
			}
		}
		if n := utf8.RuneCountInString(FromCommonMark(text)); n > 4000 {
			t.Errorf("got a text of %d characters, want at most 4000", n)
		}
	}
}
