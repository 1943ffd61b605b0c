//go:build goolm && linux

package matrix_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
)

// sendMany has Amy send n messages, every second one in the thread of root.
func (c *env) sendMany(root id.EventID, n int) (sent []id.EventID) {
	for i := range n {
		words := fmt.Sprintf("Thing no. %d.", i)
		if i%2 == 0 {
			sent = append(sent, c.amy.SendText(c.room, words))
		} else {
			sent = append(sent, c.amy.SendInThread(c.room, root, words))
		}
	}
	return sent
}

// waitAll waits until everything was received, and checks order and text.
func (l *receiver) waitAll(sent []id.EventID, first int) {
	l.t.Helper()
	l.waitMessage(sent[len(sent)-1])
	for _, e := range sent {
		l.waitMessage(e)
	}
	var order []id.EventID
	for _, m := range l.messages() {
		if i := slices.Index(sent, id.EventID(m.ID)); i >= 0 {
			order = append(order, id.EventID(m.ID))
			if want := fmt.Sprintf("Thing no. %d.", first+i); m.Text != want || (m.Thread != "") != (i%2 == 1) || m.Author.Name != "Amy Adams" {
				l.t.Errorf("received %+v, want %q of Amy's", *m, want)
			}
		}
	}
	if !slices.Equal(order, sent) {
		l.t.Errorf("received %d messages in the order %v, want %v", len(order), order, sent)
	}
}

// TestReceiveAfterRestart has people send more than one sync returns.
func TestReceiveAfterRestart(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		before := c.startReceiver(c.config(), nil)
		root := before.post(adapters.Post{Text: "Q1"})
		before.waitMessage(c.amy.SendText(c.room, "before"))
		before.stop()
		sent := c.sendMany(root, 130)
		after := c.startReceiver(c.config(), nil)
		after.waitAll(sent, 0)
		if filled := after.Report().Backfills; filled == 0 {
			t.Errorf("got %d gaps filled, want more messages than one sync returns", filled)
		}
	})
}

// TestReceiveConcurrentMessages has many people talk at the same time while the bot is stopped: then the homeserver's
// own pages have gaps.
func TestReceiveConcurrentMessages(t *testing.T) {
	t.Parallel()
	c := newEnv(t, false)
	before := c.startReceiver(c.config(), nil)
	root := before.post(adapters.Post{Text: "Q1"})
	before.waitMessage(c.amy.SendText(c.room, "before"))
	before.stop()
	const people, each = 10, 20
	sent := make(chan id.EventID, people*each)
	var talking sync.WaitGroup
	for i := range people {
		p := c.Person(fmt.Sprintf("Person %d", i))
		p.Join(c.room.String())
		talking.Go(func() {
			for range each {
				sent <- p.SendInThread(c.room, root, "at once")
			}
		})
	}
	talking.Wait()
	close(sent)
	after := c.startReceiver(c.config(), nil)
	var all []id.EventID
	for e := range sent {
		after.waitMessage(e)
		all = append(all, e)
	}
	after.stop()
	reading := matrix.New(c.config()) // which hasn't received any of it
	room, err := reading.Join(t.Context(), matrixtest.Alias("ukmedlibs"))
	if err != nil {
		t.Fatal(err)
	}
	read := map[id.EventID]bool{}
	for m, err := range reading.History(t.Context(), room.ID, adapters.MessageID(root), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		if read[id.EventID(m.ID)] {
			t.Errorf("read %s twice", m.ID)
		}
		read[id.EventID(m.ID)] = true
	}
	for _, e := range all {
		if !read[e] {
			t.Errorf("did not read %s, which exists", e)
		}
	}
}

// TestReceiveWhileSinkBlocks has people send 80 messages while nothing can be stored.
func TestReceiveWhileSinkBlocks(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		blocked := make(chan struct{})
		l := c.startReceiver(c.config(), func(u adapters.Update) error {
			if m, ok := u.(*adapters.Message); ok && m.Text == "Thing no. 0." {
				<-blocked
			}
			return nil
		})
		root := l.post(adapters.Post{Text: "Q1"})
		sent := c.sendMany(root, 80)
		close(blocked)
		l.waitAll(sent, 0)
	})
}

