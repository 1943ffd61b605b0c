package store

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/bot/store/storetest"
	"github.com/ukmedlibs/catchword/questions"
)

func postgresQuery(t *testing.T, address, query string) {
	t.Helper()
	must(t, storetest.Exec(address, query))
}

// TestPostgresConnectErrors checks that each connection error names a remedy, and none shows the password.
func TestPostgresConnectErrors(t *testing.T) {
	address := storetest.Postgres(t)
	postgresQuery(t, address, `DO $$ BEGIN CREATE ROLE guarded LOGIN PASSWORD 'right'; EXCEPTION WHEN duplicate_object THEN END $$`)
	latin := storetest.Postgres(t, "ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0")
	with := func(change func(*url.URL)) string {
		u, err := url.Parse(address)
		must(t, err)
		change(u)
		return u.String()
	}
	for _, c := range []struct{ address, want string }{
		{with(func(u *url.URL) { u.User = url.UserPassword("guarded", "s3cret") }), "check the user and the password"},
		{with(func(u *url.URL) { u.User = url.UserPassword("guarded", "right") }), `ALTER DATABASE "test`},
		{with(func(u *url.URL) { u.User, u.Path = url.UserPassword("postgres", "s3cret"), "nowhere" }), `createdb --owner "postgres"`},
		{with(func(u *url.URL) { u.User, u.Host = url.UserPassword("ann", "s3cret"), "127.0.0.1:1" }), "is PostgreSQL running, and reachable at 127.0.0.1, port 1?"},
		{latin, "ENCODING 'UTF8'"},
		{"postgres://ann:s3cret@127.0.0.1:port/chats", "postgres:…"},
		{"postgres://ann@127.0.0.1/chats?password=s3cret&connect_timeout=x", "cannot parse"},
		{"postgres://ann:s3cret%@127.0.0.1/chats", "postgres:…"},
	} {
		_, err := Open(t.Context(), c.address)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want one that says %q", err, c.want)
		} else if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "right@") {
			t.Errorf("got error %v, which shows the password", err)
		}
	}
}

func TestPostgresConcurrentUpgrade(t *testing.T) {
	address := storetest.Postgres(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			db, err := Open(t.Context(), address)
			if err != nil {
				t.Errorf("got error %v, want a store that another process has created meanwhile", err)
				return
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// TestPostgresReconnects cuts the connections as a restart of the server does: when idle, and in the middle of a
// transaction, which is then rolled back.
func TestPostgresReconnects(t *testing.T) {
	address := storetest.Postgres(t)
	db, ctx := openStore(t, address), t.Context()
	c := questions.Chat{Slug: "c", Title: "C", Starts: noon, Ends: noon.Add(time.Hour)}
	_, err := db.SaveChat(ctx, c)
	must(t, err)
	cut := func() {
		postgresQuery(t, address, "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	}
	for range 3 {
		cut()
		must(t, db.MarkChanged(ctx, "c"))
	}
	cut()
	if changed, _, err := db.ChangeCounts(ctx, "c"); changed != 3 || err != nil {
		t.Errorf("got %d changes, %v, want 3", changed, err)
	}
	err = db.Transact(ctx, func(ctx context.Context) error {
		if err := db.MarkChanged(ctx, "c"); err != nil {
			return err
		}
		cut()
		return db.MarkChanged(ctx, "c")
	})
	if err == nil {
		t.Error("got no error from a transaction that lost its connection")
	}
	must(t, db.MarkChanged(ctx, "c"))
	if changed, _, err := db.ChangeCounts(ctx, "c"); changed != 4 || err != nil {
		t.Errorf("got %d changes, %v, want 4: the interrupted transaction is rolled back", changed, err)
	}
}

// TestPostgresSerialisesWrites has two processes read a value and then write it: neither may read what the other is
// about to change.
func TestPostgresSerialisesWrites(t *testing.T) {
	address := storetest.Postgres(t)
	dbs := []*DB{openStore(t, address), openStore(t, address)}
	_, err := dbs[0].SaveChat(t.Context(), questions.Chat{Slug: "c", Title: "C", Starts: noon, Ends: noon.Add(time.Hour)})
	must(t, err)
	var all sync.WaitGroup
	for _, db := range dbs {
		all.Go(func() {
			for range 50 {
				if err := db.Transact(t.Context(), func(ctx context.Context) error {
					changed, _, err := db.ChangeCounts(ctx, "c")
					if err != nil {
						return err
					}
					_, err = db.exec(ctx, "UPDATE chats SET changed = $2 WHERE slug = $1", "c", changed+1)
					return err
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if changed, _, err := dbs[0].ChangeCounts(t.Context(), "c"); changed != 100 || err != nil {
		t.Errorf("got %d changes, %v, want 100: an update was lost", changed, err)
	}
}

// TestInvalidText stores text that PostgreSQL would refuse, and orders keys by bytes.
func TestInvalidText(t *testing.T) {
	db, ctx := newStoreWithChat(t), t.Context()
	var want []string
	for i, id := range []string{"Z", "a", "B", "ä", "z", "_", "é\xff", "\x00", "😀"} {
		a := newAnswer(id, 1, noon)
		a.Text = "a\x00b\xffc" + strings.Repeat("😀", i)
		_, err := db.AddAnswer(ctx, a)
		must(t, err)
		got, ok, err := db.Answer(ctx, a.Key())
		if want := "a\uFFFDb\uFFFDc" + strings.Repeat("😀", i); !ok || err != nil || got.Text != want {
			t.Errorf("got %+q, %v, %v for %q, want %+q", got.Text, ok, err, id, want)
		}
		want = append(want, string(got.Message))
	}
	slices.Sort(want)
	var got []string
	for _, a := range mustTranscript(t, db, questions.OrderByTime) {
		got = append(got, a.Message)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got answers in the order %q, want %q", got, want)
	}
	if _, _, err := db.PostByMessage(ctx, "nhs\x00", adapters.Ref{Room: "C1", ID: "\xff"}); err != nil {
		t.Errorf("got error %v for an impossible ID, want none", err)
	}
	boom := errors.New("boom")
	if err := db.Transact(ctx, func(context.Context) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("got %v, want %v", err, boom)
	}
}
