package archive

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"

	"github.com/ukmedlibs/catchword/adapters/commonmark"
)

func TestText(t *testing.T) {
	const a = ` rel="nofollow noopener ugc"`
	tests := []struct{ name, text, html, markdown string }{
		{"nothing", "", "", ""},
		{"plain words", "Yes, we do.", "<p>Yes, we do.</p>", "Yes, we do."},
		{"formatting", "**a** *b* ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>", "**a** *b* ~~c~~ `d`"},
		{"lines", "a\nb\n\nc", "<p>a<br>b</p><p>c</p>", "a\\\nb\n\nc"},
		{"a script", "<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", `\<script>alert(1)\</script>`},
		{"a tag in words", "use <b>bold</b>", "<p>use &lt;b&gt;bold&lt;/b&gt;</p>", `use \<b>bold\</b>`},
		{"a comment", "<!-- gone? -->", "<p>&lt;!-- gone? --&gt;</p>", `\<!-- gone? -->`},
		{"a heading", "# Hear me", "<p><strong>Hear me</strong></p>", "**Hear me**"},
		{"an underlined heading", "Hear me\n=======", "<p><strong>Hear me</strong></p>", "**Hear me**"},
		{"a link", "[a](https://b.c/?d=1&e=2)", `<p><a href="https://b.c/?d=1&amp;e=2"` + a + `>a</a></p>`, "[a](https://b.c/?d=1&e=2)"},
		{"a bare link", "see https://b.c/d.", `<p>see <a href="https://b.c/d"` + a + `>https://b.c/d</a>.</p>`, "see <https://b.c/d>."},
		{"mail", "<a@b.org>", `<p><a href="mailto:a@b.org"` + a + `>a@b.org</a></p>`, "<a@b.org>"},
		{"a program", "[a](javascript:alert(1))", "<p>a (javascript:alert(1))</p>", "a (javascript:alert(1))"},
		{"a program in disguise", "[a](java&#115;cript:alert)", "<p>a (javascript:alert)</p>", "a (javascript:alert)"},
		{"a program in angle brackets", "<javascript:alert(1)>", "<p>javascript:alert(1)</p>", "javascript:alert(1)"},
		{"data", "[a](data:text/html,<script>)", "<p>a (data:text/html,&lt;script&gt;)</p>", "a (data:text/html,\\<script>)"},
		{"a relative link", "[a](../b)", "<p>a (../b)</p>", "a (../b)"},
		{"a picture", "![a](https://b.c/d.png)", `<p><a href="https://b.c/d.png"` + a + `>a</a></p>`, "[a](https://b.c/d.png)"},
		{"a picture without words", "![](https://b.c/d.png)", `<p><a href="https://b.c/d.png"` + a + `>https://b.c/d.png</a></p>`, "<https://b.c/d.png>"},
		{"a picture in a link", "[![a](https://b.c/d.png)](https://e.f)", `<p><a href="https://e.f"` + a + `>a</a></p>`, "[a](https://e.f)"},
		{"a picture by escaping", `\![a](https://b.c)`, `<p>!<a href="https://b.c"` + a + `>a</a></p>`, `\![a](https://b.c)`},
		{"a link definition", "[Q1]: yes\n\n[Q1]", "<p>[Q1]: yes</p><p>[Q1]</p>", "\\[Q1\\]: yes\n\n\\[Q1\\]"},
		{"entities", "a &amp; b &lt;c&gt; &copy;", "<p>a &amp; b &lt;c&gt; ©</p>", `a & b \<c> ©`},
		{"an escaped entity", `\&amp;`, "<p>&amp;amp;</p>", `\&amp;`},
		{"a new line by entity", "a&NewLine;# b", "<p>a # b</p>", "a # b"},
		{"a fence that is never closed", "```\na\n# b", "<pre><code>a\n# b\n</code></pre>", "```\na\n# b\n```"},
		{"a fence in a fence", "~~~\n```\na\n~~~", "<pre><code>```\na\n</code></pre>", "````\n```\na\n````"},
		{"ticks in code", "``a`b``", "<p><code>a`b</code></p>", "``a`b``"},
		{"a list", "- a\n- b", "<ul><li>a</li><li>b</li></ul>", "- a\n- b"},
		{"a numbered list", "3) a\n4) b", "<ol start=\"3\"><li>a</li><li>b</li></ol>", "3. a\n4. b"},
		{"a quote", "> a\n\nb", "<blockquote><p>a</p></blockquote><p>b</p>", "> a\n\nb"},
		{"stars that are stars", "2 * 3 * 4 and a_b_c", "<p>2 * 3 * 4 and a_b_c</p>", `2 \* 3 \* 4 and a_b_c`},
		{"an overriding character", "a\u202Eb", "<p>ab</p>", "ab"},
		{"an overriding entity", "a&#x202E;b", "<p>ab</p>", "ab"},
		{"NUL", "a\x00b", "<p>a\uFFFDb</p>", "a\uFFFDb"},
		{"not UTF-8", "a\xffb", "<p>a\uFFFDb</p>", "a\uFFFDb"},
		{"the end of CDATA", "]]>", "<p>]]&gt;</p>", `\]\]>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			words := parse(tt.text)
			if got := strings.TrimSpace(string(words.HTML())); got != tt.html {
				t.Errorf("HTML: got %q, want %q", got, tt.html)
			}
			if got := words.Markdown(); got != tt.markdown {
				t.Errorf("Markdown: got %q, want %q", got, tt.markdown)
			}
		})
	}
}

func TestUnparsedTextIsKept(t *testing.T) {
	for name, markdown := range map[string]string{
		"a hundred kilobytes":       strings.Repeat("**word** ", 100<<10/9),
		"ten thousand quotes":       strings.Repeat(">", 10_000) + "word",
		"a hundred thousand links":  strings.Repeat("[](", 100_000) + "word",
		"quotes below the length":   strings.Repeat("> ", commonmark.MaxLength/4) + "word",
		"brackets below the length": strings.Repeat("[a](", commonmark.MaxLength/5) + "word",
		"lists in lists":            strings.Repeat("- ", commonmark.MaxLength/4) + "word",
		"a word of 100 KB":          strings.Repeat("word", 25<<10),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			words := parse(markdown)
			h := string(words.HTML())
			// A stack of this text would take goldmark seconds or minutes; the limit is wide for a busy machine.
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v, want far less than 5s", took)
			}
			if want, got := strings.Count(markdown, "word"), strings.Count(h, "word"); got != want {
				t.Errorf("got %d of %d words in the HTML", got, want)
			}
			if want, got := strings.Count(markdown, "word"), strings.Count(words.Markdown(), "word"); got != want {
				t.Errorf("got %d of %d words in the Markdown", got, want)
			}
			if depth := strings.Count(h, "<blockquote>") + strings.Count(h, "<ul>"); depth > commonmark.MaxIndent+1 {
				t.Errorf("got %d blocks in blocks, want at most %d", depth, commonmark.MaxIndent+1)
			}
		})
	}
}

// Whatever the text: the HTML has only what the policy allows, and the Markdown, read by a reader that takes HTML for
// HTML, has neither that nor headings, pictures or programs, and stays in the quote that it is put into.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"# a", "<b>", "![a](b)", "[a](javascript:b)", "> > a\n- b\n  1. c", "```\na", "`a``b", "a\\\nb", "a  \nb", "&#x202e;", "*a **b* c**",
		"[a]: b\n\n[a]", "<https://a.b>", "- \n\n  a", "1. a\n\n   b\n2. c", "\\![a](http://b)", "***", "a\n***\nb", "    code\n\n  a", "_a_b", "~~a~~",
		"- a\n+ b\n* c", "> a\n\n> b", "<!--", "<?a?>", "]]>", "|a|b|\n|-|-|\n|c|d|", "[a](<b c> \"d\")", "![[a](http://b)](http://c)", "a\n===\n", "a\n---\n",
	} {
		f.Add(s)
	}
	reader := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions())
	f.Fuzz(func(t *testing.T, s string) {
		words := parse(s)
		checkAllowedHTML(t, s, string(words.HTML()))

		const after = "the words after it"
		quoted := prefixLines(words.Markdown(), "> ", "> ") + "\n\n" + after + "\n"
		var b strings.Builder
		if err := reader.Convert([]byte(quoted), &b); err != nil {
			t.Fatal(err)
		}
		h := b.String()
		if !strings.HasSuffix(h, "<p>"+after+"</p>\n") {
			t.Errorf("%q: got %q read as %q, want a quote that ends before %q", s, quoted, h, after)
		}
		for _, bad := range []string{"<h1", "<h2", "<h3", "<h4", "<h5", "<h6", "<img", "<!-- raw HTML omitted -->", "<table", `href="javascript:`, `href=""`} {
			if strings.Contains(h, bad) {
				t.Errorf("%q: got %q read as %q, want no %s", s, quoted, h, bad)
			}
		}
	})
}

