package slack

import (
	"context"
	"fmt"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/calls"
)

// scopeUses say what is missing without each scope of the bot token, the most important first.
var scopeUses = []struct {
	scope, without string
	verdict        adapters.Verdict
}{
	{"chat:write", "it can't post", adapters.Failed},
	{"users:read", "it can't look up people's names", adapters.Failed},
	{"channels:read", "it can't find public channels", adapters.Warning},
	{"channels:history", "it receives nothing from public channels", adapters.Warning},
	{"channels:join", "a member must invite it to each public channel", adapters.Warning},
	{"groups:read", "it can't find private channels", adapters.Warning},
	{"groups:history", "it receives nothing from private channels", adapters.Warning},
	{"metadata.message:read", "a post may appear twice if Slack's response to it was lost", adapters.Warning},
	{"chat:write.customize", "the text of a relayed answer begins with its author's name, instead of appearing under that name", adapters.Warning},
	{"reactions:read", "reactions from here are not relayed", adapters.Warning},
	{"reactions:write", "reactions are not relayed to here", adapters.Warning},
	{"files:read", "files may be missing from the archive", adapters.Warning},
	{"commands", "there is no /catchword", adapters.Warning},
	{"im:history", "nobody can send it direct messages", adapters.Warning},
	{"im:read", "direct messages sent while it is down may be lost", adapters.Warning},
	{"im:write", "it can't give hosts a heads-up by direct message", adapters.Warning},
}

// Check tries the tokens, their scopes, the connections, the clock, each host's ID and each room. It closes the
// connections at once: Slack repeats elsewhere what it sends over them meanwhile, except for commands.
func (s *Slack) Check(ctx context.Context, rooms []string, hosts []adapters.UserID) []adapters.Finding {
	c := &checkup{Slack: s}
	me := c.checkToken(ctx)
	if me != nil {
		c.checkScopes(me)
	}
	c.checkConnections(ctx, me)
	if me == nil {
		return c.findings
	}
	for _, id := range hosts {
		c.checkHost(ctx, id)
	}
	for _, name := range rooms {
		c.checkRoom(ctx, me, name)
	}
	return c.findings
}

// A checkup collects findings.
type checkup struct {
	*Slack
	findings []adapters.Finding
}

func (c *checkup) add(f adapters.Finding) { c.findings = append(c.findings, f) }

// addError adds a finding about an error.
func (c *checkup) addError(room, check string, err error) {
	c.add(calls.Finding(room, check, err, "see whether this machine reaches slack.com and hosts below it, over HTTPS and WebSocket (wss), and try again"))
}

// checkToken tries the bot token and compares the clocks. It returns nil if the token is not valid.
func (c *checkup) checkToken(ctx context.Context) *identity {
	before := time.Now()
	resp, err := c.authTest(ctx)
	after := time.Now()
	if err != nil {
		c.addError("", "bot token", err)
		return nil
	}
	c.add(adapters.Finding{Check: "bot token", Detail: fmt.Sprintf("@%s in %s, %s", resp.User, resp.Team, resp.URL)})
	c.add(adapters.CompareClocks("Slack", resp.Header.Get("Date"), before, after))
	return newIdentity(resp)
}

func (c *checkup) checkScopes(me *identity) {
	if me.scopes == nil {
		c.add(adapters.Finding{Check: "scopes", Verdict: adapters.Warning, Detail: "Slack doesn't say which scopes were granted"})
		return
	}
	missing := 0
	for _, use := range scopeUses {
		if me.scopes[use.scope] {
			continue
		}
		missing++
		r := refusal{code: "missing_scope", scopes: use.scope}.err()
		c.add(adapters.Finding{Check: "scope " + use.scope, Verdict: use.verdict, Detail: "missing: " + use.without, Remedy: r.Remedy})
	}
	if missing == 0 {
		c.add(adapters.Finding{Check: "scopes", Detail: fmt.Sprintf("all %d", len(scopeUses))})
	}
}

