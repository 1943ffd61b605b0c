//go:build goolm && linux

package matrixtest_test

import (
	"os"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// TestBuild builds the homeserver if it has to: `make setup` calls it, so that no other test waits.
func TestBuild(t *testing.T) {
	file, err := os.ReadFile("../testdata/dendrite/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if want := "github.com/element-hq/dendrite " + matrixtest.DendriteVersion; !strings.Contains(string(file), want) {
		t.Errorf("the module of the homeserver does not require %s", want)
	}
	if _, err := matrixtest.Build(t.Context(), func(what string) { t.Log(what) }); err != nil {
		t.Error(err)
	}
}

func TestServerKeepsItsState(t *testing.T) {
	s := matrixtest.Start(t)
	amy, ben := s.Person("Amy Adams"), s.Person("Ben")
	room := amy.MakeRoom(matrixtest.Room{Alias: "kept", Public: true, Encrypted: true})
	ben.Join(matrixtest.Alias("kept"))
	sent := []id.EventID{amy.SendText(room, "before all")}
	seen := func() []matrixtest.Message {
		return ben.WaitUntil(room, "the last is there", has(sent[len(sent)-1]))
	}
	for _, stop := range []func(){s.Down, s.Kill} {
		seen() // what it has just accepted may be lost with it
		stop()
		while := make(chan id.EventID)
		go func() { while <- ben.SendText(room, "while it was down") }()
		s.Up()
		sent = append(sent, <-while)
	}
	s.Pause()
	s.Resume()
	sent = append(sent, amy.SendText(room, "after all"))
	got := seen()
	if len(got) != len(sent) {
		t.Fatalf("got %+v, want %d messages", got, len(sent))
	}
	for i, m := range got {
		if m.ID != sent[i] || m.Unreadable || !m.Encrypted {
			t.Errorf("got %+v as message %d, want %s", m, i, sent[i])
		}
	}
}

func TestLogin(t *testing.T) {
	s := matrixtest.Start(t)
	first := s.Register("bot")
	second := s.Login(first)
	if first.Device == second.Device || first.Token == second.Token || first.ID != "@bot:"+matrixtest.ServerName {
		t.Errorf("got accounts %+v and %+v, want two devices of @bot", first, second)
	}
	for _, a := range []matrixtest.Account{first, second} {
		if who, err := s.Client(a).Whoami(t.Context()); err != nil || who.UserID != a.ID || who.DeviceID != a.Device {
			t.Errorf("whoami of %+v: got %+v, %v", a, who, err)
		}
	}
}
