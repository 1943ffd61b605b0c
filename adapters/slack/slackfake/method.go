package slackfake

import (
	"slices"
	"strings"
)

// A method is one of the Web API. See https://docs.slack.dev/reference/methods.
type method struct {
	tier     int      // of the rate limits; 0 has limits of its own
	json     bool     // whether it takes a JSON body, too
	writes   bool     // whether it changes something
	scope    string   // of the bot token; "" for none, or for one that depends on the channel
	required []string // required arguments
	do       func(*call) (obj, *apiError)
}

var methods = map[string]method{
	"api.test":              {4, true, false, "", nil, (*call).apiTest},
	"apps.connections.open": {3, true, false, "", nil, (*call).openConnection},
	"auth.test":             {0, true, false, "", nil, (*call).authTest},
	"bots.info":             {3, false, false, "users:read", nil, (*call).botInfo},
	"chat.delete":           {3, true, true, "chat:write", []string{"channel", "ts"}, (*call).deleteMessage},
	"chat.getPermalink":     {0, false, false, "", []string{"channel", "message_ts"}, (*call).permalink},
	"chat.postEphemeral":    {4, true, true, "chat:write", []string{"channel", "user"}, (*call).postEphemeral},
	"chat.postMessage":      {0, true, true, "chat:write", []string{"channel"}, (*call).postMessage},
	"chat.update":           {3, true, true, "chat:write", []string{"channel", "ts"}, (*call).updateMessage},
	"conversations.history": {3, true, false, "", []string{"channel"}, (*call).history},
	"conversations.info":    {3, false, false, "", []string{"channel"}, (*call).conversation},
	"conversations.join":    {3, true, true, "channels:join", []string{"channel"}, (*call).join},
	"conversations.list":    {2, false, false, "", nil, (*call).conversations},
	"conversations.members": {4, false, false, "", []string{"channel"}, (*call).members},
	"conversations.open":    {3, true, true, "im:write", nil, (*call).openDM},
	"conversations.replies": {3, false, false, "", []string{"channel", "ts"}, (*call).replies},
	"files.info":            {4, false, false, "files:read", []string{"file"}, (*call).fileInfo},
	"reactions.add":         {3, true, true, "reactions:write", []string{"channel", "name", "timestamp"}, (*call).addReaction},
	"reactions.get":         {3, false, false, "reactions:read", nil, (*call).getReactions},
	"reactions.remove":      {2, true, true, "reactions:write", []string{"name"}, (*call).removeReaction},
	"team.info":             {3, false, false, "team:read", nil, (*call).teamInfo},
	"users.conversations":   {3, false, false, "", nil, (*call).userConversations},
	"users.info":            {4, false, false, "users:read", []string{"user"}, (*call).userInfo},
	"users.list":            {2, false, false, "users:read", nil, (*call).users},
	"views.open":            {4, true, true, "", []string{"view"}, (*call).openView},
	"views.update":          {4, true, true, "", []string{"view"}, (*call).updateView},
}

// deprecated methods still answer.
var deprecated = []string{"files.upload", "channels.history", "channels.list", "groups.history", "im.history", "rtm.start"}

// An apiError is an answer that is not ok.
type apiError struct {
	code  string
	extra obj
}

func fail(code string) *apiError { return &apiError{code: code} }

// A call is one call of a method, under the server's lock.
type call struct {
	*Workspace
	method string
	args   map[string]string
	// warnings go with an answer that is ok.
	warnings []string
	// echo is the event of what was posted, if there is one.
	event *event
}

func (c *call) warn(warning string) { c.warnings = append(c.warnings, warning) }

// boolArg reads a boolean argument.
func (c *call) boolArg(name string) bool {
	return slices.Contains([]string{"1", "true", "True", "t"}, c.args[name])
}

// check finds what is wrong with a call before its method is asked.
func (c *call) check(m method) *apiError {
	if m.scope != "" && !c.has(m.scope) {
		return c.missing(m.scope)
	}
	var messages []string
	for _, need := range m.required {
		if c.args[need] == "" {
			messages = append(messages, "[ERROR] missing required field: "+need)
		}
	}
	if len(messages) > 0 {
		return &apiError{"invalid_arguments", obj{"response_metadata": obj{"messages": messages}}}
	}
	return nil
}

func (c *call) missing(scope string) *apiError {
	return &apiError{"missing_scope", obj{"needed": scope, "provided": strings.Join(c.options.Scopes, ",")}}
}

// conversationFor finds a channel for a method that needs a scope by the channel's type. Private channels don't exist
// for a bot that isn't in them.
func (c *call) conversationFor(what string) (*channel, *apiError) {
	ch := c.byID(c.args["channel"])
	if ch == nil {
		return nil, fail("channel_not_found")
	}
	if what != "" && !c.has(ch.scope(what)) {
		return nil, c.missing(ch.scope(what))
	}
	return ch, nil
}

// byID returns a channel that is visible to the bot.
func (c *call) byID(id string) *channel {
	for _, ch := range c.channels {
		if ch.id == id && (ch.kind == "channel" || ch.isMember(c.botUser)) {
			return ch
		}
	}
	return nil
}
