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
	wrap  func(*Fake) adapters.Adapter
}

var mutants = []mutant{
	{"Join takes any name", "Join of an unknown room fails", mutate(func(m *faultyFake) {
		m.join = func(ctx context.Context, name string) (adapters.Room, error) {
			if r, err := m.Fake.Join(ctx, name); err == nil {
				return r, nil
			}
			return adapters.Room{ID: "new", Name: name}, nil
		}
	})},
	{"Join hopes for an unknown room", "Join of an unknown room fails", mutate(func(m *faultyFake) {
		m.join = func(ctx context.Context, name string) (adapters.Room, error) {
			r, err := m.Fake.Join(ctx, name)
			if err != nil {
				err = &adapters.RetryError{Err: err}
			}
			return r, err
		}
	})},
	{"Join knows no IDs", "Join may be repeated", mutate(func(m *faultyFake) {
		m.join = func(ctx context.Context, name string) (adapters.Room, error) {
			if !strings.HasPrefix(name, "#") {
				return adapters.Room{}, fmt.Errorf("no room %s", name)
			}
			return m.Fake.Join(ctx, name)
		}
	})},
	{"it hears itself", "own posts are never received", mutate(func(m *faultyFake) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			id, err := m.Fake.Post(ctx, p)
			if err == nil {
				m.inject(&adapters.Message{Ref: adapters.Ref{Room: p.Room, ID: id}, Text: p.Text, Author: amy, At: time.Now()})
			}
			return id, err
		}
	})},
	{"it hears its own edits as messages", "own posts are never received", mutate(func(m *faultyFake) {
		m.edit = func(ctx context.Context, id adapters.MessageID, p adapters.Post) error {
			m.inject(&adapters.Message{Ref: adapters.Ref{Room: p.Room, ID: id}, Text: p.Text, Author: amy, At: time.Now()})
			return m.Fake.Edit(ctx, id, p)
		}
	})},
	{"it hears its own whispers", "EphemeralPoster", mutate(func(m *faultyFake) {
		m.postEphemeral = func(ctx context.Context, to adapters.UserID, p adapters.Post) error {
			m.inject(&adapters.Message{Ref: adapters.Ref{Room: p.Room, ID: "w"}, Text: p.Text, Author: amy, At: time.Now()})
			return m.Fake.PostEphemeral(ctx, to, p)
		}
	})},
	{"it forgets files", "Downloader", mutateMessage(func(m *adapters.Message) { m.Files = nil })},
	{"files are cut off", "Downloader", mutateDownload(func(data []byte, err error) ([]byte, error) { return data[:len(data)/2], err })},
	{"a page to sign in is a file", "Downloader", mutateDownload(func(data []byte, err error) ([]byte, error) {
		if err != nil {
			return []byte("<!doctype html><title>Sign in</title>"), nil
		}
		return data, nil
	})},
	{"replies go to the top level", "a thread's root is the ID of its post", mutatePost(func(p *adapters.Post) { p.Thread = "" })},
	{"answers lose their thread", "a thread's root is the ID of its post", mutateMessage(func(m *adapters.Message) { m.Thread = "" })},
	{"Post returns another ID", "a thread's root is the ID of its post", mutate(func(m *faultyFake) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			id, err := m.Fake.Post(ctx, p)
			return "x" + id, err
		}
	})},
	{"people's messages can't be answered", "a person's message can be replied to", mutate(func(m *faultyFake) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			for _, said := range m.platform.Messages(testRoom) {
				if said.ID == p.Thread && !said.FromBot {
					p.Thread = ""
				}
			}
			return m.Fake.Post(ctx, p)
		}
	})},
	{"it asks for no leave", "nothing is posted without the lease", mutate(func(m *faultyFake) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			return m.Fake.Post(adapters.WithLeaseCheck(ctx, func() error { return nil }), p)
		}
	})},
	{"Again is ignored", "the same key twice is one message", mutatePost(func(p *adapters.Post) { p.Retry = false })},
	{"Again is ignored after a lost response", "the same key is one message after a lost response", mutatePost(func(p *adapters.Post) { p.Retry = false })},
	{"Again replaces the text", "the same key twice is one message", mutate(func(m *faultyFake) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			id, err := m.Fake.Post(ctx, p)
			if err == nil && p.Retry && p.Text != "" {
				err = m.Fake.Edit(ctx, id, p)
			}
			return id, err
		}
	})},
	{"keys are remembered, not looked for", "the same key is one message across a restart", mutate(func(m *faultyFake) {
		var ids sync.Map
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			if id, ok := ids.Load(p.Key); ok {
				return id.(adapters.MessageID), nil
			}
			p.Retry = false
			id, err := m.Fake.Post(ctx, p)
			ids.Store(p.Key, id)
			return id, err
		}
	})},
	{"a lost response won't pass", "the same key is one message after a lost response", mutate(func(m *faultyFake) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			id, err := m.Fake.Post(ctx, p)
			if err != nil {
				err = fmt.Errorf("it failed: %v", err)
			}
			return id, err
		}
	})},
	{"Again finds things only", "Retry without an earlier attempt posts", mutate(func(m *faultyFake) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			if p.Retry {
				p.Text = ""
			}
			return m.Fake.Post(ctx, p)
		}
	})},
	{"nothing is said aloud", "Retry without text posts nothing", mutatePost(func(p *adapters.Post) {
		if p.Text == "" {
			p.Text = "(nothing)"
		}
	})},
	{"posts at once are one", "eight posts at once are eight messages", mutate(func(m *faultyFake) {
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
	{"an unknown room may come", "an unknown room can't be posted to", mutate(func(m *faultyFake) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			id, err := m.Fake.Post(ctx, p)
			if err != nil {
				err = &adapters.RetryError{Err: err}
			}
			return id, err
		}
	})},
	{"authors have no name", "messages are received as they were sent", mutateMessage(func(m *adapters.Message) { m.Author.Name = "" })},
	{"times are the adapter's", "messages are received as they were sent", mutateMessage(func(m *adapters.Message) { m.At = time.Unix(0, 0) })},
	{"times have nanoseconds", "messages are received as they were sent", mutateMessage(func(m *adapters.Message) { m.At = m.At.Add(1) })},
	{"rooms are mixed up", "messages are received as they were sent", mutateMessage(func(m *adapters.Message) { m.Room = testRoom })},
	{"edits are not heard", "edits are received", dropping(func(u adapters.Update) bool { m, is := u.(*adapters.Message); return is && !m.EditedAt.IsZero() })},
	{"deletions are not heard", "deletions are received", dropping(func(u adapters.Update) bool { _, is := u.(*adapters.Deletion); return is })},
	{"deletions after a restart are not heard", "what happened meanwhile is received later", dropping(func(u adapters.Update) bool { _, is := u.(*adapters.Deletion); return is })},
	{"reactions are not heard", "reactions are received", dropping(func(u adapters.Update) bool { _, is := u.(*adapters.Reaction); return is })},
	{"reactions stay on", "reactions are received", dropping(func(u adapters.Update) bool { r, is := u.(*adapters.Reaction); return is && !r.Added })},
	{"it acknowledges first", "what a sink refused comes again", acknowledgesFirst},
	{"it acknowledges first, and restarts", "what a sink refused comes again after a restart", acknowledgesFirst},
	{"it begins with now", "what happened meanwhile is received later", mutate(func(m *faultyFake) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			unread, _, err := m.platform.nextUpdates(m.receives)
			for len(unread) > 0 && err == nil {
				if err = m.platform.acknowledge(unread); err == nil {
					unread, _, err = m.platform.nextUpdates(m.receives)
				}
			}
			return m.Fake.Run(ctx, sink)
		}
	})},
	{"formatting is lost", "text survives the round trip", mutatePost(func(p *adapters.Post) { p.Text = strings.NewReplacer("*", "", "`", "").Replace(p.Text) })},
	{"escapes are lost", "text survives the round trip", mutateMessage(func(m *adapters.Message) { m.Text = strings.ReplaceAll(m.Text, `\`, "") })},
	{"line feeds are lost", "text survives the round trip", mutateMessage(func(m *adapters.Message) { m.Text = strings.ReplaceAll(m.Text, "\n", " ") })},
	{"tags of instants show", "an instant shows its words", postsRaw},
	{"instants vanish", "an instant shows its words", mutatePost(func(p *adapters.Post) { p.Text, _, _ = strings.Cut(p.Text, "<time") })},
	{"mass mentions go live", "mass mentions never notify", postsRaw},
	{"mass mentions go live in edits", "mass mentions never notify", mutate(func(m *faultyFake) {
		m.edit = func(_ context.Context, id adapters.MessageID, p adapters.Post) error {
			return m.platform.withLock(func() error {
				_, err := m.store(m.platform.mustRoom(testRoom), Event{ID: id, Text: p.Text}, Edited)
				return err
			})
		}
	})},
	{"personas are not shown", "a persona shows its name", mutatePost(func(p *adapters.Post) { p.As = adapters.Persona{} })},
	{"personas stick", "a persona shows its name", mutatePost(func(p *adapters.Post) { p.As = adapters.Persona{Name: "Zoë Quill"} })},
	{"edits are said anew", "Editor", mutate(func(m *faultyFake) {
		m.edit = func(ctx context.Context, _ adapters.MessageID, p adapters.Post) error {
			p.Key += "edited"
			_, err := m.Fake.Post(ctx, p)
			return err
		}
	})},
	{"edits are forgotten", "Editor", mutate(func(m *faultyFake) {
		m.edit = func(context.Context, adapters.MessageID, adapters.Post) error { return nil }
	})},
	{"edits drop the line", "Editor", func(f *Fake) adapters.Adapter {
		f.platform.SetFaults(func(f *Faults) { f.NoPersonas = true })
		m := &faultyFake{Fake: f}
		m.edit = func(ctx context.Context, id adapters.MessageID, p adapters.Post) error {
			p.As = adapters.Persona{}
			return m.Fake.Edit(ctx, id, p)
		}
		return m
	}},
	{"posts can't be taken back", "Deleter", mutate(func(m *faultyFake) {
		m.delete = func(context.Context, adapters.Ref) error { return nil }
	})},
	{"what is gone can't be deleted", "Deleter", mutate(func(m *faultyFake) {
		gone := false
		m.delete = func(ctx context.Context, ref adapters.Ref) error {
			if gone {
				return fmt.Errorf("no message %s", ref.ID)
			}
			gone = true
			return m.Fake.Delete(ctx, ref)
		}
	})},
	{"reactions can't be taken off", "Reactor", mutate(func(m *faultyFake) {
		m.react = func(ctx context.Context, ref adapters.Ref, emoji string, on bool) error {
			if !on {
				return nil
			}
			return m.Fake.React(ctx, ref, emoji, on)
		}
	})},
	{"posts are as old as the question about them", "Timestamper", mutate(func(m *faultyFake) {
		m.timestamp = func(context.Context, adapters.Ref) (time.Time, error) { return time.Now().Add(time.Second), nil }
	})},
	{"links lead to the room", "Permalinker", mutate(func(m *faultyFake) {
		m.permalink = func(_ context.Context, ref adapters.Ref) (string, error) {
			return m.platform.address(adapters.Ref{Room: ref.Room}), nil
		}
	})},
	{"links lead to the first message", "Permalinker", mutate(func(m *faultyFake) {
		m.permalink = func(ctx context.Context, ref adapters.Ref) (string, error) {
			return m.Fake.Permalink(ctx, adapters.Ref{Room: ref.Room, ID: m.platform.Messages(testRoom)[0].ID})
		}
	})},
	{"whispers are shouted", "EphemeralPoster", mutate(func(m *faultyFake) {
		m.postEphemeral = func(_ context.Context, _ adapters.UserID, p adapters.Post) error {
			return m.platform.withLock(func() error {
				_, err := m.store(m.platform.mustRoom(testRoom), Event{Text: p.Text}, Posted)
				return err
			})
		}
	})},
	{"whispers in private are said in the room", "EphemeralPoster, in private", mutateEphemeral(func(p *adapters.Post) { p.Room = "R-ukmedlibs" })},
	{"a whisper's echo is a command", "EphemeralPoster, in private", mutate(func(m *faultyFake) {
		m.postEphemeral = func(ctx context.Context, to adapters.UserID, p adapters.Post) error {
			m.inject(&adapters.Command{ID: "w", Text: p.Text, User: amy, At: time.Now()})
			return m.Fake.PostEphemeral(ctx, to, p)
		}
	})},
	{"buttons are not shown", "a long ephemeral message keeps its words and buttons", mutateEphemeral(func(p *adapters.Post) { p.Buttons = nil })},
	{"buttons all do the same", "buttons give commands", mutateEphemeral(func(p *adapters.Post) {
		for i := range p.Buttons {
			p.Buttons[i].Command = p.Buttons[0].Command
		}
	})},
	{"long whispers lose words", "a long ephemeral message keeps its words and buttons", mutateEphemeral(func(p *adapters.Post) { p.Text = p.Text[len(p.Text)/2:] })},
	{"what is said to the bot is like anything else", "mentions of the bot in the room are found", mutateMessage(func(m *adapters.Message) { m.ToBot, m.Command = false, "" })},
	{"all is said to the bot", "mentions of the bot in the room are found", mutateMessage(func(m *adapters.Message) { m.ToBot, m.Command = true, m.Text })},
	{"commands lose their room", "commands are received", mutateCommand(func(c *adapters.Command) { c.Room = "" })},
	{"commands have the same ID", "commands are received", mutateCommand(func(c *adapters.Command) { c.ID = c.Text })},
	{"what is said in private is in a room", "a direct message to the bot is a command", mutateCommand(func(c *adapters.Command) { c.Room = "R-ukmedlibs" })},
	{"what is said in private is a message", "a direct message to the bot is a command", mutate(func(m *faultyFake) {
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
	{"commands that come again are others", "a command that a sink refused comes again", mutateCommand(func(c *adapters.Command) { c.ID = unique() })},
	{"nobody arrives", "new members are received", dropping(func(u adapters.Update) bool { _, is := u.(*adapters.MemberJoined); return is })},
	{"arrivals are nowhere", "new members are received", mutate(func(m *faultyFake) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			return m.Fake.Run(ctx, func(ctx context.Context, u adapters.Update) error {
				if a, ok := u.(*adapters.MemberJoined); ok {
					a.Room = ""
				}
				return sink(ctx, u)
			})
		}
	})},
	{"Run returns its context's error", "Run ends soon and leaves no goroutine", mutate(func(m *faultyFake) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			_ = m.Fake.Run(ctx, sink)
			return ctx.Err()
		}
	})},
	{"Run goes on", "Run ends soon and leaves no goroutine", mutate(func(m *faultyFake) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			_ = m.Fake.Run(ctx, sink)
			time.Sleep(2 * mutantTimeout)
			return nil
		}
	})},
	{"Run leaves a goroutine", "Run ends soon and leaves no goroutine", mutate(func(m *faultyFake) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			go time.Sleep(3 * mutantTimeout)
			return m.Fake.Run(ctx, sink)
		}
	})},
	{"Run waits for its sink", "Run ends while a sink refuses", mutate(func(m *faultyFake) {
		m.run = func(ctx context.Context, sink adapters.Sink) error {
			return m.Fake.Run(ctx, func(ctx context.Context, u adapters.Update) error {
				for start := time.Now(); sink(ctx, u) != nil && time.Since(start) < 2*mutantTimeout; {
					time.Sleep(time.Millisecond)
				}
				return nil
			})
		}
	})},
}

const mutantTimeout = 300 * time.Millisecond

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
			h.Timeout = mutantTimeout
			h.New = func(testing.TB) adapters.Adapter { return m.wrap(p.Adapter()) }
			got := runRecorded(t, func(tb testing.TB) { c.run(newFixture(tb, h)) })
			if !got.failed {
				t.Errorf("check %q passed it, want it found", m.check)
			}
			t.Log(got.output)
		})
	}
	for _, c := range checks {
		if !found[c.name] {
			t.Errorf("check %q: no mutant proves that it can fail", c.name)
		}
	}
}

// faultyFake is a Fake of which single methods are replaced, or what it receives is.
type faultyFake struct {
	*Fake
	join          func(context.Context, string) (adapters.Room, error)
	run           func(context.Context, adapters.Sink) error
	post          func(context.Context, adapters.Post) (adapters.MessageID, error)
	edit          func(context.Context, adapters.MessageID, adapters.Post) error
	delete        func(context.Context, adapters.Ref) error
	react         func(context.Context, adapters.Ref, string, bool) error
	timestamp     func(context.Context, adapters.Ref) (time.Time, error)
	permalink     func(context.Context, adapters.Ref) (string, error)
	postEphemeral func(context.Context, adapters.UserID, adapters.Post) error

	download func([]byte, error) ([]byte, error)

	mu       sync.Mutex
	injected []adapters.Update // to be received although no person did it
}

func mutate(change func(*faultyFake)) func(*Fake) adapters.Adapter {
	return func(f *Fake) adapters.Adapter {
		m := &faultyFake{Fake: f}
		change(m)
		return m
	}
}

func mutatePost(change func(*adapters.Post)) func(*Fake) adapters.Adapter {
	return mutate(func(m *faultyFake) {
		m.post = func(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
			change(&p)
			return m.Fake.Post(ctx, p)
		}
	})
}

func mutateEphemeral(change func(*adapters.Post)) func(*Fake) adapters.Adapter {
	return mutate(func(m *faultyFake) {
		m.postEphemeral = func(ctx context.Context, to adapters.UserID, p adapters.Post) error {
			change(&p)
			return m.Fake.PostEphemeral(ctx, to, p)
		}
	})
}

func mutateCommand(change func(*adapters.Command)) func(*Fake) adapters.Adapter {
	return mutate(func(m *faultyFake) {
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

func mutateMessage(change func(*adapters.Message)) func(*Fake) adapters.Adapter {
	return mutate(func(m *faultyFake) {
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

func mutateDownload(change func([]byte, error) ([]byte, error)) func(*Fake) adapters.Adapter {
	return mutate(func(m *faultyFake) { m.download = change })
}

func dropping(drop func(adapters.Update) bool) func(*Fake) adapters.Adapter {
	return mutate(func(m *faultyFake) {
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
	m := &faultyFake{Fake: f}
	m.run = func(ctx context.Context, sink adapters.Sink) error {
		return m.Fake.Run(ctx, func(ctx context.Context, u adapters.Update) error {
			_ = sink(ctx, u)
			return nil
		})
	}
	return m
}

// postsRaw posts text as it comes.
func postsRaw(f *Fake) adapters.Adapter {
	m := &faultyFake{Fake: f}
	m.post = func(_ context.Context, p adapters.Post) (id adapters.MessageID, err error) {
		err = m.platform.withLock(func() error {
			e, err := m.store(m.platform.mustRoom(testRoom), Event{Key: p.Key, Text: p.Text}, Posted)
			id = e.ID
			return err
		})
		return id, err
	}
	return m
}

func (m *faultyFake) inject(u adapters.Update) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.injected = append(m.injected, u)
}

func (m *faultyFake) Join(ctx context.Context, name string) (adapters.Room, error) {
	if m.join != nil {
		return m.join(ctx, name)
	}
	return m.Fake.Join(ctx, name)
}

func (m *faultyFake) Run(ctx context.Context, sink adapters.Sink) error {
	run := m.Fake.Run
	if m.run != nil {
		run = m.run
	}
	return run(ctx, func(ctx context.Context, u adapters.Update) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		for ; len(m.injected) > 0; m.injected = m.injected[1:] {
			if err := sink(ctx, m.injected[0]); err != nil {
				return err
			}
		}
		return sink(ctx, u)
	})
}

func (m *faultyFake) Post(ctx context.Context, p adapters.Post) (adapters.MessageID, error) {
	if m.post != nil {
		return m.post(ctx, p)
	}
	return m.Fake.Post(ctx, p)
}

func (m *faultyFake) Edit(ctx context.Context, id adapters.MessageID, p adapters.Post) error {
	if m.edit != nil {
		return m.edit(ctx, id, p)
	}
	return m.Fake.Edit(ctx, id, p)
}

func (m *faultyFake) Delete(ctx context.Context, ref adapters.Ref) error {
	if m.delete != nil {
		return m.delete(ctx, ref)
	}
	return m.Fake.Delete(ctx, ref)
}

func (m *faultyFake) React(ctx context.Context, ref adapters.Ref, emoji string, on bool) error {
	if m.react != nil {
		return m.react(ctx, ref, emoji, on)
	}
	return m.Fake.React(ctx, ref, emoji, on)
}

func (m *faultyFake) Timestamp(ctx context.Context, ref adapters.Ref) (time.Time, error) {
	if m.timestamp != nil {
		return m.timestamp(ctx, ref)
	}
	return m.Fake.Timestamp(ctx, ref)
}

func (m *faultyFake) Permalink(ctx context.Context, ref adapters.Ref) (string, error) {
	if m.permalink != nil {
		return m.permalink(ctx, ref)
	}
	return m.Fake.Permalink(ctx, ref)
}

func (m *faultyFake) PostEphemeral(ctx context.Context, to adapters.UserID, p adapters.Post) error {
	if m.postEphemeral != nil {
		return m.postEphemeral(ctx, to, p)
	}
	return m.Fake.PostEphemeral(ctx, to, p)
}

func (m *faultyFake) Download(ctx context.Context, f adapters.File) (io.ReadCloser, string, error) {
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

// A recordingTB is a test that may fail without its parent.
type recordingTB struct {
	testing.TB
	ctx      context.Context
	mu       sync.Mutex
	failed   bool
	output   []string
	cleanups []func()
}

// runRecorded runs a check to its end.
func runRecorded(t *testing.T, run func(testing.TB)) *recordingTB {
	ctx, cancel := context.WithCancel(t.Context())
	r := &recordingTB{TB: t, ctx: ctx}
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

func (r *recordingTB) add(failed bool, words string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = r.failed || failed
	r.output = append(r.output, words)
}

func (r *recordingTB) Helper()                   {}
func (r *recordingTB) Context() context.Context  { return r.ctx }
func (r *recordingTB) Cleanup(f func())          { r.cleanups = append(r.cleanups, f) }
func (r *recordingTB) Fail()                     { r.add(true, "failed") }
func (r *recordingTB) FailNow()                  { r.Fail(); runtime.Goexit() }
func (r *recordingTB) Error(args ...any)         { r.add(true, fmt.Sprint(args...)) }
func (r *recordingTB) Errorf(f string, a ...any) { r.add(true, fmt.Sprintf(f, a...)) }
func (r *recordingTB) Fatal(args ...any)         { r.Error(args...); runtime.Goexit() }
func (r *recordingTB) Fatalf(f string, a ...any) { r.Errorf(f, a...); runtime.Goexit() }
func (r *recordingTB) Skip(args ...any)          { r.add(false, fmt.Sprint(args...)); runtime.Goexit() }

func (r *recordingTB) Skipf(f string, a ...any) { r.add(false, fmt.Sprintf(f, a...)); runtime.Goexit() }
func (r *recordingTB) SkipNow()                 { runtime.Goexit() }
func (r *recordingTB) Failed() bool             { return r.failed }
