package terminal

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
)

// keys are what is typed; written is what the terminal was told.
type fakeTerminal struct {
	input  *io.PipeReader
	output bytes.Buffer
}

func (f *fakeTerminal) Read(p []byte) (int, error)  { return f.input.Read(p) }
func (f *fakeTerminal) Write(p []byte) (int, error) { return f.output.Write(p) }

func TestConsole(t *testing.T) {
	keys, typing := io.Pipe()
	defer typing.Close()
	f, quits := &fakeTerminal{input: keys}, 0
	c := newConsole(f, func() { quits++ })
	go func() {
		_, _ = io.WriteString(typing, "helo")
		_, _ = io.WriteString(typing, "\x7f") // now all of helo was read
		if _, err := c.Write([]byte("something happens\n")); err != nil {
			t.Errorf("Write: %v", err)
		}
		_, _ = io.WriteString(typing, "lo\rnext\r\x03")
	}()
	lines := bufio.NewReader(c)
	for _, want := range []string{"hello\n", "next\n"} {
		if got, err := lines.ReadString('\n'); got != want || err != nil {
			t.Errorf("read %q, %v, want %q", got, err, want)
		}
	}
	if _, err := lines.ReadString('\n'); err != io.EOF || quits != 1 {
		t.Errorf("after Ctrl-C: got %v and %d calls of quit, want EOF and 1", err, quits)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	const want = "something happens\r\n" + inputPrompt + "hel"
	if got := f.output.String(); !strings.Contains(got, want) || !strings.HasSuffix(got, clearLine) {
		t.Errorf("wrote %q, want %q in it, and %q at its end", got, want, clearLine)
	}
}
