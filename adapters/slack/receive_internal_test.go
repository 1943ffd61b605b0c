package slack

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
)

// TestRareEvents covers events that the fake never sends, as Slack documents them.
func TestRareEvents(t *testing.T) {
	me := &identity{userID: "U1", botID: "B1", name: "catchword"}
	ref := adapters.Ref{Room: "C1", ID: "1736961629.000200"}
	event := func(e string) string { return `{"type":"event_callback","api_app_id":"A1","event":` + e + `}` }
	for _, test := range []struct {
		what, payload string
		want          adapters.Update
		end           string // part of the error that ends Run
	}{
		{"events were dropped", `{"type":"app_rate_limited","minute_rate_limited":1518467820,"api_app_id":"A1"}`, &adapters.Gap{}, ""},
		{"the app was removed", event(`{"type":"app_uninstalled"}`), nil, "app_uninstalled"},
		{"the bot's token was revoked", event(`{"type":"tokens_revoked","tokens":{"oauth":[],"bot":["U1"]}}`), nil, "token_revoked"},
		{"somebody's token was revoked", event(`{"type":"tokens_revoked","tokens":{"oauth":["U2"],"bot":[]}}`), nil, ""},
		{"an app's post under another name", event(`{"type":"message","subtype":"bot_message","bot_id":"B1","username":"Zoë","text":"x","ts":"1736961629.000200","channel":"C1"}`), nil, ""},
		{"own, known by its app alone", event(`{"type":"message","app_id":"A1","text":"x","ts":"1736961629.000200","channel":"C1"}`), nil, ""},
		{
			"a change without user or before", event(`{"type":"message","subtype":"message_changed","channel":"C1","event_ts":"1736961640.000100","message":{"type":"message","text":"edited","ts":"1736961629.000200","edited":{"user":"U2","ts":"1736961639.000000"}}}`),
			&adapters.Edit{Ref: ref, Text: "edited", At: parseTS("1736961639.000000")}, "",
		},
		{
			"a change with unreadable fields", event(`{"type":"message","subtype":"message_changed","channel":"C1","event_ts":"1736961640.000100","message":{"type":"message","text":"edited","ts":"1736961629.000200","attachments":"none","blocks":7,"edited":{"user":"U2","ts":"1736961639.000000"}}}`),
			&adapters.Edit{Ref: ref, Text: "edited", At: parseTS("1736961639.000000")}, "",
		},
		{"a change without anything", event(`{"type":"message","subtype":"message_changed","channel":"C1","event_ts":"1736961640.000100"}`), nil, ""},
		{"a reaction to a file", event(`{"type":"reaction_added","user":"U2","reaction":"+1","item":{"type":"file","file":"F1"},"event_ts":"1736961640.000100"}`), nil, ""},
		{"the bot's own reaction", event(`{"type":"reaction_added","user":"U1","reaction":"+1","item":{"type":"message","channel":"C1","ts":"1736961629.000200"},"event_ts":"1736961640.000100"}`), nil, ""},
		{"a private channel's new name", event(`{"type":"group_rename","channel":{"id":"C1","name":"secret","created":1}}`), &adapters.RoomRenamed{Room: "C1", Name: "#secret"}, ""},
		{"removed from the room", event(`{"type":"group_left","channel":"C1"}`), nil, ""},
		{"deleted room", event(`{"type":"channel_deleted","channel":"C1"}`), nil, ""},
		{"what nobody has heard of", event(`{"type":"holidays_begun"}`), nil, ""},
	} {
		s := New(Config{Name: "nhs"})
		s.rooms["C1"] = &room{name: "#chat"}
		n, err := s.parseEvent(me, []byte(test.payload))
		if got := err != nil; got != (test.end != "") || got && (!isFatal(err) || !strings.Contains(err.Error(), test.end)) {
			t.Errorf("%s: got error %v, want %q", test.what, err, test.end)
		}
		var got adapters.Update
		if n != nil {
			if got, err = n.resolve(t.Context()); err != nil {
				t.Errorf("%s: %v", test.what, err)
			}
		}
		if diff := gocmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
	}
	if _, err := New(Config{}).parseEvent(me, []byte(`{"type":"event_callback","event":"?"}`)); err == nil || isFatal(err) {
		t.Errorf("a malformed event: got %v, want an error that doesn't end Run", err)
	}
}

func TestParseTS(t *testing.T) {
	for ts, want := range map[string]int64{
		"1736961629.000200": 1736961629000, "1736961629.999999": 1736961629999, "1736961629.123456": 1736961629123, "0000000001.050000": 1050,
	} {
		if got := parseTS(ts); got.UnixMilli() != want || got.Nanosecond()%1e6 != 0 {
			t.Errorf("%s: got %v, want %d ms", ts, got, want)
		}
	}
	for _, bad := range []string{"", "no-such-room", "x.y"} {
		if got := parseTS(bad); !got.IsZero() {
			t.Errorf("%q: got %v, want no time", bad, got)
		}
	}
	for edited, want := range map[string]string{
		"1736961629.000000": "1736961629.700000", // edited in the second in which it was sent, but after it
		"1736961630.000000": "1736961630.000000",
	} {
		m := &slackMessage{Timestamp: "1736961629.700000", Edited: &slackgo.Edited{Timestamp: edited}}
		if got := editTime(m); !got.Equal(parseTS(want)) {
			t.Errorf("said at %s and edited at %s: got %v, want %v", m.Timestamp, edited, got, parseTS(want))
		}
	}
	if got := formatTS(parseTS("1736961629.123456")); got != "1736961629.123000" {
		t.Errorf("got %s, want the first ts of that millisecond", got)
	}
}