// checkConnections opens as many connections as a chat uses, and closes them again.
func (c *checkup) checkConnections(ctx context.Context, me *identity) {
	var opened []*conn
	defer func() {
		for _, cn := range opened {
			cn.sendClose()
			_ = cn.ws.Close()
		}
	}()
	var greeting hello
	for range c.config.Connections {
		cn := &conn{Slack: c.Slack}
		err := cn.open(ctx)
		if err == nil {
			opened = append(opened, cn)
			greeting, err = cn.awaitHello(ctx)
		}
		if err != nil {
			what := "app token"
			if !isRefusal(err) {
				what = "connections"
			}
			c.addError("", what, err)
			return
		}
	}
	detail := fmt.Sprintf("%d opened", len(opened))
	if others := greeting.Connections - len(opened); others > 0 {
		detail += fmt.Sprintf("; the app has %d more, so another catchword runs with it", others)
	}
	c.add(adapters.Finding{Check: "connections", Detail: detail})
	c.compareApps(ctx, me, greeting.Info.App)
}

// compareApps checks that both tokens belong to the same app, as far as Slack says so.
func (c *checkup) compareApps(ctx context.Context, me *identity, app string) {
	if me == nil || app == "" {
		return
	}
	var bot *slackgo.Bot
	err := c.call(ctx, "bots.info", "", func(ctx context.Context) (err error) {
		bot, err = c.api.GetBotInfoContext(ctx, slackgo.GetBotInfoParameters{Bot: me.botID})
		return err
	})
	if err != nil || bot.AppID == "" || bot.AppID == app {
		return
	}
	c.add(adapters.Finding{
		Check: "app token", Verdict: adapters.Failed, Detail: fmt.Sprintf("it belongs to the app %s, and the bot token to %s", app, bot.AppID),
		Remedy: "copy both tokens from the settings of the same app",
	})
}

// checkHost checks that an ID is a person's. With a mistyped one, the chat would have no host.
func (c *checkup) checkHost(ctx context.Context, id adapters.UserID) {
	var u *slackgo.User
	err := calls.Retry(ctx, func() error {
		return c.call(ctx, "users.info", "", func(ctx context.Context) (err error) {
			u, err = c.api.GetUserInfoContext(ctx, string(id))
			return err
		})
	})
	what := "host " + string(id)
	f := adapters.Finding{Check: what, Verdict: adapters.Failed, Remedy: "copy the member ID from the host's profile in Slack"}
	switch {
	case calls.HasCode(err, "user_not_found", "user_not_visible"):
		f.Detail = "there is nobody with this ID in the workspace"
	case err != nil:
		c.addError("", what, err)
		return
	case u.Deleted:
		f.Detail = "this account is deactivated"
	case u.IsBot:
		f.Detail = "this is an app, not a person"
	default:
		f = adapters.Finding{Check: what, Detail: toUser(u).Name}
	}
	c.add(f)
}

// checkRoom checks that a chat can run in a room.
func (c *checkup) checkRoom(ctx context.Context, me *identity, name string) {
	found, err := c.findChannel(ctx, me, strings.TrimSpace(name))
	if err == nil {
		err = me.usable(found)
	}
	if err == nil { // a list says less about it
		found, err = c.findChannel(ctx, me, found.ID)
	}
	if err == nil && !found.IsMember && (found.IsPrivate || me.requireScopes("channels:join") != nil) {
		err = me.inviteError(found)
	}
	if err == nil && found.IsMember {
		_, _, err = c.page(ctx, query{room: adapters.RoomID(found.ID), limit: 1}, "")
	}
	if err != nil {
		c.addError(name, "membership", err)
		return
	}
	f := adapters.Finding{Room: name, Check: "membership", Detail: "it has joined #" + found.Name}
	if !found.IsMember {
		f.Detail = "it will join #" + found.Name + " when it runs"
	}
	c.add(f)
	if p := found.Properties; found.IsReadOnly || p != nil && len(p.PostingRestrictedTo.Type)+len(p.PostingRestrictedTo.User) > 0 {
		r := refusal{code: "restricted_action_read_only_channel", room: "#" + found.Name}.err()
		c.add(adapters.Finding{Room: name, Check: "posting", Verdict: adapters.Warning, Detail: "only some members may post here", Remedy: r.Remedy})
	}
}
