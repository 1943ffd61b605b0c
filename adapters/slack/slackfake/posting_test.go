package slackfake_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

func TestAuth(t *testing.T) {
	c := newDefaultClient(t)
	_, header, body := c.do("POST", "auth.test", "application/x-www-form-urlencoded", c.BotToken(), "")
	var o obj
	if err := json.Unmarshal(body, &o); err != nil {
		t.Fatal(err)
	}
	wantFields(t, "auth.test", o, obj{"ok": true, "team": "nhs", "team_id": c.TeamID(), "user_id": c.BotUser(), "bot_id": c.BotID(), "url": "https://nhs.slack.com/"})
	if got := header.Get("X-OAuth-Scopes"); !slices.Contains(strings.Split(got, ","), "chat:write") {
		t.Errorf("x-oauth-scopes: got %q, want chat:write in it", got)
	}
	for _, test := range []struct{ method, token, want string }{
		{"auth.test", "", "not_authed"},
		{"auth.test", "xoxb-nobody", "invalid_auth"},
		{"chat.postMessage", c.AppToken(), "not_allowed_token_type"},
		{"apps.connections.open", c.BotToken(), "not_allowed_token_type"},
		{"chat.shout", c.BotToken(), "unknown_method"},
		{"files.upload", c.BotToken(), "method_deprecated"},
	} {
		_, _, body := c.do("POST", test.method, "application/x-www-form-urlencoded", test.token, "")
		if !strings.Contains(string(body), `"error":"`+test.want+`"`) {
			t.Errorf("%s with token %q: got %s, want %s", test.method, test.token, body, test.want)
		}
	}
	_, _, body = c.do("GET", "apps.connections.open", "", c.AppToken(), "")
	if !strings.Contains(string(body), "insecure_request") {
		t.Errorf("apps.connections.open by GET: got %s, want insecure_request", body)
	}
	_, _, body = c.do("POST", "apps.connections.open", "application/x-www-form-urlencoded", "", "token="+c.AppToken())
	if !strings.Contains(string(body), "invalid_auth") {
		t.Errorf("apps.connections.open with the token as a parameter: got %s, want invalid_auth", body)
	}
	c.RevokeToken(c.BotToken())
	c.wantError("token_revoked", "auth.test")
	c.Deactivate(c.BotToken())
	c.wantError("account_inactive", "auth.test")
	c.Restore(c.BotToken())
	c.mustCall("auth.test")
	if got := c.CallCount("auth.test"); got != 4 {
		t.Errorf("calls of auth.test that reached the workspace: got %d, want 4", got)
	}
}

