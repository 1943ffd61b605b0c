package mrkdwn

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// FuzzToCommonMark: whatever Slack sends, in whatever blocks, what is heard is CommonMark that reads as what Slack
// shows.
func FuzzToCommonMark(f *testing.F) {
	for _, c := range roundTrips {
		raw, err := json.Marshal(slackgo.Blocks{BlockSet: Blocks(c.text)})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(FromCommonMark(c.text), string(raw))
	}
	f.Add("*a <!date^1^{x}^y|z> `b` ```c", section(`{"type":"hologram","text":"a","deep":[{"title":["b"]}]}`))
	f.Add("\x1b[1m&gt;&gt;&gt;<|><@|>:+1::", section(`{"type":"emoji","name":"x","unicode":"1b-110000-ffffffffff"},{"type":"date","timestamp":-99999999999999}`))
	f.Add("1. a\n2. b\n    • c", `[{"type":"rich_text","elements":[{"type":"rich_text_list","indent":99,"offset":99999999999,"style":"ordered","elements":[{"type":"rich_text_quote"},{"type":"rich_text_list","indent":-9}]}]}]`)
	f.Fuzz(func(t *testing.T, mrkdwn, blocks string) {
		checkRoundTrip(t, mrkdwn, ToCommonMark(&slackgo.Msg{Text: mrkdwn}, testNames))
		var m slackgo.Msg
		if json.Unmarshal([]byte(blocks), &m.Blocks) != nil {
			return
		}
		received := ToCommonMark(&m, testNames)
		checkRoundTrip(t, blocks, received)
		// Each word of a text element is there.
		if len(received) > commonmark.MaxLength {
			return
		}
		for _, b := range m.Blocks.BlockSet {
			rich, ok := b.(*slackgo.RichTextBlock)
			if !ok {
				continue
			}
			for _, e := range rich.Elements {
				if s, ok := e.(*slackgo.RichTextSection); ok {
					for _, e := range s.Elements {
						if words, ok := e.(*slackgo.RichTextSectionTextElement); ok && !containsLetters(commonmark.Clean(words.Text), shownText(received)) {
							t.Errorf("heard %s: got %q, want the words of %q", blocks, received, words.Text)
						}
					}
				}
			}
		}
	})
}

// TestLongTextIsFast: a text longer than most, of what is slow to read, is heard whole. It took minutes once.
func TestLongTextIsFast(t *testing.T) {
	for _, part := range []string{"&", "*a ", "<https://example.org|a> ", "• a\n", "`a", "_~*"} {
		source := strings.Repeat(part, 20_000/len(part))
		received := ToCommonMark(&slackgo.Msg{Text: source}, testNames)
		if got, want := strings.Count(received, "a"), strings.Count(source, "a"); got != want {
			t.Errorf("heard %d times %q: got %d words, want %d", 20_000/len(part), part, got, want)
		}
	}
}

// checkRoundTrip fails for CommonMark that has control characters, or that says something else when it is said again
// and heard again.
func checkRoundTrip(t *testing.T, source, received string) {
	t.Helper()
	if !utf8.ValidString(received) || strings.ContainsFunc(received, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
		t.Errorf("heard %q: got %q, want no control characters, and UTF-8", source, received)
	}
	if len(received) > commonmark.MaxLength {
		return
	}
	again := commonmark.Parse(received).CommonMark()
	if a, b := letters(shownText(received)), letters(shownText(again)); a != b {
		t.Errorf("heard %q as %q, which reads as %q when it is passed on, want %q", source, received, b, a)
	}
}

// shownText is the text that CommonMark shows.
func shownText(source string) string {
	var b strings.Builder
	for _, blk := range commonmark.Parse(source) {
		b.WriteString(commonmark.PlainText(blk.Runs) + " ")
	}
	return b.String()
}

// firstPing is what notifies people in mrkdwn: all that begins so, but dates.
func firstPing(mrkdwn string) string {
	return pingPattern.FindString(strings.ReplaceAll(mrkdwn, "<!date^", ""))
}

var pingPattern = regexp.MustCompile(`<[!@#][^<>]*`)

