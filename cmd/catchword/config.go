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

// envPrefix begins the name of every variable that is ours.
const envPrefix = "CATCHWORD"

// An environment is what the variables say that are not of one workspace, each field by the variable CATCHWORD_ and its
// name. All are read as text: it is our own check that says what would be right, and it says so of all at once.
type environment struct {
	Chats              string `default:"chats" desc:"the folder of chat files"`
	Database           string `default:"sqlite:data/catchword.db" desc:"where everything is stored: sqlite: and a file, or postgres://USER:PASSWORD@HOST/DATABASE"`
	DatabaseFile       string `split_words:"true" desc:"a file that holds that address instead, for the sake of the password" example:"/run/secrets/catchword-database"`
	Archive            string `default:"archive" desc:"the folder below which each chat's archive has its own"`
	ArchivePublicURL   string `split_words:"true" desc:"where that folder is on the web, for the link in the closing numbers" example:"https://example.org/chats"`
	ArchiveTitle       string `split_words:"true" desc:"what the chats are called together, for the heading over all archives; left out: All chats" example:"ukmedlibs"`
	ArchiveFiles       string `split_words:"true" default:"false" desc:"whether archives keep the files that people attach to their answers: true or false"`
	ArchiveLeaderboard string `split_words:"true" default:"false" desc:"whether an archive names those who answered most: true or false"`
	Listen             string `default:"127.0.0.1:8080" desc:"where health, metrics and the archive are served over HTTP, as in 127.0.0.1:8080 or :8080 for everybody; off for nowhere"`
	Grace              string `default:"7d" desc:"for how long after its end a chat takes late answers, as in 7d, 12h or 30m"`
	Zone               string `default:"Europe/London" desc:"the time zone of announcements that name none, and of the terminal"`
	Log                string `default:"text" desc:"how the log is written: text or json"`
	LogLevel           string `split_words:"true" default:"info" desc:"the least that is logged: debug, info, warn or error"`
	Slack              string `desc:"short names of the Slack workspaces, with commas between them; people see them beside passed-on answers" example:"nhs"`
	Matrix             string `desc:"short names of the Matrix accounts, with commas between them; people see them beside passed-on answers" example:"community"`
}

// A config is what commands need that connect to nothing.
type config struct {
	Chats          string
	Database       string
	Archive        string
	ArchiveOptions archive.Options
	KeepFiles      bool
	Listen         string // "" for nowhere
	Grace          time.Duration
	Zone           *time.Location
	Log            logConfig
}

// readConfig reads what is not of one workspace. The error names every fault in it.
func readConfig() (config, error) {
	var faults environmentFaults
	var e environment
	readVariables(envPrefix, &e)
	c := e.config(&faults)
	return c, faults.err()
}

// readWorkspaces reads all that the environment says. The error names every fault in it.
func readWorkspaces() (config, []workspaceConfig, error) {
	var faults environmentFaults
	var e environment
	known := readVariables(envPrefix, &e)
	c := e.config(&faults)
	workspaces, ofSlack := readSlack(e.Slack, &faults)
	accounts, ofMatrix := readMatrix(e.Matrix, &faults)
	for _, w := range accounts {
		if slices.ContainsFunc(workspaces, func(o workspaceConfig) bool { return strings.EqualFold(o.name, w.name) }) {
			faults.add("CATCHWORD_MATRIX", "names %s, as does CATCHWORD_SLACK: call one of them otherwise", quote(w.name))
		}
	}
	workspaces = append(workspaces, accounts...)
	faults.addUnknown(slices.Concat(known, ofSlack, ofMatrix), workspaces)
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
			faults.add("CATCHWORD_ARCHIVE_PUBLIC_URL", "is no web address: %s; write one as in https://example.org/chats", quote(e.ArchivePublicURL))
		}
	}
	if strings.EqualFold(c.Listen, "off") {
		c.Listen = ""
	} else if _, port, err := net.SplitHostPort(c.Listen); err != nil || !isPort(port) {
		faults.add("CATCHWORD_LISTEN", "is no address to listen at: %s; write one as in 127.0.0.1:8080 or :8080, or off", quote(e.Listen))
	}
	var err error
	c.KeepFiles = readBool("CATCHWORD_ARCHIVE_FILES", e.ArchiveFiles, faults)
	c.ArchiveOptions.Leaderboard = readBool("CATCHWORD_ARCHIVE_LEADERBOARD", e.ArchiveLeaderboard, faults)
	if c.Grace, err = readDuration(e.Grace); err != nil || c.Grace <= 0 {
		faults.add("CATCHWORD_GRACE", "is no length of time: %s; write one as in 7d, 12h or 30m", quote(e.Grace))
	}
	if c.Zone, err = time.LoadLocation(e.Zone); err != nil || e.Zone == "Local" {
		c.Zone = time.UTC
		faults.add("CATCHWORD_ZONE", "is no time zone: %s; write a place of the IANA list, as in Europe/London", quote(e.Zone))
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
		faults.add(variable, "is neither true nor false: %s", quote(text))
	}
	return yes
}

func isPort(port string) bool {
	n, err := strconv.Atoi(port)
	return err == nil && n >= 0 && n <= 65535
}

var daysPattern = regexp.MustCompile(`^(\d{1,4})([dw])$`)

// readDuration reads what time.ParseDuration does, and whole days and weeks.
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

// readNames divides a list at its commas. A name that stands twice, in the eyes of same, is a fault.
func readNames(variable, list string, same func(string) string, faults *environmentFaults) (names []string) {
	seen := map[string]bool{}
	for name := range strings.SplitSeq(list, ",") {
		switch name = strings.TrimSpace(name); {
		case name == "":
		case seen[same(name)]:
			faults.add(variable, "names %s twice: leave one out", quote(name))
		default:
			seen[same(name)] = true
			names = append(names, name)
		}
	}
	return names
}

// readAPIURL reads where an API is. Tokens go there, so that it is encrypted unless it is on this machine.
func readAPIURL(variable, address string, faults *environmentFaults) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		faults.add(variable, "is no web address: %s; write one as in https://slack.com/api/", quote(address))
	case u.Scheme == "http" && u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback():
		faults.add(variable, "would send the tokens unencrypted to %s: write https://", quote(u.Host))
	case !strings.HasSuffix(address, "/"):
		return address + "/"
	}
	return address
}

// definedVariables lists the names of all variables that are set and begin with ours.
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

// serviceLinkPattern matches what Kubernetes sets by itself in every container beside a service that is called catchword:
// https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
var serviceLinkPattern = regexp.MustCompile(`^CATCHWORD_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_\w+)?)$`)
