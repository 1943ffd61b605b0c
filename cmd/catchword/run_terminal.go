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
	workspace bot.Workspace
	console   *terminal.Console // nil in a pipe
	tty       *os.File
}

// openTerminal makes a workspace of stdin and stdout. On a real terminal, Ctrl-C calls quit.
func openTerminal(stdin io.Reader, stdout io.Writer, zone *time.Location, quit func()) (hereabouts, error) {
	var h hereabouts
	opts := screenOptions(stdout, questions.Chat{Starts: time.Now().In(zone)}, nil)
	if in, out, ok := bothTerminals(stdin, stdout); ok {
		// The one that is opened anew can be interrupted while somebody types.
		if tty, err := os.Open("/dev/tty"); err == nil {
			h.tty, in = tty, tty
		}
		var err error
		if h.console, err = terminal.OpenConsole(in, out, quit); err != nil {
			return h, err
		}
		stdin, stdout = h.console, h.console
	}
	t := terminal.NewScreen(stdout, opts).Workspace("terminal", terminalRoom)
	t.Keyboard(adapters.User{ID: "you", Name: "You"}, stdin)
	h.workspace = bot.Workspace{Name: "terminal", Adapter: t, Rooms: []bot.RoomConfig{{Name: terminalRoom, Own: true}}}
	return h, nil
}

func bothTerminals(stdin io.Reader, stdout io.Writer) (in, out *os.File, ok bool) {
	in, inFile := stdin.(*os.File)
	out, outFile := stdout.(*os.File)
	return in, out, inFile && outFile && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}

// logs is where the log goes: above what is being typed, if it would appear on the same terminal.
func (h hereabouts) logs(stderr io.Writer) io.Writer {
	if f, ok := stderr.(*os.File); ok && h.console != nil && term.IsTerminal(int(f.Fd())) {
		return h.console
	}
	return stderr
}

// close gives the terminal back.
func (h hereabouts) close() error {
	var err error
	if h.console != nil {
		err = h.console.Close()
	}
	if h.tty != nil {
		h.tty.Close() // was read alone
	}
	return err
}
