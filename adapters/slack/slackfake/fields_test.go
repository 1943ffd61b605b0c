package slackfake_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

// TestFields compares what the fake shows with what Slack was seen to show: each field of the one must be among those
// of the other. A message may have the fields that any method was seen to show of one, but for chat.update, which shows
// less.
func TestFields(t *testing.T) {
	c := newDefaultClient(t)
	amy := c.Person("Amy")
	amy.Join("ukmedlibs")
	root := c.post("text", "Q1", "metadata", `{"event_type":"said","event_payload":{}}`)
	reply := amy.Reply("ukmedlibs", root, "A1")
	amy.Broadcast("ukmedlibs", root, "for all")
	amy.React("ukmedlibs", root, "+1")
	amy.Edit("ukmedlibs", reply, "A1, edited")
	file, _ := c.Message("ukmedlibs", amy.Upload("ukmedlibs", "", "poster", slackfake.File{Name: "a.png", Type: "image/png"}))
	as := c.post("text", "as", "username", "Amy", "icon_url", "https://example.org/a.png")
	room := []string{"channel", c.room()}
	calls := map[string][]string{
		"auth.test": nil, "apps.connections.open": nil, "bots.info": {"bot", c.BotID()}, "team.info": nil, "users.list": nil,
		"chat.getPermalink":     append(room, "message_ts", root),
		"chat.postEphemeral":    append(room, "user", amy.ID(), "text", "x"),
		"chat.postMessage":      append(room, "text", "x", "thread_ts", root, "reply_broadcast", "true", "icon_emoji", ":books:"),
		"chat.update":           append(room, "ts", root, "text", "Q1, edited"),
		"conversations.history": append(room, "limit", "20"),
		"conversations.replies": append(room, "ts", root, "limit", "2"),
		"conversations.info":    room, "conversations.join": room, "conversations.members": room, "conversations.list": nil,
		"conversations.open": {"users", amy.ID()},
		"files.info":         {"file", fileID(c, file.TS)},
		"reactions.add":      append(room, "timestamp", root, "name", "tada"),
		"reactions.get":      append(room, "timestamp", root),
		"users.info":         {"user", amy.ID()},
	}
	seen := readFields(t)
	for _, method := range slices.Sorted(maps.Keys(calls)) {
		shown := map[string]bool{}
		fieldsOf(c.mustCall(method, calls[method]...), "", shown)
		for _, field := range slices.Sorted(maps.Keys(shown)) {
			any := (strings.HasPrefix(field, "message.bot_profile.") || strings.HasPrefix(field, "message.") && method != "chat.update") && seen["message"][field]
			if !seen[method][field] && !any {
				t.Errorf("%s shows %s, which Slack never does", method, field)
			}
		}
	}
	c.mustCall("chat.delete", append(room, "ts", as)...)
}

// TestEventShapes compares the fields of events with those of a real workspace. They must be the same, except for
// last_read, which is the reader's.
func TestEventShapes(t *testing.T) {
	c := newDefaultClient(t)
	l := c.dial()
	amy, bob := c.Person("Amy"), c.Person("Bob")
	check := func(what string, o obj, want string) {
		t.Helper()
		if got := strings.Join(slices.Sorted(maps.Keys(o)), " "); got != want {
			t.Errorf("%s has the fields\n%s, want\n%s", what, got, want)
		}
	}
	const (
		message = "blocks channel channel_type client_msg_id event_ts team text ts type user"
		changed = "channel channel_type event_ts hidden message previous_message subtype ts type"
		deleted = "channel channel_type deleted_ts event_ts hidden previous_message subtype ts type"
		thread  = "is_locked latest_reply reply_count reply_users reply_users_count"
	)
	root := amy.Say("ukmedlibs", "Q1")
	check("a message", l.event(), message)
	reply := bob.Reply("ukmedlibs", root, "A1")
	check("a reply", l.event(), "blocks channel channel_type client_msg_id event_ts parent_user_id team text thread_ts ts type user")
	bob.Edit("ukmedlibs", reply, "A1, edited")
	e := l.event()
	check("an edit", e, changed)
	check("an edited reply", e["message"].(obj), "blocks client_msg_id edited parent_user_id source_team team text thread_ts ts type user user_team")
	check("what it was", e["previous_message"].(obj), "blocks client_msg_id parent_user_id team text thread_ts ts type user")
	amy.Delete("ukmedlibs", root)
	e = l.event()
	check("a deleted root", e, changed)
	check("its tombstone", e["message"].(obj), "hidden "+thread+" subtype text thread_ts ts type user")
	check("what it was", e["previous_message"].(obj), "blocks client_msg_id "+thread+" subscribed team text thread_ts ts type user")
	bob.Delete("ukmedlibs", reply)
	e = l.event()
	check("a deleted reply", e, deleted)
	check("what it was", e["previous_message"].(obj), "blocks client_msg_id edited parent_user_id team text thread_ts ts type user")
	l.event() // the tombstone goes, too
	amy.Upload("ukmedlibs", "", "poster", slackfake.File{Name: "a.png", Type: "image/png"})
	check("a file", l.event(), "blocks channel channel_type client_msg_id display_as_bot event_ts files subtype text ts type upload user")
}

func fileID(c client, ts string) string {
	for _, m := range c.history() {
		if m["ts"] == ts {
			return list(m["files"])[0]["id"].(string)
		}
	}
	c.Fatalf("no message %s in history", ts)
	return ""
}

// fieldsOf lists the fields of a JSON value, but for those of blocks, files and attachments.
func fieldsOf(v any, path string, all map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			fieldsOf(e, path, all)
		}
	case obj:
		for k, e := range v {
			field := normaliseField(path + "." + k)
			all[field] = true
			if !slices.Contains([]string{"blocks", "files", "attachments"}, k) {
				fieldsOf(e, field, all)
			}
		}
	}
}

// normaliseField gives a field of a message the same name wherever the message stands.
func normaliseField(field string) string {
	field = strings.TrimPrefix(field, ".")
	if rest, ok := strings.CutPrefix(field, "messages."); ok {
		field = "message." + rest
	}
	// The root of a broadcast is a message, too.
	return strings.Replace(field, "message.root.", "message.", 1)
}

func readFields(t *testing.T) map[string]map[string]bool {
	t.Helper()
	b, err := os.ReadFile("testdata/fields.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen, method := map[string]map[string]bool{"message": {}}, ""
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if field, ok := strings.CutPrefix(line, "\t"); ok {
			field = normaliseField(field)
			seen[method][field] = true
			seen["message"][field] = true
		} else if !strings.HasPrefix(line, "#") {
			method = line
			seen[method] = map[string]bool{}
		}
	}
	return seen
}
