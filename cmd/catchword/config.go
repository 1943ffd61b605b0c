package main

import (
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ukmedlibs/catchword/bot/archive"
)

// envPrefix begins the name of every variable of catchword.
const envPrefix = "CATCHWORD"

// An environment holds the variables that don't belong to one workspace; the variable of a field is CATCHWORD_ and its
// name. All fields are texts, because our own checks can report all errors at once, with a remedy.
type environment struct {
	Chats              string `default:"chats" desc:"the folder of chat files"`
	Database           string `default:"sqlite:data/catchword.db" desc:"the database: sqlite: and a file, or postgres://USER:PASSWORD@HOST/DATABASE"`
	DatabaseFile       string `split_words:"true" desc:"a file that contains the database's address instead, to protect its password" example:"/run/secrets/catchword-database"`
	Archive            string `default:"archive" desc:"the folder of archives; each chat gets a subfolder"`
	ArchivePublicURL   string `split_words:"true" desc:"the archive's public address, linked in the closing post" example:"https://example.org/chats"`
	ArchiveTitle       string `split_words:"true" desc:"the title of the index of all archives; default: All chats" example:"ukmedlibs"`
	ArchiveFiles       string `split_words:"true" default:"false" desc:"whether archives include the files that people attach to their answers: true or false"`
	ArchiveLeaderboard string `split_words:"true" default:"false" desc:"whether an archive lists the people with the most answers: true or false"`
	Listen             string `default:"127.0.0.1:8080" desc:"the address at which health, metrics and the archive are served over HTTP: 127.0.0.1:8080 for this machine, :8080 for all; off to disable"`
	Grace              string `default:"7d" desc:"how long after its end a chat accepts late answers, such as 7d, 12h or 30m"`
	Zone               string `default:"Europe/London" desc:"the time zone of the terminal, and of announcements that don't name one"`
	Log                string `default:"text" desc:"the format of the log: text or json"`
	LogLevel           string `split_words:"true" default:"info" desc:"the lowest level that is logged: debug, info, warn or error"`
	Slack              string `desc:"short names of the Slack workspaces, separated by commas; shown with relayed answers" example:"nhs"`
	Matrix             string `desc:"short names of the Matrix accounts, separated by commas; shown with relayed answers" example:"community"`
}

// A config is the part of the environment that doesn't belong to one workspace.
type config struct {
	Chats          string
	Database       string
	Archive        string
	ArchiveOptions archive.Options
	KeepFiles      bool
	Listen         string // "" if disabled
	Grace          time.Duration
	Zone           *time.Location
	Log            logConfig
}

// readConfig reads the environment without the workspaces. The error lists all faults.
func readConfig() (config, error) {
	var faults environmentFaults
	var e environment
	readVariables(envPrefix, &e)
	c := e.config(&faults)
	return c, faults.err()
}

// readWorkspaces reads the whole environment. The error lists all faults.
func readWorkspaces() (config, []workspaceConfig, error) {
	var faults environmentFaults
	var e environment
	known := readVariables(envPrefix, &e)
	c := e.config(&faults)
	workspaces, slackNames := readSlack(e.Slack, &faults)
	accounts, matrixNames := readMatrix(e.Matrix, &faults)
	for _, w := range accounts {
		if slices.ContainsFunc(workspaces, func(o workspaceConfig) bool { return strings.EqualFold(o.name, w.name) }) {
			faults.add("CATCHWORD_MATRIX", "lists %s, which CATCHWORD_SLACK lists too: rename one", quote(w.name))
		}
	}
	workspaces = append(workspaces, accounts...)
	faults.addUnknown(slices.Concat(known, slackNames, matrixNames), workspaces)
	for _, w := range workspaces {
		c.Log.secrets = append(c.Log.secrets, w.secrets()...)
	}
	return c, workspaces, faults.err()
}