func checkAllowedHTML(t *testing.T, text, h string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(h))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.CommentToken, html.DoctypeToken:
			t.Errorf("%q: got %q, want no comment", text, h)
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Token()
			switch tag.Data {
			case "p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a":
			default:
				t.Errorf("%q: got %q, want no %s", text, h, tag.Data)
			}
			for _, attr := range tag.Attr {
				if problem := badAttribute(tag.Data, attr); problem != "" {
					t.Errorf("%q: got %q: %s", text, h, problem)
				}
			}
		}
	}
}

func badAttribute(tag string, attr html.Attribute) string {
	switch {
	case tag == "ol" && attr.Key == "start", tag == "a" && attr.Key == "rel" && attr.Val == linkRel:
		return ""
	case tag == "a" && attr.Key == "href":
		for _, scheme := range []string{"http://", "https://", "mailto:"} {
			if strings.HasPrefix(strings.ToLower(attr.Val), scheme) {
				return ""
			}
		}
	}
	return fmt.Sprintf("attribute %s=%q of %s", attr.Key, attr.Val, tag)
}

// Writing out what was read from what was written out must not change it any more than once: nothing is escaped twice.
func TestMarkdownMatchesHTML(t *testing.T) {
	for _, s := range []string{
		"**a** *b* ~~c~~ `d`", "- a\n- b\n\n  c\n\n1. d\n2. e", "> a\n> > b\n\nc", "# a\n\nb", "[a *b*](https://c.d/e_f)", "a\nb\nc",
		"1\\. a", "\\# a", "a\\*b", "2 * 3", "```\ncode\n\n  more\n```", "- a\n  - b\n    - c", "x_y_z https://a.b/c_d_e", "a & b < c > d", "!\n[a](https://b.c)",
	} {
		once := parse(s)
		twice := parse(once.Markdown())
		if got, want := twice.HTML(), once.HTML(); got != want {
			t.Errorf("%q written as %q: got %q, want %q", s, once.Markdown(), got, want)
		}
	}
}