func TestRequestBodies(t *testing.T) {
	c := newDefaultClient(t)
	post := func(kind, token, body string) (o obj) {
		t.Helper()
		_, _, b := c.do("POST", "chat.postMessage", kind, token, body)
		if err := json.Unmarshal(b, &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	body := `{"channel":"` + c.room() + `","text":"a","blocks":[{"type":"divider"}],"unfurl_links":false}`
	o := post("application/json; charset=utf-8", c.BotToken(), body)
	wantFields(t, "JSON", o, obj{"ok": true, "warning": nil})
	o = post("application/json", c.BotToken(), body)
	wantFields(t, "JSON without charset", o, obj{"ok": true, "warning": "missing_charset"})
	o = post("application/json; charset=utf-8", "", `{"token":"`+c.BotToken()+`"}`)
	wantFields(t, "JSON with the token in it", o, obj{"error": "not_authed"})
	o = post("application/x-www-form-urlencoded", "", "token="+c.BotToken()+"&text=a&channel="+c.room())
	wantFields(t, "a form with the token in it", o, obj{"ok": true})
	_, _, b := c.do("POST", "conversations.info", "application/json; charset=utf-8", c.BotToken(), `{"channel":"`+c.room()+`"}`)
	if !strings.Contains(string(b), "invalid_arguments") {
		t.Errorf("conversations.info takes no JSON: got %s, want invalid_arguments", b)
	}
	_, _, b = c.do("GET", "conversations.info?channel="+c.room(), "", c.BotToken(), "")
	if !strings.Contains(string(b), `"ok":true`) {
		t.Errorf("conversations.info by GET: got %s, want ok", b)
	}
}

func TestPost(t *testing.T) {
	c := newDefaultClient(t)
	o := c.mustCall("chat.postMessage", "channel", c.room(), "text", "hello <http://example.org|there> & *you*")
	m := o["message"].(obj)
	wantFields(t, "own post", m, obj{
		"type": "message", "user": c.BotUser(), "bot_id": c.BotID(), "app_id": c.AppID(), "team": c.TeamID(), "subtype": nil,
		"text": "hello <http://example.org|there> &amp; *you*", "ts": o["ts"],
	})
	if m["bot_profile"].(obj)["name"] != "catchword" || m["blocks"] == nil {
		t.Errorf("own post: got %v, want a bot_profile and blocks", m)
	}
	o = c.mustCall("chat.postMessage", "channel", "#ukmedlibs", "text", "x", "username", "Zoë · nhs", "icon_url", "https://example.org/z.png")
	m = o["message"].(obj)
	wantFields(t, "as somebody", m, obj{"subtype": "bot_message", "username": "Zoë · nhs", "bot_id": c.BotID(), "user": nil, "bot_profile": nil})
	c.SetScopes(slackfake.AllScopesExcept("chat:write.customize"))
	o = c.mustCall("chat.postMessage", "channel", c.room(), "text", "x", "username", "Zoë · nhs")
	wantFields(t, "as somebody, without the scope", o["message"].(obj), obj{"subtype": nil, "username": nil, "user": c.BotUser()})
	c.SetScopes(slackfake.AllScopesExcept("chat:write"))
	wantFields(t, "without chat:write", c.wantError("missing_scope", "chat.postMessage", "channel", c.room(), "text", "x"),
		obj{"needed": "chat:write", "provided": strings.Join(slackfake.AllScopesExcept("chat:write"), ",")})
}

func TestTimestamps(t *testing.T) {
	c := newDefaultClient(t)
	seen := map[string]bool{}
	amy := c.Person("Amy")
	for range 100 {
		for _, ts := range []string{c.post("text", "a"), amy.Say("ukmedlibs", "b")} {
			if seen[ts] || !regexp.MustCompile(`^\d{10}\.\d{6}$`).MatchString(ts) {
				t.Fatalf("ts: got %q, want one of ten digits, dot, six digits, never twice", ts)
			}
			seen[ts] = true
		}
	}
}

func TestPostFails(t *testing.T) {
	c := newDefaultClient(t)
	c.AddChannel("other", false)
	c.AddChannel("secret", true)
	text := []string{"text", "x"}
	in := func(room string) []string { return append([]string{"channel", c.ChannelID(room)}, text...) }
	c.wantError("not_in_channel", "chat.postMessage", in("other")...)
	c.wantError("channel_not_found", "chat.postMessage", in("secret")...)
	c.wantError("channel_not_found", "chat.postMessage", "channel", "C0NOSUCH", "text", "x")
	c.wantError("no_text", "chat.postMessage", "channel", c.room())
	c.wantError("invalid_arguments", "chat.postMessage", "text", "x")
	c.wantError("invalid_blocks_format", "chat.postMessage", "channel", c.room(), "blocks", "{")
	c.wantError("invalid_metadata_format", "chat.postMessage", append(in("ukmedlibs"), "metadata", "{")...)
	c.wantError("invalid_metadata_schema", "chat.postMessage", append(in("ukmedlibs"), "metadata", `{"event_type":"x"}`)...)
	c.wantError("metadata_too_large", "chat.postMessage", append(in("ukmedlibs"), "metadata", `{"event_type":"x","event_payload":{"k":"`+strings.Repeat("x", 9000)+`"}}`)...)
	c.Archive("ukmedlibs")
	c.wantError("is_archived", "chat.postMessage", in("ukmedlibs")...)
	c.SetScopes(append(slackfake.AllScopes(), "chat:write.public"))
	c.mustCall("chat.postMessage", in("other")...)
}

func TestLongText(t *testing.T) {
	c := newDefaultClient(t)
	o := c.mustCall("chat.postMessage", "channel", c.room(), "text", strings.Repeat("é", 40_001))
	if got := []rune(o["message"].(obj)["text"].(string)); len(got) != 40_000 || o["warning"] != "message_truncated" {
		t.Errorf("a text of 40,001: got %d characters and warning %v, want 40,000 and message_truncated", len(got), o["warning"])
	}
	ts := c.post("text", strings.Repeat("é", 4000))
	c.wantError("msg_too_long", "chat.update", "channel", c.room(), "ts", ts, "text", strings.Repeat("é", 4001))
	c.mustCall("chat.update", "channel", c.room(), "ts", ts, "text", strings.Repeat("e", 4000))
}

func TestUpdate(t *testing.T) {
	c := newDefaultClient(t)
	block := `[{"type":"section","text":{"type":"mrkdwn","text":"in a block"}}]`
	ts := c.post("text", "first", "blocks", block, "metadata", `{"event_type":"said","event_payload":{"key":"k"}}`)
	o := c.mustCall("chat.update", "channel", c.room(), "ts", ts, "text", "second")
	m := o["message"].(obj)
	if got := m["blocks"].([]any)[0].(obj)["type"]; got != "section" || m["text"] != "second" || m["metadata"] == nil {
		t.Errorf("update of the text: got %v, want blocks and metadata kept", m)
	}
	edited := m["edited"].(obj)
	if edited["user"] != c.BotID() || !strings.HasSuffix(edited["ts"].(string), ".000000") {
		t.Errorf("edited: got %v, want the bot and whole seconds", edited)
	}
	m = c.mustCall("chat.update", "channel", c.room(), "ts", ts, "text", "third", "blocks", "[]", "metadata", "{}")["message"].(obj)
	if got := m["blocks"].([]any)[0].(obj)["type"]; got != "rich_text" || m["metadata"] != nil {
		t.Errorf("update with empty blocks and metadata: got %v, want neither kept", m)
	}
	his := c.Person("Bob").Say("ukmedlibs", "mine")
	c.wantError("cant_update_message", "chat.update", "channel", c.room(), "ts", his, "text", "x")
	c.wantError("message_not_found", "chat.update", "channel", c.room(), "ts", "1500000000.000000", "text", "x")
	c.wantError("cant_delete_message", "chat.delete", "channel", c.room(), "ts", his)
	c.mustCall("chat.delete", "channel", c.room(), "ts", ts)
	c.wantError("message_not_found", "chat.delete", "channel", c.room(), "ts", ts)
	c.wantError("message_not_found", "chat.update", "channel", c.room(), "ts", ts, "text", "x")
	last := c.post("text", "x")
	c.Archive("ukmedlibs")
	c.wantError("is_inactive", "chat.update", "channel", c.room(), "ts", last, "text", "y")
}

func TestMetadata(t *testing.T) {
	c := newClient(t, slackfake.Options{}, slackfake.WorkspaceOptions{Metadata: []string{"declared"}})
	l := c.dial()
	for _, kind := range []string{"declared", "secret"} {
		full := obj{"event_type": kind, "event_payload": obj{"key": "k"}}
		bare := obj{"event_type": kind}
		want := bare
		if kind == "declared" {
			want = full
		}
		b, _ := json.Marshal(full)
		c.post("text", kind, "metadata", string(b))
		wantFields(t, "in the event", l.event(), obj{"metadata": want})
		if kind == "declared" {
			wantFields(t, "the event", l.event(), obj{"type": "message_metadata_posted", "metadata": full})
		}
		wantFields(t, "in history", c.history()[0], obj{"metadata": want})
		wantFields(t, "in history with all metadata", c.history("include_all_metadata", "true")[0], obj{"metadata": full})
	}
}

func TestEphemeral(t *testing.T) {
	c := newDefaultClient(t)
	amy, bob := c.Person("Amy"), c.Person("Bob")
	amy.Say("ukmedlibs", "hello")
	c.mustCall("chat.postEphemeral", "channel", c.room(), "user", amy.ID(), "text", "for you alone")
	c.wantError("user_not_in_channel", "chat.postEphemeral", "channel", c.room(), "user", bob.ID(), "text", "x")
	if got := texts(c.history("limit", "1")); !slices.Equal(got, []string{"hello"}) {
		t.Errorf("history: got %q, want no ephemeral message", got)
	}
	if got := c.Ephemerals("ukmedlibs"); len(got) != 1 || got[0].To != amy.ID() || got[0].Text != "for you alone" {
		t.Errorf("ephemerals: got %+v, want the one for Amy", got)
	}
}

func TestPermalink(t *testing.T) {
	c := newDefaultClient(t)
	ts := c.post("text", "x")
	got := c.mustCall("chat.getPermalink", "channel", c.room(), "message_ts", ts)["permalink"]
	if want := "https://nhs.slack.com/archives/" + c.room() + "/p" + strings.ReplaceAll(ts, ".", ""); got != want {
		t.Errorf("permalink: got %v, want %s", got, want)
	}
	link, _ := got.(string)
	if m, ok := c.FollowLink(link); !ok || m.TS != ts {
		t.Errorf("%s: got %+v, want it to lead to %s", link, m, ts)
	}
	for _, wrong := range []string{"", link + "1", strings.Replace(link, "nhs", "shelf", 1), strings.Replace(link, c.room(), "C0", 1)} {
		if m, ok := c.FollowLink(wrong); ok {
			t.Errorf("%s: got %+v, want it to lead nowhere", wrong, m)
		}
	}
	c.wantError("message_not_found", "chat.getPermalink", "channel", c.room(), "message_ts", "1.2")
}

func TestLivePings(t *testing.T) {
	c := newDefaultClient(t)
	amy := c.Person("Amy")
	c.post("text", "@here @channel &lt;!here&gt; plain", "username", "<!here>")
	c.post("text", "x", "blocks", `[{"type":"header","text":{"type":"plain_text","text":"<!here>"}}]`)
	c.post("text", "x", "blocks", `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"<!here> @here"}]}]}]`)
	if got := c.Pings(); len(got) != 0 {
		t.Fatalf("pings: got %+v, want none", got)
	}
	want := []string{
		"<!here>", "<!channel|channel>", "<!subteam^S0123|@librarians>", "<@" + amy.ID() + ">", "<!everyone>", "<!here>", "<!channel>",
		`{"range":"here","type":"broadcast"}`, `{"type":"user","user_id":"U1"}`, `{"type":"usergroup","usergroup_id":"S1"}`,
	}
	c.post("text", "a <!here> b <!channel|channel> <!subteam^S0123|@librarians>")
	ts := c.post("text", "hello <@"+amy.ID()+">")
	c.mustCall("chat.update", "channel", c.room(), "ts", ts, "text", "<!everyone>")
	c.post("text", "@here", "link_names", "true")
	c.post("text", "x", "blocks", `[{"type":"section","text":{"type":"mrkdwn","text":"<!channel>"}},{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[{"type":"broadcast","range":"here"},{"type":"user","user_id":"U1"},{"type":"usergroup","usergroup_id":"S1"}]}]}]`)
	var got []string
	for _, p := range c.Pings() {
		got = append(got, p.What)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("pings (-want +got):\n%s", d)
	}
}