func (e environment) config(faults *environmentFaults) config {
	c := config{Chats: e.Chats, Archive: e.Archive, ArchiveOptions: archive.Options{SeriesTitle: e.ArchiveTitle, URL: e.ArchivePublicURL}, Listen: e.Listen}
	var password string
	c.Database, password = readDatabase(e, faults)
	if e.ArchivePublicURL != "" {
		if u, err := url.Parse(e.ArchivePublicURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			faults.add("CATCHWORD_ARCHIVE_PUBLIC_URL", "is not a web address: %s; use one like https://example.org/chats", quote(e.ArchivePublicURL))
		}
	}
	if strings.EqualFold(c.Listen, "off") {
		c.Listen = ""
	} else if _, port, err := net.SplitHostPort(c.Listen); err != nil || !isPort(port) {
		faults.add("CATCHWORD_LISTEN", "is not an address to listen on: %s; use one like 127.0.0.1:8080 or :8080, or off", quote(e.Listen))
	}
	var err error
	c.KeepFiles = readBool("CATCHWORD_ARCHIVE_FILES", e.ArchiveFiles, faults)
	c.ArchiveOptions.Leaderboard = readBool("CATCHWORD_ARCHIVE_LEADERBOARD", e.ArchiveLeaderboard, faults)
	if c.Grace, err = readDuration(e.Grace); err != nil || c.Grace <= 0 {
		faults.add("CATCHWORD_GRACE", "is not a duration: %s; use one like 7d, 12h or 30m", quote(e.Grace))
	}
	if c.Zone, err = time.LoadLocation(e.Zone); err != nil || e.Zone == "Local" {
		c.Zone = time.UTC
		faults.add("CATCHWORD_ZONE", "is not a time zone: %s; use an IANA name like Europe/London", quote(e.Zone))
	}
	c.Log = readLog(e, faults)
	if password != "" {
		c.Log.secrets = append(c.Log.secrets, password)
	}
	return c
}

func readBool(variable, text string, faults *environmentFaults) bool {
	yes, err := strconv.ParseBool(text)
	if err != nil {
		faults.add(variable, "must be true or false, not %s", quote(text))
	}
	return yes
}

func isPort(port string) bool {
	n, err := strconv.Atoi(port)
	return err == nil && n >= 0 && n <= 65535
}

var daysPattern = regexp.MustCompile(`^(\d{1,4})([dw])$`)

// readDuration accepts what time.ParseDuration does, and whole days and weeks.
func readDuration(s string) (time.Duration, error) {
	m := daysPattern.FindStringSubmatch(s)
	if m == nil {
		return time.ParseDuration(s)
	}
	n, err := strconv.Atoi(m[1])
	if m[2] == "w" {
		n *= 7
	}
	return time.Duration(n) * 24 * time.Hour, err
}

// readNames splits a list at its commas. It is a fault if two names have the same key.
func readNames(variable, list string, key func(string) string, faults *environmentFaults) (names []string) {
	seen := map[string]bool{}
	for name := range strings.SplitSeq(list, ",") {
		switch name = strings.TrimSpace(name); {
		case name == "":
		case seen[key(name)]:
			faults.add(variable, "lists %s twice: remove one", quote(name))
		default:
			seen[key(name)] = true
			names = append(names, name)
		}
	}
	return names
}

// readAPIURL reads the address of an API. Since tokens are sent there, it must be encrypted, unless it is on this
// machine.
func readAPIURL(variable, address string, faults *environmentFaults) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		faults.add(variable, "is not a web address: %s; use one like https://slack.com/api/", quote(address))
	case u.Scheme == "http" && u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback():
		faults.add(variable, "would send the tokens unencrypted to %s: use https://", quote(u.Host))
	case !strings.HasSuffix(address, "/"):
		return address + "/"
	}
	return address
}

// definedVariables lists all variables that are set and begin with envPrefix.
func definedVariables() (names []string) {
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, envPrefix+"_") && strings.TrimSpace(value) != "" && !serviceLinkPattern.MatchString(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// serviceLinkPattern matches the variables that Kubernetes sets in every container if a service is called catchword:
// https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
var serviceLinkPattern = regexp.MustCompile(`^CATCHWORD_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_\w+)?)$`)
