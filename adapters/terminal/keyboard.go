package terminal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/ukmedlibs/catchword/adapters"
)

const help = `Type a line to answer the question that was asked last.

- /top TEXT posts it in the room, outside the threads
- /edit TEXT changes your last message
- /delete deletes your last message
- /react 👍 reacts to the last message of somebody else
- /catchword COMMAND sends the bot a command: /catchword help lists them
- /help shows this`

// A keyboard is a person who types into a room.
type keyboard struct {
	user            adapters.User
	room            string
	file            io.Reader
	input           *bufio.Reader
	partial         string // the beginning of a line that is still being typed
	uninterruptible bool   // a goroutine reads that can't be stopped

	mu    sync.Mutex
	lines []string      // typed, but not handled yet
	wake  chan struct{} // has a value when there may be lines
}

// AttachKeyboard lets a person type in the workspace's first room: each line of r is a message, or a command that
// begins with a slash ("/help" lists them). The workspace must have a room. Call AttachKeyboard before the Run that
// reads r. Run goes on when r ends.
//
// Run can interrupt a Read if r has a SetReadDeadline that works. Pipes have one, and on Linux so has a terminal
// opened by os.Open("/dev/tty"). With any other r, such as os.Stdin on a terminal, one goroutine outlives Run until
// its Read returns; the next Run gets the line.
func (t *Terminal) AttachKeyboard(user adapters.User, r io.Reader) {
	t.screen.mu.Lock()
	defer t.screen.mu.Unlock()
	t.keyboard = &keyboard{user: user, room: t.rooms[0].name, file: r, input: bufio.NewReader(r), wake: make(chan struct{}, 1)}
}

// start reads lines in a goroutine, because a select can't wait for a Read. stop waits for the goroutine if it can be
// interrupted.
func (k *keyboard) start() (stop func()) {
	if k == nil || k.uninterruptible {
		return func() {}
	}
	f, ok := k.file.(interface{ SetReadDeadline(time.Time) error })
	if !ok || f.SetReadDeadline(time.Time{}) != nil {
		k.uninterruptible = true
		go k.read()
		return func() {}
	}
	var reader sync.WaitGroup
	reader.Go(k.read)
	return func() {
		_ = f.SetReadDeadline(time.Unix(1, 0)) // it worked a moment ago
		reader.Wait()
	}
}

func (k *keyboard) read() {
	for {
		more, err := k.input.ReadString('\n')
		k.partial += more
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if typed := strings.TrimSpace(k.partial); typed != "" {
			k.push(typed)
		}
		k.partial = ""
		if err != nil {
			return
		}
	}
}

func (k *keyboard) push(typed string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lines = append(k.lines, typed)
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

func (k *keyboard) pop() (typed string, ok bool) {
	if k == nil {
		return "", false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.lines) == 0 {
		return "", false
	}
	typed, k.lines = k.lines[0], k.lines[1:]
	return typed, true
}

// ready receives when there may be lines. Without a keyboard it never does.
func (k *keyboard) ready() <-chan struct{} {
	if k == nil {
		return nil
	}
	return k.wake
}

func (t *Terminal) handleLine(text string) {
	k := t.keyboard
	if hint := t.handle(k, strings.ToValidUTF8(text, "\ufffd")); hint != "" {
		_ = t.screen.Print(hint) // without a screen, nobody needs the hint
	}
}

func (t *Terminal) handle(k *keyboard, text string) (hint string) {
	command, rest, _ := strings.Cut(text, " ")
	if !strings.HasPrefix(text, "/") {
		t.SendAs(k.user, k.room, t.currentThread(k.room), text)
		return ""
	}
	rest = strings.TrimSpace(rest)
	own := func(m *message) bool { return m.author.ID == k.user.ID }
	others := func(m *message) bool { return m.author.ID != k.user.ID && !m.fromBot() }
	var err error
	switch command {
	case "/help":
		return help
	case "/catchword":
		t.CommandAs(k.user, k.room, rest)
	case "/top":
		if rest == "" {
			return "Nothing posted: */top* needs words after it."
		}
		t.SendAs(k.user, k.room, "", rest)
	case "/edit":
		id, ok := t.lastMessage(k.room, own)
		if !ok || rest == "" {
			return "Nothing edited: */edit* needs words after it, and a message of yours."
		}
		err = t.EditAs(k.user, k.room, id, rest)
	case "/delete":
		id, ok := t.lastMessage(k.room, own)
		if !ok {
			return "Nothing to delete: you haven't posted anything yet."
		}
		err = t.DeleteAs(k.user, k.room, id)
	case "/react":
		id, ok := t.lastMessage(k.room, others)
		if !ok || rest == "" {
			return "No reaction: */react* needs an emoji after it, and a message of somebody else."
		}
		err = t.ReactAs(k.user, k.room, id, strings.Fields(rest)[0], true)
	default:
		return fmt.Sprintf("Unknown command %s. Type */help* for the list.", oneLine(command))
	}
	if err != nil {
		return "That didn't work: " + err.Error()
	}
	return ""
}

// currentThread is the thread that a line belongs to: that of the last question or, before the first question, that
// of the bot's last post in the room.
func (t *Terminal) currentThread(room string) adapters.MessageID {
	if id, ok := t.lastMessage(room, (*message).isQuestion); ok {
		return id
	}
	id, _ := t.lastMessage(room, func(m *message) bool { return m.fromBot() && m.thread == "" })
	return id
}

func (t *Terminal) lastMessage(room string, is func(*message) bool) (adapters.MessageID, bool) {
	t.screen.mu.Lock()
	defer t.screen.mu.Unlock()
	m := t.mustRoom(room).find(is)
	if m == nil {
		return "", false
	}
	return m.id, true
}
