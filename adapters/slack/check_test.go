package slack_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

func TestCheck(t *testing.T) {
	const fine = "\nfine: bot token: @catchword in nhs, https://nhs.slack.com/" +
		"\nfine: clock: as Slack's" +
		"\nfine: scopes: all 16" +
		"\nfine: connections: 2 opened" +
		"\nfine: host AMY: Amy Adams" +
		"\nfine: #ukmedlibs: membership: it has joined #ukmedlibs"
	for _, test := range []struct {
		what    string
		scopes  []string
		prepare func(*testWorkspace, *slack.Config)
		rooms   []string
		hosts   []adapters.UserID
		want    string
	}{
		{what: "all is well", want: fine},
		{
			what: "a public room that it is not in", prepare: func(o *testWorkspace, _ *slack.Config) { o.Kick(room) },
			want: strings.Replace(fine, "it has joined #ukmedlibs", "it will join #ukmedlibs when it runs", 1),
		},
		{
			what: "three connections", prepare: func(o *testWorkspace, c *slack.Config) { c.Connections = 3 },
			want: strings.Replace(fine, "2 opened", "3 opened", 1),
		},
		{
			what: "the token is revoked", prepare: func(o *testWorkspace, _ *slack.Config) { o.RevokeToken(o.BotToken()) },
			want: "\nBROKEN: bot token: slack auth.test: token_revoked -> the token was revoked: install the app again, and copy the new token" +
				"\nfine: connections: 2 opened",
		},
		{
			what: "the tokens have changed places", prepare: func(o *testWorkspace, c *slack.Config) { c.BotToken, c.AppToken = c.AppToken, c.BotToken },
			want: "\nfine: bot token: @catchword in nhs, https://nhs.slack.com/\nfine: clock: as Slack's\nfine: scopes: all 16" +
				"\nBROKEN: app token: slack apps.connections.open: not_allowed_token_type -> this is the wrong kind of token: the bot token begins with xoxb-, the app token with xapp-" +
				"\nBROKEN: host AMY: slack users.info: not_allowed_token_type -> this is the wrong kind of token: the bot token begins with xoxb-, the app token with xapp-" +
				"\nBROKEN: #ukmedlibs: membership: slack conversations.list: not_allowed_token_type -> this is the wrong kind of token: the bot token begins with xoxb-, the app token with xapp-",
		},
		{
			what: "the app token is another app's", prepare: func(o *testWorkspace, c *slack.Config) {
				c.AppToken = o.server.AddWorkspace("shelf", slackfake.WorkspaceOptions{}).AppToken()
			},
			want: strings.Replace(fine, "\nfine: host", "\nBROKEN: app token: it belongs to the app OTHER, and the bot token to OURS -> copy both tokens from the settings of the same app\nfine: host", 1),
		},
		{
			what: "the app token lacks its scope", prepare: func(o *testWorkspace, c *slack.Config) {
				o.Fault(func(f *slackfake.Faults) { f.Fail = map[string]string{"apps.connections.open": "missing_scope"} })
			},
			want: strings.Replace(fine, "\nfine: connections: 2 opened", "\nBROKEN: app token: slack apps.connections.open: missing_scope -> make an app token with the scope connections:write, under Basic Information, App-Level Tokens", 1),
		},
		{
			what: "a firewall stops WebSockets", prepare: func(o *testWorkspace, c *slack.Config) {
				o.Fault(func(f *slackfake.Faults) { f.RefuseDials = 9 })
			},
			want: strings.Replace(fine, "\nfine: connections: 2 opened", "\nBROKEN: connections: open connection: 503 Service Unavailable -> see whether this machine reaches slack.com and hosts below it, over HTTPS and WebSocket (wss), and try again", 1),
		},
		{
			what: "Slack is down", prepare: func(o *testWorkspace, c *slack.Config) {
				o.Fault(func(f *slackfake.Faults) { f.RefuseChance = 1 })
			},
			want: "\nBROKEN: bot token: slack auth.test: slack server error: 503 Service Unavailable -> see whether this machine reaches slack.com and hosts below it, over HTTPS and WebSocket (wss), and try again" +
				"\nBROKEN: connections: slack apps.connections.open: slack server error: 503 Service Unavailable -> see whether this machine reaches slack.com and hosts below it, over HTTPS and WebSocket (wss), and try again",
		},
		{
			what: "scopes are missing", scopes: slackfake.AllScopesExcept("chat:write", "chat:write.customize", "im:write"),
			want: strings.Replace(fine, "\nfine: scopes: all 16", "\nBROKEN: scope chat:write: missing: it can't post -> give the app the scope chat:write under OAuth & Permissions, and install it again"+
				"\npoor: scope chat:write.customize: missing: the text of a relayed answer begins with its author's name, instead of appearing under that name -> give the app the scope chat:write.customize under OAuth & Permissions, and install it again"+
				"\npoor: scope im:write: missing: it can't give hosts a heads-up by direct message -> give the app the scope im:write under OAuth & Permissions, and install it again", 1),
		},
		{
			what: "the clock is slow", prepare: func(o *testWorkspace, _ *slack.Config) {
				o.Fault(func(f *slackfake.Faults) { f.ClockOffset = 12 * time.Second })
			},
			want: strings.Replace(fine, "\nfine: clock: as Slack's", "\npoor: clock: this machine is 11s behind Slack -> have the machine set its clock by the network: timedatectl set-ntp true", 1),
		},
		{
			what: "the clock is fast", prepare: func(o *testWorkspace, _ *slack.Config) {
				o.Fault(func(f *slackfake.Faults) { f.ClockOffset = -time.Hour })
			},
			want: strings.Replace(fine, "\nfine: clock: as Slack's", "\nBROKEN: clock: this machine is 1h0m0s ahead of Slack -> have the machine set its clock by the network: timedatectl set-ntp true", 1),
		},
		{
			what: "hosts that are none", hosts: []adapters.UserID{"U0NOBODY", "GONE", "APP"},
			prepare: func(o *testWorkspace, _ *slack.Config) { o.Person("Gone").CloseAccount() },
			want: strings.Replace(fine, "\nfine: host AMY: Amy Adams", "\nBROKEN: host U0NOBODY: there is nobody with this ID in the workspace -> copy the member ID from the host's profile in Slack"+
				"\nBROKEN: host GONE: this account is deactivated -> copy the member ID from the host's profile in Slack"+
				"\nBROKEN: host APP: this is an app, not a person -> copy the member ID from the host's profile in Slack", 1),
		},
		{
			what: "rooms that are none", rooms: []string{"#nowhere", "#secret", "#old", "#quiet"}, scopes: slackfake.AllScopesExcept("channels:join"),
			prepare: func(o *testWorkspace, _ *slack.Config) {
				for _, name := range []string{"secret", "old", "quiet"} {
					o.AddChannel(name, name == "secret")
				}
				o.Archive("old")
			},
			want: strings.Replace(strings.Replace(fine, "\nfine: #ukmedlibs: membership: it has joined #ukmedlibs", "\nBROKEN: #nowhere: membership: the bot can't see a channel #nowhere -> if it is private, type /invite @catchword in it"+
				"\nBROKEN: #secret: membership: the bot can't see a channel #secret -> if it is private, type /invite @catchword in it"+
				"\nBROKEN: #old: membership: slack in #old: is_archived -> #old is archived: unarchive it in its settings, or name another channel"+
				"\nBROKEN: #quiet: membership: the bot is not in #quiet, and has no permission to join channels -> give the app the scope channels:join under OAuth & Permissions, and install it again; or type /invite @catchword in #quiet", 1),
				"\nfine: scopes: all 16", "\npoor: scope channels:join: missing: a member must invite it to each public channel -> give the app the scope channels:join under OAuth & Permissions, and install it again", 1),
		},
		{
			what: "a room in which only some may post", prepare: func(o *testWorkspace, _ *slack.Config) { o.Restrict(room) },
			want: fine + "\npoor: #ukmedlibs: posting: only some members may post here -> only some may post in #ukmedlibs: allow the app in the channel's posting permissions",
		},
		{
			what: "history can't be read", scopes: slackfake.AllScopesExcept("channels:history"),
			want: strings.Replace(strings.Replace(fine, "\nfine: scopes: all 16", "\npoor: scope channels:history: missing: it receives nothing from public channels -> give the app the scope channels:history under OAuth & Permissions, and install it again", 1),
				"\nfine: #ukmedlibs: membership: it has joined #ukmedlibs", "\nBROKEN: #ukmedlibs: membership: slack: missing_scope -> give the app the scope channels:history under OAuth & Permissions, and install it again", 1),
		},
	} {
		t.Run(test.what, func(t *testing.T) {
			server := slackfake.New(t, fastOptions)
			o := newTestWorkspace(t, server, "nhs", slackfake.WorkspaceOptions{Scopes: test.scopes})
			o.Invite(room)
			c := o.config()
			if test.prepare != nil {
				test.prepare(o, &c)
			}
			names := map[adapters.UserID]string{"AMY": o.amy.ID(), "GONE": o.Person("Gone").ID(), "APP": o.OtherApp("Polls").User()}
			if test.hosts == nil {
				test.hosts = []adapters.UserID{"AMY"}
			}
			if test.rooms == nil {
				test.rooms = []string{room}
			}
			// Slack's clock has whole seconds, so a difference of one is fine.
			words := []string{o.AppID(), "OURS", "12s behind", "11s behind", "59m59s", "1h0m0s"}
			if other := server.Workspace("shelf"); other != nil {
				words = append(words, other.AppID(), "OTHER")
			}
			for i, id := range test.hosts {
				if known := names[id]; known != "" {
					words = append(words, known, string(id))
					test.hosts[i] = adapters.UserID(known)
				}
			}
			before := len(o.Messages(room))
			findings := slack.New(c).Check(t.Context(), test.rooms, test.hosts)
			got := strings.NewReplacer(words...).Replace(adaptertest.FormatFindings(findings))
			if got != test.want {
				t.Errorf("got%s\nwant%s", got, test.want)
			}
			for _, token := range []string{o.BotToken(), o.AppToken(), "ticket="} {
				if strings.Contains(got, token) {
					t.Errorf("a finding shows the secret %s", token)
				}
			}
			if after := len(o.Messages(room)); after != before {
				t.Errorf("got %d messages in the room, want %d as before", after, before)
			}
			deadline := time.Now().Add(testTimeout)
			for o.SocketCount() > 0 && time.Now().Before(deadline) {
				time.Sleep(time.Millisecond)
			}
			if n := o.SocketCount(); n > 0 {
				t.Errorf("got %d connections left open, want none", n)
			}
		})
	}
}