// TestHomeserverRestarts stops and kills the homeserver in the middle of a chat: the bot receives whatever people see.
func TestHomeserverRestarts(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		l := c.startReceiver(c.config(), nil)
		root := l.post(adapters.Post{Text: "Q1"})
		for i, stop := range []func(){c.Down, c.Kill, c.Down} {
			c.sendMany(root, 6)
			stop()
			if _, err := l.Post(t.Context(), adapters.Post{Key: fmt.Sprint("down ", i), Room: l.room.ID, Text: "while it is down"}); !isRetry(err) {
				t.Errorf("Post while the homeserver is down: got %v, want a RetryError", err)
			}
			c.Up()
			c.sendMany(root, 2)
			p := adapters.Post{Key: fmt.Sprint("down ", i), Retry: true, Thread: adapters.MessageID(root), Text: "while it was down"}
			l.post(p)
			l.post(p)
		}
		last := c.amy.SendText(c.room, "the last")
		l.waitMessage(last)
		sent, own := 0, 0
		for _, m := range c.amy.WaitUntil(c.room, "the last is there", has(last)) {
			if m.Sender == c.amy.ID {
				sent++
				if got := l.waitMessage(m.ID); got.Text != m.Text && m.Text != "the last" || got.Thread != adapters.MessageID(m.Thread) {
					t.Errorf("received %+v, want it as Amy sees it: %+v", *got, m)
				}
			} else if m.Text == "while it was down" {
				own++
			}
		}
		if sent < 20 || own != 3 {
			t.Errorf("got %d messages of Amy's and %d of the bot's, want about 25 and 3", sent, own)
		}
		l.until("a gap is told", func() bool { return len(updates[*adapters.Gap](l)) > 0 })
	})
}

func isRetry(err error) bool {
	_, ok := errors.AsType[*adapters.RetryError](err)
	return ok
}

func has(message id.EventID) func([]matrixtest.Message) bool {
	return func(all []matrixtest.Message) bool {
		return slices.ContainsFunc(all, func(m matrixtest.Message) bool { return m.ID == message })
	}
}

// TestConnectionsFail cuts, refuses and delays at random. Each post is seen once, and every message is received.
func TestConnectionsFail(t *testing.T) {
	eachRoomKind(t, func(t *testing.T, c *env) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		c.proxy.Seed(seed)
		l := c.startReceiver(c.config(), nil)
		root := l.post(adapters.Post{Text: "Q1"})
		c.proxy.SetFaults(func(f *matrixtest.Faults) {
			f.RefuseChance, f.LoseChance, f.BreakChance, f.TruncateChance, f.RequestDelay = 0.1, 0.2, 0.1, 0.3, 2*time.Millisecond
		})
		var sent []id.EventID
		for i := range 20 {
			words := fmt.Sprintf("Thing no. %d.", i)
			sent = append(sent, c.amy.SendInThread(c.room, root, words))
			if i%7 == 3 {
				c.proxy.CloseConns()
			}
			p := adapters.Post{Key: words, Room: l.room.ID, Thread: adapters.MessageID(root), Text: "Copy of thing no. " + fmt.Sprint(i)}
			for tries := 1; ; tries++ {
				if _, err := l.Post(t.Context(), p); err == nil {
					break
				} else if !isRetry(err) || tries == 30 {
					t.Fatalf("try %d: %v, want a RetryError", tries, err)
				}
				p.Retry = true
			}
		}
		c.proxy.SetFaults(func(f *matrixtest.Faults) { *f = matrixtest.Faults{} })
		for _, e := range sent {
			l.waitMessage(e)
		}
		copies := map[string]int{}
		all := c.amy.WaitUntil(c.room, "the last copy is there", func(all []matrixtest.Message) bool {
			return slices.ContainsFunc(all, func(m matrixtest.Message) bool { return m.Text == "Copy of thing no. 19" })
		})
		for _, m := range all {
			if m.Sender == c.bot.ID && m.ID != root {
				copies[m.Text]++
				if m.Thread != root {
					t.Errorf("got %+v, want it in the thread", m)
				}
			}
		}
		for words, n := range copies {
			if n != 1 {
				t.Errorf("got %q %d times, want once", words, n)
			}
		}
		if len(copies) != len(sent) {
			t.Errorf("got %d copies, want %d", len(copies), len(sent))
		}
	})
}

