package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

var noon = time.Date(2026, 12, 15, 12, 0, 0, 0, time.UTC)

var nhs, public = RoomRef{"nhs", "C1"}, RoomRef{"public", "R2"}

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

func openStore(t *testing.T, address string) *DB {
	t.Helper()
	db, err := Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// newStoreWithChat returns a store with a chat of one question, planned in two rooms.
func newStoreWithChat(t *testing.T) *DB {
	t.Helper()
	db := openStore(t, storetest.Address(t))
	c := questions.Chat{Slug: "c", Title: "C", Hashtag: "#Tag", Starts: noon, Ends: noon.Add(time.Hour), Questions: []questions.Question{{N: 1, Text: "Why?"}}}
	for i, want := range []bool{false, false, true} {
		if i == 2 {
			c.Title = "D"
		}
		if changed, err := db.SaveChat(t.Context(), c); changed != want || err != nil {
			t.Fatalf("got %v, %v at time %d, want %v", changed, err, i+1, want)
		}
	}
	for _, r := range []RoomRef{nhs, public} {
		must(t, db.SaveRoom(t.Context(), Room{Workspace: r.Workspace, ID: r.Room, Name: "#chat", ConfiguredAs: "chat"}))
		must(t, db.PlanPost(t.Context(), newStepPost(r, "q1", noon)))
	}
	return db
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newStepPost(r RoomRef, name string, due time.Time) Post {
	return Post{
		Key: StepKey("c", name, r), Chat: "c", RoomRef: r, Step: name, Kind: questions.KindQuestion, Lane: StepLane,
		Planned: due, Due: due, Text: "text of " + name,
	}
}

func newRelayPost(r RoomRef, source string, due time.Time) Post {
	return Post{
		Key: RelayKey(source, r), Chat: "c", RoomRef: r, Step: "q1", Kind: KindRelay, Lane: RelayLane, ParentKey: StepKey("c", "q1", r),
		Source: source, Author: "nhs/ann", Planned: due, Due: due, Text: "text of " + source,
	}
}

func mustNextPost(t *testing.T, db *DB, r RoomRef, now time.Time) Post {
	t.Helper()
	p, ok, err := db.NextPost(t.Context(), r, now)
	must(t, err)
	if !ok {
		return Post{}
	}
	return p
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "a b?c%20#.db")
	db := openStore(t, "sqlite:"+path)
	must(t, db.Close())
	info, err := os.Stat(path)
	must(t, err)
	if got, want := info.Mode().Perm(), os.FileMode(0o600); got != want {
		t.Errorf("got mode %v, want %v: participants' words are private", got, want)
	}

	for address, want := range map[string]string{
		"catchword.db":                     "sqlite:PATH",
		"sqlite:":                          "sqlite:PATH",
		"mysql://ann:secret@db/chats":      "ann:xxxxx@db",
		"sqlite:" + dir:                    dir,
		"sqlite:" + path + "/below/a.file": "not a directory",
	} {
		if _, err := Open(t.Context(), address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v for %s, want one that says %q", err, address, want)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("got error %v, which shows the password", err)
		}
	}
}

func TestNewerSchemaRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catchword.db")
	must(t, openStore(t, "sqlite:"+path).Close())
	raw, err := sql.Open("sqlite", path)
	must(t, err)
	_, err = raw.Exec(`UPDATE version SET version = 1000, compat = 1000`)
	must(t, errors.Join(err, raw.Close()))
	if _, err := Open(t.Context(), "sqlite:"+path); err == nil || !strings.Contains(err.Error(), "newer catchword") {
		t.Errorf("got error %v, want one that says that a newer catchword wrote it", err)
	}
}

