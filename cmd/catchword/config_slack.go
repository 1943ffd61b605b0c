package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot"
)

const (
	// maxConnections is Slack's own bound for one app.
	maxConnections = 10
	// maxSecretSize is more than any token has; whoever names a longer file meant another.
	maxSecretSize = 4096
)

// A slackEnvironment is what the variables of one workspace say, each field by CATCHWORD_SLACK_, the workspace's name in
// capitals, and the field's name.
type slackEnvironment struct {
	BotToken     string `split_words:"true" desc:"the app's bot token" example:"xoxb-" secret:"true"`
	BotTokenFile string `split_words:"true" desc:"a file that holds the bot token" example:"/run/secrets/nhs-bot-token"`
	AppToken     string `split_words:"true" desc:"the app-level token with the scope connections:write" example:"xapp-" secret:"true"`
	AppTokenFile string `split_words:"true" desc:"a file that holds the app-level token" example:"/run/secrets/nhs-app-token"`
	Rooms        string `desc:"the channels in which chats are held, by name or ID, with commas between them; the # may be left out" example:"ukmedlibs,library-chat"`
	OwnRooms     string `split_words:"true" desc:"those of them that are the chat's own: all that is said there while a question is live is an answer" example:"ukmedlibs"`
	Hosts        string `desc:"who may command the bot, by member ID, with commas between them" example:"U024BE7LH"`
	Apps         string `desc:"other apps whose messages count as people's, by app ID or bot ID, with commas between them"`
	Connections  string `default:"2" desc:"how many sockets are open at once, 1 to 10; an app has ten in all"`
	API          struct {
		URL string `default:"https://slack.com/api/" desc:"where Slack's Web API is"`
	}
}

// A workspaceConfig is one workspace and the rooms it holds chats in.
type workspaceConfig struct {
	name  string
	rooms []bot.RoomConfig
	hosts []adapters.UserID
	// One of these is there.
	slack  *slackConfig
	matrix *matrixConfig
}

type slackConfig struct {
	botToken, appToken string
	apiURL             string
	connections        int
	apps               []string
}

func (w workspaceConfig) secrets() []string {
	if w.slack != nil {
		return []string{w.slack.botToken, w.slack.appToken}
	}
	return []string{w.matrix.accessToken, w.matrix.password, w.matrix.recoveryKey}
}

var (
	workspaceNamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	slackUserPattern     = regexp.MustCompile(`^[UW][A-Z0-9]{2,}$`)
	slackAppPattern      = regexp.MustCompile(`^[AB][A-Z0-9]{2,}$`)
	invalidNameChars     = regexp.MustCompile(`[^A-Za-z0-9_]+`)
)

// readSlack reads the workspaces that list names, and returns the names of all their variables, too.
func readSlack(list string, faults *environmentFaults) (workspaces []workspaceConfig, known []string) {
	for _, name := range readWorkspaceNames("CATCHWORD_SLACK", list, faults) {
		var e slackEnvironment
		variable := slackPrefix(name)
		known = append(known, readVariables(variable, &e)...)
		workspaces = append(workspaces, e.workspace(name, variable, faults))
	}
	return workspaces, known
}

// slackPrefix begins the names of a workspace's variables.
func slackPrefix(name string) string { return envPrefix + "_SLACK_" + strings.ToUpper(name) }

// readWorkspaceNames reads the names of a platform's workspaces.
func readWorkspaceNames(variable, list string, faults *environmentFaults) (names []string) {
	for _, name := range readNames(variable, list, strings.ToUpper, faults) {
		if !workspaceNamePattern.MatchString(name) {
			faults.add(variable, "names a workspace %s, which can't be part of a variable's name: use letters, digits and _ alone%s", quote(name), suggestName(name))
			continue
		}
		names = append(names, name)
	}
	return names
}

// suggestName proposes a name that can be part of a variable's.
func suggestName(name string) string {
	if tokenPattern.MatchString(name) {
		return ""
	}
	if name = strings.Trim(invalidNameChars.ReplaceAllString(name, "_"), "_"); workspaceNamePattern.MatchString(name) {
		return ", as in " + name
	}
	return ""
}

func (e slackEnvironment) workspace(name, variable string, faults *environmentFaults) workspaceConfig {
	w := workspaceConfig{name: name, slack: &slackConfig{}}
	w.slack.botToken = readToken(variable+"_BOT_TOKEN", e.BotToken, e.BotTokenFile, botToken, faults)
	w.slack.appToken = readToken(variable+"_APP_TOKEN", e.AppToken, e.AppTokenFile, appToken, faults)
	w.rooms = e.rooms(variable, faults)
	for _, host := range readNames(variable+"_HOSTS", e.Hosts, strings.ToUpper, faults) {
		if !slackUserPattern.MatchString(host) {
			faults.add(variable+"_HOSTS", "names %s, which is no member ID: it begins with U or W, and stands in a person's Slack profile under ⋮, Copy member ID", quote(host))
		}
		w.hosts = append(w.hosts, adapters.UserID(host))
	}
	w.slack.apps = readNames(variable+"_APPS", e.Apps, strings.ToUpper, faults)
	for _, app := range w.slack.apps {
		if !slackAppPattern.MatchString(app) {
			faults.add(variable+"_APPS", "names %s, which is no app: write its app ID, which begins with A, or its bot ID, which begins with B", quote(app))
		}
	}
	n, err := strconv.Atoi(e.Connections)
	if err != nil || n < 1 || n > maxConnections {
		faults.add(variable+"_CONNECTIONS", "is no number from 1 to %d: %s; two are right for most", maxConnections, quote(e.Connections))
	}
	w.slack.connections = n
	w.slack.apiURL = readAPIURL(variable+"_API_URL", e.API.URL, faults)
	return w
}

