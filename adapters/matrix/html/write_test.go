package html

import "testing"

func TestFromCommonMark(t *testing.T) {
	for _, c := range []struct{ text, body, html string }{
		{"", "", ""},
		{"words", "words", ""},
		{"one\\\ntwo\n\nthree", "one\ntwo\n\nthree", ""},
		{"a < b & c > \"d\"", `a < b & c > "d"`, ""},
		{"*a* < **b**", "a < b", "<em>a</em> &lt; <strong>b</strong>"},
		{"***a*** ~~b~~ `c<d`", "a b c<d", "<strong><em>a</em></strong> <del>b</del> <code>c&lt;d</code>"},
		{"*a*\n\nb", "a\n\nb", "<p><em>a</em></p><p>b</p>"},
		{"# One\n\n## Two", "One\n\nTwo", "<h1>One</h1><h2>Two</h2>"},
		{"- a\n- b\n  1. c\n  2. d\n- e", "• a\n• b\n  1. c\n  2. d\n• e", "<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li><li>e</li></ul>"},
		{"3. a\n4. b", "3. a\n4. b", `<ol start="3"><li>a</li><li>b</li></ol>`},
		{"- a\n\n  b\n- c\\\n  d", "• a\n\n  b\n• c\n  d", "<ul><li><p>a</p><p>b</p></li><li>c<br>d</li></ul>"},
		{"> a\\\n> b\n>\n> - c\n\nd", "│ a\n│ b\n│\n│ • c\n\nd", "<blockquote><p>a<br>b</p><ul><li>c</li></ul></blockquote><p>d</p>"},
		{"> a\n\n- b", "│ a\n\n• b", "<blockquote><p>a</p></blockquote><ul><li>b</li></ul>"},
		{"```go\na < b\n```", "a < b", "<pre><code class=\"language-go\">a &lt; b\n</code></pre>"},
		{"a\n\n---\n\nb", "a\n\n────────\n\nb", "<p>a</p><hr><p>b</p>"},
		{"[a](https://example.org/?b=c&d) e", "a (https://example.org/?b=c&d) e", `<a href="https://example.org/?b=c&amp;d">a</a> e`},
		{"[*a* b](https://example.org)", "a b (https://example.org)", `<a href="https://example.org"><em>a</em> b</a>`},
		{"https://example.org <holly@example.org>", "https://example.org holly@example.org", `<a href="https://example.org">https://example.org</a> <a href="mailto:holly@example.org">holly@example.org</a>`},
		{"![alt](https://example.org/a.png)", "alt (https://example.org/a.png)", `<a href="https://example.org/a.png">alt</a>`},
		{"[a](javascript:alert(1)) [b](/c) [d](tel:123)", "a (javascript:alert(1)) b (/c) d (tel:123)", "a (javascript:alert(1)) b (/c) d"},
		{"<b>x</b> <script>y</script>", "<b>x</b> <script>y</script>", ""},
		{"*a* <img src=x onerror=y>", "a <img src=x onerror=y>", "<em>a</em> &lt;img src=x onerror=y&gt;"},
		{`[a](https://example.org/"onclick="b)`, `a (https://example.org/"onclick="b)`, `<a href="https://example.org/&#34;onclick=&#34;b">a</a>`},
		{"@room @Room @rooms", "@\u2060room @\u2060Room @\u2060rooms", ""},
		{"x@room.org", "x@\u2060room.org", "<a href=\"mailto:x@room.org\">x@\u2060room.org</a>"},
		{"@**room** `@room` &#64;room", "@\u2060room @\u2060room @\u2060room", "@\u2060<strong>room</strong> <code>@\u2060room</code> @\u2060room"},
		{"[@room](https://example.org/@room)", "@\u2060room (https://example.org/%40room)", "<a href=\"https://example.org/@room\">@\u2060room</a>"},
		{"https://example.org/@room", "https://example.org/%40room", "<a href=\"https://example.org/@room\">https://example.org/@\u2060room</a>"},
		{"```\n@room\n```", "@\u2060room", "<pre><code>@\u2060room\n</code></pre>"},
		{"[Amy](https://matrix.to/#/@amy:example.org) [Amy](https://app.element.io/#/user/@amy:example.org) [Amy](https://matrix.to/#/%40amy:example.org)", "Amy Amy Amy", "Amy Amy Amy"},
		{"[room](https://matrix.to/#/#a:b)", "room (https://matrix.to/#/#a:b)", `<a href="https://matrix.to/#/#a:b">room</a>`},
		{`<time datetime="2026-12-15T20:00:00Z">Tuesday 15 December, 20:00 GMT</time>`, "Tuesday 15 December, 20:00 GMT", ""},
		{`<time datetime="2026-06-16T19:00:00Z">Tuesday 16 June, 20:00 BST</time>`, "Tuesday 16 June, 20:00 BST (19:00 UTC)", ""},
		{`<time datetime="2026-06-16T23:30:00Z">Wednesday 17 June, 00:30 BST</time>`, "Wednesday 17 June, 00:30 BST (Tuesday 23:30 UTC)", ""},
		{`**<time datetime="2026-06-16T19:00:00Z">20:00 BST</time>**`, "20:00 BST (19:00 UTC)", "<strong>20:00 BST (19:00 UTC)</strong>"},
		{`<time datetime="2026-06-16T19:00:00Z">in an hour</time>`, "in an hour", ""},
		{"a\x07b\x00c \u009bd", "abc d", ""},
	} {
		body, formatted := FromCommonMark(c.text)
		if body != c.body || formatted != c.html {
			t.Errorf("said %q: got\n%q\n%q\nwant\n%q\n%q", c.text, body, formatted, c.body, c.html)
		}
	}
}
