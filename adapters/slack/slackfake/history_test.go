package slackfake_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

// pages reads a list to its end, and tells how many pages it took.
func (c client) pages(method, key string, args ...string) (all []any, n int) {
	c.Helper()
	for cursor := ""; ; n++ {
		o := c.mustCall(method, append(args, "cursor", cursor)...)
		all = append(all, o[key].([]any)...)
		metadata, _ := o["response_metadata"].(obj)
		cursor, _ = metadata["next_cursor"].(string)
		if (cursor != "") != (o["has_more"] == true) && o["has_more"] != nil {
			c.Errorf("%s: got has_more %v and cursor %q", method, o["has_more"], cursor)
		}
		if cursor == "" {
			return all, n + 1
		}
		if !strings.HasSuffix(cursor, "=") {
			c.Errorf("cursor: got %q, want a = at its end", cursor)
		}
	}
}

func TestHistory(t *testing.T) {
	c := newDefaultClient(t)
	amy := c.Person("Amy")
	var said, ts []string
	for i := range 40 {
		said = append(said, fmt.Sprint("message ", i))
		ts = append(ts, amy.Say("ukmedlibs", said[i]))
		amy.Reply("ukmedlibs", ts[i], "a reply")
	}
	newest := slices.Clone(said)
	slices.Reverse(newest)
	all, n := c.pages("conversations.history", "messages", "channel", c.room(), "limit", "7", "oldest", ts[0], "inclusive", "true")
	var got []string
	for _, m := range all {
		got = append(got, m.(obj)["text"].(string))
	}
	if !slices.Equal(got, newest) || n != 6 {
		t.Errorf("history: got %q in %d pages, want all, newest first, without replies, in 6", got, n)
	}
	for _, test := range []struct {
		want []string
		args []string
	}{
		{newest[0:2], []string{"oldest", ts[37]}},
		{newest[0:3], []string{"oldest", ts[37], "inclusive", "true"}},
		{[]string{said[1], said[0]}, []string{"latest", ts[2], "limit", "2"}},
		{[]string{said[2], said[1]}, []string{"latest", ts[2], "limit", "2", "inclusive", "1"}},
		{[]string{said[4], said[3]}, []string{"oldest", ts[2], "latest", ts[5]}},
		{nil, []string{"oldest", ts[39]}},
	} {
		if got := texts(c.history(test.args...)); !slices.Equal(got, test.want) {
			t.Errorf("history %v: got %q, want %q", test.args, got, test.want)
		}
	}
	c.wantError("invalid_limit", "conversations.history", "channel", c.room(), "limit", "1001")
	c.wantError("invalid_cursor", "conversations.history", "channel", c.room(), "cursor", "nonsense")
}

func TestReplyPages(t *testing.T) {
	c := newClient(t, slackfake.Options{}, slackfake.WorkspaceOptions{Distributed: true})
	amy := c.Person("Amy")
	root := amy.Say("ukmedlibs", "root")
	want := []string{"root"}
	for i := range 40 {
		want = append(want, fmt.Sprint("reply ", i))
		amy.Reply("ukmedlibs", root, want[i+1])
		amy.Say("ukmedlibs", "noise")
	}
	all, n := c.pages("conversations.replies", "messages", "channel", c.room(), "ts", root, "limit", "1000")
	var got []string
	for _, m := range all {
		got = append(got, m.(obj)["text"].(string))
	}
	if !slices.Equal(got, want) || n != 3 {
		t.Errorf("replies: got %q in %d pages, want the root once and all replies, oldest first, in 3 of 15", got, n)
	}
	if got := len(c.history("limit", "100")); got != 15 {
		t.Errorf("history of a distributed app: got %d messages, want 15", got)
	}
}

func TestShortPages(t *testing.T) {
	c := newDefaultClient(t)
	c.slack.Fault(func(f *slackfake.Faults) { f.ShortPages = true })
	want := []string{c.room()}
	for i := range 30 {
		want = append(want, c.AddChannel(fmt.Sprint("room-", i), false))
		c.Person("Amy").Say("ukmedlibs", fmt.Sprint(i))
	}
	all, n := c.pages("conversations.list", "channels", "limit", "10")
	var got []string
	for _, o := range all {
		got = append(got, o.(obj)["id"].(string))
	}
	if !slices.Equal(got, want) || n < 5 {
		t.Errorf("list: got %d channels in %d short pages, want %d in more than 4", len(got), n, len(want))
	}
	if all, n = c.pages("conversations.history", "messages", "channel", c.room(), "limit", "10"); len(all) != 31 || n < 5 {
		t.Errorf("history: got %d messages in %d short pages, want 31 in more than 4", len(all), n)
	}
}

