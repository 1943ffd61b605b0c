//go:build goolm && linux

package bot

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters/matrix"
	"github.com/ukmedlibs/catchword/adapters/matrix/matrixtest"
	"github.com/ukmedlibs/catchword/bot/store"
)

// BenchmarkMatrixRelay is the time from a participant's send until the copy has reached somebody in another room, at
// five messages a second. In turn, on the same homeserver, the bare client library relays from its own handler, and
// stores nothing. The ratios are the bot's times to the bare library's.
func BenchmarkMatrixRelay(b *testing.B) {
	const every, turns = time.Second / 5, 200
	m, senders := newMatrixBench(b, 10)
	var ours, bare []time.Duration
	for b.Loop() {
		tick := time.NewTicker(every / 2) // so that the two don't meet
		for i := range 2 * turns {
			<-tick.C
			from, root := m.ours[0], m.root
			if i%2 == 1 {
				from, root = m.bare[0], ""
			}
			took := m.relayTime(senders[i/2%len(senders)], from, root, fmt.Sprintf("answer %d: %s", i, answerText))
			if i%2 == 0 {
				ours = append(ours, took)
			} else {
				bare = append(bare, took)
			}
		}
		tick.Stop()
	}
	for _, p := range []float64{50, 99} {
		a, z := percentile(ours, p), percentile(bare, p)
		b.ReportMetric(float64(a.Microseconds())/1000, fmt.Sprintf("p%v-ms", p))
		b.ReportMetric(float64(z.Microseconds())/1000, fmt.Sprintf("p%v-bare-ms", p))
		b.ReportMetric(a.Seconds()/z.Seconds(), fmt.Sprintf("p%v-ratio", p))
	}
}

// BenchmarkMatrixBurst has fifty people send ten messages each, all at once. It fails unless each of the five hundred
// is relayed once, and none before another that was accepted before it was sent. The ratio is the time until all have
// arrived to the time in which they were sent.
func BenchmarkMatrixBurst(b *testing.B) {
	const people, each = 50, 10
	for b.Loop() {
		b.StopTimer()
		m, senders := newMatrixBench(b, people)
		b.StartTimer()
		type span struct{ begin, end time.Time }
		said, spans := time.Now(), make([][each]span, people)
		var all sync.WaitGroup
		for p, sender := range senders {
			all.Go(func() {
				for i := range each {
					begin := time.Now()
					m.send(sender, m.ours[0], m.root, fmt.Sprintf("answer %d by %d", i, p))
					spans[p][i] = span{begin, time.Now()}
				}
			})
		}
		all.Wait()
		taken := time.Since(said)
		m.await(m.ours[1], people*each)
		arrived := time.Since(said)
		b.ReportMetric(arrived.Seconds()/taken.Seconds(), "ratio")
		b.ReportMetric(people*each/arrived.Seconds(), "relayed/s")

		// Anything relayed twice would come before this one.
		m.relayTime(m.client(m.amy.Account), m.ours[0], m.root, "answer at last")
		m.mu.Lock()
		got := m.arrived[m.ours[1]][:len(m.arrived[m.ours[1]])-1]
		m.mu.Unlock()
		relayed, moved := map[span]bool{}, 0
		var latest time.Time // when the latest of those so far was sent
		for _, answer := range got {
			var i, p int
			if _, err := fmt.Sscanf(answer, "answer %d by %d", &i, &p); err != nil {
				b.Fatalf("relayed %q: %v", answer, err)
			}
			s := spans[p][i]
			if relayed[s] = true; s.end.Before(latest) {
				moved++
			}
			if s.begin.After(latest) {
				latest = s.begin
			}
		}
		if len(got) != people*each || len(relayed) != people*each || moved > 0 {
			b.Errorf("of %d answers, %d were relayed %d times, %d of them after later ones", people*each, len(relayed), len(got), moved)
		}
	}
}

func percentile(all []time.Duration, p float64) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[min(len(all)-1, int(float64(len(all))*p/100))]
}

