package store

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

// frozenFile is the database of a chat that was killed during its third question, left by a version with schema 5. It
// is never rewritten: it shows whether an upgrade keeps everything.
const (
	frozenFile = "testdata/v5.db.gz"
	frozenChat = "2015-08-18-health-and-public-libraries"
)

// TestFrozenDatabase upgrades that database, and copies it to PostgreSQL and back. The result is compared with the rows
// of a copy that was never upgraded.
func TestFrozenDatabase(t *testing.T) {
	ctx := t.Context()
	raw := openRaw(t, storetest.Unpack(t, frozenFile))
	db := openStore(t, storetest.Unpack(t, frozenFile))
	compareWithFrozen(t, db, raw)

	postgres, back := openStore(t, storetest.Postgres(t)), openStore(t, storetest.SQLite(t))
	copied, err := Migrate(ctx, db, postgres, nil, noProgress)
	must(t, err)
	compareWithFrozen(t, postgres, raw)
	copiedBack, err := Migrate(ctx, postgres, back, nil, noProgress)
	must(t, err)
	if diff := cmp.Diff(copied, copiedBack); diff != "" {
		t.Errorf("there and back (-there +back):\n%s", diff)
	}
	compareWithFrozen(t, back, raw)
	rows := map[string]int{}
	for _, c := range copied {
		if c.Rows > 0 {
			rows[c.Table] = c.Rows
		}
	}
	if diff := cmp.Diff(map[string]int{"answers": 34, "chats": 1, "commands": 1, "posts": 104, "reactions": 25, "rooms": 2, "ephemerals": 5}, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}

	// Its rooms were received without a gap until it was killed.
	must(t, back.NoteGap(ctx, RoomRef{"nhs", "#ukmedlibs"}, fromMillis(1439926300000), true))
	gaps, err := back.chatGaps(ctx, frozenChat)
	must(t, err)
	if diff := cmp.Diff([]questions.Gap{{
		Workspace: "nhs", Room: "#ukmedlibs", From: fromMillis(1439926267279), To: fromMillis(1439926300000), Filled: true,
	}}, gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

func openRaw(t *testing.T, address string) *sql.DB {
	t.Helper()
	raw, err := sql.Open("sqlite", strings.TrimPrefix(address, "sqlite:"))
	must(t, err)
	t.Cleanup(func() { raw.Close() })
	return raw
}

func compareWithFrozen(t *testing.T, db *DB, raw *sql.DB) {
	t.Helper()
	ctx := t.Context()
	posts, answers := 0, 0
	readRows(t, raw, `SELECT key, chat, workspace, room, step, kind, lane, seq, under, onto, source, author, name, picture, origin,
		planned, due, until, text, trying, tried, sent, message, said, failed, link FROM posts`, func(scan func(...any)) {
		var want Post
		var planned, due, until, tried, said int64
		scan(&want.Key, &want.Chat, &want.Workspace, &want.Room, &want.Step, &want.Kind, &want.Lane, &want.Seq, &want.ParentKey, &want.ParentMessage,
			&want.Source, &want.Author, &want.Persona.Name, &want.Persona.Picture, &want.Persona.Workspace, &planned, &due, &until,
			&want.Text, &want.TriedText, &tried, &want.SentText, &want.Message, &said, &want.FailReason, &want.Link)
		want.Planned, want.Due, want.Expires, want.Tried, want.Posted = fromMillis(planned), fromMillis(due), fromMillis(until), fromMillis(tried), fromMillis(said)
		got, _, err := db.Post(ctx, want.Key)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("post %s (-frozen +got):\n%s", want.Key, diff)
		}
		posts++
	})
	readRows(t, raw, `SELECT key, workspace, room, message, thread, reply_to, chat, step, section, how, author, name, picture, text, at, edited, gone, late, absent, withheld
		FROM answers WHERE files = ''`, func(scan func(...any)) {
		var want Answer
		var key string
		var at, edited, gone int64
		scan(&key, &want.Workspace, &want.Room, &want.Message, &want.Thread, &want.ReplyTo, &want.Chat, &want.Step, &want.Section, &want.MatchedBy,
			&want.Author.ID, &want.Author.Name, &want.Author.Picture, &want.Text, &at, &edited, &gone, &want.Late, &want.OptedOut, &want.Withheld)
		want.At, want.Edited, want.Deleted = fromMillis(at), fromMillis(edited), fromMillis(gone)
		got, _, err := db.Answer(ctx, key)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("answer %s (-frozen +got):\n%s", key, diff)
		}
		answers++
	})
	if posts != 104 || answers != 34 {
		t.Errorf("got %d posts and %d answers to compare, want 104 and 34", posts, answers)
	}

	c, ok, err := db.Chat(ctx, frozenChat)
	must(t, err)
	if !ok || len(c.Questions) != 5 || c.Leader != "Holly Case" || !c.Starts.Equal(time.Date(2015, 8, 18, 19, 0, 0, 0, time.UTC)) {
		t.Errorf("got chat %+v, want the one of 18 August 2015, with its five questions", c)
	}
	rooms, err := db.Rooms(ctx)
	must(t, err)
	if diff := cmp.Diff([]Room{
		{Workspace: "nhs", ID: "#ukmedlibs", Name: "#ukmedlibs", ConfiguredAs: "#ukmedlibs", Own: true},
		{Workspace: "public", ID: "#library-chat", Name: "#library-chat", ConfiguredAs: "#library-chat"},
	}, rooms); diff != "" {
		t.Errorf("rooms (-want +got):\n%s", diff)
	}
	transcript := mustTranscriptOf(t, db, frozenChat, questions.OrderBySection)
	people, sections, reactions := map[string]int{}, map[questions.Section]int{}, 0
	for _, a := range transcript {
		people[a.Workspace+"/"+a.AuthorID]++
		sections[a.Section]++
		for _, r := range a.Reactions {
			reactions += r.Count
		}
	}
	if diff := cmp.Diff(map[string]int{
		"nhs/": 1, "nhs/eleanor.finch": 4, "nhs/kofi.mensah": 4, "nhs/marged.pugh": 2, "nhs/priya.nair": 3, "nhs/ruth.calder": 2, "nhs/tom.ashworth": 4,
		"public/alun.price": 3, "public/bev.ormerod": 3, "public/dev.chaudhuri": 3, "public/janet.oyelaran": 3, "public/moira.kerr": 2,
	}, people); diff != "" {
		t.Errorf("answers of each person (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[questions.Section]int{"introductions": 9, "q1": 10, "q2": 8, "q3": 7}, sections); diff != "" {
		t.Errorf("answers of each section (-want +got):\n%s", diff)
	}
	if reactions != 25 {
		t.Errorf("got %d reactions in the transcript, want 25", reactions)
	}
	for _, w := range []struct {
		workspace string
		user      adapters.UserID
		message   adapters.MessageID
		text      string
	}{
		{"nhs", "priya.nair", "hontx3b6gz-13", "Evening all! Priya"},
		{"public", "dev.chaudhuri", "hontx3b6gz-19", "Dev here, I look after a market town library."},
	} {
		by, err := db.AnswersBy(ctx, w.workspace, w.user)
		must(t, err)
		if len(by) == 0 || by[0].Message != w.message || !strings.HasPrefix(by[0].Text, w.text) {
			t.Errorf("got %+v by %s, want %q first", by, w.user, w.text)
		}
	}
	if pending, err := db.PendingEphemerals(ctx); err != nil || len(pending) != 0 {
		t.Errorf("got %+v and error %v, want that all five direct messages count as sent", pending, err)
	}
}

// readRows reads all rows of a query that must not fail.
func readRows(t *testing.T, raw *sql.DB, query string, each func(scan func(...any))) {
	t.Helper()
	rows, err := raw.Query(query)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		each(func(dest ...any) { must(t, rows.Scan(dest...)) })
	}
	must(t, rows.Err())
}

// TestUpgradeRenamesKinds checks two kinds of posts that have new names since schema 6.
func TestUpgradeRenamesKinds(t *testing.T) {
	address := storetest.Unpack(t, frozenFile)
	raw := openRaw(t, address)
	for step, kind := range map[string]string{"q1": "line", "q2": "taken"} {
		_, err := raw.Exec(`UPDATE posts SET kind = ? WHERE key = ?`, kind, frozenChat+"/"+step+"@nhs/#ukmedlibs")
		must(t, err)
	}
	must(t, raw.Close())
	db := openStore(t, address)
	for step, want := range map[string]questions.StepKind{"q1": KindNotice, "q2": KindSuperseded, "q3": questions.KindQuestion} {
		p, _, err := db.Post(t.Context(), frozenChat+"/"+step+"@nhs/#ukmedlibs")
		must(t, err)
		if p.Kind != want {
			t.Errorf("got kind %q of %s, want %q", p.Kind, step, want)
		}
	}
}
