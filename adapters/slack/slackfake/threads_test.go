package slackfake_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

func TestThread(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	amy, bob := c.Person("Amy"), c.Person("Bob")
	root := c.post("text", "Q1")
	wantFields(t, "the root", l.event(), obj{"thread_ts": nil, "reply_count": nil})
	first := amy.Reply("ukmedlibs", root, "A1")
	wantFields(t, "a person's reply", l.event(), obj{
		"type": "message", "user": amy.ID(), "ts": first, "thread_ts": root, "parent_user_id": c.BotUser(), "channel": c.room(),
		"channel_type": "channel", "event_ts": first, "team": c.TeamID(), "subtype": nil, "bot_id": nil,
	})
	second := c.mustCall("chat.postMessage", "channel", c.room(), "text", "A2", "thread_ts", root)
	wantFields(t, "the app's reply", second["message"].(obj), obj{"thread_ts": root, "parent_user_id": c.BotUser()})
	third := bob.Reply("ukmedlibs", root, "A3")
	wantFields(t, "the root in history", c.history("limit", "1")[0], obj{
		"text": "Q1", "thread_ts": root, "reply_count": 3, "reply_users_count": 3, "latest_reply": third, "reply_users": []string{amy.ID(), c.BotUser(), bob.ID()},
	})
	if got, want := texts(c.replies(root)), []string{"Q1", "A1", "A2", "A3"}; !slices.Equal(got, want) {
		t.Errorf("replies: got %q, want %q", got, want)
	}
	if got, want := texts(c.replies(root, "oldest", first)), []string{"Q1", "A2", "A3"}; !slices.Equal(got, want) {
		t.Errorf("replies after the first: got %q, want %q", got, want)
	}
	if got := texts(c.replies(first)); !slices.Equal(got, []string{"A1"}) {
		t.Errorf("replies of a reply: got %q, want just that", got)
	}
	c.wantError("thread_not_found", "conversations.replies", "channel", c.room(), "ts", "1.2")
}

func TestBroadcast(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	amy := c.Person("Amy")
	root := amy.Say("ukmedlibs", "Q1")
	l.event()
	ts := amy.Broadcast("ukmedlibs", root, "for all")
	e := l.event()
	wantFields(t, "a broadcast", e, obj{"subtype": "thread_broadcast", "thread_ts": root, "ts": ts})
	wantFields(t, "its root", e["root"].(obj), obj{"text": "Q1", "ts": root, "reply_count": 1})
	if got := texts(c.history("limit", "2")); !slices.Equal(got, []string{"for all", "Q1"}) {
		t.Errorf("history: got %q, want the broadcast and its root", got)
	}
	if got := texts(c.replies(root)); !slices.Equal(got, []string{"Q1", "for all"}) {
		t.Errorf("replies: got %q, want the broadcast there, too", got)
	}
}

func TestTombstone(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	amy, bob := c.Person("Amy"), c.Person("Bob")
	root := amy.Say("ukmedlibs", "Q1")
	reply := bob.Reply("ukmedlibs", root, "A1")
	l.event()
	l.event()
	amy.Delete("ukmedlibs", root)
	e := l.event()
	wantFields(t, "a deleted root", e, obj{"subtype": "message_changed", "hidden": true, "channel": c.room()})
	wantFields(t, "the tombstone", e["message"].(obj), obj{
		"subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted.", "hidden": true, "ts": root, "thread_ts": root, "reply_count": 1, "blocks": nil,
	})
	wantFields(t, "what it was", e["previous_message"].(obj), obj{"text": "Q1", "user": amy.ID(), "ts": root})
	wantFields(t, "in history", c.history("limit", "1")[0], obj{"subtype": "tombstone", "ts": root})
	c.wantError("message_not_found", "chat.delete", "channel", c.room(), "ts", root)
	bob.Delete("ukmedlibs", reply)
	e = l.event()
	wantFields(t, "the last reply", e, obj{"subtype": "message_deleted", "deleted_ts": reply, "hidden": true})
	wantFields(t, "what it was", e["previous_message"].(obj), obj{"text": "A1", "ts": reply})
	e = l.event()
	wantFields(t, "then the tombstone", e, obj{"subtype": "message_deleted", "deleted_ts": root})
	wantFields(t, "what it was", e["previous_message"].(obj), obj{"subtype": "tombstone"})
	for _, m := range c.history() {
		if m["ts"] == root {
			t.Errorf("history: got %v, want the tombstone gone", m)
		}
	}
}

func TestReplyToDeleted(t *testing.T) {
	c := newDefaultClient(t)
	amy := c.Person("Amy")
	root := amy.Say("ukmedlibs", "Q1")
	amy.Delete("ukmedlibs", root)
	o := c.mustCall("chat.postMessage", "channel", c.room(), "text", "too late", "thread_ts", root)
	wantFields(t, "reply to what is gone", o["message"].(obj), obj{"thread_ts": nil})
	if got := texts(c.history("limit", "1")); got[0] != "too late" {
		t.Errorf("history: got %q, want the reply in the channel", got)
	}
	root = amy.Say("ukmedlibs", "Q2")
	reply := amy.Reply("ukmedlibs", root, "A2")
	c.post("text", "under a reply", "thread_ts", reply)
	if got := append(texts(c.history("limit", "2")), texts(c.replies(root))...); slices.Contains(got, "under a reply") {
		t.Errorf("reply to a reply: got %q, want it nowhere visible", got)
	}
}

