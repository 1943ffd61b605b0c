//go:build goolm && linux

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// TestMatrixScripts runs the scripts of testdata/matrix, which use the real program and a real homeserver. The
// environment has an account with a password, and two rooms: #ukmedlibs, which is encrypted, and #books. Amy Adams is
// their only member.
func TestMatrixScripts(t *testing.T) {
	server := matrixtest.Start(t)
	amy := server.Person("Amy Adams")
	rooms := map[string]id.RoomID{
		"#ukmedlibs": amy.MakeRoom(matrixtest.Room{Alias: "ukmedlibs", Public: true, Encrypted: true}),
		"#books":     amy.MakeRoom(matrixtest.Room{Alias: "books", Public: true}),
	}
	bot := server.Register("bot")
	look := func(ts *testscript.TestScript, room, pattern string) (found []id.EventID, all []string) {
		wanted := regexp.MustCompile("(?s)" + pattern)
		for _, m := range amy.Messages(rooms[room]) {
			text := m.Name + ": " + m.Text
			if m.Thread != "" {
				text += " (in a thread)"
			}
			if room == "#ukmedlibs" && m.Sender == bot.ID && !m.Encrypted {
				ts.Fatalf("said in plain in a room that is encrypted: %s", text)
			}
			if all = append(all, text); wanted.MatchString(text) {
				found = append(found, m.ID)
			}
		}
		return found, all
	}
	await1 := func(ts *testscript.TestScript, room, pattern string) id.EventID {
		var found []id.EventID
		var all []string
		for deadline := time.Now().Add(waitTimeout); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if found, all = look(ts, room, pattern); len(found) == 1 {
				return found[0]
			} else if len(found) > 1 {
				break
			}
		}
		ts.Fatalf("not one message in %s matches %s, but of\n%s", room, pattern, strings.Join(all, "\n"))
		return ""
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/matrix",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			password := filepath.Join(env.WorkDir, "password")
			for name, value := range map[string]string{
				"CATCHWORD_LISTEN": "off", "CATCHWORD_LOG_LEVEL": "debug", "CATCHWORD_MATRIX": "community",
				"CATCHWORD_MATRIX_COMMUNITY_HOMESERVER":    server.URL(),
				"CATCHWORD_MATRIX_COMMUNITY_USER":          string(bot.ID),
				"CATCHWORD_MATRIX_COMMUNITY_PASSWORD_FILE": password,
				"CATCHWORD_MATRIX_COMMUNITY_ROOMS":         "#ukmedlibs,books",
			} {
				env.Setenv(name, value)
			}
			return os.WriteFile(password, []byte(bot.Password+"\n"), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"wait-for": waitForFile, "chat": writeChat,
			// shown ROOM PATTERN waits until one message in a room matches.
			"shown": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 2 {
					ts.Fatalf("usage: shown ROOM PATTERN")
				}
				await1(ts, args[0], args[1])
			},
			// reply ROOM ROOT TEXT makes Amy reply in the thread of the message that matches ROOT.
			"reply": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 3 {
					ts.Fatalf("usage: reply ROOM ROOT TEXT")
				}
				amy.SendInThread(rooms[args[0]], await1(ts, args[0], args[1]), args[2])
			},
			// once ROOM PATTERN checks that one message in a room matches now.
			"once": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 2 {
					ts.Fatalf("usage: once ROOM PATTERN")
				}
				if found, all := look(ts, args[0], args[1]); len(found) != 1 {
					ts.Fatalf("%d messages in %s match %s, want 1, of\n%s", len(found), args[0], args[1], strings.Join(all, "\n"))
				}
			},
			// gone ROOM PATTERN checks that no message in a room matches now.
			"gone": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 2 {
					ts.Fatalf("usage: gone ROOM PATTERN")
				}
				if found, all := look(ts, args[0], args[1]); len(found) != 0 {
					ts.Fatalf("%d messages in %s match %s, want none, of\n%s", len(found), args[0], args[1], strings.Join(all, "\n"))
				}
			},
			// no-participants FILE... checks that the password is not in the files.
			"no-participants": func(ts *testscript.TestScript, neg bool, args []string) {
				for _, file := range args {
					if strings.Contains(ts.ReadFile(file), bot.Password) {
						ts.Fatalf("the password is in %s", file)
					}
				}
			},
		},
	})
}
