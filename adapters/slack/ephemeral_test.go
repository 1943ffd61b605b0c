package slack_test

import (
	"errors"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

var buttonPost = adapters.Post{
	Text:    "**Q2** in two minutes.\n\n- `next` asks it now",
	Buttons: []adapters.Button{{Label: "Next", Command: "next q2"}, {Label: "Hold", Command: "hold"}},
}

func (h *fixture) postEphemeral(to *slackfake.Person, p adapters.Post) error {
	return h.slack.PostEphemeral(h.Context(), adapters.UserID(to.ID()), p)
}

func (h *fixture) press(channel string, m slackfake.Message, label string) slackfake.Response {
	h.Helper()
	if len(m.Buttons[label]) != 1 {
		h.Fatalf("got the buttons %v, want one %q", m.Buttons, label)
	}
	return h.amy.Click(channel, m.TS, m.Buttons[label][0])
}

func TestPressedButtonIsMarked(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	if err := h.postEphemeral(h.amy, buttonPost); err != nil {
		t.Fatal(err)
	}
	card := h.Posts(h.amy.DMChannel())[0]
	if r := h.press(h.amy.DMChannel(), card, "Next"); !r.Acked {
		t.Errorf("got %+v, want it acknowledged", r)
	}
	if got := h.command(); got.Text != "next q2" || got.User != h.author(h.amy) || got.Room != "" || !strings.HasSuffix(got.ID, "/"+h.amy.ID()+"/"+card.TS) {
		t.Errorf("got %+v, want Amy's press of next", got)
	}
	h.eventually("the card is marked", func() bool {
		m, _ := h.Message(h.amy.DMChannel(), card.TS)
		return len(m.Buttons) == 0 && strings.Contains(m.Plain, "You pressed Next") && strings.Contains(m.Plain, "in two minutes") && strings.Contains(m.Plain, "asks it now")
	})

	p := buttonPost
	p.Room = h.id
	if err := h.postEphemeral(h.amy, p); err != nil {
		t.Fatal(err)
	}
	card = h.Ephemerals(room)[0]
	if r := h.press(room, card, "Hold"); !r.Acked {
		t.Errorf("got %+v, want it acknowledged", r)
	}
	if got := h.command(); got.Text != "hold" || got.Room != h.id {
		t.Errorf("got %+v, want Amy's press of hold in the room", got)
	}
	h.eventually("the card is marked", func() bool {
		m := h.Ephemerals(room)[0]
		return len(m.Buttons) == 0 && strings.Contains(m.Plain, "You pressed Hold")
	})
	if got := h.Posts(room); len(got) != 0 {
		t.Errorf("got %+v in the room, want nothing", got)
	}
}

func TestPressNotStored(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	h.refuse = func(u adapters.Update) error {
		if _, ok := u.(*adapters.Command); ok {
			return errors.New("the disk is full")
		}
		return nil
	}
	if err := h.postEphemeral(h.amy, buttonPost); err != nil {
		t.Fatal(err)
	}
	card := h.Posts(h.amy.DMChannel())[0]
	if r := h.press(h.amy.DMChannel(), card, "Next"); r.Acked {
		t.Errorf("got %+v, want it not acknowledged", r)
	}
	h.eventually("Amy is told", func() bool {
		told := h.Ephemerals(h.amy.DMChannel())
		return len(told) == 1 && strings.Contains(told[0].Plain, "nothing has happened")
	})
	if m, _ := h.Message(h.amy.DMChannel(), card.TS); len(m.Buttons) != 2 {
		t.Errorf("got %+v, want the card as it was", m)
	}
}

func TestButtonsOfOthers(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	api := slackgo.New(h.BotToken(), slackgo.OptionAPIURL(h.server.APIURL()), slackgo.OptionHTTPClient(h.client))
	button := slackgo.NewButtonBlockElement("other", "end", slackgo.NewTextBlockObject(slackgo.PlainTextType, "Other", false, false))
	_, ts, err := api.PostMessageContext(t.Context(), h.ChannelID(room), slackgo.MsgOptionBlocks(slackgo.NewActionBlock("", button)))
	if err != nil {
		t.Fatal(err)
	}
	if r := h.amy.Click(room, ts, "other"); !r.Acked {
		t.Errorf("got %+v, want it acknowledged", r)
	}
	h.wantUpdates("a button that is not for commands")
}

func TestEphemeralFallsBackToDM(t *testing.T) {
	h := newFixture(t, slackfake.WorkspaceOptions{})
	ben := h.Person("Ben Brown")
	for range 2 {
		p := buttonPost
		p.Room = h.id
		if err := h.postEphemeral(ben, p); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.Posts(ben.DMChannel()); len(got) != 2 || got[0].Name != "catchword" || len(got[0].Buttons) != 2 {
		t.Errorf("got %+v in his direct messages, want two cards", got)
	}
	if n := h.CallCount("conversations.open"); n != 1 {
		t.Errorf("got %d calls to find his direct messages, want one", n)
	}
	h.wantUpdates("own direct messages")
}

func TestEphemeralFailures(t *testing.T) {
	for name, o := range map[string]slackfake.WorkspaceOptions{
		"im:write": {Scopes: slackfake.AllScopesExcept("im:write")}, "Messages tab": {NoMessagesTab: true},
	} {
		h := newStoppedFixture(t, o)
		err := h.postEphemeral(h.amy, buttonPost)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: got %v, want an error that names it", name, err)
		}
		if got := errors.Is(err, errors.ErrUnsupported); got != (name == "im:write") {
			t.Errorf("without %s: got %v, want ErrUnsupported for a scope alone", name, err)
		}
		p := buttonPost
		p.Room = h.id
		if err := h.postEphemeral(h.amy, p); err != nil || len(h.Ephemerals(room)) != 1 {
			t.Errorf("without %s, in the room: got %v and %+v, want it said", name, err, h.Ephemerals(room))
		}
	}
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	h.Fault(func(f *slackfake.Faults) { f.RefuseNext = 1 })
	err := h.postEphemeral(h.amy, buttonPost)
	if _, passes := errors.AsType[*adapters.RetryError](err); !passes {
		t.Errorf("Slack is down: got %v, want a RetryError", err)
	}
	if err := h.slack.PostEphemeral(t.Context(), "U0NOBODY", buttonPost); err == nil || errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("to nobody: got %v, want an error", err)
	}
}

// What Slack refuses as blocks is posted as text.
func TestInvalidButtons(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	p := buttonPost
	p.Buttons = []adapters.Button{{Label: " ", Command: "x"}, {Label: "Ask", Command: "ask " + strings.Repeat("why ", 600)}, {Label: strings.Repeat("Next ", 20), Command: "next"}}
	if err := h.postEphemeral(h.amy, p); err != nil {
		t.Fatal(err)
	}
	got := h.Posts(h.amy.DMChannel())
	if len(got) != 1 || len(got[0].Buttons) != 1 || !strings.Contains(got[0].Plain, "asks it now") {
		t.Errorf("got %+v, want the text and the one button that Slack takes", got)
	}
}