// A check opens connections of its own while a chat runs. The chat loses nothing.
func TestCheckDuringRun(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	checked := make(chan string)
	go func() {
		checked <- adaptertest.FormatFindings(slack.New(h.config()).Check(ctx, []string{room}, nil))
	}()
	var want []string
	for n := range 50 {
		want = append(want, h.amy.Say(room, fmt.Sprint("answer ", n)))
	}
	if got := <-checked; !strings.Contains(got, "2 opened; the app has 2 more, so another catchword runs with it") {
		t.Errorf("got%s\nwant it to know of the other", got)
	}
	news := h.drain()
	for _, ts := range want {
		if !slices.ContainsFunc(news, func(u adapters.Update) bool {
			m, ok := u.(*adapters.Message)
			return ok && m.ID == adapters.MessageID(ts)
		}) {
			t.Errorf("message %s was not received", ts)
		}
	}
}

func TestCheckCancelled(t *testing.T) {
	o := newTestWorkspace(t, slackfake.New(t, fastOptions), "nhs", slackfake.WorkspaceOptions{})
	o.Fault(func(f *slackfake.Faults) { f.Latency = time.Hour })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if got := adaptertest.FormatFindings(slack.New(o.config()).Check(ctx, []string{room}, nil)); !strings.Contains(got, "BROKEN: bot token") {
		t.Errorf("got%s\nwant the token unknown", got)
	}
	if took := time.Since(start); took > testTimeout/2 {
		t.Errorf("it took %v after its context was done", took)
	}
}
