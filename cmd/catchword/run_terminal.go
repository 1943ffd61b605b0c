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

// A hereabouts is this terminal as a workspace: one person types, and sees what is said.
type hereabouts struct {
	keyboard
	workspace bot.Workspace
}

// openTerminal makes a workspace of stdin and stdout. On a real terminal, Ctrl-C calls quit.
func openTerminal(stdin io.Reader, stdout io.Writer, zone *time.Location, quit func()) (hereabouts, error) {
	opts := screenOptions(stdout, questions.Chat{Starts: time.Now().In(zone)}, nil)
	k, err := openKeyboard(stdin, stdout, quit)
	if err != nil {
		return hereabouts{keyboard: k}, err
	}
	t := terminal.NewScreen(k.out, opts).Workspace("terminal", terminalRoom)
	t.AttachKeyboard(you, k.in)
	return hereabouts{k, bot.Workspace{Name: "terminal", Adapter: t, Rooms: []bot.RoomConfig{{Name: terminalRoom, Dedicated: true}}, Hosts: []adapters.UserID{you.ID}}}, nil
}

// you is who types.
var you = adapters.User{ID: "you", Name: "You"}

// A keyboard is where somebody types, and looks: a console on a real terminal, so that what happens doesn't tear what is
// being typed; else stdin and stdout as they are.
type keyboard struct {
	in      io.Reader
	out     io.Writer
	console *terminal.Console // nil in a pipe
	tty     *os.File
}

// openKeyboard takes over the terminal, if it is one. Ctrl-C then calls quit instead of making a signal.
func openKeyboard(stdin io.Reader, stdout io.Writer, quit func()) (keyboard, error) {
	k := keyboard{in: stdin, out: stdout}
	in, out, ok := bothTerminals(stdin, stdout)
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

func bothTerminals(stdin io.Reader, stdout io.Writer) (in, out *os.File, ok bool) {
	in, inFile := stdin.(*os.File)
	out, outFile := stdout.(*os.File)
	return in, out, inFile && outFile && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}

// logs is where the log goes: above what is being typed, if it would appear on the same terminal.
func (k keyboard) logs(stderr io.Writer) io.Writer {
	if f, ok := stderr.(*os.File); ok && k.console != nil && term.IsTerminal(int(f.Fd())) {
		return k.console
	}
	return stderr
}

// close gives the terminal back.
func (k keyboard) close() error {
	var err error
	if k.console != nil {
		err = k.console.Close()
	}
	if k.tty != nil {
		k.tty.Close() // was read alone
	}
	return err
}
