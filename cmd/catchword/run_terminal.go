package main

import (
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/ukmedlibs/catchword/adapters"
	"github.com/ukmedlibs/catchword/adapters/terminal"
	"github.com/ukmedlibs/catchword/bot"
	"github.com/ukmedlibs/catchword/questions"
)

// terminalRoom is the only room of the terminal's workspace, used only for the chat.
const terminalRoom = "#chat"

// A terminalSession is this terminal as a workspace, with one participant.
type terminalSession struct {
	terminalIO
	workspace bot.Workspace
}

// openTerminal returns a workspace that uses stdin and stdout. On a real terminal, Ctrl-C calls quit.
func openTerminal(stdin io.Reader, stdout io.Writer, zone *time.Location, quit func()) (terminalSession, error) {
	opts := screenOptions(stdout, questions.Chat{Starts: time.Now().In(zone)}, nil)
	k, err := openTerminalIO(stdin, stdout, quit)
	if err != nil {
		return terminalSession{terminalIO: k}, err
	}
	t := terminal.NewScreen(k.out, opts).Workspace("terminal", terminalRoom)
	t.AttachKeyboard(terminalUser, k.in)
	return terminalSession{k, bot.Workspace{Name: "terminal", Adapter: t, Rooms: []bot.RoomConfig{{Name: terminalRoom, Dedicated: true}}, Hosts: []adapters.UserID{terminalUser.ID}}}, nil
}

// terminalUser is the person who types.
var terminalUser = adapters.User{ID: "you", Name: "You"}

// A terminalIO is where somebody types and reads: a console on a real terminal, so that output doesn't disturb what is
// being typed; otherwise stdin and stdout as they are.
type terminalIO struct {
	in      io.Reader
	out     io.Writer
	console *terminal.Console // nil in a pipe
	tty     *os.File
}

// openTerminalIO opens a console if stdin and stdout are a terminal. Ctrl-C then calls quit instead of sending a
// signal.
func openTerminalIO(stdin io.Reader, stdout io.Writer, quit func()) (terminalIO, error) {
	k := terminalIO{in: stdin, out: stdout}
	in, out, ok := asTerminals(stdin, stdout)
	if !ok {
		return k, nil
	}
	// Unlike stdin, a newly opened terminal can be closed while a read is waiting.
	if tty, err := os.Open("/dev/tty"); err == nil {
		k.tty, in = tty, tty
	}
	console, err := terminal.OpenConsole(in, out, quit)
	if err == nil {
		k.console, k.in, k.out = console, console, console
	}
	return k, err
}

func asTerminals(stdin io.Reader, stdout io.Writer) (in, out *os.File, ok bool) {
	in, inFile := stdin.(*os.File)
	out, outFile := stdout.(*os.File)
	return in, out, inFile && outFile && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}

// logWriter returns where to write the log: through the console, if stderr is the same terminal.
func (k terminalIO) logWriter(stderr io.Writer) io.Writer {
	if f, ok := stderr.(*os.File); ok && k.console != nil && term.IsTerminal(int(f.Fd())) {
		return k.console
	}
	return stderr
}

// close restores the terminal.
func (k terminalIO) close() error {
	var err error
	if k.console != nil {
		err = k.console.Close()
	}
	if k.tty != nil {
		k.tty.Close() // was only read
	}
	return err
}