// rooms reads the channels. "#" may be left out.
func (e slackEnvironment) rooms(variable string, faults *environmentFaults) []bot.RoomConfig {
	right := func(name string) bool { return !strings.ContainsAny(name, " \t/") && bareName(name) != "" }
	return readRooms(variable, e.Rooms, e.OwnRooms, right, "is no channel: write its name or ID, as in #ukmedlibs or C024BE7LR",
		"the channels in which chats are held, as in #ukmedlibs,#library-chat", faults)
}

func bareName(room string) string { return strings.TrimPrefix(room, "#") }

// readRooms reads the rooms of a workspace, and which of them are the chat's own. What is not right is not what would be;
// wanted says what is missing where there is none.
func readRooms(variable, list, own string, right func(string) bool, wrong, wanted string, faults *environmentFaults) (rooms []bot.RoomConfig) {
	for _, name := range readNames(variable+"_ROOMS", list, bareName, faults) {
		if !right(name) {
			faults.add(variable+"_ROOMS", "names %s, which %s", quote(name), wrong)
		}
		rooms = append(rooms, bot.RoomConfig{Name: name})
	}
	if len(rooms) == 0 {
		faults.add(variable+"_ROOMS", "is missing: name %s", wanted)
		return nil
	}
	for _, name := range readNames(variable+"_OWN_ROOMS", own, bareName, faults) {
		found := false
		for i := range rooms {
			if bareName(rooms[i].Name) == bareName(name) {
				rooms[i].Dedicated, found = true, true
			}
		}
		if !found {
			faults.add(variable+"_OWN_ROOMS", "names %s, which is not among %s_ROOMS: name it there as well", quote(name), variable)
		}
	}
	return rooms
}

// A tokenKind is one of Slack's kinds of tokens: https://docs.slack.dev/authentication/tokens
type tokenKind struct {
	prefix string
	name   string
	where  string // it is found on the app's page at api.slack.com/apps
}

var (
	botToken = tokenKind{"xoxb-", "the app's bot token", "OAuth & Permissions"}
	appToken = tokenKind{"xapp-", "an app-level token with the scope connections:write", "Basic Information, App-Level Tokens"}

	otherTokens = []tokenKind{
		botToken, appToken,
		{prefix: "xoxp-", name: "a user token"},
		{prefix: "xoxe.", name: "a token that expires, as token rotation is on (it can't be switched off again: make the app anew)"},
		{prefix: "xoxe-", name: "a refresh token"},
		{prefix: "xoxa-", name: "a workspace token of old"},
		{prefix: "xoxr-", name: "a refresh token of old"},
		{prefix: "xoxs-", name: "a session's token"},
		{prefix: "xoxc-", name: "a browser's token"},
		{prefix: "xoxd-", name: "a browser's cookie"},
	}
	tokenBodyPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
)

// readToken reads a token from its variable, or from the file that the variable's _FILE names.
func readToken(variable, text, file string, kind tokenKind, faults *environmentFaults) string {
	wanted := fmt.Sprintf("write %s, which begins with %s (%s on the app's page)", kind.name, kind.prefix, kind.where)
	if text == "" && file == "" {
		faults.add(variable, "is missing: %s, or name a file that holds it in %s_FILE", wanted, variable)
		return ""
	}
	before := len(*faults)
	if text = readSecretVariable(variable, text, file, kind.name, faults); len(*faults) > before {
		return ""
	}
	if file != "" {
		variable += "_FILE"
	}
	rest, right := strings.CutPrefix(text, kind.prefix)
	if right && tokenBodyPattern.MatchString(rest) {
		return text
	}
	for _, other := range otherTokens {
		if strings.HasPrefix(text, other.prefix) && other != kind {
			faults.add(variable, "holds %s (%s…): %s", other.name, other.prefix, wanted)
			return ""
		}
	}
	faults.add(variable, "holds no such token: %s, without quotes or anything else", wanted)
	return ""
}

// readSecretVariable reads a secret from its variable, or from the file that the variable's _FILE names. It is "" where there is
// neither, and after a fault.
func readSecretVariable(variable, text, file, what string, faults *environmentFaults) string {
	if text != "" && file != "" {
		faults.add(variable, "is set, and so is %s_FILE: leave one out", variable)
		return ""
	}
	if file == "" {
		return text
	}
	secret, err := readSecretFile(file)
	if err != nil {
		faults.add(variable+"_FILE", "can't be read: %s; name a file that holds %s", quoteError(err), what)
	}
	return secret
}

// readSecretFile reads a file that holds one line.
func readSecretFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSecretSize+1))
	if err != nil {
		return "", err
	}
	secret := strings.TrimSpace(string(text))
	switch {
	case len(text) > maxSecretSize:
		return "", fmt.Errorf("%s is no token, but something long", path)
	case secret == "":
		return "", fmt.Errorf("%s is empty", path)
	}
	return secret, nil
}

// quoteError shows an error about a path of the environment, without a token that was taken for a path.
func quoteError(err error) string {
	return tokenPattern.ReplaceAllString(err.Error(), "$1-…")
}
