package bot

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

// recorder is an adapter for the two rooms of the frozen database. It notes posts, and delivers the updates that it is
// given.
type recorder struct {
	room    adapters.RoomID
	updates chan adapters.Update

	mu     sync.Mutex
	posted []adapters.Post
}

func (r *recorder) Join(context.Context, string) (adapters.Room, error) {
	return adapters.Room{ID: r.room, Name: string(r.room)}, nil
}

func (r *recorder) Run(ctx context.Context, sink adapters.Sink) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case u := <-r.updates:
			if err := sink(ctx, u); err != nil {
				return err
			}
		}
	}
}

func (r *recorder) Post(_ context.Context, p adapters.Post) (adapters.MessageID, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.posted = append(r.posted, p)
	return adapters.MessageID(fmt.Sprintf("new-%d", len(r.posted))), nil
}

// TestFrozenDatabase continues a chat from the database that an earlier version left during the third question.
func TestFrozenDatabase(t *testing.T) {
	const slug = "2015-08-18-health-and-public-libraries"
	address := storetest.Unpack(t, "store/testdata/v5.db.gz")
	if storetest.OnPostgres() {
		address = toPostgres(t, address)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		london, err := time.LoadLocation("Europe/London")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Date(2015, 8, 18, 20, 0, 0, 0, london)
		time.Sleep(time.Until(start.Add(32 * time.Minute)))
		db, err := store.Open(ctx, address)
		if err != nil {
			t.Fatal(err)
		}
		db.DisableLeases()
		before := map[string]bool{}
		steps, err := db.AgendaPosts(ctx, slug)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range steps {
			before[p.Key] = p.Message != ""
		}
		rooms := map[string]*recorder{
			"nhs":    {room: "#ukmedlibs", updates: make(chan adapters.Update)},
			"public": {room: "#library-chat", updates: make(chan adapters.Update)},
		}
		bot := New(db, Options{},
			Workspace{Name: "nhs", Adapter: rooms["nhs"], Rooms: []RoomConfig{{Name: "#ukmedlibs", Dedicated: true}}},
			Workspace{Name: "public", Adapter: rooms["public"], Rooms: []RoomConfig{{Name: "#library-chat"}}})
		done := make(chan error)
		go func() { done <- bot.Run(ctx) }()
		send := func(workspace, id, thread, text string) {
			r := rooms[workspace]
			r.updates <- &adapters.Message{
				Ref: adapters.Ref{Room: r.room, ID: adapters.MessageID(id)}, Thread: adapters.MessageID(thread),
				Author: adapters.User{ID: "eleanor", Name: "Eleanor"}, Text: text, At: time.Now(),
			}
			synctest.Wait()
		}
		synctest.Wait()
		send("nhs", "to-q3", "hontx3b6gz-72", "Only if they are asked.") // the thread of Q3
		time.Sleep(time.Until(start.Add(42 * time.Minute)))              // Q4 came at 20:36
		send("public", "to-q4", "", "A4: By training them.")
		send("nhs", "live", "", "Start small.")
		time.Sleep(time.Until(start.Add(3 * time.Hour)))
		synctest.Wait()

		for _, r := range rooms {
			posts := map[string]int{}
			for _, p := range r.posted {
				if posts[p.Key]++; posts[p.Key] > 1 || before[p.Key] {
					t.Errorf("%s was posted again", p.Key)
				}
			}
			for _, step := range []string{"q4", "q5", "last-call", "closing"} {
				if key := slug + "/" + step + "@"; !strings.Contains(fmt.Sprint(posts), key) {
					t.Errorf("got no %s in %s, want it once: %v", step, r.room, posts)
				}
			}
		}
		transcript, _, err := db.Transcript(ctx, slug)
		if err != nil {
			t.Fatal(err)
		}
		all, filed := 0, map[string]questions.Section{}
		for a, err := range transcript.Answers(ctx, questions.OrderByTime) {
			if err != nil {
				t.Fatal(err)
			}
			all++
			filed[a.Message] = a.Section
		}
		if all != 34+3 || filed["to-q3"] != "q3" || filed["to-q4"] != "q4" || filed["live"] != "q4" {
			t.Errorf("got %d answers, %v, want the 34 of before and three filed under q3, q4 and q4", all, filed)
		}
		for _, want := range []struct{ workspace, source, text string }{
			{"public", "nhs/#ukmedlibs/to-q3", "Only if they are asked."},
			{"nhs", "public/#library-chat/to-q4", "By training them."},
			{"public", "nhs/#ukmedlibs/live", "Start small."},
		} {
			r, relayed := rooms[want.workspace], 0
			for _, p := range r.posted {
				if p.Key == want.source+">"+want.workspace+"/"+string(r.room) && strings.Contains(p.Text, want.text) {
					relayed++
				}
			}
			if relayed != 1 {
				t.Errorf("got %d copies of %s in %s, want 1", relayed, want.source, want.workspace)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("got error %v from Run, want none", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("got error %v from Close, want none", err)
		}
	})
}

// toPostgres copies a SQLite file to a database of PostgreSQL.
func toPostgres(t *testing.T, from string) (address string) {
	t.Helper()
	address = storetest.Postgres(t)
	var stores []*store.DB
	for _, a := range []string{from, address} {
		db, err := store.Open(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		stores = append(stores, db)
	}
	if _, err := store.Migrate(t.Context(), stores[0], stores[1], nil, func(string, int) {}); err != nil {
		t.Fatal(err)
	}
	return address
}