func TestEdit(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	amy := c.Person("Amy")
	ts := amy.Say("ukmedlibs", "frist")
	first := l.event()
	amy.Edit("ukmedlibs", ts, "first & last")
	e := l.event()
	wantFields(t, "the edit", e, obj{"type": "message", "subtype": "message_changed", "hidden": true, "channel": c.room(), "channel_type": "channel", "event_ts": e["ts"]})
	if e["ts"] == ts || !strings.HasSuffix(e["ts"].(string), ".000100") {
		t.Errorf("the edit's own ts: got %v, want whole seconds and a counter", e["ts"])
	}
	m := e["message"].(obj)
	wantFields(t, "the message", m, obj{"ts": ts, "user": amy.ID(), "text": "first &amp; last", "client_msg_id": first["client_msg_id"], "source_team": c.TeamID()})
	edited := m["edited"].(obj)
	if edited["user"] != amy.ID() || !strings.HasSuffix(edited["ts"].(string), ".000000") {
		t.Errorf("edited: got %v, want Amy and whole seconds", edited)
	}
	wantFields(t, "what it was", e["previous_message"].(obj), obj{"text": "frist", "edited": nil, "ts": ts})
	wantFields(t, "in history", c.history("limit", "1")[0], obj{"text": "first &amp; last", "edited": edited})
	amy.Delete("ukmedlibs", ts)
	wantFields(t, "the deletion", l.event(), obj{"subtype": "message_deleted", "deleted_ts": ts})
}

func TestUnfurlAndReplyCount(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	c.slack.Fault(func(f *slackfake.Faults) { f.ReplyCounts, f.Unfurl = true, true })
	amy := c.Person("Amy")
	ts := amy.Say("ukmedlibs", "see https://example.org/a?b=1&c=2.")
	const text = "see <https://example.org/a?b=1&amp;c=2>."
	wantFields(t, "a link", l.event(), obj{"text": text, "attachments": nil})
	e := l.event()
	wantFields(t, "the unfurling", e, obj{"subtype": "message_changed"})
	wantFields(t, "the message", e["message"].(obj), obj{"text": text, "edited": nil})
	if e["message"].(obj)["attachments"] == nil {
		t.Errorf("the unfurling: got %v, want attachments", e)
	}
	amy.Reply("ukmedlibs", ts, "A1")
	l.event()
	e = l.event()
	wantFields(t, "the reply count", e, obj{"subtype": "message_changed"})
	wantFields(t, "the root", e["message"].(obj), obj{"text": text, "reply_count": 1, "edited": nil})
	e = l.event()
	wantFields(t, "message_replied", e, obj{"type": "message", "subtype": nil, "hidden": true, "user": nil})
	wantFields(t, "its root", e["message"].(obj), obj{"ts": ts, "reply_count": 1})
	c.post("text", "see https://example.org")
	l.event()
	c.post("text", "next")
	wantFields(t, "after the app's link", l.event(), obj{"text": "next"})
}

func TestNotices(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	amy := c.Person("Amy Adams")
	amy.Join("ukmedlibs")
	wantFields(t, "joined", l.event(), obj{"type": "member_joined_channel", "user": amy.ID(), "channel": c.room(), "channel_type": "C", "team": c.TeamID()})
	wantFields(t, "joined", l.event(), obj{"type": "message", "subtype": "channel_join", "user": amy.ID(), "text": "<@" + amy.ID() + "> has joined the channel"})
	wantFields(t, "in history", c.history("limit", "1")[0], obj{"subtype": "channel_join"})
	amy.SayMe("ukmedlibs", "waves")
	wantFields(t, "/me", l.event(), obj{"subtype": "me_message", "text": "waves", "user": amy.ID()})
	other := c.OtherApp("polls")
	other.SayAs("ukmedlibs", "", "Polly", "vote!")
	wantFields(t, "another app", l.event(), obj{"subtype": "bot_message", "username": "Polly", "bot_id": other.BotID(), "user": nil})
	other.Say("ukmedlibs", "", "vote!")
	wantFields(t, "another app", l.event(), obj{"subtype": nil, "user": other.User(), "bot_id": other.BotID()})
	amy.SetName("Amy A.")
	wantFields(t, "her name", l.event()["user"].(obj)["profile"].(obj), obj{"display_name": "Amy A.", "real_name": "Amy Adams"})
	amy.Leave("ukmedlibs")
	wantFields(t, "left", l.event(), obj{"subtype": "channel_leave"})
	wantFields(t, "left", l.event(), obj{"type": "member_left_channel", "user": amy.ID()})
	id := c.room()
	c.Rename("ukmedlibs", "medlibs")
	e := l.event()
	wantFields(t, "renamed", e, obj{"type": "channel_rename"})
	wantFields(t, "renamed", e["channel"].(obj), obj{"id": id, "name": "medlibs", "is_channel": true})
	wantFields(t, "renamed", l.event(), obj{"subtype": "channel_name", "name": "medlibs", "old_name": "ukmedlibs"})
	c.Archive("medlibs")
	wantFields(t, "archived", l.event(), obj{"subtype": "channel_archive"})
	wantFields(t, "archived", l.event(), obj{"type": "channel_archive", "channel": id})
	c.Uninstall()
	wantFields(t, "uninstalled", l.event(), obj{"type": "tokens_revoked", "tokens": obj{"oauth": []string{}, "bot": []string{c.BotUser()}}})
	wantFields(t, "uninstalled", l.event(), obj{"type": "app_uninstalled"})
	c.wantError("account_inactive", "auth.test")
}

