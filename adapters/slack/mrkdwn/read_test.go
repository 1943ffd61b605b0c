package mrkdwn

import (
	"encoding/json"
	"testing"

	slackgo "github.com/slack-go/slack"
)

func TestMrkdwnToCommonMark(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"Plain words.", "Plain words."},
		{"*bold* _italic_ ~struck~ `code`", "**bold** *italic* ~~struck~~ `code`"},
		{"*_both_* and _*both*_", "***both*** and ***both***"},
		{"a*b*c and 2 * 3 * 4 and snake_case_name", `a\*b\*c and 2 \* 3 \* 4 and snake_case_name`},
		{"* no* and *no * and **no**", `\* no\* and \*no \* and \*\*no\*\*`},
		{"*one\ntwo*", "\\*one\\\ntwo\\*"},
		{"*bold `code*` bold*", "**bold `code*` bold**"},
		{"*bold <https://example.org/*|a*b> bold*", "**bold [a\\*b](https://example.org/*) bold**"},
		{"(*a*), \"_b_\"!", "(**a**), \"*b*\"!"},
		{"``", "\\`\\`"},
		{"` `", "\\` \\`"},
		{"one `a\nb` two", "one \\`a\\\nb\\` two"},
		{"a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"},
		{"&amp;lt; once", `\&lt; once`},
		{"&quot; and &#39; are no escapes", `\&quot; and \&#39; are no escapes`},
		{"&lt;!here&gt; typed", `\<!here> typed`},
		{"<@U024BE7LH> and <@U024BE7LH|holly>", "@Holly Case and @Holly Case"},
		{"<@U0UNKNOWN|holly> or <@U0UNKNOWN>", "@holly or @somebody"},
		{"<@U0STAR>", `@\*Star\* & \<Co>`},
		{"<@U0AT>", "@zoë"},
		{"<#C0UKMED> <#C0UKMED|old-name> <#C0UNKNOWN|general> <#C0UNKNOWN> <#C0UNKNOWN|>", "#ukmedlibs #ukmedlibs #general #a-private-channel #a-private-channel"},
		{"<!subteam^S0LIBR> <!subteam^S0LIBR|@old> <!subteam^S0UNKNOWN|@cats> <!subteam^S0UNKNOWN> <!subteam^S0AT>", "@librarians @librarians @cats @a-group @cataloguers"},
		{"<!here> <!channel|channel> <!everyone>", "@here @channel @everyone"},
		{"<!unheard-of|some words> <!unheard-of>", "some words unheard-of"},
		{"<https://example.org/x_y_z>", "<https://example.org/x_y_z>"},
		{"<https://example.org|words>", "[words](https://example.org)"},
		{"<https://example.org?a=1&amp;b=2|a &amp; b>", "[a & b](https://example.org?a=1&b=2)"},
		{"<https://example.org?a&amp;copy;>", "[https\\://example.org?a\\&copy;](https://example.org?a&amp;copy;)"},
		{"<http://example.org|example.org>", "[example.org](http://example.org)"},
		{"<mailto:holly@example.org|holly@example.org>", "<holly@example.org>"},
		{"<mailto:holly@example.org|write>", "[write](mailto:holly@example.org)"},
		{"<tel:+441234|call>", "[call](tel:+441234)"},
		{"<javascript:alert(1)|click>", "click (javascript:alert(1))"},
		{"<https://example.org/a_(b)|wiki>", "[wiki](https://example.org/a_%28b%29)"},
		{"!<https://example.org|no picture>", `\![no picture](https://example.org)`},
		{"<!date^1392734382^{date_num} {time_secs}^https://example.org/|2014-02-18 6:39:42 AM PST>", `[<time datetime="2014-02-18T14:39:42Z">2014-02-18 6:39:42 AM PST</time>](https://example.org/)`},
		{"<!date^1797364800^{date_long_pretty} {time}|Tuesday 15 December, 20:00 GMT> on", `<time datetime="2026-12-15T20:00:00Z">Tuesday 15 December, 20:00 GMT</time> on`},
		{"<!date^1797364800^{time}>", `<time datetime="2026-12-15T20:00:00Z">Tuesday 15 December 2026, 20:00 UTC</time>`},
		{"<!date^soon^{time}|then>", "then"},
		{"<!date^999999999999999^{time}|far off>", "far off"},
		{"<b> < <>", `\<b> < <>`},
		{":+1: :tada::heart: :ukmedlibs: :wave::skin-tone-3:", "👍 🎉❤️ :ukmedlibs: 👋🏼"},
		{"10:30:45 and a:100:b", "10:30:45 and a:100:b"},
		{":not_an_emoji: :a_b_:", `:not_an_emoji: :a_b\_:`},
		{"&gt; a quote\n&gt; of two lines\nand an answer", "> a quote\\\n> of two lines\n\nand an answer"},
		{"&gt;&gt;&gt; all\n\nof it", "> all\n>\n> of it"},
		{"said:\n&gt; *bold*", "said:\n\n> **bold**"},
		{"• one\n• *two*\n    ◦ three\n• four", "- one\n- **two**\n  - three\n- four"},
		{"1. one\n2. two\nand on", "1. one\n2. two\n\nand on"},
		{"1. no list", `1\. no list`},
		{"1986. A year.\n12. No list.", "1986\\. A year.\\\n12\\. No list."},
		{"- no list\n+ nor this\n# no heading\n=== no line", "\\- no list\\\n\\+ nor this\\\n\\# no heading\\\n=== no line"},
		{"words\n===\n---", "words\\\n\\===\\\n\\---"},
		{"#ukmedlibs A1: yes", "#ukmedlibs A1: yes"},
		{"```no *bold* &lt; &amp; <https://example.org|example.org>```", "```\nno *bold* < & example.org\n```"},
		{"before ```in\nit``` after", "before\n\n```\nin\nit\n```\n\nafter"},
		{"``` never closed", "\\`\\`\\` never closed"},
		{"`<@U024BE7LH>` `<https://example.org>`", "`@Holly Case` `https://example.org`"},
		{"one\n\n\n\ntwo", "one\n\ntwo"},
		{"  spaces   around  ", "spaces   around"},
		{"bell\u0007, null\u0000, \u009bcsi, tab\tand \u2028 line", "bell, null, csi, tab\tand\\\nline"},
		{"\xff\xfe", "\ufffd\ufffd"},
		{"C:\\temp\\ `back\\slash`", "C:\\\\temp\\\\ `back\\slash`"},
		{"[1]: https is no definition", `\[1\]: https is no definition`},
		{"a | b\n--- | ---", "a | b\\\n\\--- | ---"},
		{"not www.example.org or a@b.org or ftp://x.org", `not www\.example.org or a\@b.org or ftp\://x.org`},
		{"*foo:*bar", `\*foo:\*bar`},
		{"*foo:* bar *(x)*", "**foo:** bar **(x)**"},
	} {
		if got := ToCommonMark(&slackgo.Msg{Text: c.text}, testNames); got != c.want {
			t.Errorf("heard %q: got\n%s\nwant\n%s", c.text, got, c.want)
		}
	}
}

