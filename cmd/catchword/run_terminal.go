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

// terminalRoom is the one room of the terminal's workspace. It is the chat's own.
const terminalRoom = "#chat"

// A terminalSession is this terminal as a workspace: one person types, and sees what is said.
type terminalSession struct {
	terminalIO
	workspace bot.Workspace
}

// openTerminal makes a workspace of stdin and stdout. On a real terminal, Ctrl-C calls quit.
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

// terminalUser is who types.
var terminalUser = adapters.User{ID: "you", Name: "You"}

// A terminalIO is where somebody types, and looks: a console on a real terminal, so that what happens doesn't tear what is
// being typed; else stdin and stdout as they are.
type terminalIO struct {
	in      io.Reader
	out     io.Writer
	console *terminal.Console // nil in a pipe
	tty     *os.File
}

// openTerminalIO takes over the terminal, if it is one. Ctrl-C then calls quit instead of making a signal.
func openTerminalIO(stdin io.Reader, stdout io.Writer, quit func()) (terminalIO, error) {
	k := terminalIO{in: stdin, out: stdout}
	in, out, ok := asTerminals(stdin, stdout)
	if !ok {
		return k, nil
	}
	// The one that is opened anew can be interrupted while somebody types.
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

// logWriter is where the log goes: above what is being typed, if it would appear on the same terminal.
func (k terminalIO) logWriter(stderr io.Writer) io.Writer {
	if f, ok := stderr.(*os.File); ok && k.console != nil && term.IsTerminal(int(f.Fd())) {
		return k.console
	}
	return stderr
}

// close gives the terminal back.
func (k terminalIO) close() error {
	var err error
	if k.console != nil {
		err = k.console.Close()
	}
	if k.tty != nil {
		k.tty.Close() // was read alone
	}
	return err
}
