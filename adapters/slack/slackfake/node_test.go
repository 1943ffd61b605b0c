package slackfake_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

// TestNode has Slack's own Node packages try the fake. It runs with make slackfake-check, which installs them.
func TestNode(t *testing.T) {
	if os.Getenv("SLACKFAKE_NODE") == "" {
		t.Skip("run make slackfake-check for this")
	}
	c := newClient(t, slackfake.Options{AckTimeout: 500 * time.Millisecond}, slackfake.WorkspaceOptions{})
	c.AddChannel("other", false)
	c.Person("Amy").Say("ukmedlibs", "first")
	c.LoseEvents()
	control := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var o command
		if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(rw).Encode(o.run(c))
	}))
	defer control.Close()
	node := exec.CommandContext(t.Context(), "node", "check.mjs")
	node.Dir = "testdata/nodecheck"
	node.Env = append(os.Environ(), "API="+c.slack.APIURL(), "CONTROL="+control.URL, "BOT_TOKEN="+c.BotToken(), "APP_TOKEN="+c.AppToken(), "CHANNEL="+c.room())
	out, err := node.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("node check.mjs: %v", err)
	}
}

// A command is what the script tells people, or the fake, to do.
type command struct{ Do, Person, Channel, TS, Text, Method string }

func (o command) run(c client) obj {
	p := c.Person(o.Person)
	switch o.Do {
	case "say":
		return obj{"ts": p.Say("ukmedlibs", o.Text)}
	case "reply":
		return obj{"ts": p.Reply("ukmedlibs", o.TS, o.Text)}
	case "edit":
		p.Edit("ukmedlibs", o.TS, o.Text)
	case "delete":
		p.Delete("ukmedlibs", o.TS)
	case "react":
		p.React("ukmedlibs", o.TS, o.Text)
	case "command":
		return obj{"text": p.RunCommand("ukmedlibs", "/catchword", o.Text).Text()}
	case "press":
		return obj{"acked": p.Click(o.Channel, o.TS, o.Text).Acked}
	case "confide":
		return obj{"ts": p.SendDM(o.Text)}
	case "join":
		p.Join("ukmedlibs")
	case "who":
		return obj{"id": p.ID()}
	case "limit":
		c.Fault(func(f *slackfake.Faults) { f.LimitNext = map[string]int{o.Method: 1} })
	case "refuse":
		c.Fault(func(f *slackfake.Faults) { f.RefuseNext = 1 })
		c.LoseEvents() // those sent while no socket was open
	case "disconnect":
		c.Disconnect(-1, o.Text, 100*time.Millisecond)
	case "cut":
		c.Cut(-1)
	case "forget":
		c.LoseEvents()
	case "settled":
		c.eventually("all events are acknowledged", func() bool { return c.Unacknowledged() == 0 })
	default:
		c.Errorf("unknown command %+v", o)
	}
	return obj{}
}
