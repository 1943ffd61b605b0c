package slackfake_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNormalisation(t *testing.T) {
	c := newDefaultClient(t)
	for _, test := range []struct{ sent, stored string }{
		{"plain words", "plain words"},
		{"a < b & c > d", "a &lt; b &amp; c &gt; d"},
		{"a &lt; b &amp; c &gt; d", "a &lt; b &amp; c &gt; d"},
		{"AT&T &nbsp; &amp;lt;", "AT&amp;T &amp;nbsp; &amp;lt;"},
		{"*bold* _it_ ~no~ `code`", "*bold* _it_ ~no~ `code`"},
		{"https://example.org/a?b=1&c=2, and", "<https://example.org/a?b=1&amp;c=2>, and"},
		{"https://example.org/a?b=1&amp;c=2", "<https://example.org/a?b=1&amp;c=2>"},
		{"(see http://example.org)", "(see <http://example.org>)"},
		{"<https://example.org|a label>", "<https://example.org|a label>"},
		{"write to amy@example.org.", "write to <mailto:amy@example.org|amy@example.org>."},
		{"<!here> <@U0123> <#C0123|room> <!date^1|x> <!date^1^{date}|x>", "<!here> <@U0123> <#C0123|room> &lt;!date^1|x&gt; <!date^1^{date}|x>"},
		{"<b>no tag</b>", "&lt;b&gt;no tag&lt;/b&gt;"},
		{"`https://example.org <b>`", "`https://example.org &lt;b&gt;`"},
		{"@here", "@here"},
		{"👍 ❤️ 🦄", ":+1: :heart: 🦄"},
	} {
		for range 2 { // what is stored stays as it is when it is sent
			got := c.mustCall("chat.postMessage", "channel", c.room(), "text", test.sent)["message"].(obj)["text"]
			if got != test.stored {
				t.Errorf("text %q: got %q stored, want %q", test.sent, got, test.stored)
			}
			test.sent = test.stored
		}
	}
}

func TestRichText(t *testing.T) {
	c := newDefaultClient(t)
	text := func(s string, styles ...string) string {
		style := ""
		for _, s := range styles {
			style += fmt.Sprintf(`,%q:true`, s)
		}
		if style != "" {
			style = `,"style":{` + style[1:] + `}`
		}
		b, _ := json.Marshal(s)
		return `{"type":"text","text":` + string(b) + style + `}`
	}
	section := func(elements ...string) string {
		return `{"type":"rich_text_section","elements":[` + strings.Join(elements, ",") + `]}`
	}
	for _, test := range []struct{ text, elements string }{
		{"plain &amp; simple", section(text("plain & simple"))},
		{"two\nlines", section(text("two\nlines"))},
		{"a *b* *_c_* `d &lt;*e*`, ~f~", section(text("a "), text("b", "bold"), text(" "), text("c", "bold", "italic"), text(" "), text("d <*e*", "code"), text(", "), text("f", "strike"))},
		{"snake_case_name 2 * 3 * 4", section(text("snake_case_name 2 * 3 * 4"))},
		{"<@U012> <#C012> <!here> <!subteam^S012>", section(`{"type":"user","user_id":"U012"}`, text(" "), `{"type":"channel","channel_id":"C012"}`, text(" "), `{"type":"broadcast","range":"here"}`, text(" "), `{"type":"usergroup","usergroup_id":"S012"}`)},
		{"<https://example.org/?a=1&amp;b=2|a &amp; b> :+1:", section(`{"type":"link","url":"https://example.org/?a=1&b=2","text":"a & b"}`, text(" "), `{"type":"emoji","name":"+1","unicode":"1f44d"}`)},
		{"&gt; quoted\n&gt; twice\nsaid", `{"type":"rich_text_quote","elements":[` + text("quoted\ntwice") + `]},` + section(text("said"))},
		{"• one\n• *two*\n    ◦ three", `{"type":"rich_text_list","style":"bullet","indent":0,"border":0,"elements":[` + section(text("one")) + "," + section(text("two", "bold")) + `]},{"type":"rich_text_list","style":"bullet","indent":1,"border":0,"elements":[` + section(text("three")) + `]}`},
		{"1. one\n2. two", `{"type":"rich_text_list","style":"ordered","indent":0,"border":0,"elements":[` + section(text("one")) + "," + section(text("two")) + `]}`},
		{"see\n```a &lt; b\n\t*c*```", section(text("see")) + `,{"type":"rich_text_preformatted","border":0,"elements":[` + text("a < b\n\t*c*") + `]}`},
		{"<!date^1392734382^{date_num} {time_secs}^https://example.org|then>", section(`{"type":"date","timestamp":1392734382,"format":"{date_num} {time_secs}","url":"https://example.org","fallback":"then"}`)},
	} {
		ts := c.Person("Amy").Say("ukmedlibs", test.text)
		m := c.history("limit", "1")[0]
		var want any
		if err := json.Unmarshal([]byte("["+test.elements+"]"), &want); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, list(m["blocks"])[0]["elements"]); d != "" {
			t.Errorf("blocks of %q (-want +got):\n%s", test.text, d)
		}
		copied := c.Person("Bob").CopyPaste("ukmedlibs", ts)
		repeated, _ := c.Message("ukmedlibs", copied)
		if repeated.Text != test.text {
			t.Errorf("rich text of %q: got %q when made text again", test.text, repeated.Text)
		}
	}
}

