package adaptertest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

// A mutant is a Fake with one defect, which a check must find.
type mutant struct {
	name  string
	check string // the check that finds it
	made  func(*Fake) adapters.Adapter
}

var mutants = []mutant{
	{"Join takes any name", "Join of an unknown room says so", on(func(m *mutated) {
		m.join = func(ctx context.Context, name string) (adapters.Room, error) {
			if r, err := m.Fake.Join(ctx, name); err == nil {
				return r, nil
			}
			return adapters.Room{ID: "new", Name: name}, nil
		}
	})},
	{"Join hopes for an unknown room", "Join of an unknown room says so", on(func(m *mutated) {
		m.join = func(ctx context.Context, name string) (adapters.Room, error) {
			r, err := m.Fake.Join(ctx, name)
			if err != nil {
				err = &adapters.RetryError{Err: err}
			}
			return r, err
		}
	})},
	{"Join knows no IDs", "Join may be repeated", on(func(m *mutated) {
		m.join = func(ctx context.Context, name string) (adapters.Room, error) {
			if !strings.HasPrefix(name, "#") {
				return adapters.Room{}, fmt.Errorf("no room %s", name)
			}
			return m.Fake.Join(ctx, name)
		}
	})},
	{"it hears itself", "own posts are never heard", on(func(m *mutated) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			id, err := m.Fake.Post(ctx, p)
			if err == nil {
				m.echo(&adapters.Message{Ref: adapters.Ref{Room: p.Room, ID: id}, Text: p.Text, Author: amy, At: time.Now()})
			}
			return id, err
		}
	})},
	{"it hears its own edits as messages", "own posts are never heard", on(func(m *mutated) {
		m.edit = func(ctx context.Context, id adapters.MessageID, p adapters.Post) error {
			m.echo(&adapters.Message{Ref: adapters.Ref{Room: p.Room, ID: id}, Text: p.Text, Author: amy, At: time.Now()})
			return m.Fake.Edit(ctx, id, p)
		}
	})},
	{"it hears its own whispers", "Whisperer", on(func(m *mutated) {
		m.whisper = func(ctx context.Context, to adapters.UserID, p adapters.Post) error {
			m.echo(&adapters.Message{Ref: adapters.Ref{Room: p.Room, ID: "w"}, Text: p.Text, Author: amy, At: time.Now()})
			return m.Fake.Whisper(ctx, to, p)
		}
	})},
	{"it forgets files", "Downloader", onMessage(func(m *adapters.Message) { m.Files = nil })},
	{"files are cut off", "Downloader", onDownload(func(data []byte, err error) ([]byte, error) { return data[:len(data)/2], err })},
	{"a page to sign in is a file", "Downloader", onDownload(func(data []byte, err error) ([]byte, error) {
		if err != nil {
			return []byte("<!doctype html><title>Sign in</title>"), nil
		}
		return data, nil
	})},
	{"replies go to the top level", "a thread's root is the ID of its post", onPost(func(p *adapters.Post) { p.Thread = "" })},
	{"answers lose their thread", "a thread's root is the ID of its post", onMessage(func(m *adapters.Message) { m.Thread = "" })},
	{"Post returns another ID", "a thread's root is the ID of its post", on(func(m *mutated) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			id, err := m.Fake.Post(ctx, p)
			return "x" + id, err
		}
	})},
	{"people's messages can't be answered", "a person's message can be answered under", on(func(m *mutated) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			for _, said := range m.platform.Messages(testRoom) {
				if said.ID == p.Thread && !said.Bot {
					p.Thread = ""
				}
			}
			return m.Fake.Post(ctx, p)
		}
	})},
	{"it asks for no leave", "without leave nothing is said", on(func(m *mutated) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			return m.Fake.Post(adapters.WithLeave(ctx, func() error { return nil }), p)
		}
	})},
	{"Again is ignored", "the same key twice is one message", onPost(func(p *adapters.Post) { p.Again = false })},
	{"Again is ignored after a lost response", "the same key is one message after a lost response", onPost(func(p *adapters.Post) { p.Again = false })},
	{"Again replaces the text", "the same key twice is one message", on(func(m *mutated) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			id, err := m.Fake.Post(ctx, p)
			if err == nil && p.Again && p.Text != "" {
				err = m.Fake.Edit(ctx, id, p)
			}
			return id, err
		}
	})},
	{"keys are remembered, not looked for", "the same key is one message across a restart", on(func(m *mutated) {
		var ids sync.Map
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			if id, ok := ids.Load(p.Key); ok {
				return id.(adapters.MessageID), nil
			}
			p.Again = false
			id, err := m.Fake.Post(ctx, p)
			ids.Store(p.Key, id)
			return id, err
		}
	})},
	{"a lost response won't pass", "the same key is one message after a lost response", on(func(m *mutated) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			id, err := m.Fake.Post(ctx, p)
			if err != nil {
				err = fmt.Errorf("it failed: %v", err)
			}
			return id, err
		}
	})},
	{"Again finds things only", "Again without an earlier try says it", on(func(m *mutated) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			if p.Again {
				p.Text = ""
			}
			return m.Fake.Post(ctx, p)
		}
	})},
	{"nothing is said aloud", "Again without text says nothing", onPost(func(p *adapters.Post) {
		if p.Text == "" {
			p.Text = "(nothing)"
		}
	})},
	{"posts at once are one", "eight posts at once are eight messages", on(func(m *mutated) {
		var mu sync.Mutex
		var last adapters.MessageID
		m.post = func(ctx context.Context, p adapters.Post) (id adapters.MessageID, err error) {
			mu.Lock()
			defer mu.Unlock()
			if last == "" {
				last, err = m.Fake.Post(ctx, p)
			}
			return last, err
		}
	})},
	{"an unknown room may come", "an unknown room can't be posted to", on(func(m *mutated) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			id, err := m.Fake.Post(ctx, p)
			if err != nil {
				err = &adapters.RetryError{Err: err}
			}
			return id, err
		}
	})},
	{"authors have no name", "messages are heard as they were said", onMessage(func(m *adapters.Message) { m.Author.Name = "" })},
	{"times are the adapter's", "messages are heard as they were said", onMessage(func(m *adapters.Message) { m.At = time.Unix(0, 0) })},
	{"times have nanoseconds", "messages are heard as they were said", onMessage(func(m *adapters.Message) { m.At = m.At.Add(1) })},
	{"rooms are mixed up", "messages are heard as they were said", onMessage(func(m *adapters.Message) { m.Room = testRoom })},
	{"edits are not heard", "edits are heard", without(func(u adapters.Update) bool { _, is := u.(*adapters.Edit); return is })},
	{"deletions are not heard", "deletions are heard", without(func(u adapters.Update) bool { _, is := u.(*adapters.Deletion); return is })},
	{"deletions after a restart are not heard", "what happened meanwhile is heard later", without(func(u adapters.Update) bool { _, is := u.(*adapters.Deletion); return is })},
	{"reactions are not heard", "reactions are heard", without(func(u adapters.Update) bool { _, is := u.(*adapters.Reaction); return is })},
	{"reactions stay on", "reactions are heard", without(func(u adapters.Update) bool { r, is := u.(*adapters.Reaction); return is && !r.On })},
	{"it acknowledges first", "what a sink refused comes again", acknowledgesFirst},
	{"it acknowledges first, and restarts", "what a sink refused comes again after a restart", acknowledgesFirst},
	{"it begins with now", "what happened meanwhile is heard later", on(func(m *mutated) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			news, _, err := m.platform.news(m.hears)
			for len(news) > 0 && err == nil {
				if err = m.platform.acknowledge(news); err == nil {
					news, _, err = m.platform.news(m.hears)
				}
			}
			return m.Fake.Run(ctx, sink)
		}
	})},
	{"formatting is lost", "text survives the round trip", onPost(func(p *adapters.Post) { p.Text = strings.NewReplacer("*", "", "`", "").Replace(p.Text) })},
	{"escapes are lost", "text survives the round trip", onMessage(func(m *adapters.Message) { m.Text = strings.ReplaceAll(m.Text, `\`, "") })},
	{"line feeds are lost", "text survives the round trip", onMessage(func(m *adapters.Message) { m.Text = strings.ReplaceAll(m.Text, "\n", " ") })},
	{"tags of instants show", "an instant shows its words", raw},
	{"instants vanish", "an instant shows its words", onPost(func(p *adapters.Post) { p.Text, _, _ = strings.Cut(p.Text, "<time") })},
	{"mass mentions go live", "mass mentions never go live", raw},
	{"mass mentions go live in edits", "mass mentions never go live", on(func(m *mutated) {
		m.edit = func(_ context.Context, id adapters.MessageID, p adapters.Post) error {
			return m.platform.locked(func() error {
				_, err := m.store(m.platform.mustRoom(testRoom), Event{ID: id, Text: p.Text}, Edited)
				return err
			})
		}
	})},
	{"personas are not shown", "a persona shows its name", onPost(func(p *adapters.Post) { p.As = adapters.Persona{} })},
	{"personas stick", "a persona shows its name", onPost(func(p *adapters.Post) { p.As = adapters.Persona{Name: "Zoë Quill"} })},
	{"edits are said anew", "Editor", on(func(m *mutated) {
		m.edit = func(ctx context.Context, _ adapters.MessageID, p adapters.Post) error {
			p.Key += "edited"
			_, err := m.Fake.Post(ctx, p)
			return err
		}
	})},
	{"edits are forgotten", "Editor", on(func(m *mutated) {
		m.edit = func(context.Context, adapters.MessageID, adapters.Post) error { return nil }
	})},
	{"edits drop the line", "Editor", func(f *Fake) adapters.Adapter {
		f.platform.Fault(func(f *Faults) { f.NoNames = true })
		m := &mutated{Fake: f}
		m.edit = func(ctx context.Context, id adapters.MessageID, p adapters.Post) error {
			p.As = adapters.Persona{}
			return m.Fake.Edit(ctx, id, p)
		}
		return m
	}},
	{"posts can't be taken back", "Deleter", on(func(m *mutated) {
		m.delete = func(context.Context, adapters.Ref) error { return nil }
	})},
	{"what is gone can't be deleted", "Deleter", on(func(m *mutated) {
		gone := false
		m.delete = func(ctx context.Context, ref adapters.Ref) error {
			if gone {
				return fmt.Errorf("no message %s", ref.ID)
			}
			gone = true
			return m.Fake.Delete(ctx, ref)
		}
	})},
	{"reactions can't be taken off", "Reactor", on(func(m *mutated) {
		m.react = func(ctx context.Context, ref adapters.Ref, emoji string, on bool) error {
			if !on {
				return nil
			}
			return m.Fake.React(ctx, ref, emoji, on)
		}
	})},
	{"posts are as old as the question about them", "Dater", on(func(m *mutated) {
		m.date = func(context.Context, adapters.Ref) (time.Time, error) { return time.Now().Add(time.Second), nil }
	})},
	{"links lead to the room", "Linker", on(func(m *mutated) {
		m.link = func(_ context.Context, ref adapters.Ref) (string, error) {
			return m.platform.address(adapters.Ref{Room: ref.Room}), nil
		}
	})},
	{"links lead to the first message", "Linker", on(func(m *mutated) {
		m.link = func(ctx context.Context, ref adapters.Ref) (string, error) {
			return m.Fake.Link(ctx, adapters.Ref{Room: ref.Room, ID: m.platform.Messages(testRoom)[0].ID})
		}
	})},
	{"whispers are shouted", "Whisperer", on(func(m *mutated) {
		m.whisper = func(_ context.Context, _ adapters.UserID, p adapters.Post) error {
			return m.platform.locked(func() error {
				_, err := m.store(m.platform.mustRoom(testRoom), Event{Text: p.Text}, Posted)
				return err
			})
		}
	})},
	{"whispers in private are said in the room", "Whisperer, in private", onWhisper(func(p *adapters.Post) { p.Room = "R-ukmedlibs" })},
	{"a whisper's echo is a command", "Whisperer, in private", on(func(m *mutated) {
		m.whisper = func(ctx context.Context, to adapters.UserID, p adapters.Post) error {
			m.echo(&adapters.Command{ID: "w", Text: p.Text, User: amy, At: time.Now()})
			return m.Fake.Whisper(ctx, to, p)
		}
	})},
	{"buttons are not shown", "a long whisper keeps its words and buttons", onWhisper(func(p *adapters.Post) { p.Buttons = nil })},
	{"buttons all do the same", "buttons give commands", onWhisper(func(p *adapters.Post) {
		for i := range p.Buttons {
			p.Buttons[i].Command = p.Buttons[0].Command
		}
	})},
	{"long whispers lose words", "a long whisper keeps its words and buttons", onWhisper(func(p *adapters.Post) { p.Text = p.Text[len(p.Text)/2:] })},
	{"what is said to the bot is like anything else", "what is said to the bot in the room says so", onMessage(func(m *adapters.Message) { m.ToBot, m.Command = false, "" })},
	{"all is said to the bot", "what is said to the bot in the room says so", onMessage(func(m *adapters.Message) { m.ToBot, m.Command = true, m.Text })},
	{"commands lose their room", "commands are heard", onCommand(func(c *adapters.Command) { c.Room = "" })},
	{"commands have the same ID", "commands are heard", onCommand(func(c *adapters.Command) { c.ID = c.Text })},
	{"what is said in private is in a room", "what is said to the bot alone is a command", onCommand(func(c *adapters.Command) { c.Room = "R-ukmedlibs" })},
	{"what is said in private is a message", "what is said to the bot alone is a command", on(func(m *mutated) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			return m.Fake.Run(ctx, func(ctx context.Context, u adapters.Update) error {
				if c, ok := u.(*adapters.Command); ok {
					return sink(ctx, &adapters.Message{Ref: adapters.Ref{ID: adapters.MessageID(c.ID)}, Author: c.User, Text: c.Text, At: c.At})
				}
				return sink(ctx, u)
			})
		}
	})},
	{"refused commands are dropped", "a command that a sink refused comes again", acknowledgesFirst},
	{"commands that come again are others", "a command that a sink refused comes again", onCommand(func(c *adapters.Command) { c.ID = unique() })},
	{"nobody arrives", "arrivals are heard", without(func(u adapters.Update) bool { _, is := u.(*adapters.Arrival); return is })},
	{"arrivals are nowhere", "arrivals are heard", on(func(m *mutated) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			return m.Fake.Run(ctx, func(ctx context.Context, u adapters.Update) error {
				if a, ok := u.(*adapters.Arrival); ok {
					a.Room = ""
				}
				return sink(ctx, u)
			})
		}
	})},
	{"Run returns its context's error", "Run ends soon and leaves no goroutine", on(func(m *mutated) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			_ = m.Fake.Run(ctx, sink)
			return ctx.Err()
		}
	})},
	{"Run goes on", "Run ends soon and leaves no goroutine", on(func(m *mutated) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			_ = m.Fake.Run(ctx, sink)
			time.Sleep(2 * mutantPatience)
			return nil
		}
	})},
	{"Run leaves a goroutine", "Run ends soon and leaves no goroutine", on(func(m *mutated) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			go time.Sleep(3 * mutantPatience)
			return m.Fake.Run(ctx, sink)
		}
	})},
	{"Run waits for its sink", "Run ends while a sink refuses", on(func(m *mutated) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			return m.Fake.Run(ctx, func(ctx context.Context, u adapters.Update) error {
				for start := time.Now(); sink(ctx, u) != nil && time.Since(start) < 2*mutantPatience; {
					time.Sleep(time.Millisecond)
				}
				return nil
			})
		}
	})},
}

const mutantPatience = 300 * time.Millisecond

// Each mutant is found by its check, and for the defect, as the unharmed Fake passes all.
func TestMutantsAreFound(t *testing.T) {
	byName := map[string]check{}
	for _, c := range checks {
		byName[c.name] = c
	}
	found := map[string]bool{}
	for _, m := range mutants {
		c, ok := byName[m.check]
		if !ok {
			t.Fatalf("mutant %q: no check is called %q", m.name, m.check)
		}
		found[m.check] = true
		t.Run(m.name, func(t *testing.T) {
			p := NewPlatform("fake", testRoom)
			h := platformHarness(p, p)
			h.Patience = mutantPatience
			h.New = func(testing.TB) adapters.Adapter { return m.made(p.Adapter()) }
			got := record(t, func(tb testing.TB) { c.run(newStage(tb, h)) })
			if !got.failed {
				t.Errorf("check %q passed it, want it found", m.check)
			}
			t.Log(got.said)
		})
	}
	for _, c := range checks {
		if !found[c.name] {
			t.Errorf("check %q: no mutant proves that it can fail", c.name)
		}
	}
}

// mutated is a Fake of which single methods are replaced, or what it hears is.
type mutated struct {
	*Fake
	join    func(context.Context, string) (adapters.Room, error)
	run     func(context.Context, adapters.Sink) error
	post    func(context.Context, adapters.Post) (adapters.MessageID, error)
	edit    func(context.Context, adapters.MessageID, adapters.Post) error
	delete  func(context.Context, adapters.Ref) error
	react   func(context.Context, adapters.Ref, string, bool) error
	date    func(context.Context, adapters.Ref) (time.Time, error)
	link    func(context.Context, adapters.Ref) (string, error)
	whisper func(context.Context, adapters.UserID, adapters.Post) error

	download func([]byte, error) ([]byte, error)

	mu    sync.Mutex
	alien []adapters.Update // to be heard although no person did it
}

func on(change func(*mutated)) func(*Fake) adapters.Adapter {
	return func(f *Fake) adapters.Adapter {
		m := &mutated{Fake: f}
		change(m)
		return m
	}
}

func onPost(change func(*adapters.Post)) func(*Fake) adapters.Adapter {
	return on(func(m *mutated) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			change(&p)
			return m.Fake.Post(ctx, p)
		}
	})
}

func onWhisper(change func(*adapters.Post)) func(*Fake) adapters.Adapter {
	return on(func(m *mutated) {
		m.whisper = func(ctx context.Context, to adapters.UserID, p adapters.Post) error {
			change(&p)
			return m.Fake.Whisper(ctx, to, p)
		}
	})
}

func onCommand(change func(*adapters.Command)) func(*Fake) adapters.Adapter {
	return on(func(m *mutated) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			return m.Fake.Run(ctx, func(ctx context.Context, u adapters.Update) error {
				if c, ok := u.(*adapters.Command); ok {
					change(c)
				}
				return sink(ctx, u)
			})
		}
	})
}

func onMessage(change func(*adapters.Message)) func(*Fake) adapters.Adapter {
	return on(func(m *mutated) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			return m.Fake.Run(ctx, func(ctx context.Context, u adapters.Update) error {
				if said, ok := u.(*adapters.Message); ok {
					change(said)
				}
				return sink(ctx, u)
			})
		}
	})
}

func onDownload(change func([]byte, error) ([]byte, error)) func(*Fake) adapters.Adapter {
	return on(func(m *mutated) { m.download = change })
}

func without(drop func(adapters.Update) bool) func(*Fake) adapters.Adapter {
	return on(func(m *mutated) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			return m.Fake.Run(ctx, func(ctx context.Context, u adapters.Update) error {
				if drop(u) {
					return nil
				}
				return sink(ctx, u)
			})
		}
	})
}

func acknowledgesFirst(f *Fake) adapters.Adapter {
	m := &mutated{Fake: f}
	m.run = func(ctx context.Context, sink adapters.Sink) error {
		return m.Fake.Run(ctx, func(ctx context.Context, u adapters.Update) error {
			_ = sink(ctx, u)
			return nil
		})
	}
	return m
}

// raw posts text as it comes.
func raw(f *Fake) adapters.Adapter {
	m := &mutated{Fake: f}
	m.post = func(_ context.Context, p adapters.Post) (id adapters.MessageID, err error) {
		err = m.platform.locked(func() error {
			e, err := m.store(m.platform.mustRoom(testRoom), Event{Key: p.Key, Text: p.Text}, Posted)
			id = e.ID
			return err
		})
		return id, err
	}
	return m
}

func (m *mutated) echo(u adapters.Update) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.alien = append(m.alien, u)
}

func (m *mutated) Join(ctx context.Context, name string) (adapters.Room, error) {
	if m.join != nil {
		return m.join(ctx, name)
	}
	return m.Fake.Join(ctx, name)
}

func (m *mutated) Run(ctx context.Context, sink adapters.Sink) error {
	run := m.Fake.Run
	if m.run != nil {
		run = m.run
	}
	return run(ctx, func(ctx context.Context, u adapters.Update) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		for ; len(m.alien) > 0; m.alien = m.alien[1:] {
			if err := sink(ctx, m.alien[0]); err != nil {
				return err
			}
		}
		return sink(ctx, u)
	})
}

func (m *mutated) Post(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
	if m.post != nil {
		return m.post(ctx, p)
	}
	return m.Fake.Post(ctx, p)
}

func (m *mutated) Edit(ctx context.Context, id adapters.MessageID, p adapters.Post) error {
	if m.edit != nil {
		return m.edit(ctx, id, p)
	}
	return m.Fake.Edit(ctx, id, p)
}

func (m *mutated) Delete(ctx context.Context, ref adapters.Ref) error {
	if m.delete != nil {
		return m.delete(ctx, ref)
	}
	return m.Fake.Delete(ctx, ref)
}

func (m *mutated) React(ctx context.Context, ref adapters.Ref, emoji string, on bool) error {
	if m.react != nil {
		return m.react(ctx, ref, emoji, on)
	}
	return m.Fake.React(ctx, ref, emoji, on)
}

func (m *mutated) Date(ctx context.Context, ref adapters.Ref) (time.Time, error) {
	if m.date != nil {
		return m.date(ctx, ref)
	}
	return m.Fake.Date(ctx, ref)
}

func (m *mutated) Link(ctx context.Context, ref adapters.Ref) (string, error) {
	if m.link != nil {
		return m.link(ctx, ref)
	}
	return m.Fake.Link(ctx, ref)
}

func (m *mutated) Whisper(ctx context.Context, to adapters.UserID, p adapters.Post) error {
	if m.whisper != nil {
		return m.whisper(ctx, to, p)
	}
	return m.Fake.Whisper(ctx, to, p)
}

func (m *mutated) Download(ctx context.Context, f adapters.File) (io.ReadCloser, string, error) {
	if m.download == nil {
		return m.Fake.Download(ctx, f)
	}
	var data []byte
	body, mediaType, err := m.Fake.Download(ctx, f)
	if err == nil {
		data, err = io.ReadAll(body)
	}
	if data, err = m.download(data, err); err != nil {
		return nil, "", err
	}
	return io.NopCloser(bytes.NewReader(data)), mediaType, nil
}

// A recorder is a test that may fail without its parent.
type recorder struct {
	testing.TB
	ctx      context.Context
	mu       sync.Mutex
	failed   bool
	said     []string
	cleanups []func()
}

// record runs a check to its end.
func record(t *testing.T, run func(testing.TB)) *recorder {
	ctx, cancel := context.WithCancel(t.Context())
	r := &recorder{TB: t, ctx: ctx}
	done := make(chan struct{})
	go func() { // as FailNow ends the goroutine
		defer close(done)
		run(r)
	}()
	<-done
	cancel()
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
	return r
}

func (r *recorder) say(failed bool, words string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = r.failed || failed
	r.said = append(r.said, words)
}

func (r *recorder) Helper()                   {}
func (r *recorder) Context() context.Context  { return r.ctx }
func (r *recorder) Cleanup(f func())          { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Fail()                     { r.say(true, "failed") }
func (r *recorder) FailNow()                  { r.Fail(); runtime.Goexit() }
func (r *recorder) Error(args ...any)         { r.say(true, fmt.Sprint(args...)) }
func (r *recorder) Errorf(f string, a ...any) { r.say(true, fmt.Sprintf(f, a...)) }
func (r *recorder) Fatal(args ...any)         { r.Error(args...); runtime.Goexit() }
func (r *recorder) Fatalf(f string, a ...any) { r.Errorf(f, a...); runtime.Goexit() }
func (r *recorder) Skip(args ...any)          { r.say(false, fmt.Sprint(args...)); runtime.Goexit() }

func (r *recorder) Skipf(f string, a ...any) { r.say(false, fmt.Sprintf(f, a...)); runtime.Goexit() }
func (r *recorder) SkipNow()                 { runtime.Goexit() }
func (r *recorder) Failed() bool             { return r.failed }
