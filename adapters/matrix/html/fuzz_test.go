package html

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	nethtml "golang.org/x/net/html"
	"maunium.net/go/mautrix/event"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

// hostileTexts are texts that did harm to somebody's reader once, or might.
var hostileTexts = []string{
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg><script>x</script></svg>", "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
	"<a href=\"jav&#x09;ascript:alert(1)\">a</a>", "<a href=\" https://example.org\nx\">a</a>", "[a](javascript:alert(1))", "[a](JAVASCRIPT:x)", "[a](data:text/html;base64,x)", "<javascript:alert(1)>",
	"[a](https://example.org/\"><script>x</script>)", "![a](\"onerror=\"x)", "`<script>`", "```\n</code></pre><script>\n```", "```\"><script>\nx\n```",
	"<mx-reply>a</mx-reply>b", "<mx-reply><blockquote><mx-reply>a</blockquote>b</mx-reply>c", "<details><summary>a</details>b", "<table><td>a<p>b</table>", "<table>a<tr>b<td>c",
	"<select><option>a", "<noscript><p title=\"</noscript><img src=x onerror=x>\">", "<style><!--</style><img title=\"--&gt;&lt;img src=x&gt;\">", "<xmp><b>x", "<plaintext>x<b>", "<title>x", "<frameset>x", "<isindex>", "<form><input value=x>",
	"<ul><ul><ul>a</ul><li>b", "<ol start=99999999999999999999><li value=-5>a", "<li>a<li>b", "<b><i>a</b>b</i>", "<p><b>a<p>b</b>c", "<a href=https://a.org>a<a href=https://b.org>b", "<pre>a<ul><li>b</pre>c",
	"@room", "@\u2060room", "@ROOM", "**@**room", "@<b>ro</b>om", "&#64;room", "@&#x72;oom", "[@room](https://example.org/@room)", "https://example.org/@room?@room", "<time datetime=\"2026-12-15T20:00:00Z\">@room 20:00</time>", "# @room\n\n- @room\n> @room", "@\u200broom", "＠room",
	"[x](https://matrix.to/#/@a:b)", "https://matrix.to/#/@a:b", "<a href=\"https://matrix.to/#/@a:b\"><b>@room</b></a>", "<a href=\"https://matrix.to/#/@:\">x</a>", "<a href=\"matrix:u/\">x</a>", "https://matrix.to/#/%zz",
	"\u202eevil\u202c", "a\u200bb\u200dc", "\ufeffa", "a\x00b\x1b[2J\x9b", "\xff\xfe", "<b>\xff</b>", "&#0; &#xD800; &#x110000; &#27;", "\u2028\u2029\u0085",
	"1. <b>x</b>\n   > - y\n\n```", "| a | b |\n|---|---|\n| c | d |", "[a]: https://example.org\n[a]", "a\n===\nb\n---", "\\", "&", "<", "*", "_*_", "`", "~~~", "*a*b*c*", "https://", "www.", "http://[::1", "https://a]b)c",
	"<span data-mx-spoiler=\"<b>\">x</span>", "<span data-mx-spoiler><p>x</p></span>", "<sup><sup>1</sup></sup>", "<img alt=\"&lt;b&gt;\n*x*\">", "<a href=\"https://example.org\"><p>a</p></a>", "<h1><ul><li>a</ul></h1>", "<blockquote><h2>a</h2></blockquote>", "<td>a", "<code>a<br>b</code>",
}

func FuzzFromCommonMark(f *testing.F) {
	for _, text := range hostileTexts {
		f.Add(text)
	}
	for _, text := range nestedTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var inBody, inHTML strings.Builder
		for _, piece := range splitAt(text, 2000) {
			body, formatted := FromCommonMark(piece)
			if n := jsonLen(body) + jsonLen(formatted); n > 2000 {
				t.Errorf("said %q: got %d bytes, want at most 2000", piece, n)
			}
			checkReadable(t, piece, body)
			if strings.Contains(strings.ToLower(body), "@room") {
				t.Errorf("said %q: got the body %q, which calls everybody", piece, body)
			}
			inBody.WriteString(body)
			if formatted == "" {
				formatted = nethtml.EscapeString(body)
			}
			words := checkAllowedHTML(t, piece, formatted)
			if strings.Contains(strings.ToLower(words), "@room") {
				t.Errorf("said %q: got %s, which calls everybody", piece, formatted)
			}
			inHTML.WriteString(words)
		}
		for got, where := range map[string]string{inBody.String(): "body", inHTML.String(): "HTML"} {
			if want := shownText(text); !containsLetters(want, got) {
				t.Errorf("said %q: got the %s %q, want all of %q", text, where, got, want)
			}
		}
		// What is heard of an address that leads to a user is their name.
		if len(text) < commonmark.MaxLength/2 && !strings.Contains(text, "#/") {
			if want, got := shownText(text), shownText(roundTrip(text)); !containsLetters(want, got) {
				t.Errorf("said %q: heard %q again, want all of %q", text, got, want)
			}
		}
	})
}