// section is the JSON of a rich_text block with one section.
func section(elements string) string {
	return `[{"type":"rich_text","block_id":"x1","elements":[{"type":"rich_text_section","elements":[` + elements + `]}]}]`
}

func TestBlocksToCommonMark(t *testing.T) {
	for _, c := range []struct{ name, blocks, want string }{
		{"text", section(`{"type":"text","text":"a < b & *c* &amp; :tada: <!here> @here"}`), `a < b & \*c\* \&amp; :tada: \<!here> @here`},
		{
			"styles", section(`{"type":"text","text":"bold","style":{"bold":true}},{"type":"text","text":", "},{"type":"text","text":"italic","style":{"italic":true}},` +
				`{"type":"text","text":" struck ","style":{"strike":true}},{"type":"text","text":"co*de","style":{"code":true}},{"type":"text","text":"all","style":{"bold":true,"italic":true,"strike":true}}`),
			"**bold**, *italic* ~~struck~~ `co*de`***~~all~~***",
		},
		{"styles across", section(`{"type":"text","text":"a ","style":{"bold":true}},{"type":"text","text":"b","style":{"bold":true,"italic":true}},{"type":"text","text":" c","style":{"italic":true}}`), "**a *b*** *c*"},
		{"style inside of a word", section(`{"type":"text","text":"Em"},{"type":"text","text":"pha","style":{"italic":true}},{"type":"text","text":"sis"}`), "Em*pha*sis"},
		{"style with punctuation inside of a word", section(`{"type":"text","text":"foo:","style":{"bold":true}},{"type":"text","text":"bar"}`), "**foo**:bar"},
		{"style of spaces", section(`{"type":"text","text":"a"},{"type":"text","text":" ","style":{"bold":true}},{"type":"text","text":"b\n","style":{"underline":true,"highlight":true}}`), "a b"},
		{"adjacent styles", section(`{"type":"text","text":"a","style":{"bold":true}},{"type":"text","text":"b","style":{"italic":true}}`), "**a***b*"},
		{"link", section(`{"type":"link","url":"https://example.org/x_y"},{"type":"text","text":" "},{"type":"link","url":"https://example.org?a=1&b=2","text":"wo*rds","style":{"bold":true}}`), `<https://example.org/x_y> **[wo\*rds](https://example.org?a=1&b=2)**`},
		{"link of mail", section(`{"type":"link","url":"mailto:a@example.org","text":"a@example.org"}`), "<a@example.org>"},
		{"link that is none", section(`{"type":"link","url":"slack://open","text":"open"},{"type":"text","text":" "},{"type":"link","url":"","text":"nothing"}`), "open (slack://open) nothing"},
		{"code in a link", section(`{"type":"link","url":"https://example.org","text":"code","style":{"code":true}}`), "[`code`](https://example.org)"},
		{"user", section(`{"type":"user","user_id":"U024BE7LH","style":{"bold":true}},{"type":"text","text":" "},{"type":"user","user_id":"U0UNKNOWN"}`), "**@Holly Case** @somebody"},
		{"user with a hostile name", section(`{"type":"user","user_id":"U0STAR"}`), `@\*Star\* & \<Co>`},
		{"group and channel", section(`{"type":"usergroup","usergroup_id":"S0LIBR"},{"type":"usergroup","usergroup_id":"S1"},{"type":"channel","channel_id":"C0UKMED"},{"type":"channel","channel_id":"C1"}`), "@librarians@a-group#ukmedlibs#a-private-channel"},
		{"broadcast", section(`{"type":"broadcast","range":"here"},{"type":"text","text":" "},{"type":"broadcast","range":"everyone"}`), "@here @everyone"},
		{
			"emoji", section(`{"type":"emoji","name":"tada","unicode":"1f389"},{"type":"emoji","name":"+1","unicode":"1f44d-1f3fd","skin_tone":4},{"type":"emoji","name":"wave","skin_tone":2},` +
				`{"type":"emoji","name":"heart"},{"type":"emoji","name":"ukmedlibs","url":"https://emoji.example/x.png"},{"type":"emoji","name":"+1::skin-tone-6","skin_tone":6}`),
			"🎉👍🏽👋🏻❤️:ukmedlibs:👍🏿",
		},
		{"date", section(`{"type":"date","timestamp":1797364800,"format":"{date_long_pretty} {time}","fallback":"Tuesday, *20:00*"}`), `<time datetime="2026-12-15T20:00:00Z">Tuesday, \*20:00\*</time>`},
		{"date without words", section(`{"type":"date","timestamp":1797364800,"format":"{time}","url":"https://example.org"}`), `[<time datetime="2026-12-15T20:00:00Z">Tuesday 15 December 2026, 20:00 UTC</time>](https://example.org)`},
		{"colour", section(`{"type":"color","value":"#F405B3"}`), "#F405B3"},
		{"team", section(`{"type":"team","team_id":"T0123"}`), `\[team\]`},
		{"rare", section(`{"type":"message_mention","channel_id":"C1","message_ts":"1.2","text":"that message","url":"https://x.slack.com/archives/C1/p12"}`), "[that message](https://x.slack.com/archives/C1/p12)"},
		{"tag", section(`{"type":"tag","text":"Done","color":"green"}`), "Done"},
		{"new", section(`{"type":"hologram","deep":{"title":"a *title*"},"id":"H1"},{"type":"hologram2"}`), `a \*title\*\[hologram2\]`},
		{"lines", section(`{"type":"text","text":"one\ntwo\n\n\nthree\n"}`), "one\\\ntwo\n\nthree"},
		{"style over lines", section(`{"type":"text","text":"one\ntwo","style":{"bold":true}}`), "**one**\\\n**two**"},
		{
			"lists", `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"Points:\n"}]},` +
				`{"type":"rich_text_list","style":"bullet","indent":0,"border":0,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"one"}]},{"type":"rich_text_section","elements":[{"type":"text","text":"- two"}]}]},` +
				`{"type":"rich_text_list","style":"ordered","indent":1,"border":0,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a\nb"}]},{"type":"rich_text_section","elements":[]}]},` +
				`{"type":"rich_text_list","style":"bullet","indent":0,"border":0,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"three"}]}]},` +
				`{"type":"rich_text_section","elements":[{"type":"text","text":"\nand on"}]}]}]`,
			"Points:\n\n- one\n- \\- two\n  1. a\\\n     b\n  2.\n- three\n\nand on",
		},
		{
			"list that goes on", `[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"ordered","indent":0,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"one"}]}]},` +
				`{"type":"rich_text_preformatted","border":0,"elements":[{"type":"text","text":"x < y\n\tz"}]},` +
				`{"type":"rich_text_list","style":"ordered","indent":0,"offset":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"two"}]}]},` +
				`{"type":"rich_text_list","style":"ordered","indent":0,"offset":0,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"anew"}]}]}]}]`,
			"1. one\n\n```\nx < y\n\tz\n```\n\n2. two\n1) anew",
		},
		{
			"deep list", `[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","indent":7,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"deep"}]}]},` +
				`{"type":"rich_text_list","style":"bullet","indent":-3,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"high"}]}]}]}]`,
			"- deep\n- high",
		},
		{
			"quote", `[{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[{"type":"text","text":"one\ntwo\n\nthree"},{"type":"link","url":"https://example.org"}]},` +
				`{"type":"rich_text_list","style":"bullet","indent":0,"border":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"in it"}]}]},` +
				`{"type":"rich_text_preformatted","border":1,"elements":[{"type":"text","text":"code\n\nmore"}]},{"type":"rich_text_section","elements":[{"type":"text","text":"> typed"}]}]}]`,
			"> one\\\n> two\n>\n> three<https://example.org>\n>\n> - in it\n>\n> ```\n> code\n>\n> more\n> ```\n\n\\> typed",
		},
		{"preformatted", `[{"type":"rich_text","elements":[{"type":"rich_text_preformatted","language":"go","elements":[{"type":"text","text":"a ` + "```" + ` b "},{"type":"link","url":"https://example.org"}]}]}]`, "````\na ``` b https://example.org\n````"},
		{"unknown element", `[{"type":"rich_text","elements":[{"type":"rich_text_hologram","elements":[{"type":"text","text":"still read"}]}]}]`, "still read"},
		{
			"other blocks", `[{"type":"header","text":{"type":"plain_text","text":"R&amp;D *now* :tada:","emoji":true}},{"type":"divider"},` +
				`{"type":"section","text":{"type":"mrkdwn","text":"*bold* &amp; <@U024BE7LH>"},"fields":[{"type":"plain_text","text":"*plain*"},{"type":"mrkdwn","text":"_f_"}]},` +
				`{"type":"image","image_url":"https://x.example/a.png","alt_text":"a cat"},{"type":"actions","elements":[{"type":"button","action_id":"b","text":{"type":"plain_text","text":"Press"}}]},` +
				`{"type":"context","elements":[{"type":"mrkdwn","text":"small *print*"},{"type":"image","image_url":"https://x.example/a.png","alt_text":"dot"}]}]`,
			"# R&D \\*now\\* 🎉\n\n* * *\n\n**bold** & @Holly Case\n\n\\*plain\\*\n\n*f*\n\na cat\n\n*small **print***",
		},
		{"new blocks", `[{"type":"hologram","title":{"type":"plain_text","text":"Title"},"body":[{"type":"mrkdwn","text":"*body*"}],"id":"x"}]`, "Title\n\n**body**"},
		{"markdown block", `[{"type":"markdown","text":"**bold** <b> [a](b)"}]`, `**bold** \<b> a (b)`},
		{"nothing but a line", `[{"type":"divider"}]`, "the text instead"},
		{"nothing", `[]`, "the text instead"},
		{"nothing to read", section(`{"type":"text","text":" \n "}`), "the text instead"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m slackgo.Msg
			if err := json.Unmarshal([]byte(`{"type":"message","user":"U1","text":"the text instead","ts":"1.2","attachments":[{"text":"a preview"}],"blocks":`+c.blocks+`}`), &m); err != nil {
				t.Fatal(err)
			}
			if got := ToCommonMark(&m, testNames); got != c.want {
				t.Errorf("heard %s: got\n%s\nwant\n%s", c.blocks, got, c.want)
			}
		})
	}
}