// A matrixBench is a homeserver with a chat of the bot's in two rooms, two more rooms between which a bare client
// relays everything, and somebody who is in all of them.
type matrixBench struct {
	*testing.B
	server     *matrixtest.Server
	amy        *matrixtest.Person // who made the rooms
	ours, bare [2]id.RoomID
	root       id.EventID // of the live question, in the first of ours

	mu      sync.Mutex
	arrived map[id.RoomID][]string // what was relayed
	waiting map[string]chan time.Time
	changed chan struct{} // closed when something arrives
}

// newMatrixBench has some people in the rooms from which messages are relayed.
func newMatrixBench(b *testing.B, people int) (m *matrixBench, senders []*mautrix.Client) {
	m = &matrixBench{B: b, server: matrixtest.Start(b), arrived: map[id.RoomID][]string{}, waiting: map[string]chan time.Time{}, changed: make(chan struct{})}
	m.amy = m.server.Person("Amy Adams")
	bot, bare := m.server.Register("catchword"), m.server.Register("bare")
	for i := range 2 {
		m.ours[i] = m.amy.MakeRoom(matrixtest.Room{Alias: fmt.Sprintf("ours%d", i), Public: true})
		m.bare[i] = m.amy.MakeRoom(matrixtest.Room{Public: true})
	}
	for i := range people {
		client := m.client(m.server.Register(fmt.Sprintf("person%d", i)))
		for _, room := range []id.RoomID{m.ours[0], m.bare[0]} {
			_, err := client.JoinRoomByID(m.Context(), room)
			m.must(err)
		}
		senders = append(senders, client)
	}
	m.startBot(bot)
	m.relayBare(bare)
	m.watchArrivals()
	return m, senders
}

// startBot has the bot run a chat in our rooms until the end of the benchmark, and waits for its first question.
func (m *matrixBench) startBot(account matrixtest.Account) {
	db, err := store.Open(m.Context(), "sqlite:"+filepath.Join(m.TempDir(), "catchword.db"))
	m.must(err)
	m.Cleanup(func() { db.Close() })
	shared, err := db.OpenShared(m.Context())
	m.must(err)
	m.Cleanup(func() { shared.Close() })
	config := matrix.Config{Name: "community", Homeserver: m.server.URL(), AccessToken: account.Token, Database: shared}
	var rooms []RoomConfig
	for i := range 2 {
		config.Rooms = append(config.Rooms, matrixtest.Alias(fmt.Sprintf("ours%d", i)))
		rooms = append(rooms, RoomConfig{Name: config.Rooms[i]})
	}
	bot := New(db, Options{}, Workspace{Name: "community", Adapter: matrix.New(config), Rooms: rooms})
	c := testChat()
	c.Starts = time.Now().Add(time.Second)
	c.Ends, c.LeadIn = c.Starts.Add(time.Hour), time.Second
	m.must(bot.Schedule(m.Context(), c))
	m.run(func(ctx context.Context) error { return bot.Run(ctx) })
	for i, room := range m.ours {
		all := m.amy.WaitUntil(room, "the question is asked", func(all []matrixtest.Message) bool {
			return slices.ContainsFunc(all, isQuestion)
		})
		if i == 0 {
			m.root = all[slices.IndexFunc(all, isQuestion)].ID
		}
	}
}

func isQuestion(m matrixtest.Message) bool { return strings.Contains(m.Text, "What about matter 1?") }

// relayBare relays like the library's own examples, with a handler of its syncer.
func (m *matrixBench) relayBare(account matrixtest.Account) {
	client := m.client(account)
	for _, room := range m.bare {
		_, err := client.JoinRoomByID(m.Context(), room)
		m.must(err)
	}
	syncer := mautrix.NewDefaultSyncer()
	syncer.OnEventType(event.EventMessage, func(ctx context.Context, e *event.Event) {
		if e.RoomID != m.bare[0] || e.Sender == account.ID {
			return
		}
		if _, err := client.SendMessageEvent(ctx, m.bare[1], event.EventMessage, e.Content.AsMessage()); err != nil && ctx.Err() == nil {
			m.Errorf("relay barely: %v", err)
		}
	})
	client.Syncer, client.Store = syncer, mautrix.NewMemorySyncStore()
	m.run(func(ctx context.Context) error { return client.SyncWithContext(ctx) })
}

