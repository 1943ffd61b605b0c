//go:build goolm && linux

package bot_test

import (
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters/slack/slackfake"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
)

// TestClosedMatrixRoom closes an encrypted room in all ways that its moderators have, around a question.
func TestClosedMatrixRoom(t *testing.T) {
	skipClosed(t)
	closed := newMatrixPlatform(t, "Amy", "Ben")
	s := slackfake.New(t, slackfake.Options{Limits: slackfake.Limits{Post: 10 * time.Millisecond, Burst: 20}})
	nhs := s.AddWorkspace("nhs", slackfake.WorkspaceOptions{})
	nhs.AddChannel(channel, false)
	amy, me := closed.person("Amy"), closed.bot.ID
	admin := amy.Client()
	must := func(_ any, err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	back := func() { amy.Invite(closed.room, me) }
	levels := func(ban int) func() {
		return func() {
			all := event.PowerLevelsEventContent{Users: map[id.UserID]int{amy.ID: 100}, EventsDefault: ban}
			amy.SetState(closed.room, event.StatePowerLevels, "", &all)
		}
	}
	db := openStore(t, storetest.Address(t))
	t.Cleanup(func() { _ = db.Close() })
	shared, err := db.OpenShared(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shared.Close() })
	holdWithClosures(t, shared, &slackPlatform{nhs, t, s}, closed, []closure{
		{"read only", levels(50), levels(0)},
		{"kicked", func() { amy.Kick(closed.room, me) }, back},
		{"banned", func() { must(admin.BanUser(t.Context(), closed.room, &mautrix.ReqBanUser{UserID: me})) }, func() {
			must(admin.UnbanUser(t.Context(), closed.room, &mautrix.ReqUnbanUser{UserID: me}))
			back()
		}},
	})
}