func TestCopyPasteBlocks(t *testing.T) {
	c := newDefaultClient(t)
	ts := c.post("text", "fallback", "blocks", `[{"type":"header","text":{"type":"plain_text","text":"Q1"}},
		{"type":"section","text":{"type":"mrkdwn","text":"What *is* it?"}},{"type":"divider"},
		{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"one"}]}]}]}]`)
	if m, _ := c.Message("ukmedlibs", ts); m.Text != "fallback" || m.Plain != "Q1\nWhat is it?\n• one" || !strings.Contains(m.Blocks, "header") {
		t.Errorf("a post with blocks: got %+v, want what people read of them as Plain", m)
	}
	m, _ := c.Message("ukmedlibs", c.Person("Amy").CopyPaste("ukmedlibs", ts))
	if want := "Q1\nWhat *is* it?\n• one"; m.Text != want {
		t.Errorf("repeated: got %q, want %q", m.Text, want)
	}
}

func TestBlocks(t *testing.T) {
	c := newDefaultClient(t)
	mrkdwn := func(n int) string {
		return `{"type":"section","text":{"type":"mrkdwn","text":"` + strings.Repeat("é", n) + `"}}`
	}
	rich := func(elements string) string {
		return `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[` + elements + `]}]}`
	}
	for _, test := range []struct{ blocks, want string }{
		{mrkdwn(3000), ""},
		{mrkdwn(3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
		{mrkdwn(0), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"},
		{`{"type":"header","text":{"type":"plain_text","text":"` + strings.Repeat("x", 151) + `"}}`, "must be less than 151 characters [json-pointer:/blocks/0/text/text]"},
		{`{"type":"header","text":{"type":"mrkdwn","text":"x"}}`, "must be one of [plain_text] [json-pointer:/blocks/0/text/type]"},
		{strings.Repeat(`{"type":"divider"},`, 49) + `{"type":"divider"}`, ""},
		{strings.Repeat(`{"type":"divider"},`, 50) + `{"type":"divider"}`, "no more than 50 items allowed [json-pointer:/blocks]"},
		{`{"type":"shout"}`, "unsupported type: shout [json-pointer:/blocks/0/type]"},
		{`{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}`, "block_id already exists: a [json-pointer:/blocks/1/block_id]"},
		{`{"type":"divider","block_id":"` + strings.Repeat("x", 256) + `"}`, "must be less than 256 characters [json-pointer:/blocks/0/block_id]"},
		{`{"type":"section","fields":[` + strings.Repeat(`{"type":"mrkdwn","text":"x"},`, 10) + `{"type":"mrkdwn","text":"x"}]}`, "no more than 10 items allowed [json-pointer:/blocks/0/fields]"},
		{`{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"` + strings.Repeat("x", 76) + `"},"action_id":"a"}]}`, "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"},
		{`{"type":"context","elements":[]}`, "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"},
		{rich(`{"type":"text","text":"x","style":{"bold":true}}`), ""},
		{rich(`{"type":"text","text":""}`), "must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]"},
		{rich(`{"type":"text","text":"x","style":{"loud":true}}`), "unexpected style: loud [json-pointer:/blocks/0/elements/0/elements/0/style]"},
		{rich(`{"type":"rich_text_list"}`), "unsupported type: rich_text_list [json-pointer:/blocks/0/elements/0/elements/0/type]"},
		{`{"type":"markdown","text":"` + strings.Repeat("x", 12_001) + `"}`, "must be less than 12001 characters [json-pointer:/blocks/0/text]"},
	} {
		o := c.call("chat.postMessage", "channel", c.room(), "text", "x", "blocks", "["+test.blocks+"]")
		if test.want == "" {
			wantFields(t, "good blocks", o, obj{"ok": true})
			continue
		}
		errors, _ := o["errors"].([]any)
		metadata, _ := o["response_metadata"].(obj)
		if o["error"] != "invalid_blocks" || len(errors) == 0 || errors[0] != test.want || metadata["messages"].([]any)[0] != "[ERROR] "+test.want {
			t.Errorf("blocks %.120s: got %v, want invalid_blocks: %s", test.blocks, o, test.want)
		}
	}
	c.wantError("msg_blocks_too_long", "chat.postMessage", "channel", c.room(), "blocks", "["+strings.Repeat(mrkdwn(2900)+",", 4)+mrkdwn(2900)+"]")
}
