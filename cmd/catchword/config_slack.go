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
	// maxConnections is Slack's limit for one app: https://docs.slack.dev/apis/events-api/using-socket-mode
	maxConnections = 10
	// maxSecretSize is longer than any token: a longer file is the wrong one.
	maxSecretSize = 4096
)

// A slackEnvironment holds the variables of one workspace; the variable of a field is CATCHWORD_SLACK_, the workspace's
// name in capitals, and the field's name.
type slackEnvironment struct {
	BotToken     string `split_words:"true" desc:"the app's bot token" example:"xoxb-" secret:"true"`
	BotTokenFile string `split_words:"true" desc:"a file that contains the bot token" example:"/run/secrets/nhs-bot-token"`
	AppToken     string `split_words:"true" desc:"the app-level token with the scope connections:write" example:"xapp-" secret:"true"`
	AppTokenFile string `split_words:"true" desc:"a file that contains the app-level token" example:"/run/secrets/nhs-app-token"`
	Rooms        string `desc:"the channels in which chats run: names or IDs, separated by commas; the # is optional" example:"ukmedlibs,library-chat"`
	OwnRooms     string `split_words:"true" desc:"the channels used only for the chat: every message there while a question is live is an answer" example:"ukmedlibs"`
	Hosts        string `desc:"the hosts' member IDs, separated by commas" example:"U024BE7LH"`
	Apps         string `desc:"other apps whose messages count as participants' messages: app IDs or bot IDs, separated by commas"`
	Connections  string `default:"2" desc:"the number of Socket Mode connections, 1 to 10; an app can have ten in total"`
	API          struct {
		URL string `default:"https://slack.com/api/" desc:"the address of Slack's Web API"`
	}
}

// A workspaceConfig is one workspace and the rooms in which chats run.
type workspaceConfig struct {
	name  string
	rooms []bot.RoomConfig
	hosts []adapters.UserID
	// Exactly one of these is set.
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

// readSlack reads the workspaces in list. It also returns the names of all their variables.
func readSlack(list string, faults *environmentFaults) (workspaces []workspaceConfig, known []string) {
	for _, name := range readWorkspaceNames("CATCHWORD_SLACK", list, faults) {
		var e slackEnvironment
		variable := slackPrefix(name)
		known = append(known, readVariables(variable, &e)...)
		workspaces = append(workspaces, e.workspace(name, variable, faults))
	}
	return workspaces, known
}

// slackPrefix is the prefix of a workspace's variables.
func slackPrefix(name string) string { return envPrefix + "_SLACK_" + strings.ToUpper(name) }

// readWorkspaceNames reads the names of a platform's workspaces.
func readWorkspaceNames(variable, list string, faults *environmentFaults) (names []string) {
	for _, name := range readNames(variable, list, strings.ToUpper, faults) {
		if !workspaceNamePattern.MatchString(name) {
			faults.add(variable, "lists a workspace %s, which can't be part of a variable's name: use only letters, digits and _%s", quote(name), suggestName(name))
			continue
		}
		names = append(names, name)
	}
	return names
}

// suggestName proposes a name that can be part of a variable's name.
func suggestName(name string) string {
	if tokenPattern.MatchString(name) {
		return ""
	}
	if name = strings.Trim(invalidNameChars.ReplaceAllString(name, "_"), "_"); workspaceNamePattern.MatchString(name) {
		return ", such as " + name
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
			faults.add(variable+"_HOSTS", "lists %s, which is not a member ID: that begins with U or W; copy it from the person's Slack profile, under ⋮, Copy member ID", quote(host))
		}
		w.hosts = append(w.hosts, adapters.UserID(host))
	}
	w.slack.apps = readNames(variable+"_APPS", e.Apps, strings.ToUpper, faults)
	for _, app := range w.slack.apps {
		if !slackAppPattern.MatchString(app) {
			faults.add(variable+"_APPS", "lists %s, which is not an app: use its app ID, which begins with A, or its bot ID, which begins with B", quote(app))
		}
	}
	n, err := strconv.Atoi(e.Connections)
	if err != nil || n < 1 || n > maxConnections {
		faults.add(variable+"_CONNECTIONS", "is not a number from 1 to %d: %s; 2 is right for most", maxConnections, quote(e.Connections))
	}
	w.slack.connections = n
	w.slack.apiURL = readAPIURL(variable+"_API_URL", e.API.URL, faults)
	return w
}

// rooms reads the channels. The "#" is optional.
func (e slackEnvironment) rooms(variable string, faults *environmentFaults) []bot.RoomConfig {
	valid := func(name string) bool { return !strings.ContainsAny(name, " \t/") && bareName(name) != "" }
	return readRooms(variable, e.Rooms, e.OwnRooms, valid, "is not a channel: use its name or ID, such as #ukmedlibs or C024BE7LR",
		"the channels in which chats run, such as #ukmedlibs,#library-chat", faults)
}

