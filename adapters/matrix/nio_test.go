//go:build goolm && linux

package matrix_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/ukmedlibs/catchword/adapters"
)

// python is Debian's, which has python3-matrix-nio.
const python = "/usr/bin/python3"

// TestIndependentClient talks in an encrypted room with somebody whose client shares no code with ours or our library:
// matrix-nio, on libolm.
func TestIndependentClient(t *testing.T) {
	if err := exec.Command(python, "-c", "import nio, olm, peewee, atomicwrites, cachetools").Run(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s has no matrix-nio: install Debian's python3-matrix-nio", python)
		}
		t.Skipf("%s has no matrix-nio (Debian's python3-matrix-nio): %v", python, err)
	}
	t.Parallel()
	c := newEnv(t, true)
	l := c.startReceiver(c.config(), nil)
	n := c.nio()
	root := l.post(adapters.Post{Text: "Q1: *which* one?"})
	if got := n.waitSeen(root); got.Body != "Q1: which one?" || !got.Encrypted {
		t.Errorf("nio sees %+v, want the question, encrypted", got)
	}
	answer := n.send("this one", root, "")
	if m := l.waitMessage(answer); m.Text != "this one" || m.Thread != adapters.MessageID(root) || m.Author.ID != "@nio:catchword.test" {
		t.Errorf("received %+v, want the answer in its thread", *m)
	}
	n.send("that one", "", answer)
	l.until("the edit is received", func() bool { return l.waitMessage(answer).Text == "that one" })
	reply := l.post(adapters.Post{Text: "passed on", Thread: adapters.MessageID(root), As: adapters.Persona{Name: "Zoë", Workspace: "nhs"}})
	if got := n.waitSeen(reply); got.Body != "Zoë · nhs: passed on" || got.Relates.EventID != root || got.Relates.Type != "m.thread" {
		t.Errorf("nio sees %+v, want it in the thread, with the name before it", got)
	}
}

// A nio runs testdata/participant.py.
type nio struct {
	t     testing.TB
	stdin *json.Encoder
	lines chan nioLine
	seen  map[id.EventID]nioLine
}

// A nioLine is one line of its output: one of the three.
type nioLine struct {
	Ready id.DeviceID
	Said  id.EventID

	Event     id.EventID
	Sender    id.UserID
	Body      string
	Encrypted bool
	Relates   struct {
		Type    string     `json:"rel_type"`
		EventID id.EventID `json:"event_id"`
	}
}

func (c *env) nio() *nio {
	c.t.Helper()
	a := c.Register("nio")
	cmd := exec.Command(python, "testdata/participant.py", c.URL(), a.ID.String(), a.Password, c.room.String(), c.t.TempDir())
	cmd.Stderr, cmd.SysProcAttr = c.t.Output(), &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := cmd.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	n := &nio{t: c.t, stdin: json.NewEncoder(in), lines: make(chan nioLine, 100), seen: map[id.EventID]nioLine{}}
	go func() {
		defer close(n.lines)
		for all := bufio.NewScanner(out); all.Scan(); {
			var l nioLine
			if err := json.Unmarshal(all.Bytes(), &l); err != nil {
				c.t.Errorf("nio printed %q: %v", all.Text(), err)
			}
			n.lines <- l
		}
	}()
	c.t.Cleanup(func() {
		_ = in.Close()
		for range n.lines {
		}
		if err := cmd.Wait(); err != nil {
			c.t.Errorf("nio: %v", err)
		}
	})
	n.until("it is ready", func(l nioLine) bool { return l.Ready != "" })
	return n
}

// until reads lines until ok.
func (n *nio) until(what string, is func(nioLine) bool) nioLine {
	n.t.Helper()
	late := time.After(waitTimeout)
	for {
		select {
		case l, ok := <-n.lines:
			if !ok {
				n.t.Fatalf("nio ended before %s", what)
			}
			if l.Event != "" {
				n.seen[l.Event] = l
			}
			if is(l) {
				return l
			}
		case <-late:
			n.t.Fatalf("timed out after %v waiting until %s; nio has seen %+v", waitTimeout, what, n.seen)
		}
	}
}

// waitSeen waits until nio can read a message.
func (n *nio) waitSeen(message id.EventID) nioLine {
	n.t.Helper()
	if l, ok := n.seen[message]; ok {
		return l
	}
	return n.until(message.String()+" is seen", func(l nioLine) bool { return l.Event == message })
}

func (n *nio) send(text string, thread, replaces id.EventID) id.EventID {
	n.t.Helper()
	if err := n.stdin.Encode(map[string]any{"say": text, "thread": thread, "replaces": replaces}); err != nil {
		n.t.Fatal(err)
	}
	return n.until("it was said", func(l nioLine) bool { return l.Said != "" }).Said
}