// FuzzFromCommonMark: whatever is said, it pings nobody, stays within Slack's limits, and is said to the last word.
func FuzzFromCommonMark(f *testing.F) {
	for _, c := range roundTrips {
		f.Add(c.text, 4000)
	}
	for _, s := range []string{
		"@here <!here> <!channel|x> <@U024BE7LH> <#C0UKMED> &lt;!here&gt; [<!here>](https://example.org) `<!everyone>`", "\\<!here>", "&#60;!here&#62;",
		"[a](https://example.org/<!here>) <https://example.org/|<!here>>", "<time datetime=\"2026-12-15T20:00:00Z\"><!here> | ^ x</time>", "# <!here>\n\n*<@U1>*",
		"# " + strings.Repeat("long ", 60) + "\n\n" + strings.Repeat("A sentence. ", 900), "```\n" + strings.Repeat("code\n\n", 900) + "```", strings.Repeat("# h\n\n", 60),
		strings.Repeat("**a** b ", 700), strings.Repeat("图", 5000), strings.Repeat("👩‍⚕️", 1500), strings.Repeat("- item\n", 500), "1. " + strings.Repeat("a&b ", 1200),
		"[x](https://example.org/" + strings.Repeat("&", 1900) + ")", "> " + strings.Repeat("quote\\\n> ", 700), strings.Repeat("<time>", 50), strings.Repeat("[](", 50), strings.Repeat("> ", 50) + "x",
		"---\n\n*small*", "*a*\n\n*small \x07*", "![x](y)", "[a]: b\n[a]", "<div>\n*x*\n</div>",
		"&0&[&0000&](https:)", "x\n\n` `", "# ` `",
	} {
		f.Add(s, 4000)
		if len(s) < 2000 {
			f.Add(s, 200)
		}
	}
	f.Fuzz(func(t *testing.T, s string, maxChars int) {
		maxChars = max(100, min(maxChars, 4000))
		texts := Split(s, maxChars)
		if len(texts) == 0 {
			t.Fatalf("split of %q: got nothing, want at least one text", s)
		}
		var posted, fallback strings.Builder
		for _, one := range texts {
			blocks, mrkdwn := Blocks(one), FromCommonMark(one)
			if n := utf8.RuneCountInString(mrkdwn); n > maxChars {
				t.Errorf("split of %q: got a text of %d characters, want at most %d", s, n, maxChars)
			}
			posted.WriteString(checkBlocks(t, one, blocks) + " ")
			if m := firstPing(mrkdwn); m != "" {
				t.Errorf("mrkdwn of %q: got %q, which calls people", one, m)
			}
			fallback.WriteString(mrkdwn + " ")
		}
		if len(s) > commonmark.MaxLength {
			return
		}
		if want := shownText(s); !containsLetters(want, posted.String()) {
			t.Errorf("blocks of %q: got the words of %q, want all of %q", s, posted.String(), want)
		} else if !containsLetters(want, unescape(fallback.String())) {
			t.Errorf("mrkdwn of %q: got %q, want all of %q", s, fallback.String(), want)
		}
	})
}

// checkBlocks holds blocks to Slack's limits, and returns the words in them.
func checkBlocks(t *testing.T, source string, blocks []slackgo.Block) string {
	t.Helper()
	if len(blocks) > 50 {
		t.Errorf("blocks of %q: got %d, want at most 50", source, len(blocks))
	}
	if n := blocksSize(blocks); n > 13_200 {
		t.Errorf("blocks of %q: got %d characters, want at most 13,200", source, n)
	}
	var words strings.Builder
	var walk func(elements []slackgo.RichTextElement)
	walk = func(elements []slackgo.RichTextElement) {
		for _, e := range elements {
			var inner []slackgo.RichTextSectionElement
			switch e := e.(type) {
			case *slackgo.RichTextSection:
				inner = e.Elements
			case *slackgo.RichTextQuote:
				inner = e.Elements
			case *slackgo.RichTextPreformatted:
				inner = e.Elements
			case *slackgo.RichTextList:
				walk(e.Elements)
				continue
			default:
				t.Errorf("blocks of %q: got a %T, want none", source, e)
			}
			if len(inner) == 0 {
				t.Errorf("blocks of %q: got an empty %s, which Slack refuses", source, e.RichTextElementType())
			}
			for _, e := range inner {
				switch e := e.(type) {
				case *slackgo.RichTextSectionTextElement:
					words.WriteString(e.Text)
					if e.Text == "" {
						t.Errorf("blocks of %q: got an empty text, which Slack refuses", source)
					}
				case *slackgo.RichTextSectionLinkElement:
					words.WriteString(e.Text)
					if e.Text == "" {
						words.WriteString(e.URL)
					}
				case *slackgo.RichTextSectionDateElement:
					words.WriteString(*e.Fallback)
				default:
					t.Errorf("blocks of %q: got a %T, which may call people", source, e)
				}
			}
			words.WriteByte(' ')
		}
	}
	for _, b := range blocks {
		switch b := b.(type) {
		case *slackgo.RichTextBlock:
			walk(b.Elements)
		case *slackgo.HeaderBlock:
			if n := utf8.RuneCountInString(b.Text.Text); n == 0 || n > 150 || b.Text.Type != "plain_text" || strings.ContainsAny(b.Text.Text, "<>&") {
				t.Errorf("blocks of %q: got the header %q", source, b.Text.Text)
			}
			words.WriteString(b.Text.Text)
		case *slackgo.ContextBlock:
			small := b.ContextElements.Elements[0].(*slackgo.TextBlockObject)
			if n := utf8.RuneCountInString(small.Text); n == 0 || n > 3000 || !small.Verbatim || firstPing(small.Text) != "" {
				t.Errorf("blocks of %q: got the context %+v", source, small)
			}
			words.WriteString(unescape(small.Text))
		case *slackgo.DividerBlock:
		default:
			t.Errorf("blocks of %q: got a %T, want none", source, b)
		}
		words.WriteByte(' ')
	}
	return words.String()
}
