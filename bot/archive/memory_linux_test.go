package archive_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/ukmedlibs/catchword/bot/archive"
)

// maxMemory is what 100,000 answers may take at their peak, in MB of resident memory of the whole process.
const maxMemory = 150

func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	if raceEnabled {
		t.Skip("the race detector takes several times the memory it watches")
	}
	out, err := runChild(t, "memory", t.TempDir())
	if err != nil {
		t.Fatalf("got %v: %s", err, out)
	}
	kb, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil {
		t.Fatalf("got %q, want a number of KB", out)
	}
	t.Logf("peak resident memory: %d MB", kb>>10)
	if kb>>10 >= maxMemory {
		t.Errorf("got a peak of %d MB, want less than %d", kb>>10, maxMemory)
	}
}

// measureMemory prints the peak resident memory of this process in KB, see
// https://man7.org/linux/man-pages/man5/proc_pid_status.5.html.
func measureMemory() {
	debug.SetMemoryLimit(96 << 20) // as the program does
	if err := archive.Write(context.Background(), openWorkingDir(), manyAnswers(childTB{}, 100_000), archive.Options{}); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		panic(err)
	}
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	fmt.Println(string(bytes.Fields(after)[0]))
}
