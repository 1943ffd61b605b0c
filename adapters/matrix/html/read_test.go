package html

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
)

func TestHTMLToCommonMark(t *testing.T) {
	for _, c := range []struct{ html, want string }{
		{"<strong>a</strong> <b>b</b> <em>c</em> <i>d</i> <u>e</u> <del>f</del> <s>g</s> <code>h*</code>", "**a b** *c d e* ~~f g~~ `h*`"},
		{"<p>one</p>\n<p>two<br>three<br/>four</p>", "one\n\ntwo\\\nthree\\\nfour"},
		{"one <p>two</p> three", "one\n\ntwo\n\nthree"},
		{"a * b_c_d [e] &lt;b&gt; &amp;amp; # f", `a \* b_c_d \[e\] \<b> \&amp; # f`},
		{"# no heading", `\# no heading`},
		{"<h1>A</h1><h3>B <em>c</em><br>d</h3><p>e</p>", "# A\n\n### B *c* d\n\ne"},
		{"<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>d", "- a\n- b\n  - c\n\nd"},
		{`<ol start="3"><li>c</li><li value="7">g</li><li><p>h</p><p>i</p></li></ol>`, "3. c\n7) g\n8) h\n\n   i"},
		{"<ul>\n<li>\n<p>a</p>\n</li>\n</ul>", "- a"},
		{"<ul>x<li>a</li>y</ul><li>z</li>", "x\n\n- a\n\ny\n\nz"},
		{"<ul><li><pre>code</pre></li><li></li><li>b</li></ul>", "```\ncode\n```\n\n- b"},
		{"<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n> b\n\nc"},
		{"<blockquote><ul><li>a</li></ul></blockquote><ul><li>b<blockquote>c</blockquote></li></ul>", "> - a\n\n- b\n\n> c"},
		{`<pre><code class="language-go">a &lt; b
	*c*
</code></pre>`, "```go\na < b\n\t*c*\n```"},
		{"<pre>a<br>b</pre>", "```\na\nb\n```"},
		{`<pre><code class="language-x y` + "`" + `z&quot;">a</code></pre>`, "```x\na\n```"},
		{`<a href="https://example.org/?a=1&amp;b=2">words</a> <a href="mailto:holly@example.org">mail</a>`, "[words](https://example.org/?a=1&b=2) [mail](mailto:holly@example.org)"},
		{`<a href="https://example.org"></a> <a href="https://example.org"><img alt="alt"></a>`, "<https://example.org> [alt](https://example.org)"},
		{`<a href="javascript:alert(1)">a</a> <a href="data:x">b</a> <a href="/c">c</a> <a name="d">d</a> <a href="mxc://x/y">e</a>`, "a b c d e"},
		{"see https://example.org/a_b?c=d. And (www.example.org/x_(y)), or http://example.org!", "see <https://example.org/a_b?c=d>. And ([www\\.example.org/x\\_(y)](http://www.example.org/x_%28y%29)), or <http://example.org>!"},
		{"<code>https://example.org</code> <b>https://example.org</b>", "`https://example.org` **<https://example.org>**"},
		{`<img src="mxc://x/y" alt=":cat:" data-mx-emoticon> <img title="A title"> <img src="mxc://x/z">`, `:cat: A title \[picture\]`},
		{`<span data-mx-spoiler>Paris</span> <span data-mx-spoiler="the *film*">he <b>dies</b></span>`, `(spoiler: Paris) (spoiler, the \*film\*: he **dies**)`},
		{`<span data-mx-maths="x^2">x<sup>2</sup></span> <span data-mx-maths="y_1"></span> H<sub>2</sub>O 1<sup>st</sup>`, "x^2 `y_1` H2O 1st"},
		{`<font color="#ff0000"><p>a</p></font><span data-mx-color="#f00">b</span>`, "a\n\nb"},
		{"<table><caption>Title</caption><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2<br>3</td></tr>\n<tr><td>4</td></tr></tbody></table>after", "Title\\\n**a** | **b**\\\n1 | 2 3\\\n4\n\nafter"},
		{"<details><summary>More</summary><p>inside</p></details>", "**More**\n\ninside"},
		{"a<hr>b", "a\n\n* * *\n\nb"},
		{"<blink>a</blink> <x-y>b</x-y> <svg><text>c</text></svg> <textarea>d</textarea>", "a b c d"},
		{"<mx-reply><blockquote><a href=\"https://matrix.to/#/!r:x/$e\">In reply to</a> them<br>words</blockquote></mx-reply>answer", "answer"},
		{"<mx-reply><mx-reply>a</mx-reply>b</mx-reply>c", "c"},
		{"a<script>x</script><style>y</style><!-- z --><template>q</template>b", "ab"},
		{`<a href="https://matrix.to/#/@holly:example.org">Holly</a>: yes`, "@Holly: yes"},
		{`<a href="https://matrix.to/#/%40holly%3Aexample.org">@holly:example.org</a>`, "@Holly Case"},
		{`<a href="https://matrix.to/#/@star:example.org"></a> <a href="https://matrix.to/#/@at:example.org"></a>`, `@\*Star\* & \<Co> @zoë`},
		{`<a href="https://matrix.to/#/@nobody:example.org?via=x">@nobody:example.org</a> <a href="matrix:u/holly:example.org">@Holly</a>`, "@nobody @Holly"},
		{`<a href="https://matrix.to/#/#ukmedlibs:example.org">#ukmedlibs:example.org</a> <a href="matrix:r/x:y">The room</a>`, "#ukmedlibs:example.org The room"},
		{`<a href="https://matrix.to/#/!room:example.org/$event?via=x">that message</a>`, "[that message](https://matrix.to/#/!room:example.org/$event?via=x)"},
		{"https://matrix.to/#/@holly:example.org, look", "@Holly Case, look"},
		{"a \u00a0 b\u2003c", "a \u00a0 b\u2003c"},
		{"@\u2060room and @\u2060<b>Room</b> @\u2060here", "@room and @\u2060**Room** @\u2060here"},
		{"<p>unclosed <b>bold", "unclosed **bold**"},
		{"a</p></b></x>b", "a\n\nb"},
		{"\x00a\x1b[1mb\u0085c\u2028d", "a\\[1mbc d"},
	} {
		got := ToCommonMark(&event.MessageEventContent{MsgType: event.MsgText, Body: "of no interest", Format: event.FormatHTML, FormattedBody: c.html}, false, testNames)
		if got != c.want {
			t.Errorf("heard %s: got\n%s\n%q\nwant\n%q", c.html, got, got, c.want)
		}
	}
}

