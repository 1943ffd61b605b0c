package terminal_test

import (
	"io"
	"os"
	"testing"
)

type testKeyboard struct {
	name  string
	r     io.Reader
	w     io.Writer
	close func()
}

// keyboards are a reader that Run can interrupt, and one that it can't.
func keyboards(t *testing.T) []testKeyboard {
	fr, fw, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	return []testKeyboard{
		{"a file with deadlines", fr, fw, func() { fr.Close(); fw.Close() }},
		{"a reader without", r, &asyncWriter{w: w}, func() { w.Close() }},
	}
}

// A asyncWriter writer never waits for its reader.
type asyncWriter struct {
	w    io.Writer
	last chan struct{}
}

func (a *asyncWriter) Write(p []byte) (int, error) {
	before, done := a.last, make(chan struct{})
	a.last = done
	go func() {
		defer close(done)
		if before != nil {
			<-before
		}
		_, _ = a.w.Write(p)
	}()
	return len(p), nil
}
