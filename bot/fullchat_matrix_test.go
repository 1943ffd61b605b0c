//go:build goolm && linux

package bot_test

import (
	"testing"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
)

// TestFullChat runs a whole chat between a Slack workspace and an encrypted Matrix room on a real homeserver, without
// faults.
func TestFullChat(t *testing.T) {
	if testing.Short() || storetest.OnPostgres() {
		t.Skip("lasts most of a minute; on PostgreSQL, TestFullChatWithFaults is enough")
	}
	t.Parallel()
	server := slackfake.New(t)
	w := server.AddWorkspace("nhs", slackfake.WorkspaceOptions{})
	w.AddChannel(channel, false)
	for _, name := range nhsPeople {
		w.Person(name).Join(channel)
	}
	community := newMatrixPlatform(t, communityPeople[0], communityPeople[1:]...)
	h := &fullChat{T: t, address: storetest.Address(t), nhs: &slackPlatform{w, t, server}, community: community}
	h.play()
	if pings := w.Pings(); len(pings) > 0 {
		t.Errorf("got mentions that notify people: %+v", pings)
	}
}