// TestLimitInOneRoom limits one room. The error says for how long, and other rooms are not affected.
func TestLimitInOneRoom(t *testing.T) {
	t.Parallel()
	c := newEnv(t, false)
	other := c.amy.MakeRoom(matrixtest.Room{Alias: "other", Public: true})
	config := c.config()
	config.Rooms = append(config.Rooms, matrixtest.Alias("other"))
	m := matrix.New(config)
	var rooms []adapters.Room
	for _, name := range config.Rooms {
		r, err := m.Join(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		rooms = append(rooms, r)
	}
	c.proxy.SetFaults(func(f *matrixtest.Faults) { f.LimitNext, f.RetryAfter = map[id.RoomID]int{c.room: 1}, 7*time.Second })
	limited := adapters.Post{Key: "a", Room: rooms[0].ID, Text: "a"}
	begin := time.Now()
	_, err := m.Post(t.Context(), limited)
	if retry, ok := errors.AsType[*adapters.RetryError](err); !ok || retry.After < 6*time.Second || retry.After > 7*time.Second {
		t.Errorf("Post into a limited room: got %v, want a RetryError after 7s", err)
	}
	if _, err := m.Post(t.Context(), adapters.Post{Key: "b", Room: rooms[1].ID, Text: "b"}); err != nil {
		t.Errorf("Post into another room: %v", err)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("both posts took %v, want neither to wait", took)
	}
	c.amy.WaitUntil(other, "the post is in the other room", func(all []matrixtest.Message) bool { return len(all) == 1 })
}

// TestUnfillableGapIsReported has the homeserver refuse for good to send what a sync left out.
func TestUnfillableGapIsReported(t *testing.T) {
	t.Parallel()
	c := newEnv(t, false)
	before := c.startReceiver(c.config(), nil)
	root := before.post(adapters.Post{Text: "Q1"})
	before.waitMessage(c.amy.SendText(c.room, "before"))
	before.stop()
	sent := c.sendMany(root, 110)
	config := c.config()
	refusing := &lateServer{next: c.client.Transport, path: "/messages", refusal: "M_FORBIDDEN"}
	refusing.denials.Store(1)
	config.HTTPClient = &http.Client{Transport: refusing}
	after := c.startReceiver(config, nil)
	after.waitMessage(sent[len(sent)-1])
	after.until("the gap is told", func() bool { return len(updates[*adapters.Gap](after)) > 0 })
	if gap := updates[*adapters.Gap](after)[0]; gap.Since.IsZero() || gap.Since.After(after.waitMessage(sent[0]).At) {
		t.Errorf("received %+v, want it to begin before the first that was not received", *gap)
	}
}

// TestSilentSync keeps a connection open without answering on it. This is noticed soon, and nothing is lost.
func TestSilentSync(t *testing.T) {
	t.Parallel()
	c := newEnv(t, false)
	l := c.startReceiver(c.config(), nil, func(m *matrix.Matrix) { m.SetTimeouts(time.Second, time.Second) })
	l.waitMessage(c.amy.SendText(c.room, "before"))
	var silent atomic.Int32
	c.proxy.SetFaults(func(f *matrixtest.Faults) {
		f.Hang = func(r *matrixtest.Request) bool { return strings.HasSuffix(r.Path, "/sync") && silent.Add(1) == 1 }
	})
	l.until("a sync gets no answer", func() bool { return silent.Load() > 0 })
	sent := c.amy.SendText(c.room, "into silence")
	l.waitMessage(sent)
	l.until("a gap is told", func() bool { return len(updates[*adapters.Gap](l)) > 0 })
	if r := l.Report(); r.Reconnects != 1 || !r.Receiving {
		t.Errorf("got %+v, want one connection lost, and that it receives", r)
	}
}