// TestSchemaUpgrade opens a database as the first schema left it. The file is frozen: each schema change is a new
// schema file, and this test shows whether old rows survive it.
func TestSchemaUpgrade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catchword.db")
	frozen, err := os.ReadFile("testdata/v1.sql")
	must(t, err)
	raw, err := sql.Open("sqlite", path)
	must(t, err)
	_, err = raw.Exec(string(frozen))
	must(t, errors.Join(err, raw.Close()))
	db := openStore(t, "sqlite:"+path)
	p := mustNextPost(t, db, nhs, noon)
	if p.Key != "c/closing@nhs/C1" || p.Text != "thanks" {
		t.Errorf("got %+v next, want the closing", p)
	}
	if got := mustTranscript(t, db, questions.OrderByTime); len(got) != 1 || got[0].Text != "because" || !cmp.Equal(got[0].Reactions, []questions.Reaction{{Emoji: "👍", Count: 1}}) {
		t.Errorf("got %+v, want the one answer with its reaction", got)
	}
}

func TestChatsAndRooms(t *testing.T) {
	db := newStoreWithChat(t)
	c, ok, err := db.Chat(t.Context(), "c")
	must(t, err)
	if !ok || c.Title != "D" || !c.Starts.Equal(noon) || len(c.Questions) != 1 {
		t.Errorf("got %+v (%v), want it as it was stored", c, ok)
	}
	if _, ok, err := db.Chat(t.Context(), "other"); ok || err != nil {
		t.Errorf("got %v, %v for an unknown chat, want false and no error", ok, err)
	}
	if got, err := db.Hashtag(t.Context(), "c"); got != "#tag" || err != nil {
		t.Errorf("got %q, %v, want the hashtag in lower case", got, err)
	}
	must(t, db.DeactivateRoom(t.Context(), public))
	rooms, err := db.Rooms(t.Context())
	must(t, err)
	if want := []Room{{Workspace: "nhs", ID: "C1", Name: "#chat", ConfiguredAs: "chat"}}; !cmp.Equal(rooms, want) {
		t.Errorf("got %+v, want %+v", rooms, want)
	}
	if posts, err := db.StepPosts(t.Context(), "c", "q1"); len(posts) != 1 || err != nil {
		t.Errorf("got %+v, %v, want the step in the remaining room", posts, err)
	}
}

func TestNextPost(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	must(t, db.PlanPost(ctx, newRelayPost(nhs, "a", noon)))
	if got := mustNextPost(t, db, nhs, noon.Add(-time.Minute)); got.Step != "q1" || !got.Due.Equal(noon) {
		t.Errorf("got %+v, want the question, which is not due yet", got)
	}

	q := mustNextPost(t, db, nhs, noon)
	must(t, db.MarkTrying(ctx, q, noon))
	if got := mustNextPost(t, db, nhs, noon); got.Key != q.Key || got.TriedText != q.Text {
		t.Errorf("got %+v, want the question, in doubt", got)
	}
	if doubt, err := db.InDoubt(ctx, nhs, noon); !doubt || err != nil {
		t.Errorf("got %v, %v, want the room in doubt", doubt, err)
	}
	must(t, db.MarkPosted(ctx, q, "m1", noon, ""))
	if doubt, err := db.InDoubt(ctx, nhs, noon); doubt || err != nil {
		t.Errorf("got %v, %v, want no doubt left", doubt, err)
	}

	r := mustNextPost(t, db, nhs, noon)
	if r.Key != RelayKey("a", nhs) || r.Thread != "m1" {
		t.Errorf("got %+v, want the copy, in the question's thread", r)
	}
	must(t, db.PlanPost(ctx, newStepPost(nhs, "q2", noon)))
	if got := mustNextPost(t, db, nhs, noon); got.Step != "q2" {
		t.Errorf("got %+v, want the question before the copies", got)
	}
	must(t, db.FailPost(ctx, mustNextPost(t, db, nhs, noon), "broken"))
	must(t, db.MarkTrying(ctx, r, noon))
	must(t, db.MarkPosted(ctx, r, "m2", noon, ""))
	if got := mustNextPost(t, db, nhs, noon); got.Key != "" {
		t.Errorf("got %+v, want nothing to post", got)
	}

	must(t, db.RewordCopies(ctx, "a", "edited"))
	if got := mustNextPost(t, db, nhs, noon); got.Key != r.Key || got.Text != "edited" || got.Message != "m2" {
		t.Errorf("got %+v, want the copy to be edited", got)
	}
	must(t, db.SetSentText(ctx, r, "edited"))
	must(t, db.RewordCopies(ctx, "a", ""))
	if got := mustNextPost(t, db, nhs, noon); got.Key != r.Key || got.Text != "" {
		t.Errorf("got %+v, want the copy to be deleted", got)
	}
	must(t, db.SetSentText(ctx, r, ""))
	if got, _, err := db.Post(ctx, r.Key); got.Text+got.TriedText+got.SentText+got.Persona.Name != "" || err != nil {
		t.Errorf("got %+v, %v, want no text left of a withdrawn answer", got, err)
	}
	if got := mustNextPost(t, db, public, noon); got.Key != StepKey("c", "q1", public) {
		t.Errorf("got %+v, want the other room's own queue", got)
	}
}