func TestMention(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	ts := c.Person("Amy").Say("ukmedlibs", "<@"+c.BotUser()+"> next")
	first, second := l.next(), l.next()
	wantFields(t, "the message", first["payload"].(obj)["event"].(obj), obj{"type": "message", "ts": ts})
	wantFields(t, "the mention", second["payload"].(obj)["event"].(obj), obj{"type": "app_mention", "ts": ts, "text": "<@" + c.BotUser() + "> next"})
	if a, b := first["payload"].(obj)["event_id"], second["payload"].(obj)["event_id"]; a == b {
		t.Errorf("event IDs: got %v twice, want two", a)
	}
}

func TestReactions(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	amy := c.Person("Amy")
	ts := amy.Say("ukmedlibs", "good?")
	l.event()
	item := []string{"channel", c.room(), "timestamp", ts, "name"}
	c.mustCall("reactions.add", append(item, "+1")...)
	wantFields(t, "added", l.event(), obj{
		"type": "reaction_added", "user": c.BotUser(), "reaction": "+1", "item_user": amy.ID(), "item": obj{"type": "message", "channel": c.room(), "ts": ts},
	})
	c.wantError("already_reacted", "reactions.add", append(item, "+1")...)
	c.wantError("already_reacted", "reactions.add", append(item, "thumbsup")...)
	c.wantError("invalid_name", "reactions.add", append(item, ":+1:")...)
	c.wantError("no_reaction", "reactions.remove", append(item, "tada")...)
	c.wantError("message_not_found", "reactions.add", "channel", c.room(), "timestamp", "1.2", "name", "+1")
	amy.React("ukmedlibs", ts, "+1")
	l.event()
	want := []obj{{"name": "+1", "users": []string{c.BotUser(), amy.ID()}, "count": 2}}
	wantFields(t, "reactions.get", c.mustCall("reactions.get", "channel", c.room(), "timestamp", ts)["message"].(obj), obj{"reactions": want})
	wantFields(t, "in history", c.history("limit", "1")[0], obj{"reactions": want})
	c.mustCall("reactions.remove", append(item, "+1")...)
	wantFields(t, "removed", l.event(), obj{"type": "reaction_removed", "user": c.BotUser()})
	amy.Unreact("ukmedlibs", ts, "+1")
	l.event()
	wantFields(t, "in history", c.history("limit", "1")[0], obj{"reactions": nil})
	as := c.post("text", "x", "username", "Amy")
	l.event()
	amy.React("ukmedlibs", as, "tada")
	wantFields(t, "on a bot_message", l.event(), obj{"type": "reaction_added", "item_user": nil})
}

func TestFiles(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	amy := c.Person("Amy")
	ts := amy.Upload("ukmedlibs", "", "my poster", slackfake.File{Name: "a poster.png", Type: "image/png", Data: []byte("\x89PNG")})
	e := l.event()
	wantFields(t, "shared", e, obj{"subtype": "file_share", "text": "my poster", "upload": true, "user": amy.ID()})
	f := list(e["files"])[0]
	wantFields(t, "the file", f, obj{"name": "a poster.png", "mimetype": "image/png", "size": 4, "mode": "hosted", "filetype": "png"})
	wantFields(t, "file_shared", l.event(), obj{"type": "file_shared", "file_id": f["id"], "user_id": amy.ID()})
	wantFields(t, "files.info", c.mustCall("files.info", "file", f["id"].(string))["file"].(obj), obj{"url_private": f["url_private"]})
	get := func(token string) string {
		t.Helper()
		status, header, b := c.fetch("GET", f["url_private"].(string), "", token, "")
		if status != 200 {
			t.Errorf("the file with token %q: got status %d, want 200", token, status)
		}
		return header.Get("Content-Type") + " " + string(b)
	}
	if got := get(c.BotToken()); got != "image/png \x89PNG" {
		t.Errorf("the file: got %q", got)
	}
	if got := get("nothing"); !strings.HasPrefix(got, "text/html") || !strings.Contains(got, "Sign in") {
		t.Errorf("the file without a token: got %q, want a page to sign in", got)
	}
	amy.DeleteFile("ukmedlibs", ts)
	wantFields(t, "deleted", list(l.event()["message"].(obj)["files"])[0], obj{"mode": "tombstone"})
	c.wantError("file_deleted", "files.info", "file", f["id"].(string))
	c.wantError("file_not_found", "files.info", "file", "F1")
}
