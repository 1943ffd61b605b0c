package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot"
)

// keys and tokens of nobody.
const (
	someAccessToken = "syt_SECRETabcdef"
	someRecoveryKey = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d"
)

func TestMatrixEnvironment(t *testing.T) {
	dir := t.TempDir()
	password, key := filepath.Join(dir, "password"), filepath.Join(dir, "key")
	for path, text := range map[string]string{password: "correct horse battery\n", key: someRecoveryKey + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	setEnvironment(t, true, map[string]string{
		"MATRIX":                        "community, Lab",
		"MATRIX_COMMUNITY_USER":         "@bot:example.org",
		"MATRIX_COMMUNITY_ACCESS_TOKEN": someAccessToken,
		"MATRIX_COMMUNITY_ROOMS":        "#ukmedlibs:example.org,!abc:example.org,chat",
		"MATRIX_COMMUNITY_OWN_ROOMS":    "ukmedlibs:example.org",
		"MATRIX_COMMUNITY_HOSTS":        "@host:example.org,@b:example.com",
		"MATRIX_LAB_HOMESERVER":         "http://127.0.0.1:8008",
		"MATRIX_LAB_USER":               "@bot:lab",
		"MATRIX_LAB_PASSWORD_FILE":      password,
		"MATRIX_LAB_RECOVERY_KEY_FILE":  key,
		"MATRIX_LAB_ROOMS":              "#lab:lab",
	})
	c, workspaces, err := readWorkspaces()
	if err != nil {
		t.Fatal(err)
	}
	want := []workspaceConfig{
		{
			name:   "community",
			rooms:  []bot.RoomConfig{{Name: "#ukmedlibs:example.org", Dedicated: true}, {Name: "!abc:example.org"}, {Name: "chat"}},
			hosts:  []adapters.UserID{"@host:example.org", "@b:example.com"},
			matrix: &matrixConfig{user: "@bot:example.org", accessToken: someAccessToken},
		},
		{
			name: "Lab", rooms: []bot.RoomConfig{{Name: "#lab:lab"}},
			matrix: &matrixConfig{homeserver: "http://127.0.0.1:8008", user: "@bot:lab", password: "correct horse battery", recoveryKey: someRecoveryKey},
		},
	}
	if diff := cmp.Diff(want, workspaces[1:], cmp.AllowUnexported(workspaceConfig{}, matrixConfig{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, secret := range []string{someAccessToken, "correct horse battery", someRecoveryKey} {
		if !strings.Contains(strings.Join(c.Log.secrets, "\n"), secret) {
			t.Errorf("the log shows %q", secret)
		}
		if shown := configText(configuredGroups()); strings.Contains(shown, secret) {
			t.Errorf("catchword config shows %q", secret)
		}
	}
}

func TestMatrixEnvironmentFaults(t *testing.T) {
	good := map[string]string{
		"MATRIX": "lab", "MATRIX_LAB_USER": "@bot:example.org", "MATRIX_LAB_PASSWORD": "SECRET", "MATRIX_LAB_ROOMS": "#chat:example.org",
	}
	const V = "CATCHWORD_MATRIX_LAB_"
	for _, test := range []struct {
		name string
		vars map[string]string
		want []string
	}{
		{"valid", nil, nil},
		{"nothing but a name", map[string]string{"MATRIX_LAB_USER": "", "MATRIX_LAB_PASSWORD": "", "MATRIX_LAB_ROOMS": ""}, []string{
			V + "ACCESS_TOKEN is missing, and so is " + V + "PASSWORD: set one of them, or add _FILE to its name and set it to a file that contains it",
			V + "HOMESERVER is missing: set it to the homeserver's name or address, such as example.org or https://matrix.example.org",
			V + "ROOMS is missing: list the rooms in which chats run, such as #ukmedlibs:example.org",
		}},
		{"token and password", map[string]string{"MATRIX_LAB_ACCESS_TOKEN": someAccessToken}, []string{
			V + "ACCESS_TOKEN is set, and so is " + V + "PASSWORD: remove one",
		}},
		{"a password without a user", map[string]string{"MATRIX_LAB_USER": "", "MATRIX_LAB_HOMESERVER": "example.org"}, []string{
			V + "USER is missing: set it to the account's ID, such as @catchword:example.org",
		}},
		{"a user without a server", map[string]string{"MATRIX_LAB_USER": "bot"}, []string{
			V + `USER is not a user ID: "bot"; use one like @catchword:example.org`,
			V + "HOMESERVER is missing: set it to the homeserver's name or address, such as example.org or https://matrix.example.org",
		}},
		{"an address without encryption", map[string]string{"MATRIX_LAB_HOMESERVER": "http://matrix.example.org"}, []string{
			V + `HOMESERVER would send the account's secrets unencrypted to "matrix.example.org": use https://`,
		}},
		{"not a homeserver", map[string]string{"MATRIX_LAB_HOMESERVER": "matrix example"}, []string{
			V + `HOMESERVER is neither a server name nor an address: "matrix example"; use one like example.org or https://matrix.example.org`,
		}},
		{"a passphrase instead of a key", map[string]string{"MATRIX_LAB_RECOVERY_KEY": "my own SECRET phrase"}, []string{
			V + "RECOVERY_KEY is not a recovery key: that begins with E and has twelve groups of four letters and digits; a passphrase doesn't work here",
		}},
		{"a quoted token", map[string]string{"MATRIX_LAB_PASSWORD": "", "MATRIX_LAB_ACCESS_TOKEN": `"` + someAccessToken + `"`}, []string{
			V + "ACCESS_TOKEN is not an access token: set it without quotes or anything else",
		}},
		{"invalid rooms and hosts", map[string]string{"MATRIX_LAB_ROOMS": "#chat:example.org, @amy:example.org, a b", "MATRIX_LAB_OWN_ROOMS": "#other:example.org", "MATRIX_LAB_HOSTS": "host"}, []string{
			V + `ROOMS lists "@amy:example.org", which is not a room: use its alias or ID, such as #ukmedlibs:example.org or !abcdef:example.org`,
			V + `ROOMS lists "a b", which is not a room: use its alias or ID, such as #ukmedlibs:example.org or !abcdef:example.org`,
			V + `OWN_ROOMS lists "#other:example.org", which is not in ` + V + "ROOMS: add it there too",
			V + `HOSTS lists "host", which is not a user ID: use one like @host:example.org`,
		}},
		{"a name used twice", map[string]string{
			"SLACK": "Lab", "SLACK_LAB_BOT_TOKEN": someBotToken, "SLACK_LAB_APP_TOKEN": someAppToken, "SLACK_LAB_ROOMS": "chat",
		}, []string{`CATCHWORD_MATRIX lists "lab", which CATCHWORD_SLACK lists too: rename one`}},
		{"an unlisted workspace and a typo", map[string]string{"MATRIX_OTHER_ROOMS": "#x:y", "MATRIX_LAB_ROMS": "#x:y"}, []string{
			V + "ROMS is not a known variable: did you mean " + V + "ROOMS?",
			"CATCHWORD_MATRIX_OTHER_ROOMS belongs to a workspace that CATCHWORD_MATRIX doesn't list: add other there, or remove this variable",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			vars := map[string]string{}
			for _, set := range []map[string]string{good, test.vars} {
				for name, value := range set {
					vars[name] = value
				}
			}
			setEnvironment(t, false, vars)
			_, _, err := readWorkspaces()
			var got []string
			if err != nil {
				got = strings.Split(err.Error(), "\n  ")[1:]
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err != nil && strings.Contains(err.Error(), "SECRET") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestRenewDevices(t *testing.T) {
	workspaces := []workspaceConfig{{name: "nhs", slack: &slackConfig{}}, {name: "Lab", matrix: &matrixConfig{}}}
	if err := renewDevices(workspaces, []string{"lab"}); err != nil || !workspaces[1].matrix.newDevice {
		t.Errorf("--new-device lab: got %v and %+v, want a new device", err, workspaces[1].matrix)
	}
	if err := renewDevices(workspaces, []string{"nhs"}); err == nil || !strings.Contains(err.Error(), "nhs") {
		t.Errorf("--new-device nhs, which is on Slack: got %v, want an error that names it", err)
	}
}