func bareName(room string) string { return strings.TrimPrefix(room, "#") }

// readRooms reads a workspace's rooms, and which of them are used only for the chat. The message invalid is for names
// that aren't valid, and wanted says what to list if there are none.
func readRooms(variable, list, dedicated string, valid func(string) bool, invalid, wanted string, faults *environmentFaults) (rooms []bot.RoomConfig) {
	for _, name := range readNames(variable+"_ROOMS", list, bareName, faults) {
		if !valid(name) {
			faults.add(variable+"_ROOMS", "lists %s, which %s", quote(name), invalid)
		}
		rooms = append(rooms, bot.RoomConfig{Name: name})
	}
	if len(rooms) == 0 {
		faults.add(variable+"_ROOMS", "is missing: list %s", wanted)
		return nil
	}
	for _, name := range readNames(variable+"_OWN_ROOMS", dedicated, bareName, faults) {
		found := false
		for i := range rooms {
			if bareName(rooms[i].Name) == bareName(name) {
				rooms[i].Dedicated, found = true, true
			}
		}
		if !found {
			faults.add(variable+"_OWN_ROOMS", "lists %s, which is not in %s_ROOMS: add it there too", quote(name), variable)
		}
	}
	return rooms
}

// A tokenKind is one of Slack's kinds of tokens: https://docs.slack.dev/authentication/tokens
type tokenKind struct {
	prefix string
	name   string
	where  string // to find it on the app's page at api.slack.com/apps
}

var (
	botToken = tokenKind{"xoxb-", "the app's bot token", "OAuth & Permissions"}
	appToken = tokenKind{"xapp-", "an app-level token with the scope connections:write", "Basic Information, App-Level Tokens"}

	otherTokens = []tokenKind{
		botToken, appToken,
		{prefix: "xoxp-", name: "a user token"},
		{prefix: "xoxe.", name: "a token that expires, because token rotation is on (it can't be switched off: create a new app)"},
		{prefix: "xoxe-", name: "a refresh token"},
		{prefix: "xoxa-", name: "an old workspace token"},
		{prefix: "xoxr-", name: "an old refresh token"},
		{prefix: "xoxs-", name: "a session token"},
		{prefix: "xoxc-", name: "a browser token"},
		{prefix: "xoxd-", name: "a browser cookie"},
	}
	tokenBodyPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
)

// readToken reads a token from its variable, or from the file named by the variable with _FILE.
func readToken(variable, text, file string, kind tokenKind, faults *environmentFaults) string {
	wanted := fmt.Sprintf("set it to %s, which begins with %s (%s on the app's page)", kind.name, kind.prefix, kind.where)
	if text == "" && file == "" {
		faults.add(variable, "is missing: %s, or set %s_FILE to a file that contains it", wanted, variable)
		return ""
	}
	before := len(*faults)
	if text = readSecretVariable(variable, text, file, kind.name, faults); len(*faults) > before {
		return ""
	}
	if file != "" {
		variable += "_FILE"
	}
	rest, found := strings.CutPrefix(text, kind.prefix)
	if found && tokenBodyPattern.MatchString(rest) {
		return text
	}
	for _, other := range otherTokens {
		if strings.HasPrefix(text, other.prefix) && other != kind {
			faults.add(variable, "holds %s (%s…): %s", other.name, other.prefix, wanted)
			return ""
		}
	}
	faults.add(variable, "is not a valid token: %s, without quotes or anything else", wanted)
	return ""
}

// readSecretVariable reads a secret from its variable, or from the file named by the variable with _FILE. It returns ""
// if neither is set, and after a fault.
func readSecretVariable(variable, text, file, what string, faults *environmentFaults) string {
	if text != "" && file != "" {
		faults.add(variable, "is set, and so is %s_FILE: remove one", variable)
		return ""
	}
	if file == "" {
		return text
	}
	secret, err := readSecretFile(file)
	if err != nil {
		faults.add(variable+"_FILE", "can't be read: %s; set it to a file that contains %s", quoteError(err), what)
	}
	return secret
}

// readSecretFile reads a file that contains one line.
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
		return "", fmt.Errorf("%s is too long for a token", path)
	case secret == "":
		return "", fmt.Errorf("%s is empty", path)
	}
	return secret, nil
}

// quoteError returns the text of an error about a path. It hides a token that was given instead of a path.
func quoteError(err error) string {
	return tokenPattern.ReplaceAllString(err.Error(), "$1-…")
}
