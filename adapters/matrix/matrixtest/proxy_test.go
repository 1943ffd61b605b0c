//go:build goolm && linux

package matrixtest_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

func TestFaults(t *testing.T) {
	s := matrixtest.Start(t)
	amy, bot := s.Person("Amy"), s.Register("bot")
	room := amy.MakeRoom(matrixtest.Room{Public: true})
	other := amy.MakeRoom(matrixtest.Room{Public: true})
	proxy := s.Proxy()
	c, err := mautrix.NewClient(proxy.URL(), bot.ID, bot.Token)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	c.Client = &http.Client{Transport: transport}
	defer transport.CloseIdleConnections()
	for _, r := range []id.RoomID{room, other} {
		if _, err := c.JoinRoomByID(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	sent, before := 0, 0
	say := func(to id.RoomID) (took time.Duration, arrived int, err error) {
		begin := time.Now()
		_, err = c.SendText(t.Context(), to, "words")
		took = time.Since(begin)
		sent++
		// When a later message is there, the first is there too, or never will be.
		all := amy.WaitUntil(to, "a marker is there", has(amy.SendText(to, "marker")))
		arrived, before = len(all)-1-before, len(all)
		return took, arrived, err
	}
	status := func(err error) int {
		if e, ok := errors.AsType[mautrix.HTTPError](err); ok && e.Response != nil {
			return e.Response.StatusCode
		}
		return 0
	}
	for _, test := range []struct {
		what    string
		set     func(*matrixtest.Faults)
		failed  bool
		status  int
		arrived int
	}{
		{"nothing", func(*matrixtest.Faults) {}, false, 0, 1},
		{"lost", func(f *matrixtest.Faults) { f.LoseNext = 1 }, true, 0, 1},
		{"broken", func(f *matrixtest.Faults) { f.BreakNext = 1 }, true, http.StatusBadGateway, 1},
		{"refused", func(f *matrixtest.Faults) { f.RefuseNext = 1 }, true, http.StatusServiceUnavailable, 0},
		{"down", func(f *matrixtest.Faults) { f.Down = true }, true, 0, 0},
		{"limited", func(f *matrixtest.Faults) {
			f.Down, f.LimitNext, f.RetryAfter = false, map[id.RoomID]int{room: 1}, 70*time.Millisecond
		}, true, http.StatusTooManyRequests, 0},
		{"limited elsewhere", func(f *matrixtest.Faults) { f.LimitNext = map[id.RoomID]int{other: 1} }, false, 0, 1},
		{"forbidden", func(f *matrixtest.Faults) { f.Forbid = map[id.RoomID]bool{room: true} }, true, http.StatusForbidden, 0},
		{"allowed", func(f *matrixtest.Faults) { f.Forbid = nil }, false, 0, 1},
	} {
		proxy.SetFaults(test.set)
		_, arrived, err := say(room)
		if (err != nil) != test.failed || status(err) != test.status || arrived != test.arrived {
			t.Errorf("%s: got %d messages and status %d, %v, want %d and %d, an error: %v", test.what, arrived, status(err), err, test.arrived, test.status, test.failed)
		}
		if test.status == http.StatusTooManyRequests {
			e, _ := errors.AsType[mautrix.HTTPError](err)
			if got := e.RespError.ExtraData["retry_after_ms"]; !errors.Is(err, mautrix.MLimitExceeded) || got != 70.0 {
				t.Errorf("a limit: got %v, retry after %v ms, want 70", err, got)
			}
		}
	}
	sends := 0
	for _, r := range proxy.Requests() {
		if r.Send && r.Room == room {
			sends++
		}
	}
	if sends != sent {
		t.Errorf("the proxy saw %d sends, want %d", sends, sent)
	}
	proxy.SetFaults(func(f *matrixtest.Faults) { f.RequestDelay, f.ResponseDelay = 20*time.Millisecond, 30*time.Millisecond })
	if took, arrived, err := say(room); err != nil || arrived != 1 || took < 50*time.Millisecond {
		t.Errorf("with delays: got %d messages after %v, %v, want one after 50ms", arrived, took, err)
	}
	proxy.SetFaults(func(f *matrixtest.Faults) { *f = matrixtest.Faults{TruncateNext: 1} })
	if got, err := c.SyncRequest(t.Context(), 0, "", "", false, ""); err == nil {
		t.Errorf("a sync that was cut: got %+v", got)
	}
	if _, err := c.SyncRequest(t.Context(), 0, "", "", false, ""); err != nil {
		t.Errorf("a sync: %v", err)
	}
}

// TestCloseConns breaks a long poll from outside, and by stopping the homeserver.
func TestCloseConns(t *testing.T) {
	s := matrixtest.Start(t)
	bot, proxy := s.Register("bot"), s.Proxy()
	c, err := mautrix.NewClient(proxy.URL(), bot.ID, bot.Token)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	c.Client = &http.Client{Transport: transport}
	defer transport.CloseIdleConnections()
	first, err := c.SyncRequest(t.Context(), 0, "", "", false, "")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	poll := func() {
		seen := len(proxy.Requests())
		go func() {
			for since := first.NextBatch; ; { // the homeserver may have news after all
				resp, err := c.SyncRequest(t.Context(), 20000, since, "", false, "")
				if err != nil {
					ended <- err
					return
				}
				since = resp.NextBatch
			}
		}()
		for len(proxy.Requests()) == seen {
			time.Sleep(time.Millisecond)
		}
	}
	poll()
	proxy.SetFaults(func(f *matrixtest.Faults) { f.Down = true })
	proxy.CloseConns()
	if err := <-ended; err == nil {
		t.Error("a poll that was cut: got an answer, want an error")
	}
	proxy.SetFaults(func(f *matrixtest.Faults) { f.Down = false })
	poll()
	s.Kill()
	if err := <-ended; err == nil {
		t.Error("a poll when the homeserver is killed: got an answer, want an error")
	}
}
