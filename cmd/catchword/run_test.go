package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

// waitTimeout limits how long a script waits for something; only a failing test takes that long.
const waitTimeout = time.Minute

// TestRunScripts runs the scripts of testdata/run, which use the real program and a fake Slack with two workspaces. The
// environment of each script configures both, with an app that has exactly the manifest's permissions.
func TestRunScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/run",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup:               setUpSlack,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"wait-for": waitForFile, "chat": writeChat, "replace": replaceText, "reply": replyInThread, "shown": checkShown, "posted": checkPostedOnce, "no-tokens": checkNoTokens, "http": waitForHTTP,
			"activity": simulateActivity, "no-participants": checkNoParticipantData, "slow": slowResponses, "shutdown": stopProcess, "settled": checkSettled,
			"command": giveCommand,
		},
	})
}

type slackEnvKey struct{}

func setUpSlack(env *testscript.Env) error {
	manifest, err := readManifest()
	if err != nil {
		return err
	}
	var events []string
	for _, e := range manifest.Settings.Events.Bot {
		kind, _, _ := strings.Cut(e, ".") // message.channels and message.groups are one event
		events = append(events, kind)
	}
	app := slackfake.WorkspaceOptions{
		Scopes: manifest.OAuth.Scopes.Bot, Events: events, Metadata: []string{manifest.Settings.Events.Metadata[0].Type},
	}
	server := slackfake.NewServer(slackfake.Options{})
	env.Defer(server.Close)
	workspaces := map[string]*slackfake.Workspace{}
	env.Setenv("CATCHWORD_SLACK", "nhs,shelf")
	env.Setenv("CATCHWORD_LOG_LEVEL", "debug")
	env.Setenv("CATCHWORD_LISTEN", "127.0.0.1:0")
	for name, room := range map[string]string{"nhs": "#ukmedlibs", "shelf": "#books"} {
		w := server.AddWorkspace(name, app)
		w.AddChannel(room, false)
		workspaces[name] = w
		variable := "CATCHWORD_SLACK_" + strings.ToUpper(name)
		env.Setenv(variable+"_BOT_TOKEN", w.BotToken())
		env.Setenv(variable+"_APP_TOKEN", w.AppToken())
		env.Setenv(variable+"_API_URL", server.APIURL())
		env.Setenv(variable+"_ROOMS", room)
	}
	env.Setenv("HANNA", workspaces["nhs"].Person("Hanna Host").ID())
	env.Values[slackEnvKey{}] = workspaces
	return nil
}

func fakeSlack(ts *testscript.TestScript, name string) *slackfake.Workspace {
	w := ts.Value(slackEnvKey{}).(map[string]*slackfake.Workspace)[name]
	if w == nil {
		ts.Fatalf("there is no workspace %s", name)
	}
	return w
}

// writeChat FILE STARTS LENGTH writes a chat file with two questions that starts that long from now.
func writeChat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: chat FILE STARTS LENGTH")
	}
	in, err := time.ParseDuration(args[1])
	ts.Check(err)
	starts := time.Now().Add(in).In(time.UTC).Format("2006-01-02 15:04:05")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), fmt.Appendf(nil, `---
title: Health and libraries
hashtag: "#ukmedlibs"
starts: %s UTC
ends: %s
lead_in: 1s
reminders: none
---
## Q1
Why do we do it?

## Q2
How do we do it?
`, starts, args[2]), 0o600))
}

// replaceText FILE OLD NEW replaces text in a file by replacing the file, as editors do.
func replaceText(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	file := ts.MkAbs(args[0])
	text, err := os.ReadFile(file)
	ts.Check(err)
	if !strings.Contains(string(text), args[1]) {
		ts.Fatalf("%s doesn't contain %q", args[0], args[1])
	}
	temp := filepath.Join(filepath.Dir(file), ".new")
	ts.Check(os.WriteFile(temp, []byte(strings.ReplaceAll(string(text), args[1], args[2])), 0o600))
	ts.Check(os.Rename(temp, file))
}

// replyInThread WORKSPACE ROOM PERSON ROOT TEXT makes a person reply in the thread of the post that matches ROOT, once
// it is there.
func replyInThread(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: reply WORKSPACE ROOM PERSON ROOT TEXT")
	}
	w := fakeSlack(ts, args[0])
	root := awaitShown(ts, w, args[1], args[3])
	w.Person(args[2]).Reply(args[1], root, args[4])
}

