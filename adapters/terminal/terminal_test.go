package terminal_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/adaptertest"
	"github.com/ukmedlibs/catchword/adapters/terminal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const room = "#ukmedlibs"

var (
	amy   = adapters.User{ID: "amy", Name: "Amy Jones"}
	catia = adapters.User{ID: "catia", Name: "Cátia"}
	you   = adapters.User{ID: "you", Name: "You"}
)

func TestConformance(t *testing.T) {
	screen := terminal.NewScreen(io.Discard, terminal.Options{Width: 120})
	adaptertest.Test(t, adaptertest.Harness{
		New:         func(testing.TB) adapters.Adapter { return screen.Workspace("nhs", room) },
		Room:        room,
		Person:      person{screen.Workspace("nhs", room)},
		Mention:     "@catchword",
		Restartable: true,
		Timeout:     4 * time.Second,
	})
}

// A person acts on a Terminal.
type person struct{ *terminal.Terminal }

func (p person) Name() string { return amy.Name }

func (p person) Send(_ testing.TB, thread adapters.MessageID, words string) adapters.MessageID {
	return p.Terminal.SendAs(amy, room, thread, words)
}

func (p person) Repost(t testing.TB, id adapters.MessageID) adapters.MessageID {
	for _, m := range p.Messages(room) {
		if m.ID == id {
			return p.Send(t, "", m.Text)
		}
	}
	t.Fatalf("no message %s to repeat", id)
	return ""
}

func (p person) Edit(t testing.TB, id adapters.MessageID, words string) {
	if err := p.EditAs(amy, room, id, words); err != nil {
		t.Fatal(err)
	}
}

func (p person) Delete(t testing.TB, id adapters.MessageID) {
	if err := p.DeleteAs(amy, room, id); err != nil {
		t.Fatal(err)
	}
}

func (p person) React(t testing.TB, id adapters.MessageID, emoji string, on bool) {
	if err := p.ReactAs(amy, room, id, emoji, on); err != nil {
		t.Fatal(err)
	}
}

func (p person) VisibleMessages(testing.TB) (all []adaptertest.VisibleMessage) {
	for _, m := range p.Messages(room) {
		all = append(all, adaptertest.VisibleMessage{ID: m.ID, Thread: m.Thread, Text: m.PlainText, Name: m.Name, FromBot: m.FromBot, Reactions: m.Reactions})
	}
	return all
}

func TestOnPost(t *testing.T) {
	w := terminal.NewScreen(io.Discard, terminal.Options{}).Workspace("nhs", room)
	var got []adapters.MessageID
	w.OnPost(func(p adapters.Post, id adapters.MessageID) {
		got = append(got, id, w.SendAs(amy, room, id, "an answer to "+p.Text))
	})
	p := adapters.Post{Key: "q1", Room: room, Text: "Q1"}
	id, err := w.Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	p.Retry = true
	if again, err := w.Post(t.Context(), p); again != id || err != nil {
		t.Errorf("posted again: got %s, %v, want %s", again, err, id)
	}
	if len(got) != 2 || got[0] != id {
		t.Errorf("told of %v, want %s once, and an answer to it", got, id)
	}
}

