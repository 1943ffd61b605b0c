package main

import (
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot"
)

// A matrixEnvironment holds the variables of one account; the variable of a field is CATCHWORD_MATRIX_, the workspace's
// name in capitals, and the field's name.
type matrixEnvironment struct {
	Homeserver      string `desc:"the homeserver's name or address; default: the server in the user ID" example:"https://matrix.example.org"`
	User            string `desc:"the account's user ID" example:"@catchword:example.org"`
	AccessToken     string `split_words:"true" desc:"an access token for the account; set this or the password" example:"syt_" secret:"true"`
	AccessTokenFile string `split_words:"true" desc:"a file that contains the access token" example:"/run/secrets/community-access-token"`
	Password        string `desc:"the account's password, used to log in once; the device is kept in the database" secret:"true"`
	PasswordFile    string `split_words:"true" desc:"a file that contains the password" example:"/run/secrets/community-password"`
	RecoveryKey     string `split_words:"true" desc:"the account's recovery key, used to verify the bot's device, so that all clients share encrypted messages with it" secret:"true"`
	RecoveryKeyFile string `split_words:"true" desc:"a file that contains the recovery key" example:"/run/secrets/community-recovery-key"`
	Rooms           string `desc:"the rooms in which chats run: aliases or IDs, separated by commas; the # is optional" example:"ukmedlibs:example.org"`
	OwnRooms        string `split_words:"true" desc:"the rooms used only for the chat: every message there while a question is live is an answer" example:"ukmedlibs:example.org"`
	Hosts           string `desc:"the hosts' user IDs, separated by commas" example:"@host:example.org"`
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
	// recoveryKeyPattern matches a recovery key without its spaces:
	// https://spec.matrix.org/latest/client-server-api/#key-representation
	recoveryKeyPattern = regexp.MustCompile(`^E[1-9A-HJ-NP-Za-km-z]{40,60}$`)
)

// readMatrix reads the accounts in list. It also returns the names of all their variables.
func readMatrix(list string, faults *environmentFaults) (workspaces []workspaceConfig, known []string) {
	for _, name := range readWorkspaceNames("CATCHWORD_MATRIX", list, faults) {
		var e matrixEnvironment
		variable := matrixPrefix(name)
		known = append(known, readVariables(variable, &e)...)
		workspaces = append(workspaces, e.workspace(name, variable, faults))
	}
	return workspaces, known
}

// matrixPrefix is the prefix of an account's variables.
func matrixPrefix(name string) string { return envPrefix + "_MATRIX_" + strings.ToUpper(name) }

func (e matrixEnvironment) workspace(name, variable string, faults *environmentFaults) workspaceConfig {
	w := workspaceConfig{name: name, matrix: &matrixConfig{homeserver: e.Homeserver, user: e.User}}
	w.matrix.accessToken = readSecretVariable(variable+"_ACCESS_TOKEN", e.AccessToken, e.AccessTokenFile, "the access token", faults)
	w.matrix.password = readSecretVariable(variable+"_PASSWORD", e.Password, e.PasswordFile, "the password", faults)
	switch token, password := e.AccessToken+e.AccessTokenFile != "", e.Password+e.PasswordFile != ""; {
	case token && password:
		faults.add(variable+"_ACCESS_TOKEN", "is set, and so is %s_PASSWORD: remove one", variable)
	case !token && !password:
		faults.add(variable+"_ACCESS_TOKEN", "is missing, and so is %s_PASSWORD: set one of them, or add _FILE to its name and set it to a file that contains it", variable)
	case strings.ContainsAny(w.matrix.accessToken, " \t\n\"'"):
		faults.add(variable+"_ACCESS_TOKEN", "is not an access token: set it without quotes or anything else")
	case e.User == "" && password:
		faults.add(variable+"_USER", "is missing: set it to the account's ID, such as @catchword:example.org")
	}
	if e.User != "" && !matrixUserPattern.MatchString(e.User) {
		faults.add(variable+"_USER", "is not a user ID: %s; use one like @catchword:example.org", quote(e.User))
	}
	e.checkHomeserver(variable+"_HOMESERVER", faults)
	w.matrix.recoveryKey = readSecretVariable(variable+"_RECOVERY_KEY", e.RecoveryKey, e.RecoveryKeyFile, "the recovery key", faults)
	if key := strings.Join(strings.Fields(w.matrix.recoveryKey), ""); key != "" && !recoveryKeyPattern.MatchString(key) {
		faults.add(variable+"_RECOVERY_KEY", "is not a recovery key: that begins with E and has twelve groups of four letters and digits; a passphrase doesn't work here")
	}
	w.rooms = e.rooms(variable, faults)
	for _, host := range readNames(variable+"_HOSTS", e.Hosts, strings.ToLower, faults) {
		if !matrixUserPattern.MatchString(host) {
			faults.add(variable+"_HOSTS", "lists %s, which is not a user ID: use one like @host:example.org", quote(host))
		}
		w.hosts = append(w.hosts, adapters.UserID(host))
	}
	return w
}

// checkHomeserver checks the homeserver's address. Since passwords are sent there, it must be encrypted, unless it is
// on this machine.
func (e matrixEnvironment) checkHomeserver(variable string, faults *environmentFaults) {
	if e.Homeserver == "" && !matrixUserPattern.MatchString(e.User) {
		faults.add(variable, "is missing: set it to the homeserver's name or address, such as example.org or https://matrix.example.org")
		return
	}
	if e.Homeserver == "" || matrixServerPattern.MatchString(e.Homeserver) {
		return
	}
	u, err := url.Parse(e.Homeserver)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil:
		faults.add(variable, "is neither a server name nor an address: %s; use one like example.org or https://matrix.example.org", quote(e.Homeserver))
	case u.Scheme == "http" && u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback():
		faults.add(variable, "would send the account's secrets unencrypted to %s: use https://", quote(u.Host))
	}
}

// rooms reads the rooms. An alias without a server is one of the account's homeserver.
func (e matrixEnvironment) rooms(variable string, faults *environmentFaults) []bot.RoomConfig {
	valid := func(name string) bool {
		return !strings.ContainsAny(name, " \t/@") && strings.TrimLeft(name, "#!") != ""
	}
	return readRooms(variable, e.Rooms, e.OwnRooms, valid, "is not a room: use its alias or ID, such as #ukmedlibs:example.org or !abcdef:example.org",
		"the rooms in which chats run, such as #ukmedlibs:example.org", faults)
}