func FuzzToCommonMark(f *testing.F) {
	for _, text := range hostileTexts {
		f.Add(text, text)
	}
	for _, text := range nestedTexts {
		f.Add(text, "body")
	}
	for _, text := range hostileTexts {
		body, formatted := FromCommonMark(text)
		f.Add(formatted, body)
	}
	f.Fuzz(func(t *testing.T, formatted, body string) {
		formatted, body = strings.ToValidUTF8(formatted, "\ufffd"), strings.ToValidUTF8(body, "\ufffd") // as JSON is
		c := event.MessageEventContent{MsgType: event.MsgText, Body: body}
		received := ToCommonMark(&c, true, testNames)
		checkReadable(t, body, received)
		if want := event.TrimReplyFallbackText(body); !strings.Contains(want, "://") && !containsLetters(rearmMentions(want), shownText(received)) {
			t.Errorf("heard the body %q: got %q, want all of it", body, received)
		}
		checkRoundTrip(t, body, received)

		c.Format, c.FormattedBody = event.FormatHTML, formatted
		received = ToCommonMark(&c, true, testNames)
		checkReadable(t, formatted, received)
		checkRoundTrip(t, formatted, received)
		if want := htmlText(formatted); !strings.Contains(want, "://") && !containsLetters(want, shownText(received)) {
			t.Errorf("heard %s: got %q, want all of %q", formatted, received, want)
		}
	})
}

// nestedTexts are deep or long, and slow to read for some.
var nestedTexts = []string{
	strings.Repeat("> ", 500) + "a", strings.Repeat("- ", 500) + "a", strings.Repeat("1. ", 300) + "a", strings.Repeat("*", 3000) + "a", strings.Repeat("[", 3000) + "a", strings.Repeat("*a _b ", 800), strings.Repeat("`a", 2000),
	strings.Repeat("<b>", 400) + "a", strings.Repeat("<div>", 600) + "a", strings.Repeat("<blockquote>", 100) + "a", strings.Repeat("<ul><li>", 200) + "a", strings.Repeat("<table><tr><td>", 100) + "a", strings.Repeat("<a href=https://example.org>", 400) + "a",
	strings.Repeat("<p><b><i>", 300) + "a", strings.Repeat("<mx-reply>", 300) + "a", strings.Repeat("<b>a<p>", 300), strings.Repeat("<font>x", 500), strings.Repeat("&", 5000), strings.Repeat("@room ", 1000), strings.Repeat("https://a.b/(", 500), strings.Repeat(")", 3000) + "https://a.b/" + strings.Repeat(")", 3000),
}

// TestHuge: what is as long as an event may be is heard whole, whatever it is made of.
func TestHuge(t *testing.T) {
	t.Parallel()
	const size = 30_000
	for _, part := range []string{"<ul><li>a", "a</b><i>", "<table><td>a", "<a href=https://b.org>a", "a www.b.org) ", "a*", "<font>a", "<b><p>a", "<blockquote>a</blockquote>", "a<br>"} {
		source := strings.Repeat(part, size/len(part))
		for _, c := range []event.MessageEventContent{{Body: source}, {Body: source, Format: event.FormatHTML, FormattedBody: source}} {
			received := ToCommonMark(&c, true, nil)
			if want := shownText(fromHTML(c.FormattedBody, nil).CommonMark()); !containsLetters(want, shownText(received)) {
				t.Errorf("heard %d times %.20q: got %d letters, want %d", size/len(part), part, len(letters(shownText(received))), len(letters(want)))
			}
			for _, piece := range Split(received) {
				FromCommonMark(piece)
			}
		}
	}
}

// checkReadable fails for what is not UTF-8, or has control characters.
func checkReadable(t *testing.T, source, got string) {
	t.Helper()
	if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
		t.Errorf("%q: got %q, want no control characters, and UTF-8", source, got)
	}
}

