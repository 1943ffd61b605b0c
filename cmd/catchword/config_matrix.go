package main

import (
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot"
)

// A matrixEnvironment is what the variables of one account say, each field by CATCHWORD_MATRIX_, the workspace's name in
// capitals, and the field's name.
type matrixEnvironment struct {
	Homeserver      string `desc:"the homeserver, by its name or address; left out: the server in the user's ID" example:"https://matrix.example.org"`
	User            string `desc:"the account's ID" example:"@catchword:example.org"`
	AccessToken     string `split_words:"true" desc:"an access token of the account; or its password" example:"syt_" secret:"true"`
	AccessTokenFile string `split_words:"true" desc:"a file that holds the access token" example:"/run/secrets/community-access-token"`
	Password        string `desc:"the account's password, which logs in once: the device is kept in the database" secret:"true"`
	PasswordFile    string `split_words:"true" desc:"a file that holds the password" example:"/run/secrets/community-password"`
	RecoveryKey     string `split_words:"true" desc:"the account's recovery key, which verifies the bot's device, so that all clients trust it with what is encrypted" secret:"true"`
	RecoveryKeyFile string `split_words:"true" desc:"a file that holds the recovery key" example:"/run/secrets/community-recovery-key"`
	Rooms           string `desc:"the rooms in which chats are held, by alias or ID, with commas between them; the # may be left out" example:"ukmedlibs:example.org"`
	OwnRooms        string `split_words:"true" desc:"those of them that are the chat's own: all that is said there while a question is live is an answer" example:"ukmedlibs:example.org"`
	Hosts           string `desc:"who may command the bot, by user ID, with commas between them" example:"@host:example.org"`
}

type matrixConfig struct {
	homeserver            string
	user                  string
	accessToken, password string
	recoveryKey           string
	newDevice             bool
}

var (
	matrixUserPattern   = regexp.MustCompile(`^@[^\s:/]+:[^\s/]+$`)
	matrixServerPattern = regexp.MustCompile(`^[A-Za-z0-9.-]+(:\d{1,5})?$`)
	// recoveryKeyPattern is how a recovery key looks without its spaces: https://spec.matrix.org/latest/client-server-api/#key-representation
	recoveryKeyPattern = regexp.MustCompile(`^E[1-9A-HJ-NP-Za-km-z]{40,60}$`)
)

// readMatrix reads the accounts that list names, and returns the names of all their variables, too.
func readMatrix(list string, faults *environmentFaults) (workspaces []workspaceConfig, known []string) {
	for _, name := range readWorkspaceNames("CATCHWORD_MATRIX", list, faults) {
		var e matrixEnvironment
		variable := matrixPrefix(name)
		known = append(known, readVariables(variable, &e)...)
		workspaces = append(workspaces, e.workspace(name, variable, faults))
	}
	return workspaces, known
}

// matrixPrefix begins the names of an account's variables.
func matrixPrefix(name string) string { return envPrefix + "_MATRIX_" + strings.ToUpper(name) }

func (e matrixEnvironment) workspace(name, variable string, faults *environmentFaults) workspaceConfig {
	w := workspaceConfig{name: name, matrix: &matrixConfig{homeserver: e.Homeserver, user: e.User}}
	w.matrix.accessToken = readSecretVariable(variable+"_ACCESS_TOKEN", e.AccessToken, e.AccessTokenFile, "the access token", faults)
	w.matrix.password = readSecretVariable(variable+"_PASSWORD", e.Password, e.PasswordFile, "the password", faults)
	switch token, password := e.AccessToken+e.AccessTokenFile != "", e.Password+e.PasswordFile != ""; {
	case token && password:
		faults.add(variable+"_ACCESS_TOKEN", "is set, and so is %s_PASSWORD: leave one out", variable)
	case !token && !password:
		faults.add(variable+"_ACCESS_TOKEN", "is missing, and so is %s_PASSWORD: set one of them, or name a file that holds it in the same variable with _FILE behind it", variable)
	case strings.ContainsAny(w.matrix.accessToken, " \t\n\"'"):
		faults.add(variable+"_ACCESS_TOKEN", "holds no access token: write it without quotes or anything else")
	case e.User == "" && password:
		faults.add(variable+"_USER", "is missing: write the account's ID, as in @catchword:example.org")
	}
	if e.User != "" && !matrixUserPattern.MatchString(e.User) {
		faults.add(variable+"_USER", "is no user's ID: %s; write it as in @catchword:example.org", quote(e.User))
	}
	e.checkHomeserver(variable+"_HOMESERVER", faults)
	w.matrix.recoveryKey = readSecretVariable(variable+"_RECOVERY_KEY", e.RecoveryKey, e.RecoveryKeyFile, "the recovery key", faults)
	if key := strings.Join(strings.Fields(w.matrix.recoveryKey), ""); key != "" && !recoveryKeyPattern.MatchString(key) {
		faults.add(variable+"_RECOVERY_KEY", "holds no recovery key: that begins with E and has twelve groups of four letters and digits; a phrase can't be used instead")
	}
	w.rooms = e.rooms(variable, faults)
	for _, host := range readNames(variable+"_HOSTS", e.Hosts, strings.ToLower, faults) {
		if !matrixUserPattern.MatchString(host) {
			faults.add(variable+"_HOSTS", "names %s, which is no user's ID: write it as in @host:example.org", quote(host))
		}
		w.hosts = append(w.hosts, adapters.UserID(host))
	}
	return w
}

// checkHomeserver looks at where the homeserver is said to be. Passwords go there, so that it is encrypted unless it is on
// this machine.
func (e matrixEnvironment) checkHomeserver(variable string, faults *environmentFaults) {
	if e.Homeserver == "" && !matrixUserPattern.MatchString(e.User) {
		faults.add(variable, "is missing: write the homeserver's name or address, as in example.org or https://matrix.example.org")
		return
	}
	if e.Homeserver == "" || matrixServerPattern.MatchString(e.Homeserver) {
		return
	}
	u, err := url.Parse(e.Homeserver)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil:
		faults.add(variable, "is neither a server's name nor its address: %s; write one as in example.org or https://matrix.example.org", quote(e.Homeserver))
	case u.Scheme == "http" && u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback():
		faults.add(variable, "would send the account's secrets unencrypted to %s: write https://", quote(u.Host))
	}
}

// rooms reads the rooms. The server of an alias may be left out if it is the account's own.
func (e matrixEnvironment) rooms(variable string, faults *environmentFaults) []bot.RoomConfig {
	right := func(name string) bool {
		return !strings.ContainsAny(name, " \t/@") && strings.TrimLeft(name, "#!") != ""
	}
	return readRooms(variable, e.Rooms, e.OwnRooms, right, "is no room: write its alias or ID, as in #ukmedlibs:example.org or !abcdef:example.org",
		"the rooms in which chats are held, as in #ukmedlibs:example.org", faults)
}
