package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot"
)

// These tokens belong to no app. They are put together here, so that secret scanners don't report them.
var (
	someBotToken = "xoxb" + "-1234567890-abcSECRETdef"
	someAppToken = "xapp" + "-1-A0123-4567-abcSECRETdef"
)

// setEnvironment sets these variables and no others of catchword; if valid, a valid workspace is added.
func setEnvironment(t *testing.T, valid bool, vars map[string]string) {
	t.Helper()
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, envPrefix+"_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	if valid {
		for name, value := range map[string]string{
			"SLACK": "nhs", "SLACK_NHS_BOT_TOKEN": someBotToken, "SLACK_NHS_APP_TOKEN": someAppToken, "SLACK_NHS_ROOMS": "#ukmedlibs",
		} {
			t.Setenv(envPrefix+"_"+name, value)
		}
	}
	for name, value := range vars {
		t.Setenv(envPrefix+"_"+name, value)
	}
}

func TestDefaults(t *testing.T) {
	setEnvironment(t, false, map[string]string{"CHATS": " ", "GRACE": ""})
	c, workspaces, err := readWorkspaces()
	if err != nil || len(workspaces) != 0 {
		t.Fatalf("got %v and error %v, want no workspace and none", workspaces, err)
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	want := config{Chats: "chats", Database: "sqlite:data/catchword.db", Archive: "archive", Listen: "127.0.0.1:8080", Grace: bot.DefaultGrace, Zone: london}
	if diff := cmp.Diff(want, c, cmp.AllowUnexported(logConfig{}), cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWholeEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("\n"+someAppToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	setEnvironment(t, true, map[string]string{
		"CHATS": "somewhere", "DATABASE": "sqlite:x.db", "ARCHIVE": "kept", "ARCHIVE_PUBLIC_URL": "https://example.org/chats",
		"ARCHIVE_LEADERBOARD": "true", "ARCHIVE_FILES": "1", "ARCHIVE_TITLE": "#ukmedlibs", "LISTEN": ":9000",
		"GRACE": "36h", "ZONE": "America/New_York", "LOG": "JSON", "LOG_LEVEL": "warn",
		"SLACK":         "nhs, Shelf_2,",
		"SLACK_NHS_API": "", "SLACK_NHS_API_URL": "http://127.0.0.1:8080/api",
		"SLACK_NHS_ROOMS": "#ukmedlibs, library-chat,C024BE7LR", "SLACK_NHS_OWN_ROOMS": "ukmedlibs,C024BE7LR",
		"SLACK_NHS_HOSTS": "U024BE7LH,W012A3CDE", "SLACK_NHS_APPS": "B0123,A0123", "SLACK_NHS_CONNECTIONS": "3",
		"SLACK_SHELF_2_BOT_TOKEN": someBotToken, "SLACK_SHELF_2_APP_TOKEN_FILE": file, "SLACK_SHELF_2_ROOMS": "C1",
		// Kubernetes adds these by itself.
		"SERVICE_HOST": "10.0.0.1", "SERVICE_PORT_HTTP": "8080", "PORT": "tcp://10.0.0.1:8080", "PORT_8080_TCP_ADDR": "10.0.0.1",
	})
	c, workspaces, err := readWorkspaces()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(c.Chats, " ", c.Database, " ", c.Archive, " ", c.ArchiveOptions.SeriesTitle, " ", c.ArchiveOptions.URL, " ", c.ArchiveOptions.Leaderboard, " ", c.KeepFiles, " ", c.Listen, " ", c.Grace, " ", c.Zone, " ", c.Log.json, " ", c.Log.level),
		"somewhere sqlite:x.db kept #ukmedlibs https://example.org/chats true true :9000 36h0m0s America/New_York true WARN"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	want := []workspaceConfig{
		{
			name: "nhs", rooms: []bot.RoomConfig{{Name: "#ukmedlibs", Dedicated: true}, {Name: "library-chat"}, {Name: "C024BE7LR", Dedicated: true}},
			hosts: []adapters.UserID{"U024BE7LH", "W012A3CDE"},
			slack: &slackConfig{someBotToken, someAppToken, "http://127.0.0.1:8080/api/", 3, []string{"B0123", "A0123"}},
		},
		{
			name: "Shelf_2", rooms: []bot.RoomConfig{{Name: "C1"}},
			slack: &slackConfig{someBotToken, someAppToken, "https://slack.com/api/", 2, nil},
		},
	}
	if diff := cmp.Diff(want, workspaces, cmp.AllowUnexported(workspaceConfig{}, slackConfig{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestEnvironmentFaults(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file := write("database", "postgres://me:SECRET@db.example.org/chats\n")
	empty, long, wrong := write("empty", " \n"), write("long", strings.Repeat("x", 5000)), write("wrong", "xoxp-SECRET")
	const wantBot = "set it to the app's bot token, which begins with xoxb- (OAuth & Permissions on the app's page)"
	const wantApp = "set it to an app-level token with the scope connections:write, which begins with xapp- (Basic Information, App-Level Tokens on the app's page)"

	for _, test := range []struct {
		name string
		vars map[string]string
		want []string
	}{
		{"nothing but a name", map[string]string{"SLACK": "nhs,shelf"}, []string{
			"CATCHWORD_SLACK_SHELF_BOT_TOKEN is missing: " + wantBot + ", or set CATCHWORD_SLACK_SHELF_BOT_TOKEN_FILE to a file that contains it",
			"CATCHWORD_SLACK_SHELF_APP_TOKEN is missing: " + wantApp + ", or set CATCHWORD_SLACK_SHELF_APP_TOKEN_FILE to a file that contains it",
			"CATCHWORD_SLACK_SHELF_ROOMS is missing: list the channels in which chats run, such as #ukmedlibs,#library-chat",
		}},
		{"tokens of the wrong kind", map[string]string{"SLACK_NHS_BOT_TOKEN": "xoxp-SECRET", "SLACK_NHS_APP_TOKEN": someBotToken}, []string{
			"CATCHWORD_SLACK_NHS_BOT_TOKEN holds a user token (xoxp-…): " + wantBot,
			"CATCHWORD_SLACK_NHS_APP_TOKEN holds the app's bot token (xoxb-…): " + wantApp,
		}},
		{"invalid tokens", map[string]string{"SLACK_NHS_BOT_TOKEN": `"` + someBotToken + `"`, "SLACK_NHS_APP_TOKEN": "xapp-"}, []string{
			"CATCHWORD_SLACK_NHS_BOT_TOKEN is not a valid token: " + wantBot + ", without quotes or anything else",
			"CATCHWORD_SLACK_NHS_APP_TOKEN is not a valid token: " + wantApp + ", without quotes or anything else",
		}},
		{"a token that expires", map[string]string{"SLACK_NHS_BOT_TOKEN": "xoxe.xoxb-1-SECRET"}, []string{
			"CATCHWORD_SLACK_NHS_BOT_TOKEN holds a token that expires, because token rotation is on (it can't be switched off: create a new app) (xoxe.…): " + wantBot,
		}},
		{"a token and its file", map[string]string{"SLACK_NHS_BOT_TOKEN_FILE": empty}, []string{
			"CATCHWORD_SLACK_NHS_BOT_TOKEN is set, and so is CATCHWORD_SLACK_NHS_BOT_TOKEN_FILE: remove one",
		}},
		{"files without a token", map[string]string{
			"SLACK_NHS_BOT_TOKEN": "", "SLACK_NHS_BOT_TOKEN_FILE": empty, "SLACK_NHS_APP_TOKEN": "", "SLACK_NHS_APP_TOKEN_FILE": long,
		}, []string{
			"CATCHWORD_SLACK_NHS_BOT_TOKEN_FILE can't be read: " + empty + " is empty; set it to a file that contains the app's bot token",
			"CATCHWORD_SLACK_NHS_APP_TOKEN_FILE can't be read: " + long + " is too long for a token; set it to a file that contains an app-level token with the scope connections:write",
		}},
		{"a file with a wrong token, and a token for a file", map[string]string{
			"SLACK_NHS_BOT_TOKEN": "", "SLACK_NHS_BOT_TOKEN_FILE": wrong, "SLACK_NHS_APP_TOKEN": "", "SLACK_NHS_APP_TOKEN_FILE": someAppToken,
		}, []string{
			"CATCHWORD_SLACK_NHS_BOT_TOKEN_FILE holds a user token (xoxp-…): " + wantBot,
			"CATCHWORD_SLACK_NHS_APP_TOKEN_FILE can't be read: open xapp-… no such file or directory; set it to a file that contains an app-level token with the scope connections:write",
		}},
		{"names", map[string]string{"SLACK": "nhs,NHS,nhs-wales,2nd," + someBotToken}, []string{
			`CATCHWORD_SLACK lists "NHS" twice: remove one`,
			`CATCHWORD_SLACK lists a workspace "nhs-wales", which can't be part of a variable's name: use only letters, digits and _, such as nhs_wales`,
			`CATCHWORD_SLACK lists a workspace "2nd", which can't be part of a variable's name: use only letters, digits and _`,
			`CATCHWORD_SLACK lists a workspace "xoxb-…", which can't be part of a variable's name: use only letters, digits and _`,
		}},
		{"rooms", map[string]string{"SLACK_NHS_ROOMS": "#a,a,#,two words", "SLACK_NHS_OWN_ROOMS": "b"}, []string{
			`CATCHWORD_SLACK_NHS_ROOMS lists "a" twice: remove one`,
			`CATCHWORD_SLACK_NHS_ROOMS lists "#", which is not a channel: use its name or ID, such as #ukmedlibs or C024BE7LR`,
			`CATCHWORD_SLACK_NHS_ROOMS lists "two words", which is not a channel: use its name or ID, such as #ukmedlibs or C024BE7LR`,
			`CATCHWORD_SLACK_NHS_OWN_ROOMS lists "b", which is not in CATCHWORD_SLACK_NHS_ROOMS: add it there too`,
		}},
		{"people, apps, numbers", map[string]string{
			"SLACK_NHS_HOSTS": "@holly", "SLACK_NHS_APPS": "zapier", "SLACK_NHS_CONNECTIONS": "11",
		}, []string{
			`CATCHWORD_SLACK_NHS_HOSTS lists "@holly", which is not a member ID: that begins with U or W; copy it from the person's Slack profile, under ⋮, Copy member ID`,
			`CATCHWORD_SLACK_NHS_APPS lists "zapier", which is not an app: use its app ID, which begins with A, or its bot ID, which begins with B`,
			`CATCHWORD_SLACK_NHS_CONNECTIONS is not a number from 1 to 10: "11"; 2 is right for most`,
		}},
		{"an address without encryption", map[string]string{"SLACK_NHS_API_URL": "http://slack.example.org/api/"}, []string{
			`CATCHWORD_SLACK_NHS_API_URL would send the tokens unencrypted to "slack.example.org": use https://`,
		}},
		{"not an address", map[string]string{"SLACK_NHS_API_URL": "slack.com", "ARCHIVE_PUBLIC_URL": "ftp://example.org"}, []string{
			`CATCHWORD_ARCHIVE_PUBLIC_URL is not a web address: "ftp://example.org"; use one like https://example.org/chats`,
			`CATCHWORD_SLACK_NHS_API_URL is not a web address: "slack.com"; use one like https://slack.com/api/`,
		}},
		{"general", map[string]string{
			"DATABASE": "mysql://me:SECRET@host/db", "LISTEN": "8080", "GRACE": "a while", "ZONE": "London", "LOG": "xml", "LOG_LEVEL": "loud",
		}, []string{
			"CATCHWORD_DATABASE is not the address of a database: use sqlite: and a file, such as sqlite:data/catchword.db, or postgres://USER:PASSWORD@HOST/DATABASE; percent-encode special characters in the password (@ as %40)",
			`CATCHWORD_LISTEN is not an address to listen on: "8080"; use one like 127.0.0.1:8080 or :8080, or off`,
			`CATCHWORD_GRACE is not a duration: "a while"; use one like 7d, 12h or 30m`,
			`CATCHWORD_ZONE is not a time zone: "London"; use an IANA name like Europe/London`,
			`CATCHWORD_LOG must be text or json, not "xml"`,
			`CATCHWORD_LOG_LEVEL must be debug, info, warn or error, not "loud"`,
		}},
		{"two databases", map[string]string{"DATABASE": "sqlite:a.db", "DATABASE_FILE": file}, []string{"CATCHWORD_DATABASE is set, and so is CATCHWORD_DATABASE_FILE: remove one"}},
		{"a missing database file", map[string]string{"DATABASE_FILE": file + ".not"}, []string{"CATCHWORD_DATABASE_FILE can't be read: open " + file + ".not: no such file or directory; set it to a file that contains the address of a database"}},
		{"a negative duration", map[string]string{"GRACE": "-1h"}, []string{`CATCHWORD_GRACE is not a duration: "-1h"; use one like 7d, 12h or 30m`}},
		{"unknown variables", map[string]string{
			"CHAT": "chats", "SLACK_NHS_ROOM": "#a", "SLACK_NHS_BOT_TOKENS": someBotToken, "SLACK_SHELF_ROOMS": "#a", "TOTALLY_ELSEWHERE": someBotToken,
		}, []string{
			"CATCHWORD_CHAT is not a known variable: did you mean CATCHWORD_CHATS?",
			"CATCHWORD_SLACK_NHS_BOT_TOKENS is not a known variable: did you mean CATCHWORD_SLACK_NHS_BOT_TOKEN?",
			"CATCHWORD_SLACK_NHS_ROOM is not a known variable: did you mean CATCHWORD_SLACK_NHS_ROOMS?",
			"CATCHWORD_SLACK_SHELF_ROOMS belongs to a workspace that CATCHWORD_SLACK doesn't list: add shelf there, or remove this variable",
			"CATCHWORD_TOTALLY_ELSEWHERE is not a known variable: remove it",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			setEnvironment(t, true, test.vars)
			_, _, err := readWorkspaces()
			if err == nil {
				t.Fatalf("got no error, want %q", test.want)
			}
			got := strings.Split(err.Error(), "\n  ")
			if diff := cmp.Diff(test.want, got[1:]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("a secret is in the message: %s", err)
			}
		})
	}
}

// Commands that connect to nothing need no tokens, and ignore unknown variables.
func TestConfigWithoutWorkspaces(t *testing.T) {
	setEnvironment(t, false, map[string]string{"SLACK": "nhs", "ARCHIVE": "kept", "CHAT": "x"})
	if c, err := readConfig(); err != nil || c.Archive != "kept" {
		t.Errorf("got %+v and error %v, want the archive kept and none", c, err)
	}
}

func TestLogHoldsNoSecret(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		setEnvironment(t, true, map[string]string{"LOG": format, "LOG_LEVEL": "debug"})
		c, _, err := readWorkspaces()
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		c.Log.logger(&out).With("token", someAppToken).Debug("called "+someBotToken, "error", fmt.Errorf("Get %q: lost", "https://x/?token="+someBotToken))
		if got := out.String(); strings.Contains(got, "SECRET") || strings.Count(got, "[token]") != 3 || strings.Count(got, "\n") != 1 {
			t.Errorf("got %s, want one line with [token] three times", got)
		}
		wrapped := fmt.Errorf("dial %s: %w", someBotToken, os.ErrClosed)
		if got, want := c.Log.redactError(wrapped).Error(), "dial [token]: file already closed"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	var out strings.Builder
	log := logConfig{level: slog.LevelWarn}.logger(&out)
	log.Info("quiet")
	if log.Warn("loud"); strings.Contains(out.String(), "quiet") || !strings.Contains(out.String(), "level=WARN msg=loud") {
		t.Errorf("got %q, want only the warning", out.String())
	}
}

func TestReadDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"7d": 7 * 24 * time.Hour, "2w": 14 * 24 * time.Hour, "1h30m": 90 * time.Minute} {
		if got, err := readDuration(text); err != nil || got != want {
			t.Errorf("readDuration(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "7", "d", "1.5d", "99999d", "7 d"} {
		if got, err := readDuration(text); err == nil {
			t.Errorf("readDuration(%q) = %v, want an error", text, got)
		}
	}
}

// FuzzEnvironment puts texts and tokens into the wrong places: every fault is reported, and no token is shown.
func FuzzEnvironment(f *testing.F) {
	names := []string{
		"CHATS", "DATABASE", "ARCHIVE_PUBLIC_URL", "ARCHIVE_LEADERBOARD", "ARCHIVE_FILES", "ARCHIVE_TITLE", "GRACE", "ZONE", "LOG", "LOG_LEVEL", "SLACK", "SLACK_NHS_BOT_TOKEN", "SLACK_NHS_BOT_TOKEN_FILE",
		"SLACK_NHS_APP_TOKEN", "SLACK_NHS_ROOMS", "SLACK_NHS_OWN_ROOMS", "SLACK_NHS_HOSTS", "SLACK_NHS_APPS", "SLACK_NHS_CONNECTIONS", "SLACK_NHS_API_URL",
		"SLACK_SHELF_ROOMS", "ELSEWHERE",
	}
	kinds := []string{"xoxb-", "xoxp-", "xapp-", "xoxe.xoxb-", "xoxd-"}
	for i := range names {
		f.Add(uint(i), uint(i), "", "", "x,")
		f.Add(uint(i), uint(i), "https://", "@example.org/", "nhs,shelf")
	}
	f.Fuzz(func(t *testing.T, name, kind uint, before, after, other string) {
		const secret = "SECRET-0123456789"
		token := kinds[kind%uint(len(kinds))] + secret
		vars := map[string]string{names[name%uint(len(names))]: before + token + after}
		if next := names[(name+1)%uint(len(names))]; next != "SLACK" {
			vars[next] = other
		}
		for _, v := range vars {
			if strings.ContainsRune(v, 0) {
				t.Skip("the environment can't hold that")
			}
		}
		setEnvironment(t, true, vars)
		c, workspaces, err := readWorkspaces()
		if err != nil {
			if got := err.Error(); strings.Contains(got, secret) {
				t.Errorf("a token is in the message: %s", got)
			} else if !strings.Contains(got, "\n  "+envPrefix+"_") {
				t.Errorf("got %q, want the name of a variable", got)
			}
			return
		}
		if c.Grace <= 0 || c.Zone == nil || c.Chats == "" {
			t.Errorf("got %+v without an error", c)
		}
		for _, w := range workspaces {
			if len(w.rooms) == 0 || !strings.HasPrefix(w.slack.botToken, "xoxb-") || !strings.HasPrefix(w.slack.appToken, "xapp-") || w.slack.connections < 1 {
				t.Errorf("got %+v without an error", w)
			}
		}
	})
}

func TestDatabaseAddress(t *testing.T) {
	file := filepath.Join(t.TempDir(), "database")
	if err := os.WriteFile(file, []byte("postgres://me:SECRET@db.example.org/chats\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	setEnvironment(t, true, map[string]string{"DATABASE_FILE": file})
	c, err := readConfig()
	if err != nil || c.Database != "postgres://me:SECRET@db.example.org/chats" {
		t.Fatalf("got %s and error %v, want the file's content", c.Database, err)
	}
	if got := c.Log.redactError(errors.New("no way in with SECRET")).Error(); strings.Contains(got, "SECRET") {
		t.Errorf("got error %q, which shows the password", got)
	}
}