// TestErasedWhilePosting: a post that was read before its author was erased is neither sent nor recorded.
func TestErasedWhilePosting(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	q := mustNextPost(t, db, nhs, noon)
	must(t, db.MarkTrying(ctx, q, noon))
	must(t, db.MarkPosted(ctx, q, "m1", noon, ""))
	r := newRelayPost(nhs, "a", noon)
	must(t, db.PlanPost(ctx, r))
	must(t, db.RewordCopies(ctx, "a", ""))
	if err := db.MarkTrying(ctx, r, noon); err == nil {
		t.Error("got no error, want a withdrawn post not to be tried")
	}
	must(t, db.RewordCopies(ctx, "a", "words"))
	r.Text = "words"
	must(t, db.MarkTrying(ctx, r, noon))
	must(t, db.RewordCopies(ctx, "a", ""))
	must(t, db.RedactSent(ctx, []string{q.Chat}))
	must(t, db.MarkPosted(ctx, r, "m2", noon, ""))
	if got := mustNextPost(t, db, nhs, noon); got.Key != r.Key || got.Text != "" || got.SentText != ErasedText || got.TriedText != ErasedText {
		t.Errorf("got %+v, want the copy to be deleted, without its text", got)
	}
	must(t, db.SetSentText(ctx, r, "other words"))
	if got := mustNextPost(t, db, nhs, noon); got.Key != r.Key || got.SentText != ErasedText {
		t.Errorf("got %+v, want nothing of its edit's text", got)
	}
	must(t, db.SetSentText(ctx, r, ""))
	if got := mustNextPost(t, db, nhs, noon); got.Key != "" {
		t.Errorf("got %+v, want nothing to post", got)
	}
}

func TestTombstonedInDoubt(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	q := mustNextPost(t, db, nhs, noon)
	must(t, db.MarkTrying(ctx, q, noon))
	must(t, db.MarkPosted(ctx, q, "m1", noon, ""))
	r := newRelayPost(nhs, "a", noon)
	must(t, db.PlanPost(ctx, r))
	must(t, db.MarkTrying(ctx, r, noon))
	must(t, db.RewordCopies(ctx, "a", ""))
	if got := mustNextPost(t, db, nhs, noon); got.Key != r.Key || got.Text != "" || got.TriedText == "" {
		t.Errorf("got %+v, want the copy, which is in doubt", got)
	}
	must(t, db.MarkNotPosted(ctx, r))
	if got := mustNextPost(t, db, nhs, noon); got.Key != "" {
		t.Errorf("got %+v, want nothing to post", got)
	}
}

func TestPlanPostKeepsMovedTimes(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	must(t, db.MoveStep(ctx, "c", "q1", noon.Add(time.Minute)))
	p := newStepPost(nhs, "q1", noon)
	p.Text = "reworded"
	must(t, db.PlanPost(ctx, p))
	if got := mustNextPost(t, db, nhs, noon); !got.Due.Equal(noon.Add(time.Minute)) || got.Text != "reworded" {
		t.Errorf("got %+v, want the new text, at the time to which the chat had moved it", got)
	}
	must(t, db.PlanPost(ctx, newStepPost(nhs, "q1", noon.Add(time.Hour))))
	if got := mustNextPost(t, db, nhs, noon); !got.Due.Equal(noon.Add(time.Hour)) {
		t.Errorf("got %+v, want it at the new plan's time", got)
	}
	must(t, db.FailStep(ctx, "c", "q1", Missed))
	if got := mustNextPost(t, db, nhs, noon); got.Key != "" {
		t.Errorf("got %+v, want it given up", got)
	}
	must(t, db.PlanPost(ctx, newStepPost(nhs, "q1", noon.Add(2*time.Hour))))
	if got := mustNextPost(t, db, nhs, noon); got.Key == "" {
		t.Error("got nothing, want a missed step again when it is planned again")
	}
}

