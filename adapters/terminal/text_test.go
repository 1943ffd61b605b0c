package terminal

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/ukmedlibs/catchword/adapters"
)

func TestLayout(t *testing.T) {
	for _, c := range []struct {
		name, text string
		width      int
		want       string
	}{
		{"words", "one two three", 8, "one two\nthree"},
		{"long words", "incomprehensibilities", 8, "incompre\nhensibil\nities"},
		{"long words later", "an incomprehensibility", 8, "an\nincompre\nhensibil\nity"},
		{"emphasis", "*a* **b** ***c*** `d*`", 0, "a b c d*"},
		{"escapes", `\*a\* &amp; &#65; 1\. <b>`, 0, "*a* & A 1. <b>"},
		{"instant", `from <time datetime="2026-12-15T20:00:00Z">20:00 GMT</time> on`, 0, "from 20:00 GMT on"},
		{
			"link", "[words](https://x.example) <https://y.example> [https://z.example](https://z.example) ![a picture](https://p.example)", 0,
			"words (https://x.example) https://y.example https://z.example a picture (https://p.example)",
		},
		{"paragraphs", "a\n\nb\nc\\\nd", 0, "a\n\nb c\nd"},
		{"heading", "# a\nb\n\nc\n---", 0, "a\n\nb\n\nc"},
		{"list", "a:\n\n- b c d\n- e\n  1. f\n  2. g", 10, "a:\n• b c d\n• e\n  1. f\n  2. g"},
		{"loose list", "- a\n\n- b", 0, "• a\n• b"},
		{"numbers", "9. a\n10. bb cc", 8, "9. a\n10. bb\n    cc"},
		{"empty item", "-\n- a", 0, "•\n• a"},
		{"quote", "> a b c\n\nd", 5, "│ a b\n│ c\n\nd"},
		{"code", "```go\nif a  {\n\tb\n}\n```", 5, "if a \n {\n b\n}"},
		{"indented code", "    a  b", 0, "a  b"},
		{"rule", "a\n\n---\n\nb", 0, "a\n\n────────\n\nb"},
		{"HTML is text", "<div>\na\n</div>\n\nb <i>c</i>", 0, "<div> a </div>\n\nb <i>c</i>"},
		{"nothing", "", 0, ""},
		{"wide letters", "图书馆和公共", 5, "图书\n馆和\n公共"},
		{"emoji", "👍🏽👩‍⚕️🇬🇧❤️", 4, "👍🏽👩‍⚕️\n🇬🇧❤️"},
		{"accents", "e\u0301e\u0301e\u0301", 2, "e\u0301e\u0301\ne\u0301"},
		{"deep nesting", strings.Repeat("> ", 20) + "words", 12, "│ words"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var lines []string
			for _, ln := range layout(nil, c.text, style{}, c.width) {
				lines = append(lines, strings.TrimRight(ln.paint(false), " "))
			}
			if got, want := strings.Join(lines, "\n"), strings.ReplaceAll(c.want, " \n", "\n"); got != want {
				t.Errorf("layout of %q in %d cells: got\n%s\nwant\n%s", c.text, c.width, got, want)
			}
		})
	}
}

func TestPaint(t *testing.T) {
	got := layout([]run{{"Amy", style{bold: true, colour: 33}}, {": ", style{dim: true}}}, "*a b* **c** d", style{}, 0)[0].paint(true)
	const want = "\x1b[1;38;5;33mAmy\x1b[0m\x1b[2m: \x1b[0m\x1b[3ma b\x1b[0m \x1b[1mc\x1b[0m d"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOneLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{"a\nb\tc\r", "a b c "},
		{"\x1b[31mred\x1b[0m", "red"},
		{"\x1b]0;title\x07x", "x"},
		{"\x1b]8;;https://evil.example\x1b\\x", "x"},
		{"\x1bcx", "x"},
		{"\x1b", ""},
		{"\u009b31mx\u009c", "x"},
		{"a\u202eb\u2066c\u200bd\ufeff", "abcd"},
		{"\xff", "\ufffd"},
		{"👩‍⚕️", "👩‍⚕️"},
	} {
		if got := oneLine(c.in); got != c.want {
			t.Errorf("oneLine(%q): got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Q1", "Q1"},
		{"exactly ten", "exactly…"},
		{"ten cells.", "ten cells."},
		{"incomprehensible", "incompreh…"},
		{"a incomprehensible", "a incompr…"},
		{"图书馆和公共", "图书馆和…"},
	} {
		if got := truncate(c.in, 10); got != c.want {
			t.Errorf("clip(%q, 10): got %q, want %q", c.in, got, c.want)
		}
	}
}

// colours are the only escape codes that are written.
var colours = regexp.MustCompile("\x1b\\[[0-9;]+m")

// Whatever strangers write, the terminal obeys us alone, and lines fit.
func FuzzRender(f *testing.F) {
	for _, s := range []string{
		"*a* **b** [c](d) `e`", "- a\n  1. b\n     > c", "\x1b[2J\x1b]0;x\x07", "&#27;[31m &#x9b;x", "```\n\x1b[1m\n```", "<b \x1b[1m>", "![\x00](\x1b)",
		"<div>\x1b\n", "[a]: b \"c\"\n[a]", "👩‍⚕️🇬🇧❤️e\u0301", "\u202e\u2028", strings.Repeat("> ", 99) + "x", "a\\\x1b\nb", "<https://x\x1b>", "1. \x7f\n2. \u0085",
	} {
		f.Add(s, 30)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = max(0, min(limit, 200))
		if limit > 0 {
			limit = max(limit, 8)
		}
		m := message{author: adapters.User{ID: "x", Name: s}, text: s}
		for _, ln := range layout(m.authorRuns(": "), s, style{bold: true}, limit) {
			text := ln.paint(false)
			if i := strings.IndexFunc(text, unicode.IsControl); i >= 0 || !utf8.ValidString(text) {
				t.Fatalf("layout of %q: got a control character or bad UTF-8 in %q", s, text)
			}
			if n := ln.width(); limit > 0 && n > limit {
				t.Fatalf("layout of %q in %d cells: got %q, %d cells", s, limit, text, n)
			}
			if got := colours.ReplaceAllString(ln.paint(true), ""); got != text {
				t.Fatalf("layout of %q: got %q with its colours taken off, want %q", s, got, text)
			}
		}
	})
}
