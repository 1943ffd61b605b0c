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

// scopeUses are what the scopes of the bot's token are for, in the order in which an admin should mend them.
var scopeUses = []struct {
	scope, without string
	verdict        adapters.Verdict
}{
	{"chat:write", "it can say nothing", adapters.Failed},
	{"users:read", "it doesn't know people's names", adapters.Failed},
	{"channels:read", "it finds no public channels", adapters.Warning},
	{"channels:history", "it hears nothing in public channels", adapters.Warning},
	{"channels:join", "somebody has to invite it to each public channel", adapters.Warning},
	{"groups:read", "it finds no private channels", adapters.Warning},
	{"groups:history", "it hears nothing in private channels", adapters.Warning},
	{"metadata.message:read", "a post whose confirmation was lost may be said twice", adapters.Warning},
	{"chat:write.customize", "the author's name stands before each answer that is passed on, instead of above it", adapters.Warning},
	{"reactions:read", "emoji are not passed on from here", adapters.Warning},
	{"reactions:write", "emoji are not passed on to here", adapters.Warning},
	{"files:read", "files may be missing from the archive", adapters.Warning},
	{"commands", "there is no /catchword", adapters.Warning},
	{"im:history", "nobody can write to it in private", adapters.Warning},
	{"im:read", "what people write to it in private while it is away may be lost", adapters.Warning},
	{"im:write", "it can't tell hosts in private what comes next", adapters.Warning},
}

// Check tries the tokens, their scopes, the connections, the clock, each host's ID and each room. The connections are as
// short as can be: whatever Slack sends over them meanwhile it sends again, to another, but for commands.
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

// checkToken tries the bot's token, and compares the clocks by the answer. It is nil if the token is no good.
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
		c.add(adapters.Finding{Check: "scopes", Verdict: adapters.Warning, Detail: "Slack doesn't tell which were granted"})
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

// checkConnections opens as many as are held during a chat, and closes them again.
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

// compareApps compares whose the two tokens are, where Slack tells.
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
		Check: "app token", Verdict: adapters.Failed, Detail: fmt.Sprintf("it is the app %s's, and the bot token %s's", app, bot.AppID),
		Remedy: "copy both tokens from the settings of the same app",
	})
}

// checkHost looks whether an ID is somebody's. A mistyped one would leave the chat without its host.
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
		f.Detail = "this account is closed"
	case u.IsBot:
		f.Detail = "this is an app, not a person"
	default:
		f = adapters.Finding{Check: what, Detail: toUser(u).Name}
	}
	c.add(f)
}

// checkRoom looks whether a chat can be held in a room.
func (c *checkup) checkRoom(ctx context.Context, me *identity, name string) {
	found, err := c.findChannel(ctx, me, strings.TrimSpace(name))
	if err == nil {
		err = me.usable(found)
	}
	if err == nil { // a list tells less of it
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
	f := adapters.Finding{Room: name, Check: "membership", Detail: "it is in #" + found.Name}
	if !found.IsMember {
		f.Detail = "it enters #" + found.Name + " by itself when it runs"
	}
	c.add(f)
	if p := found.Properties; found.IsReadOnly || p != nil && len(p.PostingRestrictedTo.Type)+len(p.PostingRestrictedTo.User) > 0 {
		r := refusal{code: "restricted_action_read_only_channel", room: "#" + found.Name}.err()
		c.add(adapters.Finding{Room: name, Check: "posting", Verdict: adapters.Warning, Detail: "only some may post here", Remedy: r.Remedy})
	}
}