func TestExpirePosts(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	p := newStepPost(nhs, "reminder-2h", noon.Add(-2*time.Hour))
	p.Expires = noon
	must(t, db.PlanPost(ctx, p))
	for _, c := range []struct {
		now  time.Time
		want int64
	}{{noon.Add(-time.Millisecond), 0}, {noon, 1}, {noon, 0}} {
		if got, err := db.ExpirePosts(ctx, nhs, c.now); got != c.want || err != nil {
			t.Errorf("got %d, %v at %v, want %d", got, err, c.now, c.want)
		}
	}
}

func TestTransactIsAtomic(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	boom := errors.New("boom")
	err := db.Transact(ctx, func(ctx context.Context) error {
		must(t, db.MarkChanged(ctx, "c"))
		if changed, _, err := db.ChangeCounts(ctx, "c"); changed != 1 || err != nil {
			t.Errorf("got %d, %v within, want 1", changed, err)
		}
		return db.Transact(ctx, func(ctx context.Context) error { return boom })
	})
	if !errors.Is(err, boom) {
		t.Errorf("got error %v, want %v", err, boom)
	}
	func() {
		defer func() { recover() }()
		_ = db.Transact(ctx, func(ctx context.Context) error {
			must(t, db.MarkChanged(ctx, "c"))
			panic("in the middle")
		})
	}()
	if changed, _, err := db.ChangeCounts(ctx, "c"); changed != 0 || err != nil {
		t.Errorf("got %d, %v, want 0: nothing was committed", changed, err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := db.Transact(gone, func(context.Context) error { t.Error("begun though ctx was done"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

func TestConcurrentWriters(t *testing.T) {
	db := newStoreWithChat(t)
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range 50 {
				err := db.Transact(t.Context(), func(ctx context.Context) error {
					fresh, err := db.AddAnswer(ctx, newAnswer(fmt.Sprint(w*50+i), 1, noon))
					if !fresh {
						t.Errorf("got answer %d-%d stored already", w, i)
					}
					return errors.Join(err, db.MarkChanged(ctx, "c"))
				})
				if err != nil {
					t.Error(err)
				}
				if _, err := db.Rooms(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if changed, _, err := db.ChangeCounts(t.Context(), "c"); changed != 400 || err != nil {
		t.Errorf("got %d changes, %v, want 400", changed, err)
	}
}

func newAnswer(id string, question int, at time.Time) Answer {
	return Answer{
		RoomRef: nhs, Message: adapters.MessageID(id), Chat: "c", Step: "q1", Section: questions.QuestionSection(question), MatchedBy: questions.ByThread,
		Author: adapters.User{ID: "ann", Name: "Ann"}, Text: "text " + id, At: at,
	}
}

func mustTranscript(t *testing.T, db *DB, order questions.Order) []questions.Answer {
	t.Helper()
	return mustTranscriptOf(t, db, "c", order)
}

func mustTranscriptOf(t *testing.T, db *DB, slug string, order questions.Order) (all []questions.Answer) {
	t.Helper()
	tr, ok, err := db.Transcript(t.Context(), slug)
	must(t, err)
	if !ok {
		t.Fatal("got no transcript")
	}
	for a, err := range tr.Answers(t.Context(), order) {
		must(t, err)
		all = append(all, a)
	}
	return all
}

func TestTranscriptPaging(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	const many = 2*answersPerQuery + 7
	must(t, db.Transact(ctx, func(ctx context.Context) error {
		for i := range many {
			a := newAnswer(fmt.Sprintf("%05d", i), 1+i%3, noon.Add(time.Duration(i/10)*time.Second)) // ten in each instant
			if i%10 == 0 {
				a.Section = questions.General
			}
			if _, err := db.AddAnswer(ctx, a); err != nil {
				return err
			}
			for who := range i % 3 {
				if _, err := db.SetReaction(ctx, a.Key(), "👍", nhs, adapters.UserID(fmt.Sprint(who)), true); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	for _, order := range []questions.Order{questions.OrderByTime, questions.OrderBySection} {
		all := mustTranscript(t, db, order)
		if len(all) != many {
			t.Errorf("got %d answers, want %d", len(all), many)
		}
		for i, a := range all {
			var n int
			fmt.Sscan(strings.TrimLeft(a.Message, "0"), &n)
			if got := len(a.Reactions) == 1 && a.Reactions[0].Count == n%3 || n%3 == 0 && a.Reactions == nil; !got {
				t.Fatalf("got reactions %v on answer %d, want %d", a.Reactions, n, n%3)
			}
			if i == 0 {
				continue
			}
			b := all[i-1]
			inOrder := b.Message < a.Message
			if order == questions.OrderBySection && a.Section != b.Section {
				inOrder = a.Section == questions.General || b.Section != questions.General && b.Section < a.Section
			}
			if !inOrder {
				t.Fatalf("got %s %s after %s %s", a.Section, a.Message, b.Section, b.Message)
			}
		}
	}
}

func TestAnswersIdempotent(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	a := newAnswer("1", 1, noon)
	for _, want := range []bool{true, false} {
		if got, err := db.AddAnswer(ctx, a); got != want || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	must(t, db.EditAnswer(ctx, editedAnswer(a, "newer", noon.Add(2*time.Second))))
	must(t, db.EditAnswer(ctx, editedAnswer(a, "older", noon.Add(time.Second))))
	if got := mustTranscript(t, db, questions.OrderByTime)[0]; got.Text != "newer" {
		t.Errorf("got %q, want the newer edit", got.Text)
	}
	for _, want := range []bool{true, false} {
		if got, err := db.SetReaction(ctx, a.Key(), "👍", nhs, "bob", true); got != want || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	for range 2 {
		must(t, db.TombstoneAnswer(ctx, a.Key(), noon.Add(time.Minute)))
	}
	if got := mustTranscript(t, db, questions.OrderByTime)[0]; !got.Withdrawn || got.Text+got.Author+got.AuthorID != "" || got.Reactions != nil {
		t.Errorf("got %+v, want a tombstone", got)
	}
	must(t, db.EditAnswer(ctx, editedAnswer(a, "from the grave", noon.Add(time.Hour))))
	if got := mustTranscript(t, db, questions.OrderByTime)[0]; got.Text != "" {
		t.Errorf("got %q, want no text on a tombstone", got.Text)
	}
}

// TestQueriesUseIndexes checks that every statement used during a chat uses an index: a scan would slow down as rows
// accumulate.
func TestQueriesUseIndexes(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	q := mustNextPost(t, db, nhs, noon)
	_, _, err := db.PostByMessage(ctx, "nhs", adapters.Ref{Room: "C1", ID: "x"})
	must(t, err)
	_, _, err = db.LivePost(ctx, nhs, noon)
	must(t, err)
	_, err = db.InDoubt(ctx, nhs, noon)
	must(t, err)
	_, err = db.Copies(ctx, "x")
	must(t, err)
	_, _, err = db.RecentCopyDue(ctx, nhs, "nhs/ann", 10)
	must(t, err)
	_, err = db.LastStepPosted(ctx, nhs)
	must(t, err)
	_, err = db.StepPosts(ctx, "c", "q1")
	must(t, err)
	_, err = db.ExpirePosts(ctx, nhs, noon)
	must(t, err)
	_, _, err = db.Post(ctx, q.Key)
	must(t, err)
	_, _, err = db.Answer(ctx, "x")
	must(t, err)
	must(t, db.RewordCopies(ctx, "x", "y"))
	mustTranscript(t, db, questions.OrderByTime)
	mustTranscript(t, db, questions.OrderBySection)
	_, err = db.UpcomingSteps(ctx, nhs, noon, noon)
	must(t, err)
	_, _, err = db.NextStepDue(ctx, nhs, noon)
	must(t, err)
	_, _, err = db.NextEphemeral(ctx, "nhs")
	must(t, err)
	_, err = db.WasOptedOut(ctx, "nhs", "ann", noon)
	must(t, err)
	_, err = db.Pseudonym(ctx, "nhs", "ann")
	must(t, err)
	_, err = db.CountSuperseded(ctx, "x", nhs)
	must(t, err)
	_, _, err = db.AddCommand(ctx, "nhs", "x", noon)
	must(t, err)

	var statements []string
	for query := range db.read.statements.Range {
		statements = append(statements, query.(string))
	}
	for query := range db.write.statements {
		if strings.HasPrefix(strings.TrimSpace(query), "UPDATE") {
			statements = append(statements, query)
		}
	}
	if db.dialect.remote {
		fillPostgres(t, db)
	}
	checked := 0
	for _, query := range statements {
		if strings.Contains(query, "FROM rooms") || strings.Contains(query, "FROM chats") && db.dialect.remote {
			continue // a handful of rows
		}
		fault := sqlitePlanFault
		if db.dialect.remote {
			fault = postgresPlanFault
		}
		if fault := fault(t, db, query); fault != "" {
			t.Errorf("got plan %s for %s", fault, query)
		}
		checked++
	}
	if checked < 10 {
		t.Errorf("got %d statements checked, want those used during a chat", checked)
	}
}

// sqlitePlanFault returns what is wrong with SQLite's plan for a statement.
func sqlitePlanFault(t *testing.T, db *DB, query string) (fault string) {
	t.Helper()
	parts := map[string]bool{}
	for _, detail := range planLines(t, db, "EXPLAIN QUERY PLAN "+db.dialect.rebind(query), func(line *string) []any {
		return []any{new(int), new(int), new(int), line}
	}, make([]any, countParams(query))...) {
		part, ok := strings.CutPrefix(detail, "CO-ROUTINE ")
		if ok {
			parts["SCAN "+part] = true // all of its rows are wanted
		}
		if strings.HasPrefix(detail, "SCAN") && !parts[detail] || strings.Contains(detail, "TEMP B-TREE FOR ORDER BY") && strings.Contains(query, "LIMIT") ||
			strings.Contains(query, "p.message = $3") && !strings.Contains(detail, "posts_message") {
			fault = detail
		}
	}
	return fault
}

// fillPostgres fills the tables as a long chat in two rooms does: PostgreSQL chooses its plans by the tables' contents.
func fillPostgres(t *testing.T, db *DB) {
	t.Helper()
	must(t, db.write.disconnect())
	for _, query := range []string{
		`INSERT INTO posts SELECT 'a' || i || '>' || r.workspace, 'c', r.workspace, r.room, 'q1', 'relay', 1, i, 'c/q1@' || r.workspace || '/' || r.room, '',
			'a' || i, 'nhs/p' || i % 50, 'P', '', 'nhs', i, i, 0, 'text', 'text', i, CASE WHEN i > 2990 THEN '' ELSE 'text' END,
			CASE WHEN i > 2990 THEN '' ELSE 'm' || i END, CASE WHEN i > 2990 THEN 0 ELSE i END, '' FROM generate_series(1, 3000) i, rooms r`,
		`INSERT INTO posts SELECT 's' || i || '@' || r.workspace, 'c', r.workspace, r.room, 's' || i, 'asking', 0, i, '', '', '', '',
			'', '', '', i, i, 0, 'text', 'text', i, 'text', 's' || i, i, '' FROM generate_series(1, 300) i, rooms r`,
		`INSERT INTO answers SELECT 'a' || i, 'nhs', 'C1', 'a' || i, 'm1', '', 'c', 'q1', i % 5, 'q1', 'thread', 'p' || i % 50, 'P', '', 'text', '', i, 0, 0, FALSE
			FROM generate_series(1, 3000) i`,
		`INSERT INTO gaps SELECT 'nhs', 'C1', i, i + 1, TRUE FROM generate_series(1, 500) i`,
		`INSERT INTO ephemerals SELECT 'w' || i, 'nhs', '', 'p' || i % 50, '', '', '', i, i, CASE WHEN i > 2990 THEN 0 ELSE i END FROM generate_series(1, 3000) i`,
		`INSERT INTO opt_outs SELECT 'nhs', 'p' || i, i, i + 1 FROM generate_series(1, 3000) i`,
		`INSERT INTO pseudonyms SELECT 'nhs', 'p' || i, 'P', 'a', i FROM generate_series(1, 3000) i`,
		`INSERT INTO commands SELECT 'c' || i, i FROM generate_series(1, 3000) i`,
		`ANALYZE`,
	} {
		_, err := db.write.raw.Exec(query)
		must(t, err)
	}
}

// postgresPlanFault does the same for PostgreSQL, for any parameters.
func postgresPlanFault(t *testing.T, db *DB, query string) string {
	t.Helper()
	nulls := strings.TrimSuffix(strings.Repeat("NULL, ", countParams(query)), ", ")
	if nulls != "" {
		nulls = "(" + nulls + ")"
	}
	raw := db.write.raw
	must(t, db.write.disconnect())
	for _, setting := range []string{"SET enable_bitmapscan = off", "SET plan_cache_mode = force_generic_plan", "PREPARE q AS " + query} {
		_, err := raw.Exec(setting)
		must(t, err)
	}
	lines := planLines(t, db, "EXPLAIN (COSTS OFF) EXECUTE q"+nulls, func(line *string) []any { return []any{line} })
	_, err := raw.Exec("DEALLOCATE q")
	must(t, err)
	plan := strings.Join(lines, "\n")
	whole := strings.Contains(query, "DISTINCT") || strings.Contains(query, "GROUP BY") // reads a chat from end to end
	limited := strings.Contains(query, "LIMIT")
	if strings.Contains(plan, "Seq Scan on posts") && !whole || strings.Contains(plan, "Seq Scan on answers") && !whole ||
		limited && strings.Contains(plan, "->  Sort") || limited && !strings.Contains(plan, "Index Cond") ||
		strings.Contains(query, "p.message = $3") && !strings.Contains(plan, "posts_message") {
		return plan
	}
	return ""
}

func planLines(t *testing.T, db *DB, explain string, dest func(line *string) []any, args ...any) (lines []string) {
	t.Helper()
	raw := db.read.raw
	if db.dialect.remote {
		raw = db.write.raw // it has the settings
	}
	rows, err := raw.QueryContext(t.Context(), explain, args...)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var line string
		must(t, rows.Scan(dest(&line)...))
		lines = append(lines, line)
	}
	must(t, rows.Err())
	return lines
}

func countParams(query string) (n int) {
	for i := 1; strings.Contains(query, fmt.Sprintf("$%d", i)); i++ {
		n = i
	}
	return n
}

func TestOpenShared(t *testing.T) {
	ctx, db := t.Context(), openStore(t, storetest.Address(t))
	shared, err := db.OpenShared(ctx)
	must(t, err)
	_, err = shared.Exec(ctx, "CREATE TABLE platform_thing (name TEXT NOT NULL PRIMARY KEY)")
	must(t, err)
	// Neither waits for the other longer than a commit takes, and each sees the other's commits.
	err = shared.DoTxn(ctx, nil, func(ctx context.Context) error {
		_, err := shared.Exec(ctx, "INSERT INTO platform_thing (name) VALUES ($1)", "device")
		return err
	})
	must(t, err)
	var name, mode string
	setting, durable := "PRAGMA synchronous", "2"
	if db.dialect.remote {
		setting, durable = "SHOW default_transaction_read_only", "off"
	}
	must(t, db.read.raw.QueryRowContext(ctx, "SELECT name FROM platform_thing").Scan(&name))
	must(t, shared.QueryRow(ctx, setting).Scan(&mode))
	if name != "device" || mode != durable {
		t.Errorf("shared database: got %q in its table and %s = %s, want device and %s", name, setting, mode, durable)
	}
	must(t, shared.Close())
	_, err = db.Chats(ctx)
	must(t, err)
}

func editedAnswer(a Answer, text string, at time.Time) Answer {
	a.Text, a.Edited = text, at
	return a
}
