package slack_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/adapters/slack"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

const room = "#ukmedlibs"

// fastOptions makes Slack's timeouts and retries short, so that tests need not wait.
var fastOptions = slackfake.Options{
	AckTimeout: 300 * time.Millisecond,
	Retries:    slices.Repeat([]time.Duration{100 * time.Millisecond}, 20),
	PingEvery:  100 * time.Millisecond,
}

// A testWorkspace is a workspace with one channel, and somebody in it.
type testWorkspace struct {
	*slackfake.Workspace
	server *slackfake.Server
	amy    *slackfake.Person
	client *http.Client
}

func newTestWorkspace(t testing.TB, server *slackfake.Server, name string, o slackfake.WorkspaceOptions) *testWorkspace {
	w := server.AddWorkspace(name, o)
	w.AddChannel(room, false)
	amy := w.Person("Amy Adams")
	amy.Join(room)
	of := &testWorkspace{Workspace: w, server: server, amy: amy, client: &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}}
	t.Cleanup(of.client.CloseIdleConnections)
	return of
}

func (o *testWorkspace) config() slack.Config {
	return slack.Config{Name: o.Name(), BotToken: o.BotToken(), AppToken: o.AppToken(), APIURL: o.server.APIURL(), HTTPClient: o.client}
}

func TestConformance(t *testing.T) {
	for name, scopes := range map[string][]string{"all scopes": nil, "no names of others": slackfake.AllScopesExcept("chat:write.customize")} {
		t.Run(name, func(t *testing.T) {
			o := newTestWorkspace(t, slackfake.New(t, fastOptions), "nhs", slackfake.WorkspaceOptions{Scopes: scopes})
			adaptertest.Test(t, adaptertest.Harness{
				New:          func(testing.TB) adapters.Adapter { return slack.New(o.config()) },
				Room:         room,
				Person:       person{o},
				Restartable:  true,
				LoseResponse: func(testing.TB) { o.Fault(func(f *slackfake.Faults) { f.LoseResponseNext = 1 }) },
				CloseIdle:    o.client.CloseIdleConnections,
				Mention:      "<@" + o.BotUser() + ">",
				SlashCommand: func(t testing.TB, words string) {
					if r := o.amy.RunCommand(room, "/catchword", words); !r.Acked || len(r.Payload) > 0 {
						t.Errorf("/catchword %s: got %+v, want it acknowledged without text", words, r)
					}
				},
				SendDM:      func(_ testing.TB, words string) { o.amy.SendDM(words) },
				Ephemerals:  func(_ testing.TB, private bool) []adaptertest.VisibleMessage { return o.shownToAmyAlone(private) },
				PressButton: o.press,
				OpenPermalink: func(_ testing.TB, link string) adapters.MessageID {
					m, _ := o.FollowLink(link)
					return adapters.MessageID(m.TS)
				},
				AddMember: func(testing.TB) string {
					newcomer := o.Workspace.Person(fmt.Sprint("Newcomer ", time.Now().UnixNano()))
					newcomer.Join(room)
					return newcomer.Name()
				},
				Upload: func(_ testing.TB, words string, f adaptertest.File) adapters.MessageID {
					return adapters.MessageID(o.amy.Upload(room, "", words, slackfake.File(f)))
				},
			})
		})
	}
}

// shownToAmyAlone returns the bot's ephemeral and direct messages to Amy.
func (o *testWorkspace) shownToAmyAlone(private bool) (all []adaptertest.VisibleMessage) {
	shown := o.Ephemerals(room)
	if private {
		shown = o.Posts(o.amy.DMChannel())
	}
	for _, m := range shown {
		if private || m.To == o.amy.ID() {
			calls := slices.ContainsFunc(o.Pings(), func(ping slackfake.Ping) bool { return ping.TS == m.TS })
			all = append(all, adaptertest.VisibleMessage{ID: adapters.MessageID(m.TS), Text: m.Plain, FromBot: m.Mine, NotifiesAll: calls})
		}
	}
	return all
}

// press has Amy press a button below an ephemeral message of the bot's.
func (o *testWorkspace) press(t testing.TB, words, label string) {
	for channel, all := range map[string][]slackfake.Message{room: o.Ephemerals(room), o.amy.DMChannel(): o.Posts(o.amy.DMChannel())} {
		for _, m := range all {
			for _, id := range m.Buttons[label] {
				if strings.Contains(m.Plain, words) {
					if r := o.amy.Click(channel, m.TS, id); !r.Acked {
						t.Errorf("a press of %q: got %+v, want it acknowledged", label, r)
					}
					return
				}
			}
		}
	}
	t.Fatalf("no ephemeral message with %q has a button %q", words, label)
}

// A person is Amy, as the conformance suite knows her.
type person struct{ *testWorkspace }

// shortcodes are the names of the emoji that the suite uses.
var shortcodes = map[string]string{"👍": "+1"}

func (p person) Name() string { return p.amy.Name() }

func (p person) Send(_ testing.TB, thread adapters.MessageID, words string) adapters.MessageID {
	if thread == "" {
		return adapters.MessageID(p.amy.Say(room, words))
	}
	return adapters.MessageID(p.amy.Reply(room, string(thread), words))
}

func (p person) Repost(_ testing.TB, id adapters.MessageID) adapters.MessageID {
	return adapters.MessageID(p.amy.CopyPaste(room, string(id)))
}

func (p person) Edit(_ testing.TB, id adapters.MessageID, words string) {
	p.amy.Edit(room, string(id), words)
}

func (p person) Delete(_ testing.TB, id adapters.MessageID) { p.amy.Delete(room, string(id)) }

func (p person) React(_ testing.TB, id adapters.MessageID, emoji string, on bool) {
	if on {
		p.amy.React(room, string(id), shortcodes[emoji])
	} else {
		p.amy.Unreact(room, string(id), shortcodes[emoji])
	}
}

func (p person) VisibleMessages(testing.TB) (all []adaptertest.VisibleMessage) {
	for _, m := range p.Messages(room) {
		if m.Deleted || m.To != "" && m.To != p.amy.ID() {
			continue
		}
		calls := slices.ContainsFunc(p.Pings(), func(ping slackfake.Ping) bool { return ping.TS == m.TS })
		seen := adaptertest.VisibleMessage{
			ID: adapters.MessageID(m.TS), Thread: adapters.MessageID(m.Thread), Text: m.Plain, Name: m.Name, FromBot: m.Mine, NotifiesAll: calls,
		}
		for character, name := range shortcodes {
			if len(m.Reactions[name]) > 0 {
				seen.Reactions = append(seen.Reactions, character)
			}
		}
		all = append(all, seen)
	}
	return all
}
