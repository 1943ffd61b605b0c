package slack_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
)

func TestJoin(t *testing.T) {
	h := newStoppedFixture(t, slackfake.WorkspaceOptions{})
	for n := range 40 {
		h.AddChannel(fmt.Sprintf("channel-%d", n), false)
	}
	secret := h.AddChannel("secret", true)
	h.AddChannel("old", false)
	h.Archive("old")
	h.Fault(func(f *slackfake.Faults) { f.ShortPages = true })

	for _, name := range []string{"#channel-39", "channel-39", "#Channel-39", h.ChannelID("channel-39")} {
		got, err := h.slack.Join(t.Context(), name)
		if want := (adapters.Room{ID: adapters.RoomID(h.ChannelID("channel-39")), Name: "#channel-39", MinInterval: time.Second}); err != nil || got != want {
			t.Errorf("Join(%q): got %+v, %v, want %+v", name, got, err, want)
		}
	}
	_, err := h.slack.Join(t.Context(), "#secret")
	h.wantPermanent("a private room by name", err, "#secret", "/invite @catchword")
	_, err = h.slack.Join(t.Context(), secret)
	h.wantPermanent("a private room by ID", err, secret, "/invite @catchword")
	_, err = h.slack.Join(t.Context(), "#old")
	h.wantPermanent("an archived room", err, "#old", "archived", "unarchive")
	_, err = h.slack.Join(t.Context(), "#")
	h.wantPermanent("no name", err, "not a channel name")

	h.Invite("secret")
	if got, err := h.slack.Join(t.Context(), "#secret"); err != nil || string(got.ID) != secret {
		t.Errorf("a private room after the invitation: got %+v, %v", got, err)
	}
	h.SetScopes(slackfake.AllScopesExcept("channels:join"))
	_, err = h.slack.Join(t.Context(), "#channel-1")
	h.wantPermanent("without the scope to join", err, "channels:join", "/invite @catchword in #channel-1")
	h.Fault(func(f *slackfake.Faults) { f.RefuseChance = 1 })
	_, err = h.slack.Join(t.Context(), "#channel-2")
	h.wantRetry("while Slack is down", err)
}
