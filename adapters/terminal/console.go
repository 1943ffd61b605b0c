package terminal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

const (
	inputPrompt = "› "
	clearLine   = "\r\x1b[2K"
)

// A Console is a real terminal for a Screen and a keyboard at once. What somebody types stays in the last line and
// can be corrected there, while the Screen writes above it. AttachKeyboard reads from it.
//
// Until Close, the terminal is in raw mode. Everything else that is written to it, such as log lines, has to go through
// the Console too, and Ctrl-C sends no signal.
type Console struct {
	editor  *term.Terminal
	out     io.Writer
	in      *os.File // nil in tests
	quit    func()
	restore func() error
	line    []byte // typed, but not read yet
}

// OpenConsole takes over a terminal. Ctrl-C, and Ctrl-D on an empty line, call quit and end the input. On Linux, in
// should come from os.Open("/dev/tty") and not be os.Stdin, so that a Read can be interrupted.
func OpenConsole(in, out *os.File, quit func()) (*Console, error) {
	fd, err := fileDescriptor(in)
	if err != nil {
		return nil, fmt.Errorf("open console: %w", err)
	}
	cells, rows, err := term.GetSize(fd)
	if err != nil {
		return nil, fmt.Errorf("open console: %w", err)
	}
	before, err := term.MakeRaw(fd)
	if err != nil {
		return nil, fmt.Errorf("open console: %w", err)
	}
	c := newConsole(struct {
		io.Reader
		io.Writer
	}{in, out}, quit)
	c.in = in
	c.restore = func() error { return term.Restore(fd, before) }
	if err := c.editor.SetSize(cells, rows); err != nil {
		return nil, errors.Join(fmt.Errorf("open console: %w", err), c.restore())
	}
	return c, nil
}

// fileDescriptor doesn't use File.Fd, which may disable the deadlines of a file.
func fileDescriptor(f *os.File) (fd int, err error) {
	c, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	err = c.Control(func(d uintptr) { fd = int(d) })
	return fd, err
}

func newConsole(rw io.ReadWriter, quit func()) *Console {
	return &Console{editor: term.NewTerminal(rw, inputPrompt), out: rw, quit: quit, restore: func() error { return nil }}
}

// Close restores the terminal. Call it once, when nobody reads or writes any more.
func (c *Console) Close() error {
	_, err := io.WriteString(c.out, clearLine)
	if err := errors.Join(err, c.restore()); err != nil {
		return fmt.Errorf("close console: %w", err)
	}
	return nil
}

// Write shows p above what is being typed. It may be called during a Read.
func (c *Console) Write(p []byte) (int, error) { return c.editor.Write(p) }

// Read returns what was typed, a line at a time. Only one goroutine may read.
func (c *Console) Read(p []byte) (int, error) {
	if len(c.line) == 0 {
		typed, err := c.editor.ReadLine()
		switch {
		case errors.Is(err, io.EOF):
			c.quit()
			return 0, io.EOF
		case err != nil && !errors.Is(err, term.ErrPasteIndicator): // the line was pasted
			return 0, err
		}
		c.line = []byte(typed + "\n")
	}
	n := copy(p, c.line)
	c.line = c.line[n:]
	return n, nil
}

// SetReadDeadline ends a Read at a time, if the terminal can do that.
func (c *Console) SetReadDeadline(t time.Time) error {
	if c.in == nil {
		return os.ErrNoDeadline
	}
	return c.in.SetReadDeadline(t)
}