func TestEscapeFormula(t *testing.T) {
	tests := []struct{ cell, want string }{
		{"", ""},
		{"yes", "yes"},
		{"a=b", "a=b"},
		{"=1+1", "'=1+1"},
		{"+1", "'+1"},
		{"-1", "'-1"},
		{"@SUM(1)", "'@SUM(1)"},
		{"\tx", "'\tx"},
		{"\rx", "'\rx"},
		{"\n=1", "'\n=1"},
		{"  =1", "'  =1"},
		{"\u00a0=1", "'\u00a0=1"},
		{"\ufeff=1", "'\ufeff=1"},
		{"\u200b=1", "'\u200b=1"},
		{"\uFFFD=1", "'\uFFFD=1"},
		{"＝1+1", "'＝1+1"},
		{"＋1", "'＋1"},
		{"－1", "'－1"},
		{"＠SUM", "'＠SUM"},
		{"﹢1", "'﹢1"},
		{"−1", "'−1"},
		{"été", "été"},
		{"#ukmedlibs", "#ukmedlibs"},
	}
	for _, tt := range tests {
		if got := escapeFormula(tt.cell); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.cell, got, tt.want)
		}
	}
}

func TestFormatNumber(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 12_045: "12,045", 1_000_007: "1,000,007"} {
		if got := formatNumber(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