// giveCommand WORKSPACE ROOM PERSON TEXT has a person give the bot a command in a room.
func giveCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: command WORKSPACE ROOM PERSON TEXT")
	}
	p := fakeSlack(ts, args[0]).Person(args[2])
	p.Join(args[1])
	if r := p.RunCommand(args[1], "/catchword", args[3]); !r.Acked {
		ts.Fatalf("/catchword %s: got %+v, want it acknowledged", args[3], r)
	}
}

// checkShown WORKSPACE ROOM PATTERN waits until one message in a room matches; ! shown checks that none does now. A
// message is "Name: text", with " (in a thread)" at its end if it is in one; a dot matches line ends too.
func checkShown(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: [!] shown WORKSPACE ROOM PATTERN")
	}
	w := fakeSlack(ts, args[0])
	if !neg {
		awaitShown(ts, w, args[1], args[2])
		return
	}
	if found, _ := findMessages(ts, w, args[1], args[2]); len(found) > 0 {
		ts.Fatalf("%s in %s is shown", args[2], args[1])
	}
}

func awaitShown(ts *testscript.TestScript, w *slackfake.Workspace, room, pattern string) string {
	var all []string
	for deadline := time.Now().Add(waitTimeout); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		var found []string
		if found, all = findMessages(ts, w, room, pattern); len(found) == 1 {
			return found[0]
		} else if len(found) > 1 {
			break
		}
	}
	ts.Fatalf("want one message in %s that matches %s, got\n%s", room, pattern, strings.Join(all, "\n"))
	return ""
}

func findMessages(ts *testscript.TestScript, w *slackfake.Workspace, room, pattern string) (found, all []string) {
	wanted, err := regexp.Compile("(?s)" + pattern)
	ts.Check(err)
	for _, m := range w.Messages(room) {
		text := m.Name + ": " + m.Plain
		if m.Thread != "" {
			text += " (in a thread)"
		}
		if all = append(all, text); !m.Deleted && wanted.MatchString(text) {
			found = append(found, m.TS)
		}
	}
	return found, all
}

// checkPostedOnce WORKSPACE ROOM PATTERN checks that exactly one message in a room matches, even if it was deleted.
func checkPostedOnce(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: posted WORKSPACE ROOM PATTERN")
	}
	wanted, n := regexp.MustCompile(args[2]), 0
	for _, m := range fakeSlack(ts, args[0]).Messages(args[1]) {
		if wanted.MatchString(m.Plain) {
			n++
		}
	}
	if n != 1 {
		ts.Fatalf("%d messages in %s have matched %s, want 1", n, args[1], args[2])
	}
}

// waitForHTTP LOG PATH STATUS PATTERN waits until the program that writes the log responds to a path with a status and
// a matching text.
func waitForHTTP(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: http LOG PATH STATUS PATTERN")
	}
	wanted, err := regexp.Compile(args[3])
	ts.Check(err)
	var got string
	for deadline := time.Now().Add(waitTimeout); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		log, _ := os.ReadFile(ts.MkAbs(args[0]))
		m := regexp.MustCompile(`msg=listening address=(\S+)`).FindSubmatch(log)
		if m == nil {
			continue
		}
		resp, err := http.Get("http://" + string(m[1]) + args[1])
		if err != nil {
			got = err.Error()
			continue
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		ts.Check(err)
		if got = resp.Status + "\n" + string(body); strings.HasPrefix(got, args[2]) && wanted.MatchString(got) {
			return
		}
	}
	ts.Fatalf("%s: want %s to respond %s and %s, got\n%s", args[0], args[1], args[2], args[3], got)
}

// checkNoTokens FILE... checks that the files contain no token of the workspaces.
func checkNoTokens(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: no-tokens FILE...")
	}
	for _, file := range args {
		text := ts.ReadFile(file)
		for name, w := range ts.Value(slackEnvKey{}).(map[string]*slackfake.Workspace) {
			if strings.Contains(text, w.BotToken()) || strings.Contains(text, w.AppToken()) {
				ts.Fatalf("a token of %s is in %s:\n%s", name, file, text)
			}
		}
	}
}