func TestToCommonMark(t *testing.T) {
	html := func(body, formatted string) *event.MessageEventContent {
		return &event.MessageEventContent{MsgType: event.MsgText, Body: body, Format: event.FormatHTML, FormattedBody: formatted}
	}
	profile := html("Amy: words", "<strong data-mx-profile-fallback>Amy: </strong>words")
	profile.BeeperPerMessageProfile = &event.BeeperPerMessageProfile{Displayname: "Amy", HasFallback: true}
	profileBody := &event.MessageEventContent{MsgType: event.MsgText, Body: "Amy: words", BeeperPerMessageProfile: profile.BeeperPerMessageProfile}
	for _, c := range []struct {
		name  string
		c     *event.MessageEventContent
		reply bool
		want  string
	}{
		{"a body", &event.MessageEventContent{MsgType: event.MsgText, Body: "*a*\nb\n\n- c\n\thttps://example.org"}, false, "\\*a\\*\\\nb\n\n\\- c\\\n<https://example.org>"},
		{"a body that looks like HTML", &event.MessageEventContent{MsgType: event.MsgText, Body: "<b>a</b>", FormattedBody: "<b>b</b>"}, false, `\<b>a\</b>`},
		{"an empty formatted_body", html("words", " <p></p><script>x</script>"), false, "words"},
		{"a formatted_body that is nested too deeply", html("words", strings.Repeat("<div>", 600)+"other"), false, "words"},
		{"an unknown format", &event.MessageEventContent{MsgType: event.MsgText, Body: "words", Format: "x", FormattedBody: "other"}, false, "words"},
		{"a reply's body", &event.MessageEventContent{MsgType: event.MsgText, Body: "> <@amy:example.org> their words\n> more\n\nmine\n> quoted"}, true, "mine\\\n\\> quoted"},
		{"the same that is no reply", &event.MessageEventContent{MsgType: event.MsgText, Body: "> <@amy:example.org> words\n\nmine"}, false, "\\> <@amy:example.org> words\n\nmine"},
		{"a reply that quotes by itself", &event.MessageEventContent{MsgType: event.MsgText, Body: "> words\nmine"}, true, "\\> words\\\nmine"},
		{"an edit", &event.MessageEventContent{MsgType: event.MsgText, Body: "* new", NewContent: html("new", "<em>new</em>")}, false, "*new*"},
		{"an emote", &event.MessageEventContent{MsgType: event.MsgEmote, Body: "waves *wildly*\nand goes"}, false, "*waves \\*wildly\\**\\\n*and goes*"},
		{"a notice", &event.MessageEventContent{MsgType: event.MsgNotice, Body: "beep"}, false, "beep"},
		{"an unknown type", &event.MessageEventContent{MsgType: "m.hologram", Body: "shimmer"}, false, "shimmer"},
		{"a picture", &event.MessageEventContent{MsgType: event.MsgImage, Body: "IMG_1.jpg"}, false, ""},
		{"a picture with its name twice", &event.MessageEventContent{MsgType: event.MsgImage, Body: "IMG_1.jpg", FileName: "IMG_1.jpg"}, false, ""},
		{"a picture with a caption", &event.MessageEventContent{MsgType: event.MsgImage, Body: "our library", FileName: "IMG_1.jpg"}, false, "our library"},
		{"a file with a formatted caption", &event.MessageEventContent{MsgType: event.MsgFile, Body: "our list", FileName: "a.pdf", Format: event.FormatHTML, FormattedBody: "our <b>list</b>"}, false, "our **list**"},
		{"a sticker", &event.MessageEventContent{Body: "A waving cat"}, false, "A waving cat"},
		{"a place", &event.MessageEventContent{MsgType: event.MsgLocation, Body: "The library", GeoURI: "geo:51.5,-0.1"}, false, "The library (geo:51.5,-0.1)"},
		{"a place with its address", &event.MessageEventContent{MsgType: event.MsgLocation, Body: "At geo:51.5,-0.1", GeoURI: "geo:51.5,-0.1"}, false, "At geo:51.5,-0.1"},
		{"a profile's name", profile, false, "words"},
		{"a profile's name in the body", profileBody, false, "words"},
		{"a name that no profile has", html("Amy: words", "<strong>Amy: </strong>words"), false, "**Amy:** words"},
		{"nothing", &event.MessageEventContent{}, false, ""},
	} {
		if got := ToCommonMark(c.c, c.reply, testNames); got != c.want {
			t.Errorf("%s: got\n%s\n%q\nwant\n%q", c.name, got, got, c.want)
		}
	}
}