// checkRoundTrip fails for CommonMark that says something else when it is said again.
func checkRoundTrip(t *testing.T, source, received string) {
	t.Helper()
	if len(received) > commonmark.MaxLength {
		return
	}
	back := commonmark.Parse(received).CommonMark()
	if a, b := letters(shownText(received)), letters(shownText(back)); a != b {
		t.Errorf("heard %q as %q, which reads as %q when it is passed on, want %q", source, received, b, a)
	}
	if a, b := letters(shownText(received)), shownText(roundTrip(received)); !strings.Contains(received, "#/") && !containsLetters(a, b) {
		t.Errorf("heard %q as %q, which is heard as %q when it is repeated, want all of %q", source, received, b, a)
	}
}

// attributes are those of the tags that the specification has clients show, and that we make:
// https://spec.matrix.org/v1.11/client-server-api/#mroommessage-msgtypes
var attributes = map[string][]string{
	"a": {"href"}, "code": {"class"}, "ol": {"start"},
	"blockquote": nil, "br": nil, "del": nil, "em": nil, "h1": nil, "h2": nil, "h3": nil, "h4": nil, "h5": nil, "h6": nil, "hr": nil, "li": nil, "p": nil, "pre": nil, "strong": nil, "ul": nil,
}

// checkAllowedHTML fails for HTML with a tag, an attribute or an address that is not, or that is not well nested. It
// returns the text.
func checkAllowedHTML(t *testing.T, source, formatted string) string {
	t.Helper()
	checkReadable(t, source, formatted)
	var words strings.Builder
	var open []string
	z := nethtml.NewTokenizer(strings.NewReader(formatted))
	for z.Next() != nethtml.ErrorToken {
		switch token := z.Token(); token.Type {
		case nethtml.TextToken:
			words.WriteString(token.Data)
		case nethtml.StartTagToken:
			known, ok := attributes[token.Data]
			if !ok {
				t.Errorf("said %q: got %s, with a tag %q", source, formatted, token.Data)
			}
			for _, a := range token.Attr {
				if !slices.Contains(known, a.Key) {
					t.Errorf("said %q: got %s, with an attribute %q", source, formatted, a.Key)
				}
				if web := strings.HasPrefix(a.Val, "http://") || strings.HasPrefix(a.Val, "https://") || strings.HasPrefix(a.Val, "mailto:"); a.Key == "href" && (!web || isUserLink(a.Val)) {
					t.Errorf("said %q: got %s, with a link to %q", source, formatted, a.Val)
				}
				if a.Key == "class" && !strings.HasPrefix(a.Val, "language-") {
					t.Errorf("said %q: got %s, with a class %q", source, formatted, a.Val)
				}
			}
			if token.Data != "br" && token.Data != "hr" {
				open = append(open, token.Data)
			}
		case nethtml.EndTagToken:
			if !slices.Contains([]string{"a", "code", "del", "em", "strong"}, token.Data) {
				words.WriteByte('\n')
			}
			if last := len(open) - 1; last < 0 || open[last] != token.Data {
				t.Errorf("said %q: got %s, in which </%s> ends nothing", source, formatted, token.Data)
			} else {
				open = open[:last]
			}
		default:
			t.Errorf("said %q: got %s, with a %v", source, formatted, token.Type)
		}
	}
	if len(open) > 0 {
		t.Errorf("said %q: got %s, in which <%s> has no end", source, formatted, open[len(open)-1])
	}
	return words.String()
}

// htmlText is the text of HTML that people see, by a reading of its own; but for mentions, which read otherwise.
func htmlText(formatted string) string {
	doc, err := nethtml.Parse(strings.NewReader(formatted))
	if err != nil {
		return ""
	}
	var b strings.Builder
	var walk func(n *nethtml.Node)
	walk = func(n *nethtml.Node) {
		if n.Type == nethtml.TextNode {
			b.WriteString(rearmMentions(n.Data))
		}
		for _, a := range n.Attr {
			if a.Key == "data-mx-profile-fallback" || a.Key == "href" && permalink(a.Val) != "" {
				return
			}
		}
		if n.Type == nethtml.ElementNode && slices.Contains([]string{"mx-reply", "script", "style", "head", "title", "template"}, n.Data) {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return b.String()
}

// shownText is the text that CommonMark shows.
func shownText(source string) string {
	var b strings.Builder
	for _, blk := range commonmark.Parse(source) {
		b.WriteString(commonmark.PlainText(blk.Runs) + " ")
	}
	return b.String()
}

// letters are the letters and digits of a text, which no conversion may lose.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, commonmark.Clean(s))
}

// containsLetters tells whether all of inner's letters are in outer, in that order.
func containsLetters(inner, outer string) bool {
	rest := letters(inner)
	for _, r := range letters(outer) {
		if first, ok := strings.CutPrefix(rest, string(r)); ok {
			rest = first
		}
	}
	return rest == ""
}