// A bot that starts again with its database finds an empty screen, and goes on.
func TestMessagesOfEarlierProcess(t *testing.T) {
	var out strings.Builder
	noon := time.Date(2026, 12, 15, 12, 0, 0, 0, time.UTC)
	w := terminal.NewScreen(&out, terminal.Options{Now: func() time.Time { return noon }, Zone: time.UTC}).Workspace("nhs", room)
	p := adapters.Post{Key: "k", Room: room, Thread: "earlier-1", Text: "an answer", As: adapters.Persona{Name: "Amy", Workspace: "public"}}
	if _, err := w.Post(t.Context(), p); err != nil {
		t.Errorf("Post into an earlier thread: %v", err)
	}
	p.Text = "a better answer"
	if err := w.Edit(t.Context(), "earlier-2", p); err != nil {
		t.Errorf("Edit of an earlier post: %v", err)
	}
	if err := w.Delete(t.Context(), adapters.Ref{Room: room, ID: "earlier-3"}); err != nil {
		t.Errorf("Delete of an earlier post: %v", err)
	}
	const want = `── Tuesday 15 December 2026 ──
12:00:00 nhs/#ukmedlibs  ↳ an earlier message Amy · public: an answer
12:00:00 nhs/#ukmedlibs  ✎ Amy · public: a better answer
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	other := terminal.NewScreen(io.Discard, terminal.Options{}).Workspace("nhs", room)
	if a, b := w.SendAs(amy, room, "", "x"), other.SendAs(amy, room, "", "x"); a == b {
		t.Errorf("messages of two screens: got the same ID %s, want different ones for ever", a)
	}
}

// collector is a sink that keeps messages and tells when it has so many updates.
type collector struct {
	mu      sync.Mutex
	updates []adapters.Update
	want    int
	done    context.CancelFunc
}

func (k *collector) sink(_ context.Context, u adapters.Update) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.updates = append(k.updates, u)
	if len(k.updates) == k.want {
		k.done()
	}
	return nil
}

func TestKeyboard(t *testing.T) {
	var out strings.Builder
	s := terminal.NewScreen(&out, terminal.Options{})
	w := s.Workspace("nhs", room)
	if _, err := w.Join(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	post := func(text string) adapters.MessageID {
		id, err := w.Post(t.Context(), adapters.Post{Key: text, Room: room, Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	try := func(updates int, lines ...string) []adapters.Update {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		r, in := io.Pipe()
		defer in.Close()
		go func() { _, _ = io.WriteString(in, strings.Join(lines, "\n")+"\n") }()
		w.AttachKeyboard(you, r)
		k := &collector{want: updates, done: cancel}
		if err := w.Run(ctx, k.sink); err != nil {
			t.Errorf("Run: %v", err)
		}
		return k.updates
	}
	welcome := post("Welcome to the chat")
	if m := try(1, "Hello all")[0].(*adapters.Message); m.Thread != welcome || m.Text != "Hello all" || m.Author != you {
		t.Errorf("before the first question: heard %+v, want it under %s", m, welcome)
	}
	q1 := post("**Q1.** What is new?")
	post("Five minutes left.")
	amys := w.SendAs(amy, room, q1, "All of it")
	got := try(6, "A lot", "/top Hello?", "/edit Hello!", "/react 👍", "/delete", "/delete")
	receivedAmy, got := got[0], got[1:]
	if m := receivedAmy.(*adapters.Message); m.ID != amys {
		t.Errorf("heard %+v first, want what Amy said, %s", m, amys)
	}
	first, second := got[0].(*adapters.Message), got[1].(*adapters.Message)
	if first.Thread != q1 || second.Thread != "" || second.Text != "Hello?" {
		t.Errorf("heard %+v and %+v, want the one under %s and the other at the top", first, second, q1)
	}
	if e := got[2].(*adapters.Edit); e.ID != second.ID || e.Text != "Hello!" {
		t.Errorf("heard %+v, want the edit of %s", e, second.ID)
	}
	if r := got[3].(*adapters.Reaction); r.ID != amys || r.Emoji != "👍" || !r.Added || r.User != you.ID {
		t.Errorf("heard %+v, want a reaction to %s", r, amys)
	}
	if d := got[4].(*adapters.Deletion); d.ID != second.ID {
		t.Errorf("heard %+v, want the deletion of %s", d, second.ID)
	}
	out.Reset()
	out.Reset()
	got = try(3, "/help", "/nonsense", "/edit", "/catchword where", "and on")
	if c := got[1].(*adapters.Command); c.Text != "where" || c.User != you || c.Room != room || c.ID == "" {
		t.Errorf("heard %+v, want the command of %s", c, you.ID)
	}
	if d := got[0].(*adapters.Deletion); d.ID != first.ID {
		t.Errorf("heard %+v, want the deletion of %s", d, first.ID)
	}
	for _, want := range []string{"/top TEXT", "Unknown command /nonsense. Type", "/edit needs words"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("after /help, /nonsense and /edit: got\n%s\nwant %q in it", out.String(), want)
		}
	}
}

func TestRunEndsDuringRead(t *testing.T) {
	for _, k := range keyboards(t) {
		t.Run(k.name, func(t *testing.T) {
			defer k.close()
			w := terminal.NewScreen(io.Discard, terminal.Options{}).Workspace("nhs", room)
			if _, err := w.Join(t.Context(), room); err != nil {
				t.Fatal(err)
			}
			w.AttachKeyboard(you, k.r)
			for _, word := range []string{"first", "second"} { // Run may be called again
				if _, err := io.WriteString(k.w, word+"\nhalf a li"); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				var received []string
				err := w.Run(ctx, func(_ context.Context, u adapters.Update) error {
					received = append(received, u.(*adapters.Message).Text)
					cancel()
					return nil
				})
				if err != nil || len(received) != 1 || !strings.HasSuffix(received[0], word) {
					t.Errorf("Run: got %v and heard %q, want no error and %q", err, received, word)
				}
			}
		})
	}
}

func TestKeyboardEOF(t *testing.T) {
	w := terminal.NewScreen(io.Discard, terminal.Options{}).Workspace("nhs", room)
	w.AttachKeyboard(you, strings.NewReader("the only line"))
	if _, err := w.Join(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	k := &collector{want: 2, done: cancel}
	go func() {
		for len(w.Messages(room)) == 0 {
			time.Sleep(time.Millisecond)
		}
		w.SendAs(amy, room, "", "and somebody else")
	}()
	if err := w.Run(ctx, k.sink); err != nil || len(k.updates) != 2 {
		t.Errorf("got %v and %d updates, want none and 2: the end of typing isn't the end of Run", err, len(k.updates))
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestBrokenScreen(t *testing.T) {
	w := terminal.NewScreen(brokenWriter{}, terminal.Options{}).Workspace("nhs", room)
	if _, err := w.Post(t.Context(), adapters.Post{Key: "k", Room: room, Text: "x"}); err == nil {
		t.Error("Post to a screen that is gone: got no error, want one")
	}
}