func TestConversations(t *testing.T) {
	c := newDefaultClient(t)
	other, secret := c.AddChannel("other", false), c.AddChannel("secret", true)
	ids := func(o obj) (all []string) {
		for _, ch := range list(o["channels"]) {
			all = append(all, ch["id"].(string))
		}
		return all
	}
	both := "public_channel,private_channel"
	if got, want := ids(c.mustCall("conversations.list", "types", both)), []string{c.room(), other}; !slices.Equal(got, want) {
		t.Errorf("list: got %v, want %v: no private channel of others", got, want)
	}
	c.wantError("channel_not_found", "conversations.info", "channel", secret)
	c.wantError("channel_not_found", "conversations.history", "channel", secret)
	c.wantError("not_in_channel", "conversations.history", "channel", other)
	c.wantError("channel_not_found", "conversations.join", "channel", secret)
	c.Invite("secret")
	if got, want := ids(c.mustCall("conversations.list", "types", both)), []string{c.room(), other, secret}; !slices.Equal(got, want) {
		t.Errorf("list once invited: got %v, want %v", got, want)
	}
	if got, want := ids(c.mustCall("users.conversations", "types", both)), []string{c.room(), secret}; !slices.Equal(got, want) {
		t.Errorf("the bot's own: got %v, want %v", got, want)
	}
	c.wantError("method_not_supported_for_channel_type", "conversations.join", "channel", secret)
	wantFields(t, "info", c.mustCall("conversations.info", "channel", other)["channel"].(obj), obj{"name": "other", "is_member": false, "is_private": false, "is_archived": false})
	wantFields(t, "join", c.mustCall("conversations.join", "channel", other), obj{"warning": nil})
	wantFields(t, "join again", c.mustCall("conversations.join", "channel", other), obj{"warning": "already_in_channel", "response_metadata": obj{"warnings": []string{"already_in_channel"}}})
	wantFields(t, "info once joined", c.mustCall("conversations.info", "channel", other)["channel"].(obj), obj{"is_member": true})
	wantFields(t, "members", c.mustCall("conversations.members", "channel", other), obj{"members": []string{c.BotUser()}})
	c.Archive("other")
	c.wantError("is_archived", "conversations.join", "channel", other)
	if got := ids(c.mustCall("conversations.list", "exclude_archived", "true")); slices.Contains(got, other) {
		t.Errorf("list without archived ones: got %v, want no %s", got, other)
	}
	amy := c.Person("Amy")
	dm := c.mustCall("conversations.open", "users", amy.ID())["channel"].(obj)["id"].(string)
	if again := c.mustCall("conversations.open", "users", amy.ID())["channel"].(obj)["id"]; !strings.HasPrefix(dm, "D") || again != dm {
		t.Errorf("direct messages: got %s and %s, want the same D…", dm, again)
	}
	c.SetScopes(slackfake.AllScopesExcept("groups:read", "channels:history"))
	wantFields(t, "no scope", c.wantError("missing_scope", "conversations.list", "types", both), obj{"needed": "groups:read"})
	wantFields(t, "no scope", c.wantError("missing_scope", "conversations.history", "channel", c.room()), obj{"needed": "channels:history"})
	c.mustCall("conversations.history", "channel", secret)
}

func TestUsers(t *testing.T) {
	c := newDefaultClient(t)
	amy := c.Person("Amy Adams")
	u := c.mustCall("users.info", "user", amy.ID())["user"].(obj)
	wantFields(t, "Amy", u, obj{"id": amy.ID(), "real_name": "Amy Adams", "is_bot": false, "deleted": false, "team_id": c.TeamID()})
	if p := u["profile"].(obj); p["display_name"] != "Amy Adams" || !strings.HasPrefix(p["image_72"].(string), "https://") {
		t.Errorf("profile: got %v, want a display name and pictures", p)
	}
	wantFields(t, "the bot", c.mustCall("users.info", "user", c.BotUser())["user"].(obj), obj{"is_bot": true})
	c.wantError("user_not_found", "users.info", "user", "U1")
	wantFields(t, "the bot", c.mustCall("bots.info", "bot", c.BotID())["bot"].(obj), obj{"user_id": c.BotUser(), "app_id": c.AppID()})
	c.wantError("bot_not_found", "bots.info", "bot", "B1")
	if got := len(list(c.mustCall("users.list")["members"])); got != 3 {
		t.Errorf("users.list: got %d, want slackbot, the bot and Amy", got)
	}
	wantFields(t, "team.info", c.mustCall("team.info")["team"].(obj), obj{"id": c.TeamID(), "domain": "nhs"})
}

func TestCursorInQuery(t *testing.T) {
	c := newDefaultClient(t)
	for i := range 3 {
		c.Person("Amy").Say("ukmedlibs", fmt.Sprint(i))
	}
	o := c.mustCall("conversations.history", "channel", c.room(), "limit", "1")
	cursor := o["response_metadata"].(obj)["next_cursor"].(string)
	_, _, b := c.do("GET", "conversations.history?limit=1&channel="+c.room()+"&cursor="+url.QueryEscape(cursor), "", c.BotToken(), "")
	if !strings.Contains(string(b), `"text":"1"`) {
		t.Errorf("the second page by GET: got %s, want message 1", b)
	}
}