// watchArrivals notes when relayed messages reach somebody who is in all rooms.
func (m *matrixBench) watchArrivals() {
	client := m.client(m.amy.Account)
	answer, err := client.FullSyncRequest(m.Context(), mautrix.ReqSync{})
	m.must(err)
	m.run(func(ctx context.Context) error {
		for since := answer.NextBatch; ; {
			answer, err := client.FullSyncRequest(ctx, mautrix.ReqSync{Since: since, Timeout: 30_000, FilterID: `{"room":{"timeline":{"limit":1000}}}`})
			if err != nil {
				return err
			}
			since = answer.NextBatch
			for _, room := range []id.RoomID{m.ours[0], m.ours[1], m.bare[1]} {
				if joined := answer.Rooms.Join[room]; joined != nil {
					m.recordArrivals(room, joined.Timeline.Events, time.Now())
				}
			}
		}
	})
}

func (m *matrixBench) recordArrivals(room id.RoomID, events []*event.Event, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range events {
		if answer, ok := answerIn(e); ok {
			m.arrived[room] = append(m.arrived[room], answer)
			if waiting := m.waiting[answer]; waiting != nil && room != m.ours[0] {
				waiting <- now
				delete(m.waiting, answer)
			}
		}
	}
	close(m.changed)
	m.changed = make(chan struct{})
}

// answerIn returns an answer without the name before it.
func answerIn(e *event.Event) (string, bool) {
	if e.Type.Type != event.EventMessage.Type {
		return "", false
	}
	body, _ := e.Content.Raw["body"].(string)
	if i := strings.Index(body, "answer "); i >= 0 && e.Content.Raw["msgtype"] == "m.text" {
		return body[i:], true
	}
	return "", false
}

// await waits until n answers have arrived in a room.
func (m *matrixBench) await(room id.RoomID, n int) {
	timeout := time.After(2 * time.Minute)
	for {
		m.mu.Lock()
		got, changed := len(m.arrived[room]), m.changed
		m.mu.Unlock()
		if got >= n {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			m.Fatalf("timed out waiting for %d answers in %s: got %d", n, room, got)
		}
	}
}

// relayTime measures how long an answer takes from one room to the other.
func (m *matrixBench) relayTime(sender *mautrix.Client, room id.RoomID, root id.EventID, text string) time.Duration {
	arrival := make(chan time.Time, 1)
	m.mu.Lock()
	m.waiting[text] = arrival
	m.mu.Unlock()
	begin := time.Now()
	m.send(sender, room, root, text)
	select {
	case at := <-arrival:
		return at.Sub(begin)
	case <-time.After(time.Minute):
		m.Fatalf("%q did not arrive within a minute", text)
		return 0
	}
}

func (m *matrixBench) send(sender *mautrix.Client, room id.RoomID, root id.EventID, text string) {
	c := &event.MessageEventContent{MsgType: event.MsgText, Body: text, Mentions: &event.Mentions{}}
	if root != "" {
		c.RelatesTo = (&event.RelatesTo{}).SetThread(root, root)
	}
	if _, err := sender.SendMessageEvent(m.Context(), room, event.EventMessage, c); err != nil {
		m.Errorf("say: %v", err)
	}
}

// client reaches the homeserver through the same proxy as the bot, so that the comparison is fair.
func (m *matrixBench) client(account matrixtest.Account) *mautrix.Client {
	client, err := mautrix.NewClient(m.server.URL(), account.ID, account.Token)
	m.must(err)
	client.DeviceID = account.Device
	return client
}

// run runs something until the end of the benchmark.
func (m *matrixBench) run(f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f(ctx) }()
	m.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && ctx.Err() == nil {
			m.Error(err)
		}
	})
}

func (m *matrixBench) must(err error) {
	if err != nil {
		m.Helper()
		m.Fatal(err)
	}
}
