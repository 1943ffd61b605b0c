package bot

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/bot/store"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
)

// BenchmarkReceive stores answers as the bot does, each durably and with its copy for another room. In turn, the bare
// driver does one insert per transaction. The ratio is the bot's answers per second to the bare driver's. The tests'
// PostgreSQL doesn't wait for the disk, so there the ratio is of CPU work alone.
func BenchmarkReceive(b *testing.B) {
	receive, bare := benchmarkReceive(b), benchmarkBare(b)
	const batch = 100
	var ours, theirs time.Duration
	n := 0
	for b.Loop() {
		theirs += measure(func() {
			for i := range batch {
				bare(n + i)
			}
		})
		ours += measure(func() {
			for i := range batch {
				receive(n + i)
			}
		})
		n += batch
	}
	b.ReportMetric(float64(n)/ours.Seconds(), "answers/s")
	b.ReportMetric(float64(n)/theirs.Seconds(), "inserts/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
}

func measure(f func()) time.Duration {
	begin := time.Now()
	f()
	return time.Since(begin)
}

const answerText = "We run a joint reading group with the public library across the road; the barrier was never money, it was always the calendar."

func benchmarkReceive(b *testing.B) func(i int) {
	db, bot, rooms := benchmarkBot(b, storetest.Address(b))
	root, ok, err := db.Post(b.Context(), store.StepKey("2000-01-18-partnerships", "q1", store.RoomRef{Workspace: "nhs", Room: rooms["nhs"]}))
	if err != nil || !ok {
		b.Fatal("no question", err)
	}
	if err := db.MarkTrying(b.Context(), root, start); err != nil {
		b.Fatal(err)
	}
	if err := db.MarkPosted(b.Context(), root, "root", start.Add(6*time.Minute), ""); err != nil {
		b.Fatal(err)
	}
	sink := bot.sink(workspaceNamed(bot, "nhs"))
	return func(i int) {
		if err := sink(b.Context(), &adapters.Message{
			Ref: adapters.Ref{Room: rooms["nhs"], ID: adapters.MessageID(fmt.Sprintf("m%09d", i))}, Thread: "root",
			Author: person(fmt.Sprintf("P%d", i%200)), Text: answerText, At: start.Add(7*time.Minute + time.Duration(i)*time.Millisecond),
		}); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkBot(b *testing.B, address string) (*store.DB, *Bot, map[string]adapters.RoomID) {
	db, err := store.Open(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	rooms := map[string]adapters.RoomID{}
	var workspaces []Workspace
	for _, name := range []string{"nhs", "public"} {
		p := adaptertest.NewPlatform(name, "#chat")
		rooms[name] = p.Room("#chat")
		workspaces = append(workspaces, Workspace{Name: name, Adapter: p.Adapter(), Rooms: []RoomConfig{{Name: "#chat", Dedicated: true}}})
		if err := db.SaveRoom(b.Context(), store.Room{Workspace: name, ID: rooms[name], Name: "#chat", ConfiguredAs: "#chat", Own: true}); err != nil {
			b.Fatal(err)
		}
	}
	bot := New(db, Options{Clock: NewClock(time.Now(), Segment{From: start, Speed: 1})}, workspaces...)
	if err := bot.Schedule(b.Context(), testChat()); err != nil {
		b.Fatal(err)
	}
	return db, bot, rooms
}

func benchmarkBare(b *testing.B) func(i int) {
	driver, address := "sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	insert := `INSERT INTO answers VALUES (?, ?, ?, ?, ?)`
	if storetest.OnPostgres() {
		driver, address, insert = "pgx", storetest.Postgres(b), `INSERT INTO answers VALUES ($1, $2, $3, $4, $5)`
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE answers (key TEXT PRIMARY KEY, author TEXT, name TEXT, text TEXT, at BIGINT)`); err != nil {
		b.Fatal(err)
	}
	return func(i int) {
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tx.Exec(insert, fmt.Sprintf("nhs/room/m%09d", i), "p", "P", answerText, i); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart is the time from opening a database with 100,000 answers until the bot has joined, posted what was
// due, and received and relayed an answer to it, on either kind of database. Starting a process takes some hundredths
// of a second more.
func BenchmarkStart(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { benchmarkStart(b, storetest.SQLite(b)) })
	b.Run("PostgreSQL", func(b *testing.B) { benchmarkStart(b, storetest.Postgres(b)) })
}

func benchmarkStart(b *testing.B, address string) {
	db, _, rooms := benchmarkBot(b, address)
	err := db.Transact(b.Context(), func(ctx context.Context) error {
		for i := range 100_000 {
			if _, err := db.AddAnswer(ctx, store.Answer{
				RoomRef: store.RoomRef{Workspace: "nhs", Room: rooms["nhs"]}, Message: adapters.MessageID(fmt.Sprint(i)), Chat: testChat().Slug,
				Step: "q1", Section: "q1", MatchedBy: "thread", Author: person("Ann"), Text: answerText, At: start.Add(time.Duration(i) * time.Millisecond),
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	db.Close()
	var slowest time.Duration
	for i := 0; b.Loop(); i++ {
		begin := time.Now()
		db, err := store.Open(b.Context(), address)
		if err != nil {
			b.Fatal(err)
		}
		p := map[string]*adaptertest.Platform{}
		var workspaces []Workspace
		for _, name := range []string{"nhs", "public"} {
			p[name] = adaptertest.NewPlatform(name, "#chat")
			workspaces = append(workspaces, Workspace{Name: name, Adapter: p[name].Adapter(), Rooms: []RoomConfig{{Name: "#chat", Dedicated: name == "nhs"}}})
		}
		bot := New(db, Options{}, workspaces...)
		c := testChat()
		c.Slug, c.Starts, c.Ends = fmt.Sprintf("start-%d", i), begin, begin.Add(time.Hour)
		if err := bot.Schedule(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		done := make(chan error)
		go func() { done <- bot.Run(ctx) }()
		welcome := awaitPosted(p["nhs"], 1)
		awaitPosted(p["public"], 1)
		p["nhs"].SendAs("#chat", person("Ann"), welcome.ID, "an answer")
		awaitPosted(p["public"], 2)
		slowest = max(slowest, time.Since(begin))
		cancel()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		db.Close()
	}
	b.ReportMetric(float64(slowest.Milliseconds()), "slowest-ms")
}

// awaitPosted waits until the bot has posted n messages on a platform, and returns the last one.
func awaitPosted(p *adaptertest.Platform, n int) adaptertest.Message {
	for {
		changed := p.Changed()
		var said []adaptertest.Message
		for _, m := range p.Messages("#chat") {
			if m.FromBot {
				said = append(said, m)
			}
		}
		if len(said) >= n {
			return said[len(said)-1]
		}
		<-changed
	}
}
